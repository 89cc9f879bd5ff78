/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What XML demands of characters (XML 1.0, sections 2.2 and 2.4): only what must be escaped is, and what cannot be
 * written at all becomes U+FFFD. */

#include "base/buf.h"
#include "base/str.h"

/* Controls other than tab, CR and LF, and two noncharacters. */
static inline bool sek_xml_forbids(uint32_t cp) {
    return (cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\r') || cp == 0xFFFE || cp == 0xFFFF;
}

/* The reference that stands for a character; NULL when it may stand there itself. */
static inline const char *sek_xml_escaped(uint32_t cp, bool attribute) {
    switch (cp) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '\'':
        return attribute ? "&apos;" : NULL;
    case '"':
        return attribute ? "&quot;" : NULL;
    default:
        return NULL;
    }
}

/* Appends UTF-8, escaped for text or for an attribute in quotes of either kind. Malformed bytes become U+FFFD. */
void sek_xml_escape(SekBuf *out, SekStr s, bool attribute);
