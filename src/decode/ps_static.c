/* SPDX-License-Identifier: Apache-2.0 */

/* Static methods: [Convert], [char], [string], [array], [Text.Encoding], [regex], [Marshal] and the like. */

#include "decode/ps_run.h"

#include <math.h>

static const SekPsText blank = {(const uint16_t *)u" ", 1};

static bool is(SekStr name, const char *what) {
    return sek_str_eq(name, sek_str(what));
}

static bool arg_text(SekPsRun *run, const SekPsCall *call, uint32_t i, SekPsText *out) {
    return i < call->n && sek_pv_known(&call->args[i]) &&
           sek_pv_to_text(run->arena, &call->args[i], blank, out);
}

static bool arg_int(const SekPsCall *call, uint32_t i, int64_t *out) {
    return i < call->n && sek_pv_known(&call->args[i]) && sek_pv_to_int(&call->args[i], out);
}

/* --- [Convert] ---------------------------------------------------------------------------------------------
 */

static SekPsValue in_base(SekPsRun *run, int64_t value, int64_t base) {
    uint16_t digits[64];
    uint32_t n = 64;
    uint64_t rest = (uint64_t)value;
    if (value < 0 || (base != 2 && base != 8 && base != 10 && base != 16))
        return sek_pv_some_string();
    do {
        digits[--n] = (uint16_t) "0123456789abcdef"[rest % (uint64_t)base];
        rest /= (uint64_t)base;
    } while (rest > 0);
    uint16_t *units = sek_arena_alloc(run->arena, (64 - n) * 2);
    if (!units)
        return sek_pv_some_string();
    memcpy(units, digits + n, (64 - n) * 2);
    return sek_pv_text((SekPsText){units, 64 - n});
}

static SekPsValue to_number(SekPsRun *run, const SekPsCall *call) {
    SekPsText text;
    int64_t base = 10, value;
    if (call->n == 1)
        return arg_int(call, 0, &value) ? sek_pv_int(value) : sek_pv_unknown();
    if (!arg_int(call, 1, &base) || (base != 2 && base != 8 && base != 10 && base != 16) ||
        !arg_text(run, call, 0, &text) || !sek_pt_to_int(text, (unsigned)base, &value))
        return sek_pv_unknown();
    sek_ps_did(run, base == 16 ? "hex" : base == 8 ? "octal" : base == 2 ? "binary" : "number");
    return sek_pv_int(value);
}

static SekPsValue to_base64(SekPsRun *run, const SekPsCall *call) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const SekPsArray *bytes = call->n > 0 ? sek_pv_as_bytes(run->arena, &call->args[0]) : NULL;
    uint16_t *units = bytes ? sek_arena_alloc(run->arena, ((size_t)bytes->n + 2) / 3 * 8 + 2) : NULL;
    uint32_t n = 0;
    if (!units)
        return sek_pv_some_string();
    for (uint32_t i = 0; i < bytes->n; i += 3) {
        uint32_t left = bytes->n - i, group = (uint32_t)bytes->bytes[i] << 16;
        group |= left > 1 ? (uint32_t)bytes->bytes[i + 1] << 8 : 0;
        group |= left > 2 ? bytes->bytes[i + 2] : 0;
        for (unsigned k = 0; k < 4; k++)
            units[n++] = (uint16_t)(k > left ? '=' : digits[group >> (18 - 6 * k) & 63]);
    }
    return sek_pv_text((SekPsText){units, n});
}

static bool base64_is_whole(SekPsText text) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < text.n; i++)
        n += !(text.p[i] == ' ' || text.p[i] == '\t' || text.p[i] == '\r' || text.p[i] == '\n');
    return n % 4 == 0;
}

static SekPsValue convert(SekPsRun *run, const SekPsCall *call) {
    SekStr name = call->name;
    SekPsText text;
    int64_t value, base;
    if (is(name, "frombase64string")) {
        SekPsArray *bytes = NULL;
        if (!arg_text(run, call, 0, &text) || !sek_ps_pay(run, text.n / 32 + 1) ||
            !sek_ps_base64(run->arena, text, &bytes)) {
            sek_ps_partial(run, "Base64 of something that is not known");
            return sek_pv_unknown();
        }
        if (!base64_is_whole(text))
            sek_ps_partial(run, "Base64 of a length that .NET refuses");
        sek_ps_unhid(run, "base64");
        return sek_pv_array(bytes);
    }
    if (is(name, "tobase64string"))
        return to_base64(run, call);
    if (is(name, "tochar")) {
        SekPsValue number = call->n == 2   ? to_number(run, call)
                            : call->n == 1 ? call->args[0]
                                           : sek_pv_unknown();
        return sek_pv_known(&number) ? sek_ps_cast(run, SEK_STR("char"), &number) : sek_pv_unknown();
    }
    if (is(name, "tostring")) {
        if (call->n == 2)
            return arg_int(call, 0, &value) && arg_int(call, 1, &base) ? in_base(run, value, base)
                                                                       : sek_pv_some_string();
        return call->n == 1 ? sek_ps_cast(run, SEK_STR("string"), &call->args[0]) : sek_pv_some_string();
    }
    if (sek_str_starts(name, SEK_STR("toint")) || sek_str_starts(name, SEK_STR("touint")) ||
        is(name, "tobyte") || is(name, "tosbyte"))
        return to_number(run, call);
    return sek_pv_unknown();
}

/* --- [string], [array], [char] -----------------------------------------------------------------------------
 */

static SekPsArray *rest_of(SekPsRun *run, const SekPsCall *call, uint32_t from) {
    if (call->n == from + 1 && call->args[from].kind == PV_ARRAY)
        return call->args[from].array;
    SekPsArray *list = sek_pa_new(run->arena, call->n);
    for (uint32_t i = from; list && i < call->n; i++)
        (void)sek_pa_push(run->arena, list, call->args[i]); /* there is room */
    return list;
}

static SekPsValue string_static(SekPsRun *run, const SekPsCall *call) {
    SekPsText text, none = {(const uint16_t *)u"", 0};
    bool join = is(call->name, "join");
    if (join || is(call->name, "concat")) {
        if (join && (call->n < 2 || !arg_text(run, call, 0, &text)))
            return sek_pv_some_string();
        SekPsValue list = sek_pv_array(rest_of(run, call, join ? 1 : 0));
        if (!sek_pv_known(&list) || !sek_pv_to_text(run->arena, &list, join ? text : none, &text))
            return sek_pv_some_string();
        sek_ps_did(run, "join");
        run->unit->hidden = run->unit->hidden || !join || call->args[0].text.n == 0;
        return sek_pv_text(text);
    }
    if (is(call->name, "format")) {
        SekPsArray *args = call->n > 1 ? rest_of(run, call, 1) : NULL;
        return args && !args->tainted && arg_text(run, call, 0, &text) ? sek_ps_format(run, text, args)
                                                                       : sek_pv_some_string();
    }
    if (is(call->name, "isnullorempty") && call->n == 1 && sek_pv_known(&call->args[0]))
        return arg_text(run, call, 0, &text) ? sek_pv_bool(text.n == 0) : sek_pv_unknown();
    return sek_pv_unknown();
}

static SekPsValue reverse(SekPsRun *run, const SekPsCall *call) {
    SekPsArray *a = call->n == 1 && call->args[0].kind == PV_ARRAY ? call->args[0].array : NULL;
    if (!a || a->tainted || !sek_ps_pay(run, a->n / 16 + 1))
        return sek_pv_unknown();
    sek_env_changed(run, &a->tainted);
    if (!sek_pa_own(run->arena, a))
        return sek_pv_unknown();
    for (uint32_t i = 0; i < a->n / 2; i++) {
        uint32_t k = a->n - 1 - i;
        if (a->elem == PS_ELEM_BYTE) {
            uint8_t byte = a->bytes[i];
            a->bytes[i] = a->bytes[k];
            a->bytes[k] = byte;
        } else {
            SekPsValue item = a->items[i];
            a->items[i] = a->items[k];
            a->items[k] = item;
        }
    }
    sek_ps_unhid(run, "reverse");
    return sek_pv_null();
}

static SekPsValue char_static(SekPsRun *run, const SekPsCall *call) {
    int64_t i;
    SekPsText text;
    if (is(call->name, "convertfromutf32")) {
        if (!arg_int(call, 0, &i) || i < 0 || i > 0xFFFF)
            return sek_pv_some_string();
        SekPsValue c = sek_pv_char((unsigned)i);
        return sek_ps_cast(run, SEK_STR("string"), &c);
    }
    if ((is(call->name, "tostring") || is(call->name, "parse")) && arg_text(run, call, 0, &text))
        return is(call->name, "parse") && text.n == 1 ? sek_pv_char(text.p[0]) : sek_pv_text(text);
    if ((is(call->name, "toupper") || is(call->name, "tolower")) && arg_text(run, call, 0, &text) &&
        text.n == 1 && text.p[0] < 0x80)
        return sek_pv_char(call->name.ptr[2] == 'u' ? sek_pt_upper(text.p[0]) : sek_pt_lower(text.p[0]));
    return sek_pv_unknown();
}

/* --- the rest ----------------------------------------------------------------------------------------------
 */

static SekPsValue encoding_static(SekPsRun *run, const SekPsCall *call) {
    if (!is(call->name, "getencoding") || call->n < 1 || !sek_pv_known(&call->args[0]))
        return sek_pv_unknown();
    SekPsObject *o = sek_ps_object(run, PS_OBJ_ENCODING);
    if (o)
        o->number = sek_ps_encoding_of(&call->args[0]);
    return sek_pv_object(o);
}

static SekPsValue regex_static(SekPsRun *run, const SekPsCall *call) {
    SekPsText text, pattern, with, option = {NULL, 0};
    bool replace = is(call->name, "replace");
    uint32_t fixed = replace ? 3 : 2;
    bool nocase = false;
    if (!arg_text(run, call, 0, &text) || !arg_text(run, call, 1, &pattern) ||
        (replace && !arg_text(run, call, 2, &with)))
        return sek_pv_unknown();
    if (call->n > fixed) {
        SekPsText reversing = {(const uint16_t *)u"RightToLeft", 11},
                  ignoring = {(const uint16_t *)u"IgnoreCase", 10};
        SekPsValue soft = call->args[fixed];
        soft.soft = false;
        if (!sek_pv_readable(&soft) || !sek_pv_to_text(run->arena, &soft, blank, &option))
            return sek_pv_unknown();
        nocase = sek_pt_eq(option, ignoring, true);
        bool right = sek_pt_find(option, reversing, 0, true) >= 0 && is(call->name, "matches") &&
                     pattern.n == 1 && pattern.p[0] == '.';
        if (!right && !nocase)
            return sek_pv_unknown();
        if (right) { /* every character from the end */
            SekPsValue all = sek_ps_all_matches(run, text, pattern, false);
            for (uint32_t i = 0; all.kind == PV_ARRAY && i < all.array->n / 2; i++) {
                SekPsValue one = all.array->items[i];
                all.array->items[i] = all.array->items[all.array->n - 1 - i];
                all.array->items[all.array->n - 1 - i] = one;
            }
            sek_ps_unhid(run, "reverse");
            return all;
        }
    }
    if (replace)
        return sek_ps_replace(run, text, pattern, with, nocase);
    if (is(call->name, "split"))
        return sek_ps_split(run, text, pattern, 0, nocase);
    if (is(call->name, "matches"))
        return sek_ps_all_matches(run, text, pattern, nocase);
    return sek_pv_unknown();
}

/* SecureString to a pointer and from there to text; what holds the text is passed along. */
static SekPsValue marshal(SekPsRun *run, const SekPsCall *call) {
    if (call->n != 1 || call->args[0].kind != PV_OBJECT || call->args[0].object->tainted)
        return sek_pv_unknown();
    SekPsObject *o = call->args[0].object;
    if (o->kind == PS_OBJ_SECURE && sek_str_starts(call->name, SEK_STR("securestringto"))) {
        SekPsObject *pointer = sek_ps_object(run, PS_OBJ_SECURE_PTR);
        if (pointer)
            pointer->text = o->text;
        return sek_pv_object(pointer);
    }
    if (o->kind == PS_OBJ_SECURE_PTR && sek_str_starts(call->name, SEK_STR("ptrtostring")))
        return sek_pv_text(o->text);
    return sek_pv_unknown();
}

static SekPsValue unescaped_url(SekPsRun *run, const SekPsCall *call) {
    SekPsText text;
    int64_t byte;
    if (!arg_text(run, call, 0, &text))
        return sek_pv_unknown();
    SekPsArray *bytes = sek_pa_bytes(run->arena, NULL, text.n);
    uint32_t n = 0;
    for (uint32_t i = 0; bytes && i < text.n; i++) {
        if (text.p[i] > 0x7F)
            return sek_pv_some_string();
        bool plus = is(call->name, "urldecode") && text.p[i] == '+';
        if (text.p[i] == '%' && i + 2 < text.n + 0u && text.p[i + 1] != ' ' &&
            sek_pt_to_int(sek_pt_cut(text, i + 1, 2), 16, &byte)) {
            bytes->bytes[n++] = (uint8_t)byte;
            i += 2;
        } else {
            bytes->bytes[n++] = plus ? ' ' : (uint8_t)text.p[i];
        }
    }
    if (!bytes)
        return sek_pv_some_string();
    bytes->n = n;
    sek_ps_unhid(run, "url-decode");
    return sek_ps_decode_text(run, bytes, PS_ENC_UTF8);
}

static SekPsValue environment(SekPsRun *run, const SekPsCall *call) {
    char buf[64] = "env:";
    SekPsText text;
    SekStr name;
    if (!is(call->name, "getenvironmentvariable") || !arg_text(run, call, 0, &text) ||
        !sek_pt_ascii(text, buf + 4, sizeof buf - 4, &name))
        return sek_pv_some_string();
    return sek_env_get(run, sek_str_n(buf, name.len + 4));
}

static SekPsValue math(const SekPsCall *call) {
    int64_t a, b = 0;
    if (!arg_int(call, 0, &a) || (call->n > 1 && !arg_int(call, 1, &b)) || call->args[0].kind == PV_DOUBLE)
        return sek_pv_unknown();
    if (is(call->name, "abs"))
        return sek_pv_int(a < 0 ? -a : a);
    if (is(call->name, "min") && call->n == 2)
        return sek_pv_int(a < b ? a : b);
    if (is(call->name, "max") && call->n == 2)
        return sek_pv_int(a > b ? a : b);
    if ((is(call->name, "floor") || is(call->name, "ceiling") || is(call->name, "round")) && call->n == 1)
        return sek_pv_int(a);
    return sek_pv_unknown();
}

SekPsValue sek_ps_static_method(SekPsRun *run, const SekPsCall *call) {
    char buf[128];
    SekStr type = sek_ps_type_name(call->self.type, buf, sizeof buf);
    SekPsText text;
    if (is(call->name, "new"))
        return sek_ps_new_object(run, call->self.type, call->args, call->n);
    if (is(type, "convert"))
        return convert(run, call);
    if (is(type, "string"))
        return string_static(run, call);
    if (is(type, "char"))
        return char_static(run, call);
    if (is(type, "array"))
        return is(call->name, "reverse") ? reverse(run, call) : sek_pv_unknown();
    if (is(type, "text.encoding"))
        return encoding_static(run, call);
    if (is(type, "regex") || is(type, "text.regularexpressions.regex"))
        return regex_static(run, call);
    if (is(type, "runtime.interopservices.marshal"))
        return marshal(run, call);
    if (is(type, "environment"))
        return environment(run, call);
    if (is(type, "math"))
        return math(call);
    if (is(type, "scriptblock") || is(type, "management.automation.scriptblock")) {
        bool known = call->n == 1 && sek_pv_known(&call->args[0]);
        if (!known)
            sek_ps_partial(run, "a script block is made of text that is not known");
        return known && is(call->name, "create") ? sek_ps_cast(run, SEK_STR("scriptblock"), &call->args[0])
                                                 : sek_pv_unknown();
    }
    if (is(call->name, "urldecode") || is(call->name, "unescapedatastring"))
        return unescaped_url(run, call);
    if ((is(type, "int") || is(type, "int32") || is(type, "byte") || is(type, "int64")) &&
        is(call->name, "parse") && call->n == 1)
        return arg_text(run, call, 0, &text) ? sek_ps_cast(run, call->self.type, &call->args[0])
                                             : sek_pv_unknown();
    if (is(call->name, "create") && sek_str_starts(type, SEK_STR("security.cryptography.")))
        return sek_ps_new_object(run,
                                 call->n == 1 && call->args[0].kind == PV_STRING
                                     ? SEK_STR("security.cryptography.aesmanaged")
                                     : call->self.type,
                                 NULL, 0);
    if (is(type, "powershell") && is(call->name, "create")) {
        SekPsObject *o = sek_ps_object(run, PS_OBJ_OPAQUE);
        if (o)
            o->type = SEK_STR("powershell");
        return sek_pv_object(o);
    }
    return sek_pv_unknown();
}
