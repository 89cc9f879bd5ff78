/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Code inside other text: what PowerShell logs of a command's parameters, and a task's definition. */

#include "base/buf.h"

/* The next value of a payload as 4103 has it (`ParameterBinding(Invoke-Expression): name="Command";
 * value="..."`, one a line; values may have line breaks and quotation marks of their own). `*at` starts at
 * 0. SEK_OK with a part of `payload`, or SEK_END. */
SekStatus sek_code_payload_next(SekStr payload, size_t *at, SekStr *out);

/* The command line of the next Exec action in a task's XML ([MS-TSCH] 2.5.8): Command, a blank, Arguments,
 * with references such as &quot; resolved. `out` is cleared first. SEK_OK or SEK_END. */
SekStatus sek_code_task_next(SekStr xml, size_t *at, SekBuf *out);
