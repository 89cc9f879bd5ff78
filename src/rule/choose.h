/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Choosing rules by what stands in their heads: for filters on the command line and for tuning files.
 * Values of one key are OR-ed, keys AND-ed. */

#include "rule/rule.h"

typedef enum {
    SEK_KEY_ID,     /* equal, in any case */
    SEK_KEY_NAME,   /* equal */
    SEK_KEY_TITLE,  /* equal, in any case */
    SEK_KEY_STATUS, /* equal, in any case */
    SEK_KEY_LEVEL,  /* equal, in any case */
    SEK_KEY_TAG,    /* equal in any case, or the beginning up to a dot; "attack." may be left away */
    SEK_KEY_AUTHOR, /* found in it, in any case */
} SekRuleKey;
#define SEK_N_RULE_KEYS 7

const char *sek_rule_key_name(SekRuleKey key);

#define SEK_CHOOSE_MAX_VALUES 10000 /* of one list; each is held against every rule */

typedef struct SekChoiceValue {
    SekStr text;
    SekRulePlace place; /* in its file; 0 = from the command line */
    bool hit;           /* some rule had it */
} SekChoiceValue;

typedef struct SekChoice {
    struct {
        SekChoiceValue *list;
        uint32_t n;
    } keys[SEK_N_RULE_KEYS];
} SekChoice;

/* True when some value of the key is the rule's. Notes the values that were. */
bool sek_choice_has(SekChoice *choice, SekRuleKey key, const SekRule *rule);
/* True when every key that has values is the rule's, and there is one. */
bool sek_choice_all(SekChoice *choice, const SekRule *rule);

/* Warns (code "matches-no-rule") of each value that no rule had; not of statuses and levels, which need not
 * occur. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_choice_warn(const SekChoice *choice, SekRuleFile *file, SekStr source);

/* Takes from `file` the rules that are left out (SekRule.left_out) and that no other one needs: those
 * that a correlation refers to which is kept stay, and report nothing, as do those that one is taken from
 * which wanted them for itself (rule/unheard.h). Sets n_left_out and n_disabled.
 * Call when references are resolved. SEK_OK. */
void sek_rules_leave_out(SekRuleFile *file);
