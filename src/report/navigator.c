/* SPDX-License-Identifier: Apache-2.0 */

/* A layer of MITRE's ATT&CK Navigator (layer file format 4.5): techniques scored by findings and
 * coloured by the highest level. */
#include "base/json_text.h"
#include "report/report.h"
#include "report/stream.h"
#include "story/attack.h"

#include <stdlib.h>

typedef struct Cell {
    uint64_t findings;
    SekLevel highest;
    uint64_t first, last;
} Cell;

typedef struct Navigator {
    SekStream stream;
    Cell *cells; /* one a technique of sek_techniques */
} Navigator;

static SekStatus finding(void *self, const SekFinding *f, SekError *err) {
    (void)err;
    Navigator *nav = self;
    for (size_t i = 0; i < f->rule->n_techniques; i++) {
        const SekTechnique *technique = sek_technique_find(f->rule->techniques[i]);
        if (!technique)
            continue;
        Cell *cell = &nav->cells[technique - sek_techniques];
        if (!cell->findings || f->event->time < cell->first)
            cell->first = f->event->time;
        if (f->event->time > cell->last)
            cell->last = f->event->time;
        if (!cell->findings || f->rule->level > cell->highest)
            cell->highest = f->rule->level;
        cell->findings++;
    }
    return SEK_OK;
}

static void add_cell(SekBuf *out, const SekTechnique *technique, const Cell *cell) {
    static const char *const colours[] = {"#d9d9d9", "#a6cee3", "#fdd17a", "#f47c3c", "#c01f2e"};
    sek_buf_addf(out, "{\"techniqueID\":\"%s\",\"score\":%ju,\"color\":\"%s\",\"enabled\":true,\"comment\":\"",
                 technique->id, (uintmax_t)cell->findings, colours[cell->highest]);
    sek_buf_addf(out, "%ju findings, highest level %s, ", (uintmax_t)cell->findings, sek_level_name(cell->highest));
    sek_add_time(out, cell->first);
    sek_buf_adds(out, " to ");
    sek_add_time(out, cell->last);
    sek_buf_adds(out, "\"}");
}

static SekStatus end(void *self, const SekRunResult *result, SekError *err) {
    (void)result;
    Navigator *nav = self;
    SekBuf *out = &nav->stream.line;
    uint64_t most = 1;
    for (unsigned i = 0; i < sek_n_techniques; i++)
        if (nav->cells[i].findings > most)
            most = nav->cells[i].findings;
    sek_buf_addf(out,
                 "{\"name\":\"Sekisho findings\",\"versions\":{\"attack\":\"%s\",\"navigator\":\"5.1.0\","
                 "\"layer\":\"4.5\"},\"domain\":\"enterprise-attack\",\"description\":\"Findings of Sekisho %s\","
                 "\"sorting\":3,\"hideDisabled\":false,\"techniques\":[",
                 SEK_ATTACK_VERSION, sek_version());
    bool first = true;
    for (unsigned i = 0; i < sek_n_techniques; i++) {
        if (!nav->cells[i].findings)
            continue;
        if (!first)
            sek_buf_addc(out, ',');
        first = false;
        add_cell(out, &sek_techniques[i], &nav->cells[i]);
    }
    sek_buf_addf(out,
                 "],\"gradient\":{\"colors\":[\"#ffffff\",\"#c01f2e\"],\"minValue\":0,\"maxValue\":%ju},"
                 "\"legendItems\":[{\"label\":\"critical\",\"color\":\"#c01f2e\"},"
                 "{\"label\":\"high\",\"color\":\"#f47c3c\"},{\"label\":\"medium\",\"color\":\"#fdd17a\"},"
                 "{\"label\":\"low\",\"color\":\"#a6cee3\"},{\"label\":\"informational\",\"color\":\"#d9d9d9\"}]}\n",
                 (uintmax_t)most);
    return sek_stream_end(&nav->stream, err);
}

static void navigator_free(void *self) {
    Navigator *nav = self;
    if (nav)
        free(nav->cells);
    sek_stream_free(self);
}

SekStatus sek_sink_navigator(const SekOutput *output, SekSink *out) {
    Navigator *nav = sek_stream_new(output, sizeof *nav);
    if (!nav)
        return SEK_ERR_MEMORY;
    nav->cells = calloc(sek_n_techniques, sizeof *nav->cells);
    if (!nav->cells) {
        navigator_free(nav);
        return SEK_ERR_MEMORY;
    }
    *out = (SekSink){.self = nav, .finding = finding, .end = end, .free = navigator_free};
    return SEK_OK;
}
