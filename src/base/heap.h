/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Gives the system back what lies free in the heaps of all threads: when those who took most of it are done, and others
 * will take much. Where the allocator cannot be asked, nothing happens. heap_glibc.c and heap_none.c implement it. */
void sek_heap_trim(void);
