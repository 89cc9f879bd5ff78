/* SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/regex.h"

#include <pcre2.h>
#include <stdlib.h>

#define JIT_STACK_MAX (1024u * 1024u)

struct SekRegex {
    pcre2_code *code;
    uint32_t shortest;
};

struct SekRegexScratch {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
};

SekStatus sek_regex_new(SekStr pattern, bool ignore_case, bool multi_line, bool dot_all,
                        SekRegex **out, SekError *err) {
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C |
                       (ignore_case ? PCRE2_CASELESS : 0) | (multi_line ? PCRE2_MULTILINE : 0) |
                       (dot_all ? PCRE2_DOTALL : 0);
    int code;
    PCRE2_SIZE at;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)(pattern.len ? pattern.ptr : ""), pattern.len, options, &code, &at, NULL);
    if (!compiled) {
        PCRE2_UCHAR why[128];
        pcre2_get_error_message(code, why, sizeof why);
        if (err)
            err->column = (uint32_t)at + 1;
        return sek_fail(err, SEK_ERR_INPUT, "regular expression: %s at character %zu", (char *)why,
                        (size_t)at + 1);
    }
    (void)pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE); /* without JIT the interpreter serves */
    SekRegex *regex = malloc(sizeof *regex);
    if (!regex) {
        pcre2_code_free(compiled);
        return SEK_ERR_MEMORY;
    }
    regex->code = compiled;
    regex->shortest = 0;
    (void)pcre2_pattern_info(compiled, PCRE2_INFO_MINLENGTH, &regex->shortest); /* 0 when it is not known */
    *out = regex;
    return SEK_OK;
}

uint32_t sek_regex_shortest(const SekRegex *regex) {
    return regex->shortest;
}

void sek_regex_free(SekRegex *regex) {
    if (!regex)
        return;
    pcre2_code_free(regex->code);
    free(regex);
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

bool sek_regex_found(const SekRegex *regex, SekRegexScratch *scratch, SekStr text, uint32_t *gave_up) {
    int rc = pcre2_match(regex->code, (PCRE2_SPTR)(text.len ? text.ptr : ""), text.len, 0,
                         PCRE2_NO_UTF_CHECK, scratch->data, scratch->context);
    if (rc >= 0)
        return true;
    if (rc != PCRE2_ERROR_NOMATCH)
        ++*gave_up;
    return false;
}
