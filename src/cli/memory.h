/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Asks the allocator to give large blocks back to the system as soon as they are freed. By default glibc's
 * keeps them after the first few (its threshold for blocks of their own rises with what is freed), and a
 * scan would carry what loading the rules took to its end: 12 MB with SigmaHQ's. */
void sek_memory_give_back(void);
