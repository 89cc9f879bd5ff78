/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared by the files of the PowerShell parser: the cursor, and who reads what. Every reader starts at `at`
 * and leaves it behind what it took; a reader that finds something else returns NULL with `at` unchanged
 * unless its comment says otherwise. Out of memory is `failed`; the callers then wind back quickly since
 * every loop ends. */

#include "base/buf.h"
#include "decode/ps_ast.h"
#include "decode/ps_lex.h"

/* Nodes that are not used yet: they are made some at a time. Shared by the copies of a parser. */
typedef struct SekPsSpare {
    SekPsNode *nodes;
    unsigned n;
    SekPsNode dummy; /* given out when there is no memory; never read */
} SekPsSpare;

typedef struct SekPsParser {
    SekArena *arena;
    SekStr s;
    size_t at;
    unsigned depth;
    SekBuf units;  /* stack of texts being put together, UTF-16 units in native order */
    size_t reread; /* bytes that were passed over after a reader had failed on them */
    SekPsSpare *spare;
    bool failed, too_deep, opaque;
} SekPsParser;

typedef struct SekPsKids {
    SekPsNode *first, **tail;
} SekPsKids;

void sek_ps_more_nodes(SekPsParser *p);
/* A new node of zero length at `start`; never NULL: with `failed` set it is a dummy. */
static inline SekPsNode *sek_ps_node(SekPsParser *p, SekPsKind kind, size_t start) {
    SekPsSpare *spare = p->spare;
    if (spare->n == 0)
        sek_ps_more_nodes(p);
    SekPsNode *node = spare->nodes++;
    spare->n--;
    node->kind = (uint8_t)kind;
    node->start = (uint32_t)start;
    return node;
}
static inline SekPsNode *sek_ps_done(SekPsParser *p, SekPsNode *node) {
    node->end = (uint32_t)p->at;
    return node;
}
static inline void sek_ps_add(SekPsKids *kids, SekPsNode *node) {
    if (!kids->tail)
        kids->tail = &kids->first;
    *kids->tail = node;
    kids->tail = &node->next;
}
/* Enters a bracket; false when too deep. */
static inline bool sek_ps_enter(SekPsParser *p) {
    bool fits = p->depth < SEK_PS_MAX_DEPTH;
    p->depth += fits;
    p->too_deep |= !fits;
    return fits;
}
static inline void sek_ps_leave(SekPsParser *p) {
    p->depth--;
}
/* A node for everything from `at` to the end of the statement; sets `opaque`. */
SekPsNode *sek_ps_opaque(SekPsParser *p, size_t start);

/* ps_string.c */
SekPsNode *sek_ps_quoted(SekPsParser *p);   /* any quoted string; PS_OPAQUE when it has no end */
SekPsNode *sek_ps_variable(SekPsParser *p); /* $name, ${name}, $scope:name */
/* A word of command mode (a name, an argument), with quotes and variables inside it. NULL when empty. */
SekPsNode *sek_ps_word(SekPsParser *p, bool command_name);
/* The same for one that ends at `end` and of which every character is of ASCII and stands for itself. */
SekPsNode *sek_ps_plain_word(SekPsParser *p, size_t end);
/* True at what ends a word of command mode. */
bool sek_ps_word_ends(const SekPsParser *p, size_t at);

/* ps_operator.c */
enum {
    SEK_PS_LEVEL_LOGIC = 1,
    SEK_PS_LEVEL_BITS,
    SEK_PS_LEVEL_COMPARE,
    SEK_PS_LEVEL_ADD,
    SEK_PS_LEVEL_MUL,
    SEK_PS_LEVEL_FORMAT,
    SEK_PS_LEVEL_RANGE
};
typedef struct SekPsOpName {
    SekStr name;
    uint8_t op, level;
} SekPsOpName;
typedef struct SekPsInfix {
    uint8_t op, level;
    uint16_t flags;
    size_t len; /* 0: none */
} SekPsInfix;
SekStr sek_ps_letters(SekStr s, size_t at);
/* The operator before an operand by the letters behind its dash, or NULL. */
const SekPsOpName *sek_ps_unary_named(SekStr word, uint16_t *out_flags);
/* The binary operator at `at`, whose first byte is `c`. */
SekPsInfix sek_ps_infix_from(const SekPsParser *p, size_t at, unsigned char c);
static inline SekPsInfix sek_ps_infix_at(const SekPsParser *p, size_t at) {
    unsigned char c = sek_ps_byte(p->s, at);
    bool may = c == '-' || c == '.' || c == '+' || c == '*' || c == '/' || c == '%' || c == 0xE2;
    return may ? sek_ps_infix_from(p, at, c) : (SekPsInfix){0};
}

/* ps_expr.c */
SekPsNode *sek_ps_expression(SekPsParser *p);        /* with commas; NULL when none starts here */
SekPsNode *sek_ps_primary(SekPsParser *p);           /* with its chain of members, no casts or operators */
bool sek_ps_starts_expression(const SekPsParser *p); /* else command mode */

/* ps_literal.c */
SekPsNode *sek_ps_number(SekPsParser *p);
SekPsNode *sek_ps_type_literal(SekPsParser *p); /* also an attribute, which gives PS_NONE */

/* ps_stmt.c */
SekPsNode *sek_ps_statement(SekPsParser *p);
/* Statements up to `close` (0: the end of the source), which is taken, too; appended to `kids`. */
void sek_ps_statements(SekPsParser *p, SekPsKids *kids, char close);
SekPsNode *sek_ps_block(SekPsParser *p); /* { ... } */

/* ps_pipe.c */
SekPsNode *sek_ps_pipeline(SekPsParser *p); /* or an assignment; NULL when none starts here */
