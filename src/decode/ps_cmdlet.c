/* SPDX-License-Identifier: Apache-2.0 */

/* Cmdlets by which disguises store, find and make things. What a cmdlet does to the script's variables is
 * followed or makes them unknown; cmdlets that only act on the machine are not here. */

#include "decode/ps_run.h"

static const SekPsText blank = {(const uint16_t *)u" ", 1};

static bool is(SekStr name, const char *what) {
    return sek_str_eq(name, sek_str(what));
}

static bool text_of(SekPsRun *run, const SekPsValue *v, SekPsText *out) {
    return v && sek_pv_known(v) && sek_pv_to_text(run->arena, v, blank, out);
}

static bool name_of(SekPsRun *run, const SekPsValue *v, SekStr *out) {
    SekPsText text;
    return text_of(run, v, &text) && sek_pt_to_utf8(run->arena, text, out);
}

/* variable:x, env:x, alias:x: the name under which the environment keeps it. */
static bool on_drive(SekStr path, SekStr *out) {
    static const char *const drives[] = {"variable:", "env:", "alias:", "function:"};
    for (size_t i = 0; i < sizeof drives / sizeof *drives; i++) {
        size_t n = strlen(drives[i]);
        if (path.len > n && sek_str_eq_nocase(sek_str_n(path.ptr, n), sek_str(drives[i]))) {
            size_t skip = path.ptr[n] == '\\' || path.ptr[n] == '/' ? n + 1 : n;
            *out = i == 0 ? sek_str_n(path.ptr + skip, path.len - skip) : path;
            return true;
        }
    }
    return false;
}

static bool has_wildcard(SekStr name) {
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] == '*' || name.ptr[i] == '?' || name.ptr[i] == '[')
            return true;
    return false;
}

static SekPsValue variable_object(SekPsRun *run, SekStr name) {
    if (has_wildcard(name)) {
        SekPsText pattern = sek_pt_from_utf8(run->arena, name);
        name = pattern.p ? sek_env_match(run, pattern) : sek_str_n("", 0);
        if (name.len == 0)
            return sek_pv_unknown();
    }
    SekPsObject *o = sek_ps_object(run, PS_OBJ_VARIABLE);
    if (o)
        o->text = sek_pt_from_utf8(run->arena, name);
    return o && o->text.p ? sek_pv_object(o) : sek_pv_unknown();
}

/* --- variables ---------------------------------------------------------------------------------------------
 */

static SekPsValue set_variable(SekPsRun *run, SekPsInvocation *in) {
    SekPsValue *name = sek_ps_arg(in, "name", false), *value = sek_ps_arg(in, "value", false);
    SekStr n;
    bool elsewhere = sek_ps_arg(in, "scope", false) != NULL;
    (void)sek_ps_arg(in, "option|description|visibility", false); /* takes a value that is not ours */
    if (!name)
        name = sek_ps_arg(in, "name", true);
    if (!value)
        value = sek_ps_arg(in, "value", true);
    if (!value && in->has_input)
        value = &in->input;
    if (elsewhere || !name_of(run, name, &n)) { /* a scope that is not this one: any variable */
        sek_env_forget_all(run);
        return sek_pv_null();
    }
    sek_env_set(run, n, value ? *value : sek_pv_null());
    sek_ps_did(run, "set-variable");
    return sek_pv_null();
}

static SekPsValue get_variable(SekPsRun *run, SekPsInvocation *in) {
    bool value_only = false;
    SekStr n;
    for (uint32_t i = 0; i < in->n; i++)
        if (in->args[i].param.len > 0 && in->args[i].param.ptr[0] == 'v') {
            value_only = true;
            in->args[i].taken = true;
        }
    (void)sek_ps_arg(in, "scope", false); /* told apart by function only */
    SekPsValue *name = sek_ps_arg(in, "name", true);
    if (!name_of(run, name, &n))
        return sek_pv_unknown();
    SekPsValue object = variable_object(run, n);
    if (!value_only || object.kind != PV_OBJECT)
        return object;
    sek_ps_did(run, "variable-indirection");
    return sek_pt_to_utf8(run->arena, object.object->text, &n) ? sek_env_get(run, n) : sek_pv_unknown();
}

static SekPsValue set_item(SekPsRun *run, SekPsInvocation *in) {
    SekPsValue *path = sek_ps_arg(in, "path|literalpath", true), *value = sek_ps_arg(in, "value", true);
    SekStr p, n;
    if (!name_of(run, path, &p)) {
        sek_env_forget_all(run);
        return sek_pv_null();
    }
    if (on_drive(p, &n))
        sek_env_set(run, n, value ? *value : in->has_input ? in->input : sek_pv_null());
    return sek_pv_null();
}

static SekPsValue get_item(SekPsRun *run, SekPsInvocation *in) {
    SekPsValue *path = sek_ps_arg(in, "path|literalpath", true);
    SekStr p, n;
    if (!name_of(run, path, &p) || !on_drive(p, &n)) {
        sek_ps_unknown_call(run);
        return sek_pv_unknown();
    }
    if (is(in->name, "get-content")) {
        sek_ps_did(run, "variable-indirection");
        SekPsValue object = has_wildcard(n) ? variable_object(run, n) : sek_pv_null();
        if (object.kind == PV_OBJECT && !sek_pt_to_utf8(run->arena, object.object->text, &n))
            return sek_pv_unknown();
        return object.kind == PV_UNKNOWN ? object : sek_env_get(run, n);
    }
    return variable_object(run, n);
}

static SekPsValue set_alias(SekPsRun *run, SekPsInvocation *in) {
    SekPsValue *name = sek_ps_arg(in, "name", true), *value = sek_ps_arg(in, "value", true);
    char key[96] = "alias:";
    SekStr n;
    if (!name_of(run, name, &n) || n.len + 7 > sizeof key) {
        sek_env_forget_all(run);
        return sek_pv_null();
    }
    memcpy(key + 6, n.ptr, n.len);
    sek_env_set(run, sek_str_n(key, n.len + 6), value ? *value : sek_pv_unknown());
    sek_ps_did(run, "alias");
    return sek_pv_null();
}

static SekPsValue get_command(SekPsRun *run, SekPsInvocation *in) {
    SekPsValue *name = sek_ps_arg(in, "name", true);
    SekPsText pattern;
    SekStr n;
    if (!text_of(run, name, &pattern) || !sek_pt_to_utf8(run->arena, pattern, &n))
        return sek_pv_unknown();
    SekStr found = has_wildcard(n) ? sek_ps_find_command(pattern) : n;
    SekPsObject *o = found.len ? sek_ps_object(run, PS_OBJ_COMMAND) : NULL;
    if (!o) {
        sek_ps_partial(run, "a command is looked up by a pattern that fits none or several");
        return sek_pv_unknown();
    }
    o->text = sek_pt_from_utf8(run->arena, found);
    sek_ps_unhid(run, "command-wildcard");
    return sek_pv_object(o);
}

/* --- making and running ------------------------------------------------------------------------------------
 */

static SekPsValue new_object(SekPsRun *run, SekPsInvocation *in) {
    SekPsValue *type = sek_ps_arg(in, "typename", false), *args = sek_ps_arg(in, "argumentlist|args", false);
    SekStr name;
    if (!type)
        type = sek_ps_arg(in, "typename", true);
    if (!args)
        args = sek_ps_arg(in, "argumentlist", true);
    if (!name_of(run, type, &name))
        return sek_pv_unknown();
    if (!args)
        return sek_ps_new_object(run, name, NULL, 0);
    const SekPsArray *list =
        args->kind == PV_ARRAY && args->array->elem == PS_ELEM_ANY && !args->array->tainted ? args->array
                                                                                            : NULL;
    SekPsValue made =
        list ? sek_ps_new_object(run, name, list->items, list->n) : sek_ps_new_object(run, name, args, 1);
    if (made.kind == PV_UNKNOWN)
        sek_ps_unknown_call(run);
    return made;
}

static SekPsValue invoke_expression(SekPsRun *run, SekPsInvocation *in) {
    SekPsValue *code = sek_ps_arg(in, "command", true), result = sek_pv_null();
    SekPsText text;
    if (!code && in->has_input && in->input.kind == PV_ARRAY && sek_pv_known(&in->input) &&
        in->input.array->n <= 64) {
        for (uint32_t i = 0; i < in->input.array->n;
             i++) { /* each object of the pipeline is code of its own */
            SekPsValue one = sek_pa_at(in->input.array, i);
            if (!text_of(run, &one, &text))
                break;
            result = sek_ps_invoke_text(run, text, in->node);
            if (i + 1 == in->input.array->n)
                return result;
        }
    }
    if (!code && in->has_input)
        code = &in->input;
    if (text_of(run, code, &text))
        return sek_ps_invoke_text(run, text, in->node);
    sek_ps_partial(run, "Invoke-Expression runs text that is not known");
    sek_ps_give_up(run);
    sek_ps_unknown_call(run);
    sek_env_forget_all(run);
    return sek_pv_unknown();
}

static SekPsValue invoke_command(SekPsRun *run, SekPsInvocation *in) {
    SekPsValue *block = sek_ps_arg(in, "scriptblock", false);
    for (uint32_t i = 0; !block && i < in->n; i++)
        if (in->args[i].value.kind == PV_BLOCK ||
            (in->args[i].value.kind == PV_OBJECT && in->args[i].value.object->kind == PS_OBJ_SCRIPT))
            block = &in->args[i].value;
    if (block && block->kind == PV_BLOCK)
        return sek_ps_invoke_block(run, block->block, NULL, true);
    if (block && block->kind == PV_OBJECT && !block->object->tainted && block->object->kind == PS_OBJ_SCRIPT)
        return sek_ps_invoke_text(run, block->object->text, in->node);
    for (uint32_t i = 0; i < in->n; i++)
        if (in->args[i].value.kind == PV_UNKNOWN && in->args[i].node && in->args[i].node->kind != PS_VAR)
            sek_ps_partial(run, "Invoke-Command runs a block that is not known");
    sek_ps_unknown_call(run);
    return sek_pv_unknown();
}

static SekPsValue to_secure_string(SekPsRun *run, SekPsInvocation *in) {
    SekPsValue *key = sek_ps_arg(in, "key", false), *given = sek_ps_arg(in, "string", false);
    bool plain = false;
    SekPsText text;
    for (uint32_t i = 0; i < in->n; i++)
        if (in->args[i].param.len > 0 &&
            (in->args[i].param.ptr[0] == 'a' || in->args[i].param.ptr[0] == 'f')) {
            plain = plain || in->args[i].param.ptr[0] == 'a';
            in->args[i].taken = true;
        }
    if (!given)
        given = sek_ps_arg(in, "string", true);
    if (!given && in->has_input)
        given = &in->input;
    SekPsObject *o = sek_ps_object(run, PS_OBJ_SECURE);
    if (!o || !text_of(run, given, &text))
        return sek_pv_unknown();
    o->text = text;
    if (plain)
        return sek_pv_object(o);
    SekPsArray *bytes = key ? sek_pv_as_bytes(run->arena, key) : NULL;
    SekPsValue hidden = sek_ps_secure_string(run, text, bytes);
    if (hidden.kind != PV_STRING) {
        sek_ps_partial(run, "a SecureString whose key is not in the script");
        return sek_pv_unknown();
    }
    o->text = hidden.text;
    return sek_pv_object(o);
}

static SekPsValue pass_on(SekPsRun *run, SekPsInvocation *in) {
    SekPsValue *v = sek_ps_arg(in, "inputobject", true);
    SekPsText text, lines = {(const uint16_t *)u"\r\n", 2};
    SekPsValue given = v ? *v : in->has_input ? in->input : sek_pv_null();
    if (!is(in->name, "out-string"))
        return given;
    if (!sek_pv_known(&given) || (given.kind != PV_STRING && given.kind != PV_ARRAY) ||
        !sek_pv_to_text(run->arena, &given, lines, &text))
        return sek_pv_some_string();
    SekPsText ended = sek_pt_join(run->arena, text, lines);
    return ended.p ? sek_pv_text(ended) : sek_pv_some_string();
}

static SekPsValue select_object(SekPsRun *run, SekPsInvocation *in) {
    SekPsValue *first = sek_ps_arg(in, "first", false), *last = sek_ps_arg(in, "last", false),
               *skip = sek_ps_arg(in, "skip", false);
    SekPsValue *expand = sek_ps_arg(in, "expandproperty", false);
    int64_t n = 0, from = 0;
    SekStr name;
    char buf[64];
    if (!sek_pv_known(&in->input))
        return sek_pv_unknown();
    const SekPsArray *list = sek_pv_list(run->arena, &in->input);
    if (expand && name_of(run, expand, &name) && name.len < sizeof buf) {
        for (size_t i = 0; i < name.len; i++)
            buf[i] = sek_ascii_lower(name.ptr[i]);
        return sek_ps_property(run, &in->input, sek_str_n(buf, name.len), false);
    }
    if (!list || list->tainted || (skip && !sek_pv_to_int(skip, &from)) || from < 0 ||
        (!first && !last && !skip))
        return sek_pv_unknown();
    n = list->n;
    if (first && !sek_pv_to_int(first, &n))
        return sek_pv_unknown();
    if (last) {
        if (!sek_pv_to_int(last, &n))
            return sek_pv_unknown();
        from = (int64_t)list->n - n;
    }
    SekPsArray *some = sek_pa_new(run->arena, list->n);
    for (int64_t i = from; some && i < from + n && i < (int64_t)list->n; i++)
        if (i >= 0)
            (void)sek_pa_push(run->arena, some, sek_pa_at(list, (uint32_t)i)); /* there is room */
    return sek_pv_array(some);
}

static SekPsValue join_path(SekPsRun *run, SekPsInvocation *in) {
    SekPsText a, b, slash = {(const uint16_t *)u"\\", 1};
    SekPsValue *path = sek_ps_arg(in, "path", true), *child = sek_ps_arg(in, "childpath", true);
    if (!text_of(run, path, &a) || !text_of(run, child, &b) || a.n == 0 || b.n == 0)
        return sek_pv_some_string();
    while (b.n > 0 && b.p[0] == '\\')
        b = sek_pt_cut(b, 1, b.n);
    while (a.n > 0 && a.p[a.n - 1] == '\\')
        a = sek_pt_cut(a, 0, a.n - 1);
    SekPsText sum = sek_pt_join(run->arena, sek_pt_join(run->arena, a, slash), b);
    return sum.p ? sek_pv_text(sum) : sek_pv_some_string();
}

static SekPsValue silent(SekPsRun *run, SekPsInvocation *in) {
    (void)run;
    (void)in;
    return sek_pv_null();
}

static SekPsValue start_process(SekPsRun *run, SekPsInvocation *in) {
    SekPsValue *file = sek_ps_arg(in, "filepath", true), *args = sek_ps_arg(in, "argumentlist|args", true);
    SekPsText name, more = {(const uint16_t *)u"", 0};
    SekStr line;
    sek_ps_unknown_call(run);
    if (!text_of(run, file, &name) || (args && !text_of(run, args, &more)))
        return sek_pv_unknown();
    SekPsText whole = sek_pt_join(run->arena, sek_pt_join(run->arena, name, blank), more);
    if (whole.p && sek_pt_to_utf8(run->arena, whole, &line) &&
        sek_decode_looks_encoded(SEK_SCRIPT_COMMAND, line))
        sek_ps_hand_on(run, line, SEK_SCRIPT_COMMAND, in->node, "start-process");
    return sek_pv_unknown();
}

/* --- table -------------------------------------------------------------------------------------------------
 */

typedef struct Cmdlet {
    SekStr name;
    SekPsValue (*call)(SekPsRun *run, SekPsInvocation *in);
} Cmdlet;

static const Cmdlet cmdlets[] = {
    {{"set-variable", 12}, set_variable},
    {{"new-variable", 12}, set_variable},
    {{"get-variable", 12}, get_variable},
    {{"set-item", 8}, set_item},
    {{"new-item", 8}, set_item},
    {{"get-item", 8}, get_item},
    {{"get-childitem", 13}, get_item},
    {{"get-content", 11}, get_item},
    {{"set-alias", 9}, set_alias},
    {{"new-alias", 9}, set_alias},
    {{"get-command", 11}, get_command},
    {{"get-alias", 9}, get_command},
    {{"new-object", 10}, new_object},
    {{"invoke-expression", 17}, invoke_expression},
    {{"invoke-command", 14}, invoke_command},
    {{"convertto-securestring", 22}, to_secure_string},
    {{"write-output", 12}, pass_on},
    {{"out-string", 10}, pass_on},
    {{"select-object", 13}, select_object},
    {{"join-path", 9}, join_path},
    {{"out-null", 8}, silent},
    {{"write-host", 10}, silent},
    {{"start-process", 13}, start_process},
    {{"start-sleep", 11}, silent},
    {{"add-type", 8}, silent},
    {{"set-strictmode", 14}, silent},
};

static const Cmdlet *find(SekStr name) {
    if (name.len == 0 || !strchr("sngicwoja", name.ptr[0])) /* what the names begin with */
        return NULL;
    for (size_t i = 0; i < sizeof cmdlets / sizeof *cmdlets; i++)
        if (name.len == cmdlets[i].name.len && memcmp(name.ptr, cmdlets[i].name.ptr, name.len) == 0)
            return &cmdlets[i];
    return NULL;
}

bool sek_ps_has_cmdlet(SekStr name) {
    return find(name) != NULL;
}

bool sek_ps_cmdlet(SekPsRun *run, SekPsInvocation *in, SekPsValue *out) {
    const Cmdlet *cmdlet = find(in->name);
    if (cmdlet)
        *out = cmdlet->call(run, in);
    return cmdlet != NULL;
}
