/* SPDX-License-Identifier: Apache-2.0 */
#include "event/text_member.h"

#include "event/text_record.h"

#define OPEN_MAX (SEK_TEXT_MAX_DEPTH + 2) /* the record and what is around it, too */

SekMember *sek_member_child(const SekMember *of, SekStr key) {
    for (SekMember *m = of ? of->first : NULL; m; m = m->next)
        if (sek_str_eq(m->key, key))
            return m;
    return NULL;
}

SekMember *sek_member_object(const SekMember *of, const char *key) {
    SekMember *m = sek_member_child(of, sek_str(key));
    return m && m->kind == SEK_MEMBER_OBJECT ? m : NULL;
}

bool sek_member_is_set(const SekMember *m) {
    return m->kind == SEK_MEMBER_OBJECT &&
           (sek_member_is(m->key, "#attributes") || sek_member_is(m->key, "@attributes") ||
            sek_member_is(m->key, "$"));
}

static SekStr attributes_suffix(void) {
    return SEK_STR("_attributes");
}

/* X_attributes, which belongs to X. */
bool sek_member_is_separate_set(const SekMember *m) {
    return m->kind == SEK_MEMBER_OBJECT && m->key.len > attributes_suffix().len &&
           sek_str_ends(m->key, attributes_suffix());
}

SekStr sek_member_owner(const SekMember *set) {
    return sek_str_n(set->key.ptr, set->key.len - attributes_suffix().len);
}

const SekMember *sek_member_set(const SekMember *parent, SekStr owner) {
    if (parent->n_sets == 0 || parent->n_sets > SEK_MEMBER_MANY)
        return NULL;
    for (const SekMember *m = parent->first; m; m = m->next)
        if (sek_member_is_separate_set(m) && sek_str_eq(sek_member_owner(m), owner))
            return m;
    return NULL;
}

SekStatus sek_member_tree(const SekStep *steps, uint32_t n, SekArena *scratch, SekMember **out) {
    SekMember *open[OPEN_MAX];
    uint32_t depth = 0;
    SekMember *root = SEK_ARENA_NEW(scratch, SekMember);
    if (!root)
        return SEK_ERR_MEMORY;
    open[0] = root;
    for (uint32_t i = 0; i < n; i++) {
        if (steps[i].kind == SEK_STEP_CLOSE) {
            depth -= depth > 0;
            continue;
        }
        SekMember *m = SEK_ARENA_NEW(scratch, SekMember);
        if (!m)
            return SEK_ERR_MEMORY;
        bool opens = steps[i].kind == SEK_STEP_OPEN || steps[i].kind == SEK_STEP_ARRAY;
        *m = (SekMember){.key = steps[i].key,
                         .slot = steps[i].slot,
                         .kind = (uint8_t)(steps[i].kind == SEK_STEP_OPEN    ? SEK_MEMBER_OBJECT
                                           : steps[i].kind == SEK_STEP_ARRAY ? SEK_MEMBER_ARRAY
                                           : steps[i].kind == SEK_STEP_LEAF  ? SEK_MEMBER_LEAF
                                           : steps[i].kind == SEK_STEP_NAME  ? SEK_MEMBER_NAME
                                           : steps[i].kind == SEK_STEP_EMPTY ? SEK_MEMBER_EMPTY
                                                                             : SEK_MEMBER_NOTHING)};
        SekMember *to = open[depth];
        to->n_members++;
        to->n_sets += sek_member_is_separate_set(m);
        if (to->last)
            to->last->next = m;
        else
            to->first = m;
        to->last = m;
        if (opens && depth + 1 < OPEN_MAX)
            open[++depth] = m;
    }
    *out = root->first ? root->first : root;
    return SEK_OK;
}
