/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/sniff.h"

#include "format/evtx.h"

static bool has_at(const uint8_t *bytes, size_t len, size_t at, const char *magic, size_t n) {
    return len >= at + n && memcmp(bytes + at, magic, n) == 0;
}

static bool is_archive(const uint8_t *bytes, size_t len) {
    static const struct {
        size_t at, n;
        const char *magic;
    } known[] = {
        {0, 4, "PK\003\004"}, {0, 4, "PK\005\006"},      {0, 6, "7z\xbc\xaf\x27\x1c"},
        {0, 2, "\x1f\x8b"},   {0, 6, "\xfd" "7zXZ\0"},   {0, 3, "BZh"},
        {0, 4, "\x28\xb5\x2f\xfd"}, {257, 5, "ustar"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (has_at(bytes, len, known[i].at, known[i].magic, known[i].n))
            return true;
    return false;
}

SekSniff sek_sniff(const uint8_t *bytes, size_t len) {
    if (len == 0)
        return SEK_SNIFF_EMPTY;
    if (sek_evtx_is_file(bytes, len))
        return SEK_SNIFF_EVTX;
    if (has_at(bytes, len, SEK_EVTX_HEADER_SIZE, "ElfChnk", 8))
        return SEK_SNIFF_EVTX_DAMAGED;
    return is_archive(bytes, len) ? SEK_SNIFF_ARCHIVE : SEK_SNIFF_OTHER;
}

bool sek_named_evtx(SekStr path) {
    SekStr tail = SEK_STR(".evtx");
    return path.len >= tail.len &&
           sek_str_eq_nocase(sek_str_n(path.ptr + path.len - tail.len, tail.len), tail);
}
