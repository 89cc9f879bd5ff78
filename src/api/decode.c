/* SPDX-License-Identifier: Apache-2.0 */

/* Layers and indicators of scripts, command lines, and of all code in event logs. A path is a log when
 * its content says so; anything else is read as one script. */
#include "decode/decode.h"

#include "api/each_event.h"
#include "api/script_parts.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/sha256.h"
#include "base/strmap.h"
#include "collect/sniff.h"
#include "decode/guess.h"
#include "event/code_text.h"
#include "event/text_form.h"
#include "report/layers.h"

#include <errno.h>

#define SCRIPT_MAX ((size_t)256 << 20) /* bytes of one script file */
#define OUTPUT_MAX ((size_t)1 << 30)   /* one text with all its layers as output */
#define VALUE_MAX ((size_t)16 << 20)   /* one value of an event, or a joined script, as UTF-8 */

#define SHOWN_MAX 16384u /* texts that are remembered as shown; of more, some are shown again */

/* Text format: the texts of logs that were shown, by their checksum. */
typedef struct Shown {
    SekArena arena;
    SekStrMap map;
    SekTextOrigin *first; /* where each was seen: source, record, field, part */
    uint32_t n;
} Shown;

typedef struct Decoding {
    const SekDecodeOptions *options;
    SekScriptKind kind; /* TEXT = to be told */
    FILE *stream;
    SekDecodeSummary sum;
    SekIndicatorSet all; /* text format: of all texts together */
    SekArena arena;      /* layers of one text */
    Shown shown;
    SekBuf out, value;
    SekCodeTexts *texts;
    SekScriptParts *parts; /* of scripts that were logged in several events; NULL = no log yet */
    void (*problem)(void *user, const char *line);
    void *user;
    SekError *err;
} Decoding;

/* --- one text --- */

static SekStatus flush(Decoding *d) {
    if (d->out.failed)
        return d->out.failed;
    if (d->out.len && fwrite(d->out.data, 1, d->out.len, d->stream) != d->out.len)
        return sek_fail(d->err, SEK_ERR_IO, "cannot write output: %s", strerror(errno));
    sek_buf_clear(&d->out);
    return SEK_OK;
}

static SekStatus find_indicators(const SekTextOrigin *origin, const SekLayers *layers, SekIndicatorSet *set) {
    SekIndicatorPlace where = {.field = origin->field};
    SekStatus status = SEK_OK;
    SekBuf name; /* what stands for the text in the list */
    sek_buf_init(&name, 1u << 20);
    sek_buf_add_str(&name, origin->source);
    if (origin->event)
        sek_buf_addf(&name, " record %ju", (uintmax_t)origin->record_id);
    where.source = name.failed ? SEK_STR("") : sek_buf_str(&name);
    for (uint32_t i = 0; i < layers->n && status == SEK_OK; i++) {
        where.layer = i;
        if (!sek_layer_is_superseded(layers, i))
            status = sek_indicators_add(set, layers->items[i].text, &where);
    }
    sek_buf_deinit(&name);
    return status;
}

static SekStatus write_final(Decoding *d, const SekLayers *layers) {
    SekStr last = layers->items[layers->n - 1].text;
    if (d->options->raw)
        sek_buf_add_str(&d->out, last);
    else
        sek_quote_text(&d->out, last);
    if (last.len == 0 || last.ptr[last.len - 1] != '\n')
        sek_buf_addc(&d->out, '\n');
    return flush(d);
}

static SekStatus write_json(Decoding *d, const SekTextOrigin *origin, const SekLayers *layers) {
    SekIndicatorSet set;
    sek_indicators_init(&set, 0);
    SekStatus status = find_indicators(origin, layers, &set);
    if (status == SEK_OK)
        status = sek_layers_json(&d->out, origin, layers, &set);
    sek_indicators_deinit(&set);
    return status == SEK_OK ? flush(d) : status;
}

/* The origin of an equal text that was shown, or NULL, and then this one is remembered. */
static SekStatus shown_before(Shown *shown, const SekTextOrigin *origin, const SekDecodeInput *input, const SekTextOrigin **out) {
    char key[SEK_SHA256_TEXT + 1];
    uint32_t index;
    *out = NULL;
    sek_sha256_text(input->text, key);
    key[SEK_SHA256_TEXT - 1] = (char)('a' + input->kind);
    SekStr name = sek_str_n(key, SEK_SHA256_TEXT);
    if (sek_strmap_get(&shown->map, name, &index) == SEK_OK) {
        *out = &shown->first[index];
        return SEK_OK;
    }
    if (!shown->first)
        shown->first = SEK_ARENA_ARRAY(&shown->arena, SekTextOrigin, SHOWN_MAX);
    if (shown->n == SHOWN_MAX || !shown->first)
        return shown->first ? SEK_OK : SEK_ERR_MEMORY;
    SekTextOrigin *kept = &shown->first[shown->n];
    *kept = (SekTextOrigin){.record_id = origin->record_id, .source = sek_arena_dup(&shown->arena, origin->source),
                            .field = sek_arena_dup(&shown->arena, origin->field), .part = sek_arena_dup(&shown->arena, origin->part)};
    name = sek_arena_dup(&shown->arena, name);
    if (!name.ptr || !kept->source.ptr || !kept->field.ptr || !kept->part.ptr)
        return SEK_ERR_MEMORY;
    return sek_strmap_set(&shown->map, name, shown->n++);
}

static SekStatus show(Decoding *d, const SekTextOrigin *origin, const SekDecodeInput *input, const SekLayers *layers) {
    const SekTextOrigin *first = NULL;
    SekStatus status = origin->event ? shown_before(&d->shown, origin, input, &first) : SEK_OK;
    if (first)
        sek_layers_same(&d->out, origin, first, d->options->colour);
    else if (status == SEK_OK)
        sek_layers_text(&d->out, origin, layers, d->options->colour);
    return status;
}

static SekStatus take_text(Decoding *d, const SekTextOrigin *origin, const SekDecodeInput *input) {
    SekLayers layers;
    sek_arena_reset(&d->arena);
    SekStatus status = sek_decode(&d->arena, input, &layers, d->err);
    if (status != SEK_OK)
        return status;
    d->sum.texts++;
    d->sum.layered += layers.n > 1;
    d->sum.partial += layers.partial;
    bool shown = !origin->event || d->options->all || layers.n > 1;
    if (d->options->final)
        return shown ? write_final(d, &layers) : SEK_OK;
    if (d->options->format == SEK_DECODE_JSONL)
        return shown ? write_json(d, origin, &layers) : SEK_OK;
    status = find_indicators(origin, &layers, &d->all);
    if (status == SEK_OK && shown)
        status = show(d, origin, input, &layers);
    return status == SEK_OK ? flush(d) : status;
}

/* --- scripts --- */

/* UTF-16 without a mark: nearly every second byte of ASCII is zero. */
static SekTextEncoding guess_encoding(SekStr bytes) {
    size_t n = bytes.len < 4096 ? bytes.len & ~(size_t)1 : 4096, even = 0, odd = 0;
    for (size_t i = 0; i + 1 < n; i += 2) {
        even += bytes.ptr[i] == 0;
        odd += bytes.ptr[i + 1] == 0;
    }
    if (n >= 4 && odd > n / 4 && even < n / 16)
        return SEK_TEXT_UTF16LE;
    return n >= 4 && even > n / 4 && odd < n / 16 ? SEK_TEXT_UTF16BE : SEK_TEXT_UTF8;
}

/* The bytes of a script as UTF-8; `buf` holds them when they had to be changed. */
static SekStr script_text(SekStr bytes, SekBuf *buf) {
    if (sek_str_starts(bytes, SEK_STR("\xEF\xBB\xBF")))
        return sek_str_n(bytes.ptr + 3, bytes.len - 3);
    bool little = sek_str_starts(bytes, SEK_STR("\xFF\xFE")), big = sek_str_starts(bytes, SEK_STR("\xFE\xFF"));
    SekTextEncoding encoding = little ? SEK_TEXT_UTF16LE : big ? SEK_TEXT_UTF16BE : guess_encoding(bytes);
    if (encoding == SEK_TEXT_UTF8)
        return bytes;
    size_t mark = little || big ? 2 : 0;
    sek_text_decode(encoding, (const uint8_t *)bytes.ptr + mark, (bytes.len - mark) & ~(size_t)1, buf);
    return sek_buf_str(buf);
}

static SekStatus take_script(Decoding *d, SekStr name, SekStr bytes) {
    SekBuf converted;
    sek_buf_init(&converted, 2 * SCRIPT_MAX);
    SekTextOrigin origin = {.source = name};
    SekDecodeInput input = {.text = script_text(bytes, &converted), .kind = d->kind};
    if (input.kind == SEK_SCRIPT_TEXT)
        input.kind = sek_script_kind_of_name(name);
    if (input.kind == SEK_SCRIPT_TEXT)
        input.kind = sek_script_kind_of_text(input.text);
    SekStatus status = converted.failed ? converted.failed : take_text(d, &origin, &input);
    sek_buf_deinit(&converted);
    return status;
}

/* --- event logs --- */

static SekStr system_text(const SekEvent *event, SekSystemField which) {
    SekBuf text;
    sek_buf_init(&text, 65536);
    sek_value_text(sek_event_system(event, which), &text);
    SekStr kept = sek_arena_dup(event->arena, sek_buf_str(&text));
    sek_buf_deinit(&text);
    return kept;
}

/* The texts of an event, or of a script that was put together: `script` and its `info`, else NULL. */
static SekStatus take_texts(Decoding *d, const SekEvent *event, SekStr path, const SekScript *script, const SekScriptInfo *info) {
    const SekCodeText *texts;
    uint32_t n;
    SekStatus status = sek_code_texts(d->texts, event, &texts, &n);
    SekTextOrigin origin = {.script = info, .source = path, .event = true, .time = event->time, .record_id = event->record_id};
    if (status == SEK_OK && n) {
        origin.event_id = sek_event_id(event);
        origin.computer = system_text(event, SEK_SYSTEM_COMPUTER);
        origin.channel = system_text(event, SEK_SYSTEM_CHANNEL);
    }
    for (uint32_t i = 0; i < n && status == SEK_OK; i++) {
        sek_buf_clear(&d->value);
        sek_value_text(texts[i].value, &d->value);
        origin.field = texts[i].field;
        origin.part = texts[i].part;
        SekDecodeInput input = {.text = sek_buf_str(&d->value), .kind = texts[i].kind};
        if (script) {
            input.gaps = script->gaps;
            input.n_gaps = script->n_gaps;
        }
        status = d->value.failed == SEK_ERR_MEMORY ? SEK_ERR_MEMORY : take_text(d, &origin, &input);
    }
    return status;
}

static SekStatus take_event(void *user, SekReader *reader, const SekEvent *event, SekStr path) {
    Decoding *d = user;
    bool kept;
    (void)reader;
    SekStatus status = sek_script_parts_add(d->parts, event, path, &kept);
    return status == SEK_OK && !kept ? take_texts(d, event, path, NULL, NULL) : status;
}

static SekStatus take_joined(void *user, const SekScript *script, const SekScriptInfo *info, SekStr path) {
    ((Decoding *)user)->sum.incomplete += script->n_gaps > 0;
    return take_texts(user, &script->event, path, script, info);
}

static SekStatus take_logs(Decoding *d, const char *path) {
    SekSummary sum = {0};
    SekEachEvent each = {.paths = &path, .n_paths = 1, .visit = take_event, .user = d, .problem = d->problem,
                         .problem_user = d->user};
    SekStatus status = d->texts ? SEK_OK : sek_code_texts_new(&d->texts);
    if (status == SEK_OK && !d->parts)
        status = sek_script_parts_new(&d->parts);
    if (status == SEK_OK)
        status = sek_each_event(&each, &sum, d->err);
    d->sum.records += sum.records;
    d->sum.files_skipped += sum.files_skipped + (sum.bad_records || sum.losses);
    return status;
}

/* --- the whole ------------------------------------------------------------------------------- */

static bool is_folder(const char *path) {
    return sek_path_kind(path) == SEK_PATH_FOLDER;
}

/* True when the first bytes of the file are those of a log, an archive, or events as text. */
static SekStatus is_log(const char *path, SekStr bytes, bool *out) {
    size_t len = bytes.len < SEK_SNIFF_BYTES ? bytes.len : SEK_SNIFF_BYTES;
    const uint8_t *first = (const uint8_t *)bytes.ptr;
    SekSniff sniff = sek_sniff(first, len);
    SekTextForm form;
    SekFormAnswer answer = SEK_FORM_OTHER;
    SekStatus status = SEK_OK;
    if (sniff == SEK_SNIFF_OTHER)
        status = sek_text_form(first, len, &form, &answer);
    *out = (sniff != SEK_SNIFF_OTHER && sniff != SEK_SNIFF_EMPTY) || answer == SEK_FORM_EVENTS ||
           sek_named_evtx(sek_str(path));
    return status;
}

/* Reads standard input to its end. */
static SekStatus slurp_input(SekBuf *out, SekError *err) {
    char *room;
    size_t n;
    while ((room = sek_buf_reserve(out, 65536)) != NULL && (n = fread(room, 1, 65536, stdin)) > 0)
        sek_buf_advance(out, n);
    if (ferror(stdin))
        return sek_fail(err, SEK_ERR_IO, "standard input cannot be read: %s", strerror(errno));
    return out->failed;
}

static SekStatus skip(Decoding *d, const char *path, const char *why) {
    SekBuf line;
    sek_buf_init(&line, 1u << 20);
    sek_quote_line(&line, sek_str(path));
    sek_buf_addf(&line, ": %s", why);
    sek_buf_addc(&line, '\0');
    if (!line.failed && d->problem)
        d->problem(d->user, line.data);
    sek_buf_deinit(&line);
    d->sum.files_skipped++;
    return SEK_OK;
}

static SekStatus take_path(Decoding *d, const char *path) {
    SekBuf bytes;
    SekError err = {0};
    bool input = strcmp(path, "-") == 0, log = false;
    if (!input && is_folder(path))
        return take_logs(d, path);
    sek_buf_init(&bytes, SCRIPT_MAX);
    SekStatus status = input ? slurp_input(&bytes, &err) : sek_file_slurp(path, &bytes, &err);
    bool whole = status == SEK_OK;
    if ((whole || status == SEK_ERR_LIMIT) && d->kind == SEK_SCRIPT_TEXT)
        status = is_log(path, sek_buf_str(&bytes), &log);
    if (log && input)
        status = skip(d, path, "an event log cannot be read from standard input here: name the file");
    else if (log)
        status = take_logs(d, path);
    else if (whole && status == SEK_OK)
        status = take_script(d, sek_str(input ? "(standard input)" : path), sek_buf_str(&bytes));
    else if (status != SEK_ERR_MEMORY)
        status = skip(d, path, err.what[0] ? err.what : "too long for a script");
    sek_buf_deinit(&bytes);
    return status;
}

static SekStatus start(Decoding *d) {
    sek_arena_init(&d->arena, OUTPUT_MAX);
    sek_buf_init(&d->out, OUTPUT_MAX);
    sek_buf_init(&d->value, VALUE_MAX);
    sek_indicators_init(&d->all, 0);
    sek_arena_init(&d->shown.arena, 0);
    sek_strmap_init(&d->shown.map, false);
    d->kind = SEK_SCRIPT_TEXT;
    if (!d->options->kind || sek_script_kind_parse(sek_str(d->options->kind), &d->kind) == SEK_OK)
        return SEK_OK;
    return sek_fail(d->err, SEK_ERR_ARGUMENT, "no script kind is called %s", d->options->kind);
}

static SekStatus finish(Decoding *d, SekStatus status, SekDecodeSummary *out) {
    if (status == SEK_OK && !d->options->final && d->options->format == SEK_DECODE_TEXT)
        status = sek_indicators_text(&d->out, &d->all, d->sum.texts > 1, d->options->colour);
    if (status == SEK_OK)
        status = flush(d);
    if (status == SEK_OK && fflush(d->stream) != 0)
        status = sek_fail(d->err, SEK_ERR_IO, "cannot write output: %s", strerror(errno));
    sek_indicators_deinit(&d->all);
    sek_strmap_deinit(&d->shown.map);
    sek_arena_deinit(&d->shown.arena);
    sek_buf_deinit(&d->out);
    sek_buf_deinit(&d->value);
    sek_arena_deinit(&d->arena);
    sek_code_texts_free(d->texts);
    sek_script_parts_free(d->parts);
    if (out)
        *out = d->sum;
    return status;
}

SekStatus sek_decode_run(const SekDecodeTask *task, FILE *stream, SekDecodeSummary *out, SekError *err) {
    Decoding d = {.options = &task->options, .stream = stream, .problem = task->problem, .user = task->user, .err = err};
    SekStatus status = start(&d);
    for (size_t i = 0; i < task->n_commands && status == SEK_OK; i++) {
        SekTextOrigin origin = {.source = SEK_STR("(command line)")};
        SekDecodeInput input = {.text = sek_str(task->commands[i]), .kind = d.kind};
        if (input.kind == SEK_SCRIPT_TEXT)
            input.kind = SEK_SCRIPT_COMMAND;
        status = take_text(&d, &origin, &input);
    }
    for (size_t i = 0; i < task->n_paths && status == SEK_OK; i++)
        status = take_path(&d, task->paths[i]);
    if (status == SEK_OK && d.parts)
        status = sek_script_parts_each(d.parts, take_joined, &d);
    return finish(&d, status, out);
}
