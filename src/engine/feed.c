/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/feed.h"

#include "rule/number.h"

#include <stdlib.h>

#define KEY_MAX (1u << 20)
#define MISSING '-'

void sek_feed_init(SekFeed *feed, _Atomic uint64_t *budget) {
    *feed = (SekFeed){.budget = budget};
    sek_texts_init(&feed->texts);
    sek_texts_init(&feed->group_texts);
    sek_buf_init(&feed->key, KEY_MAX);
    sek_buf_init(&feed->bits, SEK_FEED_BYTES);
}

void sek_feed_deinit(SekFeed *feed) {
    sek_texts_deinit(&feed->texts);
    sek_texts_deinit(&feed->group_texts);
    sek_buf_deinit(&feed->key);
    free(feed->groups);
    free(feed->events);
    free(feed->refs);
    free(feed->reals);
    free(feed->pendings);
    sek_buf_deinit(&feed->bits);
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
    if (sek_texts_find(&feed->texts, text, out) == SEK_OK)
        return SEK_OK;
    return take(feed, text.len + SEK_TEXT_COST) ? sek_texts_add(&feed->texts, text, out) : SEK_ERR_LIMIT;
}

SekStatus sek_feed_group(SekFeed *feed, uint32_t correlation, uint32_t *out) {
    SekStr key = sek_buf_str(&feed->key);
    if (feed->key.failed)
        return feed->key.failed;
    if (sek_texts_find(&feed->group_texts, key, out) == SEK_OK)
        return SEK_OK;
    if (!take(feed, key.len + SEK_TEXT_COST + sizeof *feed->groups))
        return SEK_ERR_LIMIT;
    if (make_room((void **)&feed->groups, feed->n_groups, &feed->cap_groups, sizeof *feed->groups) != SEK_OK ||
        sek_texts_add(&feed->group_texts, key, out) != SEK_OK)
        return SEK_ERR_MEMORY;
    feed->groups[feed->n_groups++] =
        (SekFeedGroup){.correlation = correlation, .first = SEK_FEED_NONE, .next = SEK_FEED_NONE};
    return SEK_OK;
}

SekStatus sek_feed_real(SekFeed *feed, double number, uint32_t *out) {
    if (!take(feed, sizeof number))
        return SEK_ERR_LIMIT;
    if (make_room((void **)&feed->reals, feed->n_reals, &feed->cap_reals, sizeof number) != SEK_OK)
        return SEK_ERR_MEMORY;
    *out = feed->n_reals;
    feed->reals[feed->n_reals++] = number;
    return SEK_OK;
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
    SekFeedGroup *group = &feed->groups[ref->group];
    if (!take(feed, sizeof *ref))
        return SEK_ERR_LIMIT;
    if (make_room((void **)&feed->refs, feed->n_refs, &feed->cap_refs, sizeof *ref) != SEK_OK)
        return SEK_ERR_MEMORY;
    feed->refs[feed->n_refs] = *ref;
    feed->refs[feed->n_refs].next = group->first;
    group->first = feed->n_refs++;
    group->n_refs++;
    return SEK_OK;
}

SekStatus sek_feed_pending(SekFeed *feed, const SekProcessKey *process, uint32_t variant, SekStr bits, uint32_t *out) {
    SekFeedPending pending = {.variant = variant, .pid = process->pid, .bits = feed->bits.len,
                              .n_bits = (uint32_t)bits.len};
    memcpy(pending.guid, process->guid, sizeof pending.guid);
    if (!take(feed, sizeof pending + bits.len))
        return SEK_ERR_LIMIT;
    sek_buf_add_str(&feed->bits, bits);
    if (feed->bits.failed ||
        make_room((void **)&feed->pendings, feed->n_pendings, &feed->cap_pendings, sizeof pending) != SEK_OK)
        return SEK_ERR_MEMORY;
    feed->pendings[feed->n_pendings++] = pending;
    *out = feed->n_pendings;
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
        double number;
        return value && sek_feed_number(*value, &number) ? sek_feed_real(feed, number, &ref->value) : SEK_NOT_FOUND;
    }
    sek_group_begin(&feed->key, UINT32_MAX);
    for (uint32_t i = 0; i < c->n_fields; i++) {
        SekStatus status = first_value(fields, tap->value_fields[i], &value);
        if (status != SEK_OK || !value)
            return status != SEK_OK ? status : SEK_NOT_FOUND;
        sek_group_add(&feed->key, value);
    }
    return sek_feed_text(feed, sek_buf_str(&feed->key), &ref->value);
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
    return sek_feed_group(feed, tap->correlation, out);
}

/* Adds one reference; the event itself is added with its first. */
static SekStatus feed_tap(SekFeed *feed, const SekRuleset *rules, const SekTap *tap, SekFields *fields,
                          SekFeedEvent *event, uint32_t *number) {
    const SekCorrelation *c = rules->correlations[tap->correlation].what;
    SekFeedRef ref = {.reference = tap->reference};
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

/* --- joining ------------------------------------------------------------------------------- */

#define BATCH 65536u /* items that are moved before memory is given back */

/* New numbers of a worker's texts and groups. */
typedef struct Numbers {
    uint32_t *texts, *groups;
} Numbers;

static SekStatus renumber(SekFeed *to, SekFeed *from, Numbers *out) {
    out->texts = malloc(((size_t)from->texts.n + 1) * sizeof *out->texts);
    out->groups = malloc(((size_t)from->n_groups + 1) * sizeof *out->groups);
    SekStatus status = out->texts && out->groups ? SEK_OK : SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < from->texts.n && status == SEK_OK; i++)
        status = sek_feed_text(to, sek_texts_get(&from->texts, i), &out->texts[i]);
    for (uint32_t i = 0; i < from->n_groups && status == SEK_OK; i++) {
        sek_buf_clear(&to->key);
        sek_buf_add_str(&to->key, sek_texts_get(&from->group_texts, i));
        status = sek_feed_group(to, from->groups[i].correlation, &out->groups[i]);
    }
    sek_texts_deinit(&from->texts);
    sek_texts_deinit(&from->group_texts);
    return status;
}

/* Gives back the memory behind the first `n` items; that it stays where it is would be no error. */
static void shrink(void **array, uint32_t n, uint32_t *cap, size_t size) {
    void *smaller = n ? realloc(*array, n * size) : NULL;
    if (!smaller)
        return;
    *array = smaller;
    *cap = n;
}

/* Takes over what decides later; events of `from` refer to it from `*out_base` on. */
static SekStatus move_pendings(SekFeed *to, const SekFeed *from, uint32_t *out_base) {
    size_t bits = to->bits.len;
    *out_base = to->n_pendings;
    sek_buf_add_str(&to->bits, sek_buf_str(&from->bits));
    for (uint32_t i = 0; i < from->n_pendings; i++) {
        if (make_room((void **)&to->pendings, to->n_pendings, &to->cap_pendings, sizeof *to->pendings) != SEK_OK)
            return SEK_ERR_MEMORY;
        to->pendings[to->n_pendings] = from->pendings[i];
        to->pendings[to->n_pendings++].bits += bits;
    }
    return to->bits.failed ? SEK_ERR_MEMORY : SEK_OK;
}

/* From the end, so that memory can be given back; event i becomes base + n - 1 - i. */
static SekStatus move_events(SekFeed *to, SekFeed *from, const Numbers *numbers) {
    uint32_t number, base;
    SekStatus status = move_pendings(to, from, &base);
    while (from->n_events > 0 && status == SEK_OK) {
        SekFeedEvent event = from->events[--from->n_events];
        event.source = numbers->texts[event.source];
        event.pending += event.pending ? base : 0;
        status = sek_feed_event(to, &event, &number);
        if (from->n_events % BATCH == 0)
            shrink((void **)&from->events, from->n_events, &from->cap_events, sizeof event);
    }
    return status;
}

static SekStatus move_refs(SekFeed *to, SekFeed *from, const Numbers *numbers, const SekRuleset *rules,
                           uint32_t last_event) {
    SekStatus status = SEK_OK;
    while (from->n_refs > 0 && status == SEK_OK) {
        SekFeedRef ref = from->refs[--from->n_refs];
        const SekCorrelation *c = rules->correlations[from->groups[ref.group].correlation].what;
        ref.event = last_event - ref.event;
        ref.group = numbers->groups[ref.group];
        if (c->type == SEK_CORR_VALUE_COUNT)
            ref.value = numbers->texts[ref.value];
        else if (c->n_fields)
            status = sek_feed_real(to, from->reals[ref.value], &ref.value);
        if (status == SEK_OK)
            status = sek_feed_ref(to, &ref);
        if (from->n_refs % BATCH == 0)
            shrink((void **)&from->refs, from->n_refs, &from->cap_refs, sizeof ref);
    }
    return status;
}

SekStatus sek_feed_join(SekFeed *to, SekFeed *from, const SekRuleset *rules) {
    Numbers numbers = {0};
    uint32_t last_event = to->n_events + from->n_events - 1;
    SekStatus status = renumber(to, from, &numbers);
    if (status == SEK_OK)
        status = move_events(to, from, &numbers);
    if (status == SEK_OK)
        status = move_refs(to, from, &numbers, rules, last_event);
    to->dropped += from->dropped;
    free(numbers.texts);
    free(numbers.groups);
    return status;
}
