/* SPDX-License-Identifier: Apache-2.0 */
/* Service processes, scheduled tasks, service logons: what Windows does by itself. */
#include <string.h>

#include "evtxgen/case_background.h"

#define SYS32 "C:\\Windows\\System32\\"
#define PLATFORM "C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\{platform}-0\\"

typedef enum Parent { BY_SERVICES, BY_DCOM, BY_SCHEDULE } Parent;
typedef enum Account { AS_SYSTEM, AS_LOCAL, AS_NETWORK, AS_USER } Account;

typedef struct Transient {
    const char *image;
    const char *command;
    uint8_t parent;
    uint8_t account;
    uint8_t weight;
    uint8_t low, high; /* how long it lives: seconds to 10 seconds */
    bool in_sysmon;
} Transient;

static const Transient transients[] = {
    {SYS32 "svchost.exe", "C:\\Windows\\system32\\svchost.exe -k wsappx -p -s ClipSVC", BY_SERVICES,
     AS_SYSTEM, 9, 20, 60, false},
    {SYS32 "svchost.exe", "C:\\Windows\\system32\\svchost.exe -k wsappx -p -s AppXSvc", BY_SERVICES,
     AS_SYSTEM, 8, 20, 60, false},
    {SYS32 "svchost.exe", "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s BITS", BY_SERVICES, AS_SYSTEM,
     6, 30, 90, false},
    {SYS32 "svchost.exe", "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s UsoSvc", BY_SERVICES,
     AS_SYSTEM, 5, 30, 120, false},
    {SYS32 "svchost.exe", "C:\\Windows\\System32\\svchost.exe -k LocalServiceNetworkRestricted", BY_SERVICES,
     AS_LOCAL, 5, 15, 90, false},
    {SYS32 "svchost.exe", "C:\\Windows\\system32\\svchost.exe -k LocalService -p -s fdPHost", BY_SERVICES,
     AS_LOCAL, 3, 15, 40, false},
    {SYS32 "svchost.exe", "C:\\Windows\\System32\\svchost.exe -k NetworkService -p -s DoSvc", BY_SERVICES,
     AS_NETWORK, 5, 20, 120, false},
    {SYS32 "wbem\\WmiPrvSE.exe", "C:\\Windows\\system32\\wbem\\wmiprvse.exe -secured -Embedding", BY_DCOM,
     AS_NETWORK, 8, 60, 100, true},
    {SYS32 "wbem\\WmiPrvSE.exe", "C:\\Windows\\system32\\wbem\\wmiprvse.exe -Embedding", BY_DCOM, AS_SYSTEM,
     5, 60, 100, true},
    {SYS32 "dllhost.exe",
     "C:\\Windows\\system32\\DllHost.exe /Processid:{3EB3C877-1F16-487C-9050-104DBCD66683}", BY_DCOM,
     AS_SYSTEM, 5, 4, 8, true},
    {SYS32 "dllhost.exe",
     "C:\\Windows\\system32\\DllHost.exe /Processid:{E10F6C3A-F1AE-4ADC-AA9D-2FE65525666E}", BY_DCOM,
     AS_SYSTEM, 4, 4, 8, true},
    {SYS32 "taskhostw.exe", "taskhostw.exe", BY_SCHEDULE, AS_SYSTEM, 7, 10, 200, true},
    {SYS32 "MoUsoCoreWorker.exe", "C:\\Windows\\System32\\mousocoreworker.exe -Embedding", BY_DCOM, AS_SYSTEM,
     5, 60, 250, true},
    {SYS32 "UsoClient.exe", "C:\\Windows\\system32\\usoclient.exe StartScan", BY_SCHEDULE, AS_SYSTEM, 3, 1, 3,
     true},
    {SYS32 "sppsvc.exe", "C:\\Windows\\system32\\sppsvc.exe", BY_SERVICES, AS_NETWORK, 4, 30, 40, true},
    {SYS32 "SearchProtocolHost.exe",
     "\"C:\\Windows\\system32\\SearchProtocolHost.exe\" Global\\UsGthrFltPipeMssGthrPipe{n}_ "
     "Global\\UsGthrCtrlFltPipeMssGthrPipe{n} 1 -2147483646 \"Software\\Microsoft\\Windows Search\" "
     "\"Mozilla/4.0 (compatible; MSIE 6.0; Windows NT; MS Search 4.0 Robot)\" "
     "\"C:\\ProgramData\\Microsoft\\Search\\Data\\Temp\\usgthrsvc\" \"DownLevelDaemon\" ",
     BY_SERVICES, AS_SYSTEM, 6, 60, 70, false},
    {SYS32 "SearchFilterHost.exe",
     "\"C:\\Windows\\system32\\SearchFilterHost.exe\" 0 808 812 820 8192 816 792 ", BY_SERVICES, AS_SYSTEM, 6,
     60, 70, false},
    {SYS32 "CompatTelRunner.exe", "C:\\Windows\\system32\\compattelrunner.exe -maintenance", BY_SCHEDULE,
     AS_SYSTEM, 1, 20, 120, true},
    {"C:\\Program Files (x86)\\Google\\Update\\GoogleUpdate.exe",
     "\"C:\\Program Files (x86)\\Google\\Update\\GoogleUpdate.exe\" /ua /installsource scheduler",
     BY_SCHEDULE, AS_SYSTEM, 4, 2, 9, true},
    {"C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe",
     "\"C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe\" /ua "
     "/installsource scheduler",
     BY_SCHEDULE, AS_SYSTEM, 4, 2, 9, true},
    {PLATFORM "MpCmdRun.exe",
     "\"" PLATFORM "MpCmdRun.exe\" SignatureUpdate -ScheduleJob -RestrictPrivileges -Reinvoke", BY_SERVICES,
     AS_NETWORK, 2, 3, 30, true},
    {"C:\\Windows\\servicing\\TrustedInstaller.exe", "C:\\Windows\\servicing\\TrustedInstaller.exe",
     BY_SERVICES, AS_SYSTEM, 2, 100, 250, true},
    {SYS32 "audiodg.exe", "C:\\Windows\\system32\\AUDIODG.EXE 0x3f8", BY_SERVICES, AS_LOCAL, 3, 30, 250,
     false},
    {SYS32 "wermgr.exe", "C:\\Windows\\system32\\wermgr.exe -upload", BY_SCHEDULE, AS_SYSTEM, 1, 1, 4, true},
};

static const SekCaseProc *parent_of(const SekCaseHost *host, uint8_t parent) {
    return parent == BY_SERVICES ? host->services : parent == BY_DCOM ? host->dcom_launch : host->schedule;
}

static const SekCaseSession *session_of(const SekCaseHost *host, uint8_t account) {
    return account == AS_LOCAL     ? &host->local_service
           : account == AS_NETWORK ? &host->network_service
                                   : &host->system;
}

static void service_processes(SekCaseHost *host, SekCaseSpan span, uint64_t mean) {
    SekCaseRng rng = sek_case_rng(span.from, sek_case_fmt(host->arena, "%s/transient", host->name));
    uint32_t total = 0;
    for (size_t i = 0; i < sizeof transients / sizeof *transients; i++) {
        total += transients[i].weight;
    }
    for (uint64_t t = span.from + sek_case_wait(&rng, mean); t < span.to; t += sek_case_wait(&rng, mean)) {
        uint32_t pick = sek_case_below(&rng, total);
        const Transient *what = transients;
        while (pick >= what->weight) {
            pick -= what->weight;
            what++;
        }
        uint64_t took = sek_case_span(&rng, what->low * SEK_CASE_SECOND, what->high * 2 * SEK_CASE_SECOND);
        const char *image = sek_case_fill(host, &rng, what->image);
        SekCaseSpawn spawn = {.image = image,
                              .command = sek_case_fill(host, &rng, what->command),
                              .parent = parent_of(host, what->parent),
                              .session = session_of(host, what->account),
                              .integrity = "System",
                              .not_in_sysmon = !what->in_sysmon};
        SekCaseProc *proc = sek_case_start(host, t, &spawn);
        if (t + took < span.to && what->in_sysmon) {
            sek_case_exit(host, t + took, proc);
        } else if (t + took < span.to) {
            sek_case_security_exit(host, t + took, proc);
        }
    }
}

static void service_logons(SekCaseHost *host, SekCaseSpan span, uint64_t mean) {
    SekCaseRng rng = sek_case_rng(span.from, sek_case_fmt(host->arena, "%s/logon5", host->name));
    for (uint64_t t = span.from + sek_case_wait(&rng, mean); t < span.to; t += sek_case_wait(&rng, mean)) {
        sek_case_logon(host, t,
                       &(SekCaseLogon){.session = &host->system,
                                       .type = 5,
                                       .process = "Advapi  ",
                                       .package = "Negotiate",
                                       .workstation = "-",
                                       .ip = "-",
                                       .port = "-",
                                       .caller = host->services,
                                       .elevated = true});
        sek_case_privileges(host, t + SEK_CASE_MS / 5, &host->system);
    }
}

static const struct {
    const char *task;
    const char *action;
    bool own_process;
} tasks[] = {
    {"\\Microsoft\\Windows\\UpdateOrchestrator\\Schedule Scan", "%systemroot%\\system32\\usoclient.exe",
     true},
    {"\\Microsoft\\Windows\\Windows Error Reporting\\QueueReporting", "%windir%\\system32\\wermgr.exe", true},
    {"\\GoogleUpdateTaskMachineUA", "C:\\Program Files (x86)\\Google\\Update\\GoogleUpdate.exe", true},
    {"\\MicrosoftEdgeUpdateTaskMachineUA",
     "C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe", true},
    {"\\Microsoft\\Windows\\Flighting\\OneSettings\\RefreshCache",
     "%windir%\\system32\\OneSettingsClient.dll", false},
    {"\\Microsoft\\Windows\\Diagnosis\\Scheduled", "Scheduled Maintenance Task Handler", false},
    {"\\Microsoft\\Windows\\.NET Framework\\.NET Framework NGEN v4.0.30319 64", "NGen Task Handler", false},
    {"\\Microsoft\\Windows\\Time Synchronization\\SynchronizeTime", "%windir%\\system32\\sc.exe", true},
    {"\\Microsoft\\Windows\\CertificateServicesClient\\SystemTask",
     "Certificate Services Client Task Handler", false},
    {"\\Microsoft\\Windows\\SoftwareProtectionPlatform\\SvcRestartTask", "%systemroot%\\system32\\sc.exe",
     true},
    {"\\Microsoft\\Windows\\Windows Defender\\Windows Defender Scheduled Scan", PLATFORM "MpCmdRun.exe",
     true},
    {"\\Microsoft\\Office\\Office Automatic Updates 2.0",
     "C:\\Program Files\\Common Files\\Microsoft Shared\\ClickToRun\\OfficeC2RClient.exe", true},
    {"\\Microsoft\\Windows\\Maintenance\\WinSAT", "Windows System Assessment Tool", false},
    {"\\Microsoft\\Windows\\Shell\\IndexerAutomaticMaintenance", "Indexer Maintenance", false},
};

static void scheduled_tasks(SekCaseHost *host, SekCaseSpan span, uint64_t mean) {
    SekCaseRng rng = sek_case_rng(span.from, sek_case_fmt(host->arena, "%s/tasks", host->name));
    for (uint64_t t = span.from + sek_case_wait(&rng, mean); t < span.to; t += sek_case_wait(&rng, mean)) {
        uint32_t pick = sek_case_below(&rng, sizeof tasks / sizeof *tasks);
        const char *action = sek_case_fill(host, &rng, tasks[pick].action);
        uint64_t took = sek_case_span(&rng, 40 * SEK_CASE_MS, 70 * SEK_CASE_SECOND);
        sek_case_task_run(host, t,
                          &(SekCaseTaskRun){.task = tasks[pick].task,
                                            .account = "NT AUTHORITY\\SYSTEM",
                                            .action = action,
                                            .pid = tasks[pick].own_process ? sek_case_pid(host) : 0,
                                            .took = took});
    }
}

static void service_network(SekCaseHost *host, SekCaseSpan span, uint64_t mean) {
    static const struct {
        const char *name;
        const char *ip;
        uint16_t port;
        const char *port_name;
    } peers[] = {
        {"wsus.yamabuki.example", "192.168.10.6", 8530, NULL},
        {"dc01.yamabuki.example", "192.168.10.2", 389, "ldap"},
        {"dc01.yamabuki.example", "192.168.10.2", 88, "kerberos"},
        {"manage.hinoki.example", "198.51.100.201", 443, "https"},
        {"delivery.update-cache.example", "203.0.113.61", 443, "https"},
        {"dc01.yamabuki.example", "192.168.10.2", 135, "epmap"},
    };
    SekCaseRng rng = sek_case_rng(span.from, sek_case_fmt(host->arena, "%s/svcnet", host->name));
    for (uint64_t t = span.from + sek_case_wait(&rng, mean); t < span.to; t += sek_case_wait(&rng, mean)) {
        uint32_t i = sek_case_below(&rng, sizeof peers / sizeof *peers);
        const SekCaseProc *proc = i == 0   ? host->update
                                  : i == 3 ? host->agent
                                  : i == 4 ? host->update
                                           : host->lsass;
        if (sek_case_chance(&rng, 60)) {
            sek_case_sysmon_dns(host, t, i == 3 ? host->agent : host->dns_cache, peers[i].name,
                                sek_case_fmt(host->arena, "::ffff:%s;", peers[i].ip));
        }
        sek_case_sysmon_network(host, t + 45 * SEK_CASE_MS, proc,
                                &(SekCaseConnection){.ip = peers[i].ip,
                                                     .name = peers[i].name,
                                                     .port = peers[i].port,
                                                     .port_name = peers[i].port_name});
    }
}

static void lookups(SekCaseHost *host, SekCaseSpan span, uint64_t mean) {
    SekCaseRng rng = sek_case_rng(span.from, sek_case_fmt(host->arena, "%s/lookup", host->name));
    for (uint64_t t = span.from + sek_case_wait(&rng, mean); t < span.to; t += sek_case_wait(&rng, mean)) {
        switch (sek_case_below(&rng, 4)) {
        case 0:
            sek_case_user_groups(host, t, host->netsvcs);
            break;
        case 1:
            sek_case_group_members(host, t, host->agent, "Administrators", "S-1-5-32-544");
            break;
        case 2:
            sek_case_group_members(host, t, host->netsvcs, "Backup Operators", "S-1-5-32-551");
            break;
        default:
            sek_case_key_use(host, t, &host->local_service);
            break;
        }
    }
}

void sek_case_machine_background(SekCaseHost *host, SekCaseSpan span) {
    uint64_t unit = SEK_CASE_SECOND;
    service_processes(host, span, 1180 * unit);
    service_logons(host, span, 1700 * unit);
    scheduled_tasks(host, span, 3700 * unit);
    service_network(host, span, 2800 * unit);
    lookups(host, span, 3300 * unit);
}
