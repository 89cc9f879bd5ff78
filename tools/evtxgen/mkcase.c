/* SPDX-License-Identifier: Apache-2.0 */
/* sekisho-mkcase: writes the event logs of the bundled case into a folder.
 *
 *     sekisho-mkcase OUTDIR
 *
 * OUTDIR/<host>/<channel>.evtx, OUTDIR/README.txt and OUTDIR/ground-truth.tsv. The same bytes on
 * every machine: no clock, locale or environment is read. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "evtxgen/case_scenario.h"

#define DOMAIN_SID "S-1-5-21-1861243217-3042957745-1190524366"
#define SYSMON_FULL                                                                                          \
    (1u << 1 | 1u << 2 | 1u << 3 | 1u << 5 | 1u << 7 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 22 | 1u << 23)
#define SYSMON_SMALL (1u << 1 | 1u << 3 | 1u << 5 | 1u << 11)

static const SekCaseAudit audit_full = {
    .command_line = true, .script_blocks = true, .sysmon_ids = SYSMON_FULL, .detailed_share = true};
static const SekCaseAudit audit_small = {.sysmon13 = true, .sysmon_ids = SYSMON_SMALL};

static const char build_2020[] = "10.0.19041.1 (WinBuild.160101.0800)";
static const char build_2022[] = "10.0.19041.1566 (WinBuild.160101.0800)";
static const char build_server[] = "10.0.17763.1 (WinBuild.160101.0800)";

typedef struct Output {
    const char *dir;
    FILE *truth;
    SekCaseTotals totals;
} Output;

static uint64_t hm(uint64_t day, uint32_t hour, uint32_t minute, uint32_t second) {
    return day + hour * SEK_CASE_HOUR + minute * SEK_CASE_MINUTE + second * SEK_CASE_SECOND;
}

/* What runs on every host all the time. */
static void ordinary(SekCaseHost *host, SekCaseSpan span) {
    sek_case_notice(host, span.from - 4 * SEK_CASE_SECOND);
    sek_case_machine_background(host, span);
    sek_case_system_background(host, span);
    sek_case_admin_background(host, span);
}

/* One day at the desk, with lunch; times are minutes after midnight UTC. */
typedef struct DeskDay {
    uint32_t start, lunch, back, end;
} DeskDay;

static void desk_day(SekCaseHost *host, uint64_t day, DeskDay d) {
    uint64_t lunch = day + d.lunch * SEK_CASE_MINUTE;
    uint64_t back = day + d.back * SEK_CASE_MINUTE;
    sek_case_work(host, (SekCaseSpan){day + d.start * SEK_CASE_MINUTE, lunch});
    sek_case_session_pause(host, (SekCaseSpan){lunch + 20 * SEK_CASE_SECOND, back});
    sek_case_work(host, (SekCaseSpan){back + SEK_CASE_MINUTE, day + d.end * SEK_CASE_MINUTE});
}

static bool finish(SekCaseHost *host, Output *out) {
    bool good = sek_case_logs_write(&host->logs, out->dir, out->truth, &out->totals);
    sek_case_host_deinit(host);
    return good;
}

static bool make_sales(SekCaseArena *arena, Output *out) {
    static const SekCaseUser user = {"sales07", DOMAIN_SID "-1107", false};
    uint64_t day1 = sek_gen_filetime(2020, 12, 21, 0, 0, 0);
    uint64_t day2 = day1 + 24 * SEK_CASE_HOUR;
    uint64_t boot = hm(day1 - 24 * SEK_CASE_HOUR, 23, 26, 10);
    SekCaseSpan all = {hm(day1 - 24 * SEK_CASE_HOUR, 23, 30, 0), hm(day2, 23, 58, 0)};
    SekCaseHost host;
    sek_case_host_init(&host, arena,
                       &(SekCaseHostSpec){.name = "PC-SALES-07",
                                          .ip = "192.168.10.107",
                                          .build = build_2020,
                                          .machine_sid = "S-1-5-21-2093745510-883652107-3341972208",
                                          .audit = audit_full,
                                          .boot = boot,
                                          .first_record = 4127});
    ordinary(&host, all);
    sek_case_session_begin(&host, hm(all.from, 0, 8, 12), &user);
    desk_day(&host, day1, (DeskDay){2, 182, 243, 566});
    sek_case_helpdesk(&host, hm(day1, 5, 22, 40));
    sek_case_user_updater(&host, hm(day1, 0, 47, 3), true);
    sek_case_user_updater(&host, hm(day1, 4, 47, 2), false);
    sek_case_session_pause(&host, (SekCaseSpan){hm(day1, 9, 31, 5), hm(day1, 23, 43, 50)});
    desk_day(&host, day2, (DeskDay){0, 184, 241, 561});
    sek_case_user_updater(&host, hm(day2, 4, 12, 4), false);

    const SekCaseProc *bot = sek_case_wave1_entry(&host, day2);
    uint64_t leave = hm(day2, 9, 24, 41);
    sek_case_wave1_contacts(&host, bot, (SekCaseSpan){hm(day2, 0, 54, 2), leave});
    sek_case_wave1_task(&host, bot, hm(day2, 1, 36, 0));
    sek_case_wave1_spread_client(&host, bot, hm(day2, 1, 40, 7));
    sek_case_step(&host, 6, "the copy ends with the session");
    sek_case_exit(&host, leave + 900 * SEK_CASE_MS, bot);
    sek_case_quiet(&host);
    sek_case_session_end(&host, leave);

    sek_case_session_begin(&host, hm(day2, 23, 36, 18), &user);
    sek_case_wave1_autostart(&host, hm(day2, 23, 36, 30), all.to);
    return finish(&host, out);
}

static bool make_server(SekCaseArena *arena, Output *out) {
    uint64_t day1 = sek_gen_filetime(2020, 12, 21, 0, 0, 0);
    uint64_t day2 = day1 + 24 * SEK_CASE_HOUR;
    SekCaseSpan all = {hm(day1 - 24 * SEK_CASE_HOUR, 23, 30, 0), hm(day2, 23, 58, 0)};
    SekCaseSpan busy[4] = {{hm(day1, 0, 4, 0), hm(day1, 3, 10, 0)},
                           {hm(day1, 4, 0, 0), hm(day1, 9, 40, 0)},
                           {hm(day2, 0, 1, 0), hm(day2, 3, 6, 0)},
                           {hm(day2, 4, 2, 0), hm(day2, 9, 35, 0)}};
    SekCaseHost host;
    sek_case_host_init(&host, arena,
                       &(SekCaseHostSpec){.name = "SRV-FILE-01",
                                          .ip = "192.168.10.20",
                                          .build = build_server,
                                          .machine_sid = "S-1-5-21-3310284775-1426109932-870455120",
                                          .is_server = true,
                                          .audit = audit_full,
                                          .boot = all.from - 200 * SEK_CASE_HOUR,
                                          .first_record = 21350});
    ordinary(&host, all);
    sek_case_server_background(&host, all, busy, sizeof busy / sizeof *busy);
    sek_case_wave1_spread_server(&host, hm(day2, 1, 40, 7));
    return finish(&host, out);
}

static bool make_design(SekCaseArena *arena, Output *out) {
    static const SekCaseUser user = {"design11", DOMAIN_SID "-1111", false};
    uint64_t day1 = sek_gen_filetime(2020, 12, 21, 0, 0, 0);
    uint64_t day2 = day1 + 24 * SEK_CASE_HOUR;
    SekCaseSpan all = {hm(day1 - 24 * SEK_CASE_HOUR, 23, 41, 0), hm(day2, 23, 51, 0)};
    SekCaseHost host;
    sek_case_host_init(&host, arena,
                       &(SekCaseHostSpec){.name = "PC-DESIGN-11",
                                          .ip = "192.168.10.111",
                                          .build = build_2020,
                                          .machine_sid = "S-1-5-21-1175529034-2650918843-409917265",
                                          .audit = audit_full,
                                          .boot = all.from - 3 * SEK_CASE_MINUTE,
                                          .first_record = 2861});
    ordinary(&host, all);
    sek_case_session_begin(&host, hm(all.from, 0, 5, 44), &user);
    desk_day(&host, day1, (DeskDay){3, 178, 236, 603});
    sek_case_user_updater(&host, hm(day1, 1, 12, 3), true);
    sek_case_session_pause(&host, (SekCaseSpan){hm(day1, 10, 6, 9), hm(day1, 23, 52, 31)});
    desk_day(&host, day2, (DeskDay){0, 181, 239, 580});
    sek_case_helpdesk(&host, hm(day2, 2, 17, 20));
    sek_case_session_end(&host, hm(day2, 9, 52, 30));
    return finish(&host, out);
}

static bool make_acct(SekCaseArena *arena, Output *out) {
    static const SekCaseUser user = {"acct02", DOMAIN_SID "-1122", true};
    uint64_t day1 = sek_gen_filetime(2022, 4, 25, 0, 0, 0);
    uint64_t day2 = day1 + 24 * SEK_CASE_HOUR;
    SekCaseSpan all = {hm(day1 - 24 * SEK_CASE_HOUR, 23, 33, 0), hm(day2, 23, 55, 0)};
    SekCaseHost host;
    sek_case_host_init(&host, arena,
                       &(SekCaseHostSpec){.name = "PC-ACCT-02",
                                          .ip = "192.168.10.122",
                                          .build = build_2022,
                                          .machine_sid = "S-1-5-21-620198453-3905517782-1584220199",
                                          .audit = audit_small,
                                          .boot = all.from - 4 * SEK_CASE_MINUTE,
                                          .first_record = 9415});
    ordinary(&host, all);
    sek_case_session_begin(&host, hm(all.from, 0, 4, 30), &user);
    desk_day(&host, day1, (DeskDay){1, 180, 240, 570});
    sek_case_user_updater(&host, hm(day1, 2, 31, 3), true);
    sek_case_helpdesk(&host, hm(day1, 6, 3, 11));
    sek_case_session_pause(&host, (SekCaseSpan){hm(day1, 9, 34, 2), hm(day1, 23, 40, 12)});
    desk_day(&host, day2, (DeskDay){0, 183, 244, 566});
    host.session_end = hm(day2, 9, 41, 8);
    sek_case_wave2(&host, day2);
    sek_case_session_end(&host, host.session_end);
    return finish(&host, out);
}

static bool write_readme(SekCaseArena *arena, const char *dir) {
    static const char text[] =
        "Synthetic event logs\n"
        "====================\n\n"
        "These logs are synthetic data made for Sekisho's demonstration. No computer, person or\n"
        "company in them exists; nothing was recorded anywhere. Names end in .example, addresses\n"
        "are from the ranges for documentation (RFC 5737) or private (RFC 1918). The strings of the\n"
        "attack follow what was published about Emotet's waves of December 2020 and April 2022;\n"
        "file checksums are invented. The first event of every file says the same.\n\n"
        "sekisho-mkcase makes them; the same program makes the same bytes on every machine.\n\n"
        "PC-SALES-07    first wave: document, WMI, PowerShell, DLL, Run value, servers, task\n"
        "SRV-FILE-01    first wave: guessed local account, admin share, service\n"
        "PC-ACCT-02     second wave: shortcut, PowerShell, regsvr32; Security log cleared\n"
        "PC-DESIGN-11   clean\n\n"
        "The Security log of PC-ACCT-02 was archived when it was full and later cleared. So its\n"
        "earlier part is Archive-Security-*.evtx, and the records in between are missing.\n\n"
        "ground-truth.tsv lists every event that the attack caused, some of them harmless in\n"
        "themselves: step, host, file, record id, channel, event id, what it is. Everything else\n"
        "is ordinary work.\n";
    char *path = sek_case_fmt(arena, "%s/README.txt", dir);
    FILE *file = fopen(path, "wb");
    bool good = file && fwrite(text, 1, sizeof text - 1, file) == sizeof text - 1;
    good = file && fclose(file) == 0 && good;
    if (!good) {
        fprintf(stderr, "sekisho-mkcase: %s: %s\n", path, strerror(errno));
    }
    return good;
}

static bool make_case(SekCaseArena *arena, Output *out) {
    /* Names that no log has: the list lies beside the logs and must not be read as one. */
    fputs("step\thost\tfile\trecord\tlog\tkind\twhat\n", out->truth);
    return write_readme(arena, out->dir) && make_sales(arena, out) && make_server(arena, out) &&
           make_design(arena, out) && make_acct(arena, out);
}

int main(int argc, char **argv) {
    if (argc != 2 || argv[1][0] == '-') {
        fputs("usage: sekisho-mkcase OUTDIR\n"
              "Writes the synthetic event logs of the bundled case into OUTDIR.\n",
              argc == 2 && strcmp(argv[1], "--help") == 0 ? stdout : stderr);
        return argc == 2 && strcmp(argv[1], "--help") == 0 ? EXIT_SUCCESS : 2;
    }
    SekCaseArena arena = {0};
    Output out = {.dir = argv[1]};
    if (mkdir(out.dir, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "sekisho-mkcase: %s: %s\n", out.dir, strerror(errno));
        return EXIT_FAILURE;
    }
    char *truth = sek_case_fmt(&arena, "%s/ground-truth.tsv", out.dir);
    out.truth = fopen(truth, "wb");
    if (!out.truth) {
        fprintf(stderr, "sekisho-mkcase: %s: %s\n", truth, strerror(errno));
        sek_case_arena_free(&arena);
        return EXIT_FAILURE;
    }
    bool good = make_case(&arena, &out);
    good = fclose(out.truth) == 0 && good;
    if (good) {
        printf("%" PRIu64 " events in %" PRIu64 " files, %" PRIu64 " bytes\n", out.totals.records,
               out.totals.files, out.totals.bytes);
    }
    sek_case_arena_free(&arena);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
