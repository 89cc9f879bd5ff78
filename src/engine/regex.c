/* SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "engine/regex.h"

#include <ctype.h>
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

/* --- a class that repeats, and a mark --------------------------------------------------------------- */

/* Where the class that begins at `at` ends; 0 when it holds others, such as [:alpha:]. */
static size_t end_of_class(SekStr re, size_t at) {
    at += at + 1 < re.len && re.ptr[at + 1] == '^' ? 2 : 1;
    for (size_t first = at; at < re.len && (re.ptr[at] != ']' || at == first); at++) {
        if (re.ptr[at] == '[')
            return 0;
        at += re.ptr[at] == '\\';
    }
    return at;
}

/* True for a group whose inside is read like the outside, and nothing is called by it. */
static bool is_plain_group(SekStr re, size_t at) {
    char next = at + 1 < re.len ? re.ptr[at + 1] : 0, kind = at + 2 < re.len ? re.ptr[at + 2] : 0;
    return next != '*' && (next != '?' || kind == ':' || kind == '=' || kind == '!');
}

/* True when nothing in the expression is an alternative to all of it, heeds where the search began, or steers it. */
static bool is_one_way(SekStr re) {
    static const char *const odd[] = {"\\G", "\\Q", "\\E", "\\c"}; /* the last two change what a class or escape ends with */
    size_t depth = 0;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        if (sek_str_find(re, sek_str(odd[i])) >= 0)
            return false;
    for (size_t at = 0; at < re.len; at++) {
        char c = re.ptr[at];
        if ((c == '|' && depth == 0) || (c == '(' && !is_plain_group(re, at)))
            return false;
        depth += c == '(';
        depth -= c == ')' && depth > 0;
        if (c == '[' && (at = end_of_class(re, at)) == 0)
            return false;
        at += c == '\\';
    }
    return true;
}

/* Finds out whether all matches can be looked for at a mark. A class is one of \w \d \s \S; a mark is punctuation. */
static void find_mark(SekRegex *regex, SekStr re) {
    if (re.len > 4 && memcmp(re.ptr, "(?i)", 4) == 0)
        re = sek_str_n(re.ptr + 4, re.len - 4);
    if (re.len < 4 || re.ptr[0] != '\\' || !strchr("wdsS", re.ptr[1]) || (re.ptr[2] != '+' && re.ptr[2] != '*') || !is_one_way(re))
        return;
    size_t at = 3 + (re.ptr[3] == '?' || re.ptr[3] == '+'), escaped = at < re.len && re.ptr[at] == '\\';
    unsigned char c = at + escaped < re.len ? (unsigned char)re.ptr[at + escaped] : 0;
    char after = at + escaped + 1 < re.len ? re.ptr[at + escaped + 1] : 0;
    bool plain = c > ' ' && c < 0x7F && !strchr("^$.[]|()?*+{}#", c), punctuation = ispunct(c) && c != '_';
    if (!punctuation || (!escaped && !plain) || after == '?' || after == '*' || after == '{')
        return;
    regex->mark = c;
    regex->before = re.ptr[2] == '+' ? (uint8_t)re.ptr[1] : 0;
    regex->options |= PCRE2_ANCHORED;
}

/* Whether the byte can end a character of the class. Those above ASCII all may. */
static bool may_end(uint8_t class, unsigned char c) {
    bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    return c >= 0x80 || (class == 'w' ? word : class == 'd' ? c >= '0' && c <= '9' : class == 's' ? c <= ' ' : true);
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
    *out = (SekRegex){.pattern = pattern, .options = options, .hint = sek_regex_hint(pattern, ignore_case)};
    find_mark(out, pattern);
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

static int match(const pcre2_code *code, const SekRegexScratch *scratch, SekStr text, size_t from) {
    return pcre2_match(code, (PCRE2_SPTR)(text.len ? text.ptr : ""), text.len, from, PCRE2_NO_UTF_CHECK, scratch->data,
                       scratch->context);
}

/* A repeated class that ends before a mark may as well begin with its last character, so each mark is tried once
 * and not each character before it. */
static int match_at_marks(const SekRegex *regex, const pcre2_code *code, const SekRegexScratch *scratch, SekStr text) {
    int rc = PCRE2_ERROR_NOMATCH;
    for (size_t at = 0; at < text.len && rc == PCRE2_ERROR_NOMATCH; at++) {
        const char *mark = memchr(text.ptr + at, regex->mark, text.len - at);
        if (!mark)
            break;
        at = (size_t)(mark - text.ptr);
        size_t from = at;
        if (regex->before && (at == 0 || !may_end(regex->before, (unsigned char)text.ptr[at - 1])))
            continue;
        if (regex->before)
            do
                from--;
            while (from > 0 && ((unsigned char)text.ptr[from] & 0xC0) == 0x80);
        rc = match(code, scratch, text, from);
    }
    return rc;
}

bool sek_regex_found(SekRegex *regex, SekRegexScratch *scratch, SekStr text, uint32_t *gave_up) {
    const pcre2_code *code = code_of(regex);
    if (!code) {
        ++*gave_up;
        return false;
    }
    int rc = regex->mark ? match_at_marks(regex, code, scratch, text) : match(code, scratch, text, 0);
    if (rc >= 0)
        return true;
    if (rc != PCRE2_ERROR_NOMATCH)
        ++*gave_up;
    return false;
}
