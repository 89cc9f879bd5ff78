/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/metadata.h"

#define MAX_TITLE 256 /* characters: RULES, Title */

static const char *const level_names[] = {
    [SEK_LEVEL_INFORMATIONAL] = "informational",
    [SEK_LEVEL_LOW] = "low",
    [SEK_LEVEL_MEDIUM] = "medium",
    [SEK_LEVEL_HIGH] = "high",
    [SEK_LEVEL_CRITICAL] = "critical",
};
#define N_LEVELS (sizeof level_names / sizeof *level_names)

const char *sek_level_name(SekLevel level) {
    return (size_t)level < N_LEVELS ? level_names[level] : "informational";
}

SekStatus sek_level_parse(SekStr text, SekLevel *out) {
    for (size_t i = 0; i < N_LEVELS; i++) {
        if (!sek_str_eq(text, sek_str(level_names[i])))
            continue;
        *out = (SekLevel)i;
        return SEK_OK;
    }
    return SEK_NOT_FOUND;
}

/* --- texts and lists ----------------------------------------------------------------------- */

static bool is_text(const SekYamlNode *node) {
    return node->kind < SEK_YAML_LIST && node->kind != SEK_YAML_NULL;
}

static SekStatus copy_text(SekRuleReader *reader, const SekYamlNode *node, SekStr *out) {
    *out = sek_arena_dup(&reader->file->arena, node->text);
    return out->ptr ? SEK_OK : sek_rule_no_memory(reader, sek_pos(node));
}

/* A scalar of the document; empty when it is missing or null. */
static SekStatus read_text(SekRuleReader *reader, const SekYamlNode *document, const char *key,
                           SekStr *out) {
    const SekYamlNode *node = sek_yaml_get(document, sek_str(key));
    *out = SEK_STR("");
    if (!node || node->kind == SEK_YAML_NULL)
        return SEK_OK;
    if (!is_text(node))
        return sek_rule_warn(reader, sek_pos(node), "metadata",
                             "`%s` should be text; it is left out", key);
    return copy_text(reader, node, out);
}

typedef struct TextList {
    const SekStr *texts;
    uint32_t n;
} TextList;

/* A list of texts. One text is a list of one, null is an empty one: both are common. */
static SekStatus read_list(SekRuleReader *reader, const SekYamlNode *document, const char *key,
                           TextList *out) {
    const SekYamlNode *node = sek_yaml_get(document, sek_str(key));
    *out = (TextList){0};
    if (!node || node->kind == SEK_YAML_NULL)
        return SEK_OK;
    if (node->kind == SEK_YAML_MAP)
        return sek_rule_warn(reader, sek_pos(node), "metadata",
                             "`%s` should be a list of texts; it is left out", key);
    const SekYamlNode *const *items = node->kind == SEK_YAML_LIST ? node->items : &node;
    uint32_t n = node->kind == SEK_YAML_LIST ? node->n : 1;
    SekStr *texts = SEK_ARENA_ARRAY(&reader->file->arena, SekStr, (size_t)n + 1);
    if (!texts)
        return sek_rule_no_memory(reader, sek_pos(node));
    SekStatus status = SEK_OK;
    uint32_t n_texts = 0;
    for (uint32_t i = 0; i < n && !status; i++) {
        if (is_text(items[i]))
            status = copy_text(reader, items[i], &texts[n_texts++]);
        else if (items[i]->kind != SEK_YAML_NULL)
            status = sek_rule_warn(reader, sek_pos(items[i]), "metadata",
                                   "an entry of `%s` should be text; it is left out", key);
    }
    *out = (TextList){texts, n_texts};
    return status;
}

/* Several authors are sometimes written as a list. */
static SekStatus read_author(SekRuleReader *reader, const SekYamlNode *document, SekStr *out) {
    TextList authors;
    SekStatus status = read_list(reader, document, "author", &authors);
    *out = SEK_STR("");
    if (status || authors.n == 0)
        return status;
    size_t len = 0;
    for (uint32_t i = 0; i < authors.n; i++)
        len += authors.texts[i].len + 2;
    char *text = sek_arena_alloc(&reader->file->arena, len);
    if (!text)
        return sek_rule_no_memory(reader, sek_pos(document));
    size_t at = 0;
    for (uint32_t i = 0; i < authors.n; i++) {
        if (i > 0) {
            memcpy(text + at, ", ", 2);
            at += 2;
        }
        memcpy(text + at, authors.texts[i].ptr, authors.texts[i].len);
        at += authors.texts[i].len;
    }
    *out = sek_str_n(text, at);
    return SEK_OK;
}

/* --- checked entries ----------------------------------------------------------------------- */

static SekRulePos pos_of(const SekYamlNode *document, const char *key) {
    const SekYamlNode *node = sek_yaml_get(document, sek_str(key));
    return sek_pos(node ? node : document);
}

static SekStatus read_level(SekRuleReader *reader, const SekYamlNode *document, SekLevel *out) {
    SekStr text;
    *out = SEK_LEVEL_INFORMATIONAL;
    SekStatus status = read_text(reader, document, "level", &text);
    if (status || text.len == 0 || !sek_level_parse(text, out))
        return status;
    for (size_t i = 0; i < N_LEVELS; i++) {
        if (!sek_str_eq_nocase(text, sek_str(level_names[i])))
            continue;
        *out = (SekLevel)i;
        return sek_rule_warn(reader, pos_of(document, "level"), "level",
                             "levels are written in lower case: %s", level_names[i]);
    }
    return sek_rule_warn(reader, pos_of(document, "level"), "level",
                         "'%s' is no level; informational is taken. Levels are informational, low, "
                         "medium, high and critical",
                         sek_show(text).text);
}

static SekStatus read_status(SekRuleReader *reader, const SekYamlNode *document, SekStr *out) {
    static const char *const names[] = {"stable", "test", "experimental", "deprecated",
                                        "unsupported"};
    SekStatus status = read_text(reader, document, "status", out);
    if (status || out->len == 0)
        return status;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sek_str_eq(*out, sek_str(names[i])))
            return SEK_OK;
    return sek_rule_warn(reader, pos_of(document, "status"), "status",
                         "'%s' is no status; use stable, test, experimental, deprecated or "
                         "unsupported",
                         sek_show(*out).text);
}

bool sek_is_uuid(SekStr text) {
    if (text.len != 36)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = sek_ascii_lower(text.ptr[i]);
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return true;
}

/* Bytes that begin a character of UTF-8 (RFC 3629, section 3). */
static size_t characters(SekStr text) {
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.ptr[i] & 0xC0u) != 0x80u;
    return n;
}

static SekStatus check_identity(SekRuleReader *reader, const SekYamlNode *document,
                                const SekRule *rule) {
    SekStatus first = SEK_OK, status = SEK_OK;
    if (rule->title.len == 0)
        status = sek_rule_error(reader, sek_pos(document), "missing-title",
                                "the rule has no `title`; write a short text for what it detects");
    if (!sek_rule_goes_on(reader, status, &first))
        return first;
    status = SEK_OK;
    if (characters(rule->title) > MAX_TITLE)
        status = sek_rule_warn(reader, pos_of(document, "title"), "metadata",
                               "the title is longer than %d characters", MAX_TITLE);
    if (!status && rule->id.len && !sek_is_uuid(rule->id))
        status = sek_rule_warn(reader, pos_of(document, "id"), "metadata", "the id is no UUID");
    (void)sek_rule_goes_on(reader, status, &first);
    return first;
}

static uint32_t digits(SekStr text, size_t at, size_t n) {
    uint32_t value = 0;
    for (size_t i = at; i < at + n; i++)
        value = value * 10 + (uint32_t)(text.ptr[i] - '0');
    return value;
}

/* A day of the calendar as YYYY-MM-DD (RULES, Date; the schema's pattern). */
static bool is_date(SekStr text) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (text.len != 10)
        return false;
    for (size_t i = 0; i < 10; i++)
        if (i == 4 || i == 7 ? text.ptr[i] != '-' : text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    uint32_t year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (uint32_t)(leap && month == 2);
}

static SekStatus check_date(SekRuleReader *reader, const SekYamlNode *document, const char *key, SekStr date) {
    if (date.len == 0 || is_date(date))
        return SEK_OK;
    return sek_rule_warn(reader, pos_of(document, key), "metadata", "`%s` should be a day such as 2020-12-22, not '%s'",
                         key, sek_show(date).text);
}

/* A namespace, a dot and a name, in lower case (the schema's pattern for tags). */
static bool is_tag(SekStr tag) {
    size_t dot = 0;
    while (dot < tag.len && tag.ptr[dot] != '.')
        dot++;
    for (size_t i = 0; i < tag.len; i++) {
        char c = tag.ptr[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (!word && (c != '.' || i < dot))
            return false;
    }
    return dot > 0 && dot + 1 < tag.len;
}

static SekStatus check_tags(SekRuleReader *reader, const SekYamlNode *document) {
    const SekYamlNode *node = sek_yaml_get(document, SEK_STR("tags"));
    if (!node || node->kind == SEK_YAML_MAP)
        return SEK_OK;
    const SekYamlNode *const *items = node->kind == SEK_YAML_LIST ? node->items : &node;
    uint32_t n = node->kind == SEK_YAML_LIST ? node->n : 1;
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < n && !status; i++)
        if (is_text(items[i]) && !is_tag(items[i]->text))
            status = sek_rule_warn(reader, sek_pos(items[i]), "metadata",
                                   "a tag is a namespace, a dot and a name in lower case, such as attack.t1059, not '%s'",
                                   sek_show(items[i]->text).text);
    return status;
}

/* The names in a rule are those of its taxonomy, and events are only known by Sigma's (RULES, Taxonomy). Where a
 * pipeline is at hand it may know the others, and the log's names are its business. */
static SekStatus check_taxonomy(SekRuleReader *reader, const SekYamlNode *document) {
    SekStr name;
    SekStatus status = read_text(reader, document, "taxonomy", &name);
    if (status || name.len == 0 || sek_str_eq_nocase(name, SEK_STR("sigma")) || reader->file->options.mapped)
        return status;
    return sek_rule_warn(reader, pos_of(document, "taxonomy"), "taxonomy",
                         "the rule is written for the taxonomy '%s': its fields and log source are taken for Sigma's, and may "
                         "never match; map them with a pipeline",
                         sek_show(name).text);
}

static SekStatus check_schema(SekRuleReader *reader, const SekYamlNode *document, const SekRule *rule) {
    SekStatus status = check_date(reader, document, "date", rule->date);
    if (!status)
        status = check_date(reader, document, "modified", rule->modified);
    if (!status)
        status = check_tags(reader, document);
    return status ? status : check_taxonomy(reader, document);
}

/* --- documents ----------------------------------------------------------------------------- */

SekStatus sek_metadata_name(SekRuleReader *reader, const SekYamlNode *document) {
    SekStatus status = read_text(reader, document, "title", &reader->rule_title);
    return status ? status : read_text(reader, document, "id", &reader->rule_id);
}

static SekStatus read_texts(SekRuleReader *reader, const SekYamlNode *document, SekRule *rule) {
    const struct {
        const char *key;
        SekStr *out;
    } texts[] = {
        {"name", &rule->name},         {"description", &rule->description}, {"date", &rule->date},
        {"modified", &rule->modified}, {"license", &rule->license},
        {"regression_tests_path", &rule->tests},
    };
    SekStatus status = SEK_OK;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && !status; i++)
        status = read_text(reader, document, texts[i].key, texts[i].out);
    return status;
}

static SekStatus read_lists(SekRuleReader *reader, const SekYamlNode *document, SekRule *rule) {
    const struct {
        const char *key;
        const SekStr **out;
        uint32_t *out_n;
    } lists[] = {
        {"tags", &rule->tags, &rule->n_tags},
        {"references", &rule->references, &rule->n_references},
        {"falsepositives", &rule->falsepositives, &rule->n_falsepositives},
    };
    SekStatus status = SEK_OK;
    for (size_t i = 0; i < sizeof lists / sizeof *lists && !status; i++) {
        TextList list;
        status = read_list(reader, document, lists[i].key, &list);
        *lists[i].out = list.texts;
        *lists[i].out_n = list.n;
    }
    return status;
}

SekStatus sek_metadata_read(SekRuleReader *reader, const SekYamlNode *document, SekRule *rule) {
    SekStatus status = sek_metadata_name(reader, document);
    rule->title = reader->rule_title;
    rule->id = reader->rule_id;
    SekStatus first = SEK_OK;
    if (!status)
        status = check_identity(reader, document, rule);
    if (sek_rule_goes_on(reader, status, &first))
        status = read_texts(reader, document, rule);
    if (!status)
        status = read_lists(reader, document, rule);
    if (!status)
        status = read_author(reader, document, &rule->author);
    if (!status)
        status = read_level(reader, document, &rule->level);
    if (!status)
        status = read_status(reader, document, &rule->status);
    if (!status)
        status = check_schema(reader, document, rule);
    (void)sek_rule_goes_on(reader, status, &first);
    return first;
}
