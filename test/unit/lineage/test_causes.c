/* SPDX-License-Identifier: Apache-2.0 */

/* What is inferred to stand behind WMI, the task scheduler and the service manager, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/lineage/lineage_test.h"

#define SYSMON SEK_VIEW_SYSMON
#define SECURITY SEK_VIEW_SECURITY
#define SYS "C:\\Windows\\System32\\"
#define WMI SYS "wbem\\WmiPrvSE.exe"
#define EXPLORER "C:\\Windows\\explorer.exe"
#define SCHEDULE SYS "svchost.exe -k netsvcs -p -s Schedule"

/* explorer starts Word; WMI starts cmd, cmd starts PowerShell, PowerShell starts rundll32. */
static void document_by_wmi(Story *s, double word_at, const char *word_user) {
    const Start starts[] = {
        {SYSMON, 0, 10, 4, 1, 0, EXPLORER, "e", "D\\u", NULL, NULL, NULL, 0},
        {SYSMON, 0, 20, 5, 2, 0, WMI, "w", "NT AUTHORITY\\NETWORK SERVICE", SYS "svchost.exe", "-k DcomLaunch", NULL, 0},
        {SYSMON, word_at, 30, 10, 3, 1, "C:\\Office\\WINWORD.EXE", "word", word_user, EXPLORER, "e", NULL, 0},
        {SYSMON, 1000, 40, 20, 4, 2, SYS "cmd.exe", "cmd", "D\\u", WMI, "w", NULL, 0},
        {SYSMON, 1001, 50, 40, 5, 4, SYS "powershell.exe", "p", "D\\u", SYS "cmd.exe", "cmd", NULL, 0},
        {SYSMON, 1002, 60, 50, 6, 5, SYS "rundll32.exe", "r", "D\\u", SYS "powershell.exe", "p", NULL, 0},
    };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        story_start(s, starts[i]);
}

static void wmi_library_names_the_document(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    document_by_wmi(&s, 100, "D\\u");
    story_clue(&s, SEK_FACT_WMI_LIBRARY, 999, 30, NULL, NULL);
    story_clue(&s, SEK_FACT_WMI_LIBRARY, 999.1, 30, NULL, NULL);
    story_build(&s);
    uint32_t rundll = story_find(&s, 1003, 60);
    assert_string_equal(story_ancestors(&s, rundll), "powershell.exe < cmd.exe < WmiPrvSE.exe < [WINWORD.EXE] < "
                                                     "svchost.exe < [explorer.exe] < [?]");
    assert_string_equal(story_root(&s, rundll), "WINWORD.EXE");
    assert_int_equal(sek_lineage_process(s.lineage, story_find(&s, 1000, 40)).reason, SEK_CAUSE_WMI_LIBRARY);
    story_over(&s);
}

static void wmis_own_log_names_the_client(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    document_by_wmi(&s, 100, "D\\u");
    story_clue(&s, SEK_FACT_WMI_CLIENT, 1000.2, 30, NULL, NULL);
    story_build(&s);
    assert_int_equal(sek_lineage_process(s.lineage, story_find(&s, 1000, 40)).reason, SEK_CAUSE_WMI_CLIENT);
    story_over(&s);
}

static uint32_t reason_of_cmd(double word_at, const char *user, double word_ends, bool second_office) {
    Story s;
    story_begin(&s);
    document_by_wmi(&s, word_at, user);
    if (word_ends > 0)
        story_end(&s, SYSMON, word_ends, 30, 3);
    if (second_office)
        story_start(&s, (Start){SYSMON, 950, 31, 10, 9, 1, "C:\\Office\\EXCEL.EXE", "x", "D\\u", NULL, NULL, NULL, 0});
    story_build(&s);
    uint32_t reason = sek_lineage_process(s.lineage, story_find(&s, 1000, 40)).reason;
    story_over(&s);
    return reason;
}

static void time_alone_counts_for_one_office_program_only(void **state) {
    (void)state;
    assert_int_equal(reason_of_cmd(900, "D\\u", 0, false), SEK_CAUSE_WMI_OFFICE);
    assert_int_equal(reason_of_cmd(900, "D\\u", 0, true), SEK_CAUSE_NONE);      /* which of the two? */
    assert_int_equal(reason_of_cmd(100, "D\\u", 0, false), SEK_CAUSE_NONE);     /* opened long before */
    assert_int_equal(reason_of_cmd(900, "D\\other", 0, false), SEK_CAUSE_NONE); /* somebody else's */
    assert_int_equal(reason_of_cmd(900, NULL, 0, false), SEK_CAUSE_NONE);       /* nobody's */
    assert_int_equal(reason_of_cmd(900, "D\\u", 950, false), SEK_CAUSE_NONE);   /* closed before */
}

static void two_clients_of_wmi_are_told_apart_only_by_a_document(void **state) {
    (void)state;
    for (int word_too = 0; word_too < 2; word_too++) {
        Story s;
        story_begin(&s);
        document_by_wmi(&s, 100, "D\\u");
        story_start(&s, (Start){SYSMON, 500, 70, 10, 7, 1, "C:\\agent.exe", "a", "D\\u", NULL, NULL, NULL, 0});
        story_start(&s, (Start){SYSMON, 500, 71, 10, 8, 1, "C:\\tool.exe", "t", "D\\u", NULL, NULL, NULL, 0});
        story_clue(&s, SEK_FACT_WMI_LIBRARY, 990, 70, NULL, NULL);
        story_clue(&s, SEK_FACT_WMI_LIBRARY, 991, 71, NULL, NULL);
        if (word_too)
            story_clue(&s, SEK_FACT_WMI_LIBRARY, 992, 30, NULL, NULL);
        story_build(&s);
        SekProcess cmd = sek_lineage_process(s.lineage, story_find(&s, 1000, 40));
        assert_int_equal(cmd.cause, word_too ? story_find(&s, 1000, 30) : SEK_NO_PROCESS);
        story_over(&s);
    }
}

static void tasks_lead_to_what_registered_them(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    story_start(&s, (Start){SYSMON, 10, 100, 4, 1, 0, "C:\\bad.exe", "bad", "D\\u", NULL, NULL, NULL, 0});
    story_start(&s, (Start){SYSMON, 20, 101, 100, 2, 1, SYS "schtasks.exe", "schtasks /create /tn Upd /tr C:\\x.exe",
                            "D\\u", "C:\\bad.exe", "bad", NULL, 0});
    story_clue(&s, SEK_FACT_TASK_MADE, 20.3, SEK_NO_PID, NULL, "\\Upd");
    story_clue(&s, SEK_FACT_TASK_STARTED, 90000, 102, NULL, "\\upd");
    story_start(&s, (Start){SYSMON, 90000.1, 102, 50, 3, 0, "C:\\x.exe", "x", "D\\u", SYS "svchost.exe", SCHEDULE, NULL, 0});
    /* by client id, found by what ran */
    story_clue(&s, SEK_FACT_TASK_MADE, 30, 100, NULL, "\\Other");
    story_clue(&s, SEK_FACT_TASK_STARTED, 91000, SEK_NO_PID, "C:\\y.exe", "\\Other");
    story_start(&s, (Start){SYSMON, 91001, 103, 50, 4, 0, "C:\\y.exe", "y", "D\\u", SYS "svchost.exe", SCHEDULE, NULL, 0});
    story_build(&s);
    uint32_t x = story_find(&s, 90001, 102), y = story_find(&s, 91002, 103);
    assert_int_equal(sek_lineage_process(s.lineage, x).reason, SEK_CAUSE_TASK_COMMAND);
    assert_string_equal(story_ancestors(&s, x), "svchost.exe < [schtasks.exe] < [bad.exe] < [?]");
    assert_int_equal(sek_lineage_process(s.lineage, y).reason, SEK_CAUSE_TASK_CLIENT);
    assert_string_equal(story_ancestors(&s, y), "svchost.exe < [bad.exe] < [?]");
    story_over(&s);
}

static void services_lead_to_what_installed_them(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    story_start(&s, (Start){SECURITY, 10, 100, 90, 0, 0, "C:\\bad.exe", NULL, "D\\u", "C:\\p.exe", NULL, NULL, 0});
    story_start(&s, (Start){SECURITY, 20, 101, 100, 0, 0, SYS "sc.exe", "sc create Svc binPath= C:\\s.exe", "D\\u",
                            "C:\\bad.exe", NULL, NULL, 0});
    story_clue(&s, SEK_FACT_SERVICE_MADE, 20.1, SEK_NO_PID, "\"C:\\s.exe\" -run", "Svc");
    story_start(&s, (Start){SECURITY, 21, 102, 60, 0, 0, "C:\\s.exe", NULL, NULL, SYS "services.exe", NULL, NULL, 1});
    story_clue(&s, SEK_FACT_SERVICE_MADE, 30, SEK_NO_PID, "C:\\remote.exe", "Remote");
    story_start(&s, (Start){SECURITY, 31, 103, 60, 0, 0, "C:\\remote.exe", NULL, NULL, SYS "services.exe", NULL, NULL, 1});
    story_build(&s);
    assert_string_equal(story_ancestors(&s, story_find(&s, 21, 102)), "services.exe < [sc.exe] < [bad.exe] < [p.exe]");
    assert_string_equal(story_ancestors(&s, story_find(&s, 31, 103)), "services.exe");
    story_over(&s);
}

static void inferred_circles_are_cut(void **state) {
    (void)state;
    Story s;
    story_begin(&s);
    /* Word "asks" for cmd, whose child that same Word is, by forged times. */
    story_start(&s, (Start){SYSMON, 0, 20, 4, 2, 0, WMI, "w", NULL, NULL, NULL, NULL, 0});
    story_start(&s, (Start){SYSMON, 1000, 40, 20, 4, 2, SYS "cmd.exe", "cmd", "D\\u", WMI, "w", NULL, 0});
    story_start(&s, (Start){SYSMON, 999, 30, 40, 3, 4, "C:\\WINWORD.EXE", "word", "D\\u", SYS "cmd.exe", "cmd", NULL, 0});
    story_clue(&s, SEK_FACT_WMI_LIBRARY, 999.5, 30, NULL, NULL);
    story_build(&s);
    assert_int_equal(sek_lineage_stats(s.lineage).circles_cut, 1);
    assert_int_equal(sek_lineage_stats(s.lineage).inferred, 0);
    assert_string_equal(story_ancestors(&s, story_find(&s, 1000, 30)), "cmd.exe < WmiPrvSE.exe < ?");
    story_over(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wmi_library_names_the_document),
        cmocka_unit_test(wmis_own_log_names_the_client),
        cmocka_unit_test(time_alone_counts_for_one_office_program_only),
        cmocka_unit_test(two_clients_of_wmi_are_told_apart_only_by_a_document),
        cmocka_unit_test(tasks_lead_to_what_registered_them),
        cmocka_unit_test(services_lead_to_what_installed_them),
        cmocka_unit_test(inferred_circles_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
