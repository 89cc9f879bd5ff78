/* SPDX-License-Identifier: Apache-2.0 */

/* Arguments of powershell.exe: every abbreviation that it takes, in the order in which it tries them
 * (CommandLineParameterParser of its console host), with -, /, and the typographic dashes in front. */

#include "base/buf.h"
#include "base/utf.h"
#include "decode/ps_line.h"
#include "decode/ps_lex.h"

enum { HOST_NONE, HOST_CODE, HOST_ENCODED, HOST_FILE, HOST_VALUE, HOST_SWITCH };

typedef struct HostParam {
    const char *name, *shortest; /* any prefix of the name that is at least as long as `shortest` */
    const char *also;            /* another spelling, whole */
    int kind;
} HostParam;

static const HostParam params[] = {
    {"version", "v", NULL, HOST_VALUE},
    {"help", "h", "?", HOST_SWITCH},
    {"login", "l", NULL, HOST_SWITCH},
    {"noexit", "noe", NULL, HOST_SWITCH},
    {"noprofile", "nop", NULL, HOST_SWITCH},
    {"nologo", "nol", NULL, HOST_SWITCH},
    {"noninteractive", "noni", NULL, HOST_SWITCH},
    {"command", "c", NULL, HOST_CODE},
    {"windowstyle", "w", NULL, HOST_VALUE},
    {"file", "f", NULL, HOST_FILE},
    {"outputformat", "o", "of", HOST_VALUE},
    {"inputformat", "i", "if", HOST_VALUE},
    {"executionpolicy", "ex", "ep", HOST_VALUE},
    {"encodedarguments", "encodeda", "ea", HOST_VALUE},
    {"encodedcommand", "e", "ec", HOST_ENCODED},
    {"sta", "s", NULL, HOST_SWITCH},
    {"mta", "mta", NULL, HOST_SWITCH},
    {"psconsolefile", "p", NULL, HOST_VALUE},
    {"configurationname", "config", NULL, HOST_VALUE},
    {"workingdirectory", "wo", "wd", HOST_VALUE},
    {"custompipename", "cus", NULL, HOST_VALUE},
    {"settingsfile", "settings", NULL, HOST_VALUE},
};

static bool starts_nocase(SekStr s, SekStr prefix) {
    return s.len >= prefix.len && sek_str_eq_nocase(sek_str_n(s.ptr, prefix.len), prefix);
}

/* What an argument is as a parameter; HOST_NONE when it is none. */
static int param_kind(SekStr arg) {
    size_t dash = sek_ps_dash(arg, 0);
    if (dash == 0 && sek_ps_byte(arg, 0) == '/')
        dash = 1;
    if (dash == 0 || dash == arg.len)
        return HOST_NONE;
    SekStr word = sek_str_n(arg.ptr + dash, arg.len - dash);
    if (sek_ps_dash(word, 0) && word.len > 1)
        word = sek_str_n(word.ptr + 1, word.len - 1);
    if (sek_str_ends(word, SEK_STR(":")))
        word.len--;
    for (size_t i = 0; i < sizeof params / sizeof *params; i++)
        if ((starts_nocase(sek_str(params[i].name), word) && word.len >= strlen(params[i].shortest)) ||
            (params[i].also && sek_str_eq_nocase(word, sek_str(params[i].also))))
            return params[i].kind;
    return HOST_NONE;
}

/* --- Base64 ------------------------------------------------------------------------------------------------
 */

static int digit(unsigned char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* Takes digits up to padding or a character that ends the argument; skips blanks and quotes. */
static size_t lenient_bytes(SekStr text, uint8_t *out, bool *damaged) {
    uint32_t group = 0, have = 0;
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        int d = digit((unsigned char)text.ptr[i]);
        if (text.ptr[i] == '=')
            break;
        if (d < 0) {
            if (!strchr(" \t\r\n\"'`^", text.ptr[i]) || text.ptr[i] == 0) {
                *damaged = true;
                break;
            }
            continue;
        }
        group = group << 6 | (uint32_t)d;
        if (++have == 4) {
            out[n++] = (uint8_t)(group >> 16);
            out[n++] = (uint8_t)(group >> 8);
            out[n++] = (uint8_t)group;
            have = group = 0;
        }
    }
    if (have >= 2)
        out[n++] = (uint8_t)(group >> (have == 2 ? 4 : 10));
    if (have == 3)
        out[n++] = (uint8_t)(group >> 2);
    *damaged = *damaged || have == 1;
    return n;
}

/* Readable: mostly printable ASCII, in units of `step` bytes with the rest zero. */
static bool reads_as(const uint8_t *bytes, size_t n, size_t step, size_t at) {
    size_t good = 0, units = n / step;
    for (size_t i = 0; i < units; i++) {
        uint8_t c = bytes[i * step + at];
        bool high = step == 2 && bytes[i * step + 1 - at] != 0;
        good += !high && ((c >= 0x20 && c < 0x7F) || c == '\t' || c == '\r' || c == '\n');
    }
    return units > 0 && good * 10 >= units * 7;
}

bool sek_lenient_base64_text(SekArena *arena, SekStr text, SekHandedOn *out) {
    uint8_t *bytes = sek_arena_alloc(arena, text.len + 4);
    bool damaged = false;
    SekBuf utf8;
    if (!bytes)
        return false;
    size_t n = lenient_bytes(text, bytes, &damaged);
    if (n < 2)
        return false;
    sek_buf_init(&utf8, n * 3 + 16);
    *out = (SekHandedOn){.kind = SEK_SCRIPT_POWERSHELL,
                         .step = "base64-utf16",
                         .partial = damaged ? "the Base64 is damaged" : NULL};
    size_t skip = n >= 2 && bytes[0] == 0xFF && bytes[1] == 0xFE ? 2 : 0;
    bool wide = reads_as(bytes, n, 2, 0);
    if (!wide && n > 3 && reads_as(bytes + 1, n - 1, 2, 0)) { /* junk in front has shifted it */
        skip = 1;
        out->partial = "the Base64 is damaged";
    }
    if (!wide && skip != 1 && reads_as(bytes, n, 1, 0)) {
        out->step = "base64-bytes"; /* not what -EncodedCommand takes, but what was meant */
        sek_buf_add(&utf8, bytes, n);
    } else {
        sek_utf16le_append(&utf8, bytes + skip, n - skip);
    }
    out->text = utf8.failed == SEK_OK ? sek_arena_dup(arena, sek_buf_str(&utf8)) : sek_str_n(NULL, 0);
    sek_buf_deinit(&utf8);
    return out->text.ptr != NULL && out->text.len > 0;
}

/* --- arguments ---------------------------------------------------------------------------------------------
 */

static bool join_rest(SekArena *arena, const SekStr *args, uint32_t from, uint32_t n, SekHandedOn *out) {
    size_t size = 1;
    for (uint32_t i = from; i < n; i++)
        size += args[i].len + 1;
    char *text = sek_arena_alloc(arena, size);
    size_t len = 0;
    if (!text || from >= n)
        return false;
    for (uint32_t i = from; i < n; i++) {
        if (i > from)
            text[len++] = ' ';
        memcpy(text + len, args[i].ptr, args[i].len);
        len += args[i].len;
    }
    *out = (SekHandedOn){.text = sek_str_n(text, len), .kind = SEK_SCRIPT_POWERSHELL};
    return len > 0 && !(len == 1 && text[0] == '-');
}

static bool looks_like_file(SekStr arg) {
    return arg.len > 4 && sek_str_eq_nocase(sek_str_n(arg.ptr + arg.len - 4, 4), SEK_STR(".ps1"));
}

/* Words that are no parameters in front (`window hidden -enc ...`, a dash forgotten) end the reading for
 * PowerShell; what was meant is told all the same, when it reads well. */
static bool encoded_behind(SekArena *arena, const SekStr *args, uint32_t from, uint32_t n, SekHandedOn *out) {
    for (uint32_t i = from; i + 1 < n; i++)
        if (param_kind(args[i]) == HOST_ENCODED && args[i + 1].len >= 16 &&
            sek_lenient_base64_text(arena, args[i + 1], out) && (!out->partial || args[i + 1].len >= 64))
            return true;
    return false;
}

bool sek_ps_host_code(SekArena *arena, const SekStr *args, uint32_t n, SekHandedOn *out) {
    for (uint32_t i = 0; i < n; i++) {
        switch (param_kind(args[i])) {
        case HOST_SWITCH:
            break;
        case HOST_VALUE:
            i++;
            break;
        case HOST_ENCODED: /* blanks inside the Base64 come from line breaks: the rest belongs to it, too */
            for (i++; i < n && args[i].len == 0; i++) {
            }
            return i < n && sek_lenient_base64_text(arena, args[i], out);
        case HOST_CODE:
            return join_rest(arena, args, i + 1, n, out);
        case HOST_FILE:
            return false;
        default:
            if (looks_like_file(args[i]))
                return false;
            if (encoded_behind(arena, args, i, n, out))
                return true;
            return join_rest(arena, args, i, n, out);
        }
    }
    return false;
}
