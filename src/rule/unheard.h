/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Unheard rules: those that a correlation wanted for itself (no `generate`), and that correlation is not
 * loaded, or the user has left it out. They stay silent (SekRule.unheard), as their author asked; else one mistake in a correlation
 * would flood the report with what it was made to sum up. That is said of each. */

#include "rule/reader.h"

/* To be called for a document that gave no rule: notes what it refers to, if it is a correlation.
 * SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_unheard_note(SekRuleReader *reader, const SekYamlNode *root);

/* The same for a correlation that was read and then refused. */
SEK_MUST_USE SekStatus sek_unheard_note_rule(SekRuleFile *file, const SekRule *correlation);

/* Marks the rules that were noted, and forgets the notes. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_unheard_mark(SekRuleFile *file);

/* Marks what a resolved correlation refers to. */
void sek_unheard_mark_targets(const SekRule *correlation);

/* Marks what correlations refer to that the user left out and no kept one needs (SekRule.left_out, needed): leaving
 * one out must not make others speak. Not marked are rules that he named by id (SekRule.asked), and those that
 * some correlation lets report; if that is one that is left out, they are marked (SekRule.heard). Call before they leave `file`. */
void sek_unheard_mark_left_out(SekRuleFile *file);

/* Says that a marked rule reports nothing: a warning, or a note if that is the user's choice. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_unheard_tell(SekRuleFile *file, const SekRule *rule);
