/* SPDX-License-Identifier: Apache-2.0 */

/* ForEach-Object and Where-Object. A block is run once per object for its values, and read once for its edits
 * with $_ unknown; with a single object both are one. */

#include "decode/ps_run.h"

static bool is(SekStr name, const char *what) {
    return sek_str_eq(name, sek_str(what));
}

/* The block's text, once, for edits; what it assigns is unknown at its start. */
static void read_block(SekPsRun *run, const SekPsNode *block, bool may_run) {
    SekPsValue under = run->dollar_under;
    uint32_t mark = sek_env_mark(run);
    sek_ps_blur_assigned(run, block);
    run->dollar_under = sek_pv_unknown();
    if (run->recording)
        (void)sek_ps_exec_all(run, block->kid, NULL);
    run->dollar_under = under;
    sek_env_back(run, mark, may_run);
}

static SekPsValue one_object(SekPsRun *run, const SekPsNode *block, SekPsValue item) {
    SekPsValue under = run->dollar_under;
    run->dollar_under = item;
    SekPsValue v = sek_ps_invoke_block(run, block, NULL, false);
    run->dollar_under = under;
    return v;
}

static bool collect(SekPsRun *run, SekPsArray *all, const SekPsValue *v) {
    if (!sek_pv_readable(v))
        return false;
    if (v->kind == PV_NULL)
        return true;
    const SekPsArray *list = sek_pv_list(run->arena, v);
    for (uint32_t i = 0; list && i < list->n; i++)
        if (!sek_pa_push(run->arena, all, sek_pa_at(list, i)))
            return false;
    return list != NULL;
}

/* All objects through a block; false when something of it is unknown. */
static bool run_block(SekPsRun *run, const SekPsNode *block, const SekPsArray *list, bool filter,
                      SekPsArray *all) {
    bool recording = run->recording, known = true;
    if (list->n != 1)
        run->recording = false;
    for (uint32_t i = 0; i < list->n; i++) {
        SekPsValue item = sek_pa_at(list, i), v = one_object(run, block, item);
        bool truth = true;
        if (filter && !sek_pv_to_bool(&v, &truth))
            known = false;
        if (run->gave_up || !sek_ps_pay(run, 1)) {
            known = false;
            break;
        }
        if (known)
            known = filter ? !truth || sek_pa_push(run->arena, all, item) : collect(run, all, &v);
    }
    run->recording = recording;
    return known;
}

/* % Length, % ToUpper: a member's name instead of a block. */
static SekPsValue members(SekPsRun *run, SekPsInvocation *in, SekPsText name, const SekPsArray *list) {
    char buf[64];
    SekStr n;
    SekPsArray *all = sek_pa_new(run->arena, list->n);
    if (!all || !sek_pt_ascii(name, buf, sizeof buf, &n))
        return sek_pv_unknown();
    for (size_t i = 0; i < n.len; i++)
        buf[i] = sek_ascii_lower(buf[i]);
    for (uint32_t i = 0; i < list->n; i++) {
        SekPsCall call = {.self = sek_pa_at(list, i), .name = n, .node = in->node};
        SekPsValue args[4];
        for (uint32_t k = 1; k < in->n && call.n < 4; k++)
            args[call.n++] = in->args[k].value;
        call.args = args;
        SekPsValue v = sek_ps_property(run, &call.self, n, false);
        if (v.kind == PV_UNKNOWN)
            v = sek_ps_method(run, &call);
        if (!collect(run, all, &v))
            return sek_pv_unknown();
    }
    return sek_pv_array(all);
}

bool sek_ps_each_object(SekPsRun *run, SekPsInvocation *in, SekPsValue *out) {
    bool filter = is(in->name, "where-object");
    if (!filter && !is(in->name, "foreach-object"))
        return false;
    const SekPsNode *blocks[3] = {NULL};
    SekPsText member;
    uint32_t n = 0;
    *out = sek_pv_unknown();
    for (uint32_t i = 0; i < in->n && n < 3; i++)
        if (in->args[i].value.kind == PV_BLOCK)
            blocks[n++] = in->args[i].value.block;
    bool given = in->has_input && sek_pv_known(&in->input);
    const SekPsArray *list = given ? sek_pv_list(run->arena, &in->input) : NULL;
    if (n == 0 && list && !filter && in->n > 0 && in->args[0].value.kind == PV_STRING) {
        member = in->args[0].value.text;
        *out = members(run, in, member, list);
        return true;
    }
    SekPsArray *all = sek_pa_new(run->arena, list ? list->n : 1);
    if (n != 1 || !list || list->tainted || !all) {
        for (uint32_t i = 0; i < n; i++)
            read_block(run, blocks[i], true);
        sek_ps_give_up(run);
        return true;
    }
    bool known = run_block(run, blocks[0], list, filter, all);
    if (list->n != 1)
        read_block(run, blocks[0], false);
    if (known) {
        sek_ps_did(run, filter ? "where-object" : "foreach-object");
        *out = all->n == 0 ? sek_pv_null() : all->n == 1 ? sek_pa_at(all, 0) : sek_pv_array(all);
    }
    return true;
}
