/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the parts of this room share while one document is turned into a rule: the file that takes
 * the result, and how to complain. Private to the room. */

#include "rule/rule.h"
#include "rule/yaml.h"

/* Most memory that one text may take in the arena; all of SigmaHQ takes 26 MB. */
#define SEK_RULE_MAX_MEMORY ((size_t)256 * 1024 * 1024)
#define SEK_RULE_MAX_DOCUMENTS 65536 /* in one text */
#define SEK_RULE_MAX_WARNINGS 32     /* of one document; another one says that there are more */

typedef struct SekRuleReader {
    SekRuleFile *file;
    SekStr source;
    SekStr rule_id, rule_title; /* of the document at work, as far as known */
    uint32_t n_warnings;
    bool further; /* an error of the document is told: what else is wrong is told, too */
    uint32_t n_exprs;  /* made so far for this document */
    size_t base_limit; /* of the arena, set by its owner */
} SekRuleReader;

/* A place in the text; line 0 = the whole file. */
typedef struct SekRulePos {
    uint32_t line, column;
} SekRulePos;

static inline SekRulePos sek_pos(const SekYamlNode *node) {
    return (SekRulePos){node->line, node->column};
}

/* Untrusted text for a message: control characters replaced, cut at about 80 bytes.
 * `.text` of the result lives until the end of the full expression. */
typedef struct SekShown {
    char text[100];
} SekShown;
SekShown sek_show(SekStr text);

/* Records an error, which costs this document its rule. Returns SEK_ERR_INPUT, or SEK_ERR_MEMORY.
 */
SEK_MUST_USE SekStatus sek_rule_error(SekRuleReader *reader, SekRulePos pos, const char *code,
                                      const char *fmt, ...) SEK_PRINTF(4, 5);

/* Records a warning, up to SEK_RULE_MAX_WARNINGS. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_rule_warn(SekRuleReader *reader, SekRulePos pos, const char *code,
                                     const char *fmt, ...) SEK_PRINTF(4, 5);

/* Records a note. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_rule_note(SekRuleReader *reader, SekRulePos pos, const char *code,
                                     const char *fmt, ...) SEK_PRINTF(4, 5);

/* Keeps an error in mind as the document's first, so that what else is wrong with it is told as well. True when
 * reading may go on: `status` is SEK_OK or SEK_ERR_INPUT. */
bool sek_rule_goes_on(SekRuleReader *reader, SekStatus status, SekStatus *io_first);

/* To be called when the arena gives nothing: an error of the document if the text has used up its
 * share (SEK_ERR_INPUT), else SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_rule_no_memory(SekRuleReader *reader, SekRulePos pos);

/* Turns the status of a room-internal call into one of the above: SEK_OK passes, SEK_ERR_MEMORY
 * goes to sek_rule_no_memory, SEK_ERR_LIMIT becomes an error with `what`. */
SEK_MUST_USE SekStatus sek_rule_check(SekRuleReader *reader, SekRulePos pos, SekStatus status,
                                      const char *what);
