/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "collect/state.h"
#include "base/grow.h"

#include <stdlib.h>
#include <sys/stat.h>

SekStatus sek_collect_new(SekCollect **out) {
    SekCollect *c = calloc(1, sizeof *c);
    if (!c)
        return SEK_ERR_MEMORY;
    sek_ledger_init(&c->ledger);
    sek_arena_init(&c->kept, 0);
    sek_buf_init(&c->inner_name, 64 * 1024);
    c->stream.fd = -1;
    c->source = (SekSource){.self = c, .next = sek_collect_next, .load = sek_collect_load, .ledger = &c->ledger};
    *out = c;
    return SEK_OK;
}

void sek_collect_free(SekCollect *c) {
    if (!c)
        return;
    for (size_t i = 0; i < c->n_items; i++)
        free(c->items[i].path);
    for (uint32_t i = 0; i < c->n_roots; i++)
        free(c->roots[i].path);
    free(c->items);
    free(c->roots);
    free(c->seen);
    sek_handle_drop(c->handle);
    for (unsigned i = 0; i < SEK_LANES; i++)
        sek_handle_drop(c->lanes[i].handle);
    sek_archive_close(c->archive);
    sek_archive_close(c->outer);
    sek_buf_deinit(&c->inner_name);
    sek_file_close(&c->stream);
    sek_text_stream_end(&c->text);
    sek_arena_deinit(&c->kept);
    sek_ledger_deinit(&c->ledger);
    free(c);
}

uint64_t sek_collect_bytes(const SekCollect *c) {
    return c->unknown_size ? 0 : c->bytes;
}

SekSource *sek_collect_source(SekCollect *c) {
    return &c->source;
}

SekStatus sek_collect_enter(SekCollect *c, SekStr path, SekFileStatus status, const char *reason) {
    uint32_t entry;
    SekStatus s = sek_ledger_add(&c->ledger, path, 0, &entry);
    return s == SEK_OK ? sek_ledger_close(&c->ledger, entry, status, sek_str(reason)) : s;
}

/* True when this very file was added before, under whatever name. */
static bool seen_before(SekCollect *c, const struct stat *st) {
    for (size_t i = 0; i < c->n_seen; i++)
        if (c->seen[i].device == st->st_dev && c->seen[i].number == st->st_ino)
            return true;
    if (sek_grow(&c->seen, &c->cap_seen, c->n_seen, sizeof *c->seen) == SEK_OK) /* else it may be read twice */
        c->seen[c->n_seen++] = (SekFileIdentity){st->st_dev, st->st_ino};
    return false;
}

static SekStatus add_item(SekCollect *c, const char *path, uint32_t root) {
    struct stat st;
    bool known = strcmp(path, "-") != 0 && stat(path, &st) == 0;
    if (known && S_ISREG(st.st_mode) && seen_before(c, &st)) {
        if (root == SEK_NAMED)
            return SEK_OK;
        c->roots[root].n_logs++; /* it may be one: the folder is not without logs */
        return sek_collect_enter(c, sek_str(path), SEK_FILE_IGNORED, "the same file as one before it");
    }
    if (known && S_ISREG(st.st_mode))
        c->bytes += (uint64_t)st.st_size;
    else
        c->unknown_size = true;
    if (sek_grow(&c->items, &c->cap_items, c->n_items, sizeof *c->items) != SEK_OK)
        return SEK_ERR_MEMORY;
    char *copy = strdup(path);
    if (!copy)
        return SEK_ERR_MEMORY;
    c->items[c->n_items++] = (SekFound){copy, root};
    return SEK_OK;
}

static SekStatus visit(void *user, const char *path, const char *problem) {
    SekCollect *c = user;
    return problem ? sek_collect_enter(c, sek_str(path), SEK_FILE_SKIPPED, problem) : add_item(c, path, c->n_roots - 1);
}

static SekStatus add_folder(SekCollect *c, const char *path) {
    if (sek_grow(&c->roots, &c->cap_roots, c->n_roots, sizeof *c->roots) != SEK_OK)
        return SEK_ERR_MEMORY;
    char *copy = strdup(path);
    if (!copy)
        return SEK_ERR_MEMORY;
    c->roots[c->n_roots++] = (SekRoot){.path = copy};
    return sek_walk(path, visit, c);
}

SekStatus sek_collect_tell_empty(SekCollect *c) {
    while (c->roots_told < c->n_roots) {
        const SekRoot *root = &c->roots[c->roots_told++];
        if (root->n_logs == 0)
            return sek_collect_enter(c, sek_str(root->path), SEK_FILE_SKIPPED, "no event log in this folder");
    }
    return SEK_END;
}

SekStatus sek_collect_add(SekCollect *c, const char *path) {
    if (strcmp(path, "-") == 0)
        return add_item(c, path, SEK_NAMED);
    switch (sek_path_kind(path)) {
    case SEK_PATH_MISSING:
        return sek_collect_enter(c, sek_str(path), SEK_FILE_SKIPPED, "no such file or folder");
    case SEK_PATH_FOLDER:
        return add_folder(c, path);
    default:
        return add_item(c, path, SEK_NAMED);
    }
}

void sek_collect_damage(void *user, const SekDamage *damage) {
    SekCollect *c = user;
    if (sek_ledger_damage(&c->ledger, c->entry, damage) != SEK_OK)
        c->failed = SEK_ERR_MEMORY;
}
