/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What each modifier does to one value (MOD). Private to the room; the table that names these
 * functions and says where they may stand is in chain.c.
 *
 * Each takes a SekMatch under construction, of a kind that the table accepts, and changes it.
 * SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_MEMORY. */

#include "rule/reader.h"

typedef struct SekDraft {
    SekRuleReader *reader;
    const SekYamlNode *value; /* as written */
    const char *modifier;     /* the one at work, for messages */
} SekDraft;

typedef SekStatus SekModifierApply(SekDraft *draft, SekMatch *match);

SekModifierApply sek_mod_contains, sek_mod_startswith, sek_mod_endswith, sek_mod_cased,
    sek_mod_windash, sek_mod_expand, sek_mod_utf16le, sek_mod_utf16be, sek_mod_utf16,
    sek_mod_base64, sek_mod_base64offset, sek_mod_re, sek_mod_re_i, sek_mod_re_m, sek_mod_re_s,
    sek_mod_cidr, sek_mod_exists, sek_mod_fieldref, sek_mod_gt, sek_mod_gte, sek_mod_lt,
    sek_mod_lte, sek_mod_minute, sek_mod_hour, sek_mod_day, sek_mod_week, sek_mod_month,
    sek_mod_year;
