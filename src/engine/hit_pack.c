/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hit_pack.h"

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
    sek_pack_u32(out, e->event_id);
    sek_pack_u32(out, e->recovered);
    sek_pack_text(out, e->computer);
    sek_pack_text(out, e->channel);
    sek_pack_text(out, e->provider);
    sek_pack_process(out, hit->has_process ? &hit->process : NULL);
    sek_pack_u32(out, hit->n_rules);
    for (uint32_t i = 0; i < hit->n_rules; i++) {
        const SekHitRule *rule = &hit->rules[i];
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

SekStatus sek_unpack_hit(SekStr bytes, const SekRuleset *rules, SekArena *arena, SekHit *out) {
    Unpack u = {.at = bytes.ptr, .left = bytes.len, .rules = rules, .arena = arena};
    SekFindingEvent *e = &out->event;
    *e = (SekFindingEvent){.record_id = take_u64(&u)};
    e->event_id = take_u32(&u);
    e->recovered = take_u32(&u) != 0;
    e->computer = take_text(&u);
    e->channel = take_text(&u);
    e->provider = take_text(&u);
    take_process(&u, out);
    size_t n;
    SekHitRule *list = take_list(&u, 3 * sizeof(uint32_t), sizeof *list, &n);
    for (size_t i = 0; i < n; i++) {
        size_t n_matched;
        list[i].rule = take_rule(&u);
        list[i].matched = take_pairs(&u, &n_matched);
        list[i].n_matched = (uint32_t)n_matched;
        take_origin(&u, &list[i]);
    }
    out->rules = list;
    out->n_rules = (uint32_t)n;
    e->fields = take_pairs(&u, &e->n_fields);
    e->xml = take_text(&u);
    return u.failed;
}
