/* SPDX-License-Identifier: Apache-2.0 */
/* Event templates: the fixed XML of an event, with places for values.
 *
 * A template is a flat list of nodes. An attribute takes exactly the next node as its value;
 * every other node between open and close is content of the element:
 *
 *     open Data, attr Name, text "Image", sub 4 string, close
 *       = <Data Name="Image">%4</Data>
 *
 * An optional substitution whose value is null removes its attribute, or the element that it is
 * the content of ([MS-EVEN6] 2.2.12, OptionalSubstitution). */
#pragma once

#include "evtxgen/gen_value.h"

typedef enum SekGenNodeKind {
    SEK_GEN_NODE_OPEN,    /* text = element name */
    SEK_GEN_NODE_ATTR,    /* text = attribute name */
    SEK_GEN_NODE_TEXT,    /* text = literal */
    SEK_GEN_NODE_SUB,     /* normal substitution */
    SEK_GEN_NODE_OPT,     /* optional substitution */
    SEK_GEN_NODE_CLOSE,   /* ends the innermost element */
    SEK_GEN_NODE_CDATA,   /* text = content of a CDATA section */
    SEK_GEN_NODE_CHARREF, /* index = UTF-16 code unit */
    SEK_GEN_NODE_ENTITY,  /* text = entity name, such as amp */
    SEK_GEN_NODE_PI       /* text = target and data of a processing instruction, one blank between */
} SekGenNodeKind;

typedef struct SekGenNode {
    uint8_t kind;
    uint8_t type;   /* value type of a substitution */
    uint16_t index; /* substitution, or code unit */
    uint32_t text_off;
    uint32_t text_len; /* bytes of UTF-8 */
} SekGenNode;

struct SekGenTemplate {
    SekGenNode *nodes; /* owned */
    size_t n;
    size_t cap;
    SekGenBuf text;
    SekGenGuid guid; /* set by sek_gen_template_seal(), or by the caller before */
    bool has_guid;
    bool failed;
};

/* A new empty template, NULL when memory is short. The caller frees it. */
SekGenTemplate *sek_gen_template_new(void);
void sek_gen_template_free(SekGenTemplate *tmpl);

void sek_gen_open(SekGenTemplate *tmpl, const char *element);
void sek_gen_attr(SekGenTemplate *tmpl, const char *name);
void sek_gen_attr_text(SekGenTemplate *tmpl, const char *name, const char *value);
void sek_gen_text(SekGenTemplate *tmpl, const char *text);
void sek_gen_text_n(SekGenTemplate *tmpl, const char *text, size_t n);
void sek_gen_sub(SekGenTemplate *tmpl, uint16_t index, uint8_t type);
void sek_gen_opt(SekGenTemplate *tmpl, uint16_t index, uint8_t type);
void sek_gen_close(SekGenTemplate *tmpl);
/* Any node; `text` may be NULL. For tests of rare tokens. */
void sek_gen_node(SekGenTemplate *tmpl, SekGenNode node, const char *text, size_t n);

/* Derives the GUID from the content unless one was set. The writer does this itself. */
void sek_gen_template_seal(SekGenTemplate *tmpl);

/* The payload of an event from a one-line description, such as
 *
 *     sek_gen_template_fields("EventData", "RuleName:s UtcTime:s ProcessGuid:g ProcessId:u32")
 *
 * `root` is `EventData`, or `EventData Name` with the value of the attribute Name, or (for
 * UserData) an element name and its namespace, `LogFileCleared http://...`.
 * A field is NAME:TYPE; below EventData it becomes <Data Name="NAME">, else <NAME>.
 * NAME `*` is a <Data> without name, `Binary` the element <Binary>, `-` a value that is not shown,
 * `+` in a name a blank.
 * TYPE: s string, a ANSI string, i8 u8 i16 u16 i32 u32 i64 u64, x32 x64 hexadecimal, f32 f64,
 * b Boolean, bin, g GUID, sid, ft FILETIME, st SYSTEMTIME, sz size, xml nested; `[]` after it:
 * array; `?` at the end: optional substitution. Substitutions are numbered from 0 in order; a
 * field with the empty TYPE (`NAME:`) is an empty element.
 * NULL when the description is wrong or memory is short. */
SekGenTemplate *sek_gen_template_fields(const char *root, const char *fields);
