/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the parts of applying share: one rule at a time goes through all steps. Nodes and items are
 * never changed, because rules share them: what differs is made anew. Private to the room. */

#include "base/buf.h"
#include "rule/expr.h"
#include "rule/pipeline_model.h"

typedef struct SekStepSet {
    uint64_t bits[SEK_PIPELINE_MAX_STEPS / 64];
} SekStepSet;

typedef struct SekItemMark {
    const SekItem *item;
    SekStepSet steps; /* that changed it */
} SekItemMark;

typedef struct SekPipeState {
    SekStr key, value;
} SekPipeState;

#define SEK_PIPE_MAX_STATES 64u

typedef struct SekApply {
    SekRuleFile *file;
    SekRuleReader reader; /* speaks for the rule at work */
    SekArena scratch;     /* reset for each step */
    SekArena keys;        /* of `marked`; reset for each rule */
    SekPlaceholders vars; /* of all pipelines */
    const SekStr *ids;    /* of all steps, by number over all pipelines */
    uint32_t n_ids;
    /* the rule at work */
    SekRule *rule;
    SekStepSet applied;
    SekItemMark *marks;
    uint32_t n_marks, cap_marks;
    SekStrMap marked; /* item's address -> index into marks */
    SekPipeState states[SEK_PIPE_MAX_STATES];
    uint32_t n_states;
    /* the step at work */
    const SekStep *step;
    uint32_t number;  /* over all pipelines */
    SekStatus status; /* of a condition that could not be answered */
} SekApply;

/* --- conditions ---------------------------------------------------------------------------- */

/* Of the step at work, on the rule at work. Failures are in `a->status`. */
bool sek_apply_rule_matches(SekApply *a);
/* Conditions on items, and on the field names in it: its own, or one that it refers to. */
bool sek_apply_item_matches(SekApply *a, const SekItem *item);
/* Conditions on a field name by itself; `item` may be NULL. */
bool sek_apply_field_matches(SekApply *a, const SekItem *item, SekStr field);

/* --- items --------------------------------------------------------------------------------- */

/* What a step makes of one item: leaves `*out` alone (no change), or sets it to an expression in
 * the rule's numbers, or to NULL with `*out_dropped`. SEK_OK; SEK_ERR_INPUT (reported: the rule is
 * refused); SEK_ERR_MEMORY. */
typedef SekStatus SekItemChange(SekApply *a, const SekItem *item, const SekExpr **out,
                                bool *out_dropped);

/* Offers every item of the rule that the step's conditions let through. What is dropped from an AND
 * or OR leaves the others; a NOT of nothing is nothing; a rule without anything left is refused.
 * Statuses as above. */
SEK_MUST_USE SekStatus sek_apply_to_items(SekApply *a, SekItemChange *change);

/* A node for a new item, made from `old` (whose marks it takes over) by the step at work. NULL when
 * the arena is spent. */
const SekExpr *sek_apply_new_item(SekApply *a, const SekItem *old, const SekItem *item);

/* Takes over a new condition, whose nodes have the reader's numbers. Statuses as above. */
SEK_MUST_USE SekStatus sek_apply_set_condition(SekApply *a, const SekExpr *expr);

/* --- steps --------------------------------------------------------------------------------- */

/* Each applies the step at work to the rule at work. Statuses as above. */
SEK_MUST_USE SekStatus sek_step_fields(SekApply *a);
SEK_MUST_USE SekStatus sek_step_values(SekApply *a);
SEK_MUST_USE SekStatus sek_step_hashes(SekApply *a);
SEK_MUST_USE SekStatus sek_step_add_condition(SekApply *a);

/* --- values as text ------------------------------------------------------------------------ */

/* A pattern as one text, with what each byte stands for beside it: a wildcard looks like itself, a
 * dash as `-`, a placeholder as %name%. */
typedef enum {
    SEK_BYTE_LITERAL,
    SEK_BYTE_ANY,
    SEK_BYTE_ONE,
    SEK_BYTE_DASH,
    SEK_BYTE_PLACEHOLDER,
} SekByteKind;

typedef struct SekPipeText {
    SekBuf text, kinds; /* of equal length */
} SekPipeText;

void sek_pipe_text_init(SekPipeText *text);
void sek_pipe_text_deinit(SekPipeText *text);
void sek_pipe_text_clear(SekPipeText *text);
/* Appends; a failure sticks to the buffers. */
void sek_pipe_text_add(SekPipeText *text, const SekPattern *pattern);
void sek_pipe_text_add_bytes(SekPipeText *text, SekStr bytes, SekByteKind kind);
/* The text as tokens. SEK_OK; SEK_ERR_LIMIT; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_pipe_text_pattern(const SekPipeText *text, SekArena *arena,
                                             SekPattern *out);

/* replace_string of the step at work on one pattern; `*out_changed` tells whether it matched.
 * SEK_OK; SEK_ERR_LIMIT; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_pipe_replace(const SekStep *step, SekArena *arena,
                                        const SekPattern *pattern, SekPattern *out,
                                        bool *out_changed);
