/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* VBScript: its parser (vbs_parse.c), its literals and operators (vbs_value.c), functions (vbs_call.c) and scripts that were encoded with
 * Microsoft's Script Encoder (vbs_encode.c). */

#include "decode/sf_parse.h"

/* The script as a BLOCK; NULL when memory or a limit was met. */
SekSfNode *sek_vbs_parse(SekSfRun *run, SekStr text);

/* The values of literals: "a ""b""", &H1F, 12.5. */
SekSfValue sek_vbs_string(SekSfRun *run, SekStr raw);
SekSfValue sek_vbs_number(SekStr text);
/* a op b; UNKNOWN when it is not certain. */
SekSfValue sek_vbs_binary(SekSfRun *run, const char *op, SekSfValue a, SekSfValue b);

/* Decodes the first #@~^......==...==^#~@ of `text` into `out`: its place in *off and *len. False when
 * there is none, or its checksum is wrong (`*damaged`). */
bool sek_script_encoded(SekStr text, SekBuf *out, size_t *off, size_t *len, bool *damaged);

/* Moves to the next token (vbs_lex.c). */
void sek_vbs_next(SekSfParser *p);
