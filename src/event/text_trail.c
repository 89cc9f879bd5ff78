/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes are numbered and linked by number. */
#include "event/text_trail.h"

#include "base/grow.h"

#include <stdlib.h>

#define NONE 0u /* node 0 is never a choice */

static bool grow_jumps(SekTrail *trail) {
    if (trail->n_jumps < trail->cap_jumps)
        return true;
    uint32_t cap = trail->cap_jumps ? trail->cap_jumps * 2 : 512;
    SekTrailJump *grown = aligned_alloc(SEK_TRAIL_LINE, (cap * sizeof *grown + SEK_TRAIL_LINE - 1) & ~(size_t)(SEK_TRAIL_LINE - 1));
    if (!grown)
        return false;
    if (trail->jumps)
        memcpy(grown, trail->jumps, trail->n_jumps * sizeof *grown);
    free(trail->jumps);
    trail->jumps = grown;
    trail->cap_jumps = cap;
    return true;
}

SekStatus sek_trail_new(SekTrail **out) {
    SekTrail *trail = calloc(1, sizeof *trail);
    if (!trail)
        return SEK_ERR_MEMORY;
    sek_arena_init(&trail->keys, SEK_TRAIL_MAX_KEY_BYTES);
    sek_arena_init(&trail->jump_bytes, SEK_TRAIL_MAX_JUMP_BYTES);
    trail->cap_nodes = 1024;
    trail->nodes = calloc(trail->cap_nodes, sizeof *trail->nodes);
    trail->plans = calloc(trail->cap_nodes, sizeof *trail->plans);
    trail->first_jumps = calloc(trail->cap_nodes, sizeof *trail->first_jumps);
    if (!trail->nodes || !trail->plans || !trail->first_jumps || !grow_jumps(trail)) {
        sek_trail_free(trail);
        return SEK_ERR_MEMORY;
    }
    trail->n_nodes = SEK_TRAIL_ROOTS; /* all zero: START */
    trail->n_jumps = 1 + SEK_TRAIL_ROOTS;
    memset(trail->jumps, 0, trail->n_jumps * sizeof *trail->jumps);
    for (uint32_t root = 0; root < SEK_TRAIL_ROOTS; root++)
        trail->jumps[sek_trail_root_jump(root)].to = root;
    *out = trail;
    return SEK_OK;
}

void sek_trail_free(SekTrail *trail) {
    if (!trail)
        return;
    sek_arena_deinit(&trail->keys);
    sek_arena_deinit(&trail->jump_bytes);
    free(trail->nodes);
    free(trail->plans);
    free(trail->first_jumps);
    free(trail->jumps);
    free(trail->steps);
    free(trail);
}

void sek_trail_start(SekTrail *trail, unsigned root) {
    trail->at = root;
    trail->left = false;
    trail->n_taken = 0;
    trail->n_steps = 0;
}

static bool is_step(const SekTrailNode *node, SekStepKind kind, SekStr key) {
    return node->kind == kind && node->key_len == key.len && sek_trail_same(node->key, key.ptr, key.len);
}

/* The choice from `at` that is this step, put in front; NONE when it is new. `*n` counts choices. */
static uint32_t find_choice(SekTrail *trail, SekStepKind kind, SekStr key, uint32_t *n) {
    SekTrailNode *nodes = trail->nodes, *from = &nodes[trail->at];
    uint32_t before = NONE;
    *n = 0;
    for (uint32_t at = from->first; at != NONE; before = at, at = nodes[at].next, ++*n) {
        if (!is_step(&nodes[at], kind, key))
            continue;
        if (before != NONE) {
            nodes[before].next = nodes[at].next;
            nodes[at].next = from->first;
            from->first = at;
        }
        return at;
    }
    return NONE;
}

bool sek_trail_choose(SekTrail *trail, SekStepKind kind, SekStr key) {
    uint32_t n;
    if (trail->left || trail->n_taken == SEK_TRAIL_MAX_STEPS)
        return false;
    uint32_t known = find_choice(trail, kind, key, &n);
    if (known == NONE)
        return false;
    trail->n_taken++;
    trail->at = known;
    return true;
}

void sek_trail_add_jump(SekTrail *trail, uint32_t from, SekTrailJump jump) {
    uint32_t n = 0;
    for (uint32_t at = trail->first_jumps[from]; at; at = trail->jumps[at].next)
        n++;
    if (n >= SEK_TRAIL_JUMPS_FROM || jump.len > SEK_TRAIL_MAX_JUMP || trail->n_jumps >= SEK_TRAIL_MAX_JUMPS ||
        !grow_jumps(trail))
        return;
    jump.bytes = sek_arena_dup(&trail->jump_bytes, sek_str_n(jump.bytes, jump.len)).ptr;
    if (!jump.bytes)
        return;
    memset(jump.head, 0, sizeof jump.head);
    memcpy(jump.head, jump.bytes, jump.len < sizeof jump.head ? jump.len : sizeof jump.head);
    jump.quick = !jump.end && jump.len <= SEK_TRAIL_QUICK;
    jump.counts = jump.len < sizeof jump.head ? ((uint32_t)1 << jump.len) - 1 : UINT32_MAX;
    jump.next = trail->first_jumps[from];
    trail->jumps[trail->n_jumps] = jump;
    trail->first_jumps[from] = trail->n_jumps++;
}

static bool is_plain(SekStr key) {
    for (size_t i = 0; i < key.len; i++)
        if (key.ptr[i] == '"' || key.ptr[i] == '\\' || (uint8_t)key.ptr[i] < 0x20)
            return false;
    return true;
}

static SekStatus grow_nodes(SekTrail *trail) {
    if (trail->n_nodes < trail->cap_nodes)
        return SEK_OK;
    uint32_t cap = trail->cap_nodes * 2;
    SekTrailNode *grown = realloc(trail->nodes, cap * sizeof *grown);
    if (!grown)
        return SEK_ERR_MEMORY;
    trail->nodes = grown;
    void **plans = realloc(trail->plans, cap * sizeof *plans);
    if (!plans)
        return SEK_ERR_MEMORY;
    trail->plans = plans;
    uint32_t *first_jumps = realloc(trail->first_jumps, cap * sizeof *first_jumps);
    if (!first_jumps)
        return SEK_ERR_MEMORY;
    trail->first_jumps = first_jumps;
    trail->cap_nodes = cap;
    return SEK_OK;
}

/* SEK_ERR_LIMIT when the tree may not grow. */
static SekStatus add_choice(SekTrail *trail, SekStepKind kind, SekStr key, uint32_t slot) {
    if (trail->n_nodes == SEK_TRAIL_MAX_NODES || trail->keys.used + key.len + 64 > trail->keys.limit)
        return SEK_ERR_LIMIT;
    SekStr kept = key.len ? sek_arena_dup(&trail->keys, key) : (SekStr){"", 0};
    if (!kept.ptr || grow_nodes(trail) != SEK_OK)
        return SEK_ERR_MEMORY;
    SekTrailNode *from = &trail->nodes[trail->at];
    trail->plans[trail->n_nodes] = NULL;
    trail->first_jumps[trail->n_nodes] = 0;
    trail->nodes[trail->n_nodes] = (SekTrailNode){.key = kept.ptr,
                                                  .key_len = (uint16_t)kept.len,
                                                  .slot = slot,
                                                  .parent = trail->at,
                                                  .next = from->first,
                                                  .kind = (uint8_t)kind,
                                                  .plain = is_plain(kept)};
    from->first = trail->at = trail->n_nodes++;
    return SEK_OK;
}

static SekStatus write_down(SekTrail *trail, SekStep step) {
    if (sek_grow(&trail->steps, &trail->cap_steps, trail->n_steps, sizeof *trail->steps) != SEK_OK)
        return SEK_ERR_MEMORY;
    trail->steps[trail->n_steps++] = step;
    return SEK_OK;
}

/* Writes down the steps from the root to where the record is. */
static SekStatus write_path(SekTrail *trail) {
    trail->n_steps = 0;
    for (uint32_t at = trail->at; at >= SEK_TRAIL_ROOTS; at = trail->nodes[at].parent) {
        const SekTrailNode *node = &trail->nodes[at];
        SekStr key = {node->key, node->key_len};
        SekStatus status = write_down(trail, (SekStep){key, node->slot, node->kind});
        if (status != SEK_OK)
            return status;
    }
    for (uint32_t i = 0, j = trail->n_steps; i + 1 < j; i++) {
        SekStep step = trail->steps[--j];
        trail->steps[j] = trail->steps[i];
        trail->steps[i] = step;
    }
    return SEK_OK;
}

SekStatus sek_trail_step(SekTrail *trail, SekStepKind kind, SekStr key, uint32_t slot) {
    if (trail->n_taken == SEK_TRAIL_MAX_STEPS)
        return SEK_ERR_LIMIT;
    trail->n_taken++;
    if (trail->left)
        return write_down(trail, (SekStep){key, slot, (uint8_t)kind});
    uint32_t n;
    uint32_t known = find_choice(trail, kind, key, &n);
    if (known != NONE) {
        trail->at = known;
        return SEK_OK;
    }
    SekStatus status = n < SEK_TRAIL_MAX_CHOICES ? add_choice(trail, kind, key, slot) : SEK_ERR_LIMIT;
    if (status != SEK_ERR_LIMIT)
        return status;
    status = write_path(trail);
    trail->left = true;
    return status == SEK_OK ? write_down(trail, (SekStep){key, slot, (uint8_t)kind}) : status;
}

void **sek_trail_plan(SekTrail *trail) {
    return trail->left ? NULL : &trail->plans[trail->at];
}

SekStatus sek_trail_steps(SekTrail *trail, const SekStep **out, uint32_t *out_n) {
    SekStatus status = trail->left ? SEK_OK : write_path(trail);
    *out = trail->steps;
    *out_n = trail->n_steps;
    return status;
}
