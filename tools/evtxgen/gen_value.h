/* SPDX-License-Identifier: Apache-2.0 */
/* The typed values of one event, in the order of its template's substitutions.
 *
 * A list owns copies of everything that is added, except nested templates and their values, which
 * must outlive it. A failed addition makes the list `failed`; the writer then refuses the event.
 * Value types and their encodings: [MS-EVEN6] 2.2.12 and 2.2.12.3. */
#pragma once

#include "evtxgen/gen_buf.h"

typedef struct SekGenTemplate SekGenTemplate;

/* BinXML value types; SEK_GEN_ARRAY is or-ed to one of them. */
enum {
    SEK_GEN_NULL = 0x00,
    SEK_GEN_STRING = 0x01,
    SEK_GEN_ANSI = 0x02,
    SEK_GEN_INT8 = 0x03,
    SEK_GEN_UINT8 = 0x04,
    SEK_GEN_INT16 = 0x05,
    SEK_GEN_UINT16 = 0x06,
    SEK_GEN_INT32 = 0x07,
    SEK_GEN_UINT32 = 0x08,
    SEK_GEN_INT64 = 0x09,
    SEK_GEN_UINT64 = 0x0a,
    SEK_GEN_FLOAT = 0x0b,
    SEK_GEN_DOUBLE = 0x0c,
    SEK_GEN_BOOL = 0x0d,
    SEK_GEN_BINARY = 0x0e,
    SEK_GEN_GUID = 0x0f,
    SEK_GEN_SIZE = 0x10,
    SEK_GEN_FILETIME = 0x11,
    SEK_GEN_SYSTEMTIME = 0x12,
    SEK_GEN_SID = 0x13,
    SEK_GEN_HEX32 = 0x14,
    SEK_GEN_HEX64 = 0x15,
    SEK_GEN_BINXML = 0x21,
    SEK_GEN_ARRAY = 0x80
};

typedef struct SekGenGuid {
    uint8_t bytes[16]; /* as on disk: first three parts little-endian */
} SekGenGuid;

typedef struct SekGenValues SekGenValues;

typedef struct SekGenValue {
    uint32_t off; /* into the list's bytes */
    uint32_t size;
    uint8_t type;
    const SekGenTemplate *nested_template; /* only for SEK_GEN_BINXML */
    const SekGenValues *nested_values;
} SekGenValue;

struct SekGenValues {
    SekGenBuf bytes;
    SekGenValue *items; /* owned */
    size_t n;
    size_t cap;
    bool failed;
};

void sek_gen_values_init(SekGenValues *values);
void sek_gen_values_deinit(SekGenValues *values);
void sek_gen_values_clear(SekGenValues *values);

/* Makes `out` (initialised, empty) a copy of `values`. */
void sek_gen_values_copy(SekGenValues *out, const SekGenValues *values);

/* Adds a value of any type from its encoded bytes; `type` may carry SEK_GEN_ARRAY. */
void sek_gen_add_raw(SekGenValues *values, uint8_t type, const void *bytes, size_t n);

void sek_gen_add_null(SekGenValues *values);
void sek_gen_add_str(SekGenValues *values, const char *utf8);
void sek_gen_add_str_n(SekGenValues *values, const char *utf8, size_t n);
void sek_gen_add_bool(SekGenValues *values, bool value);
/* Adds an integer of the given type; types other than integers make the list failed. */
void sek_gen_add_int(SekGenValues *values, uint8_t type, uint64_t value);
void sek_gen_add_u32(SekGenValues *values, uint32_t value);
void sek_gen_add_hex32(SekGenValues *values, uint32_t value);
void sek_gen_add_hex64(SekGenValues *values, uint64_t value);
void sek_gen_add_guid(SekGenValues *values, const SekGenGuid *guid);
/* `text` as `{5770385F-C22A-43E0-BF4C-06F5698FFBD9}`, braces optional. */
void sek_gen_add_guid_text(SekGenValues *values, const char *text);
/* `text` as `S-1-5-18`; at most 15 sub-authorities ([MS-DTYP] 2.4.2). */
void sek_gen_add_sid(SekGenValues *values, const char *text);
/* 100 ns units since 1601-01-01 UTC. */
void sek_gen_add_filetime(SekGenValues *values, uint64_t filetime);
void sek_gen_add_systemtime(SekGenValues *values, uint64_t filetime);
void sek_gen_add_float(SekGenValues *values, float value);
void sek_gen_add_double(SekGenValues *values, double value);
void sek_gen_add_binary(SekGenValues *values, const void *bytes, size_t n);
/* Strings of an array are stored one after the other, each ended by a NUL. */
void sek_gen_add_str_array(SekGenValues *values, const char *const *utf8, size_t n);
/* A template instance inside the event; both must outlive the list. */
void sek_gen_add_nested(SekGenValues *values, const SekGenTemplate *tmpl, const SekGenValues *nested);

/* Reads a GUID as above; false when `text` is none. */
bool sek_gen_guid_parse(const char *text, SekGenGuid *out_guid);

/* A calendar date as 100 ns units since 1601; the parts must be valid and the year 1601..9999. */
uint64_t sek_gen_filetime(int year, int month, int day, int hour, int minute, int second);

typedef struct SekGenDate {
    uint32_t year, month, day, weekday, hour, minute, second, ticks; /* ticks: 100 ns */
} SekGenDate;
SekGenDate sek_gen_date(uint64_t filetime);
