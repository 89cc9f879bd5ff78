/* SPDX-License-Identifier: Apache-2.0 */
#include "sekisho.h"

const char *sek_version(void) {
    return SEK_VERSION; /* from the top meson.build, its only place */
}
