/* SPDX-License-Identifier: Apache-2.0 */
/* Interactive sessions: logon, what starts with it, pauses, logoff. */
#include "evtxgen/case_background.h"

static const char *user_path(SekCaseHost *host, const char *rest) {
    return sek_case_fmt(host->arena, "C:\\Users\\%s\\%s", host->user->user, rest);
}

static SekCaseProc *start_program(SekCaseHost *host, uint64_t time, const char *image, const char *command,
                                  const SekCaseProc *parent) {
    return sek_case_start(host, time,
                          &(SekCaseSpawn){.image = image,
                                          .command = command,
                                          .directory = user_path(host, ""),
                                          .parent = parent,
                                          .session = host->user,
                                          .integrity = "Medium"});
}

static void start_shell(SekCaseHost *host, uint64_t time) {
    SekCaseProc *userinit = start_program(host, time, "C:\\Windows\\System32\\userinit.exe",
                                          "C:\\Windows\\system32\\userinit.exe", host->winlogon);
    host->explorer = start_program(host, time + 280 * SEK_CASE_MS, "C:\\Windows\\explorer.exe",
                                   "C:\\Windows\\Explorer.EXE", userinit);
    sek_case_exit(host, time + 24 * SEK_CASE_SECOND, userinit);
    SekCaseProc *sihost = start_program(host, time + 90 * SEK_CASE_MS, "C:\\Windows\\System32\\sihost.exe",
                                        "sihost.exe", host->netsvcs);
    start_program(host, time + 350 * SEK_CASE_MS, "C:\\Windows\\System32\\ctfmon.exe", "\"ctfmon.exe\"",
                  sihost);
}

static void start_programs(SekCaseHost *host, uint64_t time) {
    const char *onedrive = user_path(host, "AppData\\Local\\Microsoft\\OneDrive\\OneDrive.exe");
    const char *teams_update = user_path(host, "AppData\\Local\\Microsoft\\Teams\\Update.exe");
    const char *teams = user_path(host, "AppData\\Local\\Microsoft\\Teams\\current\\Teams.exe");
    const char *meishi = user_path(host, "AppData\\Local\\MeishiBox\\MeishiBox.exe");
    start_program(host, time + 9 * SEK_CASE_SECOND, onedrive,
                  sek_case_fmt(host->arena, "\"%s\" /background", onedrive), host->explorer);
    SekCaseProc *update =
        start_program(host, time + 11 * SEK_CASE_SECOND, teams_update,
                      sek_case_fmt(host->arena,
                                   "\"%s\" --processStart \"Teams.exe\" --process-start-args "
                                   "\"--system-initiated\"",
                                   teams_update),
                      host->explorer);
    host->teams = start_program(host, time + 13 * SEK_CASE_SECOND, teams,
                                sek_case_fmt(host->arena, "\"%s\" --system-initiated", teams), update);
    sek_case_exit(host, time + 15 * SEK_CASE_SECOND, update);
    start_program(host, time + 14 * SEK_CASE_SECOND, meishi,
                  sek_case_fmt(host->arena, "\"%s\" --background", meishi), host->explorer);
    host->outlook = start_program(
        host, time + 75 * SEK_CASE_SECOND, "C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE",
        "\"C:\\Program Files\\Microsoft Office\\Root\\Office16\\OUTLOOK.EXE\" ", host->explorer);
    host->browser = start_program(
        host, time + 140 * SEK_CASE_SECOND, "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
        "\"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe\" ", host->explorer);
}

/* User Account Control gives an administrator two linked sessions, an elevated and a limited one. */
static void begin_elevated(SekCaseHost *host, uint64_t time, const SekCaseUser *user, SekCaseLogon *logon) {
    host->elevated =
        sek_case_session(host, time - 40 * SEK_CASE_MS, user->sid, user->name, host->user->domain);
    host->elevated->terminal = host->user->terminal;
    SekCaseLogon elevated = *logon;
    elevated.session = host->elevated;
    elevated.linked_logon_id = host->user->logon_id;
    elevated.elevated = true;
    sek_case_logon(host, time, &elevated);
    logon->linked_logon_id = host->elevated->logon_id;
}

void sek_case_session_begin(SekCaseHost *host, uint64_t time, const SekCaseUser *user) {
    host->elevated = NULL;
    host->user = sek_case_session(host, time, user->sid, user->name, "YAMABUKI");
    host->user->terminal = 1;
    SekCaseLogon logon = {.session = host->user,
                          .type = 2,
                          .process = "User32 ",
                          .package = "Negotiate",
                          .workstation = host->name,
                          .ip = "127.0.0.1",
                          .port = "0",
                          .caller = host->winlogon};
    if (user->is_admin) {
        begin_elevated(host, time, user, &logon);
    }
    sek_case_logon(host, time + SEK_CASE_MS / 10, &logon);
    if (user->is_admin) {
        sek_case_privileges(host, time + SEK_CASE_MS / 5, host->elevated);
    }
    sek_case_winlogon(host, time + 600 * SEK_CASE_MS, host->user, true);
    sek_case_user_groups(host, time + 700 * SEK_CASE_MS, host->netsvcs);
    time += 1100 * SEK_CASE_MS;
    start_shell(host, time);
    start_programs(host, time);
}

/* Away from the desk: the screen is locked, at the end unlocked (a logon of type 7). */
void sek_case_session_pause(SekCaseHost *host, SekCaseSpan span) {
    SekCaseRng rng = sek_case_rng(span.from, sek_case_fmt(host->arena, "%s/pause", host->name));
    sek_case_locked(host, span.from, host->user, true);
    SekCaseProc *ui = start_program(host, span.from + 120 * SEK_CASE_MS, "C:\\Windows\\System32\\LogonUI.exe",
                                    "\"LogonUI.exe\" /flags:0x2 /state0:0xa3d2e855 "
                                    "/state1:0x41c64e6d",
                                    host->winlogon);
    if (sek_case_chance(&rng, 40)) {
        sek_case_logon_failed(host, span.to - 6 * SEK_CASE_SECOND,
                              &(SekCaseFailedLogon){.user = host->user->user,
                                                    .domain = "YAMABUKI",
                                                    .type = 7,
                                                    .workstation = host->name,
                                                    .ip = "127.0.0.1",
                                                    .port = "0",
                                                    .caller = host->winlogon});
    }
    SekCaseSession *again =
        sek_case_session(host, span.to, host->user->sid, host->user->user, host->user->domain);
    sek_case_logon(host, span.to,
                   &(SekCaseLogon){.session = again,
                                   .type = 7,
                                   .process = "User32 ",
                                   .package = "Negotiate",
                                   .workstation = host->name,
                                   .ip = "127.0.0.1",
                                   .port = "0",
                                   .caller = host->winlogon});
    sek_case_locked(host, span.to + 30 * SEK_CASE_MS, host->user, false);
    sek_case_logoff(host, span.to + 60 * SEK_CASE_MS, again, 7);
    sek_case_exit(host, span.to + 300 * SEK_CASE_MS, ui);
}

void sek_case_session_end(SekCaseHost *host, uint64_t time) {
    const SekCaseProc *const programs[] = {host->outlook, host->browser, host->teams, host->explorer};
    sek_case_logoff_by_user(host, time, host->user);
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        sek_case_exit(host, time + (i + 2) * 300 * SEK_CASE_MS, programs[i]);
    }
    sek_case_winlogon(host, time + 3 * SEK_CASE_SECOND, host->user, false);
    sek_case_logoff(host, time + 3100 * SEK_CASE_MS, host->user, 2);
}
