/* SPDX-License-Identifier: Apache-2.0 */

/* VBScript: a tolerant parser. A line that is not understood is kept as OTHER; words between statements
 * that do not matter here (Option Explicit, labels) are passed over. */
#include "decode/vbs.h"

static SekSfNode *parse_statement(SekSfParser *p);

static bool at_any(const SekSfParser *p, const char *const *words) {
    for (; *words; words++)
        if (sek_sf_is(p, *words))
            return true;
    return false;
}

/* Statements until one of the words (NULL-terminated) begins a statement. */
static SekSfNode *parse_until(SekSfParser *p, const char *const *words) {
    SekSfNode *block = sek_sf_node(p->run, SEK_SF_BLOCK, p->token.off);
    if (!sek_sf_deeper(p))
        return block;
    while (block && p->token.kind != SEK_SF_END) {
        if (p->token.kind == SEK_SF_LINE) {
            sek_vbs_next(p);
            continue;
        }
        if (at_any(p, words))
            break;
        size_t before = p->token.off;
        SekSfNode *statement = parse_statement(p);
        if (statement)
            (void)sek_sf_add_kid(p->run, block, statement);
        if (p->token.off == before)
            sek_vbs_next(p);
    }
    p->depth--;
    return sek_sf_close_at(p, block);
}

static void skip_line(SekSfParser *p) {
    while (!sek_vbs_line_over(p))
        sek_vbs_next(p);
}

/* The sizes of an array in parentheses. */
static void parse_sizes(SekSfParser *p, SekSfNode *node) {
    (void)sek_sf_accept(p, "(");
    while (!sek_vbs_line_over(p) && !sek_sf_accept(p, ")"))
        if (!sek_sf_accept(p, ",") && !sek_sf_add_kid(p->run, node, sek_vbs_expression(p)))
            sek_vbs_next(p);
}

/* a, b(3) / x = "y": what Dim, Public, Private and Const declare, behind the word. */
static SekSfNode *parse_names(SekSfParser *p) {
    SekSfNode *block = sek_sf_node(p->run, SEK_SF_BLOCK, p->token.off);
    do {
        SekSfNode *dim = sek_sf_node(p->run, SEK_SF_DIM, p->token.off);
        if (!dim || p->token.kind != SEK_SF_WORD)
            break;
        dim->text = sek_sf_word(p);
        sek_vbs_next(p);
        if (sek_sf_is(p, "(")) {
            dim->op = "array";
            parse_sizes(p, dim);
        } else if (sek_sf_accept(p, "=")) {
            (void)sek_sf_add_kid(p->run, dim, sek_vbs_expression(p));
        }
        (void)sek_sf_add_kid(p->run, block, sek_sf_close_at(p, dim));
    } while (sek_sf_accept(p, ","));
    return block;
}

/* ReDim [Preserve] a(n), b(m) */
static SekSfNode *parse_redim(SekSfParser *p) {
    SekSfNode *block = sek_sf_node(p->run, SEK_SF_BLOCK, p->token.off);
    sek_vbs_next(p);
    bool preserve = sek_sf_accept(p, "preserve");
    do {
        SekSfNode *redim = sek_sf_node(p->run, SEK_SF_REDIM, p->token.off);
        if (!redim || p->token.kind != SEK_SF_WORD)
            break;
        redim->text = sek_sf_word(p);
        redim->op = preserve ? "preserve" : "";
        sek_vbs_next(p);
        parse_sizes(p, redim);
        (void)sek_sf_add_kid(p->run, block, sek_sf_close_at(p, redim));
    } while (sek_sf_accept(p, ","));
    return block;
}

/* The statements of one line, for If x Then a : b */
static SekSfNode *parse_line(SekSfParser *p) {
    SekSfNode *block = sek_sf_node(p->run, SEK_SF_BLOCK, p->token.off);
    while (block && p->token.kind != SEK_SF_END && !sek_sf_is(p, "else") && !sek_sf_is(p, "end")) {
        if (p->token.kind == SEK_SF_LINE) {
            if (sek_sf_at(p, p->token.off) != ':')
                break;
            sek_vbs_next(p);
            continue;
        }
        size_t before = p->token.off;
        SekSfNode *statement = parse_statement(p);
        if (statement)
            (void)sek_sf_add_kid(p->run, block, statement);
        if (p->token.off == before)
            sek_vbs_next(p);
    }
    return sek_sf_close_at(p, block);
}

static SekSfNode *parse_if(SekSfParser *p) {
    static const char *const ends[] = {"else", "elseif", "end", NULL};
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_IF, p->token.off);
    sek_vbs_next(p);
    SekSfNode *condition = sek_vbs_expression(p);
    (void)sek_sf_accept(p, "then");
    bool many = p->token.kind == SEK_SF_LINE && sek_sf_at(p, p->token.off) != ':';
    if (!sek_sf_add_kid(p->run, node, condition ? condition : sek_sf_absent(p)) ||
        !sek_sf_add_kid(p->run, node, many ? parse_until(p, ends) : parse_line(p)))
        return node;
    if (sek_sf_is(p, "elseif")) {
        if (sek_sf_deeper(p)) {
            (void)sek_sf_add_kid(p->run, node, parse_if(p));
            p->depth--;
        }
        return node; /* its End If was ours */
    }
    if (sek_sf_accept(p, "else"))
        (void)sek_sf_add_kid(p->run, node, many ? parse_until(p, ends) : parse_line(p));
    if (sek_sf_is(p, "end")) {
        sek_vbs_next(p);
        (void)sek_sf_accept(p, "if");
    }
    return node;
}

static SekSfNode *literal_one(SekSfParser *p) {
    SekSfNode *one = sek_sf_node(p->run, SEK_SF_LITERAL, p->token.off);
    if (one)
        one->value = sek_sf_number(1);
    return one;
}

static SekSfNode *parse_for(SekSfParser *p) {
    static const char *const ends[] = {"next", NULL};
    size_t off = p->token.off;
    sek_vbs_next(p);
    bool each = sek_sf_accept(p, "each");
    SekSfNode *node = sek_sf_node(p->run, each ? SEK_SF_EACH : SEK_SF_COUNT, off);
    bool good = sek_sf_add_kid(p->run, node, sek_sf_name_node(p));
    if (each) {
        (void)sek_sf_accept(p, "in");
        good = good && sek_sf_add_kid(p->run, node, sek_sf_or_absent(p, sek_vbs_expression(p)));
    } else {
        (void)sek_sf_accept(p, "=");
        good = good && sek_sf_add_kid(p->run, node, sek_sf_or_absent(p, sek_vbs_expression(p)));
        (void)sek_sf_accept(p, "to");
        good = good && sek_sf_add_kid(p->run, node, sek_sf_or_absent(p, sek_vbs_expression(p)));
        good = good && sek_sf_add_kid(p->run, node, sek_sf_accept(p, "step") ? sek_sf_or_absent(p, sek_vbs_expression(p)) : literal_one(p));
    }
    good = good && sek_sf_add_kid(p->run, node, parse_until(p, ends));
    (void)sek_sf_accept(p, "next");
    if (p->token.kind == SEK_SF_WORD)
        sek_vbs_next(p);
    return good ? node : NULL;
}

/* do [while|until c] ... loop [while|until c]; while c ... wend */
static SekSfNode *parse_loop(SekSfParser *p) {
    static const char *const ends[] = {"loop", "wend", NULL};
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_LOOP, p->token.off), *condition = NULL;
    bool until = false, plain = sek_sf_is(p, "while"), first = false;
    sek_vbs_next(p);
    if (plain || sek_sf_is(p, "while") || sek_sf_is(p, "until")) {
        until = !plain && sek_sf_is(p, "until");
        if (!plain)
            sek_vbs_next(p);
        condition = sek_vbs_expression(p);
    }
    SekSfNode *body = parse_until(p, ends);
    if (!sek_vbs_line_over(p))
        sek_vbs_next(p);
    if (!condition && (sek_sf_is(p, "while") || sek_sf_is(p, "until"))) {
        until = sek_sf_is(p, "until");
        first = true;
        sek_vbs_next(p);
        condition = sek_vbs_expression(p);
    }
    if (until && condition) {
        SekSfNode *not = sek_sf_node(p->run, SEK_SF_UNARY, condition->off);
        if (sek_sf_add_kid(p->run, not, condition)) {
            not->op = "!";
            condition = not;
        }
    }
    (void)(sek_sf_add_kid(p->run, node, sek_sf_absent(p)) && sek_sf_add_kid(p->run, node, sek_sf_or_absent(p, condition)) &&
           sek_sf_add_kid(p->run, node, sek_sf_absent(p)) && sek_sf_add_kid(p->run, node, body));
    if (node && first)
        node->op = "do";
    return node && node->n_kids == 4 ? node : body;
}

/* [ByVal] a, b): parameters up to the parenthesis. */
static void parse_parameters(SekSfParser *p, SekSfNode *def) {
    bool by_value = false;
    while (def && !sek_vbs_line_over(p) && !sek_sf_accept(p, ")")) {
        if (sek_sf_accept(p, "byref") || sek_sf_accept(p, ","))
            continue;
        if (sek_sf_accept(p, "byval")) {
            by_value = true;
        } else if (p->token.kind == SEK_SF_WORD) {
            SekSfNode *name = sek_sf_name_node(p);
            if (name && by_value)
                name->op = "byval";
            (void)sek_sf_add_kid(p->run, def, name);
            by_value = false;
        } else {
            sek_vbs_next(p);
        }
    }
}

/* Function, Sub, Property Get; Property Let and Set have the `op` "let": no call names them. */
static SekSfNode *parse_function(SekSfParser *p) {
    static const char *const ends[] = {"end", NULL};
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_DEF, p->token.off);
    bool property = sek_sf_is(p, "property");
    sek_vbs_next(p);
    if (property && node) {
        node->op = sek_sf_is(p, "get") ? "" : "let";
        sek_vbs_next(p);
    }
    if (node)
        node->text = sek_sf_word(p);
    sek_vbs_next(p);
    if (sek_sf_accept(p, "("))
        parse_parameters(p, node);
    (void)sek_sf_add_kid(p->run, node, parse_until(p, ends));
    if (sek_sf_accept(p, "end"))
        sek_vbs_next(p); /* sub, function, property */
    return sek_sf_close_at(p, node);
}

/* Class K ... End Class: functions and variables; only New makes them live. */
static SekSfNode *parse_class(SekSfParser *p) {
    static const char *const ends[] = {"end", NULL};
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_CLASS, p->token.off);
    sek_vbs_next(p);
    if (node)
        node->text = sek_sf_word(p);
    sek_vbs_next(p);
    (void)sek_sf_add_kid(p->run, node, parse_until(p, ends));
    if (sek_sf_accept(p, "end"))
        sek_vbs_next(p);
    return sek_sf_close_at(p, node);
}

/* A name that no script can write, for the object of the n-th With. */
static SekStr with_name(SekSfParser *p) {
    SekBuf name;
    sek_buf_init(&name, 32);
    sek_buf_addf(&name, "(with %u)", ++p->n_with);
    SekSfValue value = sek_sf_take(p->run, &name);
    return value.text;
}

/* With o ... End With: the object has a name within, and .x is a member of it. */
static SekSfNode *parse_with(SekSfParser *p) {
    static const char *const ends[] = {"end", NULL};
    SekSfNode *block = sek_sf_node(p->run, SEK_SF_BLOCK, p->token.off);
    SekStr outer = p->with, name = with_name(p);
    sek_vbs_next(p);
    SekSfNode *dim = sek_sf_node(p->run, SEK_SF_DIM, p->token.off);
    if (dim)
        dim->text = name;
    (void)(sek_sf_add_kid(p->run, dim, sek_sf_or_absent(p, sek_vbs_expression(p))) && sek_sf_add_kid(p->run, block, dim));
    p->with = name;
    (void)sek_sf_add_kid(p->run, block, parse_until(p, ends));
    p->with = outer;
    if (sek_sf_accept(p, "end"))
        sek_vbs_next(p);
    return block;
}

/* Case 1, "a" / Case Else, with its statements. `Is > 1` and `1 To 2` are not followed: they are absent. */
static SekSfNode *parse_case(SekSfParser *p) {
    static const char *const ends[] = {"case", "end", NULL};
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_BLOCK, p->token.off);
    sek_vbs_next(p);
    if (node && sek_sf_accept(p, "else"))
        node->op = "else";
    while (node && !sek_vbs_line_over(p)) {
        SekSfNode *value = sek_sf_is(p, "is") ? NULL : sek_vbs_expression(p);
        bool plain = value && (sek_vbs_line_over(p) || sek_sf_is(p, ","));
        (void)sek_sf_add_kid(p->run, node, plain ? value : sek_sf_absent(p));
        while (!sek_vbs_line_over(p) && !sek_sf_is(p, ","))
            sek_vbs_next(p);
        (void)sek_sf_accept(p, ",");
    }
    return sek_sf_add_kid(p->run, node, parse_until(p, ends)) ? node : NULL;
}

/* Select Case x ... End Select */
static SekSfNode *parse_select(SekSfParser *p) {
    SekSfNode *node = sek_sf_node(p->run, SEK_SF_SELECT, p->token.off);
    sek_vbs_next(p);
    (void)sek_sf_accept(p, "case");
    (void)sek_sf_add_kid(p->run, node, sek_sf_or_absent(p, sek_vbs_expression(p)));
    while (node && p->token.kind != SEK_SF_END && !sek_sf_is(p, "end")) {
        if (!sek_sf_is(p, "case"))
            sek_vbs_next(p);
        else if (!sek_sf_add_kid(p->run, node, parse_case(p)))
            break;
    }
    if (sek_sf_accept(p, "end"))
        sek_vbs_next(p);
    return node && node->n_kids ? node : NULL;
}

static SekSfNode *parse_exit(SekSfParser *p) {
    sek_vbs_next(p);
    bool loop = sek_sf_is(p, "for") || sek_sf_is(p, "do");
    SekSfNode *node = sek_sf_node(p->run, loop ? SEK_SF_LEAVE : SEK_SF_RETURN, p->token.off);
    sek_vbs_next(p);
    return node;
}

/* a = b, a(1) = b, a.b c, d / call a(b) */
static SekSfNode *parse_assignment(SekSfParser *p) {
    size_t off = p->token.off;
    p->statement = true;
    SekSfNode *target = sek_vbs_postfix(p), *statement = sek_sf_node(p->run, SEK_SF_DO, off);
    p->statement = false;
    if (!target)
        return NULL;
    if (sek_sf_accept(p, "=")) {
        SekSfNode *set = sek_sf_node(p->run, SEK_SF_SET, off);
        SekSfNode *value = sek_vbs_expression(p);
        if (!sek_sf_add_kid(p->run, set, target) || !sek_sf_add_kid(p->run, set, sek_sf_or_absent(p, value)))
            return NULL;
        set->op = "=";
        return sek_sf_add_kid(p->run, statement, set) ? statement : NULL;
    }
    SekSfNode *call = target;
    if (target->kind == SEK_SF_NAME || target->kind == SEK_SF_MEMBER)
        call = sek_vbs_arguments(p, target, false);
    return sek_sf_add_kid(p->run, statement, call) ? statement : NULL;
}

/* What stands behind Public and Private. */
static SekSfNode *parse_declared(SekSfParser *p) {
    (void)sek_sf_accept(p, "default");
    (void)sek_sf_accept(p, "const");
    if (sek_sf_is(p, "function") || sek_sf_is(p, "sub") || sek_sf_is(p, "property"))
        return parse_function(p);
    return parse_names(p);
}

static SekSfNode *parse_known(SekSfParser *p) {
    if (sek_sf_accept(p, "dim") || sek_sf_accept(p, "const"))
        return parse_names(p);
    if (sek_sf_is(p, "redim"))
        return parse_redim(p);
    if (sek_sf_is(p, "if"))
        return parse_if(p);
    if (sek_sf_is(p, "for"))
        return parse_for(p);
    if (sek_sf_is(p, "do") || sek_sf_is(p, "while"))
        return parse_loop(p);
    if (sek_sf_is(p, "function") || sek_sf_is(p, "sub") || sek_sf_is(p, "property"))
        return parse_function(p);
    if (sek_sf_is(p, "select"))
        return parse_select(p);
    if (sek_sf_is(p, "with"))
        return parse_with(p);
    if (sek_sf_is(p, "class"))
        return parse_class(p);
    if (sek_sf_is(p, "exit"))
        return parse_exit(p);
    if (sek_sf_accept(p, "public") || sek_sf_accept(p, "private"))
        return parse_declared(p);
    if (sek_sf_is(p, "set") || sek_sf_is(p, "let") || sek_sf_is(p, "call")) {
        sek_vbs_next(p);
        return p->depth < SEK_SF_MAX_DEPTH ? parse_statement(p) : NULL;
    }
    if (sek_sf_is(p, "on") || sek_sf_is(p, "option")) {
        skip_line(p);
        return NULL;
    }
    if (sek_sf_is(p, "execute") || sek_sf_is(p, "executeglobal")) {
        SekSfNode *node = sek_sf_node(p->run, SEK_SF_RUN, p->token.off);
        bool global = sek_sf_is(p, "executeglobal");
        sek_vbs_next(p);
        SekSfNode *code = sek_vbs_expression(p);
        while (code && code->kind == SEK_SF_CALL && code->kids[0]->kind == SEK_SF_COMMA)
            code = code->kids[0]; /* mshta's Execute("code")(window.close) */
        if (node && global)
            node->op = "global";
        return sek_sf_add_kid(p->run, node, code) ? node : NULL;
    }
    return parse_assignment(p);
}

static SekSfNode *parse_statement(SekSfParser *p) {
    if (!sek_sf_deeper(p))
        return NULL;
    SekSfNode *node = parse_known(p);
    p->depth--;
    return node;
}

/* The text as one expression, as Eval reads it. */
static SekSfNode *parse_value(SekSfParser *p) {
    SekSfNode *block = sek_sf_node(p->run, SEK_SF_BLOCK, 0), *statement = sek_sf_node(p->run, SEK_SF_DO, 0);
    (void)(sek_sf_add_kid(p->run, statement, sek_vbs_expression(p)) && sek_sf_add_kid(p->run, block, statement));
    return block;
}

SekSfNode *sek_vbs_parse(SekSfRun *run, SekStr text) {
    static const char *const ends[] = {NULL};
    SekSfParser p = {.run = run, .text = text, .next = sek_vbs_next, .operand_of = sek_vbs_unary, .operators = sek_vbs_operators};
    sek_vbs_next(&p);
    return run->expression ? parse_value(&p) : parse_until(&p, ends);
}
