/* SPDX-License-Identifier: Apache-2.0 */
/* Sysmon events. Version 12.03 has no user fields besides those of events 1, 3 and 23. */
#include <stdio.h>
#include <string.h>

#include "evtxgen/case_events.h"
#include "evtxgen/case_images.h"

/* Sysmon's time format. */
static const char *utc_text(const SekCaseHost *host, uint64_t time) {
    SekGenDate d = sek_gen_date(time);
    return sek_case_fmt(host->arena, "%04u-%02u-%02u %02u:%02u:%02u.%03u", d.year, d.month, d.day, d.hour,
                        d.minute, d.second, d.ticks / 10000);
}

/* Stages an event unless the configuration leaves its id out; adds RuleName. */
static SekGenValues *begin(SekCaseHost *host, SekCaseKind kind, uint64_t time) {
    uint16_t id = sek_case_kind_info(kind)->event_id;
    if (!(host->audit.sysmon_ids >> id & 1)) {
        return NULL;
    }
    /* The driver's time, which UtcTime holds, is a little earlier than the event's. */
    uint64_t late = sek_case_span(&host->rng, SEK_CASE_MS, 9 * SEK_CASE_MS);
    SekCaseEvent *e = sek_case_stage(&host->logs, kind, time + late);
    e->event.process_id = host->sysmon_pid;
    e->event.thread_id = host->sysmon_tid;
    e->event.user_sid = host->system.sid;
    sek_gen_add_str(&e->values, "-");
    return &e->values;
}

static void add_process(SekCaseHost *host, SekGenValues *v, uint64_t time, const SekCaseProc *proc) {
    sek_gen_add_str(v, utc_text(host, time));
    sek_gen_add_guid(v, &proc->guid);
    sek_gen_add_u32(v, proc->pid);
}

static void add_user13(SekCaseHost *host, SekGenValues *v, const SekCaseProc *proc) {
    if (host->audit.sysmon13) {
        sek_gen_add_str(v, sek_case_account(host, proc->session));
    }
}

/* FileVersion, Description, Product, Company, OriginalFileName. */
static void add_version(SekCaseHost *host, SekGenValues *v, const char *path) {
    SekCaseImageInfo info = sek_case_image_info(path, host->audit.sysmon13);
    sek_gen_add_str(v, info.version ? info.version : host->build);
    sek_gen_add_str(v, info.description);
    sek_gen_add_str(v, info.product);
    sek_gen_add_str(v, info.company);
    sek_gen_add_str(v, info.original);
}

void sek_case_sysmon_process(SekCaseHost *host, uint64_t time, const SekCaseProc *proc) {
    SekGenValues *v = begin(host, SEK_CASE_SYSMON_PROCESS, time);
    if (!v) {
        return;
    }
    static const SekGenGuid no_guid;
    const SekCaseProc *parent = proc->parent;
    add_process(host, v, time, proc);
    sek_gen_add_str(v, proc->image);
    add_version(host, v, proc->image);
    sek_gen_add_str(v, proc->command);
    sek_gen_add_str(v, proc->directory);
    sek_gen_add_str(v, sek_case_account(host, proc->session));
    sek_gen_add_guid(v, &proc->session->guid);
    sek_gen_add_hex64(v, proc->session->logon_id);
    sek_gen_add_u32(v, proc->session->terminal);
    sek_gen_add_str(v, proc->integrity);
    sek_gen_add_str(v, sek_case_hashes(host->arena, proc->image, host->build));
    sek_gen_add_guid(v, parent ? &parent->guid : &no_guid);
    sek_gen_add_u32(v, parent ? parent->pid : 0);
    sek_gen_add_str(v, parent ? parent->image : "-");
    sek_gen_add_str(v, parent ? parent->command : "-");
    if (host->audit.sysmon13) {
        sek_gen_add_str(v, parent ? sek_case_account(host, parent->session) : "-");
    }
}

void sek_case_sysmon_exit(SekCaseHost *host, uint64_t time, const SekCaseProc *proc) {
    SekGenValues *v = begin(host, SEK_CASE_SYSMON_EXIT, time);
    if (v) {
        add_process(host, v, time, proc);
        sek_gen_add_str(v, proc->image);
        add_user13(host, v, proc);
    }
}

void sek_case_sysmon_network(SekCaseHost *host, uint64_t time, const SekCaseProc *proc,
                             const SekCaseConnection *to) {
    /* Network events come in batches, a second or two late. */
    uint64_t late = sek_case_span(&host->rng, 600 * SEK_CASE_MS, 2100 * SEK_CASE_MS);
    SekGenValues *v = begin(host, SEK_CASE_SYSMON_NETWORK, time + late);
    if (!v) {
        return;
    }
    add_process(host, v, time, proc);
    sek_gen_add_str(v, proc->image);
    sek_gen_add_str(v, sek_case_account(host, proc->session));
    sek_gen_add_str(v, to->udp ? "udp" : "tcp");
    sek_gen_add_bool(v, true);
    sek_gen_add_bool(v, false);
    sek_gen_add_str(v, host->ip);
    sek_gen_add_str(v, host->computer);
    sek_gen_add_int(v, SEK_GEN_UINT16, sek_case_between(&host->rng, 49152, 65535));
    sek_gen_add_str(v, "-");
    sek_gen_add_bool(v, false);
    sek_gen_add_str(v, to->ip);
    sek_gen_add_str(v, to->name ? to->name : "-");
    sek_gen_add_int(v, SEK_GEN_UINT16, to->port);
    sek_gen_add_str(v, to->port_name ? to->port_name : "-");
}

void sek_case_sysmon_dns(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *name,
                         const char *results) {
    uint64_t late = sek_case_span(&host->rng, 300 * SEK_CASE_MS, 1900 * SEK_CASE_MS);
    SekGenValues *v = begin(host, SEK_CASE_SYSMON_DNS, time + late);
    if (v) {
        add_process(host, v, time, proc);
        sek_gen_add_str(v, name);
        sek_gen_add_str(v, results ? "0" : "9003");
        sek_gen_add_str(v, results ? results : "-");
        sek_gen_add_str(v, proc->image);
        add_user13(host, v, proc);
    }
}

void sek_case_sysmon_image(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *loaded) {
    SekGenValues *v = begin(host, SEK_CASE_SYSMON_IMAGE, time);
    if (!v) {
        return;
    }
    const char *signature = sek_case_image_info(loaded, host->audit.sysmon13).signature;
    add_process(host, v, time, proc);
    sek_gen_add_str(v, proc->image);
    sek_gen_add_str(v, loaded);
    add_version(host, v, loaded);
    sek_gen_add_str(v, sek_case_hashes(host->arena, loaded, host->build));
    sek_gen_add_str(v, signature ? "true" : "false");
    sek_gen_add_str(v, signature ? signature : "-");
    sek_gen_add_str(v, signature ? "Valid" : "Unavailable");
    add_user13(host, v, proc);
}

void sek_case_sysmon_file(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *path) {
    SekGenValues *v = begin(host, SEK_CASE_SYSMON_FILE, time);
    if (v) {
        add_process(host, v, time, proc);
        sek_gen_add_str(v, proc->image);
        sek_gen_add_str(v, path);
        sek_gen_add_str(v, utc_text(host, time));
        add_user13(host, v, proc);
    }
}

void sek_case_sysmon_file_time(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *path,
                               uint64_t new_creation) {
    SekGenValues *v = begin(host, SEK_CASE_SYSMON_FILE_TIME, time);
    if (v) {
        uint64_t before = time - sek_case_span(&host->rng, 5 * SEK_CASE_MS, 60 * SEK_CASE_MS);
        add_process(host, v, time, proc);
        sek_gen_add_str(v, proc->image);
        sek_gen_add_str(v, path);
        sek_gen_add_str(v, utc_text(host, new_creation));
        sek_gen_add_str(v, utc_text(host, before));
        add_user13(host, v, proc);
    }
}

void sek_case_sysmon_delete(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *path,
                            bool is_executable) {
    SekGenValues *v = begin(host, SEK_CASE_SYSMON_DELETE, time);
    if (v) {
        add_process(host, v, time, proc);
        sek_gen_add_str(v, sek_case_account(host, proc->session));
        sek_gen_add_str(v, proc->image);
        sek_gen_add_str(v, path);
        sek_gen_add_str(v, sek_case_hashes(host->arena, path, "deleted"));
        sek_gen_add_bool(v, is_executable);
        sek_gen_add_str(v, "true");
    }
}

/* Events 12 and 13 put EventType after RuleName. */
static SekGenValues *begin_registry(SekCaseHost *host, uint64_t time, SekCaseKind kind,
                                    const char *event_type, const SekCaseProc *proc) {
    SekGenValues *v = begin(host, kind, time);
    if (v) {
        sek_gen_add_str(v, event_type);
        add_process(host, v, time, proc);
        sek_gen_add_str(v, proc->image);
    }
    return v;
}

void sek_case_sysmon_key(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *event_type,
                         const char *key) {
    SekGenValues *v = begin_registry(host, time, SEK_CASE_SYSMON_KEY, event_type, proc);
    if (v) {
        sek_gen_add_str(v, key);
        add_user13(host, v, proc);
    }
}

void sek_case_sysmon_value(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *value,
                           const char *details) {
    SekGenValues *v = begin_registry(host, time, SEK_CASE_SYSMON_VALUE, "SetValue", proc);
    if (v) {
        sek_gen_add_str(v, value);
        sek_gen_add_str(v, details);
        add_user13(host, v, proc);
    }
}
