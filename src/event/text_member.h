/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The steps of a JSON record as a tree of its members: what a plan is made from. Built once per shape,
 * dropped when the plan is made. Its depth is bounded by SEK_TEXT_MAX_DEPTH, so it is walked recursively. */

#include "event/text_trail.h"

typedef enum {
    SEK_MEMBER_OBJECT,
    SEK_MEMBER_ARRAY,
    SEK_MEMBER_LEAF,
    SEK_MEMBER_NOTHING, /* null */
    SEK_MEMBER_EMPTY,   /* an EventData that is an empty text */
    SEK_MEMBER_NAME,    /* `key` is the value of an attribute Name */
} SekMemberKind;

typedef struct SekMember {
    SekStr key;
    uint32_t slot; /* LEAF */
    uint8_t kind;
    uint32_t n_members, n_sets; /* n_sets: members called X_attributes */
    struct SekMember *first, *last, *next;
} SekMember;

/* Comparing each member with each other is fine for what events have; in an object of more members or
 * sets than this the forms that ask for it are not looked for. */
#define SEK_MEMBER_MANY 512u

/* Makes the tree in `arena`; `*out` is the record. Keys are those of the steps. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_member_tree(const SekStep *steps, uint32_t n, SekArena *arena, SekMember **out);

static inline bool sek_member_is(SekStr key, const char *name) {
    return sek_str_eq(key, sek_str(name));
}

/* The member called `key`, or NULL; `of` may be NULL. */
SekMember *sek_member_child(const SekMember *of, SekStr key);
/* The same, when it is an object. */
SekMember *sek_member_object(const SekMember *of, const char *key);

/* True for a set of attributes of the object that it stands in: "#attributes", "@attributes", "$". */
bool sek_member_is_set(const SekMember *member);
/* True for X_attributes, the set of the element X beside it; `owner` is X. */
bool sek_member_is_separate_set(const SekMember *member);
SekStr sek_member_owner(const SekMember *set);
/* The separate set of `owner` among the members of `parent`, or NULL. */
const SekMember *sek_member_set(const SekMember *parent, SekStr owner);
