/* SPDX-License-Identifier: Apache-2.0 */

/* The text of a command, before it runs and as it is shown: what it is called, the values of loop variables in it, blanks
 * and quotes that say nothing. */
#include "decode/cmd_walk.h"

void sek_cmd_leave(SekCmdRun *run, const char *why) {
    if (!run->partial && !run->dead)
        run->partial = why;
}

/* --- words --- */

size_t sek_cmd_skip(SekStr s, size_t at) {
    while (at < s.len && (sek_cmd_is_separator(s.ptr[at]) || s.ptr[at] == '@'))
        at++;
    return at;
}

bool sek_cmd_is(SekStr s, size_t at, const char *word, size_t *out_len) {
    size_t i = at, n = 0;
    for (; i < s.len && word[n]; i++) {
        if (s.ptr[i] == '"')
            continue;
        if (sek_ascii_lower(s.ptr[i]) != word[n])
            return false;
        n++;
    }
    char after = i < s.len ? s.ptr[i] : ' ';
    if (word[n] || (after != '"' && !sek_cmd_is_separator(after) && !strchr("/.(:\\+", after)))
        return false;
    *out_len = i - at;
    return true;
}

/* --- loop variables --- */

static const SekCmdLoop *find_loop(const SekCmdWalk *w, char variable) {
    for (const SekCmdLoop *l = w->loops; l; l = l->outer)
        if (l->variable == variable)
            return l;
    return NULL;
}

/* Length of %NAME% at `at` when Windows has such a variable; 0 = not. */
static size_t reference_len(const SekCmdWalk *w, SekStr text, size_t at) {
    size_t most = text.len - at - 1 < 64 ? text.len - at - 1 : 64;
    const char *end = most ? memchr(text.ptr + at + 1, '%', most) : NULL;
    size_t len = end ? (size_t)(end - text.ptr) - at - 1 : 0;
    const SekCmdVar *var = len ? sek_cmd_env_get(&w->run->env, sek_str_n(text.ptr + at + 1, len)) : NULL;
    return var && !var->ours ? len + 2 : 0;
}

/* %a, %%a and %~a of the loops around. */
static SekStr put_loop_values(SekCmdWalk *w, SekStr text) {
    if (!w->loops || text.len == 0 || !memchr(text.ptr, '%', text.len))
        return text;
    SekBuf out;
    sek_buf_init(&out, w->run->decoder->limits.max_value_bytes);
    for (size_t i = 0; i < text.len;) {
        size_t at = i;
        size_t named = text.ptr[i] == '%' ? reference_len(w, text, i) : 0;
        if (named > 0) { /* %APPDATA% is not the loop's %a */
            sek_buf_add(&out, text.ptr + i, named);
            i += named;
            continue;
        }
        while (at < text.len && text.ptr[at] == '%' && at - i < 2)
            at++;
        bool tilde = at > i && at < text.len && text.ptr[at] == '~';
        at += tilde;
        const SekCmdLoop *l = at > i && at < text.len ? find_loop(w, text.ptr[at]) : NULL;
        if (!l) {
            sek_buf_addc(&out, text.ptr[i++]);
            continue;
        }
        SekStr value = l->value;
        if (tilde && value.len > 1 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
            value = sek_str_n(value.ptr + 1, value.len - 2);
        sek_buf_add_str(&out, value);
        i = at + 1;
    }
    SekStr copy = out.failed ? text : sek_cmd_dup(w->run, sek_buf_str(&out));
    if (out.failed)
        sek_cmd_leave(w->run, "a value longer than the limit");
    sek_buf_deinit(&out);
    return copy;
}

SekStr sek_cmd_put_values(SekCmdWalk *w, SekStr text) {
    text = put_loop_values(w, text);
    return w->run->delayed ? sek_cmd_expand_all(w->run, text, '!') : text;
}

/* --- output --- */

void sek_cmd_write_operator(SekCmdRun *run, const char *before) {
    const char *glue = run->glue;
    run->glue = NULL;
    if (glue) {
        sek_buf_adds(&run->out, glue);
        return;
    }
    if (run->out.len == 0)
        return;
    const char *joined = before[0] ? before : "&";
    if (joined[0] == '\n')
        sek_buf_addc(&run->out, '\n');
    else
        sek_buf_addf(&run->out, " %s ", joined);
}

static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* True when the pair of quotes at `at` splits a word: letters at both sides, no blank between. */
static bool splits_word(SekStr s, size_t at, size_t *out_close) {
    const char *close = memchr(s.ptr + at + 1, '"', s.len - at - 1);
    size_t end = close ? (size_t)(close - s.ptr) : s.len;
    if (!close || at == 0 || !is_word(s.ptr[at - 1]) || end - at > 32)
        return false;
    char after = end + 1 < s.len ? s.ptr[end + 1] : ' ';
    if (!is_word(after) && !(end + 1 == s.len || after == ' ' || after == '.' || after == '"'))
        return false;
    for (size_t i = at + 1; i < end; i++)
        if (!is_word(s.ptr[i]) && s.ptr[i] != '-')
            return false;
    *out_close = end;
    return true;
}

SekStr sek_cmd_tidy(SekCmdWalk *w, SekStr text) {
    SekBuf out;
    sek_buf_init(&out, text.len + 1);
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        size_t close;
        if (c == '"' && !quoted && splits_word(text, i, &close)) {
            sek_buf_add(&out, text.ptr + i + 1, close - i - 1);
            sek_tally_add(&w->run->tally, "quotes", 1);
            i = close;
            continue;
        }
        if (c == '"')
            quoted = !quoted;
        if (!quoted && c == ' ' && out.len && out.data[out.len - 1] == ' ') {
            sek_tally_add(&w->run->tally, "blanks", 1);
            while (i + 1 < text.len && text.ptr[i + 1] == ' ')
                i++;
            continue;
        }
        sek_buf_addc(&out, c);
    }
    SekStr copy = sek_cmd_dup(w->run, sek_str_trim(sek_buf_str(&out)));
    if (out.failed)
        w->run->fatal = SEK_ERR_MEMORY;
    sek_buf_deinit(&out);
    return copy;
}

SekStr sek_cmd_halve_signs(SekCmdRun *run, SekStr text) {
    if (!run->batch || sek_str_find(text, SEK_STR("%%")) < 0)
        return text;
    char *out = sek_arena_alloc(&run->decoder->scratch, text.len);
    size_t n = 0;
    if (!out) {
        run->fatal = sek_arena_why(&run->decoder->scratch);
        return text;
    }
    for (size_t i = 0; i < text.len; i++) {
        out[n++] = text.ptr[i];
        i += text.ptr[i] == '%' && i + 1 < text.len && text.ptr[i + 1] == '%';
    }
    return sek_str_n(out, n);
}
