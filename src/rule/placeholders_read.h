/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Placeholder values from elsewhere than a file of their own. Private to the room. */

#include "rule/placeholders.h"

/* Sets one name; the values are borrowed. SEK_OK, SEK_ERR_LIMIT, SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_placeholders_set(SekPlaceholders *table, const SekPlaceholder *value);
