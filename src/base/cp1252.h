/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Windows code page 1252 (Western): ISO 8859-1 but for 80..9F. The five characters that it leaves free are the
 * control characters of ISO 8859-1, as Windows converts them. Source: Microsoft's table at unicode.org,
 * MICSFT/WINDOWS/CP1252.TXT. */

#include "base/buf.h"

/* The characters of 80..FF. */
extern const uint16_t sek_cp1252_upper[128];

/* Appends `bytes` as UTF-8. */
void sek_cp1252_append(SekBuf *out, const uint8_t *bytes, size_t len);
