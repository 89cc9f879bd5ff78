/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/pipeline_apply.h"

#include "base/utf.h"
#include "rule/expand.h"
#include "rule/number.h"

#include <utf8proc.h>

/* Steps that change values. Each value is changed by itself; several values for one stay OR-ed,
 * also inside an `all`, because they become patterns of one match. */

/* What a step makes of one value; `*out_changed` stays false when it does not concern it.
 * SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_LIMIT; SEK_ERR_MEMORY. */
typedef SekStatus ChangeValue(SekApply *a, const SekItem *item, SekMatch *io, bool *out_changed);

static SekRulePos pos_of(const SekItem *item) {
    return (SekRulePos){item->line, item->column};
}

/* Changes every pattern of a string by `change`. */
typedef SekStatus ChangePattern(SekApply *a, const SekPattern *from, SekPattern *to,
                                bool *out_changed);

static SekStatus change_patterns(SekApply *a, SekMatch *io, ChangePattern *change,
                                 bool *out_changed) {
    SekPattern *patterns = SEK_ARENA_ARRAY(&a->file->arena, SekPattern, io->n_patterns);
    if (!patterns)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < io->n_patterns; i++) {
        bool changed = false;
        SekStatus status = change(a, &io->patterns[i], &patterns[i], &changed);
        if (status)
            return status;
        if (!changed)
            patterns[i] = io->patterns[i];
        *out_changed = *out_changed || changed;
    }
    io->patterns = patterns;
    return SEK_OK;
}

/* --- replace_string, map_string ------------------------------------------------------------ */

static SekStatus replace_pattern(SekApply *a, const SekPattern *from, SekPattern *to,
                                 bool *out_changed) {
    return sek_pipe_replace(a->step, &a->file->arena, from, to, out_changed);
}

static SekStatus number_as_text(SekApply *a, SekMatch *io) {
    SekPattern *pattern = SEK_ARENA_NEW(&a->file->arena, SekPattern);
    SekStatus status =
        pattern ? sek_pattern_literal(&a->file->arena, io->text, pattern) : SEK_ERR_MEMORY;
    *io = (SekMatch){.kind = SEK_MATCH_STRING, .patterns = pattern, .n_patterns = 1};
    return status;
}

static SekStatus replace_value(SekApply *a, const SekItem *item, SekMatch *io, bool *out_changed) {
    (void)item;
    SekMatch text = *io;
    SekStatus status = SEK_OK;
    if (io->kind == SEK_MATCH_NUMBER)
        status = number_as_text(a, &text);
    else if (io->kind != SEK_MATCH_STRING)
        return SEK_OK;
    if (!status)
        status = change_patterns(a, &text, replace_pattern, out_changed);
    if (!status && *out_changed)
        *io = text;
    return status;
}

static SekStatus parse_values(SekApply *a, const SekNames *values, SekMatch *io) {
    SekPattern *patterns = SEK_ARENA_ARRAY(&a->file->arena, SekPattern, (size_t)values->n + 1);
    SekStatus status = patterns ? SEK_OK : SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < values->n && !status; i++)
        status = sek_pattern_parse(&a->file->arena, values->texts[i], &patterns[i]);
    io->patterns = patterns;
    io->n_patterns = values->n;
    return status;
}

static SekStatus map_value(SekApply *a, const SekItem *item, SekMatch *io, bool *out_changed) {
    (void)item;
    if (io->kind != SEK_MATCH_STRING || io->n_patterns != 1)
        return SEK_OK;
    SekPipeText text;
    sek_pipe_text_init(&text);
    sek_pipe_text_add(&text, &io->patterns[0]);
    SekStatus status = text.text.failed;
    for (uint32_t i = 0; i < a->step->n_mapping && !status && !*out_changed; i++) {
        if (!sek_str_eq(a->step->mapping[i].from, sek_buf_str(&text.text)))
            continue;
        *out_changed = true;
        io->pending = false;
        status = parse_values(a, &a->step->mapping[i].to, io);
    }
    sek_pipe_text_deinit(&text);
    return status;
}

/* --- set_value, convert_type --------------------------------------------------------------- */

static SekStatus set_value(SekApply *a, const SekItem *item, SekMatch *io, bool *out_changed) {
    (void)item;
    *io = a->step->value;
    *out_changed = true;
    return SEK_OK;
}

static SekStatus to_number(SekApply *a, const SekItem *item, SekMatch *io, bool *out_changed) {
    SekStr text;
    SekNumber number;
    if (io->kind != SEK_MATCH_STRING)
        return SEK_OK;
    bool plain = io->n_patterns == 1 && sek_pattern_plain(&io->patterns[0], &text);
    if (!plain || !sek_number_parse(text, &number))
        return sek_rule_error(&a->reader, pos_of(item), "pipeline-failure",
                              "a pipeline wants a number here, and the value is none");
    *io = (SekMatch){.kind = SEK_MATCH_NUMBER, .number = number, .text = text};
    *out_changed = true;
    return SEK_OK;
}

static SekStatus convert_value(SekApply *a, const SekItem *item, SekMatch *io, bool *out_changed) {
    if (a->step->to_number)
        return to_number(a, item, io, out_changed);
    if (io->kind == SEK_MATCH_BOOL)
        io->text = io->flag ? SEK_STR("true") : SEK_STR("false");
    if (io->kind != SEK_MATCH_NUMBER && io->kind != SEK_MATCH_BOOL)
        return SEK_OK;
    *out_changed = true;
    return number_as_text(a, io);
}

/* --- case ---------------------------------------------------------------------------------- */

static uint32_t fold(SekCaseMethod method, uint32_t cp) {
    utf8proc_int32_t c = (utf8proc_int32_t)cp;
    return (uint32_t)(method == SEK_CASE_UPPER ? utf8proc_toupper(c) : utf8proc_tolower(c));
}

static void add_folded(SekBuf *buf, SekCaseMethod method, SekStr text) {
    bool before_small = false; /* a capital behind it begins a word */
    for (size_t at = 0; at < text.len;) {
        char bytes[4];
        size_t start = at;
        uint32_t cp = sek_utf8_next(text, &at);
        bool valid = cp != SEK_UTF_REPLACEMENT;
        uint32_t other = valid ? fold(method, cp) : cp;
        if (method == SEK_CASE_SNAKE && (cp == ' ' || cp == '-'))
            other = '_';
        if (method == SEK_CASE_SNAKE && before_small && other != cp && other != '_')
            sek_buf_addc(buf, '_');
        before_small = (cp >= '0' && cp <= '9') || fold(SEK_CASE_UPPER, cp) != cp;
        if (valid)
            sek_buf_add(buf, bytes, sek_utf8_put(other, bytes));
        else
            sek_buf_add(buf, text.ptr + start, at - start);
    }
}

static SekStatus fold_pattern(SekApply *a, const SekPattern *from, SekPattern *to,
                              bool *out_changed) {
    SekArena *arena = &a->file->arena;
    SekToken *tokens = SEK_ARENA_ARRAY(arena, SekToken, (size_t)from->n_tokens + 1);
    SekBuf buf;
    sek_buf_init(&buf, SEK_RULE_MAX_FILE);
    SekStatus status = tokens ? SEK_OK : SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < from->n_tokens && !status; i++) {
        tokens[i] = from->tokens[i];
        if (tokens[i].kind != SEK_TOKEN_LITERAL)
            continue;
        sek_buf_clear(&buf);
        add_folded(&buf, a->step->method, tokens[i].text);
        tokens[i].text = sek_arena_dup(arena, sek_buf_str(&buf));
        status = buf.failed ? buf.failed : tokens[i].text.ptr ? SEK_OK : SEK_ERR_MEMORY;
    }
    sek_buf_deinit(&buf);
    *out_changed = true;
    return status ? status : sek_pattern_join(arena, tokens, from->n_tokens, to);
}

static SekStatus fold_value(SekApply *a, const SekItem *item, SekMatch *io, bool *out_changed) {
    (void)item;
    return io->kind == SEK_MATCH_STRING ? change_patterns(a, io, fold_pattern, out_changed)
                                        : SEK_OK;
}

/* --- placeholders -------------------------------------------------------------------------- */

static bool is_handled(const SekStep *step, SekStr name) {
    bool listed = false;
    for (uint32_t i = 0; i < step->names.n && !listed; i++)
        listed = sek_str_eq(step->names.texts[i], name);
    return (!step->include && !step->exclude) || (step->include ? listed : !listed);
}

/* SekPlaceholderLookup; user is a SekApply. */
static SekStatus look_up(void *user, SekStr name, const SekStr **out_values, uint32_t *out_n) {
    static const SekStr any = {"*", 1};
    SekApply *a = user;
    if (!is_handled(a->step, name))
        return SEK_NOT_FOUND;
    if (a->step->kind == SEK_STEP_VALUE_PLACEHOLDERS)
        return sek_placeholders_lookup(&a->vars, name, out_values, out_n);
    *out_values = &any;
    *out_n = 1;
    return SEK_OK;
}

static SekStatus fill_value(SekApply *a, const SekItem *item, SekMatch *io, bool *out_changed) {
    if (!io->pending)
        return SEK_OK;
    if (a->step->kind == SEK_STEP_QUERY_PLACEHOLDERS)
        return sek_rule_error(
            &a->reader, pos_of(item), "pipeline-failure",
            "query_expression_placeholders makes a query for another program; use "
            "value_placeholders");
    SekRuleOptions options = {.placeholder = look_up, .user = a, .defer = true};
    SekArena *arena = &a->file->arena;
    SekStr missing;
    if (io->kind == SEK_MATCH_REGEX) {
        SekStatus status = sek_expand_regex(arena, &options, io->text, &io->text, &missing);
        io->pending = status == SEK_NOT_FOUND;
        *out_changed = status == SEK_OK;
        return io->pending ? SEK_OK : status;
    }
    SekBuf all;
    sek_buf_init(&all, SEK_PATTERN_MAX_ALTERNATIVES * sizeof(SekPattern));
    SekStatus status = SEK_OK;
    io->pending = false;
    for (uint32_t i = 0; i < io->n_patterns && !status; i++) {
        SekPatternList list = {0};
        status = sek_expand_pending(arena, &options, &io->patterns[i], &list);
        if (status)
            continue;
        io->pending = io->pending || sek_expand_is_pending(&list.patterns[0]);
        sek_buf_add(&all, list.patterns, list.n * sizeof *list.patterns);
    }
    SekStr bytes = sek_arena_dup(arena, sek_buf_str(&all)); /* aligned to 16 */
    status = status ? status : all.failed ? all.failed : bytes.ptr ? SEK_OK : SEK_ERR_MEMORY;
    io->patterns = (const void *)bytes.ptr;
    io->n_patterns = (uint32_t)(bytes.len / sizeof(SekPattern));
    *out_changed = true;
    sek_buf_deinit(&all);
    return status;
}

/* --- items --------------------------------------------------------------------------------- */

static ChangeValue *change_of(SekStepKind kind) {
    switch (kind) {
    case SEK_STEP_REPLACE_STRING:
        return replace_value;
    case SEK_STEP_MAP_STRING:
        return map_value;
    case SEK_STEP_SET_VALUE:
        return set_value;
    case SEK_STEP_CONVERT_TYPE:
        return convert_value;
    case SEK_STEP_CASE:
        return fold_value;
    default:
        return fill_value;
    }
}

/* A keyword that became something else than text, or has lost its outer wildcards, is still one. */
static SekStatus mend_keyword(SekApply *a, const SekItem *item, SekMatch *io) {
    if (io->kind == SEK_MATCH_REGEX)
        return SEK_OK;
    if (io->kind == SEK_MATCH_NUMBER) {
        SekStatus status = number_as_text(a, io);
        if (status)
            return status;
    }
    if (io->kind != SEK_MATCH_STRING)
        return sek_rule_error(&a->reader, pos_of(item), "pipeline-failure",
                              "a pipeline makes a keyword into something that is no text");
    SekPattern *patterns = SEK_ARENA_ARRAY(&a->file->arena, SekPattern, io->n_patterns);
    if (!patterns)
        return SEK_ERR_MEMORY;
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < io->n_patterns && !status; i++) {
        patterns[i] = io->patterns[i];
        status = sek_pattern_affix(&a->file->arena, true, true, &patterns[i]);
        if (!status && patterns[i].n_tokens == 1)
            return sek_rule_error(&a->reader, pos_of(item), "pipeline-failure",
                                  "a pipeline leaves nothing of a keyword");
    }
    io->patterns = patterns;
    return status;
}

static SekStatus change_item(SekApply *a, const SekItem *item, const SekExpr **out,
                             bool *out_dropped) {
    SekMatch *matches = SEK_ARENA_ARRAY(&a->file->arena, SekMatch, item->n_matches);
    if (!matches)
        return sek_rule_no_memory(&a->reader, pos_of(item));
    SekItem copy = *item;
    copy.matches = matches;
    copy.n_matches = 0;
    bool any = false;
    for (uint32_t i = 0; i < item->n_matches; i++) {
        bool changed = false;
        SekMatch match = item->matches[i];
        SekStatus status = change_of(a->step->kind)(a, item, &match, &changed);
        if (!status && changed && item->field.len == 0 &&
            (match.kind != SEK_MATCH_STRING || match.n_patterns))
            status = mend_keyword(a, item, &match);
        if (status == SEK_ERR_INPUT)
            return status;
        status = sek_rule_check(&a->reader, pos_of(item), status,
                                "a pipeline makes too much of this value");
        if (status)
            return status;
        any = any || changed;
        if (match.kind != SEK_MATCH_STRING || match.n_patterns) /* mapped to nothing */
            matches[copy.n_matches++] = match;
    }
    if (!any)
        return SEK_OK;
    *out_dropped = copy.n_matches == 0;
    *out = *out_dropped ? NULL : sek_apply_new_item(a, item, &copy);
    return *out || *out_dropped ? SEK_OK : sek_rule_no_memory(&a->reader, pos_of(item));
}

SekStatus sek_step_values(SekApply *a) {
    return sek_apply_to_items(a, change_item);
}
