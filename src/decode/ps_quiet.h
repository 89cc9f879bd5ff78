/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which statements come to nothing, told before anything is evaluated. A statement or block is *quiet* when, as long as none
 * of the variables that it reads is known and none of the commands that it calls is defined by the script, evaluating it
 * gives nothing that is known, records no edit, finds no text that is run, and has nothing to say of what is hidden. What it
 * does then is little: variables become unknown, something unknown was called, texts are counted as joined. sek_ps_pass does
 * that little without evaluating; where a name is known the statement is evaluated like any other.
 *
 * Most of a script that hides nothing is quiet, and so is most of one that hides something in a line. What is not listed in
 * ps_quiet.c and ps_quiet_stmt.c as quiet is not: what the evaluator learns to follow must be taken from there, which
 * test/decode/test_quiet.py watches over. */

#include "decode/ps_run.h"

/* In SekPsNode.quiet. */
#define SEK_PS_QUIET 1u
#define SEK_PS_QUIET_CALLS_OUT 2u /* something unknown is called */
#define SEK_PS_QUIET_BLOCKS 4u    /* blocks stand in it, which are read while edits are recorded only */
#define SEK_PS_QUIET_STIRS 8u     /* what a loop around it makes unknown: sek_ps_blur_assigned */
#define SEK_PS_QUIET_SETS 16u     /* variables are assigned */
#define SEK_PS_QUIET_TEXT 32u     /* an assignment of a text that is not known */
#define SEK_PS_QUIET_NOTHING 64u  /* gives no value */

/* Blocks inside each other in what is quiet, at most: as many calls must be left (SEK_PS_MAX_CALLS). */
#define SEK_PS_QUIET_DEEP 8u

/* The bit of a name in SekPsNeed, the same in any case: of its ends and its length. */
uint64_t sek_ps_bit(SekStr name);

/* Marks what is quiet in the tree. */
void sek_ps_find_quiet(const SekPsTree *tree);

/* Does what the quiet statement does; false when it must be evaluated. */
bool sek_ps_pass(SekPsRun *run, const SekPsNode *node, SekPsOut *out);
/* The same for a block that is read for its edits. */
bool sek_ps_pass_block(SekPsRun *run, const SekPsNode *block);

/* --- inside: the walk over the tree ------------------------------------------------------------------------ */

/* What an expression or statement gives while what it reads is unknown. */
typedef enum SekPsGives {
    SEK_PS_LOUD,    /* it must be evaluated */
    SEK_PS_WORDS,   /* a text that is written there */
    SEK_PS_CONST,   /* another value of which at least the kind is known */
    SEK_PS_SOME,    /* not known */
    SEK_PS_STRING,  /* a text that is not known */
    SEK_PS_NOTHING, /* no value at all */
} SekPsGives;

static inline bool sek_ps_is_unknown(SekPsGives gives) {
    return gives == SEK_PS_SOME || gives == SEK_PS_STRING;
}
static inline bool sek_ps_is_written(SekPsGives gives) {
    return gives == SEK_PS_WORDS || gives == SEK_PS_CONST;
}

typedef enum SekPsNameKind {
    SEK_PS_NAME_PLAIN,
    SEK_PS_NAME_UNDER,    /* $_ */
    SEK_PS_NAME_CONST,    /* $true, $false, $null */
    SEK_PS_NAME_TEXT,     /* what is not known of it is a text */
    SEK_PS_NAME_QUESTION, /* $? */
    SEK_PS_NAME_FOLLOWED, /* the evaluator knows more of it */
} SekPsNameKind;
SekPsNameKind sek_ps_name_kind(SekStr name);

/* What was seen of a statement so far. */
typedef struct SekPsWalk {
    SekPsNeed need;
    uint32_t concats;
    uint8_t marks, deep; /* SEK_PS_QUIET_..., blocks inside each other */
    bool ends;           /* by return, break and the like */
    bool params;         /* a parameter list stands before it */
} SekPsWalk;

SekPsGives sek_ps_quiet_value(SekPsWalk *w, const SekPsNode *node);
SekPsGives sek_ps_quiet_statement(SekPsWalk *w, SekPsNode *node);
/* A block in braces; what its statements give together. `out_inside`, unless NULL, is what was seen in it. */
SekPsGives sek_ps_quiet_block(SekPsWalk *w, const SekPsNode *node, SekPsWalk *out_inside);
