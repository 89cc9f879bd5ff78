/* SPDX-License-Identifier: Apache-2.0 */

/* SigmaHQ's regression data: a rule names an info.yml, which names logs and how often the rule must match
 * in each (knowledge of the layout: regression_data of github.com/SigmaHQ/sigma). Paths are those of the
 * repository, whose root is looked for from the rule's folder upwards. */
#include "api/rule_test.h"
#include "base/file.h"
#include "collect/collect.h"
#include "rule/yaml.h"

#include <stdlib.h>

#define PATH_BYTES (64u * 1024u)
#define INFO_MAX (1u << 20)
#define TREE_MEMORY ((size_t)64 * 1024 * 1024)

typedef struct Regression {
    SekRuleTest *test;
    uint32_t rule;
    SekBuf root;  /* folder of the repository, with the slash behind it */
    SekBuf path;  /* of what is at work, NUL-terminated */
} Regression;

/* A path that stays in the repository. */
static bool is_inside(SekStr path) {
    return path.len && path.ptr[0] != '/' && !memchr(path.ptr, '\0', path.len) && sek_str_find(path, SEK_STR("..")) < 0;
}

static SekStatus set_path(Regression *r, SekStr inner) {
    sek_buf_clear(&r->path);
    sek_buf_add_str(&r->path, sek_buf_str(&r->root));
    sek_buf_add_str(&r->path, inner);
    sek_buf_addc(&r->path, '\0');
    return r->path.failed;
}

static void count(Regression *r, const char *what) {
    sek_rule_test_count(r->test, sek_str(r->path.data), 0, what);
}

/* Sets `root` to the nearest folder above the rule in which `inner` exists. */
static SekStatus find_root(Regression *r, SekStr source, SekStr inner, bool *out_found) {
    SekStatus status = SEK_OK;
    *out_found = false;
    for (size_t len = source.len; status == SEK_OK && !*out_found;) {
        while (len && source.ptr[len - 1] != '/')
            len--;
        sek_buf_clear(&r->root);
        sek_buf_add(&r->root, source.ptr, len);
        status = r->root.failed == SEK_OK ? set_path(r, inner) : r->root.failed;
        *out_found = status == SEK_OK && sek_path_kind(r->path.data) == SEK_PATH_FILE;
        if (len == 0)
            break;
        len--;
    }
    return status;
}

/* --- one log ------------------------------------------------------------------------------- */

/* Events of the unit on which the rule matches. */
static SekStatus scan_unit(Regression *r, SekUnit *unit, uint64_t *matches) {
    SekRuleTest *t = r->test;
    SekEvent event;
    SekStatus status;
    sek_reader_start(t->reader, unit);
    while ((status = sek_reader_next(t->reader, &event)) == SEK_OK) {
        const uint32_t *variants;
        uint32_t n;
        bool matched = false;
        status = sek_scanner_match(t->scanner, &event, &variants, &n);
        if (status != SEK_OK)
            return status;
        for (uint32_t i = 0; i < n; i++)
            matched = matched || t->rules->variants[variants[i]].rule == r->rule;
        *matches += matched;
    }
    return status == SEK_END ? SEK_OK : status;
}

static SekStatus scan_log(Regression *r, uint64_t *matches) {
    SekCollect *collect;
    SekStatus status = sek_collect_new(&collect);
    if (status != SEK_OK)
        return status;
    SekSource *source = sek_collect_source(collect);
    SekUnit unit = {.bytes = malloc(SEK_UNIT_BYTES)};
    status = unit.bytes ? sek_collect_add(collect, r->path.data) : SEK_ERR_MEMORY;
    while (status == SEK_OK) {
        status = source->next(source->self, &unit, NULL);
        if (status == SEK_OK && (unit.loaded || source->load(source->self, &unit, NULL) == SEK_OK))
            status = scan_unit(r, &unit, matches);
    }
    free(unit.bytes);
    sek_collect_free(collect);
    return status == SEK_END ? SEK_OK : status;
}

/* --- info.yml ------------------------------------------------------------------------------ */

static SekStatus test_entry(Regression *r, const SekYamlNode *entry) {
    const SekYamlNode *type = sek_yaml_get(entry, SEK_STR("type")), *path = sek_yaml_get(entry, SEK_STR("path"));
    const SekYamlNode *least = sek_yaml_get(entry, SEK_STR("match_count"));
    uint64_t wanted = least && least->kind == SEK_YAML_INT ? least->number.magnitude : 1, matches = 0;
    if (!type || !sek_str_eq(type->text, SEK_STR("evtx")) || !path || path->kind != SEK_YAML_STRING || !is_inside(path->text)) {
        count(r, "has a test that is not `type: evtx` with a `path` in the repository");
        return SEK_OK;
    }
    SekStatus status = set_path(r, path->text);
    if (status == SEK_OK && sek_path_kind(r->path.data) != SEK_PATH_FILE) {
        count(r, "the log of this test is not there");
        return SEK_OK;
    }
    if (status == SEK_OK)
        status = scan_log(r, &matches);
    if (status != SEK_OK)
        return status;
    char what[200];
    (void)snprintf(what, sizeof what, "matches %ju events, but must match at least %ju", (uintmax_t)matches, (uintmax_t)wanted);
    count(r, matches >= wanted ? NULL : what);
    return SEK_OK;
}

static SekStatus test_info(Regression *r, SekStr yaml) {
    SekArena trees;
    SekYamlCursor cursor = sek_yaml_cursor(yaml);
    SekYamlDoc doc;
    SekYamlError problem = {0};
    const SekYamlNode *root = NULL;
    uint32_t budget = SEK_YAML_BUDGET;
    sek_arena_init(&trees, TREE_MEMORY);
    SekStatus status = SEK_OK;
    if (sek_yaml_next(&cursor, &doc))
        status = sek_yaml_parse(&trees, &doc, &budget, &root, &problem);
    const SekYamlNode *list = status == SEK_OK && root ? sek_yaml_get(root, SEK_STR("regression_tests_info")) : NULL;
    if (status == SEK_ERR_INPUT || status == SEK_ERR_LIMIT || (status == SEK_OK && (!list || list->kind != SEK_YAML_LIST))) {
        count(r, status != SEK_OK ? problem.detail.what : "has no list `regression_tests_info`");
        status = SEK_OK;
        list = NULL;
    }
    for (uint32_t i = 0; list && list->kind == SEK_YAML_LIST && i < list->n && status == SEK_OK; i++)
        status = test_entry(r, list->items[i]);
    sek_arena_deinit(&trees);
    return status;
}

static SekStatus run(Regression *r, const SekRuleInfo *info) {
    bool found = false;
    SekBuf text;
    SekError err = {0};
    SekStatus status = is_inside(info->tests) ? find_root(r, info->source, info->tests, &found) : SEK_OK;
    if (status != SEK_OK || !found)
        return status; /* rules travel without the data: that is no failure */
    sek_buf_init(&text, INFO_MAX);
    status = sek_file_slurp(r->path.data, &text, &err);
    if (status == SEK_OK)
        status = test_info(r, sek_buf_str(&text));
    else if (status != SEK_ERR_MEMORY) {
        count(r, err.what);
        status = SEK_OK;
    }
    sek_buf_deinit(&text);
    return status;
}

SekStatus sek_rule_test_regression(SekRuleTest *test, uint32_t rule) {
    Regression r = {.test = test, .rule = rule};
    sek_buf_init(&r.root, PATH_BYTES);
    sek_buf_init(&r.path, PATH_BYTES);
    SekStatus status = run(&r, &test->rules->infos[rule]);
    sek_buf_deinit(&r.root);
    sek_buf_deinit(&r.path);
    return status;
}
