/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: any bytes as the BinXML of one record. The first byte chooses strict reading; the rest is the
 * chunk, all of which is the record, so that offsets of names and definitions can point into it. */
#include "fuzz/read_chunk.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SekBinxml *bx;
    if (size < 2 || size > SEK_EVTX_CHUNK_SIZE || sek_binxml_new(&bx) != SEK_OK)
        return 0;
    uint32_t len = (uint32_t)size - 1;
    uint8_t *chunk = malloc(len);
    FuzzTexts texts;
    fuzz_texts_init(&texts);
    if (chunk) {
        memcpy(chunk, data + 1, len);
        sek_binxml_chunk(bx, chunk, len);
        sek_binxml_strict(bx, data[0] & 1);
        SekFragment record;
        for (int i = 0; i < 2; i++) /* the second time with what the first has left in the caches */
            if (sek_binxml_record(bx, 0, len, &record, NULL) == SEK_OK)
                fuzz_check_record(bx, chunk, len, &record, &texts);
    }
    fuzz_texts_deinit(&texts);
    free(chunk);
    sek_binxml_free(bx);
    return 0;
}
