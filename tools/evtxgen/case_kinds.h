/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of events that the case uses, with System values and fields as Windows writes them. */
#pragma once

#include "evtxgen/gen_template.h"

typedef enum SekCaseChannel {
    SEK_CASE_SYSMON,
    SEK_CASE_SECURITY,
    SEK_CASE_SYSTEM,
    SEK_CASE_POWERSHELL,
    SEK_CASE_POWERSHELL_CLASSIC,
    SEK_CASE_TASKS,
    SEK_CASE_N_CHANNELS
} SekCaseChannel;

typedef enum SekCaseProvider {
    SEK_CASE_P_SYSMON,
    SEK_CASE_P_AUDIT,
    SEK_CASE_P_EVENTLOG_SECURITY,
    SEK_CASE_P_POWERSHELL,
    SEK_CASE_P_POWERSHELL_CLASSIC,
    SEK_CASE_P_TASKS,
    SEK_CASE_P_SCM,
    SEK_CASE_P_KERNEL_GENERAL,
    SEK_CASE_P_UPDATE,
    SEK_CASE_P_GROUP_POLICY,
    SEK_CASE_P_WINLOGON,
    SEK_CASE_P_TIME,
    SEK_CASE_P_DNS,
    SEK_CASE_P_DCOM,
    SEK_CASE_P_EVENTLOG_CLASSIC,
    SEK_CASE_N_PROVIDERS
} SekCaseProvider;

typedef enum SekCaseKind {
    SEK_CASE_SYSMON_PROCESS,
    SEK_CASE_SYSMON_FILE_TIME,
    SEK_CASE_SYSMON_NETWORK,
    SEK_CASE_SYSMON_EXIT,
    SEK_CASE_SYSMON_IMAGE,
    SEK_CASE_SYSMON_FILE,
    SEK_CASE_SYSMON_KEY,
    SEK_CASE_SYSMON_VALUE,
    SEK_CASE_SYSMON_DNS,
    SEK_CASE_SYSMON_DELETE,
    SEK_CASE_SEC_CLEARED,
    SEK_CASE_SEC_ARCHIVED,
    SEK_CASE_SEC_TIME,
    SEK_CASE_SEC_LOGON,
    SEK_CASE_SEC_LOGON_FAILED,
    SEK_CASE_SEC_LOGOFF,
    SEK_CASE_SEC_LOGOFF_USER,
    SEK_CASE_SEC_EXPLICIT,
    SEK_CASE_SEC_REGISTRY,
    SEK_CASE_SEC_PRIVILEGES,
    SEK_CASE_SEC_PROCESS,
    SEK_CASE_SEC_EXIT,
    SEK_CASE_SEC_SERVICE,
    SEK_CASE_SEC_TASK_CREATED,
    SEK_CASE_SEC_TASK_UPDATED,
    SEK_CASE_SEC_NTLM,
    SEK_CASE_SEC_LOCKED,
    SEK_CASE_SEC_UNLOCKED,
    SEK_CASE_SEC_USER_GROUPS,
    SEK_CASE_SEC_GROUP_MEMBERS,
    SEK_CASE_SEC_KEY_FILE,
    SEK_CASE_SEC_KEY_USE,
    SEK_CASE_SEC_SHARE,
    SEK_CASE_SEC_SHARE_FILE,
    SEK_CASE_SYS_SERVICE_STATE,
    SEK_CASE_SYS_SERVICE_START_TYPE,
    SEK_CASE_SYS_SERVICE_INSTALLED,
    SEK_CASE_SYS_HIVE,
    SEK_CASE_SYS_UPDATE_DOWNLOAD,
    SEK_CASE_SYS_UPDATE_START,
    SEK_CASE_SYS_UPDATE_DONE,
    SEK_CASE_SYS_POLICY_COMPUTER,
    SEK_CASE_SYS_POLICY_USER,
    SEK_CASE_SYS_LOGON,
    SEK_CASE_SYS_LOGOFF,
    SEK_CASE_SYS_TIME_PEER,
    SEK_CASE_SYS_DNS_TIMEOUT,
    SEK_CASE_SYS_DCOM_PERMISSION,
    SEK_CASE_SYS_UPTIME,
    SEK_CASE_PS_BLOCK,
    SEK_CASE_PS_STARTING,
    SEK_CASE_PS_READY,
    SEK_CASE_PS_IPC,
    SEK_CASE_PSC_ENGINE_START,
    SEK_CASE_PSC_ENGINE_STOP,
    SEK_CASE_PSC_PROVIDER,
    SEK_CASE_PSC_PIPELINE,
    SEK_CASE_TASK_STARTED,
    SEK_CASE_TASK_DONE,
    SEK_CASE_TASK_REGISTERED,
    SEK_CASE_TASK_BY_TIME,
    SEK_CASE_TASK_BY_LOGON,
    SEK_CASE_TASK_PROCESS,
    SEK_CASE_TASK_UPDATED,
    SEK_CASE_TASK_ACTION_STARTED,
    SEK_CASE_TASK_ACTION_DONE,
    SEK_CASE_N_KINDS
} SekCaseKind;

typedef struct SekCaseKindInfo {
    uint8_t provider; /* SekCaseProvider */
    uint16_t event_id;
    uint8_t version;
    uint8_t level;
    uint16_t task;
    uint8_t opcode;
    uint64_t keywords;
    int32_t qualifiers; /* below 0: none */
    const char *root;
    const char *fields;   /* for sek_gen_template_fields() */
    const char *fields13; /* what Sysmon 13.30 and later append, or NULL */
} SekCaseKindInfo;

typedef struct SekCaseProviderInfo {
    const char *name;
    const char *guid;
    const char *event_source;
    uint32_t flags; /* SEK_GEN_SOURCE_ */
    uint8_t channel;
} SekCaseProviderInfo;

const SekCaseKindInfo *sek_case_kind_info(SekCaseKind kind);
const SekCaseProviderInfo *sek_case_provider_info(SekCaseProvider provider);
const char *sek_case_channel_name(SekCaseChannel channel);

/* The file name that Windows gives the channel's log, without ".evtx". */
const char *sek_case_channel_file(SekCaseChannel channel);
