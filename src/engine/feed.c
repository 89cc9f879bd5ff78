/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/feed.h"

#include "rule/number.h"

#include <stdlib.h>

#define KEY_MAX (1u << 20)
#define MISSING '-'

void sek_feed_init(SekFeed *feed, _Atomic uint64_t *budget) {
    *feed = (SekFeed){.budget = budget};
    sek_arena_init(&feed->arena, 0);
    sek_strmap_init(&feed->numbers, false);
    sek_buf_init(&feed->key, KEY_MAX);
}

void sek_feed_deinit(SekFeed *feed) {
    sek_arena_deinit(&feed->arena);
    sek_strmap_deinit(&feed->numbers);
    sek_buf_deinit(&feed->key);
    free(feed->texts);
    free(feed->events);
    free(feed->refs);
    *feed = (SekFeed){0};
}

static bool take(SekFeed *feed, uint64_t bytes) {
    if (!feed->budget)
        return true;
    if (atomic_fetch_add(feed->budget, bytes) + bytes <= SEK_FEED_BYTES)
        return true;
    atomic_fetch_sub(feed->budget, bytes);
    return false;
}

static SekStatus make_room(void **array, uint32_t n, uint32_t *cap, size_t size) {
    if (n < *cap)
        return SEK_OK;
    uint32_t wanted = *cap ? *cap + *cap / 2 : 256;
    void *grown = wanted > *cap ? realloc(*array, wanted * size) : NULL;
    if (!grown)
        return SEK_ERR_MEMORY;
    *array = grown;
    *cap = wanted;
    return SEK_OK;
}

SekStatus sek_feed_text(SekFeed *feed, SekStr text, uint32_t *out) {
    if (sek_strmap_get(&feed->numbers, text, out) == SEK_OK)
        return SEK_OK;
    if (!take(feed, text.len + sizeof(SekStr) + sizeof(SekStrMapSlot) * 2))
        return SEK_ERR_LIMIT;
    SekStr kept = sek_arena_dup(&feed->arena, text);
    uint32_t number = feed->n_texts;
    if (!kept.ptr || make_room((void **)&feed->texts, number, &feed->cap_texts, sizeof *feed->texts) != SEK_OK)
        return SEK_ERR_MEMORY;
    feed->texts[feed->n_texts++] = kept;
    *out = number;
    return sek_strmap_set(&feed->numbers, kept, number);
}

SekStatus sek_feed_event(SekFeed *feed, const SekFeedEvent *event, uint32_t *out) {
    if (!take(feed, sizeof *event))
        return SEK_ERR_LIMIT;
    if (make_room((void **)&feed->events, feed->n_events, &feed->cap_events, sizeof *event) != SEK_OK)
        return SEK_ERR_MEMORY;
    *out = feed->n_events;
    feed->events[feed->n_events++] = *event;
    return SEK_OK;
}

SekStatus sek_feed_ref(SekFeed *feed, const SekFeedRef *ref) {
    if (!take(feed, sizeof *ref))
        return SEK_ERR_LIMIT;
    if (make_room((void **)&feed->refs, feed->n_refs, &feed->cap_refs, sizeof *ref) != SEK_OK)
        return SEK_ERR_MEMORY;
    feed->refs[feed->n_refs++] = *ref;
    return SEK_OK;
}

void sek_group_begin(SekBuf *key, uint32_t correlation) {
    sek_buf_clear(key);
    sek_buf_addf(key, "%u|", correlation);
}

void sek_group_add(SekBuf *key, const SekStr *value) {
    if (!value) {
        sek_buf_addc(key, MISSING);
        sek_buf_addc(key, ':');
        return;
    }
    sek_buf_addf(key, "%zu:", value->len);
    sek_buf_add_str(key, *value);
}

SekStatus sek_group_value(SekStr group, uint32_t i, SekStr *out) {
    ptrdiff_t bar = sek_str_find(group, SEK_STR("|"));
    size_t at = (size_t)(bar + 1);
    for (;; i--) {
        bool missing = at < group.len && group.ptr[at] == MISSING;
        size_t len = 0;
        for (; at < group.len && group.ptr[at] != ':'; at++)
            len = missing ? 0 : len * 10 + (size_t)(group.ptr[at] - '0');
        at++;
        if (at > group.len || len > group.len - at)
            return SEK_NOT_FOUND;
        if (i == 0) {
            *out = sek_str_n(group.ptr + at, len);
            return missing ? SEK_NOT_FOUND : SEK_OK;
        }
        at += len;
    }
}

/* The first value of a field; NULL when the event has none. */
static SekStatus first_value(SekFields *fields, uint32_t id, const SekStr **out) {
    SekText *texts;
    uint32_t n;
    SekStatus status = sek_fields_get(fields, id, &texts, &n);
    *out = NULL;
    if (status != SEK_OK || n == 0)
        return status;
    *out = &texts[0].raw;
    return sek_fields_raw(fields, &texts[0]).ptr ? SEK_OK : SEK_ERR_MEMORY;
}

bool sek_feed_number(SekStr text, double *out) {
    SekNumber number;
    if (!sek_number_parse(sek_str_trim(text), &number))
        return false;
    *out = number.real;
    return true;
}

/* The value that the correlation counts; SEK_NOT_FOUND when the event has none, and so does not count. */
static SekStatus tap_value(SekFeed *feed, const SekCorrelation *c, const SekTap *tap, SekFields *fields,
                           SekFeedRef *ref) {
    if (c->n_fields == 0)
        return SEK_OK;
    const SekStr *value;
    if (c->type != SEK_CORR_VALUE_COUNT) {
        SekStatus status = first_value(fields, tap->value_fields[0], &value);
        if (status != SEK_OK)
            return status;
        return value && sek_feed_number(*value, &ref->value.number) ? SEK_OK : SEK_NOT_FOUND;
    }
    sek_group_begin(&feed->key, UINT32_MAX);
    for (uint32_t i = 0; i < c->n_fields; i++) {
        SekStatus status = first_value(fields, tap->value_fields[i], &value);
        if (status != SEK_OK || !value)
            return status != SEK_OK ? status : SEK_NOT_FOUND;
        sek_group_add(&feed->key, value);
    }
    return sek_feed_text(feed, sek_buf_str(&feed->key), &ref->value.text);
}

static SekStatus tap_group(SekFeed *feed, const SekCorrelation *c, const SekTap *tap, SekFields *fields,
                           uint32_t *out) {
    sek_group_begin(&feed->key, tap->correlation);
    for (uint32_t i = 0; i < c->n_group_by; i++) {
        const SekStr *value;
        SekStatus status = first_value(fields, tap->group_fields[i], &value);
        if (status != SEK_OK)
            return status;
        sek_group_add(&feed->key, value);
    }
    return sek_feed_text(feed, sek_buf_str(&feed->key), out);
}

/* Adds one reference; the event itself is added with its first. */
static SekStatus feed_tap(SekFeed *feed, const SekRuleset *rules, const SekTap *tap, SekFields *fields,
                          SekFeedEvent *event, uint32_t *number) {
    const SekCorrelation *c = rules->correlations[tap->correlation].what;
    SekFeedRef ref = {.correlation = (uint16_t)tap->correlation, .reference = (uint16_t)tap->reference};
    SekStatus status = tap_value(feed, c, tap, fields, &ref);
    if (status == SEK_NOT_FOUND)
        return SEK_OK;
    if (status == SEK_OK)
        status = tap_group(feed, c, tap, fields, &ref.group);
    if (status == SEK_OK && *number == UINT32_MAX)
        status = sek_feed_event(feed, event, number);
    ref.event = *number;
    return status == SEK_OK ? sek_feed_ref(feed, &ref) : status;
}

SekStatus sek_feed_variant(SekFeed *feed, const SekRuleset *rules, const SekVariant *variant, SekFields *fields,
                           SekFeedEvent event) {
    uint32_t number = UINT32_MAX;
    for (uint32_t i = 0; i < variant->n_taps; i++) {
        SekStatus status =
            feed_tap(feed, rules, &rules->taps[variant->first_tap + i], fields, &event, &number);
        if (status == SEK_ERR_LIMIT)
            feed->dropped++;
        else if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

/* Renumbers a worker's texts for the joint feed. */
static SekStatus renumber(SekFeed *to, const SekFeed *from, uint32_t **out) {
    uint32_t *numbers = malloc(((size_t)from->n_texts + 1) * sizeof *numbers);
    if (!numbers)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < from->n_texts; i++)
        if (sek_feed_text(to, from->texts[i], &numbers[i]) != SEK_OK) {
            free(numbers);
            return SEK_ERR_MEMORY;
        }
    *out = numbers;
    return SEK_OK;
}

static SekStatus move_events(SekFeed *to, const SekFeed *from, const uint32_t *numbers) {
    SekStatus status = SEK_OK;
    uint32_t number;
    for (uint32_t i = 0; i < from->n_events && status == SEK_OK; i++) {
        SekFeedEvent event = from->events[i];
        event.computer = numbers[event.computer];
        event.channel = numbers[event.channel];
        status = sek_feed_event(to, &event, &number);
    }
    return status;
}

SekStatus sek_feed_join(SekFeed *to, SekFeed *from, const SekRuleset *rules) {
    uint32_t *numbers;
    SekStatus status = renumber(to, from, &numbers);
    if (status != SEK_OK)
        return status;
    uint32_t base = to->n_events;
    status = move_events(to, from, numbers);
    free(from->events);
    from->events = NULL;
    for (uint32_t i = 0; i < from->n_refs && status == SEK_OK; i++) {
        SekFeedRef ref = from->refs[i];
        ref.event += base;
        ref.group = numbers[ref.group];
        if (rules->correlations[ref.correlation].what->type == SEK_CORR_VALUE_COUNT)
            ref.value.text = numbers[ref.value.text];
        status = sek_feed_ref(to, &ref);
    }
    to->dropped += from->dropped;
    free(numbers);
    return status;
}
