/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* qsort_r */
#include "base/shelf.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_PART (64u << 10) /* bytes that are sorted at once */

/* --- merging: runs[0] is the one whose next thing comes first --------------------------------- */

static bool comes_first(const SekShelfMerge *m, uint32_t a, uint32_t b) {
    return m->how.order(m->runs[a].at, m->runs[b].at, m->how.user) < 0;
}

static void sink(SekShelfMerge *m, uint32_t i) {
    for (;;) {
        uint32_t least = i, kid = 2 * i + 1;
        if (kid < m->n && comes_first(m, kid, least))
            least = kid;
        if (kid + 1 < m->n && comes_first(m, kid + 1, least))
            least = kid + 1;
        if (least == i)
            return;
        SekShelfRun moved = m->runs[i];
        m->runs[i] = m->runs[least];
        m->runs[least] = moved;
        i = least;
    }
}

static void remove_first(SekShelfMerge *m) {
    m->runs[0] = m->runs[--m->n];
}

void sek_shelf_merge_begin(SekShelfMerge *m) {
    for (uint32_t i = m->n; i > 0; i--) /* empty runs have no next thing to compare */
        if (m->runs[i - 1].at == m->runs[i - 1].end)
            m->runs[i - 1] = m->runs[--m->n];
    for (uint32_t i = m->n / 2; i > 0; i--)
        sink(m, i - 1);
}

const void *sek_shelf_merge_next(SekShelfMerge *m) {
    if (m->n == 0)
        return NULL;
    const char *next = m->runs[0].at;
    m->runs[0].at += m->how.size;
    if (m->runs[0].at == m->runs[0].end)
        remove_first(m);
    if (m->n > 1)
        sink(m, 0);
    return next;
}

/* --- sorting ---------------------------------------------------------------------------------- */

static SekStatus merge_parts(SekShelf *s, void **array, uint64_t n, const SekShelfSort *how, uint64_t part) {
    uint32_t n_parts = (uint32_t)((n + part - 1) / part);
    SekShelfRun *runs = malloc(n_parts * sizeof *runs);
    char *sorted = runs ? sek_shelf_take(s, n, how->size) : NULL, *to = sorted;
    const char *from = *array;
    if (!sorted) {
        free(runs);
        return SEK_ERR_MEMORY;
    }
    for (uint32_t i = 0; i < n_parts; i++) {
        uint64_t end = (i + 1) * part < n ? (i + 1) * part : n;
        runs[i] = (SekShelfRun){from + i * part * how->size, from + end * how->size};
    }
    SekShelfMerge merge = {.runs = runs, .n = n_parts, .how = *how};
    sek_shelf_merge_begin(&merge);
    for (const void *next; (next = sek_shelf_merge_next(&merge)); to += how->size) {
        memcpy(to, next, how->size);
        sek_shelf_breathe(s);
    }
    sek_shelf_give(s, *array);
    *array = sorted;
    free(runs);
    return SEK_OK;
}

SekStatus sek_shelf_sort(SekShelf *s, void **array, uint64_t n, const SekShelfSort *how) {
    uint64_t bytes = s->backing && s->window / 4 > LEAST_PART ? s->window / 4 : LEAST_PART, part = bytes / how->size;
    if (!s->backing || n <= part)
        part = n;
    for (uint64_t i = 0; i < n; i += part) {
        qsort_r((char *)*array + i * how->size, n - i < part ? n - i : part, how->size, how->order, how->user);
        if (part < n)
            sek_shelf_rest_when_due(s);
    }
    return part < n ? merge_parts(s, array, n, how, part) : SEK_OK;
}
