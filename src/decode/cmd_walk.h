/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the parts of the run over a line share: simple commands (cmd_run.c), loops and conditions (cmd_loop.c), and the text of
 * a command (cmd_text.c). */

#include "decode/cmd.h"

/* Values of loop variables, innermost first. */
typedef struct SekCmdLoop {
    char variable;
    SekStr value;
    const struct SekCmdLoop *outer;
} SekCmdLoop;

typedef struct SekCmdWalk {
    SekCmdRun *run;
    const SekCmdLoop *loops;
    uint32_t depth;
    size_t loop_start; /* bytes of output before the loop in work */
    bool in_loop;  /* `set` is followed and not shown */
    bool unsure;   /* what is walked may not run */
    bool succeeds; /* the command before ran for sure and does not fail: && goes on */
    SekStr echoed; /* text of the echo before a pipe; ptr NULL = none */
} SekCmdWalk;

void sek_cmd_walk_list(SekCmdWalk *w, const SekCmdNode *list);
/* The commands in place of a statement that `before` joined to the one before it. */
void sek_cmd_walk_joined(SekCmdWalk *w, const SekCmdNode *list, const char *before);
/* Makes all that the commands of `list` set unknown, without running them. */
void sek_cmd_forget_sets(SekCmdWalk *w, const SekCmdNode *list);
/* Walks the body of a statement that is left as it stands: joined to its head, with its parentheses. */
void sek_cmd_walk_body(SekCmdWalk *w, const SekCmdNode *body);
void sek_cmd_walk_for(SekCmdWalk *w, const SekCmdNode *node);
void sek_cmd_walk_if(SekCmdWalk *w, const SekCmdNode *node);

/* Notes why something stays as it was; the first reason counts. */
void sek_cmd_leave(SekCmdRun *run, const char *why);
/* `text` with what is put in just before a command runs: loop variables and, with /v:on, !x!. */
SekStr sek_cmd_put_values(SekCmdWalk *w, SekStr text);
/* Writes the operator before a command, when it is not the first. */
void sek_cmd_write_operator(SekCmdRun *run, const char *before);
/* What `echo` prints; ptr NULL when the command is another. */
SekStr sek_cmd_echoed(SekCmdRun *run, SekStr command);
/* Behind blanks, commas, semicolons, equal signs and @ at `at`. */
size_t sek_cmd_skip(SekStr s, size_t at);
/* True when the command at `at` is `word` (with quotes anywhere inside); its length in *out_len. */
bool sek_cmd_is(SekStr s, size_t at, const char *word, size_t *out_len);
/* The command with runs of blanks made one and quotes that split words taken out. */
SekStr sek_cmd_tidy(SekCmdWalk *w, SekStr text);
/* A batch file's %% is one sign once the line has been read. */
SekStr sek_cmd_halve_signs(SekCmdRun *run, SekStr text);
