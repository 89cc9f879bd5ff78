/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/host_names.h"

#include "engine/taps.h"

#include <stdlib.h>

SekStatus sek_host_names_set(const SekHosts *hosts, SekHostSet *out) {
    SekStr *names = calloc((size_t)hosts->n + 1, sizeof *names);
    if (!names)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < hosts->n; i++)
        names[i] = hosts->items[i].name;
    SekStatus status = sek_host_set_init(out, names, hosts->n);
    free(names);
    return status;
}

void sek_host_names_merge(const SekHostSet *set, SekHosts *hosts) {
    uint32_t kept = 0;
    uint64_t *records = calloc((size_t)set->n + 1, sizeof *records);
    if (!records || set->n == 0) { /* without memory each name stays a host of its own in the list */
        free(records);
        return;
    }
    for (uint32_t i = 0; i < hosts->n; i++)
        records[sek_host_set_find(set, hosts->items[i].name)] += hosts->items[i].records;
    for (uint32_t i = 0; i < hosts->n; i++) {
        SekHost host = hosts->items[i];
        uint32_t means = sek_host_set_find(set, host.name);
        if (!sek_str_eq(set->names[means], host.name))
            continue;
        host.records = records[means];
        hosts->items[kept++] = host;
    }
    hosts->n = kept;
    free(records);
}

SekStr sek_host_called(const SekHostSet *set, SekStr computer) {
    uint32_t host = sek_host_set_find(set, computer);
    return host == SEK_NO_HOST ? computer : set->names[host];
}

/* --- groups ------------------------------------------------------------------------------------ */

static bool is_computer(const SekCorrelation *c, uint32_t i) {
    SekStr field = sek_correlation_field(c, c->group_by[i], 0);
    return sek_str_eq_nocase(field, SEK_STR("Computer")) || sek_str_eq_nocase(field, SEK_STR("ComputerName"));
}

/* The key of a group with hosts called as the set does, in feed->key; false when that is what it is. */
static bool rename_group(const SekHostSet *set, const SekRuleset *rules, SekFeed *feed, uint32_t group) {
    uint32_t correlation = feed->groups[group].correlation;
    const SekCorrelation *c = rules->correlations[correlation].what;
    SekStr text = sek_texts_get(&feed->group_texts, group);
    bool other = false;
    sek_group_begin(&feed->key, correlation);
    for (uint32_t i = 0; i < c->n_group_by; i++) {
        SekStr value = {0}, called;
        bool found = sek_group_value(text, i, &value) == SEK_OK;
        called = found && is_computer(c, i) ? sek_host_called(set, value) : value;
        other = other || (found && called.ptr != value.ptr && !sek_str_eq(called, value));
        sek_group_add(&feed->key, found ? &called : NULL);
    }
    return other;
}

SekStatus sek_host_names_group(const SekHostSet *set, const SekRuleset *rules, SekFeed *feed) {
    SekStatus status = SEK_OK;
    uint32_t n = feed->n_groups;
    for (uint32_t g = 0; g < n && status == SEK_OK; g++) {
        uint32_t to, next;
        if (feed->groups[g].n_refs == 0 || !rename_group(set, rules, feed, g))
            continue;
        status = sek_feed_group(feed, feed->groups[g].correlation, &to);
        for (uint32_t i = feed->groups[g].first; status == SEK_OK && i != SEK_FEED_NONE; i = next) {
            SekFeedRef *ref = &feed->refs[i];
            next = ref->next;
            ref->group = to;
            ref->next = feed->groups[to].first;
            feed->groups[to].first = i;
            feed->groups[to].n_refs++;
        }
        if (status == SEK_OK)
            feed->groups[g].first = SEK_FEED_NONE, feed->groups[g].n_refs = 0;
    }
    return status;
}
