/* SPDX-License-Identifier: Apache-2.0 */

/* The fragments of the engine with the names of the files that they come from: files are numbered as they are
 * met, which is also the order in which copies of a part count. */
#include "api/script_parts.h"
#include "base/grow.h"

#include "engine/look.h"

#include <stdlib.h>

#define MISSING_MAX 65536u

struct SekScriptParts {
    SekFragments *fragments;
    SekArena arena; /* paths */
    SekStr *paths;
    uint32_t n_paths, cap_paths;
};

SekStatus sek_script_parts_new(SekScriptParts **out) {
    SekScriptParts *parts = calloc(1, sizeof *parts);
    if (!parts || sek_fragments_new(&(SekFragmentsOptions){0}, &parts->fragments) != SEK_OK) {
        free(parts);
        return SEK_ERR_MEMORY;
    }
    sek_arena_init(&parts->arena, 0);
    *out = parts;
    return SEK_OK;
}

void sek_script_parts_free(SekScriptParts *parts) {
    if (!parts)
        return;
    sek_fragments_free(parts->fragments);
    sek_arena_deinit(&parts->arena);
    free(parts->paths);
    free(parts);
}

/* The number of a file; events of one file come one after the other. */
static SekStatus number_of(SekScriptParts *parts, SekStr path, uint32_t *out) {
    if (parts->n_paths && sek_str_eq(parts->paths[parts->n_paths - 1], path)) {
        *out = parts->n_paths - 1;
        return SEK_OK;
    }
    SekStr kept = sek_arena_dup(&parts->arena, path);
    if (!kept.ptr || sek_grow(&parts->paths, &parts->cap_paths, parts->n_paths, sizeof *parts->paths) != SEK_OK)
        return SEK_ERR_MEMORY;
    *out = parts->n_paths;
    parts->paths[parts->n_paths++] = kept;
    return SEK_OK;
}

SekStatus sek_script_parts_add(SekScriptParts *parts, const SekEvent *event, SekStr path, bool *out_kept) {
    SekFragment4104 part;
    uint32_t file;
    *out_kept = false;
    if (sek_fragment_read(event, &part) != SEK_OK)
        return SEK_OK;
    uint64_t dropped = sek_fragments_dropped(parts->fragments);
    SekStatus status = number_of(parts, path, &file);
    if (status == SEK_OK)
        status = sek_fragments_add(parts->fragments, event, &part, file, NULL, 0);
    *out_kept = sek_fragments_dropped(parts->fragments) == dropped;
    return status;
}

static SekStatus give(const SekScriptParts *parts, const SekScript *script, SekScriptVisitor visit, void *user) {
    SekScriptPartInfo listed[SEK_SCRIPT_LISTED];
    SekBuf missing;
    sek_buf_init(&missing, MISSING_MAX);
    sek_script_missing(script, &missing);
    SekScriptInfo info = {.total = script->total, .parts = listed, .n_parts = script->n_parts,
                          .n_conflicts = script->n_conflicts, .cut = script->cut, .missing = sek_buf_str(&missing)};
    for (uint32_t i = 0; i < script->n_parts && i < SEK_SCRIPT_LISTED; i++)
        listed[info.n_listed++] = (SekScriptPartInfo){.number = script->parts[i].number, .time = script->parts[i].time,
                                                      .record_id = script->parts[i].record_id,
                                                      .file = parts->paths[script->parts[i].file]};
    SekStatus status = missing.failed == SEK_ERR_MEMORY ? SEK_ERR_MEMORY
                                                        : visit(user, script, &info, parts->paths[script->file]);
    sek_buf_deinit(&missing);
    return status;
}

SekStatus sek_script_parts_each(SekScriptParts *parts, SekScriptVisitor visit, void *user) {
    uint32_t *rank = malloc(((size_t)parts->n_paths + 1) * sizeof *rank);
    SekArena arena;
    SekStatus status = rank ? SEK_OK : SEK_ERR_MEMORY;
    for (uint32_t i = 0; rank && i < parts->n_paths; i++)
        rank[i] = i;
    if (status == SEK_OK)
        status = sek_fragments_join(parts->fragments, rank);
    free(rank);
    sek_arena_init(&arena, 0);
    uint32_t n = status == SEK_OK ? sek_fragments_count(parts->fragments) : 0;
    for (uint32_t i = 0; i < n && status == SEK_OK; i++) {
        SekScript script;
        sek_arena_reset(&arena);
        status = sek_fragments_script(parts->fragments, i, &arena, &script, NULL);
        if (status == SEK_OK)
            status = give(parts, &script, visit, user);
    }
    sek_arena_deinit(&arena);
    return status;
}
