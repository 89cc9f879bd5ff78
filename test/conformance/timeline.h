/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Runs a timeline of a conformance vector: the events one by one, then the correlations on what they left.
 * What came out is held against the vector's findings. */

#include "engine/ruleset.h"

#include <yyjson.h>

/* Called with each thing that is wrong. */
typedef void (*SekTimelineWrong)(void *user, const char *what, SekStr detail);

/* `findings` is a list of {"rule", "time", "value"?, "group"?}; the order does not count. SEK_OK also
 * when something was wrong; SEK_ERR_INPUT when the vector is not as it should be; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_timeline_check(const SekRuleset *rules, yyjson_val *events, yyjson_val *findings,
                                          SekTimelineWrong wrong, void *user);
