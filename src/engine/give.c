/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/give.h"

#include "base/pool.h"
#include "engine/hit_pack.h"
#include "engine/host_names.h"

#include <stdlib.h>

#define BATCH_BYTES ((size_t)32 * 1024)  /* of packed hits; with what is made of them in a core's cache */
#define BATCH_HITS 128u                  /* as parts that they have in common take no bytes */
#define TEXT_BYTES ((size_t)256 * 1024)  /* of a sink, beyond which a thread waits for its turn */
#define SPARE_BATCHES 6u                 /* that may wait to be given, beside the one in each hand */

typedef struct Batch {
    uint64_t number;
    bool ready; /* to be given; guarded by `giving`, all else is whose hand it is in */
    SekBuf bytes;
    SekHitEntry entries[BATCH_HITS];
    uint32_t n;
    SekHit hits[BATCH_HITS];
    uint32_t n_hits; /* made of them */
    SekArena arena;
    SekBuf *texts;    /* one a sink */
    SekStatus status; /* how it went, after those hits */
    SekError err;
} Batch;

typedef struct Shared {
    const SekGive *give;
    SekSummary *summary;
    pthread_mutex_t taking; /* guards the merge and these */
    SekMerge *merge;
    SekAlikeParts parts; /* only read */
    uint64_t taken; /* batches */
    bool ended;
    pthread_mutex_t giving; /* guards these; taken after `taking`, if both are */
    pthread_cond_t given, room;
    Batch *batches; /* the one with a number stands at its remainder */
    unsigned n_batches;
    uint64_t turn;    /* the batch that is to be given next */
    uint64_t room_at; /* the turn that is waited for by the thread that takes; 0 = none is */
    bool is_giving; /* a thread has the sinks and the summary, and gives what is ready in turn */
    SekStatus status;
    SekError err;
} Shared;

/* One thread's. */
typedef struct Hand {
    Shared *shared;
    const SekGive *give;
    SekSettler *settler; /* NULL when no rule asks for ancestry */
    void **pens;         /* one a sink; NULL for those that render nothing */
    Batch *batch;        /* in hand */
    SekStr computer, host; /* of the last hit in hand: events come in bursts */
    bool in_turn;
} Hand;

/* --- taking ------------------------------------------------------------------------------------- */

static SekStatus add(Batch *b, const SekHitKey *key, SekStr bytes) {
    b->entries[b->n++] = (SekHitEntry){.key = *key, .at = b->bytes.len, .len = (uint32_t)bytes.len};
    sek_buf_add_str(&b->bytes, bytes);
    return b->bytes.failed ? SEK_ERR_MEMORY : SEK_OK;
}

/* Where the next batch goes. When all places are taken it waits for half of them, not to wait again for each. NULL
 * after an error. */
static Batch *next_place(Shared *s) {
    pthread_mutex_lock(&s->giving);
    if (s->taken - s->turn >= s->n_batches)
        s->room_at = s->taken - s->n_batches / 2;
    while (s->status == SEK_OK && s->turn < s->room_at)
        pthread_cond_wait(&s->room, &s->giving);
    Batch *b = s->status == SEK_OK ? &s->batches[s->taken % s->n_batches] : NULL;
    pthread_mutex_unlock(&s->giving);
    return b;
}

/* Takes the next batch; false when there is none. One that ends with an error gives what came before it. */
static bool take(Hand *h) {
    Shared *s = h->shared;
    SekStatus status = SEK_OK;
    pthread_mutex_lock(&s->taking);
    Batch *b = s->ended ? NULL : next_place(s);
    if (b) {
        b->number = s->taken++;
        b->n = 0;
        sek_buf_clear(&b->bytes);
    }
    while (b && status == SEK_OK && b->bytes.len < BATCH_BYTES && b->n < BATCH_HITS) {
        SekHitKey key;
        SekStr bytes;
        status = sek_merge_next(s->merge, &key, &bytes, &b->err);
        if (status == SEK_OK)
            status = add(b, &key, bytes);
    }
    s->ended = !b || status != SEK_OK;
    pthread_mutex_unlock(&s->taking);
    if (b)
        b->status = status == SEK_END ? SEK_OK : status;
    h->batch = b;
    return b != NULL;
}

/* --- turns -------------------------------------------------------------------------------------- */

static void fail(Shared *s, SekStatus status, const SekError *err) {
    pthread_mutex_lock(&s->giving);
    if (s->status == SEK_OK) {
        s->status = status;
        s->err = *err;
        s->err.code = status;
    }
    pthread_cond_signal(&s->room);
    pthread_mutex_unlock(&s->giving);
}

/* What went wrong before it ends this batch too. */
static void follow(const Shared *s, Batch *b) {
    if (s->status == SEK_OK)
        return;
    b->status = s->status;
    b->n_hits = 0;
}

/* Waits until what comes before was given. */
static void wait_turn(Hand *h) {
    Shared *s = h->shared;
    if (h->in_turn)
        return;
    pthread_mutex_lock(&s->giving);
    while (s->turn != h->batch->number || s->is_giving)
        pthread_cond_wait(&s->given, &s->giving);
    s->is_giving = true;
    follow(s, h->batch);
    pthread_mutex_unlock(&s->giving);
    h->in_turn = true;
}

/* --- rendering ---------------------------------------------------------------------------------- */

static SekFinding finding_of(const SekGive *give, const SekHit *hit, uint32_t i) {
    const SekHitRule *rule = &hit->rules[i];
    return (SekFinding){.rule = &give->rules->infos[rule->rule], .rule_index = rule->rule,
                        .event = &hit->event, .matched = rule->matched, .n_matched = rule->n_matched,
                        .by_lineage = rule->pending, .correlation = rule->correlation, .layer = rule->layer,
                        .decoded = rule->decoded, .script = rule->script};
}

static SekStatus unpack(Hand *h, const SekHitEntry *entry, SekHit *hit) {
    const SekGive *give = h->give;
    SekUnpacking with = {give->rules, &h->shared->parts};
    Batch *b = h->batch;
    SekStatus status = sek_unpack_hit(sek_str_n(b->bytes.data + entry->at, entry->len), &with, &b->arena, hit);
    if (status == SEK_ERR_IO)
        return sek_fail(&b->err, status, "the temporary file does not hold what was written to it");
    hit->key = entry->key;
    hit->event.time = entry->key.time;
    if (h->settler && status == SEK_OK)
        status = sek_settle_hit(h->settler, &b->arena, hit);
    if (status != SEK_OK)
        return status;
    if (!h->host.ptr || !sek_str_eq(h->computer, hit->event.computer))
        h->host = sek_host_called(give->hosts, hit->event.computer);
    h->computer = hit->event.computer;
    hit->event.host = h->host;
    hit->event.file_index = give->rank[entry->key.file];
    hit->event.file = give->ledger->files[entry->key.file]->path;
    return SEK_OK;
}

static SekStatus write_text(const SekGive *give, Batch *b, size_t sink) {
    SekBuf *text = &b->texts[sink];
    const SekSink *to = give->sinks[sink];
    SekStatus status = text->len ? to->rendering->write(to->self, sek_buf_str(text), &b->err) : SEK_OK;
    sek_buf_clear(text);
    return status;
}

static SekStatus render_for(Hand *h, size_t sink, const SekFinding *finding, const SekSame *same) {
    Batch *b = h->batch;
    SekBuf *text = &b->texts[sink];
    size_t whole = text->len;
    SekStatus status = h->give->sinks[sink]->rendering->render(h->pens[sink], finding, same, text);
    if (text->failed || status != SEK_OK)
        text->len = whole; /* no half a line */
    if (text->failed)
        return sek_fail(&b->err, text->failed, "a line of output is larger than %u bytes", SEK_LINE_MAX);
    if (status != SEK_OK || text->len < TEXT_BYTES)
        return status;
    wait_turn(h);
    return b->status == SEK_OK ? write_text(h->give, b, sink) : b->status;
}

static SekStatus render(Hand *h, const SekHit *hit) {
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < hit->n_rules && status == SEK_OK; i++) {
        SekFinding finding = finding_of(h->give, hit, i);
        SekSame same = {hit->alike, hit->rules[i].alike};
        for (size_t s = 0; s < h->give->n_sinks && status == SEK_OK; s++)
            if (h->give->sinks[s]->rendering)
                status = render_for(h, s, &finding, &same);
    }
    return status;
}

/* Makes of the batch what is to be given. */
static void prepare(Hand *h) {
    Batch *b = h->batch;
    SekStatus status = SEK_OK;
    sek_arena_reset(&b->arena);
    b->n_hits = 0;
    h->computer = h->host = (SekStr){0};
    for (uint32_t i = 0; i < b->n && status == SEK_OK; i++) {
        SekHit *hit = &b->hits[b->n_hits];
        status = unpack(h, &b->entries[i], hit);
        if (status != SEK_OK || hit->n_rules == 0)
            continue;
        b->n_hits++;
        status = render(h, hit);
    }
    if (status != SEK_OK)
        b->status = status;
}

/* --- giving ------------------------------------------------------------------------------------- */

static SekStatus give_hit(const Shared *s, SekHit *hit, SekError *err) {
    const SekGive *give = s->give;
    SekSummary *summary = s->summary;
    SekStatus status = SEK_OK;
    hit->event.index = (size_t)summary->events_with_findings++;
    for (uint32_t i = 0; i < hit->n_rules && status == SEK_OK; i++) {
        SekFinding finding = finding_of(give, hit, i);
        summary->findings++;
        summary->by_level[finding.rule->level]++;
        for (size_t k = 0; k < give->n_sinks && status == SEK_OK; k++)
            if (!give->sinks[k]->rendering)
                status = give->sinks[k]->finding(give->sinks[k]->self, &finding, err);
    }
    return status;
}

static void give_batch(const Shared *s, Batch *b) {
    const SekGive *give = s->give;
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < b->n_hits && status == SEK_OK; i++)
        status = give_hit(s, &b->hits[i], &b->err);
    for (size_t k = 0; k < give->n_sinks; k++)
        if (give->sinks[k]->rendering && b->n_hits && status == SEK_OK)
            status = write_text(give, b, k);
        else
            sek_buf_clear(&b->texts[k]);
    if (status != SEK_OK)
        b->status = status;
}

/* The batch whose turn it is; NULL when it is not ready. */
static Batch *next_ready(const Shared *s) {
    Batch *b = &s->batches[s->turn % s->n_batches];
    return b->ready && b->number == s->turn ? b : NULL;
}

/* Gives what is in hand and whatever is ready behind it; if it is not its turn, that is left to the thread that gives
 * what comes before. */
static void put(Hand *h) {
    Shared *s = h->shared;
    pthread_mutex_lock(&s->giving);
    h->batch->ready = true;
    Batch *b = h->in_turn || !s->is_giving ? next_ready(s) : NULL;
    s->is_giving = s->is_giving || b;
    bool gives = b != NULL;
    while (b) {
        follow(s, b);
        pthread_mutex_unlock(&s->giving);
        give_batch(s, b);
        if (b->status != SEK_OK)
            fail(s, b->status, &b->err); /* the first to fail is the one that is told */
        pthread_mutex_lock(&s->giving);
        b->ready = false;
        if (++s->turn == s->room_at)
            pthread_cond_signal(&s->room);
        b = next_ready(s);
    }
    if (gives) {
        s->is_giving = false;
        pthread_cond_broadcast(&s->given);
    }
    pthread_mutex_unlock(&s->giving);
    h->in_turn = false;
}

/* --- threads ------------------------------------------------------------------------------------ */

static SekStatus open_hand(Hand *h, Shared *shared) {
    const SekGive *give = shared->give;
    *h = (Hand){.shared = shared, .give = give};
    h->pens = calloc(give->n_sinks + 1, sizeof *h->pens);
    SekStatus status = h->pens ? SEK_OK : SEK_ERR_MEMORY;
    if (status == SEK_OK && give->lineage)
        status = sek_settler_new(give->rules, give->lineage, &h->settler);
    for (size_t s = 0; s < give->n_sinks && status == SEK_OK; s++)
        if (give->sinks[s]->rendering)
            status = give->sinks[s]->rendering->pen_new(give->sinks[s]->self, &h->pens[s]);
    return status;
}

static void close_hand(Hand *h) {
    const SekGive *give = h->give;
    if (h->settler) {
        pthread_mutex_lock(&h->shared->giving);
        give->settled(give->user, h->settler);
        pthread_mutex_unlock(&h->shared->giving);
    }
    for (size_t s = 0; h->pens && s < give->n_sinks; s++)
        if (h->pens[s])
            give->sinks[s]->rendering->pen_free(h->pens[s]);
    sek_settler_free(h->settler);
    free(h->pens);
}

static void work(void *user, unsigned index) {
    (void)index;
    Shared *shared = user;
    Hand h;
    SekStatus status = open_hand(&h, shared);
    if (status != SEK_OK)
        fail(shared, status, &(SekError){0});
    while (status == SEK_OK && take(&h)) {
        prepare(&h);
        put(&h);
    }
    close_hand(&h);
}

/* No more threads than there are batches, or than sinks allow. */
static unsigned threads_for(const SekGive *give) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < give->runs->n; i++)
        bytes += give->runs->list[i].len + give->runs->list[i].hits.bytes.len;
    for (size_t s = 0; s < give->n_sinks; s++)
        if (give->sinks[s]->wants & SEK_WANT_CALLER)
            return 1;
    return bytes / BATCH_BYTES < give->threads ? (unsigned)(bytes / BATCH_BYTES) + 1 : give->threads;
}

static SekStatus new_batches(Shared *s, unsigned n) {
    size_t n_sinks = s->give->n_sinks;
    s->batches = calloc(n, sizeof *s->batches);
    if (!s->batches)
        return SEK_ERR_MEMORY;
    for (s->n_batches = 0; s->n_batches < n; s->n_batches++) {
        Batch *b = &s->batches[s->n_batches];
        b->texts = calloc(n_sinks + 1, sizeof *b->texts);
        if (!b->texts)
            return SEK_ERR_MEMORY;
        sek_buf_init(&b->bytes, SIZE_MAX / 4);
        sek_arena_init(&b->arena, 0);
        for (size_t k = 0; k < n_sinks; k++)
            sek_buf_init(&b->texts[k], SEK_LINE_MAX);
    }
    return SEK_OK;
}

static void free_batches(Shared *s) {
    for (unsigned i = 0; i < s->n_batches; i++) {
        Batch *b = &s->batches[i];
        for (size_t k = 0; k < s->give->n_sinks; k++)
            sek_buf_deinit(&b->texts[k]);
        free(b->texts);
        sek_buf_deinit(&b->bytes);
        sek_arena_deinit(&b->arena);
    }
    free(s->batches);
}

SekStatus sek_give(const SekGive *give, SekSummary *summary, SekError *err) {
    Shared shared = {.give = give, .summary = summary};
    unsigned threads = threads_for(give);
    SekStatus status = sek_alike_parts_read(&shared.parts, give->runs->alike, give->runs->n_alike, give->rules);
    if (status == SEK_OK)
        status = new_batches(&shared, threads == 1 ? 1 : threads + SPARE_BATCHES);
    if (status == SEK_OK)
        status = sek_merge_new(give->runs, give->rank, &shared.merge, err);
    if (status == SEK_OK) {
        pthread_mutex_init(&shared.taking, NULL);
        pthread_mutex_init(&shared.giving, NULL);
        pthread_cond_init(&shared.given, NULL);
        pthread_cond_init(&shared.room, NULL);
        sek_pool_run(threads, work, &shared, NULL);
        pthread_cond_destroy(&shared.room);
        pthread_cond_destroy(&shared.given);
        pthread_mutex_destroy(&shared.giving);
        pthread_mutex_destroy(&shared.taking);
        status = shared.status;
        if (status != SEK_OK)
            *err = shared.err;
    }
    sek_merge_free(shared.merge);
    free_batches(&shared);
    sek_alike_parts_deinit(&shared.parts);
    return status;
}
