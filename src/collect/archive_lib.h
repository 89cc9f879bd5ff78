/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* libarchive, opened when the first archive is met: with what it links itself (XML, Unicode tables, C++, six
 * packers) it would take half the time that the program needs to start. Only its headers are needed to
 * build. */

#include "base/status.h"

#include <archive.h>
#include <archive_entry.h>

/* Its soname in every release since 3.0 (libarchive, configure.ac: INTERFACE_VERSION), and so in Debian 12
 * and 13 and Ubuntu 24.04. */
#define SEK_ARCHIVE_SONAME "libarchive.so.13"
_Static_assert(ARCHIVE_VERSION_NUMBER >= 3000000 && ARCHIVE_VERSION_NUMBER < 4000000, "the soname is that of 3.x");

/* Its functions that are used, by their names without "archive_". */
#define SEK_ARCHIVE_FUNCTIONS(F)                                                                     \
    F(read_new) F(read_free) F(read_support_filter_gzip) F(read_support_filter_bzip2)                \
    F(read_support_filter_xz) F(read_support_filter_zstd) F(read_support_format_tar)                 \
    F(read_support_format_zip) F(read_support_format_7zip) F(read_support_format_empty)              \
    F(read_support_format_raw) F(read_set_seek_callback) F(read_open) F(read_next_header)            \
    F(read_data_block) F(read_set_option) F(read_header_position) F(filter_bytes) F(format)          \
    F(error_string) F(set_error) F(entry_filetype) F(entry_pathname)                                 \
    F(entry_pathname_utf8) F(entry_size) F(entry_size_is_set) F(entry_is_encrypted)

#define SEK_ARCHIVE_POINTER(f) __typeof__(archive_##f) *f;
typedef struct SekArchiveLib {
    SEK_ARCHIVE_FUNCTIONS(SEK_ARCHIVE_POINTER)
} SekArchiveLib;

/* SEK_OK, or SEK_NOT_FOUND when it is not installed (`err` says so). It is never closed. */
SEK_MUST_USE SekStatus sek_archive_lib(SekArchiveLib *out, SekError *err);
