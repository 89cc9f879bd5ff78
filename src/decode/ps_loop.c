/* SPDX-License-Identifier: Apache-2.0 */

/* Loops and switch. A loop is first run for its values (strict): every condition must be known and everything
 * done must be followed. If that works its results stand, and the body is read once more for edits with what
 * it assigns unknown. If not, everything that it might assign is unknown before the body is read, and behind
 * it. */

#include "decode/ps_run.h"

/* --- what a body may assign --------------------------------------------------------------------------------
 */

static bool reaches_out(const SekPsNode *name) { /* commands that set variables in ways other than = */
    static const char *const words[] = {
        "set-variable",
        "sv",
        "set",
        "new-variable",
        "nv",
        "set-item",
        "si",
        "iex",
        "invoke-expression",
        "clear-variable",
        "clv",
        "remove-variable",
        "rv",
        "read-host",
        "icm",
        "invoke-command",
    };
    char buf[32];
    SekStr word;
    if (name->kind != PS_STRING)
        return name->kind != PS_BLOCK;
    if (!sek_pt_ascii(name->text, buf, sizeof buf, &word))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (word.len > 0 && sek_ascii_lower(word.ptr[0]) == words[i][0] && sek_str_eq_nocase(word, sek_str(words[i])))
            return true;
    return false;
}

static void blur_target(SekPsRun *run, const SekPsNode *target) {
    switch (target->kind) {
    case PS_VAR:
        sek_env_set(run, target->name, sek_pv_unknown());
        break;
    case PS_CAST:
        blur_target(run, target->kid);
        break;
    case PS_LIST:
        for (const SekPsNode *kid = target->kid; kid; kid = kid->next)
            blur_target(run, kid);
        break;
    case PS_CHAIN: /* the array or object behind it is changed in place */
        if (target->kid->kind == PS_VAR)
            sek_env_set(run, target->kid->name, sek_pv_unknown());
        else
            sek_env_forget_all(run);
        break;
    default:
        sek_env_forget_all(run);
    }
}

/* $list.Add(...) changes what the variable refers to. */
static void blur_receiver(SekPsRun *run, const SekPsNode *chain) {
    if (chain->kid->kind != PS_VAR)
        return;
    for (const SekPsNode *link = chain->kid->next; link; link = link->next) {
        SekPsValue v = link->kind == PS_CALL ? sek_env_get(run, chain->kid->name) : sek_pv_null();
        if (v.kind != PV_ARRAY && v.kind != PV_HASH && v.kind != PV_OBJECT)
            continue;
        sek_env_set(run, chain->kid->name, sek_pv_unknown());
        return;
    }
}

/* Walks the tree; its depth is the parser's. */
void sek_ps_blur_assigned(SekPsRun *run, const SekPsNode *node) {
    if (!sek_ps_pay(run, 1)) {
        sek_env_forget_all(run);
        return;
    }
    if (node->kind == PS_ASSIGN || node->kind == PS_FOREACH)
        blur_target(run, node->kid);
    else if (node->kind == PS_POSTFIX ||
             (node->kind == PS_UNARY && (node->op == PS_OP_INC || node->op == PS_OP_DEC)))
        blur_target(run, node->kid);
    else if (node->kind == PS_OPAQUE || (node->kind == PS_COMMAND && node->kid && reaches_out(node->kid)))
        sek_env_forget_all(run);
    else if (node->kind == PS_CALL && node->kid->next) /* [array]::Reverse($a), [ref]$a */
        for (const SekPsNode *arg = node->kid->next; arg; arg = arg->next)
            if (arg->kind == PS_VAR || arg->kind == PS_CAST)
                blur_target(run, arg->kind == PS_CAST && arg->kid->kind == PS_VAR ? arg->kid : arg);
    if (node->kind == PS_CHAIN)
        blur_receiver(run, node);
    bool leaf = node->kind == PS_STRING || node->kind == PS_NUMBER || node->kind == PS_TYPE;
    for (const SekPsNode *kid = leaf ? NULL : node->kid; kid; kid = kid->next)
        sek_ps_blur_assigned(run, kid);
}

#define SEK_PS_MAX_RISKY_ROUNDS 64 /* rounds of a loop in which something unknown is called */

/* --- running for values ------------------------------------------------------------------------------------
 */

typedef struct Loop {
    const SekPsNode *start, *test, *step, *body, *variable, *values;
    bool test_last, until;
} Loop;

static Loop parts_of(const SekPsNode *node) {
    const SekPsNode *a = node->kid, *b = a->next, *c = b->next;
    switch (node->kind) {
    case PS_WHILE:
        return (Loop){.test = a, .body = b};
    case PS_DO:
        return (Loop){.test = b, .body = a, .test_last = true, .until = (node->flags & PS_UNTIL) != 0};
    case PS_FOR:
        return (Loop){.start = a, .test = b, .step = c, .body = c->next};
    default:
        return (Loop){.variable = a, .values = b, .body = c};
    }
}

/* False: the condition is not known. */
static bool holds(SekPsRun *run, const Loop *loop, bool *out) {
    if (loop->test->kind == PS_NONE) {
        *out = true;
        return true;
    }
    SekPsValue v = sek_ps_eval(run, loop->test);
    if (run->gave_up || !sek_pv_to_bool(&v, out))
        return false;
    *out = *out != loop->until;
    return true;
}

/* A loop that waits for the world goes on for ever, or writes nothing. */
static bool goes_nowhere(const SekPsRun *run, uint64_t writes, unsigned round) {
    return sek_env_writes(run) == writes || (run->risky && round > SEK_PS_MAX_RISKY_ROUNDS);
}

static bool run_rounds(SekPsRun *run, const Loop *loop, SekPsOut *out, SekPsFlow *flow) {
    bool go = true, first = true;
    unsigned round = 0;
    if (loop->start && loop->start->kind != PS_NONE)
        (void)sek_ps_eval(run, loop->start);
    for (;; first = false) {
        uint64_t writes = sek_env_writes(run);
        if (!(first && loop->test_last) && !holds(run, loop, &go))
            return false;
        if (!go)
            return true;
        *flow = sek_ps_exec_all(run, loop->body->kid, out);
        if (run->gave_up || !sek_ps_pay(run, 2))
            return false;
        if (*flow == FLOW_BREAK || *flow == FLOW_RETURN)
            return true;
        if (*flow >= FLOW_STOP)
            return false;
        if (loop->step && loop->step->kind != PS_NONE)
            (void)sek_ps_eval(run, loop->step);
        if (goes_nowhere(run, writes, round++))
            return false;
    }
}

static bool run_each(SekPsRun *run, const Loop *loop, const SekPsArray *list, SekPsOut *out,
                     SekPsFlow *flow) {
    for (uint32_t i = 0; i < list->n; i++) {
        sek_env_set(run, loop->variable->name, sek_pa_at(list, i));
        *flow = sek_ps_exec_all(run, loop->body->kid, out);
        if (run->gave_up || !sek_ps_pay(run, 2) || *flow >= FLOW_STOP)
            return false;
        if (*flow == FLOW_BREAK || *flow == FLOW_RETURN)
            return true;
    }
    return true;
}

/* Runs with recording off; on failure everything is back as it was. */
static bool run_for_values(SekPsRun *run, const Loop *loop, const SekPsArray *list, SekPsOut *out,
                           SekPsFlow *flow) {
    bool recording = run->recording, gave_up = run->gave_up;
    bool risky = run->risky;
    uint32_t mark = sek_env_mark(run), given = out && out->items ? out->items->n : 0;
    bool unknown = out && out->unknown;
    run->recording = false;
    run->strict++;
    run->risky = false;
    bool done = loop->variable ? run_each(run, loop, list, out, flow) : run_rounds(run, loop, out, flow);
    run->strict--;
    run->risky = run->risky || risky;
    run->recording = recording;
    run->gave_up = gave_up;
    if (done) {
        sek_env_keep(run, mark);
        return true;
    }
    sek_env_back(run, mark, false);
    if (out && out->items && out->items->elem == PS_ELEM_ANY && out->items->n >= given) {
        out->items->n = given;
        out->unknown = unknown;
    }
    return false;
}

/* Reads the loop's parts once for edits; what it assigns is unknown from the start. */
static void read_once(SekPsRun *run, const Loop *loop, const SekPsNode *node) {
    if (loop->start && loop->start->kind != PS_NONE)
        (void)sek_ps_eval(run, loop->start);
    for (const SekPsNode *kid = node->kid; kid; kid = kid->next)
        if (kid != loop->start && kid != loop->values && kid != loop->variable)
            sek_ps_blur_assigned(run, kid);
    if (loop->variable)
        sek_env_set(run, loop->variable->name, sek_pv_unknown());
    if (loop->test && loop->test->kind != PS_NONE && !loop->test_last)
        (void)sek_ps_eval(run, loop->test);
    (void)sek_ps_exec_all(run, loop->body->kid, NULL);
    if (loop->step && loop->step->kind != PS_NONE)
        (void)sek_ps_eval(run, loop->step);
    if (loop->test_last)
        (void)sek_ps_eval(run, loop->test);
}

SekPsFlow sek_ps_loop(SekPsRun *run, const SekPsNode *node, SekPsOut *out) {
    Loop loop = parts_of(node);
    SekPsValue values = loop.values ? sek_ps_eval(run, loop.values) : sek_pv_null();
    const SekPsArray *list = loop.values && sek_pv_known(&values) ? sek_pv_list(run->arena, &values) : NULL;
    bool possible = !loop.values || (list && !list->tainted);
    SekPsFlow flow = FLOW_NEXT;
    if (possible && run_for_values(run, &loop, list, out, &flow)) {
        if (run->recording) { /* read for edits, and put everything back as the rounds left it */
            uint32_t mark = sek_env_mark(run);
            read_once(run, &loop, node);
            sek_env_back(run, mark, false);
        }
        return flow == FLOW_RETURN ? FLOW_RETURN : FLOW_NEXT;
    }
    if (run->strict) {
        run->gave_up = true;
        return FLOW_STOP;
    }
    uint32_t mark = sek_env_mark(run);
    read_once(run, &loop, node);
    sek_env_back(run, mark, true);
    for (const SekPsNode *kid = node->kid; kid; kid = kid->next)
        sek_ps_blur_assigned(run, kid);
    if (loop.variable)
        sek_env_set(run, loop.variable->name, sek_pv_unknown());
    if (out)
        out->unknown = true;
    return FLOW_NEXT;
}

/* --- switch ------------------------------------------------------------------------------------------------
 */

static bool label_text(SekPsRun *run, const SekPsNode *label, SekPsText *out) {
    SekPsText between = {(const uint16_t *)u" ", 1};
    SekPsValue v = label->kind == PS_BLOCK ? sek_pv_unknown() : sek_ps_eval(run, label);
    return sek_pv_known(&v) && sek_pv_to_text(run->arena, &v, between, out);
}

static bool is_default(const SekPsNode *label) {
    char buf[16];
    SekStr word;
    return label->kind == PS_STRING && (label->flags & PS_BARE) &&
           sek_pt_ascii(label->text, buf, sizeof buf, &word) && sek_str_eq_nocase(word, SEK_STR("default"));
}

/* One known value against constant labels. False when it cannot be told. */
static bool switch_one(SekPsRun *run, const SekPsNode *node, SekPsText value, SekPsOut *out,
                       SekPsFlow *flow) {
    bool matched = false;
    const SekPsNode *fallback = NULL;
    for (const SekPsNode *label = node->kid->next; label; label = label->next->next) {
        SekPsText text;
        if (is_default(label)) {
            fallback = label->next;
            continue;
        }
        if (!label_text(run, label, &text))
            return false;
        if (!sek_pt_eq(text, value, true))
            continue;
        matched = true;
        *flow = sek_ps_exec_all(run, label->next->kid, out);
        if (*flow != FLOW_NEXT)
            return true;
    }
    if (!matched && fallback)
        *flow = sek_ps_exec_all(run, fallback->kid, out);
    return true;
}

SekPsFlow sek_ps_switch(SekPsRun *run, const SekPsNode *node, SekPsOut *out) {
    SekPsText value, between = {(const uint16_t *)u" ", 1};
    SekPsValue v = sek_ps_eval(run, node->kid), under = run->dollar_under;
    SekPsFlow flow = FLOW_NEXT;
    bool simple = node->name.len == 0 && sek_pv_known(&v) && v.kind != PV_ARRAY &&
                  sek_pv_to_text(run->arena, &v, between, &value);
    if (simple && (!run->recording || run->strict)) {
        run->dollar_under = v;
        bool told = switch_one(run, node, value, out, &flow);
        run->dollar_under = under;
        if (!told)
            sek_ps_give_up(run);
        if (told)
            return flow == FLOW_BREAK || flow == FLOW_CONTINUE ? FLOW_NEXT : flow;
    } else if (run->strict) {
        run->gave_up = true;
        return FLOW_STOP;
    }
    run->dollar_under = sek_pv_unknown();
    for (const SekPsNode *label = node->kid->next; label; label = label->next->next) {
        uint32_t mark = sek_env_mark(run);
        (void)sek_ps_exec_all(run, label->next->kid, NULL);
        sek_env_back(run, mark, true);
    }
    run->dollar_under = under;
    if (out)
        out->unknown = true;
    return FLOW_NEXT;
}
