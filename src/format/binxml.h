/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* BinXML: the token form of XML inside an EVTX record ([MS-EVEN6] 2.2.12).
 *
 * A record is usually an instance of a *template* (the XML with numbered holes) and a table of values
 * for the holes. A template is compiled once into a flat list of nodes and shared by all records that
 * use it; a record then costs no more than reading its value table. A fragment that is written out
 * without a template is compiled as a template of its own without holes, so that every reader above
 * sees one shape: SekFragment = (template, values).
 *
 * Template GUIDs are not unique, and the raw bytes of one definition differ from chunk to chunk (name
 * offsets), so the cache keys by (GUID, size) and verifies by a masked compare of the definition and
 * by hash and length of the names outside it.
 *
 * One SekBinxml belongs to one thread. */

#include "base/arena.h"
#include "format/layout.h"
#include "format/value.h"

/* What a hostile record can make us do is bounded by these. */
#define SEK_BINXML_MAX_DEPTH 64        /* elements inside elements, fragments inside fragments: 8 */
#define SEK_BINXML_MAX_VALUES 4096     /* values in one table; real tables hold fewer than 200 */
#define SEK_BINXML_MAX_NODES 16384     /* nodes of one template */
#define SEK_BINXML_MAX_TEMPLATES 65536 /* cached; more are compiled and forgotten with the chunk */

#define SEK_BINXML_NO_VALUE UINT32_MAX

typedef enum {
    SEK_NODE_ELEMENT,      /* name; attributes and content follow, up to the matching END */
    SEK_NODE_ATTRIBUTE,    /* name; its text nodes follow, up to the next ATTRIBUTE, CONTENT or END */
    SEK_NODE_CONTENT,      /* attributes are over, content begins; absent for an empty element */
    SEK_NODE_END,          /* end of the element */
    SEK_NODE_TEXT,         /* text (unescaped UTF-8) */
    SEK_NODE_CDATA,        /* text */
    SEK_NODE_CHARREF,      /* text holds the character as UTF-8 */
    SEK_NODE_ENTITY,       /* name of the entity in `text`, e.g. "amp"; the five of XML are TEXT already */
    SEK_NODE_PI,           /* processing instruction: name = target, text = data */
    SEK_NODE_SUBSTITUTION, /* hole `slot`; `optional`: a NULL value removes the enclosing element or attribute
                            */
} SekNodeKind;

typedef struct SekNode {
    uint8_t kind;  /* SekNodeKind */
    uint8_t type;  /* SUBSTITUTION: the type that the template names (the value's own type wins) */
    bool optional; /* SUBSTITUTION */
    bool written;  /* SUBSTITUTION: its value is a text that the fragment itself holds, not a recorded value */
    uint16_t slot; /* SUBSTITUTION: index into the values */
    uint32_t end;  /* ELEMENT: index of its END node */
    SekStr name;   /* ELEMENT, ATTRIBUTE, PI */
    SekStr text;   /* TEXT, CDATA, CHARREF, ENTITY, PI */
} SekNode;

/* A compiled template. Owned by the SekBinxml that gave it; one that is not cached (`id` 0) lives
 * until the next sek_binxml_record. */
typedef struct SekTemplate {
    uint32_t id; /* from 1, stable for the life of the SekBinxml; 0 = not cached */
    uint32_t n_nodes;
    uint32_t n_slots; /* 1 + highest slot used */
    const SekNode *nodes;
    void *user; /* for the layer above: what it worked out about this template (starts NULL) */
} SekTemplate;

typedef struct SekFragment {
    SekTemplate *tpl;
    const SekValue *values; /* n_values of them; slots at or above n_values read as NULL values */
    uint64_t types; /* the types of all values, see sek_value_type_bit; 0 = nobody looked. When it is known the
                     * values lie in order, and the fragments among them have been counted. */
    uint64_t texts; /* the same: bit i: sek_value_holds_text of value i, of the first 64 */
    uint32_t n_values;
    uint32_t n_fragments; /* values that are fragments themselves, and not empty */
    uint32_t fragment;    /* the first of them; SEK_BINXML_NO_VALUE = none */
} SekFragment;

static inline SekValue sek_fragment_value(const SekFragment *f, uint32_t slot) {
    return slot < f->n_values ? f->values[slot] : (SekValue){0};
}

typedef struct SekBinxml SekBinxml;

/* SEK_OK or SEK_ERR_MEMORY. Free with sek_binxml_free (accepts NULL). */
SEK_MUST_USE SekStatus sek_binxml_new(SekBinxml **out);
void sek_binxml_free(SekBinxml *bx);

/* Makes `chunk` (up to 64 KiB, borrowed until the next call) the one that offsets refer to. */
void sek_binxml_chunk(SekBinxml *bx, const uint8_t *chunk, uint32_t len);

/* For records that SekEvtxRecord calls recovered: their template may have been overwritten by another since,
 * or part of themselves. While `strict` is set a fragment is SEK_ERR_INPUT unless the number, types and sizes
 * of its values are those its template asks for and every name carries its own hash. Off at first; set it for
 * each record. */
void sek_binxml_strict(SekBinxml *bx, bool strict);

/* Parses the fragment at chunk offset `off`, `len` bytes: starts a new record (drops the values and
 * uncached templates of the one before). SEK_OK, SEK_ERR_INPUT or SEK_ERR_LIMIT (with offset in the
 * chunk in `err`), SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_binxml_record(SekBinxml *bx, uint32_t off, uint32_t len, SekFragment *out,
                                         SekError *err);

/* Parses a value of type SEK_VALUE_BINXML of the current record. Same statuses; the result lives as
 * long as the record. An empty value is SEK_END. All fragments given for one record together have a
 * limit of work (SEK_ERR_LIMIT), so a caller that walks each fragment it is given needs none. */
SEK_MUST_USE SekStatus sek_binxml_nested(SekBinxml *bx, SekValue value, SekFragment *out, SekError *err);
/* The same fragment where it is kept: what was just written in small pieces is slow to copy in large ones. */
SEK_MUST_USE SekStatus sek_binxml_nested_kept(SekBinxml *bx, SekValue value, const SekFragment **out, SekError *err);
