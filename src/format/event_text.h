/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A BinXML record as text: XML as Windows shows it, or JSON that loses nothing. */

#include "format/binxml.h"

/* Appends the record as XML: what Event Viewer's XML view holds (attributes in single quotes as Windows' own
 * rendering, CR and LF inside values kept, one line otherwise). What XML 1.0 cannot hold is replaced: control
 * characters by U+FFFD, and characters that may not stand in a name by an underscore. Fragments nested in
 * values are parsed by `bx`, whose current record it must be. A part that cannot be parsed is left out and
 * reported: SEK_OK, SEK_ERR_INPUT (first problem in `err`; the rest is appended all the same), SEK_ERR_LIMIT
 * (of the buffer, or of elements; then the rest is there too), SEK_ERR_MEMORY (nothing is appended). */
SEK_MUST_USE SekStatus sek_event_xml(SekBinxml *bx, const SekFragment *record, SekBuf *out, SekError *err);

/* Appends the record as one JSON object, `{"Event":{...}}`, without a line end. An element is an object:
 * attributes under "#attributes", text under "#text"; an element that has only text is its value, `<a></a>`
 * is
 * "" and `<a/>` is null; repeated elements are an array, in order. `<Data Name="x">v</Data>` below EventData
 * becomes "x": v; unnamed Data stays "Data", and so does one whose name could be taken for a key of ours
 * ("Data",
 * "#..."), as an object. Values keep their kind: integers are numbers up to 2^53 and strings beyond, Boolean
 * is true or false, all else is the text Windows shows. Literals of a template are text, but for those that
 * the event schema calls numbers (EventID, Version, Level, Task, Opcode, EventRecordID, Qualifiers,
 * ProcessID, ThreadID below System). Same statuses. */
SEK_MUST_USE SekStatus sek_event_json(SekBinxml *bx, const SekFragment *record, SekBuf *out, SekError *err);
