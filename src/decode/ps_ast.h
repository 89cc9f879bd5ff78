/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The tree of a PowerShell script. Nodes lie in the run's scratch arena and keep their span in the source, so
 * that folding can replace exactly what it understood. Chains of operators of one precedence and chains of
 * members are flat lists of kids, so depth comes from brackets only, and that is capped. */

#include "base/arena.h"
#include "base/str.h"

/* Text as .NET has it: UTF-16 code units, possibly with lone surrogates. */
typedef struct SekPsText {
    const uint16_t *p;
    uint32_t n;
} SekPsText;

typedef enum SekPsKind {
    /* expressions */
    PS_STRING,  /* text; flags say how it was written */
    PS_EXPAND,  /* kids: PS_STRING and expressions, put together */
    PS_NUMBER,  /* number, or real with PS_REAL; PS_ODD: a decimal with a fraction */
    PS_VAR,     /* name */
    PS_TYPE,    /* name, without brackets and blanks */
    PS_UNARY,   /* op, one kid */
    PS_POSTFIX, /* op ++ or --, one kid */
    PS_BINARY,  /* kids; each but the first has `lead`, the operator before it */
    PS_CAST,    /* name of the type, one kid */
    PS_CHAIN,   /* a primary, then PS_MEMBER, PS_CALL and PS_INDEX kids */
    PS_MEMBER,  /* kid: the name; PS_STATIC for :: */
    PS_CALL,    /* kids: the name, then arguments */
    PS_INDEX,   /* kid: the index */
    PS_PAREN,   /* kid: a statement */
    PS_SUB,     /* $( ): statements */
    PS_ARRAY,   /* @( ): statements */
    PS_HASH,    /* pairs of kids: key, value statement */
    PS_BLOCK,   /* { }: kids: PS_PARAMS or not, then statements */
    PS_LIST,    /* a, b, c */
    /* statements */
    PS_ASSIGN,   /* op; kids: target, value statement */
    PS_PIPELINE, /* kids: commands and expressions */
    PS_COMMAND,  /* op & or . or none; kids: name, then arguments and PS_PARAMs */
    PS_PARAM,    /* name; kid when written -name:value */
    PS_REDIRECT, /* kid: the target, if there is one */
    PS_IF,       /* kids: condition, body, condition, body, ..., body */
    PS_WHILE,    /* kids: condition, body */
    PS_DO,       /* kids: body, condition; PS_UNTIL */
    PS_FOR,      /* kids: start, condition, step, body; PS_NONE for a missing one */
    PS_FOREACH,  /* kids: variable, value, body */
    PS_SWITCH,   /* kids: value, then pairs: label, body; `name` holds options */
    PS_TRY,      /* kids: body, then PS_BLOCKs of catch and finally */
    PS_FUNCTION, /* name; kids: PS_PARAMS or not, body; PS_FILTER */
    PS_PARAMS,   /* kids: PS_VAR with a type (PS_TYPED) and a default value as kids or not */
    PS_RETURN,   /* kid: a statement or none; also throw and exit by op */
    PS_BREAK,    /* op: break or continue */
    PS_NONE,     /* nothing stands here */
    PS_OPAQUE,   /* a span that was not understood */
} SekPsKind;

typedef enum SekPsOp {
    PS_OP_NONE,
    PS_OP_ADD,
    PS_OP_SUB,
    PS_OP_MUL,
    PS_OP_DIV,
    PS_OP_MOD,
    PS_OP_RANGE,
    PS_OP_FORMAT,
    PS_OP_JOIN,
    PS_OP_SPLIT,
    PS_OP_REPLACE,
    PS_OP_BAND,
    PS_OP_BOR,
    PS_OP_BXOR,
    PS_OP_SHL,
    PS_OP_SHR,
    PS_OP_EQ,
    PS_OP_NE,
    PS_OP_GT,
    PS_OP_GE,
    PS_OP_LT,
    PS_OP_LE,
    PS_OP_LIKE,
    PS_OP_NOTLIKE,
    PS_OP_MATCH,
    PS_OP_NOTMATCH,
    PS_OP_CONTAINS,
    PS_OP_NOTCONTAINS,
    PS_OP_IN,
    PS_OP_NOTIN,
    PS_OP_IS,
    PS_OP_ISNOT,
    PS_OP_AS,
    PS_OP_AND,
    PS_OP_OR,
    PS_OP_XOR,
    PS_OP_NOT,
    PS_OP_BNOT,
    PS_OP_COMMA,
    PS_OP_INC,
    PS_OP_DEC,
    PS_OP_ASSIGN, /* = */
    PS_OP_CALL,
    PS_OP_DOT, /* & and . before a command */
    PS_OP_BREAK,
    PS_OP_CONTINUE,
    PS_OP_RETURN,
    PS_OP_THROW,
    PS_OP_EXIT,
} SekPsOp;

/* Flags of nodes. */
#define PS_BARE 1u        /* a word without quotes */
#define PS_QUOTED 2u      /* '...' or "..." */
#define PS_ODD 4u         /* written with escapes that no text needs */
#define PS_STATIC 8u      /* :: */
#define PS_REAL 16u       /* number has a fraction */
#define PS_CASE 32u       /* operator with a c before it: case matters */
#define PS_UNTIL 64u      /* do ... until */
#define PS_FILTER 128u    /* filter instead of function */
#define PS_SPLAT 256u     /* @name */
#define PS_BRACED 512u    /* ${name} */
#define PS_BACKTICK 1024u /* a word with backticks in it */
#define PS_FINALLY 2048u  /* block of finally */
#define PS_HERE 4096u     /* here-string */
#define PS_TYPED 8192u    /* parameter with its type as first kid */

/* Names that a statement needs not to be known, as bits of their hashes (ps_quiet.h). */
typedef struct SekPsNeed {
    uint64_t reads, calls;
} SekPsNeed;

typedef struct SekPsNode SekPsNode;
struct SekPsNode {
    uint8_t kind, op, lead;
    uint8_t quiet; /* of statements and blocks: SEK_PS_QUIET and more, or 0 */
    uint16_t flags;
    uint16_t concats; /* of what is quiet: texts that are counted as joined */
    uint32_t start, end; /* bytes of the source */
    SekPsNode *kid, *next;
    union {
        SekPsText text;
        SekStr name; /* borrowed from the source or the arena */
        int64_t number;
        double real;
        SekPsNeed need; /* of what is quiet */
    };
};

/* Depth of brackets and blocks; real scripts stay below 60. What is deeper is opaque. */
#define SEK_PS_MAX_DEPTH 200

typedef struct SekPsTree {
    SekStr source;
    SekPsNode *root;       /* a PS_BLOCK */
    bool too_deep, opaque; /* something was not read */
} SekPsTree;

/* Parses. Always gives a tree: what is not understood becomes PS_OPAQUE up to the next statement. Linear in
 * the length but for what is read twice by rule (words that turn out to be something else), which is bounded.
 * SEK_OK; SEK_ERR_LIMIT or SEK_ERR_MEMORY when the arena refused. */
SekStatus sek_ps_parse(SekArena *arena, SekStr source, SekPsTree *out);
