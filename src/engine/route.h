/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Routing: which variants can match an event at all, from its channel, provider and event id alone.
 *
 * The first event of each such triple pays for the answer: variants whose way leads here are taken, and
 * their conditions are evaluated as far as the triple decides them (true, false, not known yet); those
 * that are false already fall away. All later events look the answer up. */

#include "engine/group.h"
#include "event/event.h"

typedef struct SekRouter SekRouter;

/* One per thread; `rules` is borrowed. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_router_new(const SekRuleset *rules, SekRouter **out);
void sek_router_free(SekRouter *router);

/* True when events like `event` come by this way; false also when memory ran out. */
bool sek_route_leads(SekRouter *router, const SekEvent *event, const SekWay *way);

typedef struct SekRoute {
    const SekGroup *group; /* of variants that the event can match; valid until the next call */
    bool no_words; /* none of its keywords' literals stands in the channel or the provider, where they are values */
} SekRoute;

/* SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_route(SekRouter *router, const SekEvent *event, SekRoute *out);
