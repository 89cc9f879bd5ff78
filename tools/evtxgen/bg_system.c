/* SPDX-License-Identifier: Apache-2.0 */
/* System log, updates, policy, and what services write to registry and disk. */
#include <string.h>

#include "evtxgen/case_background.h"

static const struct {
    const char *display;
    const char *name;
} services[] = {
    {"Windows Modules Installer", "TrustedInstaller"},
    {"Software Protection", "sppsvc"},
    {"Background Intelligent Transfer Service", "BITS"},
    {"AppX Deployment Service (AppXSVC)", "AppXSvc"},
    {"Client License Service (ClipSVC)", "ClipSVC"},
    {"Device Setup Manager", "DsmSvc"},
    {"WMI Performance Adapter", "wmiApSrv"},
    {"Network Setup Service", "NetSetupSvc"},
    {"Windows Update", "wuauserv"},
    {"Update Orchestrator Service", "UsoSvc"},
    {"Volume Shadow Copy", "VSS"},
    {"Microsoft Software Shadow Copy Provider", "swprv"},
    {"Portable Device Enumerator Service", "WPDBusEnum"},
    {"Windows Error Reporting Service", "WerSvc"},
    {"Delivery Optimization", "DoSvc"},
};

static void service_states(SekCaseHost *host, SekCaseSpan span, uint64_t mean) {
    SekCaseRng rng = sek_case_rng(span.from, sek_case_fmt(host->arena, "%s/7036", host->name));
    for (uint64_t t = span.from + sek_case_wait(&rng, mean); t < span.to; t += sek_case_wait(&rng, mean)) {
        uint32_t i = sek_case_below(&rng, sizeof services / sizeof *services);
        uint64_t end = t + sek_case_span(&rng, 60 * SEK_CASE_SECOND, 900 * SEK_CASE_SECOND);
        sek_case_service_state(host, t, services[i].display, services[i].name, true);
        if (end < span.to) {
            sek_case_service_state(host, end, services[i].display, services[i].name, false);
        }
        if (strcmp(services[i].name, "BITS") == 0 && end < span.to) {
            const char *bits[2] = {services[i].display, services[i].name};
            sek_case_service_start_type(host, t - SEK_CASE_SECOND, bits, "demand start", "auto start");
            sek_case_service_start_type(host, end, bits, "auto start", "demand start");
        }
    }
}

static void hive_written(SekCaseHost *host, SekCaseRng *rng, uint64_t t) {
    static const char *const hives[] = {
        "\\??\\C:\\ProgramData\\Microsoft\\Provisioning\\Microsoft-Desktop-Provisioning-Sequence.dat",
        "\\SystemRoot\\System32\\Config\\SOFTWARE", "\\??\\C:\\Windows\\AppCompat\\Programs\\Amcache.hve",
        "\\??\\C:\\Windows\\ServiceProfiles\\LocalService\\NTUSER.DAT"};
    const char *hive = hives[sek_case_below(rng, 4)];
    uint32_t keys = sek_case_between(rng, 8, 9000);
    sek_case_hive(host, t, hive, keys, sek_case_between(rng, 3, 600));
}

static void system_events(SekCaseHost *host, SekCaseSpan span, uint64_t mean) {
    static const char *const names[] = {"wpad", "printer-2f.yamabuki.example", "teredo.update-cache.example"};
    SekCaseRng rng = sek_case_rng(span.from, sek_case_fmt(host->arena, "%s/system", host->name));
    for (uint64_t t = span.from + sek_case_wait(&rng, mean); t < span.to; t += sek_case_wait(&rng, mean)) {
        switch (sek_case_below(&rng, 5)) {
        case 0:
        case 1:
            hive_written(host, &rng, t);
            break;
        case 2:
            sek_case_dns_timeout(host, t, names[sek_case_below(&rng, 3)]);
            break;
        case 3:
            sek_case_time_peer(host, t);
            break;
        default:
            sek_case_dcom_permission(host, t);
            break;
        }
    }
    /* The uptime is written at noon, local time: 03:00 UTC. */
    uint64_t day = span.from - span.from % (24 * SEK_CASE_HOUR);
    for (uint64_t t = day + 3 * SEK_CASE_HOUR; t < span.to; t += 24 * SEK_CASE_HOUR) {
        if (t >= span.from) {
            sek_case_uptime(host, t + SEK_CASE_SECOND);
        }
    }
}

static void group_policy(SekCaseHost *host, SekCaseSpan span) {
    SekCaseRng rng = sek_case_rng(span.from, sek_case_fmt(host->arena, "%s/policy", host->name));
    for (uint64_t t = span.from + sek_case_span(&rng, 0, 90 * SEK_CASE_MINUTE); t < span.to;
         t += sek_case_span(&rng, 90 * SEK_CASE_MINUTE, 120 * SEK_CASE_MINUTE)) {
        sek_case_policy(host, t, false);
        if (!host->is_server) {
            sek_case_policy(host, t + sek_case_span(&rng, SEK_CASE_SECOND, 60 * SEK_CASE_SECOND), true);
        }
    }
}

static void one_update(SekCaseHost *host, SekCaseRng *rng, uint64_t t, uint32_t version) {
    char *patch = sek_case_fmt(host->arena,
                               "C:\\Windows\\SoftwareDistribution\\Download\\Install\\"
                               "AM_Delta_Patch_%s.%u.0.exe",
                               host->definitions, version);
    uint64_t took = sek_case_span(rng, 20 * SEK_CASE_SECOND, 90 * SEK_CASE_SECOND);
    sek_case_update(host, t, took,
                    sek_case_fmt(host->arena,
                                 "Security Intelligence Update for Microsoft Defender Antivirus - "
                                 "KB2267602 (Version %s.%u.0)",
                                 host->definitions, version));
    t += 6 * SEK_CASE_SECOND;
    sek_case_sysmon_file(host, t, host->update, patch);
    SekCaseProc *wuauclt = sek_case_start(host, t + 2 * SEK_CASE_SECOND,
                                          &(SekCaseSpawn){.image = "C:\\Windows\\System32\\wuauclt.exe",
                                                          .command = "\"C:\\Windows\\system32\\wuauclt.exe\" "
                                                                     "/RunHandlerComServer",
                                                          .parent = host->update});
    SekCaseProc *am = sek_case_start(
        host, t + 3 * SEK_CASE_SECOND,
        &(SekCaseSpawn){
            .image = patch, .command = sek_case_fmt(host->arena, "\"%s\" WD /q", patch), .parent = wuauclt});
    SekCaseProc *stub = sek_case_start(
        host, t + 4 * SEK_CASE_SECOND,
        &(SekCaseSpawn){.image = "C:\\Windows\\System32\\MpSigStub.exe",
                        .command = sek_case_fmt(host->arena,
                                                "C:\\Windows\\system32\\MpSigStub.exe /stub "
                                                "1.1.17600.5 /payload %s.%u.0 /program %s WD /q",
                                                host->definitions, version, patch),
                        .parent = am});
    sek_case_exit(host, t + took - SEK_CASE_SECOND, stub);
    sek_case_exit(host, t + took, am);
    sek_case_exit(host, t + took + SEK_CASE_SECOND, wuauclt);
}

static void updates(SekCaseHost *host, SekCaseSpan span) {
    SekCaseRng rng = sek_case_rng(span.from, sek_case_fmt(host->arena, "%s/updates", host->name));
    uint32_t version = 1140;
    for (uint64_t t = span.from + sek_case_span(&rng, 20 * SEK_CASE_MINUTE, 5 * SEK_CASE_HOUR);
         t < span.to - 10 * SEK_CASE_MINUTE;
         t += sek_case_span(&rng, 7 * SEK_CASE_HOUR, 11 * SEK_CASE_HOUR)) {
        one_update(host, &rng, t, version);
        version += sek_case_between(&rng, 40, 120);
    }
}

static void registry_writes(SekCaseHost *host, SekCaseSpan span, uint64_t mean) {
    static const struct {
        const char *value;
        const char *details;
        bool by_services;
    } writes[] = {
        {"HKLM\\System\\CurrentControlSet\\Services\\W32Time\\Config\\Status\\LastGoodSampleInfo",
         "Binary Data", false},
        {"HKLM\\System\\CurrentControlSet\\Services\\BITS\\Start", "DWORD (0x00000002)", true},
        {"HKLM\\System\\CurrentControlSet\\Services\\BITS\\Start", "DWORD (0x00000003)", true},
        {"HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\Results\\"
         "Detect\\LastSuccessTime",
         "{date}", false},
        {"HKLM\\System\\CurrentControlSet\\Services\\bam\\State\\UserSettings\\S-1-5-18"
         "\\Device\\HarddiskVolume3\\Windows\\System32\\svchost.exe",
         "Binary Data", false},
        {"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tasks\\"
         "{0C3C29C1-0F36-4A0C-A0F8-0A3B3E1D7D53}\\DynamicInfo",
         "Binary Data", false},
        {"HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\Signature Updates\\SignaturesLastUpdated",
         "Binary Data", false},
        {"HKLM\\System\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces\\"
         "{71b2aa0d-5c2f-4d0b-9a8d-9b6c3e0f8a10}\\LeaseObtainedTime",
         "DWORD (0x5fe0a1c4)", false},
    };
    SekCaseRng rng = sek_case_rng(span.from, sek_case_fmt(host->arena, "%s/reg", host->name));
    for (uint64_t t = span.from + sek_case_wait(&rng, mean); t < span.to; t += sek_case_wait(&rng, mean)) {
        uint32_t i = sek_case_below(&rng, sizeof writes / sizeof *writes);
        sek_case_sysmon_value(host, t, writes[i].by_services ? host->services : host->netsvcs,
                              writes[i].value,
                              writes[i].details[0] == '{' ? sek_case_date_text(host, t) : writes[i].details);
    }
}

static void files_of_services(SekCaseHost *host, SekCaseSpan span, uint64_t mean) {
    static const char *const files[] = {
        "C:\\Windows\\Temp\\MpSigStub.log",
        "C:\\ProgramData\\Microsoft\\Network\\Downloader\\edb{n}.log",
        "C:\\Windows\\System32\\LogFiles\\WMI\\RtBackup\\EtwRTEventLog-{n}.etl",
        ("C:\\Windows\\ServiceProfiles\\NetworkService\\AppData\\Local\\Microsoft\\Windows\\"
         "DeliveryOptimization\\Cache\\{n}.bin"),
        "C:\\ProgramData\\Hinoki\\Agent\\spool\\inventory-{n}.json",
        "C:\\Windows\\System32\\Tasks\\Microsoft\\Windows\\UpdateOrchestrator\\Schedule Wake To Work",
    };
    SekCaseRng rng = sek_case_rng(span.from, sek_case_fmt(host->arena, "%s/files", host->name));
    for (uint64_t t = span.from + sek_case_wait(&rng, mean); t < span.to; t += sek_case_wait(&rng, mean)) {
        uint32_t i = sek_case_below(&rng, sizeof files / sizeof *files);
        const char *path = sek_case_fill(host, &rng, files[i]);
        const SekCaseProc *proc = i == 4 ? host->agent : i == 5 ? host->schedule : host->netsvcs;
        sek_case_sysmon_file(host, t, proc, path);
        if (i == 4) {
            sek_case_sysmon_delete(host, t + 70 * SEK_CASE_SECOND, proc, path, false);
        }
    }
}

void sek_case_system_background(SekCaseHost *host, SekCaseSpan span) {
    service_states(host, span, 1700 * SEK_CASE_SECOND);
    system_events(host, span, 2100 * SEK_CASE_SECOND);
    group_policy(host, span);
    updates(host, span);
    registry_writes(host, span, 2400 * SEK_CASE_SECOND);
    files_of_services(host, span, 2800 * SEK_CASE_SECOND);
}
