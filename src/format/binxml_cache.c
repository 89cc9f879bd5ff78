/* SPDX-License-Identifier: Apache-2.0 */
/* Templates that are known already.
 *
 * A chunk brings the definitions of the templates it uses, so the same few hundred come again with
 * every chunk; compiling each once is what makes reading cheap. A definition in the chunk:
 *
 *   offset of the next 4, GUID 16, size 4, tokens
 *
 * The GUID is no key: the literals of a template (a computer's name) differ under one GUID. Nor are the
 * bytes: the offsets of names differ from chunk to chunk. So a template is looked up by (GUID, size)
 * and accepted when all bytes but offsets are equal and every name that an offset points to is
 * the same text. Only the newest few of one (GUID, size) are tried that way; should there be more
 * (logs of thousands of computers; a file made to slow us down) the definition is compiled and looked
 * up by its content. Templates are owned by the cache arena and never leave it; when that is full
 * they live in the chunk's arena and are forgotten with it. */
#include "format/binxml_internal.h"

#include "base/bytes.h"

#define DEFINITION_HEADER 24u
#define MAX_TRIES 8u  /* templates of one GUID and size compared before the definition is compiled */
#define MAX_STEPS 64u /* of a chain; a full cache has 16 on average, longer ones are made on purpose */

static uint64_t mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 32;
}

static uint32_t key_bucket(const uint8_t *guid, uint32_t size) {
    return (uint32_t)mix(mix(sek_le64(guid), sek_le64(guid + 8)), size) & (SEK_BINXML_BUCKETS - 1);
}

static uint64_t content_hash(const SekCachedTemplate *t) {
    uint64_t hash = mix(sek_le64(t->guid), t->size);
    hash = mix(hash, sek_str_hash(sek_str_n((const char *)t->bytes, t->size)));
    for (uint32_t i = 0; i < t->n_refs; i++) {
        const SekNameRef *ref = &t->refs[i];
        hash = mix(hash, (uint64_t)ref->inside << 32 | ref->at);
        if (ref->name_len)
            hash = mix(hash, sek_str_hash(sek_str_n((const char *)ref->name, ref->name_len)));
    }
    return hash;
}

/* Differences between the template's bytes and `p` that are not masked away. */
static bool same_bytes(const SekCachedTemplate *t, const uint8_t *p) {
    uint64_t difference = 0;
    uint32_t i = 0;
    for (; i + 8 <= t->size; i += 8) {
        uint64_t a, b, m;
        memcpy(&a, p + i, 8);
        memcpy(&b, t->bytes + i, 8);
        memcpy(&m, t->mask + i, 8);
        difference |= (a ^ b) & m;
    }
    for (; i < t->size; i++)
        difference |= (uint64_t)((p[i] ^ t->bytes[i]) & t->mask[i]);
    return difference == 0;
}

/* True when the name offsets of the definition at chunk offset `base` lead to the template's names. */
static bool same_names(const SekBinxml *bx, const SekCachedTemplate *t, uint32_t base) {
    for (uint32_t i = 0; i < t->n_refs; i++) {
        const SekNameRef *ref = &t->refs[i];
        uint32_t off = sek_le32(bx->chunk + base + ref->at);
        if (ref->inside != SEK_NAME_OUTSIDE) {
            if (off != base + ref->inside)
                return false;
        } else if (off > bx->chunk_len || !sek_within(off + 4, ref->name_len, bx->chunk_len) ||
                   memcmp(bx->chunk + off + 4, ref->name, ref->name_len) != 0) {
            return false;
        }
    }
    return true;
}

static bool matches(const SekBinxml *bx, const SekCachedTemplate *t, uint32_t def) {
    return memcmp(t->guid, bx->chunk + def + 4, sizeof t->guid) == 0 &&
           t->size == sek_le32(bx->chunk + def + 20) && same_bytes(t, bx->chunk + def + DEFINITION_HEADER) &&
           same_names(bx, t, def + DEFINITION_HEADER);
}

/* Looks among the newest templates of the GUID and size; NULL when none fits. */
static SekCachedTemplate *find_by_key(const SekBinxml *bx, uint32_t def) {
    const uint8_t *guid = bx->chunk + def + 4;
    uint32_t size = sek_le32(bx->chunk + def + 20), tries = 0;
    uint32_t index = bx->by_key[key_bucket(guid, size)];
    for (uint32_t steps = 0; index && tries < MAX_TRIES && steps < MAX_STEPS; steps++) {
        SekCachedTemplate *t = bx->templates[index - 1];
        index = t->next_same_key;
        if (t->size != size || memcmp(t->guid, guid, sizeof t->guid) != 0)
            continue;
        tries++;
        if (matches(bx, t, def))
            return t;
    }
    return NULL;
}

static SekCachedTemplate *find_by_content(const SekBinxml *bx, const SekCachedTemplate *like, uint32_t def) {
    uint32_t index = bx->by_content[like->content & (SEK_BINXML_BUCKETS - 1)];
    for (uint32_t steps = 0; index && steps < MAX_STEPS; steps++) {
        SekCachedTemplate *t = bx->templates[index - 1];
        if (t->content == like->content && matches(bx, t, def))
            return t;
        index = t->next_same_content;
    }
    return NULL;
}

static bool copy_str(SekArena *arena, SekStr *s) {
    if (s->len == 0)
        return true;
    *s = sek_arena_dup(arena, *s);
    return s->ptr != NULL;
}

static void *copy(SekArena *arena, const void *from, size_t size) {
    void *to = sek_arena_alloc(arena, size ? size : 1);
    if (to && size)
        memcpy(to, from, size);
    return to;
}

/* A copy of `from` whose every part lies in `arena`; NULL when that is full. */
static SekCachedTemplate *copy_template(SekArena *arena, const SekCachedTemplate *from) {
    SekCachedTemplate *t = copy(arena, from, sizeof *from);
    if (!t)
        return NULL;
    SekNode *nodes = copy(arena, from->tpl.nodes, from->tpl.n_nodes * sizeof *nodes);
    t->bytes = copy(arena, from->bytes, from->size);
    t->mask = copy(arena, from->mask, from->size);
    t->refs = copy(arena, from->refs, from->n_refs * sizeof *t->refs);
    if (!nodes || !t->bytes || !t->mask || !t->refs)
        return NULL;
    t->tpl.nodes = nodes;
    for (uint32_t i = 0; i < t->tpl.n_nodes; i++) {
        if (!copy_str(arena, &nodes[i].name) || !copy_str(arena, &nodes[i].text))
            return NULL;
    }
    for (uint32_t i = 0; i < t->n_refs; i++) {
        SekNameRef *ref = &t->refs[i];
        if (ref->name_len) {
            ref->name = copy(arena, ref->name, ref->name_len);
            if (!ref->name)
                return NULL;
        }
    }
    return t;
}

static bool room_for_one_more(SekBinxml *bx) {
    if (bx->n_templates == SEK_BINXML_MAX_TEMPLATES)
        return false;
    if (bx->n_templates < bx->cap_templates)
        return true;
    uint32_t cap = bx->cap_templates ? 2 * bx->cap_templates : 256;
    SekCachedTemplate **templates = SEK_ARENA_ARRAY(&bx->cache_arena, SekCachedTemplate *, cap);
    if (!templates)
        return false;
    if (bx->n_templates)
        memcpy(templates, bx->templates, bx->n_templates * sizeof(SekCachedTemplate *));
    bx->templates = templates;
    bx->cap_templates = cap;
    return true;
}

/* Keeps the template for good where there is room, else until the next chunk. */
static SekStatus keep(SekBinxml *bx, uint32_t def, const SekCachedTemplate *from, SekCachedTemplate **out,
                      SekError *err) {
    SekCachedTemplate *t = room_for_one_more(bx) ? copy_template(&bx->cache_arena, from) : NULL;
    if (!t) {
        *out = copy_template(&bx->chunk_arena, from);
        return *out ? SEK_OK : sek_binxml_full(err, &bx->chunk_arena, from->size, def);
    }
    bx->templates[bx->n_templates++] = t;
    t->tpl.id = bx->n_templates;
    uint32_t *by_key = &bx->by_key[key_bucket(t->guid, t->size)];
    t->next_same_key = *by_key;
    *by_key = t->tpl.id;
    uint32_t *by_content = &bx->by_content[t->content & (SEK_BINXML_BUCKETS - 1)];
    t->next_same_content = *by_content;
    *by_content = t->tpl.id;
    *out = t;
    return SEK_OK;
}

SekTemplate *sek_binxml_keep_nodes(SekBinxml *bx, const SekCompiled *compiled) {
    SekCachedTemplate t = {.sound = compiled->sound, .name_bytes = compiled->name_bytes};
    t.tpl = (SekTemplate){.n_nodes = compiled->n_nodes, .n_slots = compiled->n_slots, .nodes = compiled->nodes};
    SekCachedTemplate *kept = room_for_one_more(bx) ? copy_template(&bx->cache_arena, &t) : NULL;
    if (!kept)
        return NULL;
    bx->templates[bx->n_templates++] = kept;
    kept->tpl.id = bx->n_templates;
    return &kept->tpl;
}

/* Compiles the definition in scratch memory; finds it among the known ones by content, or keeps it. */
static SekStatus compile(SekBinxml *bx, uint32_t def, SekCachedTemplate **out, SekError *err) {
    SekCachedTemplate t = {.size = sek_le32(bx->chunk + def + 20)};
    SekTokens tokens = {.off = def + DEFINITION_HEADER, .len = t.size, .definition = true};
    sek_arena_reset(&bx->scratch);
    SekCompiled compiled;
    SekStatus status = sek_binxml_compile(bx, tokens, &bx->scratch, &compiled, err);
    if (status)
        return status;
    t.tpl = (SekTemplate){.n_nodes = compiled.n_nodes, .n_slots = compiled.n_slots, .nodes = compiled.nodes};
    memcpy(t.guid, bx->chunk + def + 4, sizeof t.guid);
    t.mask = compiled.mask;
    t.refs = compiled.refs;
    t.n_refs = compiled.n_refs;
    t.sound = compiled.sound;
    t.name_bytes = compiled.name_bytes;
    t.bytes = sek_arena_alloc(&bx->scratch, t.size);
    if (!t.bytes)
        return sek_binxml_full(err, &bx->scratch, t.size, def);
    for (uint32_t i = 0; i < t.size; i++)
        t.bytes[i] = bx->chunk[tokens.off + i] & t.mask[i];
    t.content = content_hash(&t);
    *out = find_by_content(bx, &t, def);
    return *out ? SEK_OK : keep(bx, def, &t, out, err);
}

/* A definition costs its size and its names, whether it is known or not: what one chunk gives must not
 * depend on the chunks before it. */
static SekStatus find_or_compile(SekBinxml *bx, uint32_t def, SekCachedTemplate **out, SekError *err) {
    static const char too_many[] = "too many template definitions in one chunk";
    if (!sek_binxml_spend(&bx->chunk_work, sek_le32(bx->chunk + def + 20)))
        return sek_binxml_fail(err, SEK_ERR_LIMIT, def, too_many);
    SekCachedTemplate *t = find_by_key(bx, def);
    SekStatus status = t ? SEK_OK : compile(bx, def, &t, err);
    if (status)
        return status;
    if (!sek_binxml_spend(&bx->chunk_work, t->name_bytes))
        return sek_binxml_fail(err, SEK_ERR_LIMIT, def, too_many);
    *out = t;
    return SEK_OK;
}

SekStatus sek_binxml_template(SekBinxml *bx, uint32_t off, SekCachedTemplate **out, SekError *err) {
    SekDefinition *known = &bx->definitions[off / 4 % SEK_BINXML_DEFINITIONS];
    if (known->stamp == bx->stamp && known->off == off) {
        if (!known->tpl)
            return sek_binxml_fail(err, SEK_ERR_INPUT, off, "the definition of the template is damaged");
        *out = known->tpl;
        return SEK_OK;
    }
    if (!sek_within(off, DEFINITION_HEADER, bx->chunk_len) ||
        !sek_within(off + DEFINITION_HEADER, sek_le32(bx->chunk + off + 20), bx->chunk_len))
        return sek_binxml_fail(err, SEK_ERR_INPUT, off,
                               "the definition of the template lies outside the chunk");
    SekCachedTemplate *found = NULL;
    SekStatus status = find_or_compile(bx, off, &found, err);
    if (status && status != SEK_ERR_INPUT)
        return status;
    *known = (SekDefinition){.tpl = found, .stamp = bx->stamp, .off = (uint16_t)off};
    if (status == SEK_OK)
        *out = found;
    return status;
}
