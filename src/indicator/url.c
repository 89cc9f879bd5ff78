/* SPDX-License-Identifier: Apache-2.0 */

/* URLs. What ends one is decided for scripts, not for prose: quotes, brackets and redirections end it,
 * a separator that splits a list ends it when another URL follows (`http://a/x/,http://b/y/`), `&` and
 * `;` end it where a command line would go on. Parts in parentheses stay when they are balanced. */
#include "indicator/finder.h"

#include "base/utf.h"

#define AUTHORITY_MAX 256u
#define NESTED_MAX 4u /* URLs looked for inside of one (redirectors) */

typedef struct Scheme {
    const char *written, *plain;
    bool whole; /* must not be preceded by a letter: short words */
} Scheme;

/* Longer ones before those that they end with. */
static const Scheme schemes[] = {
    {"https", "https", false}, {"hxxps", "https", false}, {"h**ps", "https", false}, {"h--ps", "https", false},
    {"http", "http", false},   {"hxxp", "http", false},   {"h**p", "http", false},   {"h--p", "http", false},
    {"htxp", "http", false},   {"ftps", "ftps", true},    {"sftp", "sftp", true},    {"tftp", "tftp", true},
    {"ftp", "ftp", false},     {"fxp", "ftp", true},      {"wss", "wss", true},      {"ws", "ws", true},
    {"file", "file", true},    {"ldaps", "ldaps", true},  {"ldap", "ldap", true},    {"smb", "smb", true},
};

static const Scheme *scheme_ending(SekStr text, size_t colon, size_t *out_start) {
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t len = strlen(schemes[i].written);
        if (colon < len || !sek_word_at(text, colon - len, schemes[i].written))
            continue;
        if (schemes[i].whole && colon > len && sek_is_alnum(text.ptr[colon - len - 1]))
            continue;
        *out_start = colon - len;
        return &schemes[i];
    }
    return NULL;
}

size_t sek_scheme_before(SekStr text, size_t colon) {
    size_t start;
    return scheme_ending(text, colon, &start) ? start : SIZE_MAX;
}

/* Length of what stands between scheme and host at `at`, 0 when it is something else. */
static size_t separator_at(SekStr s, size_t at, bool *defanged, bool *backslashes) {
    static const struct {
        const char *text;
        bool defanged, backslashes;
    } forms[] = {{"://", false, false},   {":\\/\\/", false, false}, {"[:]//", true, false},
                 {"[://]", true, false},  {"(:)//", true, false},    {"(://)", true, false},
                 {":\\\\\\\\", false, true}, {":\\\\", false, true},  {"[:]\\\\", true, true}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (sek_word_at(s, at, forms[i].text)) {
            *defanged = forms[i].defanged;
            *backslashes = forms[i].backslashes;
            return strlen(forms[i].text);
        }
    return 0;
}

/* True when a scheme with its separator ends at `colon`; its start in *out. */
static bool url_begins(SekStr s, size_t colon, size_t *out_start) {
    bool a, b;
    char c = s.ptr[colon];
    return (c == ':' || c == '[' || c == '(') && separator_at(s, colon, &a, &b) > 0 &&
           scheme_ending(s, colon, out_start) != NULL;
}

/* Length of "user:password@" at `at`, 0 when the authority has none. */
static size_t userinfo_at(SekStr s, size_t at) {
    size_t end = at + AUTHORITY_MAX < s.len ? at + AUTHORITY_MAX : s.len, ignored;
    for (size_t i = at; i < end; i++) {
        char c = s.ptr[i];
        if (c == '@') {
            size_t colon = i + 1;
            while (colon < end && sek_is_alpha(s.ptr[colon]))
                colon++;
            return colon < end && url_begins(s, colon, &ignored) ? 0 : i + 1 - at; /* or it separates two URLs */
        }
        if (!sek_is_alnum(c) && !sek_one_of(c, "-._~!&+=:%$"))
            return 0;
        if (c == ':' && url_begins(s, i, &ignored))
            return 0;
    }
    return 0;
}

typedef struct Tail {
    SekStr text;
    size_t at, limit;
    unsigned open; /* parentheses */
    bool query, backslashes;
} Tail;

/* Bytes that `;` may be followed by inside a URL: ;jsessionid=, ;type=, or a query. */
static bool goes_on(const Tail *t, size_t at) {
    return sek_word_at(t->text, at, ";jsessionid=") || sek_word_at(t->text, at, ";type=") ||
           (at >= 4 && sek_word_at(t->text, at - 4, "&amp;"));
}

/* How many bytes at `at` belong to the URL; 0 at its end. */
static size_t step(Tail *t) {
    char c = t->text.ptr[t->at];
    bool defanged = false;
    if ((uint8_t)c >= 0x80) {
        size_t next = t->at;
        return sek_ends_word(sek_utf8_next(t->text, &next)) ? 0 : next - t->at;
    }
    char after = sek_byte_at(t->text, t->at + 1);
    switch (c) {
    case '(':
        if (sek_dot_at(t->text, t->at, &defanged) > 0)
            return sek_dot_at(t->text, t->at, &defanged);
        t->open++;
        return 1;
    case ')':
        return t->open > 0 ? (t->open--, 1) : 0;
    case '[':
        return sek_dot_at(t->text, t->at, &defanged);
    case '\\':
        return after == '/' ? 2 : t->backslashes && after && !sek_one_of(after, "\"'\\") ? 1 : 0;
    case '&':
        return t->query ? 1 : 0;
    case ';':
        return goes_on(t, t->at) ? 1 : 0;
    case '$':
        return sek_is_alpha(after) || after == '{' || after == '(' || after == '_' ? 0 : 1;
    case '?':
        t->query = true;
        return 1;
    default:
        return c > ' ' && c != 0x7F && !sek_one_of(c, "\"'<>^{}|`]") ? 1 : 0;
    }
}

/* Where the URL that has its authority behind it ends. */
static size_t tail_end(SekStr text, size_t start, size_t at, bool backslashes) {
    Tail t = {.text = text, .at = at, .backslashes = backslashes,
              .limit = start + SEK_URL_MAX < text.len ? start + SEK_URL_MAX : text.len};
    while (t.at < t.limit) {
        size_t next;
        if (t.text.ptr[t.at] == ':' && url_begins(text, t.at, &next) && next > at &&
            !sek_one_of(text.ptr[next - 1], "/=?&%:")) {
            t.at = sek_is_alnum(text.ptr[next - 1]) ? next : next - 1;
            break;
        }
        size_t n = step(&t);
        if (n == 0)
            break;
        t.at += n;
    }
    size_t end = t.at < t.limit ? t.at : t.limit;
    while (end > at && sek_one_of(text.ptr[end - 1], ".,;:!?*@'+|~$&(#"))
        end--;
    return end;
}

/* --- marks --- */

static SekStr segment_at(SekStr path, size_t at) {
    size_t end = at;
    while (end < path.len && !sek_one_of(path.ptr[end], "/?#"))
        end++;
    return sek_str_n(path.ptr + at, end - at);
}

/* `path`: plain, from the slash behind the host on. */
static unsigned path_marks(SekStr path) {
    unsigned marks = 0;
    SekStr segment = {NULL, 0};
    for (size_t at = 0; at < path.len && path.ptr[at] == '/'; at += segment.len) {
        segment = segment_at(path, ++at);
        if ((segment.len > 3 && sek_word_at(segment, 0, "wp-")) || sek_str_eq_nocase(segment, SEK_STR("wp")) ||
            sek_str_eq_nocase(segment, SEK_STR("wordpress")) || sek_str_eq_nocase(segment, SEK_STR("dup-installer")))
            marks |= SEK_MARK_SITE_PATH;
    }
    size_t dot = segment.len;
    while (dot > 0 && segment.ptr[dot - 1] != '.')
        dot--;
    if (dot > 1 && sek_is_program_extension(sek_str_n(segment.ptr + dot, segment.len - dot)))
        marks |= SEK_MARK_PROGRAM;
    return marks;
}

/* --- giving --- */

static void add_tail(SekBuf *out, SekStr tail, bool backslashes, unsigned *marks) {
    for (size_t i = 0; i < tail.len;) {
        bool defanged = false;
        size_t dot = tail.ptr[i] == '[' || tail.ptr[i] == '(' ? sek_dot_at(tail, i, &defanged) : 0;
        if (dot > 0) {
            sek_buf_addc(out, '.');
            *marks |= SEK_MARK_DEFANGED;
            i += dot;
        } else if (tail.ptr[i] == '\\') {
            sek_buf_addc(out, '/');
            i += backslashes ? 1 : 2;
        } else {
            sek_buf_addc(out, tail.ptr[i++]);
        }
    }
}

typedef struct Parts {
    const Scheme *scheme;
    size_t start, user, host, tail, end;
    unsigned port, marks;
    bool backslashes;
    SekHost name;
} Parts;

static void give_host(SekFinder *f, const Parts *p, unsigned payload) {
    /* ::ffff:1.2.3.4 is the address 1.2.3.4 in another dress. */
    SekStr value = {p->name.text, p->name.len};
    if (p->name.kind == SEK_HOST_V6 && sek_word_at(value, 0, "::ffff:") && memchr(value.ptr, '.', value.len))
        value = sek_str_n(value.ptr + 7, value.len - 7);
    SekIndicatorHit hit = {.kind = p->name.kind == SEK_HOST_NAME ? SEK_INDICATOR_HOST : SEK_INDICATOR_ADDRESS,
                           .marks = p->name.marks | payload, .value = value,
                           .off = p->host, .len = p->name.end - p->host};
    sek_finder_give_value(f, &hit);
    if (p->port == 0 || p->name.kind == SEK_HOST_NAME)
        return;
    sek_buf_clear(&f->value);
    bool v6 = p->name.kind == SEK_HOST_V6 && value.len == p->name.len;
    sek_buf_addf(&f->value, v6 ? "[%.*s]:%u" : "%.*s:%u", (int)value.len, value.ptr, p->port);
    sek_finder_give(f, SEK_INDICATOR_ENDPOINT, hit.marks, p->host, p->tail);
}

static void give_url(SekFinder *f, Parts *p) {
    SekBuf *v = &f->value;
    sek_buf_clear(v);
    sek_buf_addf(v, "%s://", p->scheme->plain);
    if (p->name.kind == SEK_HOST_NONE && sek_byte_at(f->text, p->tail) != '/')
        sek_buf_addc(v, '/');
    sek_buf_add(v, f->text.ptr + p->user, p->host - p->user);
    bool v6 = p->name.kind == SEK_HOST_V6;
    sek_buf_adds(v, v6 ? "[" : "");
    sek_buf_add(v, p->name.text, p->name.len);
    sek_buf_adds(v, v6 ? "]" : "");
    if (p->port > 0)
        sek_buf_addf(v, ":%u", p->port);
    size_t path = v->len;
    add_tail(v, sek_str_n(f->text.ptr + p->tail, p->end - p->tail), p->backslashes, &p->marks);
    if (v->failed)
        return;
    p->marks |= path_marks(sek_str_n(v->data + path, v->len - path)) | p->name.marks;
    SekStr host = {p->name.text, p->name.len};
    if (p->name.kind == SEK_HOST_NAME && sek_is_namespace_host(host)) {
        sek_finder_give(f, SEK_INDICATOR_URL, p->marks | SEK_MARK_NAMESPACE, p->start, p->end);
        return;
    }
    if (p->name.kind == SEK_HOST_V4 || v6)
        p->marks |= SEK_MARK_BARE_ADDRESS;
    sek_finder_give(f, SEK_INDICATOR_URL, p->marks, p->start, p->end);
    if (p->name.kind != SEK_HOST_NONE)
        give_host(f, p, p->marks & (SEK_MARK_SITE_PATH | SEK_MARK_PROGRAM) ? SEK_MARK_PAYLOAD_HOST : 0u);
}

/* Reads the parts of the URL whose scheme ends at `colon`. */
static bool read_parts(SekStr text, size_t colon, Parts *p) {
    bool defanged = false;
    p->scheme = scheme_ending(text, colon, &p->start);
    size_t separator = p->scheme ? separator_at(text, colon, &defanged, &p->backslashes) : 0;
    if (separator == 0)
        return false;
    if (defanged || strcmp(p->scheme->plain, p->scheme->written) != 0)
        p->marks |= SEK_MARK_DEFANGED;
    p->user = colon + separator;
    p->host = p->user + userinfo_at(text, p->user);
    bool file = strcmp(p->scheme->plain, "file") == 0;
    p->tail = p->host;
    bool drive = file && sek_is_alpha(sek_byte_at(text, p->host)) && sek_byte_at(text, p->host + 1) == ':';
    if (drive) { /* file://C:/x says the same as file:///C:/x */
        p->name.kind = SEK_HOST_NONE;
    } else if (sek_host_read(text, p->host, &p->name)) {
        p->tail = p->name.end + sek_port_at(text, p->name.end, &p->port);
        p->tail += p->tail == p->name.end && sek_byte_at(text, p->tail) == ':' && sek_byte_at(text, p->tail + 1) == '/' &&
                   sek_byte_at(text, p->tail + 2) != '/'; /* a port that is left out (RFC 3986, section 3.2.3) */
        if (sek_is_fragment(text, p->start, p->tail))
            return false;
    } else if (!file || sek_byte_at(text, p->host) != '/') {
        return false;
    } else {
        p->name.kind = SEK_HOST_NONE;
    }
    char next = sek_byte_at(text, p->tail);
    bool path = p->tail < text.len && (sek_one_of(next, "/?#\\") || p->name.kind == SEK_HOST_NONE);
    p->end = path ? tail_end(text, p->start, p->tail, p->backslashes) : p->tail;
    return true;
}

bool sek_find_url(SekFinder *f, size_t colon) {
    Parts p = {0};
    if (!read_parts(f->text, colon, &p))
        return false;
    give_url(f, &p);
    size_t nested = 0;
    for (size_t i = p.tail; i < p.end && nested < NESTED_MAX; i++) {
        Parts inner = {0};
        if (f->text.ptr[i] != ':' || !read_parts(f->text, i, &inner))
            continue;
        give_url(f, &inner);
        i = inner.tail;
        nested++;
    }
    f->at = p.end;
    return true;
}
