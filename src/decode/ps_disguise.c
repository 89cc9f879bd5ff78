/* SPDX-License-Identifier: Apache-2.0 */

/* What is a disguise, and what every script does. Steps that have both uses are told apart here: texts joined
 * inside a word against whole words, letters as numbers against quotes and tabs as numbers, a name that is put
 * together against a program whose path stands in a variable. A unit in which nothing was hidden keeps its text
 * (see emit_folded in powershell.c). docs/decode.md has the rule for users, test/decode/test_corpora.py the
 * figures on real scripts. */

#include "decode/ps_lex.h"
#include "decode/ps_run.h"

#define WINDOW 6u /* units on either side of a seam that are looked at */

static bool is_word_unit(uint16_t c) {
    return c < 0x80 && sek_ps_is_word((unsigned char)c);
}

/* Whether `word` lies across the seam between `a` and `b`. */
static bool across(SekPsText a, SekPsText b, const char *word) {
    uint16_t near[2 * WINDOW];
    uint32_t left = a.n < WINDOW ? a.n : WINDOW, right = b.n < WINDOW ? b.n : WINDOW, n = (uint32_t)strlen(word);
    for (uint32_t i = 0; i < left; i++)
        near[i] = sek_pt_lower(a.p[a.n - left + i]);
    for (uint32_t i = 0; i < right; i++)
        near[left + i] = sek_pt_lower(b.p[i]);
    for (uint32_t from = left >= n ? left - n + 1 : 0; from < left && from + n <= left + right; from++) {
        uint32_t same = 0;
        while (same < n && near[from + same] == (unsigned char)word[same])
            same++;
        if (same == n)
            return true;
    }
    return false;
}

void sek_ps_joined(SekPsRun *run, SekPsText a, SekPsText b, bool written) {
    if (a.n == 0 || b.n == 0 || run->unit->hidden)
        return;
    uint16_t left = a.p[a.n - 1], right = b.p[0];
    bool cut = (is_word_unit(left) && (is_word_unit(right) || right == '-')) || (left == '-' && is_word_unit(right));
    if ((written && cut) || across(a, b, "http") || across(a, b, "://"))
        run->unit->hidden = true;
}

void sek_ps_made_char(SekPsRun *run, unsigned c) {
    sek_ps_did(run, "char");
    if (c > ' ' && c < 0x7F && c != '\'' && c != '"')
        run->unit->hidden = true;
}

void sek_ps_formatted(SekPsRun *run, SekPsText format) {
    int64_t last = -1;
    sek_ps_did(run, "format");
    for (uint32_t i = 0; i + 1 < format.n; i++) {
        uint16_t c = format.p[i], next = format.p[i + 1];
        if (c == '}' && next == '{')
            run->unit->hidden = true;
        if (c != '{' || next < '0' || next > '9')
            continue;
        if (next - '0' < last)
            run->unit->hidden = true;
        last = next - '0';
    }
}

void sek_ps_split_at(SekPsRun *run, SekPsText text, SekPsText separator) {
    static const SekPsText url = {(const uint16_t *)u"://", 3}; /* a downloader's list */
    static const char plain[] = ",; |\t\r\n\v\f:/\\.=-_";
    bool common = separator.n > 0 && separator.p[0] == '\\'; /* \s, \r?\n */
    for (uint32_t i = 0; i < separator.n && !common; i++)
        if (separator.p[i] < 0x80 && !strchr(plain, (int)separator.p[i]))
            run->unit->hidden = true;
    if (!run->unit->hidden && sek_pt_find(text, url, 0, false) >= 0)
        run->unit->hidden = true;
    sek_ps_did(run, "split");
}

/* A path, or a name with an extension. */
static bool is_path(SekPsText name) {
    for (uint32_t i = 0; i < name.n; i++)
        if (name.p[i] == '\\' || name.p[i] == '/' || name.p[i] == ':' || name.p[i] == '.')
            return true;
    return false;
}

void sek_ps_named(SekPsRun *run, const SekPsNode *node, SekPsText name, SekPsNaming what) {
    bool plain = node->kind == PS_VAR || node->kind == PS_EXPAND || (node->kind == PS_STRING && !(node->flags & PS_ODD));
    bool usual = plain && (what == PS_NAMES_PROPERTY || (what == PS_NAMES_COMMAND && is_path(name)));
    sek_ps_did(run, what == PS_NAMES_COMMAND ? "command-name" : "member-name");
    if (!usual)
        run->unit->hidden = true;
}

void sek_ps_record_member(SekPsRun *run, const SekPsNode *node, SekPsText name, SekPsNaming what) {
    for (uint32_t i = 0; i < name.n; i++)
        if (!is_word_unit(name.p[i]))
            return;
    if (sek_ps_record_name(run, node->start, node->end, name))
        sek_ps_named(run, node, name, what);
}
