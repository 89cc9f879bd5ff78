/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is read behind the end of the text: where less than NEAR bytes are left, the plain functions go on. */
#include "event/text_jump_avx2.h"
#include "event/text_json_jump.h"

#define STEP SEK_WIDE_STEP
#define NEAR 256 /* bytes: a head, the bytes of a short jump, and a block behind the start of a value */
#define QUICK SEK_TRAIL_QUICK
#define AT_ONCE SEK_WIDE_AT_ONCE
#define AVX2 SEK_AVX2

_Static_assert(SEK_JSON_SLACK >= STEP, "a step is written as a whole");
_Static_assert(NEAR >= SEK_TRAIL_HEAD + 2 * SEK_MARK_BLOCK + STEP, "what is read is there");

AVX2 static inline void store(char *to, __m256i bytes) {
    _mm256_storeu_si256((__m256i *)(void *)to, bytes);
}

/* Bit i: byte i ends a run of plain characters (as signed numbers, those beyond ASCII are below a blank too). */
AVX2 static inline uint32_t special(__m256i bytes) {
    __m256i quote = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
    __m256i slash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
    __m256i other = _mm256_cmpgt_epi8(_mm256_set1_epi8(' '), bytes);
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(quote, slash), other));
}

AVX2 static inline uint32_t no_digits(__m256i bytes) {
    __m256i digits = _mm256_sub_epi8(bytes, _mm256_set1_epi8('0'));
    __m256i is_digit = _mm256_cmpeq_epi8(_mm256_min_epu8(digits, _mm256_set1_epi8(9)), digits);
    return ~(uint32_t)_mm256_movemask_epi8(is_digit);
}

AVX2 static void mark(SekTextMarks *m) {
    for (size_t i = 0; i < m->blocks; i++) {
        __m256i low = sek_wide_load(m->from + i * SEK_MARK_BLOCK), high = sek_wide_load(m->from + i * SEK_MARK_BLOCK + STEP);
        m->ends[i] = special(low) | (uint64_t)special(high) << STEP;
        m->others[i] = no_digits(low) | (uint64_t)no_digits(high) << STEP;
    }
}

/* Copies 32 bytes without their escapes, as far as they are plain characters and escapes of two bytes. */
AVX2 static inline void copy_step(const char **from, char **to) {
    const char *at = *from;
    char *out = *to;
    size_t done = 0; /* 33 when an escape begins in the last byte */
    __m256i bytes = sek_wide_load(at);
    for (uint32_t found = special(bytes); found; found &= (uint32_t)~((uint64_t)3 << (done - 2))) {
        uint32_t n = (uint32_t)__builtin_ctz(found);
        char c = at[n] == '\\' ? sek_json_escapes[(uint8_t)at[n + 1]] : '\0';
        store(out, sek_wide_load(at + done));
        out += n - done;
        done = n;
        if (c == 0) {
            *from = at + done;
            *to = out;
            return;
        }
        *out++ = c;
        done = n + 2;
    }
    if (done < STEP) {
        store(out, sek_wide_load(at + done));
        out += STEP - done;
        done = STEP;
    }
    *from = at + done;
    *to = out;
}

AVX2 static const char *copy(const char *at, const char *end, char **to) {
    ptrdiff_t passed = STEP;
    while (passed >= (ptrdiff_t)STEP && end - at > (ptrdiff_t)(2 * STEP)) {
        const char *before = at;
        copy_step(&at, to);
        passed = at - before;
    }
    return at;
}

/* sek_json_read_special with wide steps: the string at `start`, which has special bytes before its end. What is behind
 * it, or NULL. */
static const char *read_special(SekJsonText *t, const char *start, SekStr *out) {
    char *to = t->plain;
    const char *at = start;
    for (;;) {
        at = sek_json_copy_plain(t->form->copy(at, t->end, &to), t->end, &to);
        if (at == t->end)
            return NULL;
        if (*at == '"')
            break;
        if (!sek_json_pass_special(t, &at, &to))
            return NULL;
    }
    *out = sek_str_n(t->plain, (size_t)(to - t->plain));
    t->plain = to;
    return at + 1;
}

/* --- marks --------------------------------------------------------------------------------------- */

/* Makes sure that the AT_ONCE bytes from `at` on are marked; false when the end of the text is near. */
static inline bool is_marked(SekJsonText *t, const char *at) {
    if (sek_wide_is_marked(t->marks, at))
        return true;
    if (!sek_wide_place_marks(t->marks, at, t->begin, t->end))
        return false;
    t->form->mark(t->marks);
    return true;
}

/* --- values -------------------------------------------------------------------------------------- */

/* The end of the plain characters from `start` on; NULL when the end of the text is near. */
AVX2 static inline const char *pass_plain(SekJsonText *t, const char *start) {
    const char *at = start;
    for (;;) {
        unsigned n = sek_wide_unmarked(t->marks, t->marks->ends, at);
        if (n < AT_ONCE)
            return at + n;
        at += AT_ONCE - 1;
        if (!is_marked(t, at))
            return NULL;
    }
}

/* True when `n` digits at `start` are a whole number as JSON has it. */
static inline bool is_whole_number(const char *start, unsigned n) {
    return n - 1 < AT_ONCE - 1 && (start[n] == ',' || start[n] == '}') && (n == 1 || start[0] != '0');
}

static inline uint32_t most_values(const SekTextValues *v) {
    return v->cap < SEK_TEXT_MAX_LEAVES ? v->cap : SEK_TEXT_MAX_LEAVES;
}

/* --- records ------------------------------------------------------------------------------------- */

/* The jump that was taken behind `last`, if it fits again. */
AVX2 static inline uint32_t same_again(const SekTrail *trail, uint32_t last, const char *at, size_t left) {
    uint32_t then = trail->jumps[last].then;
    const SekTrailJump *jump = &trail->jumps[then];
    if (!then)
        return 0;
    uint32_t same = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(sek_wide_load(at), sek_wide_load(jump->head)));
    if (~same & jump->counts)
        return 0;
    if (jump->len > STEP)
        return sek_json_jump_fits(jump, at, left) ? then : 0;
    return jump->text || jump->end || sek_json_is_scalar(at[jump->len]) ? then : 0;
}

/* The next jump; 0 when there is none. */
AVX2 static inline uint32_t next_jump(SekTrail *trail, uint32_t last, const char *at, size_t left) {
    uint32_t found = last ? same_again(trail, last, at, left) : 0;
    if (found)
        return found;
    found = sek_json_jump_find(trail, trail->at, at, left);
    if (found && last)
        trail->jumps[last].then = found;
    return found;
}

/* The string at `start`, in which the first end of plain characters is `end`. False leaves it to the parser. */
static bool read_text(SekJsonText *t, const char *start, const char *end) {
    SekStr value = {start, (size_t)(end - start)};
    t->at = *end == '"' ? end + 1 : read_special(t, start, &value);
    return t->at && sek_json_add_value(t, start, value, SEK_WRITTEN_TEXT);
}

static bool read_scalar(SekJsonText *t, const char *start) {
    t->at = start;
    return sek_json_read_scalar(t);
}

/* As long as nothing is unusual: jumps that are taken again, behind `last`, and values. Returns the last one taken. */
AVX2 static uint32_t run(SekJsonText *t, uint32_t last) {
    const SekTextMarks *m = t->marks;
    const SekTrailJump *jumps = t->r->trail->jumps, *jump = &jumps[last], *next;
    SekTextValues *v = &t->r->values;
    SekValue *values = v->values;
    uint32_t *places = v->places, k = v->n, max = most_values(v);
    uint8_t *written = v->written;
    const char *at = t->at, *from = m->from, *begin = t->begin;
    if (!from || at < from || m->reach < QUICK)
        return last;
    for (const char *stop = from + m->reach - QUICK; at <= stop && k < max; k++, jump = next) {
        next = &jumps[jump->then];
        if (!next->quick || !sek_wide_stands(next, at))
            break;
        const char *start = at + next->len;
        unsigned n = sek_wide_unmarked(m, next->text ? m->ends : m->others, start);
        if (next->text ? n >= AT_ONCE : !is_whole_number(start, n))
            break;
        if (next->text && start[n] != '"') {
            SekStr value;
            const char *behind = read_special(t, start, &value);
            if (!behind || value.len > SEK_TEXT_MAX_VALUE)
                break;
            at = behind;
            values[k] = (SekValue){(const uint8_t *)value.ptr, (uint32_t)value.len, SEK_VALUE_UTF8};
        } else {
            at = start + n + next->text;
            values[k] = (SekValue){(const uint8_t *)start, n, SEK_VALUE_UTF8};
        }
        places[k] = (uint32_t)(start - begin);
        written[k] = next->text ? SEK_WRITTEN_TEXT : SEK_WRITTEN_NUMBER;
    }
    t->at = at;
    v->n = k;
    return (uint32_t)(jump - jumps);
}

/* A step that may be unusual. */
AVX2 static inline SekJsonJumped step(SekJsonText *t, uint32_t *last) {
    SekTrail *trail = t->r->trail;
    const char *at = t->at;
    if (t->end - at < NEAR)
        return sek_json_jump_plain(t);
    uint32_t found = next_jump(trail, *last, at, (size_t)(t->end - at));
    const SekTrailJump *jump = &trail->jumps[found];
    if (!found)
        return SEK_JUMPED_TO_STEPS;
    const char *start = at + jump->len, *end = NULL;
    if (jump->end) {
        t->at = start;
        trail->at = jump->to;
        return SEK_JUMPED_TO_END;
    }
    if (!is_marked(t, start) || (jump->text && !(end = pass_plain(t, start))))
        return sek_json_jump_plain(t);
    if (!(jump->text ? read_text(t, start, end) : read_scalar(t, start)))
        return SEK_JUMPED_WRONG;
    trail->at = jump->to;
    *last = found;
    return SEK_JUMPED_ON;
}

static SekJsonJumped jump_wide(SekJsonText *t) {
    SekTrail *trail = t->r->trail;
    SekJsonJumped jumped;
    uint32_t last = sek_trail_root_jump(trail->at); /* 0: what comes behind this value is looked for */
    do {
        last = last ? run(t, last) : 0;
        trail->at = last ? trail->jumps[last].to : trail->at;
    } while ((jumped = step(t, &last)) == SEK_JUMPED_ON);
    return jumped;
}

bool sek_json_form_avx2(SekJsonForm *out) {
    *out = (SekJsonForm){jump_wide, mark, copy};
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}
