/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* fileno */
#include "cli/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes of the control character at `s`; 0 = none. */
static size_t control(const char *s, size_t len) {
    unsigned char c = (unsigned char)s[0];
    if (c < 0x20 || c == 0x7F)
        return 1;
    return c == 0xC2 && len > 1 && (unsigned char)s[1] >= 0x80 && (unsigned char)s[1] < 0xA0 ? 2 : 0;
}

void sek_put_text(FILE *to, SekStr text) {
    size_t plain = 0;
    for (size_t i = 0; i < text.len;) {
        size_t n = control(text.ptr + i, text.len - i);
        if (n) {
            (void)fwrite(text.ptr + plain, 1, i - plain, to);
            (void)fputs("\xEF\xBF\xBD", to);
            plain = i + n;
        }
        i += n ? n : 1;
    }
    if (text.len > plain)
        (void)fwrite(text.ptr + plain, 1, text.len - plain, to);
}

void sek_put_problem(FILE *to, const SekRuleProblem *p) {
    sek_put_text(to, p->source);
    const char *kind = p->not_loaded ? "not loaded" : p->further ? "also wrong" : p->note ? "note" : "warning";
    (void)fprintf(to, ":%u:%u: %s: ", p->line, p->column, kind);
    sek_put_text(to, p->text);
    (void)fprintf(to, " [%s]\n", p->code);
}

bool sek_wants_colour(FILE *stream) {
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0) && isatty(fileno(stream));
}
