/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Random records of XML and rows of CSV that are almost like others. */

#include "property/seen.h"

#define SEK_SPAN_HEADERS 6u


/* The header that rows of `which` have, with its line end. */
SekStr sek_span_gen_header(uint32_t which);

/* One row of the header, or one <Event>; both as they are, or spoiled. */
void sek_span_gen_csv(SekGen *gen, uint32_t header, SekBuf *out);
void sek_span_gen_xml(SekGen *gen, SekBuf *out);

/* `text` (UTF-8) in code page 932; false when a character is not known here. */
bool sek_span_gen_cp932(SekStr text, SekBuf *out);
