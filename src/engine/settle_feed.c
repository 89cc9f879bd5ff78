/* SPDX-License-Identifier: Apache-2.0 */

/* Settling what correlations were fed. A group or value that names an ancestry field holds a *promise*
 * until then: the bytes of the process key. Only places that the correlation gives to an ancestry field
 * are read as promises, so that no value of an event can pass for one. */
#include "engine/placed.h"
#include "engine/settle.h"

#include <stdlib.h>

typedef struct Promise {
    uint64_t time;
    uint32_t pid;
    uint8_t guid[16];
} Promise;

SekStr sek_settle_promise(SekArena *arena, const SekProcessKey *key) {
    Promise head;
    memset(&head, 0, sizeof head); /* padding is part of the text */
    head.time = key->time;
    head.pid = key->pid;
    memcpy(head.guid, key->guid, sizeof head.guid);
    char *bytes = sek_arena_alloc(arena, sizeof head + key->host.len);
    if (!bytes)
        return (SekStr){0};
    memcpy(bytes, &head, sizeof head);
    if (key->host.len)
        memcpy(bytes + sizeof head, key->host.ptr, key->host.len);
    return sek_str_n(bytes, sizeof head + key->host.len);
}

static bool read_promise(SekStr bytes, SekProcessKey *out) {
    Promise head;
    if (bytes.len < sizeof head)
        return false;
    memcpy(&head, bytes.ptr, sizeof head);
    *out = (SekProcessKey){.time = head.time, .pid = head.pid,
                           .host = sek_str_n(bytes.ptr + sizeof head, bytes.len - sizeof head)};
    memcpy(out->guid, head.guid, sizeof out->guid);
    return true;
}

typedef struct Settling {
    SekSettler *settler;
    const SekRuleset *rules;
    const SekLineage *lineage;
    SekFeed *feed;
    const SekTap **taps;   /* by first_tap[correlation] + reference: one that feeds it; NULL = none does */
    uint32_t *first_tap;   /* one a correlation */
} Settling;

/* The first value of the field that a promise is for; ptr NULL when there is none. */
static SekStatus keep_promise(Settling *s, SekStr promise, SekAncestryField field, SekStr *out) {
    SekProcessKey key;
    SekText *texts;
    uint32_t n;
    *out = (SekStr){0};
    if (!read_promise(promise, &key))
        return SEK_OK;
    uint32_t process = sek_lineage_find(s->lineage, &key);
    if (process == SEK_NO_PROCESS)
        return SEK_OK;
    SekStatus status = sek_settler_texts(s->settler, process, field, &texts, &n);
    if (status == SEK_OK && n)
        *out = texts[0].raw;
    return status;
}

/* Writes `from` anew into the feed's key with `n` values, those of ancestry fields in place of their
 * promises. SEK_NOT_FOUND when a value is not there. */
static SekStatus rewrite(Settling *s, SekStr from, uint32_t correlation, const SekAncestryField *fields, uint32_t n) {
    SekStatus status = SEK_OK, missing = SEK_OK;
    sek_group_begin(&s->feed->key, correlation);
    for (uint32_t i = 0; i < n && status == SEK_OK; i++) {
        SekStr value;
        bool found = sek_group_value(from, i, &value) == SEK_OK;
        if (found && fields[i] != SEK_ANCESTRY_NONE) {
            status = keep_promise(s, value, fields[i], &value);
            found = value.ptr != NULL;
        }
        sek_group_add(&s->feed->key, found ? &value : NULL);
        missing = found ? missing : SEK_NOT_FOUND;
    }
    return status == SEK_OK ? missing : status;
}

/* Finds a tap for each reference of each correlation: it knows which places ask for ancestry. Those of
 * different ways into a log source agree in that. */
static SekStatus find_taps(Settling *s) {
    const SekRuleset *rules = s->rules;
    uint32_t n = 0;
    s->first_tap = malloc(((size_t)rules->n_correlations + 1) * sizeof *s->first_tap);
    for (uint32_t i = 0; s->first_tap && i < rules->n_correlations; i++) {
        s->first_tap[i] = n;
        n += rules->correlations[i].what->n_rules;
    }
    s->taps = calloc((size_t)n + 1, sizeof *s->taps);
    if (!s->taps || !s->first_tap)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < rules->n_taps; i++)
        s->taps[s->first_tap[rules->taps[i].correlation] + rules->taps[i].reference] = &rules->taps[i];
    return SEK_OK;
}

/* Which ancestry fields stand in `ids`; false when none does. */
static bool kinds_of(const SekRuleset *rules, const uint32_t *ids, uint32_t n, SekAncestryField *out) {
    bool some = false;
    for (uint32_t i = 0; i < n; i++) {
        out[i] = (SekAncestryField)rules->fields[ids[i]].ancestry;
        some = some || out[i] != SEK_ANCESTRY_NONE;
    }
    return some;
}

/* SEK_NOT_FOUND when the reference does not count after all. */
static SekStatus settle_ref(Settling *s, SekFeedRef *ref) {
    SekFeed *feed = s->feed;
    uint32_t correlation = feed->groups[ref->group].correlation;
    const SekCorrelation *c = s->rules->correlations[correlation].what;
    const SekTap *tap = s->taps[s->first_tap[correlation] + ref->reference];
    SekAncestryField fields[SEK_CORR_MAX_FIELDS];
    SekStatus status = SEK_OK;
    if (!tap)
        return SEK_OK;
    if (kinds_of(s->rules, tap->group_fields, c->n_group_by, fields)) {
        status = rewrite(s, sek_texts_get(&feed->group_texts, ref->group), correlation, fields, c->n_group_by);
        if (status == SEK_OK || status == SEK_NOT_FOUND) /* a group without the value is a group too */
            status = sek_feed_group(feed, correlation, &ref->group);
    }
    if (status == SEK_OK && c->type == SEK_CORR_VALUE_COUNT && kinds_of(s->rules, tap->value_fields, c->n_fields, fields)) {
        status = rewrite(s, sek_texts_get(&feed->texts, ref->value), UINT32_MAX, fields, c->n_fields);
        if (status == SEK_OK)
            status = sek_feed_text(feed, sek_buf_str(&feed->key), &ref->value);
    }
    return status;
}

/* Keeps a reference in place `n` of the list, as the last of its group. */
static void keep_ref(SekFeed *feed, SekFeedRef ref, uint32_t n) {
    SekFeedGroup *group = &feed->groups[ref.group];
    ref.next = group->first;
    feed->refs[n] = ref;
    group->first = n;
    group->n_refs++;
}

/* Which of the feed's events match after all. */
static SekStatus decide_events(Settling *s, bool *out) {
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < s->feed->n_events && status == SEK_OK; i++) {
        const SekFeedEvent *event = &s->feed->events[i];
        out[i] = event->pending == 0;
        if (out[i])
            continue;
        const SekFeedPending *p = &s->feed->pendings[event->pending - 1];
        SekProcessKey key = {.host = sek_placed_computer(s->feed, event), .time = event->time, .pid = p->pid};
        memcpy(key.guid, p->guid, sizeof key.guid);
        SekStr bits = sek_str_n(s->feed->bits.data + p->bits, p->n_bits);
        status = sek_settler_holds(s->settler, &s->rules->variants[p->variant], bits, sek_lineage_find(s->lineage, &key),
                                   &out[i]);
    }
    return status;
}

SekStatus sek_settle_feed(SekSettler *settler, const SekLineage *lineage, const SekRuleset *rules, SekFeed *feed) {
    Settling s = {.settler = settler, .rules = rules, .lineage = lineage, .feed = feed};
    bool *matches = calloc((size_t)feed->n_events + 1, sizeof *matches);
    uint32_t kept = 0;
    SekStatus status = matches ? find_taps(&s) : SEK_ERR_MEMORY;
    if (status == SEK_OK)
        status = decide_events(&s, matches);
    for (uint32_t i = 0; i < feed->n_groups; i++)
        feed->groups[i].first = SEK_FEED_NONE, feed->groups[i].n_refs = 0;
    for (uint32_t i = 0; i < feed->n_refs && status == SEK_OK; i++) {
        SekFeedRef ref = feed->refs[i];
        SekStatus counts = matches[ref.event] ? settle_ref(&s, &ref) : SEK_NOT_FOUND;
        if (counts == SEK_OK)
            keep_ref(feed, ref, kept++);
        else if (counts != SEK_NOT_FOUND)
            status = counts;
    }
    if (status == SEK_OK)
        feed->n_refs = kept;
    free(s.taps);
    free(s.first_tap);
    free(matches);
    return status;
}
