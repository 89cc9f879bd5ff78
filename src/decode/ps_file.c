/* SPDX-License-Identifier: Apache-2.0 */

/* Scripts that a script writes to a file, to be run by its name a moment later: the text is code of the language
 * that the file's name says, whoever runs it. A path of which only the end is known ("$env:TEMP\x.ps1") tells it,
 * too. A script that stands there in clear, and hides nothing itself, gives no layer. */

#include "decode/guess.h"
#include "decode/ps_run.h"

static bool is(SekStr name, const char *what) {
    return sek_str_eq(name, sek_str(what));
}

/* The language by the name of the file, as far as it is written. */
static SekScriptKind kind_of(SekPsRun *run, const SekPsNode *node, const SekPsValue *path) {
    SekPsText text, none = {(const uint16_t *)u"", 0};
    SekStr name;
    if (path && path->kind == PV_STRING && sek_pv_known(path) && sek_pv_to_text(run->arena, path, none, &text) &&
        sek_pt_to_utf8(run->arena, text, &name))
        return sek_script_kind_of_name(name);
    if (!node || node->end > run->unit->source.len)
        return SEK_SCRIPT_TEXT;
    name = sek_str_n(run->unit->source.ptr + node->start, node->end - node->start);
    while (name.len && strchr("\"') ", name.ptr[name.len - 1]))
        name.len--;
    return sek_script_kind_of_name(name);
}

void sek_ps_written(SekPsRun *run, const SekPsNode *target, const SekPsValue *path, const SekPsValue *value,
                    const SekPsNode *at) {
    static const SekPsText lines = {(const uint16_t *)u"\r\n", 2};
    SekPsText text;
    SekStr utf8;
    SekScriptKind kind = kind_of(run, target, path);
    if (kind == SEK_SCRIPT_TEXT || !value || !sek_pv_known(value) ||
        (value->kind != PV_STRING && value->kind != PV_ARRAY) || !sek_pv_to_text(run->arena, value, lines, &text) ||
        !sek_pt_to_utf8(run->arena, text, &utf8))
        return;
    sek_ps_hand_on(run, utf8, kind, at, NULL);
}

/* The place in the source of a value that sek_ps_arg gave. */
static const SekPsNode *node_of(const SekPsInvocation *in, const SekPsValue *value) {
    for (uint32_t i = 0; value && i < in->n; i++)
        if (&in->args[i].value == value)
            return in->args[i].node;
    return NULL;
}

bool sek_ps_is_writer(SekStr name) {
    return is(name, "set-content") || is(name, "add-content") || is(name, "out-file") || is(name, "tee-object");
}

void sek_ps_writes_file(SekPsRun *run, SekPsInvocation *in) {
    bool content = is(in->name, "set-content") || is(in->name, "add-content");
    if (!sek_ps_is_writer(in->name))
        return;
    (void)sek_ps_arg(in, "encoding", false); /* it takes a value that is not ours */
    const SekPsValue *path = sek_ps_arg(in, "path|literalpath|filepath", true);
    const SekPsValue *value = sek_ps_arg(in, content ? "value" : "inputobject", content);
    if (!value && in->has_input)
        value = &in->input;
    sek_ps_written(run, node_of(in, path), path, value, in->node);
}

void sek_ps_writes_all(SekPsRun *run, const SekPsCall *call, const SekPsNode *first) {
    if (call->self.kind != PV_TYPE || call->n < 2)
        return;
    char buf[64];
    SekStr type = sek_ps_type_name(call->self.type, buf, sizeof buf);
    if (is(type, "io.file") && (is(call->name, "writealltext") || is(call->name, "writealllines") ||
                                is(call->name, "appendalltext") || is(call->name, "appendalllines")))
        sek_ps_written(run, first, &call->args[0], &call->args[1], call->node);
}
