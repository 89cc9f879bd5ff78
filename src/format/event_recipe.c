/* SPDX-License-Identifier: Apache-2.0 */
/* Recipes that are known: by the templates of the record and of the fragment in it (a *pair*), and for each pair by which
 * optional values are NULL and how long its array is (a *variant*). Pairs and variants lie in one arena. */
#include "format/event_recipe.h"

#include "base/grow.h"

#include <stdlib.h>

#define BUCKETS 1024u    /* of pairs; a log of many programs has some hundred */
#define MAX_OPTIONAL 64u /* places of one template that a NULL value removes; Windows' have ten */
#define MAX_VARIANTS 64u /* of a pair; more are drafted each time */
#define PARTS 2u         /* the record, the fragment in it */

#define NO_ARRAY UINT32_MAX

/* What of the values decides. */
typedef struct Key {
    uint64_t empty[PARTS]; /* bit i: the value of the i-th optional place is NULL */
    uint32_t n_items;      /* of the pair's array, up to SEK_TREE_ITEMS; NO_ARRAY: it has none, or the value is none */
} Key;

typedef struct Variant {
    struct Variant *next;
    Key key;
    SekRecipe recipe;
} Variant;

typedef struct Pair {
    struct Pair *next; /* in the bucket */
    uint32_t ids[PARTS];
    uint32_t fragment; /* the slot where the second stands */
    SekRecipeKind kind;
    bool fits; /* no part has too many optional places */
    uint32_t n_optional[PARTS];
    const uint16_t *optional[PARTS]; /* slots */
    uint8_t array_from; /* as of the first tree that had one (SekTree) */
    uint16_t array_slot;
    Variant *variants;
    uint32_t n_variants;
} Pair;

struct SekRecipes {
    SekArena arena;
    SekDraft draft;
    SekPen pen;
    SekValue items[SEK_TREE_ITEMS]; /* of the array of the record in hand */
    Pair *last;
    Pair *buckets[BUCKETS];
};

/* --- drafts ------------------------------------------------------------------------------------- */

/* The number of a value that is not in the table of a fragment. */
static uint32_t keep_value(SekDraft *d, SekValue value) {
    SekStatus status = sek_grow(&d->values, &d->cap_values, d->n_values, sizeof value);
    if (status != SEK_OK) {
        d->failed = status;
        return 0;
    }
    d->values[d->n_values] = value;
    return d->n_values++;
}

void sek_draft_hole(SekDraft *d, const SekTreeNode *node, SekPut put) {
    SekStatus status = sek_grow(&d->holes, &d->cap_holes, d->n_holes, sizeof *d->holes);
    if (status != SEK_OK) {
        d->failed = status;
        return;
    }
    bool apart = node->from == SEK_FROM_ELSE;
    uint32_t end = (uint32_t)d->text.len;
    d->holes[d->n_holes++] = (SekHole){.text = d->tail, .len = end - d->tail, .from = node->from, .put = (uint8_t)put,
                                       .slot = apart ? keep_value(d, node->value) : node->slot,
                                       .in_content = node->in_content && !apart};
    d->tail = end;
}

static void start_draft(SekDraft *d) {
    sek_buf_clear(&d->text);
    d->n_holes = d->n_values = d->tail = 0;
    d->failed = SEK_OK;
}

/* The draft as a recipe that is good until the next. */
static SekRecipe recipe_of(SekDraft *d) {
    SekStatus failed = d->text.failed;
    d->text.failed = SEK_OK;
    if (!sek_buf_reserve(&d->text, SEK_RECIPE_BEHIND) && !failed)
        failed = SEK_ERR_LIMIT;
    d->text.failed = failed;
    return (SekRecipe){d->text.data, d->holes, (uint32_t)d->text.len, d->n_holes, d->tail};
}

/* --- what is known ------------------------------------------------------------------------------ */

/* Those of `bx`; NULL when there is no memory for them. */
static SekRecipes *recipes_of(SekBinxml *bx) {
    if (bx->recipes)
        return bx->recipes;
    SekRecipes *r = bx->recipes = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    sek_arena_init(&r->arena, SEK_RECIPE_BYTES);
    sek_buf_init(&r->draft.text, SEK_RECIPE_TEXT);
    r->pen = (SekPen){sek_put_texts(), &bx->text};
    return r;
}

void sek_recipes_free(SekRecipes *r) {
    if (!r)
        return;
    sek_arena_deinit(&r->arena);
    sek_buf_deinit(&r->draft.text);
    free(r->draft.holes);
    free(r->draft.values);
    free(r);
}

static void forget(SekRecipes *r) {
    sek_arena_reset(&r->arena);
    memset(r->buckets, 0, sizeof r->buckets);
    r->last = NULL;
}

/* The places of a template that a NULL value removes; false when there are too many, or no room. */
static bool find_optional(SekRecipes *r, const SekTemplate *tpl, Pair *pair, unsigned part) {
    uint16_t slots[MAX_OPTIONAL];
    uint32_t n = 0;
    for (uint32_t i = 0; i < tpl->n_nodes; i++) {
        const SekNode *node = &tpl->nodes[i];
        if (node->kind != SEK_NODE_SUBSTITUTION || !node->optional || node->type == SEK_VALUE_BINXML)
            continue;
        uint32_t k = 0;
        while (k < n && slots[k] != node->slot)
            k++;
        if (k == MAX_OPTIONAL)
            return false;
        slots[k] = node->slot;
        n = k == n ? n + 1 : n;
    }
    uint16_t *kept = sek_arena_alloc(&r->arena, (n + 1) * sizeof *kept);
    if (!kept)
        return false;
    memcpy(kept, slots, n * sizeof *kept);
    pair->optional[part] = kept;
    pair->n_optional[part] = n;
    return true;
}

/* What a record is, as far as it decides what is written. */
typedef struct Asked {
    const SekFragment *parts[PARTS]; /* the second may be none */
    uint32_t ids[PARTS];
    uint32_t fragment;
    SekRecipeKind kind;
} Asked;

static bool is_pair(const Pair *pair, const Asked *a) {
    return pair->ids[0] == a->ids[0] && pair->ids[1] == a->ids[1] && pair->fragment == a->fragment && pair->kind == a->kind;
}

static Pair **bucket_of(SekRecipes *r, const Asked *a) {
    uint64_t key = ((uint64_t)a->ids[0] << 32 | a->ids[1]) * SEK_N_RECIPES + a->kind;
    return &r->buckets[(key * 0x9E3779B97F4A7C15u) >> 54];
}
_Static_assert(BUCKETS == 1u << (64 - 54), "the highest bits of a product");

/* NULL when there is no room for one more. */
static Pair *find_pair(SekRecipes *r, const Asked *a) {
    if (r->last && is_pair(r->last, a))
        return r->last;
    Pair **bucket = bucket_of(r, a), *pair = *bucket;
    while (pair && !is_pair(pair, a))
        pair = pair->next;
    if (!pair) {
        pair = SEK_ARENA_NEW(&r->arena, Pair);
        if (!pair)
            return NULL;
        *pair = (Pair){.next = *bucket, .ids = {a->ids[0], a->ids[1]}, .fragment = a->fragment, .kind = a->kind};
        pair->fits = find_optional(r, a->parts[0]->tpl, pair, 0) &&
                     (!a->parts[1] || find_optional(r, a->parts[1]->tpl, pair, 1));
        *bucket = pair;
    }
    if (r->arena.refused) /* what could not be found out must not be believed */
        return NULL;
    r->last = pair;
    return pair;
}

static uint64_t empty_places(const Pair *pair, unsigned part, const SekFragment *f) {
    uint64_t empty = 0;
    for (uint32_t i = 0; i < pair->n_optional[part]; i++)
        empty |= (uint64_t)(sek_fragment_value(f, pair->optional[part][i]).type == SEK_VALUE_NULL) << i;
    return empty;
}

/* The items of a value, as far as there is room for them, into `r->items`; NO_ARRAY when it is none. */
static uint32_t take_items(SekRecipes *r, uint8_t from, uint16_t slot, const SekFragment *const parts[PARTS]) {
    const SekFragment *f = from == SEK_FROM_OUTER ? parts[0] : from == SEK_FROM_INNER ? parts[1] : NULL;
    SekValue value = f ? sek_fragment_value(f, slot) : (SekValue){0};
    if (!sek_value_is_array(value))
        return NO_ARRAY;
    uint32_t n = 0;
    for (uint32_t at = 0; n < SEK_TREE_ITEMS && sek_value_next(value, &at, &r->items[n]) == SEK_OK;)
        n++;
    return n;
}

static Key key_of(SekRecipes *r, const Pair *pair, const Asked *a) {
    Key key = {.n_items = NO_ARRAY};
    for (unsigned part = 0; part < PARTS && a->parts[part]; part++)
        key.empty[part] = empty_places(pair, part, a->parts[part]);
    if (pair->array_from)
        key.n_items = take_items(r, pair->array_from, pair->array_slot, a->parts);
    return key;
}

static Variant *find_variant(const Pair *pair, const Key *key) {
    Variant *v = pair->variants;
    while (v && (v->key.empty[0] != key->empty[0] || v->key.empty[1] != key->empty[1] || v->key.n_items != key->n_items))
        v = v->next;
    return v;
}

/* --- records ------------------------------------------------------------------------------------ */

/* The parts of a record that recipes can be kept for: templates that stay, no more than one fragment. */
static bool ask(SekBinxml *bx, const SekFragment *record, SekRecipeKind kind, Asked *out) {
    bool looked = record->types || record->n_values == 0;
    if (!record->tpl->id || !looked || record->n_fragments > 1)
        return false;
    *out = (Asked){.parts = {record, NULL}, .ids = {record->tpl->id, 0}, .fragment = SEK_BINXML_NO_VALUE, .kind = kind};
    if (record->n_fragments == 0)
        return true;
    SekValue value = sek_fragment_value(record, record->fragment);
    const SekFragment *inner;
    if (value.type != SEK_VALUE_BINXML || sek_binxml_nested_kept(bx, value, &inner, NULL) != SEK_OK)
        return false;
    out->parts[1] = inner;
    out->ids[1] = inner->tpl->id;
    out->fragment = record->fragment;
    return out->ids[1] && inner->n_fragments == 0 && (inner->types || inner->n_values == 0);
}

static SekFilling filling(const SekRecipes *r, const SekFragment *outer, const SekFragment *inner, uint32_t n_items) {
    SekFilling with = {.values = {[SEK_FROM_OUTER] = outer->values}, .n = {[SEK_FROM_OUTER] = outer->n_values}};
    if (inner) {
        with.values[SEK_FROM_INNER] = inner->values;
        with.n[SEK_FROM_INNER] = inner->n_values;
    }
    with.values[SEK_FROM_ITEM] = r->items;
    with.n[SEK_FROM_ITEM] = n_items == NO_ARRAY ? 0 : n_items;
    return with;
}

/* A variant of the pair: the recipe for good; what cannot be kept is drafted again. */
static void keep(SekRecipes *r, Pair *pair, const Key *key, const SekRecipe *recipe) {
    if (pair->n_variants == MAX_VARIANTS)
        return;
    Variant *v = SEK_ARENA_NEW(&r->arena, Variant);
    char *text = sek_arena_alloc(&r->arena, recipe->len + SEK_RECIPE_BEHIND);
    SekHole *holes = sek_arena_alloc(&r->arena, (recipe->n_holes + 1) * sizeof *holes);
    if (!v || !text || !holes) {
        forget(r); /* all of it: what is asked for now is what will be */
        return;
    }
    memcpy(text, recipe->text, recipe->len);
    memset(text + recipe->len, 0, SEK_RECIPE_BEHIND);
    if (recipe->n_holes)
        memcpy(holes, recipe->holes, recipe->n_holes * sizeof *holes);
    *v = (Variant){.next = pair->variants, .key = *key, .recipe = *recipe};
    v->recipe.text = text;
    v->recipe.holes = holes;
    pair->variants = v;
    pair->n_variants++;
}

static SekStatus draft(SekBinxml *bx, const SekFragment *record, SekRecipeKind kind, SekTree *tree, SekError *err) {
    static const SekDrafter drafters[SEK_N_RECIPES] = {sek_draft_json, sek_draft_xml};
    SekDraft *d = &bx->recipes->draft;
    SekStatus status = sek_event_tree(bx, record, tree, err);
    start_draft(d);
    if (status != SEK_ERR_MEMORY)
        drafters[kind](bx, tree, d);
    return d->failed ? d->failed : d->text.failed == SEK_ERR_MEMORY ? SEK_ERR_MEMORY : status;
}

/* Keeps the draft if it may be. The first array of a pair is the one that its recipes know. */
static void keep_draft(SekRecipes *r, Pair *pair, Key key, const SekTree *tree, uint32_t n_items, const SekRecipe *recipe) {
    if (!tree->steady || r->draft.text.failed || (tree->array_from && n_items == SEK_TREE_ITEMS))
        return;
    if (tree->array_from && !pair->array_from) {
        pair->array_from = tree->array_from;
        pair->array_slot = tree->array_slot;
        key.n_items = n_items;
    }
    if (!tree->array_from || (pair->array_from == tree->array_from && pair->array_slot == tree->array_slot))
        keep(r, pair, &key, recipe);
}

/* Drafts the record and fills the draft, which is kept if it may be: not without a pair. */
static SekStatus write_anew(SekBinxml *bx, const SekFragment *record, SekRecipeKind kind, Pair *pair, Key key, SekBuf *out,
                            SekError *err) {
    SekRecipes *r = bx->recipes;
    SekTree tree;
    SekStatus status = draft(bx, record, kind, &tree, err);
    if (status == SEK_ERR_MEMORY)
        return status;
    SekRecipe recipe = recipe_of(&r->draft);
    const SekFragment *inner = tree.inner.tpl ? &tree.inner : NULL, *const parts[PARTS] = {record, inner};
    uint32_t n_items = take_items(r, tree.array_from, tree.array_slot, parts);
    SekFilling with = filling(r, record, inner, n_items);
    with.values[SEK_FROM_ELSE] = r->draft.values;
    with.n[SEK_FROM_ELSE] = r->draft.n_values;
    if (recipe.text)
        (void)sek_recipe_fill(&r->pen, &recipe, &with, out); /* holes of a draft suit its values */
    if (r->draft.text.failed)
        out->failed = r->draft.text.failed;
    if (pair)
        keep_draft(r, pair, key, &tree, n_items, &recipe);
    if (out->failed)
        return sek_fail(err, out->failed, "no room for the text of a record");
    return status;
}

/* False when the record has to be drafted all the same, with nothing appended: a value is none that the recipe was made
 * for, or may not have been reached as there was no room. */
static bool fill_kept(const SekRecipes *r, const Variant *v, const SekFilling *with, SekBuf *out) {
    size_t start = out->len;
    if (out->failed)
        return false;
    bool filled = sek_recipe_fill(&r->pen, &v->recipe, with, out) && !out->failed;
    if (!filled)
        out->len = start;
    out->failed = SEK_OK;
    return filled;
}

SekStatus sek_recipe_write_anew(SekBinxml *bx, const SekFragment *record, SekRecipeKind kind, SekBuf *out, SekError *err) {
    return recipes_of(bx) ? write_anew(bx, record, kind, NULL, (Key){0}, out, err) : SEK_ERR_MEMORY;
}

SekStatus sek_recipe_write(SekBinxml *bx, const SekFragment *record, SekRecipeKind kind, SekBuf *out, SekError *err) {
    SekRecipes *r = recipes_of(bx);
    if (!r)
        return SEK_ERR_MEMORY;
    Asked asked;
    Pair *pair = NULL;
    Key key = {0};
    if (ask(bx, record, kind, &asked)) {
        pair = find_pair(r, &asked);
        if (!pair)
            forget(r);
        pair = pair && pair->fits ? pair : NULL;
    }
    if (pair) {
        key = key_of(r, pair, &asked);
        const Variant *v = find_variant(pair, &key);
        SekFilling with = filling(r, record, asked.parts[1], key.n_items);
        if (v && fill_kept(r, v, &with, out))
            return SEK_OK;
        pair = v ? NULL : pair;
    }
    return write_anew(bx, record, kind, pair, key, out, err);
}
