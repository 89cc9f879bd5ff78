/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/alike.h"

#include "base/grow.h"
#include "base/hash64.h"

#include <stdlib.h>

#define SETS 4096u /* powers of two */
#define WAYS 4u
#define ANSWERS 4096u
#define CASES 8192u
#define CASE_BYTES 44u
#define EVENTS 64u
#define EVENT_VALUES 3u
#define EVENT_BYTES 232u

_Static_assert(SEK_ALIKE_PARTS <= 1u << 16 && SETS * WAYS <= SEK_ALIKE_PARTS, "a place is told in 16 bits");

/* A part, or one that was met once: then `at` is 0. */
typedef struct Slot {
    uint32_t hash; /* 0: free */
    uint32_t at;   /* 1 + where it stands */
} Slot;

typedef struct Answered {
    uint64_t answer; /* 0: free */
    uint32_t variant;
    uint32_t number; /* if values beside the answer do not matter */
    SekBeside beside;
} Answered;

/* Of an answer and values that matter beside it. */
typedef struct Case {
    uint64_t answer; /* 0: free */
    uint32_t variant, number;
    uint8_t lengths[SEK_BESIDE_PLACES], types[SEK_BESIDE_PLACES];
    uint8_t bytes[CASE_BYTES];
} Case;
_Static_assert(sizeof(Case) == 64, "a cache line, and nothing between: it is compared as a whole");

/* What an event told of itself, as it stood there. */
typedef struct Told {
    uint32_t number; /* 1 + ; 0: free */
    uint32_t id;
    uint8_t lengths[EVENT_VALUES], types[EVENT_VALUES];
    uint8_t bytes[EVENT_BYTES];
} Told;

/* In front of a part's bytes, so that a lookup touches no other place. */
typedef struct Header {
    uint32_t place, kind, len;
} Header;

struct SekAlike {
    uint32_t index, n, cap;
    size_t limit;
    SekBuf bytes; /* of the parts, one behind the other, each with its header */
    uint32_t *at; /* where each begins */
    Slot slots[SETS][WAYS];
    Answered answered[ANSWERS];
    Case cases[CASES];
    Told told[EVENTS];
};

SekStatus sek_alike_new(uint32_t index, size_t limit_bytes, SekAlike **out) {
    SekAlike *alike = calloc(1, sizeof *alike);
    if (!alike)
        return SEK_ERR_MEMORY;
    alike->index = index;
    alike->limit = limit_bytes < SEK_ALIKE_BYTES ? limit_bytes : SEK_ALIKE_BYTES;
    sek_buf_init(&alike->bytes, SEK_ALIKE_BYTES);
    *out = alike;
    return SEK_OK;
}

void sek_alike_free(SekAlike *alike) {
    if (!alike)
        return;
    sek_buf_deinit(&alike->bytes);
    free(alike->at);
    free(alike);
}

size_t sek_alike_held(const SekAlike *alike) {
    return alike->bytes.len + alike->n * sizeof *alike->at;
}

uint32_t sek_alike_count(const SekAlike *alike) {
    return alike->n;
}

static SekStr part_at(const SekAlike *alike, uint32_t at, Header *header) {
    const char *start = alike->bytes.data + at;
    memcpy(header, start, sizeof *header);
    return sek_str_n(start + sizeof *header, header->len);
}

SekStr sek_alike_get(const SekAlike *alike, uint32_t place, SekAlikeKind *out_kind) {
    Header header;
    SekStr part = part_at(alike, alike->at[place], &header);
    *out_kind = (SekAlikeKind)header.kind;
    return part;
}

/* --- parts by their bytes ------------------------------------------------------------------------ */

static uint32_t number_of(const SekAlike *alike, uint32_t place) {
    return alike->index << 16 | place;
}

/* Keeps the part if there is room, and has the slot say where. */
static uint32_t add(SekAlike *alike, Slot *slot, SekAlikeKind kind, SekStr packed) {
    Header header = {alike->n, kind, (uint32_t)packed.len};
    size_t held = sek_alike_held(alike), left = held < alike->limit ? alike->limit - held : 0;
    if (alike->n == SEK_ALIKE_PARTS || packed.len + sizeof header + sizeof *alike->at > left / SEK_ALIKE_SHARE)
        return SEK_ALIKE_NONE;
    if (sek_grow(&alike->at, &alike->cap, alike->n, sizeof *alike->at) != SEK_OK)
        return SEK_ALIKE_NONE;
    uint32_t at = (uint32_t)alike->bytes.len;
    sek_buf_add(&alike->bytes, &header, sizeof header);
    sek_buf_add_str(&alike->bytes, packed);
    if (alike->bytes.failed)
        return SEK_ALIKE_NONE;
    slot->at = at + 1;
    alike->at[alike->n] = at;
    return number_of(alike, alike->n++);
}

/* The number of the part, if it is the one that stands there. */
static uint32_t number_at(const SekAlike *alike, uint32_t at, SekAlikeKind kind, SekStr packed) {
    Header header;
    bool same = sek_str_eq(part_at(alike, at, &header), packed) && header.kind == kind;
    return same ? number_of(alike, header.place) : SEK_ALIKE_NONE;
}

uint32_t sek_alike_part(SekAlike *alike, SekAlikeKind kind, SekStr packed) {
    if (packed.len > SEK_ALIKE_LONGEST)
        return SEK_ALIKE_NONE;
    uint64_t whole = sek_hash64(packed.ptr, packed.len) + kind;
    uint32_t hash = (uint32_t)whole | 1;
    Slot *set = alike->slots[whole >> 32 & (SETS - 1)], *free_slot = NULL;
    for (unsigned i = 0; i < WAYS; i++) {
        Slot *slot = &set[i];
        if (slot->hash == hash) /* another part with this hash has none */
            return slot->at ? number_at(alike, slot->at - 1, kind, packed) : add(alike, slot, kind, packed);
        if (!slot->at && (!free_slot || !slot->hash))
            free_slot = slot;
    }
    if (free_slot)
        free_slot->hash = hash;
    return SEK_ALIKE_NONE;
}

/* --- parts by answers ------------------------------------------------------------------------------ */

#define ODD 0x9e3779b97f4a7c15u /* 2^64 / golden ratio */

static uint32_t answer_slot(uint64_t answer, uint32_t variant) {
    return (uint32_t)((answer ^ (uint64_t)variant << 40) * ODD >> 32) & (ANSWERS - 1);
}

static SekValue value_at(const SekEvent *event, SekSlotAt at) {
    return at.slot < event->n_values[at.part] ? event->values[at.part][at.slot] : (SekValue){0};
}

/* Makes the case of the event's values; false when they are too long. Returns the slot where it may be kept. */
static bool make_case(const SekEvent *event, const SekBeside *beside, Case *out, uint32_t *slot) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < beside->n; i++) {
        SekValue v = value_at(event, beside->places[i]);
        if (v.len > CASE_BYTES - n)
            return false;
        out->lengths[i] = (uint8_t)v.len;
        out->types[i] = v.type;
        if (v.len)
            memcpy(out->bytes + n, v.ptr, v.len);
        n += v.len;
    }
    uint64_t hash = (out->answer ^ (uint64_t)out->variant << 40) * ODD ^ sek_str_hash(sek_str_n((const char *)out->bytes, n));
    *slot = (uint32_t)(hash * ODD >> 32) & (CASES - 1);
    return true;
}

uint32_t sek_alike_answered(const SekAlike *alike, uint64_t answer, uint32_t variant, const SekEvent *event) {
    const Answered *known = &alike->answered[answer_slot(answer, variant)];
    Case asked = {.answer = answer, .variant = variant};
    uint32_t slot;
    if (known->answer != answer || known->variant != variant || !answer)
        return SEK_ALIKE_NONE;
    if (known->beside.n == 0)
        return known->number;
    if (!make_case(event, &known->beside, &asked, &slot))
        return SEK_ALIKE_NONE;
    asked.number = alike->cases[slot].number;
    return memcmp(&asked, &alike->cases[slot], sizeof asked) == 0 ? asked.number : SEK_ALIKE_NONE;
}

void sek_alike_keep_answer(SekAlike *alike, uint64_t answer, uint32_t variant, const SekAlikeCase *with) {
    Case kept = {.answer = answer, .variant = variant, .number = with->number};
    uint32_t slot;
    alike->answered[answer_slot(answer, variant)] = (Answered){answer, variant, with->number, *with->beside};
    if (with->beside->n && make_case(with->event, with->beside, &kept, &slot))
        alike->cases[slot] = kept;
}

void sek_alike_forget_answers(SekAlike *alike) {
    memset(alike->answered, 0, sizeof alike->answered);
    memset(alike->cases, 0, sizeof alike->cases);
}

/* --- events ---------------------------------------------------------------------------------------- */

static const SekSystemField told_fields[EVENT_VALUES] = {SEK_SYSTEM_COMPUTER, SEK_SYSTEM_CHANNEL, SEK_SYSTEM_PROVIDER};

static uint32_t event_slot(const SekEvent *event, uint32_t id) {
    return (event->shape->id * 7 + id) & (EVENTS - 1);
}

uint32_t sek_alike_event(const SekAlike *alike, const SekEvent *event) {
    uint32_t id = sek_event_id(event);
    const Told *told = &alike->told[event_slot(event, id)];
    const uint8_t *at = told->bytes;
    if (!told->number || told->id != id || event->recovered)
        return SEK_ALIKE_NONE;
    for (unsigned i = 0; i < EVENT_VALUES; i++) {
        SekValue v = sek_event_system(event, told_fields[i]);
        if (v.len != told->lengths[i] || v.type != told->types[i] || (v.len && memcmp(v.ptr, at, v.len) != 0))
            return SEK_ALIKE_NONE;
        at += v.len;
    }
    return told->number - 1;
}

void sek_alike_keep_event(SekAlike *alike, const SekEvent *event, uint32_t number) {
    uint32_t id = sek_event_id(event);
    Told *told = &alike->told[event_slot(event, id)];
    size_t n = 0;
    told->number = 0;
    if (event->recovered)
        return;
    for (unsigned i = 0; i < EVENT_VALUES; i++) {
        SekValue v = sek_event_system(event, told_fields[i]);
        if (v.len > UINT8_MAX || n + v.len > EVENT_BYTES)
            return;
        told->lengths[i] = (uint8_t)v.len;
        told->types[i] = v.type;
        if (v.len)
            memcpy(told->bytes + n, v.ptr, v.len);
        n += v.len;
    }
    told->id = id;
    told->number = number + 1;
}
