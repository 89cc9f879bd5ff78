/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/gram_scan.h"

SekGramScan sek_gram_scan_avx2(void) {
    return NULL;
}
