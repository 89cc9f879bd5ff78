/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/defer.h"

#include <stdlib.h>

SekAncestryField sek_ancestry_field(SekStr name) {
    static const char *const names[SEK_N_ANCESTRY] = {
        [SEK_ANCESTRY_NONE] = "",
        [SEK_ANCESTRY_IMAGE] = "AncestorImage",
        [SEK_ANCESTRY_COMMAND_LINE] = "AncestorCommandLine",
        [SEK_ANCESTRY_USER] = "AncestorUser",
        [SEK_ANCESTRY_DEPTH] = "AncestorDepth",
        [SEK_ANCESTRY_TREE] = "ProcessTree",
    };
    for (unsigned i = 1; i < SEK_N_ANCESTRY; i++)
        if (sek_str_eq_nocase(name, sek_str(names[i])))
            return (SekAncestryField)i;
    return SEK_ANCESTRY_NONE;
}

SekTruth sek_truth(const SekRuleset *rules, uint32_t node, SekAsk ask, void *user) {
    const SekCode *code = &rules->codes[node];
    const uint32_t *kids = rules->kids + code->first;
    if (code->op == SEK_CODE_PRED)
        return ask(user, code->first);
    if (code->op == SEK_CODE_NOT) {
        SekTruth truth = sek_truth(rules, kids[0], ask, user);
        return truth == SEK_UNKNOWN ? SEK_UNKNOWN : truth == SEK_YES ? SEK_NO : SEK_YES;
    }
    SekTruth stop = code->op == SEK_CODE_AND ? SEK_NO : SEK_YES, all = code->op == SEK_CODE_AND ? SEK_YES : SEK_NO;
    for (uint32_t i = 0; i < code->n; i++) {
        SekTruth truth = sek_truth(rules, kids[i], ask, user);
        if (truth == stop)
            return stop;
        if (truth == SEK_UNKNOWN)
            all = SEK_UNKNOWN;
    }
    return all;
}

/* --- variants --------------------------------------------------------------------------------- */

typedef struct Listing {
    SekRuleset *rules;
    uint32_t *seen; /* one a predicate: 1 + variant that listed it last */
    uint32_t mark;
    uint32_t *known;
    uint32_t n;
    bool deferred;
} Listing;

static void list(Listing *l, uint32_t node) {
    const SekCode *code = &l->rules->codes[node];
    if (code->op != SEK_CODE_PRED) {
        for (uint32_t i = 0; i < code->n; i++)
            list(l, l->rules->kids[code->first + i]);
        return;
    }
    if (sek_pred_deferred(l->rules, code->first))
        l->deferred = true;
    else if (l->seen[code->first] != l->mark)
        l->known[l->n++] = code->first;
    l->seen[code->first] = l->mark;
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static SekStatus keep_list(Listing *l, SekVariant *variant) {
    uint32_t *known = SEK_ARENA_ARRAY(&l->rules->arena, uint32_t, (size_t)l->n + 1);
    if (!known)
        return SEK_ERR_MEMORY;
    memcpy(known, l->known, l->n * sizeof *known);
    qsort(known, l->n, sizeof *known, by_number);
    variant->deferred = true;
    variant->known = known;
    variant->n_known = l->n;
    return SEK_OK;
}

SekStatus sek_defer_build(SekRuleset *rules) {
    for (uint32_t i = 0; i < rules->n_fields; i++)
        rules->ancestry = rules->ancestry || rules->fields[i].ancestry != SEK_ANCESTRY_NONE;
    if (!rules->ancestry)
        return SEK_OK;
    Listing l = {.rules = rules, .seen = calloc((size_t)rules->n_preds + 1, sizeof *l.seen),
                 .known = malloc(((size_t)rules->n_preds + 1) * sizeof *l.known)};
    SekStatus status = l.seen && l.known ? SEK_OK : SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < rules->n_variants && status == SEK_OK; i++) {
        l.mark = i + 1;
        l.n = 0;
        l.deferred = false;
        list(&l, rules->variants[i].code);
        if (l.deferred)
            status = keep_list(&l, &rules->variants[i]);
    }
    free(l.seen);
    free(l.known);
    return status;
}

void sek_defer_pack(const SekVariant *variant, SekAsk ask, void *user, SekBuf *out) {
    for (uint32_t i = 0; i < variant->n_known; i += 8) {
        uint8_t bits = 0;
        for (uint32_t j = 0; j < 8 && i + j < variant->n_known; j++)
            if (ask(user, variant->known[i + j]) == SEK_YES)
                bits |= (uint8_t)(1u << j);
        sek_buf_addc(out, (char)bits);
    }
}

SekTruth sek_defer_answer(const SekVariant *variant, SekStr bits, uint32_t pred) {
    const uint32_t *at = bsearch(&pred, variant->known, variant->n_known, sizeof pred, by_number);
    size_t place = at ? (size_t)(at - variant->known) : SIZE_MAX;
    if (!at || place / 8 >= bits.len)
        return SEK_NO;
    return (uint8_t)bits.ptr[place / 8] >> place % 8 & 1 ? SEK_YES : SEK_NO;
}
