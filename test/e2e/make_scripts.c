/* SPDX-License-Identifier: Apache-2.0 */

/* Writes an event log of script blocks: make_scripts OUT.evtx < list. A line of the list is
 * "NUMBER TOTAL ID TEXT" (one event 4104) or "chunk" (what follows starts a new chunk). */
#include "evtxgen/evtx_write.h"

#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (1u << 17)

static const SekGenSource source = {.computer = "PC-1.yamabuki.example",
                                    .channel = "Microsoft-Windows-PowerShell/Operational",
                                    .provider = "Microsoft-Windows-PowerShell",
                                    .provider_guid = "{A0C1853B-5C40-4B15-8766-3CF1C58F985A}"};

static SekGenStatus add_part(SekGenWriter *writer, SekGenTemplate *payload, char *line, uint64_t record) {
    char *at = line;
    unsigned long number = strtoul(at, &at, 10), total = strtoul(at, &at, 10);
    char *id = strtok(at, " "), *text = strtok(NULL, "");
    SekGenValues values;
    sek_gen_values_init(&values);
    sek_gen_add_int(&values, SEK_GEN_INT32, number);
    sek_gen_add_int(&values, SEK_GEN_INT32, total);
    sek_gen_add_str(&values, text ? text : "");
    sek_gen_add_str(&values, id ? id : "");
    sek_gen_add_str(&values, "");
    SekGenEvent event = {.record_id = record, .filetime = sek_gen_filetime(2020, 12, 22, 9, 0, 0) + record * 10000000u,
                         .event_id = 4104, .qualifiers = -1, .version = 1, .level = 5, .opcode = 15, .task = 2,
                         .payload = payload, .values = &values};
    SekGenStatus status = sek_gen_writer_add(writer, &source, &event);
    sek_gen_values_deinit(&values);
    return status;
}

static SekGenStatus write_list(SekGenWriter *writer, SekGenTemplate *payload) {
    char *line = malloc(LINE_MAX_BYTES);
    SekGenStatus status = line ? SEK_GEN_OK : SEK_GEN_NO_MEMORY;
    for (uint64_t record = 1; status == SEK_GEN_OK && fgets(line, LINE_MAX_BYTES, stdin);) {
        line[strcspn(line, "\r\n")] = '\0';
        if (strcmp(line, "chunk") == 0)
            status = sek_gen_writer_next_chunk(writer);
        else
            status = add_part(writer, payload, line, record++);
    }
    free(line);
    return status == SEK_GEN_OK ? sek_gen_writer_finish(writer) : status;
}

int main(int argc, char **argv) {
    FILE *file = argc == 2 ? fopen(argv[1], "w+b") : NULL;
    SekGenWriter *writer = NULL;
    SekGenTemplate *payload = sek_gen_template_fields(
        "EventData", "MessageNumber:i32 MessageTotal:i32 ScriptBlockText:s ScriptBlockId:s Path:s");
    SekGenWriterOptions options = {.file = file};
    SekGenStatus status = file && payload ? sek_gen_writer_open(&options, &writer) : SEK_GEN_IO;
    if (status == SEK_GEN_OK)
        status = write_list(writer, payload);
    sek_gen_writer_free(writer);
    sek_gen_template_free(payload);
    if (file && fclose(file) != 0)
        status = SEK_GEN_IO;
    return status == SEK_GEN_OK ? 0 : 1;
}
