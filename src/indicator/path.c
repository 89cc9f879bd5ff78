/* SPDX-License-Identifier: Apache-2.0 */

/* Paths of Windows and registry keys. Blanks are the difficulty: in quotes they belong to the path until
 * the quote ends or a program's extension has been seen ("C:\a b\c.exe /x"); without quotes they do when
 * the next word goes on with a folder (C:\Program Files\x.exe) and nothing before looks like a file. */
#include "indicator/finder.h"

#define VARIABLE_MAX 64u /* bytes of an environment variable's name */

typedef struct Body {
    SekStr text;
    size_t start, at, limit;
    char quote;    /* that stands before the path; 0 = none */
    bool registry; /* extensions mean nothing */
} Body;

/* The extension of the element that ends at `end`; empty when it has none. */
static SekStr extension_before(SekStr text, size_t start, size_t end) {
    size_t dot = end;
    while (dot > start && sek_is_alnum(text.ptr[dot - 1]))
        dot--;
    bool good = dot > start + 1 && text.ptr[dot - 1] == '.' && !sek_one_of(text.ptr[dot - 2], "\\/.");
    return good ? sek_str_n(text.ptr + dot, end - dot) : (SekStr){NULL, 0};
}

static bool file_ends_here(const Body *b) {
    return !b->registry && sek_is_telling_extension(extension_before(b->text, b->start, b->at));
}

/* True when the word behind the blank at `at` goes on with the path: it holds a backslash and does not
 * begin like an option or like another path. */
static bool next_word_goes_on(const Body *b) {
    size_t i = b->at + 1;
    if (sek_one_of(sek_byte_at(b->text, i), "-/\\%$\"'.") || sek_byte_at(b->text, i + 1) == ':' ||
        sek_word_at(b->text, i, "hk"))
        return false;
    for (; i < b->limit && i - b->at < VARIABLE_MAX; i++) {
        char c = b->text.ptr[i];
        if (c == '\\')
            return true;
        if (c <= ' ' || sek_one_of(c, "\"'<>|*?;,=&"))
            return false;
    }
    return false;
}

static bool continues(const Body *b, char c) {
    if ((uint8_t)c < ' ' || c == 0x7F || sek_one_of(c, "<>|\"*?`") || (c == '\'' && b->quote != '"'))
        return false;
    if (sek_one_of(c, " ,") && file_ends_here(b))
        return false;
    switch (c) {
    case ' ':
        return b->quote || (extension_before(b->text, b->start, b->at).len == 0 && next_word_goes_on(b));
    case ',':
    case '&':
    case ']':
    case ')':
        return b->quote != 0;
    case ':': /* of $env:NAME; a drive's is behind us */
        return b->at >= 3 && sek_word_at(b->text, b->at - 3, "env");
    case ';':
    case '^':
        return false;
    default:
        return true;
    }
}

/* The end of the path or key that begins at `start` and whose root ends at `at`. */
static size_t body_end(Body *b) {
    char before = b->start > 0 ? b->text.ptr[b->start - 1] : '\0';
    b->quote = (char)(before == '"' || before == '\'' ? before : 0);
    b->limit = b->start + SEK_PATH_MAX < b->text.len ? b->start + SEK_PATH_MAX : b->text.len;
    unsigned open = 0;
    for (; b->at < b->limit; b->at++) {
        char c = b->text.ptr[b->at];
        if (c == ')' && open > 0)
            open--;
        else if (!continues(b, c))
            break;
        open += c == '(';
    }
    size_t end = b->at;
    while (end > b->start && sek_one_of(b->text.ptr[end - 1], " .,:;(") && end > b->start + 3)
        end--;
    return end;
}

/* Appends with one backslash for each run of separators. */
static void add_plain(SekBuf *out, SekStr text) {
    bool separator = false;
    for (size_t i = 0; i < text.len; i++) {
        bool is = text.ptr[i] == '\\' || text.ptr[i] == '/';
        if (!is || !separator)
            sek_buf_addc(out, is ? '\\' : text.ptr[i]);
        separator = is;
    }
}

/* C:\a\ says the same as C:\a; C:\ stays. */
static void drop_last_separator(SekBuf *out, size_t root) {
    if (!out->failed && out->len > root && out->data[out->len - 1] == '\\')
        out->len--;
}

/* The file name of the path in work, as a hit of its own. */
static void give_file(SekFinder *f, size_t end) {
    SekStr path = sek_buf_str(&f->value);
    if (f->value.failed)
        return;
    size_t slash = path.len;
    while (slash > 0 && path.ptr[slash - 1] != '\\')
        slash--;
    SekStr name = sek_str_n(path.ptr + slash, path.len - slash);
    SekStr extension = extension_before(path, slash, path.len);
    if (extension.len == 0 || !sek_is_telling_extension(extension))
        return;
    SekIndicatorHit hit = {.kind = SEK_INDICATOR_FILE, .value = name, .off = end - name.len, .len = name.len};
    sek_finder_give_value(f, &hit);
}

static bool give_path(SekFinder *f, SekIndicatorKind kind, size_t start, size_t end) {
    drop_last_separator(&f->value, 3);
    sek_finder_give(f, kind, 0, start, end);
    give_file(f, end);
    f->at = end;
    return true;
}

/* --- roots --- */

static size_t separators_at(SekStr s, size_t at) {
    size_t n = 0;
    while (n < 4 && (sek_byte_at(s, at + n) == '\\' || sek_byte_at(s, at + n) == '/'))
        n++;
    return n;
}

/* Length of a root at `at` with the separator behind it: a drive, a variable, or dots. 0 = none. */
static size_t root_at(SekStr s, size_t at, bool *relative) {
    size_t i = at;
    char c = sek_byte_at(s, at);
    if (sek_is_alpha(c) && sek_byte_at(s, at + 1) == ':') {
        i += 2;
        if (sek_byte_at(s, i) == '/' && sek_byte_at(s, i + 1) == '/')
            return 0;
    } else if (c == '.') {
        i += sek_byte_at(s, at + 1) == '.' ? 2 : 1;
        *relative = true;
        if (sek_byte_at(s, i) != '\\')
            return 0;
    } else if (c == '%' || c == '$') {
        bool braces = sek_byte_at(s, ++i) == '{';
        i += braces;
        if (c == '$' && sek_word_at(s, i, "env:"))
            i += 4;
        else if (c == '$' && !sek_word_at(s, i, "home") && !sek_word_at(s, i, "pshome"))
            return 0;
        size_t name = i;
        while (i < s.len && i - name < VARIABLE_MAX && (sek_is_alnum(s.ptr[i]) || sek_one_of(s.ptr[i], "_()")))
            i++;
        if (i == name || (c == '%' && sek_byte_at(s, i++) != '%') || (braces && sek_byte_at(s, i++) != '}'))
            return 0;
    } else {
        return 0;
    }
    size_t n = separators_at(s, i);
    return n > 0 ? i + n - at : 0;
}

static bool find_rooted(SekFinder *f, size_t at) {
    bool relative = false;
    size_t root = root_at(f->text, at, &relative);
    if (root == 0)
        return false;
    Body body = {.text = f->text, .start = at, .at = at + root};
    size_t end = body_end(&body);
    if (end <= at + root || !(sek_is_alnum(f->text.ptr[at + root]) || sek_one_of(f->text.ptr[at + root], "_.%$~{[(") ||
                              (uint8_t)f->text.ptr[at + root] >= 0x80))
        return false;
    sek_buf_clear(&f->value);
    add_plain(&f->value, sek_str_n(f->text.ptr + at, end - at));
    /* Regular expressions hold `.\w` and `..\d` too: a relative path must name a file or a folder more. */
    SekStr plain = sek_buf_str(&f->value);
    if (relative && !f->value.failed) {
        SekStr rest = sek_str_n(plain.ptr + 2, plain.len > 2 ? plain.len - 2 : 0);
        ptrdiff_t more = sek_str_find(sek_str_n(rest.ptr + (rest.len > 0), rest.len - (rest.len > 0)), SEK_STR("\\"));
        if (extension_before(plain, 2, plain.len).len == 0 && more < 0)
            return false;
    }
    return give_path(f, SEK_INDICATOR_PATH, at, end);
}

/* --- \\host\share --- */

/* WebDAV writes \\host@SSL@8443\share. */
static size_t webdav_at(SekStr s, size_t at) {
    size_t i = at;
    if (sek_word_at(s, i, "@ssl"))
        i += 4;
    if (sek_byte_at(s, i) == '@' && sek_is_digit(sek_byte_at(s, i + 1)))
        for (i++; i - at < 12 && sek_is_digit(sek_byte_at(s, i));)
            i++;
    return i - at;
}

static bool find_unc(SekFinder *f, size_t at) {
    size_t n = 0;
    while (n < 5 && sek_byte_at(f->text, at + n) == '\\')
        n++;
    SekHost host;
    if ((n != 2 && n != 4) || !sek_host_read(f->text, at + n, &host) || host.len < 2 ||
        (host.marks & SEK_MARK_NUMERIC))
        return false;
    size_t share = host.end + webdav_at(f->text, host.end), slashes = 0;
    while (slashes < 3 && sek_byte_at(f->text, share + slashes) == '\\')
        slashes++;
    char first = sek_byte_at(f->text, share + slashes);
    if (slashes * 2 != n || !(sek_is_alnum(first) || first == '%' || (uint8_t)first >= 0x80))
        return false;
    Body body = {.text = f->text, .start = at, .at = share + slashes};
    size_t end = body_end(&body);
    sek_buf_clear(&f->value);
    sek_buf_adds(&f->value, "\\\\");
    add_plain(&f->value, sek_str_n(f->text.ptr + at + n, end - at - n));
    (void)give_path(f, SEK_INDICATOR_UNC, at, end); /* always true */
    if (host.kind == SEK_HOST_NAME && host.n_labels < 2)
        return true;
    SekIndicatorHit hit = {.kind = host.kind == SEK_HOST_NAME ? SEK_INDICATOR_HOST : SEK_INDICATOR_ADDRESS,
                           .marks = host.marks, .value = {host.text, host.len}, .off = at + n, .len = host.end - at - n};
    sek_finder_give_value(f, &hit);
    return true;
}

bool sek_find_path(SekFinder *f, size_t at) {
    char before = at > 0 ? f->text.ptr[at - 1] : ' ';
    if (sek_byte_at(f->text, at) == '\\')
        return before != '\\' && before != ':' && before != '/' && !sek_is_alnum(before) && find_unc(f, at);
    return !sek_is_alnum(before) && before != '_' && before != '\\' && before != '/' && find_rooted(f, at);
}

/* --- registry --- */

static const struct {
    const char *written, *plain;
} hives[] = {
    {"hkey_local_machine", "HKLM"}, {"hkey_current_user", "HKCU"}, {"hkey_classes_root", "HKCR"},
    {"hkey_users", "HKU"},          {"hkey_current_config", "HKCC"}, {"hklm", "HKLM"},
    {"hkcu", "HKCU"},               {"hkcr", "HKCR"},              {"hkcc", "HKCC"},
    {"hku", "HKU"},                 {"\\registry\\machine", "HKLM"}, {"\\registry\\user", "HKU"},
};

bool sek_find_registry(SekFinder *f, size_t at) {
    for (size_t i = 0; i < sizeof hives / sizeof *hives; i++) {
        if (!sek_word_at(f->text, at, hives[i].written))
            continue;
        size_t root = at + strlen(hives[i].written);
        root += sek_byte_at(f->text, root) == ':';
        size_t n = separators_at(f->text, root);
        Body body = {.text = f->text, .start = at, .at = root + n, .registry = true};
        if (n == 0 || n > 2)
            return false;
        size_t end = body_end(&body);
        if (end <= root + n)
            return false;
        sek_buf_clear(&f->value);
        sek_buf_adds(&f->value, hives[i].plain);
        add_plain(&f->value, sek_str_n(f->text.ptr + root, end - root));
        drop_last_separator(&f->value, 5);
        sek_finder_give(f, SEK_INDICATOR_REGISTRY, 0, at, end);
        f->at = end;
        return true;
    }
    return false;
}
