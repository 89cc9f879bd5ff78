/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "cli/fetch.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int complain(const char *command, const char *about, const char *why) {
    (void)fprintf(stderr, "sekisho %s: %s: %s\n", command, about, why);
    return SEK_EXIT_USAGE;
}

bool sek_is_url(const char *text) {
    size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
    return letters > 1 && strncmp(text + letters, "://", 3) == 0;
}

/* NULL, or why the URL is not fetched. A password in it would end up in the manifest. */
static const char *refuse(const char *url, bool http) {
    bool https = strncmp(url, "https://", 8) == 0, plain = strncmp(url, "http://", 7) == 0;
    if (plain && !http)
        return "is not encrypted: anybody on the way could change the rules; use https, or --allow-http";
    if (!https && !plain)
        return "only https:// can be fetched";
    const char *host = url + (https ? 8 : 7);
    size_t n = strcspn(host, "/?#");
    if (n == 0)
        return "names no host";
    if (memchr(host, '@', n))
        return "holds a user name; fetch it yourself and give the file";
    for (const char *c = url; *c; c++)
        if ((unsigned char)*c <= 0x20 || *c == 0x7F)
            return "holds a blank or control character";
    return NULL;
}

/* 0 and the child, or the reason as an errno. */
static int start_curl(const char *url, bool http, const char *path, pid_t *out) {
    char seconds[16], bytes[16];
    struct rlimit most = {SEK_FETCH_MAX_BYTES, SEK_FETCH_MAX_BYTES};
    (void)snprintf(seconds, sizeof seconds, "%d", SEK_FETCH_SECONDS);
    (void)snprintf(bytes, sizeof bytes, "%u", SEK_FETCH_MAX_BYTES);
    const char *schemes = http ? "=http,https" : "=https";
    const char *const argv[] = {"curl", "-q", "--fail", "--silent", "--show-error", "--location", "--max-redirs", "5",
                                "--proto", schemes, "--proto-redir", schemes, "--globoff", "--connect-timeout", "30",
                                "--max-time", seconds, "--max-filesize", bytes, "--output", path, "--url", url, NULL};
    int why = posix_spawnp(out, "curl", NULL, NULL, (char *const *)(uintptr_t)argv, environ);
    if (why == 0) /* curl's own limit needs a length that the server tells; it may have ended already */
        (void)prlimit(*out, RLIMIT_FSIZE, &most, NULL);
    return why;
}

static int wait_for(const char *command, pid_t child, const char *url) {
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return SEK_EXIT_FATAL;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return SEK_EXIT_DONE;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
        return complain(command, url, "is larger than 256 MB");
    return complain(command, url, "could not be fetched; curl says why above");
}

int sek_fetch(const char *command, const char *url, bool http, char **out_path) {
    const char *why = refuse(url, http), *folder = getenv("TMPDIR");
    if (why)
        return complain(command, url, why);
    char *path;
    if (asprintf(&path, "%s/sekisho.XXXXXX", folder && *folder ? folder : "/tmp") < 0)
        return SEK_EXIT_FATAL;
    int fd = mkstemp(path);
    pid_t child;
    int failed = fd < 0 ? errno : start_curl(url, http, path, &child), code;
    if (fd >= 0 && failed == ENOENT)
        code = complain(command, "curl", "is not installed; install it, or fetch the package yourself and give the file");
    else
        code = failed ? complain(command, path, strerror(failed)) : wait_for(command, child, url);
    if (fd >= 0)
        close(fd);
    if (code == SEK_EXIT_DONE) {
        *out_path = path;
        return code;
    }
    if (fd >= 0)
        (void)unlink(path);
    free(path);
    return code;
}
