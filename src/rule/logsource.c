/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/logsource.h"

/* --- keys ---------------------------------------------------------------------------------- */

/* RULES, Log source. */
static const char *const keys[] = {"category", "product", "service", "definition"};
#define N_KEYS (sizeof keys / sizeof *keys)

/* True when at most one letter of one is another, missing, too many, or changed places with the next; the case
 * of letters does not count. */
static bool is_slip(SekStr a, SekStr b) {
    if (a.len < b.len)
        return is_slip(b, a);
    size_t at = 0;
    while (at < b.len && sek_ascii_lower(a.ptr[at]) == sek_ascii_lower(b.ptr[at]))
        at++;
    if (a.len > b.len + 1 || at == a.len)
        return at == a.len;
    SekStr rest_a = sek_str_n(a.ptr + at + 1, a.len - at - 1), rest_b = sek_str_n(b.ptr + at, b.len - at);
    if (a.len > b.len)
        return sek_str_eq_nocase(rest_a, rest_b);
    rest_b = sek_str_n(rest_b.ptr + 1, rest_b.len - 1);
    if (sek_str_eq_nocase(rest_a, rest_b))
        return true;
    return rest_a.len && sek_ascii_lower(a.ptr[at]) == sek_ascii_lower(b.ptr[at + 1]) &&
           sek_ascii_lower(a.ptr[at + 1]) == sek_ascii_lower(b.ptr[at]) &&
           sek_str_eq_nocase(sek_str_n(rest_a.ptr + 1, rest_a.len - 1), sek_str_n(rest_b.ptr + 1, rest_b.len - 1));
}

/* A slip of the pen leaves the rule without a part of its log source: it would run on more than was meant. */
static SekStatus check_key(SekRuleReader *reader, const SekYamlNode *key) {
    for (size_t i = 0; i < N_KEYS; i++)
        if (sek_str_eq(key->text, sek_str(keys[i])))
            return SEK_OK;
    for (size_t i = 0; i < N_KEYS; i++)
        if (is_slip(key->text, sek_str(keys[i])))
            return sek_rule_error(reader, sek_pos(key), "bad-logsource",
                                  "a log source has no key `%s`, and without `%s` the rule would run on more than is "
                                  "meant; write `%s`",
                                  sek_show(key->text).text, keys[i], keys[i]);
    return sek_rule_warn(reader, sek_pos(key), "no-effect",
                         "a log source has category, product, service and definition; `%s` says nothing to it",
                         sek_show(key->text).text);
}

static SekStatus check_keys(SekRuleReader *reader, const SekYamlNode *map) {
    SekStatus first = SEK_OK;
    for (uint32_t i = 0; i < map->n; i++)
        if (!sek_rule_goes_on(reader, check_key(reader, map->pairs[i].key), &first))
            break;
    return first;
}

/* --- values -------------------------------------------------------------------------------- */

static SekStatus read_lower(SekRuleReader *reader, const SekYamlNode *map, const char *key,
                            SekStr *out) {
    const SekYamlNode *node = sek_yaml_get(map, sek_str(key));
    *out = SEK_STR("");
    if (!node || node->kind == SEK_YAML_NULL)
        return SEK_OK;
    if (node->kind >= SEK_YAML_LIST)
        return sek_rule_error(reader, sek_pos(node), "bad-logsource",
                              "`%s` of the log source must be text", key);
    char *lower = sek_arena_alloc(&reader->file->arena, node->text.len + 1);
    if (!lower)
        return sek_rule_no_memory(reader, sek_pos(node));
    for (size_t i = 0; i < node->text.len; i++)
        lower[i] = sek_ascii_lower(node->text.ptr[i]);
    *out = sek_str_n(lower, node->text.len);
    return SEK_OK;
}

SekStatus sek_logsource_read_map(SekRuleReader *reader, const SekYamlNode *map, SekLogSource *out) {
    if (map->kind != SEK_YAML_MAP)
        return sek_rule_error(reader, sek_pos(map), "bad-logsource",
                              "`logsource` must be a map with category, product or service");
    SekStatus status = read_lower(reader, map, "category", &out->category);
    if (!status)
        status = read_lower(reader, map, "product", &out->product);
    if (!status)
        status = read_lower(reader, map, "service", &out->service);
    if (!status && out->category.len + out->product.len + out->service.len == 0)
        return sek_rule_error(
            reader, sek_pos(map), "bad-logsource",
            "the log source names no category, product or service, so the rule would "
            "run on everything");
    return status;
}

SekStatus sek_logsource_read(SekRuleReader *reader, const SekYamlNode *document,
                             SekLogSource *out) {
    const SekYamlNode *map = sek_yaml_get(document, SEK_STR("logsource"));
    if (!map)
        return sek_rule_error(reader, sek_pos(document), "missing-logsource",
                              "the rule has no `logsource`; name a category, product or service");
    SekStatus first = SEK_OK, status = map->kind == SEK_YAML_MAP ? check_keys(reader, map) : SEK_OK;
    if (sek_rule_goes_on(reader, status, &first))
        (void)sek_rule_goes_on(reader, sek_logsource_read_map(reader, map, out), &first);
    return first;
}
