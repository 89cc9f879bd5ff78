/* SPDX-License-Identifier: Apache-2.0 */

/* `sekisho rules update`: installs a rule package where --rules @NAME finds it. */
#define _GNU_SOURCE /* clock_gettime, strdup */
#include "cli/cmd_rules.h"
#include "cli/fetch.h"
#include "cli/installed.h"
#include "cli/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_NAME "sigma"

/* FILETIME of now. */
static uint64_t now(void) {
    struct timespec t;
    if (clock_gettime(CLOCK_REALTIME, &t) != 0)
        return 0;
    return ((uint64_t)t.tv_sec + 11644473600u) * 10000000u + (uint64_t)t.tv_nsec / 100;
}

static void tell(const SekRulesCommand *r, const char *to, const SekInstalled *done) {
    printf("%s %zu rule file%s in %s\n", done->replaced ? "Updated:" : "Installed:", done->n_rules, sek_s(done->n_rules), to);
    printf("  from     %s\n", r->from);
    if (done->sha256[0])
        printf("  SHA-256  %s\n", done->sha256);
    if (done->licence[0])
        printf("  licence  %s\n", done->licence);
    else
        printf("  licence  the package has no licence file, and the manifest says so; SigmaHQ's rules are under the\n"
               "           Detection Rule License 1.1: github.com/SigmaHQ/Detection-Rule-License\n");
    if (done->n_left_out)
        printf("  %zu YAML files that are no Sigma rules were left out\n", done->n_left_out);
    if (done->n_kept)
        printf("  %zu files of the version before were changed or added by hand; they are kept in\n  %s\n", done->n_kept,
               done->kept);
    if (r->to)
        printf("Use them with --rules %s\n", to);
    else
        printf("Use them with --rules @%s\n", r->name ? r->name : DEFAULT_NAME);
}

static int install(const SekRulesCommand *r, const char *package, const char *to) {
    SekInstallOptions options = {.package = package, .source = r->from, .to = to, .sha256 = r->sha256, .time = now()};
    SekInstalled done;
    SekError err = {0};
    SekStatus status = sek_rules_install(&options, &done, &err);
    if (status == SEK_OK) {
        tell(r, to, &done);
        return SEK_EXIT_DONE;
    }
    (void)sek_rules_complain("update", err.what[0] ? err.what : "out of memory");
    return status == SEK_ERR_MEMORY ? SEK_EXIT_FATAL : SEK_EXIT_USAGE;
}

int sek_rules_update(const SekRulesCommand *r) {
    if (!r->from || r->rest.n)
        return sek_rules_complain("update", "give --from FOLDER, ARCHIVE or https://...");
    if (r->to && r->name)
        return sek_rules_complain("update", "--to and --as are two ways to say where; give one");
    char *folder = r->to ? strdup(r->to) : sek_installed_folder(r->name ? r->name : DEFAULT_NAME), *fetched = NULL;
    if (!folder || !*folder) {
        free(folder);
        return sek_rules_complain("update", "no folder to install in: a name has letters, digits, - _ and . only, "
                                            "and HOME or XDG_DATA_HOME must be set; or give --to FOLDER");
    }
    int code = sek_is_url(r->from) ? sek_fetch("rules", r->from, r->http, &fetched) : SEK_EXIT_DONE;
    if (code == SEK_EXIT_DONE)
        code = install(r, fetched ? fetched : r->from, folder);
    if (fetched)
        (void)unlink(fetched);
    free(fetched);
    free(folder);
    return code;
}
