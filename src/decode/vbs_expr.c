/* SPDX-License-Identifier: Apache-2.0 */

/* VBScript: expressions, and calls with and without parentheses. */
#include "decode/vbs.h"

SekSfNode *sek_vbs_expression(SekSfParser *p) {
    bool statement = p->statement;
    if (!sek_sf_deeper(p))
        return NULL;
    p->statement = false;
    SekSfNode *node = sek_sf_climb(p, 1);
    p->statement = statement;
    p->depth--;
    return node;
}

/* New K: no arguments. */
static SekSfNode *made_node(SekSfParser *p, size_t off, SekSfNode *name) {
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_NEW, off);
    return sek_sf_add_kid(p->run, node, name) ? node : NULL;
}

static SekSfNode *parse_primary(SekSfParser *p) {
    SekSfToken t = p->token;
    SekSfNode *node;
    if (sek_sf_accept(p, "(")) {
        SekSfNode *inner = sek_vbs_expression(p);
        (void)sek_sf_accept(p, ")");
        node = sek_sf_node(p->run, SEK_SF_COMMA, t.off);
        return sek_sf_add_kid(p->run, node, inner) ? sek_sf_close_at(p, node) : NULL;
    }
    if (sek_sf_is(p, ".")) { /* of With */
        node = sek_sf_node(p->run, p->with.len ? SEK_SF_NAME : SEK_SF_OTHER, t.off);
        if (node)
            node->text = p->with;
        return node;
    }
    if (t.kind != SEK_SF_WORD && t.kind != SEK_SF_QUOTED && t.kind != SEK_SF_DIGITS)
        return NULL;
    bool made = sek_sf_is(p, "new");
    if (made)
        sek_vbs_next(p);
    node = sek_sf_node(p->run, t.kind == SEK_SF_WORD ? SEK_SF_NAME : SEK_SF_LITERAL, p->token.off);
    if (!node)
        return NULL;
    node->text = sek_sf_word(p);
    node->end = p->token.end;
    if (t.kind == SEK_SF_QUOTED)
        node->value = sek_vbs_string(p->run, node->text);
    else if (t.kind == SEK_SF_DIGITS)
        node->value = sek_vbs_number(node->text);
    sek_vbs_next(p);
    return made ? made_node(p, t.off, node) : node;
}

/* Arguments in parentheses, or, in a statement, without. An argument that is left out is EMPTY. */
SekSfNode *sek_vbs_arguments(SekSfParser *p, SekSfNode *callee, bool parentheses) {
    SekSfNode *call = sek_sf_node(p->run, SEK_SF_CALL, callee->off);
    if (!sek_sf_add_kid(p->run, call, callee))
        return NULL;
    while (!sek_vbs_line_over(p) && !(parentheses && sek_sf_is(p, ")"))) {
        SekSfNode *argument = sek_sf_is(p, ",") ? sek_sf_node(p->run, SEK_SF_OTHER, p->token.off) : sek_vbs_expression(p);
        if (!argument || !sek_sf_add_kid(p->run, call, argument))
            break;
        if (!sek_sf_accept(p, ","))
            break;
    }
    if (parentheses)
        (void)sek_sf_accept(p, ")");
    return sek_sf_close_at(p, call);
}

SekSfNode *sek_vbs_postfix(SekSfParser *p) {
    SekSfNode *node = parse_primary(p);
    while (node && p->token.kind == SEK_SF_PUNCT) {
        if (sek_sf_is(p, "(") && node->kind != SEK_SF_LITERAL && !(p->statement && p->token.blank_before)) {
            sek_vbs_next(p);
            node = sek_vbs_arguments(p, node, true);
        } else if (sek_sf_is(p, ".") && !(p->token.blank_before && node->kind == SEK_SF_LITERAL)) {
            SekSfNode *member = sek_sf_node(p->run, SEK_SF_MEMBER, node->off);
            sek_vbs_next(p);
            if (p->token.kind != SEK_SF_WORD || !sek_sf_add_kid(p->run, member, node))
                return node;
            member->text = sek_sf_word(p);
            sek_vbs_next(p);
            node = sek_sf_close_at(p, member);
        } else {
            break;
        }
    }
    return node;
}

SekSfNode *sek_vbs_unary(SekSfParser *p) {
    static const char *const ops[] = {"not", "-", "+"};
    for (size_t i = 0; i < 3; i++) {
        if (!sek_sf_is(p, ops[i]))
            continue;
        size_t off = p->token.off;
        if (!sek_sf_deeper(p))
            return NULL;
        sek_vbs_next(p);
        SekSfNode *kid = sek_sf_climb(p, i == 0 ? 6 : 12); /* -2 ^ 2 is -4 */
        p->depth--;
        SekSfNode *node = sek_sf_node(p->run, SEK_SF_UNARY, off);
        if (!sek_sf_add_kid(p->run, node, kid))
            return NULL;
        node->op = ops[i];
        return node;
    }
    return sek_vbs_postfix(p);
}

/* [MS-VBSL], section 5.2. */
const SekSfOperator sek_vbs_operators[] = {
    {"^", 12}, {"*", 11}, {"/", 11}, {"\\", 10}, {"mod", 9}, {"+", 8}, {"-", 8}, {"&", 7}, {"=", 6}, {"<>", 6}, {"<", 6},
    {">", 6}, {"<=", 6}, {">=", 6}, {"is", 6}, {"and", 5}, {"or", 4}, {"xor", 3}, {"eqv", 2}, {"imp", 1}, {NULL, 0},
};
