/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Windows log sources: what a Sigma `logsource` means in channels, event ids and field names. The
 * tables come from data/taxonomy; this file says how they are read. */

#include "base/str.h"
#include "event/derive.h"

/* A Sigma service: the channels that are meant. A name that ends in `*` matches any rest. `providers`
 * stand in where the channel is one that no service knows (renamed or re-collected logs). */
typedef struct SekService {
    const char *name;
    const char *const *channels;  /* NULL-terminated */
    const char *const *providers; /* NULL-terminated */
} SekService;

/* A field that is called differently in this kind of event, or has to be computed from others. */
typedef struct SekRename {
    const char *sigma_field; /* NULL ends a list */
    const char *event_field;
    SekDerive derive;
} SekRename;

/* One way in to a Sigma category: events of `service` with one of `event_ids`, and, where `field` is
 * given, with one of `values` in it. A category may have several (Sysmon 1 and Security 4688). */
typedef struct SekCategoryWay {
    const char *category;
    unsigned service;              /* index into sek_services */
    const uint32_t *event_ids;     /* 0-terminated */
    const char *field;             /* NULL = no condition */
    const char *const *values;     /* NULL-terminated */
    const SekRename *renames;      /* NULL = fields are called as Sigma calls them */
} SekCategoryWay;

/* Fields that events of a service are known to have, beside those of the System section. Several entries
 * may be about one event: they add up. An event without an entry is one that nothing is known of. */
typedef struct SekEventFields {
    unsigned service;
    const char *provider;
    const uint32_t *event_ids; /* UINT32_MAX ends the list */
    const char *const *fields; /* NULL-terminated */
} SekEventFields;

extern const SekEventFields sek_event_fields[];
extern const unsigned sek_n_event_fields;
extern const SekService sek_services[];
extern const unsigned sek_n_services;
extern const SekCategoryWay sek_category_ways[];
extern const unsigned sek_n_category_ways;

/* Index of the service called `name` (ASCII case ignored), or -1. */
int sek_service_find(SekStr name);

/* True when a category of this name is known; ways of it are found by walking sek_category_ways. */
bool sek_category_known(SekStr name);

/* True when an event of `channel` and `provider` belongs to the service: by channel (ASCII case
 * ignored), or by provider when no service at all knows the channel (`channel_known` false). */
bool sek_service_has(const SekService *service, SekStr channel, SekStr provider, bool channel_known);

/* True when any service lists the channel. */
bool sek_channel_known(SekStr channel);
