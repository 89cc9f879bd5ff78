/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reads a chunk as the program does, and checks what every reader above relies on. Shared by the fuzz
 * targets and the mutation stress. A broken promise ends the process: that is how a fuzzer sees it. */

#include "format/event_text.h"
#include "format/evtx.h"

#define FUZZ_MAX_TEXT (8u * 1024u * 1024u) /* of one record */

typedef struct FuzzTexts {
    SekBuf xml, json, again;
    uint64_t hash; /* of all that was rendered and of every status, in order */
    uint64_t n_records, n_read, n_partial;
} FuzzTexts;

void fuzz_texts_init(FuzzTexts *texts);
void fuzz_texts_deinit(FuzzTexts *texts);

void fuzz_require(bool condition, const char *what);

/* Every record of the chunk: fragments, nested fragments, XML, JSON. Adds to `texts`. */
void fuzz_read_chunk(SekBinxml *bx, const uint8_t *bytes, uint32_t len, bool recover, FuzzTexts *texts);

/* One record that the caller parsed. */
void fuzz_check_record(SekBinxml *bx, const uint8_t *chunk, uint32_t len, const SekFragment *record,
                       FuzzTexts *texts);
