/* SPDX-License-Identifier: Apache-2.0 */
#include "event/text_csv.h"

#include "event/text_json.h"
#include "format/csv.h"

void sek_text_csv_init(SekTextCsv *csv) {
    *csv = (SekTextCsv){0};
    sek_arena_init(&csv->arena, 0);
}

void sek_text_csv_deinit(SekTextCsv *csv) {
    sek_arena_deinit(&csv->arena);
    *csv = (SekTextCsv){0};
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
    return SEK_OK;
}

/* Cells behind those that have a name: Event Viewer writes the description there. */
static SekStr name_of(const SekTextCsv *csv, uint32_t cell) {
    if (cell < csv->n_names && csv->names[cell].len)
        return csv->names[cell];
    return cell == csv->n_names ? SEK_STR("Message") : (SekStr){"", 0};
}

SekStatus sek_text_csv_read(const SekTextCsv *csv, SekStr text, SekTextRecord *record) {
    SekCsvCells cells;
    if (sek_csv_cells(text, csv->separator, record->arena, &cells) != SEK_OK)
        return SEK_ERR_MEMORY;
    sek_text_step(record, SEK_STEP_OPEN, (SekStr){"", 0});
    for (uint32_t i = 0; i < cells.n; i++) {
        SekStr name = name_of(csv, i);
        bool empty = cells.cells[i].len == 0;
        if (!empty && sek_text_json_payload(name, cells.cells[i], record))
            continue;
        if (name.len)
            sek_text_value(record, SEK_STEP_LEAF, name, cells.cells[i], SEK_WRITTEN_TEXT);
        else if (!empty)
            record->left_out |= SEK_PART_ODD_CELLS;
        if (name.len && empty && record->values.n) /* its slot is there, so that all records are one shape */
            record->values.values[record->values.n - 1] = (SekValue){0};
    }
    sek_text_step(record, SEK_STEP_CLOSE, (SekStr){"", 0});
    if (cells.more)
        record->left_out |= SEK_PART_TOO_MANY;
    return record->failed;
}
