/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Building a template (format/binxml.h) from something that is not BinXML: the XML that an event would
 * have, with a hole for each value. So everything that is known of EVTX records (shapes and field
 * names, XML and JSON text) holds for records of text without being said twice. */

#include "format/binxml.h"

/* Elements inside each other: deeper ones give no fields (event/shape.c) and are left out. */
#define SEK_BUILD_MAX_DEPTH 32u
#define SEK_BUILD_MAX_NODES 131072u

typedef struct SekBuild {
    SekArena *arena; /* nodes and names are to live here; names are borrowed, see callers */
    SekNode *nodes;
    uint32_t n, cap;
    uint32_t open[SEK_BUILD_MAX_DEPTH]; /* ELEMENT nodes */
    bool content[SEK_BUILD_MAX_DEPTH];
    uint32_t depth, too_deep; /* too_deep: opens that were left out */
    uint32_t n_slots;
    bool all_optional; /* every slot is: a NULL is no value, wherever it stands */
    SekStatus failed;  /* SEK_ERR_LIMIT: some nodes are left out; SEK_ERR_MEMORY */
} SekBuild;

void sek_build_init(SekBuild *build, SekArena *arena);

void sek_build_open(SekBuild *build, SekStr name);
/* Attributes stand before any content. */
void sek_build_attribute(SekBuild *build, SekStr name, uint32_t slot);
void sek_build_attribute_text(SekBuild *build, SekStr name, SekStr text);
void sek_build_slot(SekBuild *build, uint32_t slot);
void sek_build_text(SekBuild *build, SekStr text);
/* Says that the element has content, if only an empty one: <a></a>. */
void sek_build_content(SekBuild *build);
void sek_build_close(SekBuild *build);

/* A slot whose NULL takes the whole element away. */
void sek_build_optional(SekBuild *build, uint32_t slot);

/* The two in one: <name>slot</name>. */
void sek_build_value(SekBuild *build, SekStr name, uint32_t slot);

/* Fills the template's nodes and number of slots; every element must be closed. */
void sek_build_end(const SekBuild *build, SekTemplate *out);
