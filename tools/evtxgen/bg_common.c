/* SPDX-License-Identifier: Apache-2.0 */
/* Helpers of the background, and the notice at the start of every log. */
#include <string.h>

#include "evtxgen/case_background.h"

#define NOTICE "Synthetic data made for Sekisho's demonstration"

SekCaseProc *sek_case_run(SekCaseHost *host, uint64_t time, uint64_t took, const SekCaseSpawn *spawn) {
    SekCaseProc *proc = sek_case_start(host, time, spawn);
    sek_case_exit(host, time + took, proc);
    return proc;
}

const char *sek_case_fill(SekCaseHost *host, SekCaseRng *rng, const char *text) {
    char *out = sek_case_fmt(host->arena, "%s", text);
    for (;;) {
        char *brace = strchr(out, '{');
        while (brace && strncmp(brace, "{user}", 6) != 0 && strncmp(brace, "{sid}", 5) != 0 &&
               strncmp(brace, "{host}", 6) != 0 && strncmp(brace, "{n}", 3) != 0 &&
               strncmp(brace, "{platform}", 10) != 0) {
            brace = strchr(brace + 1, '{');
        }
        if (!brace) {
            return out;
        }
        const char *with = host->name;
        if (brace[1] == 'u' && host->user) {
            with = host->user->user;
        } else if (brace[1] == 's') {
            with = host->user ? host->user->sid : host->system.sid;
        } else if (brace[1] == 'p') {
            with = host->defender;
        } else if (brace[1] == 'n') {
            with = sek_case_fmt(host->arena, "%u", sek_case_between(rng, 1024, 912345));
        }
        *brace = 0;
        out = sek_case_fmt(host->arena, "%s%s%s", out, with, strchr(brace + 1, '}') + 1);
    }
}

const char *sek_case_date_text(SekCaseHost *host, uint64_t time) {
    SekGenDate d = sek_gen_date(time);
    return sek_case_fmt(host->arena, "%04u-%02u-%02u %02u:%02u:%02u", d.year, d.month, d.day, d.hour,
                        d.minute, d.second);
}

static void notice_powershell(SekCaseHost *host, uint64_t time, const SekCaseProc *proc) {
    SekCaseRunspace rs = {
        .proc = proc, .application = "powershell.exe -NoProfile -Command # " NOTICE, .thread = 3412};
    rs.host_id = sek_case_guid_text(host);
    rs.runspace_id = sek_case_guid_text(host);
    rs.activity = sek_case_guid(host);
    if (host->audit.script_blocks) {
        const char *const text = "# " NOTICE;
        sek_case_script_block(host, time, &rs, &text, 1, NULL, false);
    } else {
        SekCaseEvent *e = sek_case_stage(&host->logs, SEK_CASE_PS_IPC, time);
        e->event.process_id = proc->pid;
        e->event.user_sid = proc->session->sid;
        sek_gen_add_str(&e->values, sek_case_fmt(host->arena, "%u", proc->pid));
        sek_gen_add_str(&e->values, NOTICE);
    }
    sek_case_pipeline(host, time, &rs, "# " NOTICE, "");
}

static SekCaseProc *notice_process(SekCaseHost *host, uint64_t time) {
    return sek_case_old_process(host, time, "C:\\Program Files\\" NOTICE "\\notice.exe",
                                "\"C:\\Program Files\\" NOTICE "\\notice.exe\"", host->services);
}

void sek_case_notice_security(SekCaseHost *host, uint64_t time) {
    sek_case_security_process(host, time, notice_process(host, time));
}

void sek_case_notice(SekCaseHost *host, uint64_t time) {
    SekCaseProc *proc = notice_process(host, time);
    sek_case_security_process(host, time, proc);
    sek_case_sysmon_process(host, time, proc);
    sek_case_service_state(host, time, NOTICE, "notice", true);
    SekCaseEvent *e = sek_case_stage(&host->logs, SEK_CASE_TASK_STARTED, time);
    SekGenGuid instance = sek_case_guid(host);
    e->event.process_id = host->tasks_pid;
    e->event.user_sid = host->system.sid;
    sek_gen_add_str(&e->values, "\\" NOTICE);
    sek_gen_add_str(&e->values, "NT AUTHORITY\\SYSTEM");
    sek_gen_add_guid(&e->values, &instance);
    notice_powershell(host, time, proc);
}
