/* SPDX-License-Identifier: Apache-2.0 */
#include "property/gen.h"

#include <stdio.h>
#include <stdlib.h>

/* Rules as text: every modifier in the chains that public rules use and in those that they could use. */

typedef enum { TEXT, DASHED, PLAIN, REGEX, NUMBER, BOOL, NOTHING, EXISTS, NET, REFERENCE, PART, PLACEHOLDER } Class;

typedef struct Chain {
    const char *modifiers;
    Class class;
    bool keyword; /* may stand without a field */
} Chain;

static const Chain chains[] = {
    {"", TEXT, true}, {"|contains", TEXT, true}, {"|startswith", TEXT, false}, {"|endswith", TEXT, false},
    {"", TEXT, true}, {"|contains", TEXT, false}, {"|startswith", TEXT, false}, {"|endswith", TEXT, false},
    {"|contains", TEXT, false}, {"|endswith", TEXT, false}, {"|contains|all", TEXT, false}, {"|contains|all", TEXT, true}, {"|all", TEXT, true}, {"|startswith|all", TEXT, false}, {"|cased", TEXT, true},
    {"|contains|cased", TEXT, false}, {"|cased|endswith", TEXT, false}, {"|startswith|cased", TEXT, false},
    {"|cased|contains|all", TEXT, true}, {"|neq", TEXT, true}, {"|contains|neq", TEXT, false},
    {"|endswith|neq", TEXT, false}, {"|contains|all|neq", TEXT, true}, {"|neq|startswith", TEXT, false},
    {"|windash|contains", DASHED, true}, {"|windash|endswith", DASHED, false}, {"|windash", DASHED, true},
    {"|contains|windash", DASHED, false}, {"|windash|contains|all", DASHED, true},
    {"|windash|contains|cased", DASHED, false}, {"|windash|startswith|neq", DASHED, false},
    {"|base64", PLAIN, false}, {"|base64|contains", PLAIN, true}, {"|base64offset|contains", PLAIN, true},
    {"|base64offset", PLAIN, false}, {"|base64offset|contains|all", PLAIN, true}, {"|base64|contains|cased", PLAIN, false},
    {"|wide|base64offset|contains", PLAIN, true}, {"|utf16le|base64|contains", PLAIN, false},
    {"|utf16be|base64offset|contains", PLAIN, false}, {"|utf16|base64offset|contains", PLAIN, false},
    {"|windash|base64offset|contains", PLAIN, false}, {"|base64offset|contains|neq", PLAIN, false},
    {"|wide|contains", PLAIN, false}, {"|re", REGEX, true}, {"|re", REGEX, false}, {"|re|i", REGEX, true},
    {"|re|m", REGEX, false}, {"|re|s", REGEX, false}, {"|re|i|m|s", REGEX, false}, {"|re|neq", REGEX, false},
    {"|re|all", REGEX, true}, {"", NUMBER, true}, {"", NUMBER, false}, {"|all", NUMBER, false}, {"|neq", NUMBER, false},
    {"|gt", NUMBER, false}, {"|gte", NUMBER, false}, {"|lt", NUMBER, false}, {"|lte", NUMBER, false},
    {"|gt|neq", NUMBER, false}, {"|lte|all", NUMBER, false}, {"", BOOL, false}, {"|neq", BOOL, false},
    {"", NOTHING, false}, {"|neq", NOTHING, false}, {"|exists", EXISTS, false}, {"|cidr", NET, false},
    {"|cidr|neq", NET, false}, {"|cidr|all", NET, false}, {"|fieldref", REFERENCE, false},
    {"|fieldref|contains", REFERENCE, false}, {"|fieldref|startswith", REFERENCE, false},
    {"|fieldref|endswith", REFERENCE, false}, {"|fieldref|cased", REFERENCE, false}, {"|fieldref|neq", REFERENCE, false},
    {"|hour", PART, false}, {"|hour|gte", PART, false}, {"|minute|lt", PART, false}, {"|day", PART, false},
    {"|week", PART, false}, {"|month|lte", PART, false}, {"|year|gt", PART, false}, {"|expand", PLACEHOLDER, true},
    {"|expand|contains", PLACEHOLDER, false}, {"|expand|endswith|cased", PLACEHOLDER, false},
};
#define N_CHAINS ((uint32_t)(sizeof chains / sizeof *chains))

static const char *const field_names[] = {
    "A", "B", "C", "D", "Data", "Image", "CommandLine", "ThreatName", "ProcessGUID", "a", "Nowhere",
    "EventID", "Provider_Name", "Channel",
};
static const char *const integers[] = {"0", "1", "4", "5", "10", "16", "255", "4624", "-1", "0x10", "1000", "1.5", "5.5",
                                       "9007199254740993", "18446744073709551615", "-9223372036854775808", "0.5"};
/* Networks, and addresses in them. */
static const char *const nets[] = {"10.0.0.0/8", "172.16.0.0/12", "192.168.1.128/25", "0.0.0.0/0", "::/0", "fe80::/10",
                                   "::1", "10.0.0.1", "2001:db8::/33", "::ffff:0:0/96"};
static const char *const inside[] = {"::ffff:10.2.3.4", "172.31.0.1", "192.168.1.129", "1.2.3.4", "ff02::1", "febf::1%7",
                                     "0:0:0:0:0:0:0:1", "10.0.0.1", "2001:DB8:7fff::", "::ffff:1.2.3.4"};

/* --- values --------------------------------------------------------------------------------- */

/* In double quotes, which YAML can escape everything in. */
static void quote(SekStr text, SekBuf *out) {
    sek_buf_addc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];
        if (c == '"' || c == '\\')
            sek_buf_addf(out, "\\%c", c);
        else if (c < ' ')
            sek_buf_addf(out, "\\x%02X", c);
        else
            sek_buf_addc(out, (char)c);
    }
    sek_buf_addc(out, '"');
}

/* Text with wildcards and escapes in `sigma`, and in `plain` a text that it should match. */
static void wild_text(SekGen *gen, SekBuf *sigma, SekBuf *plain) {
    if (sek_gen_chance(gen, 15)) {
        sek_gen_dense(gen, 3 + sek_gen_below(gen, 6), sigma);
        sek_buf_add_str(plain, sek_buf_str(sigma));
        return;
    }
    static const char *const escapes[] = {"\\*", "\\?", "\\\\", "\\\\\\*", "\\\\\\\\"};
    static const char *const meant[] = {"*", "?", "\\", "\\*", "\\\\"};
    for (uint32_t n = 1 + sek_gen_below(gen, 4); n > 0; n--) {
        uint32_t kind = sek_gen_below(gen, 100), which = sek_gen_below(gen, 5);
        const char *piece = sek_gen_piece(gen, 35);
        if (kind < 78) {
            sek_buf_adds(sigma, piece);
            sek_buf_adds(plain, piece);
        } else if (kind < 86) {
            sek_buf_addc(sigma, '*');
            sek_buf_adds(plain, sek_gen_chance(gen, 50) ? piece : "");
        } else if (kind < 93) {
            sek_buf_addc(sigma, '?');
            sek_buf_adds(plain, piece);
        } else {
            sek_buf_adds(sigma, escapes[which]);
            sek_buf_adds(plain, meant[which]);
        }
    }
}

static void dashed_text(SekGen *gen, SekBuf *sigma, SekBuf *plain) {
    static const char *const fronts[] = {" -", " /", "-", "--", "a-", " -", "\xC3\xA9-", "* -", " \xE2\x80\x93"};
    static const char *const dashes[] = {" -", " /", " \xE2\x80\x93", " \xE2\x80\x94", " \xE2\x80\x95"};
    for (uint32_t n = 1 + sek_gen_below(gen, 2); n > 0; n--) {
        const char *piece = sek_gen_piece(gen, 20);
        sek_buf_adds(sigma, SEK_GEN_PICK(gen, fronts));
        sek_buf_adds(sigma, piece);
        sek_buf_adds(plain, SEK_GEN_PICK(gen, dashes));
        sek_buf_adds(plain, piece);
    }
}

/* Text without wildcards, whose encoding goes to the pool with something around it. */
static void plain_text(SekGen *gen, const char *field, const char *modifiers, SekBuf *sigma) {
    SekBuf plain, bytes, encoded;
    sek_buf_init(&plain, 4096);
    sek_buf_init(&bytes, 4096);
    sek_buf_init(&encoded, 8192);
    for (uint32_t n = 2 + sek_gen_below(gen, 2); n > 0; n--)
        sek_buf_adds(&plain, sek_gen_piece(gen, 25));
    sek_buf_add_str(sigma, sek_buf_str(&plain));
    const char *before = strstr(modifiers, "offset") ? "xyz" + sek_gen_below(gen, 4) : "";
    sek_buf_adds(&bytes, before);
    if (strstr(modifiers, "utf16|"))
        sek_buf_adds(&bytes, "\xFF\xFE");
    if (strstr(modifiers, "wide") || strstr(modifiers, "utf16"))
        sek_gen_utf16(sek_buf_str(&plain), strstr(modifiers, "utf16be") != NULL, &bytes);
    else
        sek_buf_add_str(&bytes, sek_buf_str(&plain));
    sek_buf_adds(&bytes, sek_gen_chance(gen, 50) ? "z" : "");
    if (strstr(modifiers, "base64"))
        sek_gen_base64(sek_buf_str(&bytes), &encoded);
    else
        sek_buf_add_str(&encoded, sek_buf_str(&bytes));
    bool ascii = true; /* bytes of UTF-16 that are no UTF-8 cannot stand in an event */
    for (size_t i = 0; i < encoded.len; i++)
        ascii = ascii && (uint8_t)encoded.data[i] < 0x80;
    if (ascii)
        sek_gen_remember(gen, field, sek_buf_str(&encoded));
    sek_buf_deinit(&plain);
    sek_buf_deinit(&bytes);
    sek_buf_deinit(&encoded);
}

/* Parts of expressions, each with a text that it matches. What is repeated is the whole, or of a `run` of
 * letters the last one. */
static const struct {
    const char *re, *sample;
    bool run;
} atoms[] = {
    {"a", "a", false}, {"b", "b", false}, {"abc", "abc", true}, {".", "x", false}, {"\\w", "w", false},
    {"\\d", "1", false}, {"\\s", " ", false}, {"[ab]", "b", false}, {"[^a]", "c", false}, {"(?:ab|c)", "c", false},
    {"(x|yz)", "yz", false}, {"\\\\", "\\", false}, {"\\.", ".", false}, {"exe", "exe", true},
    {"powershell", "powershell", true}, {"\\bcmd", "cmd", true}, {"Temp", "Temp", true}, {"[a-cA-C]+", "aB", false},
    {"\xC3\xA9", "\xC3\xA9", false}, {"k", "k", false}, {"-enc", "-enc", true},
};

static void add_sample(uint32_t atom, uint32_t times, SekBuf *plain) {
    SekStr sample = sek_str(atoms[atom].sample);
    size_t fixed = atoms[atom].run ? sample.len - 1 : 0;
    sek_buf_add(plain, sample.ptr, fixed);
    for (; times > 0; times--)
        sek_buf_add(plain, sample.ptr + fixed, sample.len - fixed);
}

/* An expression and a text in which it should be found. */
static void regex_text(SekGen *gen, SekBuf *re, SekBuf *plain) {
    static const char *const repeats[] = {"*", "+", "?", "{2}", "{1,3}", "{0}", "*?", "{2,}"};
    static const uint8_t least[] = {0, 1, 0, 2, 1, 0, 0, 2}, most[] = {2, 2, 1, 2, 3, 0, 2, 3};
    static const char *const fronts[] = {"", "", "", "", "", "^", "(?i)", "(?x)", "\\s"};
    bool done = false; /* the text is that of an alternative before */
    sek_buf_adds(re, SEK_GEN_PICK(gen, fronts));
    for (uint32_t n = 1 + sek_gen_below(gen, 4); n > 0; n--) {
        uint32_t atom = sek_gen_below(gen, sizeof atoms / sizeof *atoms);
        bool repeat = sek_gen_chance(gen, 25);
        uint32_t how = sek_gen_below(gen, sizeof least);
        uint32_t times = repeat ? least[how] + sek_gen_below(gen, 1u + most[how] - least[how]) : 1;
        sek_buf_adds(re, atoms[atom].re);
        sek_buf_adds(re, repeat ? repeats[how] : "");
        if (!done)
            add_sample(atom, times, plain);
        uint32_t next = n > 1 ? sek_gen_below(gen, 100) : 100;
        if (next < 10) {
            sek_buf_addc(re, '|');
            if (sek_gen_chance(gen, 50))
                done = plain->len > 0;
            else if (!done)
                sek_buf_clear(plain);
        } else if (next < 14) {
            sek_buf_addc(re, ' ');
        }
    }
    if (sek_gen_chance(gen, 12))
        sek_buf_addc(re, '$');
}

static void part_value(SekGen *gen, const char *modifiers, SekBuf *out) {
    uint32_t value = strstr(modifiers, "hour")     ? sek_gen_below(gen, 24)
                     : strstr(modifiers, "minute") ? sek_gen_below(gen, 60)
                     : strstr(modifiers, "day")    ? 1 + sek_gen_below(gen, 31)
                     : strstr(modifiers, "week")   ? 1 + sek_gen_below(gen, 53)
                     : strstr(modifiers, "month")  ? 1 + sek_gen_below(gen, 12)
                                                   : 1998 + sek_gen_below(gen, 30);
    static const uint32_t likely[] = {22, 1, 3, 30, 53, 12, 6, 5, 59, 2020};
    if (sek_gen_chance(gen, 50) && strstr(modifiers, "year") == NULL) {
        uint32_t other = likely[sek_gen_below(gen, 9)];
        value = other <= 12 ? other : value;
    }
    sek_buf_addf(out, "%u", value);
}

static void text_value(SekGen *gen, const char *field, const Chain *chain, SekBuf *yaml) {
    SekBuf sigma, plain;
    sek_buf_init(&sigma, 4096);
    sek_buf_init(&plain, 4096);
    if (chain->class == DASHED)
        dashed_text(gen, &sigma, &plain);
    else if (chain->class == REGEX)
        regex_text(gen, &sigma, &plain);
    else if (chain->class == PLAIN)
        plain_text(gen, field, chain->modifiers, &sigma);
    else if (!sek_gen_chance(gen, 3)) /* else the empty text */
        wild_text(gen, &sigma, &plain);
    if (plain.len)
        sek_gen_remember(gen, field, sek_buf_str(&plain));
    quote(sek_buf_str(&sigma), yaml);
    sek_buf_deinit(&sigma);
    sek_buf_deinit(&plain);
}

/* A number that is written differently goes to the pool. */
static void number_value(SekGen *gen, const char *field, SekBuf *yaml) {
    const char *text = SEK_GEN_PICK(gen, integers);
    char other[64];
    bool plain = strspn(text, "0123456789") == strlen(text);
    const char *const forms[] = {"%s", "%s.0", "0%s", "%se0", " %s ", "+%s", "-%s", "%s0", "%s"};
    const char *form = strlen(text) < 10 ? SEK_GEN_PICK(gen, forms) : "%s"; /* doubles end at 15 digits */
    if (plain && sek_gen_chance(gen, 30))
        (void)snprintf(other, sizeof other, "0x%jx", (uintmax_t)strtoull(text, NULL, 10));
    else
        (void)snprintf(other, sizeof other, plain ? form : "%s", text);
    sek_buf_adds(yaml, text);
    sek_gen_remember(gen, field, sek_str(other));
}

static void net_value(SekGen *gen, const char *field, SekBuf *yaml) {
    uint32_t which = sek_gen_below(gen, sizeof nets / sizeof *nets);
    sek_buf_addf(yaml, "\"%s\"", nets[which]);
    sek_gen_remember(gen, field, sek_str(sek_gen_chance(gen, 60) ? inside[which] : sek_gen_address(gen)));
}

/* One value; something like it goes to the pool. */
static void value(SekGen *gen, const char *field, const Chain *chain, SekBuf *yaml) {
    static const char *const expandable[] = {"\"%one%\"", "\"a%two%\"", "\"%two%%one%\"", "\"\\\\%x%one%\""};
    static const char *const expanded[] = {"powershell", "cmd", "xa", "ab", "axc", "bcmd", "\\%xcmd"};
    switch (chain->class) {
    case NUMBER:
        number_value(gen, field, yaml);
        return;
    case BOOL:
    case EXISTS:
        sek_buf_adds(yaml, sek_gen_chance(gen, 50) ? "true" : "false");
        return;
    case NOTHING:
        sek_buf_adds(yaml, "null");
        return;
    case NET:
        net_value(gen, field, yaml);
        return;
    case REFERENCE:
        sek_buf_addf(yaml, "\"%s\"", SEK_GEN_PICK(gen, field_names));
        sek_gen_remember(gen, "", sek_str(sek_gen_piece(gen, 50))); /* the same text in several fields */
        return;
    case PART:
        part_value(gen, chain->modifiers, yaml);
        sek_gen_remember(gen, field, sek_str(sek_gen_date(gen)));
        return;
    case PLACEHOLDER:
        sek_buf_adds(yaml, SEK_GEN_PICK(gen, expandable));
        sek_gen_remember(gen, field, sek_str(SEK_GEN_PICK(gen, expanded)));
        return;
    default:
        text_value(gen, field, chain, yaml);
    }
}

SekStatus sek_gen_placeholder(void *user, SekStr name, const SekStr **out_values, uint32_t *out_n) {
    static const SekStr one[] = {{"powershell", 10}, {"x?", 2}, {"cmd", 3}}, two[] = {{"b", 1}, {"*c", 2}};
    (void)user;
    bool is_one = sek_str_eq(name, SEK_STR("one"));
    *out_values = is_one ? one : two;
    *out_n = is_one ? 3 : 2;
    return is_one || sek_str_eq(name, SEK_STR("two")) ? SEK_OK : SEK_NOT_FOUND;
}

/* --- selections ----------------------------------------------------------------------------- */

static void values(SekGen *gen, const char *field, const Chain *chain, SekBuf *yaml) {
    uint32_t n = sek_gen_chance(gen, 50) ? 1 : 2 + sek_gen_below(gen, sek_gen_chance(gen, 8) ? 20 : 3);
    if (chain->class == EXISTS || chain->class == NOTHING)
        n = 1;
    for (uint32_t i = 0; i < n; i++) {
        sek_buf_adds(yaml, i == 0 ? "[" : ", ");
        value(gen, field, chain, yaml);
    }
    sek_buf_adds(yaml, "]");
}

/* Lines of a map, each `indent` wide; no key twice. */
static void map(SekGen *gen, const char *indent, const char *first_indent, SekBuf *yaml) {
    uint32_t used[4], n = 1 + sek_gen_below(gen, 3), n_used = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t field = sek_gen_below(gen, sizeof field_names / sizeof *field_names);
        uint32_t chain = sek_gen_below(gen, N_CHAINS);
        bool twice = false;
        for (uint32_t k = 0; k < n_used; k++)
            twice = twice || used[k] == field;
        if (twice)
            continue;
        used[n_used++] = field;
        sek_buf_addf(yaml, "%s\"%s%s\": ", i == 0 ? first_indent : indent, field_names[field], chains[chain].modifiers);
        values(gen, field_names[field], &chains[chain], yaml);
        sek_buf_addc(yaml, '\n');
    }
}

static void keywords(SekGen *gen, SekBuf *yaml) {
    const Chain *chain;
    do
        chain = &chains[sek_gen_below(gen, N_CHAINS)];
    while (!chain->keyword);
    if (chain->modifiers[0]) {
        sek_buf_addf(yaml, "        \"%s\": ", chain->modifiers);
        values(gen, "", chain, yaml);
        sek_buf_addc(yaml, '\n');
        return;
    }
    for (uint32_t n = 1 + sek_gen_below(gen, 3); n > 0; n--) {
        sek_buf_adds(yaml, "        - ");
        value(gen, "", chain, yaml);
        sek_buf_addc(yaml, '\n');
    }
}

static void selection(SekGen *gen, SekBuf *yaml) {
    uint32_t kind = sek_gen_below(gen, 100);
    if (kind < 65) {
        map(gen, "        ", "        ", yaml);
    } else if (kind < 85) {
        for (uint32_t n = 1 + sek_gen_below(gen, 3); n > 0; n--)
            map(gen, "          ", "        - ", yaml);
    } else {
        keywords(gen, yaml);
    }
}

/* --- rules ---------------------------------------------------------------------------------- */

/* Depth is at most 4: each level has fewer. */
static void condition(SekGen *gen, uint32_t n_selections, uint32_t level, SekBuf *yaml) {
    static const char *const ofs[] = {"1 of them", "all of them", "1 of s*", "all of s*", "1 of *1", "all of *_*",
                                      "any of sel_*"};
    uint32_t kind = sek_gen_below(gen, 100);
    if (kind < 15)
        sek_buf_adds(yaml, "not ");
    kind = level == 0 ? kind % 50 : kind;
    if (kind < 40) {
        sek_buf_addf(yaml, "sel_%u", sek_gen_below(gen, n_selections));
    } else if (kind < 50) {
        sek_buf_adds(yaml, SEK_GEN_PICK(gen, ofs));
    } else {
        bool brackets = sek_gen_chance(gen, 60);
        sek_buf_adds(yaml, brackets ? "(" : "");
        condition(gen, n_selections, level - 1, yaml);
        sek_buf_adds(yaml, sek_gen_chance(gen, 50) ? " and " : " or ");
        condition(gen, n_selections, level - 1, yaml);
        sek_buf_adds(yaml, brackets ? ")" : "");
    }
}

/* Log sources whose fields go by the same names in events. `channel` NULL = every channel; `provider`
 * stands in where the channel is one that no log source has; `ids` NULL = every event id. */
static const struct {
    const char *text, *service, *category, *channel, *provider;
    const char *ids[3];
} sources[] = {
    {"{product: windows}", "", "", NULL, NULL, {NULL}},
    {"{product: windows, service: security}", "security", "", "security", "microsoft-windows-security-auditing", {NULL}},
    {"{product: windows, service: system}", "system", "", "system", NULL, {NULL}},
    {"{product: windows, service: sysmon}", "sysmon", "", "microsoft-windows-sysmon/operational",
     "microsoft-windows-sysmon", {NULL}},
    {"{product: windows, category: sysmon_status}", "", "sysmon_status", "microsoft-windows-sysmon/operational",
     "microsoft-windows-sysmon", {"4", "16", NULL}},
};
#define N_SOURCES ((uint32_t)(sizeof sources / sizeof *sources))

/* The first value of the name, which is the one in System; empty when there is none. */
static SekStr first_value(const SekNaiveEvent *event, const char *name) {
    for (uint32_t i = 0; i < event->n; i++)
        if (sek_str_eq(event->fields[i].name, sek_str(name)))
            return event->fields[i].value;
    return SEK_STR("");
}

static bool source_applies(uint32_t source, const SekNaiveEvent *event) {
    if (!sources[source].channel)
        return true;
    SekStr channel = first_value(event, "Channel"), provider = first_value(event, "Provider_Name");
    bool known = false, id = sources[source].ids[0] == NULL;
    for (uint32_t i = 0; i < N_SOURCES; i++)
        known = known || (sources[i].channel && sek_naive_same_word(channel, sek_str(sources[i].channel)));
    bool here = sek_naive_same_word(channel, sek_str(sources[source].channel));
    if (!known && sources[source].provider)
        here = sek_naive_same_word(provider, sek_str(sources[source].provider));
    for (uint32_t i = 0; sources[source].ids[i]; i++)
        id = id || sek_str_eq(first_value(event, "EventID"), sek_str(sources[source].ids[i]));
    return here && id;
}

bool sek_gen_applies(const SekRule *rule, const SekNaiveEvent *event) {
    for (uint32_t i = 0; i < N_SOURCES; i++)
        if (sek_str_eq(rule->logsource.service, sek_str(sources[i].service)) &&
            sek_str_eq(rule->logsource.category, sek_str(sources[i].category)))
            return source_applies(i, event);
    return false;
}

void sek_gen_rule(SekGen *gen, const char *title, SekBuf *yaml) {
    uint32_t n = 1 + sek_gen_below(gen, 4);
    uint32_t source = sek_gen_chance(gen, 75) ? 0 : sek_gen_below(gen, N_SOURCES);
    sek_buf_addf(yaml, "title: %s\nlogsource: %s\ndetection:\n", title, sources[source].text);
    for (uint32_t i = 0; i < n; i++) {
        sek_buf_addf(yaml, "    sel_%u:\n", i);
        selection(gen, yaml);
    }
    sek_buf_adds(yaml, "    condition: ");
    condition(gen, n, 3, yaml);
    sek_buf_adds(yaml, "\n---\n");
    gen->first[++gen->n_rules] = gen->n_pool;
}
