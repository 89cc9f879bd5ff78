/* SPDX-License-Identifier: Apache-2.0 */

/* What scripts hand on and what code of theirs changes: objects, tables, classes, Execute and eval. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "decode_test.h"

#define HI "powershell -e ZQBjAGgAbwAgAGgAaQA="

typedef struct Case {
    SekScriptKind kind;
    const char *text, *layers[5];
} Case;

#define VBS SEK_SCRIPT_VBSCRIPT
#define JS SEK_SCRIPT_JSCRIPT

static void expect_all(const Case *cases, size_t n) {
    for (size_t i = 0; i < n; i++)
        expect_layers(cases[i].kind, cases[i].text, cases[i].layers);
}

#define EXPECT_ALL(cases) expect_all(cases, sizeof(cases) / sizeof *(cases))

static void commands_are_followed_from_any_object(void **state) {
    (void)state;
    static const char *const scripts[] = {
        "new ActiveXObject('WScript.Shell').Run('" HI "');", "new ActiveXObject('WScript.Shell').Exec(\"" HI "\");",
        "(new ActiveXObject('WScript.Shell')).Run('" HI "')", "var w = new ActiveXObject('WScript.Shell'); w['Run']('" HI "');",
        "WScript.CreateObject('WScript.Shell').Run('" HI "');", "GetObject('winmgmts:Win32_Process').Create('" HI "');",
        "GetObject('winmgmts:').Get('Win32_Process').Create('" HI "', null, null, 0);",
        "new ActiveXObject('Shell.Application').ShellExecute('powershell', '-e ZQBjAGgAbwAgAGgAaQA=', '', 'open', 0);",
        "GetObject('new:{9BA05972-F6A8-11CF-A442-00A0C90A8F39}').item().Document.Application.ShellExecute('powershell', '-e ZQBjAGgAbwAgAGgAaQA=')",
        "new ActiveXObject('MMC20.Application').Document.ActiveView.ExecuteShellCommand('powershell', null, '-e ZQBjAGgAbwAgAGgAaQA=', '7');",
        "var o = { s: new ActiveXObject('WScript.Shell'), go: function (c) { this.s.Run(c); } }; o.go('" HI "');",
    };
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        expect_layers(JS, scripts[i], LAYERS("powershell: echo hi"));
    static const char *const more[] = {
        "CreateObject(\"WScript.Shell\").Run \"" HI "\", 0, True", "Set w = CreateObject(\"WScript.Shell\") : Set e = w.Exec(\"" HI "\")",
        "GetObject(\"winmgmts:Win32_Process\").Create \"" HI "\", Null, Null, pid",
        "With CreateObject(\"WScript.Shell\")\n .Run \"" HI "\"\nEnd With",
        "CreateObject(\"Shell.Application\").ShellExecute \"powershell\", \"-e ZQBjAGgAbwAgAGgAaQA=\", \"\", \"open\", 0",
        "With CreateObject(\"Shell.Application\")\n With CreateObject(\"WScript.Shell\")\n  .Run \"" HI "\"\n End With\n .Open\nEnd With",
    };
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        expect_layers(VBS, more[i], LAYERS("powershell: echo hi"));
}

/* A command line that is not known makes the result partial; other things named Run, Exec, Create do not. */
static void commands_that_are_not_known_are_said(void **state) {
    (void)state;
    static const Case cases[] = {
        {VBS, "CreateObject(\"WScript.\" & \"Sh\" & \"ell\").Run y", {"vbscript?: CreateObject(\"WScript.Shell\").Run y"}},
        {VBS, "x = \"c\" & \"md\" : If y Then x = \"q\"\nw.Run x", {"vbscript?: x = \"cmd\" : If y Then x = \"q\"\nw.Run x"}},
        {VBS, "Sub go(c)\n w.Run c & \"a\" & \"b\"\nEnd Sub\ngo y", {"vbscript?: Sub go(c)\n w.Run c & \"ab\"\nEnd Sub\ngo y"}},
        {JS, "new ActiveXObject('WScr' + 'ipt.Shell').Run(y)", {"jscript?: new ActiveXObject(\"WScript.Shell\").Run(y)"}},
        {JS, "x = 'c' + 'md'; new ActiveXObject('Shell.Application').ShellExecute(x, y)",
         {"jscript?: x = \"cmd\"; new ActiveXObject('Shell.Application').ShellExecute(\"cmd\", y)"}},
    };
    EXPECT_ALL(cases);
    expect_nothing(JS, "var m = /[a-z]+/i.exec(y), n = new RegExp(q).exec(y), o = Object.create(y), r = s.exec(y);");
    expect_nothing(JS, "function run(a) { return a; } run(y);");
}

static void tables_and_arrays_are_followed(void **state) {
    (void)state;
    static const Case cases[] = {
        {VBS, "Dim a(2)\na(0) = \"c\" : a(1) = \"m\" : a(2) = \"d\"\nf Join(a, \"\")",
         {"vbscript: Dim a(2)\na(0) = \"c\" : a(1) = \"m\" : a(2) = \"d\"\nf \"cmd\""}},
        {VBS, "ReDim a(0)\na(0) = \"cm\"\nReDim Preserve a(1)\na(1) = \"d\"\nf a(0) & a(1)",
         {"vbscript: ReDim a(0)\na(0) = \"cm\"\nReDim Preserve a(1)\na(1) = \"d\"\nf \"cmd\""}},
        {VBS, "a = Array(\"cm\", \"q\")\nb = a\nb(1) = \"d\"\nf a(0) & a(1) & b(1)", {"vbscript: a = Array(\"cm\", \"q\")\nb = a\nb(1) = \"d\"\nf \"cmqd\""}},
        {VBS, "Set d = CreateObject(\"Scripting.Dictionary\")\nd.Add \"a\", \"cm\"\nd(\"b\") = \"d\"\nf d(\"a\") & d.Item(\"b\")",
         {"vbscript: Set d = CreateObject(\"Scripting.Dictionary\")\nd.Add \"a\", \"cm\"\nd(\"b\") = \"d\"\nf \"cmd\""}},
        {VBS, "f Split(\"a|cm|b\", \"|\")(1) & \"d\"", {"vbscript: f \"cmd\""}},
        {JS, "var o = { a: 'cm', 'b': 'd' }; f(o.a + o['b']);", {"jscript: var o = { a: 'cm', 'b': 'd' }; f(\"cmd\");"}},
        {JS, "var o = {}; o.x = 'cm'; o['y'] = 'd'; f(o.x + o.y);", {"jscript: var o = {}; o.x = 'cm'; o['y'] = 'd'; f(\"cmd\");"}},
        {JS, "var o = { d: function (s) { return s + 'd'; } }; f(o.d('cm'));", {"jscript: var o = { d: function (s) { return s + 'd'; } }; f(\"cmd\");"}},
    };
    EXPECT_ALL(cases);
    expect_nothing(VBS, "Dim a(1)\na(0) = \"c\"\nIf y Then a(0) = \"d\"\nf a(0) & \"md\"");
    expect_nothing(VBS, "Dim a(1)\na(0) = \"c\"\nChange a\nf a(0) & \"md\"");
    expect_nothing(VBS, "Dim a(1, 1)\na(0, 0) = \"c\"\nf a(0, 0) & \"md\"");
    expect_nothing(VBS, "x = \"c\"\nreg.GetStringValue 1, 2, 3, x\nf x & \"md\"");
    expect_nothing(VBS, "Set d = CreateObject(\"Scripting.Dictionary\")\nd.Add \"a\", \"c\"\nd.CompareMode = 1\nd(\"A\") = \"q\"\nf d(\"a\") & \"md\"");
    expect_nothing(JS, "var a = ['c']; g(a); f(a[0] + 'md');");
    expect_nothing(JS, "var o = { a: 'c' }; g(o); f(o.a + 'md');");
    expect_nothing(JS, "var s = 'c'; g(function () { s = 'd'; }); f(s + 'md');");
}

static void classes_are_followed(void **state) {
    (void)state;
    static const Case cases[] = {
        {VBS, "Class K\n Public Function g(x)\n  g = x & \"d\"\n End Function\nEnd Class\nSet k1 = New K\nf k1.g(\"cm\")",
         {"vbscript: Class K\n Public Function g(x)\n  g = x & \"d\"\n End Function\nEnd Class\nSet k1 = New K\nf \"cmd\""}},
        {VBS, "Class K\n Public Property Get p\n  p = \"cm\"\n End Property\nEnd Class\nSet k1 = New K\nf k1.p & \"d\"",
         {"vbscript: Class K\n Public Property Get p\n  p = \"cm\"\n End Property\nEnd Class\nSet k1 = New K\nf \"cmd\""}},
        {VBS, "Class K\n Private Sub Class_Initialize\n  f \"c\" & \"md\"\n End Sub\nEnd Class\nSet k1 = New K",
         {"vbscript: Class K\n Private Sub Class_Initialize\n  f \"cmd\"\n End Sub\nEnd Class\nSet k1 = New K"}},
    };
    EXPECT_ALL(cases);
    /* What an object keeps is not followed. */
    expect_nothing(VBS, "v = \"c\"\nClass K\n Private v\n Public Function g\n  g = v & \"md\"\n End Function\nEnd Class\nSet k1 = New K\nf k1.g");
}

/* Code that is run changes variables as if it stood in the script. */
static void code_that_is_run_is_part_of_the_script(void **state) {
    (void)state;
    static const Case cases[] = {
        {VBS, "x = \"c\"\nExecute \"x = \"\"w\"\"\"\nf x & \"md\"",
         {"vbscript: x = \"c\"\nExecute \"x = \"\"w\"\"\"\nf \"wmd\"", "vbscript: x = \"w\""}},
        {VBS, "k = \"cm\"\nExecuteGlobal \"f k & \"\"d\"\"\"", {"vbscript: f k & \"d\"", "vbscript: f \"cmd\""}},
        {VBS, "Execute \"Function d(s) : d = StrReverse(s) : End Function\"\nf d(\"dmc\")",
         {"vbscript: Execute \"Function d(s) : d = StrReverse(s) : End Function\"\nf \"cmd\"", "vbscript: Function d(s) : d = StrReverse(s) : End Function"}},
        {VBS, "a = \"cm\"\nf Eval(\"a & \"\"d\"\"\")", {"vbscript: a = \"cm\"\nf \"cmd\"", "vbscript: a & \"d\"", "vbscript: \"cmd\""}},
        {JS, "var x = 'c'; eval(\"x = 'w'\"); f(x + 'md');", {"jscript: var x = 'c'; eval(\"x = 'w'\"); f(\"wmd\");", "jscript: x = 'w'"}},
        {JS, "f(eval(\"'cm'\") + 'd');", {"jscript: f(\"cmd\");", "jscript: 'cm'"}},
        {JS, "var k = 'cm'; eval(\"eval('f(k' + '+\\\"d\\\")')\");",
         {"jscript: eval('f(k' + '+\"d\")')", "jscript: f(k+\"d\")", "jscript: f(\"cmd\")"}},
        {VBS, "x = \"c\"\nExecute y\nf \"a\" & \"b\" & x & \"md\"", {"vbscript?: x = \"c\"\nExecute y\nf \"ab\" & x & \"md\""}},
        {JS, "var x = 'c'; eval(y); f('a' + 'b' + x + 'md');", {"jscript?: var x = 'c'; eval(y); f(\"ab\" + x + 'md');"}},
    };
    EXPECT_ALL(cases);
    expect_layers(VBS, "x = \"c\"\nIf y Then Execute \"x = 1\"\nf x & \"md\"", LAYERS("vbscript: x = 1"));
}

/* Ways round that change a variable or an item without naming it plainly. */
static void changes_by_other_ways(void **state) {
    (void)state;
    static const char *const unknown[] = {
        "var o = { a: 'c' }; with (o) { a = 'q'; } f(o.a + 'md');", "var p = { a: 'c' }; delete p.a; f(p.a + 'md');",
        "var q = { a: 'c' }; for (var k in q) q[k] = 'z'; f(q.a + 'md');", "var s = 'c'; this.s = 'q'; f(s + 'md');",
        "var t = 'c'; window['t'] = 'q'; f(t + 'md');", "var t = 'c'; window[y] = 'q'; f(t + 'md');",
        "var m = 'c'; [1].forEach(function () { m = 'q'; }); f(m + 'md');", "var g = 'c'; var h = function () { g = 'q'; }; unknown(h); f(g + 'md');",
        "var a = 'c'; function K() { this.a = 'q'; } var k = new K(); f(a + 'md');", "var r = ['c']; r.foo = 'd'; f(r[0] + 'md');",
    };
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        expect_nothing(JS, unknown[i]);
    static const Case cases[] = {
        {JS, "var x = 'c'; new Function(\"x='q'\")(); f(x + 'md');", {"jscript: var x = 'c'; new Function(\"x='q'\")(); f(\"qmd\");", "jscript: x='q'"}},
        {JS, "var d = new Function('s', \"return s+'d'\"); f(d('cm'));",
         {"jscript: var d = new Function('s', \"return s+'d'\"); f(\"cmd\");", "jscript: return s+'d'"}},
        {JS, "var g = 'c'; var h = function () { g = 'q'; }; var o = { z: h }; o.z(); f(g + 'md');",
         {"jscript: var g = 'c'; var h = function () { g = 'q'; }; var o = { z: h }; o.z(); f(\"qmd\");"}},
        {JS, "var v = ['c']; var u = v; u[0] = 'q'; f(v[0] + 'md');", {"jscript: var v = ['c']; var u = v; u[0] = 'q'; f(\"qmd\");"}},
        {VBS, "Sub g\n Execute \"x = \"\"q\"\"\"\nEnd Sub\nx = \"c\"\ng\nf x & \"md\"",
         {"vbscript: Sub g\n Execute \"x = \"\"q\"\"\"\nEnd Sub\nx = \"c\"\ng\nf \"qmd\"", "vbscript: x = \"q\""}},
    };
    EXPECT_ALL(cases);
}

static void arguments_in_all_forms(void **state) {
    (void)state;
    static const Case cases[] = {
        {VBS, "f Replace(\"cZmzd\", \"z\", \"\", 1, -1, 1)", {"vbscript: f \"cmd\""}},
        {VBS, "f Replace(\"xxcZmd\", \"Z\", \"\", 3, 1)", {"vbscript: f \"cmd\""}},
        {VBS, "f Replace(\"cZmZd\", \"Z\", \"\", 1, 1, vbBinaryCompare)", {"vbscript: f \"cmZd\""}},
        {VBS, "f Mid(\"xcmd\", 2) & Mid(\"abc\", 2, 1) & String(2, \"z\") & String(1, 65)", {"vbscript: f \"cmdbzzA\""}},
        {VBS, "f Join(Split(\"c|m|d\", \"|\", -1, 1), \"\")", {"vbscript: f \"cmd\""}},
        {VBS, "f Mid(\"a.cmd\", InStrRev(\"a.cmd\", \".\") + 1) & CStr(True)", {"vbscript: f \"cmdTrue\""}},
        {VBS, "f Chr(CLng(\"&H63\")) & ChrW(109) & Chr(\"100\")", {"vbscript: f \"cmd\""}},
    };
    EXPECT_ALL(cases);
}

static void select_takes_one_case(void **state) {
    (void)state;
    static const Case cases[] = {
        {VBS, "Select Case 3 : Case 1, 2 : k = \"a\" : Case 3 : k = \"b\" : Case Else : k = \"c\" : End Select\nf k & \"x\"",
         {"vbscript: Select Case 3 : Case 1, 2 : k = \"a\" : Case 3 : k = \"b\" : Case Else : k = \"c\" : End Select\nf \"bx\""}},
        {VBS, "Select Case \"q\"\nCase \"a\"\n k = \"a\"\nCase Else\n k = \"c\"\nEnd Select\nf k & \"x\"",
         {"vbscript: Select Case \"q\"\nCase \"a\"\n k = \"a\"\nCase Else\n k = \"c\"\nEnd Select\nf \"cx\""}},
    };
    EXPECT_ALL(cases);
    expect_nothing(VBS, "k = \"z\"\nSelect Case y\nCase 1\n k = \"a\"\nEnd Select\nf k & \"x\"");
    expect_nothing(VBS, "k = \"z\"\nSelect Case 5\nCase 1 To 9\n k = \"a\"\nCase Is > 2\n k = \"b\"\nEnd Select\nf k & \"x\"");
    expect_nothing(VBS, "x = \"c\"\nSub g(ByVal p)\n p = \"q\"\nEnd Sub\ng x\nf x");
}

static void one_liners_of_mshta(void **state) {
    (void)state;
    static const char *const lines[] = {
        "mshta vbscript:CreateObject(\"WScript.Shell\").Run(\"" HI "\",0)(window.close)",
        "mshta \"vbscript:Execute(\"\"CreateObject(\"\"\"\"WScript.Shell\"\"\"\").Run \"\"\"\"" HI "\"\"\"\",0:close\"\")\"",
        "mshta vbscript:Close(Execute(\"CreateObject(\"\"WScript.Shell\"\").Run\"\"" HI "\"\",0\"))",
        "mshta javascript:a=new%20ActiveXObject(\"WScript.Shell\");a.Run(\"" HI "\",0);close();",
        "mshta.exe \"javascript:new ActiveXObject('WScript.Shell').Run('" HI "',0);close()\"",
        "rundll32.exe javascript:\"\\..\\mshtml,RunHTMLApplication \";eval(\"w=new%20ActiveXObject('WScript.Shell');w.Run('" HI "')\")",
        "mshta \"about:<script>new ActiveXObject('WScript.Shell').Run('" HI "')</script>\"",
        "mshta \"about:<hta:application><script language=\"vbscript\">CreateObject(\"WScript.Shell\").Run \"" HI "\" : close</script>\"",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        expect_somewhere(SEK_SCRIPT_COMMAND, lines[i], LAYERS("echo hi"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_followed_from_any_object), cmocka_unit_test(commands_that_are_not_known_are_said),
        cmocka_unit_test(tables_and_arrays_are_followed),        cmocka_unit_test(classes_are_followed),
        cmocka_unit_test(code_that_is_run_is_part_of_the_script), cmocka_unit_test(arguments_in_all_forms),
        cmocka_unit_test(changes_by_other_ways),
        cmocka_unit_test(select_takes_one_case),                 cmocka_unit_test(one_liners_of_mshta),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
