/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/crew.h"

#include "base/buf.h"
#include "base/pool.h"

#include <stdatomic.h>
#include <stdlib.h>

/* How much a file holds; what a text gave lies between two of these. */
typedef struct Extent {
    uint32_t rules, filters, diags, unheard;
} Extent;

typedef struct Text {
    size_t source, source_len, yaml, yaml_len; /* in `waiting` */
    SekRuleFile *by; /* of the thread that read it */
    Extent from, to;
    SekStatus status;
} Text;

struct SekRuleCrew {
    SekRuleFile *file;
    SekRuleFile workers[SEK_RULE_CREW_MAX];
    unsigned threads;
    SekBuf waiting;
    Text *texts;
    uint32_t n, cap;
    atomic_uint next;
};

SekStatus sek_rule_crew_new(SekRuleFile *file, unsigned threads, SekRuleCrew **out) {
    SekRuleCrew *crew = calloc(1, sizeof *crew);
    if (!crew)
        return SEK_ERR_MEMORY;
    crew->file = file;
    crew->threads = threads < 1 ? 1 : threads < SEK_RULE_CREW_MAX ? threads : SEK_RULE_CREW_MAX;
    sek_buf_init(&crew->waiting, SIZE_MAX / 4);
    for (unsigned i = 0; i < crew->threads; i++) {
        sek_rulefile_init(&crew->workers[i]);
        crew->workers[i].arena.limit = file->arena.limit;
        crew->workers[i].options = file->options;
    }
    *out = crew;
    return SEK_OK;
}

void sek_rule_crew_free(SekRuleCrew *crew) {
    if (!crew)
        return;
    for (unsigned i = 0; i < crew->threads; i++)
        sek_arena_adopt(&crew->file->arena, &crew->workers[i].arena);
    sek_buf_deinit(&crew->waiting);
    free(crew->texts);
    free(crew);
}

static Extent extent_of(const SekRuleFile *file) {
    return (Extent){file->n_rules, file->n_filters, file->n_diags, file->n_unheard};
}

/* --- reading ------------------------------------------------------------------------------- */

static void read_texts(void *user, unsigned index) {
    SekRuleCrew *crew = user;
    SekRuleFile *file = &crew->workers[index];
    for (uint32_t i; (i = atomic_fetch_add(&crew->next, 1)) < crew->n;) {
        Text *text = &crew->texts[i];
        const char *data = crew->waiting.data;
        text->by = file;
        text->from = extent_of(file);
        text->status = sek_rules_read(file, sek_str_n(data + text->source, text->source_len),
                                      sek_str_n(data + text->yaml, text->yaml_len));
        text->to = extent_of(file);
    }
}

/* --- joining ------------------------------------------------------------------------------- */

/* Appends `n_more` entries to a list that lives in the file's arena. */
static SekStatus append(SekArena *arena, void **list, uint32_t *n, uint32_t *cap, size_t size, const void *more,
                        uint32_t n_more) {
    if (n_more == 0)
        return SEK_OK;
    if (n_more > UINT32_MAX / 2 - *n)
        return SEK_ERR_MEMORY;
    if (*cap - *n < n_more) {
        uint32_t wanted = *n + n_more > 2 * *cap ? *n + n_more : 2 * *cap;
        void *grown = sek_arena_calloc(arena, wanted, size);
        if (!grown)
            return SEK_ERR_MEMORY;
        if (*n)
            memcpy(grown, *list, *n * size);
        *list = grown;
        *cap = wanted;
    }
    memcpy((char *)*list + *n * size, more, n_more * size);
    *n += n_more;
    return SEK_OK;
}

static SekStatus join(SekRuleFile *file, const Text *text) {
    const SekRuleFile *by = text->by;
    const Extent *from = &text->from, *to = &text->to;
    SekArena *arena = &file->arena;
    SekStatus status = append(arena, (void **)&file->rules, &file->n_rules, &file->cap_rules, sizeof *file->rules,
                              by->rules + from->rules, to->rules - from->rules);
    if (status == SEK_OK)
        status = append(arena, (void **)&file->filters, &file->n_filters, &file->cap_filters, sizeof *file->filters,
                        by->filters + from->filters, to->filters - from->filters);
    if (status == SEK_OK)
        status = append(arena, (void **)&file->diags, &file->n_diags, &file->cap_diags, sizeof *file->diags,
                        by->diags + from->diags, to->diags - from->diags);
    if (status == SEK_OK)
        status = append(arena, (void **)&file->unheard, &file->n_unheard, &file->cap_unheard, sizeof *file->unheard,
                        by->unheard + from->unheard, to->unheard - from->unheard);
    return status == SEK_OK ? text->status : status;
}

SekStatus sek_rule_crew_flush(SekRuleCrew *crew) {
    SekStatus status = SEK_OK;
    atomic_store(&crew->next, 0);
    if (crew->n)
        sek_pool_run(crew->threads < crew->n ? crew->threads : crew->n, read_texts, crew, NULL);
    for (uint32_t i = 0; i < crew->n && status == SEK_OK; i++)
        status = join(crew->file, &crew->texts[i]);
    for (unsigned i = 0; i < crew->threads; i++) { /* the entries are in the file; the lists are used again */
        SekRuleFile *worker = &crew->workers[i];
        worker->n_rules = worker->n_filters = worker->n_diags = worker->n_unheard = 0;
    }
    crew->n = 0;
    sek_buf_clear(&crew->waiting);
    return status;
}

/* --- adding -------------------------------------------------------------------------------- */

static Text *new_text(SekRuleCrew *crew) {
    if (crew->n == crew->cap) {
        uint32_t cap = crew->cap ? crew->cap * 2 : 256;
        Text *grown = realloc(crew->texts, cap * sizeof *grown);
        if (!grown)
            return NULL;
        crew->texts = grown;
        crew->cap = cap;
    }
    return &crew->texts[crew->n++];
}

SekStatus sek_rule_crew_add(SekRuleCrew *crew, SekStr source, SekStr yaml) {
    if (crew->threads == 1)
        return sek_rules_read(crew->file, source, yaml);
    size_t at = crew->waiting.len;
    sek_buf_add_str(&crew->waiting, source);
    sek_buf_add_str(&crew->waiting, yaml);
    if (crew->waiting.failed)
        return SEK_ERR_MEMORY;
    Text *text = new_text(crew);
    if (!text)
        return SEK_ERR_MEMORY;
    *text = (Text){.source = at, .source_len = source.len, .yaml = at + source.len, .yaml_len = yaml.len};
    return crew->waiting.len < SEK_RULE_CREW_BYTES ? SEK_OK : sek_rule_crew_flush(crew);
}
