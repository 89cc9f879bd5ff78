/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/number.h"
#include "rule/yaml.h"

#include <math.h>

/* What a plain scalar means: the core schema (YAML 1.2.2, section 10.3.2), and nothing of YAML 1.1.
 * An integer beyond 64 bits keeps its text and becomes a FLOAT with the nearest double. */

static bool one_of(SekStr text, const char *const *names) {
    for (; *names; names++)
        if (sek_str_eq(text, sek_str(*names)))
            return true;
    return false;
}

static bool octal(SekStr text, SekNumber *out) {
    if (text.len < 3 || text.len > 2 + 21 || !sek_str_starts(text, SEK_STR("0o")))
        return false;
    uint64_t value = 0;
    for (size_t i = 2; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '7' || value > UINT64_MAX >> 3)
            return false;
        value = value << 3 | (uint64_t)(text.ptr[i] - '0');
    }
    *out = (SekNumber){true, false, value, (double)value};
    return true;
}

static bool not_finite(SekStr text, SekNumber *out) {
    static const char *const nan_names[] = {".nan", ".NaN", ".NAN", NULL};
    static const char *const inf_names[] = {".inf", ".Inf", ".INF", NULL};
    if (one_of(text, nan_names)) {
        *out = (SekNumber){.real = (double)NAN};
        return true;
    }
    bool negative = text.len && text.ptr[0] == '-';
    if (text.len && (negative || text.ptr[0] == '+'))
        text = sek_str_n(text.ptr + 1, text.len - 1);
    if (!one_of(text, inf_names))
        return false;
    *out = (SekNumber){.real = negative ? -(double)INFINITY : (double)INFINITY};
    return true;
}

void sek_yaml_resolve(SekYamlNode *node) {
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    SekStr text = node->text;
    node->kind = SEK_YAML_STRING;
    if (one_of(text, nulls)) {
        node->kind = SEK_YAML_NULL;
    } else if (one_of(text, trues) || one_of(text, falses)) {
        node->kind = SEK_YAML_BOOL;
        node->flag = sek_ascii_lower(text.ptr[0]) == 't';
    } else if (text.len > 1 && text.ptr[0] == '0' && text.ptr[1] == 'X') {
        return; /* the schema has only the small x */
    } else if (sek_number_parse(text, &node->number) || octal(text, &node->number)) {
        node->kind = node->number.is_int ? SEK_YAML_INT : SEK_YAML_FLOAT;
    } else if (not_finite(text, &node->number)) {
        node->kind = SEK_YAML_FLOAT;
    }
}
