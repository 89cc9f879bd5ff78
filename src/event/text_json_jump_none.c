/* SPDX-License-Identifier: Apache-2.0 */
/* For processors whose wide registers nothing was written for. */
#include "event/text_json_jump.h"

SekJsonJump sek_json_jump_avx2(void) {
    return NULL;
}
