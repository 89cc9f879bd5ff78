/* SPDX-License-Identifier: Apache-2.0 */

/* `sekisho decode`. */
#define _GNU_SOURCE /* fileno */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void problem(void *user, const char *line) {
    (void)user;
    (void)fprintf(stderr, "sekisho decode: %s\n", line);
}

static int finish(SekStatus status, const SekDecodeSummary *sum, const SekError *err) {
    if (status != SEK_OK) {
        (void)fprintf(stderr, "sekisho decode: %s\n", err->what[0] ? err->what : "out of memory or output too long");
        return status == SEK_ERR_ARGUMENT ? SEK_EXIT_USAGE : SEK_EXIT_FATAL;
    }
    if (sum->records)
        (void)fprintf(stderr, "sekisho decode: %ju records, %ju scripts and command lines, something hidden in %ju",
                      (uintmax_t)sum->records, (uintmax_t)sum->texts, (uintmax_t)sum->layered);
    if (sum->records && sum->incomplete)
        (void)fprintf(stderr, ", parts are missing of %ju", (uintmax_t)sum->incomplete);
    if (sum->records)
        (void)fputc('\n', stderr);
    return sum->files_skipped ? SEK_EXIT_SKIPPED : SEK_EXIT_DONE;
}

static bool wants_colour(const SekOutFile *file) {
    return !file->stream && sek_wants_colour(stdout);
}

static int open_output(SekOutFile *file, const SekArgs *paths, const char *output) {
    SekOutGuard guard = {"decode", paths, NULL, NULL};
    if (!output)
        return SEK_EXIT_DONE;
    int code = sek_out_check(&guard, output);
    return code == SEK_EXIT_DONE ? sek_out_open(file, "decode", output) : code;
}

static int decode(SekDecodeTask *task, SekOutFile *file) {
    SekDecodeSummary sum = {0};
    SekError err = {0};
    FILE *to = file->stream ? file->stream : stdout;
    task->options.colour = wants_colour(file);
    task->options.raw = !isatty(fileno(to));
    SekStatus status = sek_decode_run(task, to, &sum, &err);
    int code = finish(status, &sum, &err);
    return sek_out_close(file, "decode", status == SEK_OK) ? code : SEK_EXIT_FATAL;
}

static int run(int argc, char **argv) {
    SekArgs paths = {0}, commands = {0};
    const char *format = "text", *output = NULL;
    SekDecodeTask task = {.problem = problem};
    const SekOpt table[] = {
        {"command", 'c', SEK_OPT_LIST, "TEXT", "a command line as it was logged; may be given several times", &commands, NULL},
        {"kind", 'k', SEK_OPT_TEXT, "KIND", "powershell, cmd, command, vbscript or jscript (default: told by name and content)",
         &task.options.kind, NULL},
        {"final", 0, SEK_OPT_FLAG, NULL, "print the last layer only", &task.options.final, NULL},
        {"all", 'a', SEK_OPT_FLAG, NULL, "event logs: also what hides nothing", &task.options.all, NULL},
        {"format", 'f', SEK_OPT_TEXT, "FORMAT", "text (default) or json, one object a line", &format, NULL},
        {"output", 'o', SEK_OPT_TEXT, "FILE", "write to FILE instead of standard output", &output, NULL},
        {NULL, 0, SEK_OPT_FLAG, NULL, NULL, NULL, NULL},
    };
    int code = SEK_EXIT_USAGE;
    SekParsed parsed = sek_options_parse(&sek_cmd_decode, table, argc, argv, &paths);
    bool json = strcmp(format, "json") == 0 || strcmp(format, "jsonl") == 0;
    SekOutFile file = {0};
    if (parsed == SEK_PARSED_HELP) {
        code = SEK_EXIT_DONE;
    } else if (parsed == SEK_PARSED && paths.n == 0 && commands.n == 0) {
        (void)fprintf(stderr, "sekisho decode: give a script, an event log, - for standard input, or --command\n");
    } else if (parsed == SEK_PARSED && !json && strcmp(format, "text") != 0) {
        (void)fprintf(stderr, "sekisho decode: --format: '%s' is not text or json\n", format);
    } else if (parsed == SEK_PARSED && (code = open_output(&file, &paths, output)) == SEK_EXIT_DONE) {
        task.paths = paths.items;
        task.n_paths = paths.n;
        task.commands = commands.items;
        task.n_commands = commands.n;
        task.options.format = json ? SEK_DECODE_JSONL : SEK_DECODE_TEXT;
        code = decode(&task, &file);
    }
    sek_args_free(&paths);
    sek_args_free(&commands);
    return code;
}

const SekCommand sek_cmd_decode = {
    .name = "decode",
    .synopsis = "[FILE...]",
    .summary = "take the disguise off scripts and command lines",
    .details = "FILE is a script (PowerShell, batch, VBScript, JScript), - for one from standard input, or an event\n"
               "log, a folder or an archive of logs, whose scripts and command lines are all read. Prints the layers,\n"
               "what each step did, and the indicators found. Nothing is ever executed.",
    .run = run,
};
