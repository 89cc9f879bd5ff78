/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/steps.h"

#include "engine/guard.h"

#include <math.h>
#include <stdlib.h>

/* Costs are relative to comparing eight bytes. */
#define COST_CONTAINS 4.0
#define COST_REGEX 80.0
#define COST_OTHER 10.0
#define CHANCE_UNKNOWN 0.3 /* that a predicate holds of which nothing is known */
#define CHANCE_LEAST 0.0001

typedef struct Guess {
    double cost, chance; /* what asking costs, and how likely the answer is yes */
} Guess;

typedef struct Sorted {
    double key;
    uint32_t kid;
} Sorted;

typedef struct Build {
    SekRuleset *rules;
    Guess *guesses; /* one a code */
    Sorted *sorted; /* scratch: one a kid of the widest code */
} Build;

static Guess guess_pred(const SekRuleset *rules, uint32_t pred) {
    Guess g = {.cost = COST_OTHER, .chance = CHANCE_UNKNOWN};
    if (rules->guards[pred].kind != SEK_GUARD_NONE)
        g.chance = fmin(0.9, (double)rules->guards[pred].million / 1e6);
    switch (rules->probes[pred].kind) {
    case SEK_PROBE_OTHER:
    case SEK_PROBE_NEEDS:
        if (rules->preds[pred].kind == SEK_PRED_REGEX)
            g.cost = COST_REGEX;
        return g;
    case SEK_PROBE_CONTAINS:
        g.cost = COST_CONTAINS;
        return g;
    default:
        g.cost = 1;
        return g;
    }
}

/* The expected cost of asking the kids in this order until one decides. */
static Guess guess_row(const Build *b, const SekCode *code, const uint32_t *kids) {
    bool all = code->op == SEK_CODE_AND;
    Guess g = {0};
    double open = 1; /* chance that nothing has decided yet */
    for (uint32_t i = 0; i < code->n; i++) {
        Guess kid = b->guesses[kids[i]];
        g.cost += open * kid.cost;
        open *= all ? kid.chance : 1 - kid.chance;
    }
    g.chance = all ? open : 1 - open;
    return g;
}

static int by_key(const void *a, const void *b) {
    const Sorted *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->kid < y->kid ? -1 : x->kid > y->kid;
}

/* Sorts by cost for each chance to decide: the best order when the parts are independent of each other. */
static void sort_kids(Build *b, const SekCode *code, uint32_t *kids) {
    for (uint32_t i = 0; i < code->n; i++) {
        Guess g = b->guesses[kids[i]];
        double decides = code->op == SEK_CODE_AND ? 1 - g.chance : g.chance;
        b->sorted[i] = (Sorted){g.cost / fmax(decides, CHANCE_LEAST), kids[i]};
    }
    qsort(b->sorted, code->n, sizeof *b->sorted, by_key);
    for (uint32_t i = 0; i < code->n; i++)
        kids[i] = b->sorted[i].kid;
}

/* True when all kids are probes of one field. */
static bool is_list(const SekRuleset *rules, const SekCode *code, const uint32_t *kids) {
    if (code->op != SEK_CODE_OR)
        return false;
    for (uint32_t i = 0; i < code->n; i++) {
        const SekCode *kid = &rules->codes[kids[i]];
        if (kid->op != SEK_CODE_PRED || rules->probes[kid->first].kind < SEK_PROBE_EQUAL ||
            rules->preds[kid->first].field != rules->preds[rules->codes[kids[0]].first].field)
            return false;
    }
    return code->n > 0;
}

static void build_step(Build *b, uint32_t node) {
    SekRuleset *rules = b->rules;
    const SekCode *code = &rules->codes[node];
    SekStep *step = &rules->steps[node];
    *step = (SekStep){.op = code->op, .first = code->first, .n = code->n};
    if (code->op == SEK_CODE_PRED) {
        b->guesses[node] = guess_pred(rules, code->first);
        return;
    }
    uint32_t *kids = rules->order + code->first;
    if (code->op == SEK_CODE_NOT) {
        b->guesses[node] = (Guess){b->guesses[kids[0]].cost, 1 - b->guesses[kids[0]].chance};
        return;
    }
    sort_kids(b, code, kids);
    b->guesses[node] = guess_row(b, code, kids);
    if (!is_list(rules, code, kids))
        return;
    step->op = SEK_STEP_LIST;
    for (uint32_t i = 0; i < code->n; i++)
        kids[i] = rules->codes[kids[i]].first;
    step->field = rules->preds[kids[0]].field;
}

static uint32_t widest(const SekRuleset *rules) {
    uint32_t n = 1;
    for (uint32_t i = 0; i < rules->n_codes; i++)
        n = rules->codes[i].op != SEK_CODE_PRED && rules->codes[i].n > n ? rules->codes[i].n : n;
    return n;
}

SekStatus sek_steps_build(SekRuleset *rules) {
    Build b = {.rules = rules};
    rules->probes = SEK_ARENA_ARRAY(&rules->arena, SekProbe, rules->n_preds + 1);
    rules->steps = SEK_ARENA_ARRAY(&rules->arena, SekStep, rules->n_codes + 1);
    rules->order = SEK_ARENA_ARRAY(&rules->arena, uint32_t, rules->n_kids + 1);
    b.guesses = malloc((rules->n_codes + 1) * sizeof *b.guesses);
    b.sorted = malloc(widest(rules) * sizeof *b.sorted);
    SekStatus status = SEK_ERR_MEMORY;
    if (rules->probes && rules->steps && rules->order && b.guesses && b.sorted) {
        for (uint32_t i = 0; i < rules->n_preds; i++)
            rules->probes[i] = sek_probe_make(&rules->preds[i], &rules->guards[i]);
        if (rules->n_kids)
            memcpy(rules->order, rules->kids, rules->n_kids * sizeof *rules->order);
        for (uint32_t i = 0; i < rules->n_codes; i++) /* children stand before their parents */
            build_step(&b, i);
        status = SEK_OK;
    }
    free(b.guesses);
    free(b.sorted);
    return status;
}
