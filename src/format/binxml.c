/* SPDX-License-Identifier: Apache-2.0 */
/* Fragments: a template and the table of values that fills it.
 *
 *   instance: 0c, version 1, template id 4 (the first of its GUID), offset of the definition 4,
 *             [definition, where it is used for the first time],
 *             number of values 4, per value: size 2, type 1, unused 1;  the values, packed
 *
 * Reading a record is adding up the sizes. The tables of one record lie in a pool that is simply
 * reused for the next; what does not fit there is taken from an arena. Nothing is rendered. */
#include "base/bytes.h"
#include "format/event_recipe.h"

#include <stdlib.h>

#define INSTANCE_HEADER 10u
#define DEFINITION_HEADER 24u
#define FRAGMENT_HEADER 4u

SekStatus sek_binxml_new(SekBinxml **out) {
    SekBinxml *bx = calloc(1, sizeof *bx); /* large: of pages that nobody touches the system gives none */
    if (!bx)
        return SEK_ERR_MEMORY;
    sek_arena_init(&bx->cache_arena, SEK_BINXML_CACHE_BYTES - sizeof *bx);
    sek_arena_init(&bx->node_arena, 0);
    sek_arena_init(&bx->chunk_arena, SEK_BINXML_CHUNK_BYTES);
    sek_arena_init(&bx->record_arena, SEK_BINXML_RECORD_BYTES);
    sek_arena_init(&bx->scratch, SEK_BINXML_SCRATCH_BYTES);
    sek_arena_init(&bx->tree, SEK_BINXML_TREE_BYTES);
    sek_buf_init(&bx->text, SEK_BINXML_MAX_TEXT);
    bx->lay_out = sek_lay_out();
    *out = bx;
    return SEK_OK;
}

void sek_binxml_free(SekBinxml *bx) {
    if (!bx)
        return;
    sek_arena_deinit(&bx->node_arena);
    sek_arena_deinit(&bx->chunk_arena);
    sek_arena_deinit(&bx->record_arena);
    sek_arena_deinit(&bx->scratch);
    sek_arena_deinit(&bx->tree);
    sek_buf_deinit(&bx->text);
    sek_recipes_free(bx->recipes);
    sek_arena_deinit(&bx->cache_arena);
    free(bx);
}

void sek_binxml_chunk(SekBinxml *bx, const uint8_t *chunk, uint32_t len) {
    bx->chunk = chunk;
    bx->chunk_len = len < 65536u ? len : 65536u;
    bx->chunk_work = SEK_BINXML_CHUNK_WORK;
    sek_arena_reset(&bx->chunk_arena);
    if (++bx->stamp == 0) { /* after 2^32 chunks old entries would look like new ones */
        memset(bx->definitions, 0, sizeof bx->definitions);
        bx->plain = 0;
        bx->stamp = 1;
    }
}

void sek_binxml_strict(SekBinxml *bx, bool strict) {
    bx->strict = strict;
}

typedef struct Table {
    uint32_t def;   /* chunk offset of the definition */
    uint32_t sizes; /* of the descriptors */
    uint32_t data;  /* of the values */
    uint32_t n;
} Table;

/* Reads the head of the instance at `off` up to its values. */
static inline SekStatus read_table(const SekBinxml *bx, uint32_t off, uint32_t end, Table *out,
                                   SekError *err) {
    if (!sek_within(off, INSTANCE_HEADER + 4, end))
        return sek_binxml_fail(err, SEK_ERR_INPUT, off, "a template instance is cut off");
    out->def = sek_le32(bx->chunk + off + 6);
    off += INSTANCE_HEADER;
    if (out->def == off) {
        if (!sek_within(off, DEFINITION_HEADER, end))
            return sek_binxml_fail(err, SEK_ERR_INPUT, off, "a template definition is cut off");
        uint32_t size = sek_le32(bx->chunk + off + 20);
        if (!sek_within(off + DEFINITION_HEADER, size, end))
            return sek_binxml_fail(err, SEK_ERR_INPUT, off, "a template definition is cut off");
        off += DEFINITION_HEADER + size;
    }
    if (!sek_within(off, 4, end))
        return sek_binxml_fail(err, SEK_ERR_INPUT, off, "a table of values is cut off");
    out->n = sek_le32(bx->chunk + off);
    out->sizes = off + 4;
    if (out->n > SEK_BINXML_MAX_VALUES)
        return sek_binxml_fail(err, SEK_ERR_LIMIT, off, "a table has too many values");
    if (!sek_within(out->sizes, 4 * out->n, end))
        return sek_binxml_fail(err, SEK_ERR_INPUT, off, "a table of values is cut off");
    out->data = out->sizes + 4 * out->n;
    return SEK_OK;
}

SekStatus sek_binxml_skip_instance(const SekBinxml *bx, uint32_t off, uint32_t end, uint32_t *out_end,
                                   SekError *err) {
    Table table = {0};
    SekStatus status = read_table(bx, off, end, &table, err);
    if (status)
        return status;
    uint32_t at = table.data; /* at most 4096 * 65535 is added: no overflow */
    for (uint32_t i = 0; i < table.n; i++)
        at += sek_le16(bx->chunk + table.sizes + 4 * i);
    if (at > end)
        return sek_binxml_fail(err, SEK_ERR_INPUT, off, "the values of a template instance are cut off");
    *out_end = at;
    return SEK_OK;
}

static SekValue *take_values(SekBinxml *bx, uint32_t n) {
    if (n <= SEK_BINXML_POOL - bx->pool_used) {
        SekValue *values = bx->pool + bx->pool_used;
        bx->pool_used += n;
        return values;
    }
    bx->record_used = true;
    return SEK_ARENA_ARRAY(&bx->record_arena, SekValue, n + SEK_LAYOUT_STEP);
}

/* In a record of which only remains are left, the definition may have been overwritten by another:
 * then the number of values or their types do not suit it. The reader of size_t is told the width by
 * the writer as HexInt32 or HexInt64. */
static bool suits(const SekCachedTemplate *t, const SekFragment *f) {
    if (!t->sound || t->tpl.n_slots != f->n_values)
        return false;
    for (uint32_t i = 0; i < t->tpl.n_nodes; i++) {
        const SekNode *node = &t->tpl.nodes[i];
        if (node->kind != SEK_NODE_SUBSTITUTION)
            continue;
        SekValue v = f->values[node->slot];
        uint8_t type = v.type;
        bool pointer = node->type == SEK_VALUE_SIZE && (type == SEK_VALUE_HEX32 || type == SEK_VALUE_HEX64);
        if ((type != SEK_VALUE_NULL && type != node->type && !pointer) || !sek_value_fits(v))
            return false;
    }
    return true;
}

/* Template and value table of the instance at `off`; `*out_end` is where its values end. */
static SekStatus read_instance(SekBinxml *bx, uint32_t off, uint32_t end, SekFragment *out, uint32_t *out_end,
                               SekError *err) {
    Table table = {0};
    SekStatus status = read_table(bx, off, end, &table, err);
    if (status)
        return status;
    SekCachedTemplate *t = sek_binxml_known(bx, table.def);
    status = t ? SEK_OK : sek_binxml_template(bx, table.def, &t, err);
    if (status) {
        if (err && table.def >= bx->chunk_len) /* then the place to look at is the one that says so */
            err->offset = off;
        return status;
    }
    if (sek_le32(t->guid) != sek_le32(bx->chunk + off + 2))
        return sek_binxml_fail(err, SEK_ERR_INPUT, off, "another template lies where the record's should be");
    SekValue *values = take_values(bx, table.n);
    if (!values)
        return sek_binxml_full(err, &bx->record_arena, table.n * sizeof *values, off);
    SekLaid laid = bx->lay_out(bx->chunk + table.sizes, table.n, bx->chunk + table.data, values);
    if (laid.bytes > end - table.data)
        return sek_binxml_fail(err, SEK_ERR_INPUT, off, "the values of a template instance are cut off");
    *out = (SekFragment){&t->tpl, values, laid.types, laid.texts, table.n, laid.n_fragments, laid.fragment};
    *out_end = table.data + laid.bytes;
    if (bx->strict && !suits(t, out))
        return sek_binxml_fail(err, SEK_ERR_INPUT, off, "the values do not suit their template");
    return SEK_OK;
}

/* A fragment written out without a template, or made of several parts: a template of its own, kept if it can be
 * (not of remains, whose names need not be sound). */
static SekStatus read_tokens(SekBinxml *bx, uint32_t off, uint32_t end, SekFragment *out, SekError *err) {
    if (!sek_binxml_spend(&bx->record_work, end - off))
        return sek_binxml_fail(err, SEK_ERR_LIMIT, off, "a record takes too much work");
    SekTokens tokens = {.off = off, .len = end - off};
    if (!bx->strict && sek_binxml_plain_find(bx, tokens, out))
        return SEK_OK;
    bx->record_used = true;
    SekCompiled compiled;
    SekStatus status = sek_binxml_compile(bx, tokens, &bx->record_arena, &compiled, err);
    if (status)
        return status;
    if (bx->strict && !compiled.sound)
        return sek_binxml_fail(err, SEK_ERR_INPUT, off, "the names of a fragment are damaged");
    *out = (SekFragment){.values = compiled.values, .n_values = compiled.n_slots};
    out->tpl = bx->strict ? NULL : sek_binxml_plain_keep(bx, tokens, &compiled);
    if (out->tpl)
        return SEK_OK;
    SekTemplate *tpl = SEK_ARENA_NEW(&bx->record_arena, SekTemplate);
    SekNode *nodes = SEK_ARENA_ARRAY(&bx->record_arena, SekNode, compiled.n_nodes);
    if (!tpl || !nodes)
        return sek_binxml_full(err, &bx->record_arena, compiled.n_nodes * sizeof *nodes, off);
    if (compiled.n_nodes)
        memcpy(nodes, compiled.nodes, compiled.n_nodes * sizeof *nodes);
    *tpl = (SekTemplate){.n_nodes = compiled.n_nodes, .n_slots = compiled.n_slots, .nodes = nodes};
    out->tpl = tpl;
    return SEK_OK;
}

/* SEK_END for a fragment with nothing in it. */
static SekStatus read_fragment(SekBinxml *bx, uint32_t off, uint32_t end, SekFragment *out, SekError *err) {
    uint32_t at = off;
    while (sek_within(at, FRAGMENT_HEADER, end) && bx->chunk[at] == TOKEN_FRAGMENT)
        at += FRAGMENT_HEADER;
    if (at >= end || bx->chunk[at] == TOKEN_EOF)
        return SEK_END;
    if (bx->chunk[at] != TOKEN_TEMPLATE)
        return read_tokens(bx, at, end, out, err);
    uint32_t behind = end;
    SekStatus status = read_instance(bx, at, end, out, &behind, err);
    if (status || behind >= end)
        return status;
    if (bx->chunk[behind] == TOKEN_TEMPLATE) /* several instances in a row are one fragment */
        return read_tokens(bx, at, end, out, err);
    return SEK_OK;
}

SekStatus sek_binxml_record(SekBinxml *bx, uint32_t off, uint32_t len, SekFragment *out, SekError *err) {
    bx->pool_used = 0;
    bx->n_nested = 0;
    bx->record_work = SEK_BINXML_RECORD_WORK;
    if (bx->record_used) {
        sek_arena_reset(&bx->record_arena);
        bx->record_used = false;
    }
    if (!sek_within(off, len, bx->chunk_len))
        return sek_binxml_fail(err, SEK_ERR_INPUT, off, "a record reaches over the end of the chunk");
    SekStatus status = read_fragment(bx, off, off + len, out, err);
    return status == SEK_END ? sek_binxml_fail(err, SEK_ERR_INPUT, off, "a record without content") : status;
}

static SekFragment *new_fragment(SekBinxml *bx) {
    bx->record_used = true;
    return SEK_ARENA_NEW(&bx->record_arena, SekFragment);
}

/* Reads a fragment into its place. That it cannot be read is remembered too: looking for a damaged definition once more
 * is work that would be missing for the others of the chunk. */
static SekStatus read_nested(SekBinxml *bx, SekValue value, uint32_t off, SekNested *place) {
    place->why.offset = 0; /* all else of it is set with its text */
    SekStatus status = read_fragment(bx, off, off + value.len, &place->fragment, &place->why);
    place->ptr = value.ptr;
    place->len = value.len;
    place->status = status;
    bx->n_nested += status != SEK_END && status != SEK_ERR_MEMORY;
    return status;
}

static SekStatus tell(const SekNested *place, SekError *err) {
    if (err)
        *err = place->why;
    return place->status;
}

/* Remembers fragments, since a record is looked at more than once: for its fields, for its text. The caller
 * walks the nodes each time, so they are charged each time, or values inside values could multiply. */
SekStatus sek_binxml_nested_kept(SekBinxml *bx, SekValue value, const SekFragment **out, SekError *err) {
    if (value.len == 0 || value.type == SEK_VALUE_NULL)
        return SEK_END;
    uintptr_t start = (uintptr_t)bx->chunk, at = (uintptr_t)value.ptr;
    if (at < start || !sek_within(at - start, value.len, bx->chunk_len))
        return sek_binxml_fail(err, SEK_ERR_ARGUMENT, 0, "a nested fragment of another chunk");
    uint32_t off = (uint32_t)(at - start), i = 0;
    while (i < bx->n_nested && (bx->nested[i].ptr != value.ptr || bx->nested[i].len != value.len))
        i++;
    bool known = i < bx->n_nested, kept = i < SEK_BINXML_NESTED;
    if (known && bx->nested[i].status != SEK_OK)
        return tell(&bx->nested[i], err);
    SekFragment *found = kept ? &bx->nested[i].fragment : new_fragment(bx);
    if (!found)
        return sek_binxml_full(err, &bx->record_arena, sizeof *found, off);
    if (!known) {
        if (!sek_binxml_spend(&bx->record_work, value.len))
            return sek_binxml_fail(err, SEK_ERR_LIMIT, off, "a record takes too much work");
        SekStatus status = kept ? read_nested(bx, value, off, &bx->nested[i])
                                : read_fragment(bx, off, off + value.len, found, err);
        if (status)
            return kept && status != SEK_END ? tell(&bx->nested[i], err) : status;
    }
    if (!sek_binxml_spend(&bx->record_work, found->tpl->n_nodes))
        return sek_binxml_fail(err, SEK_ERR_LIMIT, off, "a record takes too much work");
    *out = found;
    return SEK_OK;
}

SekStatus sek_binxml_nested(SekBinxml *bx, SekValue value, SekFragment *out, SekError *err) {
    const SekFragment *found;
    SekStatus status = sek_binxml_nested_kept(bx, value, &found, err);
    if (status == SEK_OK)
        *out = *found;
    return status;
}
