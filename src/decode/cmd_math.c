/* SPDX-License-Identifier: Apache-2.0 */

/* `set /a`: whole numbers of 32 bits, names of variables, the operators that `set /?` lists, several
 * expressions with commas between them. The expression is evaluated while it is read; where something is not
 * known, what it assigns is unknown. Depth is bounded. */
#include "decode/cmd.h"

#include <stdlib.h>

#define MAX_DEPTH 32u

typedef struct Number {
    bool known;
    int32_t value;
} Number;

typedef struct Math {
    SekCmdRun *run;
    SekStr text;
    size_t at;
    uint32_t depth;
    bool sure; /* what is assigned is assigned in any case */
    bool bad;  /* not an expression: cmd says so and assigns nothing more */
} Math;

static const Number unknown_number = {false, 0};

static Number known(int64_t value) {
    return (Number){true, (int32_t)(uint32_t)(uint64_t)value};
}

static char peek(const Math *m, size_t more) {
    return m->at + more < m->text.len ? m->text.ptr[m->at + more] : '\0';
}

static void skip_blanks(Math *m) {
    while (m->at < m->text.len && (sek_cmd_is_blank(peek(m, 0)) || peek(m, 0) == '"'))
        m->at++;
}

static bool is_name(char c) {
    return c && !sek_cmd_is_blank(c) && !strchr("()!~-*/%+<>&^|=,\"", c);
}

static Number fail(Math *m) {
    m->bad = true;
    return unknown_number;
}

/* Decimal, 0x hexadecimal, 0 octal; everything is a number that a text is one of. */
static bool read_number(SekStr s, int64_t *out) {
    char digits[24], *end;
    if (s.len == 0 || s.len >= sizeof digits || !(s.ptr[0] == '-' || (s.ptr[0] >= '0' && s.ptr[0] <= '9')))
        return false;
    memcpy(digits, s.ptr, s.len);
    digits[s.len] = '\0';
    long long value = strtoll(digits, &end, 0);
    *out = value;
    return *end == '\0' && value >= INT32_MIN && value <= INT32_MAX;
}

/* A variable's value: one that holds no number is not followed, and neither is one that was never set. */
static Number value_of(const Math *m, SekStr name) {
    const SekCmdVar *var = sek_cmd_env_get(&m->run->env, name);
    int64_t value;
    bool good = var && !var->unknown && !var->gap && read_number(sek_str_trim(var->head), &value);
    return good ? known(value) : unknown_number;
}

static Number read_comma(Math *m);
static Number read_assignment(Math *m);

static Number read_operand(Math *m) {
    skip_blanks(m);
    char c = peek(m, 0);
    Number n;
    if (m->depth >= MAX_DEPTH || m->bad)
        return fail(m);
    if (c == '(' || (c && strchr("!~-+", c))) {
        m->at++;
        m->depth++;
        n = c == '(' ? read_comma(m) : read_operand(m);
        m->depth--;
        skip_blanks(m);
        if (c == '(' && peek(m, 0) != ')')
            return fail(m);
        m->at += c == '(';
        int64_t v = n.value;
        return !n.known ? n : c == '-' ? known(-v) : c == '~' ? known(~v) : c == '!' ? known(v == 0) : n;
    }
    size_t start = m->at;
    while (is_name(peek(m, 0)))
        m->at++;
    SekStr word = sek_str_n(m->text.ptr + start, m->at - start);
    int64_t value;
    if (word.len == 0)
        return fail(m);
    if (word.ptr[0] >= '0' && word.ptr[0] <= '9')
        return read_number(word, &value) ? known(value) : fail(m);
    return value_of(m, word);
}

static Number apply(Math *m, char op, Number a, Number b) {
    if (!a.known || !b.known)
        return unknown_number;
    int64_t x = a.value, y = b.value;
    switch (op) {
    case '*':
        return known(x * y);
    case '/':
        return y ? known(x / y) : fail(m);
    case '%':
        return y ? known(x % y) : fail(m);
    case '+':
        return known(x + y);
    case '-':
        return known(x - y);
    case '<':
        return y >= 0 && y < 32 ? known((int64_t)((uint64_t)x << y)) : unknown_number;
    case '>':
        return y >= 0 && y < 32 ? known(x >> y) : unknown_number;
    case '&':
        return known(x & y);
    case '^':
        return known(x ^ y);
    default:
        return known(x | y);
    }
}

/* The operator at the place: its priority, its length in *out_len; 0 = none, or one that assigns. */
static int operator_at(const Math *m, size_t *out_len) {
    static const char *const levels[] = {"|", "^", "&", "<>", "+-", "*/%"};
    char c = peek(m, 0);
    for (int i = 0; c && i < 6; i++) {
        if (!strchr(levels[i], c))
            continue;
        bool twice = c == '<' || c == '>' || (c == '%' && peek(m, 1) == '%'); /* %% in a batch file */
        if ((c == '<' || c == '>') && peek(m, 1) != c)
            return 0;
        *out_len = twice ? 2 : 1;
        return peek(m, *out_len) == '=' ? 0 : i + 1;
    }
    return 0;
}

static Number read_binary(Math *m, int least) {
    Number left = read_operand(m);
    size_t len;
    int priority;
    for (skip_blanks(m); !m->bad && (priority = operator_at(m, &len)) >= least && priority > 0; skip_blanks(m)) {
        char op = peek(m, 0);
        m->at += len;
        left = apply(m, op, left, read_binary(m, priority + 1));
    }
    return left;
}

static void assign(Math *m, SekStr name, Number value) {
    SekBuf text;
    sek_buf_init(&text, 16);
    sek_buf_addf(&text, "%d", (int)value.value);
    if (!sek_cmd_env_set(m->run, name, sek_buf_str(&text)))
        m->run->partial = m->run->partial ? m->run->partial : "more variables than the limit";
    if (!value.known || !m->sure || m->run->jumps)
        sek_cmd_env_forget(m->run, name);
    sek_buf_deinit(&text);
}

/* name = x, name += x ...; anything else is a value. */
static Number read_assignment(Math *m) {
    skip_blanks(m);
    size_t start = m->at, len = 0;
    while (is_name(peek(m, 0)))
        m->at++;
    SekStr name = sek_str_n(m->text.ptr + start, m->at - start);
    skip_blanks(m);
    char op = peek(m, 0);
    if (op && strchr("*/%+-<>&^|", op))
        len = op == '<' || op == '>' || (op == '%' && peek(m, 1) == '%') ? 2 : 1;
    if (name.len == 0 || (name.ptr[0] >= '0' && name.ptr[0] <= '9') || peek(m, len) != '=' || m->depth >= MAX_DEPTH) {
        m->at = start;
        return read_binary(m, 1);
    }
    m->at += len + 1;
    m->depth++;
    Number right = read_assignment(m), value = len ? apply(m, op, value_of(m, name), right) : right;
    m->depth--;
    if (!m->bad)
        assign(m, name, value);
    return value;
}

static Number read_comma(Math *m) {
    Number value = read_assignment(m);
    for (skip_blanks(m); !m->bad && peek(m, 0) == ','; skip_blanks(m)) {
        m->at++;
        value = read_assignment(m);
    }
    return value;
}

/* Makes every name that stands before a sign of assignment unknown. */
static void forget_targets(SekCmdRun *run, SekStr text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '=')
            continue;
        size_t end = i, start;
        while (end > 0 && strchr("*/%+-<>&^| ", text.ptr[end - 1]))
            end--;
        for (start = end; start > 0 && is_name(text.ptr[start - 1]); start--) {
        }
        if (end > start)
            sek_cmd_env_forget(run, sek_str_n(text.ptr + start, end - start));
    }
}

void sek_cmd_calculate(SekCmdRun *run, SekStr expression, bool sure) {
    Math m = {.run = run, .text = expression, .sure = sure};
    if (sek_decoder_pay(run->decoder, 1 + expression.len / 16))
        (void)read_comma(&m);
    else
        m.bad = true;
    skip_blanks(&m);
    if (m.bad || m.at < expression.len)
        forget_targets(run, expression);
}
