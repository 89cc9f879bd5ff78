/* SPDX-License-Identifier: Apache-2.0 */

/* The run as one JSON object for programs: what was read and what was not, file by file, the findings by
 * level, the rules that were not loaded and why, and what was given up at a limit. The keys are API. */
#include "report/html_data.h"
#include "report/report.h"

static SekStatus finding(void *self, const SekFinding *f, SekError *err) {
    (void)self;
    (void)f;
    (void)err;
    return SEK_OK;
}

static SekStatus end(void *self, const SekRunResult *result, SekError *err) {
    SekStream *stream = self;
    SekBuf *out = &stream->line;
    sek_buf_addf(out, "{\"schema\":1,\"tool\":{\"name\":\"Sekisho\",\"version\":\"%s\"},\"levels\":{", sek_version());
    for (int level = SEK_N_LEVELS - 1; level >= 0; level--)
        sek_buf_addf(out, "%s\"%s\":%ju", level == SEK_N_LEVELS - 1 ? "" : ",", sek_level_name((SekLevel)level),
                     (uintmax_t)result->summary->by_level[level]);
    sek_buf_addc(out, '}');
    sek_html_files(out, result);
    sek_html_summary(out, result, 0);
    sek_buf_adds(out, "}\n");
    SekStatus status = sek_stream_flush(stream, err);
    return status == SEK_OK ? sek_stream_end(stream, err) : status;
}

SekStatus sek_sink_summary_json(const SekOutput *output, SekSink *out) {
    SekStream *stream = sek_stream_new(output, sizeof *stream);
    if (!stream)
        return SEK_ERR_MEMORY;
    *out = (SekSink){.self = stream, .finding = finding, .end = end, .free = sek_stream_free};
    return SEK_OK;
}
