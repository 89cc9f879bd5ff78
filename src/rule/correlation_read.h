/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The `correlation` part of a document to a SekCorrelation (COR, Correlation section). Private to
 * the room. */

#include "rule/correlation.h"
#include "rule/reader.h"

/* `document` is the whole document, because `generate` may stand at its top. What the keys may be
 * is in docs/sigma.md. SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_correlation_read(SekRuleReader *reader, const SekYamlNode *document,
                                            const SekCorrelation **out);

/* Sets type-dependent members from `condition`, which may be NULL: fields, bounds, percentile, or
 * expr. Rules must have been read, unless the condition is text: then it may name them.
 * SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_correlation_read_condition(SekRuleReader *reader,
                                                      const SekYamlNode *correlation,
                                                      const SekYamlNode *condition,
                                                      SekCorrelation *io);

/* Texts of a list, or one text; nothing for NULL. `what` is the key, for messages.
 * SEK_OK; SEK_ERR_INPUT (reported): no text, empty, or more than `most`; SEK_ERR_MEMORY. */
typedef struct SekNames {
    SekStr *texts;
    SekRulePlace *places;
    uint32_t n;
} SekNames;
SEK_MUST_USE SekStatus sek_names_read(SekRuleReader *reader, const SekYamlNode *node,
                                      const char *what, uint32_t most, SekNames *out);

/* A boolean expression over `names`, which become the ITEMs' numbers; names that it does not use
 * give a warning. SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_correlation_read_expr(SekRuleReader *reader, const SekYamlNode *text,
                                                 const SekNames *names, const SekCorrExpr **out);

/* The same tree over numbers: `selections->list[i].expr` becomes an ITEM of the number that stands
 * in `numbers[i]`. SEK_OK; SEK_ERR_INPUT (reported: memory); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_correlation_convert_expr(SekRuleReader *reader, const SekExpr *expr,
                                                    const SekExpr *const *items, uint32_t n_items,
                                                    const SekCorrExpr **out);

/* The words of a boolean expression that are names, each once, in their order; at most `most`.
 * SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_correlation_names_in(SekRuleReader *reader, const SekYamlNode *text,
                                                uint32_t most, SekNames *out);
