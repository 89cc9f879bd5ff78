/* SPDX-License-Identifier: Apache-2.0 */
/* Security log: processes and logons. */
#include <stdlib.h>
#include <string.h>

#include "evtxgen/case_events.h"

enum { STATUS_WRONG_LOGON = 0x6d, STATUS_NO_SUCH_USER = 0x64, STATUS_WRONG_PASSWORD = 0x6a };

static const uint32_t status_base = 0xc0000000u;

static SekCaseEvent *begin(SekCaseHost *host, SekCaseKind kind, uint64_t time, uint32_t pid) {
    SekCaseEvent *e = sek_case_stage(&host->logs, kind, time);
    e->event.process_id = pid;
    e->event.thread_id = sek_case_between(&host->rng, 20, 2400) * 4;
    return e;
}

/* The computer's own account stands for SYSTEM and the service accounts in most events. */
static void add_subject(SekCaseHost *host, SekGenValues *v, const SekCaseSession *s) {
    sek_gen_add_sid(v, s->sid);
    sek_gen_add_str(v, s->is_service ? host->machine_user : s->user);
    sek_gen_add_str(v, s->is_service ? "YAMABUKI" : s->domain);
    sek_gen_add_hex64(v, s->logon_id);
}

static void add_no_subject(SekGenValues *v) {
    sek_gen_add_sid(v, "S-1-0-0");
    sek_gen_add_str(v, "-");
    sek_gen_add_str(v, "-");
    sek_gen_add_hex64(v, 0);
}

static void add_target(SekGenValues *v, const SekCaseSession *s) {
    sek_gen_add_sid(v, s->sid);
    sek_gen_add_str(v, s->user);
    sek_gen_add_str(v, s->domain);
    sek_gen_add_hex64(v, s->logon_id);
}

static void add_guid_of(SekGenValues *v, SekCaseHost *host, bool kerberos) {
    static const SekGenGuid none;
    SekGenGuid guid = kerberos ? sek_case_guid(host) : none;
    sek_gen_add_guid(v, &guid);
}

static void set_activity(SekCaseHost *host, SekCaseEvent *e) {
    e->activity = sek_case_guid(host);
    e->event.activity = &e->activity;
}

static const char *label_of(const char *integrity) {
    switch (integrity[0]) {
    case 'S':
        return "S-1-16-16384";
    case 'H':
        return "S-1-16-12288";
    case 'L':
        return "S-1-16-4096";
    default:
        return "S-1-16-8192";
    }
}

void sek_case_security_process(SekCaseHost *host, uint64_t time, const SekCaseProc *proc) {
    uint64_t late = sek_case_span(&host->rng, SEK_CASE_MS / 10, SEK_CASE_MS);
    SekCaseEvent *e = begin(host, SEK_CASE_SEC_PROCESS, time + late, 4);
    SekGenValues *v = &e->values;
    const SekCaseSession *creator = proc->parent ? proc->parent->session : &host->system;
    add_subject(host, v, creator);
    sek_gen_add_hex64(v, proc->pid);
    sek_gen_add_str(v, proc->image);
    bool limited = !proc->session->is_service && proc->integrity[0] != 'H';
    sek_gen_add_str(v, proc->session->is_service ? "%%1936" : limited ? "%%1938" : "%%1937");
    sek_gen_add_hex64(v, proc->parent ? proc->parent->pid : 4);
    sek_gen_add_str(v, host->audit.command_line ? proc->command : "");
    if (proc->session == creator) {
        add_no_subject(v);
    } else {
        sek_gen_add_sid(v, "S-1-0-0");
        sek_gen_add_str(v, proc->session->user);
        sek_gen_add_str(v, proc->session->domain);
        sek_gen_add_hex64(v, proc->session->logon_id);
    }
    sek_gen_add_str(v, proc->parent ? proc->parent->image : "");
    sek_gen_add_sid(v, label_of(proc->integrity));
}

void sek_case_security_exit(SekCaseHost *host, uint64_t time, const SekCaseProc *proc) {
    SekCaseEvent *e = begin(host, SEK_CASE_SEC_EXIT, time, 4);
    add_subject(host, &e->values, proc->session);
    sek_gen_add_hex32(&e->values, 0);
    sek_gen_add_hex64(&e->values, proc->pid);
    sek_gen_add_str(&e->values, proc->image);
}

void sek_case_logon(SekCaseHost *host, uint64_t time, const SekCaseLogon *logon) {
    SekCaseEvent *e = begin(host, SEK_CASE_SEC_LOGON, time, host->lsass_pid);
    SekGenValues *v = &e->values;
    bool kerberos = strcmp(logon->package, "Kerberos") == 0;
    bool ntlm = strcmp(logon->package, "NTLM") == 0;
    set_activity(host, e);
    if (logon->caller) {
        add_subject(host, v, logon->caller->session);
    } else {
        add_no_subject(v);
    }
    add_target(v, logon->session);
    sek_gen_add_u32(v, logon->type);
    sek_gen_add_str(v, logon->process);
    sek_gen_add_str(v, logon->package);
    sek_gen_add_str(v, logon->workstation);
    add_guid_of(v, host, kerberos);
    sek_gen_add_str(v, "-");
    sek_gen_add_str(v, logon->lm_package ? logon->lm_package : "-");
    sek_gen_add_u32(v, ntlm ? 128 : 0);
    sek_gen_add_hex64(v, logon->caller ? logon->caller->pid : 0);
    sek_gen_add_str(v, logon->caller ? logon->caller->image : "-");
    sek_gen_add_str(v, logon->ip);
    sek_gen_add_str(v, logon->port);
    sek_gen_add_str(v, "%%1833");
    sek_gen_add_str(v, "-");
    sek_gen_add_str(v, "-");
    sek_gen_add_str(v, "-");
    sek_gen_add_str(v, "%%1843");
    sek_gen_add_hex64(v, logon->linked_logon_id);
    sek_gen_add_str(v, logon->elevated ? "%%1842" : "%%1843");
}

void sek_case_privileges(SekCaseHost *host, uint64_t time, const SekCaseSession *session) {
    SekCaseEvent *e = begin(host, SEK_CASE_SEC_PRIVILEGES, time, host->lsass_pid);
    set_activity(host, e);
    sek_gen_add_sid(&e->values, session->sid);
    sek_gen_add_str(&e->values, session->user);
    sek_gen_add_str(&e->values, session->domain);
    sek_gen_add_hex64(&e->values, session->logon_id);
    sek_gen_add_str(&e->values, session->is_service
                                    ? "SeAssignPrimaryTokenPrivilege\r\n\t\t\tSeTcbPrivilege\r\n\t\t\t"
                                      "SeSecurityPrivilege\r\n\t\t\tSeTakeOwnershipPrivilege\r\n\t\t\t"
                                      "SeLoadDriverPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\t"
                                      "SeRestorePrivilege\r\n\t\t\tSeDebugPrivilege\r\n\t\t\t"
                                      "SeAuditPrivilege\r\n\t\t\tSeSystemEnvironmentPrivilege\r\n\t\t\t"
                                      "SeImpersonatePrivilege\r\n\t\t\t"
                                      "SeDelegateSessionUserImpersonatePrivilege"
                                    : "SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\t"
                                      "SeRestorePrivilege\r\n\t\t\tSeTakeOwnershipPrivilege\r\n\t\t\t"
                                      "SeDebugPrivilege\r\n\t\t\tSeSystemEnvironmentPrivilege\r\n\t\t\t"
                                      "SeLoadDriverPrivilege\r\n\t\t\tSeImpersonatePrivilege\r\n\t\t\t"
                                      "SeDelegateSessionUserImpersonatePrivilege");
}

void sek_case_logoff(SekCaseHost *host, uint64_t time, const SekCaseSession *session, uint32_t type) {
    SekCaseEvent *e = begin(host, SEK_CASE_SEC_LOGOFF, time, host->lsass_pid);
    add_target(&e->values, session);
    sek_gen_add_u32(&e->values, type);
}

void sek_case_logoff_by_user(SekCaseHost *host, uint64_t time, const SekCaseSession *session) {
    SekCaseEvent *e = begin(host, SEK_CASE_SEC_LOGOFF_USER, time, host->lsass_pid);
    set_activity(host, e);
    add_target(&e->values, session);
}

void sek_case_locked(SekCaseHost *host, uint64_t time, const SekCaseSession *session, bool locked) {
    SekCaseEvent *e =
        begin(host, locked ? SEK_CASE_SEC_LOCKED : SEK_CASE_SEC_UNLOCKED, time, host->lsass_pid);
    set_activity(host, e);
    add_target(&e->values, session);
    sek_gen_add_u32(&e->values, session->terminal);
}

void sek_case_logon_failed(SekCaseHost *host, uint64_t time, const SekCaseFailedLogon *logon) {
    SekCaseEvent *e = begin(host, SEK_CASE_SEC_LOGON_FAILED, time, host->lsass_pid);
    SekGenValues *v = &e->values;
    set_activity(host, e);
    if (logon->caller) {
        add_subject(host, v, logon->caller->session);
    } else {
        add_no_subject(v);
    }
    sek_gen_add_sid(v, "S-1-0-0");
    sek_gen_add_str(v, logon->user);
    sek_gen_add_str(v, logon->domain);
    sek_gen_add_hex32(v, status_base | STATUS_WRONG_LOGON);
    sek_gen_add_str(v, "%%2313");
    sek_gen_add_hex32(v, status_base | (logon->unknown_user ? STATUS_NO_SUCH_USER : STATUS_WRONG_PASSWORD));
    sek_gen_add_u32(v, logon->type);
    sek_gen_add_str(v, logon->caller ? "User32 " : "NtLmSsp ");
    sek_gen_add_str(v, logon->caller ? "Negotiate" : "NTLM");
    sek_gen_add_str(v, logon->workstation);
    sek_gen_add_str(v, "-");
    sek_gen_add_str(v, "-");
    sek_gen_add_u32(v, 0);
    sek_gen_add_hex64(v, logon->caller ? logon->caller->pid : 0);
    sek_gen_add_str(v, logon->caller ? logon->caller->image : "-");
    sek_gen_add_str(v, logon->ip);
    sek_gen_add_str(v, logon->port);
}

void sek_case_ntlm(SekCaseHost *host, uint64_t time, const char *user, const char *workstation,
                   uint32_t status) {
    SekCaseEvent *e = begin(host, SEK_CASE_SEC_NTLM, time, host->lsass_pid);
    if (status) {
        e->event.keywords = 0x8010000000000000ull; /* audit failure */
    }
    sek_gen_add_str(&e->values, "MICROSOFT_AUTHENTICATION_PACKAGE_V1_0");
    sek_gen_add_str(&e->values, user);
    sek_gen_add_str(&e->values, workstation);
    sek_gen_add_hex32(&e->values, status);
}

void sek_case_explicit_logon(SekCaseHost *host, uint64_t time, const SekCaseProc *by,
                             const char *user_and_domain[2], const char *server, const char *port) {
    SekCaseEvent *e = begin(host, SEK_CASE_SEC_EXPLICIT, time, host->lsass_pid);
    SekGenValues *v = &e->values;
    set_activity(host, e);
    add_subject(host, v, by->session);
    add_guid_of(v, host, false);
    sek_gen_add_str(v, user_and_domain[0]);
    sek_gen_add_str(v, user_and_domain[1]);
    add_guid_of(v, host, false);
    sek_gen_add_str(v, server);
    sek_gen_add_str(v, server);
    sek_gen_add_hex64(v, by->pid);
    sek_gen_add_str(v, by->image);
    sek_gen_add_str(v, "-");
    sek_gen_add_str(v, port);
}
