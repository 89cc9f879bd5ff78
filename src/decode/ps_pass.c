/* SPDX-License-Identifier: Apache-2.0 */

/* What a quiet statement does (ps_quiet.h), done without evaluating it. */

#include "decode/ps_quiet.h"

/* Whether nothing that the statement names is known, and it may be passed. A run for values stops where something is not
 * known, so it evaluates everything. */
static bool may_pass(SekPsRun *run, const SekPsNode *node) {
    SekPsNeed known = sek_env_known(run);
    if (run->dollar_under.kind != PV_UNKNOWN || run->dollar_under.typed)
        known.reads |= sek_ps_bit(SEK_STR("_"));
    bool blocks = node->quiet & SEK_PS_QUIET_BLOCKS;
    return !run->strict && !(node->need.reads & known.reads) && !(node->need.calls & known.calls) &&
           !(blocks && (!run->recording || run->calls + SEK_PS_QUIET_DEEP > SEK_PS_MAX_CALLS)) && sek_ps_pay(run, 1);
}

/* What was counted and called. */
static void count(SekPsRun *run, const SekPsNode *node) {
    if (node->concats)
        sek_tally_add(&run->unit->tally, "concat", node->concats);
    if (node->quiet & SEK_PS_QUIET_CALLS_OUT)
        sek_ps_unknown_call(run);
}

static void lose_each(SekPsRun *run, const SekPsNode *loop) {
    for (const SekPsNode *kid = loop->kid; kid; kid = kid->next)
        sek_ps_blur_assigned(run, kid);
    sek_env_set(run, loop->kid->name, sek_pv_unknown());
}

/* Everything that the statement and those in it assign is unknown. */
static void lose_assigned(SekPsRun *run, const SekPsNode *node) {
    switch (node->kind) {
    case PS_ASSIGN:
        if (node->kid->kind == PS_VAR)
            sek_env_set(run, node->kid->name, sek_pv_unknown());
        break;
    case PS_FOREACH:
        lose_each(run, node);
        break;
    case PS_IF:
    case PS_TRY:
    case PS_BLOCK:
        for (const SekPsNode *kid = node->kid; kid; kid = kid->next)
            lose_assigned(run, kid);
        break;
    default:
        break;
    }
}

bool sek_ps_pass(SekPsRun *run, const SekPsNode *node, SekPsOut *out) {
    if (!may_pass(run, node))
        return false;
    count(run, node);
    if (node->kind == PS_ASSIGN && node->kid->kind == PS_VAR)
        sek_env_set(run, node->kid->name, node->quiet & SEK_PS_QUIET_TEXT ? sek_pv_some_string() : sek_pv_unknown());
    else if (node->quiet & SEK_PS_QUIET_SETS)
        lose_assigned(run, node);
    if (out && !(node->quiet & SEK_PS_QUIET_NOTHING))
        out->unknown = true;
    return true;
}

bool sek_ps_pass_block(SekPsRun *run, const SekPsNode *block) {
    if (!may_pass(run, block))
        return false;
    count(run, block);
    return true;
}
