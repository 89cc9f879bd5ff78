/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run_file.h"

#include <stdlib.h>

#define STAGED_BYTES (256u * 1024u) /* written at once */

static SekStatus write_staged(SekRunWriter *w, SekError *err) {
    const SekRuns *runs = w->runs;
    if (w->staged->failed)
        return SEK_ERR_MEMORY;
    SekStatus status = runs->spill->write(runs->store, w->offset, w->staged->data, w->staged->len, err);
    w->offset += w->staged->len;
    sek_buf_clear(w->staged);
    return status;
}

SekStatus sek_run_write(SekRunWriter *w, const SekHitKey *key, SekStr bytes, SekError *err) {
    SekRunHead head = {.key = *key, .len = (uint32_t)bytes.len};
    if (w->staged->len && w->staged->len + sizeof head + bytes.len > STAGED_BYTES) {
        SekStatus status = write_staged(w, err);
        if (status != SEK_OK)
            return status;
    }
    sek_buf_add(w->staged, &head, sizeof head);
    if (bytes.len <= STAGED_BYTES) {
        sek_buf_add_str(w->staged, bytes);
        return w->staged->failed ? SEK_ERR_MEMORY : SEK_OK;
    }
    SekStatus status = write_staged(w, err);
    if (status == SEK_OK)
        status = w->runs->spill->write(w->runs->store, w->offset, bytes.ptr, bytes.len, err);
    w->offset += bytes.len;
    return status;
}

SekStatus sek_run_write_end(SekRunWriter *w, SekError *err) {
    return w->staged->len || w->staged->failed ? write_staged(w, err) : SEK_OK;
}

SekStatus sek_run_read_begin(SekRunReader *r, SekRuns *runs, const SekRun *run, size_t window_bytes) {
    *r = (SekRunReader){.runs = runs, .run = run, .next = run->offset, .window_size = window_bytes};
    if (run->len == 0)
        return SEK_OK;
    r->window = malloc(window_bytes);
    return r->window ? SEK_OK : SEK_ERR_MEMORY;
}

void sek_run_read_end(SekRunReader *r) {
    free(r->window);
    r->window = NULL;
}

/* `len` bytes at `offset`, at most a window full: moves the window when they are not all in it. */
static SekStatus look(SekRunReader *r, uint64_t offset, size_t len, const uint8_t **out, SekError *err) {
    uint64_t end = r->run->offset + r->run->len;
    if (offset + len > end)
        return sek_fail(err, SEK_ERR_IO, "the temporary file does not hold what was written to it");
    if (offset < r->window_at || offset + len > r->window_at + r->window_len) {
        size_t n = end - offset < r->window_size ? (size_t)(end - offset) : r->window_size;
        SekStatus status = r->runs->spill->read(r->runs->store, offset, r->window, n, err);
        if (status != SEK_OK)
            return status;
        r->window_at = offset;
        r->window_len = n;
    }
    *out = r->window + (offset - r->window_at);
    return SEK_OK;
}

SekStatus sek_run_read_next(SekRunReader *r, SekError *err) {
    const SekRun *run = r->run;
    if (run->len == 0) {
        if (r->in_memory == run->hits.n)
            return SEK_END;
        const SekHitEntry *e = &run->hits.list[r->in_memory++];
        r->head = (SekRunHead){.key = e->key, .len = e->len};
        return SEK_OK;
    }
    if (r->next == run->offset + run->len)
        return SEK_END;
    const uint8_t *at = NULL;
    SekStatus status = look(r, r->next, sizeof r->head, &at, err);
    if (status != SEK_OK)
        return status;
    memcpy(&r->head, at, sizeof r->head);
    r->next += sizeof r->head + r->head.len;
    return SEK_OK;
}

SekStatus sek_run_read_bytes(SekRunReader *r, SekBuf *large, SekStr *out, SekError *err) {
    size_t len = r->head.len;
    if (r->run->len == 0) {
        *out = sek_str_n(r->run->hits.bytes.data + r->run->hits.list[r->in_memory - 1].at, len);
        return SEK_OK;
    }
    if (len <= r->window_size) {
        const uint8_t *at = NULL;
        SekStatus status = look(r, r->next - len, len, &at, err);
        if (status == SEK_OK)
            *out = sek_str_n((const char *)at, len);
        return status;
    }
    sek_buf_clear(large);
    char *room = sek_buf_reserve(large, len);
    if (!room)
        return SEK_ERR_MEMORY;
    SekStatus status = r->runs->spill->read(r->runs->store, r->next - len, room, len, err);
    *out = sek_str_n(room, len);
    return status;
}
