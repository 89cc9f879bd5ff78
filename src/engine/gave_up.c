/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/gave_up.h"

#include <stdlib.h>

typedef struct Walk {
    const SekRuleset *rules;
    const uint32_t *by_pred;
    uint32_t *seen;  /* by code: 1 + the variant that last came by */
    uint32_t *stack; /* codes still to be looked at */
} Walk;

/* Sums over the different expressions of one variant. */
static uint64_t of_variant(Walk *w, uint32_t variant) {
    uint64_t sum = 0;
    uint32_t n = 0;
    w->stack[n++] = w->rules->variants[variant].code;
    w->seen[w->rules->variants[variant].code] = variant + 1;
    while (n > 0) {
        const SekCode *code = &w->rules->codes[w->stack[--n]];
        if (code->op == SEK_CODE_PRED) {
            sum += w->by_pred[code->first];
            continue;
        }
        for (uint32_t i = 0; i < code->n; i++) {
            uint32_t kid = w->rules->kids[code->first + i];
            if (w->seen[kid] == variant + 1)
                continue;
            w->seen[kid] = variant + 1;
            w->stack[n++] = kid;
        }
    }
    return sum;
}

SekStatus sek_gave_up_by_rule(const SekRuleset *rules, const uint32_t *by_pred, uint64_t *by_rule) {
    bool any = false;
    for (uint32_t i = 0; i < rules->n_preds && !any; i++)
        any = by_pred[i] > 0;
    if (!any)
        return SEK_OK;
    Walk w = {.rules = rules, .by_pred = by_pred};
    w.seen = calloc((size_t)rules->n_codes + 1, sizeof *w.seen);
    w.stack = calloc((size_t)rules->n_codes + 1, sizeof *w.stack);
    SekStatus status = w.seen && w.stack ? SEK_OK : SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < rules->n_variants && status == SEK_OK; i++)
        by_rule[rules->variants[i].rule] += of_variant(&w, i);
    free(w.seen);
    free(w.stack);
    return status;
}
