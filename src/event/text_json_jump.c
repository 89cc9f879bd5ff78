/* SPDX-License-Identifier: Apache-2.0 */
#include "event/text_json_jump.h"

static const SekTrailJump *find_jump(SekTrail *trail, const char *text, size_t left) {
    uint32_t *place = &trail->first_jumps[trail->at];
    for (SekTrailJump *jump; *place; place = &jump->next) {
        jump = &trail->jumps[*place];
        if (!sek_json_jump_fits(jump, text, left))
            continue;
        sek_json_jump_first(trail, trail->at, place);
        return jump;
    }
    return NULL;
}

SekJsonJumped sek_json_jump_plain(SekJsonText *t) {
    SekTrail *trail = t->r->trail;
    for (const SekTrailJump *jump; (jump = find_jump(trail, t->at, (size_t)(t->end - t->at))) != NULL;) {
        SekStr value;
        t->at += jump->len;
        trail->at = jump->to;
        if (jump->end)
            return SEK_JUMPED_TO_END;
        bool fine = jump->text ? sek_json_read_string(t, &value) && sek_json_add_value(t, value, SEK_WRITTEN_TEXT)
                               : sek_json_read_scalar(t);
        if (!fine)
            return SEK_JUMPED_WRONG;
    }
    return SEK_JUMPED_TO_STEPS;
}
