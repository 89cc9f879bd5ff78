/* SPDX-License-Identifier: Apache-2.0 */

/* Values, arrays and their conversions, as PowerShell converts (language specification, section 6). */

#include "decode/ps_value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool sek_pv_readable(const SekPsValue *v) {
    if (v->kind == PV_ARRAY || v->kind == PV_HASH)
        return !v->array->tainted;
    if (v->kind == PV_OBJECT)
        return !v->object->tainted;
    return v->kind != PV_UNKNOWN;
}

bool sek_pv_known(const SekPsValue *v) {
    return sek_pv_readable(v) && !v->soft;
}

/* --- arrays ------------------------------------------------------------------------------------------------
 */

SekPsArray *sek_pa_new(SekArena *arena, uint32_t n) {
    if (n > SEK_PS_MAX_ITEMS)
        return NULL;
    SekPsArray *array = SEK_ARENA_NEW(arena, SekPsArray);
    if (!array)
        return NULL;
    array->cap = n ? n : 1;
    array->items = SEK_ARENA_ARRAY(arena, SekPsValue, array->cap);
    return array->items ? array : NULL;
}

SekPsArray *sek_pa_bytes(SekArena *arena, const void *bytes, size_t n) {
    SekPsArray *array = SEK_ARENA_NEW(arena, SekPsArray);
    uint8_t *copy = sek_arena_alloc(arena, n ? n : 1);
    if (!array || !copy || n > UINT32_MAX)
        return NULL;
    if (n && bytes)
        memcpy(copy, bytes, n);
    else if (n)
        memset(copy, 0, n);
    *array = (SekPsArray){.bytes = copy, .n = (uint32_t)n, .cap = (uint32_t)n, .elem = PS_ELEM_BYTE};
    return array;
}

SekPsValue sek_pa_at(const SekPsArray *array, uint32_t i) {
    return array->elem == PS_ELEM_BYTE ? sek_pv_int(array->bytes[i]) : array->items[i];
}

static bool unpack(SekArena *arena, SekPsArray *array) {
    SekPsArray *wide = sek_pa_new(arena, array->n);
    if (!wide)
        return false;
    for (uint32_t i = 0; i < array->n; i++)
        wide->items[i] = sek_pv_int(array->bytes[i]);
    array->items = wide->items;
    array->cap = wide->cap;
    array->elem = PS_ELEM_ANY;
    return true;
}

bool sek_pa_own(SekArena *arena, SekPsArray *array) {
    if (!array->tail)
        return true;
    SekPsArray *copy = sek_pa_new(arena, array->n);
    if (!copy)
        return false;
    memcpy(copy->items, array->items, array->n * sizeof *array->items);
    array->items = copy->items;
    array->cap = copy->cap;
    array->tail = NULL;
    return true;
}

SekPsArray *sek_pa_joined(SekArena *arena, const SekPsArray *a, const SekPsArray *b) {
    uint64_t n = (uint64_t)a->n + b->n;
    if (n > SEK_PS_MAX_ITEMS)
        return NULL;
    SekPsArray *sum = SEK_ARENA_NEW(arena, SekPsArray);
    if (!sum)
        return NULL;
    if (a->tail && a->tail->used == a->n && n <= a->tail->cap) {
        *sum = *a;
    } else {
        SekPsArray *room = sek_pa_new(arena, (uint32_t)(2 * n < SEK_PS_MAX_ITEMS ? 2 * n : n));
        SekPsTail *tail = SEK_ARENA_NEW(arena, SekPsTail);
        if (!room || !tail)
            return NULL;
        for (uint32_t i = 0; i < a->n; i++)
            room->items[i] = sek_pa_at(a, i);
        *tail = (SekPsTail){.used = a->n, .cap = room->cap};
        *sum = (SekPsArray){.items = room->items, .n = a->n, .cap = room->cap, .tail = tail};
    }
    for (uint32_t i = 0; i < b->n; i++)
        sum->items[sum->n++] = sek_pa_at(b, i);
    sum->tail->used = sum->n;
    return sum;
}

bool sek_pa_push(SekArena *arena, SekPsArray *array, SekPsValue v) {
    if (array->elem == PS_ELEM_BYTE && !unpack(arena, array))
        return false;
    if (!sek_pa_own(arena, array))
        return false;
    if (array->n == array->cap) {
        SekPsArray *grown = sek_pa_new(arena, 2 * array->cap + 4);
        if (!grown)
            return false;
        memcpy(grown->items, array->items, array->n * sizeof *array->items);
        array->items = grown->items;
        array->cap = grown->cap;
    }
    array->items[array->n++] = v;
    return true;
}

SekPsArray *sek_pv_list(SekArena *arena, const SekPsValue *v) {
    if (v->kind == PV_ARRAY)
        return v->array;
    if (v->kind == PV_OBJECT && v->object->kind == PS_OBJ_LIST)
        return v->object->array;
    SekPsArray *list = sek_pa_new(arena, 1);
    if (list && v->kind != PV_NULL)
        (void)sek_pa_push(arena, list, *v); /* there is room for one */
    return list;
}

SekPsArray *sek_pv_as_bytes(SekArena *arena, const SekPsValue *v) {
    if (!sek_pv_known(v))
        return NULL;
    if (v->kind == PV_ARRAY && v->array->elem == PS_ELEM_BYTE)
        return v->array;
    const SekPsArray *list = sek_pv_list(arena, v);
    SekPsArray *bytes = list ? sek_pa_bytes(arena, NULL, list->n) : NULL;
    for (uint32_t i = 0; bytes && i < list->n; i++) {
        int64_t number;
        if (!sek_pv_to_int(&list->items[i], &number) || number < 0 || number > 255)
            return NULL;
        bytes->bytes[i] = (uint8_t)number;
    }
    return bytes;
}

/* --- conversions -------------------------------------------------------------------------------------------
 */

static SekPsText ascii_text(SekArena *arena, const char *s) {
    return sek_pt_from_utf8(arena, sek_str(s));
}

static bool object_text(const SekPsObject *o, SekPsText *out) {
    if (o->tainted || (o->kind != PS_OBJ_COMMAND && o->kind != PS_OBJ_BUILDER && o->kind != PS_OBJ_MATCH &&
                       o->kind != PS_OBJ_SCRIPT))
        return false;
    *out = o->text;
    return true;
}

static bool scalar_text(SekArena *arena, const SekPsValue *v, SekPsText *out) {
    char digits[40];
    switch (v->kind) {
    case PV_OBJECT:
        return object_text(v->object, out);
    case PV_NULL:
        *out = (SekPsText){(const uint16_t *)u"", 0};
        return true;
    case PV_BOOL:
        *out = ascii_text(arena, v->b ? "True" : "False");
        return out->p != NULL;
    case PV_STRING:
        *out = v->text;
        return true;
    case PV_CHAR: {
        uint16_t *unit = sek_arena_alloc(arena, 2);
        if (!unit)
            return false;
        *unit = v->c;
        *out = (SekPsText){unit, 1};
        return true;
    }
    case PV_INT:
        (void)snprintf(digits, sizeof digits, "%lld", (long long)v->i);
        break;
    case PV_DOUBLE:
        if (!isfinite(v->d) || fabs(v->d) >= 1e15 || (v->d != 0 && fabs(v->d) < 1e-4))
            return false;
        (void)snprintf(digits, sizeof digits, "%.15g", v->d);
        if (strtod(digits, NULL) != v->d) /* its last digits differ between versions, and a decimal has others */
            return false;
        break;
    default:
        return false; /* a type's text is its full name, which is not known here */
    }
    *out = ascii_text(arena, digits);
    return out->p != NULL;
}

static bool array_text(SekArena *arena, const SekPsArray *array, SekPsText separator, SekPsText *out) {
    size_t total = 0;
    SekPsText *parts = SEK_ARENA_ARRAY(arena, SekPsText, array->n ? array->n : 1);
    if (!parts)
        return false;
    for (uint32_t i = 0; i < array->n; i++) {
        SekPsValue v = sek_pa_at(array, i);
        if (!sek_pv_known(&v) || !scalar_text(arena, &v, &parts[i]))
            return false;
        total += parts[i].n + (i ? separator.n : 0);
    }
    uint16_t *joined = total < ((size_t)1 << 28) ? sek_arena_alloc(arena, total * 2 + 2) : NULL;
    if (!joined)
        return false;
    uint32_t n = 0;
    for (uint32_t i = 0; i < array->n; i++) {
        if (i && separator.n) {
            memcpy(joined + n, separator.p, separator.n * 2u);
            n += separator.n;
        }
        if (parts[i].n)
            memcpy(joined + n, parts[i].p, parts[i].n * 2u);
        n += parts[i].n;
    }
    *out = (SekPsText){joined, n};
    return true;
}

bool sek_pv_to_text(SekArena *arena, const SekPsValue *v, SekPsText separator, SekPsText *out) {
    if (!sek_pv_readable(v))
        return false;
    if (v->kind == PV_ARRAY)
        return array_text(arena, v->array, separator, out);
    if (v->kind == PV_OBJECT)
        return v->object->kind == PS_OBJ_LIST ? array_text(arena, v->object->array, separator, out)
                                              : object_text(v->object, out);
    return scalar_text(arena, v, out);
}

static bool text_to_number(SekPsText t, SekPsValue *out) {
    int64_t number;
    uint32_t i = 0, n = t.n;
    while (i < n && (t.p[i] == ' ' || t.p[i] == '\t' || t.p[i] == '\n' || t.p[i] == '\r'))
        i++;
    bool hex = i + 1 < n && t.p[i] == '0' && (t.p[i + 1] | 32) == 'x';
    if (t.n == 0 || i == n) {
        *out = sek_pv_int(0);
        return true;
    }
    if (!sek_pt_to_int(t, hex ? 16 : 10, &number))
        return false; /* fractions as text do not occur where it matters: unknown */
    *out = sek_pv_int(number);
    return true;
}

bool sek_pv_to_number(const SekPsValue *v, SekPsValue *out) {
    switch (v->kind) {
    case PV_NULL:
        *out = sek_pv_int(0);
        return true;
    case PV_BOOL:
        *out = sek_pv_int(v->b);
        return true;
    case PV_CHAR:
        *out = sek_pv_int(v->c);
        return true;
    case PV_INT:
    case PV_DOUBLE:
        *out = *v;
        return true;
    case PV_STRING:
        return !v->soft && text_to_number(v->text, out);
    case PV_ARRAY: {
        if (v->array->tainted || v->array->n != 1)
            return false;
        SekPsValue only = sek_pa_at(v->array, 0);
        return only.kind != PV_ARRAY && sek_pv_to_number(&only, out);
    }
    default:
        return false;
    }
}

bool sek_pv_to_int(const SekPsValue *v, int64_t *out) {
    SekPsValue number;
    if (!sek_pv_to_number(v, &number))
        return false;
    if (number.kind == PV_INT) {
        *out = number.i;
        return true;
    }
    double d = nearbyint(number.d);
    if (!isfinite(d) || fabs(d) > 9e15)
        return false;
    *out = (int64_t)d;
    return true;
}

bool sek_pv_to_bool(const SekPsValue *v, bool *out) {
    if (!sek_pv_known(v))
        return false;
    switch (v->kind) {
    case PV_NULL:
        *out = false;
        return true;
    case PV_BOOL:
        *out = v->b;
        return true;
    case PV_CHAR:
        *out = v->c != 0;
        return true;
    case PV_INT:
        *out = v->i != 0;
        return true;
    case PV_DOUBLE:
        *out = v->d != 0;
        return true;
    case PV_STRING:
        *out = v->text.n > 0;
        return true;
    case PV_ARRAY:
        if (v->array->n == 1) {
            SekPsValue only = sek_pa_at(v->array, 0);
            return only.kind == PV_ARRAY ? (*out = true) : sek_pv_to_bool(&only, out);
        }
        *out = v->array->n > 0;
        return true;
    default:
        *out = true;
        return true;
    }
}
