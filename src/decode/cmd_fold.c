/* SPDX-License-Identifier: Apache-2.0 */

/* From the text that cmd.exe reads to layers: the folded line, when something was hidden in it, and what
 * its commands hand on. */
#include "decode/cmd.h"

/* True when a step took a disguise off. Blanks are none, and neither is a loop that goes round: one that
 * runs just once is there to hide its words. */
static bool is_changed(const SekCmdRun *run) {
    for (uint32_t i = 0; i < run->tally.n; i++) {
        const SekDecodeStep *step = &run->tally.steps[i];
        bool loop = strcmp(step->name, "for") == 0;
        if (strcmp(step->name, "blanks") != 0 && (!loop || step->count == run->n_loops))
            return true;
    }
    return false;
}

static SekStatus emit_folded(SekCmdRun *run, const SekCmdText *what, uint32_t *io_parent) {
    SekDecoder *decoder = run->decoder;
    if (!is_changed(run) || run->out.failed == SEK_ERR_LIMIT)
        return SEK_OK;
    size_t before = what->prefix.len ? what->prefix.len + 1 : 0, len = before + run->out.len;
    char *text = sek_arena_alloc(&decoder->scratch, len + 1);
    if (!text)
        return sek_arena_why(&decoder->scratch);
    if (before) {
        memcpy(text, what->prefix.ptr, what->prefix.len);
        text[before - 1] = ' ';
    }
    if (run->out.len)
        memcpy(text + before, run->out.data, run->out.len);
    SekLayerDraft draft = {.text = sek_str_n(text, len), .kind = what->kind, .parent = *io_parent,
                           .source_off = SEK_OFF_NONE, .tally = &run->tally, .partial = run->partial,
                           .folded = true, .settled = true};
    uint32_t index;
    SekStatus status = sek_decoder_emit(decoder, &draft, &index);
    if (status == SEK_OK)
        *io_parent = index;
    return status == SEK_END ? SEK_OK : status;
}

static SekStatus follow_pipe(SekCmdRun *run, uint32_t parent, const SekCmdPipe *pipe, const SekCommandUse *use) {
    SekCommandUse inner = {.env = use->env, .depth = use->depth + 1};
    if (pipe->file.ptr) {
        SekLayerDraft script = {.text = pipe->text, .kind = pipe->kind, .parent = parent, .source_off = SEK_OFF_NONE, .clear = true};
        SekStatus status = pipe->text.len ? sek_decoder_emit(run->decoder, &script, NULL) : SEK_OK;
        return status == SEK_END ? SEK_OK : status;
    }
    if (!pipe->powershell) {
        SekCmdText what = {.text = pipe->text, .kind = SEK_SCRIPT_CMD, .delayed = run->delayed};
        return sek_cmd_follow(run->decoder, parent, &what, &inner);
    }
    SekStepTally tally = {0};
    sek_tally_add(&tally, "pipe", 1);
    SekLayerDraft draft = {.text = sek_str_trim(pipe->text), .kind = SEK_SCRIPT_POWERSHELL, .parent = parent,
                           .source_off = SEK_OFF_NONE, .tally = &tally};
    SekStatus status = sek_decoder_emit(run->decoder, &draft, NULL);
    return status == SEK_END ? SEK_OK : status;
}

static SekStatus follow_commands(SekCmdRun *run, uint32_t parent, const SekCommandUse *use) {
    SekStatus status = SEK_OK;
    SekCommandUse inner = {.env = &run->env, .depth = use->depth + 1};
    for (uint32_t i = 0; i < run->n_commands && status == SEK_OK; i++) {
        inner.text = run->commands[i];
        status = sek_command_follow(run->decoder, parent, &inner);
    }
    for (uint32_t i = 0; i < run->n_pipes && status == SEK_OK; i++)
        status = follow_pipe(run, parent, &run->pipes[i], &inner);
    return status;
}

SekStatus sek_cmd_follow(SekDecoder *decoder, uint32_t parent, const SekCmdText *what, const SekCommandUse *use) {
    if (use->depth > SEK_CMD_MAX_DEPTH) {
        sek_decoder_partial(decoder, parent, "commands nested too deep");
        return SEK_OK;
    }
    SekCmdRun run = {.decoder = decoder, .delayed = what->delayed, .batch = what->kind == SEK_SCRIPT_CMD};
    SekStatus status = sek_cmd_env_copy(&decoder->scratch, use->env, &run.env);
    if (status != SEK_OK)
        return status;
    sek_buf_init(&run.out, decoder->limits.max_value_bytes);
    sek_cmd_run(&run, what->text);
    status = run.fatal;
    if (status == SEK_OK && run.partial && !is_changed(&run))
        sek_decoder_partial(decoder, parent, run.partial);
    if (status == SEK_OK)
        status = emit_folded(&run, what, &parent);
    if (status == SEK_OK)
        status = follow_commands(&run, parent, use);
    sek_buf_deinit(&run.out);
    return status;
}

SekStatus sek_fold_cmd(SekDecoder *decoder, uint32_t index) {
    SekCmdText what = {.text = decoder->layers[index].text, .kind = SEK_SCRIPT_CMD};
    SekCommandUse use = {.text = what.text};
    return sek_cmd_follow(decoder, index, &what, &use);
}

/* --- the cheap test --- */

static bool is_word(unsigned c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_blank(unsigned c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '@';
}

/* %name: - a variable that is cut or replaced in. */
static bool is_cut_variable(const SekUnits *u, size_t at) {
    size_t i = at + 1;
    while (i < u->n && i - at < 64 && sek_unit(u, i) != ':' && sek_unit(u, i) != '%' && sek_unit(u, i) != '!')
        i++;
    return i > at + 1 && i < u->n && sek_unit(u, i) == ':';
}

/* A comma, semicolon or equal sign where a command begins. `before` is the last unit that is no blank. */
static bool is_loose_separator(const SekUnits *u, size_t at, size_t before) {
    if (before == SIZE_MAX)
        return true;
    unsigned b = sek_unit(u, before);
    if (b == '&' || b == '|' || b == '(' || b == ',' || b == ';' || b == '"')
        return true;
    bool option = before > 0 && sek_unit(u, before - 1) == '/';
    bool word = at > 0 && before + 1 <= at && (sek_units_at(u, before - (before > 1 ? 2 : 0), SEK_STR("cmd")) ||
                                               sek_units_at(u, before - (before > 1 ? 2 : 0), SEK_STR("exe")) ||
                                               sek_units_at(u, before - (before > 0 ? 1 : 0), SEK_STR("do")));
    return option || word;
}

/* The last unit before `at` that is no blank. */
static size_t before_blanks(const SekUnits *u, size_t at) {
    while (at > 0 && is_blank(sek_unit(u, at - 1)))
        at--;
    return at > 0 ? at - 1 : SIZE_MAX;
}

/* One look at a unit of interest; what is seen is kept in `seen`. */
enum { VARIABLE = 1, SET = 2, PIPE = 4, ECHO = 8 };

static bool looks_at(const SekUnits *u, size_t i, unsigned *seen) {
    unsigned c = sek_unit(u, i), next = i + 1 < u->n ? sek_unit(u, i + 1) : ' ';
    switch (c) {
    case '^':
        return true;
    case '%':
    case '!':
        *seen |= VARIABLE;
        return is_cut_variable(u, i);
    case '|':
        *seen |= PIPE;
        return false;
    case '"':
        return i > 0 && is_word(sek_unit(u, i - 1)) && (is_word(next) || next == '"' || next == '-');
    case ',':
    case ';':
    case '=':
        return is_loose_separator(u, i, before_blanks(u, i));
    case 's':
    case 'S':
        *seen |= sek_units_at(u, i, SEK_STR("set")) ? SET : 0u;
        return sek_units_at(u, i, SEK_STR("script:"));
    case '<':
        return sek_units_at(u, i, SEK_STR("<script"));
    case 'e':
    case 'E':
        *seen |= sek_units_at(u, i, SEK_STR("echo")) ? ECHO : 0u;
        return false;
    case 'f':
    case 'F':
        return sek_units_at(u, i, SEK_STR("for")) && i + 3 < u->n && !is_word(sek_unit(u, i + 3)) &&
               (i == 0 || !is_word(sek_unit(u, i - 1)));
    case 'p':
    case 'P':
        return sek_units_at(u, i, SEK_STR("powershell")) || sek_units_at(u, i, SEK_STR("pwsh"));
    default:
        return false;
    }
}

/* What units must follow each other for `looks_at` to have anything to say: a bit of the first that is a bit of
 * the second too. Most command lines have few such places, and every command line of every process is read. */
enum { ANY = 1, AFTER_S = 2, AFTER_E = 4, AFTER_F = 8, AFTER_P = 16, AFTER_LESS = 32 };

#define BOTH(lower, bits) [lower] = (bits), [(lower) - 32] = (bits)
static const uint8_t firsts[256] = {
    ['^'] = ANY, ['%'] = ANY, ['!'] = ANY, ['|'] = ANY, ['"'] = ANY, [','] = ANY, [';'] = ANY, ['='] = ANY,
    ['<'] = AFTER_LESS, BOTH('s', AFTER_S), BOTH('e', AFTER_E), BOTH('f', AFTER_F), BOTH('p', AFTER_P)};
static const uint8_t seconds[256] = { /* set, script:; echo; for; powershell, pwsh; <script */
    BOTH('e', AFTER_S), BOTH('c', AFTER_S | AFTER_E), BOTH('o', AFTER_F | AFTER_P), BOTH('w', AFTER_P),
    BOTH('s', AFTER_LESS)};

/* The next place from `at` on that is worth looking at, by the low bytes alone; u->n when there is none. */
static size_t next_place(const SekUnits *u, size_t at) {
    const uint8_t *p = u->bytes;
    size_t step = u->size;
    for (; at + 1 < u->n; at++)
        if (firsts[p[step * at]] & (seconds[p[step * at + step]] | ANY))
            return at;
    return at;
}

bool sek_looks_cmd(const SekUnits *u) {
    unsigned seen = 0;
    for (size_t i = next_place(u, 0); i < u->n; i = next_place(u, i + 1))
        if (looks_at(u, i, &seen))
            return true;
    return (seen & (VARIABLE | SET)) == (VARIABLE | SET) || (seen & (PIPE | ECHO)) == (PIPE | ECHO);
}
