/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/chain.h"

/* The table of modifiers (MOD, all sections): what each takes, and what may stand before it. Names
 * are lower case and exact: an unknown one could mean anything, so the rule is refused. */

enum {
    STRING = 1 << SEK_MATCH_STRING,
    REGEX = 1 << SEK_MATCH_REGEX,
    NUMBER = 1 << SEK_MATCH_NUMBER,
    BOOL = 1 << SEK_MATCH_BOOL,
    COMPARE = 1 << SEK_MATCH_COMPARE,
    REFERENCE = 1 << SEK_MATCH_FIELDREF,
    ANYTHING = ~0u >> 1,
};

enum {
    G_ITEM = 1 << 0, /* all, neq */
    G_CASED = 1 << 1,
    G_AFFIX = 1 << 2, /* contains, startswith, endswith */
    G_WINDASH = 1 << 3,
    G_EXPAND = 1 << 4,
    G_UTF16 = 1 << 5,
    G_BASE64 = 1 << 6,
    G_RE = 1 << 7,
    G_RE_FLAG = 1 << 8,
    G_FIRST = 1 << 9, /* cidr, exists */
    G_FIELDREF = 1 << 10,
    G_PART = 1 << 11,
    G_COMPARE = 1 << 12,
    /* sets for the `after` column */
    TEXT = G_ITEM | G_CASED | G_WINDASH | G_EXPAND,
    BYTES = G_UTF16 | G_BASE64,
    REGEXES = G_ITEM | G_RE | G_RE_FLAG | G_EXPAND | G_AFFIX,
};

#define AFFIX STRING | REGEX | REFERENCE, G_AFFIX, TEXT | BYTES | REGEXES | G_FIELDREF
#define UTF16 STRING, G_UTF16, TEXT | G_BASE64
#define BASE64 STRING, G_BASE64, TEXT | BYTES
#define RE_FLAG REGEX, G_RE_FLAG, REGEXES
#define ORDER NUMBER | COMPARE, G_COMPARE, G_ITEM | G_PART
#define PART NUMBER, G_PART, G_ITEM

static const SekModifier table[] = {
    {"all", NULL, ANYTHING, G_ITEM, ANYTHING},
    {"neq", NULL, ANYTHING, G_ITEM, ANYTHING},
    {"contains", sek_mod_contains, AFFIX},
    {"startswith", sek_mod_startswith, AFFIX},
    {"endswith", sek_mod_endswith, AFFIX},
    {"cased", sek_mod_cased, STRING | REFERENCE, G_CASED, TEXT | BYTES | G_AFFIX | G_FIELDREF},
    {"windash", sek_mod_windash, STRING, G_WINDASH, TEXT | G_AFFIX},
    {"expand", sek_mod_expand, STRING | REGEX, G_EXPAND, TEXT | REGEXES},
    {"wide", sek_mod_utf16le, UTF16},
    {"utf16le", sek_mod_utf16le, UTF16},
    {"utf16be", sek_mod_utf16be, UTF16},
    {"utf16", sek_mod_utf16, UTF16},
    {"base64", sek_mod_base64, BASE64},
    {"base64offset", sek_mod_base64offset, BASE64},
    {"re", sek_mod_re, STRING, G_RE, 0},
    {"i", sek_mod_re_i, RE_FLAG},
    {"ignorecase", sek_mod_re_i, RE_FLAG},
    {"m", sek_mod_re_m, RE_FLAG},
    {"multiline", sek_mod_re_m, RE_FLAG},
    {"s", sek_mod_re_s, RE_FLAG},
    {"dotall", sek_mod_re_s, RE_FLAG},
    {"cidr", sek_mod_cidr, STRING, G_FIRST, 0},
    {"exists", sek_mod_exists, BOOL, G_FIRST, 0},
    {"fieldref", sek_mod_fieldref, STRING, G_FIELDREF, G_ITEM | G_CASED},
    {"gt", sek_mod_gt, ORDER},
    {"gte", sek_mod_gte, ORDER},
    {"lt", sek_mod_lt, ORDER},
    {"lte", sek_mod_lte, ORDER},
    {"minute", sek_mod_minute, PART},
    {"hour", sek_mod_hour, PART},
    {"day", sek_mod_day, PART},
    {"week", sek_mod_week, PART},
    {"month", sek_mod_month, PART},
    {"year", sek_mod_year, PART},
};

static const SekModifier *find(SekStr name, bool nocase) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        SekStr known = sek_str(table[i].name);
        if (nocase ? sek_str_eq_nocase(known, name) : sek_str_eq(known, name))
            return &table[i];
    }
    return NULL;
}

/* The modifier that a misspelt name is likely meant for: a third of it is wrong at most. */
static const SekModifier *nearest(SekStr name) {
    const SekModifier *best = NULL;
    unsigned most = (unsigned)(name.len < SEK_STR_DISTANCE_MAX ? name.len : 0) / 3 + 1;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        unsigned d = sek_str_distance(name, sek_str(table[i].name));
        if (d < most) {
            most = d;
            best = &table[i];
        }
    }
    return best;
}

static SekStatus unknown(SekRuleReader *reader, SekRulePos pos, SekStr name) {
    const SekModifier *near = find(name, true);
    if (near)
        return sek_rule_error(reader, pos, "unknown-modifier",
                              "there is no modifier `%s`; modifiers are lower case: `%s`",
                              sek_show(name).text, near->name);
    near = nearest(name);
    return sek_rule_error(reader, pos, "unknown-modifier", "there is no modifier `%s`; %s%s`", sek_show(name).text,
                          near ? "did you mean `" : "a field name cannot hold a `|", near ? near->name : "");
}

static SekStatus check_order(SekRuleReader *reader, SekRulePos pos, const SekChain *chain,
                             const SekModifier *next) {
    bool after_re = chain->n > 0 && chain->modifiers[0]->group == G_RE;
    if (next->group == G_RE_FLAG && !after_re)
        return sek_rule_error(reader, pos, "modifier-order", "`%s` needs `re` before it",
                              next->name);
    if (chain->n > 0 && next->after == 0)
        return sek_rule_error(reader, pos, "modifier-order", "`%s` must be the first modifier",
                              next->name);
    for (uint32_t i = 0; i < chain->n; i++) {
        const SekModifier *before = chain->modifiers[i];
        if (before->apply == next->apply && (before->apply || before == next))
            return sek_rule_error(reader, pos, "modifier-order", "`%s` stands twice", next->name);
        if (!(next->after & before->group))
            return sek_rule_error(reader, pos, "modifier-order", "`%s` cannot stand after `%s`",
                                  next->name, before->name);
    }
    return SEK_OK;
}

static SekStatus add(SekRuleReader *reader, SekRulePos pos, SekStr name, SekChain *chain) {
    const SekModifier *modifier = find(name, false);
    if (!modifier)
        return unknown(reader, pos, name);
    if (chain->n == SEK_CHAIN_MAX)
        return sek_rule_error(reader, pos, "limit", "more than %d modifiers", SEK_CHAIN_MAX);
    SekStatus status = check_order(reader, pos, chain, modifier);
    if (status)
        return status;
    chain->modifiers[chain->n++] = modifier;
    chain->all = chain->all || modifier == &table[0];
    chain->negate = chain->negate || modifier == &table[1];
    chain->expand = chain->expand || modifier->group == G_EXPAND;
    return SEK_OK;
}

SekStatus sek_chain_parse(SekRuleReader *reader, const SekYamlNode *key, SekChain *out) {
    SekChain chain = {.field = key->text};
    SekRulePos pos = sek_pos(key);
    SekStr rest = key->text;
    for (bool field = true;; field = false) {
        const char *bar = rest.len ? memchr(rest.ptr, '|', rest.len) : NULL;
        SekStr part = {rest.ptr, bar ? (size_t)(bar - rest.ptr) : rest.len};
        SekStatus status = SEK_OK;
        if (field)
            chain.field = part;
        else
            status = add(reader, pos, part, &chain);
        if (status)
            return status;
        if (!bar)
            break;
        rest = sek_str_n(bar + 1, rest.len - part.len - 1);
    }
    *out = chain;
    return SEK_OK;
}

SekStatus sek_chain_wrong_kind(SekRuleReader *reader, const SekModifier *modifier,
                               const SekYamlNode *value) {
    const char *wanted = "a number without quotes";
    if (modifier->takes & BOOL)
        wanted = "true or false without quotes";
    else if (modifier->takes & STRING)
        wanted = value->kind == SEK_YAML_NULL ? "text, but there is nothing"
                                              : "text; put the value in quotes";
    return sek_rule_error(reader, sek_pos(value), "bad-value", "`%s` needs %s", modifier->name,
                          wanted);
}
