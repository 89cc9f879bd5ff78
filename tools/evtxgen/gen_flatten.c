/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text, and documents without substitutions; see the header. */
#include "evtxgen/gen_flatten.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "evtxgen/gen_binxml.h"

enum { TEXT_LIMIT = 1 << 20 };

/* Bytes of one item of a fixed-size type, 0 for the others. */
static size_t item_size(uint8_t type) {
    switch (type & ~SEK_GEN_ARRAY) {
    case SEK_GEN_INT8:
    case SEK_GEN_UINT8:
        return 1;
    case SEK_GEN_INT16:
    case SEK_GEN_UINT16:
        return 2;
    case SEK_GEN_INT32:
    case SEK_GEN_UINT32:
    case SEK_GEN_HEX32:
    case SEK_GEN_BOOL:
    case SEK_GEN_FLOAT:
        return 4;
    case SEK_GEN_INT64:
    case SEK_GEN_UINT64:
    case SEK_GEN_SIZE:
    case SEK_GEN_FILETIME:
    case SEK_GEN_HEX64:
    case SEK_GEN_DOUBLE:
        return 8;
    case SEK_GEN_GUID:
    case SEK_GEN_SYSTEMTIME:
        return 16;
    default:
        return 0;
    }
}

static size_t string_end(const uint8_t *bytes, size_t size, size_t from) {
    while (from + 1 < size && sek_gen_get_u16(bytes + from)) {
        from += 2;
    }
    return from;
}

size_t sek_gen_value_count(const SekGenValues *values, size_t i) {
    const SekGenValue *value = &values->items[i];
    if (!(value->type & SEK_GEN_ARRAY)) {
        return 1;
    }
    size_t fixed = item_size(value->type);
    if (fixed) {
        return value->size / fixed;
    }
    size_t n = 0;
    for (size_t at = 0; at < value->size; n++) {
        at = string_end(values->bytes.data + value->off, value->size, at) + 2;
    }
    return n;
}

static void put_text(SekGenBuf *out, const char *text) {
    sek_gen_put_bytes(out, text, strlen(text));
}

static void put_utf8(SekGenBuf *out, uint32_t point) {
    if (point < 0x80) {
        sek_gen_put_u8(out, (uint8_t)point);
    } else if (point < 0x800) {
        sek_gen_put_u8(out, (uint8_t)(0xc0 | point >> 6));
        sek_gen_put_u8(out, (uint8_t)(0x80 | (point & 0x3f)));
    } else if (point < 0x10000) {
        sek_gen_put_u8(out, (uint8_t)(0xe0 | point >> 12));
        sek_gen_put_u8(out, (uint8_t)(0x80 | (point >> 6 & 0x3f)));
        sek_gen_put_u8(out, (uint8_t)(0x80 | (point & 0x3f)));
    } else {
        sek_gen_put_u8(out, (uint8_t)(0xf0 | point >> 18));
        sek_gen_put_u8(out, (uint8_t)(0x80 | (point >> 12 & 0x3f)));
        sek_gen_put_u8(out, (uint8_t)(0x80 | (point >> 6 & 0x3f)));
        sek_gen_put_u8(out, (uint8_t)(0x80 | (point & 0x3f)));
    }
}

static void put_utf16_text(SekGenBuf *out, const uint8_t *bytes, size_t n) {
    for (size_t i = 0; i + 1 < n; i += 2) {
        uint32_t unit = sek_gen_get_u16(bytes + i);
        if (unit >= 0xd800 && unit < 0xdc00 && i + 3 < n) {
            uint32_t low = sek_gen_get_u16(bytes + i + 2);
            if (low >= 0xdc00 && low < 0xe000) {
                unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                i += 2;
            }
        }
        put_utf8(out, unit >= 0xd800 && unit < 0xe000 ? 0xfffd : unit);
    }
}

static void put_sid(SekGenBuf *out, const uint8_t *at, size_t n) {
    char text[24];
    if (n < 8 || n != 8u + 4u * at[1]) {
        return;
    }
    uint64_t authority = 0;
    for (size_t i = 2; i < 8; i++) {
        authority = authority << 8 | at[i];
    }
    snprintf(text, sizeof text, "S-%u-%" PRIu64, at[0], authority);
    put_text(out, text);
    for (size_t i = 0; i < at[1]; i++) {
        snprintf(text, sizeof text, "-%" PRIu32, sek_gen_get_u32(at + 8 + 4 * i));
        put_text(out, text);
    }
}

static void put_guid(SekGenBuf *out, const uint8_t *g) {
    char text[40];
    snprintf(text, sizeof text, "{%08" PRIX32 "-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}",
             sek_gen_get_u32(g), sek_gen_get_u16(g + 4), sek_gen_get_u16(g + 6), g[8], g[9], g[10], g[11],
             g[12], g[13], g[14], g[15]);
    put_text(out, text);
}

static void put_time(SekGenBuf *out, uint64_t filetime) {
    char text[64];
    SekGenDate d = sek_gen_date(filetime);
    snprintf(text, sizeof text, "%04u-%02u-%02uT%02u:%02u:%02u.%07uZ", d.year, d.month, d.day, d.hour,
             d.minute, d.second, d.ticks);
    put_text(out, text);
}

static void put_systemtime(SekGenBuf *out, const uint8_t *at) {
    char text[64];
    snprintf(text, sizeof text, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", sek_gen_get_u16(at),
             sek_gen_get_u16(at + 2), sek_gen_get_u16(at + 6), sek_gen_get_u16(at + 8),
             sek_gen_get_u16(at + 10), sek_gen_get_u16(at + 12), sek_gen_get_u16(at + 14));
    put_text(out, text);
}

static void put_real(SekGenBuf *out, uint8_t type, const uint8_t *at) {
    char text[40];
    if (type == SEK_GEN_FLOAT) {
        uint32_t bits = sek_gen_get_u32(at);
        float value;
        memcpy(&value, &bits, sizeof value);
        snprintf(text, sizeof text, "%g", (double)value);
    } else {
        uint64_t bits = sek_gen_get_u64(at);
        double value;
        memcpy(&value, &bits, sizeof value);
        snprintf(text, sizeof text, "%g", value);
    }
    put_text(out, text);
}

static void put_number(SekGenBuf *out, uint8_t type, const uint8_t *at, size_t size) {
    char text[32] = "";
    uint8_t wide[8] = {0};
    memcpy(wide, at, size);
    uint64_t u = sek_gen_get_u64(wide);
    switch (type) {
    case SEK_GEN_INT8:
        snprintf(text, sizeof text, "%d", (int)(int8_t)u);
        break;
    case SEK_GEN_INT16:
        snprintf(text, sizeof text, "%d", (int)(int16_t)u);
        break;
    case SEK_GEN_INT32:
        snprintf(text, sizeof text, "%" PRId32, (int32_t)u);
        break;
    case SEK_GEN_INT64:
        snprintf(text, sizeof text, "%" PRId64, (int64_t)u);
        break;
    case SEK_GEN_HEX32:
    case SEK_GEN_HEX64:
        snprintf(text, sizeof text, "0x%" PRIx64, u);
        break;
    case SEK_GEN_BOOL:
        snprintf(text, sizeof text, "%s", u ? "true" : "false");
        break;
    default:
        snprintf(text, sizeof text, "%" PRIu64, u);
        break;
    }
    put_text(out, text);
}

static void put_binary(SekGenBuf *out, const uint8_t *at, size_t n) {
    char text[3];
    for (size_t i = 0; i < n; i++) {
        snprintf(text, sizeof text, "%02X", at[i]);
        put_text(out, text);
    }
}

static void put_string_item(SekGenBuf *out, const SekGenValue *value, const uint8_t *bytes, size_t element) {
    size_t from = 0;
    size_t end = value->size;
    if (value->type & SEK_GEN_ARRAY) {
        end = string_end(bytes, value->size, 0);
        while (element--) {
            from = end + 2;
            end = string_end(bytes, value->size, from);
        }
    }
    put_utf16_text(out, bytes + from, end - from);
}

void sek_gen_value_text(SekGenBuf *out, const SekGenValues *values, size_t i, size_t element) {
    const SekGenValue *value = &values->items[i];
    uint8_t type = value->type & (uint8_t)~SEK_GEN_ARRAY;
    size_t fixed = item_size(type);
    if (value->size == 0 || (fixed && (element + 1) * fixed > value->size)) {
        return;
    }
    const uint8_t *at = values->bytes.data + value->off + (fixed ? element * fixed : 0);
    switch (type) {
    case SEK_GEN_STRING:
        put_string_item(out, value, at, element);
        break;
    case SEK_GEN_ANSI:
        sek_gen_put_bytes(out, at, value->size);
        break;
    case SEK_GEN_BINARY:
        put_binary(out, at, value->size);
        break;
    case SEK_GEN_GUID:
        put_guid(out, at);
        break;
    case SEK_GEN_FILETIME:
        put_time(out, sek_gen_get_u64(at));
        break;
    case SEK_GEN_SYSTEMTIME:
        put_systemtime(out, at);
        break;
    case SEK_GEN_SID:
        put_sid(out, at, value->size);
        break;
    case SEK_GEN_FLOAT:
    case SEK_GEN_DOUBLE:
        put_real(out, type, at);
        break;
    default:
        if (fixed) {
            put_number(out, type, at, fixed);
        }
        break;
    }
}

static bool is_null(const SekGenValues *values, const SekGenNode *node) {
    const SekGenValue *value = &values->items[node->index];
    return value->type == SEK_GEN_NULL || (value->size == 0 && !value->nested_template);
}

static bool is_substitution(const SekGenNode *node) {
    return node->kind == SEK_GEN_NODE_SUB || node->kind == SEK_GEN_NODE_OPT;
}

/* One past the close that belongs to the open at node `i`. */
static size_t element_end(const SekGenTemplate *tmpl, size_t i) {
    size_t depth = 0;
    for (; i < tmpl->n; i++) {
        depth += tmpl->nodes[i].kind == SEK_GEN_NODE_OPEN;
        if (tmpl->nodes[i].kind == SEK_GEN_NODE_CLOSE && --depth == 0) {
            return i + 1;
        }
    }
    return i;
}

/* The substitution that is the only content of the element opened at `i`, or NULL. */
static const SekGenNode *only_substitution(const SekGenTemplate *tmpl, size_t i) {
    for (i++; i + 1 < tmpl->n && tmpl->nodes[i].kind == SEK_GEN_NODE_ATTR;) {
        i += 2;
    }
    bool only =
        i + 1 < tmpl->n && is_substitution(&tmpl->nodes[i]) && tmpl->nodes[i + 1].kind == SEK_GEN_NODE_CLOSE;
    return only ? &tmpl->nodes[i] : NULL;
}

static void copy_node(SekGenTemplate *out, const SekGenTemplate *tmpl, size_t i) {
    SekGenNode node = tmpl->nodes[i];
    const char *text = node.text_len ? (const char *)tmpl->text.data + node.text_off : "";
    sek_gen_node(out, node, text, node.text_len);
}

static bool flatten(SekGenTemplate *out, const SekGenTemplate *tmpl, const SekGenValues *values,
                    size_t depth);

/* Puts item `element` of the substituted value, as text or as the nested document. */
static bool put_value(SekGenTemplate *out, const SekGenValues *values, const SekGenNode *node, size_t element,
                      size_t depth) {
    const SekGenValue *value = &values->items[node->index];
    if (value->nested_template) {
        return flatten(out, value->nested_template, value->nested_values, depth + 1);
    }
    SekGenBuf text;
    sek_gen_buf_init(&text, TEXT_LIMIT);
    sek_gen_value_text(&text, values, node->index, element);
    if (text.len) {
        sek_gen_text_n(out, (const char *)text.data, text.len);
    }
    bool good = !text.failed;
    sek_gen_buf_deinit(&text);
    return good;
}

/* Copies nodes [from, to) with item `element` of every array. */
static bool flatten_range(SekGenTemplate *out, const SekGenTemplate *tmpl, const SekGenValues *values,
                          size_t depth, const size_t range[3]) {
    bool good = true;
    for (size_t i = range[0]; good && i < range[1]; i++) {
        const SekGenNode *node = &tmpl->nodes[i];
        bool attr_of_null = node->kind == SEK_GEN_NODE_ATTR && i + 1 < range[1] &&
                            is_substitution(node + 1) && is_null(values, node + 1);
        const SekGenNode *only = node->kind == SEK_GEN_NODE_OPEN ? only_substitution(tmpl, i) : NULL;
        if (attr_of_null) {
            i++;
        } else if (only && only->kind == SEK_GEN_NODE_OPT && is_null(values, only)) {
            i = element_end(tmpl, i) - 1;
        } else if (only && i != range[0] && sek_gen_value_count(values, only->index) > 1) {
            size_t end = element_end(tmpl, i);
            size_t n = sek_gen_value_count(values, only->index);
            for (size_t k = 0; good && k < n; k++) {
                good = flatten_range(out, tmpl, values, depth, (size_t[3]){i, end, k});
            }
            i = end - 1;
        } else if (is_substitution(node)) {
            good = put_value(out, values, node, range[2], depth);
        } else {
            copy_node(out, tmpl, i);
        }
    }
    return good;
}

static bool flatten(SekGenTemplate *out, const SekGenTemplate *tmpl, const SekGenValues *values,
                    size_t depth) {
    static const SekGenValues none = {0};
    values = values ? values : &none;
    if (depth > SEK_GEN_DEPTH_TEMPLATES || values->failed) {
        return false;
    }
    for (size_t i = 0; i < tmpl->n; i++) {
        if (is_substitution(&tmpl->nodes[i]) && tmpl->nodes[i].index >= values->n) {
            return false;
        }
    }
    return flatten_range(out, tmpl, values, depth, (size_t[3]){0, tmpl->n, 0});
}

SekGenTemplate *sek_gen_flatten(const SekGenTemplate *tmpl, const SekGenValues *values) {
    SekGenTemplate *out = sek_gen_template_new();
    if (!out) {
        return NULL;
    }
    if (!flatten(out, tmpl, values, 1) || out->failed) {
        sek_gen_template_free(out);
        return NULL;
    }
    sek_gen_template_seal(out);
    return out;
}
