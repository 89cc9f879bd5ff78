/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The events of conformance vectors: a flat JSON object whose numbers are kept as they are written
 * (the text must have been read with YYJSON_READ_NUMBER_AS_RAW), so that 4624, 4624.0 and 1e3 reach the
 * engine as three different texts. */

#include "event/event.h"

#include <yyjson.h>

#define SEK_VECTOR_MAX_VALUES 256u /* of one event */

/* Builds the event in `arena`, which must outlive it, as must `object`. Channel, Provider_Name, EventID,
 * EventRecordID, Computer, Level and TimeCreated_SystemTime are System fields, all others event data; a
 * list is a field with several values. SEK_OK; SEK_ERR_INPUT for anything but text, numbers, booleans
 * and lists of these; SEK_ERR_LIMIT; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_vector_event(yyjson_val *object, SekArena *arena, SekEvent *out);
