/* SPDX-License-Identifier: Apache-2.0 */

/* PowerShell's context as fields, and which texts of an event are code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event/code_part.h"
#include "event/code_text.h"
#include "event/context.h"
#include "rules/flat_event.h"

#define BLOCK                                                                                           \
    "\\tDetailSequence=1\\r\\n\\tDetailTotal=1\\r\\n\\r\\n\\tUserId=A\\\\b\\r\\n\\tHostName=ConsoleHost\\r\\n"   \
    "\\tHostApplication=powershell -nop\\r\\n-w hidden\\r\\n\\tEngineVersion=5.1\\r\\n\\tScriptName=\\r\\n"      \
    "\\tCommandLine=one\\r\\n\\tHostName=not me"
#define CONTEXT_EN                                                                                    \
    "        Severity = Informational\\r\\n        Host Name = ConsoleHost\\r\\n        Host Version = 5.1\\r\\n" \
    "        Host ID = x\\r\\n        Host Application = powershell a=b\\r\\n        Engine Version = 5.1\\r\\n" \
    "        Runspace ID = r\\r\\n        Pipeline ID = 6\\r\\n        Command Name = New-Object\\r\\n"        \
    "        Command Type = Cmdlet\\r\\n        Script Name = \\r\\n        Command Path = \\r\\n"             \
    "        Sequence Number = 23\\r\\n        User = A\\\\b\\r\\n        Connected User = \\r\\n"             \
    "        Shell ID = Microsoft.PowerShell\\r\\n"
/* As a Windows in another language writes it: other keys, the same order. */
#define CONTEXT_JA                                                                                  \
    "        重大度 = Informational\\r\\n        ホスト名 = ConsoleHost\\r\\n        ホストのバージョン = 5.1\\r\\n" \
    "        ホスト ID = x\\r\\n        ホスト アプリケーション = powershell a=b\\r\\n        エンジン = 5.1\\r\\n" \
    "        実行空間 ID = r\\r\\n        パイプライン ID = 6\\r\\n        コマンド名 = New-Object\\r\\n"         \
    "        コマンドの種類 = Cmdlet\\r\\n        スクリプト名 = \\r\\n        コマンド パス = \\r\\n"            \
    "        シーケンス番号 = 23\\r\\n        ユーザー = A\\\\b\\r\\n        接続ユーザー = \\r\\n"               \
    "        シェル ID = Microsoft.PowerShell\\r\\n"
#define CLASSIC(id, data) \
    "{\"Channel\":\"Windows PowerShell\",\"Provider_Name\":\"PowerShell\",\"EventID\":" id ",\"Data\":[" data "]}"
#define MODULE(context, payload)                                                                       \
    "{\"Channel\":\"Microsoft-Windows-PowerShell/Operational\",\"EventID\":4103,\"ContextInfo\":\"" context \
    "\",\"Payload\":\"" payload "\"}"

typedef struct Made {
    yyjson_doc *doc;
    SekArena arena;
    SekEvent event;
} Made;

static void make(Made *m, const char *json) {
    m->doc = yyjson_read(json, strlen(json), 0);
    assert_non_null(m->doc);
    sek_arena_init(&m->arena, 0);
    assert_int_equal(sek_flat_event(yyjson_doc_get_root(m->doc), &m->arena, &m->event), SEK_OK);
}

static void drop(Made *m) {
    sek_arena_deinit(&m->arena);
    yyjson_doc_free(m->doc);
}

/* `want` NULL: the event must not have the key. */
static void check_key(const Made *m, const char *name, const char *want) {
    SekValue value;
    int key = sek_context_key(sek_str(name));
    assert_int_not_equal(key, SEK_CONTEXT_NONE);
    SekStatus status = sek_context_value(&m->event, key, &value);
    if (!want) {
        assert_int_equal(status, SEK_NOT_FOUND);
        return;
    }
    assert_int_equal(status, SEK_OK);
    if (value.len != strlen(want) || memcmp(value.ptr, want, value.len) != 0)
        fail_msg("%s: '%.*s', not '%s'", name, (int)value.len, (const char *)value.ptr, want);
}

static void context_of_classic_events(void **state) {
    (void)state;
    Made m;
    /* The first value is what was typed: it cannot pretend to be the block. */
    make(&m, CLASSIC("800", "\"\\tHostApplication=liar\", \"" BLOCK "\", \"x\""));
    check_key(&m, "HostApplication", "powershell -nop\r\n-w hidden");
    check_key(&m, "hostname", "ConsoleHost");
    check_key(&m, "UserId", "A\\b");
    check_key(&m, "ScriptName", "");
    check_key(&m, "CommandLine", "one\r\n\tHostName=not me");
    check_key(&m, "ShellId", NULL);
    drop(&m);
    make(&m, CLASSIC("400", "\"Available\", \"None\", \"\\tNewEngineState=Available\\r\\n\\tHostApplication=a\""));
    check_key(&m, "HostApplication", "a");
    check_key(&m, "New Engine State", "Available");
    drop(&m);
    /* All in one value, as some exports have it. */
    make(&m, CLASSIC("600", "\"\\tProviderName=Alias\\r\\n\\tHostApplication=b\""));
    check_key(&m, "HostApplication", "b");
    drop(&m);
    make(&m, "{\"Channel\":\"Application\",\"Provider_Name\":\"MsiInstaller\",\"EventID\":400,"
             "\"Data\":[\"\\tHostApplication=a\"]}");
    check_key(&m, "HostApplication", NULL);
    drop(&m);
}

static void context_of_module_logging_in_any_language(void **state) {
    (void)state;
    static const char *const events[] = {MODULE(CONTEXT_EN, ""), MODULE(CONTEXT_JA, "")};
    for (size_t i = 0; i < 2; i++) {
        Made m;
        make(&m, events[i]);
        check_key(&m, "HostApplication", "powershell a=b");
        check_key(&m, "EngineVersion", "5.1");
        check_key(&m, "CommandName", "New-Object");
        check_key(&m, "User", "A\\b");
        check_key(&m, "UserId", "A\\b");
        check_key(&m, "ScriptName", "");
        check_key(&m, "ShellId", "Microsoft.PowerShell");
        check_key(&m, "CommandLine", NULL);
        drop(&m);
    }
    assert_int_equal(sek_context_key(SEK_STR("ScriptBlockText")), SEK_CONTEXT_NONE);
}

typedef struct Want {
    const char *field, *part;
    SekScriptKind kind;
    const char *text;
} Want;

static void check_texts(const char *json, const Want *wants, uint32_t n_wants) {
    Made m;
    SekCodeTexts *texts;
    const SekCodeText *list;
    uint32_t n;
    SekBuf text;
    make(&m, json);
    sek_buf_init(&text, 1u << 20);
    assert_int_equal(sek_code_texts_new(&texts), SEK_OK);
    assert_int_equal(sek_code_texts(texts, &m.event, &list, &n), SEK_OK);
    assert_int_equal(n, n_wants);
    for (uint32_t i = 0; i < n; i++) {
        sek_buf_clear(&text);
        sek_value_text(list[i].value, &text);
        assert_true(sek_str_eq(list[i].field, sek_str(wants[i].field)));
        assert_true(sek_str_eq(list[i].part, sek_str(wants[i].part)));
        assert_int_equal(list[i].kind, wants[i].kind);
        if (!sek_str_eq(sek_buf_str(&text), sek_str(wants[i].text)))
            fail_msg("'%.*s', not '%s'", (int)text.len, text.data, wants[i].text);
    }
    sek_code_texts_free(texts);
    sek_buf_deinit(&text);
    drop(&m);
}

static void code_of_events(void **state) {
    (void)state;
    static const Want process[] = {{"CommandLine", "", SEK_SCRIPT_COMMAND, "cmd /c a"},
                                   {"ParentCommandLine", "", SEK_SCRIPT_COMMAND, "b"}};
    check_texts("{\"EventID\":1,\"Image\":\"x\",\"CommandLine\":\"cmd /c a\",\"ParentCommandLine\":\"b\"}", process, 2);
    static const Want block[] = {{"ScriptBlockText", "", SEK_SCRIPT_POWERSHELL, "gci"}};
    check_texts("{\"EventID\":4104,\"MessageTotal\":1,\"ScriptBlockText\":\"gci\"}", block, 1);
    static const Want module[] = {{"ContextInfo", "HostApplication", SEK_SCRIPT_COMMAND, "powershell a=b"},
                                  {"Payload", "value", SEK_SCRIPT_POWERSHELL, "say \"a\"\r\nb"},
                                  {"Payload", "value", SEK_SCRIPT_POWERSHELL, "2"}};
    check_texts(MODULE(CONTEXT_JA, "CommandInvocation(iex): \\\"iex\\\"\\r\\nParameterBinding(iex): name=\\\"Command\\\"; "
                                   "value=\\\"say \\\"a\\\"\\r\\nb\\\"\\r\\nParameterBinding(iex): name=\\\"n\\\"; value=\\\"2\\\"\\r\\n"),
                module, 3);
    static const Want classic[] = {{"Data", "", SEK_SCRIPT_POWERSHELL, "typed"},
                                   {"Data", "HostApplication", SEK_SCRIPT_COMMAND, "powershell -nop\r\n-w hidden"},
                                   {"Data", "CommandLine", SEK_SCRIPT_POWERSHELL, "one\r\n\tHostName=not me"},
                                   {"Data", "value", SEK_SCRIPT_POWERSHELL, "z"}};
    check_texts(CLASSIC("800", "\"typed\", \"" BLOCK "\", \"ParameterBinding(a): name=\\\"b\\\"; value=\\\"z\\\"\""),
                classic, 4);
    static const Want task[] = {{"TaskContent", "Command", SEK_SCRIPT_COMMAND, "cmd /c \"a&b\" A"},
                                {"TaskContent", "Command", SEK_SCRIPT_COMMAND, "c"}};
    check_texts("{\"EventID\":4698,\"TaskContent\":\"<Task><Settings><ExecutionTimeLimit>PT0S</ExecutionTimeLimit></Settings>"
                "<Actions><Exec><Command>cmd</Command><Arguments>/c &quot;a&amp;b&quot; &#x41;</Arguments></Exec>"
                "<Exec id=\\\"2\\\"><Command>c</Command></Exec></Actions></Task>\"}",
                task, 2);
    check_texts("{\"EventID\":4624,\"TargetUserName\":\"a\"}", NULL, 0);
}

/* Many values of one event: the first ones are taken. */
static void code_of_an_event_is_limited(void **state) {
    (void)state;
    SekBuf json;
    sek_buf_init(&json, 1u << 20);
    sek_buf_adds(&json, "{\"EventID\":4103,\"Payload\":\"");
    for (unsigned i = 0; i < 3 * SEK_CODE_TEXTS; i++)
        sek_buf_adds(&json, "ParameterBinding(a): name=\\\"b\\\"; value=\\\"z\\\"\\r\\n");
    sek_buf_adds(&json, "\"}");
    sek_buf_addc(&json, '\0');
    Want wants[SEK_CODE_TEXTS];
    for (unsigned i = 0; i < SEK_CODE_TEXTS; i++)
        wants[i] = (Want){"Payload", "value", SEK_SCRIPT_POWERSHELL, "z"};
    check_texts(json.data, wants, SEK_CODE_TEXTS);
    sek_buf_deinit(&json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(context_of_classic_events),
        cmocka_unit_test(context_of_module_logging_in_any_language),
        cmocka_unit_test(code_of_events),
        cmocka_unit_test(code_of_an_event_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
