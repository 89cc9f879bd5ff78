/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/never_true.h"

#include "base/buf.h"
#include "event/taxonomy.h"
#include "rule/reader.h"

#include <stdlib.h>

/* A condition is asked in three-valued logic, once for each event id that could make a difference. A rule of a
 * category has the ids of that. Another one has those that it names and their neighbours, which stand for all
 * others: an id is only ever compared with what the rule names. */

#define MAX_VISITS 50000 /* the tree is a DAG: a hostile one has more ways through it than time */
#define WHY_MAX 1000u
#define IDS_SHOWN 6u
#define MAX_IDS 256u     /* more = nothing is said */

typedef enum { NEVER, MAYBE, ALWAYS } Truth;

typedef struct Walk {
    uint32_t visits;
    uint16_t *assumed; /* by SekExpr.index: how often it is taken for true just now */
    bool has_id;
    int64_t id;
    const SekItem *about; /* the first item on the event id */
    const SekItem *first; /* the first item */
} Walk;

typedef struct Ids {
    uint32_t n;
    bool too_many;
    bool open; /* to every id */
    int64_t list[MAX_IDS];
} Ids;

/* --- items --------------------------------------------------------------------------------- */

static bool is_about_id(const SekItem *item) {
    return sek_str_eq_nocase(item->field, SEK_STR("EventID"));
}

/* The number of a text such as '4624', which is that of no other. */
static bool text_number(const SekMatch *m, double *out) {
    const SekToken *token = m->kind == SEK_MATCH_STRING && m->n_patterns == 1 && m->patterns[0].n_tokens == 1
                                ? &m->patterns[0].tokens[0]
                                : NULL;
    if (!token || token->kind != SEK_TOKEN_LITERAL || token->text.ptr[0] == '0' || token->text.len > 9)
        return false;
    *out = 0;
    for (size_t i = 0; i < token->text.len; i++) {
        if (token->text.ptr[i] < '0' || token->text.ptr[i] > '9')
            return false;
        *out = *out * 10 + (token->text.ptr[i] - '0');
    }
    return true;
}

/* The number that a match names; false when it asks for something else than one. */
static bool number_of(const SekMatch *m, double *out) {
    bool number = m->kind == SEK_MATCH_NUMBER || (m->kind == SEK_MATCH_COMPARE && m->part == SEK_PART_NONE);
    if (!number)
        return text_number(m, out);
    *out = m->number.real;
    return *out >= -1e9 && *out <= 1e9;
}

static Truth ask_match(const SekMatch *m, int64_t id) {
    double number, mine = (double)id;
    if (!number_of(m, &number))
        return MAYBE;
    if (m->kind != SEK_MATCH_COMPARE)
        return mine == number ? ALWAYS : NEVER;
    bool holds = m->op == SEK_OP_GT    ? mine > number
                 : m->op == SEK_OP_GTE ? mine >= number
                 : m->op == SEK_OP_LT  ? mine < number
                 : m->op == SEK_OP_LTE ? mine <= number
                                       : mine == number;
    return holds ? ALWAYS : NEVER;
}

static Truth opposite(Truth t) {
    return (Truth)(ALWAYS - t);
}

static Truth ask_item(const Walk *w, const SekItem *item) {
    if (!w->has_id || !is_about_id(item) || item->n_matches == 0)
        return MAYBE;
    Truth truth = item->all ? ALWAYS : NEVER;
    for (uint32_t i = 0; i < item->n_matches; i++) {
        Truth one = ask_match(&item->matches[i], w->id);
        if (item->all ? one < truth : one > truth)
            truth = one;
    }
    return item->negate ? opposite(truth) : truth;
}

/* --- conditions ---------------------------------------------------------------------------- */

static void assume(Walk *w, const SekExpr *e, int delta) {
    if (w->visits++ > MAX_VISITS)
        return;
    w->assumed[e->index] = (uint16_t)(w->assumed[e->index] + delta);
    for (uint32_t i = 0; e->kind == SEK_EXPR_AND && i < e->n_kids; i++)
        assume(w, e->kids[i], delta);
}

static Truth ask(Walk *w, const SekExpr *e);

/* What is excluded is asked when all that is wanted beside it is taken for true: `s and not s`. */
static Truth ask_and(Walk *w, const SekExpr *e) {
    Truth truth = ALWAYS;
    for (uint32_t i = 0; i < e->n_kids && truth != NEVER; i++) {
        Truth one = e->kids[i]->kind == SEK_EXPR_NOT ? ALWAYS : ask(w, e->kids[i]);
        truth = one < truth ? one : truth;
    }
    for (uint32_t i = 0; i < e->n_kids; i++)
        if (e->kids[i]->kind != SEK_EXPR_NOT)
            assume(w, e->kids[i], 1);
    for (uint32_t i = 0; i < e->n_kids && truth != NEVER; i++) {
        Truth one = e->kids[i]->kind == SEK_EXPR_NOT ? ask(w, e->kids[i]) : ALWAYS;
        truth = one < truth ? one : truth;
    }
    for (uint32_t i = 0; i < e->n_kids; i++)
        if (e->kids[i]->kind != SEK_EXPR_NOT)
            assume(w, e->kids[i], -1);
    return truth;
}

/* Depth is bounded by the rule reader (SEK_RULE_MAX_DEPTH). */
static Truth ask(Walk *w, const SekExpr *e) {
    if (w->visits++ > MAX_VISITS)
        return MAYBE;
    if (w->assumed[e->index])
        return ALWAYS;
    Truth truth = NEVER;
    switch (e->kind) {
    case SEK_EXPR_ITEM:
        return ask_item(w, e->item);
    case SEK_EXPR_AND:
        return ask_and(w, e);
    case SEK_EXPR_NOT:
        return opposite(ask(w, e->kids[0]));
    case SEK_EXPR_OR:
        for (uint32_t i = 0; i < e->n_kids && truth != ALWAYS; i++) {
            Truth one = ask(w, e->kids[i]);
            truth = one > truth ? one : truth;
        }
        return truth;
    }
    return MAYBE;
}

/* --- event ids ----------------------------------------------------------------------------- */

static void add_id(Ids *ids, int64_t id) {
    for (uint32_t i = 0; i < ids->n; i++)
        if (ids->list[i] == id)
            return;
    if (ids->n == MAX_IDS)
        ids->too_many = true;
    else
        ids->list[ids->n++] = id;
}

/* The ids that the rule names, and their neighbours. */
static void named_ids(Walk *w, const SekExpr *e, Ids *out) {
    double number;
    if (w->visits++ > MAX_VISITS)
        return;
    for (uint32_t i = 0; i < e->n_kids; i++)
        named_ids(w, e->kids[i], out);
    if (e->kind != SEK_EXPR_ITEM)
        return;
    w->first = w->first ? w->first : e->item;
    if (!is_about_id(e->item))
        return;
    w->about = w->about ? w->about : e->item;
    for (uint32_t i = 0; i < e->item->n_matches && !out->too_many; i++)
        if (number_of(&e->item->matches[i], &number))
            for (int64_t near = -1; near <= 1; near++)
                add_id(out, (int64_t)number + near);
}

/* The ids of the log source; none when it is open to all. */
static void category_ids(const SekLogSource *source, Ids *out) {
    int service = source->service.len ? sek_service_find(source->service) : -1;
    out->n = 0;
    for (unsigned i = 0; i < sek_n_category_ways && source->category.len; i++) {
        const SekCategoryWay *way = &sek_category_ways[i];
        if (!sek_str_eq_nocase(source->category, sek_str(way->category)) ||
            (service >= 0 && (unsigned)service != way->service))
            continue;
        out->open = out->open || !way->event_ids || !*way->event_ids;
        for (const uint32_t *id = way->event_ids; id && *id; id++)
            add_id(out, *id);
    }
    out->n = out->open ? 0 : out->n;
}

/* --- rules --------------------------------------------------------------------------------- */

static SekStatus warn(SekRuleFile *file, const SekRule *rule, const SekItem *item, const char *why) {
    SekRuleReader reader = {.file = file, .source = item->source.len ? item->source : rule->source, .rule_id = rule->id,
                            .rule_title = rule->title, .base_limit = file->arena.limit};
    return sek_rule_warn(&reader, (SekRulePos){item->line, item->column}, "never-true",
                         "no event can meet the condition of this rule: %s", why);
}

static SekStatus warn_of_category(SekRuleFile *file, const SekRule *rule, const SekItem *item, const Ids *ids) {
    SekBuf why;
    sek_buf_init(&why, WHY_MAX);
    sek_buf_addf(&why, "events of category %s have the event ids", sek_show(rule->logsource.category).text);
    for (uint32_t i = 0; i < ids->n && i < IDS_SHOWN; i++)
        sek_buf_addf(&why, "%s %lld", i ? "," : "", (long long)ids->list[i]);
    sek_buf_adds(&why, ids->n > IDS_SHOWN ? " and others" : "");
    sek_buf_addc(&why, '\0');
    SekStatus status = why.failed ? why.failed : warn(file, rule, item, why.data);
    sek_buf_deinit(&why);
    return status;
}

static SekStatus judge(SekRuleFile *file, const SekRule *rule, Walk *w) {
    Ids named = {0}, ids = {0};
    named_ids(w, rule->condition, &named);
    if (w->visits > MAX_VISITS || !w->first || named.too_many)
        return SEK_OK;
    if (ask(w, rule->condition) == NEVER)
        return warn(file, rule, w->first, "what it asks for, it also excludes");
    category_ids(&rule->logsource, &ids);
    const Ids *asked = ids.n ? &ids : &named;
    if (!w->about || asked->n == 0 || asked->too_many)
        return SEK_OK;
    w->has_id = true;
    for (uint32_t i = 0; i < asked->n; i++) {
        w->visits = 0;
        w->id = asked->list[i];
        if (ask(w, rule->condition) != NEVER)
            return SEK_OK;
    }
    return ids.n ? warn_of_category(file, rule, w->about, &ids)
                 : warn(file, rule, w->about, "no event id is all that it asks of it");
}

SekStatus sek_never_true_check(SekRuleFile *file) {
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < file->n_rules && status == SEK_OK; i++) {
        if (!file->rules[i]->condition)
            continue;
        Walk w = {.assumed = calloc((size_t)file->rules[i]->n_exprs + 1, sizeof *w.assumed)};
        status = w.assumed ? judge(file, file->rules[i], &w) : SEK_ERR_MEMORY;
        free(w.assumed);
    }
    return status;
}
