/* SPDX-License-Identifier: Apache-2.0 */
/* Names of a chunk, literal texts, and the node list they become part of.
 *
 *   name: offset of the next name in the same hash bucket 4, hash 2, characters 2, UTF-16, NUL
 *
 * A name stands in place where its offset is the place behind the offset, and elsewhere in the chunk if
 * not. Of a definition's bytes those that say where something lies in this chunk are masked, and what
 * lies elsewhere is noted, so that the definition is known again in another chunk (binxml_cache.c). */
#include "format/binxml_compiler.h"

#include "base/utf.h"

#define NAME_HEADER 8u
#define FIRST_NODES 256u

SekStatus sek_compiler_damaged(SekCompiler *c, const char *what) {
    return sek_binxml_fail(c->err, SEK_ERR_INPUT, c->at, what);
}

SekStatus sek_compiler_limit(SekCompiler *c, const char *what) {
    return sek_binxml_fail(c->err, SEK_ERR_LIMIT, c->at, what);
}

static SekStatus grow(SekCompiler *c) {
    SekBinxml *bx = c->bx;
    uint32_t cap = bx->cap_nodes ? 2 * bx->cap_nodes : FIRST_NODES;
    SekNode *nodes = SEK_ARENA_ARRAY(&bx->node_arena, SekNode, cap);
    SekNameRef *refs = SEK_ARENA_ARRAY(&bx->node_arena, SekNameRef, cap);
    if (!nodes || !refs)
        return sek_binxml_fail(c->err, SEK_ERR_MEMORY, c->at, "out of memory for a template");
    if (bx->cap_nodes) {
        memcpy(nodes, bx->nodes, bx->cap_nodes * sizeof *nodes);
        memcpy(refs, bx->refs, bx->cap_nodes * sizeof *refs);
    }
    bx->nodes = nodes;
    bx->refs = refs;
    bx->cap_nodes = cap;
    return SEK_OK;
}

SekStatus sek_compiler_add(SekCompiler *c, SekNode node) {
    if (c->out->n_nodes == SEK_BINXML_MAX_NODES)
        return sek_compiler_limit(c, "too many nodes in one template");
    if (c->out->n_nodes == c->bx->cap_nodes) {
        SekStatus status = grow(c);
        if (status)
            return status;
    }
    c->bx->nodes[c->out->n_nodes++] = node;
    return SEK_OK;
}

/* References are fewer than nodes, since each belongs to one; they only may be ahead by one. */
static SekStatus add_ref(SekCompiler *c, SekNameRef ref) {
    if (c->out->n_refs == c->bx->cap_nodes) {
        SekStatus status = grow(c);
        if (status)
            return status;
    }
    c->bx->refs[c->out->n_refs++] = ref;
    return SEK_OK;
}

void sek_compiler_mask(SekCompiler *c, uint32_t off, uint32_t len) {
    if (c->definition)
        memset(c->out->mask + (off - c->base), 0, len);
}

SekStatus sek_compiler_text(SekCompiler *c, SekStr *out) {
    SekBuf *text = &c->bx->text;
    SekStatus failed = text->failed;
    SekStr copy = sek_arena_dup(c->arena, sek_buf_str(text));
    size_t len = text->len;
    sek_buf_clear(text);
    if (failed == SEK_ERR_LIMIT)
        return sek_compiler_limit(c, "text is too long");
    if (failed)
        return sek_binxml_fail(c->err, failed, c->at, "out of memory for a text");
    if (!copy.ptr)
        return sek_binxml_full(c->err, c->arena, len + 1, c->at);
    *out = copy;
    return SEK_OK;
}

uint16_t sek_binxml_name_hash(const uint8_t *utf16, uint32_t n_chars) {
    uint32_t hash = 0;
    for (uint32_t i = 0; i < n_chars; i++)
        hash = hash * 65599u + sek_le16(utf16 + 2 * i);
    return (uint16_t)hash;
}

/* Bytes of the name at chunk offset `off` with its header and NUL, or 0 when it does not fit. */
static uint32_t name_size(const SekBinxml *bx, uint32_t off) {
    if (!sek_within(off, NAME_HEADER, bx->chunk_len))
        return 0;
    uint32_t size = NAME_HEADER + 2u * sek_le16(bx->chunk + off + 6) + 2;
    return sek_within(off, size, bx->chunk_len) ? size : 0;
}

bool sek_compiler_is_name(const SekBinxml *bx, uint32_t off) {
    uint32_t size = name_size(bx, off);
    if (size <= NAME_HEADER + 2)
        return false;
    const uint8_t *p = bx->chunk + off;
    return sek_binxml_name_hash(p + NAME_HEADER, sek_le16(p + 6)) == sek_le16(p + 4);
}

static SekStatus name_text(SekCompiler *c, uint32_t off, SekStr *out) {
    const uint8_t *p = c->bx->chunk + off;
    uint32_t n_chars = sek_le16(p + 6);
    if (n_chars == 0 || n_chars > SEK_BINXML_MAX_NAME)
        return n_chars ? sek_compiler_limit(c, "a name is too long")
                       : sek_compiler_damaged(c, "a name is empty");
    c->out->name_bytes += 2 * n_chars;
    if (c->out->name_bytes > SEK_BINXML_MAX_NAME_BYTES)
        return sek_compiler_limit(c, "too many bytes of names in one template");
    if (sek_binxml_name_hash(p + NAME_HEADER, n_chars) != sek_le16(p + 4))
        c->out->sound = false;
    sek_utf16le_append(&c->bx->text, p + NAME_HEADER, 2 * n_chars);
    return sek_compiler_text(c, out);
}

SekStatus sek_compiler_name(SekCompiler *c, SekStr *out) {
    if (!sek_compiler_left(c, 4))
        return sek_compiler_damaged(c, "the stream ends inside a token");
    uint32_t field = c->at, off = sek_le32(c->bx->chunk + field);
    uint32_t size = name_size(c->bx, off);
    if (size == 0)
        return sek_compiler_damaged(c, "the offset of a name points outside the chunk");
    c->at += 4;
    bool in_place = off == c->at;
    if (in_place && !sek_compiler_left(c, size))
        return sek_compiler_damaged(c, "a name reaches over the end of its stream");
    SekStatus status = name_text(c, off, out);
    if (status)
        return status;
    sek_compiler_mask(c, field, 4);
    SekNameRef ref = {.at = field - c->base, .inside = SEK_NAME_OUTSIDE};
    if (in_place) {
        sek_compiler_mask(c, off, 4); /* the next name of the bucket lies wherever the chunk has it */
        ref.inside = off - c->base;
        c->at += size;
    } else {
        ref.name = c->bx->chunk + off + 4;
        ref.name_len = size - 4;
    }
    return add_ref(c, ref);
}
