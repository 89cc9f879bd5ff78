/* SPDX-License-Identifier: Apache-2.0 */

/* Which statements are quiet (ps_quiet.h): assignments, branches, loops over what is not known, and commands that are not
 * followed. Marks the nodes. */

#include "decode/ps_quiet.h"

#include "decode/ps_line.h"

static void merge(SekPsWalk *outer, const SekPsWalk *inner) {
    outer->need.reads |= inner->need.reads;
    outer->need.calls |= inner->need.calls;
    outer->concats += inner->concats;
    outer->marks |= inner->marks;
    outer->deep = outer->deep < inner->deep ? inner->deep : outer->deep;
}

static void mark(SekPsNode *node, const SekPsWalk *w) {
    if (w->concats > UINT16_MAX || w->deep > SEK_PS_QUIET_DEEP)
        return;
    node->quiet = (uint8_t)(SEK_PS_QUIET | w->marks);
    node->concats = (uint16_t)w->concats;
    node->need = w->need;
}

/* Statements in a row, and what they give together. Parameters are no matter in a scope of their own. */
static SekPsGives row(SekPsWalk *w, SekPsNode *first, bool scoped) {
    SekPsGives all = SEK_PS_NOTHING;
    bool quiet = true;
    for (SekPsNode *node = first; node; node = node->next) {
        SekPsGives one = sek_ps_quiet_statement(w, node);
        quiet = quiet && one != SEK_PS_LOUD && !(w->ends && node->next) && (scoped || node->kind != PS_PARAMS);
        if (sek_ps_is_unknown(one))
            all = SEK_PS_SOME;
        else if (sek_ps_is_written(one) && all == SEK_PS_NOTHING)
            all = SEK_PS_CONST;
    }
    return quiet ? all : SEK_PS_LOUD;
}

/* What a block assigns stays in it, but a loop around it makes that unknown outside. */
SekPsGives sek_ps_quiet_block(SekPsWalk *w, const SekPsNode *node, SekPsWalk *out_inside) {
    SekPsWalk inside = {0};
    SekPsGives gives = row(&inside, node->kid, true);
    inside.deep++;
    if (gives != SEK_PS_LOUD)
        mark((SekPsNode *)node, &inside);
    if (out_inside)
        *out_inside = inside;
    bool stirs = inside.marks & (SEK_PS_QUIET_STIRS | SEK_PS_QUIET_SETS);
    inside.marks = (uint8_t)((inside.marks & SEK_PS_QUIET_CALLS_OUT) | SEK_PS_QUIET_BLOCKS | (stirs ? SEK_PS_QUIET_STIRS : 0));
    merge(w, &inside);
    return gives;
}

/* --- assignments ------------------------------------------------------------------------------------------- */

/* A variable that may be made unknown without more ado. */
static bool may_set(const SekPsNode *node) {
    SekPsNameKind kind = sek_ps_name_kind(node->name);
    bool drive = kind == SEK_PS_NAME_TEXT && node->name.len > 4;
    return !(node->flags & PS_SPLAT) && kind != SEK_PS_NAME_UNDER && kind != SEK_PS_NAME_FOLLOWED && !drive;
}

static bool ends_in_call(const SekPsNode *chain) {
    const SekPsNode *last = chain->kid;
    while (last->next)
        last = last->next;
    return last->kind == PS_CALL || chain->kid->kind != PS_VAR;
}

static SekPsGives assignment(SekPsWalk *w, const SekPsNode *node) {
    const SekPsNode *target = node->kid;
    SekPsGives gives = sek_ps_quiet_statement(w, target->next);
    bool quiet = sek_ps_is_unknown(gives) && target->next->kind != PS_ASSIGN;
    w->marks |= SEK_PS_QUIET_STIRS;
    if (target->kind == PS_VAR) {
        w->marks |= SEK_PS_QUIET_SETS;
        if (node->op != PS_OP_ASSIGN)
            w->need.reads |= sek_ps_bit(target->name);
        else if (gives == SEK_PS_STRING)
            w->marks |= SEK_PS_QUIET_TEXT;
        return quiet && may_set(target) ? SEK_PS_NOTHING : SEK_PS_LOUD;
    }
    SekPsGives owner = sek_ps_quiet_value(w, target);
    bool plain = target->kind == PS_CHAIN && sek_ps_is_unknown(owner) && !ends_in_call(target) && node->op == PS_OP_ASSIGN;
    return quiet && plain ? SEK_PS_NOTHING : SEK_PS_LOUD;
}

/* --- commands ---------------------------------------------------------------------------------------------- */

/* How a command is quiet. */
typedef enum Manner {
    NOT_FOLLOWED, /* nothing is known of it, and of what it gives */
    LOUD,
    SILENT,  /* gives nothing */
    SELECTS, /* of its input */
    EACH,    /* runs blocks for its input */
    REMOTE,  /* runs its block */
    LOOKS,   /* at a path that is on no drive of PowerShell's own */
    MAKES,   /* a file, at such a path */
} Manner;

static Manner manner_of(SekStr name) {
    static const struct {
        SekStr name;
        Manner manner;
    } known[] = {{{"out-null", 8}, SILENT}, {{"write-host", 10}, SILENT}, {{"start-sleep", 11}, SILENT}, {{"add-type", 8}, SILENT},
                 {{"set-strictmode", 14}, SILENT}, {{"select-object", 13}, SELECTS}, {{"where-object", 12}, EACH},
                 {{"foreach-object", 14}, EACH}, {{"invoke-command", 14}, REMOTE}, {{"get-item", 8}, LOOKS},
                 {{"get-childitem", 13}, LOOKS}, {{"get-content", 11}, LOOKS}, {{"new-item", 8}, MAKES}};
    static const SekStr noun = {"-variable", 9};
    char buf[80];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (name.len == known[i].name.len && memcmp(name.ptr, known[i].name.ptr, name.len) == 0)
            return known[i].manner;
    bool program = sek_ps_may_be_program(name) && sek_ps_runs_code(sek_program_stem(name, buf, sizeof buf));
    return program || sek_ps_has_cmdlet(name) || sek_ps_is_writer(name) || sek_str_ends(name, noun) ? LOUD : NOT_FOLLOWED;
}

/* variable:x, env:x and the like. */
static bool on_drive(SekPsText text) {
    static const char *const drives[] = {"variable:", "env:", "alias:", "function:"};
    uint16_t first = text.n > 4 ? text.p[0] | 32 : 0;
    if (first != 'v' && first != 'e' && first != 'a' && first != 'f')
        return false;
    for (size_t i = 0; i < sizeof drives / sizeof *drives; i++) {
        uint32_t n = 0;
        while (n < text.n && drives[i][n] && sek_pt_lower(text.p[n]) == (unsigned char)drives[i][n])
            n++;
        if (!drives[i][n])
            return true;
    }
    return false;
}

/* Whether a value holds the name of something on such a drive, as far as it is written. */
static bool names_drive(const SekPsNode *value) {
    if (value->kind == PS_STRING)
        return on_drive(value->text);
    bool holds = value->kind == PS_LIST || value->kind == PS_PAREN || value->kind == PS_ARRAY;
    for (const SekPsNode *kid = holds ? value->kid : NULL; kid; kid = kid->next)
        if (names_drive(kid))
            return true;
    return false;
}

typedef struct Arguments {
    unsigned blocks;
    bool quiet, texts; /* all are texts that are written */
    SekPsGives given;  /* what the blocks give */
    SekPsWalk inside;  /* all blocks */
} Arguments;

static void read_block(SekPsWalk *w, const SekPsNode *block, Arguments *args) {
    SekPsWalk inside;
    args->given = sek_ps_quiet_block(w, block, &inside);
    args->quiet = args->quiet && args->given != SEK_PS_LOUD;
    args->blocks++;
    args->inside.params |= inside.params;
    args->inside.ends |= inside.ends;
    merge(&args->inside, &inside);
}

static void read_value(SekPsWalk *w, const SekPsNode *value, Arguments *args) {
    if (value->kind == PS_BLOCK) {
        read_block(w, value, args);
        return;
    }
    bool loud = value->kind == PS_OPAQUE || sek_ps_quiet_value(w, value) == SEK_PS_LOUD;
    args->quiet = args->quiet && !loud && !names_drive(value);
    args->texts = args->texts && value->kind == PS_STRING;
}

static bool is_quiet_param(const SekPsNode *param) {
    char buf[64];
    if ((param->flags & PS_BACKTICK) || param->name.len >= sizeof buf)
        return false;
    if (param->name.len < 2 || !sek_ps_may_set_variable(sek_ascii_lower(param->name.ptr[0]), sek_ascii_lower(param->name.ptr[1])))
        return true;
    for (size_t i = 0; i < param->name.len; i++)
        buf[i] = sek_ascii_lower(param->name.ptr[i]);
    return !sek_ps_sets_variable(sek_str_n(buf, param->name.len));
}

static Arguments read_arguments(SekPsWalk *w, const SekPsNode *first) {
    Arguments args = {.quiet = true, .texts = true, .given = SEK_PS_NOTHING};
    for (const SekPsNode *arg = first; arg; arg = arg->next) {
        if (arg->kind == PS_PARAM)
            args.quiet = args.quiet && is_quiet_param(arg);
        const SekPsNode *value = arg->kind == PS_PARAM || arg->kind == PS_REDIRECT ? arg->kid : arg;
        if (value)
            read_value(w, value, &args);
    }
    return args;
}

/* New-Item: a path that is not known may be that of a variable. */
static bool has_path(const SekPsNode *first) {
    unsigned places = 0;
    for (const SekPsNode *arg = first; arg; arg = arg->next) {
        char letter = arg->kind == PS_PARAM && arg->name.len ? sek_ascii_lower(arg->name.ptr[0]) : 0;
        bool path = letter == 'p' || letter == 'l', followed = arg->next && arg->next->kind == PS_STRING;
        if (arg->kind == PS_REDIRECT || (arg->kind == PS_PARAM && arg->kid) || (path && !followed))
            return false;
        places += arg->kind == PS_STRING;
    }
    return places > 0;
}

/* What a command of the manner gives. */
static SekPsGives by_manner(SekPsWalk *w, Manner manner, const Arguments *args, const SekPsNode *first, bool input) {
    const SekPsWalk *inside = &args->inside;
    bool stirs = inside->marks & (SEK_PS_QUIET_SETS | SEK_PS_QUIET_STIRS);
    switch (manner) {
    case NOT_FOLLOWED:
    case LOOKS:
        w->marks |= SEK_PS_QUIET_CALLS_OUT;
        return SEK_PS_SOME;
    case SILENT:
        return SEK_PS_NOTHING;
    case SELECTS:
        return input ? SEK_PS_SOME : SEK_PS_LOUD;
    case EACH:
        return input && !stirs && !inside->params && args->blocks <= 3 ? SEK_PS_SOME : SEK_PS_LOUD;
    case REMOTE:
        w->marks |= SEK_PS_QUIET_STIRS;
        return args->blocks == 1 && !inside->params && !inside->ends && !sek_ps_is_written(args->given) ? args->given : SEK_PS_LOUD;
    case MAKES:
        return args->texts && args->blocks == 0 && has_path(first) ? SEK_PS_NOTHING : SEK_PS_LOUD;
    default:
        return SEK_PS_LOUD;
    }
}

/* The name as it is written, in lower case; empty for one that is put together, or long. */
static SekStr command_name(const SekPsNode *command, char *buf, size_t size) {
    const SekPsNode *name = command->kid;
    SekStr text;
    bool written = command->op == PS_OP_NONE && name->kind == PS_STRING && name->flags == PS_BARE &&
                   sek_pt_lower_ascii(name->text, buf, size, &text);
    return written ? text : sek_str_n("", 0);
}

/* `input`: what is not known comes from a command before it. */
static SekPsGives command(SekPsWalk *w, const SekPsNode *node, bool input) {
    char buf[64];
    SekStr name = command_name(node, buf, sizeof buf), resolved = sek_ps_alias(name);
    const SekPsNode *first = node->kid->next;
    if (name.len == 0 && node->kid->kind != PS_STRING)
        (void)sek_ps_quiet_value(w, node->kid);
    Arguments args = read_arguments(w, first);
    if (name.len == 0 || !args.quiet)
        return SEK_PS_LOUD;
    w->need.calls |= sek_ps_bit(name) | sek_ps_bit(resolved);
    return by_manner(w, manner_of(resolved), &args, first, input);
}

static SekPsGives pipeline(SekPsWalk *w, const SekPsNode *node) {
    SekPsGives gives = SEK_PS_LOUD;
    bool quiet = true;
    for (const SekPsNode *one = node->kid; one; one = one->next) {
        bool first = one == node->kid;
        gives = one->kind == PS_COMMAND ? command(w, one, !first) : sek_ps_quiet_value(w, one);
        if (!first && one->kind != PS_COMMAND && gives != SEK_PS_LOUD)
            gives = SEK_PS_SOME;
        quiet = quiet && gives != SEK_PS_LOUD && (!one->next || sek_ps_is_unknown(gives));
    }
    return !quiet || sek_ps_is_written(gives) ? SEK_PS_LOUD : gives == SEK_PS_NOTHING ? gives : SEK_PS_SOME;
}

/* --- branches and loops ------------------------------------------------------------------------------------ */

/* The body of a branch or loop, which goes on behind it however it ends. */
static bool body(SekPsWalk *w, const SekPsNode *block) {
    bool quiet = row(w, block->kid, false) != SEK_PS_LOUD;
    w->ends = false;
    return quiet;
}

/* A condition or values, which must not be known. */
static bool unknown(SekPsWalk *w, SekPsNode *node) {
    return sek_ps_is_unknown(sek_ps_quiet_statement(w, node)) && node->kind != PS_ASSIGN;
}

static SekPsGives branches(SekPsWalk *w, const SekPsNode *node) {
    bool quiet = true;
    for (SekPsNode *kid = node->kid; kid; kid = kid->next) {
        if (kid->next) {
            quiet = unknown(w, kid) && quiet;
            kid = kid->next;
        }
        quiet = body(w, kid) && quiet;
    }
    return quiet ? SEK_PS_SOME : SEK_PS_LOUD;
}

static SekPsGives each(SekPsWalk *w, const SekPsNode *node) {
    const SekPsNode *variable = node->kid;
    bool values = unknown(w, variable->next), quiet = body(w, variable->next->next);
    w->marks |= SEK_PS_QUIET_SETS | SEK_PS_QUIET_STIRS;
    return values && quiet && may_set(variable) ? SEK_PS_SOME : SEK_PS_LOUD;
}

/* Something in the body must be able to fail: then all that it sets is unknown behind it. */
static SekPsGives attempt(SekPsWalk *w, const SekPsNode *node) {
    bool quiet = row(w, node->kid->kid, false) != SEK_PS_LOUD && !w->ends && (w->marks & SEK_PS_QUIET_CALLS_OUT);
    for (const SekPsNode *handler = node->kid->next; handler; handler = handler->next)
        quiet = body(w, handler) && quiet && !(handler->flags & PS_FINALLY);
    return quiet ? SEK_PS_SOME : SEK_PS_LOUD;
}

static SekPsGives parameters(SekPsWalk *w, const SekPsNode *node) {
    SekPsGives gives = SEK_PS_NOTHING;
    w->params = true;
    for (const SekPsNode *param = node->kid; param; param = param->next) {
        const SekPsNode *usual = param->flags & PS_TYPED ? param->kid->next : param->kid;
        if (!may_set(param) || (usual && sek_ps_quiet_value(w, usual) == SEK_PS_LOUD))
            gives = SEK_PS_LOUD;
    }
    return gives;
}

static SekPsGives jump(SekPsWalk *w, const SekPsNode *node) {
    bool quiet = node->kind == PS_BREAK ? !(node->flags & PS_ODD)
                                        : !node->kid || (sek_ps_quiet_statement(w, node->kid) != SEK_PS_LOUD && node->kid->kind != PS_ASSIGN);
    w->ends = true;
    return quiet ? SEK_PS_NOTHING : SEK_PS_LOUD;
}

/* A function's body is marked for itself: it is read once, where the function is defined. */
static SekPsGives function(SekPsWalk *w, const SekPsNode *node) {
    for (const SekPsNode *kid = node->kid; kid; kid = kid->next)
        if (kid->kind == PS_BLOCK)
            (void)sek_ps_quiet_block(w, kid, NULL);
    return SEK_PS_LOUD;
}

static SekPsGives others(SekPsWalk *w, const SekPsNode *node) {
    for (SekPsNode *kid = node->kid; kid; kid = kid->next)
        (void)sek_ps_quiet_statement(w, kid);
    w->ends = false;
    return SEK_PS_LOUD;
}

static SekPsGives of_kind(SekPsWalk *w, SekPsNode *node) {
    switch (node->kind) {
    case PS_ASSIGN:
        return assignment(w, node);
    case PS_PIPELINE:
        return pipeline(w, node);
    case PS_IF:
        return branches(w, node);
    case PS_FOREACH:
        return each(w, node);
    case PS_TRY:
        return attempt(w, node);
    case PS_FUNCTION:
        return function(w, node);
    case PS_PARAMS:
        return parameters(w, node);
    case PS_RETURN:
    case PS_BREAK:
        return jump(w, node);
    case PS_BLOCK:
        return row(w, node->kid, false);
    case PS_NONE:
        return SEK_PS_NOTHING;
    case PS_COMMAND:
    case PS_WHILE:
    case PS_DO:
    case PS_FOR:
    case PS_SWITCH:
    case PS_OPAQUE:
        return others(w, node);
    default:
        return sek_ps_quiet_value(w, node);
    }
}

/* Nodes whose names or numbers are in the way have no mark. */
static bool may_mark(const SekPsNode *node, SekPsGives gives) {
    if (node->kind == PS_CHAIN || node->kind == PS_BINARY)
        return sek_ps_is_unknown(gives);
    return gives != SEK_PS_LOUD && (node->kind == PS_ASSIGN || node->kind == PS_PIPELINE || node->kind == PS_IF ||
                                    node->kind == PS_FOREACH || node->kind == PS_TRY);
}

SekPsGives sek_ps_quiet_statement(SekPsWalk *w, SekPsNode *node) {
    SekPsWalk own = {0};
    SekPsGives gives = of_kind(&own, node);
    if (gives == SEK_PS_NOTHING)
        own.marks |= SEK_PS_QUIET_NOTHING;
    if (may_mark(node, gives))
        mark(node, &own);
    own.marks = (uint8_t)(own.marks & ~(SEK_PS_QUIET_TEXT | SEK_PS_QUIET_NOTHING));
    merge(w, &own);
    w->ends = w->ends || own.ends;
    w->params = w->params || own.params;
    return gives;
}

void sek_ps_find_quiet(const SekPsTree *tree) {
    SekPsWalk w = {0};
    (void)row(&w, tree->root->kid, false);
}
