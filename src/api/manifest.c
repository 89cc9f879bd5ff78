/* SPDX-License-Identifier: Apache-2.0 */
#include "api/manifest.h"

#include "base/file.h"

#include <stdlib.h>

#define MEMORY ((size_t)256 * 1024 * 1024)

static const SekStr first_line = {"# Sekisho rules, manifest 1", 27};

void sek_manifest_init(SekManifest *m) {
    *m = (SekManifest){0};
    sek_arena_init(&m->arena, MEMORY);
    sek_strmap_init(&m->numbers, false);
}

void sek_manifest_deinit(SekManifest *m) {
    sek_arena_deinit(&m->arena);
    sek_strmap_deinit(&m->numbers);
    *m = (SekManifest){0};
}

SekStatus sek_manifest_add(SekManifest *m, SekStr path, const char *sha256) {
    if (m->n_files == m->cap_files) {
        uint32_t cap = m->cap_files ? m->cap_files * 2 : 256;
        SekManifestFile *files = SEK_ARENA_ARRAY(&m->arena, SekManifestFile, cap);
        if (!files)
            return SEK_ERR_MEMORY;
        if (m->n_files)
            memcpy(files, m->files, m->n_files * sizeof *files);
        m->files = files;
        m->cap_files = cap;
    }
    SekManifestFile *file = &m->files[m->n_files];
    file->path = sek_arena_dup(&m->arena, path);
    if (!file->path.ptr)
        return SEK_ERR_MEMORY;
    memcpy(file->sha256, sha256, sizeof file->sha256);
    m->n_files++;
    return SEK_OK;
}

static int by_path(const void *a, const void *b) {
    return sek_str_cmp(((const SekManifestFile *)a)->path, ((const SekManifestFile *)b)->path);
}

/* The headers by name, for writing and reading alike. */
#define N_HEADERS 4
static SekStr *header(SekManifest *m, unsigned i, const char **out_name) {
    static const char *const names[N_HEADERS] = {"source", "package-sha256", "date", "licence"};
    SekStr *const values[N_HEADERS] = {&m->source, &m->package_sha256, &m->date, &m->licence};
    *out_name = names[i];
    return values[i];
}

SekStatus sek_manifest_write(SekManifest *m, SekBuf *out) {
    if (m->n_files)
        qsort(m->files, m->n_files, sizeof *m->files, by_path);
    sek_buf_add_str(out, first_line);
    sek_buf_addc(out, '\n');
    for (unsigned i = 0; i < N_HEADERS; i++) {
        const char *name;
        const SekStr *value = header(m, i, &name);
        if (value->len == 0)
            continue;
        sek_buf_addf(out, "# %s: ", name);
        sek_buf_add_str(out, *value);
        sek_buf_addc(out, '\n');
    }
    for (uint32_t i = 0; i < m->n_files; i++) {
        sek_buf_addf(out, "%s  ", m->files[i].sha256);
        sek_buf_add_str(out, m->files[i].path);
        sek_buf_addc(out, '\n');
    }
    return out->failed;
}

static SekStatus read_header(SekManifest *m, SekStr line) {
    for (unsigned i = 0; i < N_HEADERS; i++) {
        const char *name;
        SekStr *value = header(m, i, &name);
        size_t n = strlen(name);
        if (line.len < n + 4 || memcmp(line.ptr + 2, name, n) != 0 || line.ptr[n + 2] != ':')
            continue;
        *value = sek_arena_dup(&m->arena, sek_str_n(line.ptr + n + 4, line.len - n - 4));
        return value->ptr ? SEK_OK : SEK_ERR_MEMORY;
    }
    return SEK_OK; /* a later version may say more */
}

static SekStatus read_line(SekManifest *m, SekStr line) {
    for (size_t i = 0; i < line.len; i++)
        if ((unsigned char)line.ptr[i] < 0x20)
            return SEK_ERR_INPUT; /* no path that was installed has one */
    if (line.len == 0 || line.ptr[0] == '#')
        return line.len ? read_header(m, line) : SEK_OK;
    char sha256[SEK_SHA256_TEXT] = {0};
    bool good = line.len > 66 && sek_is_sha256(sek_str_n(line.ptr, 64)) && line.ptr[64] == ' ' && line.ptr[65] == ' ';
    if (!good)
        return SEK_ERR_INPUT;
    for (unsigned i = 0; i < 64; i++)
        sha256[i] = sek_ascii_lower(line.ptr[i]);
    SekStatus status = sek_manifest_add(m, sek_str_n(line.ptr + 66, line.len - 66), sha256);
    if (status != SEK_OK)
        return status;
    return sek_strmap_set(&m->numbers, m->files[m->n_files - 1].path, m->n_files - 1);
}

SekStatus sek_manifest_read(SekManifest *m, SekStr text, SekError *err) {
    if (!sek_str_starts(text, first_line))
        return SEK_NOT_FOUND;
    uint32_t number = 0;
    while (text.len) {
        ptrdiff_t end = sek_str_find(text, SEK_STR("\n"));
        SekStr line = {text.ptr, end < 0 ? text.len : (size_t)end};
        SekStatus status = read_line(m, line);
        number++;
        if (status == SEK_ERR_INPUT && err)
            err->line = number;
        if (status == SEK_ERR_INPUT)
            return sek_fail(err, status, "line %u is no checksum and path", number);
        if (status != SEK_OK)
            return status;
        size_t skip = line.len + (end >= 0);
        text = sek_str_n(text.ptr + skip, text.len - skip);
    }
    return SEK_OK;
}

SekStatus sek_manifest_of(SekManifest *m, const char *folder, SekError *err) {
    SekBuf path, text;
    sek_buf_init(&path, 64 * 1024);
    sek_buf_init(&text, SEK_MANIFEST_MAX_BYTES);
    sek_buf_addf(&path, "%s/" SEK_MANIFEST_NAME, folder);
    sek_buf_addc(&path, '\0');
    SekStatus status = path.failed;
    if (status == SEK_OK && sek_path_kind(path.data) == SEK_PATH_MISSING)
        status = SEK_NOT_FOUND;
    if (status == SEK_OK)
        status = sek_file_slurp(path.data, &text, err);
    if (status == SEK_OK)
        status = sek_manifest_read(m, sek_buf_str(&text), err);
    sek_buf_deinit(&text);
    sek_buf_deinit(&path);
    return status;
}

SekManifestFile *sek_manifest_find(const SekManifest *m, SekStr path) {
    uint32_t number;
    return sek_strmap_get(&m->numbers, path, &number) == SEK_OK ? &m->files[number] : NULL;
}
