/* SPDX-License-Identifier: Apache-2.0 */

/* What a run of letters, digits, dots, '-' and '_' may be when no URL or path holds it: a hash, an
 * address, a mail address, a file name, a host. Scripts are full of dotted names that are none of
 * these, so a host needs a known top-level domain, and one that is also a word of programs (id, name,
 * io) needs three labels or a digit or hyphen; names in CamelCase and members ($x.id, ).at) are none. */
#include "indicator/finder.h"

#define LOCAL_MAX 64u   /* RFC 5321, section 4.5.3.1.1 */
#define CONTEXT_MAX 24u /* bytes before a number that may say that it is a version */
#define NAME_MAX_BYTES 160u /* of a file name with blanks */

typedef struct Run {
    SekStr text;
    size_t start, end;
    char before, after;
} Run;

static SekStr run_str(const Run *r) {
    return sek_str_n(r->text.ptr + r->start, r->end - r->start);
}

static void give_plain(SekFinder *f, SekIndicatorKind kind, const Run *r, unsigned marks) {
    sek_buf_clear(&f->value);
    for (size_t i = r->start; i < r->end; i++)
        sek_buf_addc(&f->value, kind == SEK_INDICATOR_FILE ? r->text.ptr[i] : sek_ascii_lower(r->text.ptr[i]));
    sek_finder_give(f, kind, marks, r->start, r->end);
}

/* --- hashes --- */

static bool give_hash(SekFinder *f, const Run *r) {
    size_t len = r->end - r->start;
    if (len != 32 && len != 40 && len != 64)
        return false;
    bool digits = false, letters = false;
    for (size_t i = r->start; i < r->end; i++) {
        if (sek_hex_digit(r->text.ptr[i]) < 0)
            return false;
        digits = digits || sek_is_digit(r->text.ptr[i]);
        letters = letters || !sek_is_digit(r->text.ptr[i]);
    }
    bool imphash = r->start >= 8 && sek_word_at(r->text, r->start - 8, "imphash=");
    if (!digits || !letters || imphash || r->before == '+' || r->after == '+')
        return false;
    give_plain(f, len == 32 ? SEK_INDICATOR_MD5 : len == 40 ? SEK_INDICATOR_SHA1 : SEK_INDICATOR_SHA256, r, 0);
    return true;
}

/* --- addresses --- */

/* True when "version", "ver" or "v" stands before the number. */
static bool says_version(SekStr text, size_t at) {
    size_t i = at;
    while (i > 0 && at - i < CONTEXT_MAX && (sek_one_of(text.ptr[i - 1], "=:\"'> ([,")))
        i--;
    size_t end = i;
    while (i > 0 && end - i < CONTEXT_MAX && sek_is_alpha(text.ptr[i - 1]))
        i--;
    SekStr word = sek_str_n(text.ptr + i, end - i);
    return sek_str_eq_nocase(word, SEK_STR("v")) || sek_str_eq_nocase(word, SEK_STR("ver")) ||
           (word.len >= 7 && sek_word_at(word, word.len - 7, "version"));
}

/* Networks that stand for nothing, OIDs, and x.0.0.0, which is how versions look. */
static bool is_no_address(const uint8_t part[4]) {
    return part[0] == 0 || part[0] >= 240 || (part[1] == 0 && part[2] == 0 && part[3] == 0) ||
           (part[0] == 2 && part[1] == 5 && part[2] == 29) || (part[0] == 1 && part[1] == 3 && part[2] == 6 && part[3] == 1);
}

/* Four decimal numbers without leading zeros. */
static bool read_quad(SekStr s, uint8_t part[4]) {
    size_t i = 0;
    for (unsigned n = 0; n < 4; n++) {
        size_t start = i;
        unsigned value = 0;
        while (i < s.len && i - start < 4 && sek_is_digit(s.ptr[i]))
            value = value * 10 + (unsigned)(s.ptr[i++] - '0');
        if (i == start || value > 255 || (i - start > 1 && s.ptr[start] == '0'))
            return false;
        part[n] = (uint8_t)value;
        if (n < 3 && sek_byte_at(s, i++) != '.')
            return false;
    }
    return i == s.len;
}

static void give_address(SekFinder *f, const SekHost *host, size_t start) {
    SekIndicatorHit hit = {.kind = SEK_INDICATOR_ADDRESS, .marks = host->marks, .value = {host->text, host->len},
                           .off = start, .len = host->end - start};
    unsigned port = 0;
    size_t n = sek_port_at(f->text, host->end, &port);
    sek_finder_give_value(f, &hit);
    f->at = host->end + n;
    if (n == 0)
        return;
    sek_buf_clear(&f->value);
    sek_buf_addf(&f->value, host->kind == SEK_HOST_V6 ? "[%.*s]:%u" : "%.*s:%u", (int)host->len, host->text, port);
    sek_finder_give(f, SEK_INDICATOR_ENDPOINT, hit.marks, start, host->end + n);
}

static bool give_quad(SekFinder *f, const Run *r) {
    uint8_t part[4];
    SekHost host;
    if (!read_quad(run_str(r), part))
        return false;
    f->at = r->end;
    if (f->versions || is_no_address(part) || says_version(r->text, r->start) || !sek_host_read(r->text, r->start, &host))
        return true; /* known to be nothing else */
    give_address(f, &host, r->start);
    return true;
}

/* A colon follows: IPv6, when there are at least three groups and a digit ("[x]::Add" is none). */
static bool give_ipv6(SekFinder *f, const Run *r) {
    size_t end = r->start, groups = 0;
    bool digit = false;
    for (; end < r->text.len && end - r->start <= SEK_IPV6_MAX; end++) {
        char c = r->text.ptr[end];
        if (sek_hex_digit(c) < 0 && c != ':')
            break;
        digit = digit || sek_is_digit(c);
        groups += c != ':' && sek_byte_at(r->text, end + 1) == ':';
    }
    char next = sek_byte_at(r->text, end);
    bool bracket = r->before == '[' && next == ']';
    SekHost host = {.kind = SEK_HOST_V6, .end = end};
    if (groups < 2 || !digit || sek_is_alnum(next) || r->before == ':' ||
        !sek_ipv6_read(sek_str_n(r->text.ptr + r->start, end - r->start), host.text, &host.len))
        return false;
    host.end += bracket;
    give_address(f, &host, r->start - bracket);
    return true;
}

/* --- mail --- */

static size_t at_sign_at(SekStr s, size_t at, bool *defanged) {
    if (sek_byte_at(s, at) == '@')
        return 1;
    *defanged = true;
    return sek_word_at(s, at, "[@]") || sek_word_at(s, at, "(@)") ? 3
           : sek_word_at(s, at, "[at]") || sek_word_at(s, at, "(at)") ? 4 : 0;
}

static SekStr last_label(SekStr name) {
    size_t i = name.len;
    while (i > 0 && name.ptr[i - 1] != '.')
        i--;
    return sek_str_n(name.ptr + i, name.len - i);
}

static bool give_mail(SekFinder *f, const Run *r) {
    bool defanged = false;
    size_t sign = at_sign_at(r->text, r->end, &defanged);
    SekHost host;
    if (sign == 0 || r->end - r->start > LOCAL_MAX || !sek_host_read(r->text, r->end + sign, &host) ||
        host.n_labels < 2 || sek_tld_of(last_label(sek_str_n(host.text, host.len))) == SEK_TLD_NONE)
        return false;
    Run local = *r;
    while (local.start > 0 && local.end - local.start < LOCAL_MAX &&
           (sek_is_alnum(local.text.ptr[local.start - 1]) || sek_one_of(local.text.ptr[local.start - 1], "._-+")))
        local.start--; /* a+b@... */
    while (sek_one_of(local.text.ptr[local.start], ".+"))
        local.start++;
    r = &local;
    sek_buf_clear(&f->value);
    sek_buf_add_str(&f->value, run_str(r));
    sek_buf_addf(&f->value, "@%.*s", (int)host.len, host.text);
    sek_finder_give(f, SEK_INDICATOR_EMAIL, host.marks | (defanged ? SEK_MARK_DEFANGED : 0u), r->start, host.end);
    f->at = host.end;
    return true;
}

/* --- files and hosts --- */

/* Words with which a command line begins, rather than a name with blanks in it. */
static bool begins_command(SekStr words) {
    static const char *const names[] = {"start", "cmd", "powershell", "pwsh", "wscript", "cscript", "mshta", "rundll32", "regsvr32", "del",
                                        "type", "copy", "move", "call", "echo", "set", "for", "if", "cd", "iex", "iwr", "curl", "certutil",
                                        "bitsadmin", "msiexec", "taskkill", "net", "sc", "schtasks", "wmic", "python", "java", "open", "run",
                                        "explorer", "notepad", "get", "import", "using", "from", "tasklist", "find", "findstr", "ping", "erase",
                                        "rename", "ren", "xcopy", "robocopy", "attrib", "icacls", "reg", "expand", "extrac32", "makecab"};
    size_t len = 0;
    while (len < words.len && words.ptr[len] != ' ')
        len++;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sek_str_eq_nocase(sek_str_n(words.ptr, len), sek_str(names[i])))
            return true;
    return false;
}

/* Where a name with blanks in quotes that ends with the run begins ("Invoice for payment.exe"): SIZE_MAX when
 * the run is not the end of one. */
static size_t quoted_start(const Run *r) {
    size_t i = r->start, blanks = 0;
    if ((r->after != '"' && r->after != '\'') || r->before != ' ')
        return SIZE_MAX;
    for (; i > 0 && r->end - i < NAME_MAX_BYTES && r->text.ptr[i - 1] != r->after; i--) {
        char c = r->text.ptr[i - 1], before = i > 1 ? r->text.ptr[i - 2] : ' ';
        bool word = sek_is_alnum(c) || (uint8_t)c >= 0x80 || sek_one_of(c, "_-.()+,&#! ");
        bool option = c == '-' && (before == ' ' || before == r->after) && i < r->text.len && sek_is_alpha(r->text.ptr[i]);
        blanks += c == ' ';
        if (!word || option || (c == ' ' && sek_is_telling_extension(last_label(sek_str_n(r->text.ptr, i - 1)))))
            return SIZE_MAX;
    }
    bool opened = i > 0 && r->text.ptr[i - 1] == r->after && (i < 2 || !sek_is_alnum(r->text.ptr[i - 2]));
    SekStr name = sek_str_n(r->text.ptr + i, r->end - i);
    return opened && blanks > 0 && name.ptr[0] != ' ' && !begins_command(name) ? i : SIZE_MAX;
}

/* //host, any://host, also where the scheme is cut off: p://host */
static bool behind_scheme(const Run *r) {
    return r->before == '/' && r->start > 1 && r->text.ptr[r->start - 2] == '/';
}

static bool give_file(SekFinder *f, const Run *run) {
    Run whole = *run, *r = &whole;
    SekStr name = run_str(r), extension = last_label(name);
    bool com = sek_str_eq_nocase(extension, SEK_STR("com"));
    bool in_path = (r->before == '\\' || (r->before == '/' && !behind_scheme(r))) &&
                   memchr(name.ptr, '.', name.len) == extension.ptr - 1;
    if (extension.len + 1 >= name.len || r->before == '$' || !sek_is_telling_extension(extension) ||
        (com && !in_path && !sek_is_known_name(name)))
        return false;
    size_t start = quoted_start(r);
    r->start = start != SIZE_MAX ? start : r->start;
    give_plain(f, SEK_INDICATOR_FILE, r, 0);
    return true;
}

static bool is_camel(SekStr name) {
    bool upper = false, lower = false;
    for (size_t i = 0; i < name.len; i++) {
        upper = upper || (name.ptr[i] >= 'A' && name.ptr[i] <= 'Z');
        lower = lower || (name.ptr[i] >= 'a' && name.ptr[i] <= 'z');
    }
    return upper && lower;
}

/* Names that objects of scripts have: what follows their first dot is a member. */
static bool is_object(SekStr label) {
    static const char *const names[] = {"system", "microsoft", "windows", "net", "wscript", "document", "window",
                                        "this", "self", "math", "json", "console", "args", "msxml2", "adodb",
                                        "scripting", "shell", "winmgmts", "win32", "object", "event", "data"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sek_str_eq_nocase(label, sek_str(names[i])))
            return true;
    return false;
}

static bool looks_like_host(const Run *r, const SekHost *host) {
    SekStr name = {host->text, host->len}, written = run_str(r), top = last_label(name);
    SekTld tld = sek_tld_of(top);
    size_t first = 0;
    bool telling = false;
    while (first < name.len && name.ptr[first] != '.')
        first++;
    for (size_t i = 0; i < name.len; i++)
        telling = telling || sek_is_digit(name.ptr[i]) || name.ptr[i] == '-';
    if (tld == SEK_TLD_NONE || (!behind_scheme(r) && sek_one_of(r->before, "$%@\\/)]}")) || sek_is_fragment(r->text, r->start, r->end))
        return false;
    if (r->after == '(' || r->after == '\\' || r->after == '=' || sek_is_known_name(name))
        return false;
    if (host->n_labels == 2 && (first < 2 || is_object(sek_str_n(name.ptr, first))))
        return false;
    bool strong = sek_str_eq(top, SEK_STR("com")) || sek_str_eq(top, SEK_STR("org"));
    if (is_camel(written) && !strong)
        return false;
    return tld == SEK_TLD_PLAIN || host->n_labels > 2 || telling;
}

static bool give_host(SekFinder *f, const Run *r) {
    SekHost host;
    if (!sek_host_read(r->text, r->start, &host) || host.n_labels < 2)
        return false;
    bool defanged = host.marks & SEK_MARK_DEFANGED;
    if (host.kind != SEK_HOST_NAME) {
        if (defanged && !(host.marks & SEK_MARK_NUMERIC))
            give_address(f, &host, r->start);
        return defanged;
    }
    if (!defanged && (host.end != r->end || !looks_like_host(r, &host)))
        return false;
    sek_buf_clear(&f->value);
    sek_buf_add(&f->value, host.text, host.len);
    sek_finder_give(f, SEK_INDICATOR_HOST, host.marks, r->start, host.end);
    f->at = host.end;
    return true;
}

void sek_find_in_run(SekFinder *f, size_t start, size_t end) {
    f->at = end;
    Run r = {.text = f->text, .start = start, .end = end};
    while (r.start < r.end && r.text.ptr[r.start] == '-')
        r.start++;
    while (r.end > r.start && sek_one_of(r.text.ptr[r.end - 1], ".-"))
        r.end--;
    if (r.start == r.end)
        return;
    r.before = r.start > 0 ? r.text.ptr[r.start - 1] : '\0';
    r.after = sek_byte_at(r.text, r.end);
    bool dotted = memchr(r.text.ptr + r.start, '.', r.end - r.start) != NULL, defanged = false;
    if (r.after == ':' && r.end - r.start <= 4 && give_ipv6(f, &r))
        return;
    if (give_hash(f, &r) || give_mail(f, &r))
        return;
    if (sek_dot_at(r.text, r.end, &defanged) > 0 && defanged && give_host(f, &r))
        return;
    if (dotted && r.text.ptr[r.start] != '.' && !give_quad(f, &r) && !give_file(f, &r))
        (void)give_host(f, &r); /* or it is nothing */
}
