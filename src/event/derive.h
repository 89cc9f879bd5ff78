/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Fields that an event does not hold as a rule expects them, computed from those that it holds, so
 * that one rule reads Sysmon's and Windows' own events alike. */

#include "event/event.h"

typedef enum {
    SEK_DERIVE_NONE,
    SEK_DERIVE_INTEGRITY,        /* 4688 MandatoryLabel S-1-16-12288 -> High */
    SEK_DERIVE_USER,             /* SubjectDomainName \ SubjectUserName */
    SEK_DERIVE_DEVICE_PATH,      /* 5156 \device\harddiskvolume3\x -> C:\x (the letter is not logged) */
    SEK_DERIVE_DIRECTION,        /* 5156 %%14593 outbound -> true, %%14592 inbound -> false */
    SEK_DERIVE_PROTOCOL,         /* 5156 6 -> tcp, 17 -> udp */
    SEK_DERIVE_REGISTRY_OBJECT,  /* 4657 \REGISTRY\MACHINE\k + value name -> HKLM\k\v */
    SEK_DERIVE_REGISTRY_DETAILS, /* 4657 new value in Sysmon's notation: DWORD (0x00000000) */
    SEK_DERIVE_REGISTRY_TYPE,    /* 4657 OperationType -> SetValue, DeleteValue */
} SekDerive;

/* Names of all fields that the value is computed from, NULL at the end. */
const char *const *sek_derive_sources(SekDerive derive);

/* Sigma's name of what is computed, by which it is shown: it is no value of a field of the event. */
const char *sek_derive_name(SekDerive derive);

/* Computes the value into the event's arena. SEK_OK, SEK_NOT_FOUND when the event lacks what it takes,
 * SEK_ERR_MEMORY. `derive` is not NONE. */
SEK_MUST_USE SekStatus sek_derive(SekDerive derive, const SekEvent *event, SekValue *out);
