/* SPDX-License-Identifier: Apache-2.0 */
/* Second wave on PC-ACCT-02: a shortcut in a zip, PowerShell, regsvr32, follow-up, cleared log.
 *
 * The forms of 2022-04-26. Script blocks are not logged here, 4688 has no command line, and
 * Sysmon only records process starts and ends, connections and new files. */
#include <stdio.h>
#include <string.h>

#include "evtxgen/case_scenario.h"
#include "evtxgen/case_text.h"

#define SYS32 "C:\\Windows\\System32\\"
#define POWERSHELL SYS32 "WindowsPowerShell\\v1.0\\powershell.exe"
#define TEMP "C:\\Users\\acct02\\AppData\\Local\\Temp\\"
#define FOLDER "C:\\Users\\acct02\\AppData\\Local\\Snirakw\\"
#define ZIP "C:\\Users\\acct02\\Downloads\\Invoice for payment.zip"

typedef struct Chain {
    SekCaseHost *host;
    uint64_t at;
    SekCaseProc *link, *script, *regsvr, *stay;
} Chain;

static uint64_t ms(const Chain *c, uint64_t milliseconds) {
    return c->at + milliseconds * SEK_CASE_MS;
}

static void open_link(Chain *c) {
    SekCaseHost *host = c->host;
    char *code = sek_case_base64(host->arena, sek_case_wave2_script(host->arena));
    sek_case_step(host, 11, "the browser stores the zip");
    sek_case_sysmon_file(host, c->at, host->browser, ZIP);
    sek_case_step(host, 11, "the shortcut is taken out of the zip");
    sek_case_sysmon_file(host, ms(c, 18400), host->explorer,
                         TEMP "Temp1_Invoice for payment.zip\\Invoice for payment.lnk");
    sek_case_step(host, 11, "the shortcut starts PowerShell with ASCII Base64");
    c->link = sek_case_start(
        host, ms(c, 19050),
        &(SekCaseSpawn){
            .image = POWERSHELL,
            .command = sek_case_fmt(
                host->arena,
                "\"" POWERSHELL "\" -command Out-String -InputObject \"Invoice for payment.lnk%s\" "
                "| Out-Null; [System.Text.Encoding]::ASCII.GetString([System.Convert]::"
                "FromBase64String('%s')) > \"" TEMP "sNhYaMMPOU.ps1\"; powershell "
                "-executionpolicy bypass -file \"$env:TEMP/\\sNhYaMMPOU.ps1\"; Remove-Item -Force "
                "\"$env:TEMP/\\sNhYaMMPOU.ps1\"",
                "                                                  ", code),
            .directory = "C:\\Users\\acct02\\Downloads\\",
            .parent = host->explorer});
}

static void run_script(Chain *c) {
    SekCaseHost *host = c->host;
    sek_case_step(host, 11, "PowerShell starts (no script blocks are logged here)");
    SekCaseRunspace *first = sek_case_powershell_start(host, ms(c, 19050), c->link, NULL);
    sek_case_step(host, 11, "PowerShell writes a script into Temp");
    sek_case_sysmon_file(host, ms(c, 19900), c->link, TEMP "sNhYaMMPOU.ps1");
    sek_case_step(host, 11, "PowerShell runs the script from Temp, policy bypassed");
    c->script =
        sek_case_start(host, ms(c, 20100),
                       &(SekCaseSpawn){.image = POWERSHELL,
                                       .command = "\"" POWERSHELL "\" -executionpolicy bypass -file "
                                                  "C:\\Users\\acct02\\AppData\\Local\\Temp/\\sNhYaMMPOU.ps1",
                                       .directory = "C:\\Users\\acct02\\Downloads\\",
                                       .parent = c->link});
    sek_case_step(host, 11, "the second PowerShell starts");
    SekCaseRunspace *second = sek_case_powershell_start(host, ms(c, 20100), c->script, NULL);
    sek_case_step(host, 11, "PowerShell ends");
    sek_case_powershell_stop(host, ms(c, 27300), second);
    sek_case_exit(host, ms(c, 27340), c->script);
    sek_case_powershell_stop(host, ms(c, 27600), first);
    sek_case_exit(host, ms(c, 27650), c->link);
}

static void download(Chain *c) {
    static const struct {
        const char *ip;
        uint16_t port;
        uint32_t after_ms;
    } tries[2] = {{"203.0.113.140", 443, 21900}, {"198.51.100.91", 80, 23400}};
    SekCaseHost *host = c->host;
    for (size_t i = 0; i < 2; i++) {
        sek_case_step(host, 11,
                      sek_case_fmt(host->arena, "address %u of 6 contacted by PowerShell", (unsigned)i + 1));
        sek_case_sysmon_network(
            host, ms(c, tries[i].after_ms), c->script,
            &(SekCaseConnection){.ip = tries[i].ip,
                                 .name = sek_case_url_host(host->arena, sek_case_wave2_urls[i]),
                                 .port = tries[i].port,
                                 .port_name = tries[i].port == 80 ? "http" : "https"});
    }
    sek_case_step(host, 11, "PowerShell writes a file with an unusual extension");
    sek_case_sysmon_file(host, ms(c, 24300), c->script, TEMP "LqwxbPrZJz.LMo");
}

static void register_file(Chain *c) {
    SekCaseHost *host = c->host;
    sek_case_step(host, 11, "regsvr32 of the file in Temp");
    c->regsvr =
        sek_case_start(host, ms(c, 24900),
                       &(SekCaseSpawn){.image = SYS32 "regsvr32.exe",
                                       .command = "\"C:\\Windows\\system32\\Regsvr32.exe\" "
                                                  "C:\\Users\\acct02\\AppData\\Local\\Temp/LqwxbPrZJz.LMo",
                                       .directory = "C:\\Users\\acct02\\Downloads\\",
                                       .parent = c->script});
    sek_case_step(host, 11, "the file copies itself into a random folder");
    sek_case_sysmon_file(host, ms(c, 26200), c->regsvr, FOLDER "pzgi.por");
    sek_case_step(host, 11, "regsvr32 of the copy");
    c->stay = sek_case_start(host, ms(c, 26900),
                             &(SekCaseSpawn){.image = SYS32 "regsvr32.exe",
                                             .command = "C:\\Windows\\system32\\regsvr32.exe "
                                                        "\"" FOLDER "pzgi.por\"",
                                             .directory = "C:\\Users\\acct02\\Downloads\\",
                                             .parent = c->regsvr});
    sek_case_step(host, 11, "the first regsvr32 ends");
    sek_case_exit(host, ms(c, 27100), c->regsvr);
}

static void contacts(Chain *c, uint64_t until) {
    static const struct {
        const char *ip;
        uint16_t port;
    } servers[3] = {{"192.0.2.77", 443}, {"203.0.113.31", 8080}, {"198.51.100.118", 7080}};
    SekCaseHost *host = c->host;
    SekCaseRng rng = sek_case_rng(c->at, "contacts");
    uint64_t t = ms(c, 41000);
    for (size_t i = 0; t < until; i++) {
        size_t server = i < 2 ? i : 1;
        sek_case_step(host, 11,
                      sek_case_fmt(host->arena, "regsvr32 contacts bare address %s:%u", servers[server].ip,
                                   servers[server].port));
        sek_case_sysmon_network(
            host, t, c->stay,
            &(SekCaseConnection){.ip = servers[server].ip,
                                 .port = servers[server].port,
                                 .port_name = servers[server].port == 443 ? "https" : NULL});
        t += i < 1 ? 4 * SEK_CASE_SECOND : sek_case_span(&rng, 840 * SEK_CASE_SECOND, 1010 * SEK_CASE_SECOND);
    }
}

static void follow_up(Chain *c) {
    SekCaseHost *host = c->host;
    sek_case_step(host, 11, "the follow-up program is written into the same folder");
    sek_case_sysmon_file(host, ms(c, 601000), c->stay, FOLDER "dehpaxvktbwu.exe");
    sek_case_step(host, 11, "the follow-up program starts");
    SekCaseProc *proc = sek_case_start(host, ms(c, 603200),
                                       &(SekCaseSpawn){.image = FOLDER "dehpaxvktbwu.exe",
                                                       .command = "\"" FOLDER "dehpaxvktbwu.exe\"",
                                                       .directory = FOLDER,
                                                       .parent = c->stay});
    sek_case_step(host, 11, "the follow-up program contacts a bare address");
    sek_case_sysmon_network(host, ms(c, 611000), proc,
                            &(SekCaseConnection){.ip = "192.0.2.201", .port = 443, .port_name = "https"});
}

/* What the Security log recorded before it was cleared: staged so that it takes record ids. */
static void lost_events(SekCaseHost *host, SekCaseSpan span) {
    SekCaseRng rng = sek_case_rng(span.from, "lost");
    for (uint64_t t = span.from + SEK_CASE_SECOND; t < span.to;
         t += sek_case_span(&rng, 2 * SEK_CASE_SECOND, 14 * SEK_CASE_SECOND)) {
        sek_case_user_groups(host, t, host->netsvcs);
    }
}

void sek_case_wave2(SekCaseHost *host, uint64_t day) {
    Chain c = {.host = host, .at = day + 125 * SEK_CASE_MINUTE + 3 * SEK_CASE_SECOND};
    SekCaseLog *security = &host->logs.log[SEK_CASE_SECURITY];
    open_link(&c);
    run_script(&c);
    download(&c);
    register_file(&c);
    contacts(&c, host->session_end);
    follow_up(&c);
    sek_case_quiet(host);
    /* The full log was archived at 02:20; what came after that until the clearing is lost. */
    security->archive_time = day + 140 * SEK_CASE_MINUTE + 11 * SEK_CASE_SECOND + 345 * SEK_CASE_MS;
    security->clear_time = day + 151 * SEK_CASE_MINUTE + 22 * SEK_CASE_SECOND;
    sek_case_log_archived(host, security->archive_time + 40 * SEK_CASE_MS,
                          "C:\\Windows\\System32\\Winevt\\Logs\\Archive-Security-2022-04-26-02-20-"
                          "11-345.evtx");
    lost_events(host, (SekCaseSpan){security->archive_time, security->clear_time});
    sek_case_notice_security(host, security->clear_time);
    sek_case_step(host, 12, "the Security log is cleared; records before this one are missing");
    sek_case_log_cleared(host, security->clear_time + 3 * SEK_CASE_MS, host->elevated);
    sek_case_quiet(host);
}
