/* SPDX-License-Identifier: Apache-2.0 */
/* Random templates with random values, written along kept recipes, drafted each time, and made text value by value: all
 * must give the same bytes and statuses.
 *
 * usage: test_recipe_random [--chunks N] [--seed N] */
#include "property/gen.h"

#include "base/bytes.h"
#include "format/event_recipe.h"
#include "unit/format/builder.h"

#include <stdio.h>
#include <stdlib.h>

#define RECORDS 24u
#define SLOTS 8u
#define TEXT_MAX ((size_t)1 << 20)

typedef struct Test {
    SekGen gen;
    Builder b;
    SekBinxml *bx;
    SekBuf by_recipe, by_draft, piecewise;
    uint32_t outer, inner; /* definitions in the chunk, 0 before the first record */
    uint8_t usual[2][SLOTS];
    uint32_t seed_of_templates;
    uint64_t n_records;
} Test;

static const char *const names[] = {"Event", "System", "System", "EventData", "Data", "EventID", "EventID", "a", "b<", "#x", "Level"};
static const char *const texts[] = {"", "4688", "07", "<&'\">", "a\\b", "plain text that is longer than a block of bytes", "\t\n"};
static const uint8_t types[] = {SEK_VALUE_NULL, SEK_VALUE_STRING, SEK_VALUE_STRING, SEK_VALUE_ANSI, SEK_VALUE_INT8, SEK_VALUE_UINT16,
                                SEK_VALUE_INT32, SEK_VALUE_UINT32, SEK_VALUE_INT64, SEK_VALUE_UINT64, SEK_VALUE_DOUBLE, SEK_VALUE_BOOL,
                                SEK_VALUE_BINARY, SEK_VALUE_GUID, SEK_VALUE_SIZE, SEK_VALUE_FILETIME, SEK_VALUE_SYSTEMTIME, SEK_VALUE_SID,
                                SEK_VALUE_HEX32, SEK_VALUE_HEX64, SEK_VALUE_EVTXML, SEK_VALUE_UTF8, SEK_VALUE_BINXML, 0x50,
                                SEK_VALUE_STRING | SEK_VALUE_ARRAY, SEK_VALUE_UINT16 | SEK_VALUE_ARRAY, SEK_VALUE_BINXML | SEK_VALUE_ARRAY};

/* --- templates ---------------------------------------------------------------------------------- */

static void put_piece(Test *t) {
    if (sek_gen_chance(&t->gen, 60))
        put_hole(&t->b, sek_gen_below(&t->gen, SLOTS), types[sek_gen_below(&t->gen, sizeof types)], sek_gen_chance(&t->gen, 50));
    else
        put_text(&t->b, SEK_GEN_PICK(&t->gen, texts));
}

static void put_element(Test *t, unsigned depth) {
    bool named = sek_gen_chance(&t->gen, 30);
    put_open(&t->b, SEK_GEN_PICK(&t->gen, names), named);
    if (named) {
        put_attribute(&t->b, sek_gen_chance(&t->gen, 60) ? "Name" : SEK_GEN_PICK(&t->gen, names));
        put_piece(t);
    }
    if (sek_gen_chance(&t->gen, 10)) {
        put_close_empty(&t->b);
        return;
    }
    put_close_start(&t->b);
    for (unsigned n = sek_gen_below(&t->gen, 4); n > 0; n--) {
        if (depth < 3 && sek_gen_chance(&t->gen, 60))
            put_element(t, depth + 1);
        else
            put_piece(t);
    }
    put_end(&t->b);
}

/* Tokens of a template: a root, and for the outer one a place for the other. */
static void put_tokens(Test *t, bool outer) {
    put_open(&t->b, outer ? "Event" : SEK_GEN_PICK(&t->gen, names), false);
    put_close_start(&t->b);
    for (unsigned n = 1 + sek_gen_below(&t->gen, 4); n > 0; n--)
        put_element(t, 0);
    if (outer)
        put_hole(&t->b, SLOTS - 1, SEK_VALUE_BINXML, true);
    put_end(&t->b);
}

/* --- values ------------------------------------------------------------------------------------- */

static uint32_t size_of(Test *t, uint8_t type) {
    uint32_t size = sek_value_fixed_size((uint8_t)(type & ~(unsigned)SEK_VALUE_ARRAY));
    if (type == SEK_VALUE_SID)
        return 8 + 4 * sek_gen_below(&t->gen, 6);
    if (size == 0 || sek_gen_chance(&t->gen, 4))
        return sek_gen_chance(&t->gen, 30) ? 0 : sek_gen_below(&t->gen, 90);
    return type & SEK_VALUE_ARRAY ? size * sek_gen_below(&t->gen, 4) : size;
}

/* Units: letters, what is escaped, halves of pairs, zeros; of a SID mostly a head that is one. */
static void put_value(Test *t, uint8_t type, uint32_t size) {
    static const uint16_t units[] = {'a', 'Z', '0', ' ', '\\', '"', '<', '&', '\'', '\n', 0, 1, 0x7f, 0xe9, 0x202e, 0x3042, 0xd83d, 0xde00, 0xfffe};
    bool wide = (type & 0x1f) == SEK_VALUE_STRING;
    for (uint32_t i = 0; i < size; i += wide ? 2 : 1) {
        uint32_t which = sek_gen_chance(&t->gen, 80) ? sek_gen_below(&t->gen, 4) : sek_gen_below(&t->gen, sizeof units / sizeof *units);
        if (wide && i + 1 < size)
            put16(&t->b, units[which]);
        else if (type == SEK_VALUE_UTF8 && sek_gen_chance(&t->gen, 90))
            put8(&t->b, '1' + sek_gen_below(&t->gen, 9)); /* text that is a number where a schema says so */
        else
            put8(&t->b, type == SEK_VALUE_SID && i < 2 ? (i ? (size - 8) / 4 : 1) : sek_gen_below(&t->gen, sek_gen_chance(&t->gen, 50) ? 3 : 256));
    }
}

static void put_instance_of(Test *t, unsigned part);

static void put_table(Test *t, unsigned part) {
    uint8_t type[SLOTS];
    uint32_t at = t->b.at, size[SLOTS];
    for (unsigned i = 0; i < SLOTS; i++) {
        type[i] = sek_gen_chance(&t->gen, 96) ? t->usual[part][i] : types[sek_gen_below(&t->gen, sizeof types)];
        if (sek_gen_chance(&t->gen, 4))
            type[i] = sek_gen_chance(&t->gen, 50) ? SEK_VALUE_NULL : SEK_VALUE_UTF8;
        size[i] = size_of(t, type[i]);
        put_descriptor(&t->b, size[i], type[i]);
    }
    for (unsigned i = 0; i < SLOTS; i++) {
        uint32_t begin = t->b.at;
        if (type[i] == SEK_VALUE_BINXML && part == 0 && sek_gen_chance(&t->gen, 90)) {
            put_fragment_header(&t->b);
            put_instance_of(t, 1);
            put_eof(&t->b);
        } else {
            put_value(t, type[i], size[i]);
        }
        set16(&t->b, at + 4 * i, t->b.at - begin);
    }
}

static void put_instance_of(Test *t, unsigned part) {
    uint32_t *definition = part ? &t->inner : &t->outer, id = 2 * t->seed_of_templates + part;
    if (*definition) {
        put_instance(&t->b, id, *definition, SLOTS);
    } else {
        uint64_t state = t->gen.state;
        t->gen.state = id; /* the same template in each chunk of the same number */
        *definition = put_instance_here(&t->b, id);
        put_tokens(t, part == 0);
        end_definition(&t->b, *definition);
        t->gen.state = state;
        put32(&t->b, SLOTS);
    }
    put_table(t, part);
}

/* --- the check ---------------------------------------------------------------------------------- */

typedef SekStatus Write(SekBinxml *, const SekFragment *, SekRecipeKind, SekBuf *, SekError *);

static SekStatus write(Test *t, const SekFragment *f, SekRecipeKind kind, Write *how, SekBuf *out) {
    sek_buf_clear(out);
    return how(t->bx, f, kind, out, NULL);
}

static bool same(const SekBuf *a, const SekBuf *b) {
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* Where there is just room enough, each value is made text first. */
static bool check_as(Test *t, const SekFragment *f, SekRecipeKind kind) {
    SekStatus first = write(t, f, kind, sek_recipe_write, &t->by_recipe);
    SekStatus second = write(t, f, kind, sek_recipe_write_anew, &t->by_draft);
    sek_buf_deinit(&t->piecewise);
    sek_buf_init(&t->piecewise, t->by_draft.len ? t->by_draft.len : 1);
    SekStatus third = write(t, f, kind, sek_recipe_write, &t->piecewise);
    if (first == second && first == third && same(&t->by_recipe, &t->by_draft) && same(&t->by_recipe, &t->piecewise))
        return true;
    (void)fprintf(stderr, "kept (%d), drafted (%d) and piecewise (%d) differ:\n%.*s\n%.*s\n%.*s\n", first, second, third,
                  (int)t->by_recipe.len, t->by_recipe.data, (int)t->by_draft.len, t->by_draft.data, (int)t->piecewise.len,
                  t->piecewise.data);
    return false;
}

static bool check_record(Test *t, uint32_t off, uint32_t len) {
    SekFragment f;
    if (sek_binxml_record(t->bx, off, len, &f, NULL) != SEK_OK)
        return true;
    t->n_records++;
    return check_as(t, &f, SEK_RECIPE_JSON) && check_as(t, &f, SEK_RECIPE_XML);
}

static bool check_chunk(Test *t) {
    uint32_t begin[RECORDS], end[RECORDS];
    build_start(&t->b);
    t->outer = t->inner = 0;
    t->seed_of_templates = 1 + sek_gen_below(&t->gen, 400);
    for (unsigned i = 0; i < 2 * SLOTS; i++) {
        uint8_t type = types[sek_gen_below(&t->gen, sizeof types)];
        bool rare = type == SEK_VALUE_BINXML || type == (SEK_VALUE_BINXML | SEK_VALUE_ARRAY) || type == SEK_VALUE_UTF8;
        rare = rare || (type & SEK_VALUE_ARRAY && sek_gen_chance(&t->gen, 70));
        t->usual[i / SLOTS][i % SLOTS] = i == SLOTS - 1 ? SEK_VALUE_BINXML : rare ? SEK_VALUE_STRING : type;
    }
    for (unsigned i = 0; i < RECORDS; i++) {
        begin_record(&t->b);
        begin[i] = t->b.at;
        put_instance_of(t, 0);
        end[i] = t->b.at;
        end_record(&t->b);
    }
    sek_binxml_chunk(t->bx, t->b.bytes, sizeof t->b.bytes);
    for (unsigned i = 0; i < RECORDS; i++)
        if (!check_record(t, begin[i], end[i] - begin[i]))
            return false;
    return true;
}

static uint64_t option(int argc, char **argv, const char *name, uint64_t otherwise) {
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return strtoull(argv[i + 1], NULL, 10);
    return otherwise;
}

int main(int argc, char **argv) {
    Test *t = calloc(1, sizeof *t);
    uint64_t n = option(argc, argv, "--chunks", 1500), seed = option(argc, argv, "--seed", 1);
    if (!t || sek_binxml_new(&t->bx) != SEK_OK)
        abort();
    sek_buf_init(&t->by_recipe, TEXT_MAX);
    sek_buf_init(&t->by_draft, TEXT_MAX);
    sek_gen_init(&t->gen, seed);
    bool good = true;
    for (uint64_t i = 0; good && i < n; i++)
        good = check_chunk(t);
    (void)printf("%ju records, seed %ju: %s\n", (uintmax_t)t->n_records, (uintmax_t)seed, good ? "the same" : "DIFFERENT");
    good = good && t->n_records > n * RECORDS / 2; /* or nothing was compared */
    sek_gen_deinit(&t->gen);
    sek_binxml_free(t->bx);
    sek_buf_deinit(&t->by_recipe);
    sek_buf_deinit(&t->by_draft);
    sek_buf_deinit(&t->piecewise);
    free(t);
    return good ? 0 : 1;
}
