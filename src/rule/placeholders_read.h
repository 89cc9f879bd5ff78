/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Placeholder values that stand in a bigger document. Private to the room. */

#include "rule/placeholders.h"
#include "rule/yaml.h"

/* Adds the entries of a map; statuses as sek_placeholders_read. */
SEK_MUST_USE SekStatus sek_placeholders_read_map(SekPlaceholders *table, const SekYamlNode *map,
                                                 SekError *err);
