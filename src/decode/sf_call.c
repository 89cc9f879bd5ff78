/* SPDX-License-Identifier: Apache-2.0 */

/* Calls: of the script's own functions and methods, of the language's, of objects that the system gives.
 * What a call that is not followed may have changed is unknown behind it: VBScript's variables among its
 * arguments, arrays and tables, and what a function among them assigns. */
#include "decode/sf.h"

#define FEW_ARGS 8u /* calls with more take memory */

typedef struct Args {
    SekSfValue few[FEW_ARGS];
    SekSfValue *items;
    uint32_t n;
} Args;

static void eval_args(SekSfRun *run, SekSfNode *node, Args *out) {
    uint32_t n = node->n_kids - 1;
    out->n = 0;
    out->items = n <= FEW_ARGS ? out->few : sek_sf_alloc(run, n * sizeof *out->items);
    for (uint32_t i = 0; i < n && out->items; i++)
        out->items[out->n++] = sek_sf_eval(run, node->kids[i + 1]);
}

static bool is_function(SekSfValue value) {
    return value.type == SEK_SF_OBJECT && value.node && (value.node->kind == SEK_SF_LAMBDA || value.node->kind == SEK_SF_DEF);
}

/* What something unknown got may have been changed: VBScript hands variables over by reference. */
static void forget_arguments(SekSfRun *run, const SekSfNode *node, const Args *a) {
    for (uint32_t i = 0; i < a->n; i++) {
        const SekSfNode *kid = node->kids[i + 1];
        SekSfVar *var = run->language->nocase && kid->kind == SEK_SF_NAME ? sek_sf_find(run, kid->text) : NULL;
        if (var && !var->function)
            var->value = sek_sf_unknown();
        sek_sf_lose(a->items[i]);
        if (is_function(a->items[i]))
            sek_sf_forget_assigned(run, a->items[i].node);
    }
}

/* A function that is no method. */
static SekSfValue call_function(SekSfRun *run, SekSfNode *def, SekSfNode *call, const Args *a) {
    SekSfNode *self_class = run->self_class;
    run->self_class = NULL;
    SekSfValue value = sek_sf_call_function(run, def, call, a->items, a->n);
    run->self_class = self_class;
    return value;
}

/* --- methods --- */

static SekSfNode *method_of(const SekSfNode *class, SekStr name) {
    const SekSfNode *block = class->n_kids ? class->kids[0] : NULL;
    for (uint32_t i = 0; block && i < block->n_kids; i++)
        if (block->kids[i]->kind == SEK_SF_DEF && !block->kids[i]->op[0] && sek_str_eq_nocase(block->kids[i]->text, name))
            return block->kids[i];
    return NULL;
}

bool sek_sf_call_method(SekSfRun *run, SekSfValue self, SekStr name, SekSfNode *call, const SekSfValue *args, uint32_t n,
                        SekSfValue *out) {
    if (self.node && self.node->kind == SEK_SF_CLASS) {
        SekSfNode *def = method_of(self.node, name), *before = run->self_class;
        if (!def)
            return false;
        run->self_class = self.node;
        *out = sek_sf_call_function(run, def, call, args, n);
        run->self_class = before;
        return true;
    }
    if (run->language->nocase || !sek_sf_has_items(self))
        return false;
    SekSfValue item = sek_sf_item(run, self, sek_sf_view(name));
    if (!is_function(item))
        return false;
    *out = sek_sf_call_function(run, item.node, call, args, n);
    return true;
}

/* --- by name --- */

/* Objects that are made by name: CreateObject, GetObject. */
static bool makes_object(SekSfRun *run, SekStr name, const Args *a, SekSfValue *out) {
    if (!sek_str_eq_nocase(name, SEK_STR("createobject")) && !sek_str_eq_nocase(name, SEK_STR("getobject")) &&
        !sek_str_eq_nocase(name, SEK_STR("activexobject")))
        return false;
    SekStr text = SEK_STR("");
    if (a->n > 0 && a->items[0].type == SEK_SF_STRING && !a->items[0].regex)
        text = a->items[0].text;
    *out = sek_sf_object(run, text, sek_str_eq_nocase(text, SEK_STR("scripting.dictionary")));
    return true;
}

static SekSfValue call_name(SekSfRun *run, SekSfNode *node, SekStr name) {
    Args a;
    SekSfValue value;
    eval_args(run, node, &a);
    SekSfVar *var = sek_sf_find(run, name);
    if (var && var->function)
        return call_function(run, var->function, node, &a);
    if (var && !run->language->nocase && is_function(var->value))
        return call_function(run, var->value.node, node, &a);
    bool indexed = var && run->language->nocase && a.n == 1 && (var->value.type == SEK_SF_ARRAY || sek_sf_has_items(var->value));
    if (indexed)
        return sek_sf_item(run, var->value, a.items[0]);
    if (var && !(run->language->nocase && node->n_kids == 1)) {
        forget_arguments(run, node, &a);
        return sek_sf_unknown();
    }
    if (run->self_class && sek_sf_call_method(run, (SekSfValue){.type = SEK_SF_OBJECT, .node = run->self_class}, name, node,
                                              a.items, a.n, &value))
        return value;
    if (makes_object(run, name, &a, &value))
        return value;
    bool used = run->unused != node;
    if (sek_sf_hand_on(run, name, NULL, a.items, a.n, &value)) {
        if (used && value.type == SEK_SF_STRING && value.made)
            sek_sf_step(run, "execute"); /* the value of Eval, eval stands for the call */
        return value;
    }
    value = run->language->call(run, name, NULL, a.items, a.n);
    if (value.type == SEK_SF_UNKNOWN && !run->language->knows(name))
        forget_arguments(run, node, &a);
    return value;
}

/* --- by member --- */

/* "object.name" of something that is no variable: String.fromCharCode, Math.floor. */
static SekSfValue call_static(SekSfRun *run, SekStr object, SekStr name, const Args *a) {
    SekBuf full;
    sek_buf_init(&full, 128);
    sek_buf_add_str(&full, object);
    sek_buf_addc(&full, '.');
    sek_buf_add_str(&full, name);
    SekSfValue value = full.failed ? sek_sf_unknown() : run->language->call(run, sek_buf_str(&full), NULL, a->items, a->n);
    sek_buf_deinit(&full);
    return value;
}

static bool is_one_of(SekStr name, const char *const *names, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (sek_str_eq_nocase(name, sek_str(names[i])))
            return true;
    return false;
}

static bool changes_array(SekStr name) {
    static const char *const names[] = {"push", "pop", "shift", "unshift", "reverse", "sort", "splice"};
    return is_one_of(name, names, sizeof names / sizeof *names);
}

/* Members of the system's objects that leave their arguments as they are. */
static bool only_reads(SekStr name) {
    static const char *const names[] = {
        "open", "send", "setrequestheader", "write", "writeline", "writetext", "savetofile", "loadfromfile", "echo", "quit", "sleep",
        "createtextfile", "opentextfile", "fileexists", "folderexists", "deletefile", "deletefolder", "copyfile", "movefile",
        "createfolder", "getfile", "getfolder", "getspecialfolder", "buildpath", "expandenvironmentstrings", "regread", "regwrite",
        "regdelete", "createshortcut", "specialfolders", "environment", "popup", "add", "item", "exists", "namespace", "copyhere",
        "get", "execquery", "connectserver", "createelement", "test", "popUp", "sendkeys", "log",
    };
    return is_one_of(name, names, sizeof names / sizeof *names);
}

/* A member of an array, a string, a number. */
static SekSfValue call_value(SekSfRun *run, SekSfNode *node, SekSfValue self, SekStr name, const Args *a) {
    SekSfValue value = run->language->call(run, name, &self, a->items, a->n);
    if (self.type == SEK_SF_ARRAY && changes_array(name) && (run->unsure || value.type == SEK_SF_UNKNOWN))
        self.array->lost = true;
    if (value.type == SEK_SF_UNKNOWN)
        forget_arguments(run, node, a);
    return value;
}

static SekSfValue call_member(SekSfRun *run, SekSfNode *node, SekSfNode *object, SekStr name) {
    SekSfValue self = sek_sf_eval(run, object), value;
    Args a;
    eval_args(run, node, &a);
    if (self.type == SEK_SF_OBJECT) {
        if (sek_sf_call_method(run, self, name, node, a.items, a.n, &value))
            return value;
        if (self.array && run->language->nocase)
            return sek_sf_dictionary(run, self, name, a.items, a.n);
        sek_sf_lose(self);
    } else if (self.type != SEK_SF_UNKNOWN && !(self.type == SEK_SF_ARRAY && self.array->lost)) {
        return call_value(run, node, self, name, &a);
    }
    if (makes_object(run, name, &a, &value) || sek_sf_hand_on(run, name, &self, a.items, a.n, &value))
        return value;
    if (object->kind == SEK_SF_NAME && !sek_sf_find(run, object->text))
        value = call_static(run, object->text, name, &a);
    if (value.type == SEK_SF_UNKNOWN && !only_reads(name))
        forget_arguments(run, node, &a);
    return value;
}

SekSfValue sek_sf_eval_call(SekSfRun *run, SekSfNode *node) {
    SekSfNode *callee = node->kids[0];
    if (callee->kind == SEK_SF_NAME)
        return call_name(run, node, callee->text);
    if (callee->kind == SEK_SF_MEMBER)
        return call_member(run, node, callee->kids[0], callee->text);
    if (callee->kind == SEK_SF_INDEX) {
        SekSfValue key = sek_sf_eval(run, callee->kids[1]);
        if (key.type == SEK_SF_STRING && !key.regex)
            return call_member(run, node, callee->kids[0], key.text);
    }
    Args a;
    SekSfValue called = sek_sf_eval(run, callee);
    eval_args(run, node, &a);
    if (is_function(called))
        return sek_sf_call_function(run, called.node, node, a.items, a.n);
    if (run->language->nocase && a.n == 1 && (called.type == SEK_SF_ARRAY || sek_sf_has_items(called)))
        return sek_sf_item(run, called, a.items[0]); /* Split(...)(1) */
    forget_arguments(run, node, &a);
    return sek_sf_unknown();
}

SekSfValue sek_sf_eval_new(SekSfRun *run, SekSfNode *node) {
    Args a;
    SekSfValue value;
    eval_args(run, node, &a);
    SekStr name = node->kids[0]->kind == SEK_SF_NAME ? node->kids[0]->text : SEK_STR("");
    if (makes_object(run, name, &a, &value) || sek_sf_hand_on(run, name, NULL, a.items, a.n, &value))
        return value;
    SekSfVar *var = sek_sf_find(run, name);
    SekSfNode *constructor = !var || run->language->nocase ? NULL : var->function ? var->function : is_function(var->value) ? var->value.node : NULL;
    if (constructor) { /* what it makes is not followed, what it does is */
        (void)call_function(run, constructor, node, &a);
        return sek_sf_object(run, SEK_STR(""), false);
    }
    if (var && run->language->nocase && var->value.type == SEK_SF_OBJECT && var->value.node) {
        SekSfValue made = {.type = SEK_SF_OBJECT, .text = name, .node = var->value.node};
        (void)sek_sf_call_method(run, made, SEK_STR("Class_Initialize"), node, NULL, 0, &value);
        return made;
    }
    if (sek_str_eq(name, SEK_STR("Array")) && a.n != 1)
        return sek_sf_array(run, a.items, a.n);
    if (sek_str_eq(name, SEK_STR("String")) && a.n == 1)
        return a.items[0];
    if (sek_str_eq(name, SEK_STR("Object")) && a.n == 0 && !run->language->nocase)
        return sek_sf_object(run, name, true);
    if (sek_str_eq_nocase(name, SEK_STR("RegExp")))
        return sek_sf_object(run, name, false);
    forget_arguments(run, node, &a);
    return sek_sf_unknown();
}
