/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/modifiers.h"

#include "rule/address.h"
#include "rule/encode.h"
#include "rule/expand.h"
#include "rule/number.h"
#include "rule/pattern.h"

#include <math.h>

/* What each modifier does to one value. A value is a SekMatch under construction; chain.c has made
 * sure that the modifiers stand in an order that makes sense and that this one accepts the value's
 * kind. */

/* Status of a pattern function, with the message for a value that is too large. */
static SekStatus checked(const SekDraft *d, SekStatus status) {
    return sek_rule_check(d->reader, sek_pos(d->value), status,
                          "the value is too long or stands for too many strings; split it");
}

static SekArena *arena_of(const SekDraft *d) {
    return &d->reader->file->arena;
}

/* A private copy of the patterns, so that they can be changed. */
static SekPattern *own_patterns(const SekDraft *d, SekMatch *m, SekStatus *status) {
    SekPattern *copy = SEK_ARENA_ARRAY(arena_of(d), SekPattern, m->n_patterns);
    *status = copy ? SEK_OK : checked(d, SEK_ERR_MEMORY);
    if (!copy)
        return NULL;
    memcpy(copy, m->patterns, m->n_patterns * sizeof *copy);
    m->patterns = copy;
    return copy;
}

/* --- strings ------------------------------------------------------------------------------ */

static SekStatus affix_reference(SekMatch *m, bool front, bool back) {
    front = front || m->ref_mode == SEK_REF_ENDSWITH || m->ref_mode == SEK_REF_CONTAINS;
    back = back || m->ref_mode == SEK_REF_STARTSWITH || m->ref_mode == SEK_REF_CONTAINS;
    m->ref_mode = front && back ? SEK_REF_CONTAINS : front ? SEK_REF_ENDSWITH : SEK_REF_STARTSWITH;
    return SEK_OK;
}

static SekStatus affix(SekDraft *d, SekMatch *m, bool front, bool back) {
    if (m->kind == SEK_MATCH_FIELDREF)
        return affix_reference(m, front, back);
    if (m->kind == SEK_MATCH_REGEX) /* an expression is searched for, not matched as a whole */
        return sek_rule_warn(d->reader, sek_pos(d->value), "no-effect",
                             "`%s` does nothing to a regular expression, which is found anywhere "
                             "in the value; use ^ or $",
                             front && back ? "contains"
                             : front       ? "endswith"
                                           : "startswith");
    SekStatus status;
    SekPattern *patterns = own_patterns(d, m, &status);
    for (uint32_t i = 0; i < m->n_patterns && !status; i++)
        status = checked(d, sek_pattern_affix(arena_of(d), front, back, &patterns[i]));
    return status;
}

SekStatus sek_mod_contains(SekDraft *d, SekMatch *m) {
    return affix(d, m, true, true);
}

SekStatus sek_mod_startswith(SekDraft *d, SekMatch *m) {
    return affix(d, m, false, true);
}

SekStatus sek_mod_endswith(SekDraft *d, SekMatch *m) {
    return affix(d, m, true, false);
}

SekStatus sek_mod_cased(SekDraft *d, SekMatch *m) {
    (void)d;
    m->cased = true;
    return SEK_OK;
}

SekStatus sek_mod_windash(SekDraft *d, SekMatch *m) {
    SekStatus status;
    SekPattern *patterns = own_patterns(d, m, &status);
    for (uint32_t i = 0; i < m->n_patterns && !status; i++)
        status = checked(d, sek_pattern_windash(arena_of(d), &patterns[i]));
    return status;
}

SekStatus sek_mod_expand(SekDraft *d, SekMatch *m) {
    const SekRuleOptions *options = &d->reader->file->options;
    SekStr missing = {0};
    SekStatus status = SEK_OK;
    if (m->kind == SEK_MATCH_REGEX) {
        status = sek_expand_regex(arena_of(d), options, m->text, &m->text, &missing);
    } else {
        SekPatternList list;
        status = sek_expand_pattern(arena_of(d), options, &m->patterns[0], &list, &missing);
        if (!status) {
            m->patterns = list.patterns;
            m->n_patterns = list.n;
            m->pending = sek_expand_is_pending(&list.patterns[0]);
        }
    }
    if (status == SEK_NOT_FOUND && options->defer) { /* only of an expression, kept as it is */
        m->pending = true;
        return SEK_OK;
    }
    if (status == SEK_NOT_FOUND)
        return sek_rule_error(
            d->reader, sek_pos(d->value), "placeholder",
            "the placeholder %%%s%% has no values; define it in a file of placeholders",
            sek_show(missing).text);
    return checked(d, status);
}

/* --- encodings ---------------------------------------------------------------------------- */

/* The plain forms of all patterns: windash before an encoding stands for strings that encode to
 * different bytes. */
static SekStatus plain_forms(SekDraft *d, SekMatch *m) {
    uint32_t n = 0;
    SekPatternList lists[8], *all = lists;
    if (m->n_patterns > 8)
        all = SEK_ARENA_ARRAY(arena_of(d), SekPatternList, m->n_patterns);
    if (!all)
        return checked(d, SEK_ERR_MEMORY);
    for (uint32_t i = 0; i < m->n_patterns; i++) {
        SekStatus status = checked(d, sek_pattern_undash(arena_of(d), &m->patterns[i], &all[i]));
        n += status ? 0 : all[i].n;
        if (!status && n > SEK_PATTERN_MAX_ALTERNATIVES)
            status = checked(d, SEK_ERR_LIMIT);
        if (status)
            return status;
    }
    SekPattern *flat = SEK_ARENA_ARRAY(arena_of(d), SekPattern, n);
    if (!flat)
        return checked(d, SEK_ERR_MEMORY);
    uint32_t at = 0;
    for (uint32_t i = 0; i < m->n_patterns; i++) {
        memcpy(flat + at, all[i].patterns, all[i].n * sizeof *flat);
        at += all[i].n;
    }
    m->patterns = flat;
    m->n_patterns = n;
    return SEK_OK;
}

/* Encodes every pattern into `n_forms` patterns. */
typedef SekStatus (*Encoder)(SekArena *arena, SekStr bytes, unsigned form, SekStr *out);

static SekStatus encode_one(SekDraft *d, const SekPattern *from, Encoder encoder, unsigned form,
                            SekPattern *to) {
    SekStr plain, encoded;
    if (!sek_pattern_plain(from, &plain))
        return sek_rule_error(d->reader, sek_pos(d->value), "bad-value",
                              "`%s` cannot encode a wildcard; write \\* or \\? for the characters",
                              d->modifier);
    SekStatus status = checked(d, encoder(arena_of(d), plain, form, &encoded));
    if (status)
        return status;
    if (encoded.len == 0)
        return sek_rule_error(d->reader, sek_pos(d->value), "bad-value",
                              "the value is too short for `%s`: nothing would be left to look for",
                              d->modifier);
    return checked(d, sek_pattern_literal(arena_of(d), encoded, to));
}

static SekStatus encode_all(SekDraft *d, SekMatch *m, Encoder encoder, unsigned first,
                            unsigned n_forms) {
    SekStatus status = plain_forms(d, m);
    if (status)
        return status;
    SekPattern *out = SEK_ARENA_ARRAY(arena_of(d), SekPattern, (size_t)m->n_patterns * n_forms);
    if (!out)
        return checked(d, SEK_ERR_MEMORY);
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->n_patterns && !status; i++)
        for (unsigned form = first; form < first + n_forms && !status; form++)
            status = encode_one(d, &m->patterns[i], encoder, form, &out[n++]);
    m->patterns = out;
    m->n_patterns = n;
    return status;
}

static SekStatus utf16(SekArena *arena, SekStr bytes, unsigned form, SekStr *out) {
    return sek_encode_utf16(arena, bytes, (SekUtf16Form)form, out);
}

static SekStatus base64(SekArena *arena, SekStr bytes, unsigned form, SekStr *out) {
    (void)form;
    return sek_encode_base64(arena, bytes, out);
}

SekStatus sek_mod_utf16le(SekDraft *d, SekMatch *m) {
    return encode_all(d, m, utf16, SEK_UTF16_LE, 1);
}

SekStatus sek_mod_utf16be(SekDraft *d, SekMatch *m) {
    return encode_all(d, m, utf16, SEK_UTF16_BE, 1);
}

SekStatus sek_mod_utf16(SekDraft *d, SekMatch *m) {
    return encode_all(d, m, utf16, SEK_UTF16_BOM_LE, 1);
}

SekStatus sek_mod_base64(SekDraft *d, SekMatch *m) {
    return encode_all(d, m, base64, 0, 1);
}

SekStatus sek_mod_base64offset(SekDraft *d, SekMatch *m) {
    return encode_all(d, m, sek_encode_base64_shift, 0, 3);
}

/* --- other kinds of value ------------------------------------------------------------------ */

SekStatus sek_mod_re(SekDraft *d, SekMatch *m) {
    m->kind = SEK_MATCH_REGEX;
    m->text = d->value->text;
    m->patterns = NULL;
    m->n_patterns = 0;
    SekStr copy = sek_arena_dup(arena_of(d), m->text);
    if (!copy.ptr)
        return checked(d, SEK_ERR_MEMORY);
    m->text = copy;
    if (copy.len == 0)
        return sek_rule_error(d->reader, sek_pos(d->value), "bad-value",
                              "an empty regular expression is found in every value");
    return SEK_OK;
}

SekStatus sek_mod_re_i(SekDraft *d, SekMatch *m) {
    (void)d;
    m->re_i = true;
    return SEK_OK;
}

SekStatus sek_mod_re_m(SekDraft *d, SekMatch *m) {
    (void)d;
    m->re_m = true;
    return SEK_OK;
}

SekStatus sek_mod_re_s(SekDraft *d, SekMatch *m) {
    (void)d;
    m->re_s = true;
    return SEK_OK;
}

/* Reads `address[/bits]`; NULL, or what is wrong with it. */
static const char *parse_cidr(SekStr text, SekAddress *net, unsigned *bits) {
    SekStr host = text;
    const char *slash = text.len ? memchr(text.ptr, '/', text.len) : NULL;
    if (slash)
        host.len = (size_t)(slash - text.ptr);
    if (!sek_address_parse(host, net))
        return "is not an IPv4 or IPv6 network such as 10.0.0.0/8";
    unsigned most = net->v6 ? 128 : 32;
    *bits = most;
    if (!slash)
        return NULL;
    SekNumber number;
    SekStr digits = sek_str_n(slash + 1, text.len - host.len - 1);
    bool plain = digits.len > 0 && digits.len <= 3;
    for (size_t i = 0; plain && i < digits.len; i++)
        plain = digits.ptr[i] >= '0' && digits.ptr[i] <= '9';
    if (!plain || !sek_number_parse(digits, &number) || number.magnitude > most)
        return net->v6 ? "needs a prefix length from 0 to 128"
                       : "needs a prefix length from 0 to 32";
    *bits = (unsigned)number.magnitude;
    for (unsigned i = *bits; i < most; i++)
        if (net->bytes[i / 8] >> (7 - i % 8) & 1)
            return "has bits set behind its prefix; write the network's own address";
    return NULL;
}

SekStatus sek_mod_cidr(SekDraft *d, SekMatch *m) {
    SekAddress net;
    unsigned bits;
    const char *wrong = parse_cidr(d->value->text, &net, &bits);
    if (wrong)
        return sek_rule_error(d->reader, sek_pos(d->value), "bad-value", "'%s' %s",
                              sek_show(d->value->text).text, wrong);
    *m = (SekMatch){.kind = SEK_MATCH_CIDR, .net_bits = (uint8_t)bits, .net_v6 = net.v6};
    memcpy(m->net, net.bytes, sizeof m->net);
    return SEK_OK;
}

SekStatus sek_mod_exists(SekDraft *d, SekMatch *m) {
    (void)d;
    m->kind = SEK_MATCH_EXISTS; /* the flag is there already */
    return SEK_OK;
}

SekStatus sek_mod_fieldref(SekDraft *d, SekMatch *m) {
    SekStr name;
    if (!sek_pattern_plain(&m->patterns[0], &name) || name.len == 0)
        return sek_rule_error(d->reader, sek_pos(d->value), "bad-value",
                              "`fieldref` needs the name of one field, without wildcards");
    bool cased = m->cased;
    *m = (SekMatch){.kind = SEK_MATCH_FIELDREF, .text = name, .cased = cased};
    return SEK_OK;
}

static SekStatus compare(SekDraft *d, SekMatch *m, SekOp op) {
    if (!isfinite(m->number.real))
        return sek_rule_error(d->reader, sek_pos(d->value), "bad-value",
                              "`%s` needs a finite number", d->modifier);
    m->kind = SEK_MATCH_COMPARE;
    m->op = op;
    return SEK_OK;
}

SekStatus sek_mod_gt(SekDraft *d, SekMatch *m) {
    return compare(d, m, SEK_OP_GT);
}

SekStatus sek_mod_gte(SekDraft *d, SekMatch *m) {
    return compare(d, m, SEK_OP_GTE);
}

SekStatus sek_mod_lt(SekDraft *d, SekMatch *m) {
    return compare(d, m, SEK_OP_LT);
}

SekStatus sek_mod_lte(SekDraft *d, SekMatch *m) {
    return compare(d, m, SEK_OP_LTE);
}

/* Ranges from MOD, Time Modifiers; ISO 8601 has a week 53. */
static SekStatus date_part(SekDraft *d, SekMatch *m, SekDatePart part, unsigned first,
                           unsigned last) {
    const SekNumber *n = &m->number;
    if (!n->is_int || n->negative || n->magnitude < first || n->magnitude > last)
        return sek_rule_error(d->reader, sek_pos(d->value), "bad-value",
                              "`%s` needs a whole number from %u to %u", d->modifier, first, last);
    m->kind = SEK_MATCH_COMPARE;
    m->op = SEK_OP_EQ;
    m->part = part;
    return SEK_OK;
}

SekStatus sek_mod_minute(SekDraft *d, SekMatch *m) {
    return date_part(d, m, SEK_PART_MINUTE, 0, 59);
}

SekStatus sek_mod_hour(SekDraft *d, SekMatch *m) {
    return date_part(d, m, SEK_PART_HOUR, 0, 23);
}

SekStatus sek_mod_day(SekDraft *d, SekMatch *m) {
    return date_part(d, m, SEK_PART_DAY, 1, 31);
}

SekStatus sek_mod_week(SekDraft *d, SekMatch *m) {
    return date_part(d, m, SEK_PART_WEEK, 1, 53);
}

SekStatus sek_mod_month(SekDraft *d, SekMatch *m) {
    return date_part(d, m, SEK_PART_MONTH, 1, 12);
}

SekStatus sek_mod_year(SekDraft *d, SekMatch *m) {
    return date_part(d, m, SEK_PART_YEAR, 0, 9999);
}
