/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of the attack: Base64, and the scripts of both waves with their addresses.
 *
 * The strings follow what was published about the waves of December 2020 and April 2022; host
 * names are below .example. The scripts are data: nothing here runs them. */
#pragma once

#include "evtxgen/case_core.h"

enum { SEK_CASE_WAVE1_URLS = 7, SEK_CASE_WAVE2_URLS = 6 };

extern const char *const sek_case_wave1_urls[SEK_CASE_WAVE1_URLS];
extern const char *const sek_case_wave2_urls[SEK_CASE_WAVE2_URLS];

/* Base64 of the bytes of `text`. */
char *sek_case_base64(SekCaseArena *arena, const char *text);
/* Base64 of the UTF-16LE form of `text`, as -EncodedCommand takes it. */
char *sek_case_base64_utf16(SekCaseArena *arena, const char *text);

/* The first wave's PowerShell script as it arrived: concatenations, format strings, indirection
 * by variables, quoted member names with backticks, dead assignments. */
char *sek_case_wave1_script(SekCaseArena *arena);

/* The second wave's script: plain, with its six addresses. */
char *sek_case_wave2_script(SekCaseArena *arena);

/* The host part of an address, "http://host/...". */
char *sek_case_url_host(SekCaseArena *arena, const char *url);
