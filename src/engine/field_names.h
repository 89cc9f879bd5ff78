/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which field names the events of a log source can have. */

#include "event/taxonomy.h"
#include "rule/rule.h"

#define SEK_NAME_LIST_MAX 64u /* event ids or providers that a condition names; more = nothing is known */

typedef struct SekNameList {
    uint32_t n; /* 0 = not said */
    SekStr names[SEK_NAME_LIST_MAX];
} SekNameList;

/* The events that an item of a rule can meet. */
typedef struct SekEventScope {
    const SekLogSource *logsource;
    SekNameList event_ids, providers; /* what the condition demands beside it */
} SekEventScope;

/* False only when the fields of all events in `scope` are known and none of them is called `name` (case and
 * blanks ignored, as when matching), nor computed under that name. */
bool sek_field_name_known(const SekEventScope *scope, SekStr name);

/* The known name that is closest to `name`, or NULL when none is close. */
const char *sek_field_name_nearest(const SekEventScope *scope, SekStr name);
