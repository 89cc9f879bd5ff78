/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the BinXML reader share: binxml.c (fragments and value tables), binxml_compile.c
 * (tokens to nodes), binxml_cache.c (templates that are known). Not for other readers of the room. */

#include "base/arena.h"
#include "base/buf.h"
#include "format/binxml.h"

/* Names are few and short (an event schema allows 255 characters); a record that says otherwise is
 * hostile. Characters per name, and bytes of all names of one template. */
#define SEK_BINXML_MAX_NAME 1024u
#define SEK_BINXML_MAX_NAME_BYTES (256u * 1024u)
/* Sound chunks hold at most one chunk of definitions, each looked at once; four times that, for
 * definitions that lie over each other in a damaged one. Bytes compared or compiled per chunk. */
#define SEK_BINXML_CHUNK_WORK (4u * 65536u)
/* Nested fragments of one record: bytes read and nodes made. A sound record asks for no more than its
 * own size; a template that uses one value many times asks for it as often. */
#define SEK_BINXML_RECORD_WORK (1024u * 1024u)
/* Memory for cached templates of one thread; more are compiled again in each chunk. */
#define SEK_BINXML_CACHE_BYTES (64u * 1024u * 1024u)
/* Text of one literal or value; the hexadecimal of a whole chunk is 128 KiB. */
#define SEK_BINXML_MAX_TEXT (1024u * 1024u)

/* A four-byte name offset inside a definition. Where the name lies outside the definition its text is
 * no part of the compared bytes, so it is kept here. */
typedef struct SekNameRef {
    uint32_t at;       /* of the offset field, from the start of the definition's XML */
    uint32_t inside;   /* place of the name, from the same start; SEK_NAME_OUTSIDE if outside */
    const uint8_t *name; /* outside: hash, length and characters as in the chunk */
    uint32_t name_len;   /* bytes of `name` */
} SekNameRef;
#define SEK_NAME_OUTSIDE UINT32_MAX

typedef struct SekCachedTemplate {
    SekTemplate tpl; /* first: a SekTemplate is cast back */
    uint8_t guid[16];
    uint32_t size;      /* bytes of the definition's XML */
    uint8_t *bytes;     /* those bytes, masked */
    uint8_t *mask;      /* 0 where a chunk is free to differ: offsets */
    SekNameRef *refs;
    uint32_t n_refs;
    bool sound;         /* every name has the hash that the format gives it */
    uint64_t content;   /* hash of masked bytes and outside names */
    uint32_t next_same_key;     /* index + 1 of the next in the bucket, 0 = last */
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

struct SekBinxml {
    const uint8_t *chunk;
    uint32_t chunk_len;
    uint32_t stamp;      /* generation of the chunk */
    uint32_t chunk_work; /* bytes left, see SEK_BINXML_CHUNK_WORK */
    uint32_t record_work;
    uint32_t pool_used;
    bool strict;
    bool record_used; /* the record arena holds something */

    SekArena cache_arena;  /* lives as long as this */
    SekArena chunk_arena;  /* templates that are not cached: until the next chunk */
    SekArena record_arena; /* fragments without a template, long value tables */
    SekArena scratch;      /* one compilation */
    SekArena tree;         /* one rendering (event_tree.c) */
    SekBuf text;           /* one literal or value */

    SekNode *nodes;        /* scratch of the compiler, grows: one reference at most per node */
    SekNameRef *refs;
    uint32_t cap_nodes;

    SekCachedTemplate **templates; /* by id - 1 */
    uint32_t n_templates;
    uint32_t cap_templates;
    uint32_t by_key[SEK_BINXML_BUCKETS];
    uint32_t by_content[SEK_BINXML_BUCKETS];
    SekDefinition definitions[SEK_BINXML_DEFINITIONS];
    SekValue pool[SEK_BINXML_POOL];
};

/* `len` bytes of the work of the current chunk or record. False when it is used up. */
static inline bool sek_binxml_spend(uint32_t *left, uint32_t cost) {
    if (cost > *left)
        return false;
    *left -= cost;
    return true;
}

/* Fills `err` with the text and the place in the chunk; returns `code`. */
static inline SekStatus sek_binxml_fail(SekError *err, SekStatus code, uint32_t off,
                                        const char *what) {
    if (err)
        err->offset = off;
    return sek_fail(err, code, "BinXML: %s", what);
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
    SekValue *values; /* of a fragment: the template instances inside, one per slot */
    uint8_t *mask;    /* of a definition */
    SekNameRef *refs;
    uint32_t n_refs;
    bool sound;
} SekCompiled;

/* binxml_compile.c: SEK_OK, SEK_ERR_INPUT, SEK_ERR_LIMIT, SEK_ERR_MEMORY; nodes of `out` are in
 * bx->nodes and everything else in `arena` until the caller copies them. */
SekStatus sek_binxml_compile(SekBinxml *bx, SekTokens tokens, SekArena *arena, SekCompiled *out,
                             SekError *err);

/* binxml_cache.c: the template of the definition at chunk offset `off`. Same statuses. */
SekStatus sek_binxml_template(SekBinxml *bx, uint32_t off, SekCachedTemplate **out, SekError *err);

/* binxml.c: where the template instance at `off` ends (before `end`). SEK_OK or SEK_ERR_INPUT. */
SekStatus sek_binxml_skip_instance(const SekBinxml *bx, uint32_t off, uint32_t end,
                                   uint32_t *out_end, SekError *err);

/* Hash that a name carries ([libevtx EVTX format] section 4.2.1: multiply by 65599 and add, the low
 * 16 bits). */
uint16_t sek_binxml_name_hash(const uint8_t *utf16, uint32_t n_chars);
