/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#define BAR 24

static double mega(uint64_t bytes) {
    return (double)bytes / 1e6;
}

void sek_progress_show(void *user, const SekProgress *p) {
    (void)user;
    char bar[BAR + 1];
    double part = p->bytes_total ? (double)p->bytes_done / (double)p->bytes_total : 0;
    if (part > 1)
        part = 1; /* what comes out of an archive is more than went in */
    for (int i = 0; i < BAR; i++)
        bar[i] = i < (int)(part * BAR) ? '=' : ' ';
    bar[BAR] = '\0';
    double rate = p->seconds > 0 ? (double)p->records / p->seconds : 0;
    (void)fprintf(stderr, "\r\033[K[%s] ", bar);
    if (p->bytes_total)
        (void)fprintf(stderr, "%3.0f %% of %.1f MB", part * 100, mega(p->bytes_total));
    else
        (void)fprintf(stderr, "%.1f MB", mega(p->bytes_done));
    (void)fprintf(stderr, "  %.0f records/s  %ju findings", rate, (uintmax_t)p->findings);
    if (part > 0.01) {
        unsigned left = (unsigned)(p->seconds / part * (1 - part) + 0.5);
        (void)fprintf(stderr, "  %u:%02u left", left / 60, left % 60);
    }
    (void)fflush(stderr);
}

void sek_progress_clear(void) {
    (void)fprintf(stderr, "\r\033[K");
    (void)fflush(stderr);
}
