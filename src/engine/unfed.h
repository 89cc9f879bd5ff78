/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Unfed correlations: those on rules that no event log can feed. They would look as if they could fire. */

#include "engine/ruleset.h"

/* To be called when the detection rules are compiled and those that cannot run have left `rules->rules`.
 * A correlation leaves too, with a diagnostic ("reference-not-loaded"), when none of its rules is there, or
 * when it needs all of them and one is missing; so do the parts of an aggregation without it. One that can
 * still come true stays, with a warning for each rule that it lacks. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_unfed_refuse(SekRuleset *rules);
