/* SPDX-License-Identifier: Apache-2.0 */
#include "format/xml_between.h"

#define MAX_OPEN 16u /* deeper elements are counted as the deepest one */

typedef struct Gap {
    SekStr bytes;
    size_t at;
    size_t starts[MAX_OPEN]; /* of the elements that are open */
    unsigned n_open;
    SekXmlBetween found;
} Gap;

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static SekStr rest(const Gap *g) {
    return sek_str_n(g->bytes.ptr + g->at, g->bytes.len - g->at);
}

static void note_text(Gap *g, size_t at) {
    if (g->found.text == SEK_XML_NOWHERE)
        g->found.text = at;
}

/* Moves behind `mark`, or to the end, which is as if it was cut there. */
static void skip_past(Gap *g, size_t start, SekStr mark) {
    ptrdiff_t found = sek_str_find(rest(g), mark);
    g->at = found < 0 ? g->bytes.len : g->at + (size_t)found + mark.len;
    if (found < 0)
        note_text(g, start);
}

/* Moves behind the `>` that ends the tag at `g->at`; false when it is cut. */
static bool skip_tag(Gap *g) {
    char quote = 0;
    while (g->at < g->bytes.len) {
        char c = g->bytes.ptr[g->at++];
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return true;
    }
    return false;
}

/* An element ends that began at `start`, in this gap. Text in it is its own. */
static void note_element(Gap *g, size_t start) {
    SekStr tag = sek_str_n(g->bytes.ptr + start, g->bytes.len - start);
    if (g->found.text != SEK_XML_NOWHERE && g->found.text > start)
        g->found.text = SEK_XML_NOWHERE;
    bool system = sek_str_starts(tag, SEK_STR("<System>")) || sek_str_starts(tag, SEK_STR("<System/")) ||
                  sek_str_starts(tag, SEK_STR("<System "));
    bool events = sek_str_starts(tag, SEK_STR("<Events>")) || sek_str_starts(tag, SEK_STR("<Events/")) ||
                  sek_str_starts(tag, SEK_STR("<Events "));
    if (system ? !g->found.event_like : g->found.element == SEK_XML_NOWHERE && !events)
        g->found.element = start;
    g->found.event_like |= system;
}

static void take_tag(Gap *g) {
    size_t start = g->at;
    bool ends = sek_str_starts(rest(g), SEK_STR("</"));
    if (!skip_tag(g)) {
        note_text(g, start);
    } else if (ends) {
        if (g->n_open) /* else it is that of an element around events */
            note_element(g, g->starts[--g->n_open]);
    } else if (g->bytes.ptr[g->at - 2] == '/') {
        note_element(g, start);
    } else if (g->n_open < MAX_OPEN) {
        g->starts[g->n_open++] = start;
    }
}

SekXmlBetween sek_xml_between(SekStr gap) {
    Gap g = {.bytes = gap, .found = {SEK_XML_NOWHERE, SEK_XML_NOWHERE, false}};
    while (g.at < gap.len) {
        size_t start = g.at;
        if (is_blank(gap.ptr[start])) {
            g.at++;
        } else if (gap.ptr[start] != '<') {
            const char *tag = memchr(gap.ptr + start, '<', gap.len - start);
            g.at = tag ? (size_t)(tag - gap.ptr) : gap.len;
            if (!sek_str_eq(sek_str_trim(sek_str_n(gap.ptr + start, g.at - start)), SEK_STR("\xEF\xBB\xBF")))
                note_text(&g, start);
        } else if (sek_str_starts(rest(&g), SEK_STR("<!--"))) {
            skip_past(&g, start, SEK_STR("-->"));
        } else if (sek_str_starts(rest(&g), SEK_STR("<?"))) {
            skip_past(&g, start, SEK_STR("?>"));
        } else if (sek_str_starts(rest(&g), SEK_STR("<!"))) {
            const char *end = memchr(gap.ptr + start, '>', gap.len - start);
            if (end && !memchr(gap.ptr + start, '[', (size_t)(end - gap.ptr) - start))
                g.at = (size_t)(end - gap.ptr) + 1;
            else
                skip_past(&g, start, SEK_STR("]>"));
        } else {
            take_tag(&g);
        }
    }
    return g.found;
}
