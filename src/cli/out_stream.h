/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A stream onto a new regular file that is written once, from its beginning to its end, and may become large: written
 * in blocks that begin where the file system's own do, and its blocks are reserved some at once, ahead of what is
 * written (what is reserved too much is given back at the end). Both are cheaper for the system; where reserving is not
 * possible it is left. */

#include <stdio.h>

/* Takes over `fd`, which fclose closes; NULL with errno when that fails, then `fd` stays open. */
FILE *sek_out_stream(int fd);
