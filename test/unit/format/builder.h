/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Makes chunks, records and BinXML byte by byte, for tests and for the seeds of the fuzz targets. Whatever
 * can be wrong in a file can be written with it: nothing is checked but the room. */

#include <stdbool.h>
#include <stdint.h>

typedef struct Builder {
    uint8_t bytes[65536];
    uint32_t at;     /* where the next byte goes */
    uint32_t record; /* start of the open record */
    uint64_t next_id;
    bool dependency; /* elements are written with a dependency identifier */
} Builder;

/* An empty chunk, ready for records; `at` is 512. */
void build_start(Builder *b);
/* Counts, offsets and checksums of the chunk's header; the records end at `at`. */
void build_finish(Builder *b);
/* Checksums only, after bytes were changed by hand. */
void build_checksums(Builder *b);

void put8(Builder *b, unsigned value);
void put16(Builder *b, unsigned value);
void put32(Builder *b, uint32_t value);
void put64(Builder *b, uint64_t value);
void put_bytes(Builder *b, const void *bytes, uint32_t len);
void put_utf16(Builder *b, const char *ascii); /* no NUL behind it */
void set16(Builder *b, uint32_t at, unsigned value);
void set32(Builder *b, uint32_t at, uint32_t value);
void set64(Builder *b, uint32_t at, uint64_t value);

/* A name as it stands in a chunk (offset of the next, hash, length, characters, NUL); returns its offset. */
uint32_t put_name(Builder *b, const char *ascii);
/* An offset field that is followed by the name itself. */
void put_name_here(Builder *b, const char *ascii);

void put_open(Builder *b, const char *name, bool has_attributes);
void put_open_at(Builder *b, uint32_t name, bool has_attributes); /* name elsewhere in the chunk */
void put_attribute(Builder *b, const char *name);
void put_close_start(Builder *b);
void put_close_empty(Builder *b);
void put_end(Builder *b);
void put_text(Builder *b, const char *ascii);
void put_hole(Builder *b, unsigned slot, unsigned type, bool optional);
void put_fragment_header(Builder *b);
void put_eof(Builder *b);

/* A definition with its tokens between begin and end. */
uint32_t put_definition(Builder *b, uint32_t id); /* returns its offset; the GUID begins with `id` */
void end_definition(Builder *b, uint32_t definition);
/* A template instance up to the number of values, of a definition elsewhere. */
void put_instance(Builder *b, uint32_t id, uint32_t definition, uint32_t n_values);
/* The same with the definition in place: put_instance_here, tokens, end_definition, put32(n_values). */
uint32_t put_instance_here(Builder *b, uint32_t id);
void put_descriptor(Builder *b, unsigned size, unsigned type);

void begin_record(Builder *b); /* header and fragment header; takes the next id */
void end_record(Builder *b);   /* EOF, padding to 8, sizes */

/* A record of a small event with template: System with EventID, EventRecordID, Channel, and EventData
 * with one named string; `definition` is 0 for the first of a chunk, which carries the definition, and
 * then what that returned. */
uint32_t put_small_event(Builder *b, uint32_t definition, unsigned event_id, const char *text);
