/* SPDX-License-Identifier: Apache-2.0 */

/* The PowerShell folder: reads a layer, evaluates it, and emits the folded text and what it invokes. Also the
 * cheap test: a script in which none of its signs stands gives no layer. */

#include "decode/ps_line.h"
#include "decode/languages.h"
#include "decode/ps_lex.h"
#include "decode/ps_quiet.h"

#define MAX_UNITS 48 /* texts invoked in one layer, evaluated or handed on */

bool sek_ps_pay(SekPsRun *run, uint64_t n) {
    if (sek_decoder_pay(run->decoder, n))
        return true;
    sek_ps_give_up(run);
    if (run->unit && !run->unit->partial)
        run->unit->partial = "the step budget is used up";
    return false;
}

void sek_ps_partial(SekPsRun *run, const char *why) {
    if (run->recording && !run->strict && !run->dead && !run->unit->partial)
        run->unit->partial = why;
}

/* --- units -------------------------------------------------------------------------------------------------
 */

static SekPsUnit *new_unit(SekPsRun *run, SekStr source, SekScriptKind kind) {
    SekPsUnit *unit = SEK_ARENA_NEW(run->arena, SekPsUnit);
    if (!unit) {
        run->out_of_memory = true;
        return NULL;
    }
    unit->source = source;
    unit->kind = kind;
    unit->kids_tail = &unit->kids;
    unit->source_off = SEK_OFF_NONE;
    run->n_units++;
    return unit;
}

static bool already_has(const SekPsUnit *parent, SekStr text, SekScriptKind kind) {
    for (const SekPsUnit *kid = parent->kids; kid; kid = kid->next)
        if (kid->kind == kind && sek_str_eq(kid->source, text))
            return true;
    return sek_str_eq(parent->source, text) && parent->kind == kind;
}

static void add_kid(SekPsUnit *parent, SekPsUnit *kid, const SekPsNode *node) {
    *parent->kids_tail = kid;
    parent->kids_tail = &kid->next;
    kid->source_off = node->start;
    kid->source_len = node->end - node->start;
}

void sek_ps_hand_on(SekPsRun *run, SekStr text, SekScriptKind kind, const SekPsNode *node, const char *step) {
    if (text.len == 0 || run->dead || already_has(run->unit, text, kind))
        return;
    if (run->n_units >= MAX_UNITS) {
        sek_ps_partial(run, "too many texts are invoked");
        return;
    }
    SekPsUnit *kid = new_unit(run, text, kind);
    if (!kid)
        return;
    kid->unread = true;
    kid->clear = step == NULL;
    sek_tally_add(&kid->came_by, step ? step : "argument", 1);
    add_kid(run->unit, kid, node);
}

static SekPsValue evaluate(SekPsRun *run, SekPsUnit *unit) {
    SekPsUnit *outer = run->unit;
    bool recording = run->recording;
    if (sek_ps_parse(run->arena, unit->source, &unit->tree) != SEK_OK) {
        unit->partial = "too large to be parsed";
        unit->unread = true;
        sek_env_forget_all(run);
        return sek_pv_unknown();
    }
    if (unit->tree.too_deep)
        unit->partial = "brackets nested too deep";
    sek_ps_find_quiet(&unit->tree);
    run->unit = unit;
    run->recording = true;
    SekPsOut out = {.items = sek_pa_new(run->arena, 2)};
    SekPsFlow flow = sek_ps_exec_all(run, unit->tree.root->kid, &out);
    run->unit = outer;
    run->recording = recording;
    if (outer != unit && sek_ps_left(run, flow)) /* iex 'exit' */
        return sek_pv_unknown();
    if (out.unknown || !out.items)
        return sek_pv_unknown();
    return out.items->n == 1   ? sek_pa_at(out.items, 0)
           : out.items->n == 0 ? sek_pv_null()
                               : sek_pv_array(out.items);
}

/* Text that is one word is a command's name or a value: a layer would say nothing. */
static bool says_something(SekStr text) {
    for (size_t i = 0; i < text.len; i++)
        if (!sek_ps_is_word((unsigned char)text.ptr[i]))
            return true;
    return false;
}

SekPsValue sek_ps_invoke_text(SekPsRun *run, SekPsText text, const SekPsNode *node) {
    SekStr utf8;
    if (text.n == 0)
        return sek_pv_null();
    if (run->dead)
        return sek_pv_unknown();
    if (!sek_pt_to_utf8(run->arena, text, &utf8) || run->calls >= SEK_PS_MAX_CALLS ||
        run->n_units >= MAX_UNITS || !sek_ps_pay(run, utf8.len / 16 + 1)) {
        sek_ps_partial(run, "text that is invoked cannot be followed");
        sek_ps_give_up(run);
        sek_env_forget_all(run);
        return sek_pv_unknown();
    }
    if (already_has(run->unit, utf8, SEK_SCRIPT_POWERSHELL)) { /* a loop's next round, or itself */
        sek_env_forget_all(run);
        return sek_pv_unknown();
    }
    SekPsUnit *kid = new_unit(run, utf8, SEK_SCRIPT_POWERSHELL);
    if (!kid)
        return sek_pv_unknown();
    sek_tally_add(&kid->came_by, "invoke", 1);
    if (says_something(utf8))
        add_kid(run->unit, kid, node);
    run->calls++;
    SekPsValue v = evaluate(run, kid);
    run->calls--;
    return v;
}

/* Programs whose arguments hold code, or other programs with code in theirs. */
bool sek_ps_runs_code(SekStr stem) {
    static const char *const stems[] = {"cmd",      "mshta",   "rundll32", "wmic",       "schtasks",
                                        "forfiles", "conhost", "sc",       "powershell", "pwsh"};
    for (size_t i = 0; i < sizeof stems / sizeof *stems; i++)
        if (sek_str_eq(stem, sek_str(stems[i])))
            return true;
    return false;
}

bool sek_ps_may_be_program(SekStr name) {
    bool dash = false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (sek_ps_classes[(unsigned char)c] & SEK_PS_NAME)
            continue;
        if (c == '\\' || c == '/' || c == '.')
            return true;
        dash = dash || c == '-';
    }
    return !dash;
}

bool sek_ps_program(SekPsRun *run, SekPsInvocation *in) {
    if (!sek_ps_may_be_program(in->name))
        return false;
    SekStr args[SEK_PS_MAX_ARGS + 1], line = {NULL, 0};
    char stem[64];
    SekStr name = sek_program_stem(in->name, stem, sizeof stem);
    uint32_t n = 0;
    SekHandedOn code;
    if (!sek_str_eq(name, SEK_STR("powershell")) && !sek_str_eq(name, SEK_STR("pwsh"))) {
        line = sek_str_n(run->unit->source.ptr + in->node->start, in->node->end - in->node->start);
        if (!sek_ps_runs_code(name) || in->node->op != PS_OP_NONE ||
            !sek_decode_looks_encoded(SEK_SCRIPT_COMMAND, line))
            return false;
        sek_ps_hand_on(run, line, SEK_SCRIPT_COMMAND, in->node, NULL);
        return true;
    }
    for (uint32_t i = 0; i < in->n; i++) {
        SekPsText text, blank = {(const uint16_t *)u" ", 1};
        const SekPsArg *arg = &in->args[i];
        if (arg->param.len > 0) {
            char *with = sek_arena_alloc(run->arena, arg->param.len + 2);
            if (!with)
                return false;
            with[0] = '-';
            memcpy(with + 1, arg->param.ptr, arg->param.len);
            args[n++] = sek_str_n(with, arg->param.len + 1);
            if (!arg->node)
                continue;
        }
        if (arg->value.kind == PV_BLOCK) {
            const SekPsNode *b = arg->value.block;
            args[n] = sek_str_n(run->unit->source.ptr + b->start + 1, b->end - b->start - 2);
        } else if (!sek_pv_known(&arg->value) || !sek_pv_to_text(run->arena, &arg->value, blank, &text) ||
                   !sek_pt_to_utf8(run->arena, text, &args[n])) {
            return false;
        }
        if (++n >= SEK_PS_MAX_ARGS)
            break;
    }
    if (!sek_ps_host_code(run->arena, args, n, &code))
        return false;
    sek_ps_hand_on(run, code.text, code.kind, in->node, code.step);
    return true;
}

/* --- layers ------------------------------------------------------------------------------------------------
 */

static SekStatus emit_unit(SekPsRun *run, SekPsUnit *unit, uint32_t parent);

/* The folded text below `layer` when folding changed something; `*layer` is then it. */
static SekStatus emit_folded(SekPsRun *run, SekPsUnit *unit, uint32_t *layer) {
    if (unit->partial)
        sek_decoder_partial(run->decoder, *layer, unit->partial);
    if (unit->n_edits == 0 || !unit->hidden)
        return SEK_OK;
    SekStr text = sek_ps_apply(run->arena, unit);
    if (!text.ptr)
        return sek_arena_why(run->arena);
    SekLayerDraft draft = {.text = text,
                           .kind = SEK_SCRIPT_POWERSHELL,
                           .parent = *layer,
                           .source_off = 0,
                           .source_len = unit->source.len,
                           .tally = &unit->tally,
                           .partial = unit->partial,
                           .folded = true,
                           .settled = true};
    uint32_t index;
    SekStatus status = sek_decoder_emit(run->decoder, &draft, &index);
    if (status == SEK_OK)
        *layer = index;
    return status == SEK_END ? SEK_OK : status;
}

static SekStatus emit_kids(SekPsRun *run, SekPsUnit *unit, uint32_t layer) {
    for (SekPsUnit *kid = unit->kids; kid; kid = kid->next) {
        SekStatus status = emit_unit(run, kid, layer);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

static SekStatus emit_unit(SekPsRun *run, SekPsUnit *unit, uint32_t parent) {
    bool moved = run->decoder->layers[parent].folded; /* offsets are those of the text before folding */
    SekLayerDraft draft = {.text = unit->source,
                           .kind = unit->kind,
                           .parent = parent,
                           .tally = &unit->came_by,
                           .source_off = moved ? SEK_OFF_NONE : unit->source_off,
                           .source_len = moved ? 0 : unit->source_len,
                           .partial = unit->unread ? unit->partial : NULL,
                           .settled = !unit->unread,
                           .clear = unit->clear};
    uint32_t layer;
    SekStatus status = sek_decoder_emit(run->decoder, &draft, &layer);
    if (status != SEK_OK)
        return status == SEK_END ? SEK_OK : status;
    if (unit->unread)
        return SEK_OK;
    status = emit_folded(run, unit, &layer);
    return status == SEK_OK ? emit_kids(run, unit, layer) : status;
}

/* Reads one piece of source in a scope of its own. NULL when there is no memory for it. */
static SekPsUnit *read_source(SekPsRun *run, SekStr source) {
    run->dollar_under = run->pipe_input = sek_pv_unknown();
    run->recording = true;
    run->functions = NULL;
    run->n_units = 0;
    run->env = sek_env_new(run);
    SekPsUnit *unit = run->env ? new_unit(run, source, SEK_SCRIPT_POWERSHELL) : NULL;
    if (unit) {
        run->unit = unit;
        (void)evaluate(run, unit); /* what the script gives is nobody's */
        if (run->out_of_memory && !unit->partial)
            unit->partial = "too large to be followed";
    }
    sek_env_free(run->env);
    run->env = NULL;
    return unit;
}

/* Puts what was found in `piece` to the whole, whose source it stands in from `base` on. */
static bool add_piece(SekPsRun *run, SekPsUnit *whole, SekPsUnit *piece, uint32_t base) {
    uint32_t n = whole->n_edits + piece->n_edits;
    if (n > whole->cap_edits) {
        uint32_t cap = n < 2 * whole->cap_edits ? 2 * whole->cap_edits : n;
        SekPsEdit *edits = SEK_ARENA_ARRAY(run->arena, SekPsEdit, cap);
        if (!edits)
            return false;
        if (whole->n_edits)
            memcpy(edits, whole->edits, whole->n_edits * sizeof *edits);
        whole->edits = edits;
        whole->cap_edits = cap;
    }
    for (uint32_t i = 0; i < piece->n_edits; i++) {
        SekPsEdit edit = piece->edits[i];
        whole->edits[whole->n_edits++] = (SekPsEdit){edit.start + base, edit.end + base, edit.text};
    }
    for (uint32_t i = 0; i < piece->tally.n; i++)
        sek_tally_add(&whole->tally, piece->tally.steps[i].name, piece->tally.steps[i].count);
    whole->hidden = whole->hidden || piece->hidden;
    for (SekPsUnit *kid = piece->kids, *next; kid; kid = next) {
        next = kid->next;
        kid->next = NULL;
        kid->source_off += kid->source_off == SEK_OFF_NONE ? 0 : base;
        kid->partial = kid->partial ? kid->partial : SEK_DECODE_GAP;
        *whole->kids_tail = kid;
        whole->kids_tail = &kid->next;
    }
    return true;
}

/* A script of which parts are missing: each piece by itself, since nothing is known of what was set between. */
static SekPsUnit *read_pieces(SekPsRun *run, SekStr source) {
    const SekDecoder *decoder = run->decoder;
    SekPsUnit *whole = new_unit(run, source, SEK_SCRIPT_POWERSHELL);
    size_t at = 0;
    for (uint32_t i = 0; whole && i <= decoder->n_gaps; i++) {
        size_t end = i < decoder->n_gaps && decoder->gaps[i] < source.len ? decoder->gaps[i] : source.len;
        if (end <= at)
            continue;
        if (!sek_decoder_pay(run->decoder, 64)) /* for the scope */
            break;
        SekPsUnit *piece = read_source(run, sek_str_n(source.ptr + at, end - at));
        if (!piece || !add_piece(run, whole, piece, (uint32_t)at))
            return NULL;
        at = end;
    }
    if (whole)
        whole->partial = SEK_DECODE_GAP;
    return whole;
}

SekStatus sek_fold_powershell(SekDecoder *decoder, uint32_t index) {
    SekPsRun run = {.decoder = decoder, .arena = &decoder->scratch};
    SekStr source = decoder->layers[index].text;
    SekPsUnit *unit = index == 0 && decoder->n_gaps ? read_pieces(&run, source) : read_source(&run, source);
    SekStatus status = SEK_OK;
    if (unit) {
        status = emit_folded(&run, unit, &index);
        if (status == SEK_OK)
            status = emit_kids(&run, unit, index);
    } else {
        sek_decoder_partial(decoder, index, "too large to be followed");
    }
    if (status == SEK_ERR_LIMIT) { /* of the scratch memory: what is emitted stands */
        sek_decoder_partial(decoder, index, "too large to be followed");
        return SEK_OK;
    }
    return status;
}
