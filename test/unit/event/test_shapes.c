/* SPDX-License-Identifier: Apache-2.0 */

/* One event in every form that is read: its fields must come out the same. */
#include "unit/event/text_test.h"

#include "event/shape.h"

static const char our_dump[] =
    "{\"Event\":{\"#attributes\":{\"xmlns\":\"http://schemas.microsoft.com/win/2004/08/events/event\"},"
    "\"System\":{\"Provider\":{\"#attributes\":{\"Name\":\"Microsoft-Windows-Sysmon\","
    "\"Guid\":\"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}\"}},\"EventID\":1,\"Version\":5,\"Level\":4,\"Task\":"
    "1,"
    "\"Opcode\":0,\"Keywords\":\"0x8000000000000000\",\"TimeCreated\":{\"#attributes\":"
    "{\"SystemTime\":\"2022-04-26T02:20:11.3456780Z\"}},\"EventRecordID\":77,\"Correlation\":null,"
    "\"Execution\":{\"#attributes\":{\"ProcessID\":2600,\"ThreadID\":3104}},"
    "\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Computer\":\"PC-1.example\","
    "\"Security\":{\"#attributes\":{\"UserID\":\"S-1-5-18\"}}},\"EventData\":{\"RuleName\":\"\","
    "\"ProcessGuid\":\"{365ABB72-0B5A-5C2A-0000-00100BC65B00}\",\"ProcessId\":4656,"
    "\"CommandLine\":\"cmd /c \\\"x & y\\\" \",\"LogonId\":\"0x3e7\"}}}";

static const char crate[] =
    "{\"Event\":{\"#attributes\":{\"xmlns\":\"http://schemas.microsoft.com/win/2004/08/events/event\"},"
    "\"System\":{\"Provider\":{\"#attributes\":{\"Name\":\"Microsoft-Windows-Sysmon\","
    "\"Guid\":\"5770385F-C22A-43E0-BF4C-06F5698FFBD9\"}},\"EventID\":1,\"Version\":5,\"Level\":4,\"Task\":1,"
    "\"Opcode\":0,\"Keywords\":\"0x8000000000000000\",\"TimeCreated\":{\"#attributes\":"
    "{\"SystemTime\":\"2022-04-26T02:20:11.345678Z\"}},\"EventRecordID\":77,\"Correlation\":null,"
    "\"Execution\":{\"#attributes\":{\"ProcessID\":2600,\"ThreadID\":3104}},"
    "\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Computer\":\"PC-1.example\","
    "\"Security\":{\"#attributes\":{\"UserID\":\"S-1-5-18\"}}},\"EventData\":{\"RuleName\":\"\","
    "\"ProcessGuid\":\"365ABB72-0B5A-5C2A-0000-00100BC65B00\",\"ProcessId\":4656,"
    "\"CommandLine\":\"cmd /c \\\"x & y\\\" \",\"LogonId\":\"0x3e7\"}}}";

static const char hayabusa[] =
    "{\"Event_attributes\":{\"xmlns\":\"http://schemas.microsoft.com/win/2004/08/events/event\"},\"Event\":"
    "{\"System\":{\"Provider_attributes\":{\"Name\":\"Microsoft-Windows-Sysmon\","
    "\"Guid\":\"5770385F-C22A-43E0-BF4C-06F5698FFBD9\"},\"Provider\":\"\",\"EventID\":1,\"Version\":5,"
    "\"Level\":4,\"Task\":1,\"Opcode\":0,\"Keywords\":\"0x8000000000000000\",\"TimeCreated_attributes\":"
    "{\"SystemTime\":\"2022-04-26T02:20:11.345678Z\"},\"EventRecordID\":77,\"Correlation\":null,"
    "\"Execution_attributes\":{\"ProcessID\":2600,\"ThreadID\":3104},"
    "\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Computer\":\"PC-1.example\","
    "\"Security_attributes\":{\"UserID\":\"S-1-5-18\"}},\"EventData\":{\"RuleName\":\"\","
    "\"ProcessGuid\":\"365ABB72-0B5A-5C2A-0000-00100BC65B00\",\"ProcessId\":4656,"
    "\"CommandLine\":\"cmd /c \\\"x & y\\\" \",\"LogonId\":\"0x3e7\"}}}";

static const char velociraptor[] =
    "{\"System\":{\"Provider\":{\"Name\":\"Microsoft-Windows-Sysmon\","
    "\"Guid\":\"5770385F-C22A-43E0-BF4C-06F5698FFBD9\"},\"EventID\":{\"Value\":1},\"Version\":5,\"Level\":4,"
    "\"Task\":1,\"Opcode\":0,\"Keywords\":9223372036854775808,\"TimeCreated\":{\"SystemTime\":1650939611."
    "345678},"
    "\"EventRecordID\":77,\"Correlation\":{},\"Execution\":{\"ProcessID\":2600,\"ThreadID\":3104},"
    "\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"Computer\":\"PC-1.example\","
    "\"Security\":{\"UserID\":\"S-1-5-18\"}},\"EventData\":{\"RuleName\":\"\","
    "\"ProcessGuid\":\"365ABB72-0B5A-5C2A-0000-00100BC65B00\",\"ProcessId\":4656,"
    "\"CommandLine\":\"cmd /c \\\"x & y\\\" \",\"LogonId\":999},\"Message\":\"\",\"_Source\":\"a\"}";

static const char winlogbeat[] =
    "{\"@timestamp\":\"2022-04-26T02:20:11.345678Z\",\"log\":{\"level\":\"information\"},\"message\":\"m\","
    "\"winlog\":{\"channel\":\"Microsoft-Windows-Sysmon/Operational\",\"computer_name\":\"PC-1.example\","
    "\"event_id\":\"1\",\"provider_name\":\"Microsoft-Windows-Sysmon\",\"record_id\":77,\"version\":5,"
    "\"provider_guid\":\"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}\",\"process\":{\"pid\":2600,"
    "\"thread\":{\"id\":3104}},\"user\":{\"identifier\":\"S-1-5-18\"},\"task\":\"Process Create\","
    "\"event_data\":{\"RuleName\":\"\",\"ProcessGuid\":\"{365ABB72-0B5A-5C2A-0000-00100BC65B00}\","
    "\"ProcessId\":\"4656\",\"CommandLine\":\"cmd /c \\\"x & y\\\" \",\"LogonId\":\"0x3e7\"}},"
    "\"host\":{\"name\":\"PC-1\"}}";

static const char dotted_winlogbeat[] =
    "{\"@timestamp\":\"2022-04-26T02:20:11.345678Z\",\"winlog.channel\":\"Microsoft-Windows-Sysmon/"
    "Operational\","
    "\"winlog.computer_name\":\"PC-1.example\",\"winlog.event_id\":1,\"winlog.record_id\":\"77\","
    "\"winlog.provider_name\":\"Microsoft-Windows-Sysmon\",\"log.level\":\"Information\",\"winlog.version\":"
    "5,"
    "\"winlog.provider_guid\":\"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}\",\"winlog.process.pid\":2600,"
    "\"winlog.process.thread.id\":3104,\"winlog.user.identifier\":\"S-1-5-18\","
    "\"winlog.event_data.RuleName\":\"\",\"winlog.event_data.ProcessId\":\"4656\","
    "\"winlog.event_data.ProcessGuid\":\"{365ABB72-0B5A-5C2A-0000-00100BC65B00}\","
    "\"winlog.event_data.CommandLine\":\"cmd /c \\\"x & y\\\" \",\"winlog.event_data.LogonId\":\"0x3e7\"}";

static const char nxlog[] =
    "{\"EventTime\":\"2022-04-26 11:20:11\",\"Hostname\":\"PC-1.example\",\"Keywords\":-9223372036854775808,"
    "\"EventType\":\"INFO\",\"SeverityValue\":2,\"Severity\":\"INFO\",\"EventID\":1,"
    "\"SourceName\":\"Microsoft-Windows-Sysmon\",\"ProviderGuid\":\"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}\","
    "\"Version\":5,\"TaskValue\":1,\"OpcodeValue\":0,\"RecordNumber\":77,\"ExecutionProcessID\":2600,"
    "\"ThreadID\":3104,\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"UserID\":\"S-1-5-18\","
    "\"Category\":\"Process "
    "Create\",\"RuleName\":\"\",\"ProcessGuid\":\"{365ABB72-0B5A-5C2A-0000-00100BC65B00}\","
    "\"ProcessId\":\"4656\",\"CommandLine\":\"cmd /c \\\"x & y\\\" \",\"LogonId\":\"0x3e7\","
    "\"SystemTime\":\"2022-04-26T02:20:11.345678Z\",\"SourceModuleType\":\"im_msvistalog\",\"@version\":"
    "\"1\"}";

static const char zircolite[] =
    "{\"Provider_Name\":\"Microsoft-Windows-Sysmon\",\"Guid\":\"5770385F-C22A-43E0-BF4C-06F5698FFBD9\","
    "\"EventID\":1,\"Version\":5,\"Level\":4,\"Task\":1,\"Opcode\":0,\"Keywords\":\"0x8000000000000000\","
    "\"SystemTime\":\"2022-04-26T02:20:11.345678Z\",\"EventRecordID\":77,\"ProcessID\":2600,\"ThreadID\":"
    "3104,"
    "\"Channel\":\"Microsoft-Windows-Sysmon/"
    "Operational\",\"Computer\":\"PC-1.example\",\"UserID\":\"S-1-5-18\","
    "\"RuleName\":\"\",\"ProcessGuid\":\"365ABB72-0B5A-5C2A-0000-00100BC65B00\",\"ProcessId\":4656,"
    "\"CommandLine\":\"cmd /c \\\"x & y\\\" \",\"LogonId\":\"0x3e7\"}";

static const char search_engine[] =
    "{\"_index\":\"x\",\"_id\":\"1\",\"_source\":{\"@timestamp\":\"2022-04-26T02:20:11.345Z\",\"winlog\":{"
    "\"channel\":\"Security\",\"event_id\":4625,\"provider_name\":\"Microsoft-Windows-Security-Auditing\","
    "\"keywords\":[\"Audit Failure\"],\"event_data\":{\"Status\":\"0xc000006d\"}}}}";

static const char xml[] =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?><Events>"
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
    "<Provider Name='Microsoft-Windows-Sysmon' "
    "Guid='{5770385F-C22A-43E0-BF4C-06F5698FFBD9}'/><EventID>1</EventID>"
    "<Version>5</Version><Level>4</Level><Task>1</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</"
    "Keywords>"
    "<TimeCreated SystemTime='2022-04-26T02:20:11.345678Z'/><EventRecordID>77</EventRecordID><Correlation/>"
    "<Execution ProcessID='2600' ThreadID='3104'/><Channel>Microsoft-Windows-Sysmon/Operational</Channel>"
    "<Computer>PC-1.example</Computer><Security UserID='S-1-5-18'/></System>\r\n  <EventData>\n"
    "<Data Name='RuleName'></Data><Data Name=\"ProcessGuid\">{365ABB72-0B5A-5C2A-0000-00100BC65B00}</Data>"
    "<Data Name='ProcessId'>4656</Data><Data Name='CommandLine'>cmd /c &quot;x &#38; y\" </Data>"
    "<Data Name='LogonId'>0x3e7</Data></EventData></Event></Events>";

static const char csv_header[] =
    "Channel,EventID,Provider_Name,Guid,Version,Level,Task,Opcode,Keywords,SystemTime,"
    "EventRecordID,ProcessID,ThreadID,Computer,UserID,RuleName,ProcessGuid,ProcessId,"
    "CommandLine,LogonId\n";
static const char csv[] =
    "Microsoft-Windows-Sysmon/"
    "Operational,1,Microsoft-Windows-Sysmon,{5770385F-C22A-43E0-BF4C-06F5698FFBD9},5,4,1,0,"
    "0x8000000000000000,2022-04-26T02:20:11.345678Z,77,2600,3104,PC-1.example,S-1-5-18,,"
    "{365ABB72-0B5A-5C2A-0000-00100BC65B00},4656,\"cmd /c \"\"x & y\"\" \",0x3e7\n";

static void check_event(TextTest *t) {
    assert_field(t, "EventID", "1");
    assert_field(t, "Provider_Name", "Microsoft-Windows-Sysmon");
    assert_field(t, "Provider_Guid", "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}");
    assert_field(t, "Version", "5");
    SekValue level = sek_event_system(&t->event, SEK_SYSTEM_LEVEL); /* its name may stand beside it */
    assert_true(level.len == 1 && level.ptr[0] == '4');
    assert_field(t, "EventRecordID", "77");
    assert_field(t, "TimeCreated_SystemTime", "2022-04-26T02:20:11.3456780Z");
    assert_field(t, "Execution_ProcessID", "2600");
    assert_field(t, "Execution_ThreadID", "3104");
    assert_field(t, "Channel", "Microsoft-Windows-Sysmon/Operational");
    assert_field(t, "Computer", "PC-1.example");
    assert_field(t, "Security_UserID", "S-1-5-18");
    assert_field(t, "ProcessGuid", "{365ABB72-0B5A-5C2A-0000-00100BC65B00}");
    assert_field(t, "ProcessId", "4656");
    assert_field(t, "CommandLine", "cmd /c \"x & y\" ");
    assert_field(t, "LogonId", "0x3e7");
    assert_field(t, "xmlns", "(absent)");
    assert_int_equal(t->event.record_id, 77);
    assert_int_equal(sek_event_id(&t->event), 1);
    assert_true(t->event.time == 132954132113456780);
}

static void every_shape_gives_the_same_event(void **state) {
    (void)state;
    static const struct {
        SekUnitKind kind;
        const char *text;
        bool keywords, empty; /* forms that have no number of keywords; no empty values */
    } forms[] = {
        {SEK_UNIT_JSON_LINES, our_dump, true, true},
        {SEK_UNIT_JSON_LINES, crate, true, true},
        {SEK_UNIT_JSON_LINES, hayabusa, true, true},
        {SEK_UNIT_JSON_LINES, velociraptor, true, true},
        {SEK_UNIT_JSON_LINES, winlogbeat, false, true},
        {SEK_UNIT_JSON_LINES, dotted_winlogbeat, false, true},
        {SEK_UNIT_JSON_LINES, nxlog, true, true},
        {SEK_UNIT_JSON_LINES, zircolite, true, true},
        {SEK_UNIT_XML, xml, true, true},
        {SEK_UNIT_CSV, csv, true, false},
        {SEK_UNIT_JSON, our_dump, true, true},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        TextTest t;
        text_begin(&t, forms[i].kind, forms[i].text, csv_header);
        text_next(&t);
        check_event(&t);
        assert_field(&t, "RuleName", forms[i].empty ? "" : "(absent)");
        assert_field(&t, "Keywords", forms[i].keywords ? "0x8000000000000000" : "(absent)");
        text_over(&t, 0);
        text_end(&t);
    }
}

/* What is dumped is what was read, whatever form it came from. */
static void events_are_rendered_like_windows_own(void **state) {
    (void)state;
    TextTest t;
    text_begin(&t, SEK_UNIT_JSON_LINES, our_dump, NULL);
    text_next(&t);
    assert_string_equal(text_json(&t), our_dump);
    text_end(&t);

    static const char *const texts[] = {crate, hayabusa};
    for (size_t i = 0; i < 2; i++) {
        text_begin(&t, SEK_UNIT_JSON_LINES, texts[i], NULL);
        text_next(&t);
        assert_string_equal(text_json(&t), our_dump);
        text_end(&t);
    }
    text_begin(&t, SEK_UNIT_JSON_LINES, zircolite, NULL);
    text_next(&t);
    assert_non_null(strstr(text_xml(&t), "<Provider Name='Microsoft-Windows-Sysmon' Guid='{5770385F-"));
    assert_non_null(strstr(text_xml(&t), "<Data Name='CommandLine'>cmd /c \"x &amp; y\" </Data>"));
    assert_non_null(strstr(text_json(&t), "\"ProcessId\":4656,\"CommandLine\""));
    text_end(&t);
}

static void a_record_may_be_wrapped_by_a_search_engine(void **state) {
    (void)state;
    TextTest t;
    text_begin(&t, SEK_UNIT_JSON_LINES, search_engine, NULL);
    text_next(&t);
    assert_field(&t, "EventID", "4625");
    assert_field(&t, "Status", "0xc000006d");
    assert_field(&t, "Keywords", "0x8010000000000000|Audit Failure");
    text_over(&t, 0);
    text_end(&t);
}

static void winlogbeat_keeps_what_is_not_its_own(void **state) {
    (void)state;
    TextTest t;
    text_begin(&t, SEK_UNIT_JSON_LINES, winlogbeat, NULL);
    text_next(&t);
    assert_field(&t, "host.name", "PC-1");
    assert_field(&t, "Message", "m");
    assert_field(&t, "Task", "Process Create"); /* its name; the number is lost */
    text_end(&t);
}

/* Security writes 4688's ids and 4624's status in hexadecimal, Velociraptor as numbers. */
static void velociraptor_gets_its_hexadecimal_back(void **state) {
    (void)state;
    TextTest t;
    text_begin(
        &t, SEK_UNIT_JSON_LINES,
        "{\"System\":{\"Provider\":{\"Name\":\"Microsoft-Windows-Security-Auditing\"},"
        "\"EventID\":{\"Value\":4688},\"Channel\":\"Security\"},\"EventData\":{\"NewProcessId\":2200,"
        "\"ProcessId\":10308,\"SubjectLogonId\":811481,\"Other\":17,\"TokenElevationType\":\"%%1936\"}}\n"
        "{\"System\":{\"Provider\":{\"Name\":\"Microsoft-Windows-Security-Auditing\"},"
        "\"EventID\":{\"Value\":5156},\"Channel\":\"Security\"},\"EventData\":{\"ProcessId\":10308}}\n"
        "{\"System\":{\"Provider\":{\"Name\":\"Microsoft-Windows-Sysmon\"},\"EventID\":{\"Value\":10}},"
        "\"EventData\":{\"GrantedAccess\":2097151,\"ProcessId\":10308}}",
        NULL);
    text_next(&t);
    assert_field(&t, "NewProcessId", "0x898");
    assert_field(&t, "ProcessId", "0x2844");
    assert_field(&t, "SubjectLogonId", "0xc61d9");
    assert_field(&t, "Other", "17");
    text_next(&t);
    assert_field(&t, "ProcessId", "10308");
    text_next(&t);
    assert_field(&t, "GrantedAccess", "0x1fffff");
    assert_field(&t, "ProcessId", "10308");
    text_over(&t, 0);
    text_end(&t);
}

/* NXLog's own EventType hides Sysmon's, which its message still has. */
static void nxlog_event_type_comes_from_the_message(void **state) {
    (void)state;
    TextTest t;
    text_begin(
        &t, SEK_UNIT_JSON_LINES,
        "{\"EventID\":12,\"SourceName\":\"Microsoft-Windows-Sysmon\",\"EventType\":\"INFO\","
        "\"Message\":\"Registry object added or deleted:\\r\\nEventType: CreateKey\\r\\nUtcTime: x\"}\n"
        "{\"EventID\":12,\"SourceName\":\"Microsoft-Windows-Sysmon\",\"EventType\":\"INFO\","
        "\"Message\":\"nothing of it\"}\n"
        "{\"EventID\":12,\"SourceName\":\"Microsoft-Windows-Sysmon\",\"EventType\":\"DeleteKey\","
        "\"Message\":\"EventType: CreateKey\"}",
        NULL);
    text_next(&t);
    assert_field(&t, "EventType", "CreateKey");
    text_next(&t);
    assert_field(&t, "EventType", "(absent)");
    assert_null(strstr(text_xml(&t), "EventType"));
    text_next(&t);
    assert_field(&t, "EventType", "DeleteKey");
    text_end(&t);
}

static void values_without_a_name_are_all_kept(void **state) {
    (void)state;
    static const char *const texts[] = {
        "{\"Event\":{\"System\":{\"EventID\":800,\"Channel\":\"x\"},\"EventData\":{\"Data\":[\"a\",\"b\","
        "\"\"]}}}",
        "{\"Event\":{\"System\":{\"EventID\":800,\"Channel\":\"x\"},\"EventData\":{\"Data\":{\"#text\":["
        "\"a\",\"b\",\"\"]}}}}",
        "{\"System\":{\"EventID\":{\"Value\":800},\"Channel\":\"x\"},\"EventData\":{\"Data\":[\"a\",\"b\","
        "\"\"]}}",
        "{\"System\":{\"EventID\":{\"Value\":800},\"Channel\":\"x\"},\"EventData\":[\"a\",\"b\",\"\"]}",
        "{\"EventID\":800,\"Channel\":\"x\",\"Data\":[\"a\",\"b\",\"\"]}",
        "{\"winlog\":{\"event_id\":800,\"channel\":\"x\",\"event_data\":{\"param1\":\"a\",\"param2\":\"b\","
        "\"param3\":\"\"}}}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        TextTest t;
        text_begin(&t, SEK_UNIT_JSON_LINES, texts[i], NULL);
        text_next(&t);
        assert_field(&t, "Data", "a|b|");
        text_over(&t, 0);
        text_end(&t);
    }
    TextTest t;
    text_begin(
        &t, SEK_UNIT_JSON_LINES,
        "{\"winlog\":{\"event_id\":7036,\"channel\":\"System\",\"provider_guid\":\"{555908D1-A6D7-4695-8E1E-"
        "26931D2012F4}\",\"event_data\":{\"param1\":\"a\",\"param2\":\"b\"}}}",
        NULL);
    text_next(&t);
    assert_field(&t, "param1", "a"); /* may be its own name: both are there */
    assert_field(&t, "Data", "a|b");
    text_end(&t);
}

/* The event's data is JSON inside a value there, in JSON and in CSV. */
static void evtxecmd_has_its_data_in_a_payload(void **state) {
    (void)state;
    static const struct {
        SekUnitKind kind;
        const char *text;
    } forms[] = {
        {SEK_UNIT_JSON_LINES,
         "{\"PayloadData1\":\"mapped\",\"MapDescription\":\"Process "
         "creation\",\"ChunkNumber\":0,\"Computer\":\"PC-1\","
         "\"Payload\":\"{\\\"EventData\\\":{\\\"Data\\\":[{\\\"@Name\\\":\\\"Image\\\",\\\"#text\\\":\\\"C:"
         "\\\\\\\\a.exe\\\"},"
         "{\\\"@Name\\\":\\\"ProcessId\\\",\\\"#text\\\":\\\"4428\\\"}]}}\",\"Channel\":\"Security\","
         "\"Provider\":\"P\",\"EventId\":4688,\"EventRecordId\":\"9\",\"ProcessId\":4,\"ThreadId\":8,"
         "\"Level\":\"LogAlways\",\"Keywords\":\"Audit "
         "success\",\"TimeCreated\":\"2022-04-26T02:20:11.3456789+00:00\"}"},
        {SEK_UNIT_CSV, "mapped,Process "
                       "creation,0,PC-1,\"{\"\"EventData\"\":{\"\"Data\"\":[{\"\"@Name\"\":\"\"Image\"\","
                       "\"\"#text\"\":\"\"C:\\\\a.exe"
                       "\"\"},{\"\"@Name\"\":\"\"ProcessId\"\",\"\"#text\"\":\"\"4428\"\"}]}}\",Security,P,"
                       "4688,9,4,8,LogAlways,Audit success,"
                       "2022-04-26 02:20:11.3456789\n"},
    };
    for (size_t i = 0; i < 2; i++) {
        TextTest t;
        text_begin(
            &t, forms[i].kind, forms[i].text,
            "PayloadData1,MapDescription,ChunkNumber,Computer,Payload,Channel,Provider,EventId,EventRecordId,"
            "ProcessId,ThreadId,Level,Keywords,TimeCreated\n");
        text_next(&t);
        assert_field(&t, "Image", "C:\\a.exe");
        assert_field(&t, "ProcessId", "4428");
        assert_field(&t, "Execution_ProcessID", "4");
        assert_field(&t, "Level", "0");
        assert_field(&t, "Keywords", "0x8020000000000000");
        assert_field(&t, "PayloadData1", "mapped");
        assert_field(&t, "Payload", "(absent)");
        assert_true(t.event.time == 132954132113456789 && t.event.record_id == 9);
        text_over(&t, 0);
        text_end(&t);
    }
    TextTest t;
    text_begin(&t, SEK_UNIT_JSON_LINES,
               "{\"ChunkNumber\":0,\"Payload\":\"{\\\"UserData\\\":{\\\"EventXML\\\":{\\\"@xmlns\\\":"
               "\\\"Event_NS\\\","
               "\\\"Param1\\\":\\\"u\\\"}}}\",\"Channel\":\"x\",\"EventId\":1149}\n"
               "{\"EventID\":4103,\"Channel\":\"x\",\"Payload\":\"{\\\"EventData\\\": broken\"}",
               NULL);
    text_next(&t);
    assert_field(&t, "Param1", "u");
    assert_field(&t, "xmlns", "(absent)");
    text_next(&t);
    assert_field(&t, "Payload", "{\"EventData\": broken");
    text_end(&t);
}

/* <Data Name="x"> as an object: what converters from XML make of it. */
static void a_name_may_be_an_attribute(void **state) {
    (void)state;
    TextTest t;
    text_begin(&t, SEK_UNIT_JSON_LINES,
               "{\"Event\":{\"System\":{\"EventID\":1,\"Channel\":\"x\"},\"EventData\":{\"Data\":["
               "{\"@Name\":\"A\",\"#text\":\"1\"},{\"#attributes\":{\"Name\":\"B\"},\"#text\":\"2\"},"
               "{\"Name\":\"C\",\"Value\":3},{\"$\":{\"Name\":\"D\"},\"_\":\"4\"},\"5\"]}}}",
               NULL);
    text_next(&t);
    assert_field(&t, "A", "1");
    assert_field(&t, "B", "2");
    assert_field(&t, "C", "3");
    assert_field(&t, "D", "4");
    assert_field(&t, "Data", "5");
    assert_field(&t, "Name", "(absent)");
    text_end(&t);
}

static void user_data_is_flattened_and_repeated_elements_are_one_field(void **state) {
    (void)state;
    static const char expected[] =
        "<UserData><CertNotificationData ProcessName='p.exe'><SubjectName>a</SubjectName>"
        "<SubjectName>b</SubjectName><SubjectName>c</SubjectName></CertNotificationData>"
        "</UserData>";
    static const char *const texts[] = {
        "{\"Event\":{\"System\":{\"EventID\":1,\"Channel\":\"x\"},\"UserData\":{\"CertNotificationData\":{"
        "\"#attributes\":{\"ProcessName\":\"p.exe\"},\"SubjectName\":\"a\",\"SubjectName_1\":\"b\","
        "\"SubjectName_2\":\"c\"}}}}",
        "{\"Event\":{\"System\":{\"EventID\":1,\"Channel\":\"x\"},\"UserData\":{\"CertNotificationData_"
        "attributes\":{"
        "\"ProcessName\":\"p.exe\"},\"CertNotificationData\":{\"SubjectName\":[\"a\",\"b\",\"c\"]}}}}",
    };
    for (size_t i = 0; i < 2; i++) {
        TextTest t;
        text_begin(&t, SEK_UNIT_JSON_LINES, texts[i], NULL);
        text_next(&t);
        assert_field(&t, "SubjectName", "a|b|c");
        assert_field(&t, "ProcessName", "p.exe");
        assert_non_null(strstr(text_xml(&t), expected));
        text_end(&t);
    }
}

/* System/104 has a Channel of its own in UserData: the field has both, the log is the System's. */
static void a_second_channel_is_no_log(void **state) {
    (void)state;
    static const char *const texts[] = {
        "{\"Event\":{\"System\":{\"EventID\":104,\"Channel\":\"System\"},\"UserData\":{\"LogFileCleared\":{"
        "\"Channel\":\"Security\"}}}}",
        "{\"EventID\":104,\"Channel\":\"System\",\"UserData\":{\"Channel\":\"Security\"}}",
    };
    for (size_t i = 0; i < 2; i++) {
        TextTest t;
        text_begin(&t, SEK_UNIT_JSON_LINES, texts[i], NULL);
        text_next(&t);
        assert_field(&t, "Channel", "System|Security");
        SekValue channel = sek_event_system(&t.event, SEK_SYSTEM_CHANNEL);
        assert_memory_equal(channel.ptr, "System", 6);
        text_end(&t);
    }
}

/* Readers use one event for all records, of all formats: what the last one said must be gone. */
static void an_event_has_nothing_of_the_one_before(void **state) {
    (void)state;
    SekBinxml *bx;
    SekShapes *shapes;
    SekTemplate tpl = {0};
    SekFragment record = {.tpl = &tpl};
    SekEvent event;
    memset(&event, 1, sizeof event);
    assert_int_equal(sek_binxml_new(&bx), SEK_OK);
    assert_int_equal(sek_shapes_new(bx, &shapes), SEK_OK);
    assert_int_equal(sek_shapes_event(shapes, &record, &event, NULL), SEK_OK);
    assert_null(event.text);
    assert_int_equal(event.added, 0);
    assert_int_equal(event.types, 0);
    assert_int_equal(event.n_values[SEK_PART_ADDED], 0);
    sek_shapes_free(shapes);
    sek_binxml_free(bx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape_gives_the_same_event),
        cmocka_unit_test(an_event_has_nothing_of_the_one_before),
        cmocka_unit_test(events_are_rendered_like_windows_own),
        cmocka_unit_test(a_record_may_be_wrapped_by_a_search_engine),
        cmocka_unit_test(winlogbeat_keeps_what_is_not_its_own),
        cmocka_unit_test(velociraptor_gets_its_hexadecimal_back),
        cmocka_unit_test(nxlog_event_type_comes_from_the_message),
        cmocka_unit_test(values_without_a_name_are_all_kept),
        cmocka_unit_test(evtxecmd_has_its_data_in_a_payload),
        cmocka_unit_test(a_name_may_be_an_attribute),
        cmocka_unit_test(user_data_is_flattened_and_repeated_elements_are_one_field),
        cmocka_unit_test(a_second_channel_is_no_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
