/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/condition.h"
#include "rule/detection.h"
#include "rule/metadata.h"
#include "rule/reader.h"

/* A text of one or many documents to rules. Each document is taken by itself; what is wrong with
 * one costs the others nothing. The YAML trees live in an arena of their own until the text is
 * done, because `action` documents reach into later ones.
 *
 * A document's kind is told by its keys (RULES; COR and FIL for the other two): see `kinds`. */

/* Most memory for the trees of one text. What SEK_YAML_BUDGET lets through needs less; this only
 * keeps a mistake in that reckoning from becoming the machine's. */
#define MAX_TREE_MEMORY ((size_t)384 * 1024 * 1024)

typedef struct TextReader {
    SekRuleReader reader;
    SekArena trees;
    uint32_t budget;             /* see SEK_YAML_BUDGET */
    const SekYamlNode *global;   /* of `action: global`, or NULL */
    const SekYamlNode *previous; /* what `action: repeat` continues, or NULL */
} TextReader;

void sek_rulefile_init(SekRuleFile *file) {
    *file = (SekRuleFile){0};
    sek_arena_init(&file->arena, 0);
}

void sek_rulefile_deinit(SekRuleFile *file) {
    sek_arena_deinit(&file->arena);
    *file = (SekRuleFile){0};
}

/* --- kinds of document --------------------------------------------------------------------- */

static SekStatus add_rule(SekRuleReader *reader, const SekYamlNode *root, SekRule *rule) {
    SekRuleFile *file = reader->file;
    if (file->n_rules == file->cap_rules) {
        uint32_t cap = file->cap_rules ? file->cap_rules * 2 : 16;
        SekRule **rules = SEK_ARENA_ARRAY(&file->arena, SekRule *, cap);
        if (!rules)
            return sek_rule_no_memory(reader, sek_pos(root));
        if (file->n_rules)
            memcpy(rules, file->rules, file->n_rules * sizeof(SekRule *));
        file->rules = rules;
        file->cap_rules = cap;
    }
    file->rules[file->n_rules++] = rule;
    return SEK_OK;
}

/* What a reader of the rule would want to know, though it is no error. */
static SekStatus warn_unused(SekRuleReader *reader, const SekYamlNode *detection,
                             const SekSelections *selections) {
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < selections->n && !status; i++) {
        const SekSelection *selection = &selections->list[i];
        if (!selection->used)
            status = sek_rule_warn(reader, selection->pos, "unused-selection",
                                   "the condition does not use selection '%s'",
                                   sek_show(selection->name).text);
    }
    const SekYamlNode *timeframe = sek_yaml_get(detection, SEK_STR("timeframe"));
    if (!status && timeframe)
        status = sek_rule_warn(reader, sek_pos(timeframe), "no-effect",
                               "`timeframe` does nothing without an aggregation; times belong in a "
                               "correlation rule");
    return status;
}

static SekStatus read_rule_detection(SekRuleReader *reader, const SekYamlNode *root,
                                     SekRule *rule) {
    const SekYamlNode *detection = sek_yaml_get(root, SEK_STR("detection")); /* see `kinds` */
    SekSelections selections;
    SekStatus status = sek_detection_read(reader, detection, &selections);
    if (status)
        return status;
    status = sek_condition_read(reader, detection, sek_yaml_get(detection, SEK_STR("condition")),
                                &selections, &rule->condition);
    return status ? status : warn_unused(reader, detection, &selections);
}

static SekStatus read_rule(SekRuleReader *reader, const SekYamlNode *root, const SekYamlDoc *doc) {
    SekArena *arena = &reader->file->arena;
    SekRule *rule = SEK_ARENA_NEW(arena, SekRule);
    if (!rule)
        return sek_rule_no_memory(reader, sek_pos(root));
    rule->source = reader->source;
    rule->line = doc->body_line;
    SekStatus status = sek_metadata_read(reader, root, rule);
    if (!status)
        status = sek_logsource_read(reader, root, &rule->logsource);
    if (!status)
        status = read_rule_detection(reader, root, rule);
    if (status)
        return status;
    rule->n_exprs = reader->n_exprs;
    rule->text = sek_arena_dup(arena, doc->body);
    return rule->text.ptr ? add_rule(reader, root, rule)
                          : sek_rule_no_memory(reader, sek_pos(root));
}

static SekStatus refuse_correlation(SekRuleReader *reader, const SekYamlNode *root,
                                    const SekYamlDoc *doc) {
    (void)doc;
    return sek_rule_error(
        reader, sek_pos(root), "unsupported-correlation",
        "correlation rules are not supported by this version; the rule is left out");
}

static SekStatus refuse_filter(SekRuleReader *reader, const SekYamlNode *root,
                               const SekYamlDoc *doc) {
    (void)doc;
    return sek_rule_error(reader, sek_pos(root), "unsupported-filter",
                          "filters are not supported by this version; what this one excludes is "
                          "reported");
}

/* The first key that a document has tells its kind. */
static const struct {
    const char *key;
    SekStatus (*read)(SekRuleReader *reader, const SekYamlNode *root, const SekYamlDoc *doc);
} kinds[] = {
    {"correlation", refuse_correlation},
    {"filter", refuse_filter},
    {"detection", read_rule},
};

static SekStatus read_kind(SekRuleReader *reader, const SekYamlNode *root, const SekYamlDoc *doc) {
    SekStatus status = sek_metadata_name(reader, root);
    if (status)
        return status;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (sek_yaml_get(root, sek_str(kinds[i].key)))
            return kinds[i].read(reader, root, doc);
    bool rule = sek_yaml_get(root, SEK_STR("logsource")) != NULL;
    return sek_rule_error(
        reader, sek_pos(root), rule ? "missing-detection" : "not-a-rule",
        rule ? "the rule has no `detection`; write selections and a `condition`"
             : "this is no Sigma document: it has no `detection`, `correlation` or "
               "`filter`");
}

/* --- actions ------------------------------------------------------------------------------- */

static SekStatus merge(TextReader *text, const SekYamlNode *under, const SekYamlNode *over,
                       const SekYamlNode **out) {
    SekStatus status = sek_yaml_merge(&text->trees, under, over, &text->budget, out);
    if (status == SEK_ERR_LIMIT)
        return sek_rule_error(&text->reader, sek_pos(over), "limit",
                              "the `action` documents of this file make too much; split it");
    return status;
}

/* Joins a document with those that an `action` before it left (pySigma's collections: the global
 * document wins). `*io_root` is NULL when the document itself makes no rule. */
static SekStatus apply_action(TextReader *text, const SekYamlNode **io_root) {
    const SekYamlNode *root = *io_root;
    const SekYamlNode *action = sek_yaml_get(root, SEK_STR("action"));
    SekStr name = action ? action->text : SEK_STR("");
    SekStatus status = SEK_OK;
    if (!action) {
        if (text->global)
            status = merge(text, root, text->global, io_root);
        text->previous = *io_root;
    } else if (sek_str_eq(name, SEK_STR("global"))) {
        text->global = text->previous = root;
        *io_root = NULL;
    } else if (sek_str_eq(name, SEK_STR("reset"))) {
        text->global = NULL;
        *io_root = NULL;
    } else if (!sek_str_eq(name, SEK_STR("repeat"))) {
        status =
            sek_rule_error(&text->reader, sek_pos(action), "bad-action",
                           "'%s' is no action; use global, reset or repeat", sek_show(name).text);
    } else if (!text->previous) {
        status = sek_rule_error(&text->reader, sek_pos(action), "bad-action",
                                "there is no document before this one to repeat");
    } else {
        status = merge(text, text->previous, root, io_root);
        text->previous = *io_root;
    }
    return status;
}

/* --- texts --------------------------------------------------------------------------------- */

static SekStatus yaml_failed(TextReader *text, SekStatus status, const SekYamlError *err) {
    if (status == SEK_ERR_MEMORY && text->trees.used > MAX_TREE_MEMORY / 2)
        return sek_rule_error(&text->reader, (SekRulePos){0}, "limit",
                              "the file takes too much memory to read; split it");
    if (status == SEK_ERR_MEMORY)
        return status;
    return sek_rule_error(&text->reader, (SekRulePos){err->detail.line, err->detail.column},
                          err->code, "%s", err->detail.what);
}

static SekStatus read_document(TextReader *text, const SekYamlDoc *doc) {
    SekRuleReader *reader = &text->reader;
    reader->rule_id = reader->rule_title = SEK_STR("");
    reader->n_warnings = reader->n_exprs = 0;
    const SekYamlNode *root = NULL;
    SekYamlError err = {0};
    SekStatus status = sek_yaml_parse(&text->trees, doc, &text->budget, &root, &err);
    if (status)
        return yaml_failed(text, status, &err);
    if (!root)
        return SEK_OK;
    if (root->kind != SEK_YAML_MAP)
        return sek_rule_error(
            reader, sek_pos(root), "not-a-rule",
            "a Sigma document is a map with `title`, `logsource` and `detection`");
    status = apply_action(text, &root);
    if (status || !root)
        return status;
    return read_kind(reader, root, doc);
}

static SekStatus read_documents(TextReader *text, SekStr yaml) {
    SekYamlCursor cursor = sek_yaml_cursor(yaml);
    SekYamlDoc doc;
    for (uint32_t n = 0; sek_yaml_next(&cursor, &doc); n++) {
        if (n == SEK_RULE_MAX_DOCUMENTS)
            return sek_rule_error(&text->reader, (SekRulePos){doc.line, 1}, "limit",
                                  "more than %d documents in one file; those from here on are left "
                                  "out",
                                  SEK_RULE_MAX_DOCUMENTS);
        SekStatus status = read_document(text, &doc);
        if (status && status != SEK_ERR_INPUT)
            return status;
    }
    return SEK_OK;
}

/* A cap for what this text may add, within the owner's own. */
static size_t limit_of(const SekArena *arena) {
    size_t limit = arena->used + SEK_RULE_MAX_MEMORY;
    return arena->limit && arena->limit < limit ? arena->limit : limit;
}

SekStatus sek_rules_read(SekRuleFile *file, SekStr source, SekStr yaml) {
    TextReader text = {.reader = {.file = file}, .budget = SEK_YAML_BUDGET};
    SekArena *arena = &file->arena;
    text.reader.base_limit = arena->limit;
    text.reader.source = sek_arena_dup(arena, source);
    if (!text.reader.source.ptr)
        return SEK_ERR_MEMORY;
    SekStatus status;
    if (yaml.len > SEK_RULE_MAX_FILE) {
        status =
            sek_rule_error(&text.reader, (SekRulePos){0}, "limit",
                           "the file is larger than %u MB; rules are small: is this a rule file?",
                           SEK_RULE_MAX_FILE / (1024 * 1024));
    } else {
        arena->limit = limit_of(arena);
        sek_arena_init(&text.trees, MAX_TREE_MEMORY);
        status = read_documents(&text, yaml);
        sek_arena_deinit(&text.trees);
        arena->limit = text.reader.base_limit;
    }
    return status == SEK_ERR_INPUT ? SEK_OK : status;
}
