/* SPDX-License-Identifier: Apache-2.0 */

/* The command line: finds the command and runs it. */
#include "cli/commands.h"
#include "cli/memory.h"

#include <signal.h>
#include <string.h>

static const SekCommand *const commands[] = {&sek_cmd_scan, &sek_cmd_dump, &sek_cmd_decode, &sek_cmd_rules};
#define N_COMMANDS (sizeof commands / sizeof *commands)

static void print_usage(FILE *to) {
    (void)fprintf(to, "Sekisho %s: examines Windows event logs with Sigma rules.\n\nUsage: sekisho COMMAND [OPTION...]\n\n",
                  sek_version());
    for (size_t i = 0; i < N_COMMANDS; i++)
        (void)fprintf(to, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
    (void)fprintf(to, "\n'sekisho COMMAND --help' tells more. Exit codes: 0 done; 1 findings (only with --fail-on);\n"
                      "2 no rule could be loaded, a path could not be read, or the command line is wrong; 3 done,\n"
                      "but a rule was not loaded or a limit was reached (only with --strict); 4 done, but evidence\n"
                      "was skipped; 70 out of memory or an output could not be written. rules check: 2 when a rule\n"
                      "is not loaded; rules test: 1 when a test failed.\n");
}

int main(int argc, char **argv) {
    sek_memory_give_back();
    (void)signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a write that fails, and is told like any */
    if (argc < 2) {
        print_usage(stderr);
        return SEK_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) {
        printf("sekisho %s\n", sek_version());
        return SEK_EXIT_DONE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return SEK_EXIT_DONE;
    }
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return commands[i]->run(argc - 1, argv + 1);
    (void)fprintf(stderr, "sekisho: no such command: %s\nTry 'sekisho --help'.\n", argv[1]);
    return SEK_EXIT_USAGE;
}
