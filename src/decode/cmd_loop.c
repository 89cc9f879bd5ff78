/* SPDX-License-Identifier: Apache-2.0 */

/* Loops and conditions of cmd.exe over constants: for %x in (words), for /l (numbers), for /f over a
 * string or over what an echo prints; if with ==, equ ..., defined. A loop over files or over what some
 * command prints is left as it stands, and the layer says so. */
#include "decode/cmd_walk.h"

#include <stdlib.h>

#define FOR_TOKENS 26u /* %a .. %z */
#define MAX_ROUNDS 65536 /* of for /l; more are not followed */

static void run_body(SekCmdWalk *w, const SekCmdNode *node, const SekCmdLoop *loops) {
    SekCmdWalk inner = *w;
    if (w->run->dead) /* a round before left the file */
        return;
    inner.loops = loops;
    inner.in_loop = true;
    sek_tally_add(&w->run->tally, "for", 1);
    inner.depth++;
    /* What is shown first is joined as the loop was. */
    sek_cmd_walk_joined(&inner, node->body, w->run->out.len == w->loop_start && node->before[0] == '\n' ? node->before : "");
}

static bool step_loop(SekCmdWalk *w) {
    if (w->run->fatal == SEK_OK && sek_decoder_pay(w->run->decoder, 4))
        return true;
    sek_cmd_leave(w->run, "step limit");
    return false;
}

/* The loop as it was written; its body is looked at once, and nothing that it sets is known. */
static void leave_loop(SekCmdWalk *w, const SekCmdNode *node, SekStr set, const char *why) {
    SekBuf *out = &w->run->out;
    sek_cmd_leave(w->run, why);
    w->run->n_loops--;
    sek_cmd_write_operator(w->run, node->before);
    sek_buf_addf(out, "for %.*s%s%s%c in (%.*s) do", (int)node->options.len, node->options.ptr,
                 node->options.len ? " " : "", node->doubled ? "%%" : "%", node->variable, (int)set.len, set.ptr);
    sek_cmd_forget_sets(w, node->body);
    sek_cmd_walk_body(w, node->body);
    sek_cmd_forget_sets(w, node->body);
}

/* Rounds end at the step limit: what they wrote goes, and the loop stays. */
static void take_back(SekCmdWalk *w, const SekCmdNode *node, SekStr set, size_t len) {
    if (w->run->out.len > len)
        w->run->out.len = len;
    leave_loop(w, node, set, "step limit");
}

/* for %x in (a b c): the words. */
static void for_words(SekCmdWalk *w, const SekCmdNode *node, SekStr set) {
    size_t before = w->run->out.len;
    if (set.len && (memchr(set.ptr, '*', set.len) || memchr(set.ptr, '?', set.len))) {
        leave_loop(w, node, set, "a loop over files");
        return;
    }
    for (size_t i = 0; i < set.len;) {
        i = sek_cmd_skip(set, i);
        size_t start = i;
        bool quoted = false;
        while (i < set.len && (quoted || !sek_cmd_is_separator(set.ptr[i]))) {
            quoted ^= set.ptr[i] == '"';
            i++;
        }
        if (i == start)
            break;
        SekStr word = sek_str_n(set.ptr + start, i - start);
        if (!step_loop(w)) {
            take_back(w, node, set, before);
            return;
        }
        run_body(w, node, &(SekCmdLoop){node->variable, word, w->loops});
    }
}

/* Reads start,step,end; false when they are no numbers, or make more rounds than are followed. */
static bool read_numbers(SekStr set, long n[3]) {
    size_t at = 0;
    char text[64];
    if (set.len == 0 || set.len >= sizeof text)
        return false;
    memcpy(text, set.ptr, set.len);
    text[set.len] = '\0';
    for (int i = 0; i < 3; i++) {
        char *end;
        at = sek_cmd_skip(sek_str(text), at);
        n[i] = strtol(text + at, &end, 0);
        if (end == text + at || n[i] > 10000000 || n[i] < -10000000)
            return false;
        at = (size_t)(end - text);
    }
    return n[1] != 0 && (n[2] - n[0]) / n[1] < MAX_ROUNDS;
}

/* for /l %x in (start,step,end) */
static void for_numbers(SekCmdWalk *w, const SekCmdNode *node, SekStr set) {
    long n[3] = {0, 0, 0};
    size_t before = w->run->out.len;
    if (!read_numbers(set, n)) {
        leave_loop(w, node, set, "a loop without an end that is near");
        return;
    }
    for (long i = n[0]; n[1] > 0 ? i <= n[2] : i >= n[2]; i += n[1]) {
        char number[24];
        SekBuf buf;
        if (!step_loop(w)) {
            take_back(w, node, set, before);
            return;
        }
        sek_buf_init(&buf, sizeof number);
        sek_buf_addf(&buf, "%ld", i);
        SekStr value = sek_cmd_dup(w->run, sek_buf_str(&buf));
        sek_buf_deinit(&buf);
        run_body(w, node, &(SekCmdLoop){node->variable, value, w->loops});
    }
}

typedef struct ForF {
    SekStr delims;
    bool tokens[FOR_TOKENS + 1]; /* from 1 */
    unsigned last;  /* the highest, or 0 */
    bool rest;      /* "*": all behind the last */
    unsigned skip;
    char eol;
    bool known;
} ForF;

static void read_tokens(ForF *f, SekStr spec) {
    memset(f->tokens, 0, sizeof f->tokens);
    f->last = 0;
    for (size_t i = 0; i < spec.len;) {
        unsigned a = 0, b;
        if (spec.ptr[i] == '*') {
            f->rest = true;
            i++;
            continue;
        }
        while (i < spec.len && spec.ptr[i] >= '0' && spec.ptr[i] <= '9' && a < 1000)
            a = a * 10 + (unsigned)(spec.ptr[i++] - '0');
        b = a;
        if (i < spec.len && spec.ptr[i] == '-') {
            b = 0;
            for (i++; i < spec.len && spec.ptr[i] >= '0' && spec.ptr[i] <= '9' && b < 1000; i++)
                b = b * 10 + (unsigned)(spec.ptr[i] - '0');
        }
        for (unsigned t = a; t >= 1 && t <= b && t <= FOR_TOKENS; t++) {
            f->tokens[t] = true;
            f->last = t > f->last ? t : f->last;
        }
        i += i < spec.len && (spec.ptr[i] == ',' || a == 0);
    }
}

/* "tokens=1,2* delims=x eol=; skip=1 usebackq", in any order; delims= ends at a blank unless it is last. */
static ForF read_options(SekStr o) {
    ForF f = {.delims = SEK_STR(" \t"), .last = 1, .eol = ';', .known = true};
    f.tokens[1] = true;
    const char *quote = o.len ? memchr(o.ptr, '"', o.len) : NULL;
    if (!quote)
        return f;
    SekStr s = sek_str_n(quote + 1, o.len - (size_t)(quote - o.ptr) - 1);
    const char *close = s.len ? memchr(s.ptr, '"', s.len) : NULL;
    if (close)
        s.len = (size_t)(close - s.ptr);
    for (size_t i = 0; i < s.len;) {
        while (i < s.len && s.ptr[i] == ' ')
            i++;
        size_t start = i;
        while (i < s.len && s.ptr[i] != '=' && s.ptr[i] != ' ')
            i++;
        SekStr key = sek_str_n(s.ptr + start, i - start);
        if (i >= s.len || s.ptr[i] != '=') {
            f.known = f.known && (key.len == 0 || sek_str_eq_nocase(key, SEK_STR("usebackq")));
            continue;
        }
        start = ++i;
        while (i < s.len && s.ptr[i] != ' ')
            i++;
        SekStr value = sek_str_n(s.ptr + start, i - start);
        if (sek_str_eq_nocase(key, SEK_STR("delims"))) {
            ptrdiff_t more = sek_str_find(sek_str_n(s.ptr + i, s.len - i), SEK_STR("="));
            if (more < 0) { /* last: blanks belong to it */
                value = sek_str_n(s.ptr + start, s.len - start);
                i = s.len;
            }
            f.delims = value;
        } else if (sek_str_eq_nocase(key, SEK_STR("tokens"))) {
            read_tokens(&f, value);
        } else if (sek_str_eq_nocase(key, SEK_STR("eol"))) {
            f.eol = value.len ? value.ptr[0] : ';';
        } else {
            f.known = false;
        }
    }
    return f;
}

static bool is_delim(const ForF *f, char c) {
    return f->delims.len && memchr(f->delims.ptr, c, f->delims.len);
}

/* Runs the body for one line: its tokens become %x, %y, ... */
static void for_line(SekCmdWalk *w, const SekCmdNode *node, const ForF *f, SekStr line) {
    SekCmdLoop loops[FOR_TOKENS + 2];
    const SekCmdLoop *inner = w->loops;
    unsigned n = 0, token = 0;
    size_t i = 0;
    if (line.len == 0 || line.ptr[0] == f->eol)
        return;
    while (token < f->last || (f->rest && token == f->last)) {
        while (i < line.len && is_delim(f, line.ptr[i]))
            i++;
        size_t start = i;
        bool rest = f->rest && token == f->last;
        while (i < line.len && (rest || !is_delim(f, line.ptr[i])))
            i++;
        token++;
        if (!rest && !f->tokens[token])
            continue;
        loops[n] = (SekCmdLoop){(char)(node->variable + (char)n), sek_str_n(line.ptr + start, i - start), inner};
        inner = &loops[n++];
        if (rest)
            break;
    }
    if (n == 0 || (loops[0].value.len == 0 && f->delims.len))
        return;
    run_body(w, node, inner);
}

/* True when a %name% is left in the line: where its value would be cut into tokens is not known. */
static bool has_reference(SekStr line) {
    const char *first = line.len ? memchr(line.ptr, '%', line.len) : NULL;
    size_t rest = first ? (size_t)(line.ptr + line.len - first) - 1 : 0;
    const char *second = rest ? memchr(first + 1, '%', rest) : NULL;
    return second && second > first + 1;
}

/* for /f over constant strings: ("text"), or a command that only echoes. */
static void for_f(SekCmdWalk *w, const SekCmdNode *node, SekStr set) {
    ForF f = read_options(node->options);
    set = sek_str_trim(set);
    char first = set.len > 1 ? set.ptr[0] : '\0';
    bool closed = first && set.ptr[set.len - 1] == first;
    SekStr inside = closed ? sek_str_n(set.ptr + 1, set.len - 2) : set;
    bool back = sek_str_find(node->options, SEK_STR("usebackq")) >= 0;
    bool string = closed && first == (back ? '\'' : '"'), command = closed && first == (back ? '`' : '\'');
    SekStr echoed = command ? sek_cmd_echoed(w->run, inside) : (SekStr){NULL, 0};
    if (!f.known || !(string || echoed.ptr) || !step_loop(w)) {
        leave_loop(w, node, set, "a loop over a file or over what a command prints");
        return;
    }
    SekStr line = string ? inside : echoed;
    if (f.delims.len && has_reference(line)) {
        leave_loop(w, node, set, "a variable whose value is not known");
        return;
    }
    for_line(w, node, &f, line);
}

void sek_cmd_walk_for(SekCmdWalk *w, const SekCmdNode *node) {
    SekStr set = sek_cmd_put_values(w, node->text);
    char option = node->options.len > 1 && node->options.ptr[0] == '/' ? sek_ascii_lower(node->options.ptr[1]) : '\0';
    w->run->n_loops++;
    w->loop_start = w->run->out.len;
    if (w->run->dead)
        leave_loop(w, node, set, "");
    else if (option == 'f')
        for_f(w, node, set);
    else if (option == 'l')
        for_numbers(w, node, set);
    else if (option)
        leave_loop(w, node, set, "a loop over files");
    else
        for_words(w, node, set);
}

/* --- if --- */

typedef enum { NO, YES, MAYBE } Answer;

static Answer compare(SekStr a, SekStr op, SekStr b, bool ignore_case) {
    char x[24], y[24], *ex, *ey;
    long nx = 0, ny = 0;
    bool numbers = a.len > 0 && a.len < sizeof x && b.len > 0 && b.len < sizeof y;
    if (numbers) {
        memcpy(x, a.ptr, a.len);
        memcpy(y, b.ptr, b.len);
        x[a.len] = y[b.len] = '\0';
        nx = strtol(x, &ex, 0);
        ny = strtol(y, &ey, 0);
        numbers = !*ex && !*ey;
    }
    int order = numbers ? (nx > ny) - (nx < ny)
                : ignore_case && sek_str_eq_nocase(a, b) ? 0 : sek_str_cmp(a, b);
    static const struct {
        const char *op;
        bool less, equal, more;
    } ops[] = {{"equ", false, true, false}, {"neq", true, false, true}, {"lss", true, false, false},
               {"leq", true, true, false},  {"gtr", false, false, true}, {"geq", false, true, true}};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (sek_str_eq_nocase(op, sek_str(ops[i].op)))
            return (order < 0 ? ops[i].less : order == 0 ? ops[i].equal : ops[i].more) ? YES : NO;
    return MAYBE;
}

static bool is_known(SekStr s) {
    return s.len == 0 || (!memchr(s.ptr, '%', s.len) && !memchr(s.ptr, '!', s.len));
}

static Answer judge(SekCmdWalk *w, const SekCmdNode *node) {
    SekStr text = sek_cmd_put_values(w, node->text);
    ptrdiff_t equal = sek_str_find(text, SEK_STR("=="));
    SekStr a, b, op = SEK_STR("equ");
    if (equal >= 0) {
        a = sek_str_trim(sek_str_n(text.ptr, (size_t)equal));
        b = sek_str_trim(sek_str_n(text.ptr + equal + 2, text.len - (size_t)equal - 2));
        if (!is_known(a) || !is_known(b))
            return MAYBE;
        bool same = node->ignore_case ? sek_str_eq_nocase(a, b) : sek_str_eq(a, b);
        return same ? YES : NO;
    }
    SekStr words[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    size_t n = 0;
    for (size_t i = 0; i < text.len && n < 3;) {
        while (i < text.len && sek_cmd_is_blank(text.ptr[i]))
            i++;
        size_t start = i;
        while (i < text.len && !sek_cmd_is_blank(text.ptr[i]))
            i++;
        words[n++] = sek_str_n(text.ptr + start, i - start);
    }
    if (n == 2 && sek_str_eq_nocase(words[0], SEK_STR("defined"))) {
        const SekCmdVar *var = sek_cmd_env_get(&w->run->env, words[1]);
        bool blank = var && var->head.len + var->tail.len == 0;
        return !var || var->unknown || (blank && var->gap) ? MAYBE : blank ? NO : YES;
    }
    a = words[0];
    op = words[1];
    b = words[2];
    return n == 3 && is_known(a) && is_known(b) ? compare(a, op, b, node->ignore_case) : MAYBE;
}

/* Both branches, of which one runs: what they set is no longer known. */
static void walk_unsure(SekCmdWalk *w, const SekCmdNode *node) {
    sek_cmd_walk_body(w, node->body);
    sek_cmd_forget_sets(w, node->body);
    if (node->other) {
        sek_buf_adds(&w->run->out, " else");
        sek_cmd_walk_body(w, node->other);
        sek_cmd_forget_sets(w, node->other);
    }
}

/* A condition that is not known runs nothing of its own: its commands are shown and kept, but what they
 * set is no longer known. */
void sek_cmd_walk_if(SekCmdWalk *w, const SekCmdNode *node) {
    Answer answer = w->run->dead ? MAYBE : judge(w, node);
    if (answer != MAYBE && node->negated)
        answer = answer == YES ? NO : YES;
    if (answer == MAYBE) {
        sek_cmd_write_operator(w->run, node->before);
        SekStr condition = sek_cmd_put_values(w, node->text);
        sek_buf_addf(&w->run->out, "if %s%s%.*s", node->ignore_case ? "/i " : "", node->negated ? "not " : "",
                     (int)condition.len, condition.ptr);
        walk_unsure(w, node);
        return;
    }
    sek_cmd_walk_joined(w, answer == YES ? node->body : node->other, node->before);
}

