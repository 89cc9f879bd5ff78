/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which build of the program this is: what one build wrote for itself must not be read by another. */

#include "base/status.h"

#define SEK_BUILD_BYTES 32u

/* The linker's checksum of the program (build id), padded with zeros. SEK_OK, or SEK_NOT_FOUND when it was
 * linked without one. build_posix.c implements it. */
SEK_MUST_USE SekStatus sek_build_id(unsigned char out[SEK_BUILD_BYTES]);
