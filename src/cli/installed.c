/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* asprintf */
#include "cli/installed.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_name(const char *name) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t len = strlen(name);
    return len > 0 && len <= 64 && name[0] != '.' && name[0] != '-' && strspn(name, letters) == len;
}

char *sek_installed_folder(const char *name) {
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    char *folder = NULL;
    int n = -1;
    if (!is_name(name))
        return NULL;
    if (data && data[0] == '/') /* the XDG base directory specification: relative ones are ignored */
        n = asprintf(&folder, "%s/sekisho/rules/%s", data, name);
    else if (home && home[0] == '/')
        n = asprintf(&folder, "%s/.local/share/sekisho/rules/%s", home, name);
    return n < 0 ? NULL : folder;
}

static int resolve(const char *command, const char *given, char **out) {
    *out = sek_installed_folder(given + 1);
    if (*out && access(*out, F_OK) == 0)
        return SEK_EXIT_DONE;
    (void)fprintf(stderr, "sekisho %s: %s: no rule set of this name is installed%s%s\n"
                          "'sekisho rules update --from PACKAGE --as NAME' installs one.\n",
                  command, given, *out ? " in " : "", *out ? *out : "");
    return SEK_EXIT_USAGE;
}

int sek_rule_paths(const char *command, const SekArgs *given, SekRulePaths *out) {
    *out = (SekRulePaths){0};
    out->items = calloc(given->n + 1, sizeof *out->items);
    out->made = calloc(given->n + 1, sizeof *out->made);
    if (!out->items || !out->made)
        return SEK_EXIT_FATAL;
    for (size_t i = 0; i < given->n; i++, out->n++) {
        out->items[i] = given->items[i];
        if (given->items[i][0] != '@')
            continue;
        int code = resolve(command, given->items[i], &out->made[i]);
        if (code != SEK_EXIT_DONE)
            return code;
        out->items[i] = out->made[i];
    }
    return SEK_EXIT_DONE;
}

void sek_rule_paths_free(SekRulePaths *paths) {
    for (size_t i = 0; paths->made && i <= paths->n; i++)
        free(paths->made[i]);
    free(paths->made);
    free(paths->items);
    *paths = (SekRulePaths){0};
}
