/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz test: files of compiled rules that are not what we wrote: fuzz_image FOLDER [COUNT]
 *
 * Such files are of one build and cannot be kept as a corpus. So a real one is written to FOLDER, damaged at
 * random (the same way every time), and given a checksum that fits, so that the damage gets behind it: to
 * the header, the stamps, and every pointer of the image, which is never where it was meant to be. Reading must refuse it or stay within it; run it
 * under sanitizers. */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "api/rule_cache.h"
#include "base/hash64.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of the header, see api/rule_cache.c. */
#define KEY_AT 16u
#define LENGTH_AT 144u
#define CHECKSUM_AT 160u
#define HEADER 168u

/* xorshift64*: any reproducible numbers will do. */
static uint64_t next(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545F4914F6CDD1Du;
}

static uint64_t odd_number(uint64_t *state, size_t size) {
    const uint64_t fixed[] = {0, 1, 8, size, size - 8, size + 8, UINT32_MAX, UINT64_MAX, UINT64_MAX - 7, INT64_MIN};
    uint64_t which = next(state) % 16;
    return which < 10 ? fixed[which] : which < 13 ? next(state) % size : next(state);
}

static size_t damage(char *bytes, size_t size, uint64_t *state) {
    for (uint64_t n = 1 + next(state) % 4; n; n--) {
        size_t span = next(state) % 3 ? size : HEADER + 1024; /* the header and the ruleset itself are small */
        size_t at = next(state) % (span / 8) * 8;
        uint64_t word = odd_number(state, size);
        memcpy(bytes + at, &word, next(state) % 2 ? 8 : 4);
    }
    return next(state) % 4 ? size : HEADER + next(state) % (size - HEADER);
}

static bool read_one(SekStr file, uint64_t *state) {
    SekCacheKey key;
    SekRuleset *rules = calloc(1, sizeof *rules);
    char *bytes = mmap(NULL, file.len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SekMapped mapped = {bytes, file.len};
    if (!rules || bytes == MAP_FAILED)
        abort();
    memcpy(bytes, file.ptr, file.len);
    memcpy(&key, bytes + KEY_AT, sizeof key);
    uint64_t size = state ? damage(bytes, file.len, state) : file.len, checksum;
    if (!state || next(state) % 8)
        memcpy(bytes + LENGTH_AT, &size, sizeof size);
    checksum = sek_hash64(bytes + HEADER, size - HEADER); /* as api/rule_cache.c takes it */
    memcpy(bytes + CHECKSUM_AT, &checksum, sizeof checksum);
    checksum = sek_hash64(bytes, HEADER);
    memcpy(bytes + CHECKSUM_AT, &checksum, sizeof checksum);
    /* Behind a shorter file lies what is not there, so that it is not read unseen. */
    size_t page = (size_t)sysconf(_SC_PAGESIZE), kept = (size + page - 1) / page * page;
    if (kept < file.len && munmap(bytes + kept, file.len - kept) == 0)
        mapped.len = kept;
    size_t whole = mapped.len;
    mapped.len = size;
    bool good = sek_rule_cache_open(&key, &mapped, rules) == SEK_OK;
    mapped.len = mapped.ptr ? whole : 0;
    if (good)
        sek_ruleset_free(rules);
    else
        free(rules);
    sek_unmap(&mapped);
    return good;
}

static SekStatus slurp(void *user, const char *path, const char *problem) {
    sek_buf_clear(user);
    return problem ? SEK_ERR_IO : sek_file_slurp(path, user, NULL);
}

int main(int argc, char **argv) {
    if (argc < 2)
        return 2;
    const char *const level = "critical";
    SekRulesOptions options = {.cache = argv[1], .only = {.levels = {&level, 1}}, .no_texts = true};
    SekRuleset *rules;
    SekBuf file;
    uint64_t state = 1;
    unsigned count = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 3000, taken = 0;
    sek_buf_init(&file, (size_t)64 << 20);
    if (sek_ruleset_load_with(&options, &rules, NULL) != SEK_OK)
        return 1;
    sek_ruleset_free(rules);
    if (sek_walk(argv[1], slurp, &file) != SEK_OK || file.len < HEADER || !read_one(sek_buf_str(&file), NULL)) {
        (void)fprintf(stderr, "what was kept cannot be read\n");
        return 1;
    }
    for (unsigned i = 0; i < count; i++)
        taken += read_one(sek_buf_str(&file), &state);
    printf("%u of %u taken, %zu bytes\n", taken, count, file.len);
    sek_buf_deinit(&file);
    return taken == count ? 1 : 0;
}
