/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Command-line options from a table: parsing and help come from the same rows. */

#include "sekisho.h"

typedef enum {
    SEK_OPT_FLAG,   /* bool */
    SEK_OPT_TEXT,   /* const char * */
    SEK_OPT_LIST,   /* SekArgs: may be given several times */
    SEK_OPT_NUMBER, /* unsigned, decimal */
    SEK_OPT_SIZE,   /* uint64_t bytes: a number, with K, M, G or T behind it times 1024 once to four times */
    SEK_OPT_LEVEL,  /* SekLevel */
    SEK_OPT_TIME,   /* uint64_t FILETIME */
    SEK_OPT_TIME_END, /* the same; a date or second that is given is meant to its end */
} SekOptKind;

typedef struct SekArgs {
    const char **items; /* point into argv */
    size_t n;
} SekArgs;

typedef struct SekOpt {
    const char *name; /* long name without dashes; NULL ends a table */
    char letter;      /* short name, or 0 */
    SekOptKind kind;
    const char *value; /* what the help calls the value; NULL for a flag */
    const char *help;
    void *to;       /* a variable of the kind's type */
    bool *given;    /* set when the option was given; may be NULL */
} SekOpt;

typedef struct SekCommand {
    const char *name;
    const char *synopsis; /* "PATH..." */
    const char *summary;  /* one line */
    const char *details;  /* paragraph for the help; may be NULL */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns the exit code */
} SekCommand;

/* Exit codes, as in docs and the man page. */
enum { SEK_EXIT_DONE = 0, SEK_EXIT_FINDINGS = 1, SEK_EXIT_USAGE = 2, SEK_EXIT_RULES = 3, SEK_EXIT_SKIPPED = 4,
       SEK_EXIT_FATAL = 70 };

typedef enum { SEK_PARSED, SEK_PARSED_HELP, SEK_PARSED_BAD } SekParsed;

/* Parses `argv` by `table`; what is no option goes to `rest` (free with sek_args_free, like every
 * LIST). With --help the help is printed to standard output; what is wrong goes to standard error. */
SekParsed sek_options_parse(const SekCommand *command, const SekOpt *table, int argc, char **argv, SekArgs *rest);
void sek_args_free(SekArgs *args);
