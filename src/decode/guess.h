/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which language a text is written in, when nobody says so. */

#include "decode/decode.h"

/* By the extension of a file's name (ps1, vbs, js, bat ...); SEK_SCRIPT_TEXT when it tells nothing. */
SekScriptKind sek_script_kind_of_name(SekStr path);

/* By content: words of each language are counted in the first 64 KiB. A text of one line that begins
 * with a program is a command line. Never TEXT: what shows nothing is taken for PowerShell when it has a
 * $ or several lines, else for a command line. */
SekScriptKind sek_script_kind_of_text(SekStr text);

/* By its own name ("powershell"); SEK_OK or SEK_NOT_FOUND. */
SEK_MUST_USE SekStatus sek_script_kind_parse(SekStr name, SekScriptKind *out);
