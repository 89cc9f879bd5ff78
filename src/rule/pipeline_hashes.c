/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/pipeline_apply.h"

#include "rule/pattern.h"

/* hashes_fields: Sysmon's one field `Hashes` (`SHA1=...,MD5=...`) to one field for each algorithm.
 * The algorithm is named in the value (`MD5=` or `MD5|`), or told by its length. */

typedef struct Hash {
    SekStr algorithm; /* upper case; empty = none that is wanted */
    SekStr value;
} Hash;

static SekStatus failure(SekApply *a, const SekItem *item, const char *what) {
    return sek_rule_error(&a->reader, (SekRulePos){item->line, item->column}, "pipeline-failure",
                          "%s", what);
}

static SekStr by_length(size_t length) {
    switch (length) {
    case 32:
        return SEK_STR("MD5");
    case 40:
        return SEK_STR("SHA1");
    case 64:
        return SEK_STR("SHA256");
    case 128:
        return SEK_STR("SHA512");
    default:
        return SEK_STR("");
    }
}

/* The one literal of a pattern with wildcards around it; false for anything else. */
static bool only_literal(const SekPattern *pattern, SekStr *out) {
    bool found = false;
    for (uint32_t i = 0; i < pattern->n_tokens; i++) {
        const SekToken *token = &pattern->tokens[i];
        if (token->kind == SEK_TOKEN_ANY)
            continue;
        if (token->kind != SEK_TOKEN_LITERAL || found)
            return false;
        found = true;
        *out = token->text;
    }
    return found;
}

/* The name as the step writes it, or empty. */
static SekStr wanted(const SekStep *step, SekStr algorithm) {
    for (uint32_t i = 0; i < step->names.n; i++)
        if (sek_str_eq_nocase(step->names.texts[i], algorithm))
            return step->names.texts[i];
    return SEK_STR("");
}

static Hash split(const SekStep *step, SekStr text) {
    size_t at = 0;
    while (at < text.len && text.ptr[at] != '=' && text.ptr[at] != '|')
        at++;
    if (at == text.len)
        return (Hash){wanted(step, by_length(text.len)), text};
    SekStr value = sek_str_n(text.ptr + at + 1, text.len - at - 1);
    return (Hash){wanted(step, sek_str_n(text.ptr, at)), value};
}

static SekStatus make_field(SekApply *a, SekStr algorithm, SekStr *out) {
    SekStr prefix = a->step->text, tail = a->step->drop_prefix ? SEK_STR("") : algorithm;
    char *name = sek_arena_alloc(&a->file->arena, prefix.len + tail.len + 1);
    if (!name)
        return SEK_ERR_MEMORY;
    if (prefix.len)
        memcpy(name, prefix.ptr, prefix.len);
    if (tail.len)
        memcpy(name + prefix.len, tail.ptr, tail.len);
    *out = sek_str_n(name, prefix.len + tail.len);
    return SEK_OK;
}

/* All values of one algorithm as an item on its field; NULL in `*out` when there are none. */
static SekStatus make_item(SekApply *a, const SekItem *item, SekStr algorithm,
                           const SekExpr **out) {
    SekArena *arena = &a->file->arena;
    SekMatch *matches = SEK_ARENA_ARRAY(arena, SekMatch, item->n_matches);
    SekItem copy = *item;
    if (!matches)
        return SEK_ERR_MEMORY;
    copy.n_matches = 0;
    copy.negate = false;
    for (uint32_t i = 0; i < item->n_matches; i++) {
        SekStr text;
        if (!only_literal(&item->matches[i].patterns[0], &text))
            continue;
        Hash hash = split(a->step, text);
        if (!sek_str_eq(hash.algorithm, algorithm))
            continue;
        SekPattern *pattern = SEK_ARENA_NEW(arena, SekPattern);
        SekStatus status =
            pattern ? sek_pattern_literal(arena, hash.value, pattern) : SEK_ERR_MEMORY;
        if (status)
            return status;
        matches[copy.n_matches++] =
            (SekMatch){.kind = SEK_MATCH_STRING, .patterns = pattern, .n_patterns = 1};
    }
    copy.matches = matches;
    *out = NULL;
    if (copy.n_matches == 0)
        return SEK_OK;
    SekStatus status = make_field(a, algorithm, &copy.field);
    if (!status)
        *out = sek_apply_new_item(a, item, &copy);
    return status ? status : *out ? SEK_OK : SEK_ERR_MEMORY;
}

static SekStatus check_values(SekApply *a, const SekItem *item) {
    for (uint32_t i = 0; i < item->n_matches; i++) {
        const SekMatch *m = &item->matches[i];
        SekStr text;
        if (m->kind != SEK_MATCH_STRING || m->n_patterns != 1 ||
            !only_literal(&m->patterns[0], &text))
            return failure(a, item, "a pipeline wants hashes here, and a value is none");
        if (split(a->step, text).algorithm.len == 0)
            return failure(a, item,
                           "the hash algorithm of a value is none that the pipeline knows");
    }
    return SEK_OK;
}

static SekStatus change_item(SekApply *a, const SekItem *item, const SekExpr **out,
                             bool *out_dropped) {
    (void)out_dropped;
    SekStatus status = check_values(a, item);
    const SekExpr **kids = SEK_ARENA_ARRAY(&a->scratch, const SekExpr *, a->step->names.n);
    uint32_t n = 0;
    if (!status && !kids)
        status = SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < a->step->names.n && !status; i++) {
        status = make_item(a, item, a->step->names.texts[i], &kids[n]);
        n += !status && kids[n];
    }
    const SekExpr *expr = NULL;
    if (!status)
        expr = sek_expr_join(&a->reader, item->all ? SEK_EXPR_AND : SEK_EXPR_OR, kids, n);
    if (expr && item->negate)
        expr = sek_expr_join(&a->reader, SEK_EXPR_NOT, &expr, 1);
    if (!status && !expr)
        status = SEK_ERR_MEMORY;
    *out = expr;
    return status == SEK_ERR_INPUT
               ? status
               : sek_rule_check(&a->reader, (SekRulePos){item->line, item->column}, status,
                                "a pipeline makes too much of this value");
}

SekStatus sek_step_hashes(SekApply *a) {
    return sek_apply_to_items(a, change_item);
}
