/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Trail: which names a record of text (JSON, XML, CSV) has, in order, found and verified while it is
 * read. The steps of all records form a tree; a record that takes the same steps as one before ends at
 * the same place, and what was worked out about the names (a plan) waits there. So names are compared,
 * once each, and never looked up.
 *
 * The tree is bounded. A record that would grow it further leaves the trail: its steps are written down
 * and its plan lives for that record only. One SekTrail belongs to one thread. */

#include "base/arena.h"

#define SEK_TRAIL_MAX_NODES (256u * 1024u)
#define SEK_TRAIL_MAX_KEY_BYTES (32u * 1024u * 1024u)
#define SEK_TRAIL_MAX_CHOICES 512u /* different steps from one place */
#define SEK_TRAIL_MAX_STEPS 65536u /* of one record, that were not the usual ones */

typedef enum {
    SEK_STEP_START,     /* the root: no step of a record */
    SEK_STEP_OPEN,      /* an object or element called `key` begins */
    SEK_STEP_ARRAY,     /* an array called `key` begins; what is in it has empty keys */
    SEK_STEP_CLOSE,     /* it ends */
    SEK_STEP_EMPTY,     /* XML: it ends, and was written <a/>; JSON: an EventData that is an empty text */
    SEK_STEP_LEAF,      /* a value called `key`, which takes the next slot */
    SEK_STEP_ATTRIBUTE, /* the same, of the XML element that is open */
    SEK_STEP_NULL,      /* JSON null: has no slot */
    SEK_STEP_NAME,      /* `key` is the value of an attribute that names a <Data>, and so part of the shape */
} SekStepKind;

typedef struct SekStep {
    SekStr key;
    uint32_t slot; /* LEAF, ATTRIBUTE */
    uint8_t kind;  /* SekStepKind */
} SekStep;

/* One step that some record took. Small, since the nodes of all shapes of a log should stay in the
 * processor's cache. */
typedef struct SekTrailNode {
    const char *key;
    uint16_t key_len;
    uint8_t kind;
    bool plain; /* in JSON the key is written as it is, between quotes */
    uint32_t slot;
    uint32_t parent;
    uint32_t first, next; /* choices from here; the next choice beside this one; 0 = none */
} SekTrailNode;

#define SEK_TRAIL_HEAD 32u
#define SEK_TRAIL_QUICK (2 * SEK_TRAIL_HEAD)

/* A short cut: the bytes that stood between two values of a record. Where the same bytes stand again behind the
 * same value, all steps between are the same, and nothing of them needs to be read. Most are shorter than the
 * head, so that one fills one line of the processor's cache, and is compared at once. */
typedef struct SekTrailJump {
    char head[SEK_TRAIL_HEAD]; /* the first of the bytes, then zeros */
    const char *bytes;
    uint32_t len;
    uint32_t counts; /* bit i: byte i of the head is one of the bytes */
    uint32_t to;     /* the node of the value behind the bytes; of the record's end if `end` */
    uint32_t next;   /* other jumps from there; 0 = none */
    uint32_t then;   /* the jump from `to` that was taken last; 0 = none yet */
    bool text;       /* the value is in quotes, the first of which is the last of the bytes */
    char stop;       /* XML: the quote that ends it */
    bool end;
    bool quick; /* the bytes are no more than two heads, and a value follows */
} SekTrailJump;

#define SEK_TRAIL_LINE 64u
_Static_assert(sizeof(SekTrailJump) == SEK_TRAIL_LINE || sizeof(void *) != 8, "a jump fills one line of the cache");

typedef struct SekTrail {
    SekTrailNode *nodes; /* the first few are the roots */
    void **plans;        /* one a node */
    uint32_t *first_jumps; /* one a node; 0 = none */
    SekTrailJump *jumps;   /* the first is none, one for each root leads to it and is never taken; each in a line of the cache */
    uint32_t n_jumps, cap_jumps;
    uint32_t n_nodes, cap_nodes;
    uint32_t at;      /* where the record is */
    bool left;        /* it is not on the trail any more */
    uint32_t n_taken; /* steps that were not in front of the others */
    SekStep *steps;   /* of a record that left, or as asked for */
    uint32_t n_steps, cap_steps;
    SekArena keys, jump_bytes;
} SekTrail;

#define SEK_TRAIL_ROOTS 4u

/* The jump that leads to the node at which a record begins, behind which the record's first one is; 0 for other nodes. */
static inline uint32_t sek_trail_root_jump(uint32_t node) {
    return node < SEK_TRAIL_ROOTS ? 1 + node : 0;
}

/* SEK_OK or SEK_ERR_MEMORY; free with sek_trail_free (accepts NULL). */
SEK_MUST_USE SekStatus sek_trail_new(SekTrail **out);
void sek_trail_free(SekTrail *trail);

/* Begins a record of format `root` (0..3): records of different formats never meet. The choice that was
 * taken last stands in front of the others, so the usual step is the first that is looked at. */
void sek_trail_start(SekTrail *trail, unsigned root);

/* Names are short: comparing words costs less than a call. */
static inline bool sek_trail_same(const char *a, const char *b, size_t n) {
    uint64_t x, y;
    if (n < sizeof x) {
        for (size_t i = 0; i < n; i++)
            if (a[i] != b[i])
                return false;
        return true;
    }
    for (size_t i = 0; i + sizeof x < n; i += sizeof x) {
        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        if (x != y)
            return false;
    }
    memcpy(&x, a + n - sizeof x, sizeof x);
    memcpy(&y, b + n - sizeof y, sizeof y);
    return x == y;
}

/* Takes the step if it is the usual one from here; false leaves all as it was. */
static inline bool sek_trail_follow(SekTrail *trail, SekStepKind kind, SekStr key) {
    uint32_t first = trail->nodes[trail->at].first;
    const SekTrailNode *node = &trail->nodes[first]; /* no choice: a root, whose kind is no step's */
    if (trail->left || node->kind != kind || node->key_len != key.len ||
        !sek_trail_same(node->key, key.ptr, key.len))
        return false;
    trail->at = first;
    return true;
}

/* Takes the step if some record took it from here; false leaves the record where it is. */
bool sek_trail_choose(SekTrail *trail, SekStepKind kind, SekStr key);

#define SEK_TRAIL_MAX_JUMPS (64u * 1024u)
#define SEK_TRAIL_MAX_JUMP_BYTES (8u * 1024u * 1024u) /* of all */
#define SEK_TRAIL_MAX_JUMP 1024u                       /* bytes of one */
#define SEK_TRAIL_JUMPS_FROM 64u                        /* different ones from one place */

/* True for the first byte of a number or a truth value. */
static inline bool sek_trail_is_scalar(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == 't' || c == 'f';
}

/* Keeps a jump from the node `from`; its bytes are copied. Nothing happens when a limit is reached, or
 * memory is: a jump saves time, no more. */
void sek_trail_add_jump(SekTrail *trail, uint32_t from, SekTrailJump jump);

#define SEK_TRAIL_MAX_KEY 4096u /* bytes of a name; an event schema allows 255 characters */

/* Takes a step; `key` is borrowed until the next start and at most SEK_TRAIL_MAX_KEY long. SEK_OK;
 * SEK_ERR_LIMIT (too many steps: the step is left out), SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_trail_step(SekTrail *trail, SekStepKind kind, SekStr key, uint32_t slot);

/* Where the plan of the record's steps is kept (NULL in it at first), or NULL when the record left the
 * trail. */
void **sek_trail_plan(SekTrail *trail);

/* The record's steps in order, valid until the next start; their keys stay as long as the trail when
 * the record has a plan's place. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_trail_steps(SekTrail *trail, const SekStep **out, uint32_t *out_n);
