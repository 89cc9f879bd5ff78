/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/crew.h"

#include "base/file.h"
#include "base/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* How much a file holds; what a text gave lies between two of these. */
typedef struct Extent {
    uint32_t rules, filters, diags, unheard;
} Extent;

typedef struct Text {
    size_t source, source_len, yaml, yaml_len; /* in the batch's bytes; the source of a file ends in NUL */
    bool is_file; /* whose text is not here */
    Extent from, to;
    SekStatus status;
} Text;

/* Texts that one thread reads. */
typedef struct Batch {
    struct Batch *next;
    SekBuf bytes;
    Text texts[SEK_RULE_CREW_TEXTS];
    uint32_t n;
    SekRuleFile *by; /* of the thread that read it */
    bool done;
} Batch;

struct SekRuleCrew {
    SekRuleFile *file;
    SekRuleFile workers[SEK_RULE_CREW_MAX];
    SekBuf texts[SEK_RULE_CREW_MAX]; /* of the files that they read */
    unsigned threads;
    SekRuleProduce produce;
    void *user;
    SekStatus produced;
    atomic_bool unreadable;
    Batch *open; /* being filled; NULL = none yet */
    pthread_mutex_t lock; /* guards everything below, and which batches are done */
    pthread_cond_t more, less; /* something waits or all is over; a batch is done */
    Batch *first, *last, *waiting; /* in order; from `waiting` on nobody has taken them */
    uint32_t n_waiting;
    bool over;
};

SekStatus sek_rule_crew_new(SekRuleFile *file, unsigned threads, SekRuleCrew **out) {
    SekRuleCrew *crew = calloc(1, sizeof *crew);
    if (!crew)
        return SEK_ERR_MEMORY;
    crew->file = file;
    crew->threads = threads < 1 ? 1 : threads < SEK_RULE_CREW_MAX ? threads : SEK_RULE_CREW_MAX;
    for (unsigned i = 0; i < crew->threads; i++) {
        sek_rulefile_init(&crew->workers[i]);
        crew->workers[i].arena.limit = file->arena.limit;
        crew->workers[i].options = file->options;
        sek_buf_init(&crew->texts[i], SEK_RULE_MAX_FILE);
    }
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->more, NULL);
    pthread_cond_init(&crew->less, NULL);
    *out = crew;
    return SEK_OK;
}

static void free_batch(Batch *batch) {
    if (batch)
        sek_buf_deinit(&batch->bytes);
    free(batch);
}

static void free_batches(SekRuleCrew *crew) {
    while (crew->first) {
        Batch *next = crew->first->next;
        free_batch(crew->first);
        crew->first = next;
    }
    crew->last = crew->waiting = NULL;
    crew->n_waiting = 0;
}

void sek_rule_crew_free(SekRuleCrew *crew) {
    if (!crew)
        return;
    for (unsigned i = 0; i < crew->threads; i++) {
        sek_arena_adopt(&crew->file->arena, &crew->workers[i].arena);
        sek_buf_deinit(&crew->texts[i]);
    }
    free_batch(crew->open);
    free_batches(crew);
    pthread_mutex_destroy(&crew->lock);
    pthread_cond_destroy(&crew->more);
    pthread_cond_destroy(&crew->less);
    free(crew);
}

bool sek_rule_crew_read_all(const SekRuleCrew *crew) {
    return !atomic_load(&crew->unreadable);
}

static Extent extent_of(const SekRuleFile *file) {
    return (Extent){file->n_rules, file->n_filters, file->n_diags, file->n_unheard};
}

/* --- reading ------------------------------------------------------------------------------- */

static SekStatus note_unreadable(SekRuleFile *file, SekStr source, const char *why) {
    SekDiag *diag = sek_rulefile_new_diag(file);
    SekStr name = sek_arena_dup(&file->arena, source), text = sek_arena_dup(&file->arena, sek_str(why));
    if (!diag || !name.ptr || !text.ptr)
        return SEK_ERR_MEMORY;
    *diag = (SekDiag){.kind = SEK_DIAG_ERROR, .code = "unreadable", .source = name, .text = text};
    return SEK_OK;
}

static SekStatus read_file(SekRuleCrew *crew, unsigned index, SekRuleFile *file, const char *path) {
    SekError err = {0};
    SekBuf *text = &crew->texts[index];
    sek_buf_clear(text);
    SekStatus status = sek_file_slurp(path, text, &err);
    if (status == SEK_OK) {
        status = sek_rules_read(file, sek_str(path), sek_buf_str(text));
    } else if (status != SEK_ERR_MEMORY) {
        atomic_store(&crew->unreadable, true);
        status = note_unreadable(file, sek_str(path), err.what);
    }
    return status;
}

static void read_batch(SekRuleCrew *crew, Batch *batch, unsigned index) {
    SekRuleFile *file = &crew->workers[index];
    const char *data = batch->bytes.data;
    batch->by = file;
    for (uint32_t i = 0; i < batch->n; i++) {
        Text *text = &batch->texts[i];
        text->from = extent_of(file);
        text->status = text->is_file ? read_file(crew, index, file, data + text->source)
                                     : sek_rules_read(file, sek_str_n(data + text->source, text->source_len),
                                                      sek_str_n(data + text->yaml, text->yaml_len));
        text->to = extent_of(file);
    }
    sek_buf_deinit(&batch->bytes);
}

/* Reads the batch that waits longest; false when none does. Called with the lock, which it gives up meanwhile. */
static bool read_next(SekRuleCrew *crew, unsigned index) {
    Batch *batch = crew->waiting;
    if (!batch)
        return false;
    crew->waiting = batch->next;
    crew->n_waiting--;
    pthread_mutex_unlock(&crew->lock);
    read_batch(crew, batch, index);
    pthread_mutex_lock(&crew->lock);
    batch->done = true;
    pthread_cond_signal(&crew->less);
    return true;
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

static SekStatus join(SekRuleFile *file, const SekRuleFile *by, const Text *text) {
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

static void begin_anew(SekRuleCrew *crew) {
    for (unsigned i = 0; i < crew->threads; i++) { /* the entries are in the file; the lists are used again */
        SekRuleFile *worker = &crew->workers[i];
        worker->n_rules = worker->n_filters = worker->n_diags = worker->n_unheard = 0;
    }
    free_batches(crew);
}

/* --- adding -------------------------------------------------------------------------------- */

/* Hands over what was gathered, and helps when too much waits. */
static void hand_over(SekRuleCrew *crew) {
    Batch *batch = crew->open;
    if (!batch)
        return;
    crew->open = NULL;
    pthread_mutex_lock(&crew->lock);
    *(crew->last ? &crew->last->next : &crew->first) = batch;
    crew->last = batch;
    if (!crew->waiting)
        crew->waiting = batch;
    crew->n_waiting++;
    pthread_cond_signal(&crew->more);
    if (crew->n_waiting > SEK_RULE_CREW_WAITING)
        read_next(crew, 0);
    pthread_mutex_unlock(&crew->lock);
}

SekStatus sek_rule_crew_flush(SekRuleCrew *crew) {
    SekStatus status = SEK_OK;
    hand_over(crew);
    pthread_mutex_lock(&crew->lock);
    while (read_next(crew, 0))
        ;
    for (const Batch *batch = crew->first; batch; batch = batch->next)
        while (!batch->done)
            pthread_cond_wait(&crew->less, &crew->lock);
    for (const Batch *batch = crew->first; batch; batch = batch->next)
        for (uint32_t i = 0; i < batch->n && status == SEK_OK; i++)
            status = join(crew->file, batch->by, &batch->texts[i]);
    begin_anew(crew);
    pthread_mutex_unlock(&crew->lock);
    return status;
}

/* Room for one more text in a batch that is not handed over yet. */
static Text *new_text(SekRuleCrew *crew) {
    if (!crew->open) {
        crew->open = calloc(1, sizeof *crew->open);
        if (!crew->open)
            return NULL;
        sek_buf_init(&crew->open->bytes, SIZE_MAX / 4);
    }
    return &crew->open->texts[crew->open->n];
}

static SekStatus add(SekRuleCrew *crew, SekStr source, SekStr yaml, bool is_file) {
    Text *text = new_text(crew);
    if (!text)
        return SEK_ERR_MEMORY;
    Batch *batch = crew->open;
    size_t at = batch->bytes.len;
    sek_buf_add_str(&batch->bytes, source);
    sek_buf_addc(&batch->bytes, '\0');
    sek_buf_add_str(&batch->bytes, yaml);
    if (batch->bytes.failed)
        return SEK_ERR_MEMORY;
    *text = (Text){.source = at, .source_len = source.len, .yaml = at + source.len + 1, .yaml_len = yaml.len,
                   .is_file = is_file};
    if (++batch->n == SEK_RULE_CREW_TEXTS || batch->bytes.len >= SEK_RULE_CREW_BYTES)
        hand_over(crew);
    return SEK_OK;
}

SekStatus sek_rule_crew_add(SekRuleCrew *crew, SekStr source, SekStr yaml) {
    return crew->threads == 1 ? sek_rules_read(crew->file, source, yaml) : add(crew, source, yaml, false);
}

SekStatus sek_rule_crew_add_file(SekRuleCrew *crew, const char *path) {
    return crew->threads == 1 ? read_file(crew, 0, crew->file, path) : add(crew, sek_str(path), SEK_STR(""), true);
}

/* --- all ----------------------------------------------------------------------------------- */

static void work(void *user, unsigned index) {
    SekRuleCrew *crew = user;
    if (index == 0) {
        crew->produced = crew->produce(crew->user);
        if (crew->produced == SEK_OK)
            crew->produced = sek_rule_crew_flush(crew);
    }
    pthread_mutex_lock(&crew->lock);
    if (index == 0) {
        crew->over = true;
        pthread_cond_broadcast(&crew->more);
    }
    while (index > 0 && (read_next(crew, index) || !crew->over))
        if (!crew->waiting && !crew->over)
            pthread_cond_wait(&crew->more, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
}

SekStatus sek_rule_crew_run(SekRuleCrew *crew, SekRuleProduce produce, void *user) {
    crew->produce = produce;
    crew->user = user;
    crew->over = false;
    sek_pool_run(crew->threads, work, crew, NULL);
    return crew->produced;
}
