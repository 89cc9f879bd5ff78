/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/raw_scan.h"

SekRawNext sek_raw_next_avx2(void) {
    return NULL;
}
