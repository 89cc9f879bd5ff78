/* SPDX-License-Identifier: Apache-2.0 */

/* Code that a script hands on: to its own language (Execute, eval), where it runs with the script's variables
 * and may change them, or as a command line (.Run, .Exec, .Create). Each becomes a layer when the run is over. */
#include "decode/sf.h"

static const char *const unknown_code = "code whose text is not known";

uint32_t sek_sf_sink(SekSfRun *run, SekScriptKind kind, SekStr text) {
    if (run->n_sinks == run->cap_sinks) {
        uint32_t cap = run->cap_sinks ? 2 * run->cap_sinks : 8;
        SekSfSink *sinks = cap <= SEK_DECODE_MAX_LAYERS ? sek_sf_alloc(run, cap * sizeof *sinks) : NULL;
        if (!sinks)
            return SEK_SF_NO_ORIGIN;
        if (run->n_sinks)
            memcpy(sinks, run->sinks, run->n_sinks * sizeof *sinks);
        run->sinks = sinks;
        run->cap_sinks = cap;
    }
    run->sinks[run->n_sinks] = (SekSfSink){.text = text, .kind = kind, .origin = run->origin};
    return run->n_sinks++;
}

void sek_sf_unknown_code(SekSfRun *run) {
    sek_sf_partly(run, unknown_code);
    sek_sf_forget_all(run);
}

/* --- code of the same language --- */

/* All statements; the value of the last, when it is an expression. */
static SekSfValue exec_code(SekSfRun *run, SekSfNode *root) {
    SekSfValue value = sek_sf_unknown();
    for (uint32_t i = 0; i < root->n_kids && run->flow == SEK_SF_GOES_ON && run->fatal == SEK_OK; i++) {
        SekSfNode *kid = root->kids[i];
        bool last = i + 1 == root->n_kids && kid->kind == SEK_SF_DO && kid->n_kids;
        if (last)
            value = sek_sf_eval(run, kid->kids[0]);
        else
            sek_sf_exec(run, kid);
    }
    run->flow = SEK_SF_GOES_ON;
    return value;
}

/* Parses; NULL, and everything forgotten, when the code cannot be followed. */
static SekSfNode *parse_code(SekSfRun *run, SekStr code, bool expression) {
    bool gave_up = run->gave_up;
    run->expression = expression;
    SekSfNode *root = run->nested < SEK_SF_MAX_NESTED && sek_sf_pay(run, 64 * 16 + 4 * code.len) ? run->language->parse(run, code) : NULL;
    run->expression = false;
    if (root && !run->gave_up)
        return root;
    run->gave_up = gave_up;
    sek_sf_partly(run, "code nested too deep to be followed");
    sek_sf_forget_all(run);
    return NULL;
}

SekSfValue sek_sf_run_code(SekSfRun *run, SekStr code, bool global, bool expression) {
    uint32_t sink = sek_sf_sink(run, run->language->kind, code);
    SekSfNode *root = parse_code(run, code, expression);
    if (!root)
        return sek_sf_unknown();
    SekStepTally tally = run->tally;
    const char *partial = run->partial;
    bool disguised = run->disguised;
    uint32_t quiet = run->quiet, origin = run->origin, scope = run->scope;
    run->tally = (SekStepTally){0};
    run->partial = NULL;
    run->disguised = false;
    run->quiet = 0;
    run->origin = sink;
    run->scope = global ? 0 : scope;
    run->nested++;
    sek_sf_survey(run, root);
    SekSfValue value = exec_code(run, root);
    run->nested--;
    if (sink != SEK_SF_NO_ORIGIN) {
        SekSfSink *kept = &run->sinks[sink];
        kept->root = root;
        kept->tally = run->tally;
        kept->disguised = run->disguised;
        kept->partial = run->partial;
    } else if (run->partial && !partial) {
        partial = run->partial;
    }
    run->tally = tally;
    run->partial = partial;
    run->disguised = disguised;
    run->quiet = quiet;
    run->origin = origin;
    run->scope = scope;
    return value;
}

/* --- names that hand on --- */

typedef enum { HANDS_NOTHING, HANDS_CODE, HANDS_LATER, HANDS_LANGUAGE, HANDS_COMMAND, HANDS_PROGRAM, HANDS_THIRD } Hands;

static Hands hands_of(SekStr name, bool member) {
    static const struct {
        const char *name;
        Hands hands;
        bool member, plain;
    } known[] = {
        {"eval", HANDS_CODE, true, true},           {"execute", HANDS_CODE, true, true},
        {"executeglobal", HANDS_CODE, false, true}, {"executestatement", HANDS_LATER, true, false},
        {"addcode", HANDS_LATER, true, false},      {"settimeout", HANDS_LATER, true, true},
        {"setinterval", HANDS_LATER, true, true},   {"function", HANDS_LATER, false, true},
        {"execscript", HANDS_LANGUAGE, true, true}, {"run", HANDS_COMMAND, true, false},
        {"exec", HANDS_COMMAND, true, false},       {"create", HANDS_COMMAND, true, false},
        {"shellexecute", HANDS_PROGRAM, true, false}, {"shell", HANDS_COMMAND, false, true},
        {"executeshellcommand", HANDS_THIRD, true, false},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((member ? known[i].member : known[i].plain) && sek_str_eq_nocase(name, sek_str(known[i].name)))
            return known[i].hands;
    return HANDS_NOTHING;
}

bool sek_sf_hands_on(SekStr name, bool member) {
    return hands_of(name, member) != HANDS_NOTHING;
}

static bool is_text(const SekSfValue *value) {
    return value->type == SEK_SF_STRING && !value->regex;
}

static bool holds(SekStr text, SekStr lower) {
    for (size_t i = 0; lower.len <= text.len && i <= text.len - lower.len; i++)
        if (sek_str_eq_nocase(sek_str_n(text.ptr + i, lower.len), lower))
            return true;
    return false;
}

/* True when the member starts a program, as far as is known of its object: exec of a regular expression and
 * create of whatever else do not. */
static bool starts_program(const SekSfRun *run, SekStr name, const SekSfValue *self, const SekSfValue *code) {
    bool known = self && self->type == SEK_SF_OBJECT && self->text.len;
    if (known && sek_str_eq_nocase(self->text, SEK_STR("regexp")))
        return false;
    if (sek_str_eq_nocase(name, SEK_STR("create")))
        return is_text(code) || (known ? holds(self->text, SEK_STR("winmgmts")) : run->language->nocase);
    return is_text(code) || known || !sek_str_eq(name, SEK_STR("exec"));
}

static SekStr with_argument(SekSfRun *run, const SekSfValue *program, const SekSfValue *argument) {
    SekSfValue line = argument->type == SEK_SF_STRING
                          ? sek_sf_concat(run, sek_sf_concat(run, *program, sek_sf_view(SEK_STR(" "))), *argument) : *program;
    return line.type == SEK_SF_STRING ? line.text : program->text;
}

static void hand_command(SekSfRun *run, Hands hands, const SekSfValue *args, uint32_t n) {
    uint32_t behind = hands == HANDS_THIRD ? 2 : 1;
    bool arguments = hands != HANDS_COMMAND && n > behind;
    if (!is_text(&args[0]) || (arguments && args[behind].type == SEK_SF_UNKNOWN))
        sek_sf_partly(run, "a command line that is not known");
    if (is_text(&args[0]))
        (void)sek_sf_sink(run, SEK_SCRIPT_COMMAND, arguments ? with_argument(run, &args[0], &args[behind]) : args[0].text);
}

static SekSfValue hand_code(SekSfRun *run, SekStr name, const SekSfValue *code) {
    bool global = sek_str_eq_nocase(name, SEK_STR("executeglobal"));
    if (is_text(code))
        return sek_sf_run_code(run, code->text, global, run->language->nocase && sek_str_eq_nocase(name, SEK_STR("eval")));
    if (code->type != SEK_SF_UNKNOWN && !run->language->nocase)
        return *code; /* eval of something that is no text gives it back */
    sek_sf_unknown_code(run);
    return sek_sf_unknown();
}

/* execScript(code, language) */
static void hand_language(SekSfRun *run, const SekSfValue *args, uint32_t n) {
    SekScriptKind kind = n > 1 && is_text(&args[1]) && args[1].text.len && sek_ascii_lower(args[1].text.ptr[0]) == 'v'
                             ? SEK_SCRIPT_VBSCRIPT : SEK_SCRIPT_JSCRIPT;
    if (!is_text(&args[0]))
        sek_sf_unknown_code(run);
    else if (kind == run->language->kind)
        (void)sek_sf_run_code(run, args[0].text, true, false);
    else
        (void)sek_sf_sink(run, kind, args[0].text);
}

/* new Function('a', 'code'): a function that is called like any other. */
static SekSfValue new_function(SekSfRun *run, const SekSfValue *args, uint32_t n) {
    SekStr code = args[n - 1].text;
    SekSfNode *def = sek_sf_node(run, SEK_SF_LAMBDA, 0), *root = def ? parse_code(run, code, false) : NULL;
    if (!root)
        return sek_sf_unknown();
    for (uint32_t i = 0; i + 1 < n; i++) {
        SekSfNode *name = sek_sf_node(run, SEK_SF_NAME, 0);
        if (!is_text(&args[i]) || !sek_sf_add_kid(run, def, name))
            return sek_sf_unknown();
        name->text = sek_str_trim(args[i].text);
    }
    return sek_sf_add_kid(run, def, root) ? (SekSfValue){.type = SEK_SF_OBJECT, .node = def} : sek_sf_unknown();
}

bool sek_sf_hand_on(SekSfRun *run, SekStr name, const SekSfValue *self, const SekSfValue *args, uint32_t n, SekSfValue *out) {
    Hands hands = hands_of(name, self != NULL);
    *out = sek_sf_unknown();
    if (hands == HANDS_NOTHING || n == 0)
        return false;
    const SekSfValue *code = &args[sek_str_eq_nocase(name, SEK_STR("function")) ? n - 1 : 0];
    if (hands == HANDS_CODE) {
        *out = hand_code(run, name, code);
    } else if (hands == HANDS_LANGUAGE) {
        hand_language(run, args, n);
    } else if (hands == HANDS_LATER) {
        if (is_text(code))
            (void)sek_sf_sink(run, run->language->kind, code->text);
        if (is_text(code) && sek_str_eq_nocase(name, SEK_STR("function")))
            *out = new_function(run, args, n);
        else if (code->type == SEK_SF_UNKNOWN)
            sek_sf_partly(run, unknown_code);
    } else if (starts_program(run, name, self, &args[0])) {
        hand_command(run, hands, args, n);
    } else {
        return false;
    }
    return true;
}
