/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any bytes as the manifest of an installed rule set. What was read must come back the same
 * when it is written and read again. */

#include "api/manifest.h"

#include <stdlib.h>

static void require(bool condition) {
    if (!condition)
        abort();
}

static void check_again(SekManifest *first) {
    SekManifest second;
    SekBuf text;
    SekError err = {0};
    sek_manifest_init(&second);
    sek_buf_init(&text, SEK_MANIFEST_MAX_BYTES);
    require(sek_manifest_write(first, &text) == SEK_OK);
    require(sek_manifest_read(&second, sek_buf_str(&text), &err) == SEK_OK);
    require(second.n_files == first->n_files && sek_str_eq(second.source, first->source));
    for (uint32_t i = 0; i < second.n_files; i++)
        require(sek_str_eq(second.files[i].path, first->files[i].path) &&
                sek_manifest_find(&second, second.files[i].path));
    sek_buf_deinit(&text);
    sek_manifest_deinit(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    SekManifest manifest;
    SekError err = {0};
    sek_manifest_init(&manifest);
    SekStatus status = sek_manifest_read(&manifest, sek_str_n((const char *)data, size), &err);
    require(status == SEK_OK || status == SEK_NOT_FOUND || (status == SEK_ERR_INPUT && err.what[0]));
    if (status == SEK_OK)
        check_again(&manifest);
    sek_manifest_deinit(&manifest);
    return 0;
}
