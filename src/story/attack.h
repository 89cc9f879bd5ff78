/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ATT&CK Enterprise v19: tactics in order, techniques, and where revoked ids went. The tables come
 * from data/attack. */

#include "base/str.h"

#define SEK_ATTACK_VERSION "19"
#define SEK_MAX_TACTICS 16

typedef struct SekTactic {
    const char *id, *shortname, *name;
} SekTactic;

typedef struct SekTechnique {
    const char *id, *name;
    uint32_t tactics; /* bit i = sek_tactics[i] */
} SekTechnique;

typedef struct SekRevoked {
    const char *id, *successor;
} SekRevoked;

extern const SekTactic sek_tactics[];
extern const unsigned sek_n_tactics;
extern const SekTechnique sek_techniques[]; /* sorted by id */
extern const unsigned sek_n_techniques;
extern const SekRevoked sek_revoked[]; /* sorted by id */
extern const unsigned sek_n_revoked;

/* The technique with this id, or with the id that succeeded it; NULL when unknown. */
const SekTechnique *sek_technique_find(SekStr id);

/* The tactics that a rule stands for, as bits: those that its tags name (hyphens or underscores; the
 * older "defense-evasion" counts as the tactics of v19 that its techniques belong to), else those of
 * its techniques. */
uint32_t sek_rule_tactics(const SekRuleInfo *rule);
