/* SPDX-License-Identifier: Apache-2.0 */
/* A part is a small record that refers to texts (its script, and its other fields packed) by number; equal
 * texts are one. Packed fields: u32 n, then each u8 place, u8 type, u8 system field + 1, u32 name, u32
 * value, the name, the value. */
#include "engine/fragments.h"

#include "base/buf.h"
#include "base/strmap.h"

#include <pthread.h>
#include <stdlib.h>

#define TEXT_MAX ((size_t)16 << 20) /* one part: text inputs allow longer values than records */
#define KEY_MAX 4096u
#define MISSING_LISTED 100u /* ranges of missing parts that are named */
#define EVENT_ID 4104u

typedef struct Part {
    uint32_t block, number, total, text, frame, file;
    uint32_t first_rule, n_rules; /* in the pool */
    uint32_t rank;                /* set by the join */
    bool recovered;
    uint64_t time, record_id, offset;
} Part;

struct SekFragments {
    pthread_mutex_t lock;
    size_t limit, used;
    SekArena arena;  /* texts */
    SekStrMap known; /* text -> number */
    SekStr *texts;
    uint32_t n_texts, cap_texts;
    Part *parts;
    uint32_t n_parts, cap_parts;
    uint32_t *rules;
    uint32_t n_rules, cap_rules;
    uint32_t *scripts; /* first part of each, and one more */
    uint32_t n_scripts;
    uint64_t dropped;
};

SekStatus sek_fragments_new(size_t limit_bytes, SekFragments **out) {
    SekFragments *f = calloc(1, sizeof *f);
    if (!f)
        return SEK_ERR_MEMORY;
    f->limit = limit_bytes ? limit_bytes : SEK_FRAGMENTS_BYTES;
    sek_arena_init(&f->arena, 0);
    sek_strmap_init(&f->known, false);
    pthread_mutex_init(&f->lock, NULL);
    *out = f;
    return SEK_OK;
}

void sek_fragments_free(SekFragments *f) {
    if (!f)
        return;
    sek_arena_deinit(&f->arena);
    sek_strmap_deinit(&f->known);
    pthread_mutex_destroy(&f->lock);
    free(f->texts);
    free(f->parts);
    free(f->rules);
    free(f->scripts);
    free(f);
}

/* --- reading a part --------------------------------------------------------------------------- */

static SekStatus number_of(SekValue value, uint32_t *out) {
    uint64_t number = 0;
    char text[16];
    if (sek_value_u64(value, &number) != SEK_OK) {
        SekBuf buf;
        sek_buf_init(&buf, sizeof text);
        sek_value_text(value, &buf);
        bool good = !buf.failed && buf.len > 0 && buf.len < 11;
        for (size_t i = 0; i < buf.len && good; i++) {
            good = buf.data[i] >= '0' && buf.data[i] <= '9';
            number = number * 10 + (uint64_t)(buf.data[i] - '0');
        }
        sek_buf_deinit(&buf);
        if (!good)
            return SEK_NOT_FOUND;
    }
    if (number > INT32_MAX) /* they are signed in the provider's manifest */
        return SEK_NOT_FOUND;
    *out = (uint32_t)number;
    return SEK_OK;
}

static uint32_t find_value(const SekEvent *event, SekStr name, SekValue *out) {
    for (uint32_t i = 0; i < event->shape->n_fields; i++) {
        const SekField *field = &event->shape->fields[i];
        bool exact;
        if (sek_field_is(field, name, &exact) && sek_event_value(event, field, out) == SEK_OK)
            return i;
    }
    return SEK_NO_FIELD;
}

SekStatus sek_fragment_read(const SekEvent *event, SekFragment4104 *out) {
    SekValue number, total;
    if (sek_event_id(event) != EVENT_ID ||
        find_value(event, SEK_STR("MessageTotal"), &total) == SEK_NO_FIELD ||
        number_of(total, &out->total) != SEK_OK || out->total < 2 ||
        find_value(event, SEK_STR("MessageNumber"), &number) == SEK_NO_FIELD ||
        number_of(number, &out->number) != SEK_OK || out->number < 1 || out->number > out->total ||
        find_value(event, SEK_STR("ScriptBlockId"), &out->id) == SEK_NO_FIELD)
        return SEK_NOT_FOUND;
    out->text_field = find_value(event, SEK_STR("ScriptBlockText"), &out->text);
    out->computer = sek_event_system(event, SEK_SYSTEM_COMPUTER);
    return out->text_field == SEK_NO_FIELD ? SEK_NOT_FOUND : SEK_OK;
}

/* --- keeping ----------------------------------------------------------------------------------- */

static void put_u32(SekBuf *out, uint32_t value) {
    sek_buf_add(out, &value, sizeof value);
}

/* All fields of the event but its script. */
static void pack_frame(SekBuf *out, const SekEvent *event, uint32_t text_field) {
    size_t count_at = out->len;
    uint32_t n = 0;
    put_u32(out, 0);
    for (uint32_t i = 0; i < event->shape->n_fields; i++) {
        const SekField *field = &event->shape->fields[i];
        SekValue value;
        uint8_t head[3] = {field->place, 0, 0};
        if (i == text_field || sek_event_value(event, field, &value) != SEK_OK)
            continue;
        head[1] = value.type;
        for (uint8_t s = 0; s < SEK_N_SYSTEM; s++)
            if (event->shape->system[s] == i)
                head[2] = (uint8_t)(s + 1);
        sek_buf_add(out, head, sizeof head);
        put_u32(out, (uint32_t)field->name.len);
        put_u32(out, value.len);
        sek_buf_add_str(out, field->name);
        sek_buf_add(out, value.ptr, value.len);
        n++;
    }
    if (!out->failed)
        memcpy(out->data + count_at, &n, sizeof n);
}

static bool take(SekFragments *f, size_t bytes) {
    if (f->limit - f->used < bytes)
        return false;
    f->used += bytes;
    return true;
}

static SekStatus make_room(void **array, uint32_t n, uint32_t *cap, size_t size) {
    if (n < *cap)
        return SEK_OK;
    uint32_t wanted = *cap ? *cap + *cap / 2 : 64;
    void *grown = wanted > *cap ? realloc(*array, wanted * size) : NULL;
    if (!grown)
        return SEK_ERR_MEMORY;
    *array = grown;
    *cap = wanted;
    return SEK_OK;
}

/* Number of a text, which is copied when it is new. SEK_OK, SEK_ERR_LIMIT, SEK_ERR_MEMORY. */
static SekStatus number_text(SekFragments *f, SekStr text, uint32_t *out) {
    if (sek_strmap_get(&f->known, text, out) == SEK_OK)
        return SEK_OK;
    if (!take(f, text.len + sizeof(SekStr) + 2 * sizeof(SekStrMapSlot)))
        return SEK_ERR_LIMIT;
    SekStr kept = sek_arena_dup(&f->arena, text);
    if (!kept.ptr || make_room((void **)&f->texts, f->n_texts, &f->cap_texts, sizeof *f->texts) != SEK_OK)
        return SEK_ERR_MEMORY;
    *out = f->n_texts;
    f->texts[f->n_texts++] = kept;
    return sek_strmap_set(&f->known, kept, *out);
}

static SekStatus keep_rules(SekFragments *f, const uint32_t *rules, Part *part) {
    part->first_rule = f->n_rules;
    for (uint32_t i = 0; i < part->n_rules; i++) {
        if (!take(f, sizeof *rules))
            return SEK_ERR_LIMIT;
        if (make_room((void **)&f->rules, f->n_rules, &f->cap_rules, sizeof *rules) != SEK_OK)
            return SEK_ERR_MEMORY;
        f->rules[f->n_rules++] = rules[i];
    }
    return SEK_OK;
}

typedef struct Texts {
    SekStr key, text, frame;
} Texts;

static SekStatus keep(SekFragments *f, Part part, const Texts *texts, const uint32_t *rules) {
    SekStatus status = take(f, sizeof part) ? SEK_OK : SEK_ERR_LIMIT;
    if (status == SEK_OK)
        status = number_text(f, texts->key, &part.block);
    if (status == SEK_OK)
        status = number_text(f, texts->text, &part.text);
    if (status == SEK_OK)
        status = number_text(f, texts->frame, &part.frame);
    if (status == SEK_OK)
        status = keep_rules(f, rules, &part);
    if (status == SEK_OK)
        status = make_room((void **)&f->parts, f->n_parts, &f->cap_parts, sizeof *f->parts);
    if (status == SEK_OK)
        f->parts[f->n_parts++] = part;
    return status;
}

/* Computer and script block in any case, and the number of parts. */
static void add_key(SekBuf *key, const SekFragment4104 *part) {
    sek_value_text(part->computer, key);
    sek_buf_addc(key, '\0');
    sek_value_text(part->id, key);
    for (size_t i = 0; i < key->len; i++)
        key->data[i] = sek_ascii_lower(key->data[i]);
    sek_buf_addf(key, "%c%u", '\0', part->total);
}

SekStatus sek_fragments_add(SekFragments *f, const SekEvent *event, const SekFragment4104 *part,
                            uint32_t file, const uint32_t *rules, uint32_t n_rules) {
    SekBuf key, text, frame;
    sek_buf_init(&key, KEY_MAX);
    sek_buf_init(&text, TEXT_MAX);
    sek_buf_init(&frame, TEXT_MAX);
    add_key(&key, part);
    sek_value_text(part->text, &text);
    pack_frame(&frame, event, part->text_field);
    bool memory = key.failed == SEK_ERR_MEMORY || text.failed == SEK_ERR_MEMORY || frame.failed == SEK_ERR_MEMORY;
    SekStatus status = memory ? SEK_ERR_MEMORY : key.failed || text.failed || frame.failed ? SEK_ERR_LIMIT : SEK_OK;
    Part kept = {.number = part->number, .total = part->total, .file = file, .n_rules = n_rules, .recovered = event->recovered,
                 .time = event->time, .record_id = event->record_id, .offset = event->offset};
    Texts texts = {sek_buf_str(&key), sek_buf_str(&text), sek_buf_str(&frame)};
    pthread_mutex_lock(&f->lock);
    if (status == SEK_OK)
        status = keep(f, kept, &texts, rules);
    if (status == SEK_ERR_LIMIT) {
        f->dropped++;
        status = SEK_OK;
    }
    pthread_mutex_unlock(&f->lock);
    sek_buf_deinit(&key);
    sek_buf_deinit(&text);
    sek_buf_deinit(&frame);
    return status;
}

/* --- joining ------------------------------------------------------------------------------------ */

#define ORDER(x, y)               \
    do {                          \
        if ((x) != (y))           \
            return (x) < (y) ? -1 : 1; \
    } while (0)

/* Parts of one script beside each other, by number, the copy that counts first. */
static int by_script(const void *a, const void *b) {
    const Part *x = a, *y = b;
    ORDER(x->block, y->block);
    ORDER(x->number, y->number);
    ORDER(x->recovered, y->recovered);
    ORDER(x->rank, y->rank);
    ORDER(x->offset, y->offset);
    return 0;
}

SekStatus sek_fragments_join(SekFragments *f, const uint32_t *rank) {
    for (uint32_t i = 0; i < f->n_parts; i++)
        f->parts[i].rank = rank[f->parts[i].file];
    if (f->n_parts)
        qsort(f->parts, f->n_parts, sizeof *f->parts, by_script);
    f->scripts = calloc((size_t)f->n_parts + 1, sizeof *f->scripts);
    if (!f->scripts)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < f->n_parts; i++)
        if (i == 0 || f->parts[i].block != f->parts[i - 1].block)
            f->scripts[f->n_scripts++] = i;
    f->scripts[f->n_scripts] = f->n_parts;
    return SEK_OK;
}

uint32_t sek_fragments_count(const SekFragments *f) {
    return f->n_scripts;
}

uint64_t sek_fragments_dropped(const SekFragments *f) {
    return f->dropped;
}

/* --- one script -------------------------------------------------------------------------------- */

static uint32_t take_u32(const char **at) {
    uint32_t value;
    memcpy(&value, *at, sizeof value);
    *at += sizeof value;
    return value;
}

/* The event that the frame was packed from, and `text` as its script. */
static SekStatus unpack_frame(SekStr frame, SekStr text, SekArena *arena, SekEvent *out) {
    const char *at = frame.ptr;
    uint32_t n = take_u32(&at);
    SekField *fields = SEK_ARENA_ARRAY(arena, SekField, n + 1);
    SekShape *shape = SEK_ARENA_NEW(arena, SekShape);
    if (!fields || !shape)
        return SEK_ERR_MEMORY;
    for (uint32_t s = 0; s < SEK_N_SYSTEM; s++)
        shape->system[s] = SEK_NO_FIELD;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t place = (uint8_t)at[0], type = (uint8_t)at[1], system = (uint8_t)at[2];
        at += 3;
        uint32_t name_len = take_u32(&at), value_len = take_u32(&at);
        fields[i] = (SekField){.name = {at, name_len}, .place = place, .kind = SEK_FIELD_LITERAL,
                               .literal = {(const uint8_t *)at + name_len, value_len, type}};
        at += name_len + value_len;
        if (system)
            shape->system[system - 1] = i;
    }
    fields[n] = (SekField){.name = SEK_STR("ScriptBlockText"), .place = SEK_PLACE_DATA, .kind = SEK_FIELD_LITERAL,
                           .literal = {(const uint8_t *)text.ptr, (uint32_t)text.len, SEK_VALUE_UTF8}};
    shape->fields = fields;
    shape->n_fields = n + 1;
    *out = (SekEvent){.shape = shape, .arena = arena};
    return SEK_OK;
}

/* Chooses the parts and counts those of which a copy differs; `*out_bytes` is the size of all texts. */
static void choose_parts(const SekFragments *f, uint32_t start, uint32_t end, SekScript *out,
                         SekScriptPart *parts, const Part **chosen, size_t *out_bytes) {
    uint32_t counted = 0; /* number of the part whose conflict is counted already */
    for (uint32_t i = start; i < end; i++) {
        const Part *p = &f->parts[i], *last = out->n_parts ? chosen[out->n_parts - 1] : NULL;
        if (last && last->number == p->number) {
            if (p->text != last->text && counted != p->number) {
                out->n_conflicts++;
                counted = p->number;
            }
            continue;
        }
        if (out->cut || f->texts[p->text].len + 1 > SEK_SCRIPT_BYTES - *out_bytes) {
            out->cut = true;
            continue;
        }
        *out_bytes += f->texts[p->text].len + 1;
        parts[out->n_parts] = (SekScriptPart){.number = p->number, .file = p->file, .time = p->time,
                                              .record_id = p->record_id, .offset = p->offset};
        chosen[out->n_parts++] = p;
    }
}

/* `gaps` has room for one more than there are parts. */
static SekStr join_texts(const SekFragments *f, const Part *const *chosen, SekScript *out, char *text, size_t *gaps) {
    char *at = text;
    uint32_t before = 0;
    for (uint32_t i = 0; i < out->n_parts; before = chosen[i++]->number) {
        SekStr part = f->texts[chosen[i]->text];
        bool gap = chosen[i]->number != before + 1;
        if (gap && i)
            *at++ = '\n'; /* something is missing here: do not let the two sides touch */
        if (gap)
            gaps[out->n_gaps++] = (size_t)(at - text);
        if (part.len)
            memcpy(at, part.ptr, part.len);
        at += part.len;
    }
    if (before != out->total)
        gaps[out->n_gaps++] = (size_t)(at - text);
    out->gaps = gaps;
    return sek_str_n(text, (size_t)(at - text));
}

static void add_range(SekBuf *out, uint32_t from, uint32_t to) {
    if (out->len)
        sek_buf_adds(out, ", ");
    sek_buf_addf(out, to > from ? "%u-%u" : "%u", from, to);
}

void sek_script_missing(const SekScript *script, SekBuf *out) {
    uint32_t expected = 1, n = 0;
    for (uint32_t i = 0; i <= script->n_parts; i++) {
        uint32_t number = i < script->n_parts ? script->parts[i].number : script->total + 1;
        if (number > expected && n++ < MISSING_LISTED)
            add_range(out, expected, number - 1);
        expected = number + 1;
    }
    if (n > MISSING_LISTED)
        sek_buf_adds(out, ", ...");
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static SekStatus join_rules(const SekFragments *f, uint32_t start, uint32_t end, SekArena *arena,
                            SekScript *out) {
    size_t total = 0, n = 0;
    for (uint32_t i = start; i < end; i++)
        total += f->parts[i].n_rules;
    uint32_t *rules = SEK_ARENA_ARRAY(arena, uint32_t, total + 1);
    if (!rules)
        return SEK_ERR_MEMORY;
    for (uint32_t i = start; i < end; i++)
        for (uint32_t r = 0; r < f->parts[i].n_rules; r++)
            rules[n++] = f->rules[f->parts[i].first_rule + r];
    if (n)
        qsort(rules, n, sizeof *rules, by_number);
    for (size_t i = 0; i < n; i++)
        if (out->n_rules == 0 || rules[out->n_rules - 1] != rules[i])
            rules[out->n_rules++] = rules[i];
    out->rules = rules;
    return SEK_OK;
}

SekStatus sek_fragments_script(const SekFragments *f, uint32_t index, SekArena *arena, SekScript *out) {
    uint32_t start = f->scripts[index], end = f->scripts[index + 1];
    *out = (SekScript){0};
    const Part **chosen = SEK_ARENA_ARRAY(arena, const Part *, end - start);
    SekScriptPart *parts = SEK_ARENA_ARRAY(arena, SekScriptPart, end - start);
    if (!chosen || !parts)
        return SEK_ERR_MEMORY;
    size_t bytes = 0;
    choose_parts(f, start, end, out, parts, chosen, &bytes);
    char *text = sek_arena_alloc(arena, bytes + 1);
    size_t *gaps = SEK_ARENA_ARRAY(arena, size_t, (size_t)out->n_parts + 1);
    const Part *first = out->n_parts ? chosen[0] : &f->parts[start];
    if (!text || !gaps)
        return SEK_ERR_MEMORY;
    out->total = first->total;
    SekStr joined = join_texts(f, chosen, out, text, gaps);
    SekStatus status = unpack_frame(f->texts[first->frame], joined, arena, &out->event);
    if (status == SEK_OK)
        status = join_rules(f, start, end, arena, out);
    out->parts = parts;
    out->file = first->file;
    out->event.time = first->time;
    out->event.record_id = first->record_id;
    out->event.offset = first->offset;
    out->event.recovered = first->recovered;
    return status;
}
