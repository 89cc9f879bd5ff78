/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What stands between the events of an XML file. Blanks, comments, processing instructions and the tags of
 * elements around events are layout; text and elements without an event in them are something else, which may
 * once have been an event. */

#include "base/str.h"

#define SEK_XML_NOWHERE SIZE_MAX

typedef struct SekXmlBetween {
    size_t text;     /* the first text that is not blank and in no such element; a tag that is cut is text */
    size_t element;  /* the first <System> that begins and ends here, else the first other one but <Events> */
    bool event_like; /* it is a <System>: part of an event whose tag is not <Event> */
} SekXmlBetween;

/* Looks at `gap`: what stands before the first event, between two, or behind the last one. Places are in `gap`,
 * or SEK_XML_NOWHERE. Linear in its length. */
SekXmlBetween sek_xml_between(SekStr gap);
