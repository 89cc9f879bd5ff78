/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where in a JSON record we are, as far as attributes that name a <Data> are concerned: the two ways
 * of reading a record (text_json.c, text_json_follow.c) must agree on it. */

#include "base/str.h"

typedef enum {
    SEK_JSON_IN_EVENT_DATA = 1, /* somewhere below EventData */
    SEK_JSON_DATA_ELEMENT = 2,  /* the object is an element called Data */
    SEK_JSON_ATTRIBUTES = 4,    /* the object holds the attributes of such an element */
} SekJsonWhere;

/* True when the string called `key` is the name of a <Data>. `where`: SekJsonWhere bits. */
bool sek_json_names_data(SekStr key, unsigned where);

/* The bits inside the object or array called `key` that stands where `where` tells. */
unsigned sek_json_where_inside(SekStr key, unsigned where);
