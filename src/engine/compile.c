/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/compile.h"

#include <stdlib.h>

#define KEY_MAX (SEK_RULE_MAX_FILE) /* a predicate's key holds its literal */

typedef struct Compile {
    SekRuleset *rules;
    SekStr own; /* the rule's file */
    const SekFieldMap *map;
    SekError *err;
    SekBuf key; /* scratch: what makes two predicates equal */
    uint32_t *nodes; /* by SekExpr.index, 1 + node: selections named twice are compiled once */
} Compile;

/* Doubles an array in the ruleset's arena. */
static void *grow(SekArena *arena, void *old, uint32_t n, uint32_t *cap, size_t size) {
    uint32_t wanted = *cap ? *cap * 2 : 256;
    void *bigger = sek_arena_alloc(arena, wanted * size); /* what is pushed is written as a whole */
    if (!bigger)
        return NULL;
    if (n)
        memcpy(bigger, old, n * size);
    *cap = wanted;
    return bigger;
}

#define PUSH(rules, array, n, cap, item)                                                             \
    ((rules)->n < (rules)->cap || ((rules)->array = grow(&(rules)->arena, (rules)->array, (rules)->n, \
                                                         &(rules)->cap, sizeof *(rules)->array))      \
         ? ((rules)->array[(rules)->n++] = (item), SEK_OK)                                            \
         : SEK_ERR_MEMORY)

SekStatus sek_ruleset_field(SekRuleset *rules, SekStr name, SekDerive derive, uint32_t *out) {
    char *key = sek_arena_alloc(&rules->arena, name.len + 1);
    if (!key)
        return SEK_ERR_MEMORY;
    key[0] = (char)('0' + derive);
    if (name.len)
        memcpy(key + 1, name.ptr, name.len);
    SekStr whole = {key, name.len + 1};
    if (sek_strmap_get(&rules->field_ids, whole, out) == SEK_OK)
        return SEK_OK;
    SekRulesetField field = {.name = {key + 1, name.len}, .derive = derive};
    field.ancestry = (uint8_t)(derive == SEK_DERIVE_NONE ? sek_ancestry_field(name) : SEK_ANCESTRY_NONE);
    uint32_t id = rules->n_fields;
    SekStatus status = PUSH(rules, fields, n_fields, cap_fields, field);
    if (status == SEK_OK)
        status = sek_strmap_set(&rules->field_ids, whole, id);
    if (status == SEK_OK)
        *out = id;
    return status;
}

/* Sigma's name under this way's renames. */
static SekStatus mapped_field(Compile *c, SekStr name, uint32_t *out) {
    for (const SekRename *r = c->map->renames; r && r->sigma_field; r++)
        if (sek_str_eq_nocase(name, sek_str(r->sigma_field)))
            return sek_ruleset_field(c->rules, sek_str(r->event_field), r->derive, out);
    return sek_ruleset_field(c->rules, name, SEK_DERIVE_NONE, out);
}

static SekStatus add_code(Compile *c, SekCode code, uint32_t *out) {
    *out = c->rules->n_codes;
    return PUSH(c->rules, codes, n_codes, cap_codes, code);
}

static SekStatus add_kids(Compile *c, SekCodeOp op, const uint32_t *nodes, uint32_t n, uint32_t *out) {
    if (n == 1 && op != SEK_CODE_NOT) {
        *out = nodes[0];
        return SEK_OK;
    }
    SekCode code = {.op = (uint8_t)op, .first = c->rules->n_kids, .n = n};
    for (uint32_t i = 0; i < n; i++)
        if (PUSH(c->rules, kids, n_kids, cap_kids, nodes[i]) != SEK_OK)
            return SEK_ERR_MEMORY;
    return add_code(c, code, out);
}

static SekStatus negate(Compile *c, uint32_t node, uint32_t *out) {
    return add_kids(c, SEK_CODE_NOT, &node, 1, out);
}

static void key_number(SekBuf *key, uint64_t number) {
    sek_buf_add(key, &number, sizeof number);
}

static void key_text(SekBuf *key, SekStr text) {
    key_number(key, text.len);
    sek_buf_add_str(key, text);
}

/* What makes a predicate this one and no other. */
static void write_key(SekBuf *key, const SekPred *p) {
    const SekMatch *m = p->match;
    sek_buf_clear(key);
    key_number(key, (uint64_t)p->field << 32 | p->ref_field);
    key_number(key, (uint64_t)p->kind << 32 | p->cased);
    switch (p->kind) {
    case SEK_PRED_GLOB:
        key_number(key, p->glob.kind);
        key_text(key, p->glob.literal);
        for (uint32_t i = 0; i < p->glob.n_tokens; i++) {
            key_number(key, p->glob.tokens[i].kind);
            key_text(key, p->glob.tokens[i].text);
        }
        break;
    case SEK_PRED_REGEX:
        key_number(key, (uint64_t)m->re_i << 2 | (uint64_t)m->re_m << 1 | m->re_s);
        key_text(key, m->text);
        break;
    case SEK_PRED_CIDR:
        key_number(key, (uint64_t)m->net_v6 << 8 | m->net_bits);
        sek_buf_add(key, m->net, sizeof m->net);
        break;
    default:
        key_number(key, (uint64_t)m->flag << 32 | (uint64_t)m->op << 24 | (uint64_t)m->part << 16 | m->ref_mode);
        key_number(key, (uint64_t)m->number.is_int << 1 | m->number.negative);
        key_number(key, m->number.magnitude);
        sek_buf_add(key, &m->number.real, sizeof m->number.real);
        key_text(key, m->text);
        break;
    }
}

/* The predicate equal to `pred`, added when new (a regex is checked then). */
static SekStatus intern(Compile *c, SekPred pred, uint32_t *out) {
    write_key(&c->key, &pred);
    if (c->key.failed)
        return SEK_ERR_MEMORY;
    if (sek_strmap_get(&c->rules->pred_ids, sek_buf_str(&c->key), out) == SEK_OK)
        return SEK_OK;
    if (pred.kind == SEK_PRED_REGEX) {
        const SekMatch *m = pred.match;
        pred.regex = SEK_ARENA_NEW(&c->rules->arena, SekRegex);
        SekStatus status =
            pred.regex ? sek_regex_init(pred.regex, m->text, m->re_i, m->re_m, m->re_s, c->err) : SEK_ERR_MEMORY;
        if (status != SEK_OK)
            return status;
    }
    SekStr key = sek_arena_dup(&c->rules->arena, sek_buf_str(&c->key));
    uint32_t id = c->rules->n_preds;
    if (!key.ptr || PUSH(c->rules, preds, n_preds, cap_preds, pred) != SEK_OK)
        return SEK_ERR_MEMORY;
    *out = id;
    return sek_strmap_set(&c->rules->pred_ids, key, id);
}

static SekStatus add_pred(Compile *c, SekPred pred, uint32_t *out) {
    uint32_t id;
    SekStatus status = intern(c, pred, &id);
    if (status != SEK_OK)
        return status;
    return add_code(c, (SekCode){.op = SEK_CODE_PRED, .first = id}, out);
}

/* A string value: its alternatives are OR-ed, also inside an `all`. */
static SekStatus compile_string(Compile *c, uint32_t field, const SekMatch *m, uint32_t *out) {
    uint32_t *nodes = SEK_ARENA_ARRAY(&c->rules->arena, uint32_t, m->n_patterns ? m->n_patterns : 1);
    if (!nodes)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < m->n_patterns; i++) {
        SekPred pred = {.field = field, .kind = SEK_PRED_GLOB, .cased = m->cased, .match = m};
        if (sek_glob_compile(&c->rules->arena, &m->patterns[i], m->cased, &pred.glob) != SEK_OK)
            return SEK_ERR_MEMORY;
        SekStatus status = add_pred(c, pred, &nodes[i]);
        if (status != SEK_OK)
            return status;
    }
    return add_kids(c, SEK_CODE_OR, nodes, m->n_patterns, out);
}

static SekPredKind plain_kind(SekMatchKind kind) {
    switch (kind) {
    case SEK_MATCH_STRING:
        return SEK_PRED_GLOB;
    case SEK_MATCH_REGEX:
        return SEK_PRED_REGEX;
    case SEK_MATCH_NUMBER:
        return SEK_PRED_NUMBER;
    case SEK_MATCH_BOOL:
        return SEK_PRED_BOOL;
    case SEK_MATCH_NULL:
        return SEK_PRED_NULL;
    case SEK_MATCH_EXISTS:
        return SEK_PRED_EXISTS;
    case SEK_MATCH_CIDR:
        return SEK_PRED_CIDR;
    case SEK_MATCH_COMPARE:
        return SEK_PRED_COMPARE;
    case SEK_MATCH_FIELDREF:
        return SEK_PRED_FIELDREF;
    }
    return SEK_PRED_NULL;
}

static SekStatus compile_match(Compile *c, uint32_t field, const SekMatch *m, uint32_t *out) {
    if (m->kind == SEK_MATCH_STRING)
        return compile_string(c, field, m, out);
    SekPred pred = {.field = field, .kind = (uint8_t)plain_kind(m->kind), .cased = m->cased, .match = m};
    if (m->kind == SEK_MATCH_FIELDREF && mapped_field(c, m->text, &pred.ref_field) != SEK_OK)
        return SEK_ERR_MEMORY;
    const SekRulesetField *fields = c->rules->fields;
    if (m->kind == SEK_MATCH_FIELDREF && (fields[field].ancestry || fields[pred.ref_field].ancestry))
        return sek_fail(c->err, SEK_ERR_ARGUMENT, "a field of process lineage cannot be compared with another field");
    return add_pred(c, pred, out);
}

/* 0 for an item of the rule's own file, and for one too many. */
static SekStatus source_number(Compile *c, const SekItem *item, uint8_t *out) {
    SekRuleset *rules = c->rules;
    *out = 0;
    if (item->source.len == 0 || item->source.ptr == c->own.ptr)
        return SEK_OK;
    for (uint32_t i = rules->n_sources; i-- > 0 && !*out;)
        if (sek_str_eq(rules->sources[i], item->source))
            *out = (uint8_t)(i + 1);
    if (*out || rules->n_sources == SEK_MAX_SOURCES)
        return SEK_OK;
    if (PUSH(rules, sources, n_sources, cap_sources, item->source) != SEK_OK)
        return SEK_ERR_MEMORY;
    *out = (uint8_t)rules->n_sources;
    return SEK_OK;
}

/* Values that a pipeline made have no place of their own. */
static void set_place(SekError *err, const SekItem *item, const SekMatch *m) {
    err->line = m->line ? m->line : item->line;
    err->column = m->line ? m->column : item->column;
}

static SekStatus compile_item(Compile *c, const SekItem *item, uint32_t *out) {
    uint32_t field = SEK_FIELD_ID_KEYWORDS;
    if (item->field.len && mapped_field(c, item->field, &field) != SEK_OK)
        return SEK_ERR_MEMORY;
    uint32_t *nodes = SEK_ARENA_ARRAY(&c->rules->arena, uint32_t, item->n_matches);
    if (!nodes)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < item->n_matches; i++) {
        SekStatus status = compile_match(c, field, &item->matches[i], &nodes[i]);
        if (status != SEK_OK && c->err)
            set_place(c->err, item, &item->matches[i]);
        if (status != SEK_OK)
            return status;
    }
    SekStatus status = add_kids(c, item->all ? SEK_CODE_AND : SEK_CODE_OR, nodes, item->n_matches, out);
    if (status == SEK_OK && item->negate)
        status = negate(c, *out, out);
    uint8_t source = 0;
    if (status == SEK_OK)
        status = source_number(c, item, &source);
    if (status == SEK_OK) {
        c->rules->codes[*out].source = source;
        c->rules->codes[*out].line = item->line;
    }
    return status;
}

/* Depth is bounded by the rule reader (SEK_RULE_MAX_DEPTH). */
static SekStatus compile_expr(Compile *c, const SekExpr *e, uint32_t *out) {
    if (c->nodes[e->index]) {
        *out = c->nodes[e->index] - 1;
        return SEK_OK;
    }
    SekStatus status = SEK_OK;
    if (e->kind == SEK_EXPR_ITEM) {
        status = compile_item(c, e->item, out);
    } else {
        uint32_t *nodes = SEK_ARENA_ARRAY(&c->rules->arena, uint32_t, e->n_kids);
        if (!nodes)
            return SEK_ERR_MEMORY;
        for (uint32_t i = 0; i < e->n_kids && status == SEK_OK; i++)
            status = compile_expr(c, e->kids[i], &nodes[i]);
        SekCodeOp op = e->kind == SEK_EXPR_AND ? SEK_CODE_AND : e->kind == SEK_EXPR_OR ? SEK_CODE_OR : SEK_CODE_NOT;
        if (status == SEK_OK)
            status = add_kids(c, op, nodes, e->n_kids, out);
    }
    if (status == SEK_OK)
        c->nodes[e->index] = *out + 1;
    return status;
}

/* The way's own condition, e.g. EventType is CreateKey: an OR of exact strings. */
static SekStatus compile_way(Compile *c, uint32_t *out) {
    uint32_t field, n = 0, nodes[8];
    SekStatus status = sek_ruleset_field(c->rules, sek_str(c->map->condition_field), SEK_DERIVE_NONE, &field);
    for (const char *const *v = c->map->condition_values; *v && n < 8 && status == SEK_OK; v++) {
        SekToken *token = SEK_ARENA_NEW(&c->rules->arena, SekToken);
        SekPattern *pattern = SEK_ARENA_NEW(&c->rules->arena, SekPattern);
        SekMatch *match = SEK_ARENA_NEW(&c->rules->arena, SekMatch);
        if (!token || !pattern || !match)
            return SEK_ERR_MEMORY;
        *token = (SekToken){SEK_TOKEN_LITERAL, sek_str(*v)};
        *pattern = (SekPattern){token, 1};
        *match = (SekMatch){.kind = SEK_MATCH_STRING, .patterns = pattern, .n_patterns = 1};
        status = compile_string(c, field, match, &nodes[n++]);
    }
    return status == SEK_OK ? add_kids(c, SEK_CODE_OR, nodes, n, out) : status;
}

SekStatus sek_compile_variant(SekRuleset *rules, const SekRule *rule, const SekFieldMap *map,
                              uint32_t *out_root, SekError *err) {
    Compile c = {.rules = rules, .own = rule->source, .map = map, .err = err};
    sek_buf_init(&c.key, KEY_MAX);
    uint32_t nodes[2];
    c.nodes = calloc((size_t)rule->n_exprs + 1, sizeof *c.nodes);
    SekStatus status = c.nodes ? compile_expr(&c, rule->condition, &nodes[0]) : SEK_ERR_MEMORY;
    if (status == SEK_OK)
        *out_root = nodes[0];
    if (status == SEK_OK && map->condition_field) {
        nodes[1] = nodes[0];
        status = compile_way(&c, &nodes[0]);
        if (status == SEK_OK)
            status = add_kids(&c, SEK_CODE_AND, nodes, 2, out_root);
    }
    free(c.nodes);
    sek_buf_deinit(&c.key);
    return status;
}
