/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the sinks share: a stream, a line buffer, and how values are written. */

#include "base/arena.h"
#include "base/buf.h"
#include "engine/sink.h"

#define SEK_WRITE_BYTES (64u * 1024u)  /* written at once */

typedef struct SekStream {
    SekOutput output;
    SekBuf line; /* being made, and those before it that were not written yet */
    uint64_t n; /* texts written */
} SekStream;

/* A zeroed `size` bytes whose first member is a SekStream; NULL when memory ran out. */
void *sek_stream_new(const SekOutput *output, size_t size);
void sek_stream_free(void *stream);

/* Ends a line: writes the buffer out when it holds enough. SEK_OK, SEK_ERR_LIMIT, SEK_ERR_MEMORY,
 * SEK_ERR_IO. */
SekStatus sek_stream_flush(SekStream *stream, SekError *err);

/* Writes text that was rendered apart. SEK_OK, SEK_ERR_IO. */
SekStatus sek_stream_text(SekStream *stream, SekStr text, SekError *err);

/* Writes the buffer out, for who goes on to write to the stream itself. Statuses as above. */
SekStatus sek_stream_write(SekStream *stream, SekError *err);

/* Writes what is left and flushes the stream itself, which is the end of it. Statuses as above. */
SekStatus sek_stream_end(SekStream *stream, SekError *err);

/* Appends a JSON array of strings. */
void sek_json_strings(SekBuf *out, const SekStr *items, size_t n, bool html);

/* Appends `"key":"value"`. */
void sek_json_member(SekBuf *out, const char *key, SekStr value, bool html);

/* Appends the time as RFC 3339 (28 characters), or nothing when it is 0. */
void sek_add_time(SekBuf *out, uint64_t filetime);

/* Texts that are the same in many findings, made once and kept. */
typedef struct SekMade {
    SekArena arena;
    SekStr *list; /* by number; ptr NULL = not made yet */
    uint32_t cap;
    size_t limit;
} SekMade;

/* Once there are `limit_bytes` of them, no more are kept; 0 = there is no limit. */
void sek_made_init(SekMade *made, size_t limit_bytes);
void sek_made_deinit(SekMade *made);

/* Appends text `number`, if it was made: then true. */
bool sek_made_add(const SekMade *made, SekBuf *out, size_t number);
/* Keeps what was appended since `start` as text `number`. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_made_keep(SekMade *made, const SekBuf *out, size_t start, size_t number);

/* Appends the text of rule number `index`, which `make` appends when it is asked for the first time.
 * SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_rule_text(SekMade *made, SekBuf *out, size_t index, const SekRuleInfo *rule,
                                     void (*make)(SekBuf *out, const SekRuleInfo *rule));

/* Appends the tactics of a rule as a JSON array of short names. */
void sek_json_tactics(SekBuf *out, const SekRuleInfo *rule);

/* Says in which layer of which text a finding was made: "2 of CommandLine, powershell: base64; concat x12". */
void sek_add_layer(SekBuf *out, const SekFinding *finding);

/* Says what a script was put together of: "3 of 5 parts, missing 2-3". */
void sek_add_script(SekBuf *out, const SekScriptInfo *script);
/* The same as a member of a JSON object, with a comma in front: ,"script":{...}. */
void sek_json_script(SekBuf *out, const SekScriptInfo *script);
