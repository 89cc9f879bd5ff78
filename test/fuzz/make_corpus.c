/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the seeds of fuzz_chunk, fuzz_binxml and mutate_evtx: make_corpus FOLDER writes FOLDER/chunk,
 * FOLDER/binxml and FOLDER/file.
 * All of them are built here, byte by byte; together they hold every token, every value type, and the
 * damages that the reader knows. The output is the same every time. */
#define _POSIX_C_SOURCE 200809L
#include "unit/format/builder.h"

#include "format/value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static Builder b; /* 64 KiB: not for the stack */
static const char *folder;
static int failed;

static void write_file(const char *kind, const char *name, const uint8_t *bytes, size_t len) {
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", folder, kind);
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        failed = 1;
    (void)snprintf(path, sizeof path, "%s/%s/%s", folder, kind, name);
    FILE *out = fopen(path, "wb");
    if (!out || fwrite(bytes, 1, len, out) != len)
        failed = 1;
    if (out && fclose(out) != 0)
        failed = 1;
}

static void write_chunk(const char *name, size_t len) {
    write_file("chunk", name, b.bytes, len);
}

/* What was built from offset 0 on; the byte before it is the target's choice of strictness. */
static void write_binxml(const char *name) {
    static uint8_t input[1 + sizeof b.bytes];
    for (unsigned strict = 0; strict < 2; strict++) {
        char numbered[64];
        (void)snprintf(numbered, sizeof numbered, "%s-%u", name, strict);
        input[0] = (uint8_t)strict;
        memcpy(input + 1, b.bytes, b.at);
        write_file("binxml", numbered, input, 1 + b.at);
    }
}

static void start_binxml(void) {
    build_start(&b);
    b.at = 0;
    b.dependency = false;
    put_fragment_header(&b);
}

static void every_token(void) {
    start_binxml();
    put_open(&b, "Event", true);
    put_attribute(&b, "xmlns");
    put_text(&b, "urn:test");
    put_close_start(&b);
    put_open(&b, "Empty", false);
    put_close_empty(&b);
    put8(&b, 0x48);
    put16(&b, 0x20AC);
    put8(&b, 0x09);
    put_name_here(&b, "amp");
    put8(&b, 0x49);
    put_name_here(&b, "nbsp");
    put8(&b, 0x47);
    put16(&b, 5);
    put_utf16(&b, "a]]>b");
    put8(&b, 0x0a);
    put_name_here(&b, "target");
    put8(&b, 0x0b);
    put16(&b, 2);
    put_utf16(&b, "?>");
    put8(&b, 0x45);
    put8(&b, SEK_VALUE_UINT64);
    put64(&b, 12345678901234567u);
    put_end(&b);
    put_eof(&b);
    write_binxml("every-token");
}

/* One hole per value type, filled with that type, plain and as an array of two. */
static void every_type(void) {
    static const uint8_t types[] = {
        SEK_VALUE_NULL,   SEK_VALUE_STRING, SEK_VALUE_ANSI,      SEK_VALUE_INT8,       SEK_VALUE_UINT8,
        SEK_VALUE_INT16,  SEK_VALUE_UINT16, SEK_VALUE_INT32,     SEK_VALUE_UINT32,     SEK_VALUE_INT64,
        SEK_VALUE_UINT64, SEK_VALUE_FLOAT,  SEK_VALUE_DOUBLE,    SEK_VALUE_BOOL,       SEK_VALUE_BINARY,
        SEK_VALUE_GUID,   SEK_VALUE_SIZE,   SEK_VALUE_FILETIME,  SEK_VALUE_SYSTEMTIME, SEK_VALUE_SID,
        SEK_VALUE_HEX32,  SEK_VALUE_HEX64,  SEK_VALUE_EVTHANDLE, SEK_VALUE_EVTXML,     0x55,
    };
    static const uint8_t sid[] = {1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 5, 19, 0, 0, 0};
    enum { N = sizeof types };
    start_binxml();
    b.dependency = true;
    uint32_t definition = put_instance_here(&b, 7);
    put_open(&b, "EventData", false);
    put_close_start(&b);
    for (unsigned i = 0; i < 2 * N; i++) {
        put_open(&b, "Data", false);
        put_close_start(&b);
        put_hole(&b, i, types[i / 2] | (i % 2 ? SEK_VALUE_ARRAY : 0u), i % 3 == 0);
        put_end(&b);
    }
    put_end(&b);
    end_definition(&b, definition);
    put32(&b, 2 * N);
    for (unsigned i = 0; i < 2 * N; i++) {
        unsigned one = sek_value_fixed_size(types[i / 2]);
        if (one == 0)
            one = types[i / 2] == SEK_VALUE_SID ? 12 : 8;
        put_descriptor(&b, i % 2 ? 2 * one : one, types[i / 2] | (i % 2 ? SEK_VALUE_ARRAY : 0u));
    }
    for (unsigned i = 0; i < 2 * N; i++) {
        unsigned one = sek_value_fixed_size(types[i / 2]);
        if (one == 0)
            one = types[i / 2] == SEK_VALUE_SID ? 12 : 8;
        for (unsigned k = 0; k < (i % 2 ? 2 * one : one); k++)
            put8(&b, types[i / 2] == SEK_VALUE_SID ? sid[k % sizeof sid] : k % 2 ? 0 : 'a' + i);
    }
    put_eof(&b);
    write_binxml("every-type");
}

static void nested(void) {
    start_binxml();
    b.dependency = true;
    uint32_t outer = put_instance_here(&b, 7);
    put_open(&b, "Event", false);
    put_close_start(&b);
    put_hole(&b, 0, SEK_VALUE_BINXML, true);
    put_hole(&b, 0, SEK_VALUE_BINXML, true);
    put_end(&b);
    end_definition(&b, outer);
    put32(&b, 1);
    uint32_t size = b.at;
    put_descriptor(&b, 0, SEK_VALUE_BINXML);
    uint32_t start = b.at;
    put_fragment_header(&b);
    for (unsigned i = 0; i < 2; i++) { /* two instances in a row */
        uint32_t inner = put_instance_here(&b, 8 + i);
        put_open(&b, i ? "RenderingInfo" : "UserData", true);
        put_attribute(&b, "Culture");
        put_hole(&b, 0, SEK_VALUE_STRING, true);
        put_close_start(&b);
        put_hole(&b, 0, SEK_VALUE_STRING, false);
        put_end(&b);
        end_definition(&b, inner);
        put32(&b, 1);
        put_descriptor(&b, 4, SEK_VALUE_STRING);
        put_utf16(&b, "hi");
    }
    put_eof(&b);
    set16(&b, size, b.at - start);
    put_eof(&b);
    write_binxml("nested");
}

static uint32_t starts[24];

static void build_records(unsigned n) {
    build_start(&b);
    uint32_t definition = 0;
    for (unsigned i = 0; i < n; i++) {
        starts[i] = b.at;
        definition = put_small_event(&b, definition, 4688 + i, "cmd.exe /c \"echo <a> & exit\"");
    }
    starts[n] = b.at;
    build_finish(&b);
}

static void chunks(void) {
    build_records(20);
    write_chunk("sound", sizeof b.bytes);
    write_chunk("truncated", starts[7] + 50);
    b.bytes[0] = 'X';
    write_chunk("no-magic", sizeof b.bytes);
    build_records(6);
    set32(&b, starts[2] + 4, 7);
    set32(&b, starts[4] - 4, 9);
    b.bytes[starts[5]] = 0;
    build_checksums(&b);
    write_chunk("bad-sizes", starts[6]);
    build_records(6);
    set32(&b, 48, starts[3]);
    build_checksums(&b);
    memcpy(b.bytes + 5000, b.bytes + starts[1], starts[2] - starts[1]);
    write_chunk("slack", 6000);
    build_records(2);
    set32(&b, starts[1] + 24 + 4 + 6, 60000); /* definition in empty space */
    write_chunk("lost-definition", starts[2]);
    memset(b.bytes, 0, sizeof b.bytes);
    write_chunk("empty", 1024);
}

/* A log of one chunk, for mutate_evtx and as a seed of its own. */
static void whole_file(void) {
    static uint8_t file[4096 + sizeof b.bytes];
    static const uint8_t version_and_header_size[] = {1, 0, 3, 0, 0, 0x10, 1, 0};
    memcpy(file, "ElfFile", 8);
    file[32] = 128;
    memcpy(file + 36, version_and_header_size, sizeof version_and_header_size);
    build_records(20);
    memcpy(file + 4096, b.bytes, sizeof b.bytes);
    write_file("file", "seed.evtx", file, sizeof file);
    write_file("chunk", "file", file, 4096 + starts[3]);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        (void)fprintf(stderr, "usage: make_corpus FOLDER\n");
        return 2;
    }
    folder = argv[1];
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        failed = 1;
    every_token();
    every_type();
    nested();
    chunks();
    whole_file();
    return failed;
}
