/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The progress bar on standard error. */

#include "sekisho.h"

/* For SekScanOptions.progress. */
void sek_progress_show(void *user, const SekProgress *progress);
/* Removes the bar. */
void sek_progress_clear(void);
