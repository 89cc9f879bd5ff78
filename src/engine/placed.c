/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* qsort_r */
#include "engine/placed.h"

#include "rule/number.h"

#include <stdlib.h>

#define COPY UINT32_MAX /* SekFeedEvent.pending, which is settled by now: a copy of another */

/* --- sources ----------------------------------------------------------------------------------- */

/* A source is one text: a mark, the length of the computer, the computer, and if the log numbered the record
 * its channel and event id. */
#define NUMBERED '#'
#define UNNUMBERED '-'

static bool says_something(SekFeed *feed, const SekEvent *event, SekSystemField field) {
    SekValue value = sek_event_system(event, field);
    if (value.type == SEK_VALUE_NULL)
        return false;
    sek_buf_clear(&feed->key);
    sek_value_text(value, &feed->key);
    return sek_str_trim(sek_buf_str(&feed->key)).len > 0;
}

/* True when the number of the record is the log's own, and not the place in the file, and it is known of which
 * computer and channel that log is. */
static bool is_numbered(SekFeed *feed, const SekEvent *event) {
    SekNumber number;
    if (event->record_id == 0 || !says_something(feed, event, SEK_SYSTEM_CHANNEL) ||
        !says_something(feed, event, SEK_SYSTEM_COMPUTER))
        return false;
    SekValue id = sek_event_system(event, SEK_SYSTEM_RECORD_ID);
    if (id.type == SEK_VALUE_UINT64 || id.type == SEK_VALUE_UINT32)
        return true;
    sek_buf_clear(&feed->key);
    sek_value_text(id, &feed->key);
    return sek_number_parse(sek_str_trim(sek_buf_str(&feed->key)), &number) &&
           number.real == (double)event->record_id;
}

SekStatus sek_placed_source(SekFeed *feed, const SekEvent *event, SekFeedEvent *out) {
    bool numbered = is_numbered(feed, event);
    uint32_t len = 0;
    SekBuf *key = &feed->key;
    sek_buf_clear(key);
    sek_buf_addc(key, numbered ? NUMBERED : UNNUMBERED);
    sek_buf_add(key, &len, sizeof len);
    sek_value_text(sek_event_system(event, SEK_SYSTEM_COMPUTER), key);
    if (key->failed)
        return key->failed;
    len = (uint32_t)(key->len - 1 - sizeof len);
    memcpy(key->data + 1, &len, sizeof len);
    if (numbered) {
        sek_value_text(sek_event_system(event, SEK_SYSTEM_CHANNEL), key);
        sek_buf_addf(key, "%c%u", '\0', sek_event_id(event));
    }
    return key->failed ? key->failed : sek_feed_text(feed, sek_buf_str(key), &out->source);
}

SekStr sek_placed_computer(const SekFeed *feed, const SekFeedEvent *event) {
    SekStr source = sek_texts_get(&feed->texts, event->source);
    uint32_t len;
    memcpy(&len, source.ptr + 1, sizeof len);
    return sek_str_n(source.ptr + 1 + sizeof len, len);
}

/* --- order ------------------------------------------------------------------------------------- */

static int compare(uint64_t a, uint64_t b) {
    return a < b ? -1 : a > b;
}

static int by_time_and_place(const void *a, const void *b) {
    const SekPlaced *x = a, *y = b;
    int order = compare(x->point.time, y->point.time);
    if (order == 0)
        order = compare(x->rank, y->rank);
    if (order == 0)
        order = compare(x->offset, y->offset);
    if (order == 0)
        order = compare(x->rule, y->rule);
    return order ? order : compare(x->point.reference, y->point.reference);
}

bool sek_placed_same_record(const SekPlaced *a, const SekPlaced *b) {
    return a->rank == b->rank && a->offset == b->offset && a->point.time == b->point.time;
}

bool sek_placed_both_detections(const SekRuleset *rules, const SekPlaced *a, const SekPlaced *b) {
    return !rules->infos[a->rule].correlation && !rules->infos[b->rule].correlation;
}

/* --- copies ------------------------------------------------------------------------------------ */

static int by_identity(const void *a, const void *b, void *user) {
    const SekFeed *feed = user;
    const SekPlaced *p = a, *q = b;
    const SekFeedEvent *x = &feed->events[p->point.event], *y = &feed->events[q->point.event];
    int order = compare(x->source, y->source);
    if (order == 0)
        order = compare(x->record_id, y->record_id);
    return order ? order : by_time_and_place(a, b);
}

static bool same_identity(const SekFeed *feed, const SekPlaced *a, const SekPlaced *b) {
    const SekFeedEvent *x = &feed->events[a->point.event], *y = &feed->events[b->point.event];
    return x->source == y->source && x->record_id == y->record_id &&
           sek_texts_get(&feed->texts, x->source).ptr[0] == NUMBERED;
}

/* What an inner correlation found is no copy of what another did, though one record may be the last of both. */
static bool is_copy(const SekRuleset *rules, const SekFeed *feed, const SekPlaced *a, const SekPlaced *b) {
    return sek_placed_both_detections(rules, a, b) && same_identity(feed, a, b);
}

/* Of a moment: copies get the place of the first, and those that say what it says already are left out. */
static uint32_t fold_moment(const SekRuleset *rules, SekFeed *feed, SekPlaced *list, uint32_t n) {
    uint32_t kept = 0, first = 0;
    qsort_r(list, n, sizeof *list, by_identity, feed);
    for (uint32_t i = 1; i < n; i++) {
        if (!same_identity(feed, &list[first], &list[i]) || rules->infos[list[first].rule].correlation)
            first = i;
        if (i == first || rules->infos[list[i].rule].correlation)
            continue;
        if (!sek_placed_same_record(&list[first], &list[i]))
            feed->events[list[i].point.event].pending = COPY;
        list[i].rank = list[first].rank;
        list[i].offset = list[first].offset;
    }
    qsort(list, n, sizeof *list, by_time_and_place);
    for (uint32_t i = 0; i < n; i++) {
        const SekPlaced *before = &list[kept ? kept - 1 : 0];
        if (kept && sek_placed_same_record(before, &list[i]) && before->rule == list[i].rule &&
            before->point.reference == list[i].point.reference && is_copy(rules, feed, before, &list[i]))
            continue;
        list[kept++] = list[i];
    }
    return kept;
}

uint32_t sek_placed_sort(const SekRuleset *rules, SekFeed *feed, SekPlaced *list, uint32_t n) {
    uint32_t kept = 0;
    if (n)
        qsort(list, n, sizeof *list, by_time_and_place);
    for (uint32_t start = 0, end; start < n; start = end) {
        bool several = false; /* records */
        for (end = start + 1; end < n && list[end].point.time == list[start].point.time; end++)
            several = several || !sek_placed_same_record(&list[start], &list[end]);
        uint32_t stay = several ? fold_moment(rules, feed, list + start, end - start) : end - start;
        memmove(list + kept, list + start, stay * sizeof *list);
        kept += stay;
    }
    return kept;
}

static int by_place(const void *a, const void *b) {
    const SekFeedEvent *const *x = a, *const *y = b;
    int order = compare((*x)->file, (*y)->file);
    return order ? order : compare((*x)->offset, (*y)->offset);
}

SekStatus sek_placed_count_copies(SekFeed *feed) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < feed->n_events; i++)
        n += feed->events[i].pending == COPY;
    const SekFeedEvent **copies = malloc(((size_t)n + 1) * sizeof *copies);
    if (!copies)
        return SEK_ERR_MEMORY;
    uint32_t filled = 0;
    for (uint32_t i = 0; i < feed->n_events; i++)
        if (feed->events[i].pending == COPY)
            copies[filled++] = &feed->events[i];
    if (n)
        qsort(copies, n, sizeof *copies, by_place);
    for (uint32_t i = 0; i < n; i++)
        feed->copies += i == 0 || by_place(&copies[i - 1], &copies[i]) != 0;
    free(copies);
    return SEK_OK;
}
