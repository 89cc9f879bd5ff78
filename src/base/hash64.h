/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A checksum of 64 bits for files of our own, as fast as memory is read. It finds every change that
 * accident makes; against somebody who wants the same checksum it is no help. */

#include <stddef.h>
#include <stdint.h>

uint64_t sek_hash64(const void *bytes, size_t n);
