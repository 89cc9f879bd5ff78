/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Text reader: units of JSON, XML and CSV as a row of events. The Reader (event/reader.h) hands units
 * of these kinds to it; it has the trail, the plans and the memory of the current record. */

#include "event/shape.h"
#include "event/source.h"

typedef struct SekTextReader SekTextReader;

/* `shapes` is borrowed and must outlive the result. SEK_OK or SEK_ERR_MEMORY; free with
 * sek_text_reader_free (accepts NULL). */
SEK_MUST_USE SekStatus sek_text_reader_new(SekShapes *shapes, SekTextReader **out);
void sek_text_reader_free(SekTextReader *reader);

/* Starts on `unit`, which is borrowed until the next call. Damages go to `sink`. */
void sek_text_reader_start(SekTextReader *reader, const SekUnit *unit, SekDamageSink sink, void *user);

/* The next event, valid until the next call; time, record id and offset are filled too. SEK_OK; SEK_END;
 * SEK_ERR_INPUT (a record that cannot be read, or is no event: told to the sink; go on);
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_text_reader_next(SekTextReader *reader, SekEvent *out);

/* True when the event that was given last has names of the Elastic Common Schema instead of Windows'. */
bool sek_text_reader_renamed(const SekTextReader *reader);

/* The event that was given last as a fragment of BinXML, for rendering. With `kinds`, numbers and
 * Booleans that were written as such are typed values, as JSON wants them. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_text_reader_fragment(SekTextReader *reader, bool kinds, SekFragment *out);
