/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Hosts: which names mean one computer. Spellings in different case do; a short name ("PC1") and a full one
 * ("pc1.corp.example") do where the names hold exactly one full one with that first label. Two full names
 * are two computers. Names that are addresses ("10.0.0.5") are full names and have no short one. */

#include "base/str.h"

typedef struct SekHostSet {
    SekStr *names;   /* sorted, case ignored; of spellings that are equal but for case the first */
    uint32_t *means; /* number of the name that it stands for: itself, or its full name */
    uint32_t n;
} SekHostSet;

#define SEK_NO_HOST UINT32_MAX

/* Of `n` names, in any order and as often as they come; texts are borrowed. SEK_OK or SEK_ERR_MEMORY; free
 * with sek_host_set_deinit (accepts a zeroed one). */
SEK_MUST_USE SekStatus sek_host_set_init(SekHostSet *hosts, const SekStr *names, uint32_t n);
void sek_host_set_deinit(SekHostSet *hosts);

/* The number of the host that `name` means, or SEK_NO_HOST for a name that is not among them. O(log n). */
uint32_t sek_host_set_find(const SekHostSet *hosts, SekStr name);
