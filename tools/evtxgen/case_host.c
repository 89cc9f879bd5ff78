/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts, sessions and processes; see the header. */
#include "evtxgen/case_host.h"

#include <inttypes.h>
#include <string.h>

#include "evtxgen/case_events.h"
#include "evtxgen/case_images.h"

enum { PID_STEP = 4, PROCESS_NUMBERS = 1 << 20 };

/* Seconds between 1601-01-01 and 1970-01-01. */
static const uint64_t unix_epoch = 11644473600ull;

static uint32_t unix_seconds(uint64_t filetime) {
    return (uint32_t)(filetime / SEK_CASE_SECOND - unix_epoch);
}

/* {machine id, time, number}: the form of Sysmon's process and logon GUIDs. */
static SekGenGuid sysmon_guid(const SekCaseHost *host, uint64_t time, uint64_t number) {
    SekGenGuid guid;
    sek_gen_set_u32(guid.bytes, host->machine_id);
    sek_gen_set_u32(guid.bytes + 4, unix_seconds(time));
    sek_gen_set_u64(guid.bytes + 8, number);
    return guid;
}

const char *sek_case_fullname(const SekCaseHost *host, const char *name) {
    return sek_case_fmt(host->arena, "%s.yamabuki.example", name);
}

static SekCaseSession service_session(const SekCaseHost *host, uint64_t boot, const char *sid,
                                      const char *user, uint64_t logon_id) {
    return (SekCaseSession){.sid = sid,
                            .user = user,
                            .domain = "NT AUTHORITY",
                            .logon_id = logon_id,
                            .guid = sysmon_guid(host, boot, logon_id),
                            .is_service = true};
}

static SekCaseProc *service(SekCaseHost *host, uint64_t boot, const char *command,
                            const SekCaseSession *session) {
    const char *image = strncmp(command, "C:\\Windows\\system32\\svchost.exe", 31) == 0
                            ? "C:\\Windows\\System32\\svchost.exe"
                            : command;
    SekCaseProc *proc = sek_case_old_process(host, boot, image, command, host->services);
    proc->session = session;
    return proc;
}

static void start_services(SekCaseHost *host, uint64_t boot) {
    host->kernel = sek_case_old_process(host, boot, "System", "", NULL);
    host->kernel->pid = 4;
    host->services =
        sek_case_old_process(host, boot + 9 * SEK_CASE_SECOND, "C:\\Windows\\System32\\services.exe",
                             "C:\\Windows\\system32\\services.exe", NULL);
    host->lsass = sek_case_old_process(host, boot + 9 * SEK_CASE_SECOND, "C:\\Windows\\System32\\lsass.exe",
                                       "C:\\Windows\\system32\\lsass.exe", NULL);
    host->winlogon = sek_case_old_process(host, boot + 9 * SEK_CASE_SECOND,
                                          "C:\\Windows\\System32\\winlogon.exe", "winlogon.exe", NULL);
    boot += 11 * SEK_CASE_SECOND;
    host->dcom_launch =
        service(host, boot, "C:\\Windows\\system32\\svchost.exe -k DcomLaunch -p", &host->system);
    host->netsvcs =
        service(host, boot, "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s gpsvc", &host->system);
    host->schedule =
        service(host, boot, "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule", &host->system);
    host->dns_cache =
        service(host, boot, "C:\\Windows\\system32\\svchost.exe -k NetworkService -p -s Dnscache",
                &host->network_service);
    host->update = service(host, boot + 140 * SEK_CASE_SECOND,
                           "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s wuauserv", &host->system);
    host->agent = service(host, boot + 12 * SEK_CASE_SECOND,
                          "C:\\Program Files\\Hinoki\\Agent\\hinokiagent.exe", &host->system);
    host->agent->command = "\"C:\\Program Files\\Hinoki\\Agent\\hinokiagent.exe\" --service";
    host->wmiprvse =
        sek_case_old_process(host, boot + 30 * SEK_CASE_SECOND, "C:\\Windows\\System32\\wbem\\WmiPrvSE.exe",
                             "C:\\Windows\\system32\\wbem\\wmiprvse.exe "
                             "-secured -Embedding",
                             host->dcom_launch);
    host->wmiprvse->session = &host->network_service;
}

void sek_case_host_init(SekCaseHost *host, SekCaseArena *arena, const SekCaseHostSpec *spec) {
    *host = (SekCaseHost){.arena = arena,
                          .name = spec->name,
                          .ip = spec->ip,
                          .build = spec->build,
                          .defender = spec->audit.sysmon13 ? "4.18.2203.5" : "4.18.2011.6",
                          .definitions = spec->audit.sysmon13 ? "1.363" : "1.329",
                          .machine_sid = spec->machine_sid,
                          .is_server = spec->is_server,
                          .audit = spec->audit,
                          .rng = sek_case_rng(20201222, spec->name)};
    host->computer = sek_case_fullname(host, spec->name);
    host->machine_user = sek_case_fmt(arena, "%s$", spec->name);
    host->machine_id = (uint32_t)sek_case_next(&host->rng);
    host->boot = spec->boot;
    host->process_numbers = sek_case_alloc(arena, PROCESS_NUMBERS / 8);
    host->first_logon_id = sek_case_between(&host->rng, 0x31000, 0x52000);
    sek_case_logs_init(&host->logs, arena, host->name, host->computer);
    host->logs.sysmon13 = spec->audit.sysmon13;
    for (size_t i = 0; i < SEK_CASE_N_CHANNELS; i++) {
        /* Busy channels are further on in their numbering than quiet ones. */
        static const uint32_t factor[SEK_CASE_N_CHANNELS] = {30, 90, 12, 2, 5, 8};
        host->logs.log[i].first_record_id =
            (uint64_t)spec->first_record * factor[i] + sek_case_below(&host->rng, 9000);
    }
    host->system = service_session(host, spec->boot, "S-1-5-18", "SYSTEM", 0x3e7);
    host->local_service = service_session(host, spec->boot, "S-1-5-19", "LOCAL SERVICE", 0x3e5);
    host->network_service = service_session(host, spec->boot, "S-1-5-20", "NETWORK SERVICE", 0x3e4);
    start_services(host, spec->boot);
    host->services_pid = host->services->pid;
    host->lsass_pid = host->lsass->pid;
    host->tasks_pid = host->schedule->pid;
    host->sysmon_pid = sek_case_pid(host);
    host->sysmon_tid = sek_case_pid(host);
    host->eventlog_pid = sek_case_pid(host);
}

void sek_case_host_deinit(SekCaseHost *host) {
    sek_case_logs_deinit(&host->logs);
}

void sek_case_step(SekCaseHost *host, int step, const char *note) {
    host->logs.step = step;
    host->logs.note = note;
}

void sek_case_quiet(SekCaseHost *host) {
    host->logs.step = 0;
    host->logs.note = NULL;
}

SekCaseSession *sek_case_session(SekCaseHost *host, uint64_t time, const char *sid, const char *user,
                                 const char *domain) {
    SekCaseSession *session = sek_case_alloc(host->arena, sizeof *session);
    /* Windows hands out ids in order of time; so do the sessions, in whatever order made. */
    uint64_t logon_id = host->first_logon_id + (time - host->boot) / (8 * SEK_CASE_MS);
    *session = (SekCaseSession){.sid = sid,
                                .user = user,
                                .domain = domain,
                                .logon_id = logon_id,
                                .guid = sysmon_guid(host, time, logon_id)};
    return session;
}

/* The number of a process that starts at `time`: unused, and growing with time. */
static uint32_t process_number(SekCaseHost *host, uint64_t time) {
    uint32_t number = (uint32_t)((time - host->boot) / (2 * SEK_CASE_SECOND)) % PROCESS_NUMBERS;
    while (host->process_numbers[number / 8] >> number % 8 & 1) {
        number = (number + 1) % PROCESS_NUMBERS;
    }
    host->process_numbers[number / 8] |= (uint8_t)(1u << number % 8);
    return number + 0x20;
}

const char *sek_case_account(const SekCaseHost *host, const SekCaseSession *session) {
    return sek_case_fmt(host->arena, "%s\\%s", session->domain, session->user);
}

uint32_t sek_case_pid(SekCaseHost *host) {
    for (;;) {
        uint32_t pid = sek_case_between(&host->rng, 600 / PID_STEP, 14000 / PID_STEP) * PID_STEP;
        bool used = false;
        for (size_t i = 0; i < sizeof host->pids / sizeof *host->pids; i++) {
            used = used || host->pids[i] == pid;
        }
        if (!used) {
            host->pids[host->n_pids++ % (sizeof host->pids / sizeof *host->pids)] = pid;
            return pid;
        }
    }
}

SekCaseProc *sek_case_old_process(SekCaseHost *host, uint64_t start, const char *image, const char *command,
                                  const SekCaseProc *parent) {
    SekCaseProc *proc = sek_case_alloc(host->arena, sizeof *proc);
    /* The last part of the GUID: a counter, and a number of the boot. */
    uint64_t number = process_number(host, start) | (uint64_t)(host->machine_id % 40 + 3) << 48;
    *proc = (SekCaseProc){.image = image,
                          .command = command,
                          .directory = "C:\\Windows\\system32\\",
                          .integrity = "System",
                          .pid = sek_case_pid(host),
                          .guid = sysmon_guid(host, start, number),
                          .start = start,
                          .session = &host->system,
                          .parent = parent};
    return proc;
}

SekCaseProc *sek_case_start(SekCaseHost *host, uint64_t time, const SekCaseSpawn *spawn) {
    SekCaseProc *proc = sek_case_old_process(host, time, spawn->image, spawn->command, spawn->parent);
    proc->session = spawn->session ? spawn->session : spawn->parent->session;
    proc->directory = spawn->directory ? spawn->directory : proc->directory;
    if (spawn->integrity) {
        proc->integrity = spawn->integrity;
    } else if (!proc->session->is_service) {
        bool same = spawn->parent && spawn->parent->session == proc->session;
        proc->integrity = same ? spawn->parent->integrity : "Medium";
    }
    if (!spawn->not_in_sysmon) {
        sek_case_sysmon_process(host, time, proc);
    }
    sek_case_security_process(host, time, proc);
    return proc;
}

void sek_case_exit(SekCaseHost *host, uint64_t time, const SekCaseProc *proc) {
    sek_case_sysmon_exit(host, time, proc);
    sek_case_security_exit(host, time, proc);
}

SekGenGuid sek_case_guid(SekCaseHost *host) {
    SekGenGuid guid;
    sek_gen_set_u64(guid.bytes, sek_case_next(&host->rng));
    sek_gen_set_u64(guid.bytes + 8, sek_case_next(&host->rng));
    guid.bytes[7] = (uint8_t)(0x40 | (guid.bytes[7] & 0x0f)); /* version 4 */
    guid.bytes[8] = (uint8_t)(0x80 | (guid.bytes[8] & 0x3f));
    return guid;
}

const char *sek_case_guid_text(SekCaseHost *host) {
    SekGenGuid g = sek_case_guid(host);
    return sek_case_fmt(host->arena, "%08" PRIx32 "-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                        sek_gen_get_u32(g.bytes), sek_gen_get_u16(g.bytes + 4), sek_gen_get_u16(g.bytes + 6),
                        g.bytes[8], g.bytes[9], g.bytes[10], g.bytes[11], g.bytes[12], g.bytes[13],
                        g.bytes[14], g.bytes[15]);
}
