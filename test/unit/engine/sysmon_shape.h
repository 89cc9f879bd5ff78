/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The shape of a process creation of Sysmon, for tests that fill in its values. */

#include "event/event.h"

/* One field a name, each with the slot of its number: those of the system part first, which are the channel, the provider and the
 * event's id. `fields` has room for them and is borrowed by the shape. */
static inline SekShape sysmon_shape(SekField *fields, const char *const names[], uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        fields[i] = (SekField){.name = sek_str(names[i]), .place = i < 3 ? SEK_PLACE_SYSTEM : SEK_PLACE_DATA,
                               .kind = SEK_FIELD_SLOT, .optional = true, .slot = (uint16_t)i};
    SekShape shape = {.id = 1, .n_fields = n, .fields = fields};
    for (uint32_t i = 0; i < SEK_N_SYSTEM; i++)
        shape.system[i] = SEK_NO_FIELD;
    shape.system[SEK_SYSTEM_CHANNEL] = 0;
    shape.system[SEK_SYSTEM_PROVIDER] = 1;
    shape.system[SEK_SYSTEM_EVENT_ID] = 2;
    return shape;
}
