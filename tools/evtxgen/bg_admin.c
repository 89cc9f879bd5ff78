/* SPDX-License-Identifier: Apache-2.0 */
/* Management and software of users: the honest work that looks most like an attack.
 *
 * An agent runs signed scripts through powershell.exe -EncodedCommand; a backup runs as a task; a
 * helpdesk tool is started from Downloads; a program updates itself below AppData and enters
 * itself in Run and in the task scheduler. */
#include "evtxgen/case_background.h"
#include "evtxgen/case_text.h"

#define AGENT "C:\\Program Files\\Hinoki\\Agent\\"
#define POWERSHELL "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"
#define RUN_KEY "\\Software\\Microsoft\\Windows\\CurrentVersion\\Run"

static const char *const agent_scripts[] = {
    "& 'C:\\Program Files\\Hinoki\\Agent\\Scripts\\Get-Inventory.ps1' -Scope Machine | "
    "ConvertTo-Json -Compress",
    "& 'C:\\Program Files\\Hinoki\\Agent\\Scripts\\Test-Compliance.ps1' -Policy 'Baseline-2020'",
    "Get-CimInstance -ClassName Win32_BIOS | Select-Object SerialNumber, SMBIOSBIOSVersion | "
    "ConvertTo-Json -Compress",
    "Get-BitLockerVolume -MountPoint 'C:' | Select-Object MountPoint, ProtectionStatus, "
    "EncryptionPercentage | ConvertTo-Json -Compress",
};

static const char inventory_script[] =
    "# Get-Inventory.ps1 - Hinoki Endpoint Management 6.4\r\n"
    "[CmdletBinding()]\r\nparam(\r\n    [ValidateSet('Machine', 'User')] [string] $Scope = "
    "'Machine'\r\n)\r\n$os = Get-CimInstance -ClassName Win32_OperatingSystem\r\n"
    "$disk = Get-CimInstance -ClassName Win32_LogicalDisk -Filter 'DriveType=3'\r\n"
    "[pscustomobject]@{\r\n    Computer = $env:COMPUTERNAME\r\n    Build = $os.BuildNumber\r\n"
    "    FreeGB = [math]::Round(($disk | Measure-Object FreeSpace -Sum).Sum / 1GB, 1)\r\n"
    "    LastBoot = $os.LastBootUpTime\r\n}\r\n"
    "# SIG # Begin signature block\r\n# MIIFmgYJKoZIhvcNAQcCoIIFizCCBYcCAQExCzAJBgUrDgMCGgUAMGkG\r\n"
    "# SIG # End signature block\r\n";

static void agent_powershell(SekCaseHost *host, SekCaseRng *rng, uint64_t time) {
    uint32_t pick = sek_case_below(rng, sizeof agent_scripts / sizeof *agent_scripts);
    const char *script = agent_scripts[pick];
    char *command = sek_case_fmt(host->arena,
                                 "\"" POWERSHELL "\" -NoLogo -NoProfile -NonInteractive "
                                 "-ExecutionPolicy AllSigned -EncodedCommand %s",
                                 sek_case_base64_utf16(host->arena, script));
    SekCaseProc *ps = sek_case_start(
        host, time,
        &(SekCaseSpawn){.image = POWERSHELL, .command = command, .directory = AGENT, .parent = host->agent});
    SekCaseProc *conhost = sek_case_start(
        host, time + 20 * SEK_CASE_MS,
        &(SekCaseSpawn){.image = "C:\\Windows\\System32\\conhost.exe",
                        .command = "\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1",
                        .directory = "C:\\Windows",
                        .parent = ps});
    SekCaseRunspace *rs = sek_case_powershell_start(host, time, ps, NULL);
    sek_case_script_block(host, time + 700 * SEK_CASE_MS, rs, &script, 1, NULL, false);
    if (pick == 0) {
        const char *const file = inventory_script;
        sek_case_script_block(host, time + 760 * SEK_CASE_MS, rs, &file, 1,
                              AGENT "Scripts\\Get-Inventory.ps1", false);
    }
    uint64_t end = time + sek_case_span(rng, 3 * SEK_CASE_SECOND, 19 * SEK_CASE_SECOND);
    sek_case_powershell_stop(host, end, rs);
    sek_case_exit(host, end + 40 * SEK_CASE_MS, ps);
    sek_case_exit(host, end + 45 * SEK_CASE_MS, conhost);
}

static void backup(SekCaseHost *host, SekCaseRng *rng, uint64_t time) {
    const char *image =
        host->is_server ? "C:\\Windows\\System32\\wbadmin.exe" : "C:\\Windows\\System32\\Robocopy.exe";
    const char *command =
        host->is_server ? "C:\\Windows\\system32\\wbadmin.exe start backup -templateId:{8f1c2d7e-52a1-4f0e-"
                          "9d6b-0f4b1a7c33d5} -quiet"
                        : sek_case_fmt(host->arena,
                                       "C:\\Windows\\system32\\Robocopy.exe D:\\Work "
                                       "\\\\SRV-FILE-01\\Backup$\\%s /MIR /R:2 /W:5 /NP "
                                       "/LOG:C:\\ProgramData\\Yamabuki\\backup.log",
                                       host->name);
    uint64_t took = sek_case_span(rng, 4 * SEK_CASE_MINUTE, 22 * SEK_CASE_MINUTE);
    SekCaseProc *proc = sek_case_run(
        host, time, took,
        &(SekCaseSpawn){
            .image = image, .command = command, .parent = host->schedule, .session = &host->system});
    sek_case_task_run(host, time - 8 * SEK_CASE_MS,
                      &(SekCaseTaskRun){.task = "\\Yamabuki\\Nightly backup",
                                        .account = "NT AUTHORITY\\SYSTEM",
                                        .action = image,
                                        .pid = proc->pid,
                                        .took = took + 30 * SEK_CASE_MS});
    sek_case_sysmon_file(host, time + 300 * SEK_CASE_MS, proc, "C:\\ProgramData\\Yamabuki\\backup.log");
}

/* A new version of the agent brings a helper service. */
static void agent_update(SekCaseHost *host, uint64_t time) {
    const char *const service = "HinokiHelper";
    const char *const path = "\"" AGENT "hinokihelper.exe\" --service";
    SekCaseProc *updater =
        sek_case_start(host, time,
                       &(SekCaseSpawn){.image = AGENT "hinokiupdate.exe",
                                       .command = "\"" AGENT "hinokiupdate.exe\" --apply 6.4.2",
                                       .directory = AGENT,
                                       .parent = host->agent});
    sek_case_sysmon_file(host, time + 3 * SEK_CASE_SECOND, updater, AGENT "hinokihelper.exe");
    sek_case_service_new(host, time + 4 * SEK_CASE_SECOND, &host->system, service, path);
    sek_case_service_installed(host, time + 4 * SEK_CASE_SECOND + 7 * SEK_CASE_MS, &host->system, service,
                               path);
    sek_case_sysmon_value(host, time + 4 * SEK_CASE_SECOND, host->services,
                          "HKLM\\System\\CurrentControlSet\\Services\\HinokiHelper\\ImagePath", path);
    sek_case_service_state(host, time + 6 * SEK_CASE_SECOND, "Hinoki Helper", service, true);
    sek_case_exit(host, time + 9 * SEK_CASE_SECOND, updater);
}

void sek_case_admin_background(SekCaseHost *host, SekCaseSpan span) {
    SekCaseRng rng = sek_case_rng(span.from, sek_case_fmt(host->arena, "%s/admin", host->name));
    for (uint64_t t = span.from + sek_case_span(&rng, 25 * SEK_CASE_MINUTE, SEK_CASE_HOUR); t < span.to;
         t += sek_case_span(&rng, 3 * SEK_CASE_HOUR, 5 * SEK_CASE_HOUR)) {
        agent_powershell(host, &rng, t);
    }
    /* Backups start at 19:30, local time: 10:30 UTC. */
    uint64_t day = span.from - span.from % (24 * SEK_CASE_HOUR);
    for (uint64_t t = day + 10 * SEK_CASE_HOUR + 30 * SEK_CASE_MINUTE; t < span.to; t += 24 * SEK_CASE_HOUR) {
        if (t > span.from) {
            backup(host, &rng, t + sek_case_span(&rng, SEK_CASE_MS, 900 * SEK_CASE_MS));
        }
    }
    agent_update(host, span.from + sek_case_span(&rng, 5 * SEK_CASE_HOUR, 8 * SEK_CASE_HOUR));
}

void sek_case_helpdesk(SekCaseHost *host, uint64_t time) {
    SekCaseRng rng = sek_case_rng(time, "helpdesk");
    const char *path = sek_case_fill(host, &rng, "C:\\Users\\{user}\\Downloads\\MomijiSupport_QS.exe");
    const char *name = "relay.momiji.example";
    sek_case_sysmon_dns(host, time, host->browser, "get.momiji.example", "::ffff:198.51.100.212;");
    sek_case_sysmon_file(host, time + 4 * SEK_CASE_SECOND, host->browser, path);
    time += 21 * SEK_CASE_SECOND;
    SekCaseProc *tool = sek_case_start(
        host, time,
        &(SekCaseSpawn){.image = path,
                        .command = sek_case_fmt(host->arena, "\"%s\" ", path),
                        .directory = sek_case_fill(host, &rng, "C:\\Users\\{user}\\Downloads\\"),
                        .parent = host->explorer});
    sek_case_sysmon_dns(host, time + 900 * SEK_CASE_MS, tool, name, "::ffff:198.51.100.213;");
    sek_case_sysmon_network(
        host, time + SEK_CASE_SECOND, tool,
        &(SekCaseConnection){.ip = "198.51.100.213", .name = name, .port = 443, .port_name = "https"});
    sek_case_exit(host, time + sek_case_span(&rng, 6 * SEK_CASE_MINUTE, 19 * SEK_CASE_MINUTE), tool);
}

static const char *updater_task_xml(SekCaseHost *host, const char *program) {
    return sek_case_fmt(
        host->arena,
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n"
        "<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n"
        "  <RegistrationInfo>\r\n    <Author>Kohaku Labs Inc.</Author>\r\n"
        "    <URI>\\MeishiBoxUpdateTask-%s</URI>\r\n  </RegistrationInfo>\r\n"
        "  <Triggers>\r\n    <CalendarTrigger>\r\n      <Repetition>\r\n"
        "        <Interval>PT4H</Interval>\r\n        <Duration>P1D</Duration>\r\n"
        "      </Repetition>\r\n      <StartBoundary>2020-04-01T09:12:00</StartBoundary>\r\n"
        "      <Enabled>true</Enabled>\r\n      <ScheduleByDay>\r\n"
        "        <DaysInterval>1</DaysInterval>\r\n      </ScheduleByDay>\r\n"
        "    </CalendarTrigger>\r\n  </Triggers>\r\n  <Principals>\r\n"
        "    <Principal id=\"Author\">\r\n      <UserId>%s</UserId>\r\n"
        "      <LogonType>InteractiveToken</LogonType>\r\n"
        "      <RunLevel>LeastPrivilege</RunLevel>\r\n    </Principal>\r\n  </Principals>\r\n"
        "  <Settings>\r\n    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>\r\n"
        "    <Enabled>true</Enabled>\r\n    <Hidden>false</Hidden>\r\n"
        "    <ExecutionTimeLimit>PT1H</ExecutionTimeLimit>\r\n    <Priority>7</Priority>\r\n"
        "  </Settings>\r\n  <Actions Context=\"Author\">\r\n    <Exec>\r\n"
        "      <Command>%s</Command>\r\n      <Arguments>/silent</Arguments>\r\n"
        "    </Exec>\r\n  </Actions>\r\n</Task>",
        host->user->user, host->user->sid, program);
}

/* What the updater enters after a new version: Run value and task. */
static void register_updater(SekCaseHost *host, uint64_t time, const SekCaseProc *updater,
                             const char *const program[2], const char *task) {
    const char *account = sek_case_account(host, host->user);
    const char *run = sek_case_fmt(host->arena, "\"%s\" --background", program[0]);
    const char *audited[2] = {"MeishiBox", run};
    const char *xml = updater_task_xml(host, program[1]);
    sek_case_sysmon_file(host, time, updater, program[0]);
    time += 2 * SEK_CASE_SECOND;
    sek_case_sysmon_value(host, time, updater,
                          sek_case_fmt(host->arena, "HKU\\%s" RUN_KEY "\\MeishiBox", host->user->sid), run);
    sek_case_registry_audit(host, time, updater,
                            sek_case_fmt(host->arena, "\\REGISTRY\\USER\\%s" RUN_KEY, host->user->sid),
                            audited);
    time += 300 * SEK_CASE_MS;
    sek_case_task_created(host, time, host->user, task, xml);
    sek_case_task_registered(host, time, task, account);
    sek_case_task_updated(host, time + 12 * SEK_CASE_MS, task, account);
    sek_case_sysmon_file(host, time + 5 * SEK_CASE_MS, host->schedule,
                         sek_case_fmt(host->arena, "C:\\Windows\\System32\\Tasks%s", task));
}

void sek_case_user_updater(SekCaseHost *host, uint64_t time, bool first) {
    SekCaseRng rng = sek_case_rng(time, "meishibox");
    const char *folder = sek_case_fill(host, &rng, "C:\\Users\\{user}\\AppData\\Local\\MeishiBox\\");
    const char *program[2] = {sek_case_fmt(host->arena, "%sMeishiBox.exe", folder),
                              sek_case_fmt(host->arena, "%sMeishiBoxUpdate.exe", folder)};
    const char *task = sek_case_fmt(host->arena, "\\MeishiBoxUpdateTask-%s", host->user->user);
    uint64_t took = sek_case_span(&rng, 6 * SEK_CASE_SECOND, 30 * SEK_CASE_SECOND);
    SekCaseProc *updater =
        sek_case_run(host, time, took,
                     &(SekCaseSpawn){.image = program[1],
                                     .command = sek_case_fmt(host->arena, "\"%s\" /silent", program[1]),
                                     .directory = folder,
                                     .parent = host->schedule,
                                     .session = host->user,
                                     .integrity = "Medium"});
    sek_case_task_run(host, time - 7 * SEK_CASE_MS,
                      &(SekCaseTaskRun){.task = task,
                                        .account = sek_case_account(host, host->user),
                                        .action = program[1],
                                        .pid = updater->pid,
                                        .took = took});
    sek_case_sysmon_dns(host, time + SEK_CASE_SECOND, updater, "update.meishibox.example",
                        "::ffff:203.0.113.88;");
    sek_case_sysmon_network(
        host, time + SEK_CASE_SECOND + 40 * SEK_CASE_MS, updater,
        &(SekCaseConnection){
            .ip = "203.0.113.88", .name = "update.meishibox.example", .port = 443, .port_name = "https"});
    if (first) {
        register_updater(host, time + 3 * SEK_CASE_SECOND, updater, program, task);
    }
}
