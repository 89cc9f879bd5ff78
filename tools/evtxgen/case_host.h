/* SPDX-License-Identifier: Apache-2.0 */
/* One computer of the case: its accounts, sessions and processes.
 *
 * Process and session ids follow Windows' own construction: a Sysmon process GUID holds the
 * machine, the start time and a counter; a logon GUID the machine, the logon time and the logon
 * id. So everything that belongs together can be joined, as in real logs. */
#pragma once

#include "evtxgen/case_log.h"

typedef struct SekCaseSession {
    const char *sid;
    const char *user;
    const char *domain;
    uint64_t logon_id;
    uint32_t terminal; /* Windows session */
    SekGenGuid guid;   /* as Sysmon writes it */
    bool is_service;   /* SYSTEM and the two service accounts */
} SekCaseSession;

typedef struct SekCaseProc {
    const char *image;
    const char *command;
    const char *directory;
    const char *integrity; /* "Low", "Medium", "High", "System" */
    uint32_t pid;
    SekGenGuid guid;
    uint64_t start;
    const SekCaseSession *session;
    const struct SekCaseProc *parent;
} SekCaseProc;

/* What the computer records. */
typedef struct SekCaseAudit {
    bool command_line; /* 4688 with command line */
    bool sysmon13;     /* Sysmon 13.33 with user fields, otherwise 12.03 */
    bool script_blocks;
    uint64_t sysmon_ids; /* bit n: event id n is configured */
    bool detailed_share; /* 5145 */
} SekCaseAudit;

typedef struct SekCaseHost {
    SekCaseArena *arena;
    SekCaseLogs logs;
    SekCaseRng rng; /* for identities; routines have their own streams */
    const char *name;
    const char *computer;
    const char *machine_user; /* NAME$ */
    const char *machine_sid;  /* of the local accounts */
    const char *ip;
    const char *build;       /* file version of Windows' own programs */
    const char *defender;    /* version of the antivirus platform */
    const char *definitions; /* first two parts of its definitions' version */
    uint32_t machine_id;     /* first part of the GUIDs */
    SekCaseAudit audit;
    bool is_server;

    SekCaseSession system, local_service, network_service;
    SekCaseSession *user;     /* interactive session, NULL: nobody is logged on */
    SekCaseSession *elevated; /* an administrator's other half of that session, or NULL */
    uint64_t session_end;     /* when it ends, for what lives as long */

    uint32_t sysmon_pid, sysmon_tid, lsass_pid, services_pid, tasks_pid, eventlog_pid;
    uint64_t boot;
    uint8_t *process_numbers; /* bitmap of the numbers in process GUIDs */
    uint32_t first_logon_id;
    uint32_t pids[64]; /* last ones given, to avoid reuse */
    size_t n_pids;

    /* Processes that run all the time. */
    SekCaseProc *services, *dcom_launch, *netsvcs, *schedule, *dns_cache, *update, *winlogon, *kernel,
        *wmiprvse, *lsass, *agent;
    /* Of the interactive session. */
    SekCaseProc *explorer, *outlook, *browser, *teams;
} SekCaseHost;

typedef struct SekCaseHostSpec {
    const char *name;
    const char *ip;
    const char *build;
    const char *machine_sid;
    bool is_server;
    SekCaseAudit audit;
    uint64_t boot;         /* when its processes started */
    uint32_t first_record; /* base of the record ids */
} SekCaseHostSpec;

void sek_case_host_init(SekCaseHost *host, SekCaseArena *arena, const SekCaseHostSpec *spec);
void sek_case_host_deinit(SekCaseHost *host);

/* Events staged until sek_case_quiet() belong to that step of the attack. */
void sek_case_step(SekCaseHost *host, int step, const char *note);
void sek_case_quiet(SekCaseHost *host);

/* A new session; its logon id and GUID are made here. `terminal` 0 for network logons. */
SekCaseSession *sek_case_session(SekCaseHost *host, uint64_t time, const char *sid, const char *user,
                                 const char *domain);

/* "DOMAIN\user" of a session. */
const char *sek_case_account(const SekCaseHost *host, const SekCaseSession *session);

uint32_t sek_case_pid(SekCaseHost *host);

/* A process record without events: for what started before the log does. */
SekCaseProc *sek_case_old_process(SekCaseHost *host, uint64_t start, const char *image, const char *command,
                                  const SekCaseProc *parent);

typedef struct SekCaseSpawn {
    const char *image;
    const char *command;
    const char *directory; /* NULL: C:\Windows\system32\ */
    const SekCaseProc *parent;
    const SekCaseSession *session; /* NULL: the parent's */
    const char *integrity;         /* NULL: by session */
    bool not_in_sysmon;            /* excluded by the Sysmon configuration */
} SekCaseSpawn;

/* Starts a process: Sysmon 1 and Security 4688. */
SekCaseProc *sek_case_start(SekCaseHost *host, uint64_t time, const SekCaseSpawn *spawn);

/* Ends it: Sysmon 5 and Security 4689. */
void sek_case_exit(SekCaseHost *host, uint64_t time, const SekCaseProc *proc);

/* A GUID from the host's stream of chance (activities, tasks, runspaces). */
SekGenGuid sek_case_guid(SekCaseHost *host);
/* The same as text: lower case, without braces. */
const char *sek_case_guid_text(SekCaseHost *host);

const char *sek_case_fullname(const SekCaseHost *host, const char *name);
