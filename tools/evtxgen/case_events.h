/* SPDX-License-Identifier: Apache-2.0 */
/* The vocabulary of the case: one function per kind of event, in the words of Windows.
 *
 * Each stages its event on the host at `time`; what the host does not audit is left out. */
#pragma once

#include "evtxgen/case_host.h"

/* -- Sysmon (ev_sysmon.c) ------------------------------------------------------------------- */

void sek_case_sysmon_process(SekCaseHost *host, uint64_t time, const SekCaseProc *proc);
void sek_case_sysmon_exit(SekCaseHost *host, uint64_t time, const SekCaseProc *proc);

typedef struct SekCaseConnection {
    const char *ip;   /* destination */
    const char *name; /* NULL: unknown */
    uint16_t port;
    const char *port_name; /* NULL: unknown */
    bool udp;
} SekCaseConnection;
void sek_case_sysmon_network(SekCaseHost *host, uint64_t time, const SekCaseProc *proc,
                             const SekCaseConnection *to);
/* `results` as Sysmon writes them, "::ffff:192.0.2.1;"; status 9003 when the name is unknown. */
void sek_case_sysmon_dns(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *name,
                         const char *results);
void sek_case_sysmon_image(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *loaded);
void sek_case_sysmon_file(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *path);
void sek_case_sysmon_file_time(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *path,
                               uint64_t new_creation);
void sek_case_sysmon_delete(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *path,
                            bool is_executable);
/* `event_type`: CreateKey, DeleteKey, DeleteValue. */
void sek_case_sysmon_key(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *event_type,
                         const char *key);
void sek_case_sysmon_value(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *value,
                           const char *details);

/* -- Security (ev_security.c, ev_objects.c) --------------------------------------------------- */

void sek_case_security_process(SekCaseHost *host, uint64_t time, const SekCaseProc *proc);
void sek_case_security_exit(SekCaseHost *host, uint64_t time, const SekCaseProc *proc);

typedef struct SekCaseLogon {
    const SekCaseSession *session; /* the new one */
    uint32_t type;
    const char *process;     /* such as "Kerberos", "NtLmSsp " */
    const char *package;     /* "Kerberos", "NTLM", "Negotiate" */
    const char *workstation; /* "-" when unknown */
    const char *ip;          /* "-" for local ones */
    const char *port;
    const SekCaseProc *caller; /* NULL: none (network logons) */
    const char *lm_package;    /* NULL: "-" */
    uint64_t linked_logon_id;
    bool elevated;
} SekCaseLogon;
void sek_case_logon(SekCaseHost *host, uint64_t time, const SekCaseLogon *logon);
void sek_case_privileges(SekCaseHost *host, uint64_t time, const SekCaseSession *session);
void sek_case_logoff(SekCaseHost *host, uint64_t time, const SekCaseSession *session, uint32_t type);
void sek_case_logoff_by_user(SekCaseHost *host, uint64_t time, const SekCaseSession *session);
void sek_case_locked(SekCaseHost *host, uint64_t time, const SekCaseSession *session, bool locked);

typedef struct SekCaseFailedLogon {
    const char *user;
    const char *domain;
    bool unknown_user; /* otherwise: wrong password */
    uint32_t type;
    const char *workstation;
    const char *ip;
    const char *port;
    const SekCaseProc *caller; /* NULL: network */
} SekCaseFailedLogon;
void sek_case_logon_failed(SekCaseHost *host, uint64_t time, const SekCaseFailedLogon *logon);
/* NTLM check of a local account: status 0, 0xc000006a or 0xc0000064. */
void sek_case_ntlm(SekCaseHost *host, uint64_t time, const char *user, const char *workstation,
                   uint32_t status);
/* `by` uses another account against `server`. */
void sek_case_explicit_logon(SekCaseHost *host, uint64_t time, const SekCaseProc *by,
                             const char *user_and_domain[2], const char *server, const char *port);

void sek_case_registry_audit(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *key,
                             const char *name_and_value[2]);
void sek_case_service_installed(SekCaseHost *host, uint64_t time, const SekCaseSession *by, const char *name,
                                const char *command);
void sek_case_task_created(SekCaseHost *host, uint64_t time, const SekCaseSession *by, const char *name,
                           const char *xml);
void sek_case_task_changed(SekCaseHost *host, uint64_t time, const SekCaseSession *by, const char *name,
                           const char *xml);
void sek_case_user_groups(SekCaseHost *host, uint64_t time, const SekCaseProc *by);
void sek_case_group_members(SekCaseHost *host, uint64_t time, const SekCaseProc *by, const char *group,
                            const char *sid);
void sek_case_key_use(SekCaseHost *host, uint64_t time, const SekCaseSession *by);
void sek_case_clock(SekCaseHost *host, uint64_t time, const SekCaseProc *by, uint64_t before);

typedef struct SekCaseShare {
    const SekCaseSession *session;
    const char *ip;
    const char *port;
    const char *share; /* "\\*\ADMIN$" */
    const char *local; /* "\??\C:\Windows", "" for pipes */
    const char *file;  /* NULL: the share itself (5140) */
    uint32_t access;
    const char *access_list;
} SekCaseShare;
void sek_case_share(SekCaseHost *host, uint64_t time, const SekCaseShare *share);

void sek_case_log_cleared(SekCaseHost *host, uint64_t time, const SekCaseSession *by);
void sek_case_log_archived(SekCaseHost *host, uint64_t time, const char *path);

/* -- System (ev_system.c) --------------------------------------------------------------------- */

void sek_case_service_state(SekCaseHost *host, uint64_t time, const char *display, const char *short_name,
                            bool running);
void sek_case_service_start_type(SekCaseHost *host, uint64_t time, const char *display_and_name[2],
                                 const char *from, const char *to);
void sek_case_service_new(SekCaseHost *host, uint64_t time, const SekCaseSession *by, const char *name,
                          const char *command);
void sek_case_hive(SekCaseHost *host, uint64_t time, const char *hive, uint32_t keys, uint32_t pages);
/* One update from download to the end. */
void sek_case_update(SekCaseHost *host, uint64_t time, uint64_t took, const char *title);
void sek_case_policy(SekCaseHost *host, uint64_t time, bool for_user);
void sek_case_winlogon(SekCaseHost *host, uint64_t time, const SekCaseSession *session, bool on);
void sek_case_time_peer(SekCaseHost *host, uint64_t time);
void sek_case_dns_timeout(SekCaseHost *host, uint64_t time, const char *name);
void sek_case_dcom_permission(SekCaseHost *host, uint64_t time);
void sek_case_uptime(SekCaseHost *host, uint64_t time);

/* -- PowerShell (ev_powershell.c) --------------------------------------------------------------- */

typedef struct SekCaseRunspace {
    const SekCaseProc *proc;
    const char *host_id;
    const char *runspace_id;
    const char *application; /* HostApplication: the command line */
    SekGenGuid activity;
    uint32_t thread;
    uint32_t sequence;
} SekCaseRunspace;

/* Engine start: policy-test files, 600 for each provider, 400, 40961, 53504, 40962. */
SekCaseRunspace *sek_case_powershell_start(SekCaseHost *host, uint64_t time, const SekCaseProc *proc,
                                           const char *policy_test);
void sek_case_powershell_stop(SekCaseHost *host, uint64_t time, SekCaseRunspace *rs);
/* A script block in `n` parts of the texts given; `warning`: PowerShell itself found it suspect. */
void sek_case_script_block(SekCaseHost *host, uint64_t time, const SekCaseRunspace *rs,
                           const char *const *parts, size_t n, const char *path, bool warning);
/* 800: `text` is the pipeline, `details` the lines of what was bound. */
void sek_case_pipeline(SekCaseHost *host, uint64_t time, SekCaseRunspace *rs, const char *text,
                       const char *details);

/* -- Task scheduler (ev_tasks.c) ---------------------------------------------------------------- */

void sek_case_task_registered(SekCaseHost *host, uint64_t time, const char *task, const char *account);
void sek_case_task_updated(SekCaseHost *host, uint64_t time, const char *task, const char *account);

typedef struct SekCaseTaskRun {
    const char *task;
    const char *account; /* it runs as */
    const char *action;
    uint32_t pid; /* 0: a COM handler, no process of its own */
    bool at_logon;
    uint64_t took;
} SekCaseTaskRun;
void sek_case_task_run(SekCaseHost *host, uint64_t time, const SekCaseTaskRun *run);
