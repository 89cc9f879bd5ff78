/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "collect/collect.h"

#include "base/file.h"
#include "collect/archive_stream.h"
#include "collect/sniff.h"
#include "collect/text_stream.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

/* An open log file that units refer to; closed by whoever drops the last reference. */
typedef struct Handle {
    SekFile file;
    atomic_uint refs;
} Handle;

/* A folder that the user named. */
typedef struct Root {
    char *path;
    uint32_t n_logs; /* found below it so far */
} Root;

#define NAMED UINT32_MAX

typedef struct Item {
    char *path;
    uint32_t root; /* the folder it was found in, or NAMED: given by the user */
} Item;

typedef struct Seen {
    dev_t dev;
    ino_t ino;
} Seen;

/* What next() is in the middle of. */
typedef enum { IDLE, IN_FILE, IN_PIPE, IN_ARCHIVE, IN_MEMBER } State;

struct SekCollect {
    SekLedger ledger;
    SekSource source;
    Item *items;
    size_t n_items, cap_items, at; /* at: next item to open */
    Root *roots;
    uint32_t n_roots, roots_told; /* roots_told: those that were looked at in the end */
    uint32_t root;                /* of the item being read */
    Seen *seen;
    size_t n_seen, cap_seen;
    uint64_t bytes;
    bool unknown_size;
    SekStatus failed; /* memory ran out where it could not be returned */

    State state;
    uint64_t used_end; /* where the chunks end that the EVTX header counts; 0 = not known */
    uint32_t entry;    /* ledger entry being read */
    uint64_t offset;   /* next byte of it */
    Handle *handle;    /* IN_FILE */
    SekFile stream;    /* IN_PIPE, IN_ARCHIVE, IN_MEMBER: the file that is read in sequence */
    SekArchive *archive;
    const char *archive_path;
    uint32_t archive_logs; /* members read */
    uint8_t head[SEK_SNIFF_BYTES];
    size_t n_head, head_at; /* bytes of a stream that were read to look at them */
    bool is_text;           /* what is read is not EVTX, and comes through `text` */
    SekTextForm form;       /* of the file that is looked at */
    SekTextStream text;
    SekArena kept;          /* what units point to */
};

/* --- bookkeeping --------------------------------------------------------------------------- */

static SekStatus next(void *self, SekUnit *unit, SekError *err);
static SekStatus load(void *self, SekUnit *unit, SekError *err);

SekStatus sek_collect_new(SekCollect **out) {
    SekCollect *c = calloc(1, sizeof *c);
    if (!c)
        return SEK_ERR_MEMORY;
    sek_ledger_init(&c->ledger);
    sek_arena_init(&c->kept, 0);
    c->stream.fd = -1;
    c->source = (SekSource){.self = c, .next = next, .load = load, .ledger = &c->ledger};
    *out = c;
    return SEK_OK;
}

static void drop(Handle *handle) {
    if (!handle || atomic_fetch_sub(&handle->refs, 1) != 1)
        return;
    sek_file_close(&handle->file);
    free(handle);
}

void sek_collect_free(SekCollect *c) {
    if (!c)
        return;
    for (size_t i = 0; i < c->n_items; i++)
        free(c->items[i].path);
    for (uint32_t i = 0; i < c->n_roots; i++)
        free(c->roots[i].path);
    free(c->items);
    free(c->roots);
    free(c->seen);
    drop(c->handle);
    sek_archive_close(c->archive);
    sek_file_close(&c->stream);
    sek_text_stream_end(&c->text);
    sek_arena_deinit(&c->kept);
    sek_ledger_deinit(&c->ledger);
    free(c);
}

uint64_t sek_collect_bytes(const SekCollect *c) {
    return c->unknown_size ? 0 : c->bytes;
}

SekSource *sek_collect_source(SekCollect *c) {
    return &c->source;
}

static SekStatus enter(SekCollect *c, SekStr path, SekFileStatus status, const char *reason) {
    uint32_t entry;
    SekStatus s = sek_ledger_add(&c->ledger, path, 0, &entry);
    return s == SEK_OK ? sek_ledger_close(&c->ledger, entry, status, sek_str(reason)) : s;
}

/* True when this very file was added before, under whatever name. */
static bool seen_before(SekCollect *c, const struct stat *st) {
    for (size_t i = 0; i < c->n_seen; i++)
        if (c->seen[i].dev == st->st_dev && c->seen[i].ino == st->st_ino)
            return true;
    if (c->n_seen == c->cap_seen) {
        size_t cap = c->cap_seen ? c->cap_seen * 2 : 256;
        Seen *grown = realloc(c->seen, cap * sizeof *grown);
        if (!grown)
            return false; /* at worst it is read twice */
        c->seen = grown;
        c->cap_seen = cap;
    }
    c->seen[c->n_seen++] = (Seen){st->st_dev, st->st_ino};
    return false;
}

static SekStatus add_item(SekCollect *c, const char *path, uint32_t root) {
    struct stat st;
    bool known = strcmp(path, "-") != 0 && stat(path, &st) == 0;
    if (known && S_ISREG(st.st_mode) && seen_before(c, &st)) {
        if (root == NAMED)
            return SEK_OK;
        c->roots[root].n_logs++; /* it may be one: the folder is not without logs */
        return enter(c, sek_str(path), SEK_FILE_IGNORED, "the same file as one before it");
    }
    if (known && S_ISREG(st.st_mode))
        c->bytes += (uint64_t)st.st_size;
    else
        c->unknown_size = true;
    if (c->n_items == c->cap_items) {
        size_t cap = c->cap_items ? c->cap_items * 2 : 64;
        Item *grown = realloc(c->items, cap * sizeof *grown);
        if (!grown)
            return SEK_ERR_MEMORY;
        c->items = grown;
        c->cap_items = cap;
    }
    char *copy = strdup(path);
    if (!copy)
        return SEK_ERR_MEMORY;
    c->items[c->n_items++] = (Item){copy, root};
    return SEK_OK;
}

static SekStatus visit(void *user, const char *path, const char *problem) {
    SekCollect *c = user;
    return problem ? enter(c, sek_str(path), SEK_FILE_SKIPPED, problem) : add_item(c, path, c->n_roots - 1);
}

static SekStatus add_folder(SekCollect *c, const char *path) {
    Root *grown = realloc(c->roots, (c->n_roots + 1) * sizeof *grown);
    char *copy = strdup(path);
    if (!grown || !copy) {
        free(copy);
        c->roots = grown ? grown : c->roots;
        return SEK_ERR_MEMORY;
    }
    c->roots = grown;
    c->roots[c->n_roots++] = (Root){.path = copy};
    return sek_walk(path, visit, c);
}

/* A folder that somebody named and that holds no log at all must not look like a clean one. */
static SekStatus tell_empty_folders(SekCollect *c) {
    while (c->roots_told < c->n_roots) {
        const Root *root = &c->roots[c->roots_told++];
        if (root->n_logs == 0)
            return enter(c, sek_str(root->path), SEK_FILE_SKIPPED, "no event log in this folder");
    }
    return SEK_END;
}

SekStatus sek_collect_add(SekCollect *c, const char *path) {
    if (strcmp(path, "-") == 0)
        return add_item(c, path, NAMED);
    switch (sek_path_kind(path)) {
    case SEK_PATH_MISSING:
        return enter(c, sek_str(path), SEK_FILE_SKIPPED, "no such file or folder");
    case SEK_PATH_FOLDER:
        return add_folder(c, path);
    default:
        return add_item(c, path, NAMED);
    }
}

static void note_damage(void *user, const SekDamage *damage) {
    SekCollect *c = user;
    if (sek_ledger_damage(&c->ledger, c->entry, damage) != SEK_OK)
        c->failed = SEK_ERR_MEMORY;
}

/* --- opening ------------------------------------------------------------------------------- */

/* A file that is shorter than its header says has lost its end. */
static void check_size(SekCollect *c, uint64_t size, const SekEvtxHeader *header) {
    c->used_end = SEK_EVTX_HEADER_SIZE + (uint64_t)header->n_chunks * SEK_EVTX_CHUNK_SIZE;
    if (size && size < c->used_end)
        note_damage(c, &(SekDamage){.offset = size, .lost = true,
                                    .what = "file ends before the chunks that its header counts",
                                    .has_numbers = true, .expected = c->used_end, .found = size});
}

/* Begins an EVTX file whose first bytes are in `head`. */
static SekStatus begin_evtx(SekCollect *c, SekStr path, uint64_t size, State state) {
    SekStatus status = sek_ledger_add(&c->ledger, path, size, &c->entry);
    if (status != SEK_OK)
        return status;
    SekEvtxHeader header;
    c->used_end = 0;
    if (sek_evtx_header(c->head, c->n_head, &header, note_damage, c) != SEK_OK)
        note_damage(c, &(SekDamage){.what = "file header is not EVTX's; the chunks are read all the same"});
    else
        check_size(c, size, &header);
    if (c->root != NAMED)
        c->roots[c->root].n_logs++;
    c->offset = SEK_EVTX_HEADER_SIZE;
    c->head_at = SEK_EVTX_HEADER_SIZE < c->n_head ? SEK_EVTX_HEADER_SIZE : c->n_head;
    c->state = state;
    return SEK_OK;
}

/* Begins a text file whose first bytes are in `head`. */
static SekStatus begin_text(SekCollect *c, SekStr path, uint64_t size, State state) {
    SekStatus status = sek_ledger_add(&c->ledger, path, size, &c->entry);
    if (status == SEK_OK)
        status = sek_text_stream_begin(&c->text, &c->form, &c->kept);
    if (status != SEK_OK)
        return status;
    if (c->root != NAMED)
        c->roots[c->root].n_logs++;
    c->is_text = true;
    c->offset = 0;
    c->head_at = 0;
    c->state = state;
    return SEK_OK;
}

static const char not_a_log[] = "not an event log: expected EVTX, XML, JSON or CSV of events, or an archive of them";

typedef enum { FORM_EVTX, FORM_TEXT, FORM_ARCHIVE, FORM_OTHER } Form;

/* What the bytes in `head` are. Text in which no event was seen is taken for a log when somebody named
 * it, and not when it was only found. */
static SekStatus look_at_head(SekCollect *c, bool wanted, SekSniff *kind, Form *out) {
    *kind = sek_sniff(c->head, c->n_head);
    *out = *kind == SEK_SNIFF_ARCHIVE                                            ? FORM_ARCHIVE
           : *kind == SEK_SNIFF_EVTX || *kind == SEK_SNIFF_EVTX_DAMAGED ? FORM_EVTX
                                                                                 : FORM_OTHER;
    if (*kind != SEK_SNIFF_OTHER)
        return SEK_OK;
    SekFormAnswer answer;
    SekStatus status = sek_text_form(c->head, c->n_head, &c->form, &answer);
    if (status == SEK_OK && (answer == SEK_FORM_EVENTS || (answer == SEK_FORM_MAYBE && wanted)))
        *out = FORM_TEXT;
    return status;
}

/* Decides about a file that is no log: whose absence would matter is skipped, the rest ignored. */
static SekStatus pass_over(SekCollect *c, SekStr path, bool wanted, SekSniff kind) {
    const char *reason = kind == SEK_SNIFF_EMPTY ? "empty file" : not_a_log;
    bool matters = wanted || sek_named_evtx(path);
    return enter(c, path, matters ? SEK_FILE_SKIPPED : SEK_FILE_IGNORED, reason);
}

static SekStatus read_head(const SekFile *file, uint8_t *head, size_t *out_n, SekError *err) {
    *out_n = 0;
    if (file->regular)
        return sek_file_read_at(file, 0, head, SEK_SNIFF_BYTES, out_n, err);
    for (size_t n = 1; n && *out_n < SEK_SNIFF_BYTES; *out_n += n) {
        SekStatus status = sek_file_read(file, head + *out_n, SEK_SNIFF_BYTES - *out_n, &n, err);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

static SekStatus begin_archive(SekCollect *c, const Item *item, SekFile file) {
    c->stream = file;
    c->archive_path = item->path;
    c->archive_logs = 0;
    SekError err = {0};
    size_t consumed = file.regular ? 0 : c->n_head; /* a regular file is read from its start again */
    SekStatus status = sek_archive_open(&c->stream, c->head, consumed, &c->archive, &err);
    if (status == SEK_OK) {
        c->state = IN_ARCHIVE;
        return SEK_OK;
    }
    sek_file_close(&c->stream);
    return status == SEK_ERR_MEMORY ? status
                                    : enter(c, sek_str(item->path), SEK_FILE_SKIPPED, err.what);
}

static SekStatus begin_file(SekCollect *c, const Item *item, SekFile file) {
    Handle *handle = calloc(1, sizeof *handle);
    if (!handle) {
        sek_file_close(&file);
        return SEK_ERR_MEMORY;
    }
    handle->file = file;
    atomic_init(&handle->refs, 1);
    c->handle = handle;
    return begin_evtx(c, sek_str(item->path), file.size, IN_FILE);
}

static SekStatus open_item(SekCollect *c, const Item *item) {
    c->root = item->root;
    bool is_stdin = strcmp(item->path, "-") == 0;
    SekFile file = {.fd = 0};
    SekError err = {0};
    SekStatus status = is_stdin ? SEK_OK : sek_file_open(item->path, &file, &err);
    if (status == SEK_OK)
        status = read_head(&file, c->head, &c->n_head, &err);
    if (status != SEK_OK)
        return enter(c, sek_str(item->path), SEK_FILE_SKIPPED, err.what);
    SekSniff kind;
    Form form;
    status = look_at_head(c, item->root == NAMED, &kind, &form);
    if (status == SEK_OK && form == FORM_ARCHIVE)
        return begin_archive(c, item, file);
    if (status == SEK_OK && form == FORM_EVTX && file.regular)
        return begin_file(c, item, file);
    if (status != SEK_OK || form == FORM_OTHER) {
        sek_file_close(&file);
        return status != SEK_OK ? status : pass_over(c, sek_str(item->path), item->root == NAMED, kind);
    }
    c->stream = file;
    SekStr path = is_stdin ? SEK_STR("(standard input)") : sek_str(item->path);
    if (form == FORM_EVTX)
        return begin_evtx(c, path, 0, IN_PIPE);
    if (file.regular) /* is read from its start again */
        c->n_head = 0;
    return begin_text(c, path, file.size, IN_PIPE);
}

/* --- giving units -------------------------------------------------------------------------- */

/* Reads from a stream, first what was looked at already. */
static SekStatus stream_read(SekCollect *c, uint8_t *out, size_t len, size_t *out_n, SekError *err) {
    size_t n = c->n_head - c->head_at < len ? c->n_head - c->head_at : len;
    memcpy(out, c->head + c->head_at, n);
    c->head_at += n;
    while (n < len) {
        size_t more = 0;
        SekStatus status = c->state == IN_MEMBER
                               ? sek_archive_read(c->archive, out + n, len - n, &more, err)
                               : sek_file_read(&c->stream, out + n, len - n, &more, err);
        if (status != SEK_OK) {
            *out_n = n;
            return status;
        }
        if (more == 0)
            break;
        n += more;
    }
    *out_n = n;
    return SEK_OK;
}

/* Zero behind the evidence up to a whole chunk: readers look at whole chunks. */
static void pad(SekUnit *unit) {
    size_t whole = (unit->len + SEK_EVTX_CHUNK_SIZE - 1) / SEK_EVTX_CHUNK_SIZE * SEK_EVTX_CHUNK_SIZE;
    memset(unit->bytes + unit->len, 0, whole - unit->len);
}

static void note_end(SekCollect *c, SekStatus why, uint64_t offset) {
    SekDamage damage = {.offset = offset,
                        .lost = true,
                        .what = why == SEK_ERR_LIMIT ? "archive gives too much for its size: a bomb"
                                                     : "cannot be read from here on"};
    note_damage(c, &damage);
}

static SekStatus read_text(void *user, uint8_t *out, size_t len, size_t *out_n, SekError *err) {
    SekCollect *c = user;
    return stream_read(c, out, len, out_n, err);
}

static SekStatus text_unit(SekCollect *c, SekUnit *unit) {
    SekError err = {0};
    SekStatus problem;
    SekUnit given = {.file = c->entry, .bytes = unit->bytes, .cap = unit->cap};
    SekStatus status = sek_text_stream_unit(&c->text, &given, read_text, c, &problem, &err);
    *unit = given; /* the buffer may be another one, whatever the status */
    if (problem != SEK_OK && problem != SEK_ERR_MEMORY)
        note_end(c, problem, c->text.offset + c->text.carry.len);
    return problem == SEK_ERR_MEMORY ? problem : status;
}

/* A unit from the stream; SEK_END when the log is over. */
static SekStatus stream_unit(SekCollect *c, SekUnit *unit) {
    if (c->is_text)
        return text_unit(c, unit);
    size_t n;
    SekError err = {0};
    SekStatus status = stream_read(c, unit->bytes, SEK_UNIT_BYTES, &n, &err);
    if (status == SEK_ERR_MEMORY)
        return status;
    if (status != SEK_OK)
        note_end(c, status, c->offset + n);
    if (n == 0)
        return SEK_END;
    *unit = (SekUnit){.file = c->entry, .offset = c->offset, .len = n, .evidence = n, .bytes = unit->bytes,
                      .cap = unit->cap, .used_end = c->used_end, .loaded = true};
    pad(unit);
    c->offset += n;
    return SEK_OK;
}

static SekStatus file_unit(SekCollect *c, SekUnit *unit) {
    uint64_t size = c->handle->file.size;
    if (c->offset >= size)
        return SEK_END;
    uint64_t left = size - c->offset;
    size_t len = left < SEK_UNIT_BYTES ? (size_t)left : SEK_UNIT_BYTES;
    *unit = (SekUnit){.file = c->entry, .offset = c->offset, .len = len, .evidence = len, .bytes = unit->bytes,
                      .cap = unit->cap, .used_end = c->used_end, .handle = c->handle};
    atomic_fetch_add(&c->handle->refs, 1);
    c->offset += len;
    return SEK_OK;
}

static SekStatus load(void *self, SekUnit *unit, SekError *err) {
    (void)self;
    Handle *handle = unit->handle;
    size_t n = 0;
    SekStatus status = sek_file_read_at(&handle->file, unit->offset, unit->bytes, unit->len, &n, err);
    unit->len = n;
    if (status == SEK_OK)
        pad(unit);
    drop(handle);
    unit->handle = NULL;
    return status;
}

static SekStatus member_path(SekCollect *c, SekStr name, SekBuf *out) {
    sek_buf_init(out, 128 * 1024);
    sek_buf_adds(out, strcmp(c->archive_path, "-") == 0 ? "(standard input)" : c->archive_path);
    sek_buf_addc(out, '!');
    sek_buf_add_str(out, name);
    return out->failed;
}

static SekStatus end_archive(SekCollect *c, SekStatus why, const char *reason) {
    SekStatus status = SEK_OK;
    SekStr path = sek_str(c->archive_path);
    if (why != SEK_END)
        status = enter(c, path, SEK_FILE_SKIPPED, reason);
    else if (c->archive_logs == 0)
        status = enter(c, path, c->root == NAMED ? SEK_FILE_SKIPPED : SEK_FILE_IGNORED,
                       "no event log in this archive");
    sek_archive_close(c->archive);
    c->archive = NULL;
    sek_file_close(&c->stream);
    c->state = IDLE;
    return status;
}

static SekStatus look_at_member(SekCollect *c, const SekArchiveMember *member, SekStr path) {
    SekError err = {0};
    if (member->encrypted) {
        c->archive_logs++; /* might be one: the archive is not without logs */
        return enter(c, path, SEK_FILE_SKIPPED, "encrypted");
    }
    c->n_head = c->head_at = 0;
    SekStatus status = sek_archive_read(c->archive, c->head, SEK_SNIFF_BYTES, &c->n_head, &err);
    if (status != SEK_OK)
        return enter(c, path, SEK_FILE_SKIPPED, err.what);
    SekSniff kind;
    Form form;
    status = look_at_head(c, false, &kind, &form);
    if (status != SEK_OK)
        return status;
    if (form == FORM_OTHER)
        return pass_over(c, path, false, kind);
    c->archive_logs++;
    if (form == FORM_ARCHIVE)
        return enter(c, path, SEK_FILE_SKIPPED, "archive inside an archive: unpack the outer one first");
    return form == FORM_TEXT ? begin_text(c, path, member->size, IN_MEMBER)
                             : begin_evtx(c, path, member->size, IN_MEMBER);
}

static SekStatus next_member(SekCollect *c) {
    SekArchiveMember member;
    SekError err = {0};
    SekStatus status = sek_archive_next(c->archive, &member, &err);
    if (status != SEK_OK)
        return end_archive(c, status, err.what);
    SekBuf path;
    status = member_path(c, member.name, &path);
    if (status == SEK_OK)
        status = look_at_member(c, &member, sek_buf_str(&path));
    sek_buf_deinit(&path);
    return status;
}

/* One step from the state we are in. SEK_OK with `*given` set when `unit` is filled. */
static SekStatus step(SekCollect *c, SekUnit *unit, bool *given) {
    SekStatus status;
    switch (c->state) {
    case IDLE:
        return c->at == c->n_items ? tell_empty_folders(c) : open_item(c, &c->items[c->at++]);
    case IN_ARCHIVE:
        return next_member(c);
    case IN_FILE:
        status = file_unit(c, unit);
        if (status == SEK_END) {
            drop(c->handle);
            c->handle = NULL;
        }
        break;
    default:
        status = stream_unit(c, unit);
        if (status == SEK_END) {
            sek_text_stream_end(&c->text);
            c->is_text = false;
        }
        if (status == SEK_END && c->state == IN_PIPE)
            sek_file_close(&c->stream);
        break;
    }
    *given = status == SEK_OK;
    if (status != SEK_END)
        return status;
    c->state = c->state == IN_MEMBER ? IN_ARCHIVE : IDLE;
    return SEK_OK;
}

static SekStatus next(void *self, SekUnit *unit, SekError *err) {
    (void)err; /* what cannot be read is in the ledger; memory needs no words */
    SekCollect *c = self;
    bool given = false;
    SekStatus status = SEK_OK;
    while (status == SEK_OK && !given)
        status = step(c, unit, &given);
    return c->failed != SEK_OK ? c->failed : status;
}
