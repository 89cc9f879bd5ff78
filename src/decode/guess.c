/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/guess.h"

#define LOOK_BYTES ((size_t)65536)

static const struct {
    const char *extension;
    SekScriptKind kind;
} extensions[] = {
    {"ps1", SEK_SCRIPT_POWERSHELL}, {"psm1", SEK_SCRIPT_POWERSHELL}, {"psd1", SEK_SCRIPT_POWERSHELL},
    {"vbs", SEK_SCRIPT_VBSCRIPT},   {"vbe", SEK_SCRIPT_VBSCRIPT},    {"vba", SEK_SCRIPT_VBSCRIPT},
    {"js", SEK_SCRIPT_JSCRIPT},     {"jse", SEK_SCRIPT_JSCRIPT},     {"bat", SEK_SCRIPT_CMD},
    {"cmd", SEK_SCRIPT_CMD},
};

/* Words, in lower case, and how much each says for its language. */
static const struct {
    const char *word;
    SekScriptKind kind;
    unsigned weight;
} signs[] = {
    {"new-object", SEK_SCRIPT_POWERSHELL, 4},  {"invoke-", SEK_SCRIPT_POWERSHELL, 4},
    {"$env:", SEK_SCRIPT_POWERSHELL, 4},       {"[char]", SEK_SCRIPT_POWERSHELL, 4},
    {"[convert]::", SEK_SCRIPT_POWERSHELL, 4}, {"-join", SEK_SCRIPT_POWERSHELL, 3},
    {"$_", SEK_SCRIPT_POWERSHELL, 3},          {"param(", SEK_SCRIPT_POWERSHELL, 2},
    {"foreach-object", SEK_SCRIPT_POWERSHELL, 4}, {"iex", SEK_SCRIPT_POWERSHELL, 2},
    {"]::", SEK_SCRIPT_POWERSHELL, 3},         {"write-", SEK_SCRIPT_POWERSHELL, 2},
    {"= $", SEK_SCRIPT_POWERSHELL, 2},         {"=$", SEK_SCRIPT_POWERSHELL, 1},
    {"createobject(", SEK_SCRIPT_VBSCRIPT, 4}, {"end sub", SEK_SCRIPT_VBSCRIPT, 5},
    {"end function", SEK_SCRIPT_VBSCRIPT, 5},  {"on error resume next", SEK_SCRIPT_VBSCRIPT, 5},
    {"\ndim ", SEK_SCRIPT_VBSCRIPT, 3},        {"chr(", SEK_SCRIPT_VBSCRIPT, 2},
    {"chrw(", SEK_SCRIPT_VBSCRIPT, 3},         {"end if", SEK_SCRIPT_VBSCRIPT, 3},
    {"wscript.", SEK_SCRIPT_VBSCRIPT, 1},      {"wscript.", SEK_SCRIPT_JSCRIPT, 1},
    {"execute(", SEK_SCRIPT_VBSCRIPT, 3},      {"execute ", SEK_SCRIPT_VBSCRIPT, 2},
    {"#@~^", SEK_SCRIPT_VBSCRIPT, 5},          {"strreverse(", SEK_SCRIPT_VBSCRIPT, 4},
    {"var ", SEK_SCRIPT_JSCRIPT, 3},           {"function(", SEK_SCRIPT_JSCRIPT, 3},
    {"fromcharcode", SEK_SCRIPT_JSCRIPT, 5},   {"activexobject", SEK_SCRIPT_JSCRIPT, 5},
    {"===", SEK_SCRIPT_JSCRIPT, 4},            {"eval(", SEK_SCRIPT_JSCRIPT, 3},
    {".charat(", SEK_SCRIPT_JSCRIPT, 3},       {"unescape(", SEK_SCRIPT_JSCRIPT, 4},
    {"return ", SEK_SCRIPT_JSCRIPT, 1},        {"typeof ", SEK_SCRIPT_JSCRIPT, 3},
    {"@echo off", SEK_SCRIPT_CMD, 6},          {"\nset ", SEK_SCRIPT_CMD, 3},
    {"%~dp0", SEK_SCRIPT_CMD, 6},              {"\ngoto ", SEK_SCRIPT_CMD, 4},
    {"setlocal", SEK_SCRIPT_CMD, 5},           {"\n:", SEK_SCRIPT_CMD, 2},
    {"if exist ", SEK_SCRIPT_CMD, 4},          {"\nrem ", SEK_SCRIPT_CMD, 2},
};

static const char *const starters[] = {"powershell", "pwsh", "cmd", "mshta", "rundll32", "regsvr32", "wscript", "cscript",
                                       "wmic", "schtasks", "msiexec", "certutil", "bitsadmin", "forfiles", "%comspec%"};

SekScriptKind sek_script_kind_of_name(SekStr path) {
    size_t dot = path.len;
    while (dot > 0 && path.ptr[dot - 1] != '.' && path.ptr[dot - 1] != '/')
        dot--;
    SekStr extension = dot > 0 && path.ptr[dot - 1] == '.' ? sek_str_n(path.ptr + dot, path.len - dot) : (SekStr){NULL, 0};
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (sek_str_eq_nocase(extension, sek_str(extensions[i].extension)))
            return extensions[i].kind;
    return SEK_SCRIPT_TEXT;
}

static bool word_at(SekStr text, size_t at, const char *word) {
    for (size_t i = 0; word[i]; i++)
        if (at + i >= text.len || sek_ascii_lower(text.ptr[at + i]) != word[i])
            return false;
    return true;
}

/* One line that begins with a program. */
static bool is_command_line(SekStr text) {
    if (memchr(text.ptr, '\n', text.len))
        return false;
    size_t end = 0, start = text.ptr[0] == '"';
    while (end < text.len && text.ptr[end] != ' ' && (text.ptr[end] != '"' || end == 0))
        end++;
    SekStr first = sek_str_n(text.ptr + start, end - start);
    size_t name = first.len;
    while (name > 0 && first.ptr[name - 1] != '\\' && first.ptr[name - 1] != '/')
        name--;
    for (size_t i = 0; i < sizeof starters / sizeof *starters; i++) {
        size_t len = strlen(starters[i]);
        if (word_at(first, name, starters[i]) && (first.len - name == len || !memchr("abcdefghijklmnopqrstuvwxyz-_", sek_ascii_lower(first.ptr[name + len]), 28)))
            return true;
    }
    return first.len > 4 && sek_str_eq_nocase(sek_str_n(first.ptr + first.len - 4, 4), SEK_STR(".exe"));
}

SekScriptKind sek_script_kind_of_text(SekStr text) {
    unsigned score[SEK_N_SCRIPT_KINDS] = {0};
    text = sek_str_trim(text);
    if (text.len == 0)
        return SEK_SCRIPT_COMMAND;
    if (is_command_line(text))
        return SEK_SCRIPT_COMMAND;
    SekStr look = sek_str_n(text.ptr, text.len < LOOK_BYTES ? text.len : LOOK_BYTES);
    for (size_t i = 0; i < look.len; i++)
        for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
            if (sek_ascii_lower(look.ptr[i]) == signs[k].word[0] && word_at(look, i, signs[k].word))
                score[signs[k].kind] += signs[k].weight;
    SekScriptKind best = SEK_SCRIPT_TEXT;
    for (unsigned k = SEK_SCRIPT_CMD; k < SEK_N_SCRIPT_KINDS; k++)
        if (score[k] > score[best])
            best = (SekScriptKind)k;
    if (best != SEK_SCRIPT_TEXT)
        return best;
    return memchr(text.ptr, '$', text.len) || memchr(text.ptr, '\n', text.len) ? SEK_SCRIPT_POWERSHELL : SEK_SCRIPT_COMMAND;
}

SekStatus sek_script_kind_parse(SekStr name, SekScriptKind *out) {
    for (unsigned k = 0; k < SEK_N_SCRIPT_KINDS; k++)
        if (sek_str_eq_nocase(name, sek_str(sek_script_kind_name((SekScriptKind)k)))) {
            *out = (SekScriptKind)k;
            return SEK_OK;
        }
    return SEK_NOT_FOUND;
}
