/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The report's data as JSON, piece by piece (the contract with src/report/page/js/data.mjs). Every text
 * is escaped so that it can stand inside a <script> element. */

#include "report/stream.h"

void sek_html_rule(SekBuf *out, const SekRuleInfo *rule);
void sek_html_event(SekBuf *out, const SekFindingEvent *event);

/* [["field","value"],...] */
void sek_html_pairs(SekBuf *out, const SekPair *pairs, size_t n);

/* `,"decoded":{...}` and `,"script":{...}` of a finding. */
void sek_html_layer(SekBuf *out, const SekLayerInfo *layer);
void sek_html_script(SekBuf *out, const SekScriptInfo *script);

/* `,"attack":{...}` */
void sek_html_attack(SekBuf *out);

/* `,"files":[...]`: the ledger in the order of paths. */
void sek_html_files(SekBuf *out, const SekRunResult *result);

/* `,"summary":{...}` */
void sek_html_summary(SekBuf *out, const SekRunResult *result, uint64_t dropped);
