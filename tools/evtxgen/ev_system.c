/* SPDX-License-Identifier: Apache-2.0 */
/* System log. */
#include <string.h>

#include "evtxgen/case_events.h"

static SekCaseEvent *begin(SekCaseHost *host, SekCaseKind kind, uint64_t time, uint32_t pid) {
    SekCaseEvent *e = sek_case_stage(&host->logs, kind, time);
    e->event.process_id = pid;
    e->event.thread_id = pid ? sek_case_between(&host->rng, 20, 2400) * 4 : 0;
    return e;
}

void sek_case_service_state(SekCaseHost *host, uint64_t time, const char *display, const char *short_name,
                            bool running) {
    SekCaseEvent *e = begin(host, SEK_CASE_SYS_SERVICE_STATE, time, host->services_pid);
    SekGenBuf binary;
    sek_gen_add_str(&e->values, display);
    sek_gen_add_str(&e->values, running ? "running" : "stopped");
    /* Binary: "name/4" (running) or "name/1" (stopped) as UTF-16 with NUL. */
    char *text = sek_case_fmt(host->arena, "%s/%d", short_name, running ? 4 : 1);
    sek_gen_buf_init(&binary, 512);
    sek_gen_put_utf16(&binary, text, strlen(text));
    sek_gen_put_u16(&binary, 0);
    sek_gen_add_binary(&e->values, binary.data, binary.len);
    sek_gen_buf_deinit(&binary);
}

void sek_case_service_start_type(SekCaseHost *host, uint64_t time, const char *display_and_name[2],
                                 const char *from, const char *to) {
    SekCaseEvent *e = begin(host, SEK_CASE_SYS_SERVICE_START_TYPE, time, host->services_pid);
    e->event.user_sid = host->system.sid;
    sek_gen_add_str(&e->values, display_and_name[0]);
    sek_gen_add_str(&e->values, from);
    sek_gen_add_str(&e->values, to);
    sek_gen_add_str(&e->values, display_and_name[1]);
}

void sek_case_service_new(SekCaseHost *host, uint64_t time, const SekCaseSession *by, const char *name,
                          const char *command) {
    SekCaseEvent *e = begin(host, SEK_CASE_SYS_SERVICE_INSTALLED, time, host->services_pid);
    e->event.user_sid = by->sid;
    sek_gen_add_str(&e->values, name);
    sek_gen_add_str(&e->values, command);
    sek_gen_add_str(&e->values, "user mode service");
    sek_gen_add_str(&e->values, "auto start");
    sek_gen_add_str(&e->values, "LocalSystem");
}

void sek_case_hive(SekCaseHost *host, uint64_t time, const char *hive, uint32_t keys, uint32_t pages) {
    SekCaseEvent *e = begin(host, SEK_CASE_SYS_HIVE, time, host->netsvcs->pid);
    e->event.user_sid = host->system.sid;
    sek_gen_add_int(&e->values, SEK_GEN_UINT16, strlen(hive));
    sek_gen_add_str(&e->values, hive);
    sek_gen_add_u32(&e->values, keys);
    sek_gen_add_u32(&e->values, pages);
}

static SekCaseEvent *update_event(SekCaseHost *host, uint64_t time, SekCaseKind kind, const char *title,
                                  const SekGenGuid *id) {
    SekCaseEvent *e = begin(host, kind, time, host->update->pid);
    e->event.user_sid = host->system.sid;
    sek_gen_add_str(&e->values, title);
    sek_gen_add_guid(&e->values, id);
    sek_gen_add_u32(&e->values, 200);
    return e;
}

void sek_case_update(SekCaseHost *host, uint64_t time, uint64_t took, const char *title) {
    SekGenGuid id = sek_case_guid(host);
    update_event(host, time, SEK_CASE_SYS_UPDATE_DOWNLOAD, title, &id);
    time += sek_case_span(&host->rng, 4 * SEK_CASE_SECOND, 90 * SEK_CASE_SECOND);
    update_event(host, time, SEK_CASE_SYS_UPDATE_START, title, &id);
    SekCaseEvent *e = update_event(host, time + took, SEK_CASE_SYS_UPDATE_DONE, title, &id);
    sek_gen_add_guid_text(&e->values, "{9482F4B4-E343-43B6-B170-9A65BC822C77}");
}

void sek_case_policy(SekCaseHost *host, uint64_t time, bool for_user) {
    SekCaseKind kind = for_user ? SEK_CASE_SYS_POLICY_USER : SEK_CASE_SYS_POLICY_COMPUTER;
    SekCaseEvent *e = begin(host, kind, time, host->netsvcs->pid);
    e->activity = sek_case_guid(host);
    e->event.activity = &e->activity;
    e->event.user_sid = for_user && host->user ? host->user->sid : host->system.sid;
    sek_gen_add_u32(&e->values, 1);
    sek_gen_add_u32(&e->values, for_user ? 4326 : 4220);
    sek_gen_add_u32(&e->values, 0);
    sek_gen_add_u32(&e->values, sek_case_between(&host->rng, 140, 2900));
    sek_gen_add_str(&e->values, "\\\\DC01.yamabuki.example");
}

void sek_case_winlogon(SekCaseHost *host, uint64_t time, const SekCaseSession *session, bool on) {
    SekCaseEvent *e = begin(host, on ? SEK_CASE_SYS_LOGON : SEK_CASE_SYS_LOGOFF, time, host->winlogon->pid);
    e->event.user_sid = host->system.sid;
    sek_gen_add_u32(&e->values, session->terminal);
    sek_gen_add_sid(&e->values, session->sid);
}

void sek_case_time_peer(SekCaseHost *host, uint64_t time) {
    SekCaseEvent *e = begin(host, SEK_CASE_SYS_TIME_PEER, time, host->netsvcs->pid);
    e->event.user_sid = host->local_service.sid;
    sek_gen_add_str(
        &e->values,
        sek_case_fmt(host->arena, "DC01.yamabuki.example (ntp.d|0x0|0.0.0.0:123->192.168.10.2:123)"));
}

void sek_case_dns_timeout(SekCaseHost *host, uint64_t time, const char *name) {
    /* A sockaddr_in of 192.168.10.2 port 53. */
    static const uint8_t address[16] = {2, 0, 0, 53, 192, 168, 10, 2};
    SekCaseEvent *e = begin(host, SEK_CASE_SYS_DNS_TIMEOUT, time, host->dns_cache->pid);
    e->event.user_sid = host->network_service.sid;
    sek_gen_add_str(&e->values, name);
    sek_gen_add_u32(&e->values, 128);
    sek_gen_add_binary(&e->values, address, sizeof address);
}

void sek_case_dcom_permission(SekCaseHost *host, uint64_t time) {
    const SekCaseSession *s = host->user ? host->user : &host->system;
    SekCaseEvent *e = begin(host, SEK_CASE_SYS_DCOM_PERMISSION, time, host->dcom_launch->pid);
    e->event.user_sid = s->sid;
    const char *const params[11] = {"application-specific",
                                    "Local",
                                    "Activation",
                                    "{2593F8B9-4EAF-457C-B68A-50F6B8EA6B54}",
                                    "{15C20B67-12E7-4BB6-92BB-7AFF07997402}",
                                    s->domain,
                                    s->user,
                                    s->sid,
                                    "LocalHost (Using LRPC)",
                                    "Unavailable",
                                    "Unavailable"};
    for (size_t i = 0; i < 11; i++) {
        sek_gen_add_str(&e->values, params[i]);
    }
}

void sek_case_uptime(SekCaseHost *host, uint64_t time) {
    SekCaseEvent *e = begin(host, SEK_CASE_SYS_UPTIME, time, 0);
    char *seconds = sek_case_fmt(host->arena, "%u", (unsigned)((time - host->boot) / SEK_CASE_SECOND));
    const char *const data[7] = {"", "", "", "", seconds, "60", "-540 Tokyo Standard Time"};
    sek_gen_add_str_array(&e->values, data, 7);
    sek_gen_add_u32(&e->values, 0);
    sek_gen_add_null(&e->values);
}
