/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Parts of PowerShell scripts (4104) that `sekisho decode` meets, of all its logs: kept until everything is
 * read, then given joined, in the order in which their first parts were met. One thread. */

#include "engine/fragments.h"
#include "engine/hits.h"

typedef struct SekScriptParts SekScriptParts;

/* SEK_OK or SEK_ERR_MEMORY; free accepts NULL. */
SEK_MUST_USE SekStatus sek_script_parts_new(SekScriptParts **out);
void sek_script_parts_free(SekScriptParts *parts);

/* Keeps `event` when it is one part of several: `*out_kept` says so. False also when there is no room for
 * more parts: then it is a text like others. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_script_parts_add(SekScriptParts *parts, const SekEvent *event, SekStr path, bool *out_kept);

/* A joined script; everything lives until the visitor returns. `path` is the first part's file. Anything but
 * SEK_OK ends the walk. */
typedef SekStatus (*SekScriptVisitor)(void *user, const SekScript *script, const SekScriptInfo *info, SekStr path);

/* To be called once, at the end. SEK_OK, SEK_ERR_MEMORY, or what the visitor returned. */
SEK_MUST_USE SekStatus sek_script_parts_each(SekScriptParts *parts, SekScriptVisitor visit, void *user);
