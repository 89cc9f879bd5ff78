/* SPDX-License-Identifier: Apache-2.0 */
#include "report/stream.h"

#include "base/grow.h"
#include "base/json_text.h"
#include "base/timestamp.h"
#include "story/attack.h"

#include <errno.h>
#include <stdlib.h>

void *sek_stream_new(const SekOutput *output, size_t size) {
    SekStream *stream = calloc(1, size);
    if (!stream)
        return NULL;
    stream->output = *output;
    sek_buf_init(&stream->line, SEK_LINE_MAX);
    return stream;
}

void sek_stream_free(void *self) {
    SekStream *stream = self;
    if (!stream)
        return;
    sek_buf_deinit(&stream->line);
    free(stream);
}

SekStatus sek_stream_text(SekStream *stream, SekStr text, SekError *err) {
    bool written = text.len == 0 || fwrite(text.ptr, 1, text.len, stream->output.stream) == text.len;
    return written ? SEK_OK : sek_fail(err, SEK_ERR_IO, "cannot write output: %s", strerror(errno));
}

SekStatus sek_stream_write(SekStream *stream, SekError *err) {
    if (stream->line.failed)
        return sek_fail(err, stream->line.failed, "a line of output is larger than %u bytes", SEK_LINE_MAX);
    SekStatus status = sek_stream_text(stream, sek_buf_str(&stream->line), err);
    sek_buf_clear(&stream->line);
    return status;
}

SekStatus sek_stream_flush(SekStream *stream, SekError *err) {
    bool enough = stream->line.len >= SEK_WRITE_BYTES || stream->line.failed;
    return enough ? sek_stream_write(stream, err) : SEK_OK;
}

SekStatus sek_stream_end(SekStream *stream, SekError *err) {
    SekStatus status = sek_stream_write(stream, err);
    if (status == SEK_OK && fflush(stream->output.stream) != 0)
        return sek_fail(err, SEK_ERR_IO, "cannot write output: %s", strerror(errno));
    return status;
}

/* --- texts made once ----------------------------------------------------------------------------- */

void sek_made_init(SekMade *made, size_t limit_bytes) {
    *made = (SekMade){.limit = limit_bytes};
    sek_arena_init(&made->arena, 0);
}

void sek_made_deinit(SekMade *made) {
    free(made->list);
    sek_arena_deinit(&made->arena);
    *made = (SekMade){0};
}

bool sek_made_add(const SekMade *made, SekBuf *out, size_t number) {
    bool is_made = number < made->cap && made->list[number].ptr;
    if (is_made)
        sek_buf_add_str(out, made->list[number]);
    return is_made;
}

SekStatus sek_made_keep(SekMade *made, const SekBuf *out, size_t start, size_t number) {
    if (out->failed || (made->limit && made->arena.used > made->limit))
        return SEK_OK; /* the first is told when the line ends */
    if (sek_grow_zeroed(&made->list, &made->cap, (uint32_t)number, sizeof *made->list) != SEK_OK)
        return SEK_ERR_MEMORY;
    made->list[number] = sek_arena_dup(&made->arena, sek_str_n(out->data + start, out->len - start));
    return made->list[number].ptr ? SEK_OK : SEK_ERR_MEMORY;
}

SekStatus sek_rule_text(SekMade *made, SekBuf *out, size_t index, const SekRuleInfo *rule,
                        void (*make)(SekBuf *out, const SekRuleInfo *rule)) {
    if (sek_made_add(made, out, index))
        return SEK_OK;
    size_t start = out->len;
    make(out, rule);
    return sek_made_keep(made, out, start, index);
}

/* --- JSON ---------------------------------------------------------------------------------------- */

void sek_json_strings(SekBuf *out, const SekStr *items, size_t n, bool html) {
    sek_buf_addc(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            sek_buf_addc(out, ',');
        sek_json_string(out, items[i], html);
    }
    sek_buf_addc(out, ']');
}

void sek_json_member(SekBuf *out, const char *key, SekStr value, bool html) {
    sek_buf_addc(out, '"');
    sek_buf_adds(out, key);
    sek_buf_add(out, "\":", 2);
    sek_json_string(out, value, html);
}

void sek_add_time(SekBuf *out, uint64_t filetime) {
    char text[SEK_TIME_TEXT];
    if (filetime)
        sek_buf_add(out, text, sek_time_format(filetime, text));
}

void sek_json_tactics(SekBuf *out, const SekRuleInfo *rule) {
    uint32_t tactics = sek_rule_tactics(rule);
    bool first = true;
    sek_buf_addc(out, '[');
    for (unsigned i = 0; i < sek_n_tactics; i++) {
        if (!(tactics & 1u << i))
            continue;
        sek_buf_addf(out, "%s\"%s\"", first ? "" : ",", sek_tactics[i].shortname);
        first = false;
    }
    sek_buf_addc(out, ']');
}

void sek_add_layer(SekBuf *out, const SekFinding *f) {
    const SekLayerInfo *layer = f->decoded;
    sek_buf_addf(out, "%u of ", f->layer);
    sek_buf_add_str(out, layer->field);
    if (layer->part.len) {
        sek_buf_addc(out, ' ');
        sek_buf_add_str(out, layer->part);
    }
    sek_buf_adds(out, ", ");
    sek_buf_add_str(out, layer->kind);
    if (layer->steps.len) {
        sek_buf_adds(out, ": ");
        sek_buf_add_str(out, layer->steps);
    }
    if (layer->partial)
        sek_buf_adds(out, " (partly)");
}

void sek_add_script(SekBuf *out, const SekScriptInfo *script) {
    sek_buf_addf(out, "%zu of %u parts", script->n_parts, script->total);
    if (script->missing.len) {
        sek_buf_adds(out, ", missing ");
        sek_buf_add_str(out, script->missing);
    }
    if (script->n_conflicts)
        sek_buf_addf(out, ", %u with another text elsewhere", script->n_conflicts);
    if (script->cut)
        sek_buf_adds(out, ", the end left out");
}

void sek_json_script(SekBuf *out, const SekScriptInfo *script) {
    sek_buf_addf(out, ",\"script\":{\"total\":%u,\"parts\":%zu,", script->total, script->n_parts);
    sek_json_member(out, "missing", script->missing, false);
    sek_buf_addf(out, ",\"conflicts\":%u,\"cut\":%s,\"events\":[", script->n_conflicts,
                 script->cut ? "true" : "false");
    for (size_t i = 0; i < script->n_listed; i++) {
        const SekScriptPartInfo *part = &script->parts[i];
        sek_buf_addf(out, "%s{\"part\":%u,", i ? "," : "", part->number);
        sek_json_member(out, "file", part->file, false);
        sek_buf_addf(out, ",\"record_id\":%ju,\"timestamp\":\"", (uintmax_t)part->record_id);
        sek_add_time(out, part->time);
        sek_buf_adds(out, "\"}");
    }
    sek_buf_adds(out, "]}");
}
