/* SPDX-License-Identifier: Apache-2.0 */

/* Operators and casts on values. Unknown in, unknown out, but the kind of result is kept where it is certain:
 * a string plus anything is a string. */

#include "decode/ps_run.h"

#include <math.h>

static const SekPsText nothing = {(const uint16_t *)u"", 0};
static const SekPsText blank = {(const uint16_t *)u" ", 1};

/* What stands between elements when an array becomes a string: $OFS or a blank. */
static bool separator(SekPsRun *run, SekPsText *out) {
    *out = blank;
    if (!sek_env_has(run, SEK_STR("ofs")))
        return true;
    SekPsValue ofs = sek_env_get(run, SEK_STR("ofs"));
    return sek_pv_known(&ofs) && sek_pv_to_text(run->arena, &ofs, blank, out);
}

static bool to_text(SekPsRun *run, const SekPsValue *v, SekPsText *out) {
    SekPsText between = blank;
    return (v->kind != PV_ARRAY || separator(run, &between)) && sek_pv_to_text(run->arena, v, between, out);
}

static bool is_string(const SekPsValue *v) {
    return v->kind == PV_STRING || (v->kind == PV_UNKNOWN && v->typed == PV_STRING);
}

/* --- arithmetic --------------------------------------------------------------------------------------------
 */

static SekPsValue add_arrays(SekPsRun *run, const SekPsValue *a, const SekPsValue *b) {
    const SekPsArray *y = sek_pv_list(run->arena, b);
    SekPsArray null = {.items = (SekPsValue[]){sek_pv_null()}, .n = 1};
    if (b->kind == PV_NULL)
        y = &null; /* an element like any other */
    if (!y || !sek_ps_pay(run, y->n / 16 + 1))
        return sek_pv_unknown();
    bool grows = a->array->tail && a->array->tail->used == a->array->n;
    if (!grows && !sek_ps_pay(run, a->array->n / 16))
        return sek_pv_unknown();
    return sek_pv_array(sek_pa_joined(run->arena, a->array, y));
}

static SekPsValue number(double d) {
    if (!isfinite(d) || fabs(d) > 9e15)
        return sek_pv_unknown();
    return d == nearbyint(d) ? sek_pv_int((int64_t)d) : sek_pv_double(d);
}

static SekPsValue calculate(uint8_t op, const SekPsValue *a, const SekPsValue *b) {
    SekPsValue x, y;
    if (!sek_pv_to_number(a, &x) || !sek_pv_to_number(b, &y))
        return sek_pv_unknown();
    double u = x.kind == PV_INT ? (double)x.i : x.d, v = y.kind == PV_INT ? (double)y.i : y.d;
    switch (op) {
    case PS_OP_ADD:
        return number(u + v);
    case PS_OP_SUB:
        return number(u - v);
    case PS_OP_MUL:
        return number(u * v);
    case PS_OP_DIV:
        return v == 0 ? sek_pv_unknown() : number(u / v);
    case PS_OP_MOD:
        if (v == 0)
            return sek_pv_unknown();
        return x.kind == PV_INT && y.kind == PV_INT ? sek_pv_int(x.i % y.i) : number(fmod(u, v));
    default:
        return sek_pv_unknown();
    }
}

static SekPsValue add(SekPsRun *run, const SekPsValue *a, const SekPsValue *b) {
    SekPsText x, y;
    if (is_string(a) || (a->kind == PV_CHAR && is_string(b))) {
        if (!sek_pv_known(a) || !sek_pv_known(b) || !to_text(run, a, &x) || !to_text(run, b, &y))
            return sek_pv_some_string();
        SekPsText sum = sek_pt_join(run->arena, x, y);
        if (!sum.p || (size_t)sum.n * 2 > run->decoder->limits.max_value_bytes ||
            !sek_ps_pay(run, sum.n / 32))
            return sek_pv_some_string();
        sek_ps_did(run, "concat");
        sek_ps_joined(run, x, y, false);
        return sek_pv_text(sum);
    }
    if (!sek_pv_known(a) || !sek_pv_known(b))
        return sek_pv_unknown();
    if (a->kind == PV_ARRAY)
        return add_arrays(run, a, b);
    if (a->kind == PV_CHAR && b->kind == PV_CHAR) { /* two characters make a string */
        if (!to_text(run, a, &x) || !to_text(run, b, &y))
            return sek_pv_some_string();
        SekPsText sum = sek_pt_join(run->arena, x, y);
        return sum.p ? sek_pv_text(sum) : sek_pv_some_string();
    }
    return a->kind == PV_NULL ? *b : calculate(PS_OP_ADD, a, b);
}

static SekPsValue repeat_text(SekPsRun *run, SekPsText text, int64_t times) {
    uint64_t bytes = (uint64_t)text.n * 2 * (uint64_t)times;
    if (times < 0 || times > (1 << 24) || bytes > run->decoder->limits.max_value_bytes ||
        !sek_ps_pay(run, bytes / 64))
        return sek_pv_some_string();
    uint16_t *units = sek_arena_alloc(run->arena, (size_t)bytes + 2);
    for (int64_t i = 0; units && text.n && i < times; i++)
        memcpy(units + (size_t)i * text.n, text.p, text.n * 2u);
    return units ? sek_pv_text((SekPsText){units, (uint32_t)(bytes / 2)}) : sek_pv_some_string();
}

static SekPsValue multiply(SekPsRun *run, const SekPsValue *a, const SekPsValue *b) {
    int64_t times;
    if (a->kind == PV_STRING && !a->soft)
        return sek_pv_to_int(b, &times) ? repeat_text(run, a->text, times) : sek_pv_some_string();
    if (a->kind == PV_ARRAY && sek_pv_known(a) && sek_pv_to_int(b, &times)) {
        if (times < 0 || times * (int64_t)a->array->n > SEK_PS_MAX_ITEMS || !sek_ps_pay(run, (uint64_t)times))
            return sek_pv_unknown();
        SekPsArray *all = sek_pa_new(run->arena, (uint32_t)times * a->array->n + 1);
        for (int64_t t = 0; all && t < times; t++)
            for (uint32_t i = 0; i < a->array->n; i++)
                (void)sek_pa_push(run->arena, all, sek_pa_at(a->array, i)); /* there is room */
        return sek_pv_array(all);
    }
    return calculate(PS_OP_MUL, a, b);
}

static SekPsValue range(SekPsRun *run, const SekPsValue *a, const SekPsValue *b) {
    int64_t from, to;
    if (!sek_pv_to_int(a, &from) || !sek_pv_to_int(b, &to))
        return sek_pv_unknown();
    uint64_t n = (uint64_t)(from < to ? to - from : from - to) + 1;
    if (n > SEK_PS_MAX_ITEMS || !sek_ps_pay(run, n / 16))
        return sek_pv_unknown();
    SekPsArray *all = sek_pa_new(run->arena, (uint32_t)n);
    for (uint64_t i = 0; all && i < n; i++)
        all->items[all->n++] = sek_pv_int(from < to ? from + (int64_t)i : from - (int64_t)i);
    return sek_pv_array(all);
}

static SekPsValue bits(uint8_t op, const SekPsValue *a, const SekPsValue *b) {
    int64_t x, y;
    if (!sek_pv_to_int(a, &x) || !sek_pv_to_int(b, &y))
        return sek_pv_unknown();
    switch (op) {
    case PS_OP_BAND:
        return sek_pv_int(x & y);
    case PS_OP_BOR:
        return sek_pv_int(x | y);
    case PS_OP_BXOR:
        return sek_pv_int(x ^ y);
    case PS_OP_SHL:
        return y < 0 || y > 31 || x < 0 ? sek_pv_unknown() : sek_pv_int((int32_t)((uint32_t)x << y));
    case PS_OP_SHR:
        return y < 0 || y > 31 ? sek_pv_unknown() : sek_pv_int(x >> y);
    default:
        return sek_pv_unknown();
    }
}

/* --- text --------------------------------------------------------------------------------------------------
 */

static SekPsValue join(SekPsRun *run, const SekPsValue *a, SekPsText between) {
    SekPsText joined;
    if (!sek_pv_readable(a) || (a->kind == PV_STRING && a->soft))
        return sek_pv_some_string();
    const SekPsArray *list = sek_pv_list(run->arena, a);
    if (!list || list->tainted || !sek_ps_pay(run, list->n / 16 + 1))
        return sek_pv_some_string();
    SekPsValue v = {.kind = PV_ARRAY, .array = (SekPsArray *)list};
    if (!sek_pv_to_text(run->arena, &v, between, &joined))
        return sek_pv_some_string();
    sek_ps_did(run, "join");
    if (between.n == 0 && list->n > 1) /* nobody takes a word apart to join it */
        run->unit->hidden = true;
    return sek_pv_text(joined);
}

/* The third operand of -split. Whether a simple match heeds the case without being told is left open: where that
 * matters the parts are not known. */
static SekPsValue split_with_options(SekPsRun *run, SekPsText text, SekPsText pattern, int64_t max,
                                     const SekPsValue *options) {
    char buf[40];
    SekStr word;
    bool simple = false, nocase = false;
    if (options->kind != PV_STRING || !sek_pv_known(options) ||
        !sek_pt_ascii(options->text, buf, sizeof buf, &word))
        return sek_pv_unknown();
    for (SekStr rest = word; rest.len > 0;) {
        const char *comma = memchr(rest.ptr, ',', rest.len);
        size_t n = comma ? (size_t)(comma - rest.ptr) : rest.len;
        SekStr one = sek_str_trim(sek_str_n(rest.ptr, n));
        rest = comma ? sek_str_n(rest.ptr + n + 1, rest.len - n - 1) : sek_str_n(rest.ptr, 0);
        if (sek_str_eq_nocase(one, SEK_STR("simplematch")))
            simple = true;
        else if (sek_str_eq_nocase(one, SEK_STR("ignorecase")))
            nocase = true;
        else if (!sek_str_eq_nocase(one, SEK_STR("regexmatch")))
            return sek_pv_unknown();
    }
    uint16_t *plain = simple ? sek_arena_alloc(run->arena, (size_t)pattern.n * 4 + 2) : NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; plain && i < pattern.n; i++) {
        if (pattern.p[i] < 0x80 && pattern.p[i] > 0 && strchr("\\^$.|?*+()[]{}#", (char)pattern.p[i]))
            plain[n++] = '\\';
        plain[n++] = pattern.p[i];
    }
    if (simple && !plain)
        return sek_pv_unknown();
    pattern = simple ? (SekPsText){plain, n} : pattern;
    SekPsValue parts = sek_ps_split(run, text, pattern, max, true), exact = parts;
    if (!nocase)
        exact = sek_ps_split(run, text, pattern, max, false);
    bool same = parts.kind == PV_ARRAY && exact.kind == PV_ARRAY && parts.array->n == exact.array->n;
    for (uint32_t i = 0; same && i < parts.array->n; i++)
        same = sek_pt_eq(parts.array->items[i].text, exact.array->items[i].text, false);
    return same ? parts : sek_pv_unknown();
}

/* Applies -replace or -split to a text or to each of an array. */
static SekPsValue each_text(SekPsRun *run, const SekPsValue *a, const SekPsArray *args, uint8_t op,
                            bool nocase) {
    SekPsText text, pattern, with = nothing;
    int64_t max = 0;
    SekPsValue p = args->n > 0 ? sek_pa_at(args, 0) : sek_pv_null(),
               second = args->n > 1 ? sek_pa_at(args, 1) : sek_pv_null();
    if (args->tainted || !sek_pv_known(&p) || !to_text(run, &p, &pattern) || p.kind == PV_BLOCK ||
        args->n > (op == PS_OP_REPLACE ? 2 : 3)) /* more operands than it takes are an error */
        return sek_pv_unknown();
    if (op == PS_OP_REPLACE ? !to_text(run, &second, &with) : !sek_pv_to_int(&second, &max))
        return sek_pv_unknown();
    if (a->kind != PV_ARRAY) {
        if (!to_text(run, a, &text))
            return op == PS_OP_REPLACE ? sek_pv_some_string() : sek_pv_unknown();
        if (op == PS_OP_REPLACE)
            return sek_ps_replace(run, text, pattern, with, nocase);
        SekPsValue options = args->n > 2 ? sek_pa_at(args, 2) : sek_pv_null();
        return args->n > 2 ? split_with_options(run, text, pattern, max, &options)
                           : sek_ps_split(run, text, pattern, max, nocase);
    }
    SekPsArray *all = sek_pa_new(run->arena, a->array->n + 1);
    for (uint32_t i = 0; all && i < a->array->n; i++) {
        SekPsValue item = sek_pa_at(a->array, i);
        if (item.kind == PV_ARRAY)
            return sek_pv_unknown();
        SekPsValue one = each_text(run, &item, args, op, nocase);
        if (!sek_pv_known(&one))
            return sek_pv_unknown();
        const SekPsArray *parts = sek_pv_list(run->arena, &one);
        for (uint32_t k = 0; parts && k < parts->n; k++)
            if (!sek_pa_push(run->arena, all, sek_pa_at(parts, k)))
                return sek_pv_unknown();
    }
    return sek_pv_array(all);
}

static SekPsValue text_op(SekPsRun *run, uint8_t op, bool match_case, const SekPsValue *a,
                          const SekPsValue *b) {
    if (op == PS_OP_JOIN) {
        SekPsText between;
        return sek_pv_known(b) && to_text(run, b, &between) ? join(run, a, between) : sek_pv_some_string();
    }
    if (!sek_pv_readable(a) || !sek_pv_known(b))
        return op == PS_OP_REPLACE ? sek_pv_some_string() : sek_pv_unknown();
    const SekPsArray *args = sek_pv_list(run->arena, b);
    if (!args)
        return sek_pv_unknown();
    SekPsValue result = each_text(run, a, args, op, !match_case);
    SekPsText separator = nothing;
    SekPsValue pattern = args->n ? sek_pa_at(args, 0) : sek_pv_null();
    if (!sek_pv_known(&result) && args->n > (op == PS_OP_REPLACE ? 2 : 1))
        sek_ps_partial(run, "operands of -split or -replace that are not followed");
    if (sek_pv_known(&result) && op == PS_OP_REPLACE)
        sek_ps_unhid(run, "replace");
    else if (sek_pv_known(&result) && to_text(run, &pattern, &separator))
        sek_ps_split_at(run, a->kind == PV_STRING ? a->text : nothing, separator);
    return result;
}

/* --- comparison --------------------------------------------------------------------------------------------
 */

/* -1, 0, 1; 2 when it cannot be told. */
static int compare(SekPsRun *run, const SekPsValue *a, const SekPsValue *b, bool match_case) {
    SekPsText x, y;
    SekPsValue u, v;
    if (a->kind == PV_NULL || b->kind == PV_NULL)
        return a->kind == b->kind ? 0 : 2;
    if (a->kind == PV_STRING || a->kind == PV_CHAR) {
        if (a->kind == PV_CHAR && b->kind != PV_STRING && b->kind != PV_CHAR && sek_pv_to_number(a, &u) &&
            sek_pv_to_number(b, &v))
            return u.i < v.i ? -1 : u.i > v.i;
        if (!to_text(run, a, &x) || !to_text(run, b, &y))
            return 2;
        return sek_pt_eq(x, y, !match_case) ? 0 : 3; /* order of text depends on the culture */
    }
    if (!sek_pv_to_number(a, &u) || !sek_pv_to_number(b, &v))
        return 2;
    double p = u.kind == PV_INT ? (double)u.i : u.d, q = v.kind == PV_INT ? (double)v.i : v.d;
    return p < q ? -1 : p > q;
}

static SekPsValue compared(uint8_t op, int order) {
    if (order == 2 || (order == 3 && op != PS_OP_EQ && op != PS_OP_NE))
        return sek_pv_unknown();
    switch (op) {
    case PS_OP_EQ:
        return sek_pv_bool(order == 0);
    case PS_OP_NE:
        return sek_pv_bool(order != 0);
    case PS_OP_GT:
        return sek_pv_bool(order > 0);
    case PS_OP_GE:
        return sek_pv_bool(order >= 0);
    case PS_OP_LT:
        return sek_pv_bool(order < 0);
    default:
        return sek_pv_bool(order <= 0);
    }
}

static SekPsValue among(SekPsRun *run, const SekPsValue *set, const SekPsValue *one, bool match_case,
                        bool wanted) {
    const SekPsArray *list = sek_pv_list(run->arena, set);
    for (uint32_t i = 0; list && i < list->n; i++) {
        SekPsValue item = sek_pa_at(list, i);
        int order = compare(run, &item, one, match_case);
        if (order == 2)
            return sek_pv_unknown();
        if (order == 0)
            return sek_pv_bool(wanted);
    }
    return list ? sek_pv_bool(!wanted) : sek_pv_unknown();
}

static SekPsValue test_text(SekPsRun *run, uint8_t op, bool match_case, const SekPsValue *a,
                            const SekPsValue *b) {
    SekPsText text, pattern;
    bool negated = op == PS_OP_NOTLIKE || op == PS_OP_NOTMATCH;
    if (a->kind == PV_ARRAY || !to_text(run, a, &text) || !to_text(run, b, &pattern))
        return sek_pv_unknown();
    if (op == PS_OP_LIKE || op == PS_OP_NOTLIKE) {
        if (!sek_ps_pay(run, ((uint64_t)text.n * pattern.n) / 64 + 1))
            return sek_pv_unknown();
        return sek_pv_bool(sek_pt_like(text, pattern, !match_case) != negated);
    }
    SekPsValue found = sek_ps_matches(run, text, pattern, !match_case);
    return found.kind == PV_BOOL ? sek_pv_bool(found.b != negated) : found;
}

static SekPsValue logic(uint8_t op, const SekPsValue *a, const SekPsValue *b) {
    bool x = false, y = false, p = sek_pv_to_bool(a, &x), q = sek_pv_to_bool(b, &y);
    if (op == PS_OP_AND && ((p && !x) || (q && !y)))
        return sek_pv_bool(false);
    if (op == PS_OP_OR && ((p && x) || (q && y)))
        return sek_pv_bool(true);
    if (!p || !q)
        return sek_pv_unknown();
    return sek_pv_bool(op == PS_OP_AND ? x && y : op == PS_OP_OR ? x || y : x != y);
}

static SekPsValue comparison(SekPsRun *run, uint8_t op, bool match_case, const SekPsValue *a,
                             const SekPsValue *b) {
    switch (op) {
    case PS_OP_CONTAINS:
    case PS_OP_NOTCONTAINS:
        return among(run, a, b, match_case, op == PS_OP_CONTAINS);
    case PS_OP_IN:
    case PS_OP_NOTIN:
        return among(run, b, a, match_case, op == PS_OP_IN);
    case PS_OP_LIKE:
    case PS_OP_NOTLIKE:
    case PS_OP_MATCH:
    case PS_OP_NOTMATCH:
        return test_text(run, op, match_case, a, b);
    default:
        return a->kind == PV_ARRAY ? sek_pv_unknown() : compared(op, compare(run, a, b, match_case));
    }
}

SekPsValue sek_ps_binary_op(SekPsRun *run, uint8_t op, bool match_case, const SekPsValue *a,
                            const SekPsValue *b) {
    if (!sek_ps_pay(run, 1))
        return sek_pv_unknown();
    switch (op) {
    case PS_OP_ADD:
        return add(run, a, b);
    case PS_OP_AND:
    case PS_OP_OR:
    case PS_OP_XOR:
        return logic(op, a, b);
    case PS_OP_JOIN:
    case PS_OP_SPLIT:
    case PS_OP_REPLACE:
        return text_op(run, op, match_case, a, b);
    case PS_OP_FORMAT: {
        SekPsText format;
        const SekPsArray *args = sek_pv_readable(b) ? sek_pv_list(run->arena, b) : NULL;
        if (!sek_pv_known(a) || !args || args->tainted || !to_text(run, a, &format))
            return sek_pv_some_string();
        return sek_ps_format(run, format, args);
    }
    default:
        break;
    }
    if (!sek_pv_known(a) || !sek_pv_known(b))
        return sek_pv_unknown();
    if (op >= PS_OP_EQ && op <= PS_OP_NOTIN)
        return comparison(run, op, match_case, a, b);
    switch (op) {
    case PS_OP_MUL:
        return multiply(run, a, b);
    case PS_OP_RANGE:
        return range(run, a, b);
    case PS_OP_BAND:
    case PS_OP_BOR:
    case PS_OP_BXOR:
    case PS_OP_SHL:
    case PS_OP_SHR:
        return bits(op, a, b);
    case PS_OP_AS:
        return b->kind == PV_TYPE ? sek_ps_cast(run, b->type, a) : sek_pv_unknown();
    case PS_OP_IS:
    case PS_OP_ISNOT:
        return sek_pv_unknown();
    default:
        return calculate(op, a, b);
    }
}

SekPsValue sek_ps_unary_op(SekPsRun *run, uint8_t op, bool match_case, const SekPsValue *a) {
    static const uint16_t spaces[] = u"\\s+";
    bool truth;
    int64_t i;
    switch (op) {
    case PS_OP_JOIN:
        return join(run, a, nothing);
    case PS_OP_SPLIT: {
        SekPsText text;
        if (!sek_pv_known(a) || !to_text(run, a, &text))
            return sek_pv_unknown();
        while (text.n > 0 &&
               (text.p[0] == ' ' || text.p[0] == '\t' || text.p[0] == '\n' || text.p[0] == '\r'))
            text = sek_pt_cut(text, 1, text.n);
        return sek_ps_split(run, text, (SekPsText){spaces, 3}, 0, !match_case);
    }
    case PS_OP_NOT:
        return sek_pv_to_bool(a, &truth) ? sek_pv_bool(!truth) : sek_pv_unknown();
    case PS_OP_BNOT:
        return sek_pv_known(a) && sek_pv_to_int(a, &i) ? sek_pv_int(~i) : sek_pv_unknown();
    case PS_OP_ADD:
        return sek_pv_known(a) && sek_pv_to_int(a, &i) ? sek_pv_int(i) : sek_pv_unknown();
    case PS_OP_SUB: {
        SekPsValue zero = sek_pv_int(0);
        return sek_pv_known(a) ? calculate(PS_OP_SUB, &zero, a) : sek_pv_unknown();
    }
    case PS_OP_COMMA: {
        SekPsArray *one = sek_pa_new(run->arena, 1);
        return one && sek_pa_push(run->arena, one, *a) ? sek_pv_array(one) : sek_pv_unknown();
    }
    default:
        return sek_pv_unknown();
    }
}
