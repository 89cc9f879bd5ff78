/* SPDX-License-Identifier: Apache-2.0 */
/* A record is read in three steps. Its format's reader takes the steps and values (text_json, text_xml,
 * text_csv); the plan waiting at the trail's end, or made now, puts values right; the plan's template
 * and the values are a BinXML fragment, which the shapes turn into an event. So after warm-up a record
 * costs its parse, one comparison per name and a few values. */
#include "event/text_reader.h"

#include "base/utf.h"
#include "event/text_json.h"
#include "event/text_reader_parts.h"
#include "event/text_xml.h"

#include <stdlib.h>

/* Memory of one record: its parsed document and decoded values. A record of SEK_UNIT_MAX that is all
 * small numbers takes 8 bytes of memory per byte; what needs more is hostile. */
#define RECORD_MEMORY (256u * 1024u * 1024u)
/* Names of kept plans: a shape may have long ones. */
#define PLAN_MEMORY (64u * 1024u * 1024u)
/* Steps of all plans that are kept: what shapes and templates take is some 200 bytes a step. */
#define PLANNED_STEPS (512u * 1024u)
/* Records of more steps get a plan of their own each time: no shape that is kept has more fields. */
#define KEPT_STEPS 8192u

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
    sek_spans_init(&r->spans);
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
    sek_spans_deinit(&r->spans);
    sek_arena_deinit(&r->arena);
    sek_arena_deinit(&r->plans);
    sek_arena_deinit(&r->scratch);
    sek_arena_deinit(&r->rendering);
    sek_text_values_free(&r->record.values);
    free(r);
}

/* The first place of the unit where there was no character: values have U+FFFD there and elsewhere. */
void sek_text_reader_tell_encoding(SekTextReader *r) {
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
void sek_text_reader_tell(SekTextReader *r, const SekDamage *damage) {
    sek_text_reader_tell_encoding(r);
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
    sek_spans_start(&r->spans);
    r->sink = sink;
    r->user = user;
    if (unit->converted)
        sek_text_reader_tell_encoding(r); /* else with the first record of which not every byte is checked */
}

void sek_text_reader_damage(SekTextReader *r, size_t at, const char *what) {
    SekDamage found = {.offset = r->unit->offset + at, .what = what, .lost = true};
    sek_text_reader_tell(r, &found);
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
    sek_arena_reset(&r->scratch);
    SekStatus status = r->unit->kind == SEK_UNIT_XML   ? sek_text_xml_plan(steps, n, &build, plan)
                       : r->unit->kind == SEK_UNIT_CSV ? sek_text_csv_plan(&r->csv, steps, n, &r->scratch, &build, plan)
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
            sek_text_reader_damage(r, at, parts[i].what);
    if (r->plan->left_out)
        sek_text_reader_damage(r, at, "record is too large or too deep for an event: a part is left out");
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
    sek_text_reader_tell(r, &found);
}

/* Turns what was read into an event. What that takes is bounded by the number of values. */
SekStatus sek_text_reader_give(SekTextReader *r, size_t at, SekEvent *out) {
    r->arena.limit = 0;
    SekStatus status = find_plan(r);
    if (status != SEK_OK)
        return status;
    if (r->plan->verdict != SEK_VERDICT_EVENT) {
        if (r->plan->verdict == SEK_VERDICT_OTHER)
            sek_text_reader_damage(r, at, "record is no Windows event: it has no event id with a channel or provider");
        return r->plan->verdict == SEK_VERDICT_OTHER ? SEK_ERR_INPUT : SEK_NOT_FOUND;
    }
    status = sek_text_plan_apply(r->plan, &r->record.values, &r->arena);
    SekFragment fragment = {.tpl = &r->plan->tpl, .values = r->record.values.values, .n_values = r->record.values.n};
    if (status == SEK_OK)
        status = sek_shapes_text_event(r->shapes, &fragment, out, NULL);
    if (status == SEK_ERR_MEMORY)
        return status;
    if (status != SEK_OK || !out->shape) {
        sek_text_reader_damage(r, at, "record has more fields than an event may have");
        return SEK_ERR_INPUT;
    }
    tell_left_out(r, at);
    out->time = sek_text_event_time(out);
    tell_time(r, at, out);
    out->record_id = r->ordinal;
    (void)sek_text_reader_number(sek_event_system(out, SEK_SYSTEM_RECORD_ID), &out->record_id); /* stays the ordinal */
    out->offset = r->unit->offset + at;
    r->about = (SekEventText){.record = sek_str_n(r->text.ptr + at, r->at - at), .plain = r->record.plain,
                              .known = r->record.known ? r->plan->n_leaves : 0, .braced = r->record.values.moved,
                              .places = r->record.values.places, .respelled = r->record.respelled};
    out->text = &r->about;
    return SEK_OK;
}

void sek_text_reader_begin(SekTextReader *r, SekTextRoot root) {
    sek_arena_reset(&r->arena);
    r->arena.limit = RECORD_MEMORY;
    sek_text_begin(&r->record, root);
}

/* Tells that a record could not be read. One that ends where its unit ends may have been cut there. */
SekStatus sek_text_reader_refuse(SekTextReader *r, size_t at, const char *what) {
    sek_text_reader_damage(r, at, r->unit->cut && r->at == r->text.len ? "record is longer than 16 MiB" : what);
    return SEK_ERR_INPUT;
}

SekStatus sek_text_reader_next(SekTextReader *r, SekEvent *out) {
    for (;;) {
        SekStatus status;
        r->plan = NULL;
        switch (r->unit->kind) {
        case SEK_UNIT_JSON_LINES:
            status = sek_text_reader_json_line(r, out);
            break;
        case SEK_UNIT_JSON:
            status = sek_text_reader_json(r, out);
            break;
        case SEK_UNIT_XML:
            status = sek_text_reader_xml(r, out);
            break;
        default:
            status = sek_text_reader_csv(r, out);
            break;
        }
        if (status != SEK_NOT_FOUND)
            return status;
    }
}

bool sek_text_reader_renamed(const SekTextReader *r) {
    return r->plan && r->plan->renamed;
}
