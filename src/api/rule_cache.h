/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Compiled rules kept from run to run (SekRulesOptions.cache). An image is used when the same build asks
 * for the same options and every file and folder that it was made of still has its stamp; everything else
 * means: compile. Nothing about the cache can make loading fail, or change what it gives.
 *
 *   header    magic, build, options, sizes, the address that the image is for, checksum of everything
 *   stamps    paths with SekStamp, then the texts of the paths
 *   image     engine/image.h */

#include "api/stamps.h"
#include "engine/ruleset.h"

/* Reads what was kept for `options`. SEK_OK; SEK_NOT_FOUND when there is nothing that holds;
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_rule_cache_get(const SekRulesOptions *options, SekRuleset **out);

/* Keeps `rules`, sealed and not used yet, if it can. */
void sek_rule_cache_put(const SekRulesOptions *options, const SekStamps *stamps, const SekRuleset *rules);

/* A kept file, as get reads it: checks what is mapped for `build` and `key`, and fills `rules`, which take
 * it over. SEK_OK; SEK_NOT_FOUND; SEK_ERR_MEMORY. */
typedef struct SekCacheKey {
    unsigned char build[32];
    char options[72]; /* checksum of the options; also in the file's name */
} SekCacheKey;
SEK_MUST_USE SekStatus sek_rule_cache_open(const SekCacheKey *key, SekMapped *mapped, SekRuleset *rules);
