/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* JSON that is the XML of an event written otherwise: System, EventData, UserData, with attributes in
 * "#attributes" (or "$", or as "@x"), in an object X_attributes beside X, or, below System, as plain
 * members. Text beside attributes is "#text" ("Value", "", "_"). */

#include "event/text_member.h"
#include "event/text_plan.h"

/* Builds <Event> without its end, so that more can be added. `event` holds the sections; `root` is the
 * record, `event` itself or what it stands in. Failures are kept in `build`. */
void sek_json_tree_build(const SekMember *root, const SekMember *event, SekBuild *build, SekTextPlan *plan);

/* True for the names of an event's sections. */
bool sek_json_tree_is_section(SekStr key);
/* True when a member of <Event> is an element, or its text, and no attribute. */
bool sek_json_tree_is_content(const SekMember *member);
