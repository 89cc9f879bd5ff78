/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Sinks that write to a stream: one constructor per format, chosen by a table. */

#include "engine/sink.h"

/* Makes the sink of `output->format`; the stream is borrowed. SEK_OK, SEK_ERR_ARGUMENT (no such
 * format), SEK_ERR_MEMORY. Free it with `(*out).free((*out).self)`. */
SEK_MUST_USE SekStatus sek_report_sink(const SekOutput *output, SekSink *out, SekError *err);

/* The constructors. */
SekStatus sek_sink_table(const SekOutput *output, SekSink *out);
SekStatus sek_sink_jsonl(const SekOutput *output, SekSink *out);
SekStatus sek_sink_csv(const SekOutput *output, SekSink *out);
SekStatus sek_sink_html(const SekOutput *output, SekSink *out);
SekStatus sek_sink_navigator(const SekOutput *output, SekSink *out);
SekStatus sek_sink_summary(const SekOutput *output, SekSink *out);
SekStatus sek_sink_summary_json(const SekOutput *output, SekSink *out);
