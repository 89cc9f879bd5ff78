/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"

SekStatus sek_report_sink(const SekOutput *output, SekSink *out, SekError *err) {
    static SekStatus (*const makers[])(const SekOutput *, SekSink *) = {
        [SEK_FORMAT_TABLE] = sek_sink_table,         [SEK_FORMAT_JSONL] = sek_sink_jsonl,
        [SEK_FORMAT_CSV] = sek_sink_csv,             [SEK_FORMAT_HTML] = sek_sink_html,
        [SEK_FORMAT_NAVIGATOR] = sek_sink_navigator, [SEK_FORMAT_SUMMARY] = sek_sink_summary,
        [SEK_FORMAT_SUMMARY_JSON] = sek_sink_summary_json,
    };
    if ((unsigned)output->format >= sizeof makers / sizeof *makers || !output->stream)
        return sek_fail(err, SEK_ERR_ARGUMENT, "no such output format, or no stream to write to");
    return makers[output->format](output, out);
}
