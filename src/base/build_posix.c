/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include "base/build.h"

#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The build id is a note (ELF, "Note Section") of type NT_GNU_BUILD_ID and owner "GNU" in the program or
 * library that this code stands in. The system has mapped it already. */

typedef struct Search {
    uintptr_t here; /* an address in this code */
    unsigned char *out;
    bool found;
} Search;

static bool holds(const struct dl_phdr_info *info, uintptr_t address) {
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && address - (info->dlpi_addr + part->p_vaddr) < part->p_memsz)
            return true;
    }
    return false;
}

static size_t padded(size_t n) {
    return (n + 3) & ~(size_t)3;
}

static void read_notes(Search *search, const unsigned char *at, size_t left) {
    ElfW(Nhdr) note;
    while (left >= sizeof note) {
        memcpy(&note, at, sizeof note);
        size_t name = padded(note.n_namesz), size = padded(note.n_descsz);
        if (name > left - sizeof note || size > left - sizeof note - name)
            return;
        const unsigned char *owner = at + sizeof note;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(owner, "GNU", 4) == 0 &&
            note.n_descsz > 0 && note.n_descsz <= SEK_BUILD_BYTES) {
            memset(search->out, 0, SEK_BUILD_BYTES);
            memcpy(search->out, owner + name, note.n_descsz);
            search->found = true;
            return;
        }
        at += sizeof note + name + size;
        left -= sizeof note + name + size;
    }
}

static int look(struct dl_phdr_info *info, size_t size, void *user) {
    Search *search = user;
    (void)size;
    if (!holds(info, search->here))
        return 0;
    for (int i = 0; i < info->dlpi_phnum && !search->found; i++)
        if (info->dlpi_phdr[i].p_type == PT_NOTE)
            read_notes(search, (const unsigned char *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr),
                       info->dlpi_phdr[i].p_memsz);
    return 1;
}

SekStatus sek_build_id(unsigned char out[SEK_BUILD_BYTES]) {
    Search search = {.here = (uintptr_t)&sek_build_id, .out = out};
    (void)dl_iterate_phdr(look, &search);
    return search.found ? SEK_OK : SEK_NOT_FOUND;
}
