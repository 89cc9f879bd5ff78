/* SPDX-License-Identifier: Apache-2.0 */
/* Events of one host come in runs: most are recognised by comparing the bytes of the value with those of the event
 * before. */
#include "engine/hosts.h"

#include "base/grow.h"

#include <stdlib.h>

void sek_hosts_init(SekHosts *h) {
    *h = (SekHosts){0};
    sek_strmap_init(&h->by_name, true);
    sek_arena_init(&h->arena, 0);
    sek_buf_init(&h->text, 128 * 1024);
}

void sek_hosts_deinit(SekHosts *h) {
    free(h->items);
    sek_strmap_deinit(&h->by_name);
    sek_arena_deinit(&h->arena);
    sek_buf_deinit(&h->text);
    *h = (SekHosts){0};
}

static void give_up(SekHosts *h) {
    h->n = 0;
    h->raw_len = 0;
    h->too_many = true;
}

static SekStatus grow(SekHosts *h) {
    return sek_grow(&h->items, &h->cap, h->n, sizeof *h->items);
}

static SekStatus add(SekHosts *h, SekStr name, uint64_t records, uint32_t *out) {
    uint32_t at;
    if (sek_strmap_get(&h->by_name, name, &at) == SEK_OK) {
        SekHost *host = &h->items[at];
        host->records += records;
        *out = at;
        if (sek_str_cmp(name, host->name) >= 0)
            return SEK_OK;
        SekStr kept = sek_arena_dup(&h->arena, name);
        if (!kept.ptr)
            return SEK_ERR_MEMORY;
        host->name = kept;
        return SEK_OK;
    }
    if (h->n == SEK_MAX_HOSTS) {
        give_up(h);
        return SEK_OK;
    }
    SekStr kept = sek_arena_dup(&h->arena, name);
    if (!kept.ptr || grow(h) != SEK_OK || sek_strmap_set(&h->by_name, kept, h->n) != SEK_OK)
        return SEK_ERR_MEMORY;
    *out = h->n;
    h->items[h->n++] = (SekHost){kept, records};
    return SEK_OK;
}

SekStatus sek_hosts_event(SekHosts *h, const SekEvent *event) {
    SekValue value = sek_event_system(event, SEK_SYSTEM_COMPUTER);
    if (h->raw_len && value.len == h->raw_len && value.type == h->raw_type && memcmp(value.ptr, h->raw, value.len) == 0) {
        h->items[h->last].records++;
        return SEK_OK;
    }
    if (h->too_many)
        return SEK_OK;
    sek_buf_clear(&h->text);
    sek_value_text(value, &h->text);
    SekStatus status = h->text.failed ? h->text.failed : add(h, sek_buf_str(&h->text), 1, &h->last);
    h->raw_len = 0;
    if (status == SEK_OK && !h->too_many && value.len && value.len <= SEK_HOST_RAW) {
        memcpy(h->raw, value.ptr, value.len);
        h->raw_len = value.len;
        h->raw_type = (uint8_t)value.type;
    }
    return status == SEK_ERR_LIMIT ? SEK_OK : status; /* no computer has a name of 128 KiB */
}

SekStatus sek_hosts_join(SekHosts *h, const SekHosts *from) {
    if (from->too_many)
        give_up(h);
    for (uint32_t i = 0; i < from->n && !h->too_many; i++) {
        uint32_t at;
        SekStatus status = add(h, from->items[i].name, from->items[i].records, &at);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

static int by_name(const void *a, const void *b) {
    return sek_str_cmp(((const SekHost *)a)->name, ((const SekHost *)b)->name);
}

void sek_hosts_sort(SekHosts *h) {
    if (h->n)
        qsort(h->items, h->n, sizeof *h->items, by_name);
}
