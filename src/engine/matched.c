/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/matched.h"

#include "engine/defer.h"

/* True when the pair that the text makes is there. What was not rendered was not added. */
static bool is_in(const SekMatched *m, const SekText *text) {
    for (uint32_t i = 0; text->raw.ptr && i < m->n; i++)
        if (sek_str_eq(m->out[i].field, text->name) && sek_str_eq(m->out[i].value, text->raw))
            return true;
    return false;
}

/* Adds text `number` of the field. */
static void add(SekMatched *m, uint32_t field, SekText *texts, uint32_t number) {
    SekText *text = &texts[number];
    SekStr raw = sek_fields_raw(m->evaluate->fields, text);
    if (!raw.ptr)
        m->evaluate->failed = SEK_ERR_MEMORY;
    if (!raw.ptr || is_in(m, text) || m->n == m->max)
        return;
    m->places_fit = m->places_fit && m->n < SEK_MATCHED_PLACES && field <= UINT16_MAX && number <= UINT16_MAX;
    if (m->places_fit)
        m->places[m->n] = (SekMatchedPlace){(uint16_t)field, (uint16_t)number};
    m->out[m->n++] = (SekPair){text->name, raw};
}

static bool holds_for(const SekMatched *m, const SekPred *pred, SekText *text) {
    return pred->kind == SEK_PRED_EXISTS ? pred->match->flag : sek_evaluate_text(m->evaluate, pred, text);
}

/* The first text that the predicate holds for. `known`: it does hold for one. */
static void add_pred(SekMatched *m, uint32_t number, bool known) {
    const SekRuleset *rules = m->evaluate->rules;
    const SekPred *pred = &rules->preds[number];
    SekText *texts;
    uint32_t n;
    if (pred->kind == SEK_PRED_NULL || (m->deferred && sek_pred_deferred(rules, number)))
        return;
    if (sek_fields_get(m->evaluate->fields, pred->field, &texts, &n) != SEK_OK) {
        m->evaluate->failed = SEK_ERR_MEMORY;
        return;
    }
    if (n == 1) {
        if (!is_in(m, texts) && (known || sek_evaluate_pred(m->evaluate, number)))
            add(m, pred->field, texts, 0);
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        if (holds_for(m, pred, &texts[i])) {
            add(m, pred->field, texts, i);
            return;
        }
}

/* `known`: the node holds, or may. Depth is that of the rule, which its reader bounds. */
static void collect(SekMatched *m, uint32_t node, bool known) {
    const SekRuleset *rules = m->evaluate->rules;
    const SekCode *code = &rules->codes[node];
    if (code->op == SEK_CODE_NOT || m->n == m->max)
        return;
    if (code->op == SEK_CODE_PRED) {
        add_pred(m, code->first, known);
        return;
    }
    bool all = code->op == SEK_CODE_AND;
    if (all && !known && !m->may_hold(m->user, node))
        return;
    for (uint32_t i = 0; i < code->n; i++)
        collect(m, rules->kids[code->first + i], all);
}

void sek_matched_collect(SekMatched *matched, uint32_t node) {
    matched->places_fit = true;
    collect(matched, node, true);
}

void sek_matched_again(SekMatched *m, const SekMatchedPlace *places, uint32_t n) {
    SekText *texts;
    uint32_t n_texts;
    for (uint32_t i = 0; i < n; i++) {
        if (sek_fields_get(m->evaluate->fields, places[i].field, &texts, &n_texts) != SEK_OK)
            m->evaluate->failed = SEK_ERR_MEMORY;
        else if (places[i].text < n_texts)
            add(m, places[i].field, texts, places[i].text);
    }
}
