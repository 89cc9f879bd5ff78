/* SPDX-License-Identifier: Apache-2.0 */

/* Arrays, tables of names ({ a: 1 }, Scripting.Dictionary) and other objects. An object is known by what it
 * was made of; its items are shared by all variables that hold it. What may have been changed by something
 * that is not followed is lost: its items are no longer known. */
#include "decode/sf.h"

#define MAX_TABLE 2048u /* names in one table; they are searched one by one */

SekSfValue sek_sf_object(SekSfRun *run, SekStr text, bool items) {
    SekSfValue value = {.type = SEK_SF_OBJECT, .text = text};
    if (items) {
        SekSfValue list = sek_sf_array(run, NULL, 0);
        if (list.type != SEK_SF_ARRAY)
            return sek_sf_unknown();
        value.array = list.array;
    }
    return value;
}

bool sek_sf_has_items(SekSfValue value) {
    return (value.type == SEK_SF_ARRAY || value.type == SEK_SF_OBJECT) && value.array && !value.array->lost;
}

void sek_sf_lose(SekSfValue value) {
    if ((value.type == SEK_SF_ARRAY || value.type == SEK_SF_OBJECT) && value.array)
        value.array->lost = true;
}

SekSfValue sek_sf_copy(SekSfRun *run, SekSfValue value) {
    return value.array->lost ? sek_sf_unknown() : sek_sf_array(run, value.array->items, value.array->n);
}

/* Where the value of `key` stands among the items of a table; `array->n` when it has none. */
static uint32_t place_of(SekSfRun *run, const SekSfArray *array, SekStr key) {
    (void)sek_sf_pay(run, 16u * array->n);
    for (uint32_t i = 0; i + 1 < array->n; i += 2)
        if (sek_str_eq(array->items[i].text, key))
            return i + 1;
    return array->n;
}

/* A whole number as an index of the array. VBScript rounds, JScript takes fractions for names. */
static bool index_in(const SekSfArray *array, SekSfValue key, uint32_t *out) {
    double n;
    if (!sek_sf_to_number(key, &n) || n < 0 || n > array->n || n != (uint32_t)n)
        return false;
    *out = (uint32_t)n;
    return true;
}

SekSfValue sek_sf_item(SekSfRun *run, SekSfValue list, SekSfValue key) {
    uint32_t at;
    SekStr name;
    if (!sek_sf_has_items(list))
        return sek_sf_unknown();
    if (list.type == SEK_SF_OBJECT)
        at = sek_sf_text(run, key, &name) ? place_of(run, list.array, name) : list.array->n;
    else if (!index_in(list.array, key, &at))
        return sek_sf_unknown();
    return at < list.array->n ? list.array->items[at] : sek_sf_unknown();
}

static bool set_named(SekSfRun *run, SekSfArray *array, SekStr name, SekSfValue value) {
    uint32_t at = place_of(run, array, name);
    if (at < array->n) {
        array->items[at] = value;
        return true;
    }
    return array->n < 2 * MAX_TABLE && sek_sf_push(run, array, sek_sf_view(name)) && sek_sf_push(run, array, value);
}

void sek_sf_set_item(SekSfRun *run, SekSfValue list, SekSfValue key, SekSfValue value) {
    uint32_t at = 0;
    SekStr name;
    if (!sek_sf_has_items(list))
        return;
    SekSfArray *array = list.array;
    bool good = !run->unsure;
    if (list.type == SEK_SF_OBJECT) {
        good = good && sek_sf_text(run, key, &name) && set_named(run, array, name, value);
    } else {
        good = good && index_in(array, key, &at);
        if (good && at == array->n) /* VBScript's arrays do not grow */
            good = !run->language->nocase && sek_sf_push(run, array, value);
        else if (good)
            array->items[at] = value;
    }
    array->lost = array->lost || !good;
}

/* --- members that the script replaces --- */

/* The name in a.name and a['name']; false for others. */
static bool member_name(const SekSfNode *node, SekStr *out) {
    const SekSfNode *key = node->kind == SEK_SF_INDEX && node->n_kids > 1 ? node->kids[1] : NULL;
    bool literal = key && key->kind == SEK_SF_LITERAL && key->value.type == SEK_SF_STRING;
    *out = literal ? key->value.text : node->text;
    return literal || node->kind == SEK_SF_MEMBER;
}

/* String, Math ..., or the prototype of anything. */
static bool is_of_language(const SekSfNode *object) {
    static const char *const names[] = {"String", "Array", "Number", "Boolean", "Function", "Object", "Date", "RegExp", "Math"};
    SekStr name;
    for (size_t i = 0; object->kind == SEK_SF_NAME && i < sizeof names / sizeof *names; i++)
        if (sek_str_eq(object->text, sek_str(names[i])))
            return true;
    return member_name(object, &name) && sek_str_eq(name, SEK_STR("prototype"));
}

void sek_sf_hook(SekSfRun *run, const SekSfNode *target) {
    SekStr name;
    bool member = target->kind == SEK_SF_MEMBER || target->kind == SEK_SF_INDEX;
    if (run->language->nocase || !member || target->n_kids == 0 || !is_of_language(target->kids[0]))
        return;
    if (!member_name(target, &name))
        run->n_hooks = SEK_SF_MAX_HOOKS + 1;
    else if (run->n_hooks < SEK_SF_MAX_HOOKS && !sek_sf_is_hooked(run, name))
        run->hooks[run->n_hooks++] = name;
    else if (run->n_hooks == SEK_SF_MAX_HOOKS && !sek_sf_is_hooked(run, name))
        run->n_hooks++;
}

bool sek_sf_is_hooked(const SekSfRun *run, SekStr name) {
    if (run->n_hooks > SEK_SF_MAX_HOOKS)
        return true;
    for (uint32_t i = 0; i < run->n_hooks; i++)
        if (sek_str_eq(run->hooks[i], name))
            return true;
    return false;
}

/* --- Scripting.Dictionary --- */

static SekSfValue half_of(SekSfRun *run, const SekSfArray *array, uint32_t first) {
    SekSfValue list = sek_sf_array(run, NULL, 0);
    for (uint32_t i = first; list.type == SEK_SF_ARRAY && i < array->n; i += 2)
        if (!sek_sf_push(run, list.array, array->items[i]))
            return sek_sf_unknown();
    return list;
}

SekSfValue sek_sf_dictionary(SekSfRun *run, SekSfValue self, SekStr name, const SekSfValue *args, uint32_t n) {
    SekStr key = SEK_STR("");
    if (!sek_sf_has_items(self))
        return sek_sf_unknown();
    bool keyed = n > 0 && sek_sf_text(run, args[0], &key);
    if (sek_str_eq_nocase(name, SEK_STR("item")) && n == 1)
        return sek_sf_item(run, self, args[0]);
    if (sek_str_eq_nocase(name, SEK_STR("count")) && n == 0)
        return sek_sf_number(self.array->n / 2);
    if (sek_str_eq_nocase(name, SEK_STR("exists")) && keyed)
        return sek_sf_bool(place_of(run, self.array, key) < self.array->n);
    if ((sek_str_eq_nocase(name, SEK_STR("keys")) || sek_str_eq_nocase(name, SEK_STR("items"))) && n == 0)
        return half_of(run, self.array, sek_ascii_lower(name.ptr[0]) == 'k' ? 0 : 1);
    if (sek_str_eq_nocase(name, SEK_STR("add")) && n == 2 && keyed && place_of(run, self.array, key) == self.array->n)
        sek_sf_set_item(run, self, args[0], args[1]);
    else
        sek_sf_lose(self);
    return sek_sf_unknown();
}
