/* SPDX-License-Identifier: Apache-2.0 */
/* Fragments that are written out without a template, known again.
 *
 * Logs that were saved anew or forwarded hold records without templates: the same elements each time, other
 * texts. Such a fragment is compiled with its texts as holes (binxml_compile.c), so what is left is a template
 * like others. Here those templates are kept in a tree of *steps*: from the root on, one step a token. A name, and the
 * text of an attribute called Name (which names a field or a provider), are part of the step and compared byte
 * by byte; another text is a value. A fragment whose tokens lead along known steps to the end of a known one is
 * what the compiler would make of it, since that depends on nothing else: on tokens, names, and how many values
 * there are. What is not known, and whatever has parts that are rare (CDATA, entities, numbers, templates), is
 * compiled.
 *
 * Steps belong to the cache arena and are never given back; their number is limited, and so is that of the
 * ways on from one step, which are tried one after the other, the last one used first. */
#include "format/binxml_internal.h"

#include "base/bytes.h"

#define MAX_STEPS 32768u
#define BLOCK 1024u /* steps that are taken at once */
#define MAX_WAYS 64u
#define NAME_HEADER 8u /* offset of the next name, hash, characters */

/* Half a cache line: there are thousands, for each worker. */
struct SekPlainStep {
    const uint8_t *key;   /* a name as in the chunk, from its hash on; the characters of a fixed text; may be others' too */
    uint32_t stamp, name; /* generation of a chunk, and the offset that leads to the name there */
    uint32_t tpl;         /* number of the template of the fragments that end here; 0: none */
    uint16_t key_len;
    uint16_t ways; /* number of a step that may come next; 0: none */
    uint16_t next; /* of another way from the step before */
    uint8_t n_ways;
    uint8_t token;
    bool fixed; /* a text that comes next is part of its step */
};
_Static_assert(sizeof(struct SekPlainStep) == 32 && MAX_WAYS <= UINT8_MAX, "as said");
_Static_assert(MAX_STEPS == SEK_PLAIN_BLOCKS * BLOCK && MAX_STEPS <= UINT16_MAX, "numbers fit");

typedef struct Walk {
    SekBinxml *bx;
    uint32_t at, end;
    SekPlainStep *step; /* where it has got to */
    SekValue *values;
    uint32_t n_values, room;
    bool grow; /* make the steps that are not there */
} Walk;

/* What the next step must hold. */
typedef struct Key {
    uint8_t token;
    bool is_name;
    uint32_t name; /* offset in the chunk */
    const uint8_t *bytes;
    uint32_t len;
} Key;

static bool left(const Walk *w, uint32_t need) {
    return sek_within(w->at, need, w->end);
}

static bool is_called_name(const uint8_t *name, uint32_t len) {
    static const uint8_t wide[] = {'N', 0, 'a', 0, 'm', 0, 'e', 0};
    return len == 4 + sizeof wide + 2 && memcmp(name + 4, wide, sizeof wide) == 0;
}

/* Fills in the bytes of a name, from its hash to its NUL; false when it lies outside the chunk. */
static bool read_name(const SekBinxml *bx, Key *key) {
    if (!sek_within(key->name, NAME_HEADER, bx->chunk_len))
        return false;
    key->bytes = bx->chunk + key->name + 4;
    key->len = NAME_HEADER - 4 + 2u * sek_le16(key->bytes + 2) + 2;
    return sek_within(key->name + 4, key->len, bx->chunk_len);
}

/* A name that an offset led to before in this chunk is the same again. */
static bool is_step(const SekBinxml *bx, SekPlainStep *s, const Key *key) {
    if (s->token != key->token)
        return false;
    if (key->is_name && s->stamp == bx->stamp && s->name == key->name)
        return true;
    if (s->key_len != key->len || (key->len && memcmp(s->key, key->bytes, key->len) != 0))
        return false;
    s->stamp = bx->stamp;
    s->name = key->name;
    return true;
}

/* The step with this number; NULL for 0. */
static SekPlainStep *step_at(const SekBinxml *bx, uint32_t number) {
    return number ? &bx->plain_blocks[number / BLOCK][number % BLOCK] : NULL;
}

/* The number of a new step; 0 when there is no room. */
static uint16_t take_step(SekBinxml *bx) {
    uint32_t number = bx->n_plain_steps + 1;
    if (number == MAX_STEPS)
        return 0;
    SekPlainStep **block = &bx->plain_blocks[number / BLOCK];
    if (!*block && !(*block = SEK_ARENA_ARRAY(&bx->cache_arena, SekPlainStep, BLOCK)))
        return 0;
    bx->n_plain_steps = number;
    return (uint16_t)number;
}

/* The bytes of the key for good: those of a step with the same if it is at hand, as few names come again and again. */
static const uint8_t *keep_key(SekBinxml *bx, const Key *key, uint16_t number) {
    uint16_t *slot = &bx->plain_keys[sek_str_hash(sek_str_n((const char *)key->bytes, key->len)) % SEK_PLAIN_KEYS];
    const SekPlainStep *like = step_at(bx, *slot);
    if (like && like->key_len == key->len && memcmp(like->key, key->bytes, key->len) == 0)
        return like->key;
    uint8_t *bytes = sek_arena_alloc(&bx->cache_arena, key->len);
    if (!bytes)
        return NULL;
    *slot = number;
    return memcpy(bytes, key->bytes, key->len);
}

static SekPlainStep *new_step(Walk *w, const Key *key) {
    SekBinxml *bx = w->bx;
    uint16_t number = w->step->n_ways < MAX_WAYS && key->len <= UINT16_MAX ? take_step(bx) : 0;
    const uint8_t *bytes = number && key->len ? keep_key(bx, key, number) : NULL;
    if (!number || (key->len && !bytes))
        return NULL;
    SekPlainStep *s = step_at(bx, number);
    *s = (SekPlainStep){.next = w->step->ways, .key = bytes, .key_len = (uint16_t)key->len, .token = key->token,
                        .stamp = bx->stamp, .name = key->name};
    s->fixed = key->token == TOKEN_ATTRIBUTE ? is_called_name(bytes, key->len)
                                             : key->token == TOKEN_VALUE && w->step->fixed;
    w->step->ways = number;
    w->step->n_ways++;
    return s;
}

/* Goes on to the step of the key; false when there is none. */
static bool go(Walk *w, Key *key) {
    uint16_t *from = &w->step->ways;
    SekPlainStep *s = step_at(w->bx, *from);
    if (s && key->is_name && s->token == key->token && s->stamp == w->bx->stamp && s->name == key->name) {
        w->step = s; /* nearly always, and without a look at the name */
        return true;
    }
    if (key->is_name && !read_name(w->bx, key))
        return false;
    for (; s && !is_step(w->bx, s, key); s = step_at(w->bx, *from))
        from = &s->next;
    if (!s && w->grow)
        s = new_step(w, key);
    else if (s && from != &w->step->ways) {
        uint16_t number = *from;
        *from = s->next;
        s->next = w->step->ways;
        w->step->ways = number;
    }
    if (s)
        w->step = s;
    return s != NULL;
}

/* A token with a name, whose offset stands at w->at; the name itself may stand behind it. */
static bool go_by_name(Walk *w, uint8_t token) {
    Key key = {.token = token, .is_name = true, .name = sek_le32(w->bx->chunk + w->at)};
    w->at += 4;
    if (!go(w, &key))
        return false;
    uint32_t size = w->step->key_len + 4;
    if (key.name != w->at)
        return true;
    if (!left(w, size))
        return false;
    w->at += size;
    return true;
}

static bool go_by_token(Walk *w, uint8_t token, uint32_t size) {
    Key key = {.token = token};
    if (!left(w, size))
        return false;
    w->at += size;
    return go(w, &key);
}

static bool open_element(Walk *w, bool has_attributes) {
    if (!left(w, has_attributes ? 13 : 9))
        return false;
    w->at += 5;
    if (!go_by_name(w, TOKEN_OPEN_START) || !left(w, has_attributes ? 4 : 0))
        return false;
    w->at += has_attributes ? 4 : 0;
    return true;
}

static bool attribute(Walk *w) {
    if (!left(w, 5))
        return false;
    w->at++;
    return go_by_name(w, TOKEN_ATTRIBUTE);
}

static bool text(Walk *w) {
    const uint8_t *p = w->bx->chunk + w->at;
    if (!left(w, 4) || p[1] != SEK_VALUE_STRING)
        return false;
    SekValue value = {p + 4, 2u * sek_le16(p + 2), SEK_VALUE_STRING};
    if (!left(w, 4 + value.len))
        return false;
    w->at += 4 + value.len;
    Key key = {.token = TOKEN_VALUE};
    if (w->step->fixed) {
        key.bytes = value.ptr;
        key.len = value.len;
    } else {
        if (w->n_values == w->room)
            return false;
        w->values[w->n_values++] = value;
    }
    return go(w, &key);
}

static bool token(Walk *w) {
    uint8_t code = w->bx->chunk[w->at];
    switch (code) {
    case TOKEN_OPEN_START:
    case TOKEN_OPEN_START | TOKEN_MORE:
        return open_element(w, code & TOKEN_MORE);
    case TOKEN_ATTRIBUTE:
    case TOKEN_ATTRIBUTE | TOKEN_MORE:
        return attribute(w);
    case TOKEN_VALUE:
    case TOKEN_VALUE | TOKEN_MORE:
        return text(w);
    case TOKEN_CLOSE_START:
    case TOKEN_CLOSE_EMPTY:
    case TOKEN_END:
        return go_by_token(w, code, 1);
    case TOKEN_FRAGMENT:
        return go_by_token(w, code, 4);
    default:
        return false;
    }
}

/* Follows the tokens to their end; false where the steps do not lead on. */
static bool follow(Walk *w) {
    const uint8_t *chunk = w->bx->chunk;
    while (w->at < w->end && chunk[w->at] != TOKEN_EOF)
        if (!token(w))
            return false;
    return true;
}

static Walk start(SekBinxml *bx, SekTokens tokens) {
    return (Walk){.bx = bx, .at = tokens.off, .end = tokens.off + tokens.len, .step = step_at(bx, bx->plain),
                  .values = bx->pool + bx->pool_used, .room = SEK_BINXML_POOL - bx->pool_used};
}

bool sek_binxml_plain_find(SekBinxml *bx, SekTokens tokens, SekFragment *out) {
    Walk w = start(bx, tokens);
    if (!bx->plain || !follow(&w) || !w.step->tpl)
        return false;
    bx->pool_used += w.n_values;
    *out = (SekFragment){.tpl = &bx->templates[w.step->tpl - 1]->tpl, .values = w.values, .n_values = w.n_values, .fragment = SEK_BINXML_NO_VALUE};
    out->types = w.n_values ? sek_value_type_bit(SEK_VALUE_STRING) : 0;
    out->texts = w.n_values < 64 ? ((uint64_t)1 << w.n_values) - 1 : UINT64_MAX; /* short ones too: nobody looked */
    return true;
}

SekTemplate *sek_binxml_plain_keep(SekBinxml *bx, SekTokens tokens, const SekCompiled *compiled) {
    if (!compiled->sound || compiled->dependency)
        return NULL;
    if (!bx->plain && (bx->plain = take_step(bx)))
        *step_at(bx, bx->plain) = (SekPlainStep){0};
    Walk w = start(bx, tokens);
    w.grow = true;
    if (!bx->plain || !follow(&w) || w.n_values != compiled->n_slots)
        return NULL;
    if (!w.step->tpl) {
        const SekTemplate *kept = sek_binxml_keep_nodes(bx, compiled);
        w.step->tpl = kept ? kept->id : 0;
    }
    return w.step->tpl ? &bx->templates[w.step->tpl - 1]->tpl : NULL;
}
