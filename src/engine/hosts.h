/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Hosts: which computers the events that were searched came from, and how many from each, so that one without a
 * finding can be seen to be without one. Names are compared without regard to ASCII case; of several spellings the
 * first in byte order is kept. One a worker, joined at the end. */

#include "base/strmap.h"
#include "event/event.h"

/* More than this is no network but a hostile log: the list is given up as a whole. */
#define SEK_MAX_HOSTS 65536u
#define SEK_HOST_RAW 512u /* bytes of a name that is recognised without being read */

typedef struct SekHost {
    SekStr name; /* may be empty: events without a computer */
    uint64_t records;
} SekHost;

typedef struct SekHosts {
    SekHost *items;
    uint32_t n, cap;
    bool too_many; /* n is 0 then */
    SekStrMap by_name;
    SekArena arena;
    SekBuf text;
    uint32_t last; /* host of the event before, whose value was `raw` */
    uint8_t raw_type;
    uint32_t raw_len; /* 0 = nothing is kept */
    uint8_t raw[SEK_HOST_RAW];
} SekHosts;

void sek_hosts_init(SekHosts *hosts);
void sek_hosts_deinit(SekHosts *hosts);

/* Counts an event. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_hosts_event(SekHosts *hosts, const SekEvent *event);

/* Adds all of `from`. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_hosts_join(SekHosts *hosts, const SekHosts *from);

/* Sorts by name, in byte order; nothing may be added after that. */
void sek_hosts_sort(SekHosts *hosts);
