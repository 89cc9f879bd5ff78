/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Host names: one host where several names of computers mean one (base/host_set.h), once it is known which names
 * the events of a run carry. */

#include "base/host_set.h"
#include "engine/feed.h"
#include "engine/hosts.h"

/* Which of the hosts' names mean one host; none when there were too many. The names are borrowed. SEK_OK or
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_host_names_set(const SekHosts *hosts, SekHostSet *out);

/* Makes one host of those that are one, under the name that `set` has for it. */
void sek_host_names_merge(const SekHostSet *set, SekHosts *hosts);

/* Groups of correlations by `Computer` whose names mean one host become one group, under the name that `set`
 * has for it. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_host_names_group(const SekHostSet *set, const SekRuleset *rules, SekFeed *feed);

/* What `computer` is called in the set: itself where it is not in there. */
SekStr sek_host_called(const SekHostSet *set, SekStr computer);
