/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* VBScript: its parser (vbs_parse.c, vbs_expr.c), its literals and operators (vbs_value.c), functions (vbs_call.c) and scripts that were encoded with
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

/* Parts of the parser: nodes, or NULL where none is. */
static inline bool sek_vbs_line_over(const SekSfParser *p) {
    return p->token.kind == SEK_SF_END || p->token.kind == SEK_SF_LINE;
}
/* The arguments of a call to `callee`, behind an opening parenthesis or without any. */
SekSfNode *sek_vbs_arguments(SekSfParser *p, SekSfNode *callee, bool parentheses);
SekSfNode *sek_vbs_expression(SekSfParser *p);
SekSfNode *sek_vbs_postfix(SekSfParser *p);
SekSfNode *sek_vbs_unary(SekSfParser *p);
extern const SekSfOperator sek_vbs_operators[];
