/* SPDX-License-Identifier: Apache-2.0 */

/* From a script to layers: parse, run, replace what came to one string only, hand on. */
#include "decode/sf.h"

#include "decode/cmd.h"

#include <stdlib.h>

#define LITERAL_MAX ((size_t)1 << 20) /* a value above this is not written into the text */

typedef struct Edit {
    size_t off, end;
    SekStr text;
} Edit;

typedef struct Edits {
    SekSfRun *run;
    Edit *items;
    uint32_t n, cap;
    size_t bytes;
} Edits;

/* --- syntax helpers --- */

SekSfNode *sek_sf_node(SekSfRun *run, SekSfKind kind, size_t off) {
    SekSfNode *node = run->n_nodes++ < SEK_SF_MAX_NODES ? sek_sf_alloc(run, sizeof *node) : NULL;
    if (!node) {
        run->gave_up = true;
        run->partial = run->partial ? run->partial : "too long to be followed";
        return NULL;
    }
    *node = (SekSfNode){.kind = kind, .op = "", .off = off, .end = off};
    return node;
}

bool sek_sf_add_kid(SekSfRun *run, SekSfNode *node, SekSfNode *kid) {
    if (!node || !kid)
        return false;
    bool full = (node->n_kids & (node->n_kids - 1)) == 0; /* room grows by doubling: 1, 2, 4 ... */
    if (full) {
        SekSfNode **kids = sek_sf_alloc(run, (node->n_kids ? 2 * (size_t)node->n_kids : 1) * sizeof *kids);
        if (!kids)
            return false;
        if (node->n_kids)
            memcpy(kids, node->kids, node->n_kids * sizeof *kids);
        node->kids = kids;
    }
    node->kids[node->n_kids++] = kid;
    node->end = kid->end > node->end ? kid->end : node->end;
    return true;
}

SekSfNode *sek_sf_join_up(SekSfRun *run, SekSfNode *a, const char *op, SekSfNode *b) {
    bool chain = strcmp(op, "+") == 0 || strcmp(op, "&") == 0;
    if (chain && a->kind == SEK_SF_BINARY && strcmp(a->op, op) == 0)
        return sek_sf_add_kid(run, a, b) ? a : NULL;
    SekSfNode *node = sek_sf_node(run, SEK_SF_BINARY, a->off);
    if (!sek_sf_add_kid(run, node, a) || !sek_sf_add_kid(run, node, b))
        return NULL;
    node->op = op;
    return node;
}

/* --- before and after the run --- */

static void count_target(SekSfRun *run, const SekSfNode *target, uint32_t n) {
    SekSfVar *var = target->kind == SEK_SF_NAME ? sek_sf_find(run, target->text) : NULL;
    if (var)
        var->n_assigned += n;
}

/* Makes functions known, or (after the run) counts where variables are assigned. */
static void survey(SekSfRun *run, SekSfNode *node, uint32_t depth, bool count) {
    if (depth > SEK_SF_MAX_DEPTH || !sek_sf_pay(run, 0)) {
        run->gave_up = true;
        return;
    }
    bool assigns = node->kind == SEK_SF_SET || node->kind == SEK_SF_STEP || node->kind == SEK_SF_COUNT || node->kind == SEK_SF_EACH;
    bool def = node->kind == SEK_SF_DEF || node->kind == SEK_SF_LAMBDA;
    bool named = (assigns && node->n_kids && node->kids[0]->kind == SEK_SF_NAME) || node->kind == SEK_SF_DIM;
    if (!count && named && run->language->nocase) {
        SekStr name = node->kind == SEK_SF_DIM ? node->text : node->kids[0]->text;
        if (sek_strmap_set(&run->assigned, name, 1) != SEK_OK)
            run->fatal = SEK_ERR_MEMORY;
    }
    if (!count && assigns && node->n_kids)
        sek_sf_hook(run, node->kids[0]);
    if (count && assigns && node->n_kids)
        count_target(run, node->kids[0], node->kind == SEK_SF_SET ? 1 : 2);
    if (!count && node->kind == SEK_SF_CLASS)
        sek_sf_declare(run, node->text, (SekSfValue){.type = SEK_SF_OBJECT, .text = node->text, .node = node});
    if (!count && node->kind == SEK_SF_DEF && node->text.len && !run->self_class) {
        sek_sf_declare(run, node->text, sek_sf_unknown());
        SekSfVar *var = sek_sf_find(run, node->text);
        if (var)
            var->function = node;
    }
    SekSfNode *self_class = run->self_class;
    run->self_class = node->kind == SEK_SF_CLASS ? node : self_class; /* methods are no functions by themselves */
    for (uint32_t i = 0; i < node->n_kids; i++) {
        survey(run, node->kids[i], depth + 1, count);
        if (count && def) /* within functions anything may happen at any time */
            survey(run, node->kids[i], depth + SEK_SF_MAX_DEPTH / 4, count);
    }
    run->self_class = self_class;
}

void sek_sf_survey(SekSfRun *run, SekSfNode *root) {
    survey(run, root, 0, false);
}

/* Functions that nobody called, and those whose parameters differ from call to call, are looked at with
 * parameters that are not known. */
static void look_into_functions(SekSfRun *run, SekSfNode *node) {
    bool def = (node->kind == SEK_SF_DEF || node->kind == SEK_SF_LAMBDA) && node->n_kids;
    if (run->gave_up || !sek_sf_pay(run, 0))
        return;
    SekSfNode *self_class = run->self_class;
    run->self_class = node->kind == SEK_SF_CLASS ? node : self_class;
    if (def && (node->calls == 0 || node->n_kids > 1)) {
        uint32_t n_vars = run->n_vars;
        run->looking = node->calls > 0;
        run->scope = 1;
        run->calls = 1;
        run->unsure = 1;
        for (uint32_t i = 0; i + 1 < node->n_kids; i++)
            sek_sf_declare(run, node->kids[i]->text, sek_sf_unknown());
        if (run->language->nocase)
            sek_sf_declare(run, node->text, (SekSfValue){.type = SEK_SF_EMPTY});
        sek_sf_declare_fields(run);
        sek_sf_exec(run, node->kids[node->n_kids - 1]);
        run->scope = run->calls = run->unsure = 0;
        run->maybe_left = run->looking = false;
        run->flow = SEK_SF_GOES_ON;
        run->n_vars = n_vars < run->n_vars ? n_vars : run->n_vars;
        for (uint32_t i = 0; i < run->n_vars; i++)
            if (run->vars[i].n_assigned > 1)
                run->vars[i].value = sek_sf_unknown();
    }
    for (uint32_t i = 0; i < node->n_kids; i++)
        look_into_functions(run, node->kids[i]);
    run->self_class = self_class;
}

/* --- edits --- */

static bool add_edit(Edits *edits, const SekSfNode *node) {
    SekSfRun *run = edits->run;
    SekStr before = sek_str_n(run->source.ptr + node->off, node->end - node->off);
    SekBuf literal;
    if (node->seen.text.len > LITERAL_MAX)
        return false;
    sek_buf_init(&literal, 8 * LITERAL_MAX);
    bool good = run->language->literal(&literal, node->seen.text) && !literal.failed;
    SekStr text = sek_buf_str(&literal);
    good = good && !sek_str_eq(text, before) && edits->bytes + text.len < run->decoder->output_left;
    if (good && edits->n == edits->cap) {
        uint32_t cap = edits->cap ? 2 * edits->cap : 16;
        Edit *items = sek_sf_alloc(run, cap * sizeof *items);
        if (items && edits->n)
            memcpy(items, edits->items, edits->n * sizeof *items);
        good = items != NULL;
        edits->items = items ? items : edits->items;
        edits->cap = items ? cap : edits->cap;
    }
    char *copy = good ? sek_sf_alloc(run, text.len) : NULL;
    if (copy) {
        memcpy(copy, text.ptr, text.len);
        edits->items[edits->n++] = (Edit){node->off, node->end, {copy, text.len}};
        edits->bytes += text.len;
    }
    sek_buf_deinit(&literal);
    return copy != NULL;
}

static void collect(Edits *edits, const SekSfNode *node, uint32_t depth) {
    bool expression = node->kind < SEK_SF_BLOCK && node->kind != SEK_SF_SET && node->kind != SEK_SF_STEP && node->kind != SEK_SF_LAMBDA;
    if (depth > 2 * SEK_SF_MAX_DEPTH)
        return;
    if (node->kind == SEK_SF_DO && node->n_kids && node->kids[0]->kind == SEK_SF_CALL)
        node = node->kids[0]; /* a call that is a statement is what it does, not what it gives */
    else if (expression && node->seen_state == SEK_SF_SEEN && node->end > node->off && add_edit(edits, node))
        return;
    if (node->row && node->row->seen_state == SEK_SF_SEEN)
        (void)add_edit(edits, node->row);
    for (uint32_t i = 0; i < node->n_kids; i++)
        collect(edits, node->kids[i], depth + 1);
}

static int by_place(const void *a, const void *b) {
    const Edit *x = a, *y = b;
    if (x->off != y->off)
        return x->off > y->off ? 1 : -1;
    return (x->end < y->end) - (x->end > y->end); /* the longer one first */
}

static void write_edited(const Edits *edits, SekBuf *out) {
    SekStr source = edits->run->source;
    size_t at = 0;
    for (uint32_t i = 0; i < edits->n; i++) {
        const Edit *e = &edits->items[i];
        if (e->off < at || e->end > source.len)
            continue;
        sek_buf_add(out, source.ptr + at, e->off - at);
        sek_buf_add_str(out, e->text);
        at = e->end;
    }
    sek_buf_add(out, source.ptr + at, source.len - at);
}

/* --- layers --- */

static SekStatus emit_folded(SekSfRun *run, SekSfNode *root, uint32_t *io_parent) {
    Edits edits = {.run = run};
    SekBuf text;
    if (!run->disguised || run->gave_up || run->decoder->steps_left == 0)
        return SEK_OK;
    collect(&edits, root, 0);
    if (edits.n == 0)
        return SEK_OK;
    qsort(edits.items, edits.n, sizeof *edits.items, by_place);
    sek_buf_init(&text, run->source.len + edits.bytes + 1);
    write_edited(&edits, &text);
    SekStatus status = text.failed == SEK_ERR_MEMORY ? SEK_ERR_MEMORY : SEK_OK;
    uint32_t index;
    SekLayerDraft draft = {.text = sek_buf_str(&text), .kind = run->language->kind, .parent = *io_parent,
                           .source_off = SEK_OFF_NONE, .tally = &run->tally, .partial = run->partial,
                           .folded = true, .settled = true};
    if (status == SEK_OK && !text.failed)
        status = sek_decoder_emit(run->decoder, &draft, &index);
    if (status == SEK_OK && !text.failed)
        *io_parent = index;
    sek_buf_deinit(&text);
    return status == SEK_END ? SEK_OK : status;
}

/* The state of the run that belongs to one text: the script, or code that it ran. */
static void enter(SekSfRun *run, const SekSfSink *code) {
    run->source = code->text;
    run->tally = code->tally;
    run->disguised = code->disguised;
    run->partial = code->partial;
}

/* Code that ran with the script: its layer, and the one with what it comes to. */
static SekStatus emit_code(SekSfRun *run, SekSfSink *sink, const SekLayerDraft *draft) {
    SekLayerDraft settled = *draft;
    uint32_t index;
    settled.settled = true;
    settled.partial = sink->partial;
    SekStatus status = sek_decoder_emit(run->decoder, &settled, &index);
    if (status != SEK_OK)
        return status;
    sink->layer = index;
    enter(run, sink);
    return emit_folded(run, sink->root, &sink->layer);
}

static SekStatus follow_sinks(SekSfRun *run, uint32_t parent) {
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < run->n_sinks && status == SEK_OK; i++) {
        SekSfSink *sink = &run->sinks[i];
        SekStepTally tally = {0};
        sek_tally_add(&tally, "execute", 1);
        uint32_t above = sink->origin == SEK_SF_NO_ORIGIN ? parent : run->sinks[sink->origin].layer;
        SekLayerDraft draft = {.text = sink->text, .kind = sink->kind, .parent = above, .source_off = SEK_OFF_NONE, .tally = &tally};
        SekCommandUse use = {.text = sink->text};
        sink->layer = above;
        if (sink->kind == SEK_SCRIPT_COMMAND)
            status = sek_command_follow(run->decoder, above, &use);
        else if (sink->text.len)
            status = sink->root && !run->gave_up ? emit_code(run, sink, &draft) : sek_decoder_emit(run->decoder, &draft, NULL);
        status = status == SEK_END ? SEK_OK : status;
    }
    return status;
}

/* After the run: whose variables are certain within functions that nobody called. */
static void look_around(SekSfRun *run, SekSfNode *root) {
    survey(run, root, 0, true);
    for (uint32_t i = 0; i < run->n_sinks; i++)
        if (run->sinks[i].root)
            survey(run, run->sinks[i].root, 0, true);
    for (uint32_t i = 0; i < run->n_vars; i++)
        if (run->vars[i].n_assigned > 1)
            run->vars[i].value = sek_sf_unknown();
    look_into_functions(run, root);
    SekSfSink script = {.text = run->source, .tally = run->tally, .disguised = run->disguised, .partial = run->partial};
    for (uint32_t i = 0; i < run->n_sinks && !run->fatal; i++) {
        SekSfNode *code = run->sinks[i].root;
        if (!code)
            continue;
        enter(run, &run->sinks[i]);
        run->origin = i;
        look_into_functions(run, code);
        SekSfSink *sink = &run->sinks[i]; /* there may be more by now, elsewhere */
        sink->tally = run->tally;
        sink->disguised = run->disguised;
        sink->partial = run->partial;
    }
    run->origin = SEK_SF_NO_ORIGIN;
    enter(run, &script);
}

static SekStatus fold(SekSfRun *run, SekSfNode *root) {
    if (!root || run->gave_up || run->fatal)
        return run->fatal;
    survey(run, root, 0, false);
    sek_sf_exec(run, root);
    run->flow = SEK_SF_GOES_ON;
    look_around(run, root);
    return run->fatal;
}

SekStatus sek_sf_fold(SekDecoder *decoder, uint32_t index, const SekSfLanguage *language) {
    SekSfRun run = {.decoder = decoder, .language = language, .layer = index, .source = decoder->layers[index].text,
                    .origin = SEK_SF_NO_ORIGIN};
    sek_strmap_init(&run.assigned, language->nocase);
    SekSfNode *root = language->parse(&run, run.source);
    SekStatus status = fold(&run, root);
    sek_strmap_deinit(&run.assigned);
    if (status != SEK_OK)
        return status;
    if (run.gave_up)
        sek_decoder_partial(decoder, index, run.partial ? run.partial : "nested too deep to be followed");
    uint32_t parent = index;
    status = root ? emit_folded(&run, root, &parent) : SEK_OK;
    if (status == SEK_OK && run.partial && parent == index)
        sek_decoder_partial(decoder, index, run.partial);
    return status == SEK_OK ? follow_sinks(&run, parent) : status;
}
