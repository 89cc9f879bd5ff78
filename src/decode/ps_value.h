/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Values while folding. Everything lies in the run's scratch arena and lives as long as the run. Arrays and
 * objects are references, as in .NET; what may have been changed by something not understood is `tainted` and
 * from then on unknown. A *soft* string is a value of the usual machine ($env:ComSpec, $PSHOME): it may be
 * indexed and cut, which is how names are hidden in it, but it is never printed in place of the variable. */

#include "decode/decoder.h"
#include "decode/ps_ast.h"

typedef enum SekPsValueKind {
    PV_UNKNOWN, /* `typed` PV_STRING when it is known to be a string */
    PV_NULL,
    PV_BOOL,
    PV_CHAR,
    PV_INT,
    PV_DOUBLE,
    PV_STRING,
    PV_ARRAY,
    PV_HASH,
    PV_TYPE,
    PV_BLOCK,
    PV_OBJECT,
} SekPsValueKind;

typedef struct SekPsArray SekPsArray;
typedef struct SekPsObject SekPsObject;

typedef struct SekPsValue {
    uint8_t kind, typed;
    bool soft;
    union {
        bool b;
        int64_t i;
        double d;
        uint16_t c;
        SekPsText text;
        SekPsArray *array; /* of PV_HASH, too: key, value, key, value */
        SekStr type;       /* name as written */
        const SekPsNode *block;
        SekPsObject *object;
    };
} SekPsValue;

typedef enum SekPsElem { PS_ELEM_ANY, PS_ELEM_BYTE } SekPsElem;

/* How far the buffer behind arrays is used. `+=` makes a new array that shares the old one's buffer when that
 * ends where the old one does, so that building an array piece by piece is linear; whoever writes an element
 * copies first. */
typedef struct SekPsTail {
    uint32_t used, cap;
} SekPsTail;

struct SekPsArray {
    SekPsTail *tail;   /* NULL: the buffer is this array's own */
    SekPsValue *items; /* PS_ELEM_ANY */
    uint8_t *bytes;    /* PS_ELEM_BYTE */
    uint32_t n, cap;
    uint8_t elem;
    bool tainted;
};

typedef enum SekPsObjectKind {
    PS_OBJ_VARIABLE,   /* what Get-Variable gives: `text` is its name */
    PS_OBJ_COMMAND,    /* what Get-Command gives: `text` is its name */
    PS_OBJ_ENCODING,   /* `number` is a SekPsEncoding */
    PS_OBJ_STREAM,     /* `bytes` from `number` on */
    PS_OBJ_READER,     /* text of a stream: `text` from `number` on */
    PS_OBJ_SECURE,     /* SecureString: `text` is what it hides */
    PS_OBJ_SECURE_PTR, /* the pointer to its text */
    PS_OBJ_CREDENTIAL, /* `text` is the password */
    PS_OBJ_CIPHER,     /* AES: key, iv, number: see ps_crypto.c */
    PS_OBJ_DECRYPTOR,
    PS_OBJ_BUILDER, /* StringBuilder: `text` */
    PS_OBJ_LIST,    /* ArrayList, List: `array` */
    PS_OBJ_REGEX,   /* `text` is the pattern, `number` 1: case ignored */
    PS_OBJ_MATCH,   /* `text` */
    PS_OBJ_CONTEXT, /* $ExecutionContext */
    PS_OBJ_INVOKE,  /* $ExecutionContext.InvokeCommand */
    PS_OBJ_METHOD,  /* `text`: a method's name taken from `value` */
    PS_OBJ_SCRIPT,  /* [scriptblock]::Create: `text` is the source */
    PS_OBJ_OPAQUE,  /* known class in `type`, nothing else */
} SekPsObjectKind;

struct SekPsObject {
    uint8_t kind;
    bool tainted;
    int64_t number;
    SekPsText text;
    SekStr type;
    SekPsArray *array, *key, *iv;
    SekPsValue value;
};

static inline SekPsValue sek_pv_unknown(void) {
    return (SekPsValue){.kind = PV_UNKNOWN};
}
static inline SekPsValue sek_pv_some_string(void) {
    return (SekPsValue){.kind = PV_UNKNOWN, .typed = PV_STRING};
}
static inline SekPsValue sek_pv_null(void) {
    return (SekPsValue){.kind = PV_NULL};
}
static inline SekPsValue sek_pv_bool(bool b) {
    return (SekPsValue){.kind = PV_BOOL, .b = b};
}
static inline SekPsValue sek_pv_int(int64_t i) {
    return (SekPsValue){.kind = PV_INT, .i = i};
}
static inline SekPsValue sek_pv_double(double d) {
    return (SekPsValue){.kind = PV_DOUBLE, .d = d};
}
static inline SekPsValue sek_pv_char(unsigned c) {
    return (SekPsValue){.kind = PV_CHAR, .c = (uint16_t)c};
}
static inline SekPsValue sek_pv_text(SekPsText text) {
    return (SekPsValue){.kind = PV_STRING, .text = text};
}
static inline SekPsValue sek_pv_array(SekPsArray *array) {
    return array ? (SekPsValue){.kind = PV_ARRAY, .array = array} : sek_pv_unknown();
}

/* False for unknown, for what was tainted, and for soft strings. */
bool sek_pv_known(const SekPsValue *v);
/* The same, but soft strings pass. */
bool sek_pv_readable(const SekPsValue *v);

/* Arrays. NULL when the arena or `max` (elements) refuses. */
#define SEK_PS_MAX_ITEMS (1u << 20) /* elements of an array that is not of bytes */
SekPsArray *sek_pa_new(SekArena *arena, uint32_t n);
/* `a` and the elements of `b` behind them; NULL when memory or the limit refuses. */
SekPsArray *sek_pa_joined(SekArena *arena, const SekPsArray *a, const SekPsArray *b);
/* Makes the buffer this array's own, before an element is written. */
bool sek_pa_own(SekArena *arena, SekPsArray *array);
SekPsArray *sek_pa_bytes(SekArena *arena, const void *bytes, size_t n);
bool sek_pa_push(SekArena *arena, SekPsArray *array, SekPsValue v);
SekPsValue sek_pa_at(const SekPsArray *array, uint32_t i);
/* One value as a list: an array itself, null as the empty one, anything else as one element. */
SekPsArray *sek_pv_list(SekArena *arena, const SekPsValue *v);
/* Array as bytes (numbers 0..255); NULL when it is not. */
SekPsArray *sek_pv_as_bytes(SekArena *arena, const SekPsValue *v);

/* Conversions. False when unknown or impossible. */
bool sek_pv_to_text(SekArena *arena, const SekPsValue *v, SekPsText separator, SekPsText *out);
bool sek_pv_to_number(const SekPsValue *v, SekPsValue *out); /* PV_INT or PV_DOUBLE */
bool sek_pv_to_int(const SekPsValue *v, int64_t *out);       /* rounds to even, as .NET does */
bool sek_pv_to_bool(const SekPsValue *v, bool *out);

/* Text. */
SekPsText sek_pt_from_utf8(SekArena *arena, SekStr s); /* p NULL: no memory */
/* UTF-8 of a text; false when it has lone surrogates or memory is out. */
bool sek_pt_to_utf8(SekArena *arena, SekPsText t, SekStr *out);
/* ASCII text into a buffer, for names; false when longer or not ASCII. */
bool sek_pt_ascii(SekPsText t, char *buf, size_t size, SekStr *out);
bool sek_pt_lower_ascii(SekPsText t, char *buf, size_t size, SekStr *out); /* in lower case */
SekPsText sek_pt_join(SekArena *arena, SekPsText a, SekPsText b);
SekPsText sek_pt_cut(SekPsText t, uint32_t from, uint32_t n);
bool sek_pt_eq(SekPsText a, SekPsText b, bool nocase);
uint16_t sek_pt_lower(uint16_t c);
uint16_t sek_pt_upper(uint16_t c);
/* Index of `needle` at or behind `from`, or -1. */
int64_t sek_pt_find(SekPsText hay, SekPsText needle, uint32_t from, bool nocase);
/* Integer in a base (2, 8, 10, 16), with blanks around and a sign or 0x as .NET takes them. */
bool sek_pt_to_int(SekPsText t, unsigned base, int64_t *out);
/* *, ?, [a-z] and backtick: -like and the names of commands. */
bool sek_pt_like(SekPsText text, SekPsText pattern, bool nocase);
