/* SPDX-License-Identifier: Apache-2.0 */

/* Statements: what they give, where they go on, and what they leave in the variables. */

#include "decode/ps_quiet.h"

struct SekPsFunction {
    SekStr name;
    const SekPsNode *node;
    SekPsFunction *next;
};

static void give(SekPsRun *run, SekPsOut *out, const SekPsValue *v) {
    if (!out)
        return;
    bool taken = v->kind == PV_ARRAY || (v->kind == PV_OBJECT && v->object->kind == PS_OBJ_LIST);
    if (!sek_pv_readable(v) || !out->items) {
        out->unknown = true;
        return;
    }
    const SekPsArray *list = taken ? sek_pv_list(run->arena, v) : NULL;
    if (!list) {
        out->unknown = out->unknown || !sek_pa_push(run->arena, out->items, *v);
        return;
    }
    if (out->items->n == 0 && list->elem == PS_ELEM_BYTE) { /* bytes stay packed */
        SekPsArray *copy = sek_pa_bytes(run->arena, list->bytes, list->n);
        out->items = copy ? copy : out->items;
        out->unknown = out->unknown || !copy;
        return;
    }
    if (!sek_ps_pay(run, list->n / 16)) {
        out->unknown = true;
        return;
    }
    for (uint32_t i = 0; i < list->n && !out->unknown; i++)
        out->unknown = !sek_pa_push(run->arena, out->items, sek_pa_at(list, i));
}

/* --- branches ----------------------------------------------------------------------------------------------
 */

/* Code that is never reached: read for its edits, without a trace in the variables. */
static void read_dead(SekPsRun *run, const SekPsNode *first) {
    if (!run->recording || run->strict || !first)
        return;
    uint32_t mark = sek_env_mark(run);
    run->dead++;
    (void)sek_ps_exec_all(run, first, NULL);
    run->dead--;
    sek_env_back(run, mark, false);
}

static SekPsFlow read_if(SekPsRun *run, const SekPsNode *node, SekPsOut *out) {
    const SekPsNode *kid = node->kid;
    bool unsure = false;
    uint32_t before = 0;
    SekPsFlow flow = FLOW_NEXT;
    for (; kid; kid = kid->next->next) {
        bool last = kid->next == NULL, truth = true;
        if (!last) {
            SekPsValue test = sek_ps_eval(run, kid);
            if (!sek_pv_to_bool(&test, &truth)) {
                if (run->strict)
                    run->gave_up = true;
                unsure = true;
                truth = true;
                before = 1;
            } else if (before == 0 && !truth) {
                read_dead(run, kid->next->kid);
                continue;
            }
        }
        const SekPsNode *body = last ? kid : kid->next;
        if (!unsure) {
            flow = sek_ps_exec_all(run, body->kid, out);
            for (kid = body->next; kid; kid = kid->next)
                if (kid->kind == PS_BLOCK)
                    read_dead(run, kid->kid);
            return flow;
        }
        uint32_t mark = sek_env_mark(
            run); /* every branch from the state before; behind, what any of them set is blurred */
        if (truth)
            (void)sek_ps_exec_all(run, body->kid, NULL);
        sek_env_back(run, mark, true);
        if (out)
            out->unknown = true;
        if (last)
            break;
    }
    return FLOW_NEXT; /* whether a branch ended it is as unknown as the branch */
}

static SekPsFlow read_try(SekPsRun *run, const SekPsNode *node, SekPsOut *out) {
    const SekPsNode *body = node->kid;
    bool in_try = run->in_try, risky = run->risky;
    uint32_t start = sek_env_mark(run);
    run->in_try = true;
    run->risky = false;
    SekPsFlow flow = sek_ps_exec_all(run, body->kid, out);
    if (run->risky) { /* it may have broken off anywhere */
        sek_env_blur(run, start);
        if (out)
            out->unknown = true;
    }
    sek_env_keep(run, start);
    run->in_try = in_try;
    run->risky = run->risky || risky;
    for (const SekPsNode *handler = body->next; handler; handler = handler->next) {
        if (!(handler->flags & PS_FINALLY) && flow == FLOW_STOP)
            flow = FLOW_NEXT; /* caught */
        if (handler->flags & PS_FINALLY) {
            (void)sek_ps_exec_all(run, handler->kid, out);
            continue;
        }
        uint32_t mark = sek_env_mark(run); /* it may run or not, from anywhere in the body */
        bool strict = run->strict > 0, gave_up = run->gave_up;
        unsigned level = run->strict;
        bool recording = run->recording;
        run->strict = 0;
        (void)sek_ps_exec_all(run, handler->kid, NULL);
        run->strict = level;
        run->recording = recording;
        run->gave_up = strict && gave_up;
        sek_env_back(run, mark, !strict);
    }
    return flow;
}

/* --- functions ---------------------------------------------------------------------------------------------
 */

static void define(SekPsRun *run, const SekPsNode *node) {
    SekPsFunction *function = SEK_ARENA_NEW(run->arena, SekPsFunction);
    if (!function) {
        run->out_of_memory = true;
        return;
    }
    *function = (SekPsFunction){.name = node->name, .node = node, .next = run->functions};
    run->functions = function;
    sek_env_defines(run, node->name);
    const SekPsNode *body = node->kid->kind == PS_PARAMS ? node->kid->next : node->kid;
    SekPsNode block = *body; /* read once for its edits, as a block that runs somewhere */
    (void)sek_ps_eval(run, &block);
}

static const SekPsNode *default_of(const SekPsNode *param) {
    return param->flags & PS_TYPED ? param->kid->next : param->kid;
}

static bool is_switch(const SekPsNode *param) {
    return (param->flags & PS_TYPED) && (sek_str_eq_nocase(param->kid->name, SEK_STR("switch")) ||
                                         sek_str_ends(param->kid->name, SEK_STR("SwitchParameter")));
}

/* The argument that is given to a parameter by its name or the beginning of it. */
static SekPsArg *named(SekPsInvocation *in, const SekPsNode *param) {
    for (uint32_t i = 0; in && i < in->n; i++) {
        SekStr name = in->args[i].param;
        if (name.len > 0 && !in->args[i].taken && name.len <= param->name.len &&
            sek_str_eq_nocase(name, sek_str_n(param->name.ptr, name.len)))
            return &in->args[i];
    }
    return NULL;
}

static void set_param(SekPsRun *run, const SekPsNode *param, SekPsValue v) {
    bool typed = (param->flags & PS_TYPED) && !is_switch(param);
    if (typed)
        v = sek_ps_cast(run, param->kid->name, &v);
    sek_env_set(run, param->name, v);
    if (typed)
        sek_env_type(run, param->name, param->kid->name);
}

/* Arguments by name; what is left goes by place, and what is left then is $args. NULL: it cannot be told. */
static SekPsArray *bind_named(SekPsRun *run, const SekPsNode *params, SekPsInvocation *in, SekPsValue *given,
                              bool *set) {
    SekPsArray *rest = sek_pa_new(run->arena, in->n + 1);
    uint32_t i = 0;
    for (const SekPsNode *p = params->kid; p; p = p->next, i++) {
        SekPsArg *arg = named(in, p);
        if (!arg)
            continue;
        SekPsArg *value = arg->node ? arg : arg + 1;
        arg->taken = set[i] = true;
        given[i] = sek_pv_bool(true);
        if (is_switch(p) && !arg->node)
            continue;
        if (value == in->args + in->n || (value != arg && value->param.len > 0))
            return NULL;
        value->taken = true;
        given[i] = value->value;
    }
    for (uint32_t k = 0; k < in->n; k++) {
        if (in->args[k].param.len > 0 && !in->args[k].taken)
            return NULL;
        if (rest && !in->args[k].taken)
            (void)sek_pa_push(run->arena, rest, in->args[k].value); /* there is room */
    }
    return rest;
}

/* The parameters that are given nothing are null or their default. What none of them takes is given back: $args. */
static const SekPsArray *bind(SekPsRun *run, const SekPsNode *params, const SekPsArray *args, SekPsInvocation *in) {
    uint32_t i = 0, at = 0, n = 0;
    for (const SekPsNode *p = params->kid; p; p = p->next)
        n++;
    SekPsValue *given = SEK_ARENA_ARRAY(run->arena, SekPsValue, n + 1);
    bool *set = SEK_ARENA_ARRAY(run->arena, bool, n + 1);
    if (given && set && in)
        args = bind_named(run, params, in, given, set);
    for (const SekPsNode *p = params->kid; p; p = p->next, i++) {
        const SekPsNode *usual = default_of(p);
        SekPsValue v = !args || !given || !set ? sek_pv_unknown()
                       : set[i]                ? given[i]
                       : is_switch(p)          ? sek_pv_bool(false)
                       : at < args->n          ? sek_pa_at(args, at++)
                       : usual                 ? sek_ps_eval(run, usual)
                                               : sek_pv_null();
        set_param(run, p, v);
    }
    SekPsArray *rest = args ? sek_pa_new(run->arena, args->n + 1) : NULL;
    for (; rest && at < args->n; at++)
        (void)sek_pa_push(run->arena, rest, sek_pa_at(args, at)); /* there is room */
    return rest;
}

static SekPsValue output(const SekPsOut *out) {
    if (out->unknown || !out->items)
        return sek_pv_unknown();
    if (out->items->n > 1 || out->items->elem == PS_ELEM_BYTE)
        return sek_pv_array(out->items);
    return out->items->n == 1 ? sek_pa_at(out->items, 0) : sek_pv_null();
}

bool sek_ps_left(SekPsRun *run, SekPsFlow flow) {
    if (flow == FLOW_NEXT || flow == FLOW_RETURN)
        return false;
    sek_ps_give_up(run);
    run->risky = run->risky || flow == FLOW_STOP;
    if (run->strict || sek_env_marked(run))
        return true;
    if (!run->unit->partial)
        run->unit->partial = "code behind a call that ends the script";
    sek_env_forget_all(run);
    return true;
}

SekPsValue sek_ps_invoke_block(SekPsRun *run, const SekPsNode *block, const SekPsArray *args,
                               bool own_scope) {
    const SekPsNode *first = block->kid, *params = NULL;
    SekPsOut out = {.items = sek_pa_new(run->arena, 2)};
    SekPsInvocation *in = run->call;
    run->call = NULL;
    if (run->calls >= SEK_PS_MAX_CALLS || !sek_ps_pay(run, 32)) {
        sek_ps_give_up(run);
        sek_env_forget_all(run);
        return sek_pv_unknown();
    }
    if (first && first->kind == PS_PARAMS) {
        params = first;
        first = first->next;
    }
    const SekPsArray *outer = run->args;
    bool blind = run->blind;
    run->calls++;
    run->args = args;
    run->blind = false;
    if (own_scope)
        sek_env_enter(run);
    if (params)
        run->args = bind(run, params, args, in);
    for (uint32_t i = 0; in && !params && i < in->n; i++)
        if (in->args[i].param.len > 0) /* its name is among $args */
            run->args = NULL;
    SekPsFlow flow = sek_ps_exec_all(run, first, &out);
    if (own_scope)
        sek_env_leave(run);
    run->calls--;
    run->args = outer;
    run->blind = blind;
    out.unknown = sek_ps_left(run, flow) || out.unknown;
    return output(&out);
}

/* A function of the script. False when there is none of that name. */
bool sek_ps_has_function(const SekPsRun *run, SekStr name) {
    const SekPsFunction *f = run->functions;
    while (f && !(f->name.len == name.len && sek_str_eq_nocase(f->name, name)))
        f = f->next;
    return f != NULL;
}

bool sek_ps_call_function(SekPsRun *run, SekStr name, const SekPsArray *args, SekPsValue *out) {
    for (const SekPsFunction *f = run->functions; f; f = f->next) {
        if (!sek_str_eq_nocase(f->name, name))
            continue;
        const SekPsNode *body = f->node->kid;
        SekPsNode *joined = NULL;
        if (body->kind == PS_PARAMS) { /* as if the parameters stood in the body */
            SekPsNode *params = SEK_ARENA_NEW(run->arena, SekPsNode);
            joined = SEK_ARENA_NEW(run->arena, SekPsNode);
            if (!params || !joined)
                return false;
            *joined = *body->next;
            *params = *body;
            params->next = body->next->kid;
            joined->kid = params;
            body = joined;
        }
        bool recording = run->recording;
        run->recording = false;
        *out = sek_ps_invoke_block(run, body, args, true);
        run->recording = recording;
        return true;
    }
    return false;
}

/* --- all ---------------------------------------------------------------------------------------------------
 */

static SekPsFlow jump(SekPsRun *run, const SekPsNode *node, SekPsOut *out) {
    if (node->kind == PS_BREAK) {
        if (node->flags & PS_ODD)
            sek_ps_give_up(run);
        return node->op == PS_OP_BREAK ? FLOW_BREAK : FLOW_CONTINUE;
    }
    if (node->kid) {
        SekPsValue v = sek_ps_eval(run, node->kid);
        if (node->op == PS_OP_RETURN)
            give(run, out, &v);
    }
    return node->op == PS_OP_RETURN ? FLOW_RETURN : node->op == PS_OP_EXIT ? FLOW_EXIT : FLOW_STOP;
}

SekPsFlow sek_ps_exec(SekPsRun *run, const SekPsNode *node, SekPsOut *out) {
    SekPsValue v;
    if (node->quiet && node->kind != PS_BLOCK && sek_ps_pass(run, node, out))
        return FLOW_NEXT;
    switch (node->kind) {
    case PS_IF:
        return read_if(run, node, out);
    case PS_WHILE:
    case PS_DO:
    case PS_FOR:
    case PS_FOREACH:
        return sek_ps_loop(run, node, out);
    case PS_SWITCH:
        return sek_ps_switch(run, node, out);
    case PS_TRY:
        return read_try(run, node, out);
    case PS_FUNCTION:
        define(run, node);
        return FLOW_NEXT;
    case PS_PARAMS:
        for (const SekPsNode *p = node->kid; p; p = p->next) {
            if (default_of(p))
                (void)sek_ps_eval(run, default_of(p)); /* for its edits: the caller may give another value */
            sek_env_set(run, p->name, sek_pv_unknown());
        }
        return FLOW_NEXT;
    case PS_RETURN:
    case PS_BREAK:
        return jump(run, node, out);
    case PS_BLOCK:
        return sek_ps_exec_all(run, node->kid, out);
    case PS_PIPELINE:
    case PS_COMMAND:
        sek_ps_pipe(run, node, out);
        return FLOW_NEXT;
    case PS_OPAQUE:
        sek_ps_give_up(run);
        sek_env_forget_all(run);
        if (out)
            out->unknown = true;
        return FLOW_NEXT;
    case PS_NONE:
        return FLOW_NEXT;
    case PS_ASSIGN:
    case PS_POSTFIX:
        (void)sek_ps_eval(run, node);
        return FLOW_NEXT;
    case PS_UNARY:
        if (node->op == PS_OP_INC || node->op == PS_OP_DEC) {
            (void)sek_ps_eval(run, node);
            return FLOW_NEXT;
        }
        break;
    default:
        break;
    }
    v = sek_ps_eval(run, node);
    give(run, out, &v);
    return FLOW_NEXT;
}

SekPsFlow sek_ps_exec_all(SekPsRun *run, const SekPsNode *first, SekPsOut *out) {
    SekPsFlow flow = FLOW_NEXT;
    if (run->depth >= SEK_PS_MAX_EVAL_DEPTH) {
        sek_ps_give_up(run);
        sek_env_forget_all(run);
        if (out)
            out->unknown = true;
        return FLOW_NEXT;
    }
    run->depth++;
    for (const SekPsNode *node = first; node; node = node->next) {
        bool strict = run->strict > 0;
        if (run->decoder->steps_left == 0) { /* nothing more is followed */
            sek_ps_give_up(run);
            sek_env_forget_all(run);
            if (out)
                out->unknown = true;
            break;
        }
        SekPsFlow one = run->gave_up ? FLOW_STOP : sek_ps_exec(run, node, out);
        if (one != FLOW_NEXT) {
            flow = one;
            if (!strict)
                read_dead(run, node->next);
            break;
        }
    }
    run->depth--;
    return flow;
}
