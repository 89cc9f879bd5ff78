/* SPDX-License-Identifier: Apache-2.0 */
/* Events as a list of values to an event log: write_events OUT.evtx < list.
 *
 * The list's parts end with the control character RS (1e), the values in a part with US (1f), so that text
 * may hold line breaks. The first part is CHANNEL PROVIDER GUID ID VERSION LEVEL TASK KEYWORDS FIELDS, FIELDS
 * as evtxgen/gen_template.h describes them (below EventData); every other part is one event, a value for
 * each field. The events are one second apart. The same list gives the same bytes. */
#include "evtxgen/evtx_write.h"

#include <stdlib.h>
#include <string.h>

enum { PART_MAX = 1 << 17, VALUES_MAX = 64, HEAD_VALUES = 9, END_OF_PART = 0x1e, END_OF_VALUE = 0x1f };

typedef struct List {
    char text[PART_MAX];
    char *values[VALUES_MAX];
    size_t n;
} List;

/* The next part into `list`; false at the end of the input, and when a part is too long. */
static bool next_part(List *list) {
    size_t len = 0;
    list->n = 0;
    list->values[list->n++] = list->text;
    for (int c; (c = getchar()) != EOF && len < PART_MAX - 1;) {
        list->text[len++] = c == END_OF_PART || c == END_OF_VALUE ? '\0' : (char)c;
        if (c == END_OF_PART)
            return true;
        if (c == END_OF_VALUE && list->n < VALUES_MAX)
            list->values[list->n++] = list->text + len;
    }
    return false;
}

static bool add_value(SekGenValues *values, const char *type, const char *text) {
    static const struct {
        const char *name;
        uint8_t type;
    } integers[] = {{"u16", SEK_GEN_UINT16}, {"u32", SEK_GEN_UINT32}, {"i32", SEK_GEN_INT32},
                    {"x32", SEK_GEN_HEX32},  {"x64", SEK_GEN_HEX64},  {"sz", SEK_GEN_HEX64}};
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
        if (strcmp(type, integers[i].name) == 0) {
            sek_gen_add_int(values, integers[i].type, strtoull(text, NULL, 0));
            return true;
        }
    if (strcmp(type, "s") == 0)
        sek_gen_add_str(values, text);
    else if (strcmp(type, "g") == 0)
        sek_gen_add_guid_text(values, text);
    else if (strcmp(type, "sid") == 0)
        sek_gen_add_sid(values, text);
    else if (strcmp(type, "b") == 0)
        sek_gen_add_bool(values, text[0] == 't');
    else
        return false;
    return true;
}

/* The values of `list`, each of the type that the description of the fields gives it. */
static bool add_values(SekGenValues *values, const char *fields, const List *list) {
    size_t i = 0;
    for (const char *at = fields; *at; at += strspn(at, " "), i++) {
        char type[8] = "";
        size_t word = strcspn(at, " ");
        const char *colon = memchr(at, ':', word);
        size_t len = colon ? word - (size_t)(colon + 1 - at) : 0;
        if (!colon || len >= sizeof type || i >= list->n)
            return false;
        memcpy(type, colon + 1, len);
        if (!add_value(values, type, list->values[i]))
            return false;
        at += word;
    }
    return i == list->n;
}

static uint64_t number(const char *text) {
    return strtoull(text, NULL, 0);
}

static SekGenStatus write_events(SekGenWriter *writer, const List *head, List *list) {
    char *const *h = head->values;
    SekGenSource source = {.computer = "PC-01.yamabuki.example", .channel = h[0], .provider = h[1], .provider_guid = h[2]};
    SekGenTemplate *payload = sek_gen_template_fields("EventData", h[8]);
    SekGenStatus status = payload ? SEK_GEN_OK : SEK_GEN_BAD_EVENT;
    SekGenValues values;
    sek_gen_values_init(&values);
    for (uint64_t record = 1; status == SEK_GEN_OK && next_part(list); record++) {
        sek_gen_values_clear(&values);
        SekGenEvent event = {.record_id = record, .filetime = sek_gen_filetime(2020, 12, 22, 9, 0, 0) + record * 10000000u,
                             .event_id = (uint16_t)number(h[3]), .qualifiers = -1, .version = (uint8_t)number(h[4]),
                             .level = (uint8_t)number(h[5]), .task = (uint16_t)number(h[6]), .keywords = number(h[7]),
                             .process_id = 3124, .thread_id = 4012, .user_sid = "S-1-5-18",
                             .payload = payload, .values = &values};
        status = add_values(&values, h[8], list) ? sek_gen_writer_add(writer, &source, &event) : SEK_GEN_BAD_EVENT;
    }
    if (status == SEK_GEN_OK)
        status = sek_gen_writer_finish(writer);
    sek_gen_values_deinit(&values);
    sek_gen_writer_free(writer); /* before the templates that it used */
    sek_gen_template_free(payload);
    return status;
}

int main(int argc, char **argv) {
    FILE *file = argc == 2 ? fopen(argv[1], "w+b") : NULL;
    List *head = malloc(sizeof *head), *list = malloc(sizeof *list);
    SekGenWriter *writer = NULL;
    SekGenWriterOptions options = {.file = file};
    SekGenStatus status = file && head && list ? sek_gen_writer_open(&options, &writer) : SEK_GEN_IO;
    if (status == SEK_GEN_OK)
        status = next_part(head) && head->n == HEAD_VALUES ? write_events(writer, head, list) : SEK_GEN_BAD_EVENT;
    if (status != SEK_GEN_OK)
        (void)fprintf(stderr, "write_events: %s\n", file ? "the list cannot be written as events" : "usage: write_events OUT.evtx");
    free(head);
    free(list);
    if (file && fclose(file) != 0)
        status = SEK_GEN_IO;
    return status == SEK_GEN_OK ? 0 : 1;
}
