/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Operating-system seam for a folder of files that can be made anew at any time. What lies there is
 * believed to be our own, so the folder and its files must belong to the user who runs the program, and be
 * writable by nobody else; links are not followed. cache_posix.c implements it. */

#include "base/mapped.h"
#include "base/str.h"

#define SEK_CACHE_MAX_BYTES ((size_t)256 * 1024 * 1024) /* of one file */
#define SEK_CACHE_KEPT 8 /* files of one folder; the oldest go when a new one comes */

/* Maps the whole file (base/mapped.h), at `wish` if it can be. SEK_OK, or SEK_NOT_FOUND when there is none
 * that may be believed. Files are never changed in place, so what is mapped stays as it is. */
SEK_MUST_USE SekStatus sek_cache_map(const char *folder, const char *name, uintptr_t wish, SekMapped *out);

/* Writes the file in one step: whoever reads at the same time sees the old one or the new one, whole. The
 * folder is made when it is missing. Names are "rules-...": others are left alone when old ones are
 * removed. SEK_OK, or SEK_ERR_IO: then nothing has changed. */
SekStatus sek_cache_write(const char *folder, const char *name, SekStr bytes);
