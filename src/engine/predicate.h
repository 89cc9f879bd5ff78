/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Predicate: one question about one field, e.g. "CommandLine contains ' -enc '". Equal questions of
 * different rules are one predicate, answered at most once per record. */

#include "engine/glob.h"
#include "engine/regex.h"
#include "format/value.h"

typedef enum {
    SEK_PRED_GLOB,    /* any value matches `glob` */
    SEK_PRED_REGEX,
    SEK_PRED_NUMBER,  /* any value equals as text or as a number */
    SEK_PRED_BOOL,
    SEK_PRED_NULL,    /* no value, or only empty ones */
    SEK_PRED_EXISTS,
    SEK_PRED_CIDR,
    SEK_PRED_COMPARE,
    SEK_PRED_FIELDREF,
} SekPredKind;

typedef struct SekPred {
    uint32_t field;     /* the ruleset's field */
    uint32_t ref_field; /* FIELDREF */
    uint8_t kind;       /* SekPredKind */
    bool cased;
    SekGlob glob;
    SekRegex *regex;       /* of the ruleset, its pattern is the match's text */
    const SekMatch *match; /* the rest, as the rule says it */
} SekPred;

/* A value of an event as text, in the forms that predicates ask for. */
typedef struct SekText {
    SekValue value;
    SekStr folded;  /* valid UTF-8, every code point folded; SEK_TEXT_PAD bytes behind it may be read */
    uint64_t head, tail; /* of `folded`: see engine/probe.h */
    SekStr raw;     /* as it stands; ptr NULL until sek_fields_raw makes it */
    SekStr name;    /* of the event's field */
} SekText;

/* True when `text` answers a predicate of kind NUMBER, BOOL, CIDR or COMPARE. */
bool sek_pred_plain(const SekPred *pred, SekStr text);

/* FIELDREF: compares a value with one of the other field (both folded unless cased). */
bool sek_pred_ref(SekRefMode mode, SekStr value, SekStr other);
