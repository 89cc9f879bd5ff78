/* SPDX-License-Identifier: Apache-2.0 */

/* The engine on rules and events as text: each case names the rule's detection, an event, and what
 * must come of it. */
#define _GNU_SOURCE /* strndup */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/ruleset.h"
#include "engine/scanner.h"
#include "rules/flat_event.h"

#include <stdlib.h>

static SekRuleset *load(const char *logsource, const char *detection) {
    SekBuf yaml;
    sek_buf_init(&yaml, 1u << 20);
    sek_buf_addf(&yaml, "title: t\nid: 00000000-0000-4000-8000-000000000001\nlogsource: %s\ndetection: %s\nlevel: low\n",
                 logsource, detection);
    SekRuleset *rules = calloc(1, sizeof *rules);
    assert_non_null(rules);
    sek_rulefile_init(&rules->file);
    assert_int_equal(sek_rules_read(&rules->file, SEK_STR("test.yml"), sek_buf_str(&yaml)), SEK_OK);
    assert_int_equal(sek_ruleset_build(rules), SEK_OK);
    sek_buf_deinit(&yaml);
    return rules;
}

static bool matches(const SekRuleset *rules, const char *json, SekStr *matched) {
    yyjson_doc *doc = yyjson_read(json, strlen(json), 0);
    assert_non_null(doc);
    SekArena arena;
    sek_arena_init(&arena, 0);
    SekEvent event;
    SekScanner *scanner;
    const uint32_t *variants;
    uint32_t n, n_pairs = 0;
    SekPair pair;
    assert_int_equal(sek_flat_event(yyjson_doc_get_root(doc), &arena, &event), SEK_OK);
    assert_int_equal(sek_scanner_new(rules, &scanner), SEK_OK);
    assert_int_equal(sek_scanner_match(scanner, &event, &variants, &n), SEK_OK);
    if (n && matched) {
        assert_int_equal(sek_scanner_matched(scanner, variants[0], &pair, 1, &n_pairs), SEK_OK);
        *matched = n_pairs ? sek_str_n(strndup(pair.field.ptr, pair.field.len), pair.field.len) : (SekStr){0};
    }
    sek_scanner_free(scanner);
    sek_arena_deinit(&arena);
    yyjson_doc_free(doc);
    return n > 0;
}

typedef struct Case {
    const char *detection, *event; /* event: the data fields, as JSON without braces */
    bool match;
} Case;

static void run(const char *logsource, const char *system, const Case *cases, size_t n) {
    for (size_t i = 0; i < n; i++) {
        SekRuleset *rules = load(logsource, cases[i].detection);
        char json[4096];
        (void)snprintf(json, sizeof json, "{%s, %s}", system, cases[i].event);
        if (sek_ruleset_count(rules) != 1)
            fail_msg("not loaded: %s: %.*s", cases[i].detection, (int)rules->problems[0].text.len,
                     rules->problems[0].text.ptr);
        if (matches(rules, json, NULL) != cases[i].match)
            fail_msg("%s on %s: must%s match", cases[i].detection, cases[i].event, cases[i].match ? "" : " not");
        sek_ruleset_free(rules);
    }
}

#define SYSMON "\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1,\"Provider_Name\":\"Microsoft-Windows-Sysmon\""
#define RUN(logsource, system, cases) run((logsource), (system), (cases), sizeof(cases) / sizeof *(cases))

static void strings_match_as_sigma_says(void **state) {
    (void)state;
    static const Case cases[] = {
        {"{s: {A: 'abc'}, condition: s}", "\"A\":\"ABC\"", true},
        {"{s: {A: 'abc'}, condition: s}", "\"A\":\"abcd\"", false},
        {"{s: {A|contains: '\\Temp\\'}, condition: s}", "\"A\":\"c:\\\\temp\\\\x\"", true},
        {"{s: {A|contains: '\\Temp\\'}, condition: s}", "\"A\":\"c:\\\\temp*x\"", false},
        {"{s: {A|endswith: '\\a.exe'}, condition: s}", "\"A\":\"C:\\\\A.EXE\"", true},
        {"{s: {A|endswith: '\\a.exe'}, condition: s}", "\"A\":\"C:\\\\ba.exe\"", false},
        {"{s: {A: 'a?c'}, condition: s}", "\"A\":\"a\\u3042c\"", true},
        {"{s: {A: 'a?c'}, condition: s}", "\"A\":\"ac\"", false},
        {"{s: {A: 'a*c'}, condition: s}", "\"A\":\"a\\nbc\"", true},
        {"{s: {A: 'a\\*c'}, condition: s}", "\"A\":\"abc\"", false},
        {"{s: {A: 'a\\*c'}, condition: s}", "\"A\":\"a*c\"", true},
        {"{s: {A|cased: 'Abc'}, condition: s}", "\"A\":\"abc\"", false},
        {"{s: {A|contains|all: ['x','y']}, condition: s}", "\"A\":\"yx\"", true},
        {"{s: {A|contains|all: ['x','y']}, condition: s}", "\"A\":[\"x\",\"y\"]", true},
        {"{s: {A|contains|all: ['x','y']}, condition: s}", "\"A\":\"xx\"", false},
        {"{s: {A|windash|contains: ' -enc '}, condition: s}", "\"A\":\"p /ENC x\"", true},
        {"{s: {A|windash|contains: ' -enc '}, condition: s}", "\"A\":\"p \\u2013enc x\"", true},
        {"{s: {A|base64offset|contains: 'http'}, condition: s}", "\"A\":\"xaHR0c\"", true},
        {"{s: {A: 'stra\xc3\x9f" "e'}, condition: s}", "\"A\":\"STRA\\u1e9eE\"", true},
        {"{s: {A|contains: '*x*y*'}, condition: s}", "\"A\":\"ayxbxcy\"", true},
        {"{s: {A: '*aab'}, condition: s}", "\"A\":\"aaab\"", true},
        {"{s: {A: 'x*a?b'}, condition: s}", "\"A\":\"xaab_acb\"", true},
    };
    RUN("{category: process_creation, product: windows}", SYSMON, cases);
}

static void missing_and_empty_are_told_apart(void **state) {
    (void)state;
    static const Case cases[] = {
        {"{s: {A: null}, condition: s}", "\"B\":\"1\"", true},
        {"{s: {A: null}, condition: s}", "\"A\":\"\"", true},
        {"{s: {A: null}, condition: s}", "\"A\":\"-\"", false},
        {"{s: {A: ''}, condition: s}", "\"A\":\"\"", true},
        {"{s: {A: ''}, condition: s}", "\"B\":\"1\"", false},
        {"{s: {A|exists: true}, condition: s}", "\"A\":\"\"", true},
        {"{s: {A|exists: false}, condition: s}", "\"B\":\"\"", true},
        {"{s: {A|contains: ''}, condition: s}", "\"A\":\"\"", true},
        {"{s: {B: 1}, f: {A: 'x'}, condition: s and not f}", "\"B\":\"1\"", true},
        {"{s: {A|neq: 'x'}, condition: s}", "\"B\":\"1\"", true},
        {"{s: {A|neq: ['x','y']}, condition: s}", "\"A\":\"Y\"", false},
    };
    RUN("{category: process_creation, product: windows}", SYSMON, cases);
}

static void numbers_compare_as_numbers(void **state) {
    (void)state;
    static const Case cases[] = {
        {"{s: {A: 4}, condition: s}", "\"A\":\"0x4\"", true},
        {"{s: {A: 4}, condition: s}", "\"A\":\"4.0\"", true},
        {"{s: {A: 4}, condition: s}", "\"A\":\"44\"", false},
        {"{s: {A: '04'}, condition: s}", "\"A\":\"4\"", false},
        {"{s: {A: 18446744073709551615}, condition: s}", "\"A\":\"18446744073709551614\"", false},
        {"{s: {A|gt: 9}, condition: s}", "\"A\":\"10\"", true},
        {"{s: {A|lt: 9}, condition: s}", "\"A\":\"-10\"", true},
        {"{s: {A|gte: 1.5}, condition: s}", "\"A\":\"1.5\"", true},
        {"{s: {A|lt: 9}, condition: s}", "\"A\":\"n/a\"", false},
        {"{s: {A|lt: 9}, condition: not s}", "\"A\":\"n/a\"", true},
        {"{s: {A: true}, condition: s}", "\"A\":\"TRUE\"", true},
        {"{s: {A|cidr: 10.0.0.0/8}, condition: s}", "\"A\":\"10.200.0.1\"", true},
        {"{s: {A|cidr: 10.0.0.0/8}, condition: s}", "\"A\":\"::ffff:10.1.2.3\"", true},
        {"{s: {A|cidr: 10.0.0.0/8}, condition: s}", "\"A\":\"LOCAL\"", false},
        {"{s: {A|cidr: 'fe80::/10'}, condition: s}", "\"A\":\"febf::1%12\"", true},
        {"{s: {A|hour: 22}, condition: s}", "\"A\":\"2020-12-22T22:01:02.5Z\"", true},
        {"{s: {A|week: 53}, condition: s}", "\"A\":\"2021-01-03 00:00:00\"", true},
        {"{s: {A|week: 1}, condition: s}", "\"A\":\"2024-12-30 00:00:00\"", true},
        {"{s: {A|week: 52}, condition: s}", "\"A\":\"2022-01-01 00:00:00\"", true},
    };
    RUN("{category: process_creation, product: windows}", SYSMON, cases);
}

static void expressions_and_references_match(void **state) {
    (void)state;
    static const Case cases[] = {
        {"{s: {A|re: 'b+c'}, condition: s}", "\"A\":\"abbcd\"", true},
        {"{s: {A|re: 'B'}, condition: s}", "\"A\":\"b\"", false},
        {"{s: {A|re|i: 'B'}, condition: s}", "\"A\":\"b\"", true},
        {"{s: {A|re: 'a.b'}, condition: s}", "\"A\":\"a\\nb\"", false},
        {"{s: {A|re|s: 'a.b'}, condition: s}", "\"A\":\"a\\nb\"", true},
        {"{s: {A|re: 'b$'}, condition: s}", "\"A\":\"b\\n\"", false},
        {"{s: {A|fieldref: B}, condition: s}", "\"A\":\"x\",\"B\":\"X\"", true},
        {"{s: {A|fieldref|startswith: B}, condition: s}", "\"A\":\"xyz\",\"B\":\"XY\"", true},
        {"{s: {A|fieldref: B}, condition: s}", "\"A\":\"x\"", false},
        {"{k: ['needle', 'other'], condition: k}", "\"A\":\"hayNEEDLEhay\"", true},
        {"{k: {'|all': ['one', 'two']}, condition: k}", "\"A\":\"one\",\"B\":\"two\"", true},
        {"{k: {'|all': ['one', 'two']}, condition: k}", "\"A\":\"one\"", false},
        {"{a1: {A: 1}, a2: {B: 2}, condition: 1 of a*}", "\"B\":\"2\"", true},
        {"{a1: {A: 1}, a2: {B: 2}, condition: all of them}", "\"B\":\"2\"", false},
        {"{a: {A: 1}, b: {B: 2}, c: {C: 3}, condition: a or b and c}", "\"A\":\"1\"", true},
        {"{s: [{A: 1}, {B: 2}], condition: s}", "\"B\":\"2\"", true},
        {"{s: {ProcessGUID: x}, condition: s}", "\"ProcessGuid\":\"x\"", true},
        {"{s: {ThreatName: x}, condition: s}", "\"Threat Name\":\"x\"", true},
    };
    RUN("{category: process_creation, product: windows}", SYSMON, cases);
}

#define SECURITY(id) "\"Channel\":\"Security\",\"EventID\":" #id ",\"Provider_Name\":\"Microsoft-Windows-Security-Auditing\""

static void process_creation_reads_4688_too(void **state) {
    (void)state;
    static const Case cases[] = {
        {"{s: {Image|endswith: '\\a.exe', ParentImage|endswith: '\\b.exe'}, condition: s}",
         "\"NewProcessName\":\"C:\\\\a.exe\",\"ParentProcessName\":\"C:\\\\b.exe\"", true},
        {"{s: {ProcessId: 4}, condition: s}", "\"NewProcessId\":\"0x4\",\"ProcessId\":\"0x8\"", true},
        {"{s: {ParentProcessId: 8}, condition: s}", "\"NewProcessId\":\"0x4\",\"ProcessId\":\"0x8\"", true},
        {"{s: {IntegrityLevel: High}, condition: s}", "\"MandatoryLabel\":\"S-1-16-12288\"", true},
        {"{s: {User: 'D\\u'}, condition: s}", "\"SubjectDomainName\":\"D\",\"SubjectUserName\":\"U\"", true},
        {"{s: {NewProcessName|endswith: '\\a.exe'}, condition: s}", "\"NewProcessName\":\"C:\\\\a.exe\"", true},
    };
    RUN("{category: process_creation, product: windows}", SECURITY(4688), cases);
}

static void registry_set_reads_4657_too(void **state) {
    (void)state;
    static const Case cases[] = {
        {"{s: {TargetObject|endswith: '\\Run\\x', TargetObject|startswith: 'HKLM\\'}, condition: s}",
         "\"ObjectName\":\"\\\\REGISTRY\\\\MACHINE\\\\SOFTWARE\\\\Run\",\"ObjectValueName\":\"x\",\"OperationType\":\"%%1904\"", true},
        {"{s: {Details: 'DWORD (0x00000001)'}, condition: s}",
         "\"NewValue\":\"1\",\"NewValueType\":\"%%1876\",\"OperationType\":\"%%1905\"", true},
        {"{s: {Details: 'x'}, condition: s}", "\"NewValue\":\"x\",\"OperationType\":\"%%1906\"", false},
    };
    RUN("{category: registry_set, product: windows}", SECURITY(4657), cases);
}

static void other_logs_do_not_match(void **state) {
    (void)state;
    static const Case cases[] = {{"{s: {A: 1}, condition: s}", "\"A\":\"1\"", false}};
    RUN("{category: process_creation, product: windows}", SECURITY(4624), cases);
    RUN("{product: windows, service: system}", SECURITY(4624), cases);
    static const Case here[] = {{"{s: {A: 1, EventID: 4624}, condition: s}", "\"A\":\"1\"", true},
                                {"{s: {A: 1, EventID: 4625}, condition: s}", "\"A\":\"1\"", false}};
    RUN("{product: windows, service: security}", SECURITY(4624), here);
    RUN("{product: windows}", SECURITY(4624), here);
}

/* A log whose channel was renamed still is known by its provider; a known channel is not overruled. */
static void providers_stand_in_for_renamed_channels(void **state) {
    (void)state;
    static const Case yes[] = {{"{s: {A: 1}, condition: s}", "\"A\":\"1\"", true}};
    static const Case no[] = {{"{s: {A: 1}, condition: s}", "\"A\":\"1\"", false}};
    RUN("{product: windows, service: security}",
        "\"Channel\":\"Collected\",\"EventID\":1,\"Provider_Name\":\"Microsoft-Windows-Security-Auditing\"", yes);
    RUN("{product: windows, service: security}",
        "\"Channel\":\"System\",\"EventID\":1,\"Provider_Name\":\"Microsoft-Windows-Security-Auditing\"", no);
}

static void matched_names_the_events_own_field(void **state) {
    (void)state;
    SekRuleset *rules = load("{category: process_creation, product: windows}", "{s: {Image: x}, condition: s}");
    SekStr field = {0};
    assert_true(matches(rules, "{" SECURITY(4688) ", \"NewProcessName\":\"X\"}", &field));
    assert_string_equal(field.ptr, "NewProcessName");
    free((char *)(uintptr_t)field.ptr);
    sek_ruleset_free(rules);
}

static void rules_that_cannot_run_are_named(void **state) {
    (void)state;
    static const struct {
        const char *logsource, *detection, *code;
    } bad[] = {
        {"{product: linux}", "{s: {A: 1}, condition: s}", "log-source"},
        {"{product: windows, category: file_access}", "{s: {A: 1}, condition: s}", "log-source"},
        {"{product: windows, service: nosuch}", "{s: {A: 1}, condition: s}", "log-source"},
        {"{product: windows, service: system}", "{s: {A|re: '('}, condition: s}", "regular-expression"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        SekRuleset *rules = load(bad[i].logsource, bad[i].detection);
        assert_int_equal(sek_ruleset_count(rules), 0);
        assert_int_equal(sek_ruleset_problem_count(rules), 1);
        assert_string_equal(sek_ruleset_problem(rules, 0)->code, bad[i].code);
        assert_true(sek_ruleset_problem(rules, 0)->not_loaded);
        sek_ruleset_free(rules);
    }
}

/* What a look-ahead begins with need not come again behind it. */
/* Expressions that are looked for at a mark are found where a search finds them: the same in brackets is searched. */
static void marks_find_what_a_search_finds(void **state) {
    (void)state;
    static const char *const patterns[] = {
        "\\w+`(\\w+|-|.)`[\\w+|\\s]", "\\w+?`", "\\w*`b", "\\S+-b", "\\S*--", "\\S++-b", "\\s+-", "\\d+\\.(?!b)", "(?i)\\w+`B",
        "\\w+`|b", "\\w+`{2}", "\\w+`?b", "\\w+`+b$", "\\w+`(?:a|b)-", "\\w+`(?<=b`)a", "\\w+`(a)\\1", "\\w+`[^-]]", "\\w+`[[:alpha:]|]-|a", "\\w+\\`\\b",
        "\\w+`[\\\\]|b", "\\w+`[^\\\\-]|b", "\\w+`[\\](-]|b", "\\w+`[]`-]b", "\\w+`[^]-]b", "\\w+`[\\\\`]-?b", "\\w+`\\c(|b"};
    static const char *const letters[] = {"a", "b", "1", "`", "`", "-", ".", " ", "\n", "\xc3\xa9", "\xe2\x80\x93", "]"};
    SekRegexScratch *scratch;
    uint32_t random = 5, n_found = 0, gave_up = 0, n_marks = 0;
    assert_int_equal(sek_regex_scratch_new(&scratch), SEK_OK);
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
        SekRegex marked, searched;
        char bracketed[64];
        bool mode = strncmp(patterns[p], "(?i)", 4) == 0;
        (void)snprintf(bracketed, sizeof bracketed, "%s(?:%s)", mode ? "(?i)" : "", patterns[p] + (mode ? 4 : 0));
        assert_int_equal(sek_regex_init(&marked, sek_str(patterns[p]), false, false, false, NULL), SEK_OK);
        assert_int_equal(sek_regex_init(&searched, sek_str(bracketed), false, false, false, NULL), SEK_OK);
        assert_int_equal(searched.mark, 0);
        n_marks += marked.mark != 0;
        for (unsigned i = 0; i < 4000; i++) {
            char text[64] = "";
            for (unsigned k = 0; k < 2 + i % 12; k++) {
                random = random * 1664525u + 1013904223u; /* Numerical Recipes, section 7.1 */
                strcat(text, letters[(random >> 16) % (sizeof letters / sizeof *letters)]);
            }
            bool found = sek_regex_found(&searched, scratch, sek_str(text), &gave_up);
            if (sek_regex_found(&marked, scratch, sek_str(text), &gave_up) != found)
                fail_msg("%s in %s", patterns[p], text);
            n_found += found;
        }
        sek_regex_deinit(&marked);
        sek_regex_deinit(&searched);
    }
    assert_int_equal(gave_up, 0);
    assert_true(n_found > 5000);
    assert_true(n_marks >= 12);
    sek_regex_scratch_free(scratch);
}

static void a_pattern_may_begin_with_a_look_ahead(void **state) {
    (void)state;
    SekRegex regex;
    SekRegexScratch *scratch;
    uint32_t gave_up = 0;
    assert_int_equal(sek_regex_init(&regex, SEK_STR("(?=b)\\w*\\bb"), false, false, false, NULL), SEK_OK);
    assert_int_equal(sek_regex_scratch_new(&scratch), SEK_OK);
    assert_true(sek_regex_found(&regex, scratch, SEK_STR("a b"), &gave_up));
    assert_false(sek_regex_found(&regex, scratch, SEK_STR("a c"), &gave_up));
    sek_regex_scratch_free(scratch);
    sek_regex_deinit(&regex);
}

static void a_regex_bomb_gives_up_and_is_counted(void **state) {
    (void)state;
    SekRegex regex;
    SekRegexScratch *scratch;
    uint32_t gave_up = 0;
    static char text[60000];
    memset(text, 'a', sizeof text);
    assert_int_equal(sek_regex_init(&regex, SEK_STR("(a+)+[bc]$"), false, false, false, NULL), SEK_OK);
    assert_int_equal(sek_regex_scratch_new(&scratch), SEK_OK);
    assert_false(sek_regex_found(&regex, scratch, sek_str_n(text, sizeof text), &gave_up));
    assert_int_equal(gave_up, 1);
    sek_regex_scratch_free(scratch);
    sek_regex_deinit(&regex);
}

/* What stands in a block of lines has fields of its own, where the event has none of that name. */
static void powershells_context_has_fields(void **state) {
    (void)state;
    static const Case classic[] = {
        {"{s: {HostApplication|contains: ' -enc '}, condition: s}",
         "\"Data\": [\"Available\", \"None\", \"\\tHostName=h\\r\\n\\tHostApplication=p -enc A\\r\\n\"]", true},
        {"{s: {HostName: h, Data|contains: 'HostApplication=p'}, condition: s}",
         "\"Data\": [\"Available\", \"None\", \"\\tHostName=h\\r\\n\\tHostApplication=p -enc A\\r\\n\"]", true},
        {"{s: {HostApplication|contains: 'h'}, condition: s}",
         "\"Data\": [\"Available\", \"None\", \"\\tHostName=h\\r\\n\\tHostApplication=p\\r\\n\"]", false},
        {"{s: {HostApplication|exists: false}, condition: s}", "\"Data\": [\"a\", \"b\", \"c\"]", true},
        {"{s: {HostApplication: x}, condition: s}",
         "\"HostApplication\": \"x\", \"Data\": [\"a\", \"b\", \"\\tHostApplication=p\\r\\n\"]", true},
    };
    RUN("{product: windows, category: ps_classic_start}",
        "\"Channel\":\"Windows PowerShell\",\"EventID\":400,\"Provider_Name\":\"PowerShell\"", classic);
    static const Case module[] = {
        {"{s: {CommandName: New-Object, Host Application|endswith: '.exe', UserId|contains: b}, condition: s}",
         "\"ContextInfo\": \"        Severity = Informational\\r\\n        Host Application = powershell.exe\\r\\n"
         "        Command Name = New-Object\\r\\n        User = a\\\\b\\r\\n\"", true},
    };
    RUN("{product: windows, category: ps_module}",
        "\"Channel\":\"Microsoft-Windows-PowerShell/Operational\",\"EventID\":4103", module);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_match_as_sigma_says),
        cmocka_unit_test(missing_and_empty_are_told_apart),
        cmocka_unit_test(numbers_compare_as_numbers),
        cmocka_unit_test(expressions_and_references_match),
        cmocka_unit_test(process_creation_reads_4688_too),
        cmocka_unit_test(registry_set_reads_4657_too),
        cmocka_unit_test(other_logs_do_not_match),
        cmocka_unit_test(providers_stand_in_for_renamed_channels),
        cmocka_unit_test(matched_names_the_events_own_field),
        cmocka_unit_test(rules_that_cannot_run_are_named),
        cmocka_unit_test(powershells_context_has_fields),
        cmocka_unit_test(a_pattern_may_begin_with_a_look_ahead),
        cmocka_unit_test(marks_find_what_a_search_finds),
        cmocka_unit_test(a_regex_bomb_gives_up_and_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
