/* SPDX-License-Identifier: Apache-2.0 */
#include "event/text_json_where.h"

static bool is(SekStr key, const char *name) {
    return sek_str_eq(key, sek_str(name));
}

bool sek_json_names_data(SekStr key, unsigned where) {
    if (where & SEK_JSON_ATTRIBUTES)
        return is(key, "Name");
    if (where & SEK_JSON_DATA_ELEMENT)
        return is(key, "Name") || is(key, "@Name") || is(key, "-Name");
    return (where & SEK_JSON_IN_EVENT_DATA) && is(key, "@Name");
}

unsigned sek_json_where_inside(SekStr key, unsigned where) {
    unsigned inside = where & SEK_JSON_IN_EVENT_DATA;
    if (is(key, "EventData"))
        return SEK_JSON_IN_EVENT_DATA;
    if (is(key, "Data"))
        return inside | SEK_JSON_DATA_ELEMENT;
    bool attributes = is(key, "#attributes") || is(key, "@attributes") || is(key, "$");
    if (attributes ? (where & SEK_JSON_DATA_ELEMENT) : sek_str_ends(key, SEK_STR("_attributes")) && inside)
        return inside | SEK_JSON_ATTRIBUTES;
    if (attributes && inside)
        return inside | SEK_JSON_ATTRIBUTES;
    return inside;
}
