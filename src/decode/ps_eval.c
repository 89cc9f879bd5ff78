/* SPDX-License-Identifier: Apache-2.0 */

/* Values of expressions, and assignments. Whatever comes to a constant is recorded as an edit of the source,
 * the outer expression replacing the inner ones. */

#include "base/buf.h"
#include "decode/ps_quiet.h"

static SekPsValue out_value(SekPsRun *run, const SekPsOut *out, bool always_array) {
    (void)run;
    if (out->unknown || !out->items)
        return sek_pv_unknown();
    if (always_array || out->items->n > 1)
        return sek_pv_array(out->items);
    return out->items->n == 1 ? sek_pa_at(out->items, 0) : sek_pv_null();
}

static SekPsValue statements_value(SekPsRun *run, const SekPsNode *first, bool always_array) {
    SekPsOut out = {.items = sek_pa_new(run->arena, 2)};
    (void)sek_ps_exec_all(run, first, &out);
    return out_value(run, &out, always_array);
}

/* What one statement gives, whatever stands behind it: a condition's body, a table's next key. */
static SekPsValue output_of(SekPsRun *run, const SekPsNode *node) {
    SekPsOut out = {.items = sek_pa_new(run->arena, 2)};
    if (run->depth >= SEK_PS_MAX_EVAL_DEPTH || run->decoder->steps_left == 0) { /* nothing more is followed */
        sek_ps_give_up(run);
        sek_env_forget_all(run);
        return sek_pv_unknown();
    }
    run->depth++;
    (void)sek_ps_exec(run, node, &out);
    run->depth--;
    return out_value(run, &out, false);
}

/* A statement where a value is wanted: an expression keeps its shape, anything else gives its output. */
static SekPsValue statement_value(SekPsRun *run, const SekPsNode *node) {
    return node->kind < PS_PIPELINE ? sek_ps_eval(run, node) : output_of(run, node);
}

/* --- texts -------------------------------------------------------------------------------------------------
 */

static bool piece_text(SekPsRun *run, const SekPsNode *kid, SekPsText *out) {
    SekPsValue empty = sek_pv_text((SekPsText){(const uint16_t *)u"", 0});
    SekPsValue v = kid->kind == PS_STRING ? sek_pv_text(kid->text)
                   : kid->kind == PS_SUB  ? statements_value(run, kid->kid, false) /* its braces must stay */
                                          : sek_ps_eval(run, kid);
    if (kid->kind == PS_VAR && sek_str_eq(kid->name, SEK_STR("?")) && v.kind == PV_UNKNOWN)
        v = sek_pv_bool(true); /* letters are picked out of "$?"; see `soft` there */
    if (v.kind == PV_HASH)
        v = sek_pv_text((SekPsText){(const uint16_t *)u"System.Collections.Hashtable", 28});
    if (!sek_pv_known(&v))
        return false;
    SekPsValue text = sek_ps_binary_op(run, PS_OP_ADD, false, &empty, &v);
    *out = text.text;
    return text.kind == PV_STRING;
}

static SekPsValue expand(SekPsRun *run, const SekPsNode *node) {
    if (node->kid->kind == PS_VAR && !node->kid->next) { /* "$PSHOME": as soft as the variable */
        SekPsValue only = sek_ps_eval(run, node->kid);
        if (only.kind == PV_STRING && only.soft)
            return only;
    }
    SekPsText all = {(const uint16_t *)u"", 0}, piece;
    bool known = true;
    for (const SekPsNode *kid = node->kid; kid; kid = kid->next) {
        if (!piece_text(run, kid, &piece))
            known = false;
        else if (known) {
            sek_ps_joined(run, all, piece, false);
            all = sek_pt_join(run->arena, all, piece);
        }
        if (known && !all.p)
            known = false;
    }
    if (!known)
        return sek_pv_some_string();
    sek_ps_did(run, "expand");
    SekPsValue v = sek_pv_text(all);
    v.soft = node->kid->kind == PS_VAR && sek_str_eq(node->kid->name, SEK_STR("?")); /* not sure to be True */
    return v;
}

/* --- operators ---------------------------------------------------------------------------------------------
 */

/* A run of constants behind something that is a string but not known: 'a' + 'b' in $x + 'a' + 'b'. */
typedef struct Tail {
    const SekPsNode *first, *last;
    SekPsValue text;
} Tail;

static void end_tail(SekPsRun *run, Tail *tail) {
    if (tail->first && tail->first != tail->last)
        sek_ps_record_value(run, tail->first->start, tail->last->end, &tail->text);
    *tail = (Tail){0};
}

static void add_to_tail(SekPsRun *run, Tail *tail, const SekPsNode *kid, const SekPsValue *v) {
    SekPsValue empty = sek_pv_text((SekPsText){(const uint16_t *)u"", 0});
    if (kid->lead != PS_OP_ADD || !sek_pv_known(v)) {
        end_tail(run, tail);
        return;
    }
    SekPsValue before = tail->first ? tail->text : empty,
               after = sek_ps_binary_op(run, PS_OP_ADD, false, &before, v);
    if (after.kind != PV_STRING) {
        end_tail(run, tail);
        return;
    }
    tail->text = after;
    tail->first = tail->first ? tail->first : kid;
    tail->last = kid;
}

/* A text as it stands in the script, with brackets around it, or a sum of some. */
static bool is_written(const SekPsNode *node) {
    while (node->kind == PS_PAREN && node->kid && !node->kid->next)
        node = node->kid;
    return node->kind == PS_STRING || node->kind == PS_BINARY;
}

/* 'New-' + 'Object' */
static void look_at_seam(SekPsRun *run, const SekPsNode *before, const SekPsValue *a, const SekPsNode *kid, const SekPsValue *b) {
    if (kid->lead == PS_OP_ADD && a->kind == PV_STRING && b->kind == PV_STRING && is_written(before) && is_written(kid))
        sek_ps_joined(run, a->text, b->text, true);
}

static SekPsValue binary(SekPsRun *run, const SekPsNode *node) {
    const SekPsNode *kid = node->kid, *prefix = NULL, *before = kid;
    SekPsValue value = sek_ps_eval(run, kid), prefix_value = value, last = value;
    Tail tail = {0};
    for (kid = kid->next; kid; before = kid, kid = kid->next) {
        bool string = value.kind == PV_UNKNOWN && value.typed == PV_STRING;
        SekPsValue right = sek_ps_eval(run, kid);
        bool known = sek_pv_known(&value);
        look_at_seam(run, before, &last, kid, &right);
        last = right;
        value = sek_ps_binary_op(run, kid->lead, (kid->flags & PS_CASE) != 0, &value, &right);
        if (sek_pv_known(&value) && (known || !prefix)) {
            prefix = kid;
            prefix_value = value;
        }
        if (string)
            add_to_tail(run, &tail, kid, &right);
    }
    end_tail(run, &tail);
    if (!sek_pv_known(&value) && prefix && prefix->next)
        sek_ps_record_value(run, node->start, prefix->end, &prefix_value);
    return value;
}

static void assign(SekPsRun *run, const SekPsNode *target, SekPsValue value);

static SekPsValue increment(SekPsRun *run, const SekPsNode *node, bool give_old) {
    SekPsValue old = sek_ps_eval(run, node->kid), one = sek_pv_int(1);
    bool number = old.kind == PV_INT || old.kind == PV_DOUBLE || old.kind == PV_NULL;
    if (sek_pv_readable(&old) && !number) /* an error: ++ works on numbers only */
        sek_ps_partial(run, "a statement that fails");
    SekPsValue changed =
        number
            ? sek_ps_binary_op(run, node->op == PS_OP_INC ? PS_OP_ADD : PS_OP_SUB, false, &old, &one)
            : sek_pv_unknown();
    assign(run, node->kid, changed);
    return give_old ? old : changed;
}

static SekPsValue unary(SekPsRun *run, const SekPsNode *node) {
    if (node->op == PS_OP_INC || node->op == PS_OP_DEC)
        return increment(run, node, false);
    SekPsValue v = sek_ps_eval(run, node->kid);
    return sek_ps_unary_op(run, node->op, (node->flags & PS_CASE) != 0, &v);
}

/* --- collections -------------------------------------------------------------------------------------------
 */

static SekPsValue list(SekPsRun *run, const SekPsNode *node) {
    uint32_t n = 0;
    for (const SekPsNode *kid = node->kid; kid; kid = kid->next)
        n++;
    SekPsArray *items = sek_pa_new(run->arena, n);
    for (const SekPsNode *kid = node->kid; kid; kid = kid->next) {
        SekPsValue v = sek_ps_eval(run, kid);
        if (items)
            (void)sek_pa_push(run->arena, items, v); /* there is room */
    }
    return sek_pv_array(items);
}

static SekPsValue hash(SekPsRun *run, const SekPsNode *node) {
    SekPsArray *pairs = sek_pa_new(run->arena, 8);
    for (const SekPsNode *key = node->kid; key && key->next; key = key->next->next) {
        SekPsValue k = sek_ps_eval(run, key), v = statement_value(run, key->next);
        if (pairs && (!sek_pa_push(run->arena, pairs, k) || !sek_pa_push(run->arena, pairs, v)))
            pairs = NULL;
        if (pairs && !sek_pv_known(&k))
            pairs->tainted = true;
    }
    return pairs ? (SekPsValue){.kind = PV_HASH, .array = pairs} : sek_pv_unknown();
}

/* A block that may run some time, somewhere: read for its edits with nothing known of what is outside. */
static void read_block(SekPsRun *run, const SekPsNode *block) {
    bool blind = run->blind;
    if (!run->recording || run->calls >= SEK_PS_MAX_CALLS || (block->quiet && sek_ps_pass_block(run, block)))
        return;
    SekPsValue under = run->dollar_under;
    uint32_t mark = sek_env_mark(run);
    run->calls++;
    sek_env_enter(run);
    run->blind = true;
    run->dollar_under = sek_pv_unknown();
    (void)sek_ps_exec_all(run, block->kid, NULL);
    run->blind = blind;
    run->dollar_under = under;
    sek_env_leave(run);
    run->calls--;
    sek_env_back(run, mark, true);
}

/* --- assignment --------------------------------------------------------------------------------------------
 */

static void assign_list(SekPsRun *run, const SekPsNode *target, const SekPsValue *value) {
    bool known = value->kind == PV_ARRAY && !value->array->tainted;
    uint32_t i = 0, n = known ? value->array->n : 0;
    for (const SekPsNode *kid = target->kid; kid; kid = kid->next, i++) {
        SekPsValue one = known && i < n ? sek_pa_at(value->array, i)
                         : known        ? sek_pv_null()
                                        : sek_pv_unknown();
        if (!kid->next && i + 1 < n)
            one = sek_pv_unknown(); /* the last takes the rest */
        assign(run, kid, one);
    }
}

static void taint(SekPsRun *run, SekPsValue *v) {
    if (v->kind == PV_ARRAY || v->kind == PV_HASH)
        v->array->tainted = true;
    else if (v->kind == PV_OBJECT)
        v->object->tainted = true;
    (void)run;
}

static bool set_item(SekPsRun *run, SekPsArray *array, int64_t i, const SekPsValue *value) {
    int64_t byte;
    if (i < 0)
        i += array->n;
    if (i < 0 || i >= (int64_t)array->n)
        return false;
    sek_env_changed(run, &array->tainted);
    if (!sek_pa_own(run->arena, array))
        return false;
    if (array->elem != PS_ELEM_BYTE) {
        array->items[i] = *value;
        return true;
    }
    if (!sek_pv_known(value) || !sek_pv_to_int(value, &byte) || byte < 0 || byte > 255)
        return false;
    array->bytes[i] = (uint8_t)byte;
    return true;
}

static bool set_key(SekPsRun *run, SekPsArray *pairs, const SekPsValue *key, const SekPsValue *value) {
    SekPsText k, other, between = {(const uint16_t *)u" ", 1};
    if (!sek_pv_known(key) || !sek_pv_to_text(run->arena, key, between, &k))
        return false;
    sek_env_changed(run, &pairs->tainted);
    for (uint32_t i = 0; i + 1 < pairs->n; i += 2)
        if (sek_pv_to_text(run->arena, &pairs->items[i], between, &other) && sek_pt_eq(k, other, true)) {
            pairs->items[i + 1] = *value;
            return pairs->items[i].kind == key->kind; /* 1 and '1' are two keys */
        }
    return sek_pa_push(run->arena, pairs, *key) && sek_pa_push(run->arena, pairs, *value);
}

static bool set_property(SekPsRun *run, SekPsObject *o, const SekPsValue *name, const SekPsValue *value) {
    char buf[64];
    SekStr n;
    if (name->kind != PV_STRING || !sek_pt_ascii(name->text, buf, sizeof buf, &n))
        return false;
    sek_env_changed(run, &o->tainted);
    if (o->kind == PS_OBJ_VARIABLE && sek_str_eq_nocase(n, SEK_STR("value"))) {
        SekStr variable;
        if (!sek_pt_to_utf8(run->arena, o->text, &variable))
            return false;
        sek_env_set(run, variable, *value);
        return true;
    }
    if (o->kind != PS_OBJ_CIPHER)
        return o->kind == PS_OBJ_OPAQUE;
    SekPsText t;
    if (sek_str_eq_nocase(n, SEK_STR("key")))
        return (o->key = sek_pv_as_bytes(run->arena, value)) != NULL;
    if (sek_str_eq_nocase(n, SEK_STR("iv")))
        return (o->iv = sek_pv_as_bytes(run->arena, value)) != NULL;
    bool mode = sek_str_eq_nocase(n, SEK_STR("mode"));
    if (!mode && !sek_str_eq_nocase(n, SEK_STR("padding")))
        return true; /* KeySize and BlockSize follow from the key and from AES */
    static const char *const modes[] = {"cbc", "ecb"}, *const paddings[] = {"none", "pkcs7", "zeros",
                                                                            "ansix923", "iso10126"};
    int64_t number = 0;
    SekStr word;
    if (value->kind == PV_STRING) {
        t = value->text;
        if (!sek_pt_ascii(t, buf, sizeof buf, &word))
            return false;
        for (size_t i = 0; i < (mode ? 2u : 5u); i++)
            if (sek_str_eq_nocase(word, sek_str(mode ? modes[i] : paddings[i])))
                number = (int64_t)i + 1;
    } else if (!sek_pv_known(value) || !sek_pv_to_int(value, &number)) {
        return false;
    }
    o->number = mode ? (o->number & ~(int64_t)0xFF) | number : (o->number & 0xFF) | number << 8;
    return number > 0;
}

static void assign_member(SekPsRun *run, const SekPsNode *target, const SekPsValue *value) {
    const SekPsNode *last = target->kid;
    while (last->next)
        last = last->next;
    SekPsNode base = *target; /* the chain without its last link */
    SekPsNode kids[2] = {0};
    SekPsValue owner;
    if (target->kid->next == last) {
        owner = sek_ps_eval(run, target->kid);
    } else {
        uint32_t n = 0;
        for (const SekPsNode *kid = target->kid; kid != last; kid = kid->next)
            n++;
        SekPsNode *copy = SEK_ARENA_ARRAY(run->arena, SekPsNode, n);
        if (!copy)
            return;
        uint32_t i = 0;
        for (const SekPsNode *kid = target->kid; kid != last; kid = kid->next, i++) {
            copy[i] = *kid;
            copy[i].next = i + 1 < n ? &copy[i + 1] : NULL;
        }
        base.kid = copy;
        base.end = copy[n - 1].end;
        owner = sek_ps_chain(run, &base);
    }
    (void)kids;
    SekPsValue name =
        last->kid->kind == PS_STRING ? sek_pv_text(last->kid->text) : sek_ps_eval(run, last->kid);
    bool disguised = last->kid->kind == PS_STRING ? (last->kid->flags & PS_QUOTED) != 0 : !sek_ps_is_plain(last->kid);
    if (last->kind == PS_MEMBER && disguised && sek_pv_known(&name) && name.kind == PV_STRING)
        sek_ps_record_member(run, last->kid, name.text, PS_NAMES_PROPERTY);
    int64_t i;
    bool done = false;
    if (owner.kind == PV_ARRAY && last->kind == PS_INDEX && sek_pv_known(&name) && sek_pv_to_int(&name, &i))
        done = set_item(run, owner.array, i, value);
    else if (owner.kind == PV_HASH)
        done = set_key(run, owner.array, &name, value);
    else if (owner.kind == PV_OBJECT && last->kind == PS_MEMBER)
        done = set_property(run, owner.object, &name, value);
    if (!done)
        taint(run, &owner);
}

static void assign(SekPsRun *run, const SekPsNode *target, SekPsValue value) {
    switch (target->kind) {
    case PS_VAR:
        sek_env_set(run, target->name, value);
        break;
    case PS_CAST:
        value = sek_ps_cast(run, target->name, &value);
        assign(run, target->kid, value);
        if (target->kid->kind == PS_VAR)
            sek_env_type(run, target->kid->name, target->name);
        break;
    case PS_LIST:
        assign_list(run, target, &value);
        break;
    case PS_PAREN:
        if (target->kid && !target->kid->next && target->kid->kind < PS_PIPELINE &&
            target->kid->kind != PS_ASSIGN) {
            assign(run, target->kid, value);
            break;
        }
        sek_env_forget_all(run);
        break;
    case PS_CHAIN:
        assign_member(run, target, &value);
        break;
    default:
        sek_env_forget_all(run);
    }
}

static SekPsValue assignment(SekPsRun *run, const SekPsNode *node) {
    const SekPsNode *target = node->kid;
    SekPsValue value = statement_value(run, target->next);
    if (node->op != PS_OP_ASSIGN) {
        bool recording = run->recording;
        run->recording = false; /* the target is not a place for an edit */
        SekPsValue old = sek_ps_eval(run, target);
        run->recording = recording;
        if (node->op == PS_OP_ADD && target->kind == PS_VAR && old.kind == PV_UNKNOWN &&
            !sek_env_has(run, target->name) && !run->blind &&
            !memchr(target->name.ptr, ':', target->name.len))
            old = sek_pv_null(); /* never assigned: sums are begun like this */
        value = sek_ps_binary_op(run, node->op, false, &old, &value);
    }
    assign(run, target, value);
    return value;
}

/* --- all ---------------------------------------------------------------------------------------------------
 */

static SekPsValue evaluate(SekPsRun *run, const SekPsNode *node) {
    SekPsValue v;
    switch (node->kind) {
    case PS_STRING:
        return sek_pv_text(node->text);
    case PS_EXPAND:
        return expand(run, node);
    case PS_NUMBER:
        if (node->flags & PS_ODD) { /* 1.10d keeps its digits, which no double does */
            sek_ps_partial(run, "decimal numbers");
            return sek_pv_unknown();
        }
        return node->flags & PS_REAL ? sek_pv_double(node->real) : sek_pv_int(node->number);
    case PS_VAR:
        return node->flags & PS_SPLAT ? sek_pv_unknown() : sek_env_get(run, node->name);
    case PS_TYPE:
        return (SekPsValue){.kind = PV_TYPE, .type = node->name};
    case PS_UNARY:
        return unary(run, node);
    case PS_POSTFIX:
        return increment(run, node, true);
    case PS_BINARY:
        return binary(run, node);
    case PS_CAST:
        if (sek_ps_is_reference(node->name)) {
            if (node->kid->kind == PS_VAR) /* it may be written to whenever the reference is */
                sek_env_poison(run, node->kid->name);
            return sek_pv_unknown();
        }
        v = sek_ps_eval(run, node->kid);
        return sek_ps_cast(run, node->name, &v);
    case PS_CHAIN:
        return sek_ps_chain(run, node);
    case PS_PAREN:
        if (node->kid && !node->kid->next)
            return statement_value(run, node->kid);
        return statements_value(run, node->kid, false);
    case PS_SUB:
        return statements_value(run, node->kid, false);
    case PS_ARRAY: {
        v = statements_value(run, node->kid, true);
        return v;
    }
    case PS_HASH:
        return hash(run, node);
    case PS_BLOCK:
        read_block(run, node);
        return (SekPsValue){.kind = PV_BLOCK, .block = node};
    case PS_LIST:
        return list(run, node);
    case PS_ASSIGN:
        return assignment(run, node);
    case PS_NONE:
        return sek_pv_null();
    default:
        return output_of(run, node);
    }
}

SekPsValue sek_ps_eval(SekPsRun *run, const SekPsNode *node) {
    if (run->gave_up)
        return sek_pv_unknown();
    if (run->depth >= SEK_PS_MAX_EVAL_DEPTH || !sek_ps_pay(run, 1)) {
        sek_ps_give_up(run);
        sek_env_forget_all(run);
        return sek_pv_unknown();
    }
    run->depth++;
    SekPsValue v = evaluate(run, node);
    run->depth--;
    if (node->kind > PS_VAR && node->kind < PS_ASSIGN && node->kind != PS_BLOCK && node->kind != PS_TYPE &&
        node->kind != PS_POSTFIX)
        sek_ps_record(run, node, &v);
    else if ((node->kind == PS_STRING && (node->flags & PS_ODD)) || node->kind == PS_EXPAND)
        sek_ps_record(run, node, &v);
    return v;
}
