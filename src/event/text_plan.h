/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Plan: what records of one trail are, worked out once. It holds the template (the XML that the event
 * would have, with a hole for each value) and the few values that have to be put right for each record
 * because the writer of the log wrote them in its own way. */

#include "event/event.h"
#include "event/source.h"
#include "event/text_build.h"
#include "format/binxml.h"

#define SEK_TEXT_MAX_LEAVES 8192u          /* values of one record; more are left out and reported */
#define SEK_TEXT_MAX_VALUE (1024u * 1024u) /* bytes of one value; the rest is left out and reported */
#define SEK_NO_SLOT UINT32_MAX

typedef enum {
    SEK_VERDICT_EVENT,
    SEK_VERDICT_OTHER, /* a record, but no Windows event: a damage */
    SEK_VERDICT_PASS,  /* nothing that was to be an event: an action line of Elasticsearch's bulk form */
} SekVerdict;

typedef enum {
    SEK_FIX_TIME,         /* a time in any of the known forms -> FILETIME */
    SEK_FIX_KEYWORDS,     /* a number -> 0x hexadecimal; "Audit Success" and "Audit Failure" too */
    SEK_FIX_AUDIT,        /* these two -> 0x hexadecimal, others: absent */
    SEK_FIX_HEX_SECURITY, /* the same, in events of Security-Auditing but those of the filtering platform */
    SEK_FIX_HEX_SYSMON,   /* the same, in events of Sysmon */
    SEK_FIX_LEVEL,        /* "Information" -> 4 */
    SEK_FIX_SEVERITY,     /* NXLog's SeverityValue 2 -> 4 */
    SEK_FIX_EVENT_TYPE,   /* NXLog's INFO -> what the message says, else absent */
} SekFixKind;

typedef struct SekFix {
    uint8_t kind;      /* SekFixKind */
    uint32_t from, to; /* slots; `to` is one of the plan's own, behind the record's */
} SekFix;

/* How a value was written, where it is not plain text. */
typedef enum { SEK_WRITTEN_TEXT, SEK_WRITTEN_NUMBER, SEK_WRITTEN_BOOL } SekWritten;

typedef struct SekTextPlan {
    SekTemplate tpl;
    uint8_t verdict;   /* SekVerdict */
    bool left_out;     /* the record has more, or is deeper, than an event may be */
    bool renamed;      /* its data has names of the Elastic Common Schema instead of Windows' */
    uint32_t n_leaves; /* values of the record */
    uint32_t n_slots;  /* and the fixes' own */
    SekFix *fixes;
    uint32_t n_fixes, cap_fixes;
    uint32_t provider, provider_guid, event_id, message; /* slots, or SEK_NO_SLOT */
} SekTextPlan;

/* The values of one record. All arrays have room for the plan's slots. */
typedef struct SekTextValues {
    SekValue *values;
    uint8_t *written; /* SekWritten */
    uint32_t *places; /* SekTextRecord.known: where each stands, in bytes from the record's start */
    uint32_t n, cap;
    bool moved;         /* values of the record got braces, and lie elsewhere now */
    SekDateOrder dates; /* of the file */
} SekTextValues;

/* Adds a fix; returns the slot that has its result, or `from` when memory ran out (`*failed` is set). */
uint32_t sek_text_plan_fix(SekTextPlan *plan, SekBuild *build, SekFixKind kind, uint32_t from);

/* Puts right the values of a record: `values` gets the plan's own slots, made in `arena`. SEK_OK or
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_text_plan_apply(const SekTextPlan *plan, SekTextValues *values, SekArena *arena);

/* Makes room for `n` values. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_text_values_room(SekTextValues *values, uint32_t n);
void sek_text_values_free(SekTextValues *values);

/* TimeCreated of an event, whether it is a FILETIME or text (as in forwarded events); 0 = unknown. */
uint64_t sek_text_event_time(const SekEvent *event);

/* Reads a time as logs write it: RFC 3339 and its looser forms, seconds or milliseconds since 1970,
 * /Date(ms)/ of PowerShell, and as Windows shows them to people: year/month/day, day.month.year, and with
 * slashes or dashes whichever of day and month `order` says. Where that is not known either, a number above 12
 * tells, or that both are the same; with AM or PM it is the month. SEK_OK or SEK_NOT_FOUND. */
SEK_MUST_USE SekStatus sek_text_time(SekStr text, SekDateOrder order, uint64_t *out_filetime);

/* What dates that begin a cell of `text` (CSV) say about the order. */
SekDateOrder sek_text_date_order(SekStr text);
