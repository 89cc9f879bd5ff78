/* SPDX-License-Identifier: Apache-2.0 */
/* For processors whose wide registers nothing was written for. */
#include "engine/gram_scan.h"
#include "engine/key_bytes.h"
#include "engine/probe.h"
#include "engine/raw_scan.h"
#include "engine/short_scan.h"

SekGramScan sek_gram_scan_avx2(void) {
    return NULL;
}

SekRawHits sek_raw_hits_avx2(void) {
    return NULL;
}

SekRawHits sek_raw_hits_avx512(void) {
    return NULL;
}

SekFind sek_find_avx2(void) {
    return NULL;
}

SekFind sek_find_avx512(void) {
    return NULL;
}

SekShortFind sek_short_find_avx2(void) {
    return NULL;
}

SekShortFind sek_short_find_avx512(void) {
    return NULL;
}

bool sek_key_bytes_avx2(SekKeyBytes *out) {
    *out = (SekKeyBytes){0};
    return false;
}
