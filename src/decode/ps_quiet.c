/* SPDX-License-Identifier: Apache-2.0 */

/* Variables, texts, operators, calls and blocks of the walk that finds what is quiet (ps_quiet.h); statements are in
 * ps_quiet_stmt.c. Everything that is not listed in these as quiet is not. Depth is the parser's. */

#include "decode/ps_quiet.h"

static bool is(SekStr name, const char *what) {
    return sek_str_eq(name, sek_str(what));
}

/* Four or eight bytes as one number. */
static uint64_t bytes_at(const char *at, size_t n) {
    uint64_t eight = 0;
    uint32_t four = 0;
    memcpy(n == 8 ? (void *)&eight : (void *)&four, at, n);
    return eight | four;
}

uint64_t sek_ps_bit(SekStr name) {
    static const uint64_t lower = 0x2020202020202020u;
    uint64_t first = name.len, last = 0;
    if (name.len >= 4) {
        size_t n = name.len >= 8 ? 8 : 4;
        first = bytes_at(name.ptr, n);
        last = bytes_at(name.ptr + name.len - n, n);
    } else {
        for (size_t i = 0; i < name.len; i++)
            first = first << 8 | (unsigned char)name.ptr[i];
    }
    uint64_t hash = ((first | lower) + name.len) * 0x9E3779B97F4A7C15u ^ (last | lower) * 0xC2B2AE3D27D4EB4Fu;
    return (uint64_t)1 << ((hash ^ hash >> 29) * 0x9E3779B97F4A7C15u >> 58);
}

/* Visits all kids, for what stands in them. */
static SekPsGives loud(SekPsWalk *w, const SekPsNode *node) {
    bool leaf = node->kind == PS_STRING || node->kind == PS_NUMBER || node->kind == PS_TYPE;
    for (SekPsNode *kid = leaf ? NULL : node->kid; kid; kid = kid->next)
        (void)sek_ps_quiet_statement(w, kid);
    return SEK_PS_LOUD;
}

/* --- variables --------------------------------------------------------------------------------------------- */

/* Names that mean something to the reader; all others are variables like any. */
SekPsNameKind sek_ps_name_kind(SekStr name) {
    static const struct {
        SekStr name;
        SekPsNameKind kind;
    } names[] = {{{"_", 1}, SEK_PS_NAME_UNDER}, {{"psitem", 6}, SEK_PS_NAME_UNDER}, {{"null", 4}, SEK_PS_NAME_CONST},
                 {{"true", 4}, SEK_PS_NAME_CONST}, {{"false", 5}, SEK_PS_NAME_CONST}, {{"input", 5}, SEK_PS_NAME_FOLLOWED},
                 {{"args", 4}, SEK_PS_NAME_FOLLOWED}, {{"executioncontext", 16}, SEK_PS_NAME_FOLLOWED}, {{"?", 1}, SEK_PS_NAME_QUESTION},
                 {{"home", 4}, SEK_PS_NAME_TEXT}};
    char first = name.len ? sek_ascii_lower(name.ptr[0]) : 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].name.ptr[0] == first && names[i].name.len == name.len && sek_str_eq_nocase(name, names[i].name))
            return names[i].kind;
    if (name.len > 4 && sek_str_eq_nocase(sek_str_n(name.ptr, 4), SEK_STR("env:")))
        return SEK_PS_NAME_TEXT;
    return name.len == 0 || memchr(name.ptr, ':', name.len) ? SEK_PS_NAME_FOLLOWED : SEK_PS_NAME_PLAIN;
}

static SekPsGives variable(SekPsWalk *w, const SekPsNode *node) {
    SekStr usual;
    SekPsNameKind kind = sek_ps_name_kind(node->name);
    if (node->flags & PS_SPLAT)
        return SEK_PS_SOME;
    if (kind == SEK_PS_NAME_FOLLOWED || sek_ps_soft_variable(node->name, &usual))
        return SEK_PS_LOUD;
    if (kind == SEK_PS_NAME_CONST)
        return SEK_PS_CONST;
    w->need.reads |= sek_ps_bit(kind == SEK_PS_NAME_UNDER ? SEK_STR("_") : node->name);
    return kind == SEK_PS_NAME_TEXT ? SEK_PS_STRING : SEK_PS_SOME;
}

/* --- texts and operators ----------------------------------------------------------------------------------- */

/* "a $b c": a text that is not known. Each piece that is, is counted as joined. */
static SekPsGives expanded(SekPsWalk *w, const SekPsNode *node) {
    bool quiet = true, unknown = false, before = false;
    for (SekPsNode *kid = node->kid; kid; kid = kid->next) {
        SekPsGives gives = sek_ps_quiet_value(w, kid);
        bool question = kid->kind == PS_VAR && sek_ps_name_kind(kid->name) == SEK_PS_NAME_QUESTION, written = gives == SEK_PS_WORDS && kid->kind == PS_STRING;
        quiet = quiet && (written ? !before : sek_ps_is_unknown(gives) && !question);
        unknown = unknown || sek_ps_is_unknown(gives);
        before = written;
        w->concats += written;
    }
    return quiet && unknown ? SEK_PS_STRING : SEK_PS_LOUD;
}

/* Values in a row; `*out_known` is whether one of them is. */
static SekPsGives listed(SekPsWalk *w, const SekPsNode *node, bool *out_known) {
    SekPsGives all = SEK_PS_CONST;
    *out_known = false;
    for (const SekPsNode *kid = node->kid; kid; kid = kid->next) {
        SekPsGives one = sek_ps_quiet_value(w, kid);
        all = one == SEK_PS_LOUD ? SEK_PS_LOUD : all;
        *out_known = *out_known || !sek_ps_is_unknown(one);
    }
    return all;
}

/* Whether what comes first in the format is an item: without a value for it, the text is not known. */
static bool formats(const SekPsNode *format) {
    for (uint32_t i = 0; i + 1 < format->text.n; i++)
        if (format->text.p[i] == '{')
            return format->text.p[i + 1] >= '0' && format->text.p[i + 1] <= '9';
    return false;
}

/* The operand behind an operator. '{0} {1}' -f $a, $b is as unknown as what it formats. */
static SekPsGives operand(SekPsWalk *w, const SekPsNode *before, const SekPsNode *kid) {
    bool known;
    if (kid->kind != PS_LIST)
        return sek_ps_quiet_value(w, kid);
    SekPsGives gives = listed(w, kid, &known);
    bool unknown = kid->lead == PS_OP_FORMAT && gives == SEK_PS_CONST && !known && before->kind == PS_STRING && formats(before);
    return unknown ? SEK_PS_SOME : gives;
}

static SekPsGives operated(SekPsWalk *w, uint8_t op, SekPsGives left, SekPsGives right) {
    switch (op) {
    case PS_OP_ADD:
        if (left == SEK_PS_STRING && right == SEK_PS_WORDS)
            w->concats++; /* the beginning of a run of constants */
        if (left == SEK_PS_STRING && right == SEK_PS_CONST)
            return SEK_PS_LOUD;
        return left == SEK_PS_WORDS || left == SEK_PS_STRING ? SEK_PS_STRING : SEK_PS_SOME;
    case PS_OP_AND:
    case PS_OP_OR:
        return sek_ps_is_written(left) || sek_ps_is_written(right) ? SEK_PS_LOUD : SEK_PS_SOME;
    case PS_OP_JOIN:
    case PS_OP_REPLACE:
    case PS_OP_FORMAT:
        return SEK_PS_STRING;
    default:
        return SEK_PS_SOME;
    }
}

static SekPsGives binary(SekPsWalk *w, const SekPsNode *node) {
    const SekPsNode *before = node->kid;
    SekPsGives value = sek_ps_quiet_value(w, before), last = value;
    for (const SekPsNode *kid = before->next; kid; before = kid, kid = kid->next) {
        SekPsGives right = operand(w, before, kid);
        bool told = value == SEK_PS_LOUD || right == SEK_PS_LOUD || (sek_ps_is_written(last) && sek_ps_is_written(right));
        value = told ? SEK_PS_LOUD : operated(w, kid->lead, value, right);
        last = right;
    }
    return value;
}

static SekPsGives unary(SekPsWalk *w, const SekPsNode *node) {
    SekPsGives gives = sek_ps_quiet_value(w, node->kid);
    bool plain = node->op == PS_OP_NOT || node->op == PS_OP_BNOT || node->op == PS_OP_ADD || node->op == PS_OP_SUB;
    return plain && sek_ps_is_unknown(gives) ? SEK_PS_SOME : SEK_PS_LOUD;
}

static SekPsGives cast(SekPsWalk *w, const SekPsNode *node) {
    char buf[128];
    SekPsGives gives = sek_ps_quiet_value(w, node->kid);
    if (!sek_ps_is_unknown(gives) || sek_ps_is_reference(node->name))
        return SEK_PS_LOUD;
    return is(sek_ps_type_name(node->name, buf, sizeof buf), "string") ? SEK_PS_STRING : SEK_PS_SOME;
}

/* --- members ----------------------------------------------------------------------------------------------- */

/* Types of which nothing is followed. */
static bool is_plain_type(SekStr type) {
    static const char *const followed[] = {"convert", "string", "char", "array", "text.encoding", "regex",
        "text.regularexpressions.regex", "runtime.interopservices.marshal", "environment", "scriptblock",
        "management.automation.scriptblock", "int", "int32", "byte", "int64", "powershell", "io.file", "math"};
    for (size_t i = 0; i < sizeof followed / sizeof *followed; i++)
        if (is(type, followed[i]))
            return false;
    return !sek_str_starts(type, SEK_STR("security.cryptography.")) && !sek_str_ends(type, SEK_STR("mode")) &&
           !sek_str_ends(type, SEK_STR("options"));
}

/* The name of a member as it is written, in lower case; empty when it is put together or long. */
static SekStr member_name(const SekPsNode *link, char *buf, size_t size) {
    const SekPsNode *name = link->kid;
    SekStr text;
    bool written = name->kind == PS_STRING && name->flags == PS_BARE && sek_pt_lower_ascii(name->text, buf, size, &text);
    return written ? text : sek_str_n("", 0);
}

/* A call on something that is not known, or of a type of which nothing is. */
static SekPsGives called(SekPsWalk *w, const SekPsNode *link, SekStr name, SekPsGives self) {
    static const char *const followed[] = {"set", "remove", "invoke", "new", "urldecode", "unescapedatastring"};
    for (size_t i = 0; i < sizeof followed / sizeof *followed; i++)
        if (is(name, followed[i]))
            return SEK_PS_LOUD;
    w->marks |= SEK_PS_QUIET_CALLS_OUT;
    if (link->flags & PS_STATIC)
        return SEK_PS_SOME;
    bool text = is(name, "tostring") || (self == SEK_PS_STRING && (is(name, "replace") || is(name, "trim")));
    return text ? SEK_PS_STRING : SEK_PS_SOME;
}

/* The arguments of a call; SEK_PS_LOUD when one of them is, else what the first gives. */
static SekPsGives arguments(SekPsWalk *w, const SekPsNode *first) {
    SekPsGives gives = first ? sek_ps_quiet_value(w, first) : SEK_PS_NOTHING;
    for (const SekPsNode *arg = first; arg; arg = arg->next) {
        if (arg != first && sek_ps_quiet_value(w, arg) == SEK_PS_LOUD)
            gives = SEK_PS_LOUD;
        if (arg->kind == PS_VAR || arg->kind == PS_CAST)
            w->marks |= SEK_PS_QUIET_STIRS;
    }
    return gives;
}

/* [math]::Round($x, 2): what is not a number gives none. */
static bool is_math_of_unknown(SekStr type, SekPsGives first) {
    return is(type, "math") && sek_ps_is_unknown(first);
}

static SekPsGives linked(SekPsWalk *w, const SekPsNode *before, const SekPsNode *link, SekPsGives self) {
    char buf[64], type_buf[128];
    if (link->kind == PS_INDEX) {
        SekPsGives index = sek_ps_quiet_value(w, link->kid);
        return index == SEK_PS_LOUD || !sek_ps_is_unknown(self) ? SEK_PS_LOUD : SEK_PS_SOME;
    }
    SekPsGives first = link->kind == PS_CALL ? arguments(w, link->kid->next) : SEK_PS_NOTHING;
    SekStr name = member_name(link, buf, sizeof buf);
    if (name.len == 0)
        (void)sek_ps_quiet_value(w, link->kid);
    if (name.len == 0 || first == SEK_PS_LOUD)
        return SEK_PS_LOUD;
    if (before->kind == PS_TYPE) {
        SekStr type = sek_ps_type_name(before->name, type_buf, sizeof type_buf);
        if (!(link->flags & PS_STATIC) || !(is_plain_type(type) || (link->kind == PS_CALL && is_math_of_unknown(type, first))))
            return SEK_PS_LOUD;
    } else if (!sek_ps_is_unknown(self)) {
        return SEK_PS_LOUD;
    }
    return link->kind == PS_CALL ? called(w, link, name, self) : SEK_PS_SOME;
}

static SekPsGives chain(SekPsWalk *w, const SekPsNode *node) {
    const SekPsNode *before = node->kid;
    SekPsGives value = sek_ps_quiet_value(w, before);
    for (const SekPsNode *link = before->next; link; before = link, link = link->next) {
        SekPsGives next = linked(w, before, link, value);
        value = value == SEK_PS_LOUD ? SEK_PS_LOUD : next;
    }
    return value;
}

/* --- collections and brackets ------------------------------------------------------------------------------ */

static SekPsGives bracketed(SekPsWalk *w, const SekPsNode *node) {
    if (!node->kid)
        return node->kind == PS_ARRAY ? SEK_PS_CONST : SEK_PS_LOUD;
    if (node->kid->next || node->kid->kind == PS_ASSIGN)
        return loud(w, node);
    SekPsGives gives = sek_ps_quiet_statement(w, node->kid);
    if (node->kind == PS_PAREN)
        return gives == SEK_PS_NOTHING ? SEK_PS_LOUD : gives;
    if (sek_ps_is_unknown(gives))
        return SEK_PS_SOME;
    return node->kind == PS_ARRAY && sek_ps_is_written(gives) ? SEK_PS_CONST : SEK_PS_LOUD;
}

static SekPsGives table(SekPsWalk *w, const SekPsNode *node) {
    SekPsGives gives = SEK_PS_CONST;
    for (SekPsNode *key = node->kid; key && key->next; key = key->next->next) {
        if (!sek_ps_is_written(sek_ps_quiet_value(w, key)))
            gives = SEK_PS_LOUD;
        if (sek_ps_quiet_statement(w, key->next) == SEK_PS_LOUD || key->next->kind == PS_ASSIGN)
            gives = SEK_PS_LOUD;
    }
    return gives;
}

SekPsGives sek_ps_quiet_value(SekPsWalk *w, const SekPsNode *node) {
    bool known;
    switch (node->kind) {
    case PS_STRING:
        return node->flags & (PS_ODD | PS_BACKTICK) ? SEK_PS_LOUD : SEK_PS_WORDS;
    case PS_NUMBER:
        return node->flags & PS_ODD ? SEK_PS_LOUD : SEK_PS_CONST;
    case PS_TYPE:
        return SEK_PS_CONST;
    case PS_VAR:
        return variable(w, node);
    case PS_EXPAND:
        return expanded(w, node);
    case PS_UNARY:
        return unary(w, node);
    case PS_BINARY:
        return binary(w, node);
    case PS_CAST:
        return cast(w, node);
    case PS_CHAIN:
        return chain(w, node);
    case PS_PAREN:
    case PS_SUB:
    case PS_ARRAY:
        return bracketed(w, node);
    case PS_HASH:
        return table(w, node);
    case PS_LIST:
        return listed(w, node, &known);
    case PS_BLOCK:
        return sek_ps_quiet_block(w, node, NULL) == SEK_PS_LOUD ? SEK_PS_LOUD : SEK_PS_CONST;
    default:
        return loud(w, node);
    }
}
