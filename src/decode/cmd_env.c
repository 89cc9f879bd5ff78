/* SPDX-License-Identifier: Apache-2.0 */

/* Variables of cmd.exe and what becomes of %x%, %x:~1,2% and %x:a=b%. The values that Windows gives its
 * variables are those of an ordinary installation (Windows 10, 64 bit, drive C); obfuscators cut letters
 * out of them. Of paths that hold the user's name only the ends are known. */
#include "decode/cmd.h"

#include <stdlib.h>

typedef struct Default {
    const char *name, *head, *tail; /* tail NULL: all of it is known */
} Default;

static const Default defaults[] = {
    {"comspec", "C:\\Windows\\system32\\cmd.exe", NULL},
    {"systemroot", "C:\\Windows", NULL},
    {"windir", "C:\\Windows", NULL},
    {"systemdrive", "C:", NULL},
    {"homedrive", "C:", NULL},
    {"programfiles", "C:\\Program Files", NULL},
    {"programfiles(x86)", "C:\\Program Files (x86)", NULL},
    {"programw6432", "C:\\Program Files", NULL},
    {"commonprogramfiles", "C:\\Program Files\\Common Files", NULL},
    {"commonprogramfiles(x86)", "C:\\Program Files (x86)\\Common Files", NULL},
    {"commonprogramw6432", "C:\\Program Files\\Common Files", NULL},
    {"programdata", "C:\\ProgramData", NULL},
    {"allusersprofile", "C:\\ProgramData", NULL},
    {"public", "C:\\Users\\Public", NULL},
    {"driverdata", "C:\\Windows\\System32\\Drivers\\DriverData", NULL},
    {"os", "Windows_NT", NULL},
    {"pathext", ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC", NULL},
    {"path", "C:\\Windows\\system32;C:\\Windows;C:\\Windows\\System32\\Wbem;C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\;", ""},
    {"psmodulepath", "C:\\", "\\WindowsPowerShell\\v1.0\\Modules"},
    {"temp", "C:\\Users\\", "\\AppData\\Local\\Temp"},
    {"tmp", "C:\\Users\\", "\\AppData\\Local\\Temp"},
    {"appdata", "C:\\Users\\", "\\AppData\\Roaming"},
    {"localappdata", "C:\\Users\\", "\\AppData\\Local"},
    {"userprofile", "C:\\Users\\", ""},
    {"homepath", "\\Users\\", ""},
};
#define N_DEFAULTS (sizeof defaults / sizeof *defaults)

SekStatus sek_cmd_env_copy(SekArena *arena, const SekCmdEnv *from, SekCmdEnv *out) {
    uint32_t cap = (from ? from->n : (uint32_t)N_DEFAULTS) + 16;
    out->vars = SEK_ARENA_ARRAY(arena, SekCmdVar, cap);
    if (!out->vars)
        return sek_arena_why(arena);
    out->cap = cap;
    out->n = cap - 16;
    if (from) {
        memcpy(out->vars, from->vars, from->n * sizeof *from->vars);
        return SEK_OK;
    }
    for (uint32_t i = 0; i < N_DEFAULTS; i++)
        out->vars[i] = (SekCmdVar){.name = sek_str(defaults[i].name), .head = sek_str(defaults[i].head),
                                   .tail = sek_str(defaults[i].tail), .gap = defaults[i].tail != NULL};
    return SEK_OK;
}

const SekCmdVar *sek_cmd_env_get(const SekCmdEnv *env, SekStr name) {
    for (uint32_t i = env->n; i > 0; i--)
        if (sek_str_eq_nocase(env->vars[i - 1].name, name))
            return &env->vars[i - 1];
    return NULL;
}

/* The variable's place, made when there is none; NULL without room. */
static SekCmdVar *place(SekCmdRun *run, SekStr name) {
    SekCmdEnv *env = &run->env;
    SekCmdVar *found = (SekCmdVar *)sek_cmd_env_get(env, name);
    if (found)
        return found;
    if (env->n == SEK_CMD_MAX_VARIABLES)
        return NULL;
    if (env->n == env->cap) {
        SekCmdVar *vars = SEK_ARENA_ARRAY(&run->decoder->scratch, SekCmdVar, 2 * env->cap);
        if (!vars) {
            run->fatal = sek_arena_why(&run->decoder->scratch);
            return NULL;
        }
        memcpy(vars, env->vars, env->n * sizeof *vars);
        env->vars = vars;
        env->cap *= 2;
    }
    env->vars[env->n] = (SekCmdVar){.name = sek_cmd_dup(run, name)};
    return &env->vars[env->n++];
}

/* The name in %name% or !name! at `at`; empty when none begins there. */
static SekStr reference_at(const SekCmdRun *run, SekStr value, size_t at) {
    char sign = value.ptr[at];
    if (sign != '%' && !(sign == '!' && run->delayed))
        return SEK_STR("");
    size_t most = value.len - at - 1;
    const char *end = most ? memchr(value.ptr + at + 1, sign, most) : NULL;
    return sek_str_n(value.ptr + at + 1, end ? (size_t)(end - value.ptr) - at - 1 : 0);
}

/* Gives `out` the ends of its text that are known. What is left of a reference in it had a value when the text
 * was set: a cut must not take the letters of its name for those of the value. */
static void see_references(SekCmdRun *run, SekCmdVar *out) {
    SekStr text = out->text;
    SekBuf known;
    size_t gap_at = 0, head_len = 0;
    sek_buf_init(&known, run->decoder->limits.max_value_bytes);
    for (size_t i = 0; i < text.len;) {
        SekStr name = reference_at(run, text, i);
        if (name.len == 0) {
            sek_buf_addc(&known, text.ptr[i++]);
            continue;
        }
        const SekCmdVar *var = sek_cmd_env_get(&run->env, name);
        bool sure = var && !var->unknown && !var->ours && sek_decoder_pay(run->decoder, 1 + run->env.n / 32);
        if (sure)
            sek_buf_add_str(&known, var->head);
        if (!sure || var->gap) {
            head_len = out->gap ? head_len : known.len;
            out->gap = true;
            gap_at = known.len;
        }
        if (sure && var->gap)
            sek_buf_add_str(&known, var->tail);
        i += name.len + 2;
    }
    out->unknown = known.failed != SEK_OK;
    out->gap = out->gap && !out->unknown;
    SekStr copy = out->unknown ? SEK_STR("") : sek_cmd_dup(run, sek_buf_str(&known));
    bool cut = out->gap && copy.len >= gap_at;
    out->head = sek_str_n(copy.ptr, cut ? head_len : copy.len);
    out->tail = cut ? sek_str_n(copy.ptr + gap_at, copy.len - gap_at) : SEK_STR("");
    sek_buf_deinit(&known);
}

bool sek_cmd_env_set(SekCmdRun *run, SekStr name, SekStr value) {
    SekCmdVar *var = place(run, name);
    if (!var)
        return false;
    SekCmdVar set = {.name = var->name, .text = sek_cmd_dup(run, value), .ours = true};
    bool plain = set.text.len == 0 || (!memchr(set.text.ptr, '%', set.text.len) && !memchr(set.text.ptr, '!', set.text.len));
    set.head = set.text;
    if (!plain)
        see_references(run, &set);
    *var = set;
    return true;
}

void sek_cmd_env_forget(SekCmdRun *run, SekStr name) {
    SekCmdVar *var = place(run, name);
    if (var)
        *var = (SekCmdVar){.name = var->name, .unknown = true, .ours = true};
}

/* --- :~start,length --- */

/* A number as strtol reads it, in base 10, 8 or 16; false when something else stands there. */
static bool read_number(SekStr s, long *out) {
    char digits[24], *end;
    s = sek_str_trim(s);
    if (s.len == 0 || s.len >= sizeof digits)
        return false;
    memcpy(digits, s.ptr, s.len);
    digits[s.len] = '\0';
    *out = strtol(digits, &end, 0);
    return *end == '\0' && *out > -100000000 && *out < 100000000;
}

static SekStr cut(SekStr s, long start, long length, bool has_length) {
    long n = (long)s.len;
    start = start < 0 ? start + n : start;
    start = start < 0 ? 0 : start > n ? n : start;
    long end = !has_length ? n : length < 0 ? n + length : length > n - start ? n : start + length;
    return end > start ? sek_str_n(s.ptr + start, (size_t)(end - start)) : SEK_STR("");
}

static SekCmdUse substring(const SekCmdVar *var, SekStr spec, SekStr *out) {
    const char *comma = spec.len ? memchr(spec.ptr, ',', spec.len) : NULL;
    size_t at = comma ? (size_t)(comma - spec.ptr) : spec.len;
    long start = 0, length = 0;
    SekStr first = sek_str_trim(sek_str_n(spec.ptr, at));
    if ((first.len > 0 && !read_number(first, &start)) ||
        (comma && !read_number(sek_str_n(spec.ptr + at + 1, spec.len - at - 1), &length)))
        return SEK_CMD_LEAVE;
    if (!var->gap) {
        *out = cut(var->head, start, length, comma != NULL);
        return SEK_CMD_VALUE;
    }
    long head = (long)var->head.len, tail = (long)var->tail.len;
    if (start >= 0 && comma && length >= 0 && start + length <= head) {
        *out = sek_str_n(var->head.ptr + start, (size_t)length);
        return SEK_CMD_VALUE;
    }
    if (start < 0 && -start <= tail) {
        *out = cut(var->tail, start, length, comma != NULL);
        return SEK_CMD_VALUE;
    }
    return SEK_CMD_UNKNOWN;
}

/* --- :search=replace --- */

static ptrdiff_t find_nocase(SekStr hay, size_t from, SekStr needle) {
    for (size_t i = from; needle.len <= hay.len && i <= hay.len - needle.len; i++)
        if (sek_str_eq_nocase(sek_str_n(hay.ptr + i, needle.len), needle))
            return (ptrdiff_t)i;
    return -1;
}

static SekCmdUse replace(SekCmdRun *run, const SekCmdVar *var, SekStr spec, SekStr *out) {
    bool star = spec.len > 0 && spec.ptr[0] == '*';
    const char *sign = spec.len > 1 ? memchr(spec.ptr + 1, '=', spec.len - 1) : NULL;
    if (!sign)
        return SEK_CMD_LEAVE;
    if (var->gap)
        return SEK_CMD_UNKNOWN;
    SekStr search = sek_str_n(spec.ptr + star, (size_t)(sign - spec.ptr) - star);
    SekStr with = sek_str_n(sign + 1, spec.len - (size_t)(sign - spec.ptr) - 1);
    if (search.len == 0)
        return SEK_CMD_LEAVE;
    SekBuf buf;
    sek_buf_init(&buf, run->decoder->limits.max_value_bytes);
    size_t at = 0;
    ptrdiff_t found;
    while ((found = find_nocase(var->head, at, search)) >= 0) {
        if (!star)
            sek_buf_add(&buf, var->head.ptr + at, (size_t)found - at);
        sek_buf_add_str(&buf, with);
        at = (size_t)found + search.len;
        if (star)
            break;
    }
    sek_buf_add(&buf, var->head.ptr + at, var->head.len - at);
    bool paid = sek_decoder_pay(run->decoder, 1 + (var->head.len * search.len + buf.len) / 64);
    *out = buf.failed || !paid ? (SekStr){NULL, 0} : sek_cmd_dup(run, sek_buf_str(&buf));
    SekCmdUse use = buf.failed || !paid ? SEK_CMD_UNKNOWN : SEK_CMD_VALUE;
    sek_buf_deinit(&buf);
    return use;
}

SekCmdUse sek_cmd_expand(SekCmdRun *run, SekStr reference, SekStr *out) {
    const SekCmdVar *var = sek_cmd_env_get(&run->env, reference);
    if (!sek_decoder_pay(run->decoder, 1 + run->env.n / 32))
        return SEK_CMD_UNKNOWN;
    if (var) { /* the whole of it */
        if (var->unknown)
            return SEK_CMD_UNKNOWN;
        if (!var->ours)
            return SEK_CMD_LEAVE;
        sek_tally_add(&run->tally, "variable", 1);
        *out = var->text;
        return SEK_CMD_VALUE;
    }
    const char *colon = reference.len ? memchr(reference.ptr, ':', reference.len) : NULL;
    size_t at = colon ? (size_t)(colon - reference.ptr) : 0;
    var = colon ? sek_cmd_env_get(&run->env, sek_str_n(reference.ptr, at)) : NULL;
    if (!var)
        return SEK_CMD_LEAVE;
    if (var->unknown)
        return SEK_CMD_UNKNOWN;
    SekStr spec = sek_str_n(colon + 1, reference.len - at - 1);
    bool tilde = spec.len > 0 && spec.ptr[0] == '~';
    SekCmdUse use = tilde ? substring(var, sek_str_n(spec.ptr + 1, spec.len - 1), out) : replace(run, var, spec, out);
    if (use == SEK_CMD_VALUE)
        sek_tally_add(&run->tally, tilde ? "substring" : "replace", 1);
    return use;
}

/* Adds a value that cmd does not read again: what would mean something gets a caret. */
static void add_protected(SekBuf *out, SekStr value, bool *quoted) {
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '"')
            *quoted = !*quoted;
        else if (!*quoted && value.ptr[i] && strchr("&|<>^", value.ptr[i]))
            sek_buf_addc(out, '^');
        sek_buf_addc(out, value.ptr[i]);
    }
}

/* Adds what the reference at `at` comes to and returns where to go on; `at` when there is none. */
static size_t expand_at(SekCmdRun *run, SekStr text, size_t at, SekBuf *out, bool *quoted) {
    char sign = text.ptr[at];
    size_t most = text.len - at - 1 < SEK_CMD_MAX_REFERENCE ? text.len - at - 1 : SEK_CMD_MAX_REFERENCE;
    const char *end = most ? memchr(text.ptr + at + 1, sign, most) : NULL;
    SekStr value = {NULL, 0}, reference = sek_str_n(text.ptr + at + 1, end ? (size_t)(end - text.ptr) - at - 1 : 0);
    if (reference.len == 0)
        return at;
    SekCmdUse use = sek_cmd_expand(run, reference, &value);
    if (use == SEK_CMD_UNKNOWN && !run->partial)
        run->partial = "a variable whose value is not known";
    if (use != SEK_CMD_VALUE)
        return at;
    if (sign == '!')
        add_protected(out, value, quoted);
    else
        sek_buf_add_str(out, value);
    return (size_t)(end - text.ptr) + 1;
}

SekStr sek_cmd_expand_all(SekCmdRun *run, SekStr text, char sign) {
    if (text.len == 0 || !memchr(text.ptr, sign, text.len))
        return text;
    SekBuf out;
    sek_buf_init(&out, run->decoder->limits.max_value_bytes);
    bool quoted = false;
    for (size_t i = 0; i < text.len;) {
        bool pair = sign == '%' && text.ptr[i] == '%' && i + 1 < text.len && text.ptr[i + 1] == '%';
        size_t next = text.ptr[i] == sign && !pair ? expand_at(run, text, i, &out, &quoted) : i;
        quoted ^= next == i && text.ptr[i] == '"';
        if (next == i) { /* nothing; %% is one sign, and begins nothing */
            sek_buf_add(&out, text.ptr + i, pair ? 2 : 1);
            next += pair ? 2 : 1;
        }
        i = next;
    }
    SekStr copy = out.failed ? text : sek_cmd_dup(run, sek_buf_str(&out));
    if (out.failed && !run->partial)
        run->partial = "a value longer than the limit";
    sek_buf_deinit(&out);
    return copy;
}
