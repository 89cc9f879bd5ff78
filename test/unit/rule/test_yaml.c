/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_test.h"

#include "base/buf.h"
#include "rule/yaml.h"

typedef struct Tree {
    SekArena arena;
    const SekYamlNode *root;
    SekYamlError err;
    SekStatus status;
    uint32_t cost;
} Tree;

static Tree parse_n(SekStr text) {
    Tree tree = {0};
    sek_arena_init(&tree.arena, 0);
    uint32_t budget = SEK_YAML_BUDGET;
    SekYamlDoc doc = {.parse = text, .line = 1};
    tree.status = sek_yaml_parse(&tree.arena, &doc, &budget, &tree.root, &tree.err);
    tree.cost = SEK_YAML_BUDGET - budget;
    return tree;
}

static Tree parse(const char *text) {
    return parse_n(sek_str(text));
}

static void done(Tree *tree) {
    sek_arena_deinit(&tree->arena);
}

static void assert_kind(const char *text, SekYamlKind kind) {
    Tree tree = parse(text);
    assert_int_equal(tree.status, SEK_OK);
    assert_non_null(tree.root);
    if (tree.root->kind != kind)
        fail_msg("%s: kind %d, not %d", text, (int)tree.root->kind, (int)kind);
    done(&tree);
}

static void assert_error(const char *text, const char *code, uint32_t line, uint32_t column) {
    Tree tree = parse(text);
    assert_int_not_equal(tree.status, SEK_OK);
    assert_string_equal(tree.err.code, code);
    assert_int_equal(tree.err.detail.line, line);
    assert_int_equal(tree.err.detail.column, column);
    done(&tree);
}

/* --- scalars ------------------------------------------------------------------------------- */

static void test_scalar__words_of_yaml_1_1_are_text(void **state) {
    (void)state;
    static const char *const texts[] = {
        "off",      "no",   "No",   "yes",   "on", "y", "n",  "00:00", "1_0",  "2020-01-01",
        "12:30:45", "0b11", "0X1F", "+0x1F", "1e", ".", "-a", "tRue",  "nUll", "1.2.3"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_kind(texts[i], SEK_YAML_STRING);
}

static void test_scalar__core_schema_kinds(void **state) {
    (void)state;
    static const char *const nulls[] = {"~", "null", "Null", "NULL"};
    static const char *const bools[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
    static const char *const ints[] = {
        "0", "-1", "+12", "0x1F", "0o17", "007", "18446744073709551615", "-9223372036854775808"};
    static const char *const floats[] = {
        "1.5", "-.5", "1.", "1e3", "6.02E+23", ".inf", "-.Inf", ".nan", "18446744073709551616"};
    for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
        assert_kind(nulls[i], SEK_YAML_NULL);
    for (size_t i = 0; i < sizeof bools / sizeof *bools; i++)
        assert_kind(bools[i], SEK_YAML_BOOL);
    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
        assert_kind(ints[i], SEK_YAML_INT);
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++)
        assert_kind(floats[i], SEK_YAML_FLOAT);
}

static void test_scalar__quoted_is_always_text(void **state) {
    (void)state;
    assert_kind("'4688'", SEK_YAML_STRING);
    assert_kind("\"true\"", SEK_YAML_STRING);
    assert_kind("''", SEK_YAML_STRING);
    assert_kind("|\n  12\n", SEK_YAML_STRING);
}

static void test_scalar__numbers_are_exact_to_64_bits(void **state) {
    (void)state;
    Tree tree =
        parse("[18446744073709551615, -9223372036854775808, 0xFFFFFFFFFFFFFFFF, 0o17, 007]");
    assert_int_equal(tree.root->n, 5);
    const SekNumber *number = &tree.root->items[0]->number;
    assert_true(number->is_int && !number->negative && number->magnitude == UINT64_MAX);
    number = &tree.root->items[1]->number;
    assert_true(number->is_int && number->negative && number->magnitude == 1ull << 63);
    assert_true(tree.root->items[2]->number.magnitude == UINT64_MAX);
    assert_int_equal(tree.root->items[3]->number.magnitude, 15);
    assert_int_equal(tree.root->items[4]->number.magnitude, 7);
    done(&tree);
}

static void test_scalar__tags_are_obeyed_or_refused(void **state) {
    (void)state;
    assert_kind("!!str 12", SEK_YAML_STRING);
    assert_kind("!!int 12", SEK_YAML_INT);
    assert_kind("!!float 12", SEK_YAML_FLOAT);
    assert_kind("!!seq [a]", SEK_YAML_LIST);
    assert_kind("!!map {a: b}", SEK_YAML_MAP);
    assert_error("!!int twelve", "yaml-tag", 1, 1);
    assert_error("- !!binary YQ==", "yaml-tag", 1, 3);
    assert_error("!!set {a: }", "yaml-tag", 1, 1);
    assert_error("!mine 12", "yaml-tag", 1, 1);
}

static void test_scalar__position_is_known_on_one_line(void **state) {
    (void)state;
    Tree tree = parse("a: plain text\nb: 'quoted'\nc: 'it''s'\nd: two\n  lines\n");
    assert_true(tree.root->pairs[0].value->one_line);
    assert_int_equal(tree.root->pairs[0].value->column, 4);
    assert_true(tree.root->pairs[1].value->one_line);
    assert_int_equal(tree.root->pairs[1].value->quote, 1);
    assert_false(tree.root->pairs[2].value->one_line);
    assert_false(tree.root->pairs[3].value->one_line);
    done(&tree);
}

/* --- keys, anchors, aliases ------------------------------------------------------------------ */

static void test_map__same_key_twice_is_an_error_at_the_second(void **state) {
    (void)state;
    assert_error("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", "yaml-duplicate-key", 5, 3);
    assert_error("'a': 1\na: 1\n", "yaml-duplicate-key", 2, 1);
}

static void test_map__keys_with_other_modifiers_are_other_keys(void **state) {
    (void)state;
    Tree tree = parse("a|contains: 1\na|contains|all: 1\na: 1\n");
    assert_int_equal(tree.status, SEK_OK);
    assert_int_equal(tree.root->n, 3);
    done(&tree);
}

static void test_map__key_must_be_text(void **state) {
    (void)state;
    assert_error("[a]: 1\n", "yaml-key", 1, 1);
    assert_error("~: 1\n", "yaml-key", 1, 1);
    assert_error("<<: {a: 1}\n", "yaml-key", 1, 1);
    Tree tree = parse("'': 1\n'<<': 2\n4688: 3\n");
    assert_int_equal(tree.status, SEK_OK);
    assert_non_null(sek_yaml_get(tree.root, SEK_STR("4688")));
    done(&tree);
}

static void test_alias__stands_for_its_anchor(void **state) {
    (void)state;
    Tree tree = parse("a: &x [1, 2]\nb: *x\nc: &x 5\nd: *x\n");
    assert_int_equal(tree.status, SEK_OK);
    assert_ptr_equal(tree.root->pairs[0].value, tree.root->pairs[1].value);
    assert_int_equal(tree.root->pairs[3].value->number.magnitude, 5);
    done(&tree);
}

static void test_alias__unknown_or_inside_itself_is_an_error(void **state) {
    (void)state;
    assert_error("a: *x\n", "yaml-alias", 1, 4);
    assert_error("a: &x\n  b: *x\n", "yaml-alias", 2, 6);
}

static void test_alias__bomb_is_stopped_by_the_budget(void **state) {
    (void)state;
    SekBuf buf;
    sek_buf_init(&buf, 1u << 20);
    sek_buf_adds(&buf, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 20; i++) {
        sek_buf_addf(&buf, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            sek_buf_addf(&buf, "%s*a%d", k ? ", " : "", i - 1);
        sek_buf_adds(&buf, "]\n");
    }
    Tree tree = parse_n(sek_buf_str(&buf));
    assert_int_equal(tree.status, SEK_ERR_LIMIT);
    assert_string_equal(tree.err.code, "limit");
    assert_true(tree.arena.used < 1u << 20);
    done(&tree);
    sek_buf_deinit(&buf);
}

static void test_alias__cannot_make_a_tree_deeper_than_the_cap(void **state) {
    (void)state;
    SekBuf buf;
    sek_buf_init(&buf, 1u << 20);
    sek_buf_adds(&buf, "a0: &a0 [x]\n");
    for (int i = 1; i < 130; i++)
        sek_buf_addf(&buf, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    Tree tree = parse_n(sek_buf_str(&buf));
    assert_int_equal(tree.status, SEK_ERR_LIMIT);
    /* the map is level 1, and the list on line n has n levels */
    assert_int_equal(tree.err.detail.line, SEK_YAML_MAX_DEPTH);
    done(&tree);
    sek_buf_deinit(&buf);
}

/* --- limits -------------------------------------------------------------------------------- */

static Tree parse_nested(int depth) {
    SekBuf buf;
    sek_buf_init(&buf, 1u << 20);
    for (int i = 0; i < depth; i++)
        sek_buf_addc(&buf, '[');
    for (int i = 0; i < depth; i++)
        sek_buf_addc(&buf, ']');
    Tree tree = parse_n(sek_buf_str(&buf));
    sek_buf_deinit(&buf);
    return tree;
}

static void test_depth__is_read_up_to_the_cap(void **state) {
    (void)state;
    Tree tree = parse_nested(SEK_YAML_MAX_DEPTH - 1);
    assert_int_equal(tree.status, SEK_OK);
    done(&tree);
    tree = parse_nested(SEK_YAML_MAX_DEPTH);
    assert_int_equal(tree.status, SEK_OK);
    assert_int_equal(tree.root->height, SEK_YAML_MAX_DEPTH);
    done(&tree);
    tree = parse_nested(SEK_YAML_MAX_DEPTH + 1);
    assert_int_equal(tree.status, SEK_ERR_LIMIT);
    assert_int_equal(tree.err.detail.column, SEK_YAML_MAX_DEPTH + 1);
    done(&tree);
}

static void test_anchors__are_read_up_to_the_cap(void **state) {
    (void)state;
    for (int extra = -1; extra <= 1; extra++) {
        SekBuf buf;
        sek_buf_init(&buf, 1u << 20);
        for (int i = 0; i < SEK_YAML_MAX_ANCHORS + extra; i++)
            sek_buf_addf(&buf, "- &a%d x\n", i);
        Tree tree = parse_n(sek_buf_str(&buf));
        assert_int_equal(tree.status, extra > 0 ? SEK_ERR_LIMIT : SEK_OK);
        done(&tree);
        sek_buf_deinit(&buf);
    }
}

static void test_cost__counts_nodes_and_text(void **state) {
    (void)state;
    Tree tree = parse("[a, b, {c: d}]");
    assert_int_equal(tree.cost, 6);
    done(&tree);
    tree = parse("[&a [x, x], *a]");
    assert_int_equal(tree.cost, 7);
    done(&tree);
    tree = parse("0123456789abcdef");
    assert_int_equal(tree.cost, 2);
    done(&tree);
}

/* --- bytes --------------------------------------------------------------------------------- */

static void test_bytes__bad_utf8_is_an_error_at_its_place(void **state) {
    (void)state;
    assert_error("a: b\nc: \xC3\xA9\xFF\n", "yaml-utf8", 2, 5);
    assert_error("a: \xC0\x80\n", "yaml-utf8", 1, 4);
    assert_error("a: \xED\xA0\x80\n", "yaml-utf8", 1, 4);
    Tree tree = parse("a: \xEF\xBF\xBD\n"); /* U+FFFD itself is text like any other */
    assert_int_equal(tree.status, SEK_OK);
    done(&tree);
}

static void test_bytes__control_characters_are_an_error_at_their_place(void **state) {
    (void)state;
    assert_error("a: b\nc: x\x01y\n", "yaml-character", 2, 5);
    Tree tree = parse_n(sek_str_n("a: b\0c\n", 7));
    assert_string_equal(tree.err.code, "yaml-character");
    done(&tree);
}

static void test_bytes__crlf_lines_are_lines(void **state) {
    (void)state;
    Tree tree = parse("a: b\r\nc: |\r\n  one\r\n  two\r\n");
    assert_int_equal(tree.status, SEK_OK);
    assert_memory_equal(tree.root->pairs[1].value->text.ptr, "one\ntwo\n", 8);
    assert_int_equal(tree.root->pairs[1].value->line, 2);
    done(&tree);
}

static void test_syntax__error_tells_line_and_column(void **state) {
    (void)state;
    Tree tree = parse("a: b\nc: 'open\n");
    assert_string_equal(tree.err.code, "yaml-syntax");
    assert_true(tree.err.detail.line >= 2);
    done(&tree);
    assert_error("a: b\n\tc: d\n", "yaml-syntax", 2, 1);
}

/* --- documents ----------------------------------------------------------------------------- */

static void assert_docs(const char *text, const char *expected) {
    char got[400];
    size_t n = 0;
    SekYamlCursor cursor = sek_yaml_cursor(sek_str(text));
    SekYamlDoc doc;
    while (sek_yaml_next(&cursor, &doc))
        n += (size_t)snprintf(got + n, sizeof got - n, "%u/%u<%.*s>", (unsigned)doc.line,
                              (unsigned)doc.body_line, SEK_STR_ARG(doc.body));
    got[n] = '\0';
    assert_string_equal(got, expected);
}

static void test_documents__are_cut_at_markers(void **state) {
    (void)state;
    assert_docs("", "");
    assert_docs("# only\n\n---\n...\n", "3/4<>");
    assert_docs("a: 1", "1/1<a: 1>");
    assert_docs("a: 1\n---\nb: 2\n---\n\n\nc: 3\n\n", "1/1<a: 1>2/3<b: 2>4/7<c: 3>");
    assert_docs("# licence\n---\n# note\na: 1\n", "2/3<# note\na: 1>");
    assert_docs("--- {a: 1}\n--- # c\nb: 2\n", "1/1<{a: 1}>2/3<b: 2>");
    assert_docs("%YAML 1.2\n...\na: 1\n", "3/3<a: 1>");
    assert_docs("a: 1\n...\n# between\nb: 2\n", "1/1<a: 1>4/4<b: 2>");
    assert_docs("%YAML 1.2\n---\na: 1\n", "1/3<a: 1>");
    assert_docs("a: '\n---x\n ---\n'\n", "1/1<a: '\n---x\n ---\n'>");
    assert_docs("a: 1\r\n---\r\nb: 2\r\n", "1/1<a: 1>2/3<b: 2>");
    assert_docs("a: 1\r---\rb: 2\r", "1/1<a: 1>2/3<b: 2>");
    assert_docs("\xEF\xBB\xBF"
                "a: 1\n\xEF\xBB\xBF---\nb: 2\n",
                "1/1<a: 1>2/3<b: 2>");
}

static void test_documents__are_not_divided_inside_a_line(void **state) {
    (void)state;
    /* the parser below ends lines at U+2028, as YAML 1.1 did */
    Tree tree = parse("a: b\xE2\x80\xA8---\xE2\x80\xA8"
                      "c: d\n");
    assert_string_equal(tree.err.code, "yaml-syntax");
    assert_int_not_equal(tree.status, SEK_OK);
    done(&tree);
}

/* --- merging ------------------------------------------------------------------------------- */

static void test_merge__maps_are_joined_and_other_values_replaced(void **state) {
    (void)state;
    Tree under = parse("a: 1\nm: {x: 1, y: {z: 1}}\nl: [1, 2]\n");
    Tree over = parse("b: 2\nm: {y: {w: 2}, x: 3}\nl: [9]\n");
    uint32_t budget = 1000;
    const SekYamlNode *both;
    assert_int_equal(sek_yaml_merge(&under.arena, under.root, over.root, &budget, &both), SEK_OK);
    assert_int_equal(both->n, 4);
    const SekYamlNode *m = sek_yaml_get(both, SEK_STR("m"));
    assert_int_equal(sek_yaml_get(m, SEK_STR("x"))->number.magnitude, 3);
    assert_int_equal(sek_yaml_get(m, SEK_STR("y"))->n, 2);
    assert_int_equal(sek_yaml_get(both, SEK_STR("l"))->n, 1);
    budget = 3;
    assert_int_equal(sek_yaml_merge(&under.arena, under.root, over.root, &budget, &both),
                     SEK_ERR_LIMIT);
    done(&under);
    done(&over);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalar__words_of_yaml_1_1_are_text),
        cmocka_unit_test(test_scalar__core_schema_kinds),
        cmocka_unit_test(test_scalar__quoted_is_always_text),
        cmocka_unit_test(test_scalar__numbers_are_exact_to_64_bits),
        cmocka_unit_test(test_scalar__tags_are_obeyed_or_refused),
        cmocka_unit_test(test_scalar__position_is_known_on_one_line),
        cmocka_unit_test(test_map__same_key_twice_is_an_error_at_the_second),
        cmocka_unit_test(test_map__keys_with_other_modifiers_are_other_keys),
        cmocka_unit_test(test_map__key_must_be_text),
        cmocka_unit_test(test_alias__stands_for_its_anchor),
        cmocka_unit_test(test_alias__unknown_or_inside_itself_is_an_error),
        cmocka_unit_test(test_alias__bomb_is_stopped_by_the_budget),
        cmocka_unit_test(test_alias__cannot_make_a_tree_deeper_than_the_cap),
        cmocka_unit_test(test_depth__is_read_up_to_the_cap),
        cmocka_unit_test(test_anchors__are_read_up_to_the_cap),
        cmocka_unit_test(test_cost__counts_nodes_and_text),
        cmocka_unit_test(test_bytes__bad_utf8_is_an_error_at_its_place),
        cmocka_unit_test(test_bytes__control_characters_are_an_error_at_their_place),
        cmocka_unit_test(test_bytes__crlf_lines_are_lines),
        cmocka_unit_test(test_syntax__error_tells_line_and_column),
        cmocka_unit_test(test_documents__are_cut_at_markers),
        cmocka_unit_test(test_documents__are_not_divided_inside_a_line),
        cmocka_unit_test(test_merge__maps_are_joined_and_other_values_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
