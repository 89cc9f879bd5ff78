/* SPDX-License-Identifier: Apache-2.0 */

/* Which fields `rules check` warns of, and which it leaves alone. */
#define _GNU_SOURCE /* strndup */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/field_check.h"
#include "rule/correlation.h"

#include <stdlib.h>
#include <string.h>

typedef struct Case {
    const char *logsource, *detection;
    const char *unknown; /* NULL = no warning */
    const char *nearest;
} Case;

static void check(const Case *c) {
    SekRuleFile file;
    SekBuf yaml;
    sek_buf_init(&yaml, 1u << 20);
    sek_buf_addf(&yaml, "title: t\nlogsource: %s\ndetection: %s\n", c->logsource, c->detection);
    sek_rulefile_init(&file);
    assert_int_equal(sek_rules_read(&file, SEK_STR("t.yml"), sek_buf_str(&yaml)), SEK_OK);
    if (file.n_rules != 1)
        fail_msg("not read: %s", c->detection);
    uint32_t before = file.n_diags;
    assert_int_equal(sek_fields_check(&file), SEK_OK);
    if (!c->unknown && file.n_diags > before)
        fail_msg("%s: %.*s", c->detection, (int)file.diags[before].text.len, file.diags[before].text.ptr);
    if (c->unknown) {
        if (file.n_diags != before + 1)
            fail_msg("%s: %u warnings", c->detection, file.n_diags - before);
        const SekDiag *d = &file.diags[before];
        assert_string_equal(d->code, "unknown-field");
        assert_int_equal(d->kind, SEK_DIAG_WARNING);
        assert_int_equal(d->line, 3);
        assert_true(d->column > 1);
        if (sek_str_find(d->text, sek_str(c->unknown)) < 0 ||
            (c->nearest ? sek_str_find(d->text, sek_str(c->nearest)) : -sek_str_find(d->text, SEK_STR("did you mean"))) < 0)
            fail_msg("%s: %.*s", c->detection, (int)d->text.len, d->text.ptr);
    }
    sek_rulefile_deinit(&file);
    sek_buf_deinit(&yaml);
}

#define PROCESS "{product: windows, category: process_creation}"
#define SECURITY "{product: windows, service: security}"
#define SYSTEM "{product: windows, service: system}"

static void unknown_names_are_named(void **state) {
    (void)state;
    static const Case cases[] = {
        {PROCESS, "{s: {Imgae: x}, condition: s}", "'Imgae'", "did you mean 'Image'"},
        {PROCESS, "{s: {Image: x}, f: {ParentComandLine: y}, condition: s and not f}", "'ParentComandLine'",
         "did you mean 'ParentCommandLine'"},
        {PROCESS, "{s: {Zzzzzzzz: x}, condition: s}", "'Zzzzzzzz'", NULL},
        {PROCESS, "{s: {Image|fieldref: ParentImgae}, condition: s}", "'ParentImgae'", "'ParentImage'"},
        {"{product: windows, category: file_event}", "{s: {CommandLine: x}, condition: s}", "'CommandLine'", NULL},
        {SECURITY, "{s: {EventID: 4625, TargetUsername1: x}, condition: s}", "'TargetUsername1'",
         "did you mean 'TargetUserName'"},
        {SECURITY, "{s: {EventID: [4625, 4624]}, t: {ScriptBlockText: x}, condition: s and t}", "'ScriptBlockText'", NULL},
        {SECURITY, "{s: [{EventID: 4624}, {EventID: '4625'}], t: {IpAdress: x}, condition: s and 1 of t*}",
         "'IpAdress'", "'IpAddress'"},
        {"{product: windows, category: ps_script}", "{s: {HostApplication: x}, condition: s}", "'HostApplication'", NULL},
        {"{product: windows, service: sysmon}", "{s: {EventID: 3, TargetImage: x}, condition: s}", "'TargetImage'", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&cases[i]);
}

static void what_is_known_or_not_knowable_is_left_alone(void **state) {
    (void)state;
    static const Case cases[] = {
        {PROCESS, "{s: {image: x, NewProcessName: y, provider_name: z}, condition: s}", NULL, NULL},
        {PROCESS, "{s: {IntegrityLevel: High, Hashes: y}, condition: s}", NULL, NULL},
        {PROCESS, "{k: [word], condition: k}", NULL, NULL},
        {"{product: windows, category: process_access}", "{s: {SourceProcessGuid: x}, condition: s}", NULL, NULL},
        {"{product: windows, service: windefend}", "{s: {EventID: 1116, ThreatName: x}, condition: s}", NULL, NULL},
        {"{product: windows, category: ps_classic_start}", "{s: {HostApplication: x}, condition: s}", NULL, NULL},
        {"{product: windows, category: ps_module}", "{s: {CommandName: x, Payload: y}, condition: s}", NULL, NULL},
        {SECURITY, "{s: {EventID: 59999, Anything: x}, condition: s}", NULL, NULL},      /* an event not known */
        {SECURITY, "{s: {EventID: [4625, 59999], Anything: x}, condition: s}", NULL, NULL},
        {SECURITY, "{s: {Anything: x}, condition: s}", NULL, NULL},                       /* any event */
        {SECURITY, "{s: {EventID|contains: '4625', Anything: x}, condition: s}", NULL, NULL},
        {SECURITY, "{s: {EventID: 4625}, t: {Anything: x}, condition: s or t}", NULL, NULL},
        {SYSTEM, "{s: {EventID: 7045, Anything: x}, condition: s}", NULL, NULL},          /* whose 7045? */
        {SYSTEM, "{s: {EventID: 7045, Provider_Name: Somebody, Anything: x}, condition: s}", NULL, NULL},
        {"{product: windows}", "{s: {EventID: 4625, Anything: x}, condition: s}", NULL, NULL},
        {"{product: windows, service: hyper-v-worker}", "{s: {EventID: 1, Anything: x}, condition: s}", NULL, NULL},
        {"{category: no_such_one}", "{s: {Anything: x}, condition: s}", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&cases[i]);
}

/* Where `name` stands first in its line. */
static uint32_t column_of(SekStr yaml, const char *name) {
    size_t at = (size_t)sek_str_find(yaml, sek_str(name)), column = 1;
    while (yaml.ptr[at - column] != '\n')
        column++;
    return (uint32_t)column;
}

static void names_in_correlations_are_held_against_their_rules(void **state) {
    (void)state;
    static const struct {
        const char *lines; /* the rest of line 13 */
        const char *at, *text; /* NULL = no warning */
    } cases[] = {
        {"group-by: [computer, ProcessTree], rules: [a, b]", NULL, NULL},
        {"group-by: [Usre], rules: [a, b]", "Usre", "rule 'a' has a field 'Usre', so all of them are in one group; did you mean 'User'"},
        {"group-by: [IpAddress], rules: [b, a]", "IpAddress", "give an alias"},
        {"group-by: [TargetUserName], rules: b", NULL, NULL},
        {"group-by: [TargetUsername1], rules: b", "TargetUsername1", "did you mean 'TargetUserName'; correct the name"},
        {"group-by: [who], rules: [a, b], aliases: {who: {a: User, b: TargetUserName}}", NULL, NULL},
        {"group-by: [who], rules: [a, b], aliases: {who: {a: User, b: TargetUserNam}}", "TargetUserNam}", "'TargetUserNam'"},
        {"group-by: [who], rules: [a, b], aliases: {who: {a: User}}", "who]", "rule 'b' has a field 'who'"},
        {"group-by: [Anything], rules: other", NULL, NULL},
        {"type: value_count, rules: a, condition: {field: [User, Imgae], gte: 2}", "Imgae", "count for nothing here; did you mean 'Image'"},
        {"type: value_count, rules: a, condition: {field: Image, gte: 2}", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SekRuleFile file;
        SekBuf yaml;
        sek_buf_init(&yaml, 1u << 20);
        sek_buf_addf(&yaml, "name: a\ntitle: a\nlogsource: " PROCESS "\ndetection: {s: {Image: x}, condition: s}\n---\n"
                     "name: b\ntitle: b\nlogsource: " SECURITY "\ndetection: {s: {EventID: 4625}, condition: s}\n---\n"
                     "title: c\nid: 6f3e2987-db24-4c78-a860-b4f4095a7095\n"
                     "correlation: {timespan: 1m, %s%s}\n---\n"
                     "name: other\ntitle: other\nlogsource: {product: linux}\ndetection: {s: {A: x}, condition: s}\n",
                     strncmp(cases[i].lines, "type", 4) ? "type: temporal, " : "", cases[i].lines);
        sek_rulefile_init(&file);
        assert_int_equal(sek_rules_read(&file, SEK_STR("t.yml"), sek_buf_str(&yaml)), SEK_OK);
        assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
        if (file.n_rules != 4)
            fail_msg("not read: %s", cases[i].lines);
        uint32_t before = file.n_diags;
        assert_int_equal(sek_fields_check(&file), SEK_OK);
        const SekDiag *d = &file.diags[before];
        if (file.n_diags != before + (cases[i].text != NULL))
            fail_msg("%s: %u warnings", cases[i].lines, file.n_diags - before);
        if (cases[i].text && (d->line != 13 || d->column != column_of(sek_buf_str(&yaml), cases[i].at) || strcmp(d->code, "unknown-field") ||
                              sek_str_find(d->text, sek_str(cases[i].text)) < 0))
            fail_msg("%s: %u:%u %.*s", cases[i].lines, d->line, d->column, (int)d->text.len, d->text.ptr);
        sek_rulefile_deinit(&file);
        sek_buf_deinit(&yaml);
    }
}

static void names_of_inner_correlations_are_what_they_group_by(void **state) {
    (void)state;
    SekRuleFile file;
    sek_rulefile_init(&file);
    static const char yaml[] =
        "name: a\ntitle: a\nlogsource: " PROCESS "\ndetection: {s: {Image: x}, condition: s}\n---\n"
        "name: in\ntitle: in\ncorrelation: {type: event_count, rules: a, timespan: 1m, group-by: User, condition: {gte: 2}}\n---\n"
        "title: out\ncorrelation: {type: event_count, rules: in, timespan: 1m, group-by: [user, Image], condition: {gte: 2}}\n---\n"
        "title: old\nlogsource: " PROCESS "\ndetection: {s: {Image: x}, condition: s | count(Imgae) by User > 2}\n";
    assert_int_equal(sek_rules_read(&file, SEK_STR("t.yml"), sek_str(yaml)), SEK_OK);
    assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
    uint32_t before = file.n_diags;
    assert_int_equal(sek_fields_check(&file), SEK_OK);
    assert_int_equal(file.n_diags, before + 2);
    assert_true(sek_str_find(file.diags[before].text, SEK_STR("no finding of rule 'in' has a field 'Image'")) >= 0);
    assert_int_equal(file.diags[before].line, 11);
    assert_true(sek_str_find(file.diags[before + 1].text, SEK_STR("did you mean 'Image'")) >= 0);
    assert_int_equal(file.diags[before + 1].line, 15);
    sek_rulefile_deinit(&file);
}

static void steps_that_meet_in_no_group_never_come_true(void **state) {
    (void)state;
    static const struct {
        const char *inner, *outer, *code; /* "" = no warning */
    } cases[] = {
        {"User", "type: temporal_ordered, rules: [in, a]", "never-true"},
        {"User", "type: temporal, rules: [a, in]", "never-true"},
        {"User", "type: temporal, rules: [a, in], condition: {gte: 1}", "unknown-field"},
        {"User", "type: temporal, rules: [in]", "unknown-field"},
        {"User", "type: event_count, rules: [a, in], condition: {gte: 2}", "unknown-field"},
        {"[User, Computer]", "type: temporal, rules: [a, in]", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[1000];
        SekRuleFile file;
        snprintf(yaml, sizeof yaml,
                 "name: a\ntitle: a\nlogsource: " PROCESS "\ndetection: {s: {Image: x}, condition: s}\n---\n"
                 "name: in\ntitle: in\ncorrelation: {type: event_count, rules: a, timespan: 1m, group-by: %s, condition: {gte: 2}}\n---\n"
                 "title: out\ncorrelation: {timespan: 1m, group-by: [Computer], %s}\n", cases[i].inner, cases[i].outer);
        sek_rulefile_init(&file);
        assert_int_equal(sek_rules_read(&file, SEK_STR("t.yml"), sek_str(yaml)), SEK_OK);
        assert_int_equal(sek_correlations_resolve(&file), SEK_OK);
        uint32_t before = file.n_diags;
        assert_int_equal(sek_fields_check(&file), SEK_OK);
        if (file.n_diags != before + (*cases[i].code != 0) || (*cases[i].code && strcmp(file.diags[before].code, cases[i].code)))
            fail_msg("%s: %u warnings, %s", cases[i].outer, file.n_diags - before, file.n_diags > before ? file.diags[before].code : "");
        sek_rulefile_deinit(&file);
    }
}

static void a_condition_of_many_ways_is_bounded(void **state) {
    (void)state;
    SekBuf text;
    sek_buf_init(&text, 1u << 20);
    sek_buf_adds(&text, "{s: {Image: x}, condition: ");
    for (int i = 0; i < 30; i++)
        sek_buf_adds(&text, "(s or s) and ");
    sek_buf_adds(&text, "s}");
    char *kept = strndup(text.data, text.len);
    check(&(Case){PROCESS, kept, NULL, NULL});
    free(kept);
    sek_buf_deinit(&text);
}

/* What is computed is shown under a name of its own: that by which rules ask for it. */
static void computed_fields_have_the_names_of_the_taxonomy(void **state) {
    (void)state;
    unsigned n = 0;
    for (unsigned i = 0; i < sek_n_category_ways; i++)
        for (const SekRename *r = sek_category_ways[i].renames; r && r->sigma_field; r++)
            if (r->derive != SEK_DERIVE_NONE) {
                assert_string_equal(sek_derive_name(r->derive), r->sigma_field);
                n++;
            }
    assert_true(n > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_in_correlations_are_held_against_their_rules),
        cmocka_unit_test(names_of_inner_correlations_are_what_they_group_by),
        cmocka_unit_test(steps_that_meet_in_no_group_never_come_true),
        cmocka_unit_test(unknown_names_are_named),
        cmocka_unit_test(what_is_known_or_not_knowable_is_left_alone),
        cmocka_unit_test(computed_fields_have_the_names_of_the_taxonomy),
        cmocka_unit_test(a_condition_of_many_ways_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
