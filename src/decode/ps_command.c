/* SPDX-License-Identifier: Apache-2.0 */

/* Pipelines and commands: finds out what is called, reads the arguments, and passes values from one command
 * to the next. A name that is put together is recorded as a name. */

#include "decode/ps_run.h"

static bool is(SekStr name, const char *what) {
    return sek_str_eq(name, sek_str(what));
}

/* --- arguments ---------------------------------------------------------------------------------------------
 */

/* Whether a parameter, which may be cut short, is one of the names. */
static bool is_prefix_of(SekStr param, const char *names) {
    for (const char *at = names; param.len > 0 && at; at = strchr(at, '|'), at += at != NULL) {
        if (*at == param.ptr[0] && param.len <= strcspn(at, "|") && memcmp(param.ptr, at, param.len) == 0)
            return true;
    }
    return false;
}

SekPsValue *sek_ps_arg(SekPsInvocation *in, const char *names, bool by_place) {
    for (uint32_t i = 0; i < in->n; i++) {
        SekPsArg *arg = &in->args[i];
        if (arg->param.len == 0 || arg->taken || !is_prefix_of(arg->param, names))
            continue;
        arg->taken = true;
        if (arg->node)
            return &arg->value;
        if (i + 1 < in->n && in->args[i + 1].param.len == 0 && !in->args[i + 1].taken) {
            in->args[i + 1].taken = true;
            return &in->args[i + 1].value;
        }
        return NULL;
    }
    for (uint32_t i = 0; by_place && i < in->n; i++)
        if (in->args[i].param.len == 0 && !in->args[i].taken) {
            in->args[i].taken = true;
            return &in->args[i].value;
        }
    return NULL;
}

/* -SessionVariable and its kin, as far as they are written out that -Session and the like are told apart. */
static bool names_variable(SekStr param) {
    static const char *const names[] = {"variable", "sessionvariable", "bindingvariable", "responseheadersvariable", "statuscodevariable"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (param.len == 0 || param.ptr[0] != names[i][0])
            continue;
        size_t n = strlen(names[i]), least = n > 10 ? n - 7 : 3;
        if (param.len >= least && param.len <= n && memcmp(param.ptr, names[i], param.len) == 0)
            return true;
    }
    return is(param, "sv") || is(param, "rhv");
}

bool sek_ps_may_set_variable(char first, char second) {
    switch (first) {
    case 'e':
        return second == 'r' || second == 'v';
    case 'o':
        return second == 'u' || second == 'v';
    case 'p':
        return second == 'i' || second == 'v';
    case 'i':
        return second == 'n' || second == 'v';
    case 'w':
        return second == 'a' || second == 'v';
    case 's':
        return second == 'e' || second == 't' || second == 'v';
    case 'r':
        return second == 'e' || second == 'h';
    case 'b':
        return second == 'i';
    default:
        return first == 'v';
    }
}

bool sek_ps_sets_variable(SekStr param) {
    static const char names[] = "outvariable|ov|errorvariable|ev|warningvariable|wv|pipelinevariable|pv|informationvariable|iv";
    static const char initials[] = "oewpi";
    return param.len >= 2 && sek_ps_may_set_variable(param.ptr[0], param.ptr[1]) && ((strchr(initials, param.ptr[0]) && is_prefix_of(param, names)) || names_variable(param));
}

/* -OutVariable and its kin assign. */
static void forget_common(SekPsRun *run, const SekPsInvocation *in, uint32_t i) {
    const SekPsArg *arg = &in->args[i];
    SekStr variable;
    if (!sek_ps_sets_variable(arg->param))
        return;
    const SekPsArg *with = arg->node ? arg : i + 1 < in->n ? &in->args[i + 1] : NULL;
    if (with && with->value.kind == PV_STRING && sek_pt_to_utf8(run->arena, with->value.text, &variable))
        sek_env_lose(run, variable.len && variable.ptr[0] == '+' ? sek_str_n(variable.ptr + 1, variable.len - 1) : variable);
    else if (!with || with->value.kind == PV_UNKNOWN)
        sek_env_forget_all(run);
}

static bool takes_blocks(SekStr name) { /* commands that run their blocks here and now, item by item */
    return is(name, "foreach-object") || is(name, "where-object") || is(name, "invoke-command");
}

static void read_arguments(SekPsRun *run, SekPsInvocation *in, const SekPsNode *arg) {
    for (; arg; arg = arg->next) {
        if (arg->kind == PS_REDIRECT) {
            if (arg->kid)
                (void)sek_ps_eval(run, arg->kid);
            continue;
        }
        SekPsArg one = {.node = arg};
        const SekPsNode *value = arg;
        if (arg->kind == PS_PARAM) {
            char *lower = sek_arena_alloc(run->arena, arg->name.len + 1);
            for (size_t i = 0; lower && i < arg->name.len; i++)
                lower[i] = sek_ascii_lower(arg->name.ptr[i]);
            one.param = sek_str_n(lower ? lower : "?", lower ? arg->name.len : 1);
            one.node = value = arg->kid;
            if (arg->flags & PS_BACKTICK) {
                SekPsText name = sek_pt_from_utf8(run->arena, arg->name);
                uint32_t dash = arg->start + (run->unit->source.ptr[arg->start] == '-' ? 1 : 3);
                if (name.p && !arg->kid && sek_ps_record_name(run, dash, arg->end, name)) /* else it stays as it is */
                    run->unit->hidden = true;
            }
        }
        if (value && value->kind == PS_BLOCK && takes_blocks(in->name))
            one.value = (SekPsValue){.kind = PV_BLOCK, .block = value};
        else if (value && value->kind == PS_OPAQUE)
            one.value = sek_pv_unknown();
        else if (value)
            one.value = sek_ps_eval(run, value);
        if (value && value->kind == PS_STRING && (value->flags & PS_BACKTICK) && one.value.kind == PV_STRING)
            run->unit->hidden = sek_ps_record_name(run, value->start, value->end, one.value.text) || run->unit->hidden;
        if (in->n < SEK_PS_MAX_ARGS)
            in->args[in->n++] = one;
    }
    for (uint32_t i = 0; i < in->n; i++)
        forget_common(run, in, i);
}

/* --- names -------------------------------------------------------------------------------------------------
 */

static SekStr lower_name(SekPsRun *run, SekPsText text) {
    char buf[300];
    SekStr name;
    if (!sek_pt_lower_ascii(text, buf, sizeof buf, &name))
        return sek_str_n("", 0);
    SekStr kept = sek_arena_dup(run->arena, name);
    return kept.ptr ? kept : sek_str_n("", 0);
}

/* Set-Alias of the script itself comes first, then PowerShell's own. */
static SekStr resolve(SekPsRun *run, SekStr name) {
    char key[80] = "alias:";
    if (name.len + 7 < sizeof key && name.len > 0) {
        memcpy(key + 6, name.ptr, name.len);
        SekStr variable = sek_str_n(key, name.len + 6);
        if (sek_env_has(run, variable)) {
            SekPsValue v = sek_env_get(run, variable);
            return v.kind == PV_STRING ? sek_ps_alias(lower_name(run, v.text)) : sek_str_n("", 0);
        }
    }
    return sek_ps_alias(name);
}

/* &('New-' + 'Object') becomes New-Object: the operator goes, too. A name in plain quotes stays unless
 * brackets or the operator cling to it, which nobody writes. */
static void record_called(SekPsRun *run, const SekPsNode *command, const SekPsNode *name, SekPsText text) {
    bool clings = name->start == command->start + 1;
    if (name->kind == PS_STRING && (name->flags & PS_BARE)) {
        if (name->flags & PS_BACKTICK)
            run->unit->hidden = sek_ps_record_name(run, name->start, name->end, text) || run->unit->hidden;
        return;
    }
    if (name->kind == PS_VAR || (name->kind == PS_STRING && !(name->flags & PS_ODD) && !clings))
        if (name->kind != PS_VAR)
            return;
    if (command->op != PS_OP_NONE && sek_ps_record_name(run, command->start, name->end, text))
        sek_ps_named(run, name, text, PS_NAMES_COMMAND);
}

/* --- calling -----------------------------------------------------------------------------------------------
 */

static SekPsArray *values_of(SekPsRun *run, const SekPsInvocation *in) {
    SekPsArray *list = sek_pa_new(run->arena, in->n + 1);
    for (uint32_t i = 0; list && i < in->n; i++)
        if (in->args[i].param.len == 0 || in->args[i].node)
            (void)sek_pa_push(run->arena, list, in->args[i].value); /* there is room */
    return list;
}

static void taint_all(SekPsInvocation *in) {
    for (uint32_t i = 0; i < in->n; i++) {
        SekPsValue *v = &in->args[i].value;
        if (v->kind == PV_ARRAY || v->kind == PV_HASH)
            v->array->tainted = true;
        else if (v->kind == PV_OBJECT)
            v->object->tainted = true;
    }
}

static SekPsValue call_value(SekPsRun *run, const SekPsNode *command, SekPsInvocation *in,
                             const SekPsValue *callee) {
    const SekPsNode *name = command->kid;
    bool own = command->op != PS_OP_DOT;
    if (callee->kind == PV_BLOCK) {
        bool recording = run->recording;
        if (name->kind != PS_BLOCK)
            run->recording = false; /* it was read for edits where it stands */
        run->call = in;
        SekPsValue v = sek_ps_invoke_block(run, callee->block, values_of(run, in), own);
        run->recording = recording;
        return v;
    }
    if (callee->kind == PV_OBJECT && callee->object->kind == PS_OBJ_SCRIPT && !callee->object->tainted)
        return sek_ps_invoke_text(run, callee->object->text, command);
    if (name->kind != PS_VAR || sek_env_has(run, name->name))
        sek_ps_partial(run, "& or . runs what is not known");
    sek_ps_give_up(run);
    sek_env_forget_all(run);
    taint_all(in);
    return sek_pv_unknown();
}

/* Clear-Variable x, Copy-Item variable:a variable:b, Set-Content variable:x ...: commands that are not followed,
 * but for what they name. */
static void forget_touched(SekPsRun *run, SekPsInvocation *in) {
    static const SekStr drive = {"variable:", 9}, noun = {"-variable", 9};
    bool names = in->name.len > noun.len && sek_str_eq(sek_str_n(in->name.ptr + in->name.len - noun.len, noun.len), noun);
    for (uint32_t i = 0; i < in->n; i++) {
        SekPsValue *v = &in->args[i].value;
        const SekPsArray *list = sek_pv_known(v) ? sek_pv_list(run->arena, v) : NULL;
        for (uint32_t k = 0; list && list->elem == PS_ELEM_ANY && k < list->n; k++) {
            SekPsValue one = sek_pa_at(list, k);
            SekStr name;
            if (one.kind != PV_STRING || !sek_pt_to_utf8(run->arena, one.text, &name))
                continue;
            bool on_drive = name.len > drive.len && sek_str_eq_nocase(sek_str_n(name.ptr, drive.len), drive);
            size_t skip = !on_drive ? 0 : name.ptr[drive.len] == '\\' || name.ptr[drive.len] == '/' ? drive.len + 1 : drive.len;
            name = sek_str_n(name.ptr + skip, name.len - skip);
            if ((names || on_drive) && memchr(name.ptr, '*', name.len))
                sek_env_forget_all(run);
            else if (names || on_drive)
                sek_env_lose(run, name);
        }
        if (names && !list && in->args[i].node)
            sek_env_forget_all(run);
    }
}

/* Calls the script's own function of that name, if there is one. */
static bool call_own(SekPsRun *run, const SekPsInvocation *in, SekPsValue *out) {
    return sek_ps_has_function(run, in->name) && sek_ps_call_function(run, in->name, values_of(run, in), out);
}

static SekPsValue call_name(SekPsRun *run, SekPsInvocation *in) {
    SekPsValue v = sek_pv_unknown();
    run->call = in;
    if (call_own(run, in, &v))
        return v;
    in->name = resolve(run, in->name);
    if (in->name.len == 0) {
        sek_env_forget_all(run);
        return v;
    }
    bool own = call_own(run, in, &v);
    run->call = NULL;
    if (own || sek_ps_each_object(run, in, &v) || sek_ps_cmdlet(run, in, &v))
        return v;
    forget_touched(run, in);
    sek_ps_writes_file(run, in);
    (void)sek_ps_program(run, in); /* hands code on; what it gives is unknown either way */
    sek_ps_unknown_call(run);
    taint_all(in);
    if (in->node->op == PS_OP_DOT) /* a script file run in this scope */
        sek_env_forget_all(run);
    return sek_pv_unknown();
}

static SekPsValue command_value(SekPsRun *run, const SekPsNode *node, SekPsInvocation *in) {
    const SekPsNode *name = node->kid;
    SekPsValue callee =
        name->kind == PS_BLOCK ? (SekPsValue){.kind = PV_BLOCK, .block = name} : sek_ps_eval(run, name);
    in->node = node;
    (void)sek_ps_pay(run, 16); /* an invocation is large; used up is seen by the next expression */
    if (callee.kind == PV_OBJECT && callee.object->kind == PS_OBJ_COMMAND)
        callee = sek_pv_text(callee.object->text);
    else if (callee.kind == PV_ARRAY && !callee.array->tainted && callee.array->n == 1)
        callee = sek_pa_at(callee.array, 0);
    bool named = callee.kind == PV_STRING && sek_pv_known(&callee);
    if (named) {
        record_called(run, node, name, callee.text);
        in->name = lower_name(run, callee.text);
    }
    SekStr as_called = in->name;
    if (named)
        in->name = resolve(run, as_called); /* for how blocks among the arguments are read */
    read_arguments(run, in, name->next);
    in->name = as_called;
    SekPsValue v = named ? call_name(run, in) : call_value(run, node, in, &callee);
    for (const SekPsNode *arg = name->next; arg; arg = arg->next)
        if (arg->kind == PS_REDIRECT && arg->kid) /* echo '...' > x.ps1 */
            sek_ps_written(run, arg->kid, NULL, &v, node);
    return v;
}

/* Invocations are large, and a script has as many as it has commands: they are used again. */
static SekPsInvocation *take_invocation(SekPsRun *run) {
    SekPsInvocation *in = run->spare;
    if (!in)
        return SEK_ARENA_NEW(run->arena, SekPsInvocation);
    run->spare = in->spare;
    in->name = sek_str_n(NULL, 0);
    in->n = 0;
    return in;
}

void sek_ps_pipe(SekPsRun *run, const SekPsNode *node, SekPsOut *out) {
    const SekPsNode *one = node->kind == PS_PIPELINE ? node->kid : node;
    SekPsValue v = sek_pv_null();
    bool first = true, gives = true;
    for (; one; first = false) {
        const SekPsNode *next = node->kind == PS_PIPELINE ? one->next : NULL;
        if (one->kind == PS_COMMAND) {
            SekPsInvocation *in = take_invocation(run);
            if (!in) {
                run->out_of_memory = true;
                return;
            }
            in->has_input = !first;
            in->input = v;
            SekPsValue outer = run->pipe_input;
            if (!first)
                run->pipe_input = v;
            v = command_value(run, one, in);
            run->pipe_input = outer;
            in->spare = run->spare; /* nothing refers to it any more */
            run->spare = in;
            gives = v.kind != PV_NULL;
        } else {
            v = sek_ps_eval(run, one);
            if (!first)
                v = sek_pv_unknown();
        }
        one = next;
    }
    if (!out || !gives)
        return;
    if (!sek_pv_readable(&v) || !out->items) {
        out->unknown = true;
        return;
    }
    const SekPsArray *list = v.kind == PV_ARRAY ? v.array : NULL; /* other collections are given as one */
    if (!list) {
        out->unknown = out->unknown || !sek_pa_push(run->arena, out->items, v);
        return;
    }
    if (list->elem == PS_ELEM_BYTE && out->items->n == 0) {
        SekPsArray *copy = sek_pa_bytes(run->arena, list->bytes, list->n);
        out->unknown = out->unknown || !copy;
        out->items = copy ? copy : out->items;
        return;
    }
    for (uint32_t i = 0; i < list->n; i++)
        if (!sek_pa_push(run->arena, out->items, sek_pa_at(list, i))) {
            out->unknown = true;
            return;
        }
}
