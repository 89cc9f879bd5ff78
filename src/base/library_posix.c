/* SPDX-License-Identifier: Apache-2.0 */
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

SekStatus sek_library_open(const char *soname, const SekLibraryName *names, size_t n, void *table, SekError *err) {
    void *library = dlopen(soname, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
    if (!library) {
        const char *why = dlerror(); /* begins with the name */
        return sek_fail(err, SEK_NOT_FOUND, "%s", why ? why : soname);
    }
    const char *missing = NULL;
    for (size_t i = 0; i < n && !missing; i++) {
        void *function = dlsym(library, names[i].name);
        if (!function)
            missing = names[i].name;
        memcpy((char *)table + names[i].at, &function, sizeof function);
    }
    dlclose(library); /* our count of it; NODELETE keeps it */
    return missing ? sek_fail(err, SEK_NOT_FOUND, "%s has no %s", soname, missing) : SEK_OK;
}
