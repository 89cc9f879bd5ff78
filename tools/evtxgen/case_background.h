/* SPDX-License-Identifier: Apache-2.0 */
/* Ordinary work: what a host records when nothing is wrong. All of it must stay quiet. */
#pragma once

#include "evtxgen/case_events.h"

typedef struct SekCaseSpan {
    uint64_t from, to;
} SekCaseSpan;

/* Starts a process and ends it after `took`. */
SekCaseProc *sek_case_run(SekCaseHost *host, uint64_t time, uint64_t took, const SekCaseSpawn *spawn);

/* `text` with {user}, {sid}, {host}, {platform} (Defender's version) and {n} (a number of four to
 * six digits) filled in. */
const char *sek_case_fill(SekCaseHost *host, SekCaseRng *rng, const char *text);

/* "2020-12-22 00:52:31" */
const char *sek_case_date_text(SekCaseHost *host, uint64_t time);

/* The first event of every log: says that the data is synthetic. */
void sek_case_notice(SekCaseHost *host, uint64_t time);
void sek_case_notice_security(SekCaseHost *host, uint64_t time);

/* Services, tasks, updates, policy: all the time (bg_machine.c, bg_system.c). */
void sek_case_machine_background(SekCaseHost *host, SekCaseSpan span);
void sek_case_system_background(SekCaseHost *host, SekCaseSpan span);

/* Management: agent's PowerShell, backup, honest new service (bg_admin.c). */
void sek_case_admin_background(SekCaseHost *host, SekCaseSpan span);
/* The helpdesk's tool, downloaded and run by the user. */
void sek_case_helpdesk(SekCaseHost *host, uint64_t time);
/* A program that lives and updates itself in the user's folder. */
void sek_case_user_updater(SekCaseHost *host, uint64_t time, bool first);

/* Interactive sessions and office work (bg_session.c, bg_user.c). */
typedef struct SekCaseUser {
    const char *name;
    const char *sid;
    bool is_admin; /* local administrator: has an elevated session too */
} SekCaseUser;
void sek_case_session_begin(SekCaseHost *host, uint64_t time, const SekCaseUser *user);
void sek_case_session_pause(SekCaseHost *host, SekCaseSpan span);
void sek_case_session_end(SekCaseHost *host, uint64_t time);
void sek_case_work(SekCaseHost *host, SekCaseSpan span);

/* File service for the office: shares and network logons (bg_server.c). */
void sek_case_server_background(SekCaseHost *host, SekCaseSpan span, const SekCaseSpan *busy, size_t n_busy);
