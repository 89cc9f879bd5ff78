/* SPDX-License-Identifier: Apache-2.0 */
#include "base/host_set.h"

#include <stdlib.h>
#include <string.h>

/* As sek_str_cmp, ASCII case ignored. */
static int order(SekStr a, SekStr b) {
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        unsigned char x = (unsigned char)sek_ascii_lower(a.ptr[i]), y = (unsigned char)sek_ascii_lower(b.ptr[i]);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

static int by_name(const void *a, const void *b) {
    int found = order(*(const SekStr *)a, *(const SekStr *)b);
    return found ? found : sek_str_cmp(*(const SekStr *)a, *(const SekStr *)b);
}

static bool is_short(SekStr name) {
    bool letters = false;
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '.')
            return false;
        letters = letters || name.ptr[i] < '0' || name.ptr[i] > '9';
    }
    return letters; /* the first number of an address is nobody's short name */
}

/* How `name`, up to the dot behind its label, stands to the label "PC1": as its order, 0 = it is a full name
 * with this label. */
static int against_label(SekStr name, SekStr label) {
    int found = order(sek_str_n(name.ptr, name.len < label.len ? name.len : label.len), label);
    if (found)
        return found;
    if (name.len == label.len)
        return -1; /* the short name itself comes before its full ones */
    unsigned char next = (unsigned char)name.ptr[label.len];
    return next < '.' ? -1 : next > '.';
}

/* The only full name with this label, or SEK_NO_HOST. */
static uint32_t full_name(const SekHostSet *h, SekStr label) {
    uint32_t low = 0, high = h->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (against_label(h->names[middle], label) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool one = low < h->n && against_label(h->names[low], label) == 0;
    bool two = one && low + 1 < h->n && against_label(h->names[low + 1], label) == 0;
    return one && !two ? low : SEK_NO_HOST;
}

SekStatus sek_host_set_init(SekHostSet *h, const SekStr *names, uint32_t n) {
    *h = (SekHostSet){0};
    h->names = malloc(((size_t)n + 1) * sizeof *h->names);
    h->means = malloc(((size_t)n + 1) * sizeof *h->means);
    if (!h->names || !h->means) {
        sek_host_set_deinit(h);
        return SEK_ERR_MEMORY;
    }
    if (n) {
        memcpy(h->names, names, n * sizeof *names);
        qsort(h->names, n, sizeof *h->names, by_name);
    }
    for (uint32_t i = 0; i < n; i++)
        if (h->n == 0 || order(h->names[h->n - 1], h->names[i]) != 0)
            h->names[h->n++] = h->names[i];
    for (uint32_t i = 0; i < h->n; i++) {
        uint32_t full = is_short(h->names[i]) ? full_name(h, h->names[i]) : SEK_NO_HOST;
        h->means[i] = full == SEK_NO_HOST ? i : full;
    }
    return SEK_OK;
}

void sek_host_set_deinit(SekHostSet *h) {
    free(h->names);
    free(h->means);
    *h = (SekHostSet){0};
}

uint32_t sek_host_set_find(const SekHostSet *h, SekStr name) {
    uint32_t low = 0, high = h->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int found = order(h->names[middle], name);
        if (found == 0)
            return h->means[middle];
        if (found < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SEK_NO_HOST;
}
