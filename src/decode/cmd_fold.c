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
