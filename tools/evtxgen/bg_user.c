/* SPDX-License-Identifier: Apache-2.0 */
/* Office work of one user: documents, mail, browser, small programs. */
#include <string.h>

#include "evtxgen/case_background.h"

#define OFFICE "C:\\Program Files\\Microsoft Office\\Root\\Office16\\"
#define OFFICE_IMAGE "C:\\Program Files\\Microsoft Office\\root\\Office16\\"
#define CHROME "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe"

static SekCaseRng routine(SekCaseHost *host, SekCaseSpan span, const char *name) {
    return sek_case_rng(span.from, sek_case_fmt(host->arena, "%s/%s", host->name, name));
}

static const char *const word_files[] = {"見積書_2012.docx", "議事録 1221.docx", "契約書_案.docx",
                                         "Price list 2021.docx", "年末挨拶.docx"};
static const char *const excel_files[] = {"売上一覧.xlsx", "在庫 12月.xlsx", "Forecast Q4.xlsx",
                                          "経費精算.xlsx"};

/* The printer helper: Office is 32-bit to the driver, splwow64 hosts it. */
static void print(SekCaseHost *host, SekCaseRng *rng, uint64_t time, const SekCaseProc *office) {
    SekCaseProc *helper = sek_case_start(host, time,
                                         &(SekCaseSpawn){.image = "C:\\Windows\\splwow64.exe",
                                                         .command = "C:\\Windows\\splwow64.exe "
                                                                    "8192",
                                                         .parent = office});
    sek_case_sysmon_image(host, time + 90 * SEK_CASE_MS, office, "C:\\Windows\\System32\\winspool.drv");
    sek_case_sysmon_file(host, time + 2 * SEK_CASE_SECOND, host->netsvcs,
                         sek_case_fill(host, rng, "C:\\Windows\\System32\\spool\\PRINTERS\\{n}.SPL"));
    sek_case_exit(host, time + sek_case_span(rng, 120 * SEK_CASE_SECOND, 200 * SEK_CASE_SECOND), helper);
}

static void document(SekCaseHost *host, SekCaseRng *rng, uint64_t time, uint64_t last) {
    bool word = sek_case_chance(rng, 50);
    const char *const *files = word ? word_files : excel_files;
    size_t n = word ? sizeof word_files / sizeof *word_files : sizeof excel_files / sizeof *excel_files;
    const char *folder = sek_case_fill(host, rng, "C:\\Users\\{user}\\Documents\\");
    const char *file = files[sek_case_below(rng, (uint32_t)n)];
    const char *program = word ? "WINWORD.EXE" : "EXCEL.EXE";
    char *command = sek_case_fmt(host->arena, "\"" OFFICE "%s\" %s\"%s%s\" %s", program, word ? "/n " : "",
                                 folder, file, word ? "/o \"\"" : "");
    SekCaseProc *office =
        sek_case_start(host, time,
                       &(SekCaseSpawn){.image = sek_case_fmt(host->arena, OFFICE_IMAGE "%s", program),
                                       .command = command,
                                       .directory = folder,
                                       .parent = host->explorer});
    sek_case_sysmon_image(host, time + 800 * SEK_CASE_MS, office,
                          "C:\\Program Files\\Common Files\\Microsoft Shared\\OFFICE16\\MSO.DLL");
    sek_case_sysmon_file(host, time + 2 * SEK_CASE_SECOND, office,
                         sek_case_fmt(host->arena, "%s~$%s", folder, file));
    sek_case_sysmon_file(host, time + 3 * SEK_CASE_SECOND, office,
                         sek_case_fill(host, rng,
                                       sek_case_fmt(host->arena,
                                                    "C:\\Users\\{user}\\AppData\\Roaming\\Microsoft\\"
                                                    "Office\\Recent\\%s.LNK",
                                                    file)));
    sek_case_sysmon_value(host, time + 3 * SEK_CASE_SECOND, office,
                          sek_case_fmt(host->arena,
                                       "HKU\\%s\\Software\\Microsoft\\Office\\16.0\\%s\\File MRU\\Item 1",
                                       host->user->sid, word ? "Word" : "Excel"),
                          sek_case_fmt(host->arena, "[F00000000][T01D6D7%06X][O00000000]*%s%s",
                                       sek_case_below(rng, 0xffffff), folder, file));
    uint64_t took = sek_case_span(rng, 90 * SEK_CASE_SECOND, 34 * SEK_CASE_MINUTE);
    uint64_t end = time + took < last ? time + took : last;
    if (sek_case_chance(rng, 25)) {
        print(host, rng, time + (end - time) / 2, office);
    }
    sek_case_sysmon_file(host, time + (end - time) / 4 * 3, office,
                         sek_case_fill(host, rng, "C:\\Users\\{user}\\AppData\\Local\\Temp\\~DF{n}.TMP"));
    sek_case_exit(host, end, office);
}

static const struct {
    const char *name;
    const char *ip;
} sites[] = {{"www.kitsune-news.example", "203.0.113.20"}, {"img.kitsune-news.example", "203.0.113.21"},
             {"intra.yamabuki.example", "192.168.10.8"},   {"map.fuji-transit.example", "198.51.100.32"},
             {"tenki.example", "198.51.100.40"},           {"catalog.tanuki-paper.example", "203.0.113.45"},
             {"cdn.webfonts-jp.example", "203.0.113.52"},  {"search.kitsune.example", "203.0.113.23"},
             {"www.takumi-parts.example", "198.51.100.77"}};

static void browse(SekCaseHost *host, SekCaseSpan span, uint64_t mean) {
    SekCaseRng rng = routine(host, span, "browse");
    for (uint64_t t = span.from + sek_case_wait(&rng, mean); t < span.to; t += sek_case_wait(&rng, mean)) {
        uint32_t i = sek_case_below(&rng, sizeof sites / sizeof *sites);
        char *answer = sek_case_fmt(host->arena, "::ffff:%s;", sites[i].ip);
        sek_case_sysmon_dns(host, t, host->browser, sites[i].name, answer);
        if (sek_case_chance(&rng, 45)) {
            sek_case_sysmon_network(
                host, t + 60 * SEK_CASE_MS, host->browser,
                &(SekCaseConnection){
                    .ip = sites[i].ip, .name = sites[i].name, .port = 443, .port_name = "https"});
        }
        if (sek_case_chance(&rng, 40)) {
            uint64_t took = sek_case_span(&rng, 5 * SEK_CASE_SECOND, 400 * SEK_CASE_SECOND);
            sek_case_run(
                host, t + 200 * SEK_CASE_MS, took,
                &(SekCaseSpawn){.image = CHROME,
                                .command = sek_case_fill(host, &rng,
                                                         "\"" CHROME "\" --type=renderer "
                                                         "--field-trial-handle=1{n},{n}44,131072 --lang=ja "
                                                         "--device-scale-factor=1 --renderer-client-id={n}"),
                                .parent = host->browser,
                                .integrity = "Low"});
        }
    }
}

static void browser_files(SekCaseHost *host, SekCaseSpan span, uint64_t mean) {
    static const char *const downloads[] = {"catalog_{n}.pdf", "invoice-{n}.pdf", "map{n}.png",
                                            "tanuki_price_{n}.xlsx"};
    SekCaseRng rng = routine(host, span, "browserfiles");
    for (uint64_t t = span.from + sek_case_wait(&rng, mean); t < span.to; t += sek_case_wait(&rng, mean)) {
        if (sek_case_chance(&rng, 60)) {
            /* Browsers give cached files the server's date. */
            const char *path = sek_case_fill(host, &rng,
                                             "C:\\Users\\{user}\\AppData\\Local\\Google\\Chrome\\"
                                             "User Data\\Default\\Storage\\ext\\{n}.tmp");
            sek_case_sysmon_file_time(host, t, host->browser, path,
                                      t - sek_case_span(&rng, SEK_CASE_HOUR, 2000 * SEK_CASE_HOUR));
        } else {
            const char *name = sek_case_fill(host, &rng, downloads[sek_case_below(&rng, 4)]);
            sek_case_sysmon_file(
                host, t, host->browser,
                sek_case_fmt(host->arena, "C:\\Users\\%s\\Downloads\\%s", host->user->user, name));
        }
    }
}

static void mail(SekCaseHost *host, SekCaseSpan span, uint64_t mean) {
    static const char *const kinds[] = {"pdf", "xlsx", "docx", "zip", "jpg"};
    SekCaseRng rng = routine(host, span, "mail");
    for (uint64_t t = span.from + sek_case_wait(&rng, mean); t < span.to; t += sek_case_wait(&rng, mean)) {
        sek_case_sysmon_network(
            host, t, host->outlook,
            &(SekCaseConnection){
                .ip = "192.168.10.5", .name = "mail.yamabuki.example", .port = 443, .port_name = "https"});
        if (sek_case_chance(&rng, 30)) {
            sek_case_sysmon_file(
                host, t + 2 * SEK_CASE_SECOND, host->outlook,
                sek_case_fill(host, &rng,
                              sek_case_fmt(host->arena,
                                           "C:\\Users\\{user}\\AppData\\Local\\Microsoft\\Windows\\"
                                           "INetCache\\Content.Outlook\\K3V8QX1T\\20201221-{n}.%s",
                                           kinds[sek_case_below(&rng, 5)])));
        }
    }
}

static const struct {
    const char *image;
    const char *command;
    uint16_t low, high; /* seconds */
    bool by_dcom;
} programs[] = {
    {"C:\\Windows\\System32\\RuntimeBroker.exe", "C:\\Windows\\System32\\RuntimeBroker.exe -Embedding", 20,
     900, true},
    {"C:\\Windows\\System32\\backgroundTaskHost.exe",
     "\"C:\\Windows\\system32\\backgroundTaskHost.exe\" "
     "-ServerName:App.AppXmtcan0h2tfbfy7k9kn8hbxb6dmzz1zh0.mca",
     3, 40, true},
    {"C:\\Windows\\System32\\smartscreen.exe", "C:\\Windows\\System32\\smartscreen.exe -Embedding", 30, 300,
     true},
    {"C:\\Windows\\System32\\dllhost.exe",
     "C:\\Windows\\system32\\DllHost.exe /Processid:{AB8902B4-09CA-4BB6-B78D-A8F59079A8D5}", 5, 9, true},
    {"C:\\Windows\\System32\\notepad.exe",
     "\"C:\\Windows\\system32\\NOTEPAD.EXE\" "
     "C:\\Users\\{user}\\Documents\\memo.txt",
     20, 1200, false},
    {"C:\\Windows\\System32\\calc.exe", "\"C:\\Windows\\system32\\calc.exe\" ", 1, 3, false},
    {"C:\\Windows\\System32\\mspaint.exe",
     "\"C:\\Windows\\system32\\mspaint.exe\" \"C:\\Users\\{user}\\Pictures\\scan{n}.png\"", 20, 700, false},
    {"C:\\Program Files\\7-Zip\\7zFM.exe",
     "\"C:\\Program Files\\7-Zip\\7zFM.exe\" \"C:\\Users\\{user}\\Downloads\\tanuki_{n}.zip\"", 10, 300,
     false},
    {"C:\\Windows\\System32\\cmd.exe",
     "C:\\Windows\\system32\\cmd.exe /c \"\\\\yamabuki.example\\netlogon\\drives.cmd\"", 1, 4, false},
};

static void small_programs(SekCaseHost *host, SekCaseSpan span, uint64_t mean) {
    SekCaseRng rng = routine(host, span, "programs");
    for (uint64_t t = span.from + sek_case_wait(&rng, mean); t < span.to; t += sek_case_wait(&rng, mean)) {
        uint32_t i = sek_case_below(&rng, 2) ? sek_case_below(&rng, 4)
                                             : sek_case_below(&rng, sizeof programs / sizeof *programs);
        uint64_t took =
            sek_case_span(&rng, programs[i].low * SEK_CASE_SECOND, programs[i].high * SEK_CASE_SECOND);
        sek_case_run(host, t, t + took < span.to ? took : span.to - t,
                     &(SekCaseSpawn){.image = programs[i].image,
                                     .command = sek_case_fill(host, &rng, programs[i].command),
                                     .parent = programs[i].by_dcom ? host->dcom_launch : host->explorer,
                                     .session = host->user,
                                     .integrity = "Medium",
                                     .not_in_sysmon = i < 2});
    }
}

static void shell_registry(SekCaseHost *host, SekCaseSpan span, uint64_t mean) {
    static const char *const values[] = {
        "\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\RecentDocs\\MRUListEx",
        ("\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\ComDlg32\\LastVisitedPidlMRU\\"
         "MRUListEx"),
        "\\Software\\Microsoft\\Windows\\CurrentVersion\\Search\\RecentApps\\LaunchCount",
        "\\Software\\Microsoft\\OneDrive\\Accounts\\Business1\\LastUpdate"};
    SekCaseRng rng = routine(host, span, "shellreg");
    for (uint64_t t = span.from + sek_case_wait(&rng, mean); t < span.to; t += sek_case_wait(&rng, mean)) {
        uint32_t i = sek_case_below(&rng, 4);
        char *value = sek_case_fmt(host->arena, "HKU\\%s%s", host->user->sid, values[i]);
        sek_case_sysmon_value(host, t, host->explorer, value, i == 2 ? "DWORD (0x00000004)" : "Binary Data");
        if (sek_case_chance(&rng, 15)) {
            sek_case_sysmon_key(host, t + 40 * SEK_CASE_MS, host->explorer, "CreateKey",
                                sek_case_fmt(host->arena,
                                             "HKU\\%s\\Software\\Microsoft\\Windows\\CurrentVersion\\"
                                             "Explorer\\FileExts\\.tmp%u",
                                             host->user->sid, sek_case_below(&rng, 99)));
        }
    }
}

void sek_case_work(SekCaseHost *host, SekCaseSpan span) {
    SekCaseRng rng = routine(host, span, "documents");
    for (uint64_t t = span.from + sek_case_wait(&rng, 28 * SEK_CASE_MINUTE);
         t + 3 * SEK_CASE_MINUTE < span.to; t += sek_case_wait(&rng, 28 * SEK_CASE_MINUTE)) {
        document(host, &rng, t, span.to);
    }
    browse(host, span, 430 * SEK_CASE_SECOND);
    browser_files(host, span, 1300 * SEK_CASE_SECOND);
    mail(host, span, 1100 * SEK_CASE_SECOND);
    small_programs(host, span, 700 * SEK_CASE_SECOND);
    shell_registry(host, span, 700 * SEK_CASE_SECOND);
}
