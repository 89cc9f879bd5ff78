/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/split.h"

#include "engine/guard_window.h"

#include <math.h>
#include <stdlib.h>

#define COMMON 5e5 /* values of a million: what is hit more often spares nothing */
#define LENGTH 100 /* bytes of a value, for guessing how often a few of them stand in it */
#define BYTES_MAX ((size_t)1 << 30) /* of what is put together meanwhile */

typedef enum { KEYED, REST } Side;

/* What is being put together. */
typedef struct Draft {
    const SekRuleset *rules;
    const SekGroup *group;
    const SekRecipe *recipe;
    SekCostField *fields; /* one a ruleset field */
    bool *searched;       /* likewise: the group's guards are looked for in it */
    uint32_t *kept;       /* one a predicate: 1 + the number of its guard in the ruleset, where windows are chosen */
    uint32_t *numbers;    /* likewise: 1 + the index in `guards` */
    double *costs;        /* one a node: of the variant and the side that are being looked at, from its first node on */
    uint32_t first;
    bool always;          /* that variant has no guard: it would be asked for each event */
    SekBuf guards;        /* SekGuard */
    SekBuf fresh;         /* one byte a guard: its window is to be chosen */
    SekBuf posts[2];      /* SekPost, by side */
} Draft;

static Side side_of(const Draft *d, uint32_t field) {
    return sek_recipe_keyed(d->recipe, field) ? KEYED : REST;
}

/* Here a single byte is worth searching for. */
static SekGuard guard_of(const Draft *d, uint32_t pred) {
    SekGuard guard = d->kept[pred] ? d->rules->guards[d->kept[pred] - 1] : sek_guard_again(d->rules, pred);
    if (guard.kind == SEK_GUARD_NONE && guard.literal.len == 1)
        guard.kind = SEK_GUARD_LITERAL;
    return guard;
}

/* Short literals, which cost little in a search that has some, by how often their bytes were counted. */
static double short_million(SekStr literal) {
    double share = LENGTH;
    for (size_t i = 0; i < literal.len; i++)
        share *= sek_byte_counts[(uint8_t)literal.ptr[i]] / 1e4;
    return 1e6 * fmin(1, share);
}

/* A field that nothing else is looked for in would be rendered for this alone. */
static double pred_cost(const Draft *d, uint32_t pred, Side side) {
    uint32_t field = d->rules->preds[pred].field;
    if (side_of(d, field) != side || !d->searched[field] || field == SEK_FIELD_ID_KEYWORDS)
        return INFINITY;
    SekGuard guard = guard_of(d, pred);
    if (guard.kind == SEK_GUARD_LITERAL && guard.literal.len < 4)
        return side == REST && d->always ? short_million(guard.literal) : INFINITY;
    return guard.kind == SEK_GUARD_NONE ? INFINITY : sek_guard_million(d->rules->probes[pred].rate);
}

static double kid_cost(const Draft *d, uint32_t kid) {
    return kid < d->first ? INFINITY : d->costs[kid];
}

static double node_cost(const Draft *d, uint32_t node, Side side) {
    const SekCode *code = &d->rules->codes[node];
    const uint32_t *kids = d->rules->kids + code->first;
    if (code->op == SEK_CODE_PRED)
        return pred_cost(d, code->first, side);
    double cost = code->op == SEK_CODE_OR ? 0 : INFINITY;
    for (uint32_t i = 0; i < code->n && code->op != SEK_CODE_NOT; i++) {
        double kid = kid_cost(d, kids[i]);
        cost = code->op == SEK_CODE_OR ? cost + kid : fmin(cost, kid);
    }
    return cost;
}

/* What the variant's set on the side costs, INFINITY when it has none. Children stand before their parents. */
static double variant_cost(Draft *d, uint32_t variant, Side side) {
    uint32_t root = d->rules->variants[variant].code;
    d->first = sek_variant_first(d->rules, variant);
    for (uint32_t node = d->first; node <= root; node++)
        d->costs[node] = node_cost(d, node, side);
    return d->costs[root] < COMMON ? d->costs[root] : INFINITY;
}

static void add_post(Draft *d, uint32_t pred, Side side, uint32_t variant) {
    uint32_t *number = &d->numbers[pred];
    if (*number == 0) {
        SekGuard guard = guard_of(d, pred);
        *number = (uint32_t)(d->guards.len / sizeof guard) + 1;
        sek_buf_add(&d->guards, &guard, sizeof guard);
        sek_buf_addc(&d->fresh, d->kept[pred] == 0);
    }
    SekPost post = {d->rules->preds[pred].field, *number - 1, variant};
    sek_buf_add(&d->posts[side], &post, sizeof post);
}

/* The set whose cost was worked out last. Depth is that of the rule, which its reader bounds. */
static void add_set(Draft *d, uint32_t node, Side side, uint32_t variant) {
    const SekCode *code = &d->rules->codes[node];
    const uint32_t *kids = d->rules->kids + code->first;
    if (code->op == SEK_CODE_PRED) {
        add_post(d, code->first, side, variant);
        return;
    }
    uint32_t best = 0;
    for (uint32_t i = 0; i < code->n; i++) {
        if (code->op == SEK_CODE_OR)
            add_set(d, kids[i], side, variant);
        else if (kid_cost(d, kids[i]) < kid_cost(d, kids[best]))
            best = i;
    }
    if (code->op == SEK_CODE_AND)
        add_set(d, kids[best], side, variant);
}

/* The guards that the variant has in any case; true when all are keyed. */
static bool own_guards_keyed(const Draft *d, const SekVariant *v) {
    for (uint32_t i = 0; i < v->n_guards; i++)
        if (side_of(d, sek_guard_field(d->rules, d->rules->guard_sets[v->first_guard + i])) != KEYED)
            return false;
    return true;
}

/* Those of keyed fields the group's search has. */
static void add_own_guards(Draft *d, uint32_t variant) {
    const SekVariant *v = &d->rules->variants[variant];
    for (uint32_t i = 0; i < v->n_guards; i++) {
        uint32_t guard = d->rules->guard_sets[v->first_guard + i], field = sek_guard_field(d->rules, guard);
        if (side_of(d, field) == REST && field != SEK_FIELD_ID_KEYWORDS)
            add_post(d, d->rules->guards[guard].pred, REST, variant);
    }
}

static void add_variant(Draft *d, uint32_t variant, SekSplit *split) {
    const SekVariant *v = &d->rules->variants[variant];
    d->always = v->n_guards == 0;
    bool own = own_guards_keyed(d, v), rest = !isinf(variant_cost(d, variant, REST));
    if (!rest || (!own && isinf(variant_cost(d, variant, KEYED)))) {
        add_own_guards(d, variant);
        return;
    }
    if (!own) {
        add_set(d, v->code, KEYED, variant);
        (void)variant_cost(d, variant, REST);
    }
    add_set(d, v->code, REST, variant | SEK_POST_OPEN);
    split->filtered[variant >> 6] |= (uint64_t)1 << (variant & 63);
}

static SekStatus begin(Draft *d) {
    const SekRuleset *rules = d->rules;
    sek_buf_init(&d->guards, BYTES_MAX);
    sek_buf_init(&d->fresh, BYTES_MAX);
    sek_buf_init(&d->posts[KEYED], BYTES_MAX);
    sek_buf_init(&d->posts[REST], BYTES_MAX);
    d->fields = malloc(((size_t)rules->n_fields + 1) * sizeof *d->fields);
    d->searched = calloc((size_t)rules->n_fields + 1, sizeof *d->searched);
    d->kept = calloc((size_t)rules->n_preds + 1, sizeof *d->kept);
    d->numbers = calloc((size_t)rules->n_preds + 1, sizeof *d->numbers);
    d->costs = malloc(((size_t)rules->n_codes + 1) * sizeof *d->costs);
    if (!d->fields || !d->searched || !d->kept || !d->numbers || !d->costs)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < rules->n_fields; i++)
        d->fields[i] = sek_cost_field(rules->fields[i].name);
    for (uint32_t i = 0; i < rules->n_guards; i++)
        d->kept[rules->guards[i].pred] = i + 1;
    for (uint32_t i = 0; i < d->group->search.n_fields; i++)
        d->searched[d->group->search.fields[i].field] = true;
    return SEK_OK;
}

static void finish(Draft *d) {
    free(d->fields);
    free(d->searched);
    free(d->kept);
    free(d->numbers);
    free(d->costs);
    sek_buf_deinit(&d->guards);
    sek_buf_deinit(&d->fresh);
    sek_buf_deinit(&d->posts[KEYED]);
    sek_buf_deinit(&d->posts[REST]);
}

static SekStatus build(Draft *d, SekSplit *split) {
    for (uint32_t i = 0; i < d->group->n_variants; i++)
        add_variant(d, d->group->variants[i], split);
    if (d->guards.failed || d->fresh.failed || d->posts[KEYED].failed || d->posts[REST].failed)
        return SEK_ERR_MEMORY;
    SekGuard *guards = (SekGuard *)(void *)d->guards.data;
    SekStatus status = sek_guard_windows(d->rules, d->fields, guards, (uint32_t)d->fresh.len, (const uint8_t *)d->fresh.data);
    for (unsigned side = KEYED; side <= REST && status == SEK_OK; side++)
        status = sek_search_build(guards, (SekPost *)(void *)d->posts[side].data, (uint32_t)(d->posts[side].len / sizeof(SekPost)),
                                  side == KEYED ? &split->keyed : &split->rest);
    return status;
}

SekStatus sek_split_new(const SekRuleset *rules, const SekGroup *group, const SekRecipe *recipe, SekSplit **out) {
    Draft d = {.rules = rules, .group = group, .recipe = recipe};
    SekSplit *split = calloc(1, sizeof *split);
    SekStatus status = begin(&d);
    if (split)
        split->filtered = calloc(((size_t)rules->n_variants >> 6) + 1, sizeof *split->filtered);
    if (!split || !split->filtered)
        status = SEK_ERR_MEMORY;
    if (status == SEK_OK)
        status = build(&d, split);
    finish(&d);
    if (status != SEK_OK) {
        sek_split_free(split);
        return status;
    }
    *out = split;
    return SEK_OK;
}

void sek_split_free(SekSplit *split) {
    if (!split)
        return;
    sek_search_free(&split->keyed);
    sek_search_free(&split->rest);
    free(split->filtered);
    free(split);
}
