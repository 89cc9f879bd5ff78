/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/yaml.h"

/* Looking things up in a finished tree, and joining two trees. Nodes are never changed: they may
 * have several parents. */

const SekYamlNode *sek_yaml_get(const SekYamlNode *map, SekStr key) {
    if (!map || map->kind != SEK_YAML_MAP)
        return NULL;
    for (uint32_t i = 0; i < map->n; i++)
        if (sek_str_eq(map->pairs[i].key->text, key))
            return map->pairs[i].value;
    return NULL;
}

static SekYamlPair *find(SekYamlPair *pairs, uint32_t n, SekStr key) {
    for (uint32_t i = 0; i < n; i++)
        if (sek_str_eq(pairs[i].key->text, key))
            return &pairs[i];
    return NULL;
}

/* Every key is looked for among all others; this many comparisons cost as much as one node. */
#define COMPARISONS_PER_COST 64

/* Recursion goes no deeper than both trees do (SEK_YAML_MAX_DEPTH). */
SekStatus sek_yaml_merge(SekArena *arena, const SekYamlNode *under, const SekYamlNode *over,
                         uint32_t *budget, const SekYamlNode **out) {
    uint64_t cost = 1 + under->n + over->n + (uint64_t)under->n * over->n / COMPARISONS_PER_COST;
    if (cost > *budget)
        return SEK_ERR_LIMIT;
    *budget -= (uint32_t)cost;
    SekYamlNode *map = SEK_ARENA_NEW(arena, SekYamlNode);
    SekYamlPair *pairs = SEK_ARENA_ARRAY(arena, SekYamlPair, (size_t)under->n + over->n);
    if (!map || !pairs)
        return SEK_ERR_MEMORY;
    *map = *under;
    map->pairs = pairs;
    if (under->n)
        memcpy(pairs, under->pairs, under->n * sizeof *pairs);
    for (uint32_t i = 0; i < over->n; i++) {
        SekYamlPair *old = find(pairs, under->n, over->pairs[i].key->text);
        if (!old) {
            pairs[map->n++] = over->pairs[i];
            continue;
        }
        const SekYamlNode *value = over->pairs[i].value;
        SekStatus status = SEK_OK;
        if (old->value->kind == SEK_YAML_MAP && value->kind == SEK_YAML_MAP)
            status = sek_yaml_merge(arena, old->value, value, budget, &value);
        if (status)
            return status;
        *old = (SekYamlPair){over->pairs[i].key, value};
    }
    map->cost = under->cost + over->cost;
    map->height = over->height > under->height ? over->height : under->height;
    *out = map;
    return SEK_OK;
}
