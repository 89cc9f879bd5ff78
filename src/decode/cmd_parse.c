/* SPDX-License-Identifier: Apache-2.0 */

/* The syntax of cmd.exe: commands joined by operators, groups, for and if. Carets go unless they protect
 * a sign that would mean something again when the text is read once more; so the text of a command can be
 * shown, and given to sek_cmd_plain to get what a program sees. Lives in the run's scratch arena. */
#include "decode/cmd.h"

typedef struct Parser {
    SekCmdRun *run;
    SekStr text;
    size_t at;
    uint32_t groups; /* open */
    uint32_t depth;
    uint32_t nodes;
} Parser;

SekStr sek_cmd_dup(SekCmdRun *run, SekStr s) {
    SekStr copy = sek_arena_dup(&run->decoder->scratch, s);
    if (!copy.ptr) {
        run->fatal = sek_arena_why(&run->decoder->scratch);
        return SEK_STR("");
    }
    return copy;
}

SekStr sek_cmd_plain(SekCmdRun *run, SekStr text) {
    if (text.len == 0 || !memchr(text.ptr, '^', text.len))
        return text;
    char *out = sek_arena_alloc(&run->decoder->scratch, text.len);
    if (!out) {
        run->fatal = sek_arena_why(&run->decoder->scratch);
        return text;
    }
    size_t n = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '^' && !quoted && i + 1 < text.len)
            i++;
        else if (text.ptr[i] == '"')
            quoted = !quoted;
        out[n++] = text.ptr[i];
    }
    return sek_str_n(out, n);
}

/* Carets that still mean something to a reader of the text. */
static bool needs_caret(char c) {
    return c != '\0' && strchr("&|<>^()\"%!", c) != NULL;
}

size_t sek_cmd_line_len(SekStr text, size_t at) {
    int open = 0;
    bool quoted = false, word = true; /* a parenthesis opens a group where a command may begin */
    for (size_t i = at; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\n' && open <= 0)
            return i - at;
        if (c == '\n')
            quoted = false;
        if (c == '"')
            quoted = !quoted;
        if (quoted)
            continue;
        if (c == '^' && i + 1 < text.len)
            i += 1 + (text.ptr[i + 1] == '\r');
        else if (c == '(')
            open += word || open > 0;
        else if (c == ')' && open > 0)
            open--;
        word = c == '(' || c == '&' || c == '|' || c == '\n' || (word && sek_cmd_is_separator(c)) || (c == ' ' && open == 0);
    }
    return text.len - at;
}

static char peek(const Parser *p, size_t more) {
    return p->at + more < p->text.len ? p->text.ptr[p->at + more] : '\0';
}

static bool done(const Parser *p) {
    return p->at >= p->text.len || p->run->fatal != SEK_OK;
}

static void skip_separators(Parser *p) {
    while (!done(p) && (sek_cmd_is_separator(peek(p, 0)) || peek(p, 0) == '@'))
        p->at++;
}

static void skip_blanks(Parser *p) {
    while (!done(p) && sek_cmd_is_blank(peek(p, 0)))
        p->at++;
}

/* The word at the place, without moving: letters with carets and quotes taken out. */
static bool word_is(const Parser *p, const char *word, size_t *out_len) {
    size_t i = p->at, n = 0;
    while (i < p->text.len && word[n]) {
        char c = p->text.ptr[i];
        if (c == '^') {
            i++;
            continue;
        }
        if (sek_ascii_lower(c) != word[n])
            return false;
        i++;
        n++;
    }
    char after = i < p->text.len ? p->text.ptr[i] : ' ';
    if (word[n] || !(sek_cmd_is_separator(after) || strchr("(/\"%!&|)^", after) != NULL))
        return false;
    *out_len = i - p->at;
    return true;
}

static SekCmdNode *new_node(Parser *p, SekCmdKind kind) {
    SekCmdNode *node = p->nodes++ < SEK_CMD_MAX_COMMANDS ? SEK_ARENA_NEW(&p->run->decoder->scratch, SekCmdNode) : NULL;
    if (!node) {
        if (p->nodes <= SEK_CMD_MAX_COMMANDS)
            p->run->fatal = sek_arena_why(&p->run->decoder->scratch);
        else
            p->run->partial = "more commands than the limit";
        p->at = p->text.len;
        return NULL;
    }
    node->kind = kind;
    return node;
}

/* --- simple commands --- */

/* True at an operator outside quotes, or at the parenthesis that ends the group. */
static bool ends_command(const Parser *p, char c) {
    return c == '&' || c == '|' || c == '\n' || (c == ')' && p->groups > 0);
}

/* `2>&1` and `>&2`: the sign joins no commands. */
static bool is_redirection(const SekBuf *text, char c) {
    return c == '&' && text->len > 0 && (text->data[text->len - 1] == '>' || text->data[text->len - 1] == '<');
}

/* Takes what follows a caret. */
static void take_caret(Parser *p, SekBuf *out) {
    char next = peek(p, 1);
    if (next == '\r' || next == '\n') { /* goes on in the next line */
        p->at += next == '\r' && peek(p, 2) == '\n' ? 3 : 2;
        sek_tally_add(&p->run->tally, "caret", 1);
        return;
    }
    if (p->at + 1 >= p->text.len) {
        p->at++;
        return;
    }
    if (needs_caret(next))
        sek_buf_addc(out, '^');
    else
        sek_tally_add(&p->run->tally, "caret", 1);
    sek_buf_addc(out, next);
    p->at += 2;
}

static SekCmdNode *parse_simple(Parser *p) {
    SekCmdNode *node = new_node(p, SEK_CMD_SIMPLE);
    if (!node)
        return NULL;
    SekBuf text;
    sek_buf_init(&text, p->text.len + 1);
    bool quoted = false;
    while (!done(p)) {
        char c = peek(p, 0);
        if (c == '^' && !quoted) {
            take_caret(p, &text);
            continue;
        }
        if (c == '\n')
            quoted = false;
        if (!quoted && ends_command(p, c) && !is_redirection(&text, c))
            break;
        if (c == '"')
            quoted = !quoted;
        if (c != '\r')
            sek_buf_addc(&text, c);
        p->at++;
    }
    if (text.failed == SEK_ERR_MEMORY)
        p->run->fatal = SEK_ERR_MEMORY;
    node->text = sek_cmd_dup(p->run, sek_buf_str(&text));
    sek_buf_deinit(&text);
    return node;
}

/* rem: all that follows in the line is its text. */
static SekCmdNode *parse_comment(Parser *p) {
    SekCmdNode *node = new_node(p, SEK_CMD_SIMPLE);
    size_t start = p->at;
    while (!done(p) && peek(p, 0) != '\n')
        p->at++;
    if (node)
        node->text = sek_str_n(p->text.ptr + start, p->at - start);
    return node;
}

static SekCmdNode *parse_list(Parser *p);

/* The text up to the parenthesis that closes the one before the place, which is passed over. */
static SekStr take_parentheses(Parser *p) {
    size_t start = p->at;
    bool quoted = false;
    unsigned open = 1;
    for (; !done(p); p->at++) {
        char c = peek(p, 0);
        if (c == '^' && !quoted) {
            p->at++;
            continue;
        }
        if (c == '"')
            quoted = !quoted;
        if (quoted)
            continue;
        open += c == '(';
        if (c == ')' && --open == 0)
            break;
    }
    size_t end = p->at < p->text.len ? p->at : p->text.len;
    SekStr inside = sek_str_n(p->text.ptr + start, end - start);
    p->at += p->at < p->text.len;
    return inside;
}

/* Takes the carets out of what `for` has in its parentheses. */
static SekStr without_carets(Parser *p, SekStr text) {
    if (text.len && memchr(text.ptr, '^', text.len))
        sek_tally_add(&p->run->tally, "caret", 1);
    return sek_cmd_plain(p->run, text);
}

/* for [/f ["options"] | /l | ...] %x in (...) do command; NULL and nothing taken when it is not that. */
static SekCmdNode *parse_for(Parser *p, size_t word) {
    size_t start = p->at;
    p->at += word;
    skip_separators(p);
    size_t options = p->at;
    while (!done(p) && peek(p, 0) != '%') {
        if (peek(p, 0) == '"') {
            const char *close = memchr(p->text.ptr + p->at + 1, '"', p->text.len - p->at - 1);
            p->at = close ? (size_t)(close - p->text.ptr) : p->text.len;
        }
        p->at++;
    }
    SekStr option = sek_str_trim(sek_str_n(p->text.ptr + options, (p->at < p->text.len ? p->at : p->text.len) - options));
    unsigned signs = 0;
    for (; peek(p, 0) == '%' || peek(p, 0) == '^'; p->at++)
        signs += peek(p, 0) == '%';
    char variable = peek(p, 0);
    size_t len;
    if (!done(p))
        p->at++;
    skip_separators(p);
    bool in = word_is(p, "in", &len);
    p->at += in ? len : 0;
    skip_separators(p);
    if (!in || peek(p, 0) != '(' || sek_cmd_is_blank(variable)) {
        p->at = start;
        return NULL;
    }
    p->at++;
    SekStr set = without_carets(p, take_parentheses(p));
    skip_separators(p);
    if (!word_is(p, "do", &len)) {
        p->at = start;
        return NULL;
    }
    p->at += len;
    SekCmdNode *node = new_node(p, SEK_CMD_FOR);
    if (!node)
        return NULL;
    *node = (SekCmdNode){.kind = SEK_CMD_FOR, .text = set, .variable = variable, .doubled = signs > 1,
                         .options = without_carets(p, option)};
    node->body = parse_list(p);
    return node;
}

/* The end of a condition: "defined x", "exist x", "a==b", "a equ b". */
static bool take_condition(Parser *p, SekStr *out) {
    size_t start = p->at, len;
    unsigned words = word_is(p, "defined", &len) || word_is(p, "exist", &len) || word_is(p, "errorlevel", &len) ? 2 : 0;
    bool quoted = false, compared = false;
    for (unsigned n = 0; !done(p); p->at++) {
        char c = peek(p, 0);
        if (c == '"')
            quoted = !quoted;
        compared = compared || (c == '=' && peek(p, 1) == '=');
        bool ends = !quoted && sek_cmd_is_blank(c) && !sek_cmd_is_blank(peek(p, 1)) && peek(p, 1) != '=';
        if (!quoted && (c == '(' || c == '\n') && words == 0 && compared)
            break;
        if (!ends || (p->at > start && sek_str_ends(sek_str_n(p->text.ptr + start, p->at - start), SEK_STR("=="))))
            continue;
        n++;
        if (words ? n == words : compared ? true : n == 3)
            break;
    }
    *out = sek_str_trim(sek_str_n(p->text.ptr + start, (p->at < p->text.len ? p->at : p->text.len) - start));
    return out->len > 0 && !done(p);
}

static SekCmdNode *parse_group(Parser *p) {
    SekCmdNode *node = new_node(p, SEK_CMD_GROUP);
    if (!node)
        return NULL;
    p->at++;
    p->groups++;
    node->body = parse_list(p);
    p->groups--;
    if (peek(p, 0) == ')')
        p->at++;
    return node;
}

/* A group, or all that follows: `if x a & b` runs both or none. */
static SekCmdNode *parse_branch(Parser *p) {
    skip_blanks(p);
    return peek(p, 0) == '(' ? parse_group(p) : parse_list(p);
}

static SekCmdNode *parse_if(Parser *p, size_t word) {
    size_t start = p->at, len;
    SekCmdNode made = {.kind = SEK_CMD_IF};
    p->at += word;
    for (skip_blanks(p);; skip_blanks(p)) {
        if (word_is(p, "/i", &len))
            made.ignore_case = true;
        else if (word_is(p, "not", &len))
            made.negated = !made.negated;
        else
            break;
        p->at += len;
    }
    if (!take_condition(p, &made.text)) {
        p->at = start;
        return NULL;
    }
    made.text = without_carets(p, made.text);
    made.body = parse_branch(p);
    skip_blanks(p);
    if (word_is(p, "else", &len)) {
        p->at += len;
        made.other = parse_branch(p);
    }
    SekCmdNode *node = new_node(p, SEK_CMD_IF);
    if (node)
        *node = made;
    return node;
}

static SekCmdNode *parse_command(Parser *p) {
    size_t before = p->at, word;
    skip_separators(p);
    size_t first = p->at;
    for (size_t i = before; i < p->at; i++)
        if (!sek_cmd_is_blank(p->text.ptr[i]) && p->text.ptr[i] != '@')
            sek_tally_add(&p->run->tally, "separators", 1);
    if (p->depth < SEK_CMD_MAX_DEPTH) {
        SekCmdNode *node = NULL;
        p->depth++;
        if (peek(p, 0) == '(')
            node = parse_group(p);
        else if (word_is(p, "for", &word))
            node = parse_for(p, word);
        else if (word_is(p, "if", &word))
            node = parse_if(p, word);
        p->depth--;
        if (node || done(p))
            return node;
    } else {
        p->run->partial = "commands nested too deep";
    }
    if (word_is(p, "rem", &word))
        return parse_comment(p);
    SekCmdNode *simple = parse_simple(p);
    if (simple)
        simple->quiet = before < p->text.len && memchr(p->text.ptr + before, '@', first - before) != NULL;
    return simple;
}

/* Takes the operator at the place; false when there is none. */
static bool take_operator(Parser *p, char out[3]) {
    skip_blanks(p);
    char c = peek(p, 0);
    if (done(p) || (c != '&' && c != '|'))
        return false;
    out[0] = c;
    out[1] = peek(p, 1) == c ? c : '\0';
    p->at += out[1] ? 2 : 1;
    return true;
}

static SekCmdNode *parse_list(Parser *p) {
    SekCmdNode *first = NULL, **end = &first;
    char joined[3] = "";
    while (!done(p)) {
        size_t before = p->at;
        SekCmdNode *node = parse_command(p);
        if (!node)
            break;
        memcpy(node->before, joined, sizeof joined);
        *end = node;
        end = &node->next;
        memset(joined, 0, sizeof joined);
        bool line = !done(p) && peek(p, 0) == '\n';
        if (line && p->groups == 0)
            break;
        if (!take_operator(p, joined) && !line)
            break;
        if (peek(p, 0) == ')' && p->groups > 0)
            break;
        p->at += line && p->at == before; /* an empty line */
    }
    return first;
}

SekCmdNode *sek_cmd_parse(SekCmdRun *run, SekStr text) {
    Parser p = {.run = run, .text = text, .depth = run->depth};
    SekCmdNode *list = parse_list(&p);
    while (!done(&p)) { /* a stray parenthesis: what is behind it still counts */
        size_t before = p.at;
        if (peek(&p, 0) == ')' || sek_cmd_is_blank(peek(&p, 0)))
            p.at++;
        SekCmdNode *more = parse_list(&p), **end = &list;
        while (*end)
            end = &(*end)->next;
        if (more && !more->before[0])
            more->before[0] = '&';
        *end = more;
        if (p.at == before)
            break;
    }
    return list;
}
