/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the BinXML reader share: binxml.c (fragments and value tables), binxml_compile.c and
 * binxml_name.c (tokens to nodes), binxml_cache.c (templates that are known). Not for other readers of the
 * room. */

#include "base/arena.h"
#include "base/buf.h"
#include "format/binxml.h"

/* Names are few and short (an event schema allows 255 characters); a record that says otherwise is
 * hostile. Characters per name, and bytes of all names of one template. */
#define SEK_BINXML_MAX_NAME 1024u
#define SEK_BINXML_MAX_NAME_BYTES (256u * 1024u)
/* Bytes of definitions and of their names that one chunk may make us look at. Sound chunks hold at most one
 * chunk of definitions, each looked at once, and their names are a third of that; four times as much is for
 * definitions that lie over each other in a damaged one. It also bounds the memory of their nodes: no token
 * takes more than 24 bytes there for one here. */
#define SEK_BINXML_CHUNK_WORK (4u * 65536u)
/* Fragments inside one record: bytes read, and nodes given to be walked. A sound record asks for no more than
 * its own size each time it is looked at; hostile ones let values inside values multiply. */
#define SEK_BINXML_RECORD_WORK (1024u * 1024u)
/* Memory of one thread. Cached templates (a thousand take some 7 MiB; more are compiled again in each
 * chunk); templates that are not cached, of one chunk; fragments of one record; one compilation; one
 * rendering. Sound logs stay far below each; at the limit a record is left out, not the run. */
#define SEK_BINXML_CACHE_BYTES (32u * 1024u * 1024u)
#define SEK_BINXML_CHUNK_BYTES (16u * 1024u * 1024u)
#define SEK_BINXML_RECORD_BYTES (16u * 1024u * 1024u)
#define SEK_BINXML_SCRATCH_BYTES (8u * 1024u * 1024u)
#define SEK_BINXML_TREE_BYTES (32u * 1024u * 1024u)
/* Text of one literal or value; the hexadecimal of a whole chunk is 128 KiB. */
#define SEK_BINXML_MAX_TEXT (1024u * 1024u)

/* A four-byte name offset inside a definition. Where the name lies outside the definition its text is
 * no part of the compared bytes, so it is kept here. */
typedef struct SekNameRef {
    uint32_t at;         /* of the offset field, from the start of the definition's XML */
    uint32_t inside;     /* place of the name, from the same start; SEK_NAME_OUTSIDE if outside */
    const uint8_t *name; /* outside: hash, length and characters as in the chunk */
    uint32_t name_len;   /* bytes of `name` */
} SekNameRef;
#define SEK_NAME_OUTSIDE UINT32_MAX

typedef struct SekCachedTemplate {
    SekTemplate tpl; /* first: a SekTemplate is cast back */
    uint8_t guid[16];
    uint32_t size;  /* bytes of the definition's XML */
    uint8_t *bytes; /* those bytes, masked */
    uint8_t *mask;  /* 0 where a chunk is free to differ: offsets */
    SekNameRef *refs;
    uint32_t n_refs;
    uint32_t name_bytes;    /* of all names, in UTF-16 */
    bool sound;             /* every name has the hash that the format gives it */
    uint64_t content;       /* hash of masked bytes and outside names */
    uint32_t next_same_key; /* index + 1 of the next in the bucket, 0 = last */
    uint32_t next_same_content;
} SekCachedTemplate;

/* What is known of a definition of the current chunk. */
typedef struct SekDefinition {
    SekCachedTemplate *tpl; /* NULL: it is damaged */
    uint32_t stamp;         /* generation of the chunk this was written for */
    uint16_t off;
} SekDefinition;

#define SEK_BINXML_DEFINITIONS 16384u /* by offset / 4: two sound definitions never share a place */
#define SEK_BINXML_BUCKETS 4096u
#define SEK_BINXML_POOL 8192u /* values kept without asking the arena */
#define SEK_BINXML_NESTED 8u  /* fragments of a record that are remembered; nearly all hold one */

/* Kinds of tokens ([MS-EVEN6] 2.2.12, BinXml). */
enum {
    TOKEN_EOF = 0x00,
    TOKEN_OPEN_START = 0x01,
    TOKEN_CLOSE_START = 0x02,
    TOKEN_CLOSE_EMPTY = 0x03,
    TOKEN_END = 0x04,
    TOKEN_VALUE = 0x05,
    TOKEN_ATTRIBUTE = 0x06,
    TOKEN_CDATA = 0x07,
    TOKEN_CHARREF = 0x08,
    TOKEN_ENTITY = 0x09,
    TOKEN_PI_TARGET = 0x0a,
    TOKEN_PI_DATA = 0x0b,
    TOKEN_TEMPLATE = 0x0c,
    TOKEN_SUBSTITUTION = 0x0d,
    TOKEN_OPTIONAL = 0x0e,
    TOKEN_FRAGMENT = 0x0f,
    TOKEN_MORE = 0x40, /* flag: attributes, or more text, follow */
};

typedef struct SekRecipes SekRecipes; /* event_recipe.c */

typedef struct SekPlainStep SekPlainStep; /* binxml_plain.c */
#define SEK_PLAIN_BLOCKS 32u
#define SEK_PLAIN_KEYS 256u

typedef struct SekNested {
    const uint8_t *ptr;
    uint32_t len;
    SekStatus status;
    SekFragment fragment; /* if SEK_OK */
    SekError why;         /* if not */
} SekNested;

struct SekBinxml {
    const uint8_t *chunk;
    uint32_t chunk_len;
    uint32_t stamp;      /* generation of the chunk */
    uint32_t chunk_work; /* bytes left, see SEK_BINXML_CHUNK_WORK */
    uint32_t record_work;
    uint32_t pool_used;
    uint32_t n_nested; /* of `nested`, since the record began */
    bool strict;
    bool record_used; /* the record arena holds something */

    SekArena cache_arena;  /* lives as long as this */
    SekArena node_arena;   /* scratch of the compiler, see `nodes`; bounded by the number of nodes */
    SekArena chunk_arena;  /* templates that are not cached: until the next chunk */
    SekArena record_arena; /* fragments without a template, long value tables */
    SekArena scratch;      /* one compilation */
    SekArena tree;         /* one rendering (event_tree.c) */
    SekBuf text;           /* one literal or value */
    SekRecipes *recipes;   /* NULL until a record is written */

    SekNode *nodes; /* scratch of the compiler, grows: one reference at most per node */
    SekNameRef *refs;
    uint32_t cap_nodes;

    SekCachedTemplate **templates; /* by id - 1 */
    uint32_t n_templates;
    uint32_t cap_templates;
    uint16_t plain; /* the step that all fragments without a template begin with; 0: none is known */
    uint32_t n_plain_steps;
    SekPlainStep *plain_blocks[SEK_PLAIN_BLOCKS]; /* by number */
    uint16_t plain_keys[SEK_PLAIN_KEYS];          /* steps whose keys may be shared, by hash */
    uint32_t by_key[SEK_BINXML_BUCKETS];
    uint32_t by_content[SEK_BINXML_BUCKETS];
    SekDefinition definitions[SEK_BINXML_DEFINITIONS];
    SekLayOut lay_out;
    SekValue pool[SEK_BINXML_POOL + SEK_LAYOUT_STEP]; /* what is laid out may write a few more */
    SekNested nested[SEK_BINXML_NESTED];
};

/* The template of a definition that the current chunk asked for before; NULL when it did not, or got none. */
static inline SekCachedTemplate *sek_binxml_known(const SekBinxml *bx, uint32_t off) {
    const SekDefinition *known = &bx->definitions[off / 4 % SEK_BINXML_DEFINITIONS];
    return known->stamp == bx->stamp && known->off == off ? known->tpl : NULL;
}

/* `len` bytes of the work of the current chunk or record. False when it is used up. */
static inline bool sek_binxml_spend(uint32_t *left, uint32_t cost) {
    if (cost > *left)
        return false;
    *left -= cost;
    return true;
}

/* Fills `err` with the text and the place in the chunk; returns `code`. */
static inline SekStatus sek_binxml_fail(SekError *err, SekStatus code, uint32_t off, const char *what) {
    if (err)
        err->offset = off;
    return sek_fail(err, code, "BinXML: %s", what);
}

/* `arena` gave NULL for `wanted` bytes: SEK_ERR_LIMIT when the input asks for too much, SEK_ERR_MEMORY
 * when the system has no more. */
static inline SekStatus sek_binxml_full(SekError *err, const SekArena *arena, size_t wanted, uint32_t off) {
    size_t left = arena->used < arena->limit ? arena->limit - arena->used : 0;
    if (arena->limit && wanted + 64 > left) /* 64: more than alignment adds */
        return sek_binxml_fail(err, SEK_ERR_LIMIT, off, "a record needs more memory than it may have");
    return sek_binxml_fail(err, SEK_ERR_MEMORY, off, "out of memory");
}

/* A run of tokens to compile. */
typedef struct SekTokens {
    uint32_t off, len; /* in the chunk */
    bool definition;   /* of a template: holes and dependency identifiers are there */
} SekTokens;

/* What a compilation gives. Everything lies in the arena that the caller named. */
typedef struct SekCompiled {
    SekNode *nodes;
    uint32_t n_nodes, n_slots;
    SekValue *values; /* of a fragment: its texts and the template instances inside, one per slot */
    uint8_t *mask;    /* of a definition */
    SekNameRef *refs;
    uint32_t n_refs;
    uint32_t name_bytes;
    bool sound;
    bool dependency; /* elements of a fragment have dependency identifiers, as only definitions should */
} SekCompiled;

/* binxml_compile.c: SEK_OK, SEK_ERR_INPUT, SEK_ERR_LIMIT, SEK_ERR_MEMORY; nodes of `out` are in
 * bx->nodes and everything else in `arena` until the caller copies them. */
SekStatus sek_binxml_compile(SekBinxml *bx, SekTokens tokens, SekArena *arena, SekCompiled *out,
                             SekError *err);

/* binxml_cache.c: the template of the definition at chunk offset `off`. Same statuses. */
SekStatus sek_binxml_template(SekBinxml *bx, uint32_t off, SekCachedTemplate **out, SekError *err);

/* The same nodes for good, as a template of their own that no definition leads to; NULL where there is no room. */
SekTemplate *sek_binxml_keep_nodes(SekBinxml *bx, const SekCompiled *compiled);

/* binxml_plain.c: the fragment that these tokens without a template are, if one of the same names and parts was
 * kept. Its values are in bx->pool. */
bool sek_binxml_plain_find(SekBinxml *bx, SekTokens tokens, SekFragment *out);
/* Keeps what was compiled from `tokens`: the template of this and all later ones, or NULL when it is not of
 * those that can be kept, or there is no room. */
SekTemplate *sek_binxml_plain_keep(SekBinxml *bx, SekTokens tokens, const SekCompiled *compiled);

/* binxml.c: where the template instance at `off` ends (before `end`). SEK_OK or SEK_ERR_INPUT. */
SekStatus sek_binxml_skip_instance(const SekBinxml *bx, uint32_t off, uint32_t end, uint32_t *out_end,
                                   SekError *err);

/* Hash that a name carries ([libevtx EVTX format] section 4.2.1: multiply by 65599 and add, the low
 * 16 bits). */
uint16_t sek_binxml_name_hash(const uint8_t *utf16, uint32_t n_chars);
