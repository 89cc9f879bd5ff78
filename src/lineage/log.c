/* SPDX-License-Identifier: Apache-2.0 */

/* Facts as they come. Texts, and which of them stand together, are put on the shelf, and a fact refers to that by its
 * place. What was met of late is found again and not put twice; whatever is forgotten until it comes again takes place
 * on the disk, never memory. */
#include "base/grow.h"
#include "base/hash64.h"
#include "lineage/internal.h"

#include <stdlib.h>

#define SEEN_SETS 4096u /* places in each of which ... */
#define SEEN_WAYS 4u    /* ... so many are remembered, the last first */

struct SekSeen {
    uint32_t hash, ref; /* ref 0 = none: no thing stands there */
};

void sek_lineage_log_init(SekLineageLog *log, SekShelf *shelf) {
    *log = (SekLineageLog){.shelf = shelf};
    sek_arena_init(&log->host_names, SEK_LINEAGE_HOST_BYTES);
    sek_strmap_init(&log->host_numbers, false);
}

void sek_lineage_log_deinit(SekLineageLog *log) {
    sek_arena_deinit(&log->host_names);
    sek_strmap_deinit(&log->host_numbers);
    free(log->hosts);
    free(log->seen_texts);
    free(log->seen_told);
    free(log->blocks);
    *log = (SekLineageLog){0};
}

/* --- texts ---------------------------------------------------------------------------------- */

/* Room for `size` bytes, and its place. */
static SekStatus put(SekLineageLog *log, size_t size, uint32_t *out) {
    uint32_t grains = (uint32_t)((size + SEK_SHELF_GRAIN - 1) / SEK_SHELF_GRAIN);
    if (log->texts.used == 0 || log->texts.used + grains > SEK_SHELF_GRAINS) {
        uint32_t number;
        SekStatus status = sek_shelf_block(log->shelf, &number);
        if (status != SEK_OK)
            return status;
        if (log->texts.used)
            sek_shelf_close_block(log->shelf, log->texts.number);
        log->texts = (SekFilling){number, 1}; /* nothing has the number 0 */
    }
    *out = log->texts.number * SEK_SHELF_GRAINS + log->texts.used;
    log->texts.used += grains;
    return SEK_OK;
}

static void remember(SekSeen *set, SekSeen seen, unsigned at) {
    for (; at > 0; at--)
        set[at] = set[at - 1];
    set[0] = seen;
}

static SekStatus keep_text(SekLineageLog *log, SekStr text, uint32_t *out) {
    SekStatus status = put(log, sizeof(SekKeptText) + text.len, out);
    if (status != SEK_OK)
        return status;
    SekKeptText *kept = (SekKeptText *)(void *)sek_shelf_at(log->shelf, *out);
    kept->len = (uint32_t)text.len;
    kept->traits = sek_image_traits(text);
    memcpy(kept->bytes, text.ptr, text.len);
    return SEK_OK;
}

/* Number of a text; 0 is the empty one. */
static SekStatus number_of(SekLineageLog *log, SekStr text, uint32_t *out) {
    *out = 0;
    if (text.len == 0)
        return SEK_OK;
    if (text.len > SEK_LINEAGE_TEXT_MAX)
        return SEK_ERR_LIMIT;
    uint32_t hash = (uint32_t)sek_hash64(text.ptr, text.len);
    SekSeen *set = log->seen_texts + (size_t)(hash % SEEN_SETS) * SEEN_WAYS;
    unsigned i = 0;
    for (; i < SEEN_WAYS && set[i].ref; i++) {
        if (set[i].hash != hash)
            continue;
        const SekKeptText *kept = sek_kept_text(log->shelf, set[i].ref);
        if (kept->len == text.len && memcmp(kept->bytes, text.ptr, text.len) == 0)
            break;
    }
    bool known = i < SEEN_WAYS && set[i].ref;
    *out = known ? set[i].ref : 0;
    SekStatus status = known ? SEK_OK : keep_text(log, text, out);
    if (status == SEK_OK)
        remember(set, (SekSeen){hash, *out}, i < SEEN_WAYS ? i : SEEN_WAYS - 1);
    return status;
}

static SekStatus number_texts(SekLineageLog *log, const SekProcessFact *fact, SekTold *out) {
    const struct {
        SekStr text;
        uint32_t *number;
    } texts[] = {{fact->image, &out->image}, {fact->command_line, &out->command_line}, {fact->user, &out->user},
                 {fact->parent_image, &out->parent_image}, {fact->parent_command_line, &out->parent_command_line},
                 {fact->parent_user, &out->parent_user}, {fact->name, &out->name}};
    SekStatus status = SEK_OK;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && status == SEK_OK; i++)
        status = number_of(log, texts[i].text, texts[i].number);
    return status;
}

/* Place of texts that stand together. */
static SekStatus number_told(SekLineageLog *log, const SekTold *told, uint32_t *out) {
    uint32_t hash = (uint32_t)sek_hash64(told, sizeof *told);
    SekSeen *set = log->seen_told + (size_t)(hash % SEEN_SETS) * SEEN_WAYS;
    unsigned i = 0;
    while (i < SEEN_WAYS && set[i].ref &&
           (set[i].hash != hash || memcmp(sek_shelf_at(log->shelf, set[i].ref), told, sizeof *told) != 0))
        i++;
    bool known = i < SEEN_WAYS && set[i].ref;
    *out = known ? set[i].ref : 0;
    SekStatus status = known ? SEK_OK : put(log, sizeof *told, out);
    if (status != SEK_OK)
        return status;
    if (!known)
        memcpy(sek_shelf_at(log->shelf, *out), told, sizeof *told);
    remember(set, (SekSeen){hash, *out}, i < SEEN_WAYS ? i : SEEN_WAYS - 1);
    return SEK_OK;
}

/* --- hosts ---------------------------------------------------------------------------------- */

static SekStatus host_of(SekLineageLog *log, SekStr name, uint32_t *out) {
    if (sek_strmap_get(&log->host_numbers, name, out) == SEK_OK)
        return SEK_OK;
    if (log->n_hosts == SEK_LINEAGE_HOSTS)
        return SEK_ERR_LIMIT;
    SekStr kept = sek_arena_dup(&log->host_names, name);
    if (!kept.ptr)
        return sek_arena_why(&log->host_names);
    SekStatus status = sek_grow(&log->hosts, &log->cap_hosts, log->n_hosts, sizeof *log->hosts);
    if (status == SEK_OK)
        status = sek_strmap_set(&log->host_numbers, kept, log->n_hosts);
    if (status != SEK_OK)
        return status;
    *out = log->n_hosts;
    log->hosts[log->n_hosts++] = kept;
    return SEK_OK;
}

/* --- facts ---------------------------------------------------------------------------------- */

static SekStatus add_stored(SekLineageLog *log, const SekStoredFact *fact) {
    SekFactBlock *last = log->n_blocks ? &log->blocks[log->n_blocks - 1] : NULL;
    if (!last || last->n == SEK_BLOCK_FACTS) {
        uint32_t number;
        SekStatus status = sek_grow(&log->blocks, &log->cap_blocks, log->n_blocks, sizeof *log->blocks);
        if (status == SEK_OK)
            status = sek_shelf_block(log->shelf, &number);
        if (status != SEK_OK)
            return status;
        if (log->n_blocks)
            sek_shelf_close_block(log->shelf, log->blocks[log->n_blocks - 1].number);
        last = &log->blocks[log->n_blocks++];
        *last = (SekFactBlock){.number = number};
    }
    ((SekStoredFact *)(void *)log->shelf->blocks[last->number].at)[last->n++] = *fact;
    return SEK_OK;
}

static SekStatus begin(SekLineageLog *log) {
    if (log->seen_told)
        return SEK_OK;
    if (!log->seen_texts)
        log->seen_texts = calloc((size_t)SEEN_SETS * SEEN_WAYS, sizeof *log->seen_texts);
    if (log->seen_texts)
        log->seen_told = calloc((size_t)SEEN_SETS * SEEN_WAYS, sizeof *log->seen_told);
    return log->seen_told ? SEK_OK : SEK_ERR_MEMORY;
}

static uint64_t at_most(uint64_t number, uint64_t most) {
    return number < most ? number : most;
}

SekStatus sek_lineage_log_add(SekLineageLog *log, const SekProcessFact *fact) {
    SekTold told = {0};
    uint32_t host = 0, place = 0;
    SekStatus status = begin(log);
    if (status == SEK_OK)
        status = host_of(log, fact->process.host.len ? fact->process.host : SEK_STR(""), &host);
    if (status == SEK_OK)
        status = number_texts(log, fact, &told);
    if (status == SEK_OK)
        status = number_told(log, &told, &place);
    if (status == SEK_OK) {
        SekStoredFact stored = {.time = fact->process.time, .file = at_most(fact->file, (1u << 24) - 1) & 0xffffff,
                                .offset = at_most(fact->offset, (UINT64_C(1) << 40) - 1) & ((UINT64_C(1) << 40) - 1),
                                .pid = fact->process.pid, .parent_pid = fact->parent_pid, .kind = fact->kind & 15u,
                                .host = host & 0xffffff, .view = fact->view & 15u, .told = place};
        memcpy(stored.guid, fact->process.guid, sizeof stored.guid);
        memcpy(stored.parent_guid, fact->parent_guid, sizeof stored.parent_guid);
        status = add_stored(log, &stored);
    }
    sek_shelf_breathe(log->shelf);
    if (status == SEK_ERR_LIMIT)
        log->dropped++;
    else if (status == SEK_OK)
        log->n_of_kind[fact->kind]++;
    return status == SEK_ERR_LIMIT ? SEK_OK : status;
}

/* --- GUIDs ---------------------------------------------------------------------------------- */

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
