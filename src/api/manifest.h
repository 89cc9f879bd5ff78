/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Manifest: what stands beside installed rules and says where they came from and what they were.
 *
 * A text that `sha256sum --check` reads too: comment lines with the source, the package's checksum, the
 * date and the licence, then a checksum and a path for every file, in byte order of the paths. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/sha256.h"
#include "base/strmap.h"

#define SEK_MANIFEST_NAME "MANIFEST.sha256"
#define SEK_MANIFEST_MAX_BYTES (32u * 1024u * 1024u)

typedef struct SekManifestFile {
    SekStr path; /* below the folder */
    char sha256[SEK_SHA256_TEXT];
    bool seen; /* for the caller */
} SekManifestFile;

typedef struct SekManifest {
    SekArena arena;
    SekStr source, package_sha256, date, licence; /* empty = not given */
    SekManifestFile *files;
    uint32_t n_files, cap_files;
    SekStrMap numbers; /* path -> index, after reading */
} SekManifest;

void sek_manifest_init(SekManifest *manifest);
void sek_manifest_deinit(SekManifest *manifest);

/* Adds a file. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_manifest_add(SekManifest *manifest, SekStr path, const char *sha256);

/* Sorts the files and writes all of it. SEK_OK, SEK_ERR_LIMIT, SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_manifest_write(SekManifest *manifest, SekBuf *out);

/* Reads a manifest. SEK_OK; SEK_NOT_FOUND when the text is none of ours; SEK_ERR_INPUT with the line;
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_manifest_read(SekManifest *manifest, SekStr text, SekError *err);

/* Reads the manifest of a folder. As above; SEK_NOT_FOUND also when the folder has none. */
SEK_MUST_USE SekStatus sek_manifest_of(SekManifest *manifest, const char *folder, SekError *err);

/* The file of this path, or NULL. */
SekManifestFile *sek_manifest_find(const SekManifest *manifest, SekStr path);
