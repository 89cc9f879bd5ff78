/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The key of an item: a field name and a chain of modifiers, checked for names and order before any
 * value is looked at. Private to the room. */

#include "rule/modifiers.h"

#define SEK_CHAIN_MAX 16 /* modifiers on one key; no sensible chain has more than six */

typedef struct SekModifier {
    const char *name;
    SekModifierApply *apply; /* NULL: concerns the item as a whole (`all`, `neq`) */
    uint32_t takes;          /* bits 1 << SekMatchKind: the values that it works on */
    uint32_t group;          /* one bit */
    uint32_t after;          /* groups that may stand before it */
} SekModifier;

typedef struct SekChain {
    SekStr field; /* borrowed from the key; empty for keywords */
    const SekModifier *modifiers[SEK_CHAIN_MAX];
    uint32_t n;
    bool all, negate;
    bool expand; /* values may hold placeholders */
} SekChain;

/* SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_chain_parse(SekRuleReader *reader, const SekYamlNode *key,
                                       SekChain *out);

/* Reports that `value` is of a kind that `modifier` does not take. */
SEK_MUST_USE SekStatus sek_chain_wrong_kind(SekRuleReader *reader, const SekModifier *modifier,
                                            const SekYamlNode *value);
