/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* qsort_r */
/* A part is a small record that refers to texts by number (its script, its text, the rules that matched it) and to
 * its other fields, packed, by place: engine/stash.h has them, most of them on disk when there are many. Parts that
 * differ in nothing but their place in a file are one, the first of them. */
#include "engine/fragments.h"

#include "base/hash64.h"
#include "engine/fragment_frame.h"
#include "engine/stash.h"

#include <pthread.h>
#include <stdlib.h>

#define TEXT_MAX ((size_t)16 << 20) /* one part: text inputs allow longer values than records */
#define KEY_MAX 4096u
#define MISSING_LISTED 100u /* ranges of missing parts that are named */
#define EVENT_ID 4104u

#define FIRST_PARTS 64u
#define ALIKE_MAX 64u /* slots that are looked at for a part that is alike; others are kept beside it, which does no harm */

typedef struct Part {
    uint32_t block, text, rules; /* numbers of texts */
    uint32_t number, total;
    uint32_t file, frame_len;
    bool recovered;
    uint64_t frame_at, time, record_id, offset;
} Part;

struct SekFragments {
    pthread_mutex_t lock;
    SekStash stash; /* texts and frames; its limit is that of everything */
    Part *parts;
    uint32_t n_parts, cap_parts;
    uint32_t *slots; /* part + 1 by what parts that are one have alike; as many as twice the room for parts */
    uint32_t *scripts; /* first part of each, and one more */
    uint32_t n_scripts;
    uint64_t dropped;
};

SekStatus sek_fragments_new(const SekFragmentsOptions *options, SekFragments **out) {
    SekFragments *f = calloc(1, sizeof *f);
    if (!f)
        return SEK_ERR_MEMORY;
    sek_stash_init(&f->stash, options->memory_bytes, options->limit_bytes ? options->limit_bytes : SEK_FRAGMENTS_BYTES,
                   options->spill);
    pthread_mutex_init(&f->lock, NULL);
    *out = f;
    return SEK_OK;
}

void sek_fragments_free(SekFragments *f) {
    if (!f)
        return;
    sek_stash_deinit(&f->stash);
    pthread_mutex_destroy(&f->lock);
    free(f->parts);
    free(f->slots);
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

/* The slot of a part that is one with `part`, or a free one; UINT32_MAX when there is neither nearby. */
static uint32_t find_alike(const SekFragments *f, const Part *part) {
    const uint32_t alike[] = {part->block, part->number, part->text, part->rules, part->file, part->recovered};
    uint32_t mask = 2 * f->cap_parts - 1, slot = (uint32_t)sek_hash64(alike, sizeof alike);
    for (uint32_t i = 0; i < ALIKE_MAX; i++, slot++) {
        uint32_t known = f->slots[slot & mask];
        const Part *p = &f->parts[known ? known - 1 : 0];
        if (known == 0 || (p->block == part->block && p->number == part->number && p->text == part->text &&
                           p->rules == part->rules && p->file == part->file && p->recovered == part->recovered))
            return slot & mask;
    }
    return UINT32_MAX;
}

static SekStatus make_room(SekFragments *f) {
    if (f->n_parts < f->cap_parts)
        return SEK_OK;
    uint32_t cap = f->cap_parts ? 2 * f->cap_parts : FIRST_PARTS;
    Part *parts = cap < UINT32_MAX / 4 ? realloc(f->parts, cap * sizeof *parts) : NULL;
    if (parts)
        f->parts = parts;
    uint32_t *slots = parts ? calloc((size_t)cap * 2, sizeof *slots) : NULL;
    if (!slots)
        return SEK_ERR_MEMORY;
    free(f->slots);
    f->slots = slots;
    f->cap_parts = cap;
    for (uint32_t i = 0; i < f->n_parts; i++) {
        uint32_t slot = find_alike(f, &f->parts[i]);
        if (slot != UINT32_MAX)
            f->slots[slot] = i + 1;
    }
    return SEK_OK;
}

/* Keeps a part whose texts have numbers, or says that it is one with another: then its place counts if it is before
 * that of the other. */
static SekStatus keep_part(SekFragments *f, Part *part, SekStr frame) {
    SekStatus status = make_room(f);
    uint32_t slot = status == SEK_OK ? find_alike(f, part) : UINT32_MAX;
    uint32_t known = slot != UINT32_MAX ? f->slots[slot] : 0;
    if (status != SEK_OK || (known && f->parts[known - 1].offset <= part->offset))
        return status;
    if (!known && !sek_stash_take(&f->stash, sizeof *part + 2 * sizeof *f->slots))
        return SEK_ERR_LIMIT;
    part->frame_len = (uint32_t)frame.len;
    status = sek_stash_put(&f->stash, frame, &part->frame_at);
    if (status != SEK_OK)
        return status;
    f->parts[known ? known - 1 : f->n_parts] = *part;
    if (!known && slot != UINT32_MAX)
        f->slots[slot] = f->n_parts + 1;
    f->n_parts += !known;
    return SEK_OK;
}

typedef struct Texts {
    SekStr key, text, frame, rules;
} Texts;

static SekStatus keep(SekFragments *f, Part *part, const Texts *texts) {
    SekStatus status = sek_stash_number(&f->stash, texts->key, &part->block);
    if (status == SEK_OK)
        status = sek_stash_number(&f->stash, texts->text, &part->text);
    if (status == SEK_OK)
        status = sek_stash_number(&f->stash, texts->rules, &part->rules);
    return status == SEK_OK ? keep_part(f, part, texts->frame) : status;
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
    sek_fragment_pack(&frame, event, part->text_field);
    bool memory = key.failed == SEK_ERR_MEMORY || text.failed == SEK_ERR_MEMORY || frame.failed == SEK_ERR_MEMORY;
    SekStatus status = memory ? SEK_ERR_MEMORY : key.failed || text.failed || frame.failed ? SEK_ERR_LIMIT : SEK_OK;
    Part kept = {.number = part->number, .total = part->total, .file = file, .recovered = event->recovered, .time = event->time,
                 .record_id = event->record_id, .offset = event->offset};
    Texts texts = {sek_buf_str(&key), sek_buf_str(&text), sek_buf_str(&frame),
                   {(const char *)rules, n_rules * sizeof *rules}};
    pthread_mutex_lock(&f->lock);
    if (status == SEK_OK)
        status = keep(f, &kept, &texts);
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
static int by_script(const void *a, const void *b, void *user) {
    const Part *x = a, *y = b;
    const uint32_t *rank = user;
    ORDER(x->block, y->block);
    ORDER(x->number, y->number);
    ORDER(x->recovered, y->recovered);
    ORDER(rank[x->file], rank[y->file]);
    ORDER(x->offset, y->offset);
    return 0;
}

SekStatus sek_fragments_join(SekFragments *f, const uint32_t *rank) {
    free(f->slots);
    f->slots = NULL;
    sek_stash_close(&f->stash);
    if (f->n_parts)
        qsort_r(f->parts, f->n_parts, sizeof *f->parts, by_script, (void *)rank);
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

SekFragmentsStore sek_fragments_store(const SekFragments *f) {
    return (SekFragmentsStore){f->stash.written, f->stash.spill_err, f->stash.err};
}

/* --- one script -------------------------------------------------------------------------------- */

typedef struct Joining {
    const SekFragments *f;
    uint32_t start, end; /* parts of the script */
    SekArena *arena;
    const Part **chosen; /* one of each number */
    size_t bytes;        /* of their texts, and a line break for each */
    SekError *err;
} Joining;

/* Chooses the parts and counts those of which a copy differs. */
static void choose_parts(Joining *j, SekScript *out, SekScriptPart *parts) {
    uint32_t counted = 0; /* number of the part whose conflict is counted already */
    for (uint32_t i = j->start; i < j->end; i++) {
        const Part *p = &j->f->parts[i], *last = out->n_parts ? j->chosen[out->n_parts - 1] : NULL;
        if (last && last->number == p->number) {
            if (p->text != last->text && counted != p->number) {
                out->n_conflicts++;
                counted = p->number;
            }
            continue;
        }
        size_t len = sek_stash_text(&j->f->stash, p->text)->len;
        if (out->cut || len + 1 > SEK_SCRIPT_BYTES - j->bytes) {
            out->cut = true;
            continue;
        }
        j->bytes += len + 1;
        parts[out->n_parts] = (SekScriptPart){.number = p->number, .file = p->file, .time = p->time,
                                              .record_id = p->record_id, .offset = p->offset};
        j->chosen[out->n_parts++] = p;
    }
}

/* Joins what was chosen. SEK_OK, SEK_ERR_IO, SEK_ERR_MEMORY; so what follows. */
static SekStatus join_texts(const Joining *j, SekScript *out, SekStr *out_text) {
    char *text = sek_arena_alloc(j->arena, j->bytes + 1), *at = text;
    size_t *gaps = SEK_ARENA_ARRAY(j->arena, size_t, (size_t)out->n_parts + 1);
    SekStatus status = text && gaps ? SEK_OK : SEK_ERR_MEMORY;
    uint32_t before = 0;
    for (uint32_t i = 0; i < out->n_parts && status == SEK_OK; before = j->chosen[i++]->number) {
        const SekStashText *part = sek_stash_text(&j->f->stash, j->chosen[i]->text);
        bool gap = j->chosen[i]->number != before + 1;
        if (gap && i)
            *at++ = '\n'; /* something is missing here: do not let the two sides touch */
        if (gap)
            gaps[out->n_gaps++] = (size_t)(at - text);
        status = sek_stash_read(&j->f->stash, part->at, part->len, at, j->err);
        at += part->len;
    }
    if (status == SEK_OK && before != out->total)
        gaps[out->n_gaps++] = (size_t)(at - text);
    out->gaps = gaps;
    *out_text = sek_str_n(text, (size_t)(at - text));
    return status;
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

static uint32_t sort_once(uint32_t *numbers, size_t n) {
    uint32_t kept = 0;
    if (n)
        qsort(numbers, n, sizeof *numbers, by_number);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || numbers[kept - 1] != numbers[i])
            numbers[kept++] = numbers[i];
    return kept;
}

/* Rules that matched any part, chosen or not. Many parts share a list: each is read once. */
static SekStatus join_rules(const Joining *j, SekScript *out) {
    const SekStash *stash = &j->f->stash;
    uint32_t n_lists = j->end - j->start, *lists = SEK_ARENA_ARRAY(j->arena, uint32_t, n_lists);
    size_t total = 0, n = 0;
    for (uint32_t i = 0; lists && i < n_lists; i++)
        lists[i] = j->f->parts[j->start + i].rules;
    n_lists = lists ? sort_once(lists, n_lists) : 0;
    for (uint32_t i = 0; i < n_lists; i++)
        total += sek_stash_text(stash, lists[i])->len / sizeof(uint32_t);
    uint32_t *rules = SEK_ARENA_ARRAY(j->arena, uint32_t, total + 1);
    SekStatus status = lists && rules ? SEK_OK : SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < n_lists && status == SEK_OK; i++) {
        const SekStashText *list = sek_stash_text(stash, lists[i]);
        status = sek_stash_read(stash, list->at, list->len, rules + n, j->err);
        n += list->len / sizeof *rules;
    }
    out->n_rules = status == SEK_OK ? sort_once(rules, n) : 0;
    out->rules = rules;
    return status;
}

/* The event of a part, with `text` as its script. */
static SekStatus make_event(const Joining *j, const Part *part, SekStr text, SekEvent *out) {
    char *frame = sek_arena_alloc(j->arena, part->frame_len);
    SekStatus status = frame ? sek_stash_read(&j->f->stash, part->frame_at, part->frame_len, frame, j->err) : SEK_ERR_MEMORY;
    if (status == SEK_OK)
        status = sek_fragment_unpack(sek_str_n(frame, part->frame_len), text, j->arena, out);
    out->time = part->time;
    out->record_id = part->record_id;
    out->offset = part->offset;
    out->recovered = part->recovered;
    return status;
}

SekStatus sek_fragments_script(const SekFragments *f, uint32_t index, SekArena *arena, SekScript *out, SekError *err) {
    Joining j = {.f = f, .start = f->scripts[index], .end = f->scripts[index + 1], .arena = arena, .err = err};
    SekScriptPart *parts = SEK_ARENA_ARRAY(arena, SekScriptPart, j.end - j.start);
    j.chosen = SEK_ARENA_ARRAY(arena, const Part *, j.end - j.start);
    *out = (SekScript){.parts = parts};
    if (!j.chosen || !parts)
        return SEK_ERR_MEMORY;
    choose_parts(&j, out, parts);
    const Part *first = out->n_parts ? j.chosen[0] : &f->parts[j.start];
    SekStr text;
    out->total = first->total;
    out->file = first->file;
    SekStatus status = join_texts(&j, out, &text);
    if (status == SEK_OK)
        status = make_event(&j, first, text, &out->event);
    return status == SEK_OK ? join_rules(&j, out) : status;
}
