/* SPDX-License-Identifier: Apache-2.0 */
/* For processors whose wide registers nothing was written for. */
#include "event/text_json_jump.h"
#include "event/text_span.h"

bool sek_json_form_avx2(SekJsonForm *out) {
    (void)out;
    return false;
}

bool sek_json_form_avx512(SekJsonForm *out) {
    (void)out;
    return false;
}

bool sek_span_form_avx2(SekSpanForm *out) {
    (void)out;
    return false;
}

bool sek_span_form_avx512(SekSpanForm *out) {
    (void)out;
    return false;
}
