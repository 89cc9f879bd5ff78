/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/archive_end.h"

#include <stdlib.h>

#define END_RECORD 22u      /* of a zip, without its comment (APPNOTE 4.3.16) */
#define LONGEST_COMMENT 65535u
#define LOCATOR 20u         /* of a zip64's end record, stands before it (4.3.15) */
#define START_HEADER 32u    /* of 7z */

static const char behind[] = "archive: more data stands behind its end and was not read";

static uint64_t le(const uint8_t *bytes, unsigned n) {
    uint64_t value = 0;
    while (n-- > 0)
        value = value << 8 | bytes[n];
    return value;
}

static bool is_zero(const uint8_t *bytes, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (bytes[i])
            return false;
    return true;
}

/* The last end record in `tail`: its place, or `n` when there is none. */
static size_t find_end_record(const uint8_t *tail, size_t n) {
    for (size_t at = n; at-- > 0;)
        if (n - at >= END_RECORD && memcmp(tail + at, "PK\005\006", 4) == 0 && le(tail + at + 20, 2) <= n - at - END_RECORD)
            return at;
    return n;
}

/* `offset`: of the end record `end` in the file. What is written there about the directory, which stands
 * before it, says where the archive begins. Zip64 has other records between them, and larger numbers. */
static bool data_before(const uint8_t *end, uint64_t offset, bool zip64) {
    uint64_t size = le(end + 12, 4), at = le(end + 16, 4);
    return !zip64 && size != UINT32_MAX && at != UINT32_MAX && size + at < offset;
}

static SekStatus zip_ends(const SekFile *file, uint8_t *tail, SekError *err) {
    uint64_t want = LOCATOR + END_RECORD + LONGEST_COMMENT;
    uint64_t from = file->size > want ? file->size - want : 0;
    size_t n;
    SekStatus status = sek_file_read_at(file, from, tail, (size_t)want, &n, err);
    if (status != SEK_OK)
        return status;
    size_t at = find_end_record(tail, n);
    if (at == n)
        return sek_fail(err, SEK_ERR_INPUT, "archive: was cut, or has much behind it: the end of its directory is missing");
    size_t end = at + END_RECORD + (size_t)le(tail + at + 20, 2);
    if (!is_zero(tail + end, n - end))
        return sek_fail(err, SEK_ERR_INPUT, "%s", behind);
    bool zip64 = at >= LOCATOR && memcmp(tail + at - LOCATOR, "PK\006\007", 4) == 0;
    if (data_before(tail + at, from + at, zip64))
        return sek_fail(err, SEK_ERR_INPUT, "archive: stands behind other data (a second archive?), which was not read");
    return SEK_OK;
}

static SekStatus sevenzip_ends(const SekFile *file, SekError *err) {
    uint8_t head[START_HEADER];
    size_t n;
    SekStatus status = sek_file_read_at(file, 0, head, sizeof head, &n, err);
    if (status != SEK_OK || n < sizeof head)
        return status;
    uint64_t offset = le(head + 12, 8), size = le(head + 20, 8), left = file->size - START_HEADER;
    if (offset <= left && size <= left - offset && offset + size < left)
        return sek_fail(err, SEK_ERR_INPUT, "%s", behind);
    return SEK_OK;
}

SekStatus sek_archive_ends(const SekFile *file, bool zip, SekError *err) {
    if (!zip)
        return sevenzip_ends(file, err);
    uint8_t *tail = malloc(LOCATOR + END_RECORD + LONGEST_COMMENT);
    if (!tail)
        return SEK_ERR_MEMORY;
    SekStatus status = zip_ends(file, tail, err);
    free(tail);
    return status;
}
