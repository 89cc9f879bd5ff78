/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hit_pack.h"

#include <stdlib.h>

/* --- packing ------------------------------------------------------------------------------------ */

void sek_pack_text(SekBuf *out, SekStr text) {
    sek_pack_u32(out, (uint32_t)text.len);
    sek_buf_add_str(out, text);
}

void sek_pack_process(SekBuf *out, const SekProcessKey *process) {
    sek_pack_u32(out, process != NULL);
    if (!process)
        return;
    sek_pack_u32(out, process->pid);
    sek_buf_add(out, process->guid, sizeof process->guid);
}

size_t sek_pack_later(SekBuf *out) {
    size_t place = out->len;
    sek_pack_u32(out, 0);
    return place;
}

void sek_pack_number_at(SekBuf *out, size_t place, uint32_t value) {
    if (!out->failed)
        memcpy(out->data + place, &value, sizeof value);
}

void sek_pack_text_end(SekBuf *out, size_t place) {
    sek_pack_number_at(out, place, (uint32_t)(out->len - place - sizeof(uint32_t)));
}

size_t sek_pack_part(SekBuf *out) {
    size_t start = out->len;
    sek_pack_u32(out, SEK_ALIKE_NONE);
    return start;
}

SekStr sek_pack_part_bytes(const SekBuf *out, size_t start) {
    size_t at = start + sizeof(uint32_t);
    return out->failed ? (SekStr){0} : sek_str_n(out->data + at, out->len - at);
}

void sek_pack_known(SekBuf *out, size_t start, uint32_t number) {
    if (out->failed)
        return;
    sek_pack_number_at(out, start, number);
    out->len = start + sizeof number;
}

static void pack_pairs(SekBuf *out, const SekPair *pairs, size_t n) {
    sek_pack_u32(out, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        sek_pack_text(out, pairs[i].field);
        sek_pack_text(out, pairs[i].value);
    }
}

enum { CORRELATION = 1, LAYER = 2, SCRIPT = 4, PENDING = 8 };

static void pack_layer(SekBuf *out, uint32_t number, const SekLayerInfo *layer) {
    sek_pack_u32(out, number);
    sek_pack_u32(out, layer->partial);
    sek_pack_text(out, layer->field);
    sek_pack_text(out, layer->part);
    sek_pack_text(out, layer->kind);
    sek_pack_text(out, layer->steps);
    sek_pack_text(out, layer->text);
}

static void pack_script(SekBuf *out, const SekScriptInfo *script) {
    sek_pack_u32(out, script->total);
    sek_pack_u32(out, (uint32_t)script->n_parts);
    sek_pack_u32(out, script->n_conflicts);
    sek_pack_u32(out, script->cut);
    sek_pack_text(out, script->missing);
    sek_pack_u32(out, (uint32_t)script->n_listed);
    for (size_t i = 0; i < script->n_listed; i++) {
        sek_pack_u32(out, script->parts[i].number);
        sek_pack_u64(out, script->parts[i].time);
        sek_pack_u64(out, script->parts[i].record_id);
        sek_pack_text(out, script->parts[i].file);
    }
}

static void pack_correlation(SekBuf *out, const SekRuleset *rules, const SekCorrelationInfo *c) {
    sek_pack_text(out, sek_str_n(c->type, strlen(c->type) + 1)); /* with its NUL */
    pack_pairs(out, c->group, c->n_group);
    sek_pack_u64(out, c->count);
    sek_buf_add(out, &c->value, sizeof c->value);
    sek_pack_u32(out, (uint32_t)c->n_events);
    for (size_t i = 0; i < c->n_events; i++) {
        sek_pack_u64(out, c->events[i].time);
        sek_pack_u64(out, c->events[i].record_id);
        sek_pack_u32(out, (uint32_t)(c->events[i].rule - rules->infos));
        sek_pack_text(out, c->events[i].file);
    }
}

void sek_pack_origin(SekBuf *out, const SekHitRule *rule) {
    sek_pack_u32(out, (rule->decoded ? LAYER : 0u) | (rule->script ? SCRIPT : 0u) | (rule->pending ? PENDING : 0u));
    if (rule->decoded)
        pack_layer(out, rule->layer, rule->decoded);
    if (rule->script)
        pack_script(out, rule->script);
    if (rule->pending) {
        sek_pack_u32(out, rule->variant);
        sek_pack_text(out, rule->bits);
    }
}

void sek_pack_hit(SekBuf *out, const SekRuleset *rules, const SekHit *hit) {
    const SekFindingEvent *e = &hit->event;
    sek_pack_u64(out, e->record_id);
    (void)sek_pack_part(out);
    sek_pack_u32(out, e->event_id);
    sek_pack_u32(out, e->recovered);
    sek_pack_text(out, e->computer);
    sek_pack_text(out, e->channel);
    sek_pack_text(out, e->provider);
    sek_pack_process(out, hit->has_process ? &hit->process : NULL);
    sek_pack_u32(out, hit->n_rules);
    for (uint32_t i = 0; i < hit->n_rules; i++) {
        const SekHitRule *rule = &hit->rules[i];
        (void)sek_pack_part(out);
        sek_pack_u32(out, rule->rule);
        pack_pairs(out, rule->matched, rule->n_matched);
        if (rule->correlation) {
            sek_pack_u32(out, CORRELATION);
            pack_correlation(out, rules, rule->correlation);
        } else {
            sek_pack_origin(out, rule);
        }
    }
    pack_pairs(out, e->fields, e->n_fields);
    sek_pack_text(out, e->xml);
}

/* --- unpacking ---------------------------------------------------------------------------------- */

typedef struct Unpack {
    const char *at;
    size_t left;
    SekStatus failed; /* SEK_ERR_IO or SEK_ERR_MEMORY */
    const SekRuleset *rules;
    SekArena *arena;
} Unpack;

static void take(Unpack *u, void *out, size_t len) {
    if (u->failed != SEK_OK || u->left < len) {
        u->failed = u->failed != SEK_OK ? u->failed : SEK_ERR_IO;
        memset(out, 0, len);
        return;
    }
    memcpy(out, u->at, len);
    u->at += len;
    u->left -= len;
}

static uint32_t take_u32(Unpack *u) {
    uint32_t value;
    take(u, &value, sizeof value);
    return value;
}

static uint64_t take_u64(Unpack *u) {
    uint64_t value;
    take(u, &value, sizeof value);
    return value;
}

static SekStr take_text(Unpack *u) {
    uint32_t len = take_u32(u);
    if (u->failed != SEK_OK || len > u->left) {
        u->failed = u->failed != SEK_OK ? u->failed : SEK_ERR_IO;
        return (SekStr){0};
    }
    SekStr text = sek_str_n(u->at, len);
    u->at += len;
    u->left -= len;
    return text;
}

/* A number of things that take `least` bytes each, and memory for them. */
static void *take_list(Unpack *u, size_t least, size_t size, size_t *out_n) {
    uint32_t n = take_u32(u);
    *out_n = 0;
    if (u->failed == SEK_OK && n > u->left / least)
        u->failed = SEK_ERR_IO;
    if (u->failed != SEK_OK || n == 0)
        return NULL;
    void *list = sek_arena_calloc(u->arena, n, size);
    if (!list)
        u->failed = SEK_ERR_MEMORY;
    *out_n = list ? n : 0;
    return list;
}

static const SekPair *take_pairs(Unpack *u, size_t *out_n) {
    SekPair *pairs = take_list(u, 2 * sizeof(uint32_t), sizeof *pairs, out_n);
    for (size_t i = 0; i < *out_n; i++) {
        pairs[i].field = take_text(u);
        pairs[i].value = take_text(u);
    }
    return pairs;
}

/* A rule's number, which must be one. */
static uint32_t take_rule(Unpack *u) {
    uint32_t rule = take_u32(u);
    if (rule < u->rules->n_rules)
        return rule;
    u->failed = u->failed != SEK_OK ? u->failed : SEK_ERR_IO;
    return 0;
}

static const SekCorrelationInfo *take_correlation(Unpack *u) {
    SekCorrelationInfo *c = SEK_ARENA_NEW(u->arena, SekCorrelationInfo);
    if (!c) {
        u->failed = SEK_ERR_MEMORY;
        return NULL;
    }
    SekStr type = take_text(u);
    if (type.len == 0 || type.ptr[type.len - 1] != '\0') {
        u->failed = u->failed != SEK_OK ? u->failed : SEK_ERR_IO;
        return NULL;
    }
    c->type = type.ptr;
    c->group = take_pairs(u, &c->n_group);
    c->count = take_u64(u);
    take(u, &c->value, sizeof c->value);
    SekCorrelatedEvent *events = take_list(u, 24, sizeof *events, &c->n_events);
    for (size_t i = 0; i < c->n_events; i++) {
        events[i].time = take_u64(u);
        events[i].record_id = take_u64(u);
        events[i].rule = &u->rules->infos[take_rule(u)];
        events[i].file = take_text(u);
    }
    c->events = events;
    return c;
}

static const SekLayerInfo *take_layer(Unpack *u, uint32_t *out_number) {
    SekLayerInfo *layer = SEK_ARENA_NEW(u->arena, SekLayerInfo);
    if (!layer) {
        u->failed = SEK_ERR_MEMORY;
        return NULL;
    }
    *out_number = take_u32(u);
    layer->partial = take_u32(u) != 0;
    layer->field = take_text(u);
    layer->part = take_text(u);
    layer->kind = take_text(u);
    layer->steps = take_text(u);
    layer->text = take_text(u);
    return layer;
}

static const SekScriptInfo *take_script(Unpack *u) {
    SekScriptInfo *script = SEK_ARENA_NEW(u->arena, SekScriptInfo);
    if (!script) {
        u->failed = SEK_ERR_MEMORY;
        return NULL;
    }
    script->total = take_u32(u);
    script->n_parts = take_u32(u);
    script->n_conflicts = take_u32(u);
    script->cut = take_u32(u) != 0;
    script->missing = take_text(u);
    SekScriptPartInfo *parts = take_list(u, 24, sizeof *parts, &script->n_listed);
    for (size_t i = 0; i < script->n_listed; i++) {
        parts[i].number = take_u32(u);
        parts[i].time = take_u64(u);
        parts[i].record_id = take_u64(u);
        parts[i].file = take_text(u);
    }
    script->parts = parts;
    return script;
}

static void take_origin(Unpack *u, SekHitRule *rule) {
    uint32_t origin = take_u32(u);
    if (origin & CORRELATION)
        rule->correlation = take_correlation(u);
    if (origin & LAYER)
        rule->decoded = take_layer(u, &rule->layer);
    if (origin & SCRIPT)
        rule->script = take_script(u);
    if (origin & PENDING) {
        rule->pending = true;
        rule->variant = take_u32(u);
        rule->bits = take_text(u);
        if (rule->variant >= u->rules->n_variants)
            u->failed = u->failed != SEK_OK ? u->failed : SEK_ERR_IO;
    }
}

static void take_process(Unpack *u, SekHit *out) {
    out->has_process = take_u32(u) != 0;
    out->process = (SekProcessKey){.pid = SEK_NO_PID};
    if (!out->has_process)
        return;
    out->process.pid = take_u32(u);
    take(u, out->process.guid, sizeof out->process.guid);
}

static void take_event(Unpack *u, SekAlikeEvent *event) {
    event->event_id = take_u32(u);
    event->recovered = take_u32(u) != 0;
    event->computer = take_text(u);
    event->channel = take_text(u);
    event->provider = take_text(u);
}

static void take_matches(Unpack *u, SekHitRule *rule) {
    size_t n;
    rule->rule = take_rule(u);
    rule->matched = take_pairs(u, &n);
    rule->n_matched = (uint32_t)n;
    take_origin(u, rule);
}

/* The part whose number comes next; NULL when it stands behind it. */
static const SekAlikePart *take_known(Unpack *u, const SekAlikeParts *parts, SekAlikeKind kind) {
    uint32_t number = take_u32(u), table = sek_alike_table(number), place = sek_alike_place(number);
    if (number == SEK_ALIKE_NONE || u->failed != SEK_OK)
        return NULL;
    if (parts && table < parts->n_tables && place < parts->first[table + 1] - parts->first[table]) {
        const SekAlikePart *part = &parts->list[parts->first[table] + place];
        if (part->kind == kind)
            return part;
    }
    u->failed = SEK_ERR_IO;
    return NULL;
}

static void take_event_part(Unpack *u, const SekAlikeParts *parts, SekHit *out) {
    uint64_t record_id = take_u64(u);
    const SekAlikePart *known = take_known(u, parts, SEK_ALIKE_EVENT);
    SekAlikeEvent own = {0};
    if (!known)
        take_event(u, &own);
    const SekAlikeEvent *event = known ? &known->event : &own;
    out->alike = known ? (uint32_t)(known - parts->list) + 1 : 0;
    out->event = (SekFindingEvent){.record_id = record_id, .event_id = event->event_id, .recovered = event->recovered,
                                   .computer = event->computer, .channel = event->channel, .provider = event->provider};
}

static void take_rule_part(Unpack *u, const SekAlikeParts *parts, SekHitRule *out) {
    const SekAlikePart *known = take_known(u, parts, SEK_ALIKE_RULE);
    if (known)
        *out = known->rule;
    else
        take_matches(u, out);
}

SekStatus sek_unpack_hit(SekStr bytes, const SekUnpacking *with, SekArena *arena, SekHit *out) {
    Unpack u = {.at = bytes.ptr, .left = bytes.len, .rules = with->rules, .arena = arena};
    size_t n;
    take_event_part(&u, with->parts, out);
    take_process(&u, out);
    SekHitRule *list = take_list(&u, sizeof(uint32_t), sizeof *list, &n);
    for (size_t i = 0; i < n && u.failed == SEK_OK; i++)
        take_rule_part(&u, with->parts, &list[i]);
    out->rules = list;
    out->n_rules = (uint32_t)n;
    out->event.fields = take_pairs(&u, &out->event.n_fields);
    out->event.xml = take_text(&u);
    return u.failed;
}

/* --- parts that hits have in common --------------------------------------------------------------- */

static SekStatus read_part(SekAlikeParts *parts, const SekRuleset *rules, SekStr bytes, uint32_t number) {
    SekAlikePart *part = &parts->list[number];
    Unpack u = {.at = bytes.ptr, .left = bytes.len, .rules = rules, .arena = &parts->arena};
    if (part->kind == SEK_ALIKE_EVENT) {
        take_event(&u, &part->event);
        return u.failed;
    }
    take_matches(&u, &part->rule);
    part->rule.alike = number + 1;
    return u.failed;
}

SekStatus sek_alike_parts_read(SekAlikeParts *parts, SekAlike *const *tables, uint32_t n_tables, const SekRuleset *rules) {
    *parts = (SekAlikeParts){.n_tables = n_tables};
    sek_arena_init(&parts->arena, 0);
    parts->first = calloc((size_t)n_tables + 1, sizeof *parts->first);
    if (!parts->first)
        return SEK_ERR_MEMORY;
    for (uint32_t t = 0; t < n_tables; t++)
        parts->first[t + 1] = parts->first[t] + (tables[t] ? sek_alike_count(tables[t]) : 0);
    parts->list = calloc((size_t)parts->first[n_tables] + 1, sizeof *parts->list);
    SekStatus status = parts->list ? SEK_OK : SEK_ERR_MEMORY;
    for (uint32_t t = 0; t < n_tables; t++)
        for (uint32_t i = parts->first[t]; i < parts->first[t + 1] && status == SEK_OK; i++) {
            SekStr bytes = sek_alike_get(tables[t], i - parts->first[t], &parts->list[i].kind);
            status = read_part(parts, rules, bytes, i);
        }
    return status;
}

void sek_alike_parts_deinit(SekAlikeParts *parts) {
    sek_arena_deinit(&parts->arena);
    free(parts->list);
    free(parts->first);
    *parts = (SekAlikeParts){0};
}
