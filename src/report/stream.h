/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the sinks share: a stream, a line buffer, and how values are written. */

#include "base/buf.h"
#include "engine/sink.h"

#define SEK_LINE_MAX (64u * 1024u * 1024u) /* one line of output: an event with all its fields */

typedef struct SekStream {
    SekOutput output;
    SekBuf line;
    uint64_t n; /* findings written */
} SekStream;

/* A zeroed `size` bytes whose first member is a SekStream; NULL when memory ran out. */
void *sek_stream_new(const SekOutput *output, size_t size);
void sek_stream_free(void *stream);

/* Writes the line buffer out and empties it. SEK_OK, SEK_ERR_LIMIT, SEK_ERR_MEMORY, SEK_ERR_IO. */
SekStatus sek_stream_flush(SekStream *stream, SekError *err);

/* Flushes the stream itself, which is the end of it. */
SekStatus sek_stream_end(SekStream *stream, SekError *err);

/* Appends a JSON array of strings. */
void sek_json_strings(SekBuf *out, const SekStr *items, size_t n, bool html);

/* Appends `"key":"value"`. */
void sek_json_member(SekBuf *out, const char *key, SekStr value, bool html);

/* Appends the time as RFC 3339 (28 characters), or nothing when it is 0. */
void sek_add_time(SekBuf *out, uint64_t filetime);

/* Appends the tactics of a rule as a JSON array of short names. */
void sek_json_tactics(SekBuf *out, const SekRuleInfo *rule);

/* Says in which layer of which text a finding was made: "2 of CommandLine, powershell: base64; concat x12". */
void sek_add_layer(SekBuf *out, const SekFinding *finding);

/* Says what a script was put together of: "3 of 5 parts, missing 2-3". */
void sek_add_script(SekBuf *out, const SekScriptInfo *script);
