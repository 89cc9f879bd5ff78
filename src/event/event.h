/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One event, whatever it came from: a *shape* (which fields, in which order, where each value stands)
 * and the values. All records of one template pair share one shape, so that what a reader or a rule
 * works out about names is worked out once per shape and not once per record. Values stay as they are
 * in the input and become text only when asked.
 *
 * Field names are Sigma's (taxonomy appendix, "Windows Folder"; rules specification, "Field Usage"):
 *   System      child elements by tag (EventID, Level, Channel ...), attributes as Tag_Attr
 *   EventData   <Data Name="x"> as x; unnamed <Data> all as "Data"; other elements by tag
 *   UserData, RenderingInfo, ProcessingErrorData   leaf elements by tag, attributes by name
 * A name may stand more than once (System/104 has a UserData Channel): all values count, in order. */

#include "base/arena.h"
#include "format/value.h"

typedef enum {
    SEK_PLACE_SYSTEM,
    SEK_PLACE_DATA, /* EventData */
    SEK_PLACE_USER, /* UserData, ProcessingErrorData */
    SEK_PLACE_RENDERING,
} SekPlace;

typedef enum {
    SEK_FIELD_SLOT,      /* value `slot` of part `part` */
    SEK_FIELD_LITERAL,   /* `literal`: the same for every event of this shape */
    SEK_FIELD_COMPOSITE, /* `pieces` joined: text around and between holes */
} SekFieldKind;

typedef struct SekField {
    SekStr name;
    uint8_t place; /* SekPlace */
    uint8_t kind;  /* SekFieldKind */
    uint8_t part;  /* SLOT: 0 = outer values, 1 = inner values, 2 = values that were not recorded */
    bool optional; /* SLOT: a NULL value means that the field is not there */
    uint16_t slot;
    uint16_t n_pieces; /* COMPOSITE */
    SekValue literal;  /* LITERAL: UTF-8 */
    const struct SekField *pieces; /* COMPOSITE: each a SLOT or LITERAL */
} SekField;

/* System fields that every event is routed and sorted by. */
typedef enum {
    SEK_SYSTEM_CHANNEL,
    SEK_SYSTEM_PROVIDER,
    SEK_SYSTEM_EVENT_ID,
    SEK_SYSTEM_RECORD_ID,
    SEK_SYSTEM_TIME,
    SEK_SYSTEM_COMPUTER,
    SEK_SYSTEM_LEVEL,
    SEK_N_SYSTEM,
} SekSystemField;

#define SEK_NO_FIELD UINT32_MAX

/* Numbers of shapes: 1 to SEK_SHAPES_WIDER are of events that have values besides the recorded ones (engine/again.h);
 * readers give the next SEK_SHAPES_READ. The many come last, so that tables by number are touched to no further than
 * there are shapes. */
#define SEK_SHAPES_WIDER 1024u
#define SEK_SHAPES_READ 16384u
#define SEK_SHAPE_IDS (SEK_SHAPES_WIDER + SEK_SHAPES_READ)

/* Where the value of a system field stands; all zero when that is not known or it is no SLOT. */
typedef struct SekSystemSlot {
    bool known;
    uint8_t part;
    uint16_t slot;
} SekSystemSlot;

typedef struct SekShape {
    uint32_t id; /* from 1, stable for the life of its reader; 0 = made for one event only */
    uint32_t n_fields;
    const SekField *fields;
    uint32_t system[SEK_N_SYSTEM]; /* index into fields, or SEK_NO_FIELD */
    SekSystemSlot slots[SEK_N_SYSTEM]; /* the same fields again, those that are slots: without a look at `fields` */
} SekShape;

/* How an event lies in the text that it was read from. */
typedef struct SekEventText {
    SekStr record;  /* the bytes in which values lie as they are written */
    SekStr plain;   /* bytes in which values lie without their escapes; others lie elsewhere */
    uint32_t known; /* so many outer values, those before all others, lie in one of the two; 0 = nobody can tell. None that
                     * is not ASCII lies in the record */
    const uint32_t *places; /* where each of those stands in the record, rising */
    bool respelled; /* `plain` holds more than what the record does, with a backslash before " \ / b f n r t */
    bool braced;    /* some known values are GUIDs, to which braces were added that they do not have in the record */
} SekEventText;

#define SEK_PART_ADDED 2u /* of the values: those that were not recorded */

typedef struct SekEvent {
    const SekShape *shape;
    const SekValue *values[3]; /* outer, inner, and those that were not recorded */
    uint32_t n_values[3];
    uint64_t types;     /* of all recorded values, see sek_value_type_bit; 0 = nobody looked. When it is known the outer
                         * values lie in order, and the inner ones, in order, inside an outer one. */
    uint64_t texts[2];  /* the same, of outer and inner values: bit i: value i, of the first 64, may hold text (sek_value_holds_text);
                         * what has no bit holds none */
    uint64_t added;     /* tells the values that were not recorded from others of the same shape; 0 = nobody can tell */
    const SekEventText *text; /* of an event that was read from text; NULL for others */
    uint64_t time;      /* FILETIME: TimeCreated where it is given, else when the record was written */
    uint64_t record_id; /* EventRecordID, else the container's number */
    uint64_t offset;    /* of the record in its file */
    bool recovered;     /* found outside the valid records */
    SekArena *arena;    /* of the record: scratch for composite values */
} SekEvent;

/* The value of `field` (of the event's shape). A field that is absent (optional and NULL) gives
 * SEK_NOT_FOUND, memory trouble SEK_ERR_MEMORY, else SEK_OK. */
SEK_MUST_USE SekStatus sek_event_value(const SekEvent *event, const SekField *field, SekValue *out);

/* The value of a field of kind SLOT, which may be a NULL value. */
static inline SekValue sek_event_slot(const SekEvent *event, const SekField *field) {
    return field->slot < event->n_values[field->part] ? event->values[field->part][field->slot] : (SekValue){0};
}

/* The value of a system field whose slot is not known: see sek_event_system. */
SekValue sek_event_system_other(const SekEvent *event, SekSystemField which);

/* The value of a system field; a NULL value when the event has none. */
static inline SekValue sek_event_system(const SekEvent *event, SekSystemField which) {
    SekSystemSlot at = event->shape->slots[which];
    if (!at.known)
        return sek_event_system_other(event, which);
    return at.slot < event->n_values[at.part] ? event->values[at.part][at.slot] : (SekValue){0};
}

/* EventID as a number; 0 when it is absent or not written as a plain decimal number. */
uint32_t sek_event_id(const SekEvent *event);

/* True when `name` is the field's name: exactly, or equal but for case and blanks (events vary:
 * ProcessGuid / ProcessGUID, "Threat Name" / ThreatName). `*exact` tells which. */
bool sek_field_is(const SekField *field, SekStr name, bool *exact);
