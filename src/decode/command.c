/* SPDX-License-Identifier: Apache-2.0 */

/* Command lines of processes: which interpreter is called, and what code it is given. cmd.exe is
 * followed in place; mshta and rundll32 are given scripts as URLs; a program that starts others (wmic,
 * schtasks, forfiles, start, sc ...) hands on the first interpreter that stands among its arguments. */
#include "decode/cmd.h"
#include "decode/ps_line.h"

#define PROGRAM_MAX 260u /* bytes of a program's path that are looked at: MAX_PATH */

typedef struct Program {
    char name[24]; /* lower case, without folder and extension; longer names are cut */
    size_t args;   /* behind it */
} Program;

static bool is_quote(char c) {
    return c == '"' || c == '\'';
}

/* The program's name from its path, quotes inside left out. */
static void take_name(SekStr path, Program *out) {
    size_t start = path.len, n = 0;
    while (start > 0 && path.ptr[start - 1] != '\\' && path.ptr[start - 1] != '/')
        start--;
    for (size_t i = start; i < path.len && n + 1 < sizeof out->name; i++)
        if (path.ptr[i] != '"' && path.ptr[i] != '^')
            out->name[n++] = sek_ascii_lower(path.ptr[i]);
    out->name[n] = '\0';
    char *dot = strrchr(out->name, '.');
    if (dot && (strcmp(dot, ".exe") == 0 || strcmp(dot, ".com") == 0))
        *dot = '\0';
    if (strcmp(out->name, "%comspec%") == 0)
        memcpy(out->name, "cmd", 4);
}

/* Reads the program at `at`. */
static bool read_program(SekStr text, size_t at, Program *out) {
    while (at < text.len && (sek_cmd_is_separator(text.ptr[at]) || text.ptr[at] == '@'))
        at++;
    size_t limit = at + PROGRAM_MAX < text.len ? at + PROGRAM_MAX : text.len, end = at;
    if (at < text.len && text.ptr[at] == '"') {
        const char *close = memchr(text.ptr + at + 1, '"', limit - at - 1);
        if (close && close > text.ptr + at + 1) {
            take_name(sek_str_n(text.ptr + at + 1, (size_t)(close - text.ptr) - at - 1), out);
            out->args = (size_t)(close - text.ptr) + 1;
            return true;
        }
    }
    /* cmd ends a program's name where the switch begins, even without a blank: cmd/c */
    while (end < limit && !sek_cmd_is_separator(text.ptr[end]) && !is_quote(text.ptr[end]) && text.ptr[end] != '<')
        end++;
    SekStr word = sek_str_n(text.ptr + at, end - at);
    take_name(word, out);
    out->args = end;
    for (size_t i = 1; i < word.len; i++)
        if (word.ptr[i] == '/' && (sek_str_ends(sek_str_n(word.ptr, i), SEK_STR("cmd")) ||
                                   sek_str_ends(sek_str_n(word.ptr, i), SEK_STR("exe")) ||
                                   sek_str_ends(sek_str_n(word.ptr, i), SEK_STR("%")))) {
            take_name(sek_str_n(word.ptr, i), out);
            out->args = at + i;
            break;
        }
    return word.len > 0;
}

/* --- cmd --- */

/* What stands behind /c, by the rule that cmd /? gives: the first and the last quote go, unless there
 * are just two around the name of a program. */
static SekStr unquote(SekDecoder *decoder, SekStr text) {
    if (text.len < 2 || text.ptr[0] != '"')
        return text;
    size_t last = text.len - 1, quotes = 0;
    while (last > 0 && text.ptr[last] != '"')
        last--;
    if (last == 0)
        return sek_str_n(text.ptr + 1, text.len - 1);
    SekStr inside = sek_str_n(text.ptr + 1, last - 1), rest = sek_str_n(text.ptr + last + 1, text.len - last - 1);
    bool special = false;
    for (size_t i = 0; i < inside.len; i++) {
        quotes += inside.ptr[i] == '"';
        special = special || strchr("&<>()@^|", inside.ptr[i]) != NULL;
    }
    size_t dot = inside.len > 4 ? inside.len - 4 : 0;
    bool program = dot && inside.ptr[dot] == '.' && !memchr(inside.ptr + dot, ' ', 4);
    if (quotes == 0 && !special && program)
        return text;
    char *out = sek_arena_alloc(&decoder->scratch, text.len);
    if (!out)
        return inside;
    memcpy(out, inside.ptr, inside.len);
    if (rest.len)
        memcpy(out + inside.len, rest.ptr, rest.len);
    return sek_str_n(out, inside.len + rest.len);
}

/* Finds /c, /k or /r behind the program; its text begins at *out_text. */
static bool read_switches(SekStr text, size_t at, bool *delayed, size_t *out_text) {
    while (at + 1 < text.len) { /* a switch has two characters */
        char c = text.ptr[at];
        if (sek_cmd_is_separator(c) || c == '"' || c == '@') {
            at++;
            continue;
        }
        if (c == '/') {
            char letter = sek_ascii_lower(text.ptr[at + 1]);
            if (letter == 'c' || letter == 'k' || letter == 'r') {
                *out_text = at + 2;
                return true;
            }
            size_t value = at + 2 + (at + 2 < text.len && text.ptr[at + 2] == ':');
            if (letter == 'v')
                *delayed = sek_ascii_lower(value + 1 < text.len ? text.ptr[value + 1] : ' ') != 'f'; /* /v:off */
            at += 2;
        }
        while (at < text.len && !sek_cmd_is_separator(text.ptr[at]) && text.ptr[at] != '/' && text.ptr[at] != '"')
            at++;
    }
    return false;
}

static SekStatus follow_cmd(SekDecoder *decoder, uint32_t parent, const SekCommandUse *use, size_t args) {
    bool delayed = false;
    size_t start;
    if (!read_switches(use->text, args, &delayed, &start))
        return SEK_OK;
    SekStr rest = sek_str_n(use->text.ptr + start, use->text.len - start);
    SekCmdText what = {.prefix = sek_str_n(use->text.ptr, start), .delayed = delayed, .kind = SEK_SCRIPT_COMMAND,
                       .text = unquote(decoder, sek_str_trim(rest))};
    return sek_cmd_follow(decoder, parent, &what, use);
}

/* --- script URLs --- */

/* The code in a script URL: %20 and the like are resolved (RFC 3986, section 2.1). */
static SekStr unescape_url(SekDecoder *decoder, SekStr text, SekStepTally *tally) {
    char *out = text.len && memchr(text.ptr, '%', text.len) ? sek_arena_alloc(&decoder->scratch, text.len) : NULL;
    if (!out)
        return text;
    size_t n = 0;
    uint32_t found = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool may = text.ptr[i] == '%' && i + 2 < text.len;
        int high = may ? sek_hex_digit(text.ptr[i + 1]) : -1, low = may ? sek_hex_digit(text.ptr[i + 2]) : -1;
        bool escape = high >= 0 && low >= 0;
        out[n++] = escape ? (char)(high * 16 + low) : text.ptr[i];
        i += escape ? 2 : 0;
        found += escape;
    }
    if (found)
        sek_tally_add(tally, "percent", found);
    return sek_str_n(out, n);
}

static ptrdiff_t find_nocase(SekStr text, size_t from, SekStr word) {
    for (size_t i = from; word.len <= text.len && i <= text.len - word.len; i++)
        if (sek_str_eq_nocase(sek_str_n(text.ptr + i, word.len), word))
            return (ptrdiff_t)i;
    return -1;
}

/* Quotes that are doubled throughout, as within an argument in quotes, are single ones. */
static SekStr halve_quotes(SekDecoder *decoder, SekStr text) {
    for (size_t i = 0, run; i < text.len; i += run + 1) {
        for (run = 0; i + run < text.len && text.ptr[i + run] == '"'; run++) {
        }
        if (run % 2)
            return text;
    }
    char *out = sek_arena_alloc(&decoder->scratch, text.len + 1);
    size_t n = 0;
    for (size_t i = 0; out && i < text.len; i++) {
        out[n++] = text.ptr[i];
        i += text.ptr[i] == '"';
    }
    return out ? sek_str_n(out, n) : text;
}

/* mshta vbscript:..., rundll32 javascript:...: the code is all that follows, without the quote that
 * closes one before it. */
static SekStatus follow_script_url(SekDecoder *decoder, uint32_t parent, const SekCommandUse *use, size_t args) {
    static const struct {
        SekStr scheme;
        SekScriptKind kind;
    } schemes[] = {{{"vbscript:", 9}, SEK_SCRIPT_VBSCRIPT}, {{"javascript:", 11}, SEK_SCRIPT_JSCRIPT},
                   {{"jscript:", 8}, SEK_SCRIPT_JSCRIPT}};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        ptrdiff_t at = find_nocase(use->text, args, schemes[i].scheme);
        if (at < 0)
            continue;
        size_t start = (size_t)at + schemes[i].scheme.len;
        SekStr code = sek_str_trim(sek_str_n(use->text.ptr + start, use->text.len - start));
        char before = at > 0 ? use->text.ptr[at - 1] : ' ';
        if (is_quote(before) && code.len > 0 && code.ptr[code.len - 1] == before)
            code.len--;
        if (before == '"')
            code = halve_quotes(decoder, code);
        SekStepTally tally = {0};
        sek_tally_add(&tally, "script-url", 1);
        SekLayerDraft draft = {.text = unescape_url(decoder, code, &tally), .kind = schemes[i].kind, .parent = parent,
                               .source_off = SEK_OFF_NONE, .tally = &tally};
        SekStatus status = code.len ? sek_decoder_emit(decoder, &draft, NULL) : SEK_OK;
        return status == SEK_END ? SEK_OK : status;
    }
    return SEK_OK;
}

/* mshta "about:<script language=...>code</script>": each script is a layer. */
static SekStatus follow_page(SekDecoder *decoder, uint32_t parent, const SekCommandUse *use, size_t args) {
    SekStr text = use->text;
    SekStatus status = SEK_OK;
    ptrdiff_t tag;
    for (size_t at = args; status == SEK_OK && (tag = find_nocase(text, at, SEK_STR("<script"))) >= 0;) {
        const char *open = memchr(text.ptr + tag, '>', text.len - (size_t)tag);
        size_t start = open ? (size_t)(open - text.ptr) + 1 : text.len;
        ptrdiff_t close = find_nocase(text, start, SEK_STR("</script"));
        size_t end = close < 0 ? text.len : (size_t)close;
        bool basic = find_nocase(sek_str_n(text.ptr + tag, start - (size_t)tag), 0, SEK_STR("vbs")) >= 0;
        SekStepTally tally = {0};
        sek_tally_add(&tally, "script-url", 1);
        SekLayerDraft draft = {.text = sek_str_trim(unescape_url(decoder, sek_str_n(text.ptr + start, end - start), &tally)),
                               .kind = basic ? SEK_SCRIPT_VBSCRIPT : SEK_SCRIPT_JSCRIPT, .parent = parent,
                               .source_off = SEK_OFF_NONE, .tally = &tally};
        status = draft.text.len ? sek_decoder_emit(decoder, &draft, NULL) : SEK_OK;
        status = status == SEK_END ? SEK_OK : status;
        at = end;
    }
    return status;
}

static SekStatus follow_mshta(SekDecoder *decoder, uint32_t parent, const SekCommandUse *use, size_t args) {
    bool page = find_nocase(use->text, args, SEK_STR("about:")) >= 0;
    return page ? follow_page(decoder, parent, use, args) : follow_script_url(decoder, parent, use, args);
}

/* --- programs --- */

static SekStatus follow_powershell(SekDecoder *decoder, uint32_t parent, const SekCommandUse *use, size_t args) {
    (void)args; /* its own splitting finds them */
    return sek_ps_follow_line(decoder, parent, use->text);
}

typedef SekStatus (*Follow)(SekDecoder *decoder, uint32_t parent, const SekCommandUse *use, size_t args);

static const struct {
    const char *name;
    Follow follow;
} programs[] = {
    {"cmd", follow_cmd},
    {"mshta", follow_mshta},
    {"rundll32", follow_script_url},
    {"powershell", follow_powershell},
    {"pwsh", follow_powershell},
};

static Follow follower_of(const Program *program) {
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (strcmp(programs[i].name, program->name) == 0)
            return programs[i].follow;
    return NULL;
}

/* An argument in quotes as the program gets it: \" is a quote (CommandLineToArgvW). */
static SekStr unescape_quotes(SekDecoder *decoder, SekStr text) {
    char *out = sek_str_find(text, SEK_STR("\\\"")) >= 0 ? sek_arena_alloc(&decoder->scratch, text.len) : NULL;
    size_t n = 0;
    if (!out)
        return text;
    for (size_t i = 0; i < text.len; i++) {
        i += text.ptr[i] == '\\' && i + 1 < text.len && text.ptr[i + 1] == '"';
        out[n++] = text.ptr[i];
    }
    return sek_str_n(out, n);
}

/* Where the quote that opened before `at` closes; the end when it does not. */
static size_t closing_quote(SekStr text, size_t at, char quote) {
    while (at < text.len && (text.ptr[at] != quote || text.ptr[at - 1] == '\\'))
        at++;
    return at;
}

/* The first interpreter among the arguments of another program. */
static SekStatus follow_embedded(SekDecoder *decoder, uint32_t parent, const SekCommandUse *use, size_t args) {
    SekStr text = use->text;
    Program program;
    for (size_t i = args; i < text.len; i++) {
        char before = i > 0 ? text.ptr[i - 1] : ' ';
        if (sek_cmd_is_blank(text.ptr[i]) || is_quote(text.ptr[i]) || !(sek_cmd_is_separator(before) || is_quote(before) || before == '('))
            continue;
        Follow follow = read_program(text, i, &program) ? follower_of(&program) : NULL;
        if (!follow)
            continue;
        size_t end = is_quote(before) && program.args < text.len && text.ptr[program.args] != before
                         ? closing_quote(text, i, before) : text.len;
        SekStr inner = sek_str_n(text.ptr + i, end - i);
        SekCommandUse handed = {.text = is_quote(before) ? unescape_quotes(decoder, inner) : inner, .env = use->env,
                                .depth = use->depth + 1};
        return sek_command_follow(decoder, parent, &handed);
    }
    return SEK_OK;
}

SekStatus sek_command_follow(SekDecoder *decoder, uint32_t parent, const SekCommandUse *use) {
    Program program;
    if (use->depth > SEK_CMD_MAX_DEPTH || !read_program(use->text, 0, &program) ||
        !sek_decoder_pay(decoder, 1 + use->text.len / 64))
        return SEK_OK;
    Follow follow = follower_of(&program);
    return follow ? follow(decoder, parent, use, program.args) : follow_embedded(decoder, parent, use, program.args);
}

SekStatus sek_fold_command(SekDecoder *decoder, uint32_t index) {
    SekCommandUse use = {.text = decoder->layers[index].text};
    return sek_command_follow(decoder, index, &use);
}
