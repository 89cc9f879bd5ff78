/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The log source of a rule or filter (RULES, Log source). A key that is nearly one of those that there are is an
 * error, since the rule would run on more than its author means; another key is a warning. Private to the room. */

#include "rule/reader.h"

/* From the document's `logsource`. SEK_OK; SEK_ERR_INPUT (reported) when it is missing or says nothing;
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_logsource_read(SekRuleReader *reader, const SekYamlNode *document, SekLogSource *out);

/* The same from the map itself, which may have other keys too (steps and conditions of pipelines). */
SEK_MUST_USE SekStatus sek_logsource_read_map(SekRuleReader *reader, const SekYamlNode *map, SekLogSource *out);
