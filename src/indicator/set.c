/* SPDX-License-Identifier: Apache-2.0 */

/* The set of indicators: each once, with where it was seen, and the marks that only the neighbourhood
 * gives (one URL of a list). All its text lies in one arena; when that or the number of indicators is
 * used up, further new ones are counted and not entered, and those that are there still count. */
#include "indicator/indicator.h"
#include "base/grow.h"

#include "indicator/finder.h"

#include <stdlib.h>

#define ARENA_DEFAULT ((size_t)256 << 20)
#define LIST_MIN 3u  /* URLs in a row that make a list */
#define LIST_GAP 16u /* bytes between two of them */
#define LIST_JUNK 4u /* letters and digits among those */

typedef struct Adding {
    SekIndicatorSet *set;
    SekStr text;
    const SekIndicatorPlace *where;
    SekStr source, field; /* copies of the place's, made when the first hit is kept */
    bool copied;
    SekBuf key;
    SekIndicator *list[LIST_MIN]; /* the first URLs of the row, and how many there are by now */
    uint32_t n_list;
    size_t list_end; /* of its last URL */
    SekIndicator *list_hosts[LIST_MIN];
    bool host_follows;
} Adding;

void sek_indicators_init(SekIndicatorSet *set, size_t arena_limit) {
    *set = (SekIndicatorSet){0};
    sek_arena_init(&set->arena, arena_limit ? arena_limit : ARENA_DEFAULT);
    sek_strmap_init(&set->map, false);
}

void sek_indicators_deinit(SekIndicatorSet *set) {
    sek_arena_deinit(&set->arena);
    sek_strmap_deinit(&set->map);
    free(set->items);
    *set = (SekIndicatorSet){0};
}

/* What makes two hits the same: the kind and the value, whose case counts in URLs only. */
static SekStr key_of(Adding *a, const SekIndicatorHit *hit) {
    sek_buf_clear(&a->key);
    sek_buf_addc(&a->key, (char)('a' + hit->kind));
    for (size_t i = 0; i < hit->value.len; i++)
        sek_buf_addc(&a->key, hit->kind == SEK_INDICATOR_URL ? hit->value.ptr[i] : sek_ascii_lower(hit->value.ptr[i]));
    return sek_buf_str(&a->key);
}

static SekStatus grow(SekIndicatorSet *set) {
    return sek_grow(&set->items, &set->cap, set->n_items, sizeof *set->items);
}

/* A new entry, or NULL in `out` when the set is full. */
static SekStatus enter(Adding *a, const SekIndicatorHit *hit, SekIndicator **out) {
    SekIndicatorSet *set = a->set;
    *out = NULL;
    SekStr written = sek_str_n(a->text.ptr + hit->off, hit->len);
    SekIndicator *item = set->n_items < SEK_INDICATORS_MAX ? SEK_ARENA_NEW(&set->arena, SekIndicator) : NULL;
    SekStr key = item ? sek_arena_dup(&set->arena, sek_buf_str(&a->key)) : (SekStr){NULL, 0};
    if (key.ptr)
        item->value = sek_arena_dup(&set->arena, hit->value);
    if (key.ptr && item->value.ptr && !sek_str_eq(written, hit->value))
        item->written = sek_arena_dup(&set->arena, written);
    if (!item || !key.ptr || !item->value.ptr) {
        set->n_lost++;
        return set->n_items < SEK_INDICATORS_MAX && !set->arena.refused ? SEK_ERR_MEMORY : SEK_OK;
    }
    item->kind = hit->kind;
    SekStatus status = grow(set);
    if (status == SEK_OK)
        status = sek_strmap_set(&set->map, key, set->n_items);
    if (status != SEK_OK)
        return status;
    set->items[set->n_items++] = item;
    *out = item;
    return SEK_OK;
}

/* Copies the names of the place once; a set that is full keeps places without them. */
static void copy_names(Adding *a) {
    if (a->copied)
        return;
    a->copied = true;
    if (a->where->source.len)
        a->source = sek_arena_dup(&a->set->arena, a->where->source);
    if (a->where->field.len)
        a->field = sek_arena_dup(&a->set->arena, a->where->field);
}

static void see(Adding *a, const SekIndicatorHit *hit, SekIndicator *item) {
    item->marks |= hit->marks;
    item->n_seen++;
    if (item->n_places == SEK_INDICATOR_PLACES)
        return;
    SekIndicatorPlace *place = &item->places[item->n_places++];
    copy_names(a);
    *place = (SekIndicatorPlace){.source = a->source, .field = a->field, .layer = a->where->layer,
                                 .len = (uint32_t)hit->len, .off = hit->off};
}

/* --- lists --- */

static bool is_near(const Adding *a, const SekIndicatorHit *hit) {
    if (hit->off < a->list_end || hit->off - a->list_end > LIST_GAP)
        return false;
    unsigned junk = 0;
    for (size_t i = a->list_end; i < hit->off; i++)
        junk += sek_is_alnum(a->text.ptr[i]);
    return junk <= LIST_JUNK;
}

static SekStr host_of(SekStr url) {
    ptrdiff_t colon = sek_str_find(url, SEK_STR("://"));
    size_t start = colon < 0 ? 0 : (size_t)colon + 3, end = start;
    while (end < url.len && !sek_one_of(url.ptr[end], "/?#"))
        end++;
    return sek_str_n(url.ptr + start, end - start);
}

static void mark_list(Adding *a, SekIndicator *url) {
    if (a->n_list > 0 && sek_str_eq(host_of(url->value), host_of(a->list[(a->n_list - 1) % LIST_MIN]->value)))
        return; /* pages of one site are no list */
    a->list[a->n_list % LIST_MIN] = url;
    a->list_hosts[a->n_list % LIST_MIN] = NULL;
    a->n_list++;
    for (uint32_t i = 0; i < LIST_MIN && a->n_list >= LIST_MIN; i++) {
        a->list[i]->marks |= SEK_MARK_LIST;
        if (a->list_hosts[i])
            a->list_hosts[i]->marks |= SEK_MARK_PAYLOAD_HOST;
    }
}

/* Follows the row of URLs; `item` is NULL for what the set could not take. */
static void follow(Adding *a, const SekIndicatorHit *hit, SekIndicator *item) {
    if (hit->kind == SEK_INDICATOR_URL) {
        if (!is_near(a, hit))
            a->n_list = 0;
        a->host_follows = item != NULL && !(hit->marks & SEK_MARK_NAMESPACE);
        if (a->host_follows)
            mark_list(a, item);
        a->list_end = hit->off + hit->len;
        return;
    }
    if (!a->host_follows || (hit->kind != SEK_INDICATOR_HOST && hit->kind != SEK_INDICATOR_ADDRESS) || a->n_list == 0)
        return;
    a->host_follows = false;
    a->list_hosts[(a->n_list - 1) % LIST_MIN] = item;
    if (item && a->n_list >= LIST_MIN)
        item->marks |= SEK_MARK_PAYLOAD_HOST;
}

static SekStatus visit(void *user, const SekIndicatorHit *hit) {
    Adding *a = user;
    SekStr key = key_of(a, hit);
    uint32_t index;
    SekIndicator *item = NULL;
    if (a->key.failed)
        return a->key.failed == SEK_ERR_MEMORY ? SEK_ERR_MEMORY : SEK_OK;
    SekStatus status = SEK_OK;
    if (sek_strmap_get(&a->set->map, key, &index) == SEK_OK)
        item = a->set->items[index];
    else
        status = enter(a, hit, &item);
    if (status != SEK_OK)
        return status;
    if (item)
        see(a, hit, item);
    follow(a, hit, item);
    return SEK_OK;
}

static bool names_version(SekStr field) {
    for (size_t i = 0; i + 7 <= field.len; i++)
        if (sek_word_at(field, i, "version"))
            return true;
    return false;
}

SekStatus sek_indicators_add(SekIndicatorSet *set, SekStr text, const SekIndicatorPlace *where) {
    Adding a = {.set = set, .text = text, .where = where};
    sek_buf_init(&a.key, 8 * SEK_URL_MAX);
    SekStatus status = sek_indicators_find(text, names_version(where->field), visit, &a);
    sek_buf_deinit(&a.key);
    return status;
}

/* --- order --- */

SekIndicator *const *sek_indicators_sorted(SekIndicatorSet *set) {
    SekIndicator **sorted = sek_arena_alloc(&set->arena, (set->n_items + 1) * sizeof *sorted);
    uint32_t n = 0;
    for (int kind = 0; sorted && kind < SEK_N_INDICATOR_KINDS; kind++)
        for (uint32_t i = 0; i < set->n_items; i++)
            if (set->items[i]->kind == (SekIndicatorKind)kind)
                sorted[n++] = set->items[i];
    return sorted;
}
