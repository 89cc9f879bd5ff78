/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: any bytes as a chunk of an event log (or as a file, when they begin like one). */
#include "fuzz/read_chunk.h"

#include "base/bytes.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SekBinxml *bx;
    FuzzTexts texts;
    if (sek_binxml_new(&bx) != SEK_OK)
        return 0;
    fuzz_texts_init(&texts);
    SekEvtxHeader header;
    size_t at = 0;
    if (sek_evtx_header(data, size, &header, NULL, NULL) == SEK_OK && size > SEK_EVTX_HEADER_SIZE)
        at = SEK_EVTX_HEADER_SIZE;
    for (; at < size; at += SEK_EVTX_CHUNK_SIZE) {
        uint32_t len = size - at < SEK_EVTX_CHUNK_SIZE ? (uint32_t)(size - at) : SEK_EVTX_CHUNK_SIZE;
        uint8_t *chunk = malloc(len); /* a block of its own, so that one byte too far is seen */
        if (!chunk)
            break;
        memcpy(chunk, data + at, len);
        fuzz_read_chunk(bx, chunk, len, true, &texts);
        fuzz_read_chunk(bx, chunk, len, false, &texts);
        free(chunk);
    }
    fuzz_texts_deinit(&texts);
    sek_binxml_free(bx);
    return 0;
}
