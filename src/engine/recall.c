/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/recall.h"

#include "base/bytes.h"
#include "base/utf.h"

#include <stdlib.h>

#define RING_BYTES (1u << 21)
#define INDEX_SLOTS 32768u
#define NARROW_FROM 64u /* bytes: shorter text is copied sooner than it is looked at */
#define NARROWED ((uint64_t)1 << 63) /* in a value's head: only the low bytes of its units follow */
#define MAX_KEY (RING_BYTES / 8) /* bytes of an answer's key: several must fit */
#define MAX_PLACES 64u           /* values of one key */
#define MAX_SHAPES SEK_SHAPE_IDS /* with a recipe */
#define TRIES 512u               /* after which a shape's luck is judged: below one in eight it pauses */
#define PAUSE 8192u              /* events */

typedef struct Place {
    uint8_t part;
    uint16_t slot;
} Place;

/* How the key of a shape's events is made. */
typedef struct Recipe {
    uint32_t group;    /* serial of the group that it was made for; 0 = none yet */
    uint32_t n_places;
    bool usable;       /* the values that are asked for are known by their places */
    uint32_t tries, found, pause;
    Place places[MAX_PLACES];
} Recipe;

/* In the ring: this, the key, the variants. */
typedef struct Answer {
    uint64_t hash;
    uint32_t key_len;
    uint32_t n_variants;
} Answer;

struct SekRecall {
    Recipe **recipes; /* by shape id, made when first asked for */
    uint32_t n_recipes; /* those behind were never touched */
    uint64_t *index;  /* by hash: 1 + where the answer was written, counted from the beginning of time */
    uint8_t *ring;
    uint64_t written;
    SekBuf key; /* of the event looked for last */
    uint64_t hash;
    bool keepable;
    uint64_t answer; /* place of the event's answer, as in `index` */
};

SekStatus sek_recall_new(SekRecall **out) {
    SekRecall *r = calloc(1, sizeof *r);
    if (!r)
        return SEK_ERR_MEMORY;
    sek_buf_init(&r->key, MAX_KEY);
    r->recipes = calloc(MAX_SHAPES + 1, sizeof *r->recipes);
    r->index = calloc(INDEX_SLOTS, sizeof *r->index);
    r->ring = malloc(RING_BYTES);
    if (!r->recipes || !r->index || !r->ring) {
        sek_recall_free(r);
        return SEK_ERR_MEMORY;
    }
    *out = r;
    return SEK_OK;
}

void sek_recall_free(SekRecall *r) {
    if (!r)
        return;
    for (uint32_t i = 0; i < r->n_recipes; i++)
        free(r->recipes[i]);
    free(r->recipes);
    free(r->index);
    free(r->ring);
    sek_buf_deinit(&r->key);
    free(r);
}

/* --- recipes ------------------------------------------------------------------------------------- */

static bool add_place(Recipe *recipe, const SekField *field) {
    for (uint32_t i = 0; i < recipe->n_places; i++)
        if (recipe->places[i].part == field->part && recipe->places[i].slot == field->slot)
            return true;
    if (recipe->n_places == MAX_PLACES)
        return false;
    recipe->places[recipe->n_places++] = (Place){field->part, field->slot};
    return true;
}

/* Literals are the same for all events of the shape, and what was not recorded goes by its number. */
static bool add_field(void *user, const SekField *field) {
    Recipe *recipe = user;
    if (field->kind == SEK_FIELD_SLOT)
        return field->part == SEK_PART_ADDED || add_place(recipe, field);
    for (uint32_t i = 0; field->kind == SEK_FIELD_COMPOSITE && i < field->n_pieces; i++)
        if (field->pieces[i].kind == SEK_FIELD_SLOT && !add_place(recipe, &field->pieces[i]))
            return false;
    return true;
}

static SekStatus write_recipe(Recipe *recipe, const SekGroup *group, SekFields *fields) {
    *recipe = (Recipe){.group = group->serial, .usable = true};
    for (uint32_t i = 0; i < group->n_asked; i++) {
        SekStatus status = sek_fields_sources(fields, group->asked[i], add_field, recipe);
        if (status == SEK_NOT_FOUND)
            recipe->usable = false;
        else if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

/* The recipe for the event's shape; NULL when it has none or pauses. */
static SekStatus find_recipe(SekRecall *r, const SekGroup *group, uint32_t shape, SekFields *fields, Recipe **out) {
    *out = NULL;
    if (shape == 0 || shape > MAX_SHAPES)
        return SEK_OK;
    Recipe *recipe = r->recipes[shape];
    if (!recipe) {
        recipe = r->recipes[shape] = calloc(1, sizeof *recipe);
        if (!recipe)
            return SEK_ERR_MEMORY;
        if (r->n_recipes <= shape)
            r->n_recipes = shape + 1;
    }
    if (recipe->group != group->serial) {
        SekStatus status = write_recipe(recipe, group, fields);
        if (status != SEK_OK)
            return status;
    }
    if (recipe->pause > 0)
        recipe->pause--;
    else if (recipe->usable)
        *out = recipe;
    return SEK_OK;
}

static void judge(Recipe *recipe) {
    if (recipe->tries < TRIES)
        return;
    if (recipe->found * 8 < recipe->tries)
        recipe->pause = PAUSE;
    recipe->tries = recipe->found = 0;
}

/* --- keys ---------------------------------------------------------------------------------------- */

#define STEP 32u /* bytes that are hashed at once */

/* Four sums at once, eight bytes each; behind `n` bytes stand zeros up to the next step. Keys are compared as well,
 * so a weak hash costs only time. */
static uint64_t hash_key(const uint8_t *p, size_t n) {
    static const uint64_t odd = 0x9e3779b97f4a7c15u;
    uint64_t lanes[4] = {n, 1, 2, 3};
    for (size_t i = 0; i < n; i += STEP)
        for (unsigned k = 0; k < 4; k++) {
            lanes[k] = (lanes[k] ^ sek_le64(p + i + 8 * k)) * odd;
            lanes[k] ^= lanes[k] >> 29;
        }
    uint64_t h = lanes[0];
    for (unsigned k = 1; k < 4; k++)
        h = ((h ^ h >> 31) * odd) ^ lanes[k];
    return (h ^ h >> 32) * odd;
}

/* Writes the value with its type and length; returns what follows. Text without characters above U+00FF, which is
 * nearly all of it, takes half its room. */
static uint8_t *write_value(uint8_t *at, SekValue v) {
    uint64_t head = (uint64_t)v.type << 32 | v.len;
    bool narrow = v.type == SEK_VALUE_STRING && v.len >= NARROW_FROM && v.len % 2 == 0 &&
                  sek_utf16le_low_bytes(v.ptr, v.len / 2, at + sizeof head);
    if (narrow)
        head |= NARROWED;
    else if (v.len)
        memcpy(at + sizeof head, v.ptr, v.len);
    memcpy(at, &head, sizeof head);
    return at + sizeof head + (narrow ? v.len / 2 : v.len);
}

/* False when the values are too long to be kept. */
static bool write_key(SekRecall *r, const Recipe *recipe, const SekEvent *event) {
    uint64_t ids[2] = {(uint64_t)recipe->group << 32 | event->shape->id, event->added};
    size_t most = sizeof ids + STEP;
    for (uint32_t i = 0; i < recipe->n_places; i++) {
        Place p = recipe->places[i];
        most += sizeof(uint64_t) + (p.slot < event->n_values[p.part] ? event->values[p.part][p.slot].len : 0);
    }
    sek_buf_clear(&r->key);
    uint8_t *start = most <= MAX_KEY ? (uint8_t *)sek_buf_reserve(&r->key, most) : NULL, *at = start;
    if (!at)
        return false;
    memcpy(at, ids, sizeof ids);
    at += sizeof ids;
    for (uint32_t i = 0; i < recipe->n_places; i++) {
        Place p = recipe->places[i];
        at = write_value(at, p.slot < event->n_values[p.part] ? event->values[p.part][p.slot] : (SekValue){0});
    }
    memset(at, 0, STEP);
    sek_buf_advance(&r->key, (size_t)(at - start));
    r->hash = hash_key(start, (size_t)(at - start));
    return true;
}

/* --- answers ------------------------------------------------------------------------------------- */

/* The two places where the key's answer may be noted. */
static uint64_t *slots_of(SekRecall *r) {
    return &r->index[r->hash >> 32 & (INDEX_SLOTS - 2)];
}

/* What was written for the key, if it is what `at` notes and nothing was written over it. */
static const Answer *answer_at(const SekRecall *r, uint64_t at) {
    if (at == 0 || r->written - (at - 1) > RING_BYTES)
        return NULL;
    const Answer *answer = (const Answer *)(const void *)(r->ring + (at - 1) % RING_BYTES);
    bool same = answer->hash == r->hash && answer->key_len == r->key.len &&
                memcmp(answer + 1, r->key.data, r->key.len) == 0;
    return same ? answer : NULL;
}

static const Answer *find_answer(SekRecall *r) {
    const uint64_t *slots = slots_of(r);
    const Answer *answer = answer_at(r, slots[0]);
    r->answer = slots[answer == NULL];
    return answer ? answer : answer_at(r, slots[1]);
}

static size_t padded(size_t n) {
    return (n + 7) & ~(size_t)7;
}

SekStatus sek_recall_find(SekRecall *r, const SekGroup *group, const SekEvent *event, SekFields *fields,
                          const uint32_t **out, uint32_t *out_n) {
    Recipe *recipe;
    r->keepable = false;
    r->answer = 0;
    if (event->n_values[SEK_PART_ADDED] && !event->added)
        return SEK_NOT_FOUND;
    SekStatus status = find_recipe(r, group, event->shape->id, fields, &recipe);
    if (status != SEK_OK || !recipe || !write_key(r, recipe, event))
        return status == SEK_OK ? SEK_NOT_FOUND : status;
    recipe->tries++;
    const Answer *answer = find_answer(r);
    recipe->found += answer != NULL;
    judge(recipe);
    r->keepable = !answer;
    if (!answer) {
        r->answer = 0;
        return SEK_NOT_FOUND;
    }
    *out = (const uint32_t *)(const void *)((const uint8_t *)(answer + 1) + padded(answer->key_len));
    *out_n = answer->n_variants;
    return SEK_OK;
}

uint64_t sek_recall_answer(const SekRecall *r) {
    return r->answer;
}

void sek_recall_keep(SekRecall *r, const uint32_t *variants, uint32_t n) {
    Answer answer = {.hash = r->hash, .key_len = (uint32_t)r->key.len, .n_variants = n};
    size_t key_room = padded(r->key.len), need = sizeof answer + key_room + padded(n * sizeof *variants);
    if (!r->keepable || need > RING_BYTES / 4)
        return;
    r->keepable = false;
    uint64_t place = r->written % RING_BYTES;
    if (place + need > RING_BYTES) { /* does not fit behind: what is left of the ring is passed over */
        r->written += RING_BYTES - place;
        place = 0;
    }
    uint8_t *at = r->ring + place;
    memcpy(at, &answer, sizeof answer);
    memcpy(at + sizeof answer, r->key.data, r->key.len);
    if (n)
        memcpy(at + sizeof answer + key_room, variants, n * sizeof *variants);
    uint64_t *slots = slots_of(r);
    r->answer = r->written + 1;
    slots[slots[1] < slots[0]] = r->answer; /* the older one goes */
    r->written += need;
}
