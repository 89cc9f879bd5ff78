/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"
#include "cli/output.h"

#include <string.h>

static void problem(void *user, const char *line) {
    (void)user;
    (void)fprintf(stderr, "sekisho dump: %s\n", line);
}

static int finish(SekStatus status, const SekSummary *sum, const SekError *err) {
    if (status != SEK_OK) {
        (void)fprintf(stderr, "sekisho dump: %s\n", err->what[0] ? err->what : "out of memory");
        return SEK_EXIT_FATAL;
    }
    size_t files = sum->files_read + sum->files_partly;
    (void)fprintf(stderr, "sekisho dump: %ju %s from %zu %s\n", (uintmax_t)sum->records,
                  sum->records == 1 ? "record" : "records", files, files == 1 ? "file" : "files");
    return sum->files_skipped || sum->bad_records || sum->losses ? SEK_EXIT_SKIPPED : SEK_EXIT_DONE;
}

static int open_output(SekOutFile *file, const SekArgs *paths, const char *output) {
    SekOutGuard guard = {"dump", paths, NULL, NULL};
    if (!output)
        return SEK_EXIT_DONE;
    int code = sek_out_check(&guard, output);
    return code == SEK_EXIT_DONE ? sek_out_open(file, "dump", output) : code;
}

static int run(int argc, char **argv) {
    SekArgs paths = {0};
    const char *format = "jsonl", *output = NULL;
    SekDumpOptions options = {0};
    const SekOpt table[] = {
        {"format", 'f', SEK_OPT_TEXT, "FORMAT", "jsonl (default) or xml", &format, NULL},
        {"output", 'o', SEK_OPT_TEXT, "FILE", "write to FILE instead of standard output", &output, NULL},
        {"recover", 0, SEK_OPT_FLAG, NULL, "also records outside the valid ones (slack, damaged chunks)",
         &options.recover, NULL},
        {"threads", 't', SEK_OPT_NUMBER, "N", "worker threads (default: one per processor)", &options.threads, NULL},
        {NULL, 0, SEK_OPT_FLAG, NULL, NULL, NULL, NULL},
    };
    int code = SEK_EXIT_USAGE;
    SekParsed parsed = sek_options_parse(&sek_cmd_dump, table, argc, argv, &paths);
    bool xml = strcmp(format, "xml") == 0;
    SekOutFile file = {0};
    if (parsed == SEK_PARSED_HELP) {
        code = SEK_EXIT_DONE;
    } else if (parsed == SEK_PARSED && paths.n == 0) {
        (void)fprintf(stderr, "sekisho dump: give a file, a folder, an archive, or - for standard input\n");
    } else if (parsed == SEK_PARSED && !xml && strcmp(format, "jsonl") != 0) {
        (void)fprintf(stderr, "sekisho dump: --format: '%s' is not jsonl or xml\n", format);
    } else if (parsed == SEK_PARSED && (code = open_output(&file, &paths, output)) == SEK_EXIT_DONE) {
        SekSummary sum = {0};
        SekError err = {0};
        options.format = xml ? SEK_DUMP_XML : SEK_DUMP_JSONL;
        SekStatus status = sek_dump(paths.items, paths.n, &options, file.stream ? file.stream : stdout, problem,
                                    NULL, &sum, &err);
        code = finish(status, &sum, &err);
        if (!sek_out_close(&file, "dump", status == SEK_OK))
            code = SEK_EXIT_FATAL;
    }
    sek_args_free(&paths);
    return code;
}

const SekCommand sek_cmd_dump = {
    .name = "dump",
    .synopsis = "PATH...",
    .summary = "write events as JSON Lines or XML",
    .details = "PATH is an EVTX file, a folder, an archive of them (zip, 7z, tar, gzip ...), or - for standard\n"
               "input. JSON keeps every value with its name and place; XML is what Windows shows.",
    .run = run,
};
