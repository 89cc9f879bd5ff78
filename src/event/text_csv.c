/* SPDX-License-Identifier: Apache-2.0 */
#include "event/text_csv.h"

#include "event/text_json.h"
#include "format/csv.h"

#include <stdio.h>
#include <stdlib.h>

void sek_text_csv_init(SekTextCsv *csv) {
    *csv = (SekTextCsv){0};
    sek_arena_init(&csv->arena, 0);
    sek_arena_init(&csv->seen, 0);
}

void sek_text_csv_deinit(SekTextCsv *csv) {
    sek_arena_deinit(&csv->arena);
    sek_arena_deinit(&csv->seen);
    *csv = (SekTextCsv){0};
}

/* --- header -------------------------------------------------------------------------------------- */

/* What cells behind those that have a name are called: Event Viewer writes the description there. */
static SekStr more_name(void) {
    return SEK_STR("Message");
}

static SekStr name_of(const SekTextCsv *csv, uint32_t cell) {
    if (cell < csv->n_names)
        return csv->names[cell];
    return cell == csv->n_names ? more_name() : (SekStr){"", 0};
}

static int compare_names(const void *a, const void *b) {
    const SekStr *x = a, *y = b;
    int order = memcmp(x->ptr, y->ptr, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* True when each name stands once, and is no longer than the trail's: then it tells the column. */
static bool are_unique(SekTextCsv *csv) {
    SekStr *sorted = SEK_ARENA_ARRAY(&csv->arena, SekStr, csv->n_names + 1);
    if (!sorted)
        return false;
    csv->has_message = false;
    for (uint32_t i = 0; i < csv->n_names; i++) {
        sorted[i] = name_of(csv, i);
        csv->has_message |= sek_str_eq(sorted[i], more_name());
    }
    qsort(sorted, csv->n_names, sizeof *sorted, compare_names);
    for (uint32_t i = 0; i < csv->n_names; i++)
        if (sorted[i].len > SEK_TRAIL_MAX_KEY || (i && sorted[i].len && sek_str_eq(sorted[i], sorted[i - 1])))
            return false;
    return true;
}

/* The number of a header, from 1; 0 when it gets none. */
static uint32_t number_of(SekTextCsv *csv, SekStr header) {
    for (uint32_t i = 0; i < csv->n_headers; i++)
        if (sek_str_eq(csv->headers[i], header))
            return i + 1;
    if (!csv->headers)
        csv->headers = SEK_ARENA_ARRAY(&csv->seen, SekStr, SEK_CSV_MAX_HEADERS);
    if (!csv->headers || csv->n_headers == SEK_CSV_MAX_HEADERS || header.len > SEK_CSV_MAX_HEADER)
        return 0;
    SekStr kept = sek_arena_dup(&csv->seen, header);
    if (!kept.ptr)
        return 0;
    csv->headers[csv->n_headers++] = kept;
    return csv->n_headers;
}

SekStatus sek_text_csv_header(SekTextCsv *csv, SekStr header) {
    if (csv->header.ptr == header.ptr && csv->header.len == header.len && header.ptr)
        return SEK_OK;
    sek_arena_reset(&csv->arena);
    csv->header = (SekStr){0};
    csv->separator = sek_csv_separator(header);
    SekCsvCells cells;
    SekStr kept = sek_arena_dup(&csv->arena, header);
    if (!kept.ptr || sek_csv_cells(kept, csv->separator, &csv->arena, &cells) != SEK_OK)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < cells.n; i++)
        cells.cells[i] = sek_str_trim(cells.cells[i]);
    csv->names = cells.cells;
    csv->n_names = cells.n;
    csv->header = header;
    uint32_t number = !cells.more && are_unique(csv) ? number_of(csv, kept) : 0;
    (void)snprintf(csv->key, sizeof csv->key, number ? "#%u" : "", number); /* it fits */
    return SEK_OK;
}

/* --- records ------------------------------------------------------------------------------------- */

static SekStr key_of(const SekTextCsv *csv) {
    return sek_str(csv->key);
}

bool sek_text_csv_known(const SekTextCsv *csv, SekSpans *spans, SekStr text, SekTextRecord *record, size_t *out_used) {
    SekTrail *trail = record->trail;
    if (!csv->key[0] ||
        (!sek_trail_follow(trail, SEK_STEP_OPEN, key_of(csv)) && !sek_trail_choose(trail, SEK_STEP_OPEN, key_of(csv))))
        return false;
    return sek_span_csv(spans, text, csv->separator, record, out_used);
}

/* True when the record has a cell for each name, or one more that goes by a name of its own. */
static bool fits(const SekTextCsv *csv, const SekCsvCells *cells) {
    uint32_t n = cells->n;
    return !cells->more && (n == csv->n_names || (n == csv->n_names + 1 && cells->cells[n - 1].len && !csv->has_message));
}

/* True when steps are taken for cells that are not empty alone. */
static bool is_sparse(const SekTextCsv *csv, const SekCsvCells *cells) {
    uint32_t n = cells->n;
    if (!csv->key[0] || !fits(csv, cells) || csv->n_sparse == SEK_CSV_MAX_SPARSE ||
        csv->sparse_steps + n > SEK_CSV_SPARSE_STEPS)
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (cells->cells[i].len && (name_of(csv, i).len == 0 || sek_str_eq(name_of(csv, i), SEK_STR("Payload"))))
            return false; /* the latter may hold JSON */
    return true;
}

/* How a cell is read along a jump is decided there; one that is written in an odd way is not. */
static void learn_cell(SekSpanLearn *learn, SekStr raw) {
    size_t at = (size_t)(raw.ptr - learn->text.ptr);
    bool quoted = raw.ptr[0] == '"';
    sek_span_learn_value(learn, at + quoted, at + raw.len, quoted ? '"' : 0);
}

/* False when the trail has no place for the record. */
static bool read_sparse(SekTextCsv *csv, SekStr text, bool whole, const SekCsvCells *cells, SekTextRecord *record) {
    uint32_t steps = 2;
    sek_text_step(record, SEK_STEP_OPEN, key_of(csv));
    SekSpanLearn learn = sek_span_learn(record->trail, text, 0);
    for (uint32_t i = 0; i < cells->n; i++) {
        if (cells->cells[i].len == 0)
            continue;
        sek_text_value(record, SEK_STEP_LEAF, name_of(csv, i), cells->cells[i], SEK_WRITTEN_TEXT);
        learn.off |= record->left_out != 0;
        learn_cell(&learn, cells->raw[i]);
        steps++;
    }
    sek_text_step(record, SEK_STEP_CLOSE, (SekStr){"", 0});
    void **plan = sek_trail_plan(record->trail);
    if (!plan)
        return false;
    if (!*plan) {
        csv->n_sparse++;
        csv->sparse_steps += steps;
    }
    if (whole && record->left_out == 0)
        sek_span_learn_end(&learn, text.len);
    return true;
}

static void read_dense(const SekTextCsv *csv, const SekCsvCells *cells, SekTextRecord *record) {
    sek_text_step(record, SEK_STEP_OPEN, (SekStr){"", 0});
    for (uint32_t i = 0; i < cells->n; i++) {
        SekStr name = name_of(csv, i);
        bool empty = cells->cells[i].len == 0;
        if (!empty && sek_text_json_payload(name, cells->cells[i], record))
            continue;
        if (name.len)
            sek_text_value(record, SEK_STEP_LEAF, name, cells->cells[i], SEK_WRITTEN_TEXT);
        else if (!empty)
            record->left_out |= SEK_PART_ODD_CELLS;
        if (name.len && empty && record->values.n) /* its slot is there, so that all records are one shape */
            record->values.values[record->values.n - 1] = (SekValue){0};
    }
    sek_text_step(record, SEK_STEP_CLOSE, (SekStr){"", 0});
    if (cells->more)
        record->left_out |= SEK_PART_TOO_MANY;
}

SekStatus sek_text_csv_read(SekTextCsv *csv, SekStr text, bool whole, SekTextRecord *record) {
    SekCsvCells cells;
    if (sek_csv_cells(text, csv->separator, record->arena, &cells) != SEK_OK)
        return SEK_ERR_MEMORY;
    if (is_sparse(csv, &cells)) {
        if (read_sparse(csv, text, whole, &cells, record) || record->failed)
            return record->failed;
        csv->n_sparse = SEK_CSV_MAX_SPARSE; /* the trail is full */
        sek_text_begin(record, record->root);
    }
    read_dense(csv, &cells, record);
    return record->failed;
}

/* --- plan ---------------------------------------------------------------------------------------- */

/* The steps of a sparse record as those of a dense one, whose empty cells have no slot: what a cell means depends on
 * the header. */
static uint32_t fill(const SekTextCsv *csv, const SekStep *steps, uint32_t n, SekStep *out) {
    uint32_t taken = 1, filled = 0;
    out[filled++] = (SekStep){.key = {"", 0}, .slot = SEK_NO_SLOT, .kind = SEK_STEP_OPEN};
    for (uint32_t i = 0; i <= csv->n_names; i++) {
        SekStr name = name_of(csv, i);
        bool here = taken + 1 < n && sek_str_eq(steps[taken].key, name);
        if (here)
            out[filled++] = steps[taken++];
        else if (name.len && i < csv->n_names)
            out[filled++] = (SekStep){.key = name, .slot = SEK_NO_SLOT, .kind = SEK_STEP_LEAF};
    }
    out[filled++] = (SekStep){.key = {"", 0}, .slot = SEK_NO_SLOT, .kind = SEK_STEP_CLOSE};
    return filled;
}

SekStatus sek_text_csv_plan(const SekTextCsv *csv, const SekStep *steps, uint32_t n, SekArena *scratch, SekBuild *build,
                            SekTextPlan *plan) {
    bool sparse = n && steps[0].key.len;
    build->all_optional = !sparse;
    if (!sparse)
        return sek_text_json_plan(steps, n, scratch, build, plan);
    SekStep *filled = SEK_ARENA_ARRAY(scratch, SekStep, csv->n_names + 3);
    if (!filled)
        return SEK_ERR_MEMORY;
    return sek_text_json_plan(filled, fill(csv, steps, n, filled), scratch, build, plan);
}
