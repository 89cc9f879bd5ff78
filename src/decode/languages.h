/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The folders and cheap tests that stand in the table of decode.c, one pair per language. */

#include "decode/decoder.h"

/* Command lines of processes (command.c) and what cmd.exe reads (cmd_fold.c); the test of both tells also
 * whether PowerShell is called. */
SekStatus sek_fold_command(SekDecoder *decoder, uint32_t index);
SekStatus sek_fold_cmd(SekDecoder *decoder, uint32_t index);
bool sek_looks_cmd(const SekUnits *text);

/* PowerShell (powershell.c). */
SekStatus sek_fold_powershell(SekDecoder *decoder, uint32_t index);
bool sek_looks_powershell(const SekUnits *text);

/* VBScript and JScript (vbs_call.c, js_call.c, on the evaluator of sf.h). */
SekStatus sek_fold_vbscript(SekDecoder *decoder, uint32_t index);
bool sek_looks_vbscript(const SekUnits *text);
SekStatus sek_fold_jscript(SekDecoder *decoder, uint32_t index);
bool sek_looks_jscript(const SekUnits *text);

/* Most that one run may hold while it works: trees, values, texts. */
#define SEK_DECODE_MAX_SCRATCH_BYTES ((size_t)512 << 20)
