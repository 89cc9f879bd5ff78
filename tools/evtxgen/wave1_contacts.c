/* SPDX-License-Identifier: Apache-2.0 */
/* First wave on PC-SALES-07 after the entry: contacts, follow-up with its task, spreading. */
#include "evtxgen/case_scenario.h"

#define SYS32 "C:\\Windows\\System32\\"
#define TASK "\\launcher autoupdate#48213"

/* Bare addresses, never looked up. Dead servers take the connection and say nothing. */
static const struct {
    const char *ip;
    uint16_t port;
    bool dead;
} servers[] = {{"198.51.100.23", 8080, true},
               {"203.0.113.77", 443, true},
               {"192.0.2.136", 7080, true},
               {"203.0.113.194", 8080, false},
               {"198.51.100.170", 8080, false}};
enum { DEAD_SERVER = 1, FIRST_SERVER = 3, MODULE_SERVER = 4 };

static void contact(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, size_t server) {
    uint16_t port = servers[server].port;
    sek_case_step(host, 7,
                  sek_case_fmt(host->arena, "rundll32 contacts bare address %s:%u%s", servers[server].ip,
                               port, servers[server].dead ? " (dead)" : ""));
    sek_case_sysmon_network(host, time, proc,
                            &(SekCaseConnection){.ip = servers[server].ip,
                                                 .port = port,
                                                 .port_name = port == 443 ? "https" : NULL});
}

void sek_case_wave1_contacts(SekCaseHost *host, const SekCaseProc *proc, SekCaseSpan span) {
    SekCaseRng rng = sek_case_rng(span.from, "contacts");
    uint64_t t = span.from;
    for (size_t i = 0; i <= FIRST_SERVER; i++) {
        contact(host, t, proc, i); /* down the list until one answers */
        t += sek_case_span(&rng, 2900 * SEK_CASE_MS, 21000 * SEK_CASE_MS);
    }
    contact(host, t, proc, MODULE_SERVER);
    for (t += sek_case_span(&rng, 930 * SEK_CASE_SECOND, 983 * SEK_CASE_SECOND); t < span.to;
         t += sek_case_span(&rng, 930 * SEK_CASE_SECOND, 983 * SEK_CASE_SECOND)) {
        contact(host, t, proc, FIRST_SERVER);
        contact(host, t + sek_case_span(&rng, 2800 * SEK_CASE_MS, 3200 * SEK_CASE_MS), proc, DEAD_SERVER);
    }
    sek_case_quiet(host);
}

static const char *task_xml(SekCaseHost *host) {
    return sek_case_fmt(
        host->arena,
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n"
        "<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n"
        "  <RegistrationInfo>\r\n    <Date>2020-12-22T10:36:14</Date>\r\n"
        "    <Author>YAMABUKI\\sales07</Author>\r\n    <URI>" TASK "</URI>\r\n"
        "  </RegistrationInfo>\r\n  <Triggers>\r\n    <LogonTrigger>\r\n"
        "      <Enabled>true</Enabled>\r\n      <UserId>YAMABUKI\\sales07</UserId>\r\n"
        "    </LogonTrigger>\r\n    <TimeTrigger>\r\n      <Repetition>\r\n"
        "        <Interval>PT2H</Interval>\r\n        <Duration>P414D</Duration>\r\n"
        "        <StopAtDurationEnd>false</StopAtDurationEnd>\r\n      </Repetition>\r\n"
        "      <StartBoundary>2020-12-22T10:40:00</StartBoundary>\r\n"
        "      <Enabled>true</Enabled>\r\n    </TimeTrigger>\r\n  </Triggers>\r\n"
        "  <Principals>\r\n    <Principal id=\"Author\">\r\n      <UserId>%s</UserId>\r\n"
        "      <LogonType>InteractiveToken</LogonType>\r\n"
        "      <RunLevel>LeastPrivilege</RunLevel>\r\n    </Principal>\r\n  </Principals>\r\n"
        "  <Settings>\r\n    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>\r\n"
        "    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>\r\n"
        "    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>\r\n"
        "    <Enabled>true</Enabled>\r\n    <Hidden>true</Hidden>\r\n"
        "    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>\r\n    <Priority>7</Priority>\r\n"
        "  </Settings>\r\n  <Actions Context=\"Author\">\r\n    <Exec>\r\n"
        "      <Command>" SEK_CASE_W1_FOLDER "launcher.bat</Command>\r\n"
        "    </Exec>\r\n  </Actions>\r\n</Task>",
        host->user->sid);
}

static void run_task(SekCaseHost *host, uint64_t time, bool at_logon) {
    const char *bat = SEK_CASE_W1_FOLDER "launcher.bat";
    sek_case_step(host, 8, "the task runs the batch file of the follow-up");
    SekCaseProc *cmd = sek_case_start(
        host, time,
        &(SekCaseSpawn){.image = SYS32 "cmd.exe",
                        .command = sek_case_fmt(host->arena, "C:\\Windows\\SYSTEM32\\cmd.exe /c \"%s\"", bat),
                        .parent = host->schedule,
                        .session = host->user,
                        .integrity = "Medium"});
    sek_case_run(host, time + 140 * SEK_CASE_MS, 2400 * SEK_CASE_MS,
                 &(SekCaseSpawn){.image = SEK_CASE_W1_FOLDER "kripbnjh.exe",
                                 .command = SEK_CASE_W1_FOLDER "kripbnjh.exe",
                                 .parent = cmd});
    sek_case_exit(host, time + 2700 * SEK_CASE_MS, cmd);
    sek_case_task_run(host, time - 6 * SEK_CASE_MS,
                      &(SekCaseTaskRun){.task = TASK,
                                        .account = "YAMABUKI\\sales07",
                                        .action = bat,
                                        .pid = cmd->pid,
                                        .at_logon = at_logon,
                                        .took = 2710 * SEK_CASE_MS});
}

void sek_case_wave1_autostart(SekCaseHost *host, uint64_t time, uint64_t until) {
    sek_case_step(host, 6, "the Run value starts the copy at the next logon");
    SekCaseProc *proc = sek_case_start(
        host, time,
        &(SekCaseSpawn){.image = "C:\\Windows\\SysWOW64\\rundll32.exe",
                        .command =
                            "\"C:\\Windows\\SysWOW64\\rundll32.exe\" \"" SEK_CASE_W1_FILE "\",Control_RunDLL",
                        .directory = "C:\\Users\\sales07\\",
                        .parent = host->explorer});
    sek_case_sysmon_image(host, time + 130 * SEK_CASE_MS, proc, SEK_CASE_W1_FILE);
    run_task(host, time + 20 * SEK_CASE_SECOND, true);
    sek_case_wave1_contacts(host, proc, (SekCaseSpan){time + 41 * SEK_CASE_SECOND, until});
}

void sek_case_wave1_task(SekCaseHost *host, const SekCaseProc *proc, uint64_t time) {
    const char *const account = "YAMABUKI\\sales07";
    sek_case_step(host, 8, "the follow-up program is written beside the copy");
    sek_case_sysmon_file(host, time, proc, SEK_CASE_W1_FOLDER "kripbnjh.exe");
    sek_case_sysmon_file(host, time + 310 * SEK_CASE_MS, proc, SEK_CASE_W1_FOLDER "launcher.bat");
    sek_case_step(host, 8, "the follow-up program starts");
    SekCaseProc *loader = sek_case_start(host, time + 2 * SEK_CASE_SECOND,
                                         &(SekCaseSpawn){.image = SEK_CASE_W1_FOLDER "kripbnjh.exe",
                                                         .command = "\"" SEK_CASE_W1_FOLDER "kripbnjh.exe\"",
                                                         .directory = SEK_CASE_W1_FOLDER,
                                                         .parent = proc});
    uint64_t created = time + 14 * SEK_CASE_SECOND;
    sek_case_step(host, 8, "scheduled task for the follow-up");
    sek_case_task_created(host, created, host->user, TASK, task_xml(host));
    sek_case_task_registered(host, created + 3 * SEK_CASE_MS, TASK, account);
    sek_case_task_updated(host, created + 9 * SEK_CASE_MS, TASK, account);
    sek_case_sysmon_file(host, created + 2 * SEK_CASE_MS, host->schedule,
                         "C:\\Windows\\System32\\Tasks" TASK);
    sek_case_step(host, 8, "the follow-up program ends");
    sek_case_exit(host, created + 5 * SEK_CASE_SECOND, loader);
    /* From 10:40 local time, every two hours while the user is logged on. */
    uint64_t first_run = time - time % SEK_CASE_MINUTE + 4 * SEK_CASE_MINUTE;
    for (size_t i = 0; i < 4; i++) {
        run_task(host, first_run + i * 2 * SEK_CASE_HOUR + 80 * SEK_CASE_MS, false);
    }
    sek_case_quiet(host);
}

/* Names and number of tries of the built-in list; the last one is right. */
static const struct {
    const char *user;
    bool unknown;
    uint8_t tries;
} guesses[] = {{"administrator", false, 9}, {"admin", true, 4},         {"user", true, 3},
               {"test", true, 3},           {"backup", true, 4},        {"scanner", false, 6},
               {"support", true, 3},        {"Administrator", false, 5}};

void sek_case_wave1_spread_client(SekCaseHost *host, const SekCaseProc *proc, uint64_t time) {
    SekCaseRng rng = sek_case_rng(time, "spread");
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++) {
        for (uint8_t k = 0; k < guesses[i].tries; k++) {
            const char *account[2] = {guesses[i].user, "SRV-FILE-01"};
            sek_case_step(host, 9, "rundll32 tries another account against the file server");
            sek_case_explicit_logon(host, time, proc, account, "SRV-FILE-01", "445");
            time += sek_case_span(&rng, 90 * SEK_CASE_MS, 420 * SEK_CASE_MS);
        }
    }
    sek_case_quiet(host);
}

static void guess(SekCaseHost *host, SekCaseRng *rng, uint64_t time, const char *user, bool unknown) {
    const char *port = sek_case_fmt(host->arena, "%u", sek_case_between(rng, 50300, 50900));
    sek_case_step(host, 9, "network logon with a guessed local account fails");
    sek_case_ntlm(host, time, user, "PC-SALES-07", unknown ? 0xc0000064u : 0xc000006au);
    sek_case_logon_failed(host, time + SEK_CASE_MS,
                          &(SekCaseFailedLogon){.user = user,
                                                .domain = "SRV-FILE-01",
                                                .unknown_user = unknown,
                                                .type = 3,
                                                .workstation = "PC-SALES-07",
                                                .ip = "192.168.10.107",
                                                .port = port});
}

static void write_share(SekCaseHost *host, uint64_t time, const SekCaseSession *session) {
    static const struct {
        const char *share, *local, *file;
        uint32_t access;
        const char *list;
        const char *note;
    } accesses[] = {
        {"\\\\*\\IPC$", "", NULL, 1, "%%4416\r\n\t\t\t\t", "IPC$ opened with the guessed account"},
        {"\\\\*\\ADMIN$", "\\??\\C:\\Windows", NULL, 1, "%%4416\r\n\t\t\t\t",
         "admin share opened with the guessed account"},
        {"\\\\*\\ADMIN$", "\\??\\C:\\Windows", "SysWOW64\\Aibevs", 0x100081,
         "%%1541\r\n\t\t\t\t%%4416\r\n\t\t\t\t%%4423\r\n\t\t\t\t", "folder made on the admin share"},
        {"\\\\*\\ADMIN$", "\\??\\C:\\Windows", "SysWOW64\\Aibevs\\jbcss.nfg", 0x120196,
         "%%1538\r\n\t\t\t\t%%1541\r\n\t\t\t\t%%4417\r\n\t\t\t\t%%4418\r\n\t\t\t\t%%4420\r\n"
         "\t\t\t\t%%4423\r\n\t\t\t\t%%4424\r\n\t\t\t\t",
         "file written to the admin share"},
        {"\\\\*\\IPC$", "", "svcctl", 0x12019f,
         "%%1538\r\n\t\t\t\t%%1541\r\n\t\t\t\t%%4416\r\n\t\t\t\t%%4417\r\n\t\t\t\t%%4418\r\n"
         "\t\t\t\t%%4419\r\n\t\t\t\t%%4420\r\n\t\t\t\t%%4423\r\n\t\t\t\t%%4424\r\n\t\t\t\t",
         "service manager opened over the network"},
    };
    for (size_t i = 0; i < sizeof accesses / sizeof *accesses; i++) {
        sek_case_step(host, 9, accesses[i].note);
        sek_case_share(host, time + i * 170 * SEK_CASE_MS,
                       &(SekCaseShare){.session = session,
                                       .ip = "192.168.10.107",
                                       .port = "50911",
                                       .share = accesses[i].share,
                                       .local = accesses[i].local,
                                       .file = accesses[i].file,
                                       .access = accesses[i].access,
                                       .access_list = accesses[i].list});
    }
}

/* The service is named <x>.<y>, its description borrowed from the print spooler. */
static void make_service(SekCaseHost *host, uint64_t time, const SekCaseSession *session) {
    const char *command = "C:\\Windows\\SysWOW64\\rundll32.exe "
                          "\"C:\\Windows\\SysWOW64\\Aibevs\\jbcss.nfg\",Control_RunDLL";
    const char *key = "HKLM\\System\\CurrentControlSet\\Services\\jbcss.nfg\\";
    sek_case_step(host, 9, "service with a dot in its name");
    sek_case_service_new(host, time, session, "jbcss.nfg", command);
    sek_case_service_installed(host, time + 4 * SEK_CASE_MS, session, "jbcss.nfg", command);
    sek_case_sysmon_value(host, time + 2 * SEK_CASE_MS, host->services,
                          sek_case_fmt(host->arena, "%sStart", key), "DWORD (0x00000002)");
    sek_case_sysmon_value(host, time + 2 * SEK_CASE_MS, host->services,
                          sek_case_fmt(host->arena, "%sImagePath", key), command);
    sek_case_step(host, 9, "its description is that of another service");
    sek_case_sysmon_value(host, time + 30 * SEK_CASE_MS, host->services,
                          sek_case_fmt(host->arena, "%sDescription", key),
                          "This service spools print jobs and handles interaction with the "
                          "printer.");
    sek_case_step(host, 9, "the service starts rundll32");
    SekCaseProc *proc = sek_case_start(host, time + 260 * SEK_CASE_MS,
                                       &(SekCaseSpawn){.image = "C:\\Windows\\SysWOW64\\rundll32.exe",
                                                       .command = command,
                                                       .parent = host->services});
    sek_case_sysmon_image(host, time + 340 * SEK_CASE_MS, proc, "C:\\Windows\\SysWOW64\\Aibevs\\jbcss.nfg");
    sek_case_service_state(host, time + 400 * SEK_CASE_MS, "jbcss.nfg", "jbcss.nfg", true);
}

void sek_case_wave1_spread_server(SekCaseHost *host, uint64_t time) {
    SekCaseRng rng = sek_case_rng(time, "spread");
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++) {
        for (uint8_t k = 0; k < guesses[i].tries; k++) {
            guess(host, &rng, time + 20 * SEK_CASE_MS, guesses[i].user, guesses[i].unknown);
            time += sek_case_span(&rng, 90 * SEK_CASE_MS, 420 * SEK_CASE_MS);
        }
    }
    SekCaseSession *session = sek_case_session(
        host, time, sek_case_fmt(host->arena, "%s-500", host->machine_sid), "Administrator", "SRV-FILE-01");
    sek_case_step(host, 9, "network logon with the guessed local account succeeds");
    sek_case_ntlm(host, time, "Administrator", "PC-SALES-07", 0);
    sek_case_privileges(host, time + 2 * SEK_CASE_MS, session);
    sek_case_logon(host, time + 3 * SEK_CASE_MS,
                   &(SekCaseLogon){.session = session,
                                   .type = 3,
                                   .process = "NtLmSsp ",
                                   .package = "NTLM",
                                   .workstation = "PC-SALES-07",
                                   .ip = "192.168.10.107",
                                   .port = "50911",
                                   .lm_package = "NTLM V2",
                                   .elevated = true});
    write_share(host, time + 40 * SEK_CASE_MS, session);
    sek_case_step(host, 9, "the file appears on the server");
    sek_case_sysmon_file(host, time + 560 * SEK_CASE_MS, host->kernel,
                         "C:\\Windows\\SysWOW64\\Aibevs\\jbcss.nfg");
    make_service(host, time + 1300 * SEK_CASE_MS, session);
    sek_case_step(host, 9, "the guessed account logs off");
    sek_case_logoff(host, time + 12 * SEK_CASE_SECOND, session, 3);
    sek_case_quiet(host);
}
