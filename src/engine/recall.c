/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/recall.h"

#include "base/bytes.h"
#include "base/utf.h"
#include "engine/key_bytes.h"
#include "engine/split.h"

#include <stdlib.h>

#define RING_BYTES (1u << 22)
#define INDEX_SLOTS 16384u
#define WAYS 4u /* places where one answer may be noted: half a cache line */
#define MAX_KEY (RING_BYTES / 8) /* bytes of an answer's values: several must fit */
#define MAX_SHAPES SEK_SHAPE_IDS /* with recipes */
#define MAX_GROUPS 8u            /* with recipes of one shape: the last one gives way */
#define MAX_SPLITS 32u           /* recipes that have one: half a megabyte each, with many rules */
#define SPLIT_AFTER 2048u        /* events; making one costs what matching some thousand does */
#define TRIES 256u               /* after which a shape's luck is judged */
#define TERM 8192u               /* tries after which a shape's luck is judged by a higher measure ... */
#define SHORT_KEY 4096u          /* ... if the bytes of what was not found were no more than this: what leaves such a key is
                                  * searched each time, which costs less than half of what a miss does */
#define PAUSE 8192u              /* events, when twice fewer than one in eight were found */
#define SEEN_ENOUGH 24           /* of 64: a place that had some thirty values or more ... */
#define SEEN_NEARLY 4            /* ... and others that had about as many */

/* In the ring: this, a head for each place, the bytes of each run, the variants that match, words on those that are open. */
typedef struct Answer {
    uint64_t hash;
    uint64_t added;  /* of the event */
    uint64_t narrow; /* bit i: of run i only the low bytes of its units are kept */
    uint32_t recipe; /* serial */
    uint32_t bytes;  /* of all runs, as they are kept */
    uint32_t n_sure, n_open;
    bool words;
} Answer;

struct SekRecall {
    const SekRuleset *rules;
    SekRecipe **recipes; /* by shape id: lists of those for its groups, made when first asked for */
    uint32_t n_recipes;  /* lists behind those were never touched */
    uint32_t n_splits;   /* that recipes have */
    uint64_t *index;     /* by hash: 1 + where the answer was written, counted from the beginning of time */
    uint8_t *ring;
    uint64_t written;
    uint32_t serial; /* of the last recipe */
    SekKeyBytes key;
    /* of the event looked for last: */
    SekRecipe *recipe;
    uint64_t hash, added;
    uint64_t answer; /* place of its answer, as in `index` */
    uint32_t heads[SEK_RECIPE_PLACES + 1]; /* type and length of each place's value; padded to eight bytes by zeros */
    SekKeyRun runs[SEK_RECIPE_PLACES + 1]; /* the heads, and the runs of the recipe */
    uint32_t bytes;                        /* of the recipe's runs */
    bool keepable;
};

static void forget_recipes(SekRecall *r) {
    for (uint32_t i = 0; i < r->n_recipes; i++)
        for (SekRecipe *recipe = r->recipes[i], *next; recipe; recipe = next) {
            next = recipe->next;
            sek_recipe_free(recipe);
        }
}

SekStatus sek_recall_new(const SekRuleset *rules, SekRecall **out) {
    SekRecall *r = calloc(1, sizeof *r);
    if (!r)
        return SEK_ERR_MEMORY;
    r->rules = rules;
    r->key = sek_key_bytes_best();
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
    forget_recipes(r);
    free(r->recipes);
    free(r->index);
    free(r->ring);
    free(r);
}

/* --- recipes ------------------------------------------------------------------------------------- */

/* Puts a new recipe at `at`, in the place of the one that stands there, if any. */
static SekStatus make_recipe(SekRecall *r, const SekGroup *group, const SekEvent *event, SekFields *fields, SekRecipe **at) {
    if (r->serial == UINT32_MAX) { /* numbers begin anew, so what was written under them must go */
        memset(r->index, 0, INDEX_SLOTS * sizeof *r->index);
        forget_recipes(r);
        memset(r->recipes, 0, (MAX_SHAPES + 1) * sizeof *r->recipes);
        r->serial = r->n_splits = 0;
        at = &r->recipes[event->shape->id];
    }
    if (r->n_recipes <= event->shape->id)
        r->n_recipes = event->shape->id + 1;
    bool had = *at && (*at)->split;
    SekStatus status = sek_recipe_make(group, event, fields, at);
    if (status != SEK_OK)
        return status;
    (*at)->serial = ++r->serial;
    r->n_splits -= had;
    return SEK_OK;
}

/* A shape of which many events came since it dropped something gets a split. What was answered without it does not say
 * all that is open with it, so it is not found any more. */
static SekStatus consider_split(SekRecall *r, const SekGroup *group, SekRecipe *recipe) {
    if (recipe->split || recipe->met++ != SPLIT_AFTER || r->n_splits == MAX_SPLITS || r->serial == UINT32_MAX)
        return SEK_OK;
    SekStatus status = sek_split_new(r->rules, group, recipe, &recipe->split);
    if (status != SEK_OK)
        return status;
    recipe->serial = ++r->serial;
    r->n_splits++;
    return SEK_OK;
}

/* Where the recipe of the shape for the group stands, or the next one may. */
static SekRecipe **find_place(SekRecall *r, const SekGroup *group, uint32_t shape) {
    SekRecipe **at = &r->recipes[shape];
    for (uint32_t i = 1; *at && (*at)->group != group->serial && i < MAX_GROUPS; i++)
        at = &(*at)->next;
    return at;
}

/* The recipe for the event's shape; NULL when it has none or pauses. */
static SekStatus find_recipe(SekRecall *r, const SekGroup *group, const SekEvent *event, SekFields *fields,
                             SekRecipe **out) {
    uint32_t shape = event->shape->id;
    *out = NULL;
    if (shape == 0 || shape > MAX_SHAPES || (event->n_values[SEK_PART_ADDED] && !event->added))
        return SEK_OK;
    SekRecipe **at = find_place(r, group, shape);
    if (!*at || (*at)->group != group->serial) {
        SekStatus status = make_recipe(r, group, event, fields, at);
        if (status != SEK_OK)
            return status;
        at = find_place(r, group, shape);
    }
    if ((*at)->pause > 0) {
        (*at)->pause--;
        return SEK_OK;
    }
    *out = *at;
    return (*at)->n_dropped ? consider_split(r, group, *at) : SEK_OK;
}

/* Drops the places that had most values of late, if they are many; returns how many places that were. */
static uint32_t drop_places(SekRecipe *recipe) {
    uint32_t before = recipe->n_dropped;
    int most = 0;
    for (uint32_t i = 0; i < recipe->n_places; i++)
        most = __builtin_popcountll(recipe->seen[i]) > most ? __builtin_popcountll(recipe->seen[i]) : most;
    for (uint32_t i = 0; i < recipe->n_places && most >= SEEN_ENOUGH && recipe->n_dropped < SEK_RECIPE_DROPS; i++)
        if (__builtin_popcountll(recipe->seen[i]) >= most - SEEN_NEARLY)
            recipe->dropped[recipe->n_dropped++] = recipe->places[i];
    return recipe->n_dropped - before;
}

/* True when of many events, not only of the first, most were not found, and had keys that are short enough. */
static bool is_poor_in_the_end(SekRecipe *recipe) {
    recipe->term_tries += recipe->tries;
    recipe->term_found += recipe->found;
    if (recipe->term_tries < TERM)
        return false;
    uint32_t missed = recipe->term_tries - recipe->term_found;
    bool poor = missed > recipe->term_tries / 2 && recipe->term_bytes / missed <= SHORT_KEY;
    recipe->term_tries = recipe->term_found = 0;
    recipe->term_bytes = 0;
    return poor;
}

/* From time to time: when next to nothing is found, and it was so before, the values that vary most leave the key;
 * when there are none, the shape pauses. */
static SekStatus judge(SekRecall *r, const SekGroup *group, const SekEvent *event, SekFields *fields) {
    SekRecipe *recipe = r->recipe;
    if (recipe->tries < TRIES)
        return SEK_OK;
    bool poor = recipe->found < recipe->tries / 8, again = poor && recipe->poor;
    if ((is_poor_in_the_end(recipe) || again) && drop_places(recipe)) {
        r->recipe = NULL;
        return make_recipe(r, group, event, fields, find_place(r, group, event->shape->id));
    }
    recipe->poor = poor;
    if (again)
        recipe->pause = PAUSE;
    recipe->tries = recipe->found = 0;
    memset(recipe->seen, 0, recipe->n_places * sizeof *recipe->seen);
    return SEK_OK;
}

/* --- keys ---------------------------------------------------------------------------------------- */

#define ODD 0x9e3779b97f4a7c15u

static SekValue value_at(const SekEvent *event, uint8_t part, uint32_t slot) {
    return slot < event->n_values[part] ? event->values[part][slot] : (SekValue){0};
}

/* Of the heads by what find_values made of them: what was just written in small pieces is slow to read in large ones. */
static uint64_t hash_key(const SekRecall *r, const SekRecipe *recipe, uint64_t heads) {
    uint64_t h = ((recipe->serial ^ r->added) * ODD) ^ heads;
    h = (h ^ h >> 32) * ODD ^ r->key.hash(r->runs + 1, recipe->n_runs);
    h *= ODD;
    return h ^ h >> 32;
}

static size_t heads_size(const SekRecipe *recipe) {
    return (recipe->n_places * sizeof(uint32_t) + 7) & ~(size_t)7;
}

/* Where the values of the key lie; false when the event has other values than its shape, or too long ones. */
static bool find_values(SekRecall *r, const SekRecipe *recipe, const SekEvent *event, uint64_t *out_heads) {
    uint32_t *head = r->heads;
    uint64_t bytes = 0, heads = 0;
    for (uint32_t i = 0; i < recipe->n_runs; i++) {
        SekSlotRun run = recipe->runs[i];
        SekValue v = value_at(event, run.part, run.first);
        uint64_t length = 0;
        if (run.n > 1 && run.first + run.n > event->n_values[run.part])
            return false;
        const uint8_t *at = v.ptr;
        for (uint32_t k = 1;; k++) {
            length += v.len;
            *head = (uint32_t)v.type << 24 | (v.len & 0xffffff);
            heads = heads * 31 + *head++;
            if (k == run.n)
                break;
            v = event->values[run.part][run.first + k];
        }
        if (v.ptr + v.len != at + length) /* not behind one another */
            return false;
        r->runs[i + 1] = (SekKeyRun){at, (uint32_t)length};
        bytes += length;
    }
    *head = 0;
    r->runs[0] = (SekKeyRun){(const uint8_t *)r->heads, (uint32_t)heads_size(recipe)};
    r->bytes = (uint32_t)bytes;
    *out_heads = heads * ODD;
    return bytes <= MAX_KEY;
}

/* --- answers ------------------------------------------------------------------------------------- */

/* The places where the key's answer may be noted. */
static uint64_t *slots_of(SekRecall *r) {
    return &r->index[r->hash >> 32 & (INDEX_SLOTS - WAYS)];
}

static size_t padded(size_t n) {
    return (n + 7) & ~(size_t)7;
}

/* The heads are compared first: they say how long each run is. */
static bool same_values(const SekRecall *r, const Answer *answer) {
    const uint8_t *kept = (const uint8_t *)(answer + 1);
    return r->key.same(r->runs, 1, kept, 0) &&
           r->key.same(r->runs + 1, r->recipe->n_runs, kept + r->runs[0].n, answer->narrow);
}

/* What was written for the key, if it is what `at` notes and nothing was written over it. */
static const Answer *answer_at(const SekRecall *r, uint64_t at) {
    if (at == 0 || r->written - (at - 1) > RING_BYTES)
        return NULL;
    const Answer *answer = (const Answer *)(const void *)(r->ring + (at - 1) % RING_BYTES);
    if (answer->hash != r->hash || answer->recipe != r->recipe->serial || answer->added != r->added)
        return NULL;
    return same_values(r, answer) ? answer : NULL;
}

static const Answer *find_answer(SekRecall *r) {
    const uint64_t *slots = slots_of(r);
    const Answer *answer = NULL;
    for (uint32_t i = 0; i < WAYS && !answer; i++) {
        r->answer = slots[i];
        answer = answer_at(r, r->answer);
    }
    return answer;
}

static void tell(const SekRecall *r, const Answer *answer, SekRecalled *out) {
    const uint8_t *kept = (const uint8_t *)(answer + 1) + heads_size(r->recipe) + padded(answer->bytes);
    out->sure = (const uint32_t *)(const void *)kept;
    out->n_sure = answer->n_sure;
    out->open = out->sure + answer->n_sure;
    out->n_open = answer->n_open;
    out->words = answer->words;
}

static uint64_t last_bytes(const uint8_t *at, uint32_t n) {
    uint64_t last = 0;
    if (n >= sizeof last)
        return sek_le64(at + n - sizeof last);
    for (uint32_t i = 0; i < n; i++)
        last = last << 8 | at[i];
    return last;
}

/* Notes what the places held, to find those that hardly ever hold the same. */
static void note_missed(SekRecall *r) {
    SekRecipe *recipe = r->recipe;
    uint32_t place = 0;
    recipe->term_bytes += r->bytes;
    for (uint32_t i = 0; i < recipe->n_runs; i++) {
        const uint8_t *at = r->runs[i + 1].at;
        for (uint32_t k = 0; k < recipe->runs[i].n; k++, place++) {
            uint32_t n = r->heads[place] & 0xffffff;
            recipe->seen[place] |= (uint64_t)1 << ((last_bytes(at, n) ^ r->heads[place]) * ODD >> 58);
            at += n;
        }
    }
}

SekStatus sek_recall_begin(SekRecall *r, const SekGroup *group, const SekEvent *event, SekFields *fields,
                           const SekRecipe **out_recipe) {
    uint64_t heads = 0;
    r->keepable = false;
    r->answer = 0;
    r->added = event->added;
    SekStatus status = find_recipe(r, group, event, fields, &r->recipe);
    if (status != SEK_OK || (r->recipe && !find_values(r, r->recipe, event, &heads)))
        r->recipe = NULL;
    *out_recipe = r->recipe;
    if (r->recipe) {
        r->hash = hash_key(r, r->recipe, heads);
        __builtin_prefetch(slots_of(r));
    }
    return status;
}

SekStatus sek_recall_find(SekRecall *r, const SekGroup *group, const SekEvent *event, SekFields *fields, SekRecalled *out) {
    SekRecipe *recipe = r->recipe;
    SekStatus status;
    *out = (SekRecalled){.recipe = recipe};
    if (!recipe)
        return SEK_NOT_FOUND;
    recipe->tries++;
    const Answer *answer = find_answer(r);
    if (answer) {
        recipe->found++;
        tell(r, answer, out);
        return SEK_OK;
    }
    r->answer = 0;
    note_missed(r);
    r->keepable = true;
    status = judge(r, group, event, fields);
    if (status == SEK_OK && !r->recipe) { /* another one from now on */
        out->recipe = NULL;
        r->keepable = false;
    }
    return status == SEK_OK ? SEK_NOT_FOUND : status;
}

/* Writes the key's runs; returns what follows. Text without characters above U+00FF, which is nearly all of it, takes
 * half its room. */
static uint8_t *write_runs(const SekRecall *r, uint8_t *at, uint64_t *out_narrow) {
    *out_narrow = 0;
    for (uint32_t i = 0; i < r->recipe->n_runs; i++) {
        uint32_t n = r->runs[i + 1].n;
        if (n >= SEK_NARROW_FROM && n % 2 == 0 && sek_utf16le_low_bytes(r->runs[i + 1].at, n / 2, at)) {
            *out_narrow |= (uint64_t)1 << i;
            at += n / 2;
        } else if (n) {
            memcpy(at, r->runs[i + 1].at, n);
            at += n;
        }
    }
    return at;
}

uint64_t sek_recall_answer(const SekRecall *r) {
    return r->answer;
}

void sek_recall_keep(SekRecall *r, const SekRecalled *known) {
    size_t heads = heads_size(known->recipe), n_variants = (size_t)known->n_sure + known->n_open;
    size_t need = sizeof(Answer) + heads + padded(r->bytes) + padded(n_variants * sizeof *known->sure);
    if (!r->keepable || need > RING_BYTES / 4)
        return;
    r->keepable = false;
    uint64_t place = r->written % RING_BYTES;
    if (place + need > RING_BYTES) { /* does not fit behind: what is left of the ring is passed over */
        r->written += RING_BYTES - place;
        place = 0;
    }
    Answer answer = {.hash = r->hash, .added = r->added, .recipe = known->recipe->serial, .n_sure = known->n_sure,
                     .n_open = known->n_open, .words = known->words};
    uint8_t *start = r->ring + place, *at = start + sizeof answer;
    memcpy(at, r->heads, heads);
    at += heads;
    uint8_t *end = write_runs(r, at, &answer.narrow);
    answer.bytes = (uint32_t)(end - at);
    memcpy(start, &answer, sizeof answer);
    at += padded(answer.bytes);
    if (known->n_sure)
        memcpy(at, known->sure, known->n_sure * sizeof *known->sure);
    at += known->n_sure * sizeof *known->sure;
    if (known->n_open)
        memcpy(at, known->open, known->n_open * sizeof *known->open);
    at += known->n_open * sizeof *known->open;
    uint64_t *slots = slots_of(r), *oldest = slots;
    for (uint32_t i = 1; i < WAYS; i++)
        oldest = slots[i] < *oldest ? &slots[i] : oldest;
    r->answer = *oldest = r->written + 1;
    r->written += padded((size_t)(at - start));
}
