/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/read_chunk.h"

#include "base/utf.h"
#include "format/event_recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <yyjson.h>

#define MAX_NESTED 3

void fuzz_require(bool condition, const char *what) {
    if (condition)
        return;
    (void)fprintf(stderr, "broken promise: %s\n", what); /* the process ends here anyway */
    abort();
}

void fuzz_texts_init(FuzzTexts *texts) {
    *texts = (FuzzTexts){0};
    sek_buf_init(&texts->xml, FUZZ_MAX_TEXT);
    sek_buf_init(&texts->json, FUZZ_MAX_TEXT);
    sek_buf_init(&texts->again, FUZZ_MAX_TEXT);
}

void fuzz_texts_deinit(FuzzTexts *texts) {
    sek_buf_deinit(&texts->xml);
    sek_buf_deinit(&texts->json);
    sek_buf_deinit(&texts->again);
}

static void mix(FuzzTexts *texts, uint64_t word) {
    texts->hash = (texts->hash ^ word) * 0x9E3779B97F4A7C15u;
    texts->hash ^= texts->hash >> 29;
}

static void count_damage(void *user, const SekDamage *damage) {
    uint32_t *n = user;
    fuzz_require(damage->what && damage->what[0], "a damage has a text");
    ++*n;
}

/* The node list is what event_tree.c and the layers above walk without further checks. */
static void check_nodes(const SekTemplate *tpl) {
    uint32_t open[SEK_BINXML_MAX_DEPTH], depth = 0;
    fuzz_require(tpl->n_nodes <= SEK_BINXML_MAX_NODES, "nodes are limited");
    for (uint32_t i = 0; i < tpl->n_nodes; i++) {
        const SekNode *node = &tpl->nodes[i];
        if (node->kind == SEK_NODE_ELEMENT) {
            fuzz_require(depth < SEK_BINXML_MAX_DEPTH, "depth is limited");
            fuzz_require(node->end > i && node->end < tpl->n_nodes, "an element ends inside the list");
            open[depth++] = i;
        } else if (node->kind == SEK_NODE_END) {
            fuzz_require(depth > 0 && tpl->nodes[open[depth - 1]].end == i, "elements end in order");
            depth--;
        } else if (node->kind == SEK_NODE_SUBSTITUTION) {
            fuzz_require(node->slot < tpl->n_slots, "a hole has a slot");
        }
        fuzz_require(node->name.len == 0 || sek_utf8_valid(node->name), "names are UTF-8");
        fuzz_require(node->text.len == 0 || sek_utf8_valid(node->text), "literals are UTF-8");
    }
    fuzz_require(depth == 0, "every element ends");
}

static void check_fragment(SekBinxml *bx, const uint8_t *chunk, uint32_t len, const SekFragment *f,
                           int level) {
    check_nodes(f->tpl);
    for (uint32_t i = 0; i < f->n_values; i++) {
        SekValue v = f->values[i];
        fuzz_require(v.len == 0 || (v.ptr >= chunk && v.ptr + v.len <= chunk + len),
                     "values lie inside the chunk");
        uint64_t number;
        SekFragment nested;
        (void)sek_value_u64(v, &number); /* any status is right; it must not read outside */
        if (v.type == SEK_VALUE_BINXML && level < MAX_NESTED &&
            sek_binxml_nested(bx, v, &nested, NULL) == SEK_OK)
            check_fragment(bx, chunk, len, &nested, level + 1);
    }
}

/* Tags balance and nothing stands in the text that XML forbids. */
static void check_xml(SekStr s) {
    int64_t depth = 0;
    fuzz_require(s.len == 0 || sek_utf8_valid(s), "XML is UTF-8");
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = (uint8_t)s.ptr[i];
        fuzz_require(c >= 0x20 || c == '\t' || c == '\n' || c == '\r', "XML holds no controls");
        if (c != '<')
            continue;
        SekStr rest = sek_str_n(s.ptr + i, s.len - i);
        if (sek_str_starts(rest, SEK_STR("<![CDATA["))) {
            ptrdiff_t end = sek_str_find(rest, SEK_STR("]]>"));
            fuzz_require(end > 0, "a CDATA section ends");
            i += (size_t)end;
            continue;
        }
        ptrdiff_t end = sek_str_find(rest, SEK_STR(">"));
        fuzz_require(end > 1, "a tag ends");
        if (rest.ptr[1] == '/')
            depth--;
        else if (rest.ptr[1] != '?' && rest.ptr[end - 1] != '/')
            depth++;
        fuzz_require(depth >= 0, "tags end in order");
        i += (size_t)end;
    }
    fuzz_require(depth == 0, "tags balance");
}

static void check_json(SekStr s) {
    yyjson_read_err err;
    yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)s.ptr, s.len, YYJSON_READ_NOFLAG, NULL, &err);
    fuzz_require(doc != NULL, "JSON can be read");
    yyjson_doc_free(doc);
}

/* A record is written as kept recipes say, and once more without them. */
static SekStatus write(SekBinxml *bx, const SekFragment *record, SekRecipeKind kind, SekBuf *out, SekBuf *again) {
    sek_buf_clear(out);
    sek_buf_clear(again);
    SekStatus status = sek_recipe_write(bx, record, kind, out, NULL), anew = sek_recipe_write_anew(bx, record, kind, again, NULL);
    bool same = out->len == again->len && (out->len == 0 || memcmp(out->data, again->data, out->len) == 0);
    fuzz_require(status != SEK_OK || (anew == SEK_OK && same), "kept recipes change nothing");
    return status;
}

void fuzz_check_record(SekBinxml *bx, const uint8_t *chunk, uint32_t len, const SekFragment *record,
                       FuzzTexts *texts) {
    SekStatus xml = write(bx, record, SEK_RECIPE_XML, &texts->xml, &texts->again);
    SekStatus json = write(bx, record, SEK_RECIPE_JSON, &texts->json, &texts->again);
    check_fragment(bx, chunk, len, record, 0);
    texts->n_read++;
    texts->n_partial += xml != SEK_OK;
    if (!texts->xml.failed)
        check_xml(sek_buf_str(&texts->xml));
    if (!texts->json.failed)
        check_json(sek_buf_str(&texts->json));
    mix(texts, (uint64_t)xml << 8 | (uint64_t)json);
    if (texts->xml.len)
        mix(texts, sek_str_hash(sek_buf_str(&texts->xml)));
    if (texts->json.len)
        mix(texts, sek_str_hash(sek_buf_str(&texts->json)));
}

void fuzz_read_chunk(SekBinxml *bx, const uint8_t *bytes, uint32_t len, bool recover, FuzzTexts *texts) {
    uint32_t n_damages = 0;
    SekEvtxOptions options = {.recover = recover, .sink = count_damage, .user = &n_damages};
    SekEvtxChunk chunk;
    if (sek_evtx_chunk_open(bytes, len, 4096, &options, &chunk) != SEK_OK)
        return;
    sek_binxml_chunk(bx, bytes, len);
    SekEvtxRecord r;
    uint32_t last = 0;
    while (sek_evtx_next(&chunk, &r) == SEK_OK) {
        fuzz_require(r.off >= last && r.size >= 28 && r.off + r.size <= len,
                     "records lie in the chunk, in order");
        fuzz_require(r.xml_off == r.off + 24 && r.xml_len == r.size - 28, "BinXML lies in its record");
        last = r.off + r.size;
        texts->n_records++;
        sek_binxml_strict(bx, r.recovered);
        SekFragment record;
        SekError err = {0};
        SekStatus status = sek_binxml_record(bx, r.xml_off, r.xml_len, &record, &err);
        mix(texts, status);
        if (status == SEK_OK)
            fuzz_check_record(bx, bytes, len, &record, texts);
        else
            fuzz_require(err.what[0] && err.offset <= len, "an error says what and where");
    }
}
