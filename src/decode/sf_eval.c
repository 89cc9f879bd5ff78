/* SPDX-License-Identifier: Apache-2.0 */

/* What expressions come to. Every value that a node had is kept with it while the run is not quiet; a
 * node that had two different ones is not replaced. */
#include "decode/sf.h"

/* --- variables --- */

static bool same_name(const SekSfRun *run, SekStr a, SekStr b) {
    return run->language->nocase ? sek_str_eq_nocase(a, b) : sek_str_eq(a, b);
}

SekSfVar *sek_sf_find(SekSfRun *run, SekStr name) {
    (void)sek_decoder_pay(run->decoder, 1 + run->n_vars / 64);
    for (uint32_t i = run->n_vars; i > 0; i--) {
        SekSfVar *var = &run->vars[i - 1];
        if ((var->scope == run->scope || var->scope == 0) && same_name(run, var->name, name))
            return var;
    }
    return NULL;
}

static SekSfVar *add_var(SekSfRun *run, SekStr name, uint32_t scope) {
    if (run->n_vars == run->cap_vars) {
        uint32_t cap = run->cap_vars ? 2 * run->cap_vars : 32;
        SekSfVar *vars = cap <= SEK_SF_MAX_VARIABLES ? sek_sf_alloc(run, cap * sizeof *vars) : NULL;
        if (!vars) {
            run->partial = run->partial ? run->partial : "more variables than the limit";
            run->decoder->steps_left = 0; /* values can no longer be kept apart */
            return NULL;
        }
        if (run->n_vars)
            memcpy(vars, run->vars, run->n_vars * sizeof *vars);
        run->vars = vars;
        run->cap_vars = cap;
    }
    run->vars[run->n_vars] = (SekSfVar){.name = name, .scope = scope};
    return &run->vars[run->n_vars++];
}

void sek_sf_declare(SekSfRun *run, SekStr name, SekSfValue value) {
    SekSfVar *var = sek_sf_find(run, name);
    if (!var || var->scope != run->scope)
        var = add_var(run, name, run->scope);
    if (var)
        var->value = value;
}

void sek_sf_assign(SekSfRun *run, SekStr name, SekSfValue value) {
    SekSfVar *var = sek_sf_find(run, name);
    if (!var) /* VBScript: local to the procedure; JScript: global */
        var = add_var(run, name, run->language->nocase ? run->scope : 0);
    if (!var)
        return;
    var->value = value;
    var->function = NULL;
}

void sek_sf_forget_all(SekSfRun *run) {
    for (uint32_t i = 0; i < run->n_vars; i++) {
        sek_sf_lose(run->vars[i].value);
        run->vars[i].value = sek_sf_unknown();
    }
}

void sek_sf_forget_locals(SekSfRun *run) {
    for (uint32_t i = 0; i < run->n_vars; i++)
        if (run->vars[i].scope == run->scope && run->scope > 0) {
            sek_sf_lose(run->vars[i].value);
            run->vars[i].value = sek_sf_unknown();
            run->vars[i].function = NULL;
        }
}

bool sek_sf_is_arguments(const SekSfRun *run, const SekSfNode *node) {
    return !run->language->nocase && run->scope > 0 && node->kind == SEK_SF_NAME && sek_str_eq(node->text, SEK_STR("arguments"));
}

/* --- notes --- */

void sek_sf_partly(SekSfRun *run, const char *why) {
    if (!run->partial && !run->looking)
        run->partial = why;
}

void sek_sf_note(SekSfRun *run, SekSfNode *node, SekSfValue value) {
    if (run->quiet || node->seen_state == SEK_SF_DIFFERS)
        return;
    if (value.type != SEK_SF_STRING || !value.made || value.regex) {
        node->seen_state = SEK_SF_DIFFERS;
    } else if (node->seen_state == SEK_SF_UNSEEN) {
        node->seen_state = SEK_SF_SEEN;
        node->seen = value;
    } else if (!sek_str_eq(node->seen.text, value.text)) {
        node->seen_state = SEK_SF_DIFFERS;
    }
}

/* --- the rest --- */

static SekSfValue eval_name(SekSfRun *run, SekSfNode *node) {
    SekSfVar *var = sek_sf_find(run, node->text);
    uint32_t ignored;
    if (!var && run->language->nocase && sek_strmap_get(&run->assigned, node->text, &ignored) == SEK_OK)
        return (SekSfValue){.type = SEK_SF_EMPTY}; /* a variable of VBScript before it is set */
    if (!var && sek_sf_is_arguments(run, node)) {
        sek_sf_forget_locals(run); /* whoever has it may set the parameters */
        return sek_sf_unknown();
    }
    if (!var)
        return run->language->constant(run, node->text);
    if (!var->function)
        return var->value;
    if (!run->language->nocase)
        return (SekSfValue){.type = SEK_SF_OBJECT, .node = var->function};
    /* VBScript calls a function by its name alone. */
    SekSfNode call = {.kind = SEK_SF_CALL, .kids = &node, .n_kids = 1};
    return sek_sf_call_function(run, var->function, &call, NULL, 0);
}

static SekSfValue eval_index(SekSfRun *run, SekSfNode *node) {
    if (sek_sf_is_arguments(run, node->kids[0])) { /* read, not set */
        (void)sek_sf_eval(run, node->kids[1]);
        return sek_sf_unknown();
    }
    SekSfValue object = sek_sf_eval(run, node->kids[0]), key = sek_sf_eval(run, node->kids[1]);
    double n;
    if (object.type == SEK_SF_OBJECT || (object.type == SEK_SF_ARRAY && key.type != SEK_SF_STRING))
        return sek_sf_item(run, object, key);
    if (key.type == SEK_SF_STRING && object.type != SEK_SF_UNKNOWN && !(object.type == SEK_SF_ARRAY && object.array->lost))
        return run->language->call(run, key.text, &object, NULL, UINT32_MAX);
    if (object.type == SEK_SF_STRING && !object.regex && sek_sf_to_number(key, &n) && n >= 0 && n < (double)sek_sf_units(object.text))
        return sek_sf_string(run, sek_sf_slice(run, object.text, (size_t)n, 1));
    return sek_sf_unknown();
}

/* VBScript: a(1) = x, d("k") = x, d.Item("k") = x. */
static void set_called(SekSfRun *run, SekSfNode *target, SekSfValue value) {
    SekSfNode *callee = target->kids[0];
    bool item = callee->kind == SEK_SF_MEMBER && sek_str_eq_nocase(callee->text, SEK_STR("item"));
    SekSfValue list = item || callee->kind == SEK_SF_NAME ? sek_sf_eval(run, item ? callee->kids[0] : callee) : sek_sf_unknown();
    SekSfValue key = sek_sf_eval(run, target->kids[1]);
    if (target->n_kids == 2)
        sek_sf_set_item(run, list, key, value);
    else
        sek_sf_lose(list);
}

/* this.x = ..., window['x'] = ...: the variable of that name may be meant. */
static void set_member(SekSfRun *run, const SekSfNode *object, SekSfValue list, SekSfValue key, SekSfValue value) {
    static const char *const names[] = {"this", "window", "self", "top", "parent", "globalThis"};
    SekStr name;
    sek_sf_set_item(run, list, key, value);
    for (size_t i = 0; object->kind == SEK_SF_NAME && !run->language->nocase && i < sizeof names / sizeof *names; i++) {
        if (!sek_str_eq(object->text, sek_str(names[i])))
            continue;
        if (!sek_sf_text(run, key, &name)) {
            sek_sf_forget_all(run);
        } else if (sek_sf_find(run, name) || run->language->knows(name)) {
            sek_sf_assign(run, name, sek_sf_unknown());
        }
    }
}

/* Gives the target its value. */
static void set_target(SekSfRun *run, SekSfNode *target, SekSfValue value) {
    if (target->kind == SEK_SF_NAME) {
        sek_sf_assign(run, target->text, run->language->nocase && value.type == SEK_SF_ARRAY ? sek_sf_copy(run, value) : value);
    } else if (target->kind == SEK_SF_INDEX) {
        SekSfValue list = sek_sf_eval(run, target->kids[0]);
        set_member(run, target->kids[0], list, sek_sf_eval(run, target->kids[1]), value);
    } else if (target->kind == SEK_SF_CALL && target->n_kids >= 2) {
        set_called(run, target, value);
    } else if (target->kind == SEK_SF_MEMBER) {
        SekSfValue object = sek_sf_eval(run, target->kids[0]);
        if (run->language->nocase) /* a setting: what it does is not known */
            sek_sf_lose(object);
        else
            set_member(run, target->kids[0], object, sek_sf_view(target->text), value);
    }
}

static SekSfValue eval_set(SekSfRun *run, SekSfNode *node) {
    SekSfNode *target = node->kids[0];
    bool plain = strcmp(node->op, "=") == 0;
    SekSfValue before = sek_sf_unknown();
    if (!plain) {
        run->quiet++; /* a target is not replaced */
        before = sek_sf_eval(run, target);
        run->quiet--;
    }
    SekSfNode *source = node->kids[1];
    SekSfValue value = sek_sf_eval(run, source);
    if (!plain)
        value = run->language->binary(run, node->op, before, value);
    set_target(run, target, value);
    SekSfVar *var = target->kind == SEK_SF_NAME && source->kind == SEK_SF_LAMBDA ? sek_sf_find(run, target->text) : NULL;
    if (var && !run->unsure)
        var->function = source;
    return value;
}

static SekSfValue eval_step(SekSfRun *run, SekSfNode *node) {
    bool post = node->op[0] == 'p';
    SekSfNode *target = node->kids[0];
    run->quiet++;
    SekSfValue before = sek_sf_eval(run, target), after = sek_sf_unknown();
    double n;
    if (sek_sf_to_number(before, &n))
        after = sek_sf_number(strchr(node->op, '+') ? n + 1 : n - 1);
    set_target(run, target, after);
    run->quiet--;
    return post ? before : after;
}

/* Evaluates what may not be evaluated at all. */
static void eval_unsure(SekSfRun *run, SekSfNode *node) {
    run->unsure++;
    (void)sek_sf_eval(run, node);
    run->unsure--;
    sek_sf_forget_assigned(run, node);
}

static SekSfValue eval_cond(SekSfRun *run, SekSfNode *node) {
    bool truth;
    if (sek_sf_truth(sek_sf_eval(run, node->kids[0]), &truth))
        return sek_sf_eval(run, node->kids[truth ? 1 : 2]);
    eval_unsure(run, node->kids[1]);
    eval_unsure(run, node->kids[2]);
    return sek_sf_unknown();
}

/* Two or more strings side by side in a chain whose rest is not known: x + "c" + "md" is x + "cmd". */
static void note_row(SekSfRun *run, SekSfNode *chain, const SekSfValue *values, uint32_t from, uint32_t to) {
    SekSfNode *first = chain->kids[from];
    if (run->quiet || to - from < 2)
        return;
    if (!first->row) {
        first->row = sek_sf_node(run, SEK_SF_OTHER, first->off);
        if (!first->row)
            return;
        first->row->end = chain->kids[to - 1]->end;
    }
    SekSfValue value = values[from];
    for (uint32_t i = from + 1; i < to; i++)
        value = sek_sf_concat(run, value, values[i]);
    if (first->row->end != chain->kids[to - 1]->end)
        value = sek_sf_unknown(); /* another row than before */
    sek_sf_note(run, first->row, value);
}

/* a & b & c ...: one node with many kids, so that long chains are not deep. */
static SekSfValue eval_chain(SekSfRun *run, SekSfNode *node) {
    SekSfValue *values = sek_sf_alloc(run, node->n_kids * sizeof *values), value = sek_sf_unknown();
    if (!values)
        return value;
    for (uint32_t i = 0; i < node->n_kids; i++) {
        values[i] = sek_sf_eval(run, node->kids[i]);
        value = i ? run->language->binary(run, node->op, value, values[i]) : values[i];
    }
    if (value.type != SEK_SF_UNKNOWN || !sek_sf_pay(run, 0))
        return value;
    for (uint32_t i = 0, from = 0; i <= node->n_kids; i++) {
        if (i < node->n_kids && values[i].type == SEK_SF_STRING && !values[i].regex)
            continue;
        note_row(run, node, values, from, i);
        from = i + 1;
    }
    return value;
}

static SekSfValue eval_binary(SekSfRun *run, SekSfNode *node) {
    if (node->n_kids > 2)
        return eval_chain(run, node);
    SekSfValue a = sek_sf_eval(run, node->kids[0]);
    bool truth;
    if (strcmp(node->op, "&&") == 0 || strcmp(node->op, "||") == 0) {
        if (sek_sf_truth(a, &truth))
            return truth == (node->op[0] == '&') ? sek_sf_eval(run, node->kids[1]) : a;
        eval_unsure(run, node->kids[1]);
        return sek_sf_unknown();
    }
    SekSfValue b = sek_sf_eval(run, node->kids[1]);
    if (!sek_sf_pay(run, 0))
        return sek_sf_unknown();
    return run->language->binary(run, node->op, a, b);
}

static SekSfValue eval_unary(SekSfRun *run, SekSfNode *node) {
    SekSfValue a = sek_sf_eval(run, node->kids[0]);
    bool truth;
    double n;
    if (node->op[0] == '!')
        return sek_sf_truth(a, &truth) ? sek_sf_bool(!truth) : sek_sf_unknown();
    if (strcmp(node->op, "typeof") == 0)
        return a.type == SEK_SF_STRING && !a.regex ? sek_sf_view(SEK_STR("string")) : sek_sf_unknown();
    if (a.type == SEK_SF_BOOL && strcmp(node->op, "not") == 0)
        return sek_sf_bool(a.number == 0);
    if (!sek_sf_to_number(a, &n))
        return sek_sf_unknown();
    if (node->op[0] == '-')
        return sek_sf_number(-n);
    if (node->op[0] == '+')
        return sek_sf_number(n);
    bool whole = n > -2147483649.0 && n < 4294967296.0 && n == (double)(int64_t)n;
    return whole && (node->op[0] == '~' || node->op[0] == 'n') ? sek_sf_number((double)(int32_t)~(uint32_t)(int64_t)n) : sek_sf_unknown();
}

static SekSfValue eval_list(SekSfRun *run, SekSfNode *node) {
    SekSfValue list = sek_sf_array(run, NULL, 0);
    for (uint32_t i = 0; i < node->n_kids; i++) {
        SekSfValue item = sek_sf_eval(run, node->kids[i]);
        if (list.type == SEK_SF_ARRAY && !sek_sf_push(run, list.array, item))
            return sek_sf_unknown();
    }
    return list;
}

/* { a: 1, ... }: names and values in turn. */
static SekSfValue eval_table(SekSfRun *run, SekSfNode *node) {
    SekSfValue table = sek_sf_object(run, SEK_STR("Object"), true);
    for (uint32_t i = 0; i + 1 < node->n_kids; i += 2) {
        SekSfValue value = sek_sf_eval(run, node->kids[i + 1]);
        sek_sf_set_item(run, table, node->kids[i]->value, value);
    }
    return table;
}

static SekSfValue eval_member(SekSfRun *run, SekSfNode *node) {
    if (sek_sf_is_arguments(run, node->kids[0]))
        return sek_sf_unknown();
    SekSfValue object = sek_sf_eval(run, node->kids[0]), value;
    if (object.type == SEK_SF_UNKNOWN || (object.type == SEK_SF_ARRAY && object.array->lost))
        return sek_sf_unknown();
    if (object.type == SEK_SF_OBJECT && !run->language->nocase)
        return sek_sf_item(run, object, sek_sf_view(node->text));
    SekSfNode call = {.kind = SEK_SF_CALL, .kids = &node, .n_kids = 1};
    if (object.type == SEK_SF_OBJECT && object.node)
        return sek_sf_call_method(run, object, node->text, &call, NULL, 0, &value) ? value : sek_sf_unknown();
    if (object.type == SEK_SF_OBJECT)
        return object.array ? sek_sf_dictionary(run, object, node->text, NULL, 0) : sek_sf_unknown();
    return run->language->call(run, node->text, &object, NULL, UINT32_MAX);
}

static SekSfValue eval_kind(SekSfRun *run, SekSfNode *node) {
    switch (node->kind) {
    case SEK_SF_LITERAL:
        return node->value;
    case SEK_SF_NAME:
        return eval_name(run, node);
    case SEK_SF_UNARY:
        return eval_unary(run, node);
    case SEK_SF_BINARY:
        return eval_binary(run, node);
    case SEK_SF_CALL:
        return sek_sf_eval_call(run, node);
    case SEK_SF_NEW:
        return sek_sf_eval_new(run, node);
    case SEK_SF_MEMBER:
        return eval_member(run, node);
    case SEK_SF_INDEX:
        return eval_index(run, node);
    case SEK_SF_LIST:
        return eval_list(run, node);
    case SEK_SF_LAMBDA:
        return (SekSfValue){.type = SEK_SF_OBJECT, .node = node};
    case SEK_SF_TABLE:
        return eval_table(run, node);
    case SEK_SF_COND:
        return eval_cond(run, node);
    case SEK_SF_SET:
        return eval_set(run, node);
    case SEK_SF_STEP:
        return eval_step(run, node);
    case SEK_SF_COMMA:
    case SEK_SF_OTHER: {
        SekSfValue last = sek_sf_unknown();
        for (uint32_t i = 0; i < node->n_kids; i++)
            last = sek_sf_eval(run, node->kids[i]);
        if (strcmp(node->op, "delete") == 0 && node->n_kids && node->kids[0]->n_kids)
            sek_sf_lose(sek_sf_eval(run, node->kids[0]->kids[0]));
        return node->kind == SEK_SF_COMMA ? last : sek_sf_unknown();
    }
    default:
        return sek_sf_unknown();
    }
}

SekSfValue sek_sf_eval(SekSfRun *run, SekSfNode *node) {
    run->gave_up = run->gave_up || run->depth >= SEK_SF_MAX_DEPTH;
    if (run->fatal || run->gave_up || run->decoder->steps_left == 0)
        return sek_sf_unknown();
    run->depth++;
    SekSfValue value = eval_kind(run, node);
    run->depth--;
    sek_sf_note(run, node, value);
    return value;
}
