/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One document to what it is: a rule, a correlation rule or a filter (RULES, COR, FIL). Private to
 * the room. */

#include "rule/reader.h"

/* Adds what the document holds to the reader's file. `doc` gives the rule its text and line.
 * SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_document_read(SekRuleReader *reader, const SekYamlNode *root,
                                         const SekYamlDoc *doc);

/* Appends to the rules of the reader's file. SEK_OK; SEK_ERR_INPUT (reported: the text has used up
 * its memory); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_document_add_rule(SekRuleReader *reader, SekRulePos pos, SekRule *rule);
