/* SPDX-License-Identifier: Apache-2.0 */

/* -replace, -split, -match and [regex] by PCRE2 on UTF-16 units. .NET's expressions and PCRE's agree on what
 * disguises use; a pattern with constructs on which they differ is not run at all. Every match has a step
 * limit. */

#define PCRE2_CODE_UNIT_WIDTH 16
#include <pcre2.h>

#include "base/buf.h"
#include "decode/ps_run.h"

#define MATCH_STEPS 100000
#define MATCH_DEPTH 1000
#define MAX_PATTERN 4096

typedef struct Regex {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
} Regex;

/* Balancing groups, (?'name'), character class subtraction and RightToLeft have other meanings in .NET. */
static bool means_the_same(SekPsText pattern) {
    for (uint32_t i = 0; i + 1 < pattern.n; i++) {
        uint16_t c = pattern.p[i], d = pattern.p[i + 1];
        if (c == '\\') {
            bool plain_hex = d == 'x' && i + 2 < pattern.n && pattern.p[i + 2] != '{';
            if (d > 0 && d < 0x80 && strchr("pPGXRhHNKgkQECoux", (char)d) && !plain_hex)
                return false;
            i++;
        } else if ((c == '(' && (d == '*' || (d == '?' && i + 2 < pattern.n && pattern.p[i + 2] != ':' &&
                                              pattern.p[i + 2] != '=' && pattern.p[i + 2] != '!' &&
                                              pattern.p[i + 2] != 'i' && pattern.p[i + 2] != 's' &&
                                              pattern.p[i + 2] != '<'))) ||
                   (c == '-' && d == '[') || (c == '[' && d == ':') ||
                   (d == '+' && (c == '*' || c == '+' || c == '?' || c == '}'))) {
            return false;
        }
    }
    return pattern.n <= MAX_PATTERN;
}

static bool open_regex(SekPsRun *run, SekPsText pattern, bool nocase, Regex *out) {
    int error;
    PCRE2_SIZE at;
    if (!means_the_same(pattern) || !sek_ps_pay(run, 16 + pattern.n))
        return false;
    *out = (Regex){0};
    out->code = pcre2_compile((PCRE2_SPTR16)pattern.p, pattern.n,
                              (PCRE2_UCP | (nocase ? PCRE2_CASELESS : 0u)), &error, &at, NULL);
    if (!out->code)
        return false;
    out->data = pcre2_match_data_create_from_pattern(out->code, NULL);
    out->context = pcre2_match_context_create(NULL);
    if (out->data && out->context) {
        (void)pcre2_set_match_limit(out->context, MATCH_STEPS); /* always 0 */
        (void)pcre2_set_depth_limit(out->context, MATCH_DEPTH);
        return true;
    }
    return false;
}

static void close_regex(Regex *regex) {
    pcre2_match_context_free(regex->context);
    pcre2_match_data_free(regex->data);
    pcre2_code_free(regex->code);
}

/* 1 found, 0 not, -1 unknown. */
static int find(SekPsRun *run, const Regex *regex, SekPsText text, uint32_t from) {
    if (!sek_ps_pay(run, 4))
        return -1;
    int rc = pcre2_match(regex->code, (PCRE2_SPTR16)text.p, text.n, from, 0, regex->data, regex->context);
    return rc > 0 ? 1 : rc == PCRE2_ERROR_NOMATCH ? 0 : -1;
}

static void put(SekBuf *buf, SekPsText text, size_t from, size_t to) {
    if (to > from)
        sek_buf_add(buf, text.p + from, (to - from) * 2);
}

/* Puts the replacement with $1, ${1}, $& and $$; false for what else may stand there. */
static bool put_replacement(SekBuf *buf, SekPsText with, SekPsText text, const Regex *regex) {
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(regex->data);
    uint32_t groups = pcre2_get_ovector_count(regex->data);
    for (uint32_t i = 0; i < with.n; i++) {
        uint16_t c = with.p[i], d = i + 1 < with.n ? with.p[i + 1] : 0;
        if (c != '$' || !(d == '$' || d == '&' || d == '{' || (d >= '0' && d <= '9') || d == '`' ||
                          d == '\'' || d == '+' || d == '_')) {
            sek_buf_add(buf, &c, 2);
            continue;
        }
        uint32_t group = 0, next = i + 1;
        if (d == '$') {
            sek_buf_add(buf, &d, 2);
            i++;
            continue;
        }
        if (d == '{')
            next++;
        if (d == '&')
            next++;
        else
            for (; next < with.n && with.p[next] >= '0' && with.p[next] <= '9' && group < 1000; next++)
                group = group * 10 + with.p[next] - '0';
        if (d == '{' && (next >= with.n || with.p[next++] != '}'))
            return false;
        if (next == i + 1 || group >= groups)
            return false;
        if (at[2 * group] != PCRE2_UNSET)
            put(buf, text, at[2 * group], at[2 * group + 1]);
        i = next - 1;
    }
    return true;
}

static SekPsValue take(SekPsRun *run, SekBuf *buf) {
    SekPsText text = {NULL, (uint32_t)(buf->len / 2)};
    uint16_t *units = buf->failed == SEK_OK ? sek_arena_alloc(run->arena, buf->len + 2) : NULL;
    if (!units || !sek_ps_pay(run, buf->len / 64))
        return sek_pv_some_string();
    if (buf->len)
        memcpy(units, buf->data, buf->len);
    text.p = units;
    return sek_pv_text(text);
}

static bool replace_all(SekPsRun *run, const Regex *regex, SekPsText text, SekPsText with, SekBuf *buf) {
    size_t done = 0;
    for (uint32_t from = 0; from <= text.n;) {
        int found = find(run, regex, text, from);
        const PCRE2_SIZE *at = pcre2_get_ovector_pointer(regex->data);
        if (found == 0)
            break;
        if (found < 0 || at[0] < done || at[1] < at[0])
            return false;
        put(buf, text, done, at[0]);
        done = at[1];
        from = (uint32_t)(at[1] > at[0] ? at[1] : at[1] + 1);
        if (!put_replacement(buf, with, text, regex) || buf->failed != SEK_OK)
            return false;
    }
    put(buf, text, done, text.n);
    return true;
}

SekPsValue sek_ps_replace(SekPsRun *run, SekPsText text, SekPsText pattern, SekPsText with, bool nocase) {
    Regex regex = {0};
    SekBuf buf;
    SekPsValue result = sek_pv_some_string();
    sek_buf_init(&buf, run->decoder->limits.max_value_bytes);
    if (open_regex(run, pattern, nocase, &regex) && replace_all(run, &regex, text, with, &buf))
        result = take(run, &buf);
    sek_buf_deinit(&buf);
    close_regex(&regex);
    return result;
}

static bool split_all(SekPsRun *run, const Regex *regex, SekPsText text, int64_t max, SekPsArray *parts) {
    uint32_t done = 0;
    for (uint32_t from = 0; from <= text.n && (max <= 0 || parts->n + 1 < max);) {
        int found = find(run, regex, text, from);
        const PCRE2_SIZE *at = pcre2_get_ovector_pointer(regex->data);
        if (found == 0)
            break;
        if (found < 0 || at[0] < done || at[1] < at[0])
            return false;
        from = (uint32_t)(at[1] > at[0] ? at[1] : at[1] + 1);
        if (!sek_pa_push(run->arena, parts, sek_pv_text(sek_pt_cut(text, done, (uint32_t)at[0] - done))))
            return false;
        done = (uint32_t)at[1];
        for (uint32_t g = 1; g < pcre2_get_ovector_count(regex->data); g++) /* groups are given, too */
            if (at[2 * g] != PCRE2_UNSET &&
                !sek_pa_push(run->arena, parts,
                             sek_pv_text(sek_pt_cut(text, (uint32_t)at[2 * g],
                                                    (uint32_t)(at[2 * g + 1] - at[2 * g])))))
                return false;
    }
    return sek_pa_push(run->arena, parts, sek_pv_text(sek_pt_cut(text, done, text.n)));
}

SekPsValue sek_ps_split(SekPsRun *run, SekPsText text, SekPsText pattern, int64_t max, bool nocase) {
    Regex regex = {0};
    SekPsArray *parts = sek_pa_new(run->arena, 8);
    SekPsValue result = sek_pv_unknown();
    if (parts && max >= 0 && open_regex(run, pattern, nocase, &regex) &&
        split_all(run, &regex, text, max, parts))
        result = sek_pv_array(parts);
    close_regex(&regex);
    return result;
}

static SekPsValue match_object(SekPsRun *run, SekPsText text) {
    SekPsObject *object = sek_ps_object(run, PS_OBJ_MATCH);
    if (object)
        object->text = text;
    return sek_pv_object(object);
}

SekPsValue sek_ps_all_matches(SekPsRun *run, SekPsText text, SekPsText pattern, bool nocase) {
    Regex regex = {0};
    SekPsArray *all = sek_pa_new(run->arena, 8);
    int found = all && open_regex(run, pattern, nocase, &regex) ? 1 : -1;
    for (uint32_t from = 0; found > 0 && from <= text.n;) {
        found = find(run, &regex, text, from);
        if (found <= 0)
            break;
        const PCRE2_SIZE *at = pcre2_get_ovector_pointer(regex.data);
        if (at[1] < at[0] || at[0] < from) {
            found = -1;
            break;
        }
        from = (uint32_t)(at[1] > at[0] ? at[1] : at[1] + 1);
        SekPsText part = sek_pt_cut(text, (uint32_t)at[0], (uint32_t)(at[1] - at[0]));
        if (!sek_pa_push(run->arena, all, match_object(run, part)))
            found = -1;
    }
    close_regex(&regex);
    return found < 0 ? sek_pv_unknown() : sek_pv_array(all);
}

SekPsValue sek_ps_matches(SekPsRun *run, SekPsText text, SekPsText pattern, bool nocase) {
    Regex regex = {0};
    int found = open_regex(run, pattern, nocase, &regex) ? find(run, &regex, text, 0) : -1;
    if (found > 0) { /* $matches: the groups by number */
        const PCRE2_SIZE *at = pcre2_get_ovector_pointer(regex.data);
        SekPsArray *groups = sek_pa_new(run->arena, 2 * pcre2_get_ovector_count(regex.data));
        for (uint32_t g = 0; groups && g < pcre2_get_ovector_count(regex.data); g++) {
            if (at[2 * g] == PCRE2_UNSET)
                continue;
            SekPsText part = sek_pt_cut(text, (uint32_t)at[2 * g], (uint32_t)(at[2 * g + 1] - at[2 * g]));
            if (!sek_pa_push(run->arena, groups, sek_pv_int(g)) ||
                !sek_pa_push(run->arena, groups, sek_pv_text(part)))
                groups = NULL;
        }
        SekPsValue table = groups ? (SekPsValue){.kind = PV_HASH, .array = groups} : sek_pv_unknown();
        sek_env_set(run, SEK_STR("matches"), table);
    }
    close_regex(&regex);
    if (found < 0)
        sek_env_set(run, SEK_STR("matches"), sek_pv_unknown());
    return found < 0 ? sek_pv_unknown() : sek_pv_bool(found > 0);
}
