/* SPDX-License-Identifier: Apache-2.0 */
#include "format/cut.h"

static void pass_bytes(SekCsvCut *cut, SekStr bytes, size_t at, size_t end) {
    for (; at < end; at++) {
        char c = bytes.ptr[at];
        if (c == '"') {
            cut->in_quotes = !cut->in_quotes;
        } else if (c == '\n' && !cut->in_quotes) {
            cut->records++;
            cut->end = at + 1;
        }
    }
}

void sek_cut_csv(SekCsvCut *cut, SekStr bytes, size_t at, SekCutCsv wide) {
    size_t blocks = wide && at < bytes.len ? (bytes.len - at) / SEK_CUT_BLOCK : 0;
    if (blocks)
        wide(cut, bytes, at, blocks);
    pass_bytes(cut, bytes, at + blocks * SEK_CUT_BLOCK, bytes.len);
}

static bool stands(SekStr bytes, size_t at, SekStr tag) {
    return bytes.len - at >= tag.len && memcmp(bytes.ptr + at, tag.ptr, tag.len) == 0;
}

size_t sek_cut_xml(SekStr bytes, size_t at, SekCutXml wide) {
    SekStr tag = SEK_STR("</Event>");
    while (wide && bytes.len - at >= SEK_CUT_BLOCK + 2) {
        size_t blocks = (bytes.len - at - 2) / SEK_CUT_BLOCK, end = at + blocks * SEK_CUT_BLOCK;
        at = wide(bytes, at, blocks);
        if (at == end)
            break;
        if (stands(bytes, at, tag))
            return at;
        at++;
    }
    ptrdiff_t found = sek_str_find(sek_str_n(bytes.ptr + at, bytes.len - at), tag);
    return found < 0 ? bytes.len : at + (size_t)found;
}

SekCutCsv sek_cut_csv_best(void) {
    SekCutCsv wide = sek_cut_csv_avx512();
    return wide ? wide : sek_cut_csv_avx2();
}

SekCutXml sek_cut_xml_best(void) {
    SekCutXml wide = sek_cut_xml_avx512();
    return wide ? wide : sek_cut_xml_avx2();
}
