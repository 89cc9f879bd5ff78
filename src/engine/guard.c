/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/guard.h"

#include "base/pool.h"
#include "base/utf.h"
#include "engine/guard_cost.h"
#include "engine/guard_window.h"

#include <math.h>
#include <stdlib.h>

#define SHORTEST 2         /* bytes of a literal that is worth searching for */
#define SHARE 2048u        /* predicates that a thread takes at once */

/* --- the guard of one predicate ------------------------------------------------------------- */

static SekStr longest_literal(const SekGlob *glob) {
    SekStr best = {0};
    for (uint32_t i = 0; i < glob->n_tokens; i++)
        if (glob->tokens[i].kind == SEK_TOKEN_LITERAL && glob->tokens[i].text.len > best.len)
            best = glob->tokens[i].text;
    return best;
}

static bool is_name(SekStr ending) {
    return ending.len > 1 && ending.ptr[0] == '\\' && memchr(ending.ptr + 1, '\\', ending.len - 1) == NULL;
}

static SekGuard glob_guard(const SekGlob *glob) {
    SekStr literal = glob->kind == SEK_GLOB_GENERAL ? longest_literal(glob) : glob->literal;
    if (glob->kind == SEK_GLOB_EQUAL)
        return (SekGuard){.kind = SEK_GUARD_EQUAL, .literal = literal};
    if (glob->kind == SEK_GLOB_PRESENT || literal.len < SHORTEST)
        return (SekGuard){.literal = literal};
    if (glob->kind == SEK_GLOB_ENDS && is_name(literal))
        return (SekGuard){.kind = SEK_GUARD_NAME, .literal = {literal.ptr + 1, literal.len - 1}};
    return (SekGuard){.kind = SEK_GUARD_LITERAL, .literal = literal};
}

/* The literal run being read in an expression, and the longest that is complete. */
typedef struct Run {
    char *best, *now;
    size_t n_best, n_now;
} Run;

/* How often the bytes of a short run stand in values, each as a share of 10,000. */
static double commonness(const char *text, size_t n) {
    double product = 1;
    for (size_t i = 0; i < n; i++)
        product *= sek_byte_counts[(uint8_t)text[i]] / 1e4;
    return product;
}

/* Longer runs are better; of those too short for a window, the rarer. */
static bool better_run(const Run *run) {
    if (run->n_now == 0 || run->n_best == 0 || run->n_now >= 4 || run->n_best >= 4)
        return run->n_now > run->n_best;
    return commonness(run->now, run->n_now) < commonness(run->best, run->n_best);
}

static void end_run(Run *run) {
    if (better_run(run)) {
        memcpy(run->best, run->now, run->n_now);
        run->n_best = run->n_now;
    }
    run->n_now = 0;
}

/* Skips a class or group that begins at `i`; returns the index behind it. */
static size_t skip_bracket(SekStr re, size_t i) {
    if (re.ptr[i] == '[') {
        size_t at = i + 1;
        if (at < re.len && re.ptr[at] == '^')
            at++;
        if (at < re.len && re.ptr[at] == ']')
            at++;
        for (; at < re.len && re.ptr[at] != ']'; at++)
            at += re.ptr[at] == '\\';
        return at + 1;
    }
    int depth = 0;
    for (; i < re.len; i++) {
        if (re.ptr[i] == '\\') {
            i++;
        } else if (re.ptr[i] == '[') {
            i = skip_bracket(re, i) - 1;
        } else {
            depth += (re.ptr[i] == '(') - (re.ptr[i] == ')');
            if (depth == 0)
                return i + 1;
        }
    }
    return i;
}

static bool is_quantifier(char c) {
    return c == '?' || c == '*' || c == '{';
}

/* Escapes that take more characters, or change what follows. */
static bool is_odd_escape(char c) {
    return c && strchr("cgkxoNpPuUQEXzZAGRKh", c);
}

/* Where the content of the group that begins at `i` and ends before `end` begins, if its characters can be read as if they
 * stood outside: each match has the content once at least, behind what stands before the group. Else 0. */
static size_t plain_group(SekStr re, size_t i, size_t end) {
    bool special = i + 1 < re.len && (re.ptr[i + 1] == '?' || re.ptr[i + 1] == '*');
    size_t start = special ? i + 3 : i + 1;
    if (end > re.len || start >= end || (special && (re.ptr[i + 1] != '?' || re.ptr[i + 2] != ':')) ||
        (end < re.len && is_quantifier(re.ptr[end])))
        return 0;
    for (size_t at = start; at + 1 < end; at++) {
        char c = re.ptr[at];
        if (c == '|' || c == '(' || (uint8_t)c >= 0x80 || (c == '\\' && is_odd_escape(re.ptr[at + 1])))
            return 0;
        if (c == '[')
            at = skip_bracket(re, at) - 1;
        else
            at += c == '\\';
    }
    return start;
}

/* The longest text that every match must contain: runs of plain characters outside of classes and of groups but plain ones.
 * An alternative at the top, or anything not understood, gives none. */
static bool required_literal(SekStr re, Run *run) {
    for (size_t i = 0; i < re.len;) {
        char c = re.ptr[i];
        if (c == '|' || (uint8_t)c >= 0x80)
            return false;
        if (c == '(' || c == '[') {
            size_t end = skip_bracket(re, i), content = c == '(' ? plain_group(re, i, end) : 0;
            if (content == 0)
                end_run(run);
            i = content ? content : end;
            continue;
        }
        bool escaped = c == '\\' && i + 1 < re.len;
        char plain = escaped ? re.ptr[i + 1] : c;
        bool letter = (plain >= '0' && plain <= '9') || (plain >= 'a' && plain <= 'z') || (plain >= 'A' && plain <= 'Z');
        if (escaped && is_odd_escape(plain))
            return false;
        size_t next = i + 1 + escaped;
        bool literal = escaped ? !letter : !strchr(".^$*+?{})", c);
        if (literal && !(next < re.len && is_quantifier(re.ptr[next])))
            run->now[run->n_now++] = sek_ascii_lower(plain);
        else
            end_run(run);
        if (literal && next < re.len && re.ptr[next] == '+')
            end_run(run); /* once for sure, but what follows need not touch it */
        if (!escaped && c == '{')
            while (next < re.len && re.ptr[next - 1] != '}')
                next++;
        i = next;
    }
    end_run(run);
    return true;
}

static SekStatus regex_guard(SekArena *arena, SekStr re, SekGuard *out) {
    Run run = {.best = sek_arena_alloc(arena, re.len + 1), .now = sek_arena_alloc(arena, re.len + 1)};
    if (!run.best || !run.now)
        return SEK_ERR_MEMORY;
    bool mode = re.len > 4 && memcmp(re.ptr, "(?i)", 4) == 0; /* changes nothing: both sides are folded */
    if (mode) {
        re.ptr += 4;
        re.len -= 4;
    }
    bool known = sek_str_find(re, SEK_STR("(?")) < 0 || sek_str_find(re, SEK_STR("(?x")) < 0;
    if (known && required_literal(re, &run) && run.n_best > 0)
        *out = (SekGuard){.kind = SEK_GUARD_LITERAL, .literal = {run.best, run.n_best}};
    return SEK_OK;
}

/* A `cased` literal and a number are compared as they stand, but guards search folded values. */
static SekStatus fold_guard(SekArena *arena, SekGuard *guard) {
    SekBuf folded;
    sek_buf_init(&folded, SEK_RULE_MAX_FILE);
    sek_fold_append(&folded, guard->literal);
    guard->literal = sek_arena_dup(arena, sek_buf_str(&folded));
    sek_buf_deinit(&folded);
    return guard->literal.ptr ? SEK_OK : SEK_ERR_MEMORY;
}

/* Keywords are looked for in all values at once, so only literals can be. */
static bool allowed(const SekPred *pred, const SekGuard *guard) {
    bool searchable = guard->kind != SEK_GUARD_LITERAL || guard->literal.len >= SHORTEST; /* folding may shorten */
    return searchable && (pred->field != SEK_FIELD_ID_KEYWORDS || guard->kind == SEK_GUARD_LITERAL);
}

static SekStatus any_guard(SekRuleset *rules, const SekPred *pred, SekGuard *out) {
    /* Channel, provider and event id are what routes are made of: they say nothing more. */
    if (pred->field >= SEK_FIELD_ID_EVENT_ID && pred->field <= SEK_FIELD_ID_CHANNEL)
        return SEK_OK;
    if (rules->fields[pred->field].ancestry != SEK_ANCESTRY_NONE)
        return SEK_OK; /* no event holds it */
    switch (pred->kind) {
    case SEK_PRED_GLOB:
        *out = glob_guard(&pred->glob);
        return pred->cased && out->literal.len ? fold_guard(&rules->arena, out) : SEK_OK;
    case SEK_PRED_REGEX:
        return regex_guard(&rules->arena, pred->match->text, out);
    case SEK_PRED_NUMBER:
        *out = (SekGuard){.kind = SEK_GUARD_NUMBER, .number = pred->match->number, .literal = pred->match->text};
        return fold_guard(&rules->arena, out);
    default:
        return SEK_OK;
    }
}

static SekStatus pred_guard(SekRuleset *rules, const SekPred *pred, SekGuard *out) {
    *out = (SekGuard){0};
    SekStatus status = any_guard(rules, pred, out);
    out->pred = (uint32_t)(pred - rules->preds);
    if (status == SEK_OK && !allowed(pred, out))
        out->kind = SEK_GUARD_NONE;
    return status;
}

uint8_t sek_guard_rate(const SekGuard *guard) {
    return guard->kind == SEK_GUARD_NONE ? UINT8_MAX : (uint8_t)(8 * log2(1 + fmin(1e6, (double)guard->million)));
}

double sek_guard_million(uint8_t rate) {
    return rate == UINT8_MAX ? INFINITY : exp2(rate / 8.0) - 1;
}

SekGuard sek_guard_again(const SekRuleset *rules, uint32_t number) {
    const SekPred *pred = &rules->preds[number];
    const SekProbe *probe = &rules->probes[number];
    SekGuard guard = {0};
    if (pred->field >= SEK_FIELD_ID_EVENT_ID && pred->field <= SEK_FIELD_ID_CHANNEL)
        return guard;
    if (probe->kind == SEK_PROBE_NEEDS)
        guard = (SekGuard){.kind = SEK_GUARD_LITERAL, .literal = {probe->literal, probe->len}};
    else if (pred->kind == SEK_PRED_GLOB && !pred->cased)
        guard = glob_guard(&pred->glob);
    if (rules->fields[pred->field].ancestry != SEK_ANCESTRY_NONE)
        return (SekGuard){0};
    if (!allowed(pred, &guard))
        guard.kind = SEK_GUARD_NONE;
    guard.pred = number;
    return guard;
}

/* --- the guard set of a variant -------------------------------------------------------------- */

typedef struct Choose {
    SekRuleset *rules;
    double *costs; /* one a node: negative = not known yet */
} Choose;

/* Depth is that of the rule, which its reader bounds. */
static double node_cost(Choose *c, uint32_t node) {
    if (c->costs[node] >= 0)
        return c->costs[node];
    const SekCode *code = &c->rules->codes[node];
    const uint32_t *kids = c->rules->kids + code->first;
    double cost = code->op == SEK_CODE_OR ? 0 : INFINITY;
    if (code->op == SEK_CODE_PRED)
        cost = (double)c->rules->guards[code->first].million;
    for (uint32_t i = 0; code->op == SEK_CODE_AND && i < code->n; i++)
        cost = fmin(cost, node_cost(c, kids[i]));
    for (uint32_t i = 0; code->op == SEK_CODE_OR && i < code->n; i++)
        cost += node_cost(c, kids[i]);
    return c->costs[node] = cost;
}

static SekStatus push_guard(SekRuleset *rules, uint32_t pred) {
    if (rules->n_guard_sets == rules->cap_guard_sets) {
        uint32_t cap = rules->cap_guard_sets ? rules->cap_guard_sets * 2 : 1024;
        uint32_t *grown = SEK_ARENA_ARRAY(&rules->arena, uint32_t, cap);
        if (!grown)
            return SEK_ERR_MEMORY;
        if (rules->n_guard_sets)
            memcpy(grown, rules->guard_sets, rules->n_guard_sets * sizeof *grown);
        rules->guard_sets = grown;
        rules->cap_guard_sets = cap;
    }
    rules->guard_sets[rules->n_guard_sets++] = pred;
    return SEK_OK;
}

static SekStatus collect(Choose *c, uint32_t node) {
    const SekCode *code = &c->rules->codes[node];
    const uint32_t *kids = c->rules->kids + code->first;
    if (code->op == SEK_CODE_PRED)
        return push_guard(c->rules, code->first);
    if (code->op == SEK_CODE_AND) {
        uint32_t best = kids[0];
        for (uint32_t i = 1; i < code->n; i++)
            if (node_cost(c, kids[i]) < node_cost(c, best))
                best = kids[i];
        return collect(c, best);
    }
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < code->n && status == SEK_OK; i++)
        status = collect(c, kids[i]);
    return status;
}

/* --- all of them --------------------------------------------------------------------------------- */

typedef struct Costs {
    SekRuleset *rules;
    const SekCostField *fields;
} Costs;

static void cost_range(void *user, uint32_t from, uint32_t to) {
    const Costs *c = user;
    for (uint32_t i = from; i < to; i++) {
        SekGuard *guard = &c->rules->guards[i];
        guard->million = (float)sek_cost_guard(&c->fields[c->rules->preds[i].field], guard);
    }
}

/* Windows are chosen for the guards that some variant has. */
static SekStatus choose_windows(SekRuleset *rules, const SekCostField *fields) {
    uint8_t *used = calloc(rules->n_preds + 1, 1);
    for (uint32_t i = 0; used && i < rules->n_guard_sets; i++)
        used[rules->guard_sets[i]] = 1;
    SekStatus status = used ? sek_guard_windows(rules, fields, rules->guards, rules->n_preds, used) : SEK_ERR_MEMORY;
    free(used);
    return status;
}

SekStatus sek_guards_build(SekRuleset *rules) {
    rules->guards = SEK_ARENA_ARRAY(&rules->arena, SekGuard, rules->n_preds + 1);
    Choose c = {.rules = rules, .costs = malloc((rules->n_codes + 1) * sizeof *c.costs)};
    SekCostField *fields = malloc((rules->n_fields + 1) * sizeof *fields);
    SekStatus status = rules->guards && c.costs && fields ? SEK_OK : SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < rules->n_fields && status == SEK_OK; i++)
        fields[i] = sek_cost_field(rules->fields[i].name);
    for (uint32_t i = 0; i < rules->n_preds && status == SEK_OK; i++)
        status = pred_guard(rules, &rules->preds[i], &rules->guards[i]);
    if (status == SEK_OK)
        sek_pool_ranges(rules->n_preds, SHARE, cost_range, &(Costs){rules, fields});
    for (uint32_t i = 0; i < rules->n_codes && status == SEK_OK; i++)
        c.costs[i] = -1;
    for (uint32_t i = 0; i < rules->n_variants && status == SEK_OK; i++) {
        SekVariant *v = &rules->variants[i];
        v->first_guard = rules->n_guard_sets;
        if (!isinf(node_cost(&c, v->code)))
            status = collect(&c, v->code);
        v->n_guards = rules->n_guard_sets - v->first_guard;
    }
    free(c.costs);
    if (status == SEK_OK)
        status = choose_windows(rules, fields);
    free(fields);
    return status;
}

SekStatus sek_guards_pack(SekRuleset *rules) {
    uint32_t *number = calloc(rules->n_preds + 1, sizeof *number); /* of a predicate's guard, from 1 */
    if (!number)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < rules->n_guard_sets; i++)
        number[rules->guard_sets[i]] = 1;
    for (uint32_t i = 0; i < rules->n_preds; i++)
        if (number[i]) {
            rules->guards[rules->n_guards] = rules->guards[i];
            number[i] = ++rules->n_guards;
        }
    for (uint32_t i = 0; i < rules->n_guard_sets; i++)
        rules->guard_sets[i] = number[rules->guard_sets[i]] - 1;
    free(number);
    return SEK_OK;
}
