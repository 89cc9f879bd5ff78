/* SPDX-License-Identifier: Apache-2.0 */
/* The outer part of an event: <Event> with <System>, in the shapes that Windows writes.
 *
 * Observed in real logs: manifest providers pass provider, GUID and channel as values 14 to 16 and
 * the payload as value 17; classic and Windows Event Log's own providers have them as literals, 20
 * values, payload in value 19. The computer name is a literal in both. */
#pragma once

#include "evtxgen/gen_template.h"

enum {
    SEK_GEN_SOURCE_LITERAL = 1 << 0,          /* provider and channel are literals (classic) */
    SEK_GEN_SOURCE_LITERAL_EVENT_ID = 1 << 1, /* EventID and Qualifiers are literals too */
    SEK_GEN_SOURCE_OLD = 1 << 2,              /* no Version, Opcode, Correlation, Execution elements */
    SEK_GEN_SOURCE_USER_DATA = 1 << 3,        /* the payload is put into <UserData> */
    SEK_GEN_SOURCE_RENDERING = 1 << 4         /* <RenderingInfo>, as in forwarded events */
};

typedef struct SekGenSource {
    const char *computer;
    const char *channel;
    const char *provider;
    const char *provider_guid; /* text with braces, NULL: none */
    const char *event_source;  /* EventSourceName, NULL: none; only with LITERAL */
    uint32_t flags;
    uint16_t event_id;   /* only with LITERAL_EVENT_ID */
    const char *culture; /* only with RENDERING, such as "en-US" */
} SekGenSource;

/* Rendered texts of a forwarded event; NULL leaves the element out. */
typedef struct SekGenRendering {
    const char *message, *level, *task, *opcode, *channel, *provider, *keyword;
} SekGenRendering;

/* The System values of one event. */
typedef struct SekGenEvent {
    uint64_t record_id;
    uint64_t filetime; /* 100 ns since 1601, UTC */
    uint16_t event_id;
    int32_t qualifiers; /* below 0: none */
    uint8_t version;
    uint8_t level;
    uint8_t opcode;
    uint16_t task;
    uint64_t keywords;
    uint32_t process_id;
    uint32_t thread_id;
    const SekGenGuid *activity;         /* NULL: none */
    const SekGenGuid *related_activity; /* NULL: none */
    const char *user_sid;               /* NULL: none */
    const SekGenRendering *rendering;   /* only with SEK_GEN_SOURCE_RENDERING */
    const SekGenTemplate *payload;      /* NULL: none */
    const SekGenValues *values;         /* of the payload; NULL when it has none */
} SekGenEvent;

/* The outer template of `source`; NULL when memory is short. The caller frees it. */
SekGenTemplate *sek_gen_system_template(const SekGenSource *source);

/* Fills `out` (initialised) with the values that the outer template of `source` needs. */
void sek_gen_system_values(SekGenValues *out, const SekGenSource *source, const SekGenEvent *event);
