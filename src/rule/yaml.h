/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* YAML text to a tree of nodes, with the place of each.
 *
 * Plain scalars follow the core schema (YAML 1.2.2, section 10.3): `off`, `no` and `00:00` are
 * text. An alias is the node that it names, so the tree is a DAG; its size as written out is
 * bounded. Nodes live in the arena that was handed in; scalar text is copied there. */

#include "base/arena.h"
#include "rule/rule.h"

#define SEK_YAML_MAX_DEPTH 128   /* lists and maps inside each other, aliases written out */
#define SEK_YAML_MAX_ANCHORS 256 /* in one document */
/* Cost of all documents of one text: a node is 1, and 1 for every 16 bytes of text; an alias costs
 * as much as what it stands for. All 4,044 documents of SigmaHQ together cost 433,422. */
#define SEK_YAML_BUDGET (2u * 1024 * 1024)

typedef enum {
    SEK_YAML_NULL,
    SEK_YAML_BOOL,
    SEK_YAML_INT,
    SEK_YAML_FLOAT,
    SEK_YAML_STRING,
    SEK_YAML_LIST,
    SEK_YAML_MAP,
} SekYamlKind;

typedef struct SekYamlNode SekYamlNode;

typedef struct SekYamlPair {
    const SekYamlNode *key; /* always a scalar that is not null */
    const SekYamlNode *value;
} SekYamlPair;

struct SekYamlNode {
    SekYamlKind kind;
    bool flag;             /* BOOL */
    uint8_t quote;         /* characters before the content on its line, when `one_line` */
    bool one_line;         /* scalar whose text stands unchanged on one line */
    uint16_t height;       /* levels of lists and maps below and including this; scalars 0 */
    uint32_t line, column; /* 1-based; the column counts code points */
    uint32_t cost;         /* see SEK_YAML_BUDGET; 0 while the node is being read */
    uint32_t n;            /* entries of LIST and MAP */
    SekStr text;           /* scalars: the content as written, after unquoting */
    SekNumber number;      /* INT, FLOAT */
    union {
        const SekYamlNode **items; /* LIST */
        SekYamlPair *pairs;        /* MAP */
    };
};

/* Where and why a document is not good YAML. `code` is stable (docs/sigma.md). */
typedef struct SekYamlError {
    const char *code;
    SekError detail;
} SekYamlError;

/* One document of a text. */
typedef struct SekYamlDoc {
    SekStr parse;       /* what the parser needs: with directives and the `---` line */
    uint32_t line;      /* where `parse` starts, 1-based */
    SekStr body;        /* the document as a reader sees it, without `---` and outer blank lines */
    uint32_t body_line; /* where `body` starts */
} SekYamlDoc;

typedef struct SekYamlCursor {
    SekStr text;
    size_t at;
    uint32_t line; /* of `at` */
} SekYamlCursor;

/* Cuts a text at its document markers, so that one bad document does not take the others with it
 * (YAML 1.2.2, rule 206 c-forbidden: `---` at a line start is a marker wherever it stands). A byte
 * order mark is skipped. */
SekYamlCursor sek_yaml_cursor(SekStr text);
/* False at the end. Documents of comments only are left out. */
bool sek_yaml_next(SekYamlCursor *cursor, SekYamlDoc *out);

/* Reads one document. `*budget` is lowered by its cost. `*out_root` is NULL for an empty document.
 * SEK_OK; SEK_ERR_INPUT, SEK_ERR_LIMIT (both with `err`); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_yaml_parse(SekArena *arena, const SekYamlDoc *doc, uint32_t *budget,
                                      const SekYamlNode **out_root, SekYamlError *err);

/* The value of `key` in a map; NULL when it is not there or `map` is no map. */
const SekYamlNode *sek_yaml_get(const SekYamlNode *map, SekStr key);

/* A new map with the entries of both; where both have a key, two maps are merged the same way and
 * otherwise `over` wins. The work is charged to `*budget`. SEK_OK, SEK_ERR_LIMIT, SEK_ERR_MEMORY.
 */
SEK_MUST_USE SekStatus sek_yaml_merge(SekArena *arena, const SekYamlNode *under,
                                      const SekYamlNode *over, uint32_t *budget,
                                      const SekYamlNode **out);

/* Sets kind, flag and number of a plain scalar from its text. */
void sek_yaml_resolve(SekYamlNode *node);
