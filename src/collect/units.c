/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/state.h"

#include <stdlib.h>

void sek_handle_drop(SekHandle *handle) {
    if (!handle || atomic_fetch_sub(&handle->refs, 1) != 1)
        return;
    sek_file_close(&handle->file);
    free(handle);
}

/* Reads from a stream, first what was looked at already. */
static SekStatus stream_read(SekCollect *c, uint8_t *out, size_t len, size_t *out_n, SekError *err) {
    size_t n = c->n_head - c->head_at < len ? c->n_head - c->head_at : len;
    memcpy(out, c->head + c->head_at, n);
    c->head_at += n;
    while (n < len) {
        size_t more = 0;
        SekStatus status = c->state == SEK_IN_MEMBER
                               ? sek_archive_read(c->archive, out + n, len - n, &more, err)
                               : sek_file_read(&c->stream, out + n, len - n, &more, err);
        n += more; /* what came before an error counts */
        if (status != SEK_OK) {
            *out_n = n;
            return status;
        }
        if (more == 0)
            break;
    }
    *out_n = n;
    return SEK_OK;
}

/* Zero behind the evidence up to a whole chunk: readers look at whole chunks. */
static void pad(SekUnit *unit) {
    size_t whole = (unit->len + SEK_EVTX_CHUNK_SIZE - 1) / SEK_EVTX_CHUNK_SIZE * SEK_EVTX_CHUNK_SIZE;
    memset(unit->bytes + unit->len, 0, whole - unit->len);
}

static void note_trouble(SekCollect *c, const SekGzipTrouble *trouble) {
    if (trouble->what)
        sek_collect_damage(c, &(SekDamage){.offset = trouble->out, .lost = true, .what = trouble->what});
}

/* An error comes again with every reading behind it, and is told once. */
static void note_end(SekCollect *c, SekStatus why, uint64_t offset) {
    if (c->end_told)
        return;
    c->end_told = true;
    const SekGzipReport *gzip = c->state == SEK_IN_MEMBER && why == SEK_ERR_INPUT ? sek_archive_gzip(c->archive) : NULL;
    if (gzip) {
        note_trouble(c, &gzip->check);
        note_trouble(c, &gzip->stop);
        return;
    }
    SekDamage damage = {.offset = offset,
                        .lost = true,
                        .what = why == SEK_ERR_LIMIT ? "archive gives too much for its size: a bomb"
                                                     : "cannot be read from here on"};
    sek_collect_damage(c, &damage);
}

static SekStatus read_text(void *user, uint8_t *out, size_t len, size_t *out_n, SekError *err) {
    SekCollect *c = user;
    return stream_read(c, out, len, out_n, err);
}

static SekStatus text_unit(SekCollect *c, SekUnit *unit) {
    SekError err = {0};
    SekStatus problem;
    SekUnit given = {.file = c->entry, .bytes = unit->bytes, .cap = unit->cap};
    SekStatus status = sek_text_stream_unit(&c->text, &given, read_text, c, &problem, &err);
    *unit = given; /* the buffer may be another one, whatever the status */
    if (problem != SEK_OK && problem != SEK_ERR_MEMORY)
        note_end(c, problem, c->text.offset + c->text.carry.len);
    if (status == SEK_END && c->text.open)
        sek_collect_damage(c, &(SekDamage){.offset = c->text.offset, .what = c->text.open, .lost = true});
    return problem == SEK_ERR_MEMORY ? problem : status;
}

/* A unit from the stream; SEK_END when the log is over. */
static SekStatus stream_unit(SekCollect *c, SekUnit *unit) {
    if (c->is_text)
        return text_unit(c, unit);
    size_t n;
    SekError err = {0};
    SekStatus status = stream_read(c, unit->bytes, SEK_UNIT_BYTES, &n, &err);
    if (status == SEK_ERR_MEMORY)
        return status;
    if (status != SEK_OK)
        note_end(c, status, c->offset + n);
    if (n == 0)
        return SEK_END;
    *unit = (SekUnit){.file = c->entry, .offset = c->offset, .len = n, .evidence = n, .bytes = unit->bytes,
                      .cap = unit->cap, .used_end = c->used_end, .loaded = true};
    pad(unit);
    c->offset += n;
    return SEK_OK;
}

static void end_lane(SekLane *lane) {
    sek_handle_drop(lane->handle);
    *lane = (SekLane){0};
}

/* Takes the next unit of the file; with the last one its lane ends. */
static void lane_unit(SekLane *lane, SekUnit *unit) {
    uint64_t left = lane->handle->file.size - lane->offset;
    size_t len = left < SEK_UNIT_BYTES ? (size_t)left : SEK_UNIT_BYTES;
    *unit = (SekUnit){.file = lane->entry, .offset = lane->offset, .len = len, .evidence = len, .bytes = unit->bytes,
                      .cap = unit->cap, .used_end = lane->used_end, .handle = lane->handle, .lane = lane->number};
    atomic_fetch_add(&lane->handle->refs, 1);
    lane->offset += len;
    if (len == left)
        end_lane(lane);
}

static SekLane *find_lane(SekCollect *c, uint32_t number) {
    for (unsigned i = 0; i < SEK_LANES; i++)
        if (c->lanes[i].number == number)
            return &c->lanes[i];
    return NULL;
}

/* The one of which most is left; NULL when there is none. */
static SekLane *longest_lane(SekCollect *c) {
    SekLane *longest = NULL;
    uint64_t most = 0;
    for (unsigned i = 0; i < SEK_LANES; i++) {
        SekLane *lane = &c->lanes[i];
        uint64_t left = lane->number ? lane->handle->file.size - lane->offset : 0;
        longest = left > most ? lane : longest;
        most = left > most ? left : most;
    }
    return longest;
}

/* Makes a lane of the file that was opened, unless it has no chunks. There is room for one. */
static bool begin_lane(SekCollect *c, SekUnit *unit) {
    SekLane *lane = find_lane(c, 0);
    *lane = (SekLane){.number = ++c->last_lane ? c->last_lane : ++c->last_lane, .handle = c->handle, .entry = c->entry,
                      .offset = c->offset, .used_end = c->used_end};
    c->handle = NULL;
    c->state = SEK_IDLE;
    bool any = lane->offset < lane->handle->file.size;
    if (any)
        lane_unit(lane, unit);
    else
        end_lane(lane);
    return any;
}

SekStatus sek_collect_load(void *self, SekUnit *unit, SekError *err) {
    (void)self;
    SekHandle *handle = unit->handle;
    size_t n = 0;
    SekStatus status = sek_file_read_at(&handle->file, unit->offset, unit->bytes, unit->len, &n, err);
    unit->len = n;
    if (status == SEK_OK)
        pad(unit);
    sek_handle_drop(handle);
    unit->handle = NULL;
    return status;
}

/* One step from the state we are in. SEK_OK with `*given` set when `unit` is filled. */
static SekStatus step(SekCollect *c, SekUnit *unit, bool *given) {
    SekStatus status;
    switch (c->state) {
    case SEK_IDLE:
        return c->at == c->n_items ? sek_collect_tell_empty(c) : sek_collect_open(c, &c->items[c->at++]);
    case SEK_IN_ARCHIVE:
        return sek_collect_member(c);
    case SEK_IN_FILE:
        *given = begin_lane(c, unit);
        return SEK_OK;
    default:
        status = stream_unit(c, unit);
        if (status == SEK_END) {
            sek_text_stream_end(&c->text);
            c->is_text = false;
        }
        if (status == SEK_END && c->state == SEK_IN_PIPE)
            sek_file_close(&c->stream);
        break;
    }
    *given = status == SEK_OK;
    if (status != SEK_END)
        return status;
    c->state = c->state == SEK_IN_MEMBER ? SEK_IN_ARCHIVE : SEK_IDLE;
    return SEK_OK;
}

/* Opens no file that there is no lane for. */
static bool may_step(SekCollect *c) {
    return c->state != SEK_IDLE || find_lane(c, 0) != NULL;
}

SekStatus sek_collect_next(void *self, SekUnit *unit, SekError *err) {
    (void)err; /* what cannot be read is in the ledger; memory needs no words */
    SekCollect *c = self;
    bool given = false;
    SekLane *lane = unit->lane ? find_lane(c, unit->lane) : NULL;
    SekStatus status = lane ? SEK_END : SEK_OK;
    while (status == SEK_OK && !given && may_step(c))
        status = step(c, unit, &given);
    if (!given && (status == SEK_OK || status == SEK_END)) {
        lane = lane ? lane : longest_lane(c);
        status = lane ? SEK_OK : SEK_END;
        if (lane)
            lane_unit(lane, unit);
    }
    return c->failed != SEK_OK ? c->failed : status;
}
