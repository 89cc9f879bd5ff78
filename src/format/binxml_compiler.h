/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the two halves of the compiler share: binxml_compile.c knows the tokens, binxml_name.c the names,
 * the texts and the node list they go to. */

#include "base/bytes.h"
#include "format/binxml_internal.h"

typedef struct SekCompiler {
    SekBinxml *bx;
    SekArena *arena; /* for names, literals and instances */
    SekCompiled *out;
    SekError *err;
    uint32_t base, at, end; /* offsets in the chunk */
    uint32_t depth;
    bool definition;
    bool in_tag;       /* inside <...> */
    bool in_attribute; /* an attribute takes the text that follows */
    bool in_name;      /* one that is called Name: of fragments, too, its text is no value */
    bool dependency;   /* elements carry a dependency identifier */
    bool knows_dependency;
    bool done;
    uint32_t open[SEK_BINXML_MAX_DEPTH]; /* nodes of the elements that are not closed */
} SekCompiler;

/* True when `need` bytes are left in the stream. */
static inline bool sek_compiler_left(const SekCompiler *c, uint32_t need) {
    return sek_within(c->at, need, c->end);
}

/* SEK_ERR_INPUT and SEK_ERR_LIMIT, with the place. */
SekStatus sek_compiler_damaged(SekCompiler *c, const char *what);
SekStatus sek_compiler_limit(SekCompiler *c, const char *what);

SekStatus sek_compiler_add(SekCompiler *c, SekNode node);

/* Lets the bytes at chunk offset `off` differ between two copies of the same definition. */
void sek_compiler_mask(SekCompiler *c, uint32_t off, uint32_t len);

/* A copy of bx->text, which is emptied. */
SekStatus sek_compiler_text(SekCompiler *c, SekStr *out);

/* Reads the name offset at c->at and moves behind it, and behind the name if that stands there. */
SekStatus sek_compiler_name(SekCompiler *c, SekStr *out);

/* True when a name with its own hash is at `off`: no accident. */
bool sek_compiler_is_name(const SekBinxml *bx, uint32_t off);
