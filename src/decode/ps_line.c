/* SPDX-License-Identifier: Apache-2.0 */

/* A command line of PowerShell: splits it as its C runtime does and hands on the code in it. */

#include "decode/ps_line.h"

/* --- splitting ---------------------------------------------------------------------------------------------
 */

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One argument from `*at`; backslashes count only before quotes. */
static SekStr next_arg(SekStr line, size_t *at, char *text) {
    size_t n = 0, i = *at;
    bool quoted = false;
    for (; i < line.len && (quoted || !is_blank(line.ptr[i])); i++) {
        size_t slashes = 0;
        while (i < line.len && line.ptr[i] == '\\') {
            slashes++;
            i++;
        }
        bool quote = i < line.len && line.ptr[i] == '"';
        size_t kept = quote ? slashes / 2 : slashes;
        memset(text + n, '\\', kept);
        n += kept;
        if (i >= line.len)
            break;
        if (quote && slashes % 2 == 0) {
            if (quoted && i + 1 < line.len && line.ptr[i + 1] == '"')
                text[n++] = line.ptr[i++];
            else
                quoted = !quoted;
        } else if (!quoted && is_blank(line.ptr[i])) {
            break;
        } else {
            text[n++] = line.ptr[i];
        }
    }
    *at = i;
    return sek_str_n(text, n);
}

uint32_t sek_command_split(SekArena *arena, SekStr line, SekStr *out_args, uint32_t max) {
    uint32_t n = 0;
    char *text = sek_arena_alloc(arena, line.len + 1);
    if (!text)
        return 0;
    for (size_t at = 0; at < line.len && n < max;) {
        if (is_blank(line.ptr[at])) {
            at++;
            continue;
        }
        if (n + 1 == max) { /* the rest as it is */
            out_args[n++] = sek_str_n(line.ptr + at, line.len - at);
            break;
        }
        out_args[n] = next_arg(line, &at, text);
        text += out_args[n++].len;
    }
    return n;
}

SekStr sek_program_stem(SekStr path, char *buf, size_t size) {
    size_t start = path.len, n = 0;
    while (start > 0 && path.ptr[start - 1] != '\\' && path.ptr[start - 1] != '/')
        start--;
    for (size_t i = start; i < path.len && n + 1 < size; i++)
        buf[n++] = sek_ascii_lower(path.ptr[i]);
    if (n > 4 && (memcmp(buf + n - 4, ".exe", 4) == 0 || memcmp(buf + n - 4, ".com", 4) == 0))
        n -= 4;
    buf[n] = 0;
    return sek_str_n(buf, n);
}

/* --- layers ------------------------------------------------------------------------------------------------
 */

static SekStatus hand_on(SekDecoder *decoder, uint32_t parent, const SekHandedOn *code) {
    SekStr line = decoder->layers[parent].text;
    ptrdiff_t at = code->step ? -1 : sek_str_find(line, code->text);
    SekStepTally tally = {0};
    sek_tally_add(&tally, code->step ? code->step : "argument", 1);
    SekLayerDraft draft = {.text = code->text,
                           .kind = code->kind,
                           .parent = parent,
                           .tally = &tally,
                           .partial = code->partial,
                           .clear = at >= 0,
                           .source_off = at < 0 ? SEK_OFF_NONE : (size_t)at,
                           .source_len = at < 0 ? 0 : code->text.len};
    SekStatus status = sek_decoder_emit(decoder, &draft, NULL);
    return status == SEK_END ? SEK_OK : status;
}

SekStatus sek_ps_follow_line(SekDecoder *decoder, uint32_t parent, SekStr line) {
    SekStr *args = SEK_ARENA_ARRAY(&decoder->scratch, SekStr, SEK_COMMAND_MAX_ARGS);
    SekHandedOn code;
    if (!args)
        return sek_arena_why(&decoder->scratch);
    uint32_t n = sek_command_split(&decoder->scratch, line, args, SEK_COMMAND_MAX_ARGS);
    if (n < 2 || !sek_ps_host_code(&decoder->scratch, args + 1, n - 1, &code))
        return SEK_OK;
    return hand_on(decoder, parent, &code);
}
