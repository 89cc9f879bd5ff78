/* SPDX-License-Identifier: Apache-2.0 */
/* The intrusion: two waves, by host. Step numbers are those of the case's description. */
#pragma once

#include "evtxgen/case_background.h"

/* Where things of the first wave are. */
#define SEK_CASE_W1_FOLDER "C:\\Users\\sales07\\AppData\\Local\\Ckninfwzsiyqxydc\\"
#define SEK_CASE_W1_FILE SEK_CASE_W1_FOLDER "ialkquzoobkioba.czi"

/* Steps 2 to 8 on PC-SALES-07; returns the process that stays and talks to the servers. */
const SekCaseProc *sek_case_wave1_entry(SekCaseHost *host, uint64_t day);
/* Step 7: contacts between the two times. */
void sek_case_wave1_contacts(SekCaseHost *host, const SekCaseProc *proc, SekCaseSpan span);
/* Steps 6, 7 and 8 again at the next logon, by Run value and task. */
void sek_case_wave1_autostart(SekCaseHost *host, uint64_t time, uint64_t until);
/* Step 8: follow-up program and its task. */
void sek_case_wave1_task(SekCaseHost *host, const SekCaseProc *proc, uint64_t time);
/* Step 9 as the client and as the server record it. */
void sek_case_wave1_spread_client(SekCaseHost *host, const SekCaseProc *proc, uint64_t time);
void sek_case_wave1_spread_server(SekCaseHost *host, uint64_t time);

/* Steps 11 and 12 on PC-ACCT-02. */
void sek_case_wave2(SekCaseHost *host, uint64_t day);
