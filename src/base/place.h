/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Operating-system seam for folders that the program makes: rule sets that are installed. Nothing here
 * is ever used on evidence. place_posix.c implements it. Every `err` gets the path and the system's
 * reason. */

#include "base/buf.h"

/* Makes the folder and those above it that are missing. SEK_OK or SEK_ERR_IO. */
SEK_MUST_USE SekStatus sek_place_make(const char *folder, SekError *err);

/* Makes a new folder beside `folder`, named after it, and appends its path to `out`. SEK_OK, SEK_ERR_IO,
 * SEK_ERR_LIMIT, SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_place_beside(const char *folder, SekBuf *out, SekError *err);

/* Writes a file that must not be there yet, with the folders between `root` and it; links below `root`
 * are not followed. `inner` has no "..", no empty part and no leading slash. SEK_OK; SEK_ERR_INPUT when
 * the name is taken; SEK_ERR_IO; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_place_write(const char *root, SekStr inner, SekStr text, SekError *err);

/* Puts the finished folder `fresh` where `folder` is or shall be, in one step where the system can. What
 * was there before is then called `fresh`; `*out_replaced` says whether there was something. What was
 * written is on the disk before. SEK_OK or SEK_ERR_IO. */
SEK_MUST_USE SekStatus sek_place_swap(const char *fresh, const char *folder, bool *out_replaced, SekError *err);

/* Removes a file, and empty folders from the bottom up. What cannot be removed stays. */
void sek_place_remove_file(const char *root, SekStr inner);
void sek_place_remove_empty(const char *folder);
/* Removes a folder that sek_place_beside made, with everything in it; links are not followed. */
void sek_place_remove_all(const char *folder);

/* True when `path`, or what is nearest above it and exists, is `folder` or lies below it. */
bool sek_place_is_below(const char *path, const char *folder);
