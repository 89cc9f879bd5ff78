/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/settle.h"

#include "base/utf.h"

#include <stdlib.h>

#define TEXT_MAX (1u << 20)

struct SekSettler {
    const SekRuleset *rules;
    const SekLineage *lineage;
    SekRegexScratch *regex;
    SekArena arena; /* texts of `process` */
    uint32_t process;
    bool loaded[SEK_N_ANCESTRY];
    SekText *texts[SEK_N_ANCESTRY];
    uint32_t n[SEK_N_ANCESTRY];
    bool cut;         /* it has more ancestors than are listed */
    uint64_t unknown; /* answers that depend on those */
    SekBuf folded;
    const SekVariant *variant; /* that is being decided */
    SekStr bits;
    SekStatus failed;
    uint32_t *gave_up; /* one a predicate */
};

SekStatus sek_settler_new(const SekRuleset *rules, const SekLineage *lineage, SekSettler **out) {
    SekSettler *s = calloc(1, sizeof *s);
    if (!s)
        return SEK_ERR_MEMORY;
    s->rules = rules;
    s->lineage = lineage;
    s->process = SEK_NO_PROCESS;
    sek_arena_init(&s->arena, 0);
    sek_buf_init(&s->folded, TEXT_MAX);
    s->gave_up = calloc((size_t)rules->n_preds + 1, sizeof *s->gave_up);
    if (!s->gave_up || sek_regex_scratch_new(&s->regex) != SEK_OK) {
        sek_settler_free(s);
        return SEK_ERR_MEMORY;
    }
    *out = s;
    return SEK_OK;
}

void sek_settler_free(SekSettler *s) {
    if (!s)
        return;
    sek_regex_scratch_free(s->regex);
    sek_arena_deinit(&s->arena);
    sek_buf_deinit(&s->folded);
    free(s->gave_up);
    free(s);
}

const uint32_t *sek_settler_gave_up(const SekSettler *s) {
    return s->gave_up;
}

uint64_t sek_settler_unknown(const SekSettler *s) {
    return s->unknown;
}

/* --- values ----------------------------------------------------------------------------------- */

static SekStatus add_text(SekSettler *s, SekAncestryField field, SekStr raw) {
    static const char *const names[SEK_N_ANCESTRY] = {"", "AncestorImage", "AncestorCommandLine", "AncestorUser",
                                                      "AncestorDepth", "ProcessTree"};
    sek_buf_clear(&s->folded);
    sek_fold_append(&s->folded, raw);
    char *bytes = sek_arena_alloc(&s->arena, s->folded.len + SEK_TEXT_PAD);
    if (!bytes)
        return SEK_ERR_MEMORY;
    if (s->folded.len)
        memcpy(bytes, s->folded.data, s->folded.len);
    memset(bytes + s->folded.len, 0, SEK_TEXT_PAD);
    SekStr folded = {bytes, s->folded.len};
    s->texts[field][s->n[field]++] = (SekText){.value = {(const uint8_t *)raw.ptr, (uint32_t)raw.len, SEK_VALUE_UTF8},
                                               .raw = raw, .folded = folded, .name = sek_str(names[field]),
                                               .head = sek_text_head(folded), .tail = sek_text_tail(folded)};
    return SEK_OK;
}

static SekStr text_of(const SekProcess *p, SekAncestryField field) {
    return field == SEK_ANCESTRY_IMAGE ? p->image : field == SEK_ANCESTRY_COMMAND_LINE ? p->command_line : p->user;
}

/* One text made of `bytes`. */
static SekStatus add_made(SekSettler *s, SekAncestryField field, const char *bytes, size_t len) {
    SekStr kept = sek_arena_dup(&s->arena, sek_str_n(bytes, len));
    return kept.ptr ? add_text(s, field, kept) : SEK_ERR_MEMORY;
}

static SekStatus load(SekSettler *s, SekAncestryField field) {
    SekAncestor list[SEK_MAX_ANCESTORS];
    char id[SEK_TREE_ID];
    s->n[field] = 0;
    s->texts[field] = SEK_ARENA_ARRAY(&s->arena, SekText, SEK_MAX_ANCESTORS);
    if (!s->texts[field])
        return SEK_ERR_MEMORY;
    if (s->process == SEK_NO_PROCESS)
        return SEK_OK;
    if (field == SEK_ANCESTRY_TREE)
        return add_made(s, field, id, sek_lineage_tree_id(s->lineage, s->process, id));
    uint32_t n = sek_lineage_ancestors(s->lineage, s->process, list, &s->cut);
    if (field == SEK_ANCESTRY_DEPTH) {
        SekBuf depth;
        sek_buf_init(&depth, sizeof id);
        sek_buf_addf(&depth, "%u", n ? list[n - 1].depth : 0); /* nearest first: the last is the farthest */
        SekStatus status = add_made(s, field, depth.data, depth.len);
        sek_buf_deinit(&depth);
        return status;
    }
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < n && status == SEK_OK; i++) {
        SekProcess p = sek_lineage_process(s->lineage, list[i].process);
        SekStr text = text_of(&p, field);
        if (text.len)
            status = add_text(s, field, text);
    }
    return status;
}

SekStatus sek_settler_texts(SekSettler *s, uint32_t process, SekAncestryField field, SekText **out, uint32_t *out_n) {
    if (process != s->process) {
        sek_arena_reset(&s->arena);
        memset(s->loaded, 0, sizeof s->loaded);
        s->process = process;
        s->cut = false;
    }
    if (!s->loaded[field] && load(s, field) != SEK_OK)
        return SEK_ERR_MEMORY;
    s->loaded[field] = true;
    *out = s->texts[field];
    *out_n = s->n[field];
    return SEK_OK;
}

uint32_t sek_settler_find(const SekSettler *s, const SekProcessKey *key) {
    return sek_lineage_find(s->lineage, key);
}

/* --- conditions ------------------------------------------------------------------------------- */

static bool text_matches(SekSettler *s, const SekPred *pred, const SekText *text) {
    switch (pred->kind) {
    case SEK_PRED_GLOB:
        return sek_glob_matches(&pred->glob, pred->cased ? text->raw : text->folded);
    case SEK_PRED_REGEX:
        return sek_regex_found(pred->regex, s->regex, text->raw, &s->gave_up[pred - s->rules->preds]);
    default:
        return sek_pred_plain(pred, text->folded);
    }
}

/* The first value that makes the predicate true; NULL when none does. */
static const SekText *first_match(SekSettler *s, const SekPred *pred) {
    SekText *texts;
    uint32_t n;
    SekAncestryField field = (SekAncestryField)s->rules->fields[pred->field].ancestry;
    if (sek_settler_texts(s, s->process, field, &texts, &n) != SEK_OK) {
        s->failed = SEK_ERR_MEMORY;
        return NULL;
    }
    for (uint32_t i = 0; i < n; i++)
        if (pred->kind == SEK_PRED_EXISTS || text_matches(s, pred, &texts[i]))
            return &texts[i];
    return NULL;
}

/* What it means that no value fits: where ancestors were cut off, one of theirs might. */
static SekTruth none_fits(const SekSettler *s, const SekPred *pred, SekTruth otherwise) {
    return s->cut && s->rules->fields[pred->field].ancestry != SEK_ANCESTRY_TREE ? SEK_UNKNOWN : otherwise;
}

/* What the depth that is listed says where there are more ancestors: the true one is at least as large. */
static SekTruth of_least_depth(const SekPred *pred, bool listed_fits) {
    if (pred->kind == SEK_PRED_GLOB || pred->match->kind != SEK_MATCH_COMPARE)
        return SEK_UNKNOWN;
    bool grows = pred->match->op == SEK_OP_GT || pred->match->op == SEK_OP_GTE;
    return listed_fits == grows ? (grows ? SEK_YES : SEK_NO) : SEK_UNKNOWN;
}

static SekTruth ask(void *user, uint32_t number) {
    SekSettler *s = user;
    const SekPred *pred = &s->rules->preds[number];
    if (!sek_pred_deferred(s->rules, number))
        return sek_defer_answer(s->variant, s->bits, number);
    bool presence = pred->kind == SEK_PRED_EXISTS || pred->kind == SEK_PRED_NULL;
    if (s->cut && !presence && s->rules->fields[pred->field].ancestry == SEK_ANCESTRY_DEPTH)
        return of_least_depth(pred, first_match(s, pred) != NULL);
    if (pred->kind == SEK_PRED_EXISTS) {
        SekTruth found = pred->match->flag ? SEK_YES : SEK_NO, missing = pred->match->flag ? SEK_NO : SEK_YES;
        return first_match(s, pred) ? found : none_fits(s, pred, missing);
    }
    if (pred->kind == SEK_PRED_NULL) { /* values of ancestry are never empty */
        const SekPred exists = {.field = pred->field, .kind = SEK_PRED_EXISTS};
        return first_match(s, &exists) ? SEK_NO : none_fits(s, pred, SEK_YES);
    }
    return first_match(s, pred) ? SEK_YES : none_fits(s, pred, SEK_NO);
}

SekStatus sek_settler_holds(SekSettler *s, const SekVariant *variant, SekStr bits, uint32_t process, bool *out) {
    SekText *texts;
    uint32_t n;
    s->failed = sek_settler_texts(s, process, SEK_ANCESTRY_DEPTH, &texts, &n); /* makes it the current one */
    s->variant = variant;
    s->bits = bits;
    if (s->failed != SEK_OK)
        return s->failed;
    SekTruth truth = sek_truth(s->rules, variant->code, ask, s);
    *out = truth == SEK_YES;
    s->unknown += truth == SEK_UNKNOWN;
    return s->failed;
}

/* --- hits ------------------------------------------------------------------------------------- */

typedef struct Matched {
    SekPair *pairs;
    uint32_t n, cap;
} Matched;

static void add_pair(Matched *m, SekStr field, SekStr value) {
    for (uint32_t i = 0; i < m->n; i++)
        if (sek_str_eq(m->pairs[i].field, field) && sek_str_eq(m->pairs[i].value, value))
            return;
    if (m->n < m->cap)
        m->pairs[m->n++] = (SekPair){field, value};
}

/* Adds what of ancestry makes `node` true; nothing under `not`. */
static void collect(SekSettler *s, uint32_t node, Matched *m) {
    const SekCode *code = &s->rules->codes[node];
    if (code->op == SEK_CODE_NOT || sek_truth(s->rules, node, ask, s) != SEK_YES)
        return;
    for (uint32_t i = 0; code->op != SEK_CODE_PRED && i < code->n; i++)
        collect(s, s->rules->kids[code->first + i], m);
    if (code->op != SEK_CODE_PRED || !sek_pred_deferred(s->rules, code->first))
        return;
    const SekText *text = first_match(s, &s->rules->preds[code->first]);
    if (text)
        add_pair(m, text->name, text->raw);
}

static SekStatus add_matched(SekSettler *s, SekArena *arena, const SekVariant *variant, SekHitRule *rule) {
    Matched m = {.cap = rule->n_matched + SEK_MATCHED_PAIRS};
    m.pairs = SEK_ARENA_ARRAY(arena, SekPair, m.cap);
    if (!m.pairs)
        return SEK_ERR_MEMORY;
    if (rule->n_matched)
        memcpy(m.pairs, rule->matched, rule->n_matched * sizeof *m.pairs);
    m.n = rule->n_matched;
    collect(s, variant->code, &m);
    for (uint32_t i = rule->n_matched; i < m.n; i++) { /* the settler's texts last until the next process */
        m.pairs[i].value = sek_arena_dup(arena, m.pairs[i].value);
        if (!m.pairs[i].value.ptr)
            return SEK_ERR_MEMORY;
    }
    rule->matched = m.pairs;
    rule->n_matched = m.n;
    return s->failed;
}

/* Lists the ancestors for outputs. */
static SekStatus add_ancestors(const SekSettler *s, SekArena *arena, uint32_t process, SekFindingEvent *event) {
    SekAncestor list[SEK_MAX_ANCESTORS];
    char id[SEK_TREE_ID];
    uint32_t n = sek_lineage_ancestors(s->lineage, process, list, &event->ancestors_cut);
    SekAncestorInfo *infos = SEK_ARENA_ARRAY(arena, SekAncestorInfo, (size_t)n + 1);
    event->process_tree = sek_arena_dup(arena, sek_str_n(id, sek_lineage_tree_id(s->lineage, process, id)));
    if (!infos || !event->process_tree.ptr)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < n; i++) {
        SekProcess p = sek_lineage_process(s->lineage, list[i].process);
        infos[i] = (SekAncestorInfo){.image = p.image, .command_line = p.command_line, .user = p.user,
                                     .pid = p.pid, .time = p.start, .depth = list[i].depth,
                                     .inferred = list[i].inferred, .why = sek_cause_text(list[i].reason)};
    }
    event->ancestors = infos;
    event->n_ancestors = n;
    return SEK_OK;
}

/* A rule that may match an event may also match a layer of it: it counts once. */
static bool is_listed(const SekHitRule *list, uint32_t n, uint32_t rule) {
    for (uint32_t i = 0; i < n; i++)
        if (list[i].rule == rule)
            return true;
    return false;
}

SekStatus sek_settle_hit(SekSettler *s, SekArena *arena, SekHit *hit) {
    uint32_t kept = 0, process = SEK_NO_PROCESS;
    SekHitRule *list = SEK_ARENA_ARRAY(arena, SekHitRule, (size_t)hit->n_rules + 1);
    if (!list)
        return SEK_ERR_MEMORY;
    if (hit->has_process) {
        hit->process.host = hit->event.computer;
        hit->process.time = hit->key.time;
        process = sek_lineage_find(s->lineage, &hit->process);
    }
    for (uint32_t i = 0; i < hit->n_rules; i++) {
        bool holds = !(hit->rules[i].pending && is_listed(list, kept, hit->rules[i].rule));
        list[kept] = hit->rules[i];
        if (holds && list[kept].pending) {
            const SekVariant *variant = &s->rules->variants[list[kept].variant];
            SekStatus status = sek_settler_holds(s, variant, list[kept].bits, process, &holds);
            if (status == SEK_OK && holds)
                status = add_matched(s, arena, variant, &list[kept]);
            if (status != SEK_OK)
                return status;
        }
        kept += holds;
    }
    hit->rules = list;
    hit->n_rules = kept;
    return process == SEK_NO_PROCESS || kept == 0 ? SEK_OK : add_ancestors(s, arena, process, &hit->event);
}
