/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Writing JSON and printing untrusted text. Reading JSON is yyjson's business. */

#include "base/buf.h"
#include "base/str.h"

/* Appends `s` as a JSON string with quotes (RFC 8259, section 7). Malformed UTF-8 becomes U+FFFD. What
 * could steer a terminal (controls, bidirectional and invisible formatting) is written as \u escape,
 * which loses nothing, and so are `<`, `>` and `&` when `html` is set, so that the text can stand
 * inside a <script> element. */
void sek_json_string(SekBuf *out, SekStr s, bool html);

/* The same without quotes around it. */
void sek_json_escape(SekBuf *out, SekStr s, bool html);

/* Writes one character (with `html` not set) as it stands in a string, up to 6 bytes; returns how many. */
size_t sek_json_put(char *at, uint32_t cp);

/* Appends `s` for a place that keeps line breaks and tabs but must not be steered: what sek_quote_line
 * shows as escapes is shown so here too. */
void sek_quote_text(SekBuf *out, SekStr s);

/* Appends `s` for a terminal or a one-line message: control characters, ESC, bidirectional overrides
 * and malformed UTF-8 are shown as \xNN or \uNNNN; line breaks and tabs become a blank. */
void sek_quote_line(SekBuf *out, SekStr s);
