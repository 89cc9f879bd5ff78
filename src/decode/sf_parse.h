/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the parsers of VBScript and JScript share: the token at hand, the climb over binary operators by
 * priority, and the limits. Each language brings its lexer (`next`), its operands and its operators. */

#include "decode/sf.h"

typedef enum { SEK_SF_END, SEK_SF_LINE, SEK_SF_WORD, SEK_SF_DIGITS, SEK_SF_QUOTED, SEK_SF_REGEX, SEK_SF_PUNCT } SekSfTokenKind;

typedef struct SekSfToken {
    SekSfTokenKind kind; /* LINE: VBScript only, REGEX: JScript only */
    size_t off, end;
    bool line_before;  /* JScript: a line break stands before it */
    bool blank_before; /* VBScript: a blank stands before it */
} SekSfToken;

typedef struct SekSfOperator {
    const char *op;
    int priority; /* higher binds closer; at least 1 */
} SekSfOperator;

typedef struct SekSfParser SekSfParser;
struct SekSfParser {
    SekSfRun *run;
    SekStr text;
    SekSfToken token; /* the one at hand */
    size_t last_end;  /* of the token before */
    uint32_t depth;
    bool operand;   /* JScript: the token before was a value, so `/` divides */
    bool statement; /* VBScript: the head of a statement is read, so f (x) + y has one argument */
    SekStr with;    /* VBScript: the name that stands for the object of the With around; empty = none */
    uint32_t n_with;
    void (*next)(SekSfParser *p); /* moves to the next token; END at the end, and after a fatal status */
    SekSfNode *(*operand_of)(SekSfParser *p); /* reads an operand with its prefixes; NULL when none is there */
    const SekSfOperator *operators;           /* ends with a NULL `op` */
};

/* The byte at `i`, 0 beyond the end. */
static inline char sek_sf_at(const SekSfParser *p, size_t i) {
    return i < p->text.len ? p->text.ptr[i] : '\0';
}
/* The text of the token at hand. */
SekStr sek_sf_word(const SekSfParser *p);
/* True when a name or a sign `what` is at hand (in any case in VBScript). */
bool sek_sf_is(const SekSfParser *p, const char *what);
/* The same, and moves on. */
bool sek_sf_accept(SekSfParser *p, const char *what);
/* Enters a level of nesting; false at the limit, and then the run gives up. */
bool sek_sf_deeper(SekSfParser *p);
/* Lets `node` (may be NULL) end where the token before ends. */
SekSfNode *sek_sf_close_at(const SekSfParser *p, SekSfNode *node);
/* A node that stands for what is left out. */
SekSfNode *sek_sf_absent(const SekSfParser *p);
/* `node`, or one that is absent. */
SekSfNode *sek_sf_or_absent(const SekSfParser *p, SekSfNode *node);
/* Operands joined by operators of at least the priority `least`. NULL when there is no operand. */
SekSfNode *sek_sf_climb(SekSfParser *p, int least);
/* A name at hand as a node, and moves on. */
SekSfNode *sek_sf_name_node(SekSfParser *p);
