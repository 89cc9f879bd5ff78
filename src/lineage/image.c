/* SPDX-License-Identifier: Apache-2.0 */

/* Programs by their paths. */
#include "lineage/internal.h"

SekStr sek_image_name(SekStr image) {
    size_t at = image.len;
    while (at > 0 && image.ptr[at - 1] != '\\' && image.ptr[at - 1] != '/')
        at--;
    return sek_str_n(image.ptr ? image.ptr + at : "", image.len - at);
}

bool sek_image_same(SekStr a, SekStr b) {
    return a.len == 0 || b.len == 0 || sek_str_eq_nocase(sek_image_name(a), sek_image_name(b));
}

int sek_order_nocase(SekStr a, SekStr b) {
    size_t n = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < n; i++) {
        int order = (uint8_t)sek_ascii_lower(a.ptr[i]) - (uint8_t)sek_ascii_lower(b.ptr[i]);
        if (order)
            return order;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

bool sek_text_contains(SekStr text, SekStr part) {
    if (part.len == 0 || part.len > text.len)
        return false;
    /* The ends first: a service's path and a program's differ there, and begin alike. */
    char first = sek_ascii_lower(part.ptr[0]), last = sek_ascii_lower(part.ptr[part.len - 1]);
    for (const char *at = text.ptr, *end = at + part.len - 1; end < text.ptr + text.len; at++, end++)
        if (sek_ascii_lower(*end) == last && sek_ascii_lower(*at) == first && sek_str_eq_nocase(sek_str_n(at, part.len), part))
            return true;
    return false;
}

/* The path behind the drive ("C:") or the device ("\Device\HarddiskVolume3"). */
static SekStr without_volume(SekStr image) {
    static const char device[] = "\\Device\\HarddiskVolume";
    size_t at = 0;
    if (image.len > 2 && image.ptr[1] == ':') {
        at = 2;
    } else if (image.len > sizeof device &&
               sek_str_eq_nocase(sek_str_n(image.ptr, sizeof device - 1), sek_str(device))) {
        at = sizeof device - 1;
        while (at < image.len && image.ptr[at] >= '0' && image.ptr[at] <= '9')
            at++;
    }
    return sek_str_n(image.ptr ? image.ptr + at : "", image.len - at);
}

/* A list with the lengths at hand: most texts differ in length from all of it. */
#define N(literal) {(literal), sizeof(literal) - 1}

static bool listed(SekStr text, const SekStr *list) {
    for (; list->ptr; list++)
        if (text.len == list->len && sek_str_eq_nocase(text, *list))
            return true;
    return false;
}

/* Windows' own programs that start others on behalf of somebody: trees begin below them. */
bool sek_image_is_starter(SekStr image) {
    static const SekStr paths[] = {
        N("\\Windows\\explorer.exe"), N("\\Windows\\System32\\csrss.exe"), N("\\Windows\\System32\\lsass.exe"),
        N("\\Windows\\System32\\services.exe"), N("\\Windows\\System32\\sihost.exe"), N("\\Windows\\System32\\smss.exe"),
        N("\\Windows\\System32\\svchost.exe"), N("\\Windows\\System32\\taskeng.exe"), N("\\Windows\\System32\\userinit.exe"),
        N("\\Windows\\System32\\wbem\\WmiPrvSE.exe"), N("\\Windows\\System32\\wininit.exe"),
        N("\\Windows\\System32\\winlogon.exe"), N("\\Windows\\SysWOW64\\wbem\\WmiPrvSE.exe"),
        /* what Sysmon calls these two */
        N("System"), N("System Idle Process"), {NULL, 0}};
    return listed(without_volume(image), paths);
}

bool sek_image_is_wmi_host(SekStr image) {
    static const SekStr paths[] = {N("\\Windows\\System32\\wbem\\WmiPrvSE.exe"),
                                        N("\\Windows\\SysWOW64\\wbem\\WmiPrvSE.exe"), {NULL, 0}};
    return listed(without_volume(image), paths);
}

/* Programs in which documents bring their own code. Outlook is not one: it runs all day. */
bool sek_image_is_macro_host(SekStr image) {
    static const SekStr names[] = {N("winword.exe"), N("excel.exe"), N("powerpnt.exe"), N("onenote.exe"), N("msaccess.exe"),
                                        N("mspub.exe"), N("visio.exe"), {NULL, 0}};
    return listed(sek_image_name(image), names);
}

/* Programs whose part in what a broker starts is looked for by name. */
static bool is_actor(SekStr image) {
    static const SekStr names[] = {N("schtasks.exe"), N("sc.exe"), {NULL, 0}};
    return sek_image_is_macro_host(image) || listed(sek_image_name(image), names);
}

uint8_t sek_image_traits(SekStr image) {
    static const SekStr services[] = {N("services.exe"), {NULL, 0}};
    return (uint8_t)((sek_image_is_starter(image) ? SEK_IS_STARTER : 0) | (sek_image_is_wmi_host(image) ? SEK_IS_WMI_HOST : 0) |
                     (listed(sek_image_name(image), services) ? SEK_IS_SERVICES : 0) | (is_actor(image) ? SEK_IS_ACTOR : 0));
}

bool sek_image_is_interpreter(SekStr image) {
    static const SekStr names[] = {N("cmd.exe"), N("powershell.exe"), N("pwsh.exe"), N("wscript.exe"), N("cscript.exe"),
                                        N("mshta.exe"), N("rundll32.exe"), N("regsvr32.exe"), {NULL, 0}};
    return listed(sek_image_name(image), names);
}
