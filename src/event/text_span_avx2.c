/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is read behind the end of the text: marks are made of whole blocks that lie in it, and where no two are left the
 * plain functions go on. */
#include "event/text_jump_avx2.h"
#include "event/text_span.h"

#define STEP SEK_WIDE_STEP
#define AT_ONCE SEK_WIDE_AT_ONCE
#define AVX2 SEK_AVX2

AVX2 static inline uint32_t is(__m256i bytes, char c) {
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c)));
}

AVX2 static inline uint32_t beyond_ascii(__m256i bytes) {
    return (uint32_t)_mm256_movemask_epi8(bytes);
}

AVX2 static inline void mark_xml(__m256i bytes, uint32_t *ends, uint32_t *others) {
    uint32_t both = is(bytes, '&') | beyond_ascii(bytes);
    *ends = is(bytes, '<') | both;
    *others = is(bytes, '\'') | is(bytes, '"') | both;
}

AVX2 static inline void mark_csv(__m256i bytes, char separator, uint32_t *ends, uint32_t *others) {
    *others = is(bytes, '"') | beyond_ascii(bytes);
    *ends = is(bytes, separator) | is(bytes, '\n') | is(bytes, '\r') | *others;
}

AVX2 static void mark(SekTextMarks *m, bool csv, char separator) {
    for (size_t i = 0; i < m->blocks; i++) {
        uint32_t ends[2], others[2];
        for (unsigned half = 0; half < 2; half++) {
            __m256i bytes = sek_wide_load(m->from + i * SEK_MARK_BLOCK + half * STEP);
            if (csv)
                mark_csv(bytes, separator, &ends[half], &others[half]);
            else
                mark_xml(bytes, &ends[half], &others[half]);
        }
        m->ends[i] = ends[0] | (uint64_t)ends[1] << STEP;
        m->others[i] = others[0] | (uint64_t)others[1] << STEP;
    }
}

/* Makes sure that the AT_ONCE bytes from `at` on are marked; false when the end of the text is near. */
static inline bool is_marked(SekSpanText *t, const char *at) {
    if (sek_wide_is_marked(t->marks, at))
        return true;
    if (!sek_wide_place_marks(t->marks, at, t->begin, t->end))
        return false;
    t->form.mark(t->marks, t->csv, t->separator);
    return true;
}

static inline const uint64_t *marks_of(const SekTextMarks *m, const SekTrailJump *jump) {
    return jump->text ? m->others : m->ends;
}

/* True when the value of `n` bytes at `start` is plain, and ends there as one of its kind does. `csv` is known to the
 * compiler. */
static inline bool ends_well(const SekSpanText *t, const SekTrailJump *jump, const char *start, size_t n, bool csv) {
    char c = start[n];
    if (!csv)
        return jump->text ? c == jump->stop : c == '<' && start[n + 1] == '/';
    if (jump->text)
        return n && c == '"' && start[n + 1] != '"';
    return n && (c == t->separator || c == '\n' || c == '\r');
}

/* As long as nothing is unusual: jumps that are taken again, behind `last`, and values. Returns the last one taken. */
AVX2 static inline __attribute__((always_inline)) uint32_t run(SekSpanText *t, uint32_t last, bool csv) {
    const SekTextMarks *m = t->marks;
    const SekTrailJump *jumps = t->r->trail->jumps, *jump = &jumps[last], *next;
    SekTextValues *v = &t->r->values;
    SekValue *values = v->values;
    uint32_t *places = v->places, k = v->n, max = v->cap < SEK_TEXT_MAX_LEAVES ? v->cap : SEK_TEXT_MAX_LEAVES;
    uint8_t *written = v->written;
    const char *at = t->at, *begin = t->begin;
    if (!m->from || at < m->from || m->reach < SEK_TRAIL_QUICK)
        return last;
    for (const char *stop = m->from + m->reach - SEK_TRAIL_QUICK; at <= stop && k < max; k++, jump = next) {
        next = &jumps[jump->then];
        if (!next->quick || !sek_wide_stands(next, at))
            break;
        const char *start = at + next->len;
        unsigned n = sek_wide_unmarked(m, marks_of(m, next), start);
        if (n >= AT_ONCE || !ends_well(t, next, start, n, csv))
            break;
        at = start + n + next->text;
        values[k] = (SekValue){(const uint8_t *)start, n, SEK_VALUE_UTF8};
        places[k] = (uint32_t)(start - begin);
        written[k] = SEK_WRITTEN_TEXT;
    }
    t->at = at;
    v->n = k;
    return (uint32_t)(jump - jumps);
}

AVX2 static uint32_t run_xml(SekSpanText *t, uint32_t last) {
    return run(t, last, false);
}

AVX2 static uint32_t run_csv(SekSpanText *t, uint32_t last) {
    return run(t, last, true);
}

/* The end of the bytes without a mark from `start` on; NULL when the end of the text is near. */
AVX2 static const char *pass_unmarked(SekSpanText *t, const SekTrailJump *jump, const char *start) {
    const char *at = start;
    while (is_marked(t, at)) {
        unsigned n = sek_wide_unmarked(t->marks, marks_of(t->marks, jump), at);
        if (n < AT_ONCE)
            return at + n;
        at += AT_ONCE - 1;
    }
    return NULL;
}

/* The next jump; 0 when there is none. */
static uint32_t next_jump(SekSpanText *t, uint32_t last) {
    SekTrail *trail = t->r->trail;
    uint32_t then = trail->jumps[last].then; /* 0 for no jump */
    if (then && sek_span_fits(t, &trail->jumps[then]))
        return then;
    uint32_t found = sek_span_find(t);
    if (found && last)
        trail->jumps[last].then = found;
    return found;
}

typedef enum { AT_END, ON, ELSEWHERE, NEAR } Step;

/* A step that may be unusual. NEAR: nothing happened, since the end of the text is near. */
static Step step(SekSpanText *t, uint32_t *last) {
    SekTrail *trail = t->r->trail;
    uint32_t found = next_jump(t, *last);
    const SekTrailJump *jump = &trail->jumps[found];
    if (!found)
        return ELSEWHERE;
    const char *start = t->at + jump->len;
    if (jump->end) {
        t->at = start;
        trail->at = jump->to;
        return AT_END;
    }
    const char *end = pass_unmarked(t, jump, start);
    if (!end || t->end - end < 2)
        return NEAR;
    t->at = start;
    if (!ends_well(t, jump, start, (size_t)(end - start), t->csv)) {
        if (!sek_span_read(t, jump))
            return ELSEWHERE;
    } else {
        if (!sek_span_add(t, start, sek_str_n(start, (size_t)(end - start))))
            return ELSEWHERE;
        t->at = end + jump->text;
    }
    trail->at = jump->to;
    *last = found;
    return ON;
}

static bool jump_wide(SekSpanText *t) {
    SekTrail *trail = t->r->trail;
    uint32_t last = sek_trail_root_jump(trail->at); /* 0: what comes first is looked for */
    for (;;) {
        if (last) {
            last = t->csv ? run_csv(t, last) : run_xml(t, last);
            trail->at = trail->jumps[last].to;
        }
        Step taken = step(t, &last);
        if (taken == NEAR)
            return sek_span_jump_plain(t);
        if (taken != ON)
            return taken == AT_END;
    }
}

bool sek_span_form_avx2(SekSpanForm *out) {
    *out = (SekSpanForm){jump_wide, mark};
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}
