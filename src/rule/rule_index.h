/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Finding rules by what others call them: correlations and filters refer to rules by id or name
 * (COR "Related rules", FIL "Relative rules"). Private to the room. */

#include "base/strmap.h"
#include "rule/rule.h"

#define SEK_RULE_NONE UINT32_MAX

typedef struct SekRuleIndex {
    const SekRuleFile *file;
    SekArena arena;
    SekStrMap ids, names;          /* to the first rule of that id or name */
    uint32_t *next_id, *next_name; /* by rule: the next of the same, or SEK_RULE_NONE */
} SekRuleIndex;

/* Lists the rules that `file` has now; parts of rules (SekRule.part_of) are left out. The index is
 * good until the file's rules change. Release with sek_rule_index_deinit, also after a failure.
 * SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_rule_index_init(SekRuleIndex *index, const SekRuleFile *file);
void sek_rule_index_deinit(SekRuleIndex *index);

/* What a reference may mean. */
typedef struct SekRuleMatches {
    uint32_t first;       /* in file->rules; SEK_RULE_NONE = there is no such rule */
    const uint32_t *next; /* the others: next[first] and so on */
    bool by_name;
} SekRuleMatches;

/* A text that is a UUID is an id, in any case of its letters; another one is an id before it is a
 * name. */
SekRuleMatches sek_rule_index_find(const SekRuleIndex *index, SekStr reference);

/* Of several rules (there is at least one), one of the same source as the reference; else the first.
 * `*out_same` counts those in that source, `*out_all` all, up to 1,024 that are looked at. */
uint32_t sek_rule_index_choose(const SekRuleIndex *index, SekStr source, SekRuleMatches matches,
                               uint32_t *out_same, uint32_t *out_all);
