/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Everything in a rule document that is not detection: title, id, level and so on
 * (RULES, Components). What is only untidy gives a warning, what leaves the rule's meaning open an
 * error. Private to the room. */

#include "rule/reader.h"

/* Fills the descriptive members of `rule` from the document. Also sets the reader's rule_id and
 * rule_title, so that later diagnostics name the rule.
 * SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_metadata_read(SekRuleReader *reader, const SekYamlNode *document,
                                         SekRule *rule);

/* Sets only the reader's rule_id and rule_title. SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_MEMORY.
 */
SEK_MUST_USE SekStatus sek_metadata_name(SekRuleReader *reader, const SekYamlNode *document);

/* True for 8-4-4-4-12 hexadecimal digits (RFC 9562, section 4). */
bool sek_is_uuid(SekStr text);
