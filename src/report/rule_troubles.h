/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the summaries say of rules that could not do their work: not loaded, or with matches given up. */

#include "report/stream.h"

/* Appends lines for a terminal: reasons by how many rules they concern, each with the first few of them by
 * name; then the rules whose regular expressions gave up. `lang` as of SekOutput. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_add_rule_troubles(SekBuf *out, const SekRunResult *result, const char *lang);

/* Appends `,"rules_not_loaded":[...],"rules_gave_up":[...]`, all of them, escaped as for html_data.h. */
void sek_json_rule_troubles(SekBuf *out, const SekRunResult *result);
