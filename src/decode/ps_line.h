/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Command lines of powershell.exe. */

#include "decode/decoder.h"

/* Code that a command line holds, to be handed on. */
typedef struct SekHandedOn {
    SekStr text; /* in the arena given */
    SekScriptKind kind;
    const char *step;    /* how it was hidden, e.g. "base64"; NULL when it stood there in clear */
    const char *partial; /* static reason, or NULL */
} SekHandedOn;

#define SEK_COMMAND_MAX_ARGS 256

/* Splits a command line as the C runtime does ("a b" is one, \" is a quote). Returns the number of arguments,
 * those beyond `max` left in the last. Texts lie in `arena`; 0 with no memory. */
uint32_t sek_command_split(SekArena *arena, SekStr line, SekStr *out_args, uint32_t max);

/* The program's name without folder, extension and case, in `buf`. */
SekStr sek_program_stem(SekStr path, char *buf, size_t size);

/* Code in the arguments of powershell.exe or pwsh.exe (`args[0]` is the first argument, not the program).
 * False when they hold none. */
bool sek_ps_host_code(SekArena *arena, const SekStr *args, uint32_t n, SekHandedOn *out);

/* Damaged Base64 as far as it goes, and its text: UTF-16 or, where that makes no sense, bytes. False when it
 * is none. */
bool sek_lenient_base64_text(SekArena *arena, SekStr text, SekHandedOn *out);

/* Emits what a command line of PowerShell (program and arguments) hands on, below `parent`. SEK_OK or a fatal
 * status. */
SekStatus sek_ps_follow_line(SekDecoder *decoder, uint32_t parent, SekStr line);
