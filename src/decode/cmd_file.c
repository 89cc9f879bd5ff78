/* SPDX-License-Identifier: Apache-2.0 */

/* echo ... > x.bat & x.bat: what is echoed into a file whose name says that it is a script is code of that
 * language. Lines that are appended belong to the file that was begun. A script that hides nothing itself gives
 * no layer, since it stands in the line. */

#include "decode/cmd_walk.h"
#include "decode/guess.h"

#define FILE_BYTES_MAX ((size_t)1 << 20) /* of one script that is put together */

/* The first redirection of output in `text`: its `>`; SIZE_MAX when there is none. */
static size_t find_redirection(SekStr text) {
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"')
            quoted = !quoted;
        else if (c == '^' && !quoted)
            i++;
        else if (c == '>' && !quoted && (i == 0 || text.ptr[i - 1] < '2' || text.ptr[i - 1] > '9'))
            return i;
    }
    return SIZE_MAX;
}

/* The word from `at` on, without its quotes; `*out_end` is behind it. */
static SekStr target_at(SekStr text, size_t at, size_t *out_end) {
    while (at < text.len && sek_cmd_is_separator(text.ptr[at]))
        at++;
    bool quoted = at < text.len && text.ptr[at] == '"';
    size_t start = at += quoted;
    while (at < text.len && (quoted ? text.ptr[at] != '"' : !sek_cmd_is_separator(text.ptr[at])))
        at++;
    *out_end = at < text.len && quoted ? at + 1 : at;
    return sek_str_n(text.ptr + start, at - start);
}

static SekStr joined(SekCmdRun *run, SekStr a, SekStr between, SekStr b) {
    char *both = sek_arena_alloc(&run->decoder->scratch, a.len + between.len + b.len + 1);
    if (!both) {
        run->fatal = sek_arena_why(&run->decoder->scratch);
        return (SekStr){NULL, 0};
    }
    if (a.len)
        memcpy(both, a.ptr, a.len);
    if (between.len)
        memcpy(both + a.len, between.ptr, between.len);
    if (b.len)
        memcpy(both + a.len + between.len, b.ptr, b.len);
    return sek_str_n(both, a.len + between.len + b.len);
}

bool sek_cmd_written(SekCmdRun *run, SekStr command, SekCmdPipe *out) {
    size_t at = find_redirection(command), end;
    if (at == SIZE_MAX)
        return false;
    bool append = at + 1 < command.len && command.ptr[at + 1] == '>';
    SekStr file = target_at(command, at + 1 + append, &end);
    SekScriptKind kind = sek_script_kind_of_name(file);
    size_t stop = at > 0 && command.ptr[at - 1] == '1' && (at == 1 || sek_cmd_is_separator(command.ptr[at - 2])) ? at - 1 : at;
    SekStr rest = joined(run, sek_str_n(command.ptr, stop), SEK_STR(""), sek_str_n(command.ptr + end, command.len - end));
    SekStr text = kind != SEK_SCRIPT_TEXT && rest.ptr ? sek_cmd_echoed(run, rest) : rest;
    if (kind == SEK_SCRIPT_TEXT || !text.ptr)
        return false;
    *out = (SekCmdPipe){.text = sek_str_trim(text), .kind = kind, .file = file, .append = append};
    return true;
}

void sek_cmd_append(SekCmdRun *run, SekCmdPipe *begun, const SekCmdPipe *more) {
    if (begun->text.len + more->text.len > FILE_BYTES_MAX || !sek_decoder_pay(run->decoder, begun->text.len / 64 + 1)) {
        sek_cmd_leave(run, "a script that is written line by line is too long");
        return;
    }
    SekStr all = joined(run, begun->text, SEK_STR("\n"), more->text);
    if (all.ptr)
        begun->text = all;
}
