/* SPDX-License-Identifier: Apache-2.0 */
#include "event/text_json_jump.h"

uint32_t sek_json_jump_find(SekTrail *trail, uint32_t node, const char *text, size_t left) {
    uint32_t *first = &trail->first_jumps[node], *place = first;
    while (*place && !sek_json_jump_fits(&trail->jumps[*place], text, left))
        place = &trail->jumps[*place].next;
    uint32_t found = *place;
    if (found && place != first) {
        *place = trail->jumps[found].next;
        trail->jumps[found].next = *first;
        *first = found;
    }
    return found;
}

SekJsonJumped sek_json_jump_plain(SekJsonText *t) {
    SekTrail *trail = t->r->trail;
    for (uint32_t found; (found = sek_json_jump_find(trail, trail->at, t->at, (size_t)(t->end - t->at))) != 0;) {
        const SekTrailJump *jump = &trail->jumps[found];
        SekStr value;
        t->at += jump->len;
        trail->at = jump->to;
        if (jump->end)
            return SEK_JUMPED_TO_END;
        const char *start = t->at;
        bool fine = jump->text ? sek_json_read_string(t, &value) && sek_json_add_value(t, start, value, SEK_WRITTEN_TEXT)
                               : sek_json_read_scalar(t);
        if (!fine)
            return SEK_JUMPED_WRONG;
    }
    return SEK_JUMPED_TO_STEPS;
}

SekJsonForm sek_json_form_plain(void) {
    return (SekJsonForm){.jump = sek_json_jump_plain};
}

SekJsonForm sek_json_form_best(void) {
    SekJsonForm form;
    return sek_json_form_avx512(&form) || sek_json_form_avx2(&form) ? form : sek_json_form_plain();
}
