/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What an event tells of processes: which one it is about, and facts for lineage. Where each field stands
 * is worked out once per shape. One reader belongs to one thread. */

#include "event/event.h"
#include "lineage/lineage.h"

/* Bytes of a command line or path that lineage keeps; Windows' own limit is 32,767 characters. */
#define SEK_PROCESS_TEXT_MAX (96u * 1024u)

typedef struct SekProcessReader SekProcessReader;

SEK_MUST_USE SekStatus sek_process_reader_new(SekProcessReader **out);
void sek_process_reader_free(SekProcessReader *reader);

/* Adds to `log` what the event tells, if it is one of those that tell something. SEK_OK or
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_process_note(SekProcessReader *reader, const SekEvent *event, uint32_t file,
                                        SekLineageLog *log);

/* The process that the event is about: the new one of a start, the one that acted of others (of Sysmon's
 * process access and remote thread the source), the one that runs the script of PowerShell's 4103 and
 * 4104. SEK_OK, valid until the next call; SEK_NOT_FOUND; SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_process_of(SekProcessReader *reader, const SekEvent *event, SekProcessKey *out);
