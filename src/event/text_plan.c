/* SPDX-License-Identifier: Apache-2.0 */
#include "event/text_plan.h"

#include "base/timestamp.h"

#include <stdlib.h>

uint32_t sek_text_plan_fix(SekTextPlan *plan, SekBuild *build, SekFixKind kind, uint32_t from) {
    if (plan->n_fixes == plan->cap_fixes) {
        uint32_t cap = plan->cap_fixes ? plan->cap_fixes * 2 : 8;
        SekFix *grown = SEK_ARENA_ARRAY(build->arena, SekFix, cap);
        if (!grown) {
            build->failed = SEK_ERR_MEMORY;
            return from;
        }
        if (plan->n_fixes)
            memcpy(grown, plan->fixes, plan->n_fixes * sizeof *grown);
        plan->fixes = grown;
        plan->cap_fixes = cap;
    }
    uint32_t to = plan->n_slots++;
    plan->fixes[plan->n_fixes++] = (SekFix){.kind = (uint8_t)kind, .from = from, .to = to};
    return to;
}

SekStatus sek_text_values_room(SekTextValues *v, uint32_t n) {
    if (n <= v->cap)
        return SEK_OK;
    uint32_t cap = v->cap ? v->cap : 256;
    while (cap < n)
        cap *= 2;
    SekValue *values = realloc(v->values, cap * sizeof *values);
    if (!values)
        return SEK_ERR_MEMORY;
    v->values = values;
    uint8_t *written = realloc(v->written, cap);
    if (!written)
        return SEK_ERR_MEMORY;
    v->written = written;
    uint32_t *places = realloc(v->places, cap * sizeof *places);
    if (!places)
        return SEK_ERR_MEMORY;
    v->places = places;
    v->cap = cap;
    return SEK_OK;
}

void sek_text_values_free(SekTextValues *v) {
    free(v->values);
    free(v->written);
    free(v->places);
    *v = (SekTextValues){0};
}

static SekStr text_of(SekValue value) {
    return value.type == SEK_VALUE_UTF8 ? sek_str_n((const char *)value.ptr, value.len) : (SekStr){"", 0};
}

static SekValue utf8(SekStr s) {
    return (SekValue){(const uint8_t *)s.ptr, (uint32_t)s.len, SEK_VALUE_UTF8};
}

/* --- time ---------------------------------------------------------------------------------- */

#define TICKS_PER_SECOND 10000000u

/* Digits at `*at`, at most `max` of them; false when there is none. */
static bool digits(SekStr s, size_t *at, size_t max, uint64_t *out) {
    size_t start = *at;
    uint64_t value = 0;
    while (*at < s.len && *at - start < max && s.ptr[*at] >= '0' && s.ptr[*at] <= '9')
        value = value * 10 + (uint64_t)(s.ptr[(*at)++] - '0');
    *out = value;
    return *at > start;
}

/* Seconds since 1970 with or without a fraction, or milliseconds (13 digits). Years 1973 to 5138. */
static SekStatus epoch_time(SekStr s, uint64_t *out) {
    uint64_t whole, part = 0, scale = TICKS_PER_SECOND;
    size_t at = 0;
    if (!digits(s, &at, 14, &whole) || at < 9 || at > 13)
        return SEK_NOT_FOUND;
    bool milliseconds = at > 11;
    if (at < s.len && s.ptr[at] == '.' && !milliseconds) {
        for (at++; at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9'; at++) {
            scale /= 10;
            part += (uint64_t)(s.ptr[at] - '0') * scale;
        }
    }
    if (at != s.len)
        return SEK_NOT_FOUND;
    uint64_t ticks = milliseconds ? whole * (TICKS_PER_SECOND / 1000) : whole * TICKS_PER_SECOND + part;
    *out = SEK_FILETIME_UNIX_EPOCH + ticks;
    return SEK_OK;
}

/* Up to `max` numbers with one of `between` after each; how many were read, the separators in `seps`. */
static size_t numbers(SekStr s, size_t *at, const char *between, uint64_t *n, char *seps) {
    size_t i = 0;
    for (; i < 3; i++) {
        if (!digits(s, at, 4, &n[i]))
            return i;
        bool more = i < 2 && *at < s.len && strchr(between, s.ptr[*at]);
        seps[i] = more ? s.ptr[*at] : 0;
        if (!more)
            return i + 1;
        ++*at;
    }
    return i;
}

/* Year, month and day of the date in `n`, as it was written between `separator`. Month or day first is told by
 * a number that is no month; points are between day and month in every language that writes them (CLDR). */
static bool order_date(uint64_t n[3], char separator, SekDateOrder order, bool american) {
    if (n[0] > 31) /* the year */
        return true;
    uint64_t year = n[2], first = n[0], second = n[1];
    if (separator == '.' || first > 12)
        order = SEK_DATE_DAY_FIRST;
    else if (second > 12 || (order == SEK_DATE_UNKNOWN && american) || first == second)
        order = SEK_DATE_MONTH_FIRST;
    n[0] = year;
    n[1] = order == SEK_DATE_DAY_FIRST ? second : first;
    n[2] = order == SEK_DATE_DAY_FIRST ? first : second;
    return order != SEK_DATE_UNKNOWN;
}

/* Hours of 24 from `hour` and what stands behind the time; false when the two do not fit. */
static bool order_hour(uint64_t *hour, SekStr half, bool *american) {
    bool pm = sek_str_eq_nocase(half, SEK_STR("PM"));
    *american = pm || sek_str_eq_nocase(half, SEK_STR("AM"));
    if (!*american)
        return half.len == 0 && *hour < 24;
    bool fits = *hour >= 1 && *hour <= 12;
    *hour = *hour % 12 + (pm ? 12 : 0);
    return fits;
}

/* As Windows writes times for people: 4/26/2022 2:20:11 AM, 2022/04/26 2:20:11, 26.04.2022 02:20. */
static SekStatus local_time(SekStr s, SekDateOrder order, uint64_t *out) {
    uint64_t date[3], time[3] = {0};
    char marks[3], colons[3];
    size_t at = 0;
    if (numbers(s, &at, "/.-", date, marks) != 3 || marks[0] != marks[1] || at == s.len || s.ptr[at++] != ' ' ||
        numbers(s, &at, ":", time, colons) < 2)
        return SEK_NOT_FOUND;
    bool american;
    if (!order_hour(&time[0], sek_str_trim(sek_str_n(s.ptr + at, s.len - at)), &american) ||
        !order_date(date, marks[0], order, american))
        return SEK_NOT_FOUND;
    SekBuf text;
    sek_buf_init(&text, 128);
    sek_buf_addf(&text, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)date[0], (unsigned)date[1], (unsigned)date[2],
                 (unsigned)time[0], (unsigned)time[1], (unsigned)time[2]);
    SekStatus status = sek_time_parse(sek_buf_str(&text), out, NULL);
    sek_buf_deinit(&text);
    return status == SEK_OK ? SEK_OK : SEK_NOT_FOUND;
}

static bool is_digit(SekStr s, size_t at) {
    return at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9';
}

SekDateOrder sek_text_date_order(SekStr text) {
    SekDateOrder found = SEK_DATE_UNKNOWN;
    for (size_t i = 0; i < text.len; i++) {
        bool begins = is_digit(text, i) && (i == 0 || strchr(",;\t|\"\n", text.ptr[i - 1]));
        uint64_t n[3];
        char marks[3];
        size_t at = i;
        if (!begins || numbers(text, &at, "/-", n, marks) != 3 || marks[0] != marks[1] || n[0] > 31 || n[2] < 1601)
            continue;
        SekDateOrder order = n[0] > 12 ? SEK_DATE_DAY_FIRST : n[1] > 12 ? SEK_DATE_MONTH_FIRST : SEK_DATE_UNKNOWN;
        if (order != SEK_DATE_UNKNOWN && found != SEK_DATE_UNKNOWN && order != found)
            return SEK_DATE_UNKNOWN; /* it has both: neither says anything about the others */
        found = order != SEK_DATE_UNKNOWN ? order : found;
    }
    return found;
}

SekStatus sek_text_time(SekStr text, SekDateOrder order, uint64_t *out) {
    if (sek_time_parse(text, out, NULL) == SEK_OK) /* which passes over blanks around it */
        return SEK_OK;
    SekStr s = sek_str_trim(text), date = SEK_STR("/Date(");
    if (epoch_time(s, out) == SEK_OK)
        return SEK_OK;
    if (sek_str_starts(s, date) && sek_str_ends(s, SEK_STR(")/")))
        return epoch_time(sek_str_n(s.ptr + date.len, s.len - date.len - 2), out);
    return local_time(s, order, out);
}

uint64_t sek_text_event_time(const SekEvent *event) {
    SekValue value = sek_event_system(event, SEK_SYSTEM_TIME);
    uint64_t time = 0;
    if (value.type == SEK_VALUE_UTF8)
        return sek_text_time(text_of(value), SEK_DATE_UNKNOWN, &time) == SEK_OK ? time : 0;
    if (sek_value_u64(value, &time) == SEK_OK || value.type == SEK_VALUE_NULL)
        return time;
    SekBuf text;
    sek_buf_init(&text, 4096);
    sek_value_text(value, &text);
    if (text.failed || sek_text_time(sek_buf_str(&text), SEK_DATE_UNKNOWN, &time) != SEK_OK)
        time = 0;
    sek_buf_deinit(&text);
    return time;
}

/* --- fixes --------------------------------------------------------------------------------- */

/* 2020-12-22T00:52:31.1234567Z, or with more digits: as Windows itself writes it. */
static bool is_windows_time(SekStr s) {
    return s.len >= SEK_TIME_TEXT - 1 && s.ptr[4] == '-' && s.ptr[10] == 'T' && s.ptr[19] == '.' &&
           s.ptr[s.len - 1] == 'Z';
}

static SekStatus fix_time(SekValue from, SekDateOrder order, SekArena *arena, SekValue *out) {
    uint64_t time;
    if (is_windows_time(text_of(from)) || sek_text_time(text_of(from), order, &time) != SEK_OK)
        return SEK_OK;
    uint8_t *bytes = sek_arena_alloc(arena, 8);
    if (!bytes)
        return SEK_ERR_MEMORY;
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(time >> (8 * i));
    *out = (SekValue){bytes, 8, SEK_VALUE_FILETIME};
    return SEK_OK;
}

/* A decimal number of up to 64 bits, negative as two's complement; false for anything else. */
static bool integer(SekStr s, uint64_t *out) {
    bool negative = s.len && s.ptr[0] == '-';
    size_t at = negative;
    uint64_t value = 0;
    if (at == s.len || s.len - at > 20)
        return false;
    for (; at < s.len; at++) {
        uint64_t digit = (uint64_t)(s.ptr[at] - '0');
        if (s.ptr[at] < '0' || s.ptr[at] > '9' || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = negative ? 0 - value : value;
    return true;
}

/* What the two keywords of audit events are as a number (winmeta.xml). */
static void fix_audit(SekValue from, SekValue *out) {
    if (from.len && from.ptr[0] >= '0' && from.ptr[0] <= '9') /* as nearly all: no word */
        return;
    static const char success[] = "0x8020000000000000", failure[] = "0x8010000000000000";
    static const struct {
        const char *word, *number;
    } known[] = {{"Audit Success", success},           {"Audit Failure", failure},
                 {"成功の監査", success},              {"失敗の監査", failure},
                 {"Überwachung erfolgreich", success}, {"Überwachung gescheitert", failure},
                 {"Succès de l’audit", success},       {"Échec de l’audit", failure},
                 {"Succès de l'audit", success},       {"Échec de l'audit", failure}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (sek_str_eq_nocase(text_of(from), sek_str(known[i].word)))
            *out = utf8(sek_str(known[i].number));
}

static SekStatus fix_hex(SekValue from, SekArena *arena, SekValue *out) {
    uint64_t number;
    if (!integer(text_of(from), &number))
        return SEK_OK;
    char *text = sek_arena_alloc(arena, 19);
    if (!text)
        return SEK_ERR_MEMORY;
    size_t at = 19;
    do {
        text[--at] = "0123456789abcdef"[number & 15];
        number >>= 4;
    } while (number);
    text[--at] = 'x';
    text[--at] = '0';
    *out = utf8(sek_str_n(text + at, 19 - at));
    return SEK_OK;
}

/* Windows' own level numbers (winmeta.xml) from their names as viewers and shippers write them. */
static void fix_level(SekValue from, SekValue *out) {
    static const struct {
        const char *word, *level;
    } known[] = {{"critical", "1"}, {"error", "2"},       {"err", "2"},      {"warning", "3"},
                 {"warn", "3"},     {"information", "4"}, {"info", "4"},     {"informational", "4"},
                 {"verbose", "5"},  {"debug", "5"},       {"logalways", "0"},
                 {"重大", "1"},     {"エラー", "2"},      {"警告", "3"},     {"情報", "4"},
                 {"詳細", "5"},     {"Kritisch", "1"},    {"Fehler", "2"},   {"Warnung", "3"},
                 {"Informationen", "4"}, {"Ausführlich", "5"}, {"Critique", "1"}, {"Erreur", "2"},
                 {"Avertissement", "3"}, {"Commentaires", "5"}};
    if (from.len && from.ptr[0] >= '0' && from.ptr[0] <= '9') /* as nearly all: no word */
        return;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (sek_str_eq_nocase(text_of(from), sek_str(known[i].word)))
            *out = utf8(sek_str(known[i].level));
}

/* NXLog's own scale, 1 debug to 5 critical (NXLog reference manual, "Severity"). */
static void fix_severity(SekValue from, SekValue *out) {
    static const char *const levels[] = {"5", "4", "3", "2", "1"};
    SekStr s = text_of(from);
    if (s.len == 1 && s.ptr[0] >= '1' && s.ptr[0] <= '5')
        *out = utf8(sek_str(levels[s.ptr[0] - '1']));
}

/* NXLog has an EventType of its own, which takes the place of Sysmon's; the message still has it. */
static void fix_event_type(SekValue from, SekStr message, SekValue *out) {
    static const char *const own[] = {"INFO",  "WARNING", "ERROR",         "CRITICAL",
                                      "DEBUG", "VERBOSE", "AUDIT_SUCCESS", "AUDIT_FAILURE"};
    bool is_own = false;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        is_own = is_own || sek_str_eq(text_of(from), sek_str(own[i]));
    if (!is_own)
        return;
    SekStr label = SEK_STR("\nEventType: ");
    ptrdiff_t found = sek_str_find(message, label);
    *out = (SekValue){0};
    if (found < 0)
        return;
    size_t start = (size_t)found + label.len, end = start;
    while (end < message.len && message.ptr[end] != '\r' && message.ptr[end] != '\n')
        end++;
    *out = utf8(sek_str_n(message.ptr + start, end - start));
}

static SekStr slot_text(const SekTextValues *v, uint32_t slot) {
    return slot == SEK_NO_SLOT ? (SekStr){"", 0} : text_of(v->values[slot]);
}

/* Events of the Windows Filtering Platform, 5150 to 5159, write process ids as decimal numbers. */
static bool is_filtering_platform(SekStr event_id) {
    return event_id.len == 4 && sek_str_starts(event_id, SEK_STR("515"));
}

static SekStatus apply_fix(const SekTextPlan *plan, const SekFix *fix, SekTextValues *v, SekArena *arena) {
    SekValue from = v->values[fix->from], *out = &v->values[fix->to];
    bool number = v->written[fix->from] == SEK_WRITTEN_NUMBER;
    *out = from;
    v->written[fix->to] = SEK_WRITTEN_TEXT;
    switch (fix->kind) {
    case SEK_FIX_TIME:
        return fix_time(from, v->dates, arena, out);
    case SEK_FIX_KEYWORDS:
        fix_audit(from, out);
        return number ? fix_hex(from, arena, out) : SEK_OK;
    case SEK_FIX_AUDIT:
        *out = (SekValue){0};
        fix_audit(from, out);
        return SEK_OK;
    case SEK_FIX_HEX_SECURITY:
        v->written[fix->to] = v->written[fix->from];
        if (!number || !sek_str_eq(slot_text(v, plan->provider), SEK_STR("Microsoft-Windows-Security-Auditing")) ||
            is_filtering_platform(slot_text(v, plan->event_id)))
            return SEK_OK;
        v->written[fix->to] = SEK_WRITTEN_TEXT;
        return fix_hex(from, arena, out);
    case SEK_FIX_HEX_SYSMON:
        v->written[fix->to] = v->written[fix->from];
        if (!number || !sek_str_eq(slot_text(v, plan->provider), SEK_STR("Microsoft-Windows-Sysmon")))
            return SEK_OK;
        v->written[fix->to] = SEK_WRITTEN_TEXT;
        return fix_hex(from, arena, out);
    case SEK_FIX_LEVEL:
        fix_level(from, out);
        return SEK_OK;
    case SEK_FIX_SEVERITY:
        fix_severity(from, out);
        return SEK_OK;
    default:
        fix_event_type(from, slot_text(v, plan->message), out);
        return SEK_OK;
    }
}

/* --- GUIDs --------------------------------------------------------------------------------- */

#define GUID_TEXT 36u

/* XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX in upper case, as programs write a GUID value without braces. */
static bool is_bare_guid(SekStr s, bool any_case) {
    if (s.len != GUID_TEXT || s.ptr[8] != '-' || s.ptr[13] != '-' || s.ptr[18] != '-' || s.ptr[23] != '-')
        return false;
    unsigned others = 0;
    for (size_t i = 0; i < GUID_TEXT; i++) { /* without jumps, so that compilers may make vector code of it */
        uint8_t c = (uint8_t)s.ptr[i], letter = any_case ? c & 0xDF : c;
        others += (uint8_t)(c - '0') > 9 && (uint8_t)(letter - 'A') > 5;
    }
    return others == 4; /* the dashes */
}

static SekStatus add_braces(SekValue *value, SekArena *arena) {
    char *text = sek_arena_alloc(arena, GUID_TEXT + 2);
    if (!text)
        return SEK_ERR_MEMORY;
    text[0] = '{';
    memcpy(text + 1, value->ptr, GUID_TEXT);
    text[GUID_TEXT + 1] = '}';
    *value = utf8(sek_str_n(text, GUID_TEXT + 2));
    return SEK_OK;
}

/* Windows writes GUID values in braces. Some programs leave them out, for all of an event: the GUID of
 * its provider tells. Text that the event itself holds is not touched but where it looks the same. */
static SekStatus fix_guids(const SekTextPlan *plan, SekTextValues *v, SekArena *arena) {
    if (!is_bare_guid(slot_text(v, plan->provider_guid), true))
        return SEK_OK;
    for (uint32_t i = 0; i < v->n; i++) {
        bool own = i == plan->provider_guid;
        if (v->values[i].len != GUID_TEXT || !is_bare_guid(text_of(v->values[i]), own))
            continue;
        if (add_braces(&v->values[i], arena) != SEK_OK)
            return SEK_ERR_MEMORY;
        v->moved = true;
    }
    return SEK_OK;
}

SekStatus sek_text_plan_apply(const SekTextPlan *plan, SekTextValues *v, SekArena *arena) {
    SekStatus status = plan->n_slots <= v->cap ? SEK_OK : sek_text_values_room(v, plan->n_slots);
    v->moved = false;
    if (status == SEK_OK && plan->provider_guid != SEK_NO_SLOT)
        status = fix_guids(plan, v, arena);
    for (uint32_t i = 0; i < plan->n_fixes && status == SEK_OK; i++)
        status = apply_fix(plan, &plan->fixes[i], v, arena);
    v->n = plan->n_slots;
    return status;
}
