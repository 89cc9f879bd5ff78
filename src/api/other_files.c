/* SPDX-License-Identifier: Apache-2.0 */
#include "api/other_files.h"

#include <stdlib.h>

#define PATH_BYTES (64u * 1024u)

void sek_other_files_init(SekOtherFiles *files) {
    *files = (SekOtherFiles){0};
    sek_buf_init(&files->archive, PATH_BYTES);
}

void sek_other_files_deinit(SekOtherFiles *files) {
    sek_buf_deinit(&files->archive);
}

static SekStr name_of(SekStr path) {
    size_t at = path.len;
    while (at && path.ptr[at - 1] != '/')
        at--;
    return sek_str_n(path.ptr + at, path.len - at);
}

static bool ends(SekStr name, SekStr end) {
    return name.len >= end.len && sek_str_eq_nocase(sek_str_n(name.ptr + name.len - end.len, end.len), end);
}

static bool starts(SekStr name, SekStr start) {
    return name.len >= start.len && sek_str_eq_nocase(sek_str_n(name.ptr, start.len), start);
}

/* Files that belong beside rules, and that nobody takes for one. Hidden ones are those of version control. */
static bool is_read_me(SekStr path, SekStr name) {
    static const SekStr starting[] = {{"readme", 6}, {"license", 7}, {"licence", 7}, {"copying", 7}, {"changelog", 9},
                                      {"notice", 6}, {"manifest", 8}, {"version", 7}, {".", 1}};
    static const SekStr ending[] = {{".md", 3}, {".events.jsonl", 13}};
    for (size_t i = 0; i < sizeof starting / sizeof *starting; i++)
        if (starts(name, starting[i]))
            return true;
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        if (ends(name, ending[i]))
            return true;
    return starts(path, SEK_STR(".git/")) || sek_str_find(path, SEK_STR("/.git/")) >= 0;
}

static bool is_archive(SekStr name) {
    static const SekStr endings[] = {{".zip", 4}, {".7z", 3}, {".tar", 4}, {".gz", 3}, {".tgz", 4},
                                     {".xz", 3}, {".bz2", 4}, {".zst", 4}};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ends(name, endings[i]))
            return true;
    return false;
}

static void count_kind(SekOtherFiles *files, SekStr name) {
    char ending[SEK_OTHER_ENDING] = "";
    size_t at = name.len;
    while (at && name.ptr[at - 1] != '.')
        at--;
    size_t len = at ? name.len - at + 1 : 0;
    for (size_t i = 0; i < len && len < sizeof ending; i++)
        ending[i] = sek_ascii_lower(name.ptr[at - 1 + i]);
    for (uint32_t i = 0; i < files->n_kinds; i++)
        if (strcmp(files->kinds[i].ending, ending) == 0) {
            files->kinds[i].n++;
            return;
        }
    if (files->n_kinds == SEK_OTHER_KINDS) {
        files->n_others++;
        return;
    }
    SekOtherKind *kind = &files->kinds[files->n_kinds++];
    memcpy(kind->ending, ending, sizeof ending);
    kind->n = 1;
}

SekStatus sek_other_files_add(SekOtherFiles *files, SekStr path) {
    SekStr name = name_of(path);
    if (is_read_me(path, name)) {
        files->n_read_me++;
        return SEK_OK;
    }
    files->n_files++;
    count_kind(files, name);
    if (is_archive(name) && files->n_archives++ == 0)
        sek_buf_add_str(&files->archive, path);
    return files->archive.failed == SEK_ERR_MEMORY ? SEK_ERR_MEMORY : SEK_OK;
}

static int most_first(const void *a, const void *b) {
    const SekOtherKind *x = a, *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return strcmp(x->ending, y->ending);
}

void sek_other_files_say(const SekOtherFiles *files, SekBuf *out) {
    SekOtherKind sorted[SEK_OTHER_KINDS];
    memcpy(sorted, files->kinds, sizeof sorted);
    qsort(sorted, files->n_kinds, sizeof *sorted, most_first);
    sek_buf_addf(out, "%u other %s ignored:", files->n_files, files->n_files == 1 ? "file is" : "files are");
    for (uint32_t i = 0; i < files->n_kinds; i++)
        sek_buf_addf(out, "%s %s %u", i ? "," : "", sorted[i].ending[0] ? sorted[i].ending : "without an ending",
                     sorted[i].n);
    if (files->n_others)
        sek_buf_addf(out, ", of more kinds %u", files->n_others);
}
