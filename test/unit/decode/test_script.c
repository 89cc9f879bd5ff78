/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "decode_test.h"

#include "base/buf.h"

#include <time.h>

static void vbs(const char *text, const char *folded) {
    SekBuf line;
    sek_buf_init(&line, 1 << 16);
    sek_buf_addf(&line, "vbscript: %s", folded);
    sek_buf_addc(&line, '\0');
    expect_layers(SEK_SCRIPT_VBSCRIPT, text, LAYERS(line.data));
    sek_buf_deinit(&line);
}

static void js(const char *text, const char *folded) {
    SekBuf line;
    sek_buf_init(&line, 1 << 16);
    sek_buf_addf(&line, "jscript: %s", folded);
    sek_buf_addc(&line, '\0');
    expect_layers(SEK_SCRIPT_JSCRIPT, text, LAYERS(line.data));
    sek_buf_deinit(&line);
}

static void vbscript_strings_are_folded(void **state) {
    (void)state;
    vbs("x = \"c\" & \"m\" & \"d\"", "x = \"cmd\"");
    vbs("x = Chr(99) & ChrW(109) & chr(&H64)", "x = \"cmd\"");
    vbs("CreateObject(StrReverse(\"llehS.tpircSW\")).Popup y", "CreateObject(\"WScript.Shell\").Popup y");
    vbs("x = Replace(\"pZowZer\", \"Z\", \"\")", "x = \"power\"");
    vbs("x = Mid(\"xxcmdxx\", 3, 3) & Left(\"/cz\", 2)", "x = \"cmd/c\"");
    vbs("x = Join(Array(\"c\", \"m\", \"d\"), \"\")", "x = \"cmd\"");
    vbs("x = Join(Split(\"cZmZd\", \"Z\"), \"\")", "x = \"cmd\"");
    vbs("x = Chr(Asc(\"b\") + 1) & Chr(110 - 1) & Chr(50 * 2)", "x = \"cmd\"");
    vbs("x = Chr(99 Xor 0) & Chr(108 Or 1) & Chr(101 And 100)", "x = \"cmd\"");
    vbs("a = \"po\" : b = \"wer\" : f a & b & \"shell\"", "a = \"po\" : b = \"wer\" : f \"powershell\"");
    vbs("x = \"say \"\"\" & \"c\" & \"md\" & \"\"\"\"", "x = \"say \"\"cmd\"\"\"");
    vbs("x = \"c\" & _\r\n  \"md\" ' a comment", "x = \"cmd\" ' a comment");
    vbs("f y & \"c\" & \"m\" & \"d\" & z", "f y & \"cmd\" & z");
    vbs("x = LCase(\"C\" & \"MD\") & Trim(\" \") & UCase(\"x\")", "x = \"cmdX\"");
}

static void vbscript_is_followed(void **state) {
    (void)state;
    vbs("For i = 1 To 3\n s = s & Chr(Asc(Mid(\"bld\", i, 1)) + 0)\nNext\nf s & \"x\"",
        "For i = 1 To 3\n s = s & Chr(Asc(Mid(\"bld\", i, 1)) + 0)\nNext\nf \"bldx\"");
    vbs("For Each c In Array(99, 109, 100)\n s = s & Chr(c)\nNext\nWScript.Echo s",
        "For Each c In Array(99, 109, 100)\n s = s & Chr(c)\nNext\nWScript.Echo \"cmd\"");
    vbs("Function d(t)\n For i = 1 To Len(t)\n  d = d & Chr(Asc(Mid(t, i, 1)) - 1)\n Next\nEnd Function\nsh.Run d(\"dne\"), 0",
        "Function d(t)\n For i = 1 To Len(t)\n  d = d & Chr(Asc(Mid(t, i, 1)) - 1)\n Next\nEnd Function\nsh.Run \"cmd\", 0");
    vbs("Sub Main()\n f \"c\" & \"md\"\nEnd Sub\nMain", "Sub Main()\n f \"cmd\"\nEnd Sub\nMain");
    vbs("Sub Never()\n f \"c\" & \"md\"\nEnd Sub", "Sub Never()\n f \"cmd\"\nEnd Sub");
    vbs("If 1 = 2 Then\n x = \"a\"\nElse\n x = \"c\" & \"m\"\nEnd If\nf x & \"d\"", "If 1 = 2 Then\n x = \"a\"\nElse\n x = \"cm\"\nEnd If\nf \"cmd\"");
    expect_layers(SEK_SCRIPT_VBSCRIPT, "Execute \"x = 1\" & \"2\"", LAYERS("vbscript: Execute \"x = 12\"", "vbscript: x = 12"));
    expect_layers(SEK_SCRIPT_VBSCRIPT, "CreateObject(\"WScript.Shell\").Run \"cmd /c w^ho\" & \"ami\", 0",
                  LAYERS("vbscript: CreateObject(\"WScript.Shell\").Run \"cmd /c w^hoami\", 0", "command: cmd /c whoami"));
    expect_layers(SEK_SCRIPT_COMMAND, "mshta vbscript:Execute(\"msgbox chr(99)&chr(109)\")(window.close)",
                  LAYERS("vbscript: Execute(\"msgbox chr(99)&chr(109)\")(window.close)", "vbscript: msgbox chr(99)&chr(109)", "vbscript: msgbox \"cm\""));
}

static void what_may_have_changed_is_unknown(void **state) {
    (void)state;
    expect_nothing(SEK_SCRIPT_VBSCRIPT, "x = \"c\"\nChange x\nf x & \"md\"");
    expect_nothing(SEK_SCRIPT_VBSCRIPT, "x = \"c\"\nIf y Then x = \"d\"\nf x & \"md\"");
    expect_nothing(SEK_SCRIPT_VBSCRIPT, "x = \"c\"\nDo While y\n x = x & \"m\"\nLoop\nf x & \"d\"");
    expect_nothing(SEK_SCRIPT_VBSCRIPT, "x = \"c\"\nSub g()\n x = \"q\"\nEnd Sub\nIf y Then g\nf x & \"md\"");
    expect_nothing(SEK_SCRIPT_JSCRIPT, "var x = 'c'; if (y) { x = 'd'; } f(x + 'md');");
    expect_nothing(SEK_SCRIPT_JSCRIPT, "var x = 'c'; for (var k in o) x += 'm'; f(x + 'd');");
    expect_nothing(SEK_SCRIPT_JSCRIPT, "var x = 'c'; try { g(); x = 'd'; } catch (e) {} f(x + 'md');");
    expect_nothing(SEK_SCRIPT_JSCRIPT, "var a = ['c']; if (y) a.push('m'); f(a.join(''));");
    expect_nothing(SEK_SCRIPT_JSCRIPT, "function g(p) { return p + 'md'; } g(y);");
    expect_nothing(SEK_SCRIPT_JSCRIPT, "var s = ''; for (var i = 0; i < 3; i++) { if (y) break; s += 'ab'; } f(s + 'cd');");
}

/* Integers are signed and of 16 bits, Longs of 32. */
static void vbscript_numbers_have_their_types(void **state) {
    (void)state;
    vbs("x = \"a\" & &HFFFF & &HFFFF& & &H10000 & &HFFFFFFFF & &O177777 & \"b\"", "x = \"a-16553565536-1-1b\"");
    vbs("x = \"a\" & CLng(\"&HFFFF\") & CLng(\"&H8000&\") & \"b\"", "x = \"a-132768b\"");
    vbs("x = Chr(65 - &HFFFF) & Chr(&HFFFF + 100) & Chr(&H8001 Xor &H8062)", "x = \"Bcc\"");
    vbs("x = \"a\" & AscW(ChrW(&H8041)) & -2 ^ 2 & \"b\"", "x = \"a-32703-4b\"");
    vbs("x = \"a\" & Hex(255) & Hex(-65536) & \"b\"", "x = \"aFFFFFF0000b\"");
    expect_nothing(SEK_SCRIPT_VBSCRIPT, "x = \"a\" & Hex(-1)");
    expect_nothing(SEK_SCRIPT_VBSCRIPT, "x = \"a\" & CInt(40000)");
    expect_nothing(SEK_SCRIPT_VBSCRIPT, "x = \"a\" & (4294967296 Mod 7)");
    expect_nothing(SEK_SCRIPT_VBSCRIPT, "x = \"a\" & 1000000 * 1000000000");
}

/* Chr and Asc above ASCII are the machine's. */
static void vbscript_code_pages_are_told(void **state) {
    (void)state;
    expect_layers(SEK_SCRIPT_VBSCRIPT, "x = \"a\" & Chr(200)", LAYERS("vbscript?: x = \"a\303\210\""));
    expect_layers(SEK_SCRIPT_VBSCRIPT, "x = \"a\" & Chr(128) & Chr(65)", LAYERS("vbscript?: x = \"a\342\202\254A\""));
    expect_layers(SEK_SCRIPT_VBSCRIPT, "x = Chr(65) & Asc(ChrW(8364))", LAYERS("vbscript?: x = \"A128\""));
    vbs("x = \"a\" & Chr(127 - 1) & ChrW(200)", "x = \"a~\303\210\"");
}

/* What a script puts in place of a method of the language, and parameters that are set through `arguments`. */
static void jscript_may_replace_its_own(void **state) {
    (void)state;
    static const char *const partly[] = {
        "String.prototype.replace = function () { return 'q'; }; f('cZmd'.replace('Z', ''));",
        "f('cZmd'.replace('Z', '')); String['prototype']['replace'] = g;",
        "String.prototype[k] = g; f('cZmd'.replace('Z', ''));",
        "Array.prototype.join = g; f(['c', 'md'].join(''));",
        "String.fromCharCode = g; f(String.fromCharCode(99));",
    };
    for (size_t i = 0; i < sizeof partly / sizeof *partly; i++) {
        expect_layers(SEK_SCRIPT_JSCRIPT, partly[i], LAYERS(NULL));
    }
    js("String.prototype.dec = g; f('cZmd'.replace('Z', ''));", "String.prototype.dec = g; f(\"cmd\");");
    expect_nothing(SEK_SCRIPT_JSCRIPT, "function e(s) { s = 'c'; arguments[0] = 'z'; return s + 'md'; } f(e('q'));");
    expect_nothing(SEK_SCRIPT_JSCRIPT, "function e(s) { s = 'c'; g(arguments); return s + 'md'; } f(e('q'));");
    js("function e(s) { var n = arguments.length; return s + 'md'; } f(e('c'));", "function e(s) { var n = arguments.length; return s + 'md'; } f(\"cmd\");");
    expect_nothing(SEK_SCRIPT_JSCRIPT, "this.parseInt = g; f('c' + parseInt('1'));");
}

static void jscript_strings_are_folded(void **state) {
    (void)state;
    js("x = 'c' + \"m\" + 'd';", "x = \"cmd\";");
    js("x = String.fromCharCode(99, 109, 0x64);", "x = \"cmd\";");
    js("x = unescape('%63%6d%u0064');", "x = \"cmd\";");
    js("x = '\\x63\\u006d\\144';", "x = \"cmd\";");
    js("x = 'dmc'.split('').reverse().join('');", "x = \"cmd\";");
    js("x = 'cZmZd'.replace(/Z/g, '');", "x = \"cmd\";");
    js("x = 'cmZd'.replace('Z', '');", "x = \"cmd\";");
    js("x = ['d', 'c', 'm'][1] + ['d', 'c', 'm'][2] + 'd';", "x = \"cmd\";");
    js("x = 'xcmdx'.substr(1, 3) + 'abc'.charAt(0);", "x = \"cmda\";");
    js("x = 'xcmdx'['sub' + 'string'](1, 4);", "x = \"cmd\";");
    js("x = (true ? 'c' : 'd') + 'md';", "x = \"cmd\";");
    js("x = String.fromCharCode(0x21 ^ 0x42, parseInt('155', 8), 200 >> 1);", "x = \"cmd\";");
    js("x = atob('Y21k');", "x = \"cmd\";");
    js("f(y + 'c' + 'md' + 1 + 'x' + 'y');", "f(y + \"cmd\" + 1 + \"xy\");");
    js("new ActiveXObject('WScr' + 'ipt.Shell');", "new ActiveXObject(\"WScript.Shell\");");
    js("x = 'a\\n' + 'b\"c' + 'd'; /* 'x' + 'y' */", "x = \"a\\nb\\\"cd\"; /* 'x' + 'y' */");
}

/* Where JScript 5.8 differs from what browsers do. */
static void jscript_has_its_own_values(void **state) {
    (void)state;
    js("x = 'a' + parseInt('0101') + 'b';", "x = \"a65b\";");
    js("x = 'a' + parseInt('09') + parseInt('0') + parseInt('011', 10) + 'b';", "x = \"a0011b\";");
    js("x = 'a' + 0101 + 09 + 'b';", "x = \"a659b\";");
    js("x = 'evil.com'.substr(-3) + 'abc'.substr(-1, 2) + 'abc'.slice(-1);", "x = \"evil.comabc\";");
    js("x = 'a' + [72, 105,].length + [, 1].length + [].length + [1, 2].length + 'b';", "x = \"a3202b\";");
    js("x = ['a', , 'b'].join('-');", "x = \"a--b\";");
}

/* for-in, catch: the variable is assigned, nobody knows to what. */
static void jscript_variables_of_statements(void **state) {
    (void)state;
    expect_nothing(SEK_SCRIPT_JSCRIPT, "var z = 'c'; for (var z in {'d': 1}) {} f(z + 'md');");
    expect_nothing(SEK_SCRIPT_JSCRIPT, "var z = 'c'; for (z in o) {} f(z + 'md');");
    expect_nothing(SEK_SCRIPT_JSCRIPT, "var z = 'c'; for (z in o) { f(z + 'md'); }");
    expect_nothing(SEK_SCRIPT_JSCRIPT, "var a = ['c']; for (a[0] in o) {} f(a[0] + 'md');");
    expect_nothing(SEK_SCRIPT_JSCRIPT, "var z = 'c'; try { g(); } catch (z) { f(z + 'md'); }");
}

static void jscript_is_followed(void **state) {
    (void)state;
    js("var k = [98, 108, 99], s = ''; for (var i = 0; i < k.length; i++) { s += String.fromCharCode(k[i] + 1); } f(s + '!');",
       "var k = [98, 108, 99], s = ''; for (var i = 0; i < k.length; i++) { s += String.fromCharCode(k[i] + 1); } f(\"cmd!\");");
    js("function d(t) { var r = ''; for (var i = 0; i < t.length; i++) r += String.fromCharCode(t.charCodeAt(i) ^ 1); return r; } f(d('ble'));",
       "function d(t) { var r = ''; for (var i = 0; i < t.length; i++) r += String.fromCharCode(t.charCodeAt(i) ^ 1); return r; } f(\"cmd\");");
    js("var g = function (a) { return a + 'd'; }; f(g('cm'));", "var g = function (a) { return a + 'd'; }; f(\"cmd\");");
    js("(function () { f('c' + 'md'); })();", "(function () { f(\"cmd\"); })();");
    js("var i = 3, s = ''; while (i > 0) { s = 'dmc'.charAt(3 - i) + s; i--; } f(s + 'x');",
       "var i = 3, s = ''; while (i > 0) { s = 'dmc'.charAt(3 - i) + s; i--; } f(\"cmdx\");");
    expect_layers(SEK_SCRIPT_JSCRIPT, "eval('x=\"c\"+' + '\"md\"')", LAYERS("jscript: x=\"c\"+\"md\"", "jscript: x=\"cmd\""));
    expect_layers(SEK_SCRIPT_COMMAND,
                  "rundll32.exe javascript:\"\\..\\mshtml,RunHTMLApplication \";document.write();new%20ActiveXObject(\"WScript.Shell\").Run(\"po\"+\"wershell\")",
                  LAYERS("jscript: \"\\..\\mshtml,RunHTMLApplication \";document.write();new ActiveXObject(\"WScript.Shell\").Run(\"po\"+\"wershell\")",
                         "jscript: \"\\..\\mshtml,RunHTMLApplication \";document.write();new ActiveXObject(\"WScript.Shell\").Run(\"powershell\")"));
}

static void encoded_scripts_are_decoded(void **state) {
    (void)state;
    expect_layers(SEK_SCRIPT_VBSCRIPT, "#@~^DgAAAA==\\ko$K6,JC\x7fV^GJqAQAAA==^#~@", LAYERS("vbscript: MsgBox \"Hello\""));
    expect_layers(SEK_SCRIPT_VBSCRIPT, "#@~^DgAAAA==\\ko$K6,JC\x7fV^GJqAQAAB==^#~@", LAYERS("vbscript: MsgBox \"Hello\""));
    expect_layers(SEK_SCRIPT_VBSCRIPT, "#@~^DgAAAA==\\ko$K6,JC\x7fV^GJqAQBAA==^#~@", LAYERS("vbscript?: MsgBox \"Hello\""));
    expect_layers(SEK_SCRIPT_VBSCRIPT, "#@~^DgAAAA==\\ko$K6", LAYERS("vbscript?: MsgBox"));
}

static void ordinary_scripts_stay(void **state) {
    (void)state;
    static const char *const scripts[] = {
        "Option Explicit\nDim fso, path\nSet fso = CreateObject(\"Scripting.FileSystemObject\")\npath = \"C:\\x\\\" & name & \".txt\"\n"
        "If fso.FileExists(path) Then\n  WScript.Echo \"found \" & path\nElse\n  WScript.Echo \"no\"\nEnd If\n",
        "MsgBox \"Hello \" & \"World\" & vbCrLf & \"bye\"", "x = 1 + 2 : y = Left(z, 3)", "", "'", "\"", "(((", "If", "For i = ", "Sub", "End",
        "a.b.c d, e(f), , g\nSelect Case x\nCase 1\n y\nEnd Select\nWith z\n .a = 1\nEnd With",
    };
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        expect_nothing(SEK_SCRIPT_VBSCRIPT, scripts[i]);
    static const char *const more[] = {
        "var shell = new ActiveXObject('WScript.Shell');\nfunction log(m) { WScript.Echo('log: ' + m); }\nfor (var i = 0; i < 10; i++) log(i);\n",
        "var o = { a: 1, 'b': [1, 2], c: function (x) { return x / 2; } }; o.c(/[a-z]+/i.exec('q'));", "", "'", "{", "}", "(((", "if (", "function", "/", "a ? b",
        "switch (x) { case 1: y(); break; default: z(); } do { x--; } while (x);",
    };
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        expect_nothing(SEK_SCRIPT_JSCRIPT, more[i]);
}

/* 256 KiB of each; deep nesting and endless loops end at their limits. */
static void hostile_scripts_are_bounded(void **state) {
    (void)state;
    static const struct {
        SekScriptKind kind;
        const char *head, *piece;
    } cases[] = {
        {SEK_SCRIPT_VBSCRIPT, "x = ", "("}, {SEK_SCRIPT_VBSCRIPT, "x = \"a\"", " & \"b\""}, {SEK_SCRIPT_VBSCRIPT, "", "If a Then "},
        {SEK_SCRIPT_VBSCRIPT, "", "x = x & \"ab\" : "}, {SEK_SCRIPT_VBSCRIPT, "x = ", "not "}, {SEK_SCRIPT_VBSCRIPT, "", "Sub a\n"},
        {SEK_SCRIPT_VBSCRIPT, "", "For i = 1 To 1000000\nx = x & \"a\"\n"}, {SEK_SCRIPT_VBSCRIPT, "Function f(a)\nf = f(a & \"x\")\nEnd Function\ny = f(\"c\")\n", "z\n"},
        {SEK_SCRIPT_JSCRIPT, "x = ", "["}, {SEK_SCRIPT_JSCRIPT, "x = 'a'", " + 'b'"}, {SEK_SCRIPT_JSCRIPT, "", "{"},
        {SEK_SCRIPT_JSCRIPT, "", "while(1){x='a'+'b';"}, {SEK_SCRIPT_JSCRIPT, "x = ", "!"}, {SEK_SCRIPT_JSCRIPT, "x", ".a(b"},
        {SEK_SCRIPT_JSCRIPT, "var s='ab';", "s+=s;"}, {SEK_SCRIPT_JSCRIPT, "", "function(){"}, {SEK_SCRIPT_JSCRIPT, "", "x=/"}, {SEK_SCRIPT_JSCRIPT, "", "a?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SekBuf text;
        SekArena arena;
        SekLayers layers;
        SekError err = {0};
        sek_buf_init(&text, 1 << 20);
        sek_buf_adds(&text, cases[i].head);
        while (text.len < (1u << 18))
            sek_buf_adds(&text, cases[i].piece);
        sek_arena_init(&arena, 0);
        SekDecodeInput input = {.text = sek_buf_str(&text), .kind = cases[i].kind};
        clock_t start = clock();
        assert_int_equal(sek_decode(&arena, &input, &layers, &err), SEK_OK);
        double took = (double)(clock() - start) / CLOCKS_PER_SEC;
        print_message("%-8.8s %-24.24s %.3f s, %u layers%s\n", sek_script_kind_name(cases[i].kind), cases[i].piece, took, layers.n,
                      layers.partial ? ", partial" : "");
        if (took > 8.0) /* below 0.8 s; more with sanitizers */
            fail_msg("'%s' repeated took %.2f s", cases[i].piece, took);
        sek_arena_deinit(&arena);
        sek_buf_deinit(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vbscript_strings_are_folded),
        cmocka_unit_test(vbscript_is_followed),
        cmocka_unit_test(what_may_have_changed_is_unknown),
        cmocka_unit_test(jscript_strings_are_folded),
        cmocka_unit_test(vbscript_numbers_have_their_types),
        cmocka_unit_test(vbscript_code_pages_are_told),
        cmocka_unit_test(jscript_may_replace_its_own),
        cmocka_unit_test(jscript_is_followed),
        cmocka_unit_test(jscript_has_its_own_values),
        cmocka_unit_test(jscript_variables_of_statements),
        cmocka_unit_test(encoded_scripts_are_decoded),
        cmocka_unit_test(ordinary_scripts_stay),
        cmocka_unit_test(hostile_scripts_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
