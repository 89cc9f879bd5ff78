/* SPDX-License-Identifier: Apache-2.0 */
#include "event/reader.h"

#include "base/bytes.h"
#include "event/shape.h"
#include "event/text_plan.h"
#include "event/text_reader.h"
#include "format/event_text.h"

#include <stdlib.h>

struct SekReader {
    SekReaderOptions options;
    SekBinxml *bx;
    SekShapes *shapes;
    SekTextReader *text; /* for units that are not EVTX */
    const SekUnit *unit;
    size_t next_chunk; /* offset in the unit of the chunk to open next */
    bool in_chunk;
    SekEvtxChunk chunk;
    SekFragment record;
    SekReadStats stats;
    SekDamage damages[SEK_LEDGER_DAMAGES];
    uint32_t n_damages;
    uint64_t n_more;
};

SekStatus sek_reader_new(const SekReaderOptions *options, SekReader **out) {
    SekReader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return SEK_ERR_MEMORY;
    reader->options = *options;
    SekStatus status = sek_binxml_new(&reader->bx);
    if (status == SEK_OK)
        status = sek_shapes_new(reader->bx, &reader->shapes);
    if (status == SEK_OK)
        status = sek_text_reader_new(reader->shapes, &reader->text);
    if (status != SEK_OK) {
        sek_reader_free(reader);
        return status;
    }
    *out = reader;
    return SEK_OK;
}

void sek_reader_free(SekReader *reader) {
    if (!reader)
        return;
    sek_text_reader_free(reader->text);
    sek_shapes_free(reader->shapes);
    sek_binxml_free(reader->bx);
    free(reader);
}

static void note_damage(void *user, const SekDamage *damage) {
    SekReader *reader = user;
    if (reader->n_damages == SEK_LEDGER_DAMAGES)
        reader->n_more++;
    else
        reader->damages[reader->n_damages++] = *damage;
}

void sek_reader_start(SekReader *reader, const SekUnit *unit) {
    reader->unit = unit;
    reader->next_chunk = 0;
    reader->in_chunk = false;
    reader->stats = (SekReadStats){.bytes = unit->kind == SEK_UNIT_EVTX ? unit->len : unit->evidence};
    reader->n_damages = 0;
    reader->n_more = 0;
    if (unit->kind == SEK_UNIT_EVTX && unit->len < unit->evidence)
        note_damage(reader, &(SekDamage){.offset = unit->offset + unit->len, .lost = true,
                                         .what = "file got shorter while it was read"});
    if (unit->kind != SEK_UNIT_EVTX)
        sek_text_reader_start(reader->text, unit, note_damage, reader);
}

/* Opens the next chunk of the unit: SEK_OK or SEK_END. */
static SekStatus open_chunk(SekReader *reader) {
    const SekUnit *unit = reader->unit;
    while (reader->next_chunk < unit->len) {
        const uint8_t *bytes = unit->bytes + reader->next_chunk;
        uint64_t offset = unit->offset + reader->next_chunk;
        size_t left = unit->len - reader->next_chunk;
        uint32_t len = left < SEK_EVTX_CHUNK_SIZE ? (uint32_t)left : SEK_EVTX_CHUNK_SIZE;
        reader->next_chunk += SEK_EVTX_CHUNK_SIZE;
        SekEvtxOptions options = {.recover = reader->options.recover,
                                  .skip_checksums = reader->options.skip_checksums,
                                  .sink = note_damage, .user = reader};
        if (sek_evtx_chunk_open(bytes, len, offset, &options, &reader->chunk) != SEK_OK) {
            if (reader->chunk.empty && offset < unit->used_end)
                note_damage(reader, &(SekDamage){.offset = offset, .lost = true,
                                                 .what = "chunk is empty, but the file header counts it"});
            continue;
        }
        reader->stats.chunks++;
        sek_binxml_chunk(reader->bx, bytes, len);
        reader->in_chunk = true;
        return SEK_OK;
    }
    return SEK_END;
}

static void note_bad_record(SekReader *reader, const SekEvtxRecord *record, const char *what,
                            const SekError *err) {
    reader->stats.bad_records++;
    uint64_t at = err->offset ? err->offset : record->off;
    SekDamage damage = {.offset = reader->chunk.file_offset + at, .what = what, .lost = true};
    note_damage(reader, &damage);
}

/* TimeCreated as written in the event, which in forwarded events is text; the container's time where
 * the event has none. */
static uint64_t event_time(const SekEvent *event, uint64_t written) {
    SekValue value = sek_event_system(event, SEK_SYSTEM_TIME);
    uint64_t time = value.type == SEK_VALUE_FILETIME && value.len == 8 ? sek_le64(value.ptr) : sek_text_event_time(event);
    return time ? time : written;
}

/* EventRecordID as written in the event; the container's number where it has none, or one that does not fit. */
static uint64_t event_number(const SekEvent *event, uint64_t number) {
    SekValue value = sek_event_system(event, SEK_SYSTEM_RECORD_ID);
    if (value.type == SEK_VALUE_UINT64 && value.len == 8)
        return sek_le64(value.ptr);
    if (value.type == SEK_VALUE_UINT32)
        (void)sek_value_u64(value, &number);
    return number;
}

static SekStatus parse_record(SekReader *reader, const SekEvtxRecord *record, SekEvent *out) {
    SekError err; /* its text is not asked for: too large to be cleared for each record */
    err.offset = 0;
    sek_binxml_strict(reader->bx, record->recovered); /* leftovers must be whole to be believed */
    SekStatus status =
        sek_binxml_record(reader->bx, record->xml_off, record->xml_len, &reader->record, &err);
    if (sek_is_fatal(status))
        return status;
    if (status != SEK_OK) {
        if (!reader->chunk.in_slack) /* leftovers in slack are often cut: that is no damage */
            note_bad_record(reader, record, "record's BinXML cannot be read", &err);
        return SEK_NOT_FOUND;
    }
    status = sek_shapes_event(reader->shapes, &reader->record, out, &err);
    if (sek_is_fatal(status))
        return status;
    if (status != SEK_OK)
        note_bad_record(reader, record, "part of the record cannot be read", &err);
    return out->shape ? SEK_OK : SEK_NOT_FOUND;
}

static SekStatus next_evtx(SekReader *reader, SekEvent *out) {
    for (;;) {
        if (!reader->in_chunk && open_chunk(reader) == SEK_END)
            return SEK_END;
        SekEvtxRecord record;
        if (sek_evtx_next(&reader->chunk, &record) != SEK_OK) {
            reader->in_chunk = false;
            continue;
        }
        SekStatus status = parse_record(reader, &record, out);
        if (sek_is_fatal(status))
            return status;
        if (status != SEK_OK)
            continue;
        out->record_id = event_number(out, record.id);
        out->time = event_time(out, record.filetime);
        out->offset = reader->chunk.file_offset + record.off;
        out->recovered = record.recovered;
        return SEK_OK;
    }
}

static SekStatus next_text(SekReader *reader, SekEvent *out) {
    SekStatus status;
    while ((status = sek_text_reader_next(reader->text, out)) == SEK_ERR_INPUT)
        reader->stats.bad_records++;
    return status;
}

SekStatus sek_reader_next(SekReader *reader, SekEvent *out) {
    bool evtx = reader->unit->kind == SEK_UNIT_EVTX;
    SekStatus status = evtx ? next_evtx(reader, out) : next_text(reader, out);
    if (status != SEK_OK)
        return status;
    SekReadStats *stats = &reader->stats;
    stats->records++;
    stats->recovered += out->recovered;
    stats->no_time += out->time == 0;
    stats->renamed += !evtx && sek_text_reader_renamed(reader->text);
    if (out->time && (!stats->first_time || out->time < stats->first_time))
        stats->first_time = out->time;
    if (out->time > stats->last_time)
        stats->last_time = out->time;
    return SEK_OK;
}

SekStatus sek_reader_xml(SekReader *reader, SekBuf *out) {
    if (reader->unit->kind != SEK_UNIT_EVTX) {
        SekStatus status = sek_text_reader_fragment(reader->text, false, &reader->record);
        if (status != SEK_OK)
            return status;
    }
    return sek_event_xml(reader->bx, &reader->record, out, NULL);
}

SekStatus sek_reader_json(SekReader *reader, SekBuf *out) {
    if (reader->unit->kind != SEK_UNIT_EVTX) {
        SekStatus status = sek_text_reader_fragment(reader->text, true, &reader->record);
        if (status != SEK_OK)
            return status;
    }
    return sek_event_json(reader->bx, &reader->record, out, NULL);
}

const SekReadStats *sek_reader_stats(const SekReader *reader) {
    return &reader->stats;
}

const SekDamage *sek_reader_damages(const SekReader *reader, uint32_t *out_n, uint64_t *out_more) {
    *out_n = reader->n_damages;
    *out_more = reader->n_more;
    return reader->damages;
}

SekStatus sek_reader_account(const SekReader *reader, SekLedger *ledger) {
    SekFileEntry *entry = ledger->files[reader->unit->file];
    sek_read_stats_add(&entry->stats, &reader->stats);
    entry->n_more_damages += reader->n_more;
    for (uint32_t i = 0; i < reader->n_damages; i++) {
        SekStatus status = sek_ledger_damage(ledger, reader->unit->file, &reader->damages[i]);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}
