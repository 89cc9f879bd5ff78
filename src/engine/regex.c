/* SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/regex.h"

#include <pcre2.h>
#include <stdatomic.h>
#include <stdlib.h>

#define JIT_STACK_MAX (1024u * 1024u)

struct SekRegexScratch {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
};

/* True when `^` and `$` stand for lines, by the modifier or by a group like (?im) or (?m-s:...). */
static bool is_by_lines(SekStr pattern, uint32_t options) {
    if (options & PCRE2_MULTILINE)
        return true;
    for (size_t at = 0; at + 2 < pattern.len; at++) {
        if (pattern.ptr[at] != '(' || pattern.ptr[at + 1] != '?')
            continue;
        for (at += 2; at < pattern.len && pattern.ptr[at] >= 'a' && pattern.ptr[at] <= 'z'; at++)
            if (pattern.ptr[at] == 'm')
                return true;
    }
    return false;
}

/* Texts of Windows have CR LF, CR or LF where a line ends. Where lines do not count, all but LF is an ordinary
 * character, as for most engines. */
static pcre2_code *compile_lines(SekStr pattern, uint32_t options, int *out_error, PCRE2_SIZE *out_at) {
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_code *code = NULL;
    *out_error = PCRE2_ERROR_HEAP_FAILED;
    *out_at = 0;
    if (context) {
        (void)pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
        code = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, options, out_error, out_at, context);
    }
    pcre2_compile_context_free(context);
    return code;
}

/* PCRE2 before 10.43 takes the letter that a look-ahead begins with for one that must come again behind it, and
 * passes over matches: (?=b)\w*\bb is not found in "b". */
static pcre2_code *compile(SekStr pattern, uint32_t options, int *out_error, PCRE2_SIZE *out_at) {
    if (sek_str_find(pattern, SEK_STR("(?=")) >= 0)
        options |= PCRE2_NO_START_OPTIMIZE;
    if (pattern.len && is_by_lines(pattern, options))
        return compile_lines(pattern, options, out_error, out_at);
    return pcre2_compile((PCRE2_SPTR)(pattern.len ? pattern.ptr : ""), pattern.len, options, out_error, out_at, NULL);
}

SekStatus sek_regex_init(SekRegex *out, SekStr pattern, bool ignore_case, bool multi_line, bool dot_all,
                         SekError *err) {
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C |
                       (ignore_case ? PCRE2_CASELESS : 0) | (multi_line ? PCRE2_MULTILINE : 0) |
                       (dot_all ? PCRE2_DOTALL : 0);
    int error;
    PCRE2_SIZE at;
    pcre2_code *code = compile(pattern, options, &error, &at);
    if (!code) {
        PCRE2_UCHAR why[128];
        if (error == PCRE2_ERROR_HEAP_FAILED)
            return SEK_ERR_MEMORY;
        pcre2_get_error_message(error, why, sizeof why);
        if (err)
            err->column = (uint32_t)at + 1;
        return sek_fail(err, SEK_ERR_INPUT, "regular expression: %s at character %zu", (char *)why,
                        (size_t)at + 1);
    }
    *out = (SekRegex){.pattern = pattern, .options = options};
    (void)pcre2_pattern_info(code, PCRE2_INFO_MINLENGTH, &out->shortest); /* 0 when it is not known */
    pcre2_code_free(code);
    return SEK_OK;
}

void sek_regex_deinit(SekRegex *regex) {
    if (!regex)
        return;
    pcre2_code *code = atomic_load(&regex->code);
    if (!code) /* most were never asked: their pages, which a file may stand behind, stay as they are */
        return;
    pcre2_code_free(code);
    atomic_store(&regex->code, NULL);
}

/* The compiled form. When two threads make it at the same time, the first one's is kept. */
static const pcre2_code *code_of(SekRegex *regex) {
    void *kept = atomic_load_explicit(&regex->code, memory_order_acquire);
    if (kept)
        return kept;
    int error;
    PCRE2_SIZE at;
    pcre2_code *made = compile(regex->pattern, regex->options, &error, &at);
    if (!made)
        return NULL;
    (void)pcre2_jit_compile(made, PCRE2_JIT_COMPLETE); /* without JIT the interpreter serves */
    if (atomic_compare_exchange_strong(&regex->code, &kept, made))
        return made;
    pcre2_code_free(made);
    return kept;
}

SekStatus sek_regex_scratch_new(SekRegexScratch **out) {
    SekRegexScratch *scratch = calloc(1, sizeof *scratch);
    if (!scratch)
        return SEK_ERR_MEMORY;
    scratch->data = pcre2_match_data_create(1, NULL);
    scratch->context = pcre2_match_context_create(NULL);
    scratch->stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK_MAX, NULL);
    if (!scratch->data || !scratch->context || !scratch->stack) {
        sek_regex_scratch_free(scratch);
        return SEK_ERR_MEMORY;
    }
    pcre2_set_match_limit(scratch->context, SEK_REGEX_STEPS);
    pcre2_set_depth_limit(scratch->context, SEK_REGEX_STEPS);
    pcre2_jit_stack_assign(scratch->context, NULL, scratch->stack);
    *out = scratch;
    return SEK_OK;
}

void sek_regex_scratch_free(SekRegexScratch *scratch) {
    if (!scratch)
        return;
    pcre2_match_data_free(scratch->data);
    pcre2_match_context_free(scratch->context);
    pcre2_jit_stack_free(scratch->stack);
    free(scratch);
}

bool sek_regex_found(SekRegex *regex, SekRegexScratch *scratch, SekStr text, uint32_t *gave_up) {
    const pcre2_code *code = code_of(regex);
    if (!code) {
        ++*gave_up;
        return false;
    }
    int rc = pcre2_match(code, (PCRE2_SPTR)(text.len ? text.ptr : ""), text.len, 0,
                         PCRE2_NO_UTF_CHECK, scratch->data, scratch->context);
    if (rc >= 0)
        return true;
    if (rc != PCRE2_ERROR_NOMATCH)
        ++*gave_up;
    return false;
}
