/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What shippers and converters call the fields of a Windows event. */

#include "base/str.h"

/* Fields of the system part, and what is shown beside it. */
typedef enum {
    SEK_NAME_PROVIDER,
    SEK_NAME_PROVIDER_GUID,
    SEK_NAME_PROVIDER_SOURCE,
    SEK_NAME_EVENT_ID,
    SEK_NAME_QUALIFIERS,
    SEK_NAME_VERSION,
    SEK_NAME_LEVEL,
    SEK_NAME_TASK,
    SEK_NAME_OPCODE,
    SEK_NAME_KEYWORDS,
    SEK_NAME_TIME,
    SEK_NAME_RECORD_ID,
    SEK_NAME_ACTIVITY,
    SEK_NAME_RELATED_ACTIVITY,
    SEK_NAME_PROCESS,
    SEK_NAME_THREAD,
    SEK_NAME_CHANNEL,
    SEK_NAME_COMPUTER,
    SEK_NAME_USER,
    SEK_N_SYSTEM_NAMES,
    SEK_NAME_RENDERED_MESSAGE = SEK_N_SYSTEM_NAMES,
    SEK_NAME_RENDERED_LEVEL,
    SEK_NAME_RENDERED_TASK,
    SEK_NAME_RENDERED_OPCODE,
    SEK_NAME_RENDERED_KEYWORDS,
    SEK_NAME_EVENT_TYPE, /* NXLog's, which may stand in the place of Sysmon's */
    SEK_N_NAMES,
    SEK_NAME_NONE = SEK_N_NAMES,
} SekNameField;

/* How a name was written: how sure it is that the field is meant. */
typedef struct SekName {
    uint8_t field;  /* SekNameField */
    uint8_t rank;   /* the lowest of all candidates gets the field */
    uint8_t fix;    /* 1 + SekFixKind, 0 = none */
    bool also_data; /* stays a field of the event under its own name too */
} SekName;

/* The field that a flat record means by `name`; NONE when it is a field of the event's own data.
 * Winlogbeat's names are paths below the record (winlog.channel). */
SekName sek_name_flat(SekStr name);
SekName sek_name_winlogbeat(SekStr path);

/* The field called `name` is a hexadecimal number in Windows' own rendering: 1 + SekFixKind of the
 * provider that writes it, 0 for no. For programs that write such values as decimal numbers. */
unsigned sek_name_hex(SekStr name);

/* True for names that only findings have: such a record is a result, not evidence. */
bool sek_name_of_finding(SekStr name);

/* True for param1, param2 ...: Winlogbeat's names for values without one. */
bool sek_name_is_param(SekStr name);
