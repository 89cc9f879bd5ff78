/* SPDX-License-Identifier: Apache-2.0 */

/* Follows the simple commands of a line: `set`, `call`, `echo |`. The line as it runs is written to
 * run->out: loops give the commands that they come to, everything else stands as it was but for what was
 * folded. */
#include "decode/cmd_walk.h"

#define MAX_CALLS 8u /* call call call ... */

/* Grows a list in scratch by one; NULL when memory ends. */
static void *push(SekCmdRun *run, void *items, size_t size, uint32_t n, uint32_t *cap) {
    if (n < *cap)
        return items;
    uint32_t grown = *cap ? 2 * *cap : 8;
    void *copy = sek_arena_calloc(&run->decoder->scratch, grown, size);
    if (!copy) {
        run->fatal = sek_arena_why(&run->decoder->scratch);
        return NULL;
    }
    if (n)
        memcpy(copy, items, n * size);
    *cap = grown;
    return copy;
}

static void keep_command(SekCmdWalk *w, SekStr text) {
    SekCmdRun *run = w->run;
    if (run->n_commands >= SEK_CMD_MAX_COMMANDS) {
        sek_cmd_leave(w->run, "more commands than the limit");
        return;
    }
    SekStr *commands = push(run, run->commands, sizeof *commands, run->n_commands, &run->cap_commands);
    if (!commands)
        return;
    run->commands = commands;
    commands[run->n_commands++] = sek_cmd_plain(run, text);
}

/* --- set --- */

/* set x=value, set "x=value". Not `sure` where it may not run, or run in a process of its own. */
static void run_set(SekCmdWalk *w, SekStr args, bool sure) {
    size_t at = 0;
    while (at < args.len && sek_cmd_is_separator(args.ptr[at]))
        at++;
    args = sek_str_n(args.ptr + at, args.len - at);
    const char *sign = args.len ? memchr(args.ptr, '=', args.len) : NULL;
    if (args.len > 1 && args.ptr[0] == '/') {
        SekStr rest = sek_str_n(args.ptr + 2, args.len - 2);
        if (sek_ascii_lower(args.ptr[1]) == 'a') {
            sek_cmd_calculate(w->run, sek_cmd_plain(w->run, rest), sure);
        } else if (sign && sign >= rest.ptr) { /* /p what somebody types; not "set /=" */
            SekStr name = sek_str_trim(sek_str_n(rest.ptr, (size_t)(sign - rest.ptr)));
            name = name.len && name.ptr[0] == '"' ? sek_str_n(name.ptr + 1, name.len - 1) : name;
            sek_cmd_env_forget(w->run, name);
        }
        return;
    }
    if (!sign)
        return;
    if (args.ptr[0] == '"') {
        args = sek_str_n(args.ptr + 1, args.len - 1);
        for (size_t i = args.len; i > 0; i--)
            if (args.ptr[i - 1] == '"') {
                args.len = i - 1;
                break;
            }
    }
    SekStr plain = sek_cmd_halve_signs(w->run, sek_cmd_plain(w->run, args));
    sign = plain.len ? memchr(plain.ptr, '=', plain.len) : NULL;
    if (!sign || !sek_decoder_pay(w->run->decoder, 1 + plain.len / 64))
        return;
    SekStr name = sek_str_n(plain.ptr, (size_t)(sign - plain.ptr));
    if (!sek_cmd_env_set(w->run, name, sek_str_n(sign + 1, plain.len - name.len - 1)))
        sek_cmd_leave(w->run, "more variables than the limit");
    if (!sure || w->run->jumps)
        sek_cmd_env_forget(w->run, name);
}

/* --- simple commands --- */

/* True for an interpreter that is given no command: it reads the pipe. */
static bool reads_pipe(SekStr command, bool *powershell) {
    size_t at = sek_cmd_skip(command, 0), len;
    *powershell = sek_cmd_is(command, at, "powershell", &len) || sek_cmd_is(command, at, "pwsh", &len);
    if (!*powershell && !sek_cmd_is(command, at, "cmd", &len))
        return false;
    SekStr rest = sek_str_n(command.ptr + at + len, command.len - at - len);
    if (sek_str_starts(rest, SEK_STR(".exe")))
        rest = sek_str_n(rest.ptr + 4, rest.len - 4);
    rest = sek_str_trim(rest);
    if (!*powershell)
        return sek_str_find(rest, SEK_STR("/c")) < 0 && sek_str_find(rest, SEK_STR("/C")) < 0;
    return rest.len == 0 || (rest.ptr[rest.len - 1] == '-' && (rest.len == 1 || rest.ptr[rest.len - 2] == ' '));
}

static void keep_pipe(SekCmdWalk *w, SekStr command) {
    SekCmdRun *run = w->run;
    bool powershell;
    if (!w->echoed.ptr || !reads_pipe(command, &powershell))
        return;
    SekCmdPipe *pipes = push(run, run->pipes, sizeof *pipes, run->n_pipes, &run->cap_pipes);
    if (!pipes)
        return;
    run->pipes = pipes;
    pipes[run->n_pipes++] = (SekCmdPipe){.text = w->echoed, .powershell = powershell};
}

/* A script that is echoed into a file, line by line. */
static void keep_file(SekCmdWalk *w, SekStr command) {
    SekCmdRun *run = w->run;
    SekCmdPipe file;
    if (command.len == 0 || !memchr(command.ptr, '>', command.len) || !sek_cmd_written(run, command, &file))
        return;
    for (uint32_t i = run->n_pipes; file.append && i-- > 0;)
        if (run->pipes[i].file.ptr && sek_str_eq_nocase(run->pipes[i].file, file.file)) {
            sek_cmd_append(run, &run->pipes[i], &file);
            return;
        }
    SekCmdPipe *pipes = push(run, run->pipes, sizeof *pipes, run->n_pipes, &run->cap_pipes);
    if (!pipes)
        return;
    run->pipes = pipes;
    pipes[run->n_pipes++] = file;
}

SekStr sek_cmd_echoed(SekCmdRun *run, SekStr command) {
    size_t at = sek_cmd_skip(command, 0), len;
    if (!sek_cmd_is(command, at, "echo", &len))
        return (SekStr){NULL, 0};
    at += len;
    at += at < command.len && strchr(" .(:;,=/\\+", command.ptr[at]) != NULL;
    return sek_cmd_plain(run, sek_str_n(command.ptr + at, command.len - at));
}

/* All variables of the text's own become unknown. */
static void forget_ours(SekCmdRun *run) {
    for (uint32_t i = 0; i < run->env.n; i++)
        run->env.vars[i].unknown = run->env.vars[i].unknown || run->env.vars[i].ours;
}

static bool is_one_of(SekStr text, size_t at, const char *const *words) {
    size_t len;
    for (; *words; words++)
        if (sek_cmd_is(text, at, *words, &len))
            return true;
    return false;
}

static bool has_word(SekStr text, SekStr word) {
    for (size_t i = 0; i + word.len <= text.len; i++)
        if (sek_str_eq_nocase(sek_str_n(text.ptr + i, word.len), word))
            return true;
    return false;
}

/* setlocal: what is set from here on is taken back by endlocal, or at the end of the file. */
static void run_setlocal(SekCmdRun *run, SekStr text, bool certain) {
    if (!certain) /* which endlocal belongs to it is not known from here on */
        run->n_saved = SEK_CMD_MAX_SETLOCAL;
    if (run->n_saved < SEK_CMD_MAX_SETLOCAL) {
        SekStatus status = sek_cmd_env_copy(&run->decoder->scratch, &run->env, &run->saved[run->n_saved]);
        run->saved_delayed[run->n_saved] = run->delayed;
        run->fatal = run->fatal ? run->fatal : status;
    }
    run->n_saved++;
    if (!run->batch) /* it does nothing in a command line */
        return;
    if (has_word(text, SEK_STR("enabledelayedexpansion")))
        run->delayed = true;
    else if (has_word(text, SEK_STR("disabledelayedexpansion")))
        run->delayed = false;
}

static void run_endlocal(SekCmdRun *run, bool sure) {
    if (!sure || run->jumps || run->n_saved > SEK_CMD_MAX_SETLOCAL) {
        run->delayed = false;
        forget_ours(run);
    } else if (run->n_saved > 0) {
        run->env = run->saved[run->n_saved - 1];
        run->delayed = run->saved_delayed[run->n_saved - 1];
    }
    run->n_saved -= run->n_saved > 0;
}

/* What of a batch file changes all variables at once: goto, another batch file, setlocal, endlocal; and what
 * ends it. */
static void run_batch_command(SekCmdWalk *w, SekStr text, size_t at, bool called, bool sure) {
    static const char *const no_batch[] = {"set", "echo", "cmd", "powershell", "pwsh", "start", NULL};
    SekCmdRun *run = w->run;
    size_t len;
    bool certain = sure && !w->unsure;
    if (sek_cmd_is(text, at, "goto", &len)) {
        run->jumps = true;
        forget_ours(run);
        run->dead = certain;
    } else if (sek_cmd_is(text, at, "exit", &len)) {
        run->dead = certain;
    } else if (sek_cmd_is(text, at, "endlocal", &len)) {
        run_endlocal(run, certain);
    } else if (sek_cmd_is(text, at, "setlocal", &len)) {
        run_setlocal(run, text, certain);
    } else if (called && !is_one_of(text, at, no_batch)) {
        forget_ours(run);
    }
}

/* True for a batch file at `at`: its name ends in .bat or .cmd. */
static bool is_batch_file(SekStr text, size_t at) {
    size_t end = at;
    bool quoted = at < text.len && text.ptr[at] == '"';
    for (end += quoted; end < text.len && (quoted ? text.ptr[end] != '"' : !sek_cmd_is_separator(text.ptr[end]));)
        end++;
    SekStr name = sek_str_n(text.ptr + at, end - at);
    return name.len > 4 && (sek_str_eq_nocase(sek_str_n(name.ptr + name.len - 4, 4), SEK_STR(".bat")) ||
                            sek_str_eq_nocase(sek_str_n(name.ptr + name.len - 4, 4), SEK_STR(".cmd")));
}

/* True when the command runs in any case, and in this process. */
static bool is_sure(const SekCmdWalk *w, const SekCmdNode *node) {
    bool piped = node->next && strcmp(node->next->before, "|") == 0;
    return !piped && strcmp(node->before, "|") != 0 && strcmp(node->before, "||") != 0 &&
           (strcmp(node->before, "&&") != 0 || w->succeeds);
}

void sek_cmd_forget_sets(SekCmdWalk *w, const SekCmdNode *list) {
    for (const SekCmdNode *node = list; node; node = node->next) {
        SekStr text = node->kind == SEK_CMD_SIMPLE ? sek_cmd_put_values(w, node->text) : SEK_STR("");
        size_t at = sek_cmd_skip(text, 0), len;
        if (sek_cmd_is(text, at, "call", &len))
            at = sek_cmd_skip(text, at + len);
        if (sek_cmd_is(text, at, "set", &len))
            run_set(w, sek_str_n(text.ptr + at + len, text.len - at - len), false);
        sek_cmd_forget_sets(w, node->body);
        sek_cmd_forget_sets(w, node->other);
    }
}

static void run_simple(SekCmdWalk *w, const SekCmdNode *node) {
    SekCmdRun *run = w->run;
    SekStr text = run->dead ? node->text : sek_cmd_put_values(w, node->text);
    if (!sek_decoder_pay(run->decoder, 1 + text.len / 64)) {
        sek_cmd_leave(w->run, "step limit");
        sek_cmd_write_operator(run, node->before);
        sek_buf_add_str(&run->out, sek_str_trim(text));
        return;
    }
    if (run->dead) { /* behind exit: shown, not followed */
        sek_cmd_write_operator(run, node->before);
        sek_buf_add_str(&run->out, sek_str_trim(node->text));
        return;
    }
    size_t at = sek_cmd_skip(text, 0), len, calls = 0;
    bool label = false, sure = is_sure(w, node);
    while (calls < MAX_CALLS && sek_cmd_is(text, at, "call", &len)) {
        at = sek_cmd_skip(text, at + len);
        label = at < text.len && text.ptr[at] == ':';
        if (label) /* of a batch file */
            break;
        text = sek_cmd_expand_all(run, sek_cmd_halve_signs(run, sek_str_n(text.ptr + at, text.len - at)), '%');
        at = sek_cmd_skip(text, 0);
        calls++;
    }
    if (calls && run->tally.n)
        sek_tally_add(&run->tally, "call", (uint32_t)calls);
    bool set = sek_cmd_is(text, at, "set", &len);
    if (set)
        run_set(w, sek_str_n(text.ptr + at + len, text.len - at - len), sure);
    else
        run_batch_command(w, text, at, calls > 0 || label, sure);
    if (!set || !w->in_loop) {
        SekStr shown = set ? text : sek_cmd_tidy(w, text);
        sek_cmd_write_operator(run, node->before);
        sek_buf_adds(&run->out, node->quiet && run->batch ? "@" : "");
        sek_buf_adds(&run->out, calls && is_batch_file(shown, 0) ? "call " : "");
        sek_buf_add_str(&run->out, sek_str_trim(shown));
        if (!set)
            keep_command(w, shown);
    }
    if (node->before[0] == '|' && !node->before[1])
        keep_pipe(w, text);
    keep_file(w, text);
    w->echoed = sek_cmd_echoed(run, text);
    w->succeeds = sure && (set || w->echoed.ptr);
}

/* The commands in place of a statement: the first is joined as the statement was. */
void sek_cmd_walk_joined(SekCmdWalk *w, const SekCmdNode *list, const char *before) {
    if (!list)
        return;
    SekCmdNode first = *list;
    memcpy(first.before, before, strlen(before) + 1);
    sek_cmd_walk_list(w, &first);
}

/* A group keeps its parentheses where an operator joins it as a whole. */
static void walk_group(SekCmdWalk *w, const SekCmdNode *node) {
    const char *after = node->next ? node->next->before : "";
    bool joined = strcmp(node->before, "&&") == 0 || node->before[0] == '|';
    if (!node->body || !(joined || strcmp(after, "&&") == 0 || after[0] == '|')) {
        sek_cmd_walk_joined(w, node->body, node->before);
        return;
    }
    sek_cmd_write_operator(w->run, node->before);
    w->run->glue = "";
    if (node->body->next) {
        sek_cmd_walk_body(w, node);
        w->succeeds = false;
    } else {
        sek_cmd_walk_list(w, node->body);
        w->run->glue = NULL;
    }
    if (joined)
        sek_cmd_forget_sets(w, node->body);
}

void sek_cmd_walk_body(SekCmdWalk *w, const SekCmdNode *body) {
    SekCmdRun *run = w->run;
    SekCmdWalk inner = *w;
    bool group = body && body->kind == SEK_CMD_GROUP && !body->next;
    const char *glue = run->glue ? run->glue : " ";
    inner.in_loop = inner.succeeds = false;
    inner.unsure = true;
    inner.echoed = (SekStr){NULL, 0};
    if (group)
        sek_buf_addf(&run->out, "%s(", glue);
    run->glue = group ? "" : glue;
    sek_cmd_walk_list(&inner, group ? body->body : body);
    run->glue = NULL;
    if (group)
        sek_buf_addc(&run->out, ')');
}

void sek_cmd_walk_list(SekCmdWalk *w, const SekCmdNode *list) {
    if (w->depth > SEK_CMD_MAX_DEPTH) {
        sek_cmd_leave(w->run, "commands nested too deep");
        return;
    }
    w->depth++;
    for (const SekCmdNode *node = list; node && w->run->fatal == SEK_OK; node = node->next) {
        if (node->kind != SEK_CMD_SIMPLE)
            w->succeeds = false;
        if (node->kind == SEK_CMD_SIMPLE)
            run_simple(w, node);
        else if (node->kind == SEK_CMD_FOR)
            sek_cmd_walk_for(w, node);
        else if (node->kind == SEK_CMD_IF)
            sek_cmd_walk_if(w, node);
        else
            walk_group(w, node);
    }
    w->depth--;
}

/* A label: the lines behind it may be come to from anywhere, with any values. */
static void reach_label(SekCmdRun *run) {
    run->jumps = true;
    run->dead = false;
    forget_ours(run);
}

static bool is_label(SekStr line) {
    size_t first = sek_cmd_skip(line, 0);
    return first < line.len && line.ptr[first] == ':' && (first + 1 == line.len || line.ptr[first + 1] != ':');
}

/* rem and :: - and labels, behind which cmd reads nothing. */
static bool is_comment(SekStr line) {
    size_t first = sek_cmd_skip(line, 0), len;
    return first < line.len && (line.ptr[first] == ':' || sek_cmd_is(line, first, "rem", &len));
}

/* A line that never runs stays as it was written, and nothing in it is followed. */
static void show_dead(SekCmdRun *run, SekStr line) {
    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    if (run->out.len)
        sek_buf_addc(&run->out, '\n');
    sek_buf_add_str(&run->out, line);
}

void sek_cmd_run(SekCmdRun *run, SekStr text) {
    for (size_t at = 0; at < text.len && run->fatal == SEK_OK;) {
        size_t len = sek_cmd_line_len(text, at);
        SekStr line = sek_str_n(text.ptr + at, len);
        at += len + 1;
        if (is_label(line))
            reach_label(run);
        if (run->dead || is_comment(line)) {
            show_dead(run, line);
            continue;
        }
        SekCmdWalk walk = {.run = run, .depth = run->depth};
        SekCmdNode *list = sek_cmd_parse(run, sek_cmd_expand_all(run, line, '%'));
        if (list && run->out.len)
            list->before[0] = '\n';
        sek_cmd_walk_list(&walk, list);
    }
    if (run->out.failed == SEK_ERR_MEMORY)
        run->fatal = SEK_ERR_MEMORY;
    if (run->out.failed == SEK_ERR_LIMIT && !run->partial)
        run->partial = "too much text in all layers";
}

