/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/scanner.h"

#include "engine/candidates.h"
#include "engine/defer.h"
#include "engine/explain.h"
#include "engine/matched.h"
#include "engine/raw_event.h"
#include "engine/recall.h"
#include "engine/route.h"
#include "engine/settle.h"
#include "engine/told.h"

#include <stdlib.h>

#define BITS_MAX (1u << 20) /* answers of one variant; a rule file holds fewer predicates */
#define OPEN_WORDS (1 + SEK_REST_NODES) /* of a variant that is open, at most: the first is its number, shifted, and */
#define OPEN_NODES 3u                   /* how many nodes follow */
#define OPEN_FILTERED 4u                /* it is asked only when it is opened */
#define OPEN_SHIFT 3
_Static_assert(SEK_REST_NODES <= OPEN_NODES, "they are counted in two bits");

struct SekScanner {
    const SekRuleset *rules;
    SekRouter *router;
    SekEvaluate evaluate;
    SekRecall *recall;
    SekTold *told;
    const SekRecipe *matched; /* the last event's, if its answer is kept; else NULL */
    bool recalled;            /* its answer was there */
    bool whole;               /* what matched was told without limits */
    const SekEvent *event; /* the last */
    SekRoute route;        /* its way; the group for the time of one call */
    uint32_t *matches;
    SekCandidates candidates;
    uint32_t *open; /* variants that the key leaves open, with what is left of their conditions: see learn */
    SekProcessReader *processes; /* NULL = events have no ancestry */
    SekSettler *settler;         /* NULL = ancestry is deferred */
    bool asked;           /* for the process of the event */
    bool has_process;
    SekProcessKey process;
    SekArena promise;     /* what groups hold for it */
    SekBuf bits;
    bool brute_force;
};

SekStatus sek_scanner_new(const SekRuleset *rules, SekScanner **out) {
    SekScanner *s = calloc(1, sizeof *s);
    if (!s)
        return SEK_ERR_MEMORY;
    s->rules = rules;
    s->matches = calloc(rules->n_variants + 1, sizeof *s->matches);
    s->open = malloc(((size_t)rules->n_variants + 1) * OPEN_WORDS * sizeof *s->open);
    sek_arena_init(&s->promise, 0);
    sek_buf_init(&s->bits, BITS_MAX);
    bool ok = s->matches && s->open && sek_router_new(rules, &s->router) == SEK_OK &&
              sek_recall_new(rules, &s->recall) == SEK_OK && sek_told_new(&s->told) == SEK_OK &&
              sek_evaluate_init(&s->evaluate, rules) == SEK_OK &&
              sek_candidates_init(&s->candidates, &s->evaluate) == SEK_OK;
    if (!ok) {
        sek_scanner_free(s);
        return SEK_ERR_MEMORY;
    }
    *out = s;
    return SEK_OK;
}

void sek_scanner_free(SekScanner *s) {
    if (!s)
        return;
    sek_router_free(s->router);
    sek_candidates_deinit(&s->candidates);
    sek_evaluate_deinit(&s->evaluate);
    sek_recall_free(s->recall);
    sek_told_free(s->told);
    free(s->matches);
    free(s->open);
    sek_arena_deinit(&s->promise);
    sek_buf_deinit(&s->bits);
    free(s);
}

const uint32_t *sek_scanner_gave_up(const SekScanner *s) {
    return s->evaluate.gave_up;
}

/* --- ancestry ---------------------------------------------------------------------------------- */

void sek_scanner_defer(SekScanner *s, SekProcessReader *reader) {
    s->processes = reader;
}

void sek_scanner_settle(SekScanner *s, SekProcessReader *reader, SekSettler *settler) {
    s->processes = reader;
    s->settler = settler;
}

/* What stands in the place of ancestry: the values, where they are known, or a promise of them. */
static SekStatus tell_ancestry(SekScanner *s) {
    SekFieldsAncestry ancestry = {0};
    SekStatus status = SEK_OK;
    if (s->settler) {
        uint32_t process = sek_settler_find(s->settler, &s->process);
        for (unsigned i = 1; i < SEK_N_ANCESTRY && status == SEK_OK; i++)
            status = sek_settler_texts(s->settler, process, (SekAncestryField)i, &ancestry.texts[i],
                                       &ancestry.n_texts[i]);
    } else {
        sek_arena_reset(&s->promise);
        ancestry.promise = sek_settle_promise(&s->promise, &s->process);
        status = ancestry.promise.ptr ? SEK_OK : SEK_ERR_MEMORY;
    }
    sek_fields_ancestry(s->evaluate.fields, &ancestry);
    return status;
}

/* Asked at most once an event, and only when something needs it. */
const SekProcessKey *sek_scanner_process(SekScanner *s) {
    if (s->processes && !s->asked) {
        SekStatus status = sek_process_of(s->processes, s->event, &s->process);
        s->asked = true;
        s->has_process = status == SEK_OK;
        if (s->has_process)
            status = tell_ancestry(s);
        if (status == SEK_ERR_MEMORY)
            s->evaluate.failed = SEK_ERR_MEMORY;
    }
    return s->has_process ? &s->process : NULL;
}

static SekTruth ask(void *user, uint32_t pred) {
    SekScanner *s = user;
    if (sek_pred_deferred(s->rules, pred))
        return SEK_UNKNOWN;
    return sek_evaluate_pred(&s->evaluate, pred) ? SEK_YES : SEK_NO;
}

/* Only where ancestry is tested, and the event is about a process, can anything be unknown. */
static SekTruth truth(SekScanner *s, uint32_t variant, uint32_t node) {
    if (s->rules->variants[variant].deferred && sek_scanner_process(s) && !s->settler)
        return sek_truth(s->rules, node, ask, s);
    return sek_evaluate_node(&s->evaluate, node) ? SEK_YES : SEK_NO;
}

bool sek_scanner_may(SekScanner *s, uint32_t variant) {
    const SekVariant *v = &s->rules->variants[variant];
    return v->deferred && truth(s, variant, v->code) == SEK_UNKNOWN;
}

bool sek_scanner_pending(SekScanner *s, uint32_t variant, SekStr *out_bits) {
    if (!sek_scanner_may(s, variant))
        return false;
    sek_buf_clear(&s->bits);
    sek_defer_pack(&s->rules->variants[variant], ask, s, &s->bits);
    if (s->bits.failed)
        s->evaluate.failed = SEK_ERR_MEMORY;
    *out_bits = sek_buf_str(&s->bits);
    return true;
}

/* --- matching ---------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

SekStatus sek_scanner_start(SekScanner *s, const SekEvent *event) {
    sek_candidates_start(&s->candidates);
    s->event = event;
    s->matched = NULL;
    s->asked = s->has_process = false;
    return sek_evaluate_start(&s->evaluate, event);
}

bool sek_scanner_leads(SekScanner *s, const SekEvent *event, uint32_t variant) {
    return sek_route_leads(s->router, event, &s->rules->variants[variant].way);
}

/* Adds the candidates that match to the `n` variants that do so far; returns how many there are then. */
static uint32_t evaluate_candidates(SekScanner *s, uint32_t n) {
    const SekCandidates *c = &s->candidates;
    for (uint32_t i = 0; i < c->n; i++)
        if (truth(s, c->list[i], s->rules->variants[c->list[i]].code) != SEK_NO)
            s->matches[n++] = c->list[i];
    return n;
}

/* --- what can be recalled ------------------------------------------------------------------------ */

/* Names the variants that have a guard of the search in a keyed field. */
static SekStatus choose_by_search(SekScanner *s, const SekSearch *search, const SekRecipe *recipe, bool *listed) {
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < search->n_fields && status == SEK_OK && *listed; i++)
        if (sek_recipe_keyed(recipe, search->fields[i].field))
            status = sek_candidates_by_field(&s->candidates, search, &search->fields[i], listed);
    return status;
}

/* Names the variants that have a guard in a keyed field, or none. */
static SekStatus choose_keyed(SekScanner *s, const SekGroup *group, const SekRecipe *recipe) {
    bool listed = true;
    sek_candidates_choose(&s->candidates, group->always, group->n_always);
    SekStatus status = choose_by_search(s, &group->search, recipe, &listed);
    if (status == SEK_OK && recipe->split)
        status = choose_by_search(s, &recipe->split->keyed, recipe, &listed);
    if (!listed)
        sek_candidates_choose(&s->candidates, group->variants, group->n_variants);
    return status;
}

/* Writes an open variant and what is left of its condition: its number, whether it is asked only when it is opened, and how
 * many nodes follow, none of them when the whole must be asked. Returns how many words that took. */
static uint32_t write_open(const SekScanner *s, uint32_t variant, const SekRecipe *recipe, const SekRest *rest, uint32_t *out) {
    uint32_t n = rest->n > SEK_REST_NODES || s->rules->variants[variant].deferred ? 0 : rest->n;
    out[0] = variant << OPEN_SHIFT | (sek_split_filters(recipe->split, variant) ? OPEN_FILTERED : 0) | n;
    memcpy(out + 1, rest->nodes, n * sizeof *out);
    return 1 + n;
}

static bool rest_holds(SekScanner *s, const uint32_t *nodes, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (!sek_evaluate_node(&s->evaluate, nodes[i]))
            return false;
    return true;
}

/* Open variants are asked as such, whatever guard of theirs is hit. */
static void leave_open(SekScanner *s, const SekRecalled *known) {
    for (uint32_t i = 0; i < known->n_open; i += 1 + (known->open[i] & OPEN_NODES))
        sek_candidates_leave(&s->candidates, known->open[i] >> OPEN_SHIFT);
}

/* Evaluates the open variants; adds those that match to the `n` that do. */
static void evaluate_open(SekScanner *s, const SekRecalled *known, uint32_t *n) {
    for (const uint32_t *at = known->open, *end = at + known->n_open; at < end;) {
        uint32_t variant = *at >> OPEN_SHIFT, n_nodes = *at & OPEN_NODES;
        bool asked = !(*at & OPEN_FILTERED) || sek_candidates_opened(&s->candidates, variant);
        const uint32_t *nodes = at + 1;
        at = nodes + n_nodes;
        if (asked && (n_nodes ? rest_holds(s, nodes, n_nodes) : truth(s, variant, s->rules->variants[variant].code) != SEK_NO))
            s->matches[(*n)++] = variant;
    }
}

/* Works out the answer: of the candidates those that match for sure become matches; those that are open are listed. */
static SekStatus learn(SekScanner *s, const SekGroup *group, SekRecalled *known, uint32_t *n) {
    const SekSearchField *keywords = sek_group_words(group);
    SekStatus status = choose_keyed(s, group, known->recipe);
    uint32_t n_open = 0;
    for (uint32_t i = 0; i < s->candidates.n && status == SEK_OK; i++) {
        uint32_t variant = s->candidates.list[i];
        SekRest rest;
        SekTruth truth = sek_evaluate_keyed(&s->evaluate, s->rules->variants[variant].code, known->recipe, &rest);
        if (truth == SEK_YES)
            s->matches[(*n)++] = variant;
        else if (truth == SEK_UNKNOWN)
            n_open += write_open(s, variant, known->recipe, &rest, s->open + n_open);
    }
    s->candidates.n = 0;
    known->sure = s->matches;
    known->n_sure = *n;
    known->open = s->open;
    known->n_open = n_open;
    known->words = keywords && !sek_candidates_quiet(&s->candidates, group, s->event);
    if (status == SEK_OK && s->evaluate.failed == SEK_OK && !s->evaluate.gave_up_now) /* that is counted each time */
        sek_recall_keep(s->recall, known);
    return status;
}

static void take(SekScanner *s, const SekRecalled *known, uint32_t *n) {
    for (uint32_t i = 0; i < known->n_sure; i++) {
        sek_candidates_leave(&s->candidates, known->sure[i]);
        s->matches[(*n)++] = known->sure[i];
    }
}

/* True when no keyword can be in a value that is not in the key. */
static bool no_word_left(SekScanner *s, const SekGroup *group, const SekRecipe *recipe) {
    if (group->n_raw == 0 || !s->route.no_words || !sek_recipe_fits(recipe, s->event))
        return sek_candidates_quiet(&s->candidates, group, s->event);
    return !sek_raw_event_rest_hits(group->raw, group->n_raw, s->event, recipe);
}

/* Names the variants that have a guard in what is not in the key. `quiet`: no keyword can be in it. */
static SekStatus choose_rest(SekScanner *s, const SekGroup *group, const SekRecalled *known, bool quiet) {
    const SekSearchField *keywords = sek_group_words(group);
    SekStatus status = SEK_OK;
    bool listed = true;
    if (keywords && (known->words ? !sek_candidates_quiet(&s->candidates, group, s->event) : !quiet))
        status = sek_candidates_by_words(&s->candidates, group, &listed);
    const SekSplit *split = known->recipe->split;
    const SekSearch *search = split ? &split->rest : &group->search;
    for (uint32_t i = 0; i < (split ? search->n_fields : known->recipe->n_open) && status == SEK_OK && listed; i++) {
        uint32_t field = split ? i : known->recipe->open[i];
        status = sek_candidates_by_field(&s->candidates, search, &search->fields[field], &listed);
    }
    if (!listed)
        sek_candidates_choose(&s->candidates, group->variants, group->n_variants);
    return status;
}

static SekStatus match_guarded(SekScanner *s, const SekGroup *group, uint32_t *n) {
    SekRecalled known;
    const SekRecipe *recipe;
    const SekSearchField *keywords = sek_group_words(group);
    SekStatus status = sek_recall_begin(s->recall, group, s->event, s->evaluate.fields, &recipe);
    if (status != SEK_OK)
        return status;
    bool quiet = recipe && keywords && no_word_left(s, group, recipe);
    status = sek_recall_find(s->recall, group, s->event, s->evaluate.fields, &known);
    if (status == SEK_ERR_MEMORY)
        return status;
    s->recalled = status == SEK_OK;
    if (status == SEK_OK)
        take(s, &known, n);
    else if (known.recipe)
        status = learn(s, group, &known, n);
    else
        status = sek_candidates_all(&s->candidates, group, s->event);
    if (status == SEK_OK && known.recipe) {
        leave_open(s, &known);
        status = choose_rest(s, group, &known, quiet);
        if (status == SEK_OK)
            evaluate_open(s, &known, n);
    }
    if (status == SEK_OK)
        *n = evaluate_candidates(s, *n);
    s->matched = sek_recall_answer(s->recall) ? known.recipe : NULL;
    return status;
}

SekStatus sek_scanner_match(SekScanner *s, const SekEvent *event, const uint32_t **out_variants,
                            uint32_t *out_n) {
    *out_n = 0;
    *out_variants = s->matches;
    s->matched = NULL;
    SekStatus status = sek_route(s->router, event, &s->route);
    const SekGroup *group = s->route.group;
    if (status != SEK_OK || group->n_variants == 0)
        return status;
    status = sek_scanner_start(s, event);
    if (status != SEK_OK)
        return status;
    if (s->brute_force) {
        sek_candidates_choose(&s->candidates, group->variants, group->n_variants);
        *out_n = evaluate_candidates(s, 0);
    } else {
        status = match_guarded(s, group, out_n);
    }
    if (*out_n > 1)
        qsort(s->matches, *out_n, sizeof *s->matches, by_number);
    return status == SEK_OK ? s->evaluate.failed : status;
}

void sek_scanner_brute_force(SekScanner *s) {
    s->brute_force = true;
}

typedef struct Asked {
    SekScanner *scanner;
    uint32_t variant;
} Asked;

static bool node_holds(void *user, uint32_t node) {
    return sek_evaluate_node(user, node);
}

static bool node_may_hold(void *user, uint32_t node) {
    const Asked *asked = user;
    return truth(asked->scanner, asked->variant, node) != SEK_NO;
}

uint64_t sek_scanner_answer(const SekScanner *s) {
    return s->matched && s->recalled ? sek_recall_answer(s->recall) : 0;
}

bool sek_scanner_keyed(const SekScanner *s, const SekField *field) {
    for (uint32_t i = 0; s->matched && field->kind == SEK_FIELD_SLOT && i < s->matched->n_places; i++)
        if (s->matched->places[i].part == field->part && s->matched->places[i].slot == field->slot)
            return true;
    return false;
}

/* Works out what matched, and keeps where it stands when the answer is one that comes again. */
static void collect_matched(SekScanner *s, uint32_t variant, SekMatched *matched) {
    s->evaluate.gave_up_now = false;
    sek_matched_collect(matched, s->rules->variants[variant].code);
    SekBeside beside;
    bool keyed = s->matched && sek_beside_find(s->rules, s->evaluate.fields, s->matched, variant, &beside) && beside.n == 0;
    if (keyed && matched->places_fit && matched->n < matched->max && s->evaluate.failed == SEK_OK && !s->evaluate.gave_up_now)
        sek_told_keep(s->told, sek_recall_answer(s->recall), variant, matched->places, matched->n);
}

SekStatus sek_scanner_matched(SekScanner *s, uint32_t variant, SekPair *out, uint32_t max, uint32_t *out_n) {
    Asked asked = {s, variant};
    SekMatched matched = {.evaluate = &s->evaluate, .may_hold = node_may_hold, .user = &asked,
                          .deferred = s->processes && !s->settler, .out = out, .max = max};
    uint32_t n;
    const SekMatchedPlace *known = s->matched ? sek_told_find(s->told, sek_recall_answer(s->recall), variant, &n) : NULL;
    s->evaluate.failed = SEK_OK;
    if (known)
        sek_matched_again(&matched, known, n);
    else
        collect_matched(s, variant, &matched);
    *out_n = matched.n;
    s->whole = known || (matched.n < max && !s->evaluate.gave_up_now);
    return s->evaluate.failed;
}

bool sek_scanner_beside(SekScanner *s, uint32_t variant, SekBeside *out) {
    return s->matched && s->whole && sek_beside_find(s->rules, s->evaluate.fields, s->matched, variant, out);
}

SekStatus sek_scanner_explain(SekScanner *s, uint32_t variant, SekBuf *out) {
    SekExplain explain = {.rules = s->rules, .fields = s->evaluate.fields, .holds = node_holds, .user = &s->evaluate,
                          .text = s->rules->infos[s->rules->variants[variant].rule].text};
    s->evaluate.failed = SEK_OK;
    (void)sek_scanner_process(s); /* makes ancestry known */
    sek_explain_node(&explain, s->rules->variants[variant].code, 1, out);
    return out->failed == SEK_ERR_MEMORY ? SEK_ERR_MEMORY : s->evaluate.failed;
}

SekStatus sek_scanner_feed(SekScanner *s, uint32_t variant, SekFeed *feed, const SekFeedEvent *event) {
    if (s->rules->ancestry)
        (void)sek_scanner_process(s); /* groups may ask for it */
    return sek_feed_variant(feed, s->rules, &s->rules->variants[variant], s->evaluate.fields, *event);
}
