/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of events, providers and channels.
 *
 * Ids, versions, tasks, opcodes, keywords, field order and field types were read from real logs
 * of Windows 10 and Server 2016 to 2019 and Sysmon 11 to 13 (task scheduler events: from exported
 * XML). Keywords: 0x8020... audit success, 0x8010... audit failure, 0x80 classic. */
#include "evtxgen/case_kinds.h"

#include "evtxgen/gen_system.h"

#define AUDIT_OK 0x8020000000000000ull
#define AUDIT_FAIL 0x8010000000000000ull
#define PLAIN 0x8000000000000000ull
#define CLASSIC 0x80000000000000ull
#define SCM_KEYWORDS 0x8080000000000000ull

#define SUBJECT "SubjectUserSid:sid SubjectUserName:s SubjectDomainName:s SubjectLogonId:x64 "
#define TARGET_SUBJECT "TargetUserName:s TargetDomainName:s TargetSid:sid " SUBJECT
#define SYSMON_PROCESS_ID "RuleName:s UtcTime:s ProcessGuid:g ProcessId:u32 "
#define EVENTLOG_NS " http://manifests.microsoft.com/win/2004/08/windows/eventlog"

#define SYSMON(id, version, fields, more)                                                                    \
    { SEK_CASE_P_SYSMON, id, version, 4, id, 0, PLAIN, -1, "EventData", fields, more }
#define AUDIT(id, version, task, fields)                                                                     \
    { SEK_CASE_P_AUDIT, id, version, 0, task, 0, AUDIT_OK, -1, "EventData", fields, NULL }
#define SCM(id, fields)                                                                                      \
    { SEK_CASE_P_SCM, id, 0, 4, 0, 0, SCM_KEYWORDS, 16384, "EventData", fields, NULL }
#define TASK(id, version, opcode, keywords, name, fields)                                                    \
    { SEK_CASE_P_TASKS, id, version, 4, id, opcode, keywords, -1, "EventData " name, fields, NULL }
#define PS_CLASSIC(id, task)                                                                                 \
    {                                                                                                        \
        SEK_CASE_P_POWERSHELL_CLASSIC, id, 0, 4, task, 0, CLASSIC, 0, "EventData",                           \
            "*:s[]? -:u32 Binary:bin?", NULL                                                                 \
    }
#define SYSTEM(provider, id, version, task, opcode, keywords, fields)                                        \
    { provider, id, version, 4, task, opcode, keywords, -1, "EventData", fields, NULL }

static const SekCaseKindInfo kinds[SEK_CASE_N_KINDS] = {
    [SEK_CASE_SYSMON_PROCESS] =
        SYSMON(1, 5,
               SYSMON_PROCESS_ID "Image:s FileVersion:s Description:s Product:s Company:s OriginalFileName:s "
                                 "CommandLine:s CurrentDirectory:s User:s LogonGuid:g LogonId:x64 "
                                 "TerminalSessionId:u32 IntegrityLevel:s Hashes:s ParentProcessGuid:g "
                                 "ParentProcessId:u32 ParentImage:s ParentCommandLine:s",
               " ParentUser:s"),
    [SEK_CASE_SYSMON_FILE_TIME] =
        SYSMON(2, 4, SYSMON_PROCESS_ID "Image:s TargetFilename:s CreationUtcTime:s PreviousCreationUtcTime:s",
               " User:s"),
    [SEK_CASE_SYSMON_NETWORK] = SYSMON(
        3, 5,
        SYSMON_PROCESS_ID "Image:s User:s Protocol:s Initiated:b SourceIsIpv6:b SourceIp:s SourceHostname:s "
                          "SourcePort:u16 SourcePortName:s DestinationIsIpv6:b DestinationIp:s "
                          "DestinationHostname:s DestinationPort:u16 DestinationPortName:s",
        NULL),
    [SEK_CASE_SYSMON_EXIT] = SYSMON(5, 3, SYSMON_PROCESS_ID "Image:s", " User:s"),
    [SEK_CASE_SYSMON_IMAGE] =
        SYSMON(7, 3,
               SYSMON_PROCESS_ID "Image:s ImageLoaded:s FileVersion:s Description:s Product:s Company:s "
                                 "OriginalFileName:s Hashes:s Signed:s Signature:s SignatureStatus:s",
               " User:s"),
    [SEK_CASE_SYSMON_FILE] =
        SYSMON(11, 2, SYSMON_PROCESS_ID "Image:s TargetFilename:s CreationUtcTime:s", " User:s"),
    [SEK_CASE_SYSMON_KEY] = SYSMON(12, 2,
                                   "RuleName:s EventType:s UtcTime:s ProcessGuid:g ProcessId:u32 "
                                   "Image:s TargetObject:s",
                                   " User:s"),
    [SEK_CASE_SYSMON_VALUE] = SYSMON(13, 2,
                                     "RuleName:s EventType:s UtcTime:s ProcessGuid:g ProcessId:u32 Image:s "
                                     "TargetObject:s Details:s",
                                     " User:s"),
    [SEK_CASE_SYSMON_DNS] =
        SYSMON(22, 5, SYSMON_PROCESS_ID "QueryName:s QueryStatus:s QueryResults:s Image:s", " User:s"),
    [SEK_CASE_SYSMON_DELETE] = SYSMON(
        23, 5, SYSMON_PROCESS_ID "User:s Image:s TargetFilename:s Hashes:s IsExecutable:b Archived:s", NULL),
    [SEK_CASE_SEC_CLEARED] = {SEK_CASE_P_EVENTLOG_SECURITY, 1102, 0, 4, 104, 0, 0x4020000000000000ull, -1,
                              "LogFileCleared" EVENTLOG_NS, SUBJECT, NULL},
    [SEK_CASE_SEC_ARCHIVED] = {SEK_CASE_P_EVENTLOG_SECURITY, 1105, 0, 4, 105, 0, 0x4020000000000000ull, -1,
                               "AutoBackup" EVENTLOG_NS, "Channel:s BackupPath:s", NULL},
    [SEK_CASE_SEC_TIME] =
        AUDIT(4616, 1, 12288, SUBJECT "PreviousTime:ft NewTime:ft ProcessId:sz ProcessName:s"),
    [SEK_CASE_SEC_LOGON] =
        AUDIT(4624, 2, 12544,
              SUBJECT "TargetUserSid:sid TargetUserName:s TargetDomainName:s TargetLogonId:x64 "
                      "LogonType:u32 LogonProcessName:s AuthenticationPackageName:s WorkstationName:s "
                      "LogonGuid:g TransmittedServices:s LmPackageName:s KeyLength:u32 ProcessId:sz "
                      "ProcessName:s IpAddress:s IpPort:s ImpersonationLevel:s RestrictedAdminMode:s "
                      "TargetOutboundUserName:s TargetOutboundDomainName:s VirtualAccount:s "
                      "TargetLinkedLogonId:x64 ElevatedToken:s"),
    [SEK_CASE_SEC_LOGON_FAILED] =
        {SEK_CASE_P_AUDIT, 4625, 0, 0, 12544, 0, AUDIT_FAIL, -1, "EventData",
         SUBJECT "TargetUserSid:sid TargetUserName:s TargetDomainName:s Status:x32 FailureReason:s "
                 "SubStatus:x32 LogonType:u32 LogonProcessName:s AuthenticationPackageName:s "
                 "WorkstationName:s TransmittedServices:s LmPackageName:s KeyLength:u32 ProcessId:sz "
                 "ProcessName:s IpAddress:s IpPort:s",
         NULL},
    [SEK_CASE_SEC_LOGOFF] = AUDIT(4634, 0, 12545,
                                  "TargetUserSid:sid TargetUserName:s TargetDomainName:s TargetLogonId:x64 "
                                  "LogonType:u32"),
    [SEK_CASE_SEC_LOGOFF_USER] =
        AUDIT(4647, 0, 12545, "TargetUserSid:sid TargetUserName:s TargetDomainName:s TargetLogonId:x64"),
    [SEK_CASE_SEC_EXPLICIT] =
        AUDIT(4648, 0, 12544,
              SUBJECT "LogonGuid:g TargetUserName:s TargetDomainName:s TargetLogonGuid:g "
                      "TargetServerName:s TargetInfo:s ProcessId:sz ProcessName:s IpAddress:s "
                      "IpPort:s"),
    [SEK_CASE_SEC_REGISTRY] =
        AUDIT(4657, 0, 12801,
              SUBJECT "ObjectName:s ObjectValueName:s HandleId:sz OperationType:s OldValueType:s "
                      "OldValue:s NewValueType:s NewValue:s ProcessId:sz ProcessName:s"),
    [SEK_CASE_SEC_PRIVILEGES] = AUDIT(4672, 0, 12548, SUBJECT "PrivilegeList:s"),
    [SEK_CASE_SEC_PROCESS] =
        AUDIT(4688, 2, 13312,
              SUBJECT "NewProcessId:sz NewProcessName:s TokenElevationType:s ProcessId:sz "
                      "CommandLine:s TargetUserSid:sid TargetUserName:s TargetDomainName:s "
                      "TargetLogonId:x64 ParentProcessName:s MandatoryLabel:sid"),
    [SEK_CASE_SEC_EXIT] = AUDIT(4689, 0, 13313, SUBJECT "Status:x32 ProcessId:sz ProcessName:s"),
    [SEK_CASE_SEC_SERVICE] =
        AUDIT(4697, 0, 12289,
              SUBJECT "ServiceName:s ServiceFileName:s ServiceType:x32 ServiceStartType:u32 "
                      "ServiceAccount:s"),
    [SEK_CASE_SEC_TASK_CREATED] = AUDIT(4698, 0, 12804, SUBJECT "TaskName:s TaskContent:s"),
    [SEK_CASE_SEC_TASK_UPDATED] = AUDIT(4702, 0, 12804, SUBJECT "TaskName:s TaskContentNew:s"),
    [SEK_CASE_SEC_NTLM] = AUDIT(4776, 0, 14336, "PackageName:s TargetUserName:s Workstation:s Status:x32"),
    [SEK_CASE_SEC_LOCKED] = AUDIT(4800, 0, 12551,
                                  "TargetUserSid:sid TargetUserName:s TargetDomainName:s TargetLogonId:x64 "
                                  "SessionId:u32"),
    [SEK_CASE_SEC_UNLOCKED] = AUDIT(4801, 0, 12551,
                                    "TargetUserSid:sid TargetUserName:s TargetDomainName:s TargetLogonId:x64 "
                                    "SessionId:u32"),
    [SEK_CASE_SEC_USER_GROUPS] =
        AUDIT(4798, 0, 13824, TARGET_SUBJECT "CallerProcessId:sz CallerProcessName:s"),
    [SEK_CASE_SEC_GROUP_MEMBERS] =
        AUDIT(4799, 0, 13826, TARGET_SUBJECT "CallerProcessId:sz CallerProcessName:s"),
    [SEK_CASE_SEC_KEY_FILE] =
        AUDIT(5058, 0, 12292,
              SUBJECT "ProviderName:s AlgorithmName:s KeyName:s KeyType:s KeyFilePath:s "
                      "Operation:s ReturnCode:x32"),
    [SEK_CASE_SEC_KEY_USE] = AUDIT(5061, 0, 12290,
                                   SUBJECT "ProviderName:s AlgorithmName:s KeyName:s KeyType:s Operation:s "
                                           "ReturnCode:x32"),
    [SEK_CASE_SEC_SHARE] = AUDIT(5140, 1, 12808,
                                 SUBJECT "ObjectType:s IpAddress:s IpPort:s ShareName:s ShareLocalPath:s "
                                         "AccessMask:x32 AccessList:s"),
    [SEK_CASE_SEC_SHARE_FILE] =
        AUDIT(5145, 0, 12811,
              SUBJECT "ObjectType:s IpAddress:s IpPort:s ShareName:s ShareLocalPath:s "
                      "RelativeTargetName:s AccessMask:x32 AccessList:s AccessReason:s"),
    [SEK_CASE_SYS_SERVICE_STATE] = SCM(7036, "param1:s param2:s Binary:bin"),
    [SEK_CASE_SYS_SERVICE_START_TYPE] = SCM(7040, "param1:s param2:s param3:s param4:s"),
    [SEK_CASE_SYS_SERVICE_INSTALLED] =
        SCM(7045, "ServiceName:s ImagePath:s ServiceType:s StartType:s AccountName:s"),
    [SEK_CASE_SYS_HIVE] = SYSTEM(SEK_CASE_P_KERNEL_GENERAL, 16, 0, 0, 0, PLAIN,
                                 "HiveNameLength:u16 HiveName:s KeysUpdated:u32 DirtyPages:u32"),
    [SEK_CASE_SYS_UPDATE_DOWNLOAD] = SYSTEM(SEK_CASE_P_UPDATE, 44, 1, 1, 12, 0x8000000000002004ull,
                                            "updateTitle:s updateGuid:g updateRevisionNumber:u32"),
    [SEK_CASE_SYS_UPDATE_START] = SYSTEM(SEK_CASE_P_UPDATE, 43, 1, 1, 13, 0x8000000000002008ull,
                                         "updateTitle:s updateGuid:g updateRevisionNumber:u32"),
    [SEK_CASE_SYS_UPDATE_DONE] = SYSTEM(SEK_CASE_P_UPDATE, 19, 1, 1, 13, 0x8000000000000018ull,
                                        "updateTitle:s updateGuid:g updateRevisionNumber:u32 serviceGuid:g"),
    [SEK_CASE_SYS_POLICY_COMPUTER] = SYSTEM(SEK_CASE_P_GROUP_POLICY, 1500, 0, 0, 1, PLAIN,
                                            "SupportInfo1:u32 SupportInfo2:u32 ProcessingMode:u32 "
                                            "ProcessingTimeInMilliseconds:u32 DCName:s"),
    [SEK_CASE_SYS_POLICY_USER] = SYSTEM(SEK_CASE_P_GROUP_POLICY, 1501, 0, 0, 1, PLAIN,
                                        "SupportInfo1:u32 SupportInfo2:u32 ProcessingMode:u32 "
                                        "ProcessingTimeInMilliseconds:u32 DCName:s"),
    [SEK_CASE_SYS_LOGON] =
        SYSTEM(SEK_CASE_P_WINLOGON, 7001, 0, 1101, 0, 0x2000200000000000ull, "TSId:u32 UserSid:sid"),
    [SEK_CASE_SYS_LOGOFF] =
        SYSTEM(SEK_CASE_P_WINLOGON, 7002, 0, 1102, 0, 0x2000200000000000ull, "TSId:u32 UserSid:sid"),
    [SEK_CASE_SYS_TIME_PEER] = {SEK_CASE_P_TIME, 37, 0, 4, 0, 0, PLAIN, -1,
                                "EventData TMP_EVENT_TIME_SOURCE_REACHABLE", "TimeSource:s", NULL},
    [SEK_CASE_SYS_DNS_TIMEOUT] = {SEK_CASE_P_DNS, 1014, 0, 3, 1014, 0, 0x4000000010000000ull, -1, "EventData",
                                  "QueryName:s AddressLength:u32 Address:bin", NULL},
    [SEK_CASE_SYS_DCOM_PERMISSION] =
        {SEK_CASE_P_DCOM, 10016, 0, 3, 0, 0, SCM_KEYWORDS, 0, "EventData",
         "param1:s param2:s param3:s param4:s param5:s param6:s param7:s param8:s param9:s "
         "param10:s param11:s",
         NULL},
    [SEK_CASE_SYS_UPTIME] = {SEK_CASE_P_EVENTLOG_CLASSIC, 6013, 0, 4, 0, 0, CLASSIC, 32768, "EventData",
                             "*:s[]? -:u32 Binary:bin?", NULL},
    [SEK_CASE_PS_BLOCK] = {SEK_CASE_P_POWERSHELL, 4104, 1, 5, 2, 15, 0, -1, "EventData",
                           "MessageNumber:i32 MessageTotal:i32 ScriptBlockText:s ScriptBlockId:s "
                           "Path:s",
                           NULL},
    [SEK_CASE_PS_STARTING] = {SEK_CASE_P_POWERSHELL, 40961, 1, 4, 4, 1, 0, -1, "EventData", "", NULL},
    [SEK_CASE_PS_READY] = {SEK_CASE_P_POWERSHELL, 40962, 1, 4, 4, 2, 0, -1, "EventData", "", NULL},
    [SEK_CASE_PS_IPC] = {SEK_CASE_P_POWERSHELL, 53504, 1, 4, 111, 10, 0, -1, "EventData", "param1:s param2:s",
                         NULL},
    [SEK_CASE_PSC_ENGINE_START] = PS_CLASSIC(400, 4),
    [SEK_CASE_PSC_ENGINE_STOP] = PS_CLASSIC(403, 4),
    [SEK_CASE_PSC_PROVIDER] = PS_CLASSIC(600, 6),
    [SEK_CASE_PSC_PIPELINE] = PS_CLASSIC(800, 8),
    [SEK_CASE_TASK_STARTED] =
        TASK(100, 0, 1, PLAIN | 1, "TaskStartEvent", "TaskName:s UserContext:s InstanceId:g"),
    [SEK_CASE_TASK_DONE] =
        TASK(102, 0, 2, PLAIN | 1, "TaskSuccessEvent", "TaskName:s UserContext:s InstanceId:g"),
    [SEK_CASE_TASK_REGISTERED] = TASK(106, 0, 0, PLAIN, "TaskRegisteredEvent", "TaskName:s UserContext:s"),
    [SEK_CASE_TASK_BY_TIME] = TASK(107, 0, 0, PLAIN, "TimeTrigger", "TaskName:s InstanceId:g"),
    [SEK_CASE_TASK_BY_LOGON] = TASK(119, 0, 0, PLAIN, "LogonTrigger", "TaskName:s UserName:s InstanceId:g"),
    [SEK_CASE_TASK_PROCESS] =
        TASK(129, 0, 0, PLAIN, "CreatedTaskProcess", "TaskName:s Path:s ProcessID:u32 Priority:u32"),
    [SEK_CASE_TASK_UPDATED] = TASK(140, 0, 0, PLAIN, "TaskUpdated", "TaskName:s UserName:s"),
    [SEK_CASE_TASK_ACTION_STARTED] =
        TASK(200, 1, 1, PLAIN, "ActionStart", "TaskName:s ActionName:s TaskInstanceId:g EnginePID:u32"),
    [SEK_CASE_TASK_ACTION_DONE] =
        TASK(201, 2, 2, PLAIN, "ActionSuccess",
             "TaskName:s TaskInstanceId:g ActionName:s ResultCode:u32 EnginePID:u32"),
};

static const SekCaseProviderInfo providers[SEK_CASE_N_PROVIDERS] = {
    [SEK_CASE_P_SYSMON] = {"Microsoft-Windows-Sysmon", "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}", NULL, 0,
                           SEK_CASE_SYSMON},
    [SEK_CASE_P_AUDIT] = {"Microsoft-Windows-Security-Auditing", "{54849625-5478-4994-A5BA-3E3B0328C30D}",
                          NULL, 0, SEK_CASE_SECURITY},
    [SEK_CASE_P_EVENTLOG_SECURITY] = {"Microsoft-Windows-Eventlog", "{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}",
                                      NULL, SEK_GEN_SOURCE_LITERAL | SEK_GEN_SOURCE_USER_DATA,
                                      SEK_CASE_SECURITY},
    [SEK_CASE_P_POWERSHELL] = {"Microsoft-Windows-PowerShell", "{A0C1853B-5C40-4B15-8766-3CF1C58F985A}", NULL,
                               0, SEK_CASE_POWERSHELL},
    [SEK_CASE_P_POWERSHELL_CLASSIC] = {"PowerShell", NULL, NULL, SEK_GEN_SOURCE_LITERAL,
                                       SEK_CASE_POWERSHELL_CLASSIC},
    [SEK_CASE_P_TASKS] = {"Microsoft-Windows-TaskScheduler", "{DE7B24EA-73C8-4A09-985D-5BDADCFA9017}", NULL,
                          0, SEK_CASE_TASKS},
    [SEK_CASE_P_SCM] = {"Service Control Manager", "{555908d1-a6d7-4695-8e1e-26931d2012f4}",
                        "Service Control Manager", SEK_GEN_SOURCE_LITERAL, SEK_CASE_SYSTEM},
    [SEK_CASE_P_KERNEL_GENERAL] = {"Microsoft-Windows-Kernel-General",
                                   "{A68CA8B7-004F-D7B6-A698-07E2DE0F1F5D}", NULL, 0, SEK_CASE_SYSTEM},
    [SEK_CASE_P_UPDATE] = {"Microsoft-Windows-WindowsUpdateClient", "{945A8954-C147-4ACD-923F-40C45405A658}",
                           NULL, 0, SEK_CASE_SYSTEM},
    [SEK_CASE_P_GROUP_POLICY] = {"Microsoft-Windows-GroupPolicy", "{AEA1B4FA-97D1-45F2-A64C-4D69FFFD92C9}",
                                 NULL, 0, SEK_CASE_SYSTEM},
    [SEK_CASE_P_WINLOGON] = {"Microsoft-Windows-Winlogon", "{DBE9B383-7CF3-4331-91CC-A3CB16A3B538}", NULL, 0,
                             SEK_CASE_SYSTEM},
    [SEK_CASE_P_TIME] = {"Microsoft-Windows-Time-Service", "{06EDCFEB-0FD0-4E53-ACCA-A6F8BBF81BCB}", NULL, 0,
                         SEK_CASE_SYSTEM},
    [SEK_CASE_P_DNS] = {"Microsoft-Windows-DNS-Client", "{1C95126E-7EEA-49A9-A3FE-A378B03DDB4D}", NULL, 0,
                        SEK_CASE_SYSTEM},
    [SEK_CASE_P_DCOM] = {"Microsoft-Windows-DistributedCOM", "{1B562E86-B7AA-4131-BADC-B6F3A001407E}", "DCOM",
                         SEK_GEN_SOURCE_LITERAL, SEK_CASE_SYSTEM},
    [SEK_CASE_P_EVENTLOG_CLASSIC] = {"EventLog", NULL, NULL, SEK_GEN_SOURCE_LITERAL | SEK_GEN_SOURCE_OLD,
                                     SEK_CASE_SYSTEM},
};

static const struct {
    const char *name;
    const char *file;
} channels[SEK_CASE_N_CHANNELS] = {
    [SEK_CASE_SYSMON] = {"Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon%4Operational"},
    [SEK_CASE_SECURITY] = {"Security", "Security"},
    [SEK_CASE_SYSTEM] = {"System", "System"},
    [SEK_CASE_POWERSHELL] = {"Microsoft-Windows-PowerShell/Operational",
                             "Microsoft-Windows-PowerShell%4Operational"},
    [SEK_CASE_POWERSHELL_CLASSIC] = {"Windows PowerShell", "Windows PowerShell"},
    [SEK_CASE_TASKS] = {"Microsoft-Windows-TaskScheduler/Operational",
                        "Microsoft-Windows-TaskScheduler%4Operational"},
};

const SekCaseKindInfo *sek_case_kind_info(SekCaseKind kind) {
    return &kinds[kind];
}

const SekCaseProviderInfo *sek_case_provider_info(SekCaseProvider provider) {
    return &providers[provider];
}

const char *sek_case_channel_name(SekCaseChannel channel) {
    return channels[channel].name;
}

const char *sek_case_channel_file(SekCaseChannel channel) {
    return channels[channel].file;
}
