/* SPDX-License-Identifier: Apache-2.0 */

/* Writes logon events as flat JSON lines to standard output: logon_load EVENTS GROUPS.
 *
 * One user name is a group. The groups take turns in an order without pattern; all events lie within one
 * hour. Each group has EVENTS / GROUPS events, by turns failed (4625) and good (4624) logons from one of
 * three addresses. Every 1000th group is hot: it has one event more, an explicit logon (4648) from a
 * fourth address, somewhere among the others. So correlations can be written that all events feed and that
 * exactly the hot groups make true. Synthetic, and the same for the same numbers. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define HOT_EVERY 1000u
#define TICKS 36000000000u /* of 100 ns: one hour */

static void write_event(uint64_t n, uint64_t total, uint32_t group, unsigned id, unsigned address) {
    uint64_t ticks = (uint64_t)((double)n / (double)total * (double)(TICKS - 1));
    uint64_t seconds = ticks / 10000000u;
    printf("{\"Provider_Name\":\"Microsoft-Windows-Security-Auditing\",\"EventID\":%u,\"SystemTime\":"
           "\"2022-04-26T10:%02u:%02u.%07uZ\",\"EventRecordID\":%" PRIu64 ",\"Channel\":\"Security\",\"Computer\":"
           "\"DC-1.example\",\"TargetUserName\":\"user%07u\",\"IpAddress\":\"10.%u.%u.%u\",\"LogonType\":3}\n",
           id, (unsigned)(seconds / 60), (unsigned)(seconds % 60), (unsigned)(ticks % 10000000u), n + 1, group, address,
           group / 256 % 256, group % 256);
}

int main(int argc, char **argv) {
    uint64_t events = argc == 3 ? strtoull(argv[1], NULL, 10) : 0;
    uint32_t groups = argc == 3 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
    if (groups == 0 || events < groups || events % groups != 0 || groups % 2654435761u == 0) {
        (void)fprintf(stderr, "usage: logon_load EVENTS GROUPS (EVENTS a multiple of GROUPS)\n");
        return 2;
    }
    uint64_t hot = (groups + HOT_EVERY - 1) / HOT_EVERY, total = events + hot, n = 0;
    for (uint64_t i = 0; i < events; i++) {
        uint32_t group = (uint32_t)(i % groups * 2654435761u % groups), turn = (uint32_t)(i / groups);
        write_event(n++, total, group, turn % 2 ? 4624 : 4625, turn % 3);
        if (turn == 0 && group % HOT_EVERY == 0)
            write_event(n++, total, group, 4648, 3);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
