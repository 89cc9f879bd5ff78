/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* JScript: its parser (js_parse.c) and its functions (js_call.c). */

#include "decode/sf_parse.h"

/* The script as a BLOCK; NULL when memory or a limit was met. */
SekSfNode *sek_js_parse(SekSfRun *run, SekStr text);

/* The value of a string literal with its quotes. One whose printable characters are written as escapes
 * counts as made. */
SekSfValue sek_js_string(SekSfRun *run, SekStr raw);

/* The value of a number: decimal, 0x41, or octal with a 0 in front; UNKNOWN when it is none. */
SekSfValue sek_js_number(SekStr raw);

/* The value of a regular expression of plain characters, /x/g; for any other an OBJECT without items. */
SekSfValue sek_js_regex(SekSfRun *run, SekStr raw);

/* Moves to the next token (js_lex.c). */
void sek_js_next(SekSfParser *p);
