/* SPDX-License-Identifier: Apache-2.0 */
/* The file server's day: network logons, shares, an administrator's session by remote desktop. */
#include "evtxgen/case_background.h"

static const struct {
    const char *user;
    const char *sid;
    const char *ip;
} clients[] = {
    {"sales07", "S-1-5-21-1861243217-3042957745-1190524366-1107", "192.168.10.107"},
    {"sales03", "S-1-5-21-1861243217-3042957745-1190524366-1103", "192.168.10.103"},
    {"design11", "S-1-5-21-1861243217-3042957745-1190524366-1111", "192.168.10.111"},
    {"design12", "S-1-5-21-1861243217-3042957745-1190524366-1112", "192.168.10.112"},
    {"acct01", "S-1-5-21-1861243217-3042957745-1190524366-1121", "192.168.10.121"},
    {"acct02", "S-1-5-21-1861243217-3042957745-1190524366-1122", "192.168.10.122"},
    {"kikaku05", "S-1-5-21-1861243217-3042957745-1190524366-1135", "192.168.10.135"},
    {"PC-SALES-03$", "S-1-5-21-1861243217-3042957745-1190524366-1603", "192.168.10.103"},
    {"PC-DESIGN-11$", "S-1-5-21-1861243217-3042957745-1190524366-1611", "192.168.10.111"},
    {"PC-ACCT-02$", "S-1-5-21-1861243217-3042957745-1190524366-1622", "192.168.10.122"},
};

static const struct {
    const char *share;
    const char *local;
    const char *file;
} shares[] = {
    {"\\\\*\\Public", "\\??\\D:\\Share\\Public", "回覧\\2020-12.xlsx"},
    {"\\\\*\\Public", "\\??\\D:\\Share\\Public", "様式\\休暇届.docx"},
    {"\\\\*\\Sales", "\\??\\D:\\Share\\Sales", "見積\\tanuki-paper.xlsx"},
    {"\\\\*\\Sales", "\\??\\D:\\Share\\Sales", "顧客一覧.xlsx"},
    {"\\\\*\\Design", "\\??\\D:\\Share\\Design", "図面\\A-1182.dwg"},
    {"\\\\*\\Accounting", "\\??\\D:\\Share\\Accounting", "2020年度\\仕訳帳.xlsx"},
    {"\\\\*\\Backup$", "\\??\\E:\\Backup", "desktop.ini"},
    {"\\\\*\\IPC$", "", "srvsvc"},
    {"\\\\*\\IPC$", "", "wkssvc"},
};

static void one_client(SekCaseHost *host, SekCaseRng *rng, uint64_t t) {
    uint32_t who = sek_case_below(rng, sizeof clients / sizeof *clients);
    const char *port = sek_case_fmt(host->arena, "%u", sek_case_between(rng, 49152, 65535));
    SekCaseSession *session =
        sek_case_session(host, t, clients[who].sid, clients[who].user, "YAMABUKI.EXAMPLE");
    sek_case_logon(host, t,
                   &(SekCaseLogon){.session = session,
                                   .type = 3,
                                   .process = "Kerberos",
                                   .package = "Kerberos",
                                   .workstation = "-",
                                   .ip = clients[who].ip,
                                   .port = port});
    uint32_t n = sek_case_between(rng, 1, 3);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t what = sek_case_below(rng, sizeof shares / sizeof *shares);
        bool pipe = !shares[what].local[0];
        SekCaseShare share = {.session = session,
                              .ip = clients[who].ip,
                              .port = port,
                              .share = shares[what].share,
                              .local = shares[what].local,
                              .access = 1,
                              .access_list = "%%4416\r\n\t\t\t\t"};
        t += sek_case_span(rng, 5 * SEK_CASE_MS, 900 * SEK_CASE_MS);
        sek_case_share(host, t, &share);
        share.file = shares[what].file;
        share.access = pipe ? 0x12019f : sek_case_chance(rng, 30) ? 0x2 : 0x120089;
        share.access_list = share.access == 0x2 ? "%%4417\r\n\t\t\t\t"
                                                : "%%1538\r\n\t\t\t\t%%1541\r\n\t\t\t\t%%4416\r\n"
                                                  "\t\t\t\t%%4419\r\n\t\t\t\t%%4423\r\n\t\t\t\t";
        sek_case_share(host, t + 3 * SEK_CASE_MS, &share);
    }
    sek_case_logoff(host, t + sek_case_span(rng, 12 * SEK_CASE_SECOND, 900 * SEK_CASE_SECOND), session, 3);
}

static void clients_background(SekCaseHost *host, SekCaseSpan span, uint64_t mean) {
    SekCaseRng rng = sek_case_rng(span.from, sek_case_fmt(host->arena, "%s/clients", host->name));
    for (uint64_t t = span.from + sek_case_wait(&rng, mean); t + 20 * SEK_CASE_MINUTE < span.to;
         t += sek_case_wait(&rng, mean)) {
        one_client(host, &rng, t);
    }
}

static const struct {
    const char *image;
    const char *command;
} admin_programs[] = {
    {"C:\\Windows\\System32\\mmc.exe",
     "\"C:\\Windows\\system32\\mmc.exe\" C:\\Windows\\system32\\diskmgmt.msc"},
    {"C:\\Windows\\System32\\mmc.exe", "\"C:\\Windows\\system32\\mmc.exe\" \"C:\\Windows\\system32\\"
                                       "fsrm.msc\" "},
    {"C:\\Windows\\System32\\notepad.exe",
     "\"C:\\Windows\\system32\\NOTEPAD.EXE\" C:\\ProgramData\\Yamabuki\\backup.log"},
};

/* A domain administrator looks after the server by remote desktop. */
static void admin_session(SekCaseHost *host, uint64_t t) {
    SekCaseRng rng = sek_case_rng(t, "rdp");
    SekCaseSession *admin =
        sek_case_session(host, t, "S-1-5-21-1861243217-3042957745-1190524366-1141", "adm-mori", "YAMABUKI");
    admin->terminal = 2;
    sek_case_logon(host, t,
                   &(SekCaseLogon){.session = admin,
                                   .type = 10,
                                   .process = "User32 ",
                                   .package = "Negotiate",
                                   .workstation = host->name,
                                   .ip = "192.168.10.30",
                                   .port = "0",
                                   .caller = host->winlogon,
                                   .elevated = true});
    sek_case_privileges(host, t + SEK_CASE_MS, admin);
    sek_case_winlogon(host, t + 400 * SEK_CASE_MS, admin, true);
    SekCaseProc *userinit = sek_case_run(host, t + SEK_CASE_SECOND, 22 * SEK_CASE_SECOND,
                                         &(SekCaseSpawn){.image = "C:\\Windows\\System32\\userinit.exe",
                                                         .command = "C:\\Windows\\system32\\userinit.exe",
                                                         .parent = host->winlogon,
                                                         .session = admin,
                                                         .integrity = "High"});
    SekCaseProc *explorer = sek_case_start(host, t + 2 * SEK_CASE_SECOND,
                                           &(SekCaseSpawn){.image = "C:\\Windows\\explorer.exe",
                                                           .command = "C:\\Windows\\Explorer.EXE",
                                                           .parent = userinit});
    SekCaseProc *rdpclip = sek_case_start(host, t + 3 * SEK_CASE_SECOND,
                                          &(SekCaseSpawn){.image = "C:\\Windows\\System32\\rdpclip.exe",
                                                          .command = "rdpclip",
                                                          .parent = host->netsvcs,
                                                          .session = admin,
                                                          .integrity = "High"});
    uint64_t end = t + sek_case_span(&rng, 20 * SEK_CASE_MINUTE, 45 * SEK_CASE_MINUTE);
    for (uint64_t at = t + SEK_CASE_MINUTE; at + 4 * SEK_CASE_MINUTE < end;
         at += sek_case_wait(&rng, 6 * SEK_CASE_MINUTE)) {
        uint32_t i = sek_case_below(&rng, sizeof admin_programs / sizeof *admin_programs);
        sek_case_run(host, at, sek_case_span(&rng, 40 * SEK_CASE_SECOND, 220 * SEK_CASE_SECOND),
                     &(SekCaseSpawn){.image = admin_programs[i].image,
                                     .command = admin_programs[i].command,
                                     .parent = explorer});
    }
    sek_case_logoff_by_user(host, end, admin);
    sek_case_exit(host, end + 200 * SEK_CASE_MS, rdpclip);
    sek_case_exit(host, end + 500 * SEK_CASE_MS, explorer);
    sek_case_winlogon(host, end + SEK_CASE_SECOND, admin, false);
}

void sek_case_server_background(SekCaseHost *host, SekCaseSpan span, const SekCaseSpan *busy, size_t n_busy) {
    clients_background(host, span, 2400 * SEK_CASE_SECOND);
    for (size_t i = 0; i < n_busy; i++) {
        clients_background(host, busy[i], 540 * SEK_CASE_SECOND);
        if (i % 2 == 0) {
            admin_session(host, busy[i].from + 70 * SEK_CASE_MINUTE);
        }
    }
}
