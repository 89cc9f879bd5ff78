/* SPDX-License-Identifier: Apache-2.0 */

/* The part of the parsers of VBScript and JScript that is the same for both. Nodes lie in the run's
 * scratch arena; depth is bounded by SEK_SF_MAX_DEPTH. */
#include "decode/sf_parse.h"

SekStr sek_sf_word(const SekSfParser *p) {
    return sek_str_n(p->text.ptr + p->token.off, p->token.end - p->token.off);
}

bool sek_sf_is(const SekSfParser *p, const char *what) {
    if (p->token.kind != SEK_SF_PUNCT && p->token.kind != SEK_SF_WORD)
        return false;
    SekStr word = sek_sf_word(p);
    return p->run->language->nocase ? sek_str_eq_nocase(word, sek_str(what)) : sek_str_eq(word, sek_str(what));
}

bool sek_sf_accept(SekSfParser *p, const char *what) {
    if (!sek_sf_is(p, what))
        return false;
    p->next(p);
    return true;
}

bool sek_sf_deeper(SekSfParser *p) {
    if (p->depth >= SEK_SF_MAX_DEPTH) {
        p->run->gave_up = true;
        p->token.kind = SEK_SF_END;
        return false;
    }
    p->depth++;
    return true;
}

SekSfNode *sek_sf_close_at(const SekSfParser *p, SekSfNode *node) {
    if (node && p->last_end > node->end)
        node->end = p->last_end;
    return node;
}

SekSfNode *sek_sf_absent(const SekSfParser *p) {
    return sek_sf_node(p->run, SEK_SF_OTHER, p->token.off);
}

SekSfNode *sek_sf_or_absent(const SekSfParser *p, SekSfNode *node) {
    return node ? node : sek_sf_absent(p);
}

static const SekSfOperator *operator_at(const SekSfParser *p) {
    for (const SekSfOperator *o = p->operators; o->op; o++)
        if (sek_sf_is(p, o->op))
            return o;
    return NULL;
}

SekSfNode *sek_sf_climb(SekSfParser *p, int least) {
    SekSfNode *left = p->operand_of(p);
    const SekSfOperator *o;
    while (left && (o = operator_at(p)) && o->priority >= least) {
        if (!sek_sf_deeper(p))
            return left;
        p->next(p);
        SekSfNode *right = sek_sf_climb(p, o->priority + 1);
        p->depth--;
        SekSfNode *node = right ? sek_sf_join_up(p->run, left, o->op, right) : NULL;
        if (!node)
            return left;
        left = node;
    }
    return left;
}

SekSfNode *sek_sf_name_node(SekSfParser *p) {
    SekSfNode *name = sek_sf_node(p->run, SEK_SF_NAME, p->token.off);
    if (name) {
        name->text = sek_sf_word(p);
        name->end = p->token.end;
    }
    p->next(p);
    return name;
}
