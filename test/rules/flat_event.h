/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A flat JSON object as an event, for the events that stand beside rules: System fields by Sigma's
 * names at the top ("Channel", "EventID", "Provider_Name" ...), all others as event data. */

#include "event/event.h"

#include <yyjson.h>

/* Builds the event in `arena`; `object` must outlive it. SEK_OK, SEK_ERR_INPUT (not an object, or a
 * value that is no text, number, true, false, null or list of texts), SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_flat_event(yyjson_val *object, SekArena *arena, SekEvent *out);
