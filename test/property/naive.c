/* SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8
#define _GNU_SOURCE /* timegm */
#include "property/naive.h"

#include <arpa/inet.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* --- one value ------------------------------------------------------------------------------ */

static bool string_holds(const SekMatch *m, SekStr value) {
    for (uint32_t i = 0; i < m->n_patterns; i++)
        if (sek_naive_glob(&m->patterns[i], m->cased, value))
            return true;
    return false;
}

static bool regex_holds(const SekMatch *m, SekStr value) {
    int error;
    PCRE2_SIZE at;
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY | (m->re_i ? PCRE2_CASELESS : 0) |
                       (m->re_m ? PCRE2_MULTILINE : 0) | (m->re_s ? PCRE2_DOTALL : 0);
    bool by_lines = m->re_m || sek_str_find(m->text, SEK_STR("(?m)")) >= 0 || sek_str_find(m->text, SEK_STR("(?im)")) >= 0;
    pcre2_compile_context *lines = by_lines ? pcre2_compile_context_create(NULL) : NULL;
    if (lines)
        pcre2_set_newline(lines, PCRE2_NEWLINE_ANYCRLF);
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)m->text.ptr, m->text.len, options, &error, &at, lines);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    bool found = code && data &&
                 pcre2_match(code, (PCRE2_SPTR)(value.len ? value.ptr : ""), value.len, 0, 0, data, NULL) >= 0;
    pcre2_match_data_free(data);
    pcre2_code_free(code);
    pcre2_compile_context_free(lines);
    return found;
}

/* The rule's number as decimal digits; the text that was written may be octal. */
static SekStr number_text(const SekMatch *m, char out[32]) {
    if (!m->number.is_int)
        return m->text;
    int n = snprintf(out, 32, "%s%ju", m->number.negative ? "-" : "", (uintmax_t)m->number.magnitude);
    return sek_str_n(out, (size_t)n);
}

static bool in_order(SekOp op, int order) {
    return op == SEK_OP_EQ    ? order == 0
           : op == SEK_OP_GT  ? order > 0
           : op == SEK_OP_GTE ? order >= 0
           : op == SEK_OP_LT  ? order < 0
                              : order <= 0;
}

/* The text begins like the shape: d is a digit, T the sign between date and time, the rest itself. */
static bool shaped(const char *text, const char *shape) {
    for (; *shape; text++, shape++) {
        bool good = *shape == 'd'   ? *text >= '0' && *text <= '9'
                    : *shape == 'T' ? *text && strchr("Tt ", *text)
                                    : *text == *shape;
        if (!good)
            return false;
    }
    return true;
}

/* RFC 3339 without a zone or with Z; the time may be missing. */
static bool read_time(SekStr value, struct tm *out) {
    char text[64];
    value = sek_naive_trim(value);
    if (value.len >= sizeof text)
        return false;
    memcpy(text, value.ptr, value.len);
    text[value.len] = '\0';
    int year, month, day, hour = 0, minute = 0, second = 0;
    if (!shaped(text, "dddd-dd-dd") || sscanf(text, "%4d-%2d-%2d", &year, &month, &day) != 3)
        return false;
    const char *rest = text + 10;
    if (*rest) {
        if (!shaped(rest, "Tdd:dd:dd") || sscanf(rest + 1, "%2d:%2d:%2d", &hour, &minute, &second) != 3)
            return false;
        rest += 9;
        if (shaped(rest, ".d"))
            rest += 1 + strspn(rest + 1, "0123456789");
        rest += *rest == 'Z' || *rest == 'z';
    }
    *out = (struct tm){.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour,
                       .tm_min = minute, .tm_sec = second};
    time_t seconds = timegm(out); /* brings impossible dates into order, which shows them */
    return *rest == '\0' && gmtime_r(&seconds, out) != NULL && out->tm_year == year - 1900 &&
           out->tm_mon == month - 1 && out->tm_mday == day && out->tm_hour == hour && out->tm_min == minute;
}

static bool date_holds(const SekMatch *m, SekStr value) {
    struct tm t;
    char week[8];
    if (!read_time(value, &t))
        return false;
    (void)strftime(week, sizeof week, "%V", &t);
    int part = m->part == SEK_PART_MINUTE  ? t.tm_min
               : m->part == SEK_PART_HOUR  ? t.tm_hour
               : m->part == SEK_PART_DAY   ? t.tm_mday
               : m->part == SEK_PART_WEEK  ? (week[0] - '0') * 10 + week[1] - '0'
               : m->part == SEK_PART_MONTH ? t.tm_mon + 1
                                           : t.tm_year + 1900;
    int wanted = (int)m->number.magnitude;
    return in_order(m->op, (part > wanted) - (part < wanted));
}

static bool number_holds(const SekMatch *m, SekStr value) {
    char digits[32];
    int order;
    if (m->kind == SEK_MATCH_NUMBER && sek_naive_same_word(value, m->text))
        return true;
    if (m->kind == SEK_MATCH_COMPARE && m->part != SEK_PART_NONE)
        return date_holds(m, value);
    return sek_naive_compare(value, number_text(m, digits), &order) &&
           in_order(m->kind == SEK_MATCH_COMPARE ? m->op : SEK_OP_EQ, order);
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned n) {
    for (unsigned i = 0; i < n; i++)
        if (((a[i / 8] ^ b[i / 8]) >> (7 - i % 8)) & 1)
            return false;
    return true;
}

static bool cidr_holds(const SekMatch *m, SekStr value) {
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    char text[64];
    uint8_t address[16];
    value = sek_naive_trim(value);
    if (value.len >= sizeof text)
        return false;
    memcpy(text, value.ptr, value.len);
    text[value.len] = '\0';
    text[strcspn(text, "%")] = '\0';
    if (inet_pton(AF_INET, text, address) == 1)
        return !m->net_v6 && same_bits(address, m->net, m->net_bits);
    if (inet_pton(AF_INET6, text, address) != 1)
        return false;
    if (m->net_v6)
        return same_bits(address, m->net, m->net_bits);
    return memcmp(address, mapped, 12) == 0 && same_bits(address + 12, m->net, m->net_bits);
}

/* --- fields --------------------------------------------------------------------------------- */

/* The same but for case and the blanks of the event's name. */
static bool alike(SekStr event_name, SekStr name) {
    char stripped[128];
    size_t n = 0;
    for (size_t i = 0; i < event_name.len && n < sizeof stripped; i++)
        if (event_name.ptr[i] != ' ')
            stripped[n++] = event_name.ptr[i];
    return sek_naive_same_word(sek_str_n(stripped, n), name);
}

static bool has_exact(const SekNaiveEvent *event, SekStr name) {
    for (uint32_t i = 0; i < event->n; i++)
        if (sek_str_eq(event->fields[i].name, name))
            return true;
    return false;
}

/* Field number `i` is meant by `name`. */
static bool is_meant(const SekNaiveEvent *event, uint32_t i, SekStr name) {
    SekStr field = event->fields[i].name;
    if (name.len == 0) /* keywords: every field */
        return true;
    return has_exact(event, name) ? sek_str_eq(field, name) : alike(field, name);
}

static bool reference_holds(const SekMatch *m, const SekNaiveEvent *event, SekStr value) {
    for (uint32_t i = 0; i < event->n; i++)
        if (is_meant(event, i, m->text) &&
            sek_naive_reference(m->ref_mode, m->cased, value, event->fields[i].value))
            return true;
    return false;
}

static bool value_holds(const SekMatch *m, const SekNaiveEvent *event, SekStr value) {
    switch (m->kind) {
    case SEK_MATCH_STRING:
        return string_holds(m, value);
    case SEK_MATCH_REGEX:
        return regex_holds(m, value);
    case SEK_MATCH_NUMBER:
    case SEK_MATCH_COMPARE:
        return number_holds(m, value);
    case SEK_MATCH_BOOL:
        return sek_naive_same_word(value, m->flag ? SEK_STR("true") : SEK_STR("false"));
    case SEK_MATCH_CIDR:
        return cidr_holds(m, value);
    case SEK_MATCH_FIELDREF:
        return reference_holds(m, event, value);
    default:
        return false;
    }
}

static bool match_holds(const SekMatch *m, const SekNaiveEvent *event, SekStr name) {
    bool there = false, filled = false, any = false;
    for (uint32_t i = 0; i < event->n; i++) {
        if (!is_meant(event, i, name))
            continue;
        there = true;
        filled = filled || event->fields[i].value.len > 0;
        any = any || value_holds(m, event, event->fields[i].value);
    }
    if (m->kind == SEK_MATCH_EXISTS)
        return there == m->flag;
    return m->kind == SEK_MATCH_NULL ? !filled : any;
}

/* --- rules ---------------------------------------------------------------------------------- */

/* What may be, and what is certain, of values that are not all known. */
typedef struct Bounds {
    bool possible, certain;
} Bounds;

/* The depth is `listed` or more. */
static Bounds depth_bounds(const SekMatch *m, bool listed) {
    bool rising = m->kind == SEK_MATCH_COMPARE && (m->op == SEK_OP_GT || m->op == SEK_OP_GTE);
    bool falling = m->kind == SEK_MATCH_COMPARE && (m->op == SEK_OP_LT || m->op == SEK_OP_LTE);
    bool fixed = m->kind == SEK_MATCH_EXISTS || m->kind == SEK_MATCH_NULL;
    return (Bounds){.possible = falling || fixed ? listed : true, .certain = rising || fixed ? listed : false};
}

/* One further value, whichever, may be there. */
static Bounds cut_bounds(const SekMatch *m, const SekNaiveEvent *event, SekStr name) {
    bool listed = match_holds(m, event, name);
    if (sek_naive_same_word(name, SEK_STR("AncestorDepth")))
        return depth_bounds(m, listed);
    bool absent = m->kind == SEK_MATCH_NULL || (m->kind == SEK_MATCH_EXISTS && !m->flag);
    return (Bounds){.possible = absent ? listed : true, .certain = absent ? false : listed};
}

static bool is_cut(const SekNaiveEvent *event, SekStr name) {
    return event->cut && name.len > 8 && sek_naive_same_word(sek_str_n(name.ptr, 8), SEK_STR("Ancestor"));
}

static Bounds item_bounds(const SekItem *item, const SekNaiveEvent *event) {
    Bounds any = {false, false}, all = {true, true};
    for (uint32_t i = 0; i < item->n_matches; i++) {
        bool holds = match_holds(&item->matches[i], event, item->field);
        Bounds b = {holds, holds};
        if (is_cut(event, item->field))
            b = cut_bounds(&item->matches[i], event, item->field);
        any = (Bounds){any.possible || b.possible, any.certain || b.certain};
        all = (Bounds){all.possible && b.possible, all.certain && b.certain};
    }
    Bounds b = item->all ? all : any;
    return item->negate ? (Bounds){!b.certain, !b.possible} : b;
}

/* Depth is at most SEK_RULE_MAX_DEPTH. */
static Bounds expr_bounds(const SekExpr *e, const SekNaiveEvent *event) {
    if (e->kind == SEK_EXPR_ITEM)
        return item_bounds(e->item, event);
    Bounds any = {false, false}, all = {true, true};
    for (uint32_t i = 0; i < e->n_kids; i++) {
        Bounds b = expr_bounds(e->kids[i], event);
        any = (Bounds){any.possible || b.possible, any.certain || b.certain};
        all = (Bounds){all.possible && b.possible, all.certain && b.certain};
    }
    return e->kind == SEK_EXPR_NOT ? (Bounds){!all.certain, !all.possible} : e->kind == SEK_EXPR_AND ? all : any;
}

bool sek_naive_holds(const SekRule *rule, const SekNaiveEvent *event) {
    return expr_bounds(rule->condition, event).certain;
}
