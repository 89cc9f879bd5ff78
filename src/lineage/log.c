/* SPDX-License-Identifier: Apache-2.0 */

/* Facts as they come: texts are kept once a log, and so is which of them stand together; a fact refers to that by
 * number. */
#include "base/hash64.h"
#include "lineage/internal.h"

#include <stdlib.h>

void sek_lineage_log_init(SekLineageLog *log, _Atomic uint64_t *budget) {
    *log = (SekLineageLog){.budget = budget};
    sek_arena_init(&log->arena, 0);
    sek_strmap_init(&log->numbers, false);
}

void sek_lineage_log_deinit(SekLineageLog *log) {
    sek_arena_deinit(&log->arena);
    sek_strmap_deinit(&log->numbers);
    free(log->texts);
    free(log->told);
    free(log->told_slots);
    free(log->facts);
    *log = (SekLineageLog){0};
}

static bool take(SekLineageLog *log, uint64_t bytes) {
    if (atomic_fetch_add(log->budget, bytes) + bytes <= SEK_LINEAGE_BYTES)
        return true;
    atomic_fetch_sub(log->budget, bytes);
    return false;
}

static SekStatus make_room(void **array, uint32_t n, uint32_t *cap, size_t size) {
    if (n < *cap)
        return SEK_OK;
    uint32_t wanted = *cap ? *cap + *cap / 2 : 256;
    void *grown = wanted > *cap ? realloc(*array, wanted * size) : NULL;
    if (!grown)
        return SEK_ERR_MEMORY;
    *array = grown;
    *cap = wanted;
    return SEK_OK;
}

/* Number of a text; 0 is the empty one. */
static SekStatus number_of(SekLineageLog *log, SekStr text, uint32_t *out) {
    *out = 0;
    if (text.len == 0 && log->n_texts)
        return SEK_OK;
    if (text.len && sek_strmap_get(&log->numbers, text, out) == SEK_OK)
        return SEK_OK;
    if (!take(log, text.len + sizeof(SekStr) + 2 * sizeof(SekStrMapSlot)))
        return SEK_ERR_LIMIT;
    SekStr kept = sek_arena_dup(&log->arena, text);
    if (!kept.ptr || make_room((void **)&log->texts, log->n_texts, &log->cap_texts, sizeof *log->texts) != SEK_OK)
        return SEK_ERR_MEMORY;
    *out = log->n_texts;
    log->texts[log->n_texts++] = kept;
    return text.len ? sek_strmap_set(&log->numbers, kept, *out) : SEK_OK;
}

static SekStatus number_texts(SekLineageLog *log, const SekProcessFact *fact, SekTold *out) {
    const struct {
        SekStr text;
        uint32_t *number;
    } texts[] = {{{0}, &out->host}, /* the empty text gets its number first */
                 {fact->process.host, &out->host}, {fact->image, &out->image},
                 {fact->command_line, &out->command_line}, {fact->user, &out->user},
                 {fact->parent_image, &out->parent_image},
                 {fact->parent_command_line, &out->parent_command_line},
                 {fact->parent_user, &out->parent_user}, {fact->name, &out->name}};
    SekStatus status = SEK_OK;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && status == SEK_OK; i++)
        status = number_of(log, texts[i].text, texts[i].number);
    return status;
}

/* The slot of what is told, or the free one where it belongs. */
static uint32_t *slot_of(const SekLineageLog *log, const SekTold *told) {
    for (uint32_t at = (uint32_t)sek_hash64(told, sizeof *told);; at++) {
        uint32_t *slot = &log->told_slots[at & (log->n_told_slots - 1)];
        if (*slot == 0 || memcmp(&log->told[*slot - 1], told, sizeof *told) == 0)
            return slot;
    }
}

/* Slots are at most half full. */
static SekStatus more_slots(SekLineageLog *log) {
    uint32_t *old = log->told_slots, wanted = log->n_told_slots ? log->n_told_slots * 2 : 1024;
    if (log->n_told < log->n_told_slots / 2)
        return SEK_OK;
    uint32_t *slots = calloc(wanted, sizeof *slots);
    if (!slots)
        return SEK_ERR_MEMORY;
    log->told_slots = slots;
    log->n_told_slots = wanted;
    for (uint32_t i = 0; i < log->n_told; i++)
        *slot_of(log, &log->told[i]) = i + 1;
    free(old);
    return SEK_OK;
}

/* Number of texts that stand together. */
static SekStatus number_told(SekLineageLog *log, const SekTold *told, uint32_t *out) {
    SekStatus status = more_slots(log);
    if (status != SEK_OK)
        return status;
    uint32_t *slot = slot_of(log, told);
    if (*slot == 0) {
        if (!take(log, sizeof *told + 4 * sizeof *slot))
            return SEK_ERR_LIMIT;
        status = make_room((void **)&log->told, log->n_told, &log->cap_told, sizeof *log->told);
        if (status != SEK_OK)
            return status;
        log->told[log->n_told++] = *told;
        *slot = log->n_told;
    }
    *out = *slot - 1;
    return SEK_OK;
}

SekStatus sek_lineage_log_add(SekLineageLog *log, const SekProcessFact *fact) {
    SekStoredFact stored = {.time = fact->process.time, .offset = fact->offset & ((UINT64_C(1) << 56) - 1),
                            .pid = fact->process.pid, .parent_pid = fact->parent_pid, .file = fact->file,
                            .kind = fact->kind & 15u, .view = fact->view & 15u};
    SekTold told = {0};
    memcpy(stored.guid, fact->process.guid, sizeof stored.guid);
    memcpy(stored.parent_guid, fact->parent_guid, sizeof stored.parent_guid);
    SekStatus status = number_texts(log, fact, &told);
    if (status == SEK_OK)
        status = number_told(log, &told, &stored.told);
    if (status == SEK_OK && !take(log, sizeof stored))
        status = SEK_ERR_LIMIT;
    if (status == SEK_ERR_LIMIT) {
        log->dropped++;
        return SEK_OK;
    }
    if (status == SEK_OK)
        status = make_room((void **)&log->facts, log->n_facts, &log->cap_facts, sizeof *log->facts);
    if (status == SEK_OK)
        log->facts[log->n_facts++] = stored;
    return status;
}

bool sek_process_guid(SekStr text, uint8_t out[16]) {
    uint8_t bytes[16] = {0};
    unsigned n = 0;
    if (text.len >= 2 && text.ptr[0] == '{' && text.ptr[text.len - 1] == '}')
        text = sek_str_n(text.ptr + 1, text.len - 2);
    if (text.len != 36)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        int digit = sek_hex_digit(text.ptr[i]);
        if (dash ? text.ptr[i] != '-' : digit < 0)
            return false;
        if (dash)
            continue;
        bytes[n / 2] = (uint8_t)(bytes[n / 2] << 4 | digit);
        n++;
    }
    memcpy(out, bytes, sizeof bytes);
    return true;
}

bool sek_process_has_guid(const uint8_t guid[16]) {
    static const uint8_t none[16];
    return memcmp(guid, none, sizeof none) != 0;
}
