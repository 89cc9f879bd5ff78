/* SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "rule/pipeline_regex.h"

#include <pcre2.h>
#include <stdio.h>

#define STEPS 1000000u /* PCRE2's match limit, for one value of one rule */

struct SekPipeRegex {
    pcre2_code *code; /* in the arena: never freed */
    uint32_t n_groups;
};

static void *take(PCRE2_SIZE size, void *arena) {
    return sek_arena_alloc(arena, size);
}

static void give_back(void *memory, void *arena) {
    (void)memory;
    (void)arena;
}

static pcre2_code *compile(SekArena *arena, SekStr text, int *error, PCRE2_SIZE *offset) {
    pcre2_general_context *general = pcre2_general_context_create(take, give_back, arena);
    pcre2_compile_context *context = general ? pcre2_compile_context_create(general) : NULL;
    *error = PCRE2_ERROR_HEAP_FAILED;
    *offset = 0;
    if (!context)
        return NULL;
    /* Values may hold bytes that are no text (`wide`). */
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF;
    return pcre2_compile((PCRE2_SPTR)text.ptr, text.len, options, error, offset, context);
}

SekStatus sek_pipe_regex_compile(SekArena *arena, SekStr text, SekPipeRegex **out, char *what) {
    int error;
    PCRE2_SIZE offset;
    pcre2_code *code = compile(arena, text, &error, &offset);
    if (!code && error == PCRE2_ERROR_HEAP_FAILED)
        return SEK_ERR_MEMORY;
    if (!code) {
        char reason[150];
        (void)pcre2_get_error_message(error, (PCRE2_UCHAR *)reason, sizeof reason); /* may be cut */
        snprintf(what, 200, "%s, at character %zu of the expression", reason, (size_t)offset + 1);
        return SEK_ERR_INPUT;
    }
    uint32_t groups = 0;
    (void)pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT,
                             &groups); /* fails on bad arguments only */
    if (groups + 1 > SEK_PIPE_REGEX_MAX_GROUPS)
        return SEK_ERR_LIMIT;
    SekPipeRegex *regex = SEK_ARENA_NEW(arena, SekPipeRegex);
    if (!regex)
        return SEK_ERR_MEMORY;
    *regex = (SekPipeRegex){code, groups + 1};
    *out = regex;
    return SEK_OK;
}

static SekStatus status_of(int result) {
    if (result >= 0)
        return SEK_OK;
    if (result == PCRE2_ERROR_NOMATCH)
        return SEK_NOT_FOUND;
    return result == PCRE2_ERROR_NOMEMORY ? SEK_ERR_MEMORY : SEK_ERR_LIMIT;
}

SekStatus sek_pipe_regex_match(const SekPipeRegex *regex, SekStr text, size_t from, bool anchored,
                               SekPipeMatch *out) {
    /* Of its own: without one the match would take its memory from where the code lies. */
    pcre2_general_context *heap = pcre2_general_context_create(NULL, NULL, NULL);
    pcre2_match_data *data = heap ? pcre2_match_data_create_from_pattern(regex->code, heap) : NULL;
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    SekStatus status = SEK_ERR_MEMORY;
    if (data && context) {
        (void)pcre2_set_match_limit(context, STEPS); /* cannot fail */
        status =
            status_of(pcre2_match(regex->code, (PCRE2_SPTR)(text.ptr ? text.ptr : ""), text.len,
                                  from, anchored ? PCRE2_ANCHORED : 0, data, context));
    }
    if (status == SEK_OK) {
        const PCRE2_SIZE *places = pcre2_get_ovector_pointer(data);
        out->n = regex->n_groups;
        for (uint32_t i = 0; i < out->n; i++) {
            out->start[i] = places[2 * i];
            out->end[i] = places[2 * i + 1];
        }
    }
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    pcre2_general_context_free(heap);
    return status;
}

int sek_pipe_regex_group(const SekPipeRegex *regex, SekStr name) {
    char text[40];
    if (name.len == 0 || name.len >= sizeof text)
        return -1;
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    int number = pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)text);
    return number > 0 ? number : -1;
}
