/* SPDX-License-Identifier: Apache-2.0 */
/* Records of a chunk, one after the other; then, on request, what is left of older ones.
 *
 *   record: 2a 2a 00 00, size 4, id 8, FILETIME 8, BinXML ..., size again 4
 *
 * Up to the end of the records each begins where the one before ends. Where that breaks (a size that
 * cannot be, another signature) the damage is told and the next signature is searched whose size stands
 * at both ends: that does not happen by accident. From there on records may belong to another writing
 * of the chunk (a torn write), so they count as recovered, and so does a record whose two sizes differ: its
 * end was written by somebody else. Behind the end lies slack: when a log is
 * full its oldest chunk is written anew from the front, and what is not yet overwritten are whole
 * records of the old chunk; they are found by the same search. Each byte is looked at once by the
 * search; a found record is compared with at most one live one. */
#include "base/bytes.h"
#include "format/evtx.h"

#define RECORD_HEADER 24u
#define RECORD_MIN 28u /* header and the size at the end */
#define RECORDS_AT 512u
#define CACHE_LINE 64u
#define PREFETCH 256u

static const uint8_t signature[4] = {0x2a, 0x2a, 0, 0};

/* `damage` with its offset in the chunk. */
static void tell(const SekEvtxChunk *c, SekDamage damage) {
    damage.offset += c->file_offset;
    damage.has_numbers = damage.expected != damage.found;
    if (c->sink)
        c->sink(c->user, &damage);
}

static bool has_signature(const SekEvtxChunk *c, uint32_t at) {
    return memcmp(c->bytes + at, signature, sizeof signature) == 0;
}

static bool size_fits(const SekEvtxChunk *c, uint32_t at, uint32_t size) {
    return size >= RECORD_MIN && sek_within(at, size, c->len);
}

/* True when a record stands at `at` whose size is written at both ends. */
static bool is_whole(const SekEvtxChunk *c, uint32_t at) {
    if (!sek_within(at, RECORD_MIN, c->len) || !has_signature(c, at))
        return false;
    uint32_t size = sek_le32(c->bytes + at + 4);
    return size_fits(c, at, size) && sek_le32(c->bytes + at + size - 4) == size;
}

/* The first whole record from `at` on, before `end`; `end` when there is none. */
static uint32_t search(const SekEvtxChunk *c, uint32_t at, uint32_t end) {
    while (at < end) {
        const uint8_t *star = memchr(c->bytes + at, signature[0], end - at);
        if (!star)
            return end;
        at = (uint32_t)(star - c->bytes);
        if (is_whole(c, at))
            return at;
        at++;
    }
    return end;
}

static void take(SekEvtxChunk *c, uint32_t at, uint32_t size, SekEvtxRecord *out) {
    const uint8_t *p = c->bytes + at;
    *out = (SekEvtxRecord){
        .id = sek_le64(p + 8),
        .filetime = sek_le64(p + 16),
        .off = at,
        .size = size,
        .xml_off = at + RECORD_HEADER,
        .xml_len = size - RECORD_MIN,
        .recovered = c->in_slack || c->broken || sek_le32(p + size - 4) != size,
    };
    c->at = at + size;
    c->n_seen++;
    /* The next header is a cache miss away; fetching it now hides that behind the work on this one. */
    for (uint32_t ahead = 0; ahead < PREFETCH && c->at + ahead < c->len; ahead += CACHE_LINE)
        __builtin_prefetch(c->bytes + c->at + ahead);
}

/* The record at c->at cannot be read: find the next one that can. */
static bool resume(SekEvtxChunk *c) {
    uint32_t next = search(c, c->at + 1, c->free_offset);
    if (next >= c->free_offset) {
        c->at = c->free_offset;
        return false;
    }
    c->at = next;
    c->broken = true;
    return true;
}

/* The size of the record at c->at, which is told twice. Where the two differ and another record
 * stands inside this one, the record ends there. */
static uint32_t checked_size(const SekEvtxChunk *c, uint32_t size) {
    uint32_t end = c->at + size, again = sek_le32(c->bytes + end - 4);
    if (again == size)
        return size;
    tell(c, (SekDamage){.offset = end - 4, .what = "size at the end of a record is wrong", .expected = size, .found = again});
    if (end == c->free_offset || (sek_within(end, RECORD_MIN, c->len) && has_signature(c, end)))
        return size;
    uint32_t other = search(c, c->at + RECORD_MIN, end);
    return other - c->at;
}

static inline bool next_live(SekEvtxChunk *c, SekEvtxRecord *out) {
    while (c->at < c->free_offset) {
        if (!sek_within(c->at, RECORD_MIN, c->len)) {
            tell(c, (SekDamage){.offset = c->at, .what = "the last record is cut off", .lost = true});
            c->at = c->free_offset;
            return false;
        }
        uint32_t size = sek_le32(c->bytes + c->at + 4);
        if (!has_signature(c, c->at)) {
            tell(c, (SekDamage){.offset = c->at, .what = "no record begins where one should", .lost = true,
                                .expected = sek_le32(signature), .found = sek_le32(c->bytes + c->at)});
        } else if (!size_fits(c, c->at, size)) {
            tell(c, (SekDamage){.offset = c->at + 4, .what = "size of a record is wrong", .lost = true,
                                .found = size});
        } else {
            take(c, c->at, checked_size(c, size), out);
            return true;
        }
        if (!resume(c))
            return false;
    }
    return false;
}

static void end_of_live(SekEvtxChunk *c) {
    uint64_t counted = c->last_record_number - c->first_record_number + 1;
    if (counted != c->n_seen)
        tell(c, (SekDamage){.offset = 8, .what = "number of records is not what the chunk header says",
                            .lost = c->n_seen < counted, .expected = counted, .found = c->n_seen});
    if (c->at < c->free_offset) /* the last record may reach over the end */
        c->at = c->free_offset;
    c->in_slack = true;
}

/* True when the record at `at`, in the slack, is the same as one that is still valid: Windows writes
 * records in place before it moves the end of the records, so copies are common. Ids count up by one, so
 * the one with the same id is found by walking, once per record of the slack. */
static bool is_copy(const SekEvtxChunk *c, uint32_t at) {
    const uint8_t *p = c->bytes + at;
    uint64_t id = sek_le64(p + 8);
    uint32_t size = sek_le32(p + 4), live = RECORDS_AT;
    if (c->free_offset == 0 || id < c->first_record_id || id > c->last_record_id)
        return false;
    while (sek_within(live, RECORD_MIN, c->free_offset) && has_signature(c, live)) {
        uint32_t live_size = sek_le32(c->bytes + live + 4);
        if (!size_fits(c, live, live_size))
            return false;
        if (sek_le64(c->bytes + live + 8) == id && live_size == size && memcmp(c->bytes + live, p, size) == 0)
            return true;
        live += live_size;
    }
    return false;
}

static bool next_in_slack(SekEvtxChunk *c, SekEvtxRecord *out) {
    for (;;) {
        uint32_t at = search(c, c->at, c->len);
        if (at >= c->len) {
            c->at = c->len;
            return false;
        }
        if (!is_copy(c, at)) {
            take(c, at, sek_le32(c->bytes + at + 4), out);
            return true;
        }
        c->at = at + sek_le32(c->bytes + at + 4);
    }
}

SekStatus sek_evtx_next(SekEvtxChunk *chunk, SekEvtxRecord *out) {
    if (!chunk->in_slack) {
        if (next_live(chunk, out))
            return SEK_OK;
        end_of_live(chunk);
    }
    return chunk->recover && next_in_slack(chunk, out) ? SEK_OK : SEK_END;
}
