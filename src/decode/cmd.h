/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the reading of cmd.exe: its variables, its syntax tree, and a run over the tree. The order of
 * the phases is cmd's own: %variables% of a whole line first, then carets, quotes and operators, then for
 * each command its loop variables and, with /v:on, its !variables!. `set` of one command is seen by
 * !x!, `call` and a nested cmd, not by %x% of the same line.
 *
 * Nothing is run: `set`, `for`, `if`, `call` and `echo |` are followed over constants, every other
 * command is text. A variable that is set by something not followed becomes unknown, and what it is used
 * in stays as it was written. */

#include "decode/languages.h"

#include "base/buf.h"

#define SEK_CMD_MAX_VARIABLES 2048u
#define SEK_CMD_MAX_DEPTH 24u      /* groups, loops and nested command lines inside each other */
#define SEK_CMD_MAX_COMMANDS 4096u /* commands kept of one line, loops unrolled */
#define SEK_CMD_MAX_SETLOCAL 16u   /* setlocal inside of setlocal; cmd has 32 */
#define SEK_CMD_MAX_REFERENCE 512u /* bytes between two % or ! that are taken for a variable */

/* --- variables (cmd_env.c) --- */

/* A value may be known at its ends only: TEMP is C:\Users\ ... \AppData\Local\Temp, and so is whatever was set to
 * a text with a variable in it that has no known value. */
typedef struct SekCmdVar {
    SekStr name; /* lower case */
    SekStr text; /* as it was set, references without a value and all; only of `ours` */
    SekStr head, tail;
    bool gap;     /* something unknown stands between head and tail */
    bool unknown; /* set by something that is not followed */
    bool ours;    /* set in the text, not by Windows */
} SekCmdVar;

typedef struct SekCmdEnv {
    SekCmdVar *vars;
    uint32_t n, cap;
} SekCmdEnv;

/* What a use of a variable comes to. */
typedef enum { SEK_CMD_LEAVE, SEK_CMD_VALUE, SEK_CMD_UNKNOWN } SekCmdUse;

typedef struct SekCmdRun {
    SekDecoder *decoder;
    SekCmdEnv env;
    SekStepTally tally;
    bool batch;            /* a batch file, not a command line */
    bool delayed;          /* !x! is a variable */
    bool dead;             /* behind exit or goto: nothing runs until a label */
    SekCmdEnv saved[SEK_CMD_MAX_SETLOCAL]; /* what endlocal takes back */
    bool saved_delayed[SEK_CMD_MAX_SETLOCAL];
    uint32_t n_saved;      /* also those for which there is no room */
    bool jumps;            /* a label or goto was met: what is set from here on is not known */
    const char *glue;      /* stands in for the next operator: behind `if x`, `do`, `(`; or NULL */
    const char *partial;   /* why something was left, or NULL */
    uint32_t depth;
    uint32_t n_loops;      /* loops that were followed; their rounds are in the tally */
    SekBuf out;            /* the line as it runs */
    SekStr *commands;      /* simple commands that ran, without carets; in scratch */
    struct SekCmdPipe *pipes; /* what is echoed into an interpreter */
    uint32_t n_commands, cap_commands, n_pipes, cap_pipes;
    SekStatus fatal;
} SekCmdRun;

/* SEK_OK or SEK_ERR_MEMORY / SEK_ERR_LIMIT of the scratch arena. */
SekStatus sek_cmd_env_copy(SekArena *arena, const SekCmdEnv *from, SekCmdEnv *out);
const SekCmdVar *sek_cmd_env_get(const SekCmdEnv *env, SekStr name);
/* Sets; an empty value unsets. False when there is no room. */
bool sek_cmd_env_set(SekCmdRun *run, SekStr name, SekStr value);
/* Makes a variable unknown. */
void sek_cmd_env_forget(SekCmdRun *run, SekStr name);

/* What `reference` (the text between two signs: name, name:~1,2, name:a=b) comes to; the value lies in
 * scratch. Names of Windows that stand alone are left: %TEMP% says more than its value. */
SekCmdUse sek_cmd_expand(SekCmdRun *run, SekStr reference, SekStr *out);
/* `text` with all references in `sign` (% or !) replaced that have a value; in scratch. */
SekStr sek_cmd_expand_all(SekCmdRun *run, SekStr text, char sign);

/* `set /a`: evaluates and assigns. What is not known, or not `sure` to be run, becomes unknown. */
void sek_cmd_calculate(SekCmdRun *run, SekStr expression, bool sure);

/* --- syntax (cmd_parse.c) --- */

typedef enum { SEK_CMD_SIMPLE, SEK_CMD_GROUP, SEK_CMD_FOR, SEK_CMD_IF } SekCmdKind;

typedef struct SekCmdNode {
    SekCmdKind kind;
    char before[3];  /* operator that joins it to the one before: "", "&", "&&", "|", "||", "\n" */
    SekStr text;     /* SIMPLE: without needless carets; FOR: what stands in the parentheses; IF: condition */
    SekStr options;  /* FOR: "/f", "/l" ..., and the quoted options */
    bool quiet;      /* SIMPLE: @ stands before it */
    char variable;   /* FOR */
    bool doubled;    /* FOR: written %%x, as in a batch file */
    bool negated, ignore_case; /* IF */
    struct SekCmdNode *body, *other; /* GROUP, FOR, IF; other: else */
    struct SekCmdNode *next;
} SekCmdNode;

/* Parses one logical line (a group may have several lines). NULL when it is empty or memory ends (see
 * run->fatal). */
SekCmdNode *sek_cmd_parse(SekCmdRun *run, SekStr text);
/* Length of the logical line at `at`. */
size_t sek_cmd_line_len(SekStr text, size_t at);

/* Copies into scratch; sets run->fatal on failure. */
SekStr sek_cmd_dup(SekCmdRun *run, SekStr s);
/* Without the carets that protect: what a program gets. In scratch. */
SekStr sek_cmd_plain(SekCmdRun *run, SekStr text);

static inline bool sek_cmd_is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
/* Blanks and what cmd takes for one between words. */
static inline bool sek_cmd_is_separator(char c) {
    return sek_cmd_is_blank(c) || c == ',' || c == ';' || c == '=';
}

/* --- running (cmd_run.c) --- */

/* What is piped into an interpreter that reads its standard input. */
typedef struct SekCmdPipe {
    SekStr text;
    bool powershell; /* else cmd */
    SekStr file;        /* what is echoed into a script of this name; ptr NULL: into an interpreter */
    SekScriptKind kind; /* of `file` */
    bool append;
} SekCmdPipe;

/* cmd_file.c. False when `command` echoes nothing into a file that is a script by its name. */
bool sek_cmd_written(SekCmdRun *run, SekStr command, SekCmdPipe *out);
void sek_cmd_append(SekCmdRun *run, SekCmdPipe *begun, const SekCmdPipe *more);

/* Follows `text`, all its lines; the line as it runs is in run->out. */
void sek_cmd_run(SekCmdRun *run, SekStr text);

/* --- command lines (command.c, cmd_fold.c) --- */

typedef struct SekCommandUse {
    SekStr text;          /* program and arguments; part of the parent's text, or put together */
    const SekCmdEnv *env; /* variables that it inherits; NULL = those of Windows */
    uint32_t depth;
} SekCommandUse;

/* Emits what the command line hands on, below `parent`. SEK_OK or a fatal status. */
SekStatus sek_command_follow(SekDecoder *decoder, uint32_t parent, const SekCommandUse *use);

typedef struct SekCmdText {
    SekStr prefix;      /* what stands before it in the command line, e.g. "cmd /c"; may be empty */
    SekStr text;        /* what cmd reads */
    SekScriptKind kind; /* of the folded layer */
    bool delayed;       /* /v:on */
} SekCmdText;

/* Follows what cmd reads: emits the folded line when something was hidden in it, and what its commands
 * hand on. SEK_OK or a fatal status. */
SekStatus sek_cmd_follow(SekDecoder *decoder, uint32_t parent, const SekCmdText *what, const SekCommandUse *use);
