/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One typed value of a record, as it stands in the input: a borrowed view, rendered only when asked.
 *
 * The numbers of the types are BinXML's own ([MS-EVEN6] 2.2.12, section "Type System" 3.1.4.7.3;
 * libevtx "Windows XML Event Log (EVTX) format", section 4.4), so that a value descriptor of an EVTX
 * record is a SekValue without translation. Types from 0x60 on are ours, for text that other formats
 * bring as UTF-8. */

#include "base/buf.h"
#include "base/str.h"

typedef enum {
    SEK_VALUE_NULL = 0x00,
    SEK_VALUE_STRING = 0x01, /* UTF-16LE, not terminated (NULs at the end are no part of the text) */
    SEK_VALUE_ANSI = 0x02,   /* code page 1252 unless known otherwise */
    SEK_VALUE_INT8 = 0x03,
    SEK_VALUE_UINT8 = 0x04,
    SEK_VALUE_INT16 = 0x05,
    SEK_VALUE_UINT16 = 0x06,
    SEK_VALUE_INT32 = 0x07,
    SEK_VALUE_UINT32 = 0x08,
    SEK_VALUE_INT64 = 0x09,
    SEK_VALUE_UINT64 = 0x0a,
    SEK_VALUE_FLOAT = 0x0b,
    SEK_VALUE_DOUBLE = 0x0c,
    SEK_VALUE_BOOL = 0x0d,
    SEK_VALUE_BINARY = 0x0e, /* upper-case hexadecimal */
    SEK_VALUE_GUID = 0x0f,   /* {XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}, upper case */
    SEK_VALUE_SIZE = 0x10,   /* size_t of the writer, shown as 0x hexadecimal */
    SEK_VALUE_FILETIME = 0x11,
    SEK_VALUE_SYSTEMTIME = 0x12,
    SEK_VALUE_SID = 0x13,
    SEK_VALUE_HEX32 = 0x14, /* 0x, lower case, not padded */
    SEK_VALUE_HEX64 = 0x15,
    SEK_VALUE_EVTHANDLE = 0x20,
    SEK_VALUE_BINXML = 0x21,
    SEK_VALUE_EVTXML = 0x23,
    SEK_VALUE_UTF8 = 0x60,  /* text that already is UTF-8 */
    SEK_VALUE_ARRAY = 0x80, /* flag: several of the type in the low bits */
} SekValueType;

typedef struct SekValue {
    const uint8_t *ptr; /* borrowed from the record, its template or an arena; may be NULL if len 0 */
    uint32_t len;       /* bytes */
    uint8_t type;       /* SekValueType, with SEK_VALUE_ARRAY or without */
} SekValue;

static inline bool sek_value_is_array(SekValue v) {
    return (v.type & SEK_VALUE_ARRAY) != 0;
}

static inline bool sek_value_is_signed(uint8_t type) {
    return type == SEK_VALUE_INT8 || type == SEK_VALUE_INT16 || type == SEK_VALUE_INT32 || type == SEK_VALUE_INT64;
}

/* Bytes that a value of this plain type always has; 0 where the size varies (text, binary, SID, size_t)
 * and for unknown types. Boolean is 4. */
uint32_t sek_value_fixed_size(uint8_t type);

/* True when the bytes can be a value of the type: the size suits it, and a SID is one. What does not fit is
 * shown as bytes; in remains of overwritten records it tells that they are not what they seem. */
bool sek_value_fits(SekValue v);

/* Appends the text that Windows shows for `v` (an array: the elements joined by a line feed; use
 * sek_value_next to have them one by one). A value whose size does not fit its type is appended as
 * upper-case hexadecimal bytes. Never fails but for the buffer's own cap. */
void sek_value_text(SekValue v, SekBuf *out);

/* Steps through the elements of an array (a plain value is an array of one). `*at` starts at 0.
 * SEK_OK with the element in `*out_item` (plain type), or SEK_END. */
SekStatus sek_value_next(SekValue v, uint32_t *at, SekValue *out_item);

/* The value as an unsigned number when its type is an integer, HexInt, size or FILETIME:
 * SEK_OK, else SEK_NOT_FOUND. Negative integers are sign-extended to 64 bits. */
SekStatus sek_value_u64(SekValue v, uint64_t *out);
