/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/format/builder.h"

#include "base/bytes.h"
#include "format/binxml_internal.h"

#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>

static void room(const Builder *b, uint32_t at, uint32_t len) {
    if (!sek_within(at, len, sizeof b->bytes)) {
        (void)fprintf(stderr, "the test asks for more than a chunk\n");
        abort();
    }
}

void put_bytes(Builder *b, const void *bytes, uint32_t len) {
    room(b, b->at, len);
    if (len)
        memcpy(b->bytes + b->at, bytes, len);
    b->at += len;
}

static void set(Builder *b, uint32_t at, uint64_t value, uint32_t len) {
    room(b, at, len);
    for (uint32_t i = 0; i < len; i++)
        b->bytes[at + i] = (uint8_t)(value >> 8 * i);
}

static void put(Builder *b, uint64_t value, uint32_t len) {
    set(b, b->at, value, len);
    b->at += len;
}

void put8(Builder *b, unsigned value) {
    put(b, value, 1);
}

void put16(Builder *b, unsigned value) {
    put(b, value, 2);
}

void put32(Builder *b, uint32_t value) {
    put(b, value, 4);
}

void put64(Builder *b, uint64_t value) {
    put(b, value, 8);
}

void set16(Builder *b, uint32_t at, unsigned value) {
    set(b, at, value, 2);
}

void set32(Builder *b, uint32_t at, uint32_t value) {
    set(b, at, value, 4);
}

void set64(Builder *b, uint32_t at, uint64_t value) {
    set(b, at, value, 8);
}

void put_utf16(Builder *b, const char *ascii) {
    for (; *ascii; ascii++)
        put16(b, (uint8_t)*ascii);
}

void build_start(Builder *b) {
    memset(b, 0, sizeof *b);
    b->at = 512;
    b->next_id = 1;
    b->dependency = true;
}

void build_checksums(Builder *b) {
    uint32_t end = sek_le32(b->bytes + 48);
    if (end >= 512 && end <= sizeof b->bytes)
        set32(b, 52, libdeflate_crc32(0, b->bytes + 512, end - 512));
    uint32_t sum = libdeflate_crc32(0, b->bytes, 120);
    set32(b, 124, libdeflate_crc32(sum, b->bytes + 128, 384));
}

void build_finish(Builder *b) {
    memcpy(b->bytes, "ElfChnk", 8);
    set64(b, 8, 1);
    set64(b, 16, b->next_id - 1);
    set64(b, 24, 1);
    set64(b, 32, b->next_id - 1);
    set32(b, 40, 128);
    set32(b, 44, b->record);
    set32(b, 48, b->at);
    build_checksums(b);
}

uint32_t put_name(Builder *b, const char *ascii) {
    uint32_t off = b->at, n_chars = (uint32_t)strlen(ascii);
    put32(b, 0);
    put16(b, 0);
    put16(b, n_chars);
    put_utf16(b, ascii);
    put16(b, 0);
    set16(b, off + 4, sek_binxml_name_hash(b->bytes + off + 8, n_chars));
    return off;
}

void put_name_here(Builder *b, const char *ascii) {
    put32(b, b->at + 4);
    (void)put_name(b, ascii);
}

static void open_head(Builder *b, bool has_attributes) {
    put8(b, has_attributes ? 0x41 : 0x01);
    if (b->dependency)
        put16(b, 0xffff);
    put32(b, 0); /* sizes of elements are not read by anyone */
}

void put_open(Builder *b, const char *name, bool has_attributes) {
    open_head(b, has_attributes);
    put_name_here(b, name);
    if (has_attributes)
        put32(b, 0);
}

void put_open_at(Builder *b, uint32_t name, bool has_attributes) {
    open_head(b, has_attributes);
    put32(b, name);
    if (has_attributes)
        put32(b, 0);
}

void put_attribute(Builder *b, const char *name) {
    put8(b, 0x06);
    put_name_here(b, name);
}

void put_close_start(Builder *b) {
    put8(b, 0x02);
}

void put_close_empty(Builder *b) {
    put8(b, 0x03);
}

void put_end(Builder *b) {
    put8(b, 0x04);
}

void put_text(Builder *b, const char *ascii) {
    put8(b, 0x05);
    put8(b, 0x01);
    put16(b, (unsigned)strlen(ascii));
    put_utf16(b, ascii);
}

void put_hole(Builder *b, unsigned slot, unsigned type, bool optional) {
    put8(b, optional ? 0x0e : 0x0d);
    put16(b, slot);
    put8(b, type);
}

void put_fragment_header(Builder *b) {
    put32(b, 0x0001010f);
}

void put_eof(Builder *b) {
    put8(b, 0);
}

uint32_t put_definition(Builder *b, uint32_t id) {
    uint32_t off = b->at;
    put32(b, 0);
    put32(b, id);
    put32(b, 0x11112222);
    put32(b, 0x33334444);
    put32(b, 0x55556666);
    put32(b, 0); /* size: end_definition */
    put_fragment_header(b);
    return off;
}

void end_definition(Builder *b, uint32_t definition) {
    put_eof(b);
    set32(b, definition + 20, b->at - definition - 24);
}

static void instance_head(Builder *b, uint32_t id, uint32_t definition) {
    put8(b, 0x0c);
    put8(b, 1);
    put32(b, id);
    put32(b, definition);
}

void put_instance(Builder *b, uint32_t id, uint32_t definition, uint32_t n_values) {
    instance_head(b, id, definition);
    put32(b, n_values);
}

uint32_t put_instance_here(Builder *b, uint32_t id) {
    instance_head(b, id, b->at + 10);
    return put_definition(b, id);
}

void put_descriptor(Builder *b, unsigned size, unsigned type) {
    put16(b, size);
    put16(b, type);
}

void begin_record(Builder *b) {
    b->record = b->at;
    put32(b, 0x00002a2a);
    put32(b, 0);
    put64(b, b->next_id++);
    put64(b, 132000000000000000u);
    put_fragment_header(b);
}

void end_record(Builder *b) {
    put_eof(b);
    while ((b->at + 4) % 8)
        put8(b, 0);
    put32(b, b->at + 4 - b->record);
    set32(b, b->record + 4, b->at - b->record);
}

static void element_with_hole(Builder *b, const char *name, unsigned slot, unsigned type) {
    put_open(b, name, false);
    put_close_start(b);
    put_hole(b, slot, type, true);
    put_end(b);
}

static void small_definition(Builder *b) {
    put_open(b, "Event", false);
    put_close_start(b);
    put_open(b, "System", false);
    put_close_start(b);
    element_with_hole(b, "EventID", 0, SEK_VALUE_UINT16);
    element_with_hole(b, "EventRecordID", 1, SEK_VALUE_UINT64);
    put_open(b, "Channel", false);
    put_close_start(b);
    put_text(b, "Test/Operational");
    put_end(b);
    put_end(b);
    put_open(b, "EventData", false);
    put_close_start(b);
    put_open(b, "Data", true);
    put_attribute(b, "Name");
    put_text(b, "CommandLine");
    put_close_start(b);
    put_hole(b, 2, SEK_VALUE_STRING, false);
    put_end(b);
    put_end(b);
    put_end(b);
}

uint32_t put_small_event(Builder *b, uint32_t definition, unsigned event_id, const char *text) {
    uint64_t id = b->next_id;
    begin_record(b);
    if (definition) {
        put_instance(b, 0xabcd0001, definition, 3);
    } else {
        definition = put_instance_here(b, 0xabcd0001);
        small_definition(b);
        end_definition(b, definition);
        put32(b, 3);
    }
    put_descriptor(b, 2, SEK_VALUE_UINT16);
    put_descriptor(b, 8, SEK_VALUE_UINT64);
    put_descriptor(b, 2 * (unsigned)strlen(text), SEK_VALUE_STRING);
    put16(b, event_id);
    put64(b, id);
    put_utf16(b, text);
    end_record(b);
    return definition;
}
