/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Settling: what was deferred while events were scanned is decided with the forest of processes. One
 * settler belongs to one thread. */

#include "engine/defer.h"
#include "engine/feed.h"
#include "engine/hits.h"

typedef struct SekSettler SekSettler;

/* Both are borrowed. SEK_OK or SEK_ERR_MEMORY; free with sek_settler_free (accepts NULL). */
SEK_MUST_USE SekStatus sek_settler_new(const SekRuleset *rules, const SekLineage *lineage, SekSettler **out);
void sek_settler_free(SekSettler *settler);

/* The process that `key` names, or SEK_NO_PROCESS. */
uint32_t sek_settler_find(const SekSettler *settler, const SekProcessKey *key);

/* The values of an ancestry field for the process (SEK_NO_PROCESS: none), valid until the next call with
 * another process. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_settler_texts(SekSettler *settler, uint32_t process, SekAncestryField field,
                                         SekText **out, uint32_t *out_n);

/* Decides a variant whose other predicates are answered by `bits`. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_settler_holds(SekSettler *settler, const SekVariant *variant, SekStr bits,
                                         uint32_t process, bool *out);

/* Takes the rules that turn out not to match out of the hit, adds what of ancestry made the others match,
 * and the ancestors of the event's process. New memory is of `arena`. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_settle_hit(SekSettler *settler, SekArena *arena, SekHit *hit);

/* Does the same for what correlations were fed: references of events that do not match go, and groups and
 * values that name an ancestry field get its first value. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_settle_feed(SekSettler *settler, const SekLineage *lineage, const SekRuleset *rules,
                                       SekFeed *feed);

/* Regular-expression matches given up at their limit, one number a predicate (engine/gave_up.h). */
const uint32_t *sek_settler_gave_up(const SekSettler *settler);

/* How often a condition was left undecided, which is no match, because it depends on ancestors beyond
 * SEK_MAX_ANCESTORS. */
uint64_t sek_settler_unknown(const SekSettler *settler);

/* What stands for an ancestry field's value until then, in `arena`; ptr NULL when memory ran out. */
SekStr sek_settle_promise(SekArena *arena, const SekProcessKey *key);
