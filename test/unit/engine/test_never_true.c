/* SPDX-License-Identifier: Apache-2.0 */

/* Which conditions are told to be ones that no event can meet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "engine/never_true.h"

#include <stdio.h>
#include <string.h>

#define PROCESS "{product: windows, category: process_creation}"
#define SECURITY "{product: windows, service: security}"

typedef struct Case {
    const char *logsource, *detection;
    const char *words; /* of the warning */
} Case;

/* The warning of the rule, or NULL; the file is left for the caller to release. */
static const SekDiag *ask(const Case *c, SekRuleFile *file) {
    char yaml[1000];
    int len = snprintf(yaml, sizeof yaml, "title: t\nlogsource: %s\ndetection: %s\n", c->logsource, c->detection);
    assert_true(len > 0 && (size_t)len < sizeof yaml);
    sek_rulefile_init(file);
    assert_int_equal(sek_rules_read(file, SEK_STR("t.yml"), sek_str(yaml)), SEK_OK);
    if (file->n_rules != 1)
        fail_msg("not read: %s", c->detection);
    uint32_t before = file->n_diags;
    assert_int_equal(sek_never_true_check(file), SEK_OK);
    return file->n_diags > before ? &file->diags[before] : NULL;
}

static void contradictions_are_told(void **state) {
    (void)state;
    static const Case cases[] = {
        {PROCESS, "{s: {EventID: 4624}, condition: s}", "event ids 1, 4688"},
        {PROCESS, "{s: {EventID: '4624', Image: x}, condition: s}", "event ids 1, 4688"},
        {PROCESS, "{s: {EventID: 4624}, t: {EventID: 4625}, condition: s or t}", "event ids"},
        {PROCESS, "{s: {Image: x}, f: {EventID: [1, 4688]}, condition: s and not f}", "event ids"},
        {"{product: windows, service: sysmon, category: process_creation}", "{s: {EventID: 4688}, condition: s}", "event ids 1"},
        {SECURITY, "{s: {EventID: 4625}, t: {EventID|gt: 5000}, condition: s and t}", "no event id"},
        {SECURITY, "{s: {EventID: 4625}, t: {EventID: 4624}, condition: s and t}", "no event id"},
        {SECURITY, "{s: {EventID|lt: 10}, t: {EventID|gte: 10}, condition: s and t}", "no event id"},
        {SECURITY, "{s: {EventID|gt: 9}, t: {EventID|lt: 10}, condition: s and t}", "no event id"},
        {SECURITY, "{s: {EventID|all: [1, 2]}, condition: s}", "no event id"},
        {SECURITY, "{s: {EventID: 4625, EventID|neq: 4625}, condition: s}", "no event id"},
        {SECURITY, "{s: {A: x}, condition: s and not s}", "excludes"},
        {SECURITY, "{s: {A: x, B: y}, condition: s and not s}", "excludes"},
        {SECURITY, "{s1: {A: x}, s2: {B: y}, condition: s1 and not 1 of s*}", "excludes"},
        {SECURITY, "{s1: {A: x}, s2: {B: y}, condition: all of s* and not all of s*}", "excludes"},
        {SECURITY, "{s: {A: x}, t: {B: y}, condition: (s and t) and not (s or t)}", "excludes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SekRuleFile file;
        const SekDiag *d = ask(&cases[i], &file);
        if (!d || sek_str_find(d->text, sek_str(cases[i].words)) < 0)
            fail_msg("%s: %.*s", cases[i].detection, d ? (int)d->text.len : 4, d ? d->text.ptr : "none");
        assert_string_equal(d->code, "never-true");
        assert_int_equal(d->kind, SEK_DIAG_WARNING);
        assert_true(d->line == 3 && d->column > 1);
        sek_rulefile_deinit(&file);
    }
}

static void what_may_come_true_is_left_alone(void **state) {
    (void)state;
    static const Case cases[] = {
        {PROCESS, "{s: {EventID: 4688}, condition: s}", NULL},
        {PROCESS, "{s: {EventID: [4624, 1]}, condition: s}", NULL},
        {PROCESS, "{s: {EventID: 4624}, t: {Image: x}, condition: s or t}", NULL},
        {PROCESS, "{s: {Image: x}, f: {EventID: 4624}, condition: s and not f}", NULL},
        {PROCESS, "{s: {EventID|startswith: '46'}, condition: s}", NULL},
        {PROCESS, "{s: {EventID|re: '9'}, condition: s}", NULL},
        {PROCESS, "{s: {EventID: null}, condition: s}", NULL},
        {SECURITY, "{s: {EventID: 4625}, t: {EventID|gt: 4000}, condition: s and t}", NULL},
        {SECURITY, "{s: {EventID|gt: 9}, t: {EventID|lt: 11}, condition: s and t}", NULL},
        {SECURITY, "{s: {EventID|gt: 4624}, condition: s}", NULL},
        {SECURITY, "{s: {EventID|neq: 4625}, condition: s}", NULL},
        {SECURITY, "{s: {EventID: [1, 2]}, f: {EventID: 2}, condition: s and not f}", NULL},
        {SECURITY, "{s: {Image: 1}, t: {Image: 2}, condition: s and t}", NULL}, /* a field may have two values */
        {SECURITY, "{s: {A: x}, t: {B: y}, condition: s and not t}", NULL},
        {SECURITY, "{s1: {A: x}, s2: {B: y}, condition: 1 of s* and not all of s*}", NULL},
        {SECURITY, "{s: {A: x}, t: {B: y}, condition: (s or t) and not s}", NULL},
        {SECURITY, "{s: {A: x}, t: {B: y}, condition: not s and not t}", NULL},
        {SECURITY, "{s: {A: x}, condition: s or not s}", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SekRuleFile file;
        const SekDiag *d = ask(&cases[i], &file);
        if (d)
            fail_msg("%s: %.*s", cases[i].detection, (int)d->text.len, d->text.ptr);
        sek_rulefile_deinit(&file);
    }
}

/* Selections that are shared by every level of a tree about as deep as the reader takes. */
static void a_deep_tree_ends(void **state) {
    (void)state;
    SekRuleFile file;
    SekBuf yaml;
    sek_buf_init(&yaml, 1u << 20);
    sek_buf_adds(&yaml, "title: t\nlogsource: " SECURITY "\ndetection: {s: {EventID: 1}, t: {EventID: 2}, condition: ");
    for (int i = 0; i < 20; i++)
        sek_buf_adds(&yaml, "(s and not (t or ");
    sek_buf_adds(&yaml, "s");
    for (int i = 0; i < 20; i++)
        sek_buf_adds(&yaml, "))");
    sek_buf_adds(&yaml, "}\n");
    sek_rulefile_init(&file);
    assert_int_equal(sek_rules_read(&file, SEK_STR("t.yml"), sek_buf_str(&yaml)), SEK_OK);
    assert_int_equal(sek_never_true_check(&file), SEK_OK);
    assert_int_equal(file.n_rules, 1);
    sek_rulefile_deinit(&file);
    sek_buf_deinit(&yaml);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contradictions_are_told),
        cmocka_unit_test(what_may_come_true_is_left_alone),
        cmocka_unit_test(a_deep_tree_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
