/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

static const SekOpt *find_long(const SekOpt *table, const char *name, size_t len) {
    for (; table->name; table++)
        if (strlen(table->name) == len && memcmp(table->name, name, len) == 0)
            return table;
    return NULL;
}

static const SekOpt *find_short(const SekOpt *table, char letter) {
    for (; table->name; table++)
        if (table->letter == letter)
            return table;
    return NULL;
}

static bool push(SekArgs *args, const char *text) {
    const char **grown = realloc(args->items, (args->n + 1) * sizeof *grown);
    if (!grown)
        return false;
    args->items = grown;
    args->items[args->n++] = text;
    return true;
}

void sek_args_free(SekArgs *args) {
    free(args->items);
    *args = (SekArgs){0};
}

static bool number(const char *text, unsigned *out) {
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || value > 100000)
        return false;
    *out = (unsigned)value;
    return true;
}

/* "64M": 64 MiB. */
static bool size(const char *text, uint64_t *out) {
    static const char units[] = "KMGT";
    char *end;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || value == 0)
        return false;
    const char *unit = *end ? strchr(units, *end >= 'a' && *end <= 'z' ? *end - 32 : *end) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
    if ((*end && (!unit || end[1])) || value > UINT64_MAX >> shift)
        return false;
    *out = (uint64_t)value << shift;
    return true;
}

/* 100 ns from the moment that the text names to the end of what it means: "2020-12-22" is a whole day,
 * "2020-12-22T09:52" a minute, "...:31" a second; a fraction is a moment. */
static uint64_t to_end_of(const char *text) {
    const uint64_t second = 10000000;
    const char *clock = strpbrk(text + strspn(text, " "), "Tt ");
    if (!clock || !clock[1])
        return 86400 * second - 1;
    if (strchr(clock, '.'))
        return 0;
    size_t colons = 0;
    for (const char *c = clock; *c && !strchr("Zz+-", *c); c++)
        colons += *c == ':';
    return (colons > 1 ? 1 : 60) * second - 1;
}

/* Stores a value; NULL, or what was expected instead. */
static const char *store(const SekOpt *opt, const char *value) {
    SekStr text = {value, strlen(value)};
    switch (opt->kind) {
    case SEK_OPT_FLAG:
        *(bool *)opt->to = true;
        return NULL;
    case SEK_OPT_TEXT:
        *(const char **)opt->to = value;
        return NULL;
    case SEK_OPT_LIST:
        return push(opt->to, value) ? NULL : "more memory";
    case SEK_OPT_NUMBER:
        return number(value, opt->to) ? NULL : "a number";
    case SEK_OPT_SIZE:
        return size(value, opt->to) ? NULL : "a size such as 8M or 1G";
    case SEK_OPT_LEVEL:
        return sek_level_parse(text, opt->to) == SEK_OK ? NULL
                                                       : "informational, low, medium, high or critical";
    case SEK_OPT_TIME:
    case SEK_OPT_TIME_END:
        if (sek_time_parse(text, opt->to, NULL) != SEK_OK)
            return "a time such as 2020-12-22, 2020-12-22T00:52:31Z or 2020-12-22T09:52:31+09:00";
        if (opt->kind == SEK_OPT_TIME_END)
            *(uint64_t *)opt->to += to_end_of(value);
        return NULL;
    }
    return "something else";
}

static SekParsed complain(const SekCommand *command, const char *what, const char *about) {
    (void)fprintf(stderr, "sekisho %s: %s: %s\nTry 'sekisho %s --help'.\n", command->name, about, what, command->name);
    return SEK_PARSED_BAD;
}

static void print_help(const SekCommand *command, const SekOpt *table) {
    printf("Usage: sekisho %s [OPTION...] %s\n%s\n", command->name, command->synopsis, command->summary);
    if (command->details)
        printf("\n%s\n", command->details);
    printf("\nOptions:\n");
    for (const SekOpt *o = table; o->name; o++) {
        char left[64];
        int n = snprintf(left, sizeof left, o->letter ? "-%c, " : "    ", o->letter);
        (void)snprintf(left + n, sizeof left - (size_t)n, "--%s%s%s", o->name, o->value ? " " : "",
                       o->value ? o->value : "");
        printf("  %-28s %s\n", left, o->help);
    }
    printf("  %-28s %s\n", "-h, --help", "show this help");
}

typedef struct Parse {
    const SekCommand *command;
    const SekOpt *table;
    int argc, at;
    char **argv;
} Parse;

/* Takes the value of `opt`: what stands behind `=` or behind the letter, or the next argument. */
static SekParsed take(Parse *p, const SekOpt *opt, const char *joined, const char *about) {
    const char *value = joined;
    if (opt->kind == SEK_OPT_FLAG) {
        if (joined)
            return complain(p->command, "takes no value", about);
        value = "";
    } else if (!value) {
        if (p->at + 1 >= p->argc)
            return complain(p->command, "needs a value", about);
        value = p->argv[++p->at];
    }
    const char *expected = store(opt, value);
    if (expected) {
        char what[256];
        (void)snprintf(what, sizeof what, "'%.60s' is not %s", value, expected);
        return complain(p->command, what, about);
    }
    if (opt->given)
        *opt->given = true;
    return SEK_PARSED;
}

static SekParsed take_long(Parse *p, const char *arg) {
    const char *equals = strchr(arg, '=');
    size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
    const SekOpt *opt = find_long(p->table, arg + 2, len - 2);
    if (!opt)
        return complain(p->command, "no such option", arg);
    return take(p, opt, equals ? equals + 1 : NULL, arg);
}

/* -q, -qv, -oFILE, -o FILE */
static SekParsed take_short(Parse *p, const char *arg) {
    for (const char *c = arg + 1; *c; c++) {
        const SekOpt *opt = find_short(p->table, *c);
        if (!opt)
            return complain(p->command, "no such option", arg);
        if (opt->kind != SEK_OPT_FLAG)
            return take(p, opt, c[1] ? c + 1 : NULL, arg);
        (void)take(p, opt, NULL, arg); /* a flag cannot fail */
    }
    return SEK_PARSED;
}

SekParsed sek_options_parse(const SekCommand *command, const SekOpt *table, int argc, char **argv, SekArgs *rest) {
    Parse p = {.command = command, .table = table, .argc = argc, .argv = argv, .at = 1};
    bool only_paths = false;
    for (; p.at < argc; p.at++) {
        const char *arg = argv[p.at];
        SekParsed parsed = SEK_PARSED;
        if (only_paths || arg[0] != '-' || arg[1] == '\0') {
            if (!push(rest, arg))
                return complain(command, "out of memory", arg);
        } else if (strcmp(arg, "--") == 0) {
            only_paths = true;
        } else if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
            print_help(command, table);
            return SEK_PARSED_HELP;
        } else {
            parsed = arg[1] == '-' ? take_long(&p, arg) : take_short(&p, arg);
        }
        if (parsed != SEK_PARSED)
            return parsed;
    }
    return SEK_PARSED;
}
