/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A record as a tree: templates filled, optional parts left out, arrays spread over elements, nested
 * fragments in their place. What event_xml.c and event_json.c write down. Values stay as they are in the
 * input; nothing is rendered here. */

#include "format/binxml.h"

/* Nodes of one tree. A record of 64 KiB can truly ask for 32,768 elements with one text each. */
#define SEK_TREE_MAX_NODES (128u * 1024u)
/* Template nodes looked at for one tree, also those that a NULL value removes. */
#define SEK_TREE_MAX_WORK (1024u * 1024u)
/* Elements inside each other, through all fragments; deeper ones are left out and reported. */
#define SEK_TREE_MAX_DEPTH 96
#define SEK_TREE_MAX_FRAGMENTS 8

typedef enum {
    SEK_TREE_ELEMENT,
    SEK_TREE_TEXT,   /* value */
    SEK_TREE_CDATA,  /* value */
    SEK_TREE_ENTITY, /* name: a reference that XML does not predefine */
    SEK_TREE_PI,     /* name, value */
} SekTreeKind;

typedef struct SekTreeNode SekTreeNode;

typedef struct SekTreeList {
    SekTreeNode *first, *last;
} SekTreeList;

struct SekTreeNode {
    uint8_t kind;     /* SekTreeKind */
    bool has_content; /* ELEMENT: written <a></a> even when nothing is inside, else <a/> */
    SekStr name;
    SekValue value;         /* TEXT, CDATA, PI */
    SekTreeList attributes; /* ELEMENT: each an ELEMENT node with its text in `children` */
    SekTreeList children;
    SekTreeNode *next;
    SekTreeNode *group_next; /* for event_json.c: the next child with the same key */
    SekTreeNode *group_last;
};

/* Builds the tree of `record`, the current record of `bx`; it lives until the next tree. `*out` is a
 * nameless ELEMENT whose children are the roots. SEK_OK; SEK_ERR_INPUT or SEK_ERR_LIMIT when a part was
 * left out (the rest is there all the same, the first reason in `err`); SEK_ERR_MEMORY (no tree). */
SEK_MUST_USE SekStatus sek_event_tree(SekBinxml *bx, const SekFragment *record, SekTreeNode **out,
                                      SekError *err);
