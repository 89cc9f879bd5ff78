/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/route.h"

#include "base/bytes.h"
#include "base/utf.h"
#include "engine/group_pool.h"
#include "engine/raw_text.h"

#include <stdlib.h>

#define MAX_ROUTES 16384u /* hostile logs name channels without end: start anew then */
#define MAX_SHAPE SEK_SHAPE_IDS /* shapes of which routes are remembered */
#define MEMO_LOG 11u
#define MEMOS (1u << MEMO_LOG) /* routes that are remembered */
#define KEY_MAX (256u * 1024u)
#define ROUTE_FIELDS 3 /* EventID, Provider_Name, Channel */

typedef enum { NO, YES, UNKNOWN } Answer;

/* What is known of a shape. */
enum { ABOUT_KNOWN = 1, ABOUT_SINGLE = 2, ABOUT_CHANNEL = 4, ABOUT_PROVIDER = 8 };

/* The route that the last event of some shape and id took, or of another whose place in the table is the same. */
struct Memo {
    const SekGroup *group; /* NULL = none */
    uint32_t shape, event_id;
    SekValue channel, provider; /* not looked at when the shape says what they are */
    uint8_t *kept;              /* the bytes of both, used again and again */
    uint32_t room : 31, no_words : 1; /* see SekRoute */
    uint32_t next; /* index + 1 of another that keeps something, so that the end need not look at all */
};
_Static_assert(sizeof(struct Memo) <= 64, "a line of the cache");

struct SekRouter {
    const SekRuleset *rules;
    uint32_t *way_of;      /* index into ways, one a variant */
    SekWay *ways;          /* the different ones: a hundred for thousands of variants */
    bool *leads;           /* scratch, one a way */
    uint32_t n_ways;
    SekRegexScratch *regex;
    SekArena arena;   /* keys */
    SekStrMap routes; /* key -> number of the group */
    SekStrMap lists;  /* list of variants -> number of the group */
    SekGroup **groups;
    uint32_t n_groups;
    SekBuf key;
    SekText known[ROUTE_FIELDS];
    uint8_t *about;    /* by shape: bits of ABOUT_... */
    struct Memo *memos; /* by shape and event id */
    uint32_t first_kept; /* index + 1 */
    bool decided; /* the route's fields have one value each, so conditions on them can be decided */
    uint32_t gave_up; /* not read: what gave up is asked again of each event, and counted there */
};

/* Index of a way equal to `way`, added when new; all variants of one log source share its list of ids. */
static uint32_t intern_way(SekRouter *router, const SekWay *way) {
    for (uint32_t i = 0; i < router->n_ways; i++)
        if (router->ways[i].service == way->service && router->ways[i].category == way->category)
            return i;
    router->ways[router->n_ways] = *way;
    return router->n_ways++;
}

static SekStatus list_ways(SekRouter *router) {
    const SekRuleset *rules = router->rules;
    router->way_of = malloc(((size_t)rules->n_variants + 1) * sizeof *router->way_of);
    router->ways = malloc(((size_t)rules->n_variants + 1) * sizeof *router->ways);
    router->leads = malloc(((size_t)rules->n_variants + 1) * sizeof *router->leads);
    if (!router->way_of || !router->ways || !router->leads)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < rules->n_variants; i++)
        router->way_of[i] = intern_way(router, &rules->variants[i].way);
    return SEK_OK;
}

SekStatus sek_router_new(const SekRuleset *rules, SekRouter **out) {
    SekRouter *router = calloc(1, sizeof *router);
    if (!router)
        return SEK_ERR_MEMORY;
    router->rules = rules;
    sek_arena_init(&router->arena, 0);
    sek_strmap_init(&router->routes, false);
    sek_strmap_init(&router->lists, false);
    sek_buf_init(&router->key, KEY_MAX);
    router->groups = calloc(MAX_ROUTES, sizeof *router->groups);
    router->about = calloc(MAX_SHAPE + 1, sizeof *router->about);
    router->memos = calloc(MEMOS, sizeof *router->memos);
    if (list_ways(router) != SEK_OK || !router->groups || !router->about || !router->memos || sek_regex_scratch_new(&router->regex) != SEK_OK) {
        sek_router_free(router);
        return SEK_ERR_MEMORY;
    }
    *out = router;
    return SEK_OK;
}

static void forget(SekRouter *router) {
    for (uint32_t i = 0; i < router->n_groups; i++)
        sek_group_drop(router->rules->groups, router->groups[i]);
    router->n_groups = 0;
    sek_strmap_deinit(&router->routes);
    sek_strmap_deinit(&router->lists);
    sek_arena_reset(&router->arena);
    for (uint32_t i = router->first_kept; i;) {
        struct Memo *memo = &router->memos[i - 1];
        i = memo->next;
        free(memo->kept);
        *memo = (struct Memo){0};
    }
    router->first_kept = 0;
}

void sek_router_free(SekRouter *router) {
    if (!router)
        return;
    forget(router);
    sek_regex_scratch_free(router->regex);
    sek_arena_deinit(&router->arena);
    sek_buf_deinit(&router->key);
    free(router->way_of);
    free(router->ways);
    free(router->leads);
    free(router->groups);
    free(router->about);
    free(router->memos);
    free(router);
}

/* An expression that gives up decides nothing: who the events are that it concerns, and how many, is for the
 * evaluation to say. */
static Answer decide_regex(SekRouter *router, const SekPred *pred, SekStr text) {
    uint32_t before = router->gave_up;
    bool found = sek_regex_found(pred->regex, router->regex, text, &router->gave_up);
    return router->gave_up != before ? UNKNOWN : found ? YES : NO;
}

static Answer decide_pred(SekRouter *router, const SekPred *pred) {
    if (!router->decided || pred->field < SEK_FIELD_ID_EVENT_ID || pred->field > SEK_FIELD_ID_CHANNEL)
        return UNKNOWN;
    const SekText *text = &router->known[pred->field - SEK_FIELD_ID_EVENT_ID];
    if (text->value.type == SEK_VALUE_NULL)
        return UNKNOWN; /* not there, or nothing that the route is made of */
    switch (pred->kind) {
    case SEK_PRED_GLOB:
        return sek_glob_matches(&pred->glob, pred->cased ? text->raw : text->folded) ? YES : NO;
    case SEK_PRED_REGEX:
        return decide_regex(router, pred, text->raw);
    case SEK_PRED_NUMBER:
    case SEK_PRED_COMPARE:
        return sek_pred_plain(pred, text->raw) ? YES : NO;
    default:
        return UNKNOWN;
    }
}

static Answer decide(SekRouter *router, uint32_t node) {
    const SekRuleset *rules = router->rules;
    const SekCode *code = &rules->codes[node];
    const uint32_t *kids = rules->kids + code->first;
    switch (code->op) {
    case SEK_CODE_PRED:
        return decide_pred(router, &rules->preds[code->first]);
    case SEK_CODE_NOT: {
        Answer answer = decide(router, kids[0]);
        return answer == UNKNOWN ? UNKNOWN : answer == YES ? NO : YES;
    }
    default:
        break;
    }
    Answer stop = code->op == SEK_CODE_AND ? NO : YES, all = code->op == SEK_CODE_AND ? YES : NO;
    for (uint32_t i = 0; i < code->n; i++) {
        Answer answer = decide(router, kids[i]);
        if (answer == stop)
            return stop;
        if (answer == UNKNOWN)
            all = UNKNOWN;
    }
    return all;
}

static bool way_leads_here(const SekWay *way, SekStr channel, SekStr provider, uint32_t event_id,
                           bool channel_known) {
    const uint32_t *id = sek_way_event_ids(way);
    if (id) {
        while (*id && *id != event_id)
            id++;
        if (!*id)
            return false;
    }
    return way->service < 0 ||
           sek_service_has(&sek_services[way->service], channel, provider, channel_known);
}

/* The group of these variants, made when no other kind of event has the same. */
static SekStatus find_group(SekRouter *router, const uint32_t *variants, uint32_t n, uint32_t *out) {
    SekStr list = {(const char *)variants, n * sizeof *variants};
    if (sek_strmap_get(&router->lists, list, out) == SEK_OK)
        return SEK_OK;
    SekGroup *group;
    SekStatus status = sek_group_take(router->rules->groups, router->rules, variants, n, &group);
    if (status != SEK_OK)
        return status;
    *out = router->n_groups;
    router->groups[router->n_groups++] = group;
    SekStr kept = {(const char *)group->variants, n * sizeof *variants};
    return sek_strmap_set(&router->lists, kept, *out);
}

static SekStatus choose_group(SekRouter *router, uint32_t event_id, uint32_t *out) {
    const SekRuleset *rules = router->rules;
    SekStr provider = router->known[1].raw, channel = router->known[2].raw;
    bool known = sek_channel_known(channel);
    uint32_t *found = malloc((rules->n_variants + 1) * sizeof *found);
    if (!found)
        return SEK_ERR_MEMORY;
    uint32_t n = 0;
    for (uint32_t i = 0; i < router->n_ways; i++)
        router->leads[i] = way_leads_here(&router->ways[i], channel, provider, event_id, known);
    for (uint32_t i = 0; i < rules->n_variants; i++) {
        const SekVariant *v = &rules->variants[i];
        if (router->leads[router->way_of[i]] && (!v->decidable || decide(router, v->code) != NO))
            found[n++] = i;
    }
    SekStatus status = find_group(router, found, n, out);
    free(found);
    return status;
}

/* True when no other field has the name of a route field: System/104 holds a second Channel. */
static bool route_fields_single(const SekShape *shape) {
    static const char *const names[ROUTE_FIELDS] = {"EventID", "Provider_Name", "Channel"};
    for (int n = 0; n < ROUTE_FIELDS; n++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < shape->n_fields; i++)
            count += sek_str_eq_nocase(shape->fields[i].name, sek_str(names[n]));
        if (count > 1)
            return false;
    }
    return true;
}

static SekStatus known_text(SekRouter *router, const SekEvent *event, SekSystemField which, SekText *out) {
    SekBuf text;
    sek_buf_init(&text, KEY_MAX);
    SekValue value = sek_event_system(event, which);
    sek_value_text(value, &text);
    size_t raw_len = text.len;
    SekStr raw = sek_arena_dup(&router->arena, sek_buf_str(&text));
    sek_buf_clear(&text);
    sek_fold_append(&text, raw);
    SekStr folded = sek_arena_dup(&router->arena, sek_buf_str(&text));
    sek_buf_deinit(&text);
    *out = (SekText){.value = value, .raw = {raw.ptr, raw_len}, .folded = folded};
    return raw.ptr && folded.ptr ? SEK_OK : SEK_ERR_MEMORY;
}

static SekStatus new_route(SekRouter *router, const SekEvent *event, uint32_t event_id, bool single,
                           uint32_t *out) {
    if (router->routes.n_used == MAX_ROUTES)
        forget(router);
    SekStr key = sek_arena_dup(&router->arena, sek_buf_str(&router->key));
    static const SekSystemField which[ROUTE_FIELDS] = {SEK_SYSTEM_EVENT_ID, SEK_SYSTEM_PROVIDER, SEK_SYSTEM_CHANNEL};
    for (int i = 0; i < ROUTE_FIELDS; i++)
        if (known_text(router, event, which[i], &router->known[i]) != SEK_OK)
            return SEK_ERR_MEMORY;
    router->decided = single;
    if (event_id == 0) /* text that is no number: other events of this route have another */
        router->known[0].value.type = SEK_VALUE_NULL;
    SekStatus status = key.ptr ? choose_group(router, event_id, out) : SEK_ERR_MEMORY;
    return status == SEK_OK ? sek_strmap_set(&router->routes, key, *out) : status;
}

static void key_value(SekBuf *key, SekValue value) {
    sek_buf_add(key, &value.type, sizeof value.type);
    sek_buf_add(key, &value.len, sizeof value.len);
    sek_buf_add(key, value.ptr, value.len);
}

static SekStatus look_up(SekRouter *router, const SekEvent *event, bool single, const SekGroup **out) {
    uint32_t event_id = sek_event_id(event);
    sek_buf_clear(&router->key);
    sek_buf_add(&router->key, &event_id, sizeof event_id);
    /* Two shapes with the same route may differ in whether a name stands twice. */
    sek_buf_add(&router->key, &single, sizeof single);
    key_value(&router->key, sek_event_system(event, SEK_SYSTEM_CHANNEL));
    key_value(&router->key, sek_event_system(event, SEK_SYSTEM_PROVIDER));
    uint32_t number;
    if (sek_strmap_get(&router->routes, sek_buf_str(&router->key), &number) != SEK_OK) {
        SekStatus status = new_route(router, event, event_id, single, &number);
        if (status != SEK_OK)
            return status;
    }
    *out = router->groups[number];
    return SEK_OK;
}

static bool same_value(const SekValue *a, const SekValue *b) {
    return a->len == b->len && a->type == b->type &&
           (a->ptr == b->ptr || a->len == 0 || memcmp(a->ptr, b->ptr, a->len) == 0);
}

static void copy_value(uint8_t *to, SekValue value, SekValue *out) {
    if (value.len)
        memcpy(to, value.ptr, value.len);
    *out = (SekValue){to, value.len, value.type};
}

static SekStatus keep_route(SekRouter *router, struct Memo *memo, SekValue channel, SekValue provider) {
    uint32_t need = channel.len + provider.len;
    if (need > memo->room || !memo->kept) {
        uint8_t *grown = realloc(memo->kept, need + 64);
        if (!grown)
            return SEK_ERR_MEMORY;
        if (!memo->kept) {
            memo->next = router->first_kept;
            router->first_kept = (uint32_t)(memo - router->memos) + 1;
        }
        memo->kept = grown;
        memo->room = (need + 64) & INT32_MAX;
    }
    copy_value(memo->kept, channel, &memo->channel);
    copy_value(memo->kept + channel.len, provider, &memo->provider);
    return SEK_OK;
}

/* True when events of the shape may differ in the value. */
static bool differs(const SekShape *shape, SekSystemField which) {
    return shape->system[which] != SEK_NO_FIELD && shape->fields[shape->system[which]].kind != SEK_FIELD_LITERAL;
}

static uint8_t learn_shape(const SekShape *shape) {
    return (uint8_t)(ABOUT_KNOWN | (route_fields_single(shape) ? ABOUT_SINGLE : 0) |
                     (differs(shape, SEK_SYSTEM_CHANNEL) ? ABOUT_CHANNEL : 0) |
                     (differs(shape, SEK_SYSTEM_PROVIDER) ? ABOUT_PROVIDER : 0));
}

static inline bool holds(const SekEvent *event, SekSystemField which, const SekValue *kept) {
    SekValue value = sek_event_system(event, which);
    return same_value(kept, &value);
}

/* sek_event_id, at once where it is what Windows writes. */
static inline uint32_t event_id_of(const SekEvent *event) {
    uint32_t index = event->shape->system[SEK_SYSTEM_EVENT_ID];
    if (index != SEK_NO_FIELD && event->shape->fields[index].kind == SEK_FIELD_SLOT) {
        SekValue value = sek_event_slot(event, &event->shape->fields[index]);
        if (value.type == SEK_VALUE_UINT16 && value.len == sizeof(uint16_t))
            return sek_le16(value.ptr);
    }
    return sek_event_id(event);
}

/* True when none of the group's keywords stands in the value, as far as its bytes tell. */
static bool holds_no_word(const SekGroup *group, SekValue value) {
    bool none = value.len == 0 || value.type == SEK_VALUE_STRING;
    if (sek_group_words(group) && value.type == SEK_VALUE_UTF8)
        return !sek_raw_text_hit(group->raw, group->n_raw, sek_str_n((const char *)value.ptr, value.len));
    for (uint32_t i = 0; i < group->n_raw && none; i++)
        none = !sek_raw_scan_hits(&group->raw[i], value.ptr, value.len);
    return none;
}

static SekStatus find_route(SekRouter *router, const SekEvent *event, struct Memo *memo, uint8_t about, const SekGroup **out) {
    memo->group = NULL;
    SekStatus status = look_up(router, event, about & ABOUT_SINGLE, out); /* may forget everything */
    if (status == SEK_OK)
        status = keep_route(router, memo, sek_event_system(event, SEK_SYSTEM_CHANNEL), sek_event_system(event, SEK_SYSTEM_PROVIDER));
    if (status != SEK_OK)
        return status;
    memo->group = *out;
    memo->no_words = (!(about & ABOUT_CHANNEL) || holds_no_word(*out, memo->channel)) &&
                     (!(about & ABOUT_PROVIDER) || holds_no_word(*out, memo->provider));
    return SEK_OK;
}

SekStatus sek_route(SekRouter *router, const SekEvent *event, SekRoute *out) {
    uint32_t shape = event->shape->id;
    *out = (SekRoute){0};
    if (shape == 0 || shape > MAX_SHAPE)
        return look_up(router, event, route_fields_single(event->shape), &out->group);
    if (router->about[shape] == 0)
        router->about[shape] = learn_shape(event->shape);
    uint8_t about = router->about[shape];
    uint32_t event_id = event_id_of(event);
    struct Memo *memo = &router->memos[((shape * 0x9e3779b1u) ^ (event_id * 0x85ebca6bu)) >> (32 - MEMO_LOG)];
    if (memo->group && memo->shape == shape && memo->event_id == event_id &&
        (!(about & ABOUT_CHANNEL) || holds(event, SEK_SYSTEM_CHANNEL, &memo->channel)) &&
        (!(about & ABOUT_PROVIDER) || holds(event, SEK_SYSTEM_PROVIDER, &memo->provider))) {
        *out = (SekRoute){memo->group, memo->no_words};
        return SEK_OK;
    }
    SekStatus status = find_route(router, event, memo, about, &out->group);
    memo->shape = shape;
    memo->event_id = event_id;
    out->no_words = status == SEK_OK && memo->no_words;
    return status;
}

bool sek_route_leads(SekRouter *router, const SekEvent *event, const SekWay *way) {
    SekText provider, channel;
    if (known_text(router, event, SEK_SYSTEM_PROVIDER, &provider) != SEK_OK ||
        known_text(router, event, SEK_SYSTEM_CHANNEL, &channel) != SEK_OK)
        return false;
    return way_leads_here(way, channel.raw, provider.raw, sek_event_id(event), sek_channel_known(channel.raw));
}
