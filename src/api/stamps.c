/* SPDX-License-Identifier: Apache-2.0 */
#include "api/stamps.h"
#include "base/grow.h"

#include <stdlib.h>

#define SHARE 128u   /* stamps that a thread takes at once */
#define THREADS 4u   /* more than that wait for the same locks of the system */
#define N_MAX 1000000u

void sek_stamps_init(SekStamps *stamps) {
    *stamps = (SekStamps){.begun = sek_clock_wall(), .whole = true};
    sek_arena_init(&stamps->arena, 0);
    sek_strmap_init(&stamps->files, false);
}

void sek_stamps_deinit(SekStamps *stamps) {
    free(stamps->list);
    sek_strmap_deinit(&stamps->files);
    sek_arena_deinit(&stamps->arena);
}

static SekStamped *next(SekStamps *stamps) {
    bool room = sek_grow(&stamps->list, &stamps->cap, stamps->n, sizeof *stamps->list) == SEK_OK;
    return room ? &stamps->list[stamps->n] : NULL;
}

/* Whether this file or folder was not met before. */
static SekStatus note(SekStamps *stamps, const SekStamp *stamp, bool *out_new) {
    const uint64_t which[2] = {stamp->device, stamp->number};
    uint32_t value;
    SekStr key = {(const char *)which, sizeof which};
    *out_new = sek_strmap_get(&stamps->files, key, &value) != SEK_OK;
    if (!*out_new)
        return SEK_OK;
    key = sek_arena_dup(&stamps->arena, key);
    return key.ptr ? sek_strmap_set(&stamps->files, key, 0) : SEK_ERR_MEMORY;
}

SekStatus sek_stamps_add(SekStamps *stamps, const char *path, bool *out_new) {
    SekStamp stamp;
    bool is_new = true;
    SekStatus status = sek_path_stamp(path, &stamp);
    if (out_new)
        *out_new = true;
    if (status != SEK_OK || !sek_stamp_settled(&stamp, stamps->begun) || stamps->n == N_MAX)
        stamps->whole = false;
    if (status == SEK_NOT_FOUND)
        return SEK_OK; /* reading it says why */
    status = note(stamps, &stamp, &is_new);
    if (out_new)
        *out_new = is_new;
    if (status != SEK_OK || !stamps->whole)
        return status;
    SekStamped *entry = next(stamps);
    SekStr kept = sek_arena_dup(&stamps->arena, sek_str(path));
    if (!entry || !kept.ptr)
        return SEK_ERR_MEMORY;
    *entry = (SekStamped){kept, stamp};
    stamps->n++;
    return SEK_OK;
}

/* --- order ----------------------------------------------------------------------------------------- */

static size_t folder_len(SekStr path) {
    while (path.len && path.ptr[path.len - 1] != '/')
        path.len--;
    return path.len;
}

static int by_folder(const void *left, const void *right) {
    const SekStr a = ((const SekStamped *)left)->path, b = ((const SekStamped *)right)->path;
    size_t a_folder = folder_len(a), b_folder = folder_len(b), least = a_folder < b_folder ? a_folder : b_folder;
    int order = memcmp(a.ptr, b.ptr, least);
    if (order == 0 && a_folder != b_folder)
        order = a_folder < b_folder ? -1 : 1;
    return order ? order : strcmp(a.ptr, b.ptr);
}

void sek_stamps_sort(SekStamps *stamps) {
    if (stamps->n)
        qsort(stamps->list, stamps->n, sizeof *stamps->list, by_folder);
}

/* --- looking again --------------------------------------------------------------------------------- */

/* Of two paths, how many bytes name a folder that both lie below. */
static size_t common_folder(const char *a, const char *b) {
    size_t len = 0;
    for (size_t i = 0; a[i] && a[i] == b[i]; i++)
        if (a[i] == '/')
            len = i + 1;
    return len;
}

/* NULL for a record that leads nowhere. */
static const char *path_of(const SekStampCheck *check, uint32_t i) {
    return check->records[i].path_at < check->paths_bytes ? check->paths + check->records[i].path_at : NULL;
}

static bool is_same(const SekStampFolder *folder, const char *path, const SekStamp *stamp) {
    SekStamp now = {0};
    return path && sek_stamp_in_folder(folder, path, &now) == SEK_OK && memcmp(&now, stamp, sizeof now) == 0;
}

/* What was sorted lies below the folder that the first and the last have in common: opening that alone costs less
 * than opening each folder, and much less than finding the way from the root for each path. */
static bool are_same(const SekStampCheck *check, uint32_t from, uint32_t to) {
    const char *first = path_of(check, from), *last = path_of(check, to - 1);
    SekStampFolder folder;
    bool same = first && last;
    sek_stamp_folder_open(first, same ? common_folder(first, last) : 0, &folder);
    for (uint32_t i = from; i < to && same; i++)
        same = is_same(&folder, path_of(check, i), &check->records[i].stamp);
    sek_stamp_folder_close(&folder);
    return same;
}

void sek_stamps_look(SekStampCheck *check) {
    while (!atomic_load_explicit(&check->differs, memory_order_relaxed)) {
        uint32_t at = atomic_fetch_add(&check->next, SHARE), left = at < check->n ? check->n - at : 0;
        if (left == 0)
            break;
        if (!are_same(check, at, at + (left < SHARE ? left : SHARE)))
            atomic_store(&check->differs, true);
    }
}

unsigned sek_stamps_threads(uint32_t n) {
    unsigned threads = n / SHARE + 1, cpus = sek_cpu_count();
    threads = threads < cpus ? threads : cpus;
    return threads < THREADS ? threads : THREADS;
}
