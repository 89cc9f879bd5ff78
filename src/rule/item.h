/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One line of a selection, `field|modifier|modifier: value`, to a SekItem. Private to the room. */

#include "rule/reader.h"

/* `key` may be NULL (a plain list of keywords). `value` is what stands behind the key.
 * SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_item_read(SekRuleReader *reader, const SekYamlNode *key,
                                     const SekYamlNode *value, SekItem *out);

/* A value by itself, as one without modifiers is read. Statuses as above. */
SEK_MUST_USE SekStatus sek_value_read(SekRuleReader *reader, const SekYamlNode *value,
                                      SekMatch *out);
