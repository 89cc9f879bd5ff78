/* SPDX-License-Identifier: Apache-2.0 */
/* Security log: objects (registry, services, tasks, groups, keys, shares) and the log itself. */
#include <string.h>

#include "evtxgen/case_events.h"

static SekGenValues *begin(SekCaseHost *host, SekCaseKind kind, uint64_t time, uint32_t pid) {
    SekCaseEvent *e = sek_case_stage(&host->logs, kind, time);
    e->event.process_id = pid;
    e->event.thread_id = sek_case_between(&host->rng, 20, 2400) * 4;
    return &e->values;
}

static void add_subject(SekCaseHost *host, SekGenValues *v, const SekCaseSession *s) {
    sek_gen_add_sid(v, s->sid);
    sek_gen_add_str(v, s->is_service ? host->machine_user : s->user);
    sek_gen_add_str(v, s->is_service ? "YAMABUKI" : s->domain);
    sek_gen_add_hex64(v, s->logon_id);
}

void sek_case_registry_audit(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *key,
                             const char *name_and_value[2]) {
    SekGenValues *v = begin(host, SEK_CASE_SEC_REGISTRY, time, 4);
    add_subject(host, v, proc->session);
    sek_gen_add_str(v, key);
    sek_gen_add_str(v, name_and_value[0]);
    sek_gen_add_hex64(v, sek_case_between(&host->rng, 40, 800) * 4);
    sek_gen_add_str(v, "%%1904"); /* new value */
    sek_gen_add_str(v, "-");
    sek_gen_add_str(v, "-");
    sek_gen_add_str(v, "%%1873"); /* REG_SZ */
    sek_gen_add_str(v, name_and_value[1]);
    sek_gen_add_hex64(v, proc->pid);
    sek_gen_add_str(v, proc->image);
}

void sek_case_service_installed(SekCaseHost *host, uint64_t time, const SekCaseSession *by, const char *name,
                                const char *command) {
    SekGenValues *v = begin(host, SEK_CASE_SEC_SERVICE, time, host->services_pid);
    add_subject(host, v, by);
    sek_gen_add_str(v, name);
    sek_gen_add_str(v, command);
    sek_gen_add_hex32(v, 0x10); /* own process */
    sek_gen_add_u32(v, 2);      /* automatic */
    sek_gen_add_str(v, "LocalSystem");
}

static void task_event(SekCaseHost *host, uint64_t time, SekCaseKind kind, const SekCaseSession *by,
                       const char *const name_and_xml[2]) {
    SekGenValues *v = begin(host, kind, time, host->tasks_pid);
    add_subject(host, v, by);
    sek_gen_add_str(v, name_and_xml[0]);
    sek_gen_add_str(v, name_and_xml[1]);
}

void sek_case_task_created(SekCaseHost *host, uint64_t time, const SekCaseSession *by, const char *name,
                           const char *xml) {
    task_event(host, time, SEK_CASE_SEC_TASK_CREATED, by, (const char *const[2]){name, xml});
}

void sek_case_task_changed(SekCaseHost *host, uint64_t time, const SekCaseSession *by, const char *name,
                           const char *xml) {
    task_event(host, time, SEK_CASE_SEC_TASK_UPDATED, by, (const char *const[2]){name, xml});
}

void sek_case_user_groups(SekCaseHost *host, uint64_t time, const SekCaseProc *by) {
    SekGenValues *v = begin(host, SEK_CASE_SEC_USER_GROUPS, time, host->lsass_pid);
    static const struct {
        const char *name;
        unsigned rid;
    } users[] = {{"Administrator", 500}, {"DefaultAccount", 503}, {"Guest", 501}, {"hinokiadm", 1001}};
    uint32_t pick = sek_case_below(&host->rng, sizeof users / sizeof *users);
    sek_gen_add_str(v, users[pick].name);
    sek_gen_add_str(v, host->name);
    sek_gen_add_sid(v, sek_case_fmt(host->arena, "%s-%u", host->machine_sid, users[pick].rid));
    add_subject(host, v, by->session);
    sek_gen_add_hex64(v, by->pid);
    sek_gen_add_str(v, by->image);
}

void sek_case_group_members(SekCaseHost *host, uint64_t time, const SekCaseProc *by, const char *group,
                            const char *sid) {
    SekGenValues *v = begin(host, SEK_CASE_SEC_GROUP_MEMBERS, time, host->lsass_pid);
    sek_gen_add_str(v, group);
    sek_gen_add_str(v, "Builtin");
    sek_gen_add_sid(v, sid);
    add_subject(host, v, by->session);
    sek_gen_add_hex64(v, by->pid);
    sek_gen_add_str(v, by->image);
}

void sek_case_key_use(SekCaseHost *host, uint64_t time, const SekCaseSession *by) {
    char *key = sek_case_fmt(host->arena, "Microsoft Connected Devices Platform device certificate");
    SekGenValues *v = begin(host, SEK_CASE_SEC_KEY_FILE, time, host->lsass_pid);
    add_subject(host, v, by);
    sek_gen_add_str(v, "Microsoft Software Key Storage Provider");
    sek_gen_add_str(v, "UNKNOWN");
    sek_gen_add_str(v, key);
    sek_gen_add_str(v, "%%2500");
    sek_gen_add_str(v, sek_case_fmt(host->arena,
                                    "C:\\ProgramData\\Microsoft\\Crypto\\Keys\\"
                                    "de7cf8a7901d2ad13e5c67c29e5d1662_%s",
                                    sek_case_guid_text(host)));
    sek_gen_add_str(v, "%%2458");
    sek_gen_add_hex32(v, 0);
    v = begin(host, SEK_CASE_SEC_KEY_USE, time + SEK_CASE_MS / 3, host->lsass_pid);
    add_subject(host, v, by);
    sek_gen_add_str(v, "Microsoft Software Key Storage Provider");
    sek_gen_add_str(v, "ECDSA_P256");
    sek_gen_add_str(v, key);
    sek_gen_add_str(v, "%%2500");
    sek_gen_add_str(v, "%%2480");
    sek_gen_add_hex32(v, 0);
}

void sek_case_clock(SekCaseHost *host, uint64_t time, const SekCaseProc *by, uint64_t before) {
    SekGenValues *v = begin(host, SEK_CASE_SEC_TIME, time, 4);
    add_subject(host, v, by->session);
    sek_gen_add_filetime(v, before);
    sek_gen_add_filetime(v, time);
    sek_gen_add_hex64(v, by->pid);
    sek_gen_add_str(v, by->image);
}

void sek_case_share(SekCaseHost *host, uint64_t time, const SekCaseShare *share) {
    if (share->file && !host->audit.detailed_share) {
        return;
    }
    SekGenValues *v = begin(host, share->file ? SEK_CASE_SEC_SHARE_FILE : SEK_CASE_SEC_SHARE, time, 4);
    add_subject(host, v, share->session);
    sek_gen_add_str(v, "File");
    sek_gen_add_str(v, share->ip);
    sek_gen_add_str(v, share->port);
    sek_gen_add_str(v, share->share);
    sek_gen_add_str(v, share->local);
    if (share->file) {
        sek_gen_add_str(v, share->file);
    }
    sek_gen_add_hex32(v, share->access);
    sek_gen_add_str(v, share->access_list);
    if (share->file) {
        sek_gen_add_str(v, "-");
    }
}

void sek_case_log_cleared(SekCaseHost *host, uint64_t time, const SekCaseSession *by) {
    SekGenValues *v = begin(host, SEK_CASE_SEC_CLEARED, time, host->eventlog_pid);
    sek_gen_add_sid(v, by->sid);
    sek_gen_add_str(v, by->user);
    sek_gen_add_str(v, by->domain);
    sek_gen_add_hex64(v, by->logon_id);
}

void sek_case_log_archived(SekCaseHost *host, uint64_t time, const char *path) {
    SekGenValues *v = begin(host, SEK_CASE_SEC_ARCHIVED, time, host->eventlog_pid);
    sek_gen_add_str(v, "Security");
    sek_gen_add_str(v, path);
}
