/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Text for a terminal: width in columns (East Asian wide characters take two), cutting, padding,
 * colours. Untrusted text is quoted first (base/json_text.h), so that it cannot steer the terminal. */

#include "base/buf.h"
#include "sekisho.h"

typedef enum { SEK_STYLE_PLAIN, SEK_STYLE_BOLD, SEK_STYLE_DIM, SEK_STYLE_CRITICAL, SEK_STYLE_HIGH,
               SEK_STYLE_MEDIUM, SEK_STYLE_LOW, SEK_STYLE_INFORMATIONAL } SekStyle;

/* Columns that valid UTF-8 takes. */
unsigned sek_text_width(SekStr text);

/* Appends `text`, quoted, in exactly `columns` columns: cut with an ellipsis or padded with blanks
 * (`pad` false: not padded). */
void sek_add_cell(SekBuf *out, SekStr text, unsigned columns, bool pad);

/* Appends the escape sequence for a style, or nothing when `colour` is off. */
void sek_add_style(SekBuf *out, SekStyle style, bool colour);

/* The style of a level. */
SekStyle sek_level_style(SekLevel level);
