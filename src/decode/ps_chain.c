/* SPDX-License-Identifier: Apache-2.0 */

/* Members, calls and indexes: one link after the other on the value so far. What is known of the front of a
 * chain is recorded even when its end is not; names of members that are put together are recorded as names.
 */

#include "decode/ps_run.h"

static bool is(SekStr name, const char *what) {
    return sek_str_eq(name, sek_str(what));
}

/* --- indexes -----------------------------------------------------------------------------------------------
 */

static SekPsValue one_of(const SekPsValue *target, int64_t i) {
    int64_t n = target->kind == PV_STRING ? target->text.n : target->array->n;
    if (i < 0)
        i += n;
    if (i < 0 || i >= n)
        return sek_pv_null();
    return target->kind == PV_STRING ? sek_pv_char(target->text.p[i]) : sek_pa_at(target->array, (uint32_t)i);
}

typedef enum Search { KEY_FOUND, KEY_MISSING, KEY_UNSURE } Search;

/* 1 and '1' are two keys: which of them is meant is told by nobody here. */
static Search hash_find(SekPsRun *run, const SekPsArray *pairs, const SekPsValue *key, SekPsValue *out) {
    SekPsText k, other, between = {(const uint16_t *)u" ", 1};
    if (!sek_pv_to_text(run->arena, key, between, &k) || !sek_ps_pay(run, pairs->n / 8))
        return KEY_UNSURE;
    for (uint32_t i = 0; i + 1 < pairs->n; i += 2)
        if (sek_pv_to_text(run->arena, &pairs->items[i], between, &other) && sek_pt_eq(k, other, true)) {
            *out = pairs->items[i + 1];
            return pairs->items[i].kind == key->kind ? KEY_FOUND : KEY_UNSURE;
        }
    return KEY_MISSING;
}

static SekPsValue hash_item(SekPsRun *run, const SekPsArray *pairs, const SekPsValue *key) {
    SekPsValue v;
    Search found = hash_find(run, pairs, key, &v);
    return found == KEY_FOUND ? v : found == KEY_MISSING ? sek_pv_null() : sek_pv_unknown();
}

/* Keys or values. In which order .NET gives them depends on hashes that differ from one version to the next: only
 * what has one entry at most is known. */
static SekPsValue hash_side(SekPsRun *run, const SekPsArray *pairs, bool values) {
    SekPsArray *side = sek_pa_new(run->arena, 1);
    if (!side || pairs->n > 2) {
        sek_ps_partial(run, "the order of a hash table's entries");
        return sek_pv_unknown();
    }
    if (pairs->n == 2)
        (void)sek_pa_push(run->arena, side, pairs->items[values]); /* there is room */
    return sek_pv_array(side);
}

/* A key goes before the member of its name. */
static SekPsValue hash_property(SekPsRun *run, const SekPsArray *pairs, SekStr name) {
    SekPsText text = sek_pt_from_utf8(run->arena, name);
    SekPsValue key = sek_pv_text(text), v;
    Search found = text.p ? hash_find(run, pairs, &key, &v) : KEY_UNSURE;
    if (found != KEY_MISSING)
        return found == KEY_FOUND ? v : sek_pv_unknown();
    if (is(name, "count"))
        return sek_pv_int(pairs->n / 2);
    if (is(name, "keys") || is(name, "values"))
        return hash_side(run, pairs, is(name, "values"));
    bool member = is(name, "length") || is(name, "syncroot") || sek_str_starts(name, SEK_STR("is")) ||
                  sek_str_starts(name, SEK_STR("ps"));
    return member ? sek_pv_unknown() : sek_pv_null();
}

SekPsValue sek_ps_index(SekPsRun *run, const SekPsValue *target, const SekPsValue *index) {
    int64_t i;
    SekPsValue list = *target;
    if (!sek_pv_readable(target) || !sek_pv_known(index))
        return sek_pv_unknown();
    if (target->kind == PV_HASH && index->kind != PV_ARRAY)
        return hash_item(run, target->array, index);
    if (target->kind == PV_OBJECT && target->object->kind == PS_OBJ_LIST)
        list = sek_pv_array(target->object->array);
    if (list.kind != PV_STRING && list.kind != PV_ARRAY)
        return sek_pv_unknown();
    if (target->soft)
        sek_ps_unhid(run, "environment-index");
    if (index->kind == PV_NULL) /* an error, which ends the statement */
        return sek_pv_unknown();
    if (index->kind != PV_ARRAY)
        return sek_pv_to_int(index, &i) ? one_of(&list, i) : sek_pv_unknown();
    if (index->array->tainted || !sek_ps_pay(run, index->array->n / 8 + 1))
        return sek_pv_unknown();
    SekPsArray *picked = sek_pa_new(run->arena, index->array->n + 1);
    for (uint32_t k = 0; picked && k < index->array->n; k++) {
        SekPsValue at = sek_pa_at(index->array, k), one;
        if (!sek_pv_known(&at) || !sek_pv_to_int(&at, &i))
            return sek_pv_unknown();
        one = one_of(&list, i);
        if (one.kind != PV_NULL)
            (void)sek_pa_push(run->arena, picked, one); /* there is room */
    }
    sek_ps_unhid(run, "index");
    return sek_pv_array(picked);
}

/* --- properties --------------------------------------------------------------------------------------------
 */

/* What ''.Chars is as text: letters are picked out of it. */
static SekPsValue member_text(SekPsRun *run, const char *text) {
    SekPsText t = sek_pt_from_utf8(run->arena, sek_str(text));
    SekPsValue v = sek_pv_text(t);
    v.soft = true;
    return t.p ? v : sek_pv_unknown();
}

static SekPsValue object_property(SekPsRun *run, const SekPsObject *o, SekStr name) {
    SekStr variable;
    switch (o->kind) {
    case PS_OBJ_VARIABLE:
        if (!sek_pt_to_utf8(run->arena, o->text, &variable))
            return sek_pv_unknown();
        if (is(name, "value")) {
            sek_ps_did(run, "variable-indirection");
            return sek_env_get(run, variable);
        }
        return is(name, "name") ? sek_pv_text(o->text) : sek_pv_unknown();
    case PS_OBJ_COMMAND:
        return is(name, "name") || is(name, "definition") ? sek_pv_text(o->text) : sek_pv_unknown();
    case PS_OBJ_CONTEXT:
        return is(name, "invokecommand") ? sek_pv_object(sek_ps_object(run, PS_OBJ_INVOKE))
                                         : sek_pv_unknown();
    case PS_OBJ_MATCH:
        return is(name, "value") ? sek_pv_text(o->text) : sek_pv_unknown();
    case PS_OBJ_CREDENTIAL:
        return is(name, "password") ? o->value : sek_pv_unknown();
    case PS_OBJ_CIPHER:
        if (is(name, "key") && o->key)
            return sek_pv_array(o->key);
        return is(name, "iv") && o->iv ? sek_pv_array(o->iv) : sek_pv_unknown();
    case PS_OBJ_LIST:
        return is(name, "count") ? sek_pv_int(o->array->n) : sek_pv_unknown();
    case PS_OBJ_BUILDER:
        return is(name, "length") ? sek_pv_int(o->text.n) : sek_pv_unknown();
    default:
        return sek_pv_unknown();
    }
}

static SekPsValue encoding(SekPsRun *run, SekStr name) {
    static const struct {
        const char *name;
        SekPsEncoding encoding;
    } names[] = {
        {"ascii", PS_ENC_ASCII},    {"utf8", PS_ENC_UTF8},
        {"unicode", PS_ENC_UTF16},  {"bigendianunicode", PS_ENC_UTF16BE},
        {"default", PS_ENC_ANSI}, {"utf32", PS_ENC_UTF32},
        {"utf7", PS_ENC_OTHER},      {"latin1", PS_ENC_LATIN1},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is(name, names[i].name)) {
            SekPsObject *o = sek_ps_object(run, PS_OBJ_ENCODING);
            if (o)
                o->number = names[i].encoding;
            return sek_pv_object(o);
        }
    return sek_pv_unknown();
}

static SekPsValue static_property(SekPsRun *run, SekStr type, SekStr name) {
    char buf[128];
    SekStr t = sek_ps_type_name(type, buf, sizeof buf);
    if (is(t, "text.encoding"))
        return encoding(run, name);
    if (is(t, "string") && is(name, "empty"))
        return sek_pv_text((SekPsText){(const uint16_t *)u"", 0});
    if (is(t, "environment") && is(name, "newline"))
        return sek_pv_text((SekPsText){(const uint16_t *)u"\r\n", 2});
    if (is(t, "int") || is(t, "int32"))
        return is(name, "maxvalue")   ? sek_pv_int(INT32_MAX)
               : is(name, "minvalue") ? sek_pv_int(INT32_MIN)
                                      : sek_pv_unknown();
    if (is(t, "byte") && is(name, "maxvalue"))
        return sek_pv_int(255);
    if (sek_str_ends(t, SEK_STR("mode")) ||
        sek_str_ends(t, SEK_STR("options"))) { /* an enumeration's member */
        SekPsText text = sek_pt_from_utf8(run->arena, name);
        SekPsValue v = sek_pv_text(text);
        v.soft = true;
        return text.p ? v : sek_pv_unknown();
    }
    return sek_pv_unknown();
}

SekPsValue sek_ps_property(SekPsRun *run, const SekPsValue *self, SekStr name, bool is_static) {
    if (self->kind == PV_TYPE)
        return is_static ? static_property(run, self->type, name) : sek_pv_unknown();
    if (is_static || !sek_pv_readable(self))
        return sek_pv_unknown();
    if (self->kind == PV_OBJECT)
        return object_property(run, self->object, name);
    if (self->kind == PV_HASH)
        return hash_property(run, self->array, name);
    if (is(name, "length") || is(name, "count")) {
        if (self->kind == PV_ARRAY)
            return sek_pv_int(self->array->n);
        return self->kind == PV_STRING && is(name, "length") && !self->soft ? sek_pv_int(self->text.n)
                                                                            : sek_pv_unknown();
    }
    if (self->kind == PV_STRING && is(name, "chars"))
        return member_text(run, "char Chars(int index) {get;}");
    if (self->kind == PV_STRING && is(name, "insert"))
        return member_text(run, "string Insert(int startIndex, string value)");
    if (self->kind == PV_ARRAY && self->array->n > 0) { /* the property of each element */
        SekPsArray *all = sek_pa_new(run->arena, self->array->n);
        for (uint32_t i = 0; all && i < self->array->n; i++) {
            SekPsValue item = sek_pa_at(self->array, i);
            SekPsValue v = item.kind == PV_OBJECT || item.kind == PV_HASH
                               ? sek_ps_property(run, &item, name, false)
                               : sek_pv_unknown();
            if (!sek_pv_known(&v))
                return sek_pv_unknown();
            (void)sek_pa_push(run->arena, all, v); /* there is room */
        }
        return sek_pv_array(all);
    }
    return sek_pv_unknown();
}

/* --- links -------------------------------------------------------------------------------------------------
 */

/* The name of a member in lower case, in the arena; empty when it is not known. A name in quotes or put
 * together is recorded bare. */
static SekStr link_name(SekPsRun *run, const SekPsNode *link) {
    const SekPsNode *node = link->kid;
    char buf[128];
    SekStr name, lower;
    SekPsValue v = node->kind == PS_STRING ? sek_pv_text(node->text) : sek_ps_eval(run, node);
    if (v.kind != PV_STRING || !sek_pv_known(&v) || !sek_pt_ascii(v.text, buf, sizeof buf, &name)) {
        if (node->kind != PS_STRING)
            sek_ps_partial(run, "a member's name is not known");
        return sek_str_n("", 0);
    }
    if (node->kind != PS_STRING || (node->flags & PS_QUOTED) || (node->flags & PS_ODD))
        sek_ps_record_member(run, node, v.text, link->kind == PS_CALL ? PS_NAMES_METHOD : PS_NAMES_PROPERTY);
    for (size_t i = 0; i < name.len; i++)
        buf[i] = sek_ascii_lower(buf[i]);
    lower = sek_arena_dup(run->arena, name);
    return lower.ptr ? lower : sek_str_n("", 0);
}

/* Arrays and objects given to something unknown may be changed by it. */
static void taint_arguments(const SekPsCall *call) {
    for (uint32_t i = 0; i < call->n; i++) {
        if (call->args[i].kind == PV_ARRAY || call->args[i].kind == PV_HASH)
            call->args[i].array->tainted = true;
        else if (call->args[i].kind == PV_OBJECT)
            call->args[i].object->tainted = true;
    }
    if (call->self.kind == PV_ARRAY || call->self.kind == PV_HASH)
        call->self.array->tainted = true;
    else if (call->self.kind == PV_OBJECT)
        call->self.object->tainted = true;
}

/* $ExecutionContext.SessionState.PSVariable.Set('x', ...), whatever stands before Set. */
static void forget_named(SekPsRun *run, const SekPsCall *call) {
    SekStr name;
    if (call->n == 0 || (!sek_str_eq(call->name, SEK_STR("set")) && !sek_str_eq(call->name, SEK_STR("remove"))))
        return;
    if (call->args[0].kind == PV_STRING && sek_pv_known(&call->args[0]) &&
        sek_pt_to_utf8(run->arena, call->args[0].text, &name) && sek_env_has(run, name))
        sek_env_lose(run, name);
}

/* TryParse('5', [ref]$x) sets $x while it runs. */
static bool lose_reference(SekPsRun *run, const SekPsNode *arg) {
    if (arg->kind != PS_CAST || !sek_ps_is_reference(arg->name) || arg->kid->kind != PS_VAR)
        return false;
    sek_env_lose(run, arg->kid->name);
    return true;
}

static SekPsValue call_link(SekPsRun *run, const SekPsNode *link, SekStr name, const SekPsNode *first,
                            const SekPsValue *self) {
    uint32_t n = 0;
    for (const SekPsNode *arg = first; arg; arg = arg->next)
        n++;
    SekPsCall call = {.self = *self,
                      .name = name,
                      .is_static = (link->flags & PS_STATIC) != 0,
                      .node = link,
                      .n = n,
                      .args = SEK_ARENA_ARRAY(run->arena, SekPsValue, n ? n : 1)};
    if (!call.args)
        return sek_pv_unknown();
    n = 0;
    for (const SekPsNode *arg = first; arg; arg = arg->next)
        call.args[n++] = lose_reference(run, arg) ? sek_pv_unknown() : sek_ps_eval(run, arg);
    SekPsValue v = name.len ? sek_ps_method(run, &call) : sek_pv_unknown();
    if (v.kind == PV_UNKNOWN) {
        sek_ps_unknown_call(run);
        taint_arguments(&call);
        forget_named(run, &call);
        sek_ps_writes_all(run, &call, first);
    }
    return v;
}

/* The type in front of :: when it is not written as one: [system.io.directory]. */
static void record_type(SekPsRun *run, const SekPsNode *chain, const SekPsNode *end, const SekPsValue *v) {
    char buf[200];
    if (end->kind == PS_TYPE || v->type.len > 190 || !run->recording)
        return;
    buf[0] = '[';
    memcpy(buf + 1, v->type.ptr, v->type.len);
    buf[v->type.len + 1] = ']';
    for (size_t i = 0; i < v->type.len; i++)
        if ((unsigned char)v->type.ptr[i] <= ' ')
            return;
    SekStr text = sek_arena_dup(run->arena, sek_str_n(buf, v->type.len + 2));
    if (text.ptr)
        sek_ps_record_span(run, chain->start, end->end, text);
}

/* x.Method.Invoke(args) is x.Method(args). */
static bool is_invoke_of(const SekPsNode *member, SekPsRun *run) {
    const SekPsNode *call = member->next;
    char buf[8];
    SekStr name;
    if (member->kind != PS_MEMBER || !call || call->kind != PS_CALL || (call->flags & PS_STATIC) ||
        call->kid->kind != PS_STRING || !sek_pt_ascii(call->kid->text, buf, sizeof buf, &name) ||
        !sek_str_eq_nocase(name, SEK_STR("invoke")))
        return false;
    (void)run;
    return true;
}

SekPsValue sek_ps_chain(SekPsRun *run, const SekPsNode *node) {
    const SekPsNode *last = node->kid, *known_to = NULL;
    SekPsValue v = sek_ps_eval(run, last), known_value = sek_pv_unknown();
    for (const SekPsNode *link = last->next; link; link = link->next) {
        bool is_static = (link->flags & PS_STATIC) != 0;
        if (is_static && v.kind == PV_TYPE)
            record_type(run, node, last, &v);
        if (link->kind == PS_INDEX) {
            SekPsValue index = sek_ps_eval(run, link->kid);
            v = sek_ps_index(run, &v, &index);
        } else {
            SekStr name = link_name(run, link);
            if (is_invoke_of(link, run) && v.kind != PV_BLOCK && name.len > 0) {
                const SekPsNode *call = link->next;
                SekPsNode both = *call;
                both.flags = link->flags;
                sek_ps_record_span(run, link->end, call->kid->end, SEK_STR(""));
                run->unit->hidden = true;
                v = call_link(run, &both, name, call->kid->next, &v);
                link = call;
            } else if (link->kind == PS_CALL) {
                v = call_link(run, link, name, link->kid->next, &v);
            } else {
                v = name.len ? sek_ps_property(run, &v, name, is_static) : sek_pv_unknown();
            }
        }
        last = link;
        if (sek_pv_known(&v)) {
            known_to = link;
            known_value = v;
        }
    }
    if (known_to && known_to->next)
        sek_ps_record_value(run, node->start, known_to->end, &known_value);
    return v;
}
