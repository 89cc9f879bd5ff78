/* SPDX-License-Identifier: Apache-2.0 */
/* First wave on PC-SALES-07: document, WMI, message box, PowerShell, DLL, Run value.
 *
 * The chain of December 2020 as published: the macro has WMI start cmd, so cmd's parent is
 * WmiPrvSE; the carets and %username% are still in cmd's command line and gone in its children. */
#include "evtxgen/case_scenario.h"
#include "evtxgen/case_text.h"

#define SYS32 "C:\\Windows\\System32\\"
#define WOW64 "C:\\Windows\\SysWOW64\\"
#define MAIL_CACHE                                                                                           \
    "C:\\Users\\sales07\\AppData\\Local\\Microsoft\\Windows\\INetCache\\Content.Outlook\\K3V8QX1T\\"
#define ZIP MAIL_CACHE "20201222-0941.zip"
#define DOC_FOLDER "C:\\Users\\sales07\\AppData\\Local\\Temp\\7zO4E8A21B3\\"
#define DOC_NAME "15140-22-122020-5-42286.doc"
#define FIRST_FOLDER "C:\\Users\\sales07\\Jxk4jr_\\Dhuljgz\\"
#define FIRST_DLL FIRST_FOLDER "D71J.dll"
#define RUN_KEY "\\Software\\Microsoft\\Windows\\CurrentVersion\\Run"

typedef struct Chain {
    SekCaseHost *host;
    uint64_t at; /* when the step starts */
    SekCaseProc *word, *cmd, *powershell, *rundll;
} Chain;

static uint64_t ms(const Chain *c, uint64_t milliseconds) {
    return c->at + milliseconds * SEK_CASE_MS;
}

static void open_document(Chain *c) {
    static const char *const macro_libraries[] = {
        "C:\\Program Files\\Common Files\\Microsoft Shared\\VBA\\VBA7.1\\VBE7.DLL",
        "C:\\Program Files\\Common Files\\Microsoft Shared\\VBA\\VBA7.1\\1041\\VBE7INTL.DLL"};
    static const char *const wmi_libraries[] = {SYS32 "wbem\\wbemdisp.dll", SYS32 "wbemcomn.dll",
                                                SYS32 "wbem\\wbemprox.dll", SYS32 "wbem\\wbemsvc.dll",
                                                SYS32 "wbem\\fastprox.dll"};
    SekCaseHost *host = c->host;
    sek_case_step(host, 2, "Outlook stores the zip of the mail");
    sek_case_sysmon_file(host, c->at, host->outlook, ZIP);
    sek_case_step(host, 2, "7-Zip opens the zip (the password stands in the mail)");
    SekCaseProc *zip =
        sek_case_start(host, ms(c, 7400),
                       &(SekCaseSpawn){.image = "C:\\Program Files\\7-Zip\\7zFM.exe",
                                       .command = "\"C:\\Program Files\\7-Zip\\7zFM.exe\" \"" ZIP "\"",
                                       .directory = MAIL_CACHE,
                                       .parent = host->outlook});
    sek_case_sysmon_file(host, ms(c, 21300), zip, DOC_FOLDER DOC_NAME);
    sek_case_step(host, 2, "Word opens the document");
    c->word = sek_case_start(
        host, ms(c, 21900),
        &(SekCaseSpawn){
            .image = "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE",
            .command = "\"C:\\Program Files\\Microsoft Office\\Root\\Office16\\WINWORD.EXE\" /n \"" DOC_FOLDER
                DOC_NAME "\" /o \"\"",
            .directory = DOC_FOLDER,
            .parent = zip});
    sek_case_sysmon_file(host, ms(c, 23800), c->word, DOC_FOLDER "~$140-22-122020-5-42286.doc");
    sek_case_step(host, 2, "Word loads the VBA library");
    for (size_t i = 0; i < sizeof macro_libraries / sizeof *macro_libraries; i++) {
        sek_case_sysmon_image(host, ms(c, 48100 + i * 40), c->word, macro_libraries[i]);
    }
    sek_case_step(host, 2, "Word loads WMI libraries");
    for (size_t i = 0; i < sizeof wmi_libraries / sizeof *wmi_libraries; i++) {
        sek_case_sysmon_image(host, ms(c, 48900 + i * 11), c->word, wmi_libraries[i]);
    }
}

static void message_box(Chain *c, const char *base64) {
    SekCaseHost *host = c->host;
    const char *const tail = sek_case_fmt(host->arena, " -w hidden -ENCOD                 %s", base64);
    sek_case_step(host, 3, "WMI starts cmd with message box and hidden encoded PowerShell");
    c->cmd = sek_case_start(
        host, c->at,
        &(SekCaseSpawn){.image = SYS32 "cmd.exe",
                        .command = sek_case_fmt(host->arena,
                                                "cmd cmd cmd cmd /c msg %%username%% /v Word experienced an "
                                                "error trying to open the file. &  P^Ow^er^she^L^L%s",
                                                tail),
                        .parent = host->wmiprvse,
                        .session = host->user});
    SekCaseProc *conhost = sek_case_start(
        host, ms(c, 14),
        &(SekCaseSpawn){.image = SYS32 "conhost.exe",
                        .command = "\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1",
                        .directory = "C:\\Windows",
                        .parent = c->cmd});
    sek_case_step(host, 4, "fake error message by msg.exe");
    sek_case_run(host, ms(c, 160), 410 * SEK_CASE_MS,
                 &(SekCaseSpawn){.image = SYS32 "msg.exe",
                                 .command = "msg  sales07 /v Word experienced an error trying to "
                                            "open the file. ",
                                 .parent = c->cmd});
    sek_case_step(host, 4, "hidden PowerShell with encoded command");
    c->powershell =
        sek_case_start(host, ms(c, 1870),
                       &(SekCaseSpawn){.image = SYS32 "WindowsPowerShell\\v1.0\\powershell.exe",
                                       .command = sek_case_fmt(host->arena, "POwersheLL %s", tail),
                                       .parent = c->cmd});
    sek_case_step(host, 4, "the chain's console ends");
    sek_case_exit(host, ms(c, 9100), c->powershell);
    sek_case_exit(host, ms(c, 9160), c->cmd);
    sek_case_exit(host, ms(c, 9170), conhost);
}

static void script(Chain *c, const char *text) {
    SekCaseHost *host = c->host;
    uint64_t start = ms(c, 1870);
    /* Cut inside an address, so that neither part alone tells all of them. */
    size_t cut = 1187;
    const char *const parts[2] = {sek_case_fmt(host->arena, "%.*s", (int)cut, text), text + cut};
    sek_case_step(host, 4, "PowerShell starts; its policy-test files are ordinary");
    SekCaseRunspace *rs = sek_case_powershell_start(host, start, c->powershell, "krutadkh.taj");
    sek_case_step(host, 4, "script block, obfuscated, in two parts");
    sek_case_script_block(host, start + 520 * SEK_CASE_MS, rs, parts, 2, NULL, true);
    sek_case_step(host, 4, "pipeline details of the script");
    sek_case_pipeline(host, start + 640 * SEK_CASE_MS, rs, text,
                      "CommandInvocation(Set-Variable): \"Set-Variable\"\r\n"
                      "ParameterBinding(Set-Variable): name=\"Name\"; value=\"8ye\"\r\n"
                      "ParameterBinding(Set-Variable): name=\"Value\"; "
                      "value=\"System.IO.Directory\"\r\n");
    sek_case_pipeline(host, start + 810 * SEK_CASE_MS, rs, text,
                      "CommandInvocation(New-Object): \"New-Object\"\r\n"
                      "ParameterBinding(New-Object): name=\"TypeName\"; "
                      "value=\"sYsTEm.nEt.wEBcLIeNt\"\r\n");
    sek_case_pipeline(host, start + 6100 * SEK_CASE_MS, rs, text,
                      "CommandInvocation(Get-Item): \"Get-Item\"\r\n"
                      "ParameterBinding(Get-Item): name=\"Path\"; value=\"" FIRST_DLL "\"\r\n");
    sek_case_powershell_stop(host, start + 7200 * SEK_CASE_MS, rs);
}

/* Four of the seven addresses are asked before one answers with the file. */
static void download(Chain *c) {
    static const struct {
        const char *ip;
        uint16_t port;
        uint32_t after_ms;
    } tries[4] = {{"192.0.2.44", 80, 2700},
                  {"198.51.100.61", 80, 3350},
                  {"203.0.113.119", 443, 4080},
                  {"192.0.2.163", 80, 5200}};
    SekCaseHost *host = c->host;
    for (size_t i = 0; i < 4; i++) {
        char *name = sek_case_url_host(host->arena, sek_case_wave1_urls[i]);
        bool last = i == 3;
        sek_case_step(host, 5,
                      sek_case_fmt(host->arena, "address %u of 7 looked up by PowerShell", (unsigned)i + 1));
        sek_case_sysmon_dns(host, ms(c, tries[i].after_ms), c->powershell, name,
                            sek_case_fmt(host->arena, "::ffff:%s;", tries[i].ip));
        sek_case_step(host, 5,
                      sek_case_fmt(host->arena, "address %u of 7 contacted%s", (unsigned)i + 1,
                                   last ? ": answers" : ": refuses"));
        sek_case_sysmon_network(host, ms(c, tries[i].after_ms + 35), c->powershell,
                                &(SekCaseConnection){.ip = tries[i].ip,
                                                     .name = name,
                                                     .port = tries[i].port,
                                                     .port_name = tries[i].port == 80 ? "http" : "https"});
    }
    sek_case_step(host, 5, "PowerShell writes the DLL two random folders deep");
    sek_case_sysmon_file(host, ms(c, 5480), c->powershell, FIRST_DLL);
}

static void persist(Chain *c) {
    SekCaseHost *host = c->host;
    const char *sid = host->user->sid;
    const char *command = "C:\\Windows\\SysWOW64\\rundll32.exe \"" SEK_CASE_W1_FILE "\",Control_RunDLL";
    const char *audited[2] = {"ialkquzoobkioba.czi", command};
    sek_case_step(host, 6, "the DLL copies itself into a random folder");
    sek_case_sysmon_file(host, ms(c, 9700), c->rundll, SEK_CASE_W1_FILE);
    sek_case_step(host, 6, "the copy is dated back seven days");
    sek_case_sysmon_file_time(host, ms(c, 9760), c->rundll, SEK_CASE_W1_FILE,
                              ms(c, 9760) - 7 * 24 * SEK_CASE_HOUR - 4183 * SEK_CASE_SECOND);
    sek_case_step(host, 6, "rundll32 starts the copy");
    SekCaseProc *copy = sek_case_start(host, ms(c, 10900),
                                       &(SekCaseSpawn){.image = WOW64 "rundll32.exe",
                                                       .command = command,
                                                       .directory = "C:\\Users\\sales07\\",
                                                       .parent = c->rundll});
    sek_case_sysmon_image(host, ms(c, 11040), copy, SEK_CASE_W1_FILE);
    sek_case_step(host, 6, "Run value for the copy");
    sek_case_sysmon_value(host, ms(c, 13220), copy,
                          sek_case_fmt(host->arena, "HKU\\%s" RUN_KEY "\\ialkquzoobkioba.czi", sid), command);
    sek_case_registry_audit(host, ms(c, 13221), copy,
                            sek_case_fmt(host->arena, "\\REGISTRY\\USER\\%s" RUN_KEY, sid), audited);
    sek_case_step(host, 6, "the first rundll32 ends");
    sek_case_exit(host, ms(c, 11900), c->rundll);
    c->rundll = copy;
}

static void run_dll(Chain *c) {
    SekCaseHost *host = c->host;
    const char *command = "\"C:\\Windows\\system32\\rundll32.exe\" " FIRST_DLL ",Control_RunDLL";
    sek_case_step(host, 6, "PowerShell starts the DLL by rundll32");
    SekCaseProc *wide = sek_case_start(
        host, ms(c, 8050),
        &(SekCaseSpawn){.image = SYS32 "rundll32.exe", .command = command, .parent = c->powershell});
    sek_case_step(host, 6, "the 32-bit rundll32 takes over");
    c->rundll =
        sek_case_start(host, ms(c, 8190),
                       &(SekCaseSpawn){.image = WOW64 "rundll32.exe", .command = command, .parent = wide});
    sek_case_step(host, 6, "rundll32 loads the unsigned DLL");
    sek_case_sysmon_image(host, ms(c, 8320), c->rundll, FIRST_DLL);
    persist(c);
    sek_case_step(host, 6, "the first rundll32 ends");
    sek_case_exit(host, ms(c, 12000), wide);
}

const SekCaseProc *sek_case_wave1_entry(SekCaseHost *host, uint64_t day) {
    char *text = sek_case_wave1_script(host->arena);
    Chain c = {.host = host, .at = day + 51 * SEK_CASE_MINUTE + 42 * SEK_CASE_SECOND};
    open_document(&c);
    c.at = day + 52 * SEK_CASE_MINUTE + 31 * SEK_CASE_SECOND + 204 * SEK_CASE_MS;
    message_box(&c, sek_case_base64_utf16(host->arena, text));
    script(&c, text);
    download(&c);
    run_dll(&c);
    sek_case_step(host, 2, "Word is closed");
    sek_case_exit(host, ms(&c, 190000), c.word);
    sek_case_quiet(host);
    return c.rundll;
}
