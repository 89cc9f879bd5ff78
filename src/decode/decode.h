/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Decoding: what a script or command line says once its disguise is taken off. Purely static: text is
 * read and rewritten, nothing is ever run.
 *
 * The result is a list of layers. Layer 0 is the text as given. A layer whose language can be folded is
 * followed by one with the folded text (the same script, with constant expressions replaced by what they
 * come to); code that a layer hands on (an encoded command, a string that is invoked, a program called
 * with code of another language) becomes a child layer, which is decoded in turn. Parents stand before
 * their children and the last layer is the one furthest in. Text in which nothing is hidden gives layer 0
 * alone. Whatever could not be followed is left in the text as it was, and the layer says so. */

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

typedef enum SekScriptKind {
    SEK_SCRIPT_TEXT,       /* nothing known: never decoded */
    SEK_SCRIPT_COMMAND,    /* a process's command line: program and arguments */
    SEK_SCRIPT_CMD,        /* what cmd.exe reads: the text behind /c, or a line of a batch file */
    SEK_SCRIPT_POWERSHELL, /* PowerShell source */
    SEK_SCRIPT_VBSCRIPT,
    SEK_SCRIPT_JSCRIPT,
} SekScriptKind;
#define SEK_N_SCRIPT_KINDS 6

/* Lower-case name, e.g. "powershell". */
const char *sek_script_kind_name(SekScriptKind kind);

/* What one call may cost. Zero stands for the default. The defaults let every script of the public
 * corpora through with a factor of ten to spare, and hold one call to tens of milliseconds for texts of
 * the size that an event can carry (64 KiB). */
typedef struct SekDecodeLimits {
    uint32_t max_layers;
    uint32_t max_depth;        /* layers from layer 0 to the innermost */
    uint64_t max_steps;        /* folded expressions, loop rounds, and bytes made / 64 */
    size_t max_value_bytes;    /* one string or array while folding */
    size_t max_output_bytes;   /* all layers but layer 0 together */
    size_t max_inflated_bytes; /* all that compressed streams may give */
} SekDecodeLimits;
#define SEK_DECODE_MAX_LAYERS 64u
#define SEK_DECODE_MAX_DEPTH 16u
#define SEK_DECODE_MAX_STEPS 2000000u
#define SEK_DECODE_MAX_VALUE_BYTES ((size_t)8 << 20)
#define SEK_DECODE_MAX_OUTPUT_BYTES ((size_t)64 << 20)
#define SEK_DECODE_MAX_INFLATED_BYTES ((size_t)16 << 20)
/* A text above this is not parsed: it gives layer 0, marked partial. */
#define SEK_DECODE_MAX_INPUT_BYTES ((size_t)16 << 20)

/* One kind of thing done to get from the parent to a layer, and how often. */
typedef struct SekDecodeStep {
    const char *name; /* static, e.g. "concat", "base64"; docs/decode.md lists them */
    uint32_t count;
} SekDecodeStep;

#define SEK_LAYER_NONE UINT32_MAX
#define SEK_OFF_NONE SIZE_MAX

typedef struct SekLayer {
    SekStr text; /* UTF-8 */
    SekScriptKind kind;
    uint32_t parent; /* index of the layer that it came out of; SEK_LAYER_NONE for layer 0 */
    uint32_t depth;  /* 0 for layer 0 */
    bool folded;     /* the parent's script itself with constants folded, not code that it hands on */
    size_t source_off, source_len; /* bytes of the parent's text that it came from; SEK_OFF_NONE, 0 when
                                      it was put together */
    const SekDecodeStep *steps;    /* in the order in which they were first done */
    uint32_t n_steps;
    bool partial;    /* something that looked like part of the disguise is still in `text` */
    const char *why; /* static: the first reason for `partial`, else NULL */
} SekLayer;

typedef struct SekLayers {
    const SekLayer *items; /* at least layer 0 */
    uint32_t n;
    bool partial; /* any layer is */
} SekLayers;

typedef struct SekDecodeInput {
    SekStr text; /* UTF-8; malformed bytes stay as they are. Must outlive the layers */
    SekScriptKind kind;
    const SekDecodeLimits *limits; /* NULL = defaults */
    /* Offsets in `text`, rising, behind which the text goes on after something that is missing (its length:
     * the end is). The pieces are read each by itself, nothing is folded across, and all is partial. */
    const size_t *gaps;
    uint32_t n_gaps;
    bool tested; /* the cheap test was made already, and said yes */
} SekDecodeInput;

/* Decodes. Everything in `*out` but layer 0's text lies in `arena`. Deterministic: a function of the text,
 * the kind and the limits. SEK_OK also when a limit was met (the layers say so); SEK_ERR_ARGUMENT for an
 * unknown kind; SEK_ERR_MEMORY or SEK_ERR_LIMIT when `arena` refused. */
SEK_MUST_USE SekStatus sek_decode(SekArena *arena, const SekDecodeInput *input, SekLayers *out,
                                  SekError *err);

/* The cheap test: false means that sek_decode would give layer 0 alone. One pass, no allocation. */
bool sek_decode_looks_encoded(SekScriptKind kind, SekStr text);
/* The same for UTF-16LE as it stands in an event log; an odd last byte is ignored. */
bool sek_decode_looks_encoded_utf16(SekScriptKind kind, const uint8_t *bytes, size_t n_bytes);
