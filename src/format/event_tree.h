/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A record as a tree: templates filled, optional parts left out, arrays spread over elements, nested
 * fragments in their place. What event_xml.c and event_json.c write down. Values stay as they are in the
 * input; nothing is rendered here. Each says where it came from, so that what is written for one record can
 * be kept as a recipe for those that differ from it in nothing but such values (event_recipe.h). */

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

/* Whose value a text is. */
typedef enum {
    SEK_FROM_LITERAL, /* the template's own */
    SEK_FROM_OUTER,   /* value `slot` of the record */
    SEK_FROM_INNER,   /* value `slot` of the fragment in it */
    SEK_FROM_ITEM,    /* item `slot` of the tree's array */
    SEK_FROM_ELSE,    /* an item of another array, a value of another fragment */
} SekTreeFrom;

typedef struct SekTreeNode SekTreeNode;

typedef struct SekTreeList {
    SekTreeNode *first, *last;
} SekTreeList;

struct SekTreeNode {
    uint8_t kind;     /* SekTreeKind */
    uint8_t from;     /* TEXT: SekTreeFrom */
    bool written;     /* TEXT: a value that the fragment itself holds as text, like a literal */
    bool in_content;  /* TEXT: of an element, not of an attribute */
    uint16_t slot;    /* TEXT */
    bool has_content; /* ELEMENT: written <a></a> even when nothing is inside, else <a/> */
    SekStr name;
    SekValue value;         /* TEXT, CDATA, PI */
    SekTreeList attributes; /* ELEMENT: each an ELEMENT node with its text in `children` */
    SekTreeList children;
    SekTreeNode *next;
    SekTreeNode *group_next; /* for event_json.c: the next child with the same key */
    SekTreeNode *group_last;
};

#define SEK_TREE_ITEMS 64u /* of an array; those behind are SEK_FROM_ELSE */

typedef struct SekTree {
    SekTreeNode *root; /* a nameless ELEMENT whose children are the roots */
    SekFragment inner; /* whose values are SEK_FROM_INNER; `tpl` NULL when there is none */
    uint8_t array_from;  /* SekTreeFrom: the array that elements were repeated for is value `array_slot` of this; LITERAL: none was */
    uint16_t array_slot;
    bool steady; /* other values of the record, of the same optional ones NULL, as many in the array, no other arrays and no other
                  * fragments, would have given the same tree but for those values */
} SekTree;

/* Builds the tree of `record`, the current record of `bx`; it lives until the next tree. SEK_OK; SEK_ERR_INPUT or SEK_ERR_LIMIT when a part was
 * left out (the rest is there all the same, the first reason in `err`); SEK_ERR_MEMORY (no tree). */
SEK_MUST_USE SekStatus sek_event_tree(SekBinxml *bx, const SekFragment *record, SekTree *out, SekError *err);
