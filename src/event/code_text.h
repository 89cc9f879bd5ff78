/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Code texts: which values of an event are command lines or scripts, and so may hide what they do.
 *
 *   command lines   CommandLine, ParentCommandLine (Sysmon 1, Security 4688), ProcessCommandLine,
 *                   TargetCommandline (Defender), ImagePath, ServiceFileName (System 7045, Security
 *                   4697), Details (Sysmon 13), NewValue (Security 4657), Destination (Sysmon 20)
 *   PowerShell      ScriptBlockText (4104), the first Data of "Windows PowerShell" 800
 *   parts           the host application and the command line in a context (event/context.h), the values
 *                   that a command was given (Payload of 4103, last Data of 800), the actions of a
 *                   scheduled task (TaskContent, TaskContentNew of Security 4698 and 4702)
 *
 * Which fields a shape has is worked out once. An object belongs to one thread. */

#include "decode/decode.h"
#include "event/event.h"

#define SEK_CODE_TEXTS 16u /* of one event; more are left alone */

typedef struct SekCodeText {
    SekStr field;       /* the event's field that it stands in, as rules call it */
    SekStr part;        /* which part of its value: "HostApplication", "Command" ...; empty = all of it */
    SekScriptKind kind;
    SekValue value;     /* as it stands in the event; a part: UTF-8 */
    const size_t *gaps; /* of a script that was put together, as in SekDecodeInput; NULL, 0 for one event */
    uint32_t n_gaps;
} SekCodeText;

typedef struct SekCodeTexts SekCodeTexts;

/* SEK_OK or SEK_ERR_MEMORY; free accepts NULL. */
SEK_MUST_USE SekStatus sek_code_texts_new(SekCodeTexts **out);
void sek_code_texts_free(SekCodeTexts *texts);

/* The fields (of the event's shape) in which its code stands, when all of them are command lines and nothing but that;
 * returns how many, 0 also when code stands elsewhere. SEK_CODE_COMMANDS at most. */
#define SEK_CODE_COMMANDS 8u
uint32_t sek_code_commands(SekCodeTexts *texts, const SekEvent *event, uint32_t *out_fields);

/* The code of `event`, valid until the next call and as long as the event. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_code_texts(SekCodeTexts *texts, const SekEvent *event, const SekCodeText **out,
                                      uint32_t *out_n);
