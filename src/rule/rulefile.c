/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/document.h"

/* A text of one or many documents to rules. Each document is taken by itself; what is wrong with
 * one costs the others nothing. The YAML trees live in an arena of their own until the text is
 * done, because `action` documents reach into later ones. */

/* Most memory for the trees of one text. What SEK_YAML_BUDGET lets through needs less; this only
 * keeps a mistake in that reckoning from becoming the machine's. */
#define MAX_TREE_MEMORY ((size_t)384 * 1024 * 1024)

typedef struct TextReader {
    SekRuleReader reader;
    SekArena trees;
    uint32_t budget;             /* see SEK_YAML_BUDGET */
    uint32_t n_documents;        /* that hold something, if only an error */
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
    text->n_documents += status != SEK_OK || root;
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
    return sek_document_read(reader, root, doc);
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
    if (text->n_documents)
        return SEK_OK;
    text->reader.rule_id = text->reader.rule_title = SEK_STR("");
    return sek_rule_error(&text->reader, (SekRulePos){0}, "not-a-rule",
                          "the file holds no document; a rule is a map with `title`, `logsource` and "
                          "`detection`");
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
