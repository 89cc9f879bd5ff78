/* SPDX-License-Identifier: Apache-2.0 */
/* Arena and reproducible chance of the case generator; see the header. */
#include "evtxgen/case_core.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 18, ALIGN = 16 };

struct SekCaseBlock {
    SekCaseBlock *next;
    size_t used;
    size_t size;
    _Alignas(ALIGN) unsigned char bytes[];
};

void *sek_case_alloc(SekCaseArena *arena, size_t n) {
    n = (n + ALIGN - 1) / ALIGN * ALIGN;
    SekCaseBlock *block = arena->blocks;
    if (!block || n > block->size - block->used) {
        size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
        block = calloc(1, sizeof *block + size);
        if (!block) {
            fputs("sekisho-mkcase: out of memory\n", stderr);
            exit(EXIT_FAILURE);
        }
        block->size = size;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *at = block->bytes + block->used;
    block->used += n;
    return at;
}

char *sek_case_dup(SekCaseArena *arena, const char *text) {
    size_t n = strlen(text) + 1;
    return memcpy(sek_case_alloc(arena, n), text, n);
}

char *sek_case_fmt(SekCaseArena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = sek_case_alloc(arena, (size_t)n + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)n + 1, format, args);
    va_end(args);
    return text;
}

void sek_case_arena_free(SekCaseArena *arena) {
    while (arena->blocks) {
        SekCaseBlock *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
}

static uint64_t mix(uint64_t x) {
    /* The output function of SplitMix64 (Steele, Lea, Flood 2014). */
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
}

uint64_t sek_case_hash(const char *text) {
    uint64_t hash = 0xcbf29ce484222325ull;
    for (const char *p = text; *p; p++) {
        hash = (hash ^ (unsigned char)*p) * 0x100000001b3ull;
    }
    return mix(hash);
}

SekCaseRng sek_case_rng(uint64_t seed, const char *label) {
    return (SekCaseRng){.state = mix(seed) ^ sek_case_hash(label)};
}

uint64_t sek_case_next(SekCaseRng *rng) {
    rng->state += 0x9e3779b97f4a7c15ull;
    return mix(rng->state);
}

uint32_t sek_case_below(SekCaseRng *rng, uint32_t n) {
    return (uint32_t)((sek_case_next(rng) >> 32) * n >> 32);
}

uint32_t sek_case_between(SekCaseRng *rng, uint32_t low, uint32_t high) {
    return low + sek_case_below(rng, high - low + 1);
}

bool sek_case_chance(SekCaseRng *rng, uint32_t percent) {
    return sek_case_below(rng, 100) < percent;
}

uint64_t sek_case_span(SekCaseRng *rng, uint64_t low, uint64_t high) {
    return low + sek_case_next(rng) % (high - low + 1);
}

uint64_t sek_case_wait(SekCaseRng *rng, uint64_t mean) {
    /* 256 times -ln((i + 1/2) / 64): quantiles of the exponential distribution of mean 1. */
    static const uint16_t quantile[64] = {1242, 961, 830, 744, 680, 628, 585, 549, 517, 488, 463, 439, 418,
                                          398,  380, 363, 347, 332, 318, 304, 291, 279, 268, 256, 246, 236,
                                          226,  216, 207, 198, 190, 181, 173, 166, 158, 151, 144, 137, 130,
                                          124,  117, 111, 105, 99,  93,  87,  82,  76,  71,  66,  61,  56,
                                          51,   46,  41,  36,  32,  27,  23,  19,  14,  10,  6,   2};
    uint64_t unit = quantile[sek_case_below(rng, 64)];
    return mean * unit / 256 + sek_case_next(rng) % (mean / 32 + 1);
}

char *sek_case_token(SekCaseArena *arena, SekCaseRng *rng, const char *alphabet, size_t n) {
    char *text = sek_case_alloc(arena, n + 1);
    for (size_t i = 0; i < n; i++) {
        text[i] = alphabet[sek_case_below(rng, (uint32_t)strlen(alphabet))];
    }
    return text;
}
