/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rule texts from where they lie: a file, a folder with all that is below, or an archive of rule files
 * (zip, 7z, tar, gzip, xz, bzip2, zstd), which is read in memory and never unpacked to disk. What a named
 * file is is decided by its content. Archives are looked into only when they are named themselves, and
 * never inside another one. */

#include "base/file.h"

/* Most members of a rule archive, and most bytes that all of them may unpack to; what is not wanted is
 * counted too, because it must be unpacked to be passed. SigmaHQ's whole repository: 4,600 and 40 MB. */
#define SEK_RULE_ARCHIVE_MEMBERS 100000u
#define SEK_RULE_ARCHIVE_BYTES ((uint64_t)1 << 30)
/* Bytes out per byte in from which an archive is taken for a bomb, once it has given so much that it
 * matters. Rule files compress 4 to 10 times. */
#define SEK_RULE_ARCHIVE_RATIO 200u
#define SEK_RULE_ARCHIVE_FREE ((uint64_t)32 << 20)

typedef enum {
    SEK_RULE_TEXT_NAMED,  /* the path itself */
    SEK_RULE_TEXT_FOUND,  /* in a folder */
    SEK_RULE_TEXT_MEMBER, /* in an archive */
} SekRuleTextKind;

/* One text; everything is borrowed for the call. */
typedef struct SekRuleText {
    SekRuleTextKind kind;
    SekStr name;         /* path as given or found, archive members as archive!member */
    SekStr inner;        /* FOUND: below the folder; MEMBER: as the archive says; NAMED: as `name` */
    SekStr text;
    const char *problem; /* why it cannot be read (then `text` is empty), or NULL */
} SekRuleText;

typedef struct SekRuleTextVisitor {
    /* Whether the text is wanted, before it is read; `path` on the disk is NULL for members. */
    bool (*wants)(void *user, SekRuleTextKind kind, SekStr inner, const char *path);
    /* Takes a file found in a folder by its path, to read it later itself. SEK_NOT_FOUND = it wants the text; NULL = always.
     * What else is not SEK_OK ends the reading and is returned. */
    SekStatus (*take_file)(void *user, const char *path);
    /* Takes it. What is not SEK_OK ends the reading and is returned. */
    SekStatus (*take)(void *user, const SekRuleText *text);
    /* Tells of each folder before it is listed; may be NULL. Likewise. */
    SekStatus (*enter)(void *user, const char *folder);
    void *user;
} SekRuleTextVisitor;

/* True for names that end in .yml or .yaml, in any case. */
bool sek_is_rule_name(SekStr name);

/* Gives every text at `path`: folders in byte order of the paths, archives in their own. `*out_archive`
 * (may be NULL) says whether it was an archive. SEK_OK; SEK_NOT_FOUND or SEK_ERR_IO when `path` itself
 * cannot be read; SEK_ERR_INPUT when an archive is damaged (what came before was given); SEK_ERR_LIMIT;
 * SEK_ERR_MEMORY. `err` begins with the path. */
SEK_MUST_USE SekStatus sek_rule_texts(const char *path, const SekRuleTextVisitor *visitor, bool *out_archive,
                                      SekError *err);
