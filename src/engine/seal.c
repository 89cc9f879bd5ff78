/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/seal.h"

#include "engine/guard.h"

/* Copies in two steps, so that the peak stays low: first what hangs in the memory of the rule files, which
 * is freed then; after that the compiled arrays, each at its exact size. Texts stand one behind the other.
 * After a failure every further copy does nothing. */

#define ROOM (64u * 1024u) /* for texts, taken at once */

typedef struct Seal {
    SekArena arena;
    char *room; /* for further texts */
    size_t left;
    bool failed;
} Seal;

static void *copy(Seal *s, const void *items, size_t n, size_t size) {
    if (s->failed || n == 0)
        return NULL;
    void *kept = sek_arena_alloc(&s->arena, n * size);
    if (kept)
        memcpy(kept, items, n * size);
    s->failed = !kept;
    return kept;
}

#define COPY(s, items, n) copy((s), (items), (n), sizeof *(items))

static SekStr text(Seal *s, SekStr t) {
    if (s->failed || !t.ptr)
        return (SekStr){0};
    if (t.len > ROOM / 4) { /* has a place of its own */
        SekStr kept = sek_arena_dup(&s->arena, t);
        s->failed = !kept.ptr;
        return kept;
    }
    if (t.len >= s->left) {
        s->room = sek_arena_alloc(&s->arena, ROOM);
        s->left = ROOM;
        s->failed = !s->room;
        if (s->failed)
            return (SekStr){0};
    }
    char *kept = s->room;
    memcpy(kept, t.ptr, t.len);
    kept[t.len] = '\0';
    s->room += t.len + 1;
    s->left -= t.len + 1;
    return sek_str_n(kept, t.len);
}

static const SekStr *texts(Seal *s, const SekStr *list, size_t n) {
    SekStr *kept = COPY(s, list, n);
    for (size_t i = 0; i < n && !s->failed; i++)
        kept[i] = text(s, list[i]);
    return kept;
}

/* --- what hangs in the files --------------------------------------------------------------------- */

static void drop_texts(SekRuleInfo *info) {
    info->text = info->description = info->author = (SekStr){0};
    info->n_references = info->n_falsepositives = 0;
}

static void seal_infos(Seal *s, SekRuleset *rules, const SekSealOptions *options) {
    SekRuleInfo *infos = COPY(s, rules->infos, rules->n_rules + 1);
    for (uint32_t i = 0; i < rules->n_rules && !s->failed; i++) {
        SekRuleInfo *info = &infos[i];
        if (options->drop_texts)
            drop_texts(info);
        SekStr *const single[] = {&info->id, &info->title, &info->status, &info->description, &info->author,
                                  &info->category, &info->product, &info->service, &info->source, &info->tests,
                                  &info->text, &info->name};
        for (size_t t = 0; t < sizeof single / sizeof *single; t++)
            *single[t] = text(s, *single[t]);
        info->tags = texts(s, info->tags, info->n_tags);
        info->references = texts(s, info->references, info->n_references);
        info->falsepositives = texts(s, info->falsepositives, info->n_falsepositives);
        info->techniques = texts(s, info->techniques, info->n_techniques);
        info->tactics = texts(s, info->tactics, info->n_tactics);
    }
    rules->infos = infos;
}

static void seal_problems(Seal *s, SekRuleset *rules) {
    SekRuleProblem *problems = COPY(s, rules->problems, rules->n_problems);
    for (uint32_t i = 0; i < rules->n_problems && !s->failed; i++) {
        SekRuleProblem *p = &problems[i];
        p->code = text(s, sek_str(p->code)).ptr; /* an image must not point into the program */
        p->source = text(s, p->source);
        p->rule_id = text(s, p->rule_id);
        p->rule_title = text(s, p->rule_title);
        p->text = text(s, p->text);
    }
    rules->problems = problems;
}

/* The rule reader bounds the depth. */
static const SekCorrExpr *seal_expr(Seal *s, const SekCorrExpr *expr) {
    SekCorrExpr *kept = expr ? COPY(s, expr, 1) : NULL;
    if (!kept)
        return NULL;
    kept->kids = COPY(s, expr->kids, expr->n_kids);
    for (uint32_t i = 0; i < expr->n_kids && !s->failed; i++)
        kept->kids[i] = seal_expr(s, expr->kids[i]);
    return kept;
}

static const SekCorrelation *seal_correlation(Seal *s, const SekCorrelation *c) {
    SekCorrelation *kept = COPY(s, c, 1);
    if (!kept)
        return NULL;
    kept->rules = texts(s, c->rules, c->n_rules);
    kept->places = COPY(s, c->places, c->n_rules);
    kept->group_by = texts(s, c->group_by, c->n_group_by);
    kept->fields = texts(s, c->fields, c->n_fields);
    kept->expr = seal_expr(s, c->expr);
    kept->aliases = NULL; /* are in the taps by now */
    kept->n_aliases = 0;
    kept->group_places = kept->field_places = NULL; /* for checks before building */
    kept->targets = NULL; /* see SekCorrelationRule */
    return kept;
}

static void seal_correlations(Seal *s, SekRuleset *rules) {
    SekCorrelationRule *kept = COPY(s, rules->correlations, rules->n_correlations);
    for (uint32_t i = 0; i < rules->n_correlations && !s->failed; i++) {
        kept[i].targets = COPY(s, kept[i].targets, kept[i].what->n_rules);
        kept[i].what = seal_correlation(s, kept[i].what);
    }
    rules->correlations = kept;
}

/* What predicates other than strings say; strings are compiled wholly. */
static void seal_matches(Seal *s, SekRuleset *rules) {
    for (uint32_t i = 0; i < rules->n_preds && !s->failed; i++) {
        SekPred *pred = &rules->preds[i];
        SekMatch *match = pred->kind != SEK_PRED_GLOB ? COPY(s, pred->match, 1) : NULL;
        if (match) {
            match->patterns = NULL;
            match->n_patterns = 0;
            match->text = text(s, match->text);
        }
        pred->match = match;
        if (pred->regex)
            pred->regex->pattern = match ? match->text : (SekStr){0};
    }
}

/* --- what was compiled --------------------------------------------------------------------------- */

static bool lies_in(SekStr part, SekStr whole) {
    uintptr_t a = (uintptr_t)part.ptr, b = (uintptr_t)whole.ptr;
    return part.ptr && whole.ptr && a >= b && a - b <= whole.len && part.len <= whole.len - (a - b);
}

/* A literal that most often is the predicate's, which was `old`, or a part of it. */
static SekStr shared_text(Seal *s, SekStr wanted, SekStr old, SekStr kept) {
    return lies_in(wanted, old) && kept.ptr ? sek_str_n(kept.ptr + (wanted.ptr - old.ptr), wanted.len) : text(s, wanted);
}

/* `guard` is the predicate's; NULL = it guards nothing. */
static void seal_pred(Seal *s, SekPred *pred, SekProbe *probe, SekGuard *guard) {
    SekStr old = pred->glob.literal, probed = sek_str_n(probe->literal, probe->len);
    pred->glob.literal = text(s, old);
    SekToken *tokens = COPY(s, pred->glob.tokens, pred->glob.n_tokens);
    for (uint32_t i = 0; tokens && i < pred->glob.n_tokens; i++)
        tokens[i].text = text(s, tokens[i].text);
    pred->glob.tokens = tokens;
    if (pred->regex)
        pred->regex = COPY(s, pred->regex, 1);
    SekStr before = guard ? guard->literal : (SekStr){0};
    if (guard)
        guard->literal = shared_text(s, before, old, pred->glob.literal);
    if (probed.ptr)
        probe->literal = guard && lies_in(probed, before) ? shared_text(s, probed, before, guard->literal).ptr
                                                          : shared_text(s, probed, old, pred->glob.literal).ptr;
}

static void seal_fields(Seal *s, SekRuleset *rules) {
    rules->fields = COPY(s, rules->fields, rules->n_fields);
    for (uint32_t i = 0; i < rules->n_fields && !s->failed; i++)
        rules->fields[i].name = text(s, rules->fields[i].name);
    rules->cap_fields = rules->n_fields;
}

static void seal_lists(Seal *s, SekRuleset *rules) {
    rules->codes = COPY(s, rules->codes, rules->n_codes);
    rules->steps = COPY(s, rules->steps, rules->n_codes);
    rules->order = COPY(s, rules->order, rules->n_kids);
    rules->kids = COPY(s, rules->kids, rules->n_kids);
    rules->variants = COPY(s, rules->variants, rules->n_variants);
    for (uint32_t i = 0; i < rules->n_variants && !s->failed; i++)
        rules->variants[i].known = COPY(s, rules->variants[i].known, rules->variants[i].n_known);
    rules->silent = COPY(s, rules->silent, rules->n_rules);
    rules->taps = COPY(s, rules->taps, rules->n_taps);
    rules->guard_sets = COPY(s, rules->guard_sets, rules->n_guard_sets);
    rules->regex_preds = COPY(s, rules->regex_preds, rules->n_regex_preds);
    if (rules->first_reference) {
        rules->references = COPY(s, rules->references, rules->first_reference[rules->n_rules]);
        rules->first_reference = COPY(s, rules->first_reference, rules->n_rules + 1);
    }
    rules->cap_codes = rules->n_codes;
    rules->cap_kids = rules->n_kids;
    rules->cap_variants = rules->n_variants;
    rules->cap_taps = rules->n_taps;
    rules->cap_guard_sets = rules->n_guard_sets;
}

static void seal_compiled(Seal *s, SekRuleset *rules) {
    seal_fields(s, rules);
    rules->preds = COPY(s, rules->preds, rules->n_preds);
    rules->guards = COPY(s, rules->guards, rules->n_guards);
    rules->cap_preds = rules->n_preds;
    rules->probes = COPY(s, rules->probes, rules->n_preds);
    for (uint32_t i = 0, g = 0; i < rules->n_preds && !s->failed; i++) {
        bool guards = g < rules->n_guards && rules->guards[g].pred == i;
        seal_pred(s, &rules->preds[i], &rules->probes[i], guards ? &rules->guards[g++] : NULL);
    }
    seal_lists(s, rules);
}

SekStatus sek_ruleset_seal(SekRuleset *rules, const SekSealOptions *options) {
    Seal s = {0};
    sek_arena_init(&s.arena, 0);
    seal_infos(&s, rules, options);
    seal_problems(&s, rules);
    rules->sources = (SekStr *)(uintptr_t)texts(&s, rules->sources, rules->n_sources);
    seal_correlations(&s, rules);
    seal_matches(&s, rules);
    if (s.failed) {
        sek_arena_deinit(&s.arena);
        return SEK_ERR_MEMORY;
    }
    rules->rules = NULL;
    sek_rulefile_deinit(&rules->file);
    seal_compiled(&s, rules);
    if (s.failed)
        rules->n_regex_preds = 0; /* they may be gone; none was compiled yet */
    sek_arena_deinit(&rules->arena);
    rules->arena = s.arena;
    return s.failed ? SEK_ERR_MEMORY : SEK_OK;
}
