/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any bytes as a text with indicators. Hits lie inside the text, do not go backwards but
 * for what belongs to the hit before (the host of a URL), have a plain form, and the set keeps each once.
 * What is defanged is found again and comes to the same. */

#include "indicator/indicator.h"

#include <stdlib.h>

typedef struct Check {
    SekStr text;
    size_t n;
} Check;

static void require(bool condition) {
    if (!condition)
        abort();
}

static SekStatus visit(void *user, const SekIndicatorHit *hit) {
    Check *check = user;
    check->n++;
    require(hit->kind < SEK_N_INDICATOR_KINDS && hit->value.len > 0);
    require(hit->len > 0 && hit->off <= check->text.len && hit->len <= check->text.len - hit->off);
    return SEK_OK;
}

static SekStatus same(void *user, const SekIndicatorHit *hit) {
    SekStr *wanted = user;
    if (sek_str_eq(hit->value, *wanted))
        *wanted = (SekStr){NULL, 0};
    return SEK_OK;
}

static void check_defanged(const SekIndicator *item) {
    if (item->kind != SEK_INDICATOR_ADDRESS || memchr(item->value.ptr, ':', item->value.len))
        return;
    SekBuf out;
    SekStr wanted = item->value;
    sek_buf_init(&out, 1000);
    sek_indicator_defang(&out, item->kind, item->value);
    require(sek_indicators_find(sek_buf_str(&out), false, same, &wanted) == SEK_OK);
    require(wanted.len == 0);
    sek_buf_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Check check = {.text = {(const char *)data, size}};
    require(sek_indicators_find(check.text, false, visit, &check) == SEK_OK);
    SekIndicatorSet set;
    SekIndicatorPlace where = {.field = SEK_STR("x")};
    sek_indicators_init(&set, 0);
    require(sek_indicators_add(&set, check.text, &where) == SEK_OK);
    require(sek_indicators_add(&set, check.text, &where) == SEK_OK);
    uint64_t seen = set.n_lost;
    for (uint32_t i = 0; i < set.n_items; i++) {
        seen += set.items[i]->n_seen;
        check_defanged(set.items[i]);
    }
    require(seen == 2 * check.n);
    sek_indicators_deinit(&set);
    return 0;
}
