/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Steps: the order in which the parts of a condition are asked. `SekCode` keeps them as the rule has them,
 * for explaining; a step stands beside each code, with the children sorted so that what is cheap and likely
 * decides comes first, and with a list of literals for one field as one step. */

#include "engine/ruleset.h"

/* Works out rules->steps, order and probes from codes, predicates and guards. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_steps_build(SekRuleset *rules);
