/* SPDX-License-Identifier: Apache-2.0 */

/* Random rules times random events: the engine says what the naive evaluator says, with its guards and
 * without them, for one rule alone and for hundreds at once.
 *
 *   test_random [--pairs N] [--seed N]
 *
 * Prints the seed; on a difference also the rule and the event, so that `--seed` shows it again. Exit 1 on
 * a difference, and when the rules that loaded or the pairs that matched are too few to mean anything. */
#include "property/gen.h"

#include "engine/ruleset.h"
#include "engine/scanner.h"

#include <stdlib.h>

#define DEFAULT_PAIRS 150000u
#define N_SHAPES 24u
#define MAX_SHOWN 5u /* differences */

typedef struct Test {
    SekGen gen;
    uint64_t seed, pairs, wanted, matched;
    uint32_t rules_made, rules_loaded, differences;
} Test;

/* Rules of one round, and what runs them. */
typedef struct Round {
    SekRuleset *rules;
    SekScanner *guarded, *brute;
    SekArena arena; /* literals of the shapes */
    SekGenShape shapes[N_SHAPES];
} Round;

/* --- showing a difference ------------------------------------------------------------------- */

static void show_text(SekStr text) {
    putchar('"');
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];
        if (c < ' ' || c == '"' || c == '\\')
            printf("\\x%02x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void show_difference(Test *test, const SekRule *rule, const SekGenEvent *event, const char *what) {
    if (test->differences++ >= MAX_SHOWN)
        return;
    printf("\nDIFFERENCE (--seed %ju): %s\n%.*s\nevent, shape %u:\n", (uintmax_t)test->seed, what,
           SEK_STR_ARG(rule->text), event->event.shape->id);
    for (uint32_t i = 0; i < event->naive.n; i++) {
        printf("  %.*s = ", SEK_STR_ARG(event->naive.fields[i].name));
        show_text(event->naive.fields[i].value);
        putchar('\n');
    }
}

/* --- rules ---------------------------------------------------------------------------------- */

static SekRuleset *load(Test *test, uint32_t n) {
    SekRuleset *rules = calloc(1, sizeof *rules);
    SekBuf yaml;
    sek_buf_init(&yaml, 8u << 20);
    if (!rules)
        return NULL;
    for (uint32_t i = 0; i < n; i++) {
        char title[32];
        (void)snprintf(title, sizeof title, "r%u", i);
        sek_gen_rule(&test->gen, title, &yaml);
    }
    sek_rulefile_init(&rules->file);
    rules->file.options = (SekRuleOptions){.placeholder = sek_gen_placeholder};
    bool ok = sek_rules_read(&rules->file, SEK_STR("random.yml"), sek_buf_str(&yaml)) == SEK_OK &&
              sek_ruleset_build(rules) == SEK_OK;
    sek_buf_deinit(&yaml);
    test->rules_made += n;
    test->rules_loaded += rules->n_rules;
    if (ok)
        return rules;
    sek_ruleset_free(rules);
    return NULL;
}

/* --- pairs ---------------------------------------------------------------------------------- */

static bool fired(const SekRuleset *rules, const uint32_t *variants, uint32_t n, uint32_t rule) {
    for (uint32_t i = 0; i < n; i++)
        if (rules->variants[variants[i]].rule == rule)
            return true;
    return false;
}

/* Every rule of the round on one event. False when memory ran out. */
static bool check_event(Test *test, Round *round, const SekGenEvent *event) {
    const uint32_t *guarded, *brute;
    uint32_t n_guarded, n_brute;
    if (sek_scanner_match(round->guarded, &event->event, &guarded, &n_guarded) != SEK_OK ||
        sek_scanner_match(round->brute, &event->event, &brute, &n_brute) != SEK_OK)
        return false;
    for (uint32_t i = 0; i < round->rules->n_rules; i++) {
        const SekRule *rule = round->rules->rules[i];
        bool wanted = sek_gen_applies(rule, &event->naive) && sek_naive_holds(rule, &event->naive);
        bool with = fired(round->rules, guarded, n_guarded, i), without = fired(round->rules, brute, n_brute, i);
        if (with != wanted && without == wanted)
            show_difference(test, rule, event, with ? "matched, but only with guards" : "missed, but only with guards");
        else if (with != wanted || without != wanted)
            show_difference(test, rule, event, with ? "matched, must not" : "did not match, must");
        test->matched += wanted;
    }
    test->pairs += round->rules->n_rules;
    return true;
}

static bool run_events(Test *test, Round *round, uint32_t n_events) {
    static SekGenEvent event; /* large; filled anew each time */
    for (uint32_t i = 0; i < n_events; i++) {
        SekGenShape alone;
        const SekGenShape *shape = &round->shapes[sek_gen_below(&test->gen, N_SHAPES)];
        if (sek_gen_chance(&test->gen, 10)) {
            sek_gen_shape(&test->gen, 0, &round->arena, &alone);
            shape = &alone;
        }
        sek_gen_event(&test->gen, shape, &event);
        bool ok = check_event(test, round, &event);
        sek_gen_event_free(&event);
        if (!ok)
            return false;
    }
    return true;
}

static bool run_round(Test *test, uint32_t n_rules, uint32_t n_events) {
    Round round = {.rules = load(test, n_rules)};
    sek_arena_init(&round.arena, 0);
    bool ok = round.rules && sek_scanner_new(round.rules, &round.guarded) == SEK_OK &&
              sek_scanner_new(round.rules, &round.brute) == SEK_OK;
    if (ok) {
        sek_scanner_brute_force(round.brute);
        for (uint32_t i = 0; i < N_SHAPES; i++)
            sek_gen_shape(&test->gen, i + 1, &round.arena, &round.shapes[i]);
        ok = run_events(test, &round, n_events);
    }
    sek_scanner_free(round.guarded);
    sek_scanner_free(round.brute);
    sek_ruleset_free(round.rules);
    sek_arena_deinit(&round.arena);
    sek_gen_reset(&test->gen);
    return ok;
}

static bool run(Test *test) {
    static const uint32_t sizes[] = {1, 300, 6, 40};
    for (uint32_t i = 0; test->pairs < test->wanted; i++) {
        uint32_t n = sizes[i % (sizeof sizes / sizeof *sizes)];
        if (!run_round(test, n, n == 1 ? 40 : n < 100 ? 60 : 40))
            return false;
    }
    return true;
}

int main(int argc, char **argv) {
    Test test = {.seed = 20261121, .wanted = DEFAULT_PAIRS};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--pairs") == 0)
            test.wanted = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0)
            test.seed = strtoull(argv[i + 1], NULL, 10);
        else
            return 2;
    }
    sek_gen_init(&test.gen, test.seed);
    bool ok = run(&test);
    sek_gen_deinit(&test.gen);
    double share = test.pairs ? 100.0 * (double)test.matched / (double)test.pairs : 0;
    printf("seed %ju: %u of %u rules loaded, %ju pairs, %.1f %% matched, %u differences\n", (uintmax_t)test.seed,
           test.rules_loaded, test.rules_made, (uintmax_t)test.pairs, share, test.differences);
    bool telling = test.rules_loaded * 10u > test.rules_made * 7u && share > 5 && share < 80;
    if (!telling)
        printf("too few rules loaded, or too few or too many pairs matched, to mean anything\n");
    return ok && telling && test.differences == 0 ? 0 : 1;
}
