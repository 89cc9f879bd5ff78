/* SPDX-License-Identifier: Apache-2.0 */
/* Both PowerShell logs: the engine's life, script blocks and pipelines.
 *
 * Classic events carry their text as unnamed values. Each engine also leaves two policy-test
 * files in Temp, by which PowerShell finds out whether AppLocker binds it. */
#include <string.h>

#include "evtxgen/case_events.h"

static const char engine_version[] = "5.1.19041.610";

static void classic_event(SekCaseHost *host, uint64_t time, SekCaseKind kind, const char *const data[3]) {
    SekCaseEvent *e = sek_case_stage(&host->logs, kind, time);
    sek_gen_add_str_array(&e->values, data, 3);
    sek_gen_add_u32(&e->values, 0);
    sek_gen_add_null(&e->values);
}

/* HostApplication is the command line after its division into arguments: without quotes, and with
 * single blanks between arguments. */
static char *host_application(SekCaseHost *host, const char *command) {
    char *out = sek_case_dup(host->arena, command);
    char *to = out;
    bool quoted = false;
    for (const char *p = command; *p; p++) {
        if (*p == '"') {
            quoted = !quoted;
        } else if (*p != ' ' || quoted || (to > out && to[-1] != ' ')) {
            *to++ = *p;
        }
    }
    while (to > out && to[-1] == ' ') {
        to--;
    }
    *to = 0;
    return out;
}

/* The block of key=value lines of events 400, 403 and 600. `engine`: the engine is up. */
static char *details(SekCaseHost *host, SekCaseRunspace *rs, const char *head, bool engine) {
    rs->sequence += 2;
    return sek_case_fmt(host->arena,
                        "%s\r\n\r\n\tSequenceNumber=%u\r\n\r\n\tHostName=ConsoleHost\r\n"
                        "\tHostVersion=%s\r\n\tHostId=%s\r\n\tHostApplication=%s\r\n"
                        "\tEngineVersion=%s\r\n\tRunspaceId=%s\r\n\tPipelineId=\r\n"
                        "\tCommandName=\r\n\tCommandType=\r\n\tScriptName=\r\n\tCommandPath=\r\n"
                        "\tCommandLine=",
                        head, rs->sequence - 1, engine_version, rs->host_id, rs->application,
                        engine ? engine_version : "", engine ? rs->runspace_id : "");
}

static SekCaseEvent *operational(SekCaseHost *host, uint64_t time, SekCaseKind kind,
                                 const SekCaseRunspace *rs) {
    SekCaseEvent *e = sek_case_stage(&host->logs, kind, time);
    e->event.process_id = rs->proc->pid;
    e->event.thread_id = rs->thread;
    e->event.user_sid = rs->proc->session->sid;
    e->activity = rs->activity;
    e->event.activity = &e->activity;
    return e;
}

static const char *temp_of(SekCaseHost *host, const SekCaseSession *session) {
    return session->is_service
               ? "C:\\Windows\\Temp"
               : sek_case_fmt(host->arena, "C:\\Users\\%s\\AppData\\Local\\Temp", session->user);
}

static void policy_test(SekCaseHost *host, uint64_t time, const SekCaseProc *proc, const char *name) {
    static const char *const kinds[2] = {"ps1", "psm1"};
    const char *temp = temp_of(host, proc->session);
    if (!name) {
        static const char base32[] = "abcdefghijklmnopqrstuvwxyz012345";
        const char *stem = sek_case_token(host->arena, &host->rng, base32, 8);
        name = sek_case_fmt(host->arena, "%s.%s", stem, sek_case_token(host->arena, &host->rng, base32, 3));
    }
    for (size_t i = 0; i < 2; i++) {
        char *path = sek_case_fmt(host->arena, "%s\\__PSScriptPolicyTest_%s.%s", temp, name, kinds[i]);
        sek_case_sysmon_file(host, time + i * 3 * SEK_CASE_MS, proc, path);
        sek_case_sysmon_delete(host, time + (21 + i) * SEK_CASE_MS, proc, path, false);
    }
}

SekCaseRunspace *sek_case_powershell_start(SekCaseHost *host, uint64_t time, const SekCaseProc *proc,
                                           const char *policy_name) {
    static const char *const providers[] = {"Registry",   "Alias",    "Environment",
                                            "FileSystem", "Function", "Variable"};
    SekCaseRunspace *rs = sek_case_alloc(host->arena, sizeof *rs);
    *rs = (SekCaseRunspace){.proc = proc, .application = host_application(host, proc->command)};
    rs->host_id = sek_case_guid_text(host);
    rs->runspace_id = sek_case_guid_text(host);
    rs->activity = sek_case_guid(host);
    rs->thread = sek_case_between(&host->rng, 20, 2400) * 4;
    time += sek_case_span(&host->rng, 90 * SEK_CASE_MS, 240 * SEK_CASE_MS);
    operational(host, time, SEK_CASE_PS_STARTING, rs);
    SekCaseEvent *ipc = operational(host, time + 31 * SEK_CASE_MS, SEK_CASE_PS_IPC, rs);
    sek_gen_add_str(&ipc->values, sek_case_fmt(host->arena, "%u", proc->pid));
    sek_gen_add_str(&ipc->values, "DefaultAppDomain");
    operational(host, time + 88 * SEK_CASE_MS, SEK_CASE_PS_READY, rs);
    policy_test(host, time + 60 * SEK_CASE_MS, proc, policy_name);
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++) {
        char *head =
            sek_case_fmt(host->arena, "\tProviderName=%s\r\n\tNewProviderState=Started", providers[i]);
        classic_event(host, time + (40 + i) * SEK_CASE_MS, SEK_CASE_PSC_PROVIDER,
                      (const char *const[3]){providers[i], "Started", details(host, rs, head, false)});
    }
    classic_event(host, time + 52 * SEK_CASE_MS, SEK_CASE_PSC_ENGINE_START,
                  (const char *const[3]){"Available", "None",
                                         details(host, rs,
                                                 "\tNewEngineState=Available\r\n"
                                                 "\tPreviousEngineState=None",
                                                 true)});
    return rs;
}

void sek_case_powershell_stop(SekCaseHost *host, uint64_t time, SekCaseRunspace *rs) {
    classic_event(host, time, SEK_CASE_PSC_ENGINE_STOP,
                  (const char *const[3]){"Stopped", "Available",
                                         details(host, rs,
                                                 "\tNewEngineState=Stopped\r\n"
                                                 "\tPreviousEngineState=Available",
                                                 true)});
}

void sek_case_script_block(SekCaseHost *host, uint64_t time, const SekCaseRunspace *rs,
                           const char *const *parts, size_t n, const char *path, bool warning) {
    if (!host->audit.script_blocks) {
        return;
    }
    const char *id = sek_case_guid_text(host);
    for (size_t i = 0; i < n; i++) {
        SekCaseEvent *e = operational(host, time + i * SEK_CASE_MS, SEK_CASE_PS_BLOCK, rs);
        e->event.level = warning ? 3 : 5;
        sek_gen_add_int(&e->values, SEK_GEN_INT32, i + 1);
        sek_gen_add_int(&e->values, SEK_GEN_INT32, n);
        sek_gen_add_str(&e->values, parts[i]);
        sek_gen_add_str(&e->values, id);
        sek_gen_add_str(&e->values, path ? path : "");
    }
}

void sek_case_pipeline(SekCaseHost *host, uint64_t time, SekCaseRunspace *rs, const char *text,
                       const char *details_text) {
    rs->sequence += 2;
    char *context =
        sek_case_fmt(host->arena,
                     "\tDetailSequence=1\r\n\tDetailTotal=1\r\n\r\n\tSequenceNumber=%u\r\n\r\n\tUserId=%s\r\n"
                     "\tHostName=ConsoleHost\r\n\tHostVersion=%s\r\n\tHostId=%s\r\n\tHostApplication=%s\r\n"
                     "\tEngineVersion=%s\r\n\tRunspaceId=%s\r\n\tPipelineId=1\r\n\tScriptName=\r\n"
                     "\tCommandLine=%s",
                     rs->sequence - 1, sek_case_account(host, rs->proc->session), engine_version, rs->host_id,
                     rs->application, engine_version, rs->runspace_id, text);
    classic_event(host, time, SEK_CASE_PSC_PIPELINE, (const char *const[3]){text, context, details_text});
}
