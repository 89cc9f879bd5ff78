/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/archive_lib.h"

#include "base/library.h"

SekStatus sek_archive_lib(SekArchiveLib *out, SekError *err) {
#define NAME(f) {"archive_" #f, offsetof(SekArchiveLib, f)},
    static const SekLibraryName names[] = {SEK_ARCHIVE_FUNCTIONS(NAME)};
#undef NAME
    return sek_library_open(SEK_ARCHIVE_SONAME, names, sizeof names / sizeof *names, out, err);
}
