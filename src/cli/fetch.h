/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Fetching a rule package from the network: by the system's curl, which is run without a shell. This is
 * the only place where the program reaches for the network, and only `rules update` calls it. */

#include "cli/options.h"

#define SEK_FETCH_MAX_BYTES (256u * 1024u * 1024u)
#define SEK_FETCH_SECONDS 600

/* True for what has a scheme: `https://...`. */
bool sek_is_url(const char *text);

/* Fetches `url` into a new file whose path is given (unlink and free it). Only https, unless `http` is
 * allowed. SEK_EXIT_DONE; SEK_EXIT_USAGE with a message: a URL that is refused, no curl, what curl says;
 * SEK_EXIT_FATAL. */
int sek_fetch(const char *command, const char *url, bool http, char **out_path);
