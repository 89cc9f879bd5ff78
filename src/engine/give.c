/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/give.h"

#include "base/pool.h"
#include "engine/hit_pack.h"
#include "engine/host_names.h"

#include <stdlib.h>

#define BATCH_BYTES ((size_t)32 * 1024)  /* of packed hits; with what is made of them in a core's cache */
#define BATCH_HITS 256u                  /* as parts that they have in common take no bytes */
#define TEXT_BYTES ((size_t)256 * 1024)  /* of a sink, beyond which a thread waits for its turn */

typedef struct Shared {
    const SekGive *give;
    SekSummary *summary;
    pthread_mutex_t taking; /* guards the merge and these */
    SekMerge *merge;
    SekAlikeParts parts; /* only read */
    uint64_t taken; /* batches */
    bool ended;
    pthread_mutex_t giving; /* guards these; sinks and the summary are whose turn it is */
    pthread_cond_t given;
    uint64_t turn; /* the batch that is to be given next */
    SekStatus status;
    SekError err;
} Shared;

/* One thread's. */
typedef struct Hand {
    Shared *shared;
    const SekGive *give;
    SekSettler *settler; /* NULL when no rule asks for ancestry */
    void **pens;         /* one a sink; NULL for those that render nothing */
    SekBuf *texts;       /* likewise */
    uint64_t batch;      /* number of the one in hand, which is: */
    SekBuf bytes;
    SekHitEntry entries[BATCH_HITS];
    uint32_t n;
    SekHit *hits;    /* as many */
    uint32_t n_hits; /* ready to be given */
    SekArena arena;
    SekStr computer, host; /* of the last hit in hand: events come in bursts */
    bool in_turn;
    SekStatus status; /* how the batch went, after those hits */
    SekError err;
} Hand;

/* --- taking ------------------------------------------------------------------------------------- */

static SekStatus add(Hand *h, const SekHitKey *key, SekStr bytes) {
    h->entries[h->n++] = (SekHitEntry){.key = *key, .at = h->bytes.len, .len = (uint32_t)bytes.len};
    sek_buf_add_str(&h->bytes, bytes);
    return h->bytes.failed ? SEK_ERR_MEMORY : SEK_OK;
}

/* Takes the next batch; false when there is none. One that ends with an error gives what came before it. */
static bool take(Hand *h) {
    Shared *s = h->shared;
    SekStatus status = SEK_OK;
    sek_buf_clear(&h->bytes);
    h->n = 0;
    pthread_mutex_lock(&s->taking);
    bool more = !s->ended;
    while (more && status == SEK_OK && h->bytes.len < BATCH_BYTES && h->n < BATCH_HITS) {
        SekHitKey key;
        SekStr bytes;
        status = sek_merge_next(s->merge, &key, &bytes, &h->err);
        if (status == SEK_OK)
            status = add(h, &key, bytes);
    }
    s->ended = !more || status != SEK_OK;
    h->batch = s->taken;
    s->taken += more;
    pthread_mutex_unlock(&s->taking);
    h->status = status == SEK_END ? SEK_OK : status;
    return more;
}

/* --- turns -------------------------------------------------------------------------------------- */

static void fail(Shared *s, SekStatus status, const SekError *err) {
    pthread_mutex_lock(&s->giving);
    if (s->status == SEK_OK) {
        s->status = status;
        s->err = *err;
        s->err.code = status;
    }
    pthread_mutex_unlock(&s->giving);
    pthread_mutex_lock(&s->taking);
    s->ended = true;
    pthread_mutex_unlock(&s->taking);
}

/* Waits until what comes before was given. What went wrong there ends this batch too. */
static void wait_turn(Hand *h) {
    Shared *s = h->shared;
    if (h->in_turn)
        return;
    pthread_mutex_lock(&s->giving);
    while (s->turn != h->batch)
        pthread_cond_wait(&s->given, &s->giving);
    if (s->status != SEK_OK) {
        h->status = s->status;
        h->n_hits = 0;
    }
    pthread_mutex_unlock(&s->giving);
    h->in_turn = true;
}

static void end_turn(Hand *h) {
    Shared *s = h->shared;
    if (h->status != SEK_OK)
        fail(s, h->status, &h->err); /* the first to fail is the one that is told */
    pthread_mutex_lock(&s->giving);
    s->turn++;
    pthread_cond_broadcast(&s->given);
    pthread_mutex_unlock(&s->giving);
    h->in_turn = false;
}

/* --- rendering ---------------------------------------------------------------------------------- */

static SekFinding finding_of(const Hand *h, const SekHit *hit, uint32_t i) {
    const SekHitRule *rule = &hit->rules[i];
    return (SekFinding){.rule = &h->give->rules->infos[rule->rule], .rule_index = rule->rule,
                        .event = &hit->event, .matched = rule->matched, .n_matched = rule->n_matched,
                        .by_lineage = rule->pending, .correlation = rule->correlation, .layer = rule->layer,
                        .decoded = rule->decoded, .script = rule->script};
}

static SekStatus unpack(Hand *h, const SekHitEntry *entry, SekHit *hit) {
    const SekGive *give = h->give;
    SekUnpacking with = {give->rules, &h->shared->parts};
    SekStatus status = sek_unpack_hit(sek_str_n(h->bytes.data + entry->at, entry->len), &with, &h->arena, hit);
    if (status == SEK_ERR_IO)
        return sek_fail(&h->err, status, "the temporary file does not hold what was written to it");
    hit->key = entry->key;
    hit->event.time = entry->key.time;
    if (h->settler && status == SEK_OK)
        status = sek_settle_hit(h->settler, &h->arena, hit);
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

static SekStatus write_text(Hand *h, size_t sink) {
    SekBuf *text = &h->texts[sink];
    const SekSink *to = h->give->sinks[sink];
    SekStatus status = text->len ? to->rendering->write(to->self, sek_buf_str(text), &h->err) : SEK_OK;
    sek_buf_clear(text);
    return status;
}

static SekStatus render_for(Hand *h, size_t sink, const SekFinding *finding, const SekSame *same) {
    SekBuf *text = &h->texts[sink];
    size_t whole = text->len;
    SekStatus status = h->give->sinks[sink]->rendering->render(h->pens[sink], finding, same, text);
    if (text->failed || status != SEK_OK)
        text->len = whole; /* no half a line */
    if (text->failed)
        return sek_fail(&h->err, text->failed, "a line of output is larger than %u bytes", SEK_LINE_MAX);
    if (status != SEK_OK || text->len < TEXT_BYTES)
        return status;
    wait_turn(h);
    return h->status == SEK_OK ? write_text(h, sink) : h->status;
}

static SekStatus render(Hand *h, const SekHit *hit) {
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < hit->n_rules && status == SEK_OK; i++) {
        SekFinding finding = finding_of(h, hit, i);
        SekSame same = {hit->alike, hit->rules[i].alike};
        for (size_t s = 0; s < h->give->n_sinks && status == SEK_OK; s++)
            if (h->give->sinks[s]->rendering)
                status = render_for(h, s, &finding, &same);
    }
    return status;
}

/* Makes of the batch what is to be given. */
static void prepare(Hand *h) {
    SekStatus status = SEK_OK;
    sek_arena_reset(&h->arena);
    h->n_hits = 0;
    h->computer = h->host = (SekStr){0};
    for (uint32_t i = 0; i < h->n && status == SEK_OK; i++) {
        SekHit *hit = &h->hits[h->n_hits];
        status = unpack(h, &h->entries[i], hit);
        if (status != SEK_OK || hit->n_rules == 0)
            continue;
        h->n_hits++;
        status = render(h, hit);
    }
    if (status != SEK_OK)
        h->status = status;
}

/* --- giving ------------------------------------------------------------------------------------- */

static SekStatus give_hit(const Hand *h, SekHit *hit, SekError *err) {
    const SekGive *give = h->give;
    SekSummary *summary = h->shared->summary;
    SekStatus status = SEK_OK;
    hit->event.index = (size_t)summary->events_with_findings++;
    for (uint32_t i = 0; i < hit->n_rules && status == SEK_OK; i++) {
        SekFinding finding = finding_of(h, hit, i);
        summary->findings++;
        summary->by_level[finding.rule->level]++;
        for (size_t s = 0; s < give->n_sinks && status == SEK_OK; s++)
            if (!give->sinks[s]->rendering)
                status = give->sinks[s]->finding(give->sinks[s]->self, &finding, err);
    }
    return status;
}

static void give_batch(Hand *h) {
    SekStatus status = SEK_OK;
    wait_turn(h);
    for (uint32_t i = 0; i < h->n_hits && status == SEK_OK; i++)
        status = give_hit(h, &h->hits[i], &h->err);
    for (size_t s = 0; s < h->give->n_sinks && status == SEK_OK; s++)
        if (h->give->sinks[s]->rendering && h->n_hits)
            status = write_text(h, s);
    if (status != SEK_OK)
        h->status = status;
    end_turn(h);
}

/* --- threads ------------------------------------------------------------------------------------ */

static SekStatus open_hand(Hand *h, Shared *shared) {
    const SekGive *give = shared->give;
    *h = (Hand){.shared = shared, .give = give};
    sek_buf_init(&h->bytes, SIZE_MAX / 4);
    sek_arena_init(&h->arena, 0);
    h->pens = calloc(give->n_sinks + 1, sizeof *h->pens);
    h->texts = calloc(give->n_sinks + 1, sizeof *h->texts);
    h->hits = malloc(BATCH_HITS * sizeof *h->hits);
    if (!h->pens || !h->texts || !h->hits)
        return SEK_ERR_MEMORY;
    SekStatus status = give->lineage ? sek_settler_new(give->rules, give->lineage, &h->settler) : SEK_OK;
    for (size_t s = 0; s < give->n_sinks && status == SEK_OK; s++) {
        sek_buf_init(&h->texts[s], SEK_LINE_MAX);
        if (give->sinks[s]->rendering)
            status = give->sinks[s]->rendering->pen_new(give->sinks[s]->self, &h->pens[s]);
    }
    return status;
}

static void close_hand(Hand *h) {
    const SekGive *give = h->give;
    if (h->settler) {
        pthread_mutex_lock(&h->shared->giving);
        give->settled(give->user, h->settler);
        pthread_mutex_unlock(&h->shared->giving);
    }
    for (size_t s = 0; s < give->n_sinks; s++) {
        if (h->pens && h->pens[s])
            give->sinks[s]->rendering->pen_free(h->pens[s]);
        if (h->texts)
            sek_buf_deinit(&h->texts[s]);
    }
    sek_settler_free(h->settler);
    free(h->pens);
    free(h->texts);
    free(h->hits);
    sek_buf_deinit(&h->bytes);
    sek_arena_deinit(&h->arena);
}

static void work(void *user, unsigned index) {
    (void)index;
    Shared *shared = user;
    Hand h;
    SekStatus status = open_hand(&h, shared);
    if (status != SEK_OK)
        fail(shared, status, &h.err);
    while (status == SEK_OK && take(&h)) {
        prepare(&h);
        give_batch(&h);
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

SekStatus sek_give(const SekGive *give, SekSummary *summary, SekError *err) {
    Shared shared = {.give = give, .summary = summary};
    SekStatus status = sek_alike_parts_read(&shared.parts, give->runs->alike, give->runs->n_alike, give->rules);
    if (status == SEK_OK)
        status = sek_merge_new(give->runs, give->rank, &shared.merge, err);
    if (status != SEK_OK) {
        sek_alike_parts_deinit(&shared.parts);
        return status;
    }
    pthread_mutex_init(&shared.taking, NULL);
    pthread_mutex_init(&shared.giving, NULL);
    pthread_cond_init(&shared.given, NULL);
    sek_pool_run(threads_for(give), work, &shared, NULL);
    pthread_cond_destroy(&shared.given);
    pthread_mutex_destroy(&shared.giving);
    pthread_mutex_destroy(&shared.taking);
    sek_merge_free(shared.merge);
    sek_alike_parts_deinit(&shared.parts);
    if (shared.status != SEK_OK)
        *err = shared.err;
    return shared.status;
}
