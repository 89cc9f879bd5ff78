/* SPDX-License-Identifier: Apache-2.0 */
/* A record is read in three steps. Its format's reader takes the steps and values (text_json, text_xml,
 * text_csv); the plan waiting at the trail's end, or made now, puts values right; the plan's template
 * and the values are a BinXML fragment, which the shapes turn into an event. So after warm-up a record
 * costs its parse, one comparison per name and a few values. */
#include "event/text_reader.h"

#include "base/utf.h"
#include "event/text_csv.h"
#include "event/text_json.h"
#include "event/text_xml.h"
#include "format/csv.h"
#include "format/json_scan.h"
#include "format/xml_between.h"
#include "format/xml_pull.h"

#include <stdlib.h>

/* Memory of one record: its parsed document and decoded values. A record of SEK_UNIT_MAX that is all
 * small numbers takes 8 bytes of memory per byte; what needs more is hostile. */
#define RECORD_MEMORY (256u * 1024u * 1024u)
/* Names of kept plans: a shape may have long ones. */
#define PLAN_MEMORY (64u * 1024u * 1024u)
/* Steps of all plans that are kept: what shapes and templates take is some 200 bytes a step. */
#define PLANNED_STEPS (512u * 1024u)
/* A record of JSON that does not end swallows those behind it. They are looked for this often a unit. */
#define MAX_RESUMES 8u
/* Records of more steps get a plan of their own each time: no shape that is kept has more fields. */
#define KEPT_STEPS 8192u

struct SekTextReader {
    SekShapes *shapes;
    SekTrail *trail;
    SekTextCsv csv;
    SekArena arena;     /* of the record */
    SekArena plans;     /* plans that stay */
    SekArena scratch;   /* while a plan is made */
    SekArena rendering; /* of the record, when it is asked for as text */
    SekTextRecord record;
    SekTextPlan *plan; /* of the record */
    SekEventText about; /* the event */
    uint32_t n_plans, planned_steps;
    const SekUnit *unit;
    SekStr text; /* of the unit */
    size_t at;
    uint64_t ordinal; /* records of the file so far */
    uint32_t resumes;
    bool time_told; /* of this unit */
    bool encoding_told; /* of this unit: it was looked at */
    bool refused;   /* XML: the last record could not be read */
    bool open_comment; /* XML: one between records that does not end in this unit */
    SekDamageSink sink;
    void *user;
};

SekStatus sek_text_reader_new(SekShapes *shapes, SekTextReader **out) {
    SekTextReader *r = calloc(1, sizeof *r);
    if (!r)
        return SEK_ERR_MEMORY;
    r->shapes = shapes;
    sek_arena_init(&r->arena, 0);
    sek_arena_init(&r->plans, 0);
    sek_arena_init(&r->scratch, 0);
    sek_arena_init(&r->rendering, 0);
    sek_text_csv_init(&r->csv);
    SekStatus status = sek_trail_new(&r->trail);
    if (status == SEK_OK)
        status = sek_text_json_new(&r->record.json);
    if (status != SEK_OK) {
        sek_text_reader_free(r);
        return status;
    }
    r->record.trail = r->trail;
    r->record.arena = &r->arena;
    *out = r;
    return SEK_OK;
}

void sek_text_reader_free(SekTextReader *r) {
    if (!r)
        return;
    sek_trail_free(r->trail);
    sek_text_json_free(r->record.json);
    sek_text_csv_deinit(&r->csv);
    sek_arena_deinit(&r->arena);
    sek_arena_deinit(&r->plans);
    sek_arena_deinit(&r->scratch);
    sek_arena_deinit(&r->rendering);
    sek_text_values_free(&r->record.values);
    free(r);
}

/* The first place of the unit where there was no character: values have U+FFFD there and elsewhere. */
static void tell_encoding(SekTextReader *r) {
    size_t at = r->encoding_told ? r->text.len : sek_utf8_malformed(r->text);
    if (at == r->text.len && r->unit->converted && !r->encoding_told) {
        ptrdiff_t found = sek_str_find(r->text, SEK_STR("\xEF\xBF\xBD"));
        at = found < 0 ? at : (size_t)found;
    }
    r->encoding_told = true;
    if (at == r->text.len)
        return;
    SekDamage damage = {.offset = r->unit->offset + at,
                        .what = r->unit->converted
                                    ? "text that is not of the file's encoding is read as U+FFFD, the first of it"
                                    : "text that is not UTF-8 is read as U+FFFD, the first of it"};
    r->sink(r->user, &damage);
}

/* What is told of the encoding comes before all else, whenever it was looked at. */
static void tell(SekTextReader *r, const SekDamage *damage) {
    tell_encoding(r);
    r->sink(r->user, damage);
}

void sek_text_reader_start(SekTextReader *r, const SekUnit *unit, SekDamageSink sink, void *user) {
    r->unit = unit;
    r->text = sek_str_n((const char *)unit->bytes, unit->len);
    r->at = 0;
    r->ordinal = unit->first_record;
    r->resumes = 0;
    r->time_told = r->refused = r->open_comment = r->encoding_told = false;
    r->record.values.dates = unit->dates;
    sek_text_json_start(r->record.json);
    r->sink = sink;
    r->user = user;
    bool json = unit->kind == SEK_UNIT_JSON_LINES || unit->kind == SEK_UNIT_JSON;
    if (!json || unit->converted)
        tell_encoding(r); /* else with the first record of which not every byte is checked: read_known */
}

static void damage(SekTextReader *r, size_t at, const char *what) {
    SekDamage found = {.offset = r->unit->offset + at, .what = what, .lost = true};
    tell(r, &found);
}

/* --- plans ------------------------------------------------------------------------------------- */

static SekStatus make_plan(SekTextReader *r, const SekStep *steps, uint32_t n, bool keep, SekTextPlan **out) {
    SekArena *arena = keep ? &r->plans : &r->arena;
    SekTextPlan *plan = SEK_ARENA_NEW(arena, SekTextPlan);
    if (!plan)
        return SEK_ERR_MEMORY;
    plan->n_leaves = plan->n_slots = r->record.values.n;
    plan->provider = plan->provider_guid = plan->event_id = plan->message = SEK_NO_SLOT;
    SekBuild build;
    sek_build_init(&build, arena);
    build.all_optional = r->unit->kind == SEK_UNIT_CSV;
    sek_arena_reset(&r->scratch);
    SekStatus status = r->unit->kind == SEK_UNIT_XML
                           ? sek_text_xml_plan(steps, n, &build, plan)
                           : sek_text_json_plan(steps, n, &r->scratch, &build, plan);
    if (status != SEK_OK)
        return status;
    sek_build_end(&build, &plan->tpl);
    plan->left_out = build.failed == SEK_ERR_LIMIT;
    plan->tpl.id = keep ? SEK_SHAPES_WIDER + ++r->n_plans : 0;
    *out = plan;
    return SEK_OK;
}

/* The plan of the record whose steps were taken. */
static SekStatus find_plan(SekTextReader *r) {
    void **place = sek_trail_plan(r->trail);
    if (place && *place) {
        r->plan = *place;
        return SEK_OK;
    }
    const SekStep *steps;
    uint32_t n;
    SekStatus status = sek_trail_steps(r->trail, &steps, &n);
    if (status != SEK_OK)
        return status;
    bool keep =
        place && n <= KEPT_STEPS && n <= PLANNED_STEPS - r->planned_steps && r->plans.used < PLAN_MEMORY;
    status = make_plan(r, steps, n, keep, &r->plan);
    if (status == SEK_OK && keep) {
        r->planned_steps += n;
        *place = r->plan;
    }
    return status;
}

/* --- events ------------------------------------------------------------------------------------ */

/* A decimal number of up to 64 bits. */
static bool number(SekValue value, uint64_t *out) {
    uint64_t n = 0;
    bool short_enough = value.len < 20; /* for any digits */
    if (value.type != SEK_VALUE_UTF8 || value.len == 0 || value.len > 20)
        return false;
    for (uint32_t i = 0; i < value.len; i++) {
        uint64_t digit = (uint64_t)(value.ptr[i] - '0');
        if (digit > 9 || (!short_enough && n > (UINT64_MAX - digit) / 10))
            return false;
        n = n * 10 + digit;
    }
    *out = n;
    return true;
}

static void tell_left_out(SekTextReader *r, size_t at) {
    static const struct {
        unsigned part;
        const char *what;
    } parts[] = {
        {SEK_PART_TOO_DEEP, "record is nested too deep: the deeper part is left out"},
        {SEK_PART_TOO_MANY, "record has too many fields: the rest is left out"},
        {SEK_PART_TOO_LONG, "record has a value that is too long: the rest of it is left out"},
        {SEK_PART_ODD_CELLS, "record has more cells than the header has names: they are left out"},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (r->record.left_out & parts[i].part)
            damage(r, at, parts[i].what);
    if (r->plan->left_out)
        damage(r, at, "record is too large or too deep for an event: a part is left out");
}

static void add_example(SekDamage *damage, SekStr text) {
    size_t n = text.len;
    if (n >= SEK_DAMAGE_EXAMPLE) /* not between the bytes of a character */
        for (n = SEK_DAMAGE_EXAMPLE - 1; n > 0 && ((uint8_t)text.ptr[n] & 0xC0) == 0x80;)
            n--;
    memcpy(damage->example, text.ptr, n);
    damage->example[n] = '\0';
}

/* The first time of the unit that is there and cannot be read: how many there are is counted by the reader. */
static void tell_time(SekTextReader *r, size_t at, const SekEvent *event) {
    SekValue time = sek_event_system(event, SEK_SYSTEM_TIME);
    if (event->time || r->time_told || time.len == 0)
        return;
    r->time_told = true;
    SekDamage found = {.offset = r->unit->offset + at,
                       .what = "the time of this record, and maybe of others, cannot be read"};
    if (time.type == SEK_VALUE_UTF8)
        add_example(&found, sek_str_n((const char *)time.ptr, time.len));
    tell(r, &found);
}

/* Turns what was read into an event. What that takes is bounded by the number of values. */
static SekStatus give(SekTextReader *r, size_t at, SekEvent *out) {
    r->arena.limit = 0;
    SekStatus status = find_plan(r);
    if (status != SEK_OK)
        return status;
    if (r->plan->verdict != SEK_VERDICT_EVENT) {
        if (r->plan->verdict == SEK_VERDICT_OTHER)
            damage(r, at, "record is no Windows event: it has no event id with a channel or provider");
        return r->plan->verdict == SEK_VERDICT_OTHER ? SEK_ERR_INPUT : SEK_NOT_FOUND;
    }
    status = sek_text_plan_apply(r->plan, &r->record.values, &r->arena);
    SekFragment fragment = {.tpl = &r->plan->tpl, .values = r->record.values.values, .n_values = r->record.values.n};
    if (status == SEK_OK)
        status = sek_shapes_text_event(r->shapes, &fragment, out, NULL);
    if (status == SEK_ERR_MEMORY)
        return status;
    if (status != SEK_OK || !out->shape) {
        damage(r, at, "record has more fields than an event may have");
        return SEK_ERR_INPUT;
    }
    tell_left_out(r, at);
    out->time = sek_text_event_time(out);
    tell_time(r, at, out);
    out->record_id = r->ordinal;
    (void)number(sek_event_system(out, SEK_SYSTEM_RECORD_ID), &out->record_id); /* stays the ordinal */
    out->offset = r->unit->offset + at;
    r->about = (SekEventText){.record = sek_str_n(r->text.ptr + at, r->at - at), .plain = r->record.plain,
                              .known = r->record.known && !r->record.values.moved ? r->plan->n_leaves : 0,
                              .places = r->record.values.places, .respelled = r->record.respelled};
    out->text = &r->about;
    return SEK_OK;
}

static void begin(SekTextReader *r, SekTextRoot root) {
    sek_arena_reset(&r->arena);
    r->arena.limit = RECORD_MEMORY;
    sek_text_begin(&r->record, root);
}

/* Tells that a record could not be read. One that ends where its unit ends may have been cut there. */
static SekStatus refuse(SekTextReader *r, size_t at, const char *what) {
    damage(r, at, r->unit->cut && r->at == r->text.len ? "record is longer than 16 MiB" : what);
    return SEK_ERR_INPUT;
}

/* --- JSON -------------------------------------------------------------------------------------- */

/* The record at `at`, if it is of a known shape: where it ends need not be found out before. */
static bool read_known(SekTextReader *r, size_t at) {
    size_t used;
    begin(r, r->unit->kind == SEK_UNIT_JSON ? SEK_ROOT_JSON : SEK_ROOT_JSON_LINES);
    if (!sek_text_json_known(sek_str_n(r->text.ptr + at, r->text.len - at), &r->record, &used))
        return false;
    r->at = at + used;
    r->ordinal++;
    return true;
}

/* `text` begins with the record at `at`, which was begun; r->at is moved behind what was read. */
static SekStatus read_json(SekTextReader *r, size_t at, SekStr text, SekEvent *out) {
    SekError err = {0};
    size_t used = 0;
    tell_encoding(r);
    SekStatus status = sek_text_json_read(text, &r->record, &used, &err);
    if (status == SEK_ERR_MEMORY)
        return status;
    r->at = at + (status == SEK_OK ? used : text.len);
    r->ordinal++;
    if (status == SEK_OK)
        return give(r, at, out);
    return refuse(r, at,
                  status == SEK_ERR_LIMIT ? "record needs more memory than a record may"
                                          : "record is not JSON, or is cut");
}

static size_t skip_between(SekStr text, size_t at) {
    while (at < text.len && sek_json_is_between(text.ptr[at]))
        at++;
    return at;
}

static SekStatus next_json_line(SekTextReader *r, SekEvent *out) {
    size_t at = skip_between(r->text, r->at);
    if (at == r->text.len)
        return SEK_END;
    if (read_known(r, at))
        return give(r, at, out);
    const char *end = memchr(r->text.ptr + at, '\n', r->text.len - at);
    size_t len = (end ? (size_t)(end - r->text.ptr) : r->text.len) - at;
    return read_json(r, at, sek_str_n(r->text.ptr + at, len), out);
}

/* A record that cannot be read may have swallowed others: one that begins a line is tried again. */
static void resume_json(SekTextReader *r, size_t start) {
    SekStr rest = sek_str_n(r->text.ptr + start, r->at - start);
    ptrdiff_t found = sek_str_find(rest, SEK_STR("\n{"));
    if (found < 0 || r->resumes == MAX_RESUMES)
        return;
    r->resumes++;
    r->at = start + (size_t)found + 1;
}

static SekStatus next_json(SekTextReader *r, SekEvent *out) {
    SekJsonScan scan = {0};
    size_t end = r->at, start = r->text.len, from = skip_between(r->text, r->at);
    if (read_known(r, from))
        return give(r, from, out);
    (void)sek_json_scan_record(&scan, r->text, &end, &start); /* the last one may be cut */
    if (from < start)
        damage(r, from, "text between records that is not JSON");
    if (start == r->text.len) {
        r->at = start;
        return SEK_END;
    }
    SekStatus status = read_json(r, start, sek_str_n(r->text.ptr + start, end - start), out);
    if (status == SEK_ERR_INPUT && !r->plan)
        resume_json(r, start);
    return status;
}

/* --- XML and CSV ------------------------------------------------------------------------------- */

/* Tells what stands between `from` and `to`. Behind a record that could not be read it may be its rest. */
static void tell_between(SekTextReader *r, size_t from, size_t to) {
    if (from == to || r->refused)
        return;
    SekXmlBetween found = sek_xml_between(sek_str_n(r->text.ptr + from, to - from));
    if (found.text != SEK_XML_NOWHERE)
        damage(r, from + found.text, "text between events that is no XML");
    if (found.element == SEK_XML_NOWHERE)
        return;
    SekDamage other = {.offset = r->unit->offset + from + found.element, .lost = found.event_like,
                       .what = found.event_like ? "an element like an event that is not called Event: not read"
                                                : "an element between events that is none: passed over"};
    tell(r, &other);
}

/* The next record. An <Event> in a comment between records is none; a comment that does not end is no comment. */
static size_t find_record(SekTextReader *r) {
    for (size_t from = r->at;;) {
        size_t at = sek_xml_find(r->text, from, SEK_STR("Event"));
        SekStr gap = sek_str_n(r->text.ptr + from, at - from);
        ptrdiff_t comment = r->refused || r->open_comment || at == r->text.len ? -1 : sek_str_find(gap, SEK_STR("<!--"));
        if (comment < 0)
            return at;
        size_t open = from + (size_t)comment + SEK_STR("<!--").len;
        ptrdiff_t end = sek_str_find(sek_str_n(r->text.ptr + open, r->text.len - open), SEK_STR("-->"));
        r->open_comment = end < 0; /* and none behind it ends: that is asked once a unit */
        if (end < 0)
            return at;
        from = open + (size_t)end + SEK_STR("-->").len;
    }
}

static SekStatus next_xml(SekTextReader *r, SekEvent *out) {
    size_t at = find_record(r);
    tell_between(r, r->at, at);
    r->refused = false;
    if (at == r->text.len) {
        r->at = at;
        return SEK_END;
    }
    SekError err = {0};
    begin(r, SEK_ROOT_XML);
    SekStatus status = sek_text_xml_read(r->text, at, &r->record, &r->at, &err);
    if (status == SEK_ERR_MEMORY)
        return status;
    r->ordinal++;
    if (status == SEK_OK)
        return give(r, at, out);
    r->refused = true;
    return refuse(r, at,
                  status == SEK_ERR_LIMIT ? "record is nested too deep, or needs too much memory"
                                          : "record is not well-formed XML, or is cut");
}

static SekStatus next_csv(SekTextReader *r, SekEvent *out) {
    while (r->at < r->text.len && (r->text.ptr[r->at] == '\n' || r->text.ptr[r->at] == '\r'))
        r->at++;
    if (r->at == r->text.len)
        return SEK_END;
    SekCsvScan scan = {0};
    size_t at = r->at;
    bool whole = sek_csv_scan_record(&scan, r->text, &r->at);
    if (!whole && r->unit->cut) /* without that, the last one may lack its line end */
        return refuse(r, at, "record is cut");
    SekStr record = sek_str_n(r->text.ptr + at, r->at - at);
    if (!whole && scan.in_quotes) /* given as it is: what it swallowed is still searched */
        damage(r, at + sek_csv_open_quote(record), "a quote is open at the end of the file: the rest is one record");
    if (sek_text_csv_header(&r->csv, r->unit->header) != SEK_OK)
        return SEK_ERR_MEMORY;
    begin(r, SEK_ROOT_CSV);
    SekStatus status = sek_text_csv_read(&r->csv, record, &r->record);
    r->ordinal++;
    return status == SEK_OK ? give(r, at, out) : status;
}

SekStatus sek_text_reader_next(SekTextReader *r, SekEvent *out) {
    for (;;) {
        SekStatus status;
        r->plan = NULL;
        switch (r->unit->kind) {
        case SEK_UNIT_JSON_LINES:
            status = next_json_line(r, out);
            break;
        case SEK_UNIT_JSON:
            status = next_json(r, out);
            break;
        case SEK_UNIT_XML:
            status = next_xml(r, out);
            break;
        default:
            status = next_csv(r, out);
            break;
        }
        if (status != SEK_NOT_FOUND)
            return status;
    }
}

bool sek_text_reader_renamed(const SekTextReader *r) {
    return r->plan && r->plan->renamed;
}

/* --- rendering --------------------------------------------------------------------------------- */

/* The value as the type that its writer gave it. Numbers beyond 64 bits and fractions stay text. */
static SekStatus typed(SekTextReader *r, uint32_t slot, SekValue *value) {
    uint8_t written = r->record.values.written[slot];
    if (written == SEK_WRITTEN_TEXT || value->type != SEK_VALUE_UTF8)
        return SEK_OK;
    uint8_t *bytes = sek_arena_calloc(&r->rendering, 1, 8);
    if (!bytes)
        return SEK_ERR_MEMORY;
    if (written == SEK_WRITTEN_BOOL) {
        bytes[0] = value->len == 4; /* true */
        *value = (SekValue){bytes, 4, SEK_VALUE_BOOL};
        return SEK_OK;
    }
    bool negative = value->len && value->ptr[0] == '-';
    SekValue whole = {value->ptr + negative, value->len - negative, SEK_VALUE_UTF8};
    uint64_t n;
    if (!number(whole, &n) || (negative && n > (uint64_t)INT64_MAX) || (whole.len > 1 && whole.ptr[0] == '0'))
        return SEK_OK;
    n = negative ? 0 - n : n;
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(n >> (8 * i));
    *value = (SekValue){bytes, 8, negative ? SEK_VALUE_INT64 : SEK_VALUE_UINT64};
    return SEK_OK;
}

SekStatus sek_text_reader_fragment(SekTextReader *r, bool kinds, SekFragment *out) {
    const SekTextValues *v = &r->record.values;
    *out = (SekFragment){.tpl = &r->plan->tpl, .values = v->values, .n_values = v->n};
    if (!kinds)
        return SEK_OK;
    sek_arena_reset(&r->rendering);
    SekValue *values = SEK_ARENA_ARRAY(&r->rendering, SekValue, v->n ? v->n : 1);
    if (!values)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < v->n; i++) {
        values[i] = v->values[i];
        SekStatus status = typed(r, i, &values[i]);
        if (status != SEK_OK)
            return status;
    }
    out->values = values;
    return SEK_OK;
}
