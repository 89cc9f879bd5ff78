/* SPDX-License-Identifier: Apache-2.0 */
/* Sources: NXLog user guide, "Event Log for Windows" (im_msvistalog fields); Elastic, "Winlogbeat
 * exported fields"; Zircolite's field mappings; PowerShell's EventLogRecord; Splunk's Windows event
 * fields; Event Viewer's CSV. Types of Windows' fields: manifests of Security-Auditing and Sysmon. */
#include "event/text_names.h"

#include "event/text_plan.h"

#define FIX(kind) (1 + SEK_FIX_##kind)

typedef struct {
    const char *name; /* lower case, without blanks, underscores and dots; as it is when `exact` */
    SekName is;
    bool exact; /* other spellings are other fields: ProcessID is the system's, ProcessId Sysmon's */
} Known;

static const Known flat_names[] = {
    {"channel", {SEK_NAME_CHANNEL, 1, 0, false}, false},
    {"logname", {SEK_NAME_CHANNEL, 2, 0, false}, false},
    {"providername", {SEK_NAME_PROVIDER, 1, 0, false}, false},
    {"source_name", {SEK_NAME_PROVIDER, 2, 0, false}, true},
    {"SourceName", {SEK_NAME_PROVIDER, 2, 0, false}, true}, /* "Source Name" is Defender's own */
    {"provider", {SEK_NAME_PROVIDER, 3, 0, false}, false},
    {"Source", {SEK_NAME_PROVIDER, 4, 0, false}, true},
    {"providerguid", {SEK_NAME_PROVIDER_GUID, 1, 0, false}, false},
    {"Guid", {SEK_NAME_PROVIDER_GUID, 2, 0, false}, true},
    {"providereventsourcename", {SEK_NAME_PROVIDER_SOURCE, 1, 0, false}, false},
    {"EventSourceName", {SEK_NAME_PROVIDER_SOURCE, 2, 0, false}, true},
    {"eventid", {SEK_NAME_EVENT_ID, 1, 0, false}, false},
    {"eventcode", {SEK_NAME_EVENT_ID, 2, 0, false}, false},
    {"Id", {SEK_NAME_EVENT_ID, 3, 0, false}, true},
    {"eventidqualifiers", {SEK_NAME_QUALIFIERS, 1, 0, false}, false},
    {"Qualifiers", {SEK_NAME_QUALIFIERS, 2, 0, false}, true},
    {"Version", {SEK_NAME_VERSION, 1, 0, false}, true},
    {"level", {SEK_NAME_LEVEL, 1, FIX(LEVEL), false}, false},
    {"SeverityValue", {SEK_NAME_LEVEL, 2, FIX(SEVERITY), false}, true},
    {"taskvalue", {SEK_NAME_TASK, 1, 0, false}, false},
    {"Task", {SEK_NAME_TASK, 2, 0, false}, true},
    {"opcodevalue", {SEK_NAME_OPCODE, 1, 0, false}, false},
    {"Opcode", {SEK_NAME_OPCODE, 2, 0, false}, true},
    {"Keywords", {SEK_NAME_KEYWORDS, 1, FIX(KEYWORDS), false}, true},
    {"timecreatedsystemtime", {SEK_NAME_TIME, 1, FIX(TIME), false}, false},
    {"systemtime", {SEK_NAME_TIME, 2, FIX(TIME), false}, false},
    {"timecreated", {SEK_NAME_TIME, 3, FIX(TIME), false}, false},
    {"UtcTime", {SEK_NAME_TIME, 4, FIX(TIME), true}, true},
    {"@timestamp", {SEK_NAME_TIME, 5, FIX(TIME), false}, false},
    {"timestamp", {SEK_NAME_TIME, 6, FIX(TIME), false}, false},
    {"eventtime", {SEK_NAME_TIME, 7, FIX(TIME), false}, false},
    {"dateandtime", {SEK_NAME_TIME, 8, FIX(TIME), false}, false},
    {"timegenerated", {SEK_NAME_TIME, 9, FIX(TIME), false}, false},
    {"_time", {SEK_NAME_TIME, 10, FIX(TIME), false}, true},
    {"eventreceivedtime", {SEK_NAME_TIME, 11, FIX(TIME), false}, false},
    {"eventrecordid", {SEK_NAME_RECORD_ID, 1, 0, false}, false},
    {"recordid", {SEK_NAME_RECORD_ID, 2, 0, false}, false},
    {"recordnumber", {SEK_NAME_RECORD_ID, 3, 0, false}, false},
    {"correlationactivityid", {SEK_NAME_ACTIVITY, 1, 0, false}, false},
    {"ActivityID", {SEK_NAME_ACTIVITY, 2, 0, false}, true},
    {"correlationrelatedactivityid", {SEK_NAME_RELATED_ACTIVITY, 1, 0, false}, false},
    {"RelatedActivityID", {SEK_NAME_RELATED_ACTIVITY, 2, 0, false}, true},
    {"executionprocessid", {SEK_NAME_PROCESS, 1, 0, false}, false},
    {"ProcessID", {SEK_NAME_PROCESS, 2, 0, false}, true},
    {"executionthreadid", {SEK_NAME_THREAD, 1, 0, false}, false},
    {"ThreadID", {SEK_NAME_THREAD, 2, 0, false}, true},
    {"computer", {SEK_NAME_COMPUTER, 1, 0, false}, false},
    {"computername", {SEK_NAME_COMPUTER, 2, 0, false}, false},
    {"machinename", {SEK_NAME_COMPUTER, 3, 0, false}, false},
    {"Hostname", {SEK_NAME_COMPUTER, 4, 0, false}, true},
    {"securityuserid", {SEK_NAME_USER, 1, 0, false}, false},
    {"UserID", {SEK_NAME_USER, 2, 0, false}, true},
    {"Message", {SEK_NAME_RENDERED_MESSAGE, 1, 0, false}, true},
    {"leveldisplayname", {SEK_NAME_RENDERED_LEVEL, 1, 0, false}, false},
    {"Severity", {SEK_NAME_RENDERED_LEVEL, 2, 0, false}, true},
    {"taskcategory", {SEK_NAME_RENDERED_TASK, 1, 0, false}, false},
    {"taskdisplayname", {SEK_NAME_RENDERED_TASK, 2, 0, false}, false},
    {"Category", {SEK_NAME_RENDERED_TASK, 3, 0, false}, true},
    {"opcodedisplayname", {SEK_NAME_RENDERED_OPCODE, 1, 0, false}, false},
    {"keywordsdisplaynames", {SEK_NAME_RENDERED_KEYWORDS, 1, 0, false}, false},
    {"EventType", {SEK_NAME_EVENT_TYPE, 1, 0, false}, true},
    /* Event Viewer's in Japanese */
    {"レベル", {SEK_NAME_LEVEL, 1, FIX(LEVEL), false}, true},
    {"キーワード", {SEK_NAME_KEYWORDS, 1, FIX(KEYWORDS), false}, true},
    {"日付と時刻", {SEK_NAME_TIME, 8, FIX(TIME), false}, true},
    {"ソース", {SEK_NAME_PROVIDER, 4, 0, false}, true},
    {"イベント ID", {SEK_NAME_EVENT_ID, 2, 0, false}, true},
    {"タスクのカテゴリ", {SEK_NAME_RENDERED_TASK, 1, 0, false}, true},
    {"コンピューター", {SEK_NAME_COMPUTER, 1, 0, false}, true},
    {"ログの名前", {SEK_NAME_CHANNEL, 2, 0, false}, true},
    /* ... in German; "Computer" is the same */
    {"Ebene", {SEK_NAME_LEVEL, 1, FIX(LEVEL), false}, true},
    {"Schlüsselwörter", {SEK_NAME_KEYWORDS, 1, FIX(KEYWORDS), false}, true},
    {"Datum und Uhrzeit", {SEK_NAME_TIME, 8, FIX(TIME), false}, true},
    {"Quelle", {SEK_NAME_PROVIDER, 4, 0, false}, true},
    {"Ereignis-ID", {SEK_NAME_EVENT_ID, 2, 0, false}, true},
    {"Aufgabenkategorie", {SEK_NAME_RENDERED_TASK, 1, 0, false}, true},
    /* ... in French; "Source" is the same */
    {"Niveau", {SEK_NAME_LEVEL, 1, FIX(LEVEL), false}, true},
    {"Mots clés", {SEK_NAME_KEYWORDS, 1, FIX(KEYWORDS), false}, true},
    {"Date et heure", {SEK_NAME_TIME, 8, FIX(TIME), false}, true},
    {"ID de l’événement", {SEK_NAME_EVENT_ID, 2, 0, false}, true},
    {"ID de l'événement", {SEK_NAME_EVENT_ID, 2, 0, false}, true},
    {"Catégorie de la tâche", {SEK_NAME_RENDERED_TASK, 1, 0, false}, true},
    {"Ordinateur", {SEK_NAME_COMPUTER, 1, 0, false}, true},
};

static const Known winlogbeat_names[] = {
    {"winlog.channel", {SEK_NAME_CHANNEL, 1, 0, false}, true},
    {"winlog.provider_name", {SEK_NAME_PROVIDER, 1, 0, false}, true},
    {"winlog.provider_guid", {SEK_NAME_PROVIDER_GUID, 1, 0, false}, true},
    {"winlog.event_id", {SEK_NAME_EVENT_ID, 1, 0, false}, true},
    {"event.code", {SEK_NAME_EVENT_ID, 2, 0, false}, true},
    {"winlog.version", {SEK_NAME_VERSION, 1, 0, false}, true},
    {"winlog.level", {SEK_NAME_LEVEL, 1, FIX(LEVEL), false}, true},
    {"log.level", {SEK_NAME_LEVEL, 2, FIX(LEVEL), false}, true},
    {"winlog.task", {SEK_NAME_RENDERED_TASK, 1, 0, false}, true},
    {"winlog.opcode", {SEK_NAME_RENDERED_OPCODE, 1, 0, false}, true},
    {"winlog.keywords", {SEK_NAME_RENDERED_KEYWORDS, 1, 0, false}, true},
    {"winlog.time_created", {SEK_NAME_TIME, 1, FIX(TIME), false}, true},
    {"@timestamp", {SEK_NAME_TIME, 2, FIX(TIME), false}, true},
    {"winlog.record_id", {SEK_NAME_RECORD_ID, 1, 0, false}, true},
    {"winlog.activity_id", {SEK_NAME_ACTIVITY, 1, 0, false}, true},
    {"winlog.related_activity_id", {SEK_NAME_RELATED_ACTIVITY, 1, 0, false}, true},
    {"winlog.process.pid", {SEK_NAME_PROCESS, 1, 0, false}, true},
    {"winlog.process.thread.id", {SEK_NAME_THREAD, 1, 0, false}, true},
    {"winlog.computer_name", {SEK_NAME_COMPUTER, 1, 0, false}, true},
    {"winlog.user.identifier", {SEK_NAME_USER, 1, 0, false}, true},
    {"message", {SEK_NAME_RENDERED_MESSAGE, 1, 0, false}, true},
};

#define LOOSE_MAX 64u /* no known name is longer */

/* Lower case, without what programs put between words; empty when too long to be known. */
static SekStr loose(SekStr name, char *out) {
    size_t n = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c == ' ' || c == '_' || c == '.')
            continue;
        if (n == LOOSE_MAX)
            return (SekStr){"", 0};
        out[n++] = sek_ascii_lower(c);
    }
    return sek_str_n(out, n);
}

static SekName find(const Known *known, size_t n, SekStr name) {
    char text[LOOSE_MAX];
    SekStr simple = loose(name, text);
    for (size_t i = 0; i < n; i++)
        if (sek_str_eq(known[i].exact ? name : simple, sek_str(known[i].name)))
            return known[i].is;
    return (SekName){.field = SEK_NAME_NONE};
}

SekName sek_name_flat(SekStr name) {
    return find(flat_names, sizeof flat_names / sizeof *flat_names, name);
}

SekName sek_name_winlogbeat(SekStr path) {
    return find(winlogbeat_names, sizeof winlogbeat_names / sizeof *winlogbeat_names, path);
}

unsigned sek_name_hex(SekStr name) {
    static const struct {
        const char *name;
        unsigned fix;
    } known[] = {
        {"AccessMask", FIX(HEX_SECURITY)},
        {"CallerProcessId", FIX(HEX_SECURITY)},
        {"ClientProcessId", FIX(HEX_SECURITY)},
        {"FailureCode", FIX(HEX_SECURITY)},
        {"HandleId", FIX(HEX_SECURITY)},
        {"NewProcessId", FIX(HEX_SECURITY)},
        {"NewUacValue", FIX(HEX_SECURITY)},
        {"OldUacValue", FIX(HEX_SECURITY)},
        {"ProcessId", FIX(HEX_SECURITY)},
        {"SourceHandleId", FIX(HEX_SECURITY)},
        {"SourceProcessId", FIX(HEX_SECURITY)},
        {"Status", FIX(HEX_SECURITY)},
        {"SubStatus", FIX(HEX_SECURITY)},
        {"SubjectLogonId", FIX(HEX_SECURITY)},
        {"TargetHandleId", FIX(HEX_SECURITY)},
        {"TargetLinkedLogonId", FIX(HEX_SECURITY)},
        {"TargetLogonId", FIX(HEX_SECURITY)},
        {"TargetProcessId", FIX(HEX_SECURITY)},
        {"TicketEncryptionType", FIX(HEX_SECURITY)},
        {"TicketOptions", FIX(HEX_SECURITY)},
        {"ProtectedDataFlags", FIX(HEX_SECURITY)},
        {"GrantedAccess", FIX(HEX_SYSMON)},
        {"LogonId", FIX(HEX_SYSMON)},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (sek_str_eq(name, sek_str(known[i].name)))
            return known[i].fix;
    return 0;
}

bool sek_name_of_finding(SekStr name) {
    char text[LOOSE_MAX];
    SekStr simple = loose(name, text);
    return sek_str_eq(simple, SEK_STR("ruletitle")); /* RuleId is a field of firewall events */
}

bool sek_name_is_param(SekStr name) {
    SekStr head = SEK_STR("param");
    if (!sek_str_starts(name, head) || name.len == head.len || name.len > head.len + 4)
        return false;
    for (size_t i = head.len; i < name.len; i++)
        if (name.ptr[i] < '0' || name.ptr[i] > '9')
            return false;
    return true;
}
