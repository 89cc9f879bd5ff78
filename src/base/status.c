/* SPDX-License-Identifier: Apache-2.0 */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

SekStatus sek_fail(SekError *err, SekStatus code, const char *fmt, ...) {
    if (!err)
        return code;
    err->code = code;
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(err->what, sizeof err->what, fmt, args); /* a cut message is still a message */
    va_end(args);
    return code;
}
