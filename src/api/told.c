/* SPDX-License-Identifier: Apache-2.0 */
#include "api/told.h"

#include "base/json_text.h"

#define LINE_MAX_BYTES (1u << 20)

typedef struct Teller {
    void (*problem)(void *user, const char *line);
    void *user;
} Teller;

static void tell(const Teller *to, SekStr path, const char *what, const SekDamage *damage) {
    SekBuf line;
    sek_buf_init(&line, LINE_MAX_BYTES);
    sek_quote_line(&line, path);
    sek_buf_addf(&line, ": %s", what);
    if (damage)
        sek_buf_addf(&line, " at offset %ju", (uintmax_t)damage->offset);
    if (damage && damage->example[0]) {
        sek_buf_adds(&line, ": ");
        sek_quote_line(&line, sek_str(damage->example));
    }
    sek_buf_addc(&line, '\0');
    if (!line.failed)
        to->problem(to->user, line.data);
    sek_buf_deinit(&line);
}

static void tell_file(const Teller *to, const SekFileEntry *f) {
    if (f->status == SEK_FILE_SKIPPED)
        tell(to, f->path, f->reason.ptr, NULL);
    for (uint32_t i = 0; i < f->n_damages; i++)
        tell(to, f->path, f->damages[i].what, &f->damages[i]);
    if (f->n_more_damages)
        tell(to, f->path, "more damages than are listed", NULL);
}

void sek_tell_problems(const SekLedger *ledger, void (*problem)(void *user, const char *line), void *user) {
    Teller to = {problem, user};
    for (uint32_t i = 0; problem && i < ledger->n_files; i++)
        tell_file(&to, ledger->files[i]);
}

void sek_tell_totals(const SekLedger *ledger, SekSummary *out) {
    if (!out)
        return;
    *out = (SekSummary){0};
    for (uint32_t i = 0; i < ledger->n_files; i++)
        sek_ledger_sum(ledger->files[i], out);
}
