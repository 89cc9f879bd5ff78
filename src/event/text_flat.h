/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Flat events: a list of names and values without the structure of Windows' own, as shippers and
 * converters write them. What the names mean is found in tables (text_names.h); the event's XML is put
 * together from that. */

#include "event/text_plan.h"

typedef enum {
    SEK_FLAT_PLAIN, /* by its name: of the system part, or of the event's data */
    SEK_FLAT_DATA,  /* surely of the event's data, and so named there */
    SEK_FLAT_USER,  /* surely of UserData */
    SEK_FLAT_EXTRA, /* surely not of the event: added on the way */
} SekFlatPlace;

typedef struct SekFlatItem {
    SekStr name; /* dotted where it was nested */
    uint32_t slot; /* SEK_NO_SLOT: it has no value, but what the others mean depends on it */
    uint8_t place; /* SekFlatPlace */
} SekFlatItem;

typedef struct SekFlat {
    SekArena *arena; /* of the list: scratch */
    SekFlatItem *items;
    uint32_t n, cap;
    SekStatus failed; /* SEK_ERR_MEMORY */
} SekFlat;

void sek_flat_add(SekFlat *flat, SekStr name, uint32_t slot, SekFlatPlace place);

/* Which list of names a flat record uses. */
typedef enum { SEK_FLAT_NAMES, SEK_FLAT_WINLOGBEAT } SekFlatStyle;

/* True when the names are those of a Windows event: an event id, and a channel or provider. False for
 * findings of a scanner, which have these too. */
bool sek_flat_is_event(const SekFlat *flat, SekFlatStyle style);

/* Builds the event. Names must live as long as the plan, or in `build->arena`. */
void sek_flat_build(const SekFlat *flat, SekFlatStyle style, SekBuild *build, SekTextPlan *plan);

/* Builds <Collected> with the items: what was added to an event that is complete without it. Names that
 * only say again what the system part says are left out, and so are those that begin with _ or @. */
void sek_flat_build_extras(const SekFlat *flat, SekBuild *build);
