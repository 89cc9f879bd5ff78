/* SPDX-License-Identifier: Apache-2.0 */

/* Tables of names: top-level domains, extensions, dotted names that are no hosts.
 * Sources: IANA's list of top-level domains (country codes: all; generic ones: those in wide
 * use), extensions that Windows starts or that Office and archivers write. */
#include "indicator/finder.h"

#define LABEL_MAX 24

/* Country codes and generic domains that are hardly ever a word of a program. */
static const char *const plain_tlds[] = {
    "ac", "ad", "ae", "aero", "af", "ag", "al", "ao", "aq", "ar", "asia", "au", "aw", "ax", "az", "ba", "bb",
    "bd", "bf", "bg", "bh", "bi", "biz", "bj", "bm", "bn", "bo", "br", "bt", "bw", "bz", "ca", "cat", "cd",
    "cf", "cg", "ch", "ci", "ck", "cl", "club", "cm", "cn", "co", "com", "coop", "cr", "cu", "cw", "cx", "cy",
    "cz", "de", "dj", "dk", "dm", "dz", "ec", "edu", "ee", "er", "et", "eu", "fi", "fj", "fk", "fm", "fr",
    "fun", "ga", "gd", "ge", "gf", "gg", "gi", "gl", "gm", "gn", "gov", "gp", "gq", "gr", "gt", "gu", "gw",
    "gy", "hk", "hm", "hn", "hr", "ht", "hu", "icu", "ie", "il", "im", "iq", "ir", "je", "jm", "jo", "jp",
    "ke", "kg", "kh", "ki", "km", "kn", "kp", "kr", "kw", "ky", "kz", "la", "lb", "lc", "lk", "lr", "ltd",
    "lu", "lv", "ly", "ma", "mc", "mg", "mh", "mil", "mm", "mn", "mo", "mobi", "mp", "mq", "mr", "ms", "mt",
    "mu", "mv", "mw", "mx", "mz", "na", "nc", "net", "ng", "ni", "nl", "np", "nr", "nu", "nz", "om", "online",
    "onion", "org", "pa", "pe", "pf", "pg", "ph", "pk", "pm", "pn", "pr", "pro", "pt", "pw", "qa", "ro", "ru",
    "rw", "sa", "sb", "sc", "sd", "se", "sg", "shop", "si", "sk", "sl", "sm", "sn", "sr", "st", "su", "sv",
    "sx", "sy", "sz", "tc", "td", "tf", "tg", "th", "tj", "tk", "tl", "tm", "tn", "tr", "tt", "tv", "tw",
    "tz", "ua", "ug", "uk", "uy", "uz", "va", "vc", "ve", "vg", "vi", "vip", "vn", "vu", "wf", "xyz", "ye",
    "yt", "za", "zm", "zw",
};

/* Also a word, a property, an abbreviation or an extension. */
static const char *const word_tlds[] = {
    "agency", "ai", "am", "app", "art", "as", "at", "bar", "be", "best", "blog", "bond", "bs", "by", "bot",
    "buzz", "bid", "business", "cam", "care", "cash", "cc", "center", "cfd", "church", "city", "click", "cloud",
    "company", "cool", "country", "cv", "cyou", "date", "day", "design", "dev", "digital", "direct", "do",
    "download", "eg", "email", "es", "expert", "fit", "fo", "fund", "games", "gb", "gdn", "gh", "global",
    "group", "gs", "guru", "help", "host", "house", "id", "in", "info", "ink", "io", "is", "it", "jobs",
    "land", "li", "life", "link", "live", "loan", "lol", "ls", "lt", "market", "md", "me", "media", "men",
    "mk", "ml", "mom", "monster", "mov", "my", "name", "ne", "network", "news", "nf", "no", "one", "page",
    "party", "photos", "pl", "plus", "post", "press", "ps", "pub", "py", "quest", "re", "rest", "review",
    "rocks", "rs", "run", "sbs", "science", "services", "sh", "site", "so", "social", "solutions", "space",
    "store", "stream", "studio", "support", "systems", "team", "tech", "technology", "tel", "tips", "to",
    "today", "tools", "top", "trade", "travel", "us", "uno", "ventures", "wang", "watch", "website", "wiki",
    "win", "work", "works", "world", "ws", "wtf", "zip", "zone",
};

/* Started by Windows, by double click or by a program that is always there. */
static const char *const program_extensions[] = {
    "7z", "appref-ms", "appx", "arj", "bat", "cab", "chm", "class", "cmd", "com", "cpl", "dll", "drv", "elf",
    "exe", "gadget", "gz", "hlp", "hta", "img", "inf", "ins", "iso", "jar", "js", "jse", "lnk", "msc", "msh",
    "msi", "msix", "msp", "mst", "ocx", "php", "pif", "ps1", "ps1xml", "ps2", "psc1", "psd1", "psm1", "py",
    "rar", "reg", "scf", "scr", "sct", "sh", "shb", "shs", "sys", "tar", "url", "vb", "vbe", "vbs", "vhd",
    "vhdx", "wim", "ws", "wsc", "wsf", "wsh", "xbap", "xll", "xsl", "zip",
};

static const char *const document_extensions[] = {
    "accdb", "csv", "doc", "docb", "docm", "docx", "dot", "dotm", "dotx", "eml", "hwp", "iqy", "kdbx", "mdb",
    "msg", "odp", "ods", "odt", "one", "onepkg", "ost", "pdf", "potm", "ppam", "pps", "ppsm", "ppt", "pptm",
    "pptx", "pst", "pub", "rtf", "settingcontent-ms", "sldm", "slk", "svg", "wiz", "xla", "xlam", "xls",
    "xlsb", "xlsm", "xlsx", "xlt", "xltm", "xps",
};

/* Programs of DOS that end like a domain, and names of technologies. */
static const char *const known_names[] = {
    "ado.net", "asp.net", "chcp.com", "command.com", "diskcomp.com", "diskcopy.com", "doskey.com", "edit.com",
    "format.com", "graftabl.com", "graphics.com", "kb16.com", "keyb.com", "krnl386.com", "loadfix.com",
    "mode.com", "more.com", "sys.com", "system.net", "tree.com", "vb.net", "win.com",
};

static const char *const namespace_hosts[] = {
    "docs.oasis-open.org", "purl.org", "schemas.dmtf.org", "schemas.microsoft.com", "schemas.openxmlformats.org",
    "schemas.xmlsoap.org", "tempuri.org", "www.w3.org",
};

static bool holds(const char *const *table, size_t n, SekStr word) {
    char lower[LABEL_MAX + 1];
    if (word.len == 0 || word.len > LABEL_MAX)
        return false;
    for (size_t i = 0; i < word.len; i++)
        lower[i] = sek_ascii_lower(word.ptr[i]);
    lower[word.len] = '\0';
    for (size_t i = 0; i < n; i++)
        if (table[i][0] == lower[0] && strcmp(table[i], lower) == 0)
            return true;
    return false;
}
#define HOLDS(table, word) holds((table), sizeof(table) / sizeof *(table), (word))

SekTld sek_tld_of(SekStr label) {
    if (HOLDS(plain_tlds, label) || (label.len > 4 && sek_word_at(label, 0, "xn--")))
        return SEK_TLD_PLAIN;
    return HOLDS(word_tlds, label) ? SEK_TLD_WORD : SEK_TLD_NONE;
}

bool sek_is_program_extension(SekStr extension) {
    return HOLDS(program_extensions, extension);
}

bool sek_is_telling_extension(SekStr extension) {
    return HOLDS(program_extensions, extension) || HOLDS(document_extensions, extension);
}

bool sek_is_known_name(SekStr name) {
    return HOLDS(known_names, name);
}

bool sek_is_namespace_host(SekStr host) {
    for (size_t i = 0; i < sizeof namespace_hosts / sizeof *namespace_hosts; i++)
        if (sek_str_eq_nocase(host, sek_str(namespace_hosts[i])))
            return true;
    return false;
}
