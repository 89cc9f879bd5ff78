/* SPDX-License-Identifier: Apache-2.0 */
#include "event/derive.h"

#include <stdlib.h>

#define TEXT_MAX (256u * 1024u)

/* Appends the text of the first field called `name`; false when it is absent. */
static bool field_text(const SekEvent *event, const char *name, SekBuf *out) {
    for (uint32_t i = 0; i < event->shape->n_fields; i++) {
        const SekField *field = &event->shape->fields[i];
        SekValue value;
        if (!sek_str_eq(field->name, sek_str(name)) || sek_event_value(event, field, &value) != SEK_OK)
            continue;
        sek_value_text(value, out);
        return true;
    }
    return false;
}

typedef struct {
    const char *from, *to;
} Word;

/* Replaces the text of field `name` by the word that `words` gives for it. */
static bool translate(const SekEvent *event, const char *name, const Word *words, SekBuf *out) {
    size_t start = out->len;
    if (!field_text(event, name, out))
        return false;
    SekStr text = sek_str_trim(sek_str_n(out->data ? out->data + start : "", out->len - start));
    for (; words->from; words++)
        if (sek_str_eq(text, sek_str(words->from))) {
            out->len = start;
            sek_buf_adds(out, words->to);
            break;
        }
    return true;
}

/* Well-known mandatory label SIDs ([MS-DTYP] 2.4.2.4). */
static const Word integrity_words[] = {
    {"S-1-16-0", "Untrusted"}, {"S-1-16-4096", "Low"},     {"S-1-16-8192", "Medium"},
    {"S-1-16-8448", "Medium"}, {"S-1-16-12288", "High"},   {"S-1-16-16384", "System"},
    {NULL, NULL},
};
/* Message-table parameters of Security events (msobjs.dll), as raw events hold them. */
static const Word direction_words[] = {{"%%14593", "true"}, {"%%14592", "false"}, {NULL, NULL}};
static const Word type_words[] = {
    {"%%1904", "SetValue"}, {"%%1905", "SetValue"}, {"%%1906", "DeleteValue"}, {NULL, NULL}};
/* IANA protocol numbers; Sysmon writes the names. */
static const Word protocol_words[] = {{"6", "tcp"}, {"17", "udp"}, {NULL, NULL}};

static bool user(const SekEvent *event, SekBuf *out) {
    if (field_text(event, "SubjectDomainName", out))
        sek_buf_addc(out, '\\');
    return field_text(event, "SubjectUserName", out);
}

static void replace_head(SekBuf *text, size_t head_len, const char *by) {
    SekStr rest = {text->data + head_len, text->len - head_len};
    SekBuf whole;
    sek_buf_init(&whole, text->max);
    sek_buf_adds(&whole, by);
    sek_buf_add_str(&whole, rest);
    sek_buf_clear(text);
    sek_buf_add_str(text, sek_buf_str(&whole));
    if (whole.failed)
        text->failed = whole.failed;
    sek_buf_deinit(&whole);
}

static bool starts_nocase(const SekBuf *text, const char *head) {
    size_t n = strlen(head);
    return text->len >= n && sek_str_eq_nocase(sek_str_n(text->data, n), sek_str_n(head, n));
}

static bool device_path(const SekEvent *event, SekBuf *out) {
    static const char head[] = "\\device\\harddiskvolume";
    if (!field_text(event, "Application", out))
        return false;
    if (!starts_nocase(out, head))
        return true;
    size_t at = sizeof head - 1;
    while (at < out->len && out->data[at] >= '0' && out->data[at] <= '9')
        at++;
    if (at < out->len && out->data[at] == '\\')
        replace_head(out, at, "C:");
    return true;
}

/* \REGISTRY\MACHINE\SYSTEM\ControlSet001 is HKLM\System\CurrentControlSet there (Sysmon's documentation, events 12
 * to 14); which set is the current one no event says. */
static void current_control_set(SekBuf *out) {
    static const char set[] = "HKLM\\SYSTEM\\ControlSet";
    if (!starts_nocase(out, set))
        return;
    size_t at = sizeof set - 1, first = at;
    while (at < out->len && out->data[at] >= '0' && out->data[at] <= '9')
        at++;
    if (at > first && (at == out->len || out->data[at] == '\\'))
        replace_head(out, at, "HKLM\\System\\CurrentControlSet");
}

static bool registry_object(const SekEvent *event, SekBuf *out) {
    static const char machine[] = "\\REGISTRY\\MACHINE", users[] = "\\REGISTRY\\USER";
    if (!field_text(event, "ObjectName", out))
        return false;
    if (starts_nocase(out, machine))
        replace_head(out, sizeof machine - 1, "HKLM");
    else if (starts_nocase(out, users))
        replace_head(out, sizeof users - 1, "HKU");
    current_control_set(out);
    sek_buf_addc(out, '\\');
    size_t len = out->len;
    if (!field_text(event, "ObjectValueName", out) || out->len == len)
        sek_buf_adds(out, "(Default)"); /* the value of a key that has no name */
    return true;
}

static uint64_t decimal_or_hex(SekStr text) {
    char digits[32];
    size_t n = text.len < sizeof digits - 1 ? text.len : sizeof digits - 1;
    memcpy(digits, text.ptr, n);
    digits[n] = '\0';
    return strtoull(digits, NULL, 0);
}

/* %%1873 REG_SZ, %%1874 REG_EXPAND_SZ, %%1879 REG_MULTI_SZ stay as text. */
static bool registry_details(const SekEvent *event, SekBuf *out) {
    SekBuf type;
    sek_buf_init(&type, 4096);
    bool typed = field_text(event, "NewValueType", &type);
    bool found = field_text(event, "NewValue", out);
    SekStr kind = sek_buf_str(&type);
    if (found && typed && sek_str_eq(kind, SEK_STR("%%1875"))) { /* REG_BINARY */
        sek_buf_clear(out);
        sek_buf_adds(out, "Binary Data");
    } else if (found && typed && out->len && sek_str_eq(kind, SEK_STR("%%1876"))) { /* REG_DWORD */
        uint64_t number = decimal_or_hex(sek_buf_str(out));
        sek_buf_clear(out);
        sek_buf_addf(out, "DWORD (0x%08x)", (unsigned)number);
    } else if (found && typed && out->len && sek_str_eq(kind, SEK_STR("%%1883"))) { /* REG_QWORD */
        uint64_t number = decimal_or_hex(sek_buf_str(out));
        sek_buf_clear(out);
        sek_buf_addf(out, "QWORD (0x%08x-0x%08x)", (unsigned)(number >> 32), (unsigned)number);
    }
    sek_buf_deinit(&type);
    return found;
}

const char *sek_derive_name(SekDerive derive) {
    static const char *const names[] = {
        [SEK_DERIVE_INTEGRITY] = "IntegrityLevel",       [SEK_DERIVE_USER] = "User",
        [SEK_DERIVE_DEVICE_PATH] = "Image",              [SEK_DERIVE_DIRECTION] = "Initiated",
        [SEK_DERIVE_PROTOCOL] = "Protocol",              [SEK_DERIVE_REGISTRY_OBJECT] = "TargetObject",
        [SEK_DERIVE_REGISTRY_DETAILS] = "Details",       [SEK_DERIVE_REGISTRY_TYPE] = "EventType",
    };
    return names[derive];
}

const char *const *sek_derive_sources(SekDerive derive) {
    static const char *const none[] = {NULL};
    static const char *const integrity[] = {"MandatoryLabel", NULL};
    static const char *const users[] = {"SubjectDomainName", "SubjectUserName", NULL};
    static const char *const path[] = {"Application", NULL};
    static const char *const direction[] = {"Direction", NULL};
    static const char *const protocol[] = {"Protocol", NULL};
    static const char *const object[] = {"ObjectName", "ObjectValueName", NULL};
    static const char *const details[] = {"NewValueType", "NewValue", NULL};
    static const char *const type[] = {"OperationType", NULL};
    static const char *const *const sources[] = {
        [SEK_DERIVE_NONE] = none,           [SEK_DERIVE_INTEGRITY] = integrity,
        [SEK_DERIVE_USER] = users,          [SEK_DERIVE_DEVICE_PATH] = path,
        [SEK_DERIVE_DIRECTION] = direction, [SEK_DERIVE_PROTOCOL] = protocol,
        [SEK_DERIVE_REGISTRY_OBJECT] = object, [SEK_DERIVE_REGISTRY_DETAILS] = details,
        [SEK_DERIVE_REGISTRY_TYPE] = type,
    };
    return sources[derive];
}

static bool compute(SekDerive derive, const SekEvent *event, SekBuf *out) {
    switch (derive) {
    case SEK_DERIVE_INTEGRITY:
        return translate(event, "MandatoryLabel", integrity_words, out);
    case SEK_DERIVE_USER:
        return user(event, out);
    case SEK_DERIVE_DEVICE_PATH:
        return device_path(event, out);
    case SEK_DERIVE_DIRECTION:
        return translate(event, "Direction", direction_words, out);
    case SEK_DERIVE_PROTOCOL:
        return translate(event, "Protocol", protocol_words, out);
    case SEK_DERIVE_REGISTRY_OBJECT:
        return registry_object(event, out);
    case SEK_DERIVE_REGISTRY_DETAILS:
        return registry_details(event, out);
    case SEK_DERIVE_REGISTRY_TYPE:
        return translate(event, "OperationType", type_words, out);
    case SEK_DERIVE_NONE:
        break;
    }
    return false;
}

SekStatus sek_derive(SekDerive derive, const SekEvent *event, SekValue *out) {
    SekBuf text;
    sek_buf_init(&text, TEXT_MAX);
    SekStatus status = compute(derive, event, &text) ? SEK_OK : SEK_NOT_FOUND;
    if (status == SEK_OK) {
        SekStr kept = sek_arena_dup(event->arena, sek_buf_str(&text));
        *out = (SekValue){(const uint8_t *)kept.ptr, (uint32_t)kept.len, SEK_VALUE_UTF8};
        status = kept.ptr && text.failed != SEK_ERR_MEMORY ? SEK_OK : sek_arena_why(event->arena);
        status = status == SEK_ERR_LIMIT ? SEK_NOT_FOUND : status;
    }
    sek_buf_deinit(&text);
    return status;
}
