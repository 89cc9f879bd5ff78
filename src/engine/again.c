/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/again.h"

#include "base/buf.h"
#include "base/hash64.h"
#include "base/strmap.h"
#include "event/context.h"

#include <stdlib.h>

#define TEXT_MAX ((size_t)16 << 20)
#define EXTRA_FIELDS 3u /* of a layer's event */
#define SIGHTS 1024u             /* a power of two */
#define SIGHT_BYTES_MIN 200u     /* shorter values are looked at each time: that costs as little, */
#define SIGHT_BYTES_MAX 16384u   /* and so are longer ones, for the room that they would take */
#define SIGHTS_BYTES ((size_t)1 << 20)
#define PLAINS 8192u             /* a power of two */
#define PLAIN UINT32_MAX /* nothing is hidden in it */

/* A shape with the fields of a layer behind its own; remembered, so that what is worked out about its
 * names is worked out once. */
typedef struct Wider {
    struct Wider *next; /* of the same shape */
    SekStr field, part;
    SekShape shape;
} Wider;

typedef struct Found {
    const SekCodeText *text;
    uint32_t memo; /* its layers */
    uint32_t index;
} Found;

typedef struct Memo {
    SekLayers layers;
    uint64_t more; /* bit i: layer i does not stand word for word in the text as recorded */
} Memo;
_Static_assert(SEK_DECODE_MAX_LAYERS <= 64, "a bit a layer");


/* A value as it was recorded, and what it gave: the same scripts and disguised command lines come again and again, and
 * comparing them is cheaper than the cheap test of scripts. */
typedef struct Sight {
    const uint8_t *bytes; /* NULL: free */
    uint32_t len;
    uint8_t kind, type;
    uint32_t memo; /* PLAIN, or the number of its layers while `epoch` is that of the memos */
    uint32_t epoch;
} Sight;

struct SekAgain {
    SekArena arena; /* of what is remembered */
    SekArena sight_arena;
    Sight *sights; /* SIGHTS of them, by hash; the last one counts */
    uint32_t epoch; /* of the memos: goes up when they are forgotten */
    SekStrMap known; /* kind and text -> number of its layers */
    Memo memos[SEK_AGAIN_TEXTS];
    uint32_t n_memos;
    SekArena scratch; /* of one event */
    SekArena shapes;  /* of the wider shapes that are remembered */
    Wider **wider;    /* by the number of the shape */
    uint32_t n_wider;
    SekValue extra[EXTRA_FIELDS];
    SekBuf key;
    const SekEvent *event;
    Found found[SEK_AGAIN_LAYERS];
    uint32_t n_found;
    uint64_t plain[PLAINS]; /* numbers of events that have no layers, by number; the last one counts */
    uint64_t looked, decoded;
};

SekStatus sek_again_new(SekAgain **out) {
    SekAgain *a = calloc(1, sizeof *a);
    if (!a)
        return SEK_ERR_MEMORY;
    sek_arena_init(&a->arena, 0);
    sek_arena_init(&a->sight_arena, 0);
    sek_arena_init(&a->scratch, 0);
    sek_strmap_init(&a->known, false);
    sek_arena_init(&a->shapes, 0);
    sek_buf_init(&a->key, TEXT_MAX);
    a->wider = calloc(SEK_SHAPE_IDS + 1, sizeof *a->wider);
    a->sights = calloc(SIGHTS, sizeof *a->sights);
    if (!a->wider || !a->sights) {
        sek_again_free(a);
        return SEK_ERR_MEMORY;
    }
    *out = a;
    return SEK_OK;
}

void sek_again_free(SekAgain *a) {
    if (!a)
        return;
    sek_arena_deinit(&a->arena);
    sek_arena_deinit(&a->sight_arena);
    sek_arena_deinit(&a->scratch);
    sek_arena_deinit(&a->shapes);
    free(a->sights);
    free(a->wider);
    sek_strmap_deinit(&a->known);
    sek_buf_deinit(&a->key);
    free(a);
}

static void forget(SekAgain *a) {
    sek_strmap_deinit(&a->known);
    sek_strmap_init(&a->known, false);
    sek_arena_deinit(&a->arena);
    sek_arena_init(&a->arena, 0);
    a->n_memos = 0;
    a->epoch++;
}

/* The place of a value in the table; NULL for one that is not kept there. */
static Sight *sight_of(SekAgain *a, const SekCodeText *text) {
    if (text->n_gaps || text->value.len < SIGHT_BYTES_MIN || text->value.len > SIGHT_BYTES_MAX)
        return NULL;
    return &a->sights[(sek_hash64(text->value.ptr, text->value.len) ^ text->kind) & (SIGHTS - 1)];
}

static bool is_sight_of(const SekAgain *a, const Sight *s, const SekCodeText *text) {
    return s->bytes && s->len == text->value.len && s->kind == text->kind && s->type == text->value.type &&
           (s->memo == PLAIN || s->epoch == a->epoch) && memcmp(s->bytes, text->value.ptr, s->len) == 0;
}

/* Without memory it is not kept, which costs time only. */
static void keep_sight(SekAgain *a, Sight *s, const SekCodeText *text, uint32_t memo) {
    if (a->sight_arena.used + text->value.len > SIGHTS_BYTES) {
        sek_arena_reset(&a->sight_arena);
        memset(a->sights, 0, SIGHTS * sizeof *a->sights);
    }
    SekStr kept = sek_arena_dup(&a->sight_arena, sek_str_n((const char *)text->value.ptr, text->value.len));
    *s = (Sight){(const uint8_t *)kept.ptr, text->value.len, (uint8_t)text->kind, text->value.type, memo, a->epoch};
}

/* The cheap test, on the value as it stands. */
static bool looks_encoded(const SekCodeText *text) {
    if (text->value.type == SEK_VALUE_STRING)
        return sek_decode_looks_encoded_utf16(text->kind, text->value.ptr, text->value.len);
    if (text->value.type == SEK_VALUE_UTF8)
        return sek_decode_looks_encoded(text->kind, sek_str_n((const char *)text->value.ptr, text->value.len));
    return true; /* of other types there are next to none: the text itself will tell */
}

static SekStatus decode(SekAgain *a, const SekCodeText *code, SekStr text, SekLayers *out) {
    uint64_t steps = SEK_AGAIN_STEPS + SEK_AGAIN_STEPS_A_BYTE * (uint64_t)text.len;
    SekDecodeLimits limits = {.max_steps = steps < SEK_AGAIN_STEPS_MAX ? steps : SEK_AGAIN_STEPS_MAX,
                              .max_value_bytes = SEK_AGAIN_OUTPUT_BYTES,
                              .max_output_bytes = SEK_AGAIN_OUTPUT_BYTES,
                              .max_inflated_bytes = SEK_AGAIN_OUTPUT_BYTES};
    SekDecodeInput input = {.text = text, .kind = code->kind, .limits = &limits, .gaps = code->gaps, .n_gaps = code->n_gaps,
                            .tested = code->value.type == SEK_VALUE_STRING || code->value.type == SEK_VALUE_UTF8};
    *out = (SekLayers){0};
    a->decoded++;
    SekStatus status = sek_decode(&a->arena, &input, out, NULL);
    return status == SEK_ERR_MEMORY ? status : SEK_OK;
}

/* False for a layer that stands word for word in the text as recorded. */
static bool says_more(const SekLayers *layers, uint32_t index) {
    return sek_str_find(layers->items[0].text, layers->items[index].text) < 0;
}

/* The layers of a text, from memory when it came before. */
static SekStatus layers_of(SekAgain *a, const SekCodeText *text, uint32_t *out) {
    sek_buf_clear(&a->key);
    sek_buf_addc(&a->key, (char)((text->n_gaps ? 'A' : 'a') + text->kind));
    sek_value_text(text->value, &a->key);
    size_t n_bytes = a->key.len - 1;
    if (text->n_gaps) { /* the number comes last, so that where the text ends is told by the key */
        sek_buf_add(&a->key, text->gaps, text->n_gaps * sizeof *text->gaps);
        sek_buf_add(&a->key, &text->n_gaps, sizeof text->n_gaps);
    }
    if (a->key.failed == SEK_ERR_MEMORY)
        return SEK_ERR_MEMORY;
    if (sek_strmap_get(&a->known, sek_buf_str(&a->key), out) == SEK_OK)
        return SEK_OK;
    SekStr kept = sek_arena_dup(&a->arena, sek_buf_str(&a->key));
    if (!kept.ptr)
        return SEK_ERR_MEMORY;
    *out = a->n_memos++;
    Memo *memo = &a->memos[*out];
    *memo = (Memo){0};
    SekStatus status = decode(a, text, sek_str_n(kept.ptr + 1, n_bytes), &memo->layers);
    for (uint32_t i = 1; status == SEK_OK && i < memo->layers.n; i++)
        memo->more |= (uint64_t)says_more(&memo->layers, i) << i;
    return status == SEK_OK ? sek_strmap_set(&a->known, kept, *out) : status;
}

/* The layers of a text, PLAIN when nothing is hidden in it. */
static SekStatus find_layers(SekAgain *a, const SekCodeText *text, uint32_t *out) {
    bool tested = text->kind == SEK_SCRIPT_COMMAND; /* at once: that is cheaper than comparing */
    *out = PLAIN;
    if (tested && !looks_encoded(text))
        return SEK_OK;
    Sight *sight = sight_of(a, text);
    SekStatus status = SEK_OK;
    if (sight && is_sight_of(a, sight, text)) {
        *out = sight->memo;
        a->looked += *out != PLAIN;
        return SEK_OK;
    }
    if (tested || looks_encoded(text)) {
        a->looked++;
        status = layers_of(a, text, out);
        if (status == SEK_OK && a->memos[*out].layers.n <= 1)
            *out = PLAIN;
    }
    if (sight && status == SEK_OK)
        keep_sight(a, sight, text, *out);
    return status;
}

/* "Windows PowerShell" logs the same script twice in one event. */
static bool had_before(const SekAgain *a, const SekCodeText *text, uint32_t memo) {
    for (uint32_t i = 0; i < a->n_found; i++)
        if (a->found[i].memo == memo && sek_str_eq(a->found[i].text->field, text->field))
            return true;
    return false;
}

SekStatus sek_again_event(SekAgain *a, const SekEvent *event, const SekCodeText *texts, uint32_t n_texts,
                          uint32_t *out_n) {
    SekStatus status = SEK_OK;
    a->event = event;
    a->n_found = 0;
    for (uint32_t t = 0; t < n_texts && status == SEK_OK; t++) {
        uint32_t memo;
        if (a->n_found == 0 && (a->n_memos + SEK_CODE_TEXTS > SEK_AGAIN_TEXTS || a->arena.used > SEK_AGAIN_BYTES))
            forget(a);
        status = find_layers(a, &texts[t], &memo);
        if (memo == PLAIN)
            continue;
        if (status != SEK_OK || had_before(a, &texts[t], memo))
            continue;
        for (uint32_t i = 1; i < a->memos[memo].layers.n && a->n_found < SEK_AGAIN_LAYERS; i++)
            if (a->memos[memo].more >> i & 1)
                a->found[a->n_found++] = (Found){&texts[t], memo, i};
    }
    *out_n = a->n_found;
    return status;
}

void sek_again_keep_plain(SekAgain *a, uint64_t answer) {
    a->plain[answer / 8 & (PLAINS - 1)] = answer;
}

bool sek_again_is_plain(const SekAgain *a, uint64_t answer) {
    return a->plain[answer / 8 & (PLAINS - 1)] == answer;
}

/* Fields of a layer: the text's field once more. A part that is a field of its own without being in the shape
 * (event/context.h) stands there twice, as recorded and as decoded. */
static uint32_t name_fields(const SekCodeText *text, SekField *out) {
    bool context = text->part.len && sek_context_key(text->part) != SEK_CONTEXT_NONE;
    uint32_t n = context ? EXTRA_FIELDS : 1;
    for (uint16_t i = 0; i < n; i++)
        out[i] = (SekField){.name = i == 0 ? text->field : text->part, .place = SEK_PLACE_DATA,
                            .kind = SEK_FIELD_SLOT, .part = SEK_PART_ADDED, .slot = i};
    return n;
}

static SekStatus widen(const SekShape *shape, const SekCodeText *text, SekArena *arena, SekShape *out) {
    SekField *fields = SEK_ARENA_ARRAY(arena, SekField, shape->n_fields + EXTRA_FIELDS);
    if (!fields)
        return SEK_ERR_MEMORY;
    *out = *shape;
    out->id = 0;
    out->fields = fields;
    if (shape->n_fields)
        memcpy(fields, shape->fields, shape->n_fields * sizeof *fields);
    out->n_fields += name_fields(text, fields + shape->n_fields);
    return SEK_OK;
}

/* The wider shape for a text: remembered when the shape itself is, and there is room. */
static SekStatus wider_shape(SekAgain *a, const SekShape *shape, const SekCodeText *text,
                             const SekShape **out) {
    bool lasting = shape->id > SEK_SHAPES_WIDER && shape->id <= SEK_SHAPE_IDS;
    for (Wider *w = lasting ? a->wider[shape->id] : NULL; w; w = w->next)
        if (sek_str_eq(w->field, text->field) && sek_str_eq(w->part, text->part)) {
            *out = &w->shape;
            return SEK_OK;
        }
    lasting = lasting && a->n_wider < SEK_SHAPES_WIDER;
    SekArena *arena = lasting ? &a->shapes : &a->scratch;
    Wider *w = SEK_ARENA_NEW(arena, Wider);
    if (!w || widen(shape, text, arena, &w->shape) != SEK_OK)
        return SEK_ERR_MEMORY;
    *out = &w->shape;
    if (lasting) {
        w->shape.id = ++a->n_wider;
        w->field = text->field; /* both live as long as the shape, or for ever */
        w->part = text->part;
        w->next = a->wider[shape->id];
        a->wider[shape->id] = w;
    }
    return SEK_OK;
}

static SekValue utf8_value(SekStr text) {
    return (SekValue){(const uint8_t *)text.ptr, (uint32_t)text.len, SEK_VALUE_UTF8};
}

SekStatus sek_again_layer(SekAgain *a, uint32_t i, SekAgainLayer *out) {
    const Found *found = &a->found[i];
    const SekLayers *layers = &a->memos[found->memo].layers;
    const SekShape *shape;
    sek_arena_reset(&a->scratch);
    SekStatus status = wider_shape(a, a->event->shape, found->text, &shape);
    if (status != SEK_OK)
        return status;
    a->extra[0] = a->extra[2] = utf8_value(layers->items[found->index].text);
    a->extra[1] = utf8_value(layers->items[0].text);
    *out = (SekAgainLayer){.event = *a->event, .text = found->text, .layers = layers, .index = found->index};
    out->event.shape = shape;
    out->event.values[SEK_PART_ADDED] = a->extra;
    out->event.added = ((uint64_t)a->epoch * SEK_AGAIN_TEXTS + found->memo) * SEK_DECODE_MAX_LAYERS + found->index;
    out->event.n_values[SEK_PART_ADDED] = shape->n_fields - a->event->shape->n_fields;
    return SEK_OK;
}

static void add_layer_steps(const SekLayer *layer, SekBuf *out) {
    for (uint32_t i = 0; i < layer->n_steps; i++) {
        sek_buf_addf(out, "%s%s", i ? ", " : "", layer->steps[i].name);
        if (layer->steps[i].count > 1)
            sek_buf_addf(out, " x%u", layer->steps[i].count);
    }
}

void sek_again_steps(const SekLayers *layers, uint32_t index, SekBuf *out) {
    uint32_t way[SEK_DECODE_MAX_DEPTH + 1], n = 0;
    for (; index != 0 && index != SEK_LAYER_NONE && n <= SEK_DECODE_MAX_DEPTH; index = layers->items[index].parent)
        way[n++] = index;
    for (uint32_t i = n; i-- > 0;) {
        add_layer_steps(&layers->items[way[i]], out);
        if (i)
            sek_buf_adds(out, "; ");
    }
}

void sek_again_counts(const SekAgain *a, uint64_t *out_looked, uint64_t *out_decoded) {
    *out_looked = a->looked;
    *out_decoded = a->decoded;
}
