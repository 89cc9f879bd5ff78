/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A document with `filter` to a SekFilter. Private to the room. */

#include "rule/filter.h"
#include "rule/reader.h"

/* Adds it to the reader's file. SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_filter_read(SekRuleReader *reader, const SekYamlNode *root,
                                       const SekYamlDoc *doc);

/* Reads selections and condition from `map` into `filter`, and nothing else. Statuses as above. */
SEK_MUST_USE SekStatus sek_filter_read_part(SekRuleReader *reader, const SekYamlNode *map,
                                            SekFilter *filter);

/* Adds a filter to the reader's file. Statuses as above. */
SEK_MUST_USE SekStatus sek_filter_add(SekRuleReader *reader, SekRulePos pos, SekFilter *filter);
