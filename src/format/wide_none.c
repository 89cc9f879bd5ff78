/* SPDX-License-Identifier: Apache-2.0 */
/* For processors whose wide registers nothing was written for. */
#include "format/crc32.h"
#include "format/cut.h"
#include "format/layout.h"
#include "format/put_text.h"

SekCrc32 sek_crc32_avx512(void) {
    return NULL;
}

SekCrc32 sek_crc32_avx2(void) {
    return NULL;
}

SekLayOut sek_lay_out_avx512(void) {
    return NULL;
}

const SekPutTexts *sek_put_texts_avx512(void) {
    return NULL;
}

SekCutCsv sek_cut_csv_avx512(void) {
    return NULL;
}

SekCutCsv sek_cut_csv_avx2(void) {
    return NULL;
}

SekCutXml sek_cut_xml_avx512(void) {
    return NULL;
}

SekCutXml sek_cut_xml_avx2(void) {
    return NULL;
}
