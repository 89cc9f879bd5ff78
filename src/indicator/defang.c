/* SPDX-License-Identifier: Apache-2.0 */

/* The form that nobody opens by accident: hxxp://host[.]example/path. Reading it back (the finder does)
 * gives the plain form again. */
#include "indicator/finder.h"

static void add_dots(SekBuf *out, SekStr host) {
    for (size_t i = 0; i < host.len; i++) {
        if (host.ptr[i] == '.')
            sek_buf_adds(out, "[.]");
        else
            sek_buf_addc(out, host.ptr[i]);
    }
}

static void defang_url(SekBuf *out, SekStr url) {
    ptrdiff_t colon = sek_str_find(url, SEK_STR("://"));
    if (colon < 0) {
        sek_buf_add_str(out, url);
        return;
    }
    size_t host = (size_t)colon + 3, end = host;
    while (end < url.len && !sek_one_of(url.ptr[end], "/?#"))
        end++;
    if (sek_word_at(url, 0, "http"))
        sek_buf_addf(out, "hxxp%.*s://", (int)colon - 4, url.ptr + 4);
    else if (sek_word_at(url, 0, "ftp"))
        sek_buf_addf(out, "fxp%.*s://", (int)colon - 3, url.ptr + 3);
    else
        sek_buf_add(out, url.ptr, host);
    add_dots(out, sek_str_n(url.ptr + host, end - host));
    sek_buf_add(out, url.ptr + end, url.len - end);
}

void sek_indicator_defang(SekBuf *out, SekIndicatorKind kind, SekStr value) {
    switch (kind) {
    case SEK_INDICATOR_URL:
        defang_url(out, value);
        return;
    case SEK_INDICATOR_HOST:
    case SEK_INDICATOR_ADDRESS:
    case SEK_INDICATOR_ENDPOINT:
        add_dots(out, value);
        return;
    case SEK_INDICATOR_EMAIL: {
        ptrdiff_t sign = sek_str_find(value, SEK_STR("@"));
        size_t at = sign < 0 ? 0 : (size_t)sign;
        sek_buf_add(out, value.ptr, at);
        sek_buf_adds(out, "[@]");
        add_dots(out, sek_str_n(value.ptr + at + 1, value.len - at - 1));
        return;
    }
    default:
        sek_buf_add_str(out, value);
    }
}
