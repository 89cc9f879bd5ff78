/* SPDX-License-Identifier: Apache-2.0 */
/* Template node lists and the one-line description of payloads; see the header. */
#include "evtxgen/gen_template.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { TEXT_LIMIT_BYTES = 1 << 16, NODES_LIMIT = 1 << 14 };

SekGenTemplate *sek_gen_template_new(void) {
    SekGenTemplate *tmpl = calloc(1, sizeof *tmpl);
    if (tmpl) {
        sek_gen_buf_init(&tmpl->text, TEXT_LIMIT_BYTES);
    }
    return tmpl;
}

void sek_gen_template_free(SekGenTemplate *tmpl) {
    if (tmpl) {
        sek_gen_buf_deinit(&tmpl->text);
        free(tmpl->nodes);
        free(tmpl);
    }
}

void sek_gen_node(SekGenTemplate *tmpl, SekGenNode node, const char *text, size_t n) {
    if (tmpl->n == tmpl->cap) {
        size_t cap = tmpl->cap ? tmpl->cap * 2 : 64;
        SekGenNode *nodes = cap > NODES_LIMIT ? NULL : realloc(tmpl->nodes, cap * sizeof *nodes);
        if (!nodes) {
            tmpl->failed = true;
            return;
        }
        tmpl->nodes = nodes;
        tmpl->cap = cap;
    }
    node.text_off = (uint32_t)tmpl->text.len;
    node.text_len = (uint32_t)n;
    sek_gen_put_bytes(&tmpl->text, text, n);
    tmpl->failed = tmpl->failed || tmpl->text.failed;
    tmpl->nodes[tmpl->n++] = node;
}

static void add_text(SekGenTemplate *tmpl, SekGenNodeKind kind, const char *text) {
    sek_gen_node(tmpl, (SekGenNode){.kind = (uint8_t)kind}, text, strlen(text));
}

void sek_gen_open(SekGenTemplate *tmpl, const char *element) {
    add_text(tmpl, SEK_GEN_NODE_OPEN, element);
}

void sek_gen_attr(SekGenTemplate *tmpl, const char *name) {
    add_text(tmpl, SEK_GEN_NODE_ATTR, name);
}

void sek_gen_attr_text(SekGenTemplate *tmpl, const char *name, const char *value) {
    sek_gen_attr(tmpl, name);
    sek_gen_text(tmpl, value);
}

void sek_gen_text(SekGenTemplate *tmpl, const char *text) {
    add_text(tmpl, SEK_GEN_NODE_TEXT, text);
}

void sek_gen_text_n(SekGenTemplate *tmpl, const char *text, size_t n) {
    sek_gen_node(tmpl, (SekGenNode){.kind = SEK_GEN_NODE_TEXT}, text, n);
}

void sek_gen_sub(SekGenTemplate *tmpl, uint16_t index, uint8_t type) {
    sek_gen_node(tmpl, (SekGenNode){.kind = SEK_GEN_NODE_SUB, .index = index, .type = type}, NULL, 0);
}

void sek_gen_opt(SekGenTemplate *tmpl, uint16_t index, uint8_t type) {
    sek_gen_node(tmpl, (SekGenNode){.kind = SEK_GEN_NODE_OPT, .index = index, .type = type}, NULL, 0);
}

void sek_gen_close(SekGenTemplate *tmpl) {
    sek_gen_node(tmpl, (SekGenNode){.kind = SEK_GEN_NODE_CLOSE}, NULL, 0);
}

void sek_gen_template_seal(SekGenTemplate *tmpl) {
    if (tmpl->has_guid) {
        return;
    }
    /* Windows numbers templates by a digest of their content; any stable digest serves here. */
    for (uint32_t part = 0; part < 4; part++) {
        uint8_t node_bytes[4];
        uint32_t sum = (uint32_t)crc32(part * 0x9e3779b9u + 1, tmpl->text.data, (uInt)tmpl->text.len);
        for (size_t i = 0; i < tmpl->n; i++) {
            const SekGenNode *node = &tmpl->nodes[i];
            node_bytes[0] = node->kind;
            node_bytes[1] = node->type;
            sek_gen_set_u16(node_bytes + 2, (uint16_t)(node->index + (node->text_len << 8)));
            sum = (uint32_t)crc32(sum * 0x85ebca6bu + part, node_bytes, sizeof node_bytes);
        }
        sek_gen_set_u32(tmpl->guid.bytes + 4 * part, sum);
    }
    tmpl->has_guid = true;
}

static const struct {
    const char *name;
    uint8_t type;
} type_names[] = {
    {"s", SEK_GEN_STRING},  {"a", SEK_GEN_ANSI},     {"i8", SEK_GEN_INT8},     {"u8", SEK_GEN_UINT8},
    {"i16", SEK_GEN_INT16}, {"u16", SEK_GEN_UINT16}, {"i32", SEK_GEN_INT32},   {"u32", SEK_GEN_UINT32},
    {"i64", SEK_GEN_INT64}, {"u64", SEK_GEN_UINT64}, {"x32", SEK_GEN_HEX32},   {"x64", SEK_GEN_HEX64},
    {"f32", SEK_GEN_FLOAT}, {"f64", SEK_GEN_DOUBLE}, {"b", SEK_GEN_BOOL},      {"bin", SEK_GEN_BINARY},
    {"g", SEK_GEN_GUID},    {"sid", SEK_GEN_SID},    {"ft", SEK_GEN_FILETIME}, {"st", SEK_GEN_SYSTEMTIME},
    {"sz", SEK_GEN_SIZE},   {"xml", SEK_GEN_BINXML}};

/* Finds the type of `n` characters such as `u32[]`; false when there is none. */
static bool parse_type(const char *text, size_t n, uint8_t *out_type) {
    uint8_t array = 0;
    if (n >= 2 && memcmp(text + n - 2, "[]", 2) == 0) {
        array = SEK_GEN_ARRAY;
        n -= 2;
    }
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++) {
        if (strlen(type_names[i].name) == n && memcmp(type_names[i].name, text, n) == 0) {
            *out_type = type_names[i].type | array;
            return true;
        }
    }
    return false;
}

static void open_field(SekGenTemplate *tmpl, char *name, bool is_event_data) {
    for (char *p = name; *p; p++) {
        *p = *p == '+' ? ' ' : *p;
    }
    if (!is_event_data || strcmp(name, "Binary") == 0) {
        sek_gen_open(tmpl, name);
        return;
    }
    sek_gen_open(tmpl, "Data");
    if (strcmp(name, "*") != 0) {
        sek_gen_attr_text(tmpl, "Name", name);
    }
}

/* Adds the field of `n` characters; false when it cannot be read. */
static bool add_field(SekGenTemplate *tmpl, const char *field, size_t n, bool is_event_data,
                      uint16_t *index) {
    char name[128];
    const char *colon = memchr(field, ':', n);
    size_t name_len = colon ? (size_t)(colon - field) : 0;
    if (name_len == 0 || name_len >= sizeof name) {
        return false;
    }
    memcpy(name, field, name_len);
    name[name_len] = 0;
    const char *type_text = colon + 1;
    size_t type_len = n - name_len - 1;
    bool optional = type_len > 0 && type_text[type_len - 1] == '?';
    type_len -= optional;
    uint8_t type = 0;
    if (type_len && !parse_type(type_text, type_len, &type)) {
        return false;
    }
    if (strcmp(name, "-") == 0) {
        (*index)++;
        return true;
    }
    open_field(tmpl, name, is_event_data);
    if (type_len && optional) {
        sek_gen_opt(tmpl, (*index)++, type);
    } else if (type_len) {
        sek_gen_sub(tmpl, (*index)++, type);
    }
    sek_gen_close(tmpl);
    return true;
}

static void open_root(SekGenTemplate *tmpl, const char *root, bool is_event_data) {
    char name[128];
    size_t n = strcspn(root, " ");
    if (n >= sizeof name) {
        tmpl->failed = true;
        return;
    }
    memcpy(name, root, n);
    name[n] = 0;
    sek_gen_open(tmpl, name);
    if (root[n] && is_event_data) {
        sek_gen_attr_text(tmpl, "Name", root + n + 1);
    } else if (root[n]) {
        sek_gen_attr_text(tmpl, "xmlns", root + n + 1);
    }
}

SekGenTemplate *sek_gen_template_fields(const char *root, const char *fields) {
    SekGenTemplate *tmpl = sek_gen_template_new();
    if (!tmpl) {
        return NULL;
    }
    bool is_event_data = strncmp(root, "EventData", 9) == 0 && (!root[9] || root[9] == ' ');
    bool good = true;
    uint16_t index = 0;
    open_root(tmpl, root, is_event_data);
    for (const char *p = fields; good && *p;) {
        size_t n = strcspn(p, " ");
        good = n == 0 || add_field(tmpl, p, n, is_event_data, &index);
        p += n + (p[n] == ' ');
    }
    sek_gen_close(tmpl);
    if (!good || tmpl->failed) {
        sek_gen_template_free(tmpl);
        return NULL;
    }
    sek_gen_template_seal(tmpl);
    return tmpl;
}
