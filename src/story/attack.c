/* SPDX-License-Identifier: Apache-2.0 */
#include "story/attack.h"

#include <stdlib.h>

static int by_id(const void *key, const void *element) {
    const SekStr *id = key;
    const char *const *other = element; /* both tables begin with the id */
    SekStr b = sek_str(*other);
    size_t n = id->len < b.len ? id->len : b.len;
    int order = n ? memcmp(id->ptr, b.ptr, n) : 0;
    return order ? order : id->len < b.len ? -1 : id->len > b.len;
}

static const SekTechnique *exact(SekStr id) {
    return bsearch(&id, sek_techniques, sek_n_techniques, sizeof *sek_techniques, by_id);
}

const SekTechnique *sek_technique_find(SekStr id) {
    /* A successor may be revoked in turn; a few steps are plenty. */
    for (int step = 0; step < 4; step++) {
        const SekTechnique *found = exact(id);
        if (found)
            return found;
        const SekRevoked *old = bsearch(&id, sek_revoked, sek_n_revoked, sizeof *sek_revoked, by_id);
        if (!old)
            return NULL;
        id = sek_str(old->successor);
    }
    return NULL;
}

static bool same_name(SekStr tag, const char *shortname) {
    if (tag.len != strlen(shortname))
        return false;
    for (size_t i = 0; i < tag.len; i++) {
        char c = tag.ptr[i] == '_' ? '-' : sek_ascii_lower(tag.ptr[i]);
        if (c != shortname[i])
            return false;
    }
    return true;
}

static uint32_t tactic_bit(SekStr tag) {
    for (unsigned i = 0; i < sek_n_tactics; i++)
        if (same_name(tag, sek_tactics[i].shortname))
            return 1u << i;
    return 0;
}

static uint32_t technique_tactics(const SekRuleInfo *rule) {
    uint32_t bits = 0;
    for (size_t i = 0; i < rule->n_techniques; i++) {
        const SekTechnique *technique = sek_technique_find(rule->techniques[i]);
        if (technique)
            bits |= technique->tactics;
    }
    return bits;
}

uint32_t sek_rule_tactics(const SekRuleInfo *rule) {
    uint32_t bits = 0, split = tactic_bit(SEK_STR("stealth")) | tactic_bit(SEK_STR("defense-impairment"));
    for (size_t i = 0; i < rule->n_tactics; i++) {
        if (same_name(rule->tactics[i], "defense-evasion")) {
            uint32_t of_techniques = technique_tactics(rule) & split;
            bits |= of_techniques ? of_techniques : tactic_bit(SEK_STR("stealth"));
        } else {
            bits |= tactic_bit(rule->tactics[i]);
        }
    }
    return bits ? bits : technique_tactics(rule);
}
