/* SPDX-License-Identifier: Apache-2.0 */
/* Task scheduler's operational log. */
#include "evtxgen/case_events.h"

static SekCaseEvent *begin(SekCaseHost *host, uint64_t time, SekCaseKind kind, const SekGenGuid *instance) {
    SekCaseEvent *e = sek_case_stage(&host->logs, kind, time);
    e->event.process_id = host->tasks_pid;
    e->event.thread_id = sek_case_between(&host->rng, 20, 2400) * 4;
    e->event.user_sid = host->system.sid;
    if (instance) {
        e->activity = *instance;
        e->event.activity = &e->activity;
    }
    return e;
}

void sek_case_task_registered(SekCaseHost *host, uint64_t time, const char *task, const char *account) {
    SekCaseEvent *e = begin(host, time, SEK_CASE_TASK_REGISTERED, NULL);
    sek_gen_add_str(&e->values, task);
    sek_gen_add_str(&e->values, account);
}

void sek_case_task_updated(SekCaseHost *host, uint64_t time, const char *task, const char *account) {
    SekCaseEvent *e = begin(host, time, SEK_CASE_TASK_UPDATED, NULL);
    sek_gen_add_str(&e->values, task);
    sek_gen_add_str(&e->values, account);
}

static void add_trigger(SekCaseHost *host, uint64_t time, const SekCaseTaskRun *run,
                        const SekGenGuid *instance) {
    SekCaseKind kind = run->at_logon ? SEK_CASE_TASK_BY_LOGON : SEK_CASE_TASK_BY_TIME;
    SekCaseEvent *e = begin(host, time, kind, instance);
    sek_gen_add_str(&e->values, run->task);
    if (run->at_logon) {
        sek_gen_add_str(&e->values, run->account);
    }
    sek_gen_add_guid(&e->values, instance);
}

void sek_case_task_run(SekCaseHost *host, uint64_t time, const SekCaseTaskRun *run) {
    SekGenGuid instance = sek_case_guid(host);
    uint32_t engine = run->pid ? run->pid : sek_case_pid(host);
    add_trigger(host, time, run, &instance);
    if (run->pid) {
        SekCaseEvent *p = begin(host, time + 4 * SEK_CASE_MS, SEK_CASE_TASK_PROCESS, NULL);
        sek_gen_add_str(&p->values, run->task);
        sek_gen_add_str(&p->values, run->action);
        sek_gen_add_u32(&p->values, run->pid);
        sek_gen_add_u32(&p->values, 16384);
    }
    SekCaseEvent *e = begin(host, time + 5 * SEK_CASE_MS, SEK_CASE_TASK_STARTED, &instance);
    sek_gen_add_str(&e->values, run->task);
    sek_gen_add_str(&e->values, run->account);
    sek_gen_add_guid(&e->values, &instance);
    e = begin(host, time + 6 * SEK_CASE_MS, SEK_CASE_TASK_ACTION_STARTED, &instance);
    sek_gen_add_str(&e->values, run->task);
    sek_gen_add_str(&e->values, run->action);
    sek_gen_add_guid(&e->values, &instance);
    sek_gen_add_u32(&e->values, engine);
    uint64_t end = time + run->took;
    e = begin(host, end, SEK_CASE_TASK_ACTION_DONE, &instance);
    sek_gen_add_str(&e->values, run->task);
    sek_gen_add_guid(&e->values, &instance);
    sek_gen_add_str(&e->values, run->action);
    sek_gen_add_u32(&e->values, 0);
    sek_gen_add_u32(&e->values, engine);
    e = begin(host, end + SEK_CASE_MS, SEK_CASE_TASK_DONE, &instance);
    sek_gen_add_str(&e->values, run->task);
    sek_gen_add_str(&e->values, run->account);
    sek_gen_add_guid(&e->values, &instance);
}
