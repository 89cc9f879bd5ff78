/* SPDX-License-Identifier: Apache-2.0 */
/* The System template in Windows' order of elements and numbering of values; see the header. */
#include "evtxgen/gen_system.h"

#include <stdio.h>

/* Numbers of the values in the System template, as found in logs of Windows 7 to 11. */
enum {
    V_LEVEL = 0,
    V_OPCODE = 1,
    V_TASK = 2,
    V_EVENT_ID = 3,
    V_QUALIFIERS = 4,
    V_KEYWORDS = 5,
    V_TIME = 6,
    V_ACTIVITY = 7,
    V_PROCESS = 8,
    V_THREAD = 9,
    V_RECORD_ID = 10,
    V_VERSION = 11,
    V_USER = 12,
    V_RELATED = 13, /* with literal names: 18 */
    V_PROVIDER = 14,
    V_PROVIDER_GUID = 15,
    V_CHANNEL = 16,
    V_PAYLOAD = 17, /* with literal names: 19 */
    V_LITERAL_RELATED = 18,
    V_LITERAL_PAYLOAD = 19,
    V_RENDERING = 20,
    N_RENDERING = 7
};

static const char event_ns[] = "http://schemas.microsoft.com/win/2004/08/events/event";

static void element_opt(SekGenTemplate *t, const char *name, uint16_t index, uint8_t type) {
    sek_gen_open(t, name);
    sek_gen_opt(t, index, type);
    sek_gen_close(t);
}

static void element_text(SekGenTemplate *t, const char *name, const char *text) {
    sek_gen_open(t, name);
    sek_gen_text(t, text);
    sek_gen_close(t);
}

static void attr_opt(SekGenTemplate *t, const char *name, uint16_t index, uint8_t type) {
    sek_gen_attr(t, name);
    sek_gen_opt(t, index, type);
}

static void put_provider(SekGenTemplate *t, const SekGenSource *source) {
    sek_gen_open(t, "Provider");
    if (source->flags & SEK_GEN_SOURCE_LITERAL) {
        sek_gen_attr_text(t, "Name", source->provider);
        if (source->provider_guid) {
            sek_gen_attr_text(t, "Guid", source->provider_guid);
        }
        if (source->event_source) {
            sek_gen_attr_text(t, "EventSourceName", source->event_source);
        }
    } else {
        attr_opt(t, "Name", V_PROVIDER, SEK_GEN_STRING);
        attr_opt(t, "Guid", V_PROVIDER_GUID, SEK_GEN_GUID);
    }
    sek_gen_close(t);
}

static void put_event_id(SekGenTemplate *t, const SekGenSource *source) {
    sek_gen_open(t, "EventID");
    if (source->flags & SEK_GEN_SOURCE_LITERAL_EVENT_ID) {
        char text[8];
        snprintf(text, sizeof text, "%u", (unsigned)source->event_id);
        sek_gen_text(t, text);
    } else {
        attr_opt(t, "Qualifiers", V_QUALIFIERS, SEK_GEN_UINT16);
        sek_gen_opt(t, V_EVENT_ID, SEK_GEN_UINT16);
    }
    sek_gen_close(t);
}

static void put_execution(SekGenTemplate *t, uint16_t related) {
    sek_gen_open(t, "Correlation");
    attr_opt(t, "ActivityID", V_ACTIVITY, SEK_GEN_GUID);
    attr_opt(t, "RelatedActivityID", related, SEK_GEN_GUID);
    sek_gen_close(t);
    sek_gen_open(t, "Execution");
    attr_opt(t, "ProcessID", V_PROCESS, SEK_GEN_UINT32);
    attr_opt(t, "ThreadID", V_THREAD, SEK_GEN_UINT32);
    sek_gen_close(t);
}

static void put_system(SekGenTemplate *t, const SekGenSource *source) {
    bool literal = source->flags & SEK_GEN_SOURCE_LITERAL;
    bool old = source->flags & SEK_GEN_SOURCE_OLD;
    sek_gen_open(t, "System");
    put_provider(t, source);
    put_event_id(t, source);
    if (!old) {
        element_opt(t, "Version", V_VERSION, SEK_GEN_UINT8);
    }
    element_opt(t, "Level", V_LEVEL, SEK_GEN_UINT8);
    element_opt(t, "Task", V_TASK, SEK_GEN_UINT16);
    if (!old) {
        element_opt(t, "Opcode", V_OPCODE, SEK_GEN_UINT8);
    }
    element_opt(t, "Keywords", V_KEYWORDS, SEK_GEN_HEX64);
    sek_gen_open(t, "TimeCreated");
    attr_opt(t, "SystemTime", V_TIME, SEK_GEN_FILETIME);
    sek_gen_close(t);
    element_opt(t, "EventRecordID", V_RECORD_ID, SEK_GEN_UINT64);
    if (!old) {
        put_execution(t, literal ? V_LITERAL_RELATED : V_RELATED);
    }
    if (literal) {
        element_text(t, "Channel", source->channel);
    } else {
        element_opt(t, "Channel", V_CHANNEL, SEK_GEN_STRING);
    }
    element_text(t, "Computer", source->computer);
    sek_gen_open(t, "Security");
    attr_opt(t, "UserID", V_USER, SEK_GEN_SID);
    sek_gen_close(t);
    sek_gen_close(t);
}

static void put_rendering(SekGenTemplate *t, const SekGenSource *source) {
    static const char *const names[N_RENDERING - 1] = {"Message", "Level",   "Task",
                                                       "Opcode",  "Channel", "Provider"};
    sek_gen_open(t, "RenderingInfo");
    sek_gen_attr_text(t, "Culture", source->culture ? source->culture : "en-US");
    for (uint16_t i = 0; i < N_RENDERING - 1; i++) {
        element_opt(t, names[i], (uint16_t)(V_RENDERING + i), SEK_GEN_STRING);
    }
    sek_gen_open(t, "Keywords");
    element_opt(t, "Keyword", V_RENDERING + N_RENDERING - 1, SEK_GEN_STRING);
    sek_gen_close(t);
    sek_gen_close(t);
}

SekGenTemplate *sek_gen_system_template(const SekGenSource *source) {
    SekGenTemplate *t = sek_gen_template_new();
    if (!t) {
        return NULL;
    }
    bool literal = source->flags & SEK_GEN_SOURCE_LITERAL;
    sek_gen_open(t, "Event");
    sek_gen_attr_text(t, "xmlns", event_ns);
    put_system(t, source);
    if (source->flags & SEK_GEN_SOURCE_USER_DATA) {
        sek_gen_open(t, "UserData");
    }
    sek_gen_opt(t, literal ? V_LITERAL_PAYLOAD : V_PAYLOAD, SEK_GEN_BINXML);
    if (source->flags & SEK_GEN_SOURCE_USER_DATA) {
        sek_gen_close(t);
    }
    if (source->flags & SEK_GEN_SOURCE_RENDERING) {
        put_rendering(t, source);
    }
    sek_gen_close(t);
    if (t->failed) {
        sek_gen_template_free(t);
        return NULL;
    }
    sek_gen_template_seal(t);
    return t;
}

static void add_guid_or_null(SekGenValues *out, const SekGenGuid *guid) {
    if (guid) {
        sek_gen_add_guid(out, guid);
    } else {
        sek_gen_add_null(out);
    }
}

static void add_str_or_null(SekGenValues *out, const char *text) {
    if (text) {
        sek_gen_add_str(out, text);
    } else {
        sek_gen_add_null(out);
    }
}

static void add_nulls(SekGenValues *out, size_t n) {
    while (n--) {
        sek_gen_add_null(out);
    }
}

static void add_payload(SekGenValues *out, const SekGenEvent *event) {
    if (event->payload) {
        sek_gen_add_nested(out, event->payload, event->values);
    } else {
        sek_gen_add_null(out);
    }
}

static void add_names(SekGenValues *out, const SekGenSource *source) {
    sek_gen_add_str(out, source->provider);
    if (source->provider_guid) {
        sek_gen_add_guid_text(out, source->provider_guid);
    } else {
        sek_gen_add_null(out);
    }
    sek_gen_add_str(out, source->channel);
}

static void add_rendering(SekGenValues *out, const SekGenRendering *r) {
    if (!r) {
        add_nulls(out, N_RENDERING);
        return;
    }
    const char *const texts[N_RENDERING] = {r->message, r->level,    r->task,   r->opcode,
                                            r->channel, r->provider, r->keyword};
    for (size_t i = 0; i < N_RENDERING; i++) {
        add_str_or_null(out, texts[i]);
    }
}

void sek_gen_system_values(SekGenValues *out, const SekGenSource *source, const SekGenEvent *event) {
    bool literal = source->flags & SEK_GEN_SOURCE_LITERAL;
    sek_gen_add_int(out, SEK_GEN_UINT8, event->level);
    sek_gen_add_int(out, SEK_GEN_UINT8, event->opcode);
    sek_gen_add_int(out, SEK_GEN_UINT16, event->task);
    sek_gen_add_int(out, SEK_GEN_UINT16, event->event_id);
    if (event->qualifiers >= 0) {
        sek_gen_add_int(out, SEK_GEN_UINT16, (uint64_t)event->qualifiers);
    } else {
        sek_gen_add_null(out);
    }
    sek_gen_add_hex64(out, event->keywords);
    sek_gen_add_filetime(out, event->filetime);
    add_guid_or_null(out, event->activity);
    sek_gen_add_u32(out, event->process_id);
    sek_gen_add_u32(out, event->thread_id);
    sek_gen_add_int(out, SEK_GEN_UINT64, event->record_id);
    sek_gen_add_int(out, SEK_GEN_UINT8, event->version);
    if (event->user_sid) {
        sek_gen_add_sid(out, event->user_sid);
    } else {
        sek_gen_add_null(out);
    }
    if (literal) {
        add_nulls(out, V_LITERAL_RELATED - V_RELATED);
        add_guid_or_null(out, event->related_activity);
    } else {
        add_guid_or_null(out, event->related_activity);
        add_names(out, source);
    }
    add_payload(out, event);
    if (source->flags & SEK_GEN_SOURCE_RENDERING) {
        add_nulls(out, literal ? 0 : V_RENDERING - V_PAYLOAD - 1);
        add_rendering(out, event->rendering);
    }
}
