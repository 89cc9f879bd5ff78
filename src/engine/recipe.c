/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/recipe.h"

#include "engine/split.h"

#include <stdlib.h>

/* A recipe that is being worked out. */
typedef struct Draft {
    const SekGroup *group;
    const SekEvent *event;
    SekRecipe head; /* with no memory of its own */
    SekSlotAt places[SEK_RECIPE_PLACES];
    SekSlotRun runs[SEK_RECIPE_PLACES];
    SekRestRun rest[SEK_RECIPE_PLACES + 5];
    bool unsteady; /* the field that is being looked at */
} Draft;

static bool same_place(SekSlotAt a, SekSlotAt b) {
    return a.part == b.part && a.slot == b.slot;
}

static bool add_place(void *user, const SekField *field) {
    Draft *d = user;
    SekSlotAt place = {field->part, field->slot};
    if (field->part == SEK_PART_ADDED) /* goes by its number */
        return true;
    if (d->unsteady)
        return false;
    for (uint32_t i = 0; i < d->head.n_dropped; i++)
        if (same_place(d->head.dropped[i], place))
            return false;
    for (uint32_t i = 0; i < d->head.n_places; i++)
        if (same_place(d->places[i], place))
            return true;
    if (d->head.n_places == SEK_RECIPE_PLACES)
        return false;
    d->places[d->head.n_places++] = place;
    return true;
}

static int by_place(const void *a, const void *b) {
    const SekSlotAt *x = a, *y = b;
    return x->part != y->part ? x->part - y->part : x->slot - y->slot;
}

/* Text can be kept by half its bytes, so it is no neighbour of what is not text. */
static bool is_text(const SekEvent *event, SekSlotAt place) {
    return place.slot < event->n_values[place.part] && event->values[place.part][place.slot].type == SEK_VALUE_STRING;
}

/* True when the value at `place` lies right behind the one before it: in a table of values all do. */
static bool follows(const SekEvent *event, SekSlotAt place) {
    if (event->types == 0 || place.slot >= event->n_values[place.part])
        return false;
    const SekValue *value = &event->values[place.part][place.slot];
    return value[-1].ptr + value[-1].len == value->ptr;
}

static void make_runs(Draft *d) {
    for (uint32_t i = 0; i < d->head.n_places; i++) {
        SekSlotAt place = d->places[i];
        SekSlotRun *last = d->head.n_runs ? &d->runs[d->head.n_runs - 1] : NULL;
        if (last && last->part == place.part && last->first + last->n == place.slot && follows(d->event, place) &&
            is_text(d->event, place) == is_text(d->event, d->places[i - 1]))
            last->n++;
        else
            d->runs[d->head.n_runs++] = (SekSlotRun){place.part, place.slot, 1};
    }
}

static bool holds_inner(const SekEvent *event, uint32_t slot) {
    const SekValue *inner = event->values[1], outer = event->values[0][slot];
    uint32_t n = event->n_values[1];
    return n > 0 && inner[0].ptr >= outer.ptr && inner[n - 1].ptr + inner[n - 1].len <= outer.ptr + outer.len;
}

static bool is_place(const Draft *d, SekSlotAt place) {
    for (uint32_t i = 0; i < d->head.n_places; i++)
        if (same_place(d->places[i], place))
            return true;
    return false;
}

#define GAP 128 /* bytes of a place that are sooner looked at once more than passed over */
#define NAME 24 /* bytes around a value of text: its name and its quotes */

/* Bytes between the values of a part from `end` on and before `next`. */
static size_t gap_between(const SekEvent *event, unsigned part, uint32_t end, uint32_t next) {
    const SekValue *values = event->values[part];
    size_t n = 0;
    if (event->types)
        return (size_t)(values[next].ptr - values[end].ptr);
    for (uint32_t i = end; i < next; i++)
        n += values[i].len + NAME;
    return n;
}

/* The bits of `n` slots; 0 when some have none. */
static uint64_t slot_bits(uint32_t first, uint32_t n) {
    return first + n > 64 ? 0 : (n < 64 ? ((uint64_t)1 << n) - 1 : UINT64_MAX) << first;
}

static void add_rest(Draft *d, SekSlotRun run) {
    SekRestRun *last = d->head.n_rest ? &d->rest[d->head.n_rest - 1] : NULL;
    uint64_t slots = slot_bits(run.first, run.n);
    uint32_t end = last && last->part == run.part ? last->first + last->n : UINT32_MAX;
    bool nested = run.part == 0 && d->head.nested >= end && d->head.nested < run.first;
    if (end != UINT32_MAX && !nested && gap_between(d->event, run.part, end, run.first) <= GAP) {
        last->n = (uint16_t)(run.first + run.n - last->first);
        last->slots = slots ? last->slots | slots : 0;
    } else {
        d->rest[d->head.n_rest++] = (SekRestRun){slots, run.part, run.first, run.n};
    }
}

/* True when the route answers for the value: it is compared with that of which the answer is known. */
static bool is_routed(const SekEvent *event, SekSlotAt place) {
    static const SekSystemField routed[] = {SEK_SYSTEM_CHANNEL, SEK_SYSTEM_PROVIDER};
    bool is = false;
    for (unsigned i = 0; i < 2; i++) {
        SekSystemSlot at = event->shape->slots[routed[i]];
        is = is || (at.known && same_place((SekSlotAt){at.part, at.slot}, place));
    }
    return is;
}

/* True for what is no place, and need not be looked at for another reason. */
static bool is_rest(const Draft *d, SekSlotAt place) {
    return !is_place(d, place) && !is_routed(d->event, place) && (place.part || place.slot != d->head.nested);
}

/* What lies between the places, and around the value that holds the inner ones. */
static void make_rest(Draft *d) {
    const SekEvent *event = d->event;
    d->head.nested = UINT32_MAX;
    if (event->types == 0 && !event->text)
        return;
    for (uint32_t i = 0; i < event->n_values[0]; i++)
        if (holds_inner(event, i))
            d->head.nested = i;
    for (uint8_t part = 0; part < 2; part++) {
        uint32_t first = 0, n = d->head.n_values[part] = event->n_values[part];
        for (uint32_t i = 0; i <= n; i++) {
            if (i < n && is_rest(d, (SekSlotAt){part, (uint16_t)i}))
                continue;
            if (first < i)
                add_rest(d, (SekSlotRun){part, (uint16_t)first, (uint16_t)(i - first)});
            first = i + 1;
        }
    }
}

bool sek_recipe_fits(const SekRecipe *recipe, const SekEvent *event) {
    bool known = event->types || (event->text && event->text->known && event->text->known <= event->n_values[0]);
    return known && event->n_values[0] == recipe->n_values[0] && event->n_values[1] == recipe->n_values[1] &&
           (event->n_values[1] == 0 || (recipe->nested < event->n_values[0] && holds_inner(event, recipe->nested)));
}

/* One block: the recipe and all that it points to, what needs the widest alignment first. */
static SekRecipe *take_room(const Draft *d) {
    const SekRecipe *head = &d->head;
    size_t need = sizeof *head + head->n_rest * sizeof(SekRestRun) + (head->n_words + head->n_places) * sizeof(uint64_t) + d->group->search.n_fields * sizeof(uint32_t) +
                  head->n_places * sizeof(SekSlotAt) + head->n_runs * sizeof(SekSlotRun);
    SekRecipe *recipe = calloc(1, need);
    if (!recipe)
        return NULL;
    *recipe = *head;
    recipe->rest = (SekRestRun *)(void *)(recipe + 1);
    recipe->keyed = (uint64_t *)(void *)(recipe->rest + head->n_rest);
    recipe->seen = recipe->keyed + head->n_words;
    recipe->open = (uint32_t *)(void *)(recipe->seen + head->n_places);
    recipe->places = (SekSlotAt *)(void *)(recipe->open + d->group->search.n_fields);
    recipe->runs = (SekSlotRun *)(void *)(recipe->places + head->n_places);
    memcpy(recipe->places, d->places, head->n_places * sizeof *recipe->places);
    memcpy(recipe->runs, d->runs, head->n_runs * sizeof *recipe->runs);
    memcpy(recipe->rest, d->rest, head->n_rest * sizeof *recipe->rest);
    return recipe;
}

/* Adds the places of the fields that can be keyed, and says of each asked field whether it is. */
static SekStatus choose_places(Draft *d, SekFields *fields, bool *keyed) {
    for (uint32_t i = 0; i < d->group->n_asked; i++) {
        uint32_t before = d->head.n_places;
        d->unsteady = d->group->asked[i].unsteady;
        SekStatus status = sek_fields_sources(fields, d->group->asked[i].field, add_place, d);
        if (status == SEK_ERR_MEMORY)
            return status;
        keyed[i] = status == SEK_OK;
        if (status != SEK_OK)
            d->head.n_places = before;
    }
    qsort(d->places, d->head.n_places, sizeof *d->places, by_place);
    return SEK_OK;
}

void sek_recipe_free(SekRecipe *recipe) {
    if (!recipe)
        return;
    sek_split_free(recipe->split);
    free(recipe);
}

SekStatus sek_recipe_make(const SekGroup *group, const SekEvent *event, SekFields *fields, SekRecipe **recipe) {
    Draft d = {.group = group, .event = event, .head = {.group = group->serial}};
    d.head.n_words = group->n_asked ? (group->asked[group->n_asked - 1].field >> 6) + 1 : 0;
    d.head.next = *recipe ? (*recipe)->next : NULL;
    if (*recipe && (*recipe)->group == group->serial) {
        d.head.n_dropped = (*recipe)->n_dropped;
        memcpy(d.head.dropped, (*recipe)->dropped, sizeof d.head.dropped);
    }
    bool *keyed = calloc((size_t)group->n_asked + 1, sizeof *keyed);
    SekStatus status = keyed ? choose_places(&d, fields, keyed) : SEK_ERR_MEMORY;
    SekRecipe *made = NULL;
    if (status == SEK_OK) {
        make_runs(&d);
        make_rest(&d);
        made = take_room(&d);
    }
    for (uint32_t i = 0; made && i < group->n_asked; i++)
        if (keyed[i])
            made->keyed[group->asked[i].field >> 6] |= (uint64_t)1 << (group->asked[i].field & 63);
    for (uint32_t i = 0; made && i < group->search.n_fields; i++)
        if (group->search.fields[i].field != SEK_FIELD_ID_KEYWORDS && !sek_recipe_keyed(made, group->search.fields[i].field))
            made->open[made->n_open++] = i;
    free(keyed);
    if (!made)
        return SEK_ERR_MEMORY;
    sek_recipe_free(*recipe);
    *recipe = made;
    return SEK_OK;
}
