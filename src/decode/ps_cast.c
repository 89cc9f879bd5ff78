/* SPDX-License-Identifier: Apache-2.0 */

/* Casts and the format operator. */

#include "base/buf.h"
#include "decode/ps_run.h"

#include <stdio.h>

SekStr sek_ps_type_name(SekStr type, char *buf, size_t size) {
    size_t n = 0;
    for (size_t i = 0; i < type.len && n + 1 < size; i++)
        if (type.ptr[i] != ' ' && type.ptr[i] != '`')
            buf[n++] = sek_ascii_lower(type.ptr[i]);
    buf[n] = 0;
    SekStr name = sek_str_n(buf, n);
    if (sek_str_starts(name, SEK_STR("system.")))
        name = sek_str_n(name.ptr + 7, name.len - 7);
    return name;
}

bool sek_ps_is_reference(SekStr type) {
    char buf[64];
    SekStr name = sek_ps_type_name(type, buf, sizeof buf);
    return sek_str_eq(name, SEK_STR("ref")) || sek_str_eq(name, SEK_STR("management.automation.psreference"));
}

static bool is(SekStr name, const char *what) {
    return sek_str_eq(name, sek_str(what));
}

static SekPsValue to_char(SekPsRun *run, const SekPsValue *v) {
    int64_t i;
    if (v->kind == PV_STRING && v->text.n == 1)
        return sek_pv_char(v->text.p[0]);
    if (v->kind == PV_STRING || !sek_pv_to_int(v, &i) || i < 0 || i > 0xFFFF)
        return sek_pv_unknown();
    sek_ps_made_char(run, (unsigned)i);
    return sek_pv_char((unsigned)i);
}

static SekPsValue to_integer(const SekPsValue *v, int64_t low, int64_t high) {
    int64_t i;
    if (v->kind == PV_CHAR)
        return v->c <= high ? sek_pv_int(v->c) : sek_pv_unknown();
    return sek_pv_to_int(v, &i) && i >= low && i <= high ? sek_pv_int(i) : sek_pv_unknown();
}

static SekPsValue to_array(SekPsRun *run, SekStr element, const SekPsValue *v) {
    if (v->kind == PV_STRING && is(element, "char")) {
        SekPsArray *chars = sek_pa_new(run->arena, v->text.n + 1);
        if (!sek_ps_pay(run, v->text.n / 16))
            return sek_pv_unknown();
        for (uint32_t i = 0; chars && i < v->text.n; i++)
            chars->items[chars->n++] = sek_pv_char(v->text.p[i]);
        return sek_pv_array(chars);
    }
    const SekPsArray *list = sek_pv_list(run->arena, v);
    if (!list || list->tainted || !sek_ps_pay(run, list->n / 8 + 1))
        return sek_pv_unknown();
    if (is(element, "byte")) {
        SekPsValue whole = {.kind = PV_ARRAY, .array = (SekPsArray *)list};
        return sek_pv_array(sek_pv_as_bytes(run->arena, &whole));
    }
    SekPsArray *all = sek_pa_new(run->arena, list->n + 1);
    for (uint32_t i = 0; all && i < list->n; i++) {
        SekPsValue item = sek_pa_at(list, i), cast = sek_ps_cast(run, element, &item);
        if (!sek_pv_known(&cast))
            return sek_pv_unknown();
        all->items[all->n++] = cast;
    }
    return sek_pv_array(all);
}

static SekPsValue to_string(SekPsRun *run, const SekPsValue *v) {
    SekPsValue empty = sek_pv_text((SekPsText){(const uint16_t *)u"", 0});
    if (v->kind == PV_STRING)
        return *v;
    SekPsValue sum = sek_ps_binary_op(run, PS_OP_ADD, false, &empty, v); /* knows about $OFS */
    return sum;
}

static SekPsValue to_type(SekPsRun *run, const SekPsValue *v) {
    SekStr name;
    if (v->kind == PV_TYPE)
        return *v;
    if (v->kind != PV_STRING || !sek_pt_to_utf8(run->arena, v->text, &name))
        return sek_pv_unknown();
    sek_ps_unhid(run, "type-name");
    return (SekPsValue){.kind = PV_TYPE, .type = name};
}

static SekPsValue to_script(SekPsRun *run, const SekPsValue *v) {
    SekPsObject *script = v->kind == PV_STRING ? sek_ps_object(run, PS_OBJ_SCRIPT) : NULL;
    if (script)
        script->text = v->text;
    return v->kind == PV_BLOCK ? *v : sek_pv_object(script);
}

typedef struct Integer {
    const char *name;
    int64_t low, high;
} Integer;

static const Integer integers[] = {
    {"int", INT32_MIN, INT32_MAX},
    {"int32", INT32_MIN, INT32_MAX},
    {"long", INT64_MIN, INT64_MAX},
    {"int64", INT64_MIN, INT64_MAX},
    {"byte", 0, 255},
    {"sbyte", -128, 127},
    {"int16", INT16_MIN, INT16_MAX},
    {"uint16", 0, UINT16_MAX},
    {"uint32", 0, UINT32_MAX},
    {"short", INT16_MIN, INT16_MAX},
    {"uint64", 0, INT64_MAX},
    {"ushort", 0, UINT16_MAX},
    {"uint", 0, UINT32_MAX},
};

SekPsValue sek_ps_cast(SekPsRun *run, SekStr type, const SekPsValue *v) {
    char buf[128];
    SekStr name = sek_ps_type_name(type, buf, sizeof buf);
    bool truth, string = is(name, "string");
    if (string && v->kind == PV_STRING)
        return *v; /* a soft one stays soft */
    if (!sek_pv_known(v))
        return string ? sek_pv_some_string() : sek_pv_unknown();
    if (string)
        return to_string(run, v);
    if (is(name, "char"))
        return to_char(run, v);
    if (is(name, "bool") || is(name, "boolean"))
        return sek_pv_to_bool(v, &truth) ? sek_pv_bool(truth) : sek_pv_unknown();
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
        if (is(name, integers[i].name))
            return to_integer(v, integers[i].low, integers[i].high);
    if (is(name, "type"))
        return to_type(run, v);
    if (is(name, "scriptblock") || is(name, "management.automation.scriptblock"))
        return to_script(run, v);
    if (is(name, "void"))
        return sek_pv_null();
    if (is(name, "array") || is(name, "object[]")) {
        SekPsArray *list = sek_pv_list(run->arena, v);
        return sek_pv_array(list);
    }
    if (name.len > 2 && sek_str_ends(name, SEK_STR("[]")))
        return to_array(run, sek_str_n(name.ptr, name.len - 2), v);
    if (is(name, "regex") && v->kind == PV_STRING) {
        SekPsObject *regex = sek_ps_object(run, PS_OBJ_REGEX);
        if (regex)
            regex->text = v->text;
        return sek_pv_object(regex);
    }
    if ((is(name, "io.memorystream") || is(name, "text.stringbuilder")))
        return sek_ps_new_object(run, type, v, 1);
    return is(name, "object") || is(name, "psobject") ? *v : sek_pv_unknown();
}

/* --- -f ----------------------------------------------------------------------------------------------------
 */

static void put_units(SekBuf *buf, SekPsText t) {
    if (t.n)
        sek_buf_add(buf, t.p, (size_t)t.n * 2);
}

/* {0}, {0,5}, {0:X2}: the item behind the opening brace. */
static bool put_item(SekPsRun *run, SekBuf *buf, SekPsText item, const SekPsArray *args) {
    uint32_t at = 0, index = 0;
    int64_t width = 0;
    SekPsText text, between = {(const uint16_t *)u" ", 1};
    for (; at < item.n && item.p[at] >= '0' && item.p[at] <= '9' && index < 100000; at++)
        index = index * 10 + item.p[at] - '0';
    if (at == 0 || index >= args->n)
        return false;
    while (at < item.n && item.p[at] == ' ')
        at++;
    SekPsText rest = sek_pt_cut(item, at, item.n), colon = {(const uint16_t *)u":", 1};
    int64_t format = sek_pt_find(rest, colon, 0, false);
    if (rest.n > 0 && rest.p[0] == ',') {
        uint32_t end = format < 0 ? rest.n : (uint32_t)format;
        if (!sek_pt_to_int(sek_pt_cut(rest, 1, end - 1), 10, &width) || width > 10000 || width < -10000)
            return false;
    } else if (rest.n > 0 && format != 0) {
        return false;
    }
    SekPsValue arg = sek_pa_at(args, index);
    if (!sek_pv_known(&arg) || arg.kind == PV_ARRAY || !sek_pv_to_text(run->arena, &arg, between, &text))
        return false;
    if (format >= 0 && (arg.kind == PV_INT || arg.kind == PV_DOUBLE)) {
        SekPsText how = sek_pt_cut(rest, (uint32_t)format + 1, rest.n);
        char digits[64];
        uint16_t letter = how.n ? how.p[0] | 32 : 0;
        int64_t precision = 0;
        if ((letter != 'x' && letter != 'd') || arg.kind != PV_INT || arg.i < 0 ||
            (how.n > 1 && !sek_pt_to_int(sek_pt_cut(how, 1, how.n), 10, &precision)) || precision > 30)
            return false;
        (void)snprintf(digits, sizeof digits,
                       letter == 'd'     ? "%0*lld"
                       : how.p[0] == 'x' ? "%0*llx"
                                         : "%0*llX",
                       (int)precision, (long long)arg.i);
        text = sek_pt_from_utf8(run->arena, sek_str(digits));
    }
    for (int64_t pad = width - text.n; pad > 0; pad--)
        sek_buf_add(buf, u" ", 2);
    put_units(buf, text);
    for (int64_t pad = -width - text.n; pad > 0; pad--)
        sek_buf_add(buf, u" ", 2);
    return true;
}

static bool put_format(SekPsRun *run, SekBuf *buf, SekPsText f, const SekPsArray *args) {
    for (uint32_t i = 0; i < f.n; i++) {
        uint16_t c = f.p[i];
        if ((c == '{' || c == '}') && i + 1 < f.n && f.p[i + 1] == c) {
            sek_buf_add(buf, &c, 2);
            i++;
        } else if (c == '{') {
            SekPsText closing = {(const uint16_t *)u"}", 1};
            int64_t end = sek_pt_find(f, closing, i, false);
            if (end < 0 || !put_item(run, buf, sek_pt_cut(f, i + 1, (uint32_t)end - i - 1), args))
                return false;
            i = (uint32_t)end;
        } else if (c == '}') {
            return false;
        } else {
            sek_buf_add(buf, &c, 2);
        }
    }
    return buf->failed == SEK_OK;
}

SekPsValue sek_ps_format(SekPsRun *run, SekPsText format, const SekPsArray *args) {
    SekPsValue result = sek_pv_some_string();
    SekBuf buf;
    sek_buf_init(&buf, run->decoder->limits.max_value_bytes);
    if (put_format(run, &buf, format, args) && sek_ps_pay(run, buf.len / 64 + 1)) {
        uint16_t *units = sek_arena_alloc(run->arena, buf.len + 2);
        if (units && buf.len)
            memcpy(units, buf.data, buf.len);
        if (units) {
            sek_ps_formatted(run, format);
            result = sek_pv_text((SekPsText){units, (uint32_t)(buf.len / 2)});
        }
    }
    sek_buf_deinit(&buf);
    return result;
}
