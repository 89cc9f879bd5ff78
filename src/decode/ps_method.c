/* SPDX-License-Identifier: Apache-2.0 */

/* Methods of texts, characters, numbers and arrays. */

#include "base/buf.h"
#include "decode/ps_run.h"

static const SekPsText blank = {(const uint16_t *)u" ", 1};

static bool is(const SekPsCall *call, const char *what) {
    return sek_str_eq(call->name, sek_str(what));
}

static bool arg_text(SekPsRun *run, const SekPsCall *call, uint32_t i, SekPsText *out) {
    return i < call->n && sek_pv_known(&call->args[i]) && call->args[i].kind != PV_ARRAY &&
           sek_pv_to_text(run->arena, &call->args[i], blank, out);
}

static bool arg_int(const SekPsCall *call, uint32_t i, int64_t *out) {
    return i < call->n && sek_pv_known(&call->args[i]) && sek_pv_to_int(&call->args[i], out);
}

static SekPsValue text_value(SekPsText text) {
    return text.p ? sek_pv_text(text) : sek_pv_some_string();
}

/* --- texts -------------------------------------------------------------------------------------------------
 */

static SekPsValue replaced(SekPsRun *run, SekPsText text, SekPsText what, SekPsText with) {
    SekBuf buf;
    uint32_t at = 0;
    if (what.n == 0 || !sek_ps_pay(run, text.n / 64 + 1))
        return sek_pv_some_string();
    sek_buf_init(&buf, run->decoder->limits.max_value_bytes);
    while (at < text.n && buf.failed == SEK_OK) {
        int64_t found = sek_pt_find(text, what, at, false);
        uint32_t end = found < 0 ? text.n : (uint32_t)found;
        if (end > at)
            sek_buf_add(&buf, text.p + at, (size_t)(end - at) * 2);
        if (found < 0)
            break;
        if (with.n)
            sek_buf_add(&buf, with.p, (size_t)with.n * 2);
        at = end + what.n;
    }
    uint16_t *units = buf.failed == SEK_OK ? sek_arena_alloc(run->arena, buf.len + 2) : NULL;
    if (units && buf.len)
        memcpy(units, buf.data, buf.len);
    SekPsText result = {units, (uint32_t)(buf.len / 2)};
    sek_buf_deinit(&buf);
    sek_ps_unhid(run, "replace");
    return text_value(result);
}

static bool among(SekPsText set, uint16_t c) {
    for (uint32_t i = 0; i < set.n; i++)
        if (set.p[i] == c)
            return true;
    return false;
}

/* Split(chars...) cuts at any of the characters; a string alone counts as its characters in .NET Framework.
 * The options RemoveEmptyEntries and a count are taken. */
static SekPsValue split(SekPsRun *run, const SekPsCall *call, SekPsText text) {
    static const SekPsText spaces = {(const uint16_t *)u" \t\r\n\v\f\u3000\u00A0", 8};
    SekPsText set = spaces, option;
    int64_t max = INT32_MAX;
    bool no_empty = false, whole = false;
    if (call->n > 0) {
        SekPsText none = {(const uint16_t *)u"", 0};
        if (!sek_pv_known(&call->args[0]) || !sek_pv_to_text(run->arena, &call->args[0], none, &set))
            return sek_pv_unknown();
        const SekPsArray *strings = call->args[0].kind == PV_ARRAY ? call->args[0].array : NULL;
        for (uint32_t i = 0; strings && strings->elem == PS_ELEM_ANY && i < strings->n; i++)
            if (strings->items[i].kind == PV_STRING && strings->items[i].text.n > 1)
                whole = true; /* an array of strings: each is a separator as a whole */
        if (whole && strings->n != 1)
            return sek_pv_unknown();
        if (set.n == 0)
            set = spaces;
    }
    for (uint32_t i = 1; i < call->n; i++) {
        if (call->args[i].kind == PV_INT)
            max = call->args[i].i;
        else if (call->args[i].kind == PV_STRING &&
                 sek_pv_to_text(run->arena, &call->args[i], blank, &option))
            no_empty = option.n > 4;
        else
            return sek_pv_unknown();
    }
    SekPsArray *parts = sek_pa_new(run->arena, 8);
    uint32_t from = 0, step = whole ? set.n : 1;
    for (uint32_t at = 0; parts && at < text.n && (int64_t)parts->n + 1 < max;) {
        if (whole ? !sek_pt_eq(sek_pt_cut(text, at, set.n), set, false) : !among(set, text.p[at])) {
            at++;
            continue;
        }
        if ((at > from || !no_empty) &&
            !sek_pa_push(run->arena, parts, sek_pv_text(sek_pt_cut(text, from, at - from))))
            return sek_pv_unknown();
        at += step;
        from = at;
    }
    if (!parts || max <= 0 || !sek_ps_pay(run, text.n / 16 + 1))
        return sek_pv_unknown();
    if ((from < text.n || !no_empty) &&
        !sek_pa_push(run->arena, parts, sek_pv_text(sek_pt_cut(text, from, text.n))))
        return sek_pv_unknown();
    sek_ps_split_at(run, text, set);
    return sek_pv_array(parts);
}

static SekPsValue cased(SekPsRun *run, SekPsText text, bool upper) {
    uint16_t *units = sek_arena_alloc(run->arena, (size_t)text.n * 2 + 2);
    for (uint32_t i = 0; units && i < text.n; i++) {
        if (text.p[i] > 0x7F)
            return sek_pv_some_string();
        units[i] = upper ? sek_pt_upper(text.p[i]) : sek_pt_lower(text.p[i]);
    }
    return text_value((SekPsText){units, text.n});
}

static SekPsValue trimmed(SekPsRun *run, const SekPsCall *call, SekPsText text, bool start, bool end) {
    SekPsText set = {(const uint16_t *)u" \t\r\n\v\f\u3000\u00A0", 8}, none = {(const uint16_t *)u"", 0};
    if (call->n > 0 &&
        (!sek_pv_known(&call->args[0]) || !sek_pv_to_text(run->arena, &call->args[0], none, &set)))
        return sek_pv_some_string();
    uint32_t from = 0, to = text.n;
    while (start && from < to && among(set, text.p[from]))
        from++;
    while (end && to > from && among(set, text.p[to - 1]))
        to--;
    return sek_pv_text(sek_pt_cut(text, from, to - from));
}

static SekPsValue chars(SekPsRun *run, SekPsText text) {
    SekPsArray *all = sek_pa_new(run->arena, text.n + 1);
    if (!sek_ps_pay(run, text.n / 16))
        return sek_pv_unknown();
    for (uint32_t i = 0; all && i < text.n; i++)
        all->items[all->n++] = sek_pv_char(text.p[i]);
    return sek_pv_array(all);
}

static SekPsValue cut(const SekPsCall *call, SekPsText text) {
    int64_t from, n;
    if (!arg_int(call, 0, &from) || from < 0 || from > text.n)
        return sek_pv_some_string();
    if (is(call, "remove")) {
        if (call->n == 1)
            return sek_pv_text(sek_pt_cut(text, 0, (uint32_t)from));
        return sek_pv_unknown();
    }
    if (call->n == 1)
        return sek_pv_text(sek_pt_cut(text, (uint32_t)from, text.n));
    if (!arg_int(call, 1, &n) || n < 0 || from + n > text.n)
        return sek_pv_some_string();
    return sek_pv_text(sek_pt_cut(text, (uint32_t)from, (uint32_t)n));
}

static SekPsValue spliced(SekPsRun *run, const SekPsCall *call, SekPsText text) {
    int64_t at, n = 0;
    SekPsText middle = {(const uint16_t *)u"", 0};
    bool remove = is(call, "remove");
    if (!arg_int(call, 0, &at) || at < 0 || at > text.n || (remove && !arg_int(call, 1, &n)) ||
        (!remove && !arg_text(run, call, 1, &middle)) || n < 0 || at + n > text.n)
        return sek_pv_some_string();
    SekPsText front = sek_pt_join(run->arena, sek_pt_cut(text, 0, (uint32_t)at), middle);
    return text_value(sek_pt_join(run->arena, front, sek_pt_cut(text, (uint32_t)(at + n), text.n)));
}

static SekPsValue padded(SekPsRun *run, const SekPsCall *call, SekPsText text, bool left) {
    int64_t width;
    SekPsText with = blank;
    if (!arg_int(call, 0, &width) || width < 0 || width > 65536 ||
        (call->n > 1 && (!arg_text(run, call, 1, &with) || with.n != 1)))
        return sek_pv_some_string();
    if (width <= text.n)
        return sek_pv_text(text);
    uint16_t *units = sek_arena_alloc(run->arena, (size_t)width * 2);
    uint32_t pad = (uint32_t)width - text.n;
    if (!units)
        return sek_pv_some_string();
    for (uint32_t i = 0; i < pad; i++)
        units[left ? i : text.n + i] = with.p[0];
    if (text.n)
        memcpy(units + (left ? pad : 0), text.p, text.n * 2u);
    return sek_pv_text((SekPsText){units, (uint32_t)width});
}

static SekPsValue found_at(SekPsRun *run, const SekPsCall *call, SekPsText text) {
    SekPsText what;
    int64_t from = 0;
    if (!arg_text(run, call, 0, &what) || (call->n > 1 && !arg_int(call, 1, &from)) || call->n > 2 ||
        from < 0 || from > text.n || !sek_ps_pay(run, text.n / 64))
        return sek_pv_unknown();
    if (is(call, "indexof"))
        return sek_pv_int(sek_pt_find(text, what, (uint32_t)from, false));
    if (call->n > 1)
        return sek_pv_unknown();
    for (int64_t at = (int64_t)text.n - what.n; at >= 0; at--)
        if (sek_pt_eq(sek_pt_cut(text, (uint32_t)at, what.n), what, false))
            return sek_pv_int(at);
    return sek_pv_int(-1);
}

static SekPsValue tested(SekPsRun *run, const SekPsCall *call, SekPsText text) {
    SekPsText what;
    if (!arg_text(run, call, 0, &what) || call->n > 1)
        return sek_pv_unknown();
    if (is(call, "equals"))
        return sek_pv_bool(sek_pt_eq(text, what, false));
    if (is(call, "contains"))
        return sek_pv_bool(sek_pt_find(text, what, 0, false) >= 0);
    if (what.n > text.n)
        return sek_pv_bool(false);
    return sek_pv_bool(
        sek_pt_eq(sek_pt_cut(text, is(call, "startswith") ? 0 : text.n - what.n, what.n), what, false));
}

SekPsValue sek_ps_string_method(SekPsRun *run, const SekPsCall *call, SekPsText text) {
    SekPsText a, b;
    int64_t i;
    if (is(call, "replace"))
        return arg_text(run, call, 0, &a) && arg_text(run, call, 1, &b) && call->n == 2
                   ? replaced(run, text, a, b)
                   : sek_pv_some_string();
    if (is(call, "split"))
        return split(run, call, text);
    if (is(call, "tostring") || is(call, "clone") || is(call, "normalize"))
        return sek_pv_text(text);
    if (is(call, "tolower") || is(call, "tolowerinvariant") || is(call, "toupper") ||
        is(call, "toupperinvariant"))
        return cased(run, text, call->name.ptr[2] == 'u');
    if (is(call, "trim") || is(call, "trimstart") || is(call, "trimend"))
        return trimmed(run, call, text, !is(call, "trimend"), !is(call, "trimstart"));
    if (is(call, "tochararray"))
        return call->n == 0 ? chars(run, text) : sek_pv_unknown();
    if (is(call, "substring") || (is(call, "remove") && call->n == 1)) {
        SekPsValue part = cut(call, text);
        if (sek_pv_known(&part))
            sek_ps_unhid(run, "substring");
        return part;
    }
    if (is(call, "remove") || is(call, "insert")) {
        SekPsValue whole = spliced(run, call, text);
        if (sek_pv_known(&whole))
            sek_ps_unhid(run, "substring");
        return whole;
    }
    if (is(call, "padleft") || is(call, "padright"))
        return padded(run, call, text, is(call, "padleft"));
    if (is(call, "indexof") || is(call, "lastindexof"))
        return found_at(run, call, text);
    if (is(call, "contains") || is(call, "startswith") || is(call, "endswith") || is(call, "equals"))
        return tested(run, call, text);
    if (is(call, "chars") || is(call, "get_chars"))
        return arg_int(call, 0, &i) && i >= 0 && i < text.n ? sek_pv_char(text.p[i]) : sek_pv_unknown();
    if (is(call, "get_length"))
        return sek_pv_int(text.n);
    if (is(call, "getenumerator"))
        return chars(run, text);
    return sek_pv_unknown();
}

/* --- others ------------------------------------------------------------------------------------------------
 */

/* A copy, which is written to without the original's knowing. */
static SekPsValue copy_of(SekPsRun *run, const SekPsArray *array) {
    SekPsArray none = {.n = 0};
    if (!sek_ps_pay(run, array->n / 16 + 1))
        return sek_pv_unknown();
    return sek_pv_array(array->elem == PS_ELEM_BYTE ? sek_pa_bytes(run->arena, array->bytes, array->n)
                                                    : sek_pa_joined(run->arena, array, &none));
}

static SekPsValue array_method(SekPsRun *run, const SekPsCall *call) {
    SekPsArray *array = call->self.array;
    int64_t i;
    if (is(call, "getvalue") || is(call, "get"))
        return arg_int(call, 0, &i) && i >= 0 && i < (int64_t)array->n ? sek_pa_at(array, (uint32_t)i)
                                                                       : sek_pv_unknown();
    if (is(call, "getenumerator"))
        return call->self;
    if (is(call, "clone"))
        return copy_of(run, array);
    if (is(call, "foreach") && call->n == 1 && call->args[0].kind == PV_BLOCK)
        return sek_pv_unknown();
    if (is(call, "contains") && call->n == 1)
        return sek_ps_binary_op(run, PS_OP_CONTAINS, true, &call->self, &call->args[0]);
    if (is(call, "tostring"))
        return sek_pv_some_string();
    /* a method of the elements */
    if (!is(call, "replace") && !is(call, "tolower") && !is(call, "toupper") && !is(call, "trim") &&
        !is(call, "split") && !is(call, "substring"))
        return sek_pv_unknown();
    SekPsArray *all = sek_pa_new(run->arena, array->n + 1);
    for (uint32_t k = 0; all && k < array->n; k++) {
        SekPsCall one = *call;
        one.self = sek_pa_at(array, k);
        SekPsValue v = one.self.kind == PV_STRING ? sek_ps_method(run, &one) : sek_pv_unknown();
        const SekPsArray *parts = sek_pv_known(&v) ? sek_pv_list(run->arena, &v) : NULL;
        if (!parts)
            return sek_pv_unknown();
        for (uint32_t m = 0; m < parts->n; m++)
            if (!sek_pa_push(run->arena, all, sek_pa_at(parts, m)))
                return sek_pv_unknown();
    }
    return sek_pv_array(all);
}

static SekPsValue hash_method(SekPsRun *run, const SekPsCall *call) {
    if (is(call, "get_item") || is(call, "item"))
        return call->n == 1 ? sek_ps_index(run, &call->self, &call->args[0]) : sek_pv_unknown();
    if (is(call, "clone") && call->n == 0) {
        SekPsValue copy = copy_of(run, call->self.array);
        copy.kind = copy.kind == PV_ARRAY ? PV_HASH : copy.kind;
        return copy;
    }
    return sek_pv_unknown();
}

static SekPsValue number_text(SekPsRun *run, const SekPsCall *call) {
    SekPsText how;
    SekPsArray *args = sek_pa_new(run->arena, 1);
    if (call->n == 0)
        return sek_ps_cast(run, SEK_STR("string"), &call->self);
    if (!arg_text(run, call, 0, &how) || !args)
        return sek_pv_some_string();
    SekPsText open = {(const uint16_t *)u"{0:", 3}, close = {(const uint16_t *)u"}", 1};
    (void)sek_pa_push(run->arena, args, call->self); /* there is room */
    SekPsText format = sek_pt_join(run->arena, sek_pt_join(run->arena, open, how), close);
    return format.p ? sek_ps_format(run, format, args) : sek_pv_some_string();
}

SekPsValue sek_ps_method(SekPsRun *run, const SekPsCall *call) {
    const SekPsValue *self = &call->self;
    if (!sek_ps_pay(run, 1))
        return sek_pv_unknown();
    if (call->is_static)
        return self->kind == PV_TYPE ? sek_ps_static_method(run, call) : sek_pv_unknown();
    if (!sek_pv_readable(self))
        return is(call, "tostring") || (self->typed == PV_STRING && (is(call, "replace") || is(call, "trim")))
                   ? sek_pv_some_string()
                   : sek_pv_unknown();
    switch (self->kind) {
    case PV_STRING: {
        SekPsValue v = sek_ps_string_method(run, call, self->text);
        if (self->soft && v.kind == PV_STRING && (v.text.n == self->text.n))
            v.soft = true; /* the whole of it is still the machine's */
        return v;
    }
    case PV_CHAR:
    case PV_INT:
    case PV_DOUBLE:
    case PV_BOOL:
        if (is(call, "tostring"))
            return number_text(run, call);
        return sek_pv_unknown();
    case PV_ARRAY:
        return array_method(run, call);
    case PV_HASH:
        return hash_method(run, call);
    case PV_OBJECT:
        return sek_ps_object_method(run, call);
    case PV_BLOCK:
        if (is(call, "invoke") || is(call, "invokereturnasis")) {
            SekPsArray *args = sek_pa_new(run->arena, call->n + 1);
            for (uint32_t i = 0; args && i < call->n; i++)
                (void)sek_pa_push(run->arena, args, call->args[i]); /* there is room */
            bool recording = run->recording;
            run->recording = false;
            SekPsValue v = sek_ps_invoke_block(run, self->block, args, true);
            run->recording = recording;
            return v;
        }
        return sek_pv_unknown();
    default:
        return sek_pv_unknown();
    }
}
