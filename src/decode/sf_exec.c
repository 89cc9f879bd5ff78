/* SPDX-License-Identifier: Apache-2.0 */

/* Statements: branches and loops whose conditions are known are followed; of others each part is looked
 * at once, and what it assigns is unknown before and after. */
#include "decode/sf.h"

#define FORGET_DEPTH 64u
#define MAX_DIM 65536 /* items of an array that is declared with its size */

/* --- forgetting --- */

static void forget(SekSfRun *run, const SekSfNode *node, uint32_t depth);

static void forget_target(SekSfRun *run, const SekSfNode *target) {
    while (target->n_kids && (target->kind == SEK_SF_INDEX || target->kind == SEK_SF_MEMBER || target->kind == SEK_SF_CALL))
        target = target->kids[0];
    SekSfVar *var = target->kind == SEK_SF_NAME ? sek_sf_find(run, target->text) : NULL;
    if (!var && sek_sf_is_arguments(run, target))
        sek_sf_forget_locals(run);
    if (!var)
        return;
    sek_sf_lose(var->value);
    var->value = sek_sf_unknown();
    var->function = NULL;
}

static void forget_redim(SekSfRun *run, const SekSfNode *node) {
    SekSfVar *var = sek_sf_find(run, node->text);
    if (var) {
        sek_sf_lose(var->value);
        var->value = sek_sf_unknown();
    }
}

/* What a function of the script assigns is assigned by whoever calls it. */
static void forget_call(SekSfRun *run, const SekSfNode *name, uint32_t depth) {
    SekSfVar *var = sek_sf_find(run, name->text);
    if (var && var->function)
        forget(run, var->function, depth + 8);
}

/* Execute, eval: what their code assigns is not written here. */
static bool runs_code(const SekSfNode *node) {
    if (node->kind != SEK_SF_CALL || !node->n_kids)
        return node->kind == SEK_SF_RUN;
    const SekSfNode *callee = node->kids[0];
    bool named = callee->kind == SEK_SF_NAME || callee->kind == SEK_SF_MEMBER;
    return named && (sek_str_eq_nocase(callee->text, SEK_STR("eval")) || sek_str_eq_nocase(callee->text, SEK_STR("execscript")));
}

static void forget(SekSfRun *run, const SekSfNode *node, uint32_t depth) {
    if (depth > FORGET_DEPTH || !sek_sf_pay(run, 0)) {
        sek_sf_forget_all(run);
        return;
    }
    bool sets = node->kind == SEK_SF_SET || node->kind == SEK_SF_STEP || node->kind == SEK_SF_COUNT || node->kind == SEK_SF_EACH;
    if (sets && node->n_kids)
        forget_target(run, node->kids[0]);
    if (node->kind == SEK_SF_DIM) {
        SekSfVar *var = sek_sf_find(run, node->text);
        if (var)
            var->value = sek_sf_unknown();
    }
    if (node->kind == SEK_SF_REDIM)
        forget_redim(run, node);
    if (node->kind == SEK_SF_CALL && node->kids[0]->kind == SEK_SF_MEMBER && node->kids[0]->kids[0]->kind == SEK_SF_NAME) {
        SekSfVar *var = sek_sf_find(run, node->kids[0]->kids[0]->text);
        if (var && (var->value.type == SEK_SF_ARRAY || var->value.type == SEK_SF_OBJECT) && var->value.array)
            forget_target(run, node->kids[0]);
    }
    if (runs_code(node)) {
        sek_sf_forget_all(run);
        return;
    }
    if (node->kind == SEK_SF_NAME)
        forget_call(run, node, depth);
    for (uint32_t i = 0; i < node->n_kids; i++)
        forget(run, node->kids[i], depth + 1);
}

void sek_sf_forget_assigned(SekSfRun *run, const SekSfNode *node) {
    forget(run, node, 0);
}

/* --- functions --- */

static bool body_of(const SekSfNode *def, SekSfNode **out) {
    *out = def->n_kids ? def->kids[def->n_kids - 1] : NULL;
    return *out != NULL;
}

static void drop_scope(SekSfRun *run, uint32_t n_vars) {
    uint32_t kept = n_vars;
    for (uint32_t i = n_vars; i < run->n_vars; i++)
        if (run->vars[i].scope != run->scope)
            run->vars[kept++] = run->vars[i]; /* a global that was made meanwhile */
    run->n_vars = kept;
}

/* VBScript: parameters are the caller's variables. */
static void give_back(SekSfRun *run, const SekSfNode *def, const SekSfNode *call, const SekSfValue *values, uint32_t n) {
    for (uint32_t i = 0; run->language->nocase && i < n && i + 1 < call->n_kids && i + 1 < def->n_kids; i++)
        if (call->kids[i + 1]->kind == SEK_SF_NAME && strcmp(def->kids[i]->op, "byval") != 0)
            sek_sf_assign(run, call->kids[i + 1]->text, values[i]);
}

static SekSfValue parameter(SekSfRun *run, const SekSfNode *name, const SekSfValue *given) {
    if (!given)
        return (SekSfValue){.type = SEK_SF_EMPTY};
    return given->type == SEK_SF_ARRAY && strcmp(name->op, "byval") == 0 ? sek_sf_copy(run, *given) : *given;
}

void sek_sf_declare_fields(SekSfRun *run) {
    const SekSfNode *block = run->self_class && run->self_class->n_kids ? run->self_class->kids[0] : NULL;
    for (uint32_t i = 0; block && i < block->n_kids; i++)
        for (uint32_t k = 0; block->kids[i]->kind == SEK_SF_BLOCK && k < block->kids[i]->n_kids; k++)
            if (block->kids[i]->kids[k]->kind == SEK_SF_DIM)
                sek_sf_declare(run, block->kids[i]->kids[k]->text, sek_sf_unknown());
}

SekSfValue sek_sf_call_function(SekSfRun *run, SekSfNode *def, SekSfNode *call, const SekSfValue *args, uint32_t n) {
    SekSfNode *body;
    uint32_t n_params = def->n_kids ? def->n_kids - 1 : 0, n_vars = run->n_vars;
    def->calls++;
    if (!body_of(def, &body) || run->calls >= SEK_SF_MAX_CALLS || !sek_sf_pay(run, 64)) {
        sek_sf_forget_all(run);
        return sek_sf_unknown();
    }
    uint32_t scope = run->scope, call_base = run->call_base, loop_base = run->loop_base;
    bool maybe = run->maybe_left, locals = n_params > 0;
    SekSfValue result = run->result, finals[16];
    run->scope = ++run->calls;
    run->call_base = run->loop_base = run->unsure;
    run->maybe_left = false;
    run->result = (SekSfValue){.type = SEK_SF_EMPTY};
    run->quiet += locals;
    if (run->language->nocase)
        sek_sf_declare(run, def->text, run->result);
    for (uint32_t i = 0; i < n_params; i++)
        sek_sf_declare(run, def->kids[i]->text, parameter(run, def->kids[i], i < n ? &args[i] : NULL));
    sek_sf_declare_fields(run);
    sek_sf_exec(run, body);
    SekSfVar *own = run->language->nocase ? sek_sf_find(run, def->text) : NULL;
    SekSfValue value = run->maybe_left ? sek_sf_unknown() : own ? own->value : run->result;
    uint32_t n_finals = n_params < 16 ? n_params : 16;
    for (uint32_t i = 0; i < n_finals; i++) {
        SekSfVar *var = sek_sf_find(run, def->kids[i]->text);
        finals[i] = var && !run->maybe_left ? var->value : sek_sf_unknown();
    }
    bool left = run->maybe_left;
    drop_scope(run, n_vars);
    run->quiet -= locals;
    run->flow = SEK_SF_GOES_ON;
    run->scope = scope;
    run->calls--;
    run->call_base = call_base;
    run->loop_base = loop_base;
    run->maybe_left = maybe;
    run->result = result;
    if (left)
        sek_sf_forget_assigned(run, body);
    give_back(run, def, call, finals, n_finals < n ? n_finals : n);
    if (value.type == SEK_SF_STRING && value.made)
        sek_tally_add(&run->tally, "function", 1);
    return value;
}

/* --- statements --- */

/* Something that may run, once or more or not at all. */
static void exec_unsure(SekSfRun *run, SekSfNode *node) {
    run->unsure++;
    sek_sf_exec(run, node);
    run->unsure--;
    sek_sf_forget_assigned(run, node);
}

static void exec_if(SekSfRun *run, SekSfNode *node) {
    bool truth;
    if (strcmp(node->op, "with") == 0) { /* JScript: any name may be one of the object */
        (void)sek_sf_eval(run, node->kids[0]);
        sek_sf_forget_all(run);
    }
    if (sek_sf_truth(sek_sf_eval(run, node->kids[0]), &truth)) {
        if (truth || node->n_kids > 2)
            sek_sf_exec(run, node->kids[truth ? 1 : 2]);
        return;
    }
    for (uint32_t i = 1; i < node->n_kids; i++)
        exec_unsure(run, node->kids[i]);
}

/* Whether a case of Select Case is taken: MAYBE when one of its values is not known. */
typedef enum { NO, YES, MAYBE } Answer;

static Answer case_taken(SekSfRun *run, const SekSfNode *block, SekSfValue subject) {
    Answer answer = strcmp(block->op, "else") == 0 ? YES : NO;
    for (uint32_t i = 0; i + 1 < block->n_kids && answer != YES; i++) {
        bool truth;
        SekSfValue value = sek_sf_eval(run, block->kids[i]);
        if (!sek_sf_truth(run->language->binary(run, "=", subject, value), &truth))
            answer = MAYBE;
        else if (truth && answer == NO)
            answer = YES;
    }
    return answer;
}

static void exec_select(SekSfRun *run, SekSfNode *node) {
    SekSfValue subject = sek_sf_eval(run, node->kids[0]);
    bool unsure = false;
    for (uint32_t i = 1; i < node->n_kids; i++) {
        SekSfNode *block = node->kids[i], *body = block->kids[block->n_kids - 1];
        Answer answer = case_taken(run, block, subject);
        unsure = unsure || answer == MAYBE;
        if (answer != NO && unsure)
            exec_unsure(run, body);
        else if (answer == YES)
            sek_sf_exec(run, body);
        if (answer == YES)
            return;
    }
}

/* After a round of a loop: false when it ends. */
static bool next_round(SekSfRun *run) {
    if (run->flow == SEK_SF_CONTINUES)
        run->flow = SEK_SF_GOES_ON;
    if (run->flow == SEK_SF_LEAVES) {
        run->flow = SEK_SF_GOES_ON;
        return false;
    }
    return run->flow == SEK_SF_GOES_ON && !run->maybe_left && run->fatal == SEK_OK;
}

/* The rest of a loop of which it is no longer known how it goes. */
static void give_up(SekSfRun *run, SekSfNode *node) {
    sek_sf_forget_assigned(run, node);
    for (uint32_t i = 0; i < node->n_kids; i++) {
        run->unsure++;
        sek_sf_exec(run, node->kids[i]);
        run->unsure--;
    }
    sek_sf_forget_assigned(run, node);
    run->maybe_left = run->maybe_left && run->calls > 0; /* it may have been a return */
}

static bool pay_round(SekSfRun *run) {
    return sek_sf_pay(run, 128);
}

static void exec_count(SekSfRun *run, SekSfNode *node) {
    double from, to, step = 1;
    SekSfValue a = sek_sf_eval(run, node->kids[1]), b = sek_sf_eval(run, node->kids[2]), c = sek_sf_eval(run, node->kids[3]);
    bool known = sek_sf_to_number(a, &from) && sek_sf_to_number(b, &to) && sek_sf_to_number(c, &step) && step != 0;
    SekSfNode *body = node->kids[4];
    if (!known) {
        sek_sf_assign(run, node->kids[0]->text, sek_sf_unknown());
        give_up(run, body);
        return;
    }
    double i = from;
    for (; step > 0 ? i <= to : i >= to; i += step) {
        sek_sf_assign(run, node->kids[0]->text, sek_sf_number(i));
        if (!pay_round(run)) {
            sek_sf_forget_assigned(run, node);
            return;
        }
        sek_sf_exec(run, body);
        if (!next_round(run))
            break;
    }
    if (run->maybe_left)
        give_up(run, body);
    else if (run->flow == SEK_SF_GOES_ON)
        sek_tally_add(&run->tally, "loop", 1);
}

static void exec_each(SekSfRun *run, SekSfNode *node) {
    SekSfValue list = sek_sf_eval(run, node->kids[1]);
    SekSfNode *body = node->kids[2];
    if (list.type != SEK_SF_ARRAY || list.array->lost) {
        sek_sf_assign(run, node->kids[0]->text, sek_sf_unknown());
        give_up(run, body);
        return;
    }
    for (uint32_t i = 0; i < list.array->n; i++) {
        sek_sf_assign(run, node->kids[0]->text, list.array->items[i]);
        if (!pay_round(run)) {
            sek_sf_forget_assigned(run, node);
            return;
        }
        sek_sf_exec(run, body);
        if (!next_round(run))
            break;
    }
    if (run->maybe_left)
        give_up(run, body);
}

static bool is_absent(const SekSfNode *node) {
    return node->kind == SEK_SF_OTHER && node->n_kids == 0;
}

static void exec_loop(SekSfRun *run, SekSfNode *node) {
    SekSfNode *condition = node->kids[1], *step = node->kids[2], *body = node->kids[3];
    bool first = node->op && strcmp(node->op, "do") == 0, truth;
    sek_sf_exec(run, node->kids[0]);
    for (;; first = false) {
        SekSfValue value = first || is_absent(condition) ? sek_sf_bool(true) : sek_sf_eval(run, condition);
        if (!sek_sf_truth(value, &truth) || !pay_round(run)) {
            give_up(run, node);
            return;
        }
        if (!truth)
            return;
        sek_sf_exec(run, body);
        if (!next_round(run))
            break;
        sek_sf_exec(run, step);
    }
    if (run->maybe_left)
        give_up(run, node);
}

static void exec_in_loop(SekSfRun *run, SekSfNode *node) {
    uint32_t base = run->loop_base;
    bool maybe = run->maybe_left;
    run->loop_base = run->unsure;
    run->maybe_left = false;
    if (node->kind == SEK_SF_COUNT)
        exec_count(run, node);
    else if (node->kind == SEK_SF_EACH)
        exec_each(run, node);
    else
        exec_loop(run, node);
    run->loop_base = base;
    run->maybe_left = run->maybe_left || maybe;
}

static void exec_block(SekSfRun *run, SekSfNode *node) {
    for (uint32_t i = 0; i < node->n_kids && run->flow == SEK_SF_GOES_ON && run->fatal == SEK_OK; i++)
        sek_sf_exec(run, node->kids[i]);
}

static void exec_return(SekSfRun *run, SekSfNode *node) {
    SekSfValue value = node->n_kids ? sek_sf_eval(run, node->kids[0]) : (SekSfValue){.type = SEK_SF_EMPTY};
    if (run->unsure > run->call_base) {
        run->maybe_left = true;
        return;
    }
    run->result = value;
    run->flow = SEK_SF_RETURNS;
}

static void exec_leave(SekSfRun *run, const SekSfNode *node) {
    if (run->unsure > run->loop_base)
        run->maybe_left = true;
    else
        run->flow = node->op && strcmp(node->op, "continue") == 0 ? SEK_SF_CONTINUES : SEK_SF_LEAVES;
}

/* Execute "code": the code is a layer of its own, and runs here. */
static void exec_run(SekSfRun *run, SekSfNode *node) {
    SekSfValue code = sek_sf_eval(run, node->kids[0]);
    if (code.type == SEK_SF_STRING)
        (void)sek_sf_run_code(run, code.text, strcmp(node->op, "global") == 0, false);
    else
        sek_sf_unknown_code(run);
}

/* An array of so many empty items; UNKNOWN when it has several dimensions, or their size is not known. */
static SekSfValue new_array(SekSfRun *run, SekSfNode *const *bounds, uint32_t n) {
    double last = -1;
    SekSfValue array = sek_sf_array(run, NULL, 0);
    if (n > 1 || (n == 1 && !sek_sf_to_number(sek_sf_eval(run, bounds[0]), &last)) || last < -1 || last >= MAX_DIM || array.type != SEK_SF_ARRAY)
        return sek_sf_unknown();
    for (uint32_t i = 0; i < (uint32_t)(last + 1); i++)
        if (!sek_sf_push(run, array.array, (SekSfValue){.type = SEK_SF_EMPTY}))
            return sek_sf_unknown();
    return array;
}

/* ReDim [Preserve] a(n) */
static void exec_redim(SekSfRun *run, SekSfNode *node) {
    SekSfValue array = new_array(run, node->kids, node->n_kids);
    SekSfVar *var = sek_sf_find(run, node->text);
    if (strcmp(node->op, "preserve") == 0 && array.type == SEK_SF_ARRAY && var) {
        const SekSfArray *old = var->value.type == SEK_SF_ARRAY && !var->value.array->lost ? var->value.array : NULL;
        for (uint32_t i = 0; old && i < old->n && i < array.array->n; i++)
            array.array->items[i] = old->items[i];
        array = old || var->value.type == SEK_SF_EMPTY ? array : sek_sf_unknown();
    }
    sek_sf_assign(run, node->text, run->unsure ? sek_sf_unknown() : array);
}

static void exec_dim(SekSfRun *run, SekSfNode *node) {
    bool array = strcmp(node->op, "array") == 0;
    sek_sf_declare(run, node->text, array ? new_array(run, node->kids, node->n_kids)
                                    : node->n_kids ? sek_sf_eval(run, node->kids[0]) : (SekSfValue){.type = SEK_SF_EMPTY});
    if (!array && node->n_kids && node->kids[0]->kind == SEK_SF_LAMBDA) {
        SekSfVar *var = sek_sf_find(run, node->text);
        if (var && !run->unsure)
            var->function = node->kids[0];
    }
}

void sek_sf_exec(SekSfRun *run, SekSfNode *node) {
    run->gave_up = run->gave_up || run->depth >= SEK_SF_MAX_DEPTH;
    if (run->fatal || run->gave_up || !sek_sf_pay(run, 0))
        return;
    run->depth++;
    switch (node->kind) {
    case SEK_SF_BLOCK:
        exec_block(run, node);
        break;
    case SEK_SF_DIM:
        exec_dim(run, node);
        break;
    case SEK_SF_REDIM:
        exec_redim(run, node);
        break;
    case SEK_SF_IF:
        exec_if(run, node);
        break;
    case SEK_SF_SELECT:
        exec_select(run, node);
        break;
    case SEK_SF_COUNT:
    case SEK_SF_EACH:
    case SEK_SF_LOOP:
        exec_in_loop(run, node);
        break;
    case SEK_SF_DEF:
    case SEK_SF_CLASS:
        break; /* made known before the run */
    case SEK_SF_RETURN:
        exec_return(run, node);
        break;
    case SEK_SF_LEAVE:
        exec_leave(run, node);
        break;
    case SEK_SF_RUN:
        exec_run(run, node);
        break;
    case SEK_SF_DO:
        run->unused = node->n_kids ? node->kids[0] : NULL;
        if (node->n_kids)
            (void)sek_sf_eval(run, node->kids[0]);
        break;
    default:
        (void)sek_sf_eval(run, node);
        break;
    }
    run->depth--;
}
