/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The checksum of chunks: CRC-32 as in zlib (ITU-T V.42, polynomial 0x04C11DB7, bits reflected). Every byte of a
 * log goes through it, so it has to be as fast as memory: wide carry-less multiplication where the processor
 * has it (libdeflate 1.14 multiplies 16 bytes at a time: 14 GB/s), else libdeflate. */

#include <stddef.h>
#include <stdint.h>

/* The sum of what `crc` is the sum of (0: nothing) and `n` bytes more. */
uint32_t sek_crc32(uint32_t crc, const uint8_t *bytes, size_t n);

/* The same by wide registers, for SEK_CRC32_WIDE bytes or more; NULL where the processor cannot. */
#define SEK_CRC32_WIDE 512u
typedef uint32_t (*SekCrc32)(uint32_t crc, const uint8_t *bytes, size_t n);
SekCrc32 sek_crc32_avx512(void);
SekCrc32 sek_crc32_avx2(void);
