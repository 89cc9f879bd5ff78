/* SPDX-License-Identifier: Apache-2.0 */
/* Files, chunks and records: sound ones, damaged ones, and remains of older ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "format/evtx.h"
#include "unit/format/builder.h"

#include <libdeflate.h>
#include <string.h>

typedef struct Damages {
    uint32_t n;
    SekDamage list[32];
} Damages;

static void note(void *user, const SekDamage *damage) {
    Damages *d = user;
    if (d->n < 32)
        d->list[d->n] = *damage;
    d->n++;
}

static bool was_told(const Damages *d, const char *what, uint64_t offset) {
    for (uint32_t i = 0; i < d->n && i < 32; i++)
        if (strstr(d->list[i].what, what) && d->list[i].offset == offset)
            return true;
    return false;
}

typedef struct Reading {
    Damages damages;
    SekEvtxRecord records[64];
    uint32_t n;
    SekStatus opened;
    bool empty;
} Reading;

#define AT 69632u /* where the chunk lies in its file */

static void read_chunk(const Builder *b, uint32_t len, bool recover, Reading *out) {
    *out = (Reading){0};
    SekEvtxOptions options = {.recover = recover, .sink = note, .user = &out->damages};
    SekEvtxChunk c;
    out->opened = sek_evtx_chunk_open(b->bytes, len, AT, &options, &c);
    out->empty = c.empty;
    if (out->opened != SEK_OK)
        return;
    while (out->n < 64 && sek_evtx_next(&c, &out->records[out->n]) == SEK_OK)
        out->n++;
    SekEvtxRecord more;
    assert_int_equal(sek_evtx_next(&c, &more), SEK_END); /* stays at its end */
}

static Builder b; /* 64 KiB: not for the stack */
static uint32_t starts[16];

static void build_records(uint32_t n) {
    build_start(&b);
    uint32_t definition = 0;
    for (uint32_t i = 0; i < n; i++) {
        starts[i] = b.at;
        definition = put_small_event(&b, definition, 1000 + i, "cmd.exe");
    }
    starts[n] = b.at;
    build_finish(&b);
}

static void make_file_header(uint8_t *h, uint32_t flags) {
    memset(h, 0, 128);
    memcpy(h, "ElfFile", 8);
    h[24] = 7;
    h[32] = 128;
    h[36] = 1;
    h[38] = 3;
    h[41] = 0x10;
    h[42] = 2;
    h[120] = (uint8_t)flags;
    uint32_t sum = libdeflate_crc32(0, h, 120);
    memcpy(h + 124, &sum, 4);
}

static void file_header_is_read(void **state) {
    (void)state;
    uint8_t h[128];
    Damages d = {0};
    SekEvtxHeader out;
    make_file_header(h, 0);
    assert_true(sek_evtx_is_file(h, 8));
    assert_false(sek_evtx_is_file(h, 7));
    assert_int_equal(sek_evtx_header(h, 128, &out, note, &d), SEK_OK);
    assert_int_equal(d.n, 0);
    assert_true(out.checksum_ok);
    assert_int_equal(out.next_record_id, 7);
    assert_int_equal(out.n_chunks, 2);
    assert_int_equal(sek_evtx_header(h, 127, &out, note, &d), SEK_ERR_INPUT);
    h[0] = 'e';
    assert_int_equal(sek_evtx_header(h, 128, &out, note, &d), SEK_ERR_INPUT);
}

static void file_header_damages_are_told(void **state) {
    (void)state;
    uint8_t h[128];
    Damages d = {0};
    SekEvtxHeader out;
    make_file_header(h, 1);
    h[24] = 8;
    h[38] = 4;
    h[40] = 1;
    assert_int_equal(sek_evtx_header(h, 128, &out, note, &d), SEK_OK);
    assert_int_equal(d.n, 4);
    assert_false(out.checksum_ok);
    assert_true(was_told(&d, "checksum", 124));
    assert_true(was_told(&d, "version", 36));
    assert_true(was_told(&d, "header block", 40));
    assert_true(was_told(&d, "dirty", 120));
    assert_int_equal(sek_evtx_header(h, 128, &out, NULL, NULL), SEK_OK);
}

static void sound_chunk_gives_its_records(void **state) {
    (void)state;
    Reading r;
    build_records(3);
    read_chunk(&b, 65536, true, &r);
    assert_int_equal(r.opened, SEK_OK);
    assert_int_equal(r.n, 3);
    assert_int_equal(r.damages.n, 0);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(r.records[i].off, starts[i]);
        assert_int_equal(r.records[i].size, starts[i + 1] - starts[i]);
        assert_int_equal(r.records[i].xml_off, starts[i] + 24);
        assert_int_equal(r.records[i].id, i + 1);
        assert_int_equal(r.records[i].filetime, 132000000000000000u);
        assert_false(r.records[i].recovered);
    }
}

static void unused_chunk_is_no_damage(void **state) {
    (void)state;
    Reading r;
    memset(&b, 0, sizeof b);
    read_chunk(&b, 65536, true, &r);
    assert_int_equal(r.opened, SEK_END);
    assert_true(r.empty);
    assert_int_equal(r.damages.n, 0);
}

static void wrong_checksums_are_told_and_records_given(void **state) {
    (void)state;
    Reading r;
    build_records(2);
    b.bytes[starts[1] + 16] ^= 1; /* time of the second record */
    b.bytes[8] ^= 0x80;
    read_chunk(&b, 65536, false, &r);
    assert_int_equal(r.n, 2);
    assert_true(was_told(&r.damages, "checksum of the header", AT + 124));
    assert_true(was_told(&r.damages, "checksum of the records", AT + 52));
}

static void checksums_can_be_skipped_or_absent(void **state) {
    (void)state;
    build_records(1);
    b.bytes[starts[0] + 16] ^= 1;
    Damages d = {0};
    SekEvtxOptions options = {.skip_checksums = true, .sink = note, .user = &d};
    SekEvtxChunk c;
    assert_int_equal(sek_evtx_chunk_open(b.bytes, 65536, AT, &options, &c), SEK_OK);
    options.skip_checksums = false;
    set32(&b, 120, 4);
    assert_int_equal(sek_evtx_chunk_open(b.bytes, 65536, AT, &options, &c), SEK_OK);
    assert_int_equal(d.n, 0);
}

static void chunk_without_magic_is_searched_on_request(void **state) {
    (void)state;
    Reading r;
    build_records(2);
    b.bytes[0] = 'X';
    read_chunk(&b, 65536, false, &r);
    assert_int_equal(r.opened, SEK_END);
    assert_true(was_told(&r.damages, "ElfChnk", AT));
    read_chunk(&b, 65536, true, &r);
    assert_int_equal(r.opened, SEK_OK);
    assert_int_equal(r.n, 2);
    assert_true(r.records[0].recovered);
}

static void wrong_size_is_passed_over_by_searching(void **state) {
    (void)state;
    Reading r;
    build_records(4);
    set32(&b, starts[1] + 4, 27); /* one below the smallest */
    build_checksums(&b);
    read_chunk(&b, 65536, false, &r);
    assert_int_equal(r.n, 3);
    assert_int_equal(r.records[1].id, 3);
    assert_false(r.records[0].recovered);
    assert_true(r.records[1].recovered); /* it may be of another writing of the chunk */
    assert_true(was_told(&r.damages, "size of a record", AT + starts[1] + 4));
    assert_true(was_told(&r.damages, "number of records", AT + 8));
    set32(&b, starts[1] + 4, 65537 - starts[1]); /* one byte too far */
    read_chunk(&b, 65536, false, &r);
    assert_int_equal(r.n, 3);
}

static void lost_signature_is_passed_over(void **state) {
    (void)state;
    Reading r;
    build_records(3);
    b.bytes[starts[1]] = 0;
    read_chunk(&b, 65536, false, &r);
    assert_int_equal(r.n, 2);
    assert_true(was_told(&r.damages, "no record begins", AT + starts[1]));
    b.bytes[starts[2]] = 0;
    read_chunk(&b, 65536, false, &r);
    assert_int_equal(r.n, 1);
}

static void sizes_that_differ_are_told(void **state) {
    (void)state;
    Reading r;
    build_records(3);
    set32(&b, starts[2] - 4, 1);
    read_chunk(&b, 65536, false, &r);
    assert_int_equal(r.n, 3); /* another record follows where the first size says */
    assert_true(r.records[1].recovered);
    assert_false(r.records[2].recovered);
    assert_true(was_told(&r.damages, "size at the end", AT + starts[2] - 4));
}

static void record_that_swallows_others_ends_before_them(void **state) {
    (void)state;
    Reading r;
    build_records(4);
    set32(&b, starts[1] + 4, starts[3] - starts[1] - 8);
    read_chunk(&b, 65536, false, &r);
    assert_int_equal(r.n, 4);
    assert_int_equal(r.records[1].size, starts[2] - starts[1]);
    assert_int_equal(r.records[2].id, 3);
}

static void smallest_record_is_taken(void **state) {
    (void)state;
    Reading r;
    build_start(&b);
    put32(&b, 0x2a2a);
    put32(&b, 28);
    put64(&b, 1);
    put64(&b, 0);
    put32(&b, 28);
    b.next_id = 2;
    build_finish(&b);
    read_chunk(&b, 65536, false, &r);
    assert_int_equal(r.n, 1);
    assert_int_equal(r.records[0].xml_len, 0);
    set32(&b, 48, b.at - 1); /* now it reaches over the end of the records, but not of the chunk */
    read_chunk(&b, 65536, false, &r);
    assert_int_equal(r.n, 1);
}

static void slack_gives_older_records_on_request(void **state) {
    (void)state;
    Reading r;
    build_records(4);
    uint32_t end = b.at;
    b.at = starts[2];
    b.next_id = 3;
    build_finish(&b); /* records 3 and 4 are behind the end now */
    b.at = end;
    read_chunk(&b, 65536, false, &r);
    assert_int_equal(r.n, 2);
    read_chunk(&b, 65536, true, &r);
    assert_int_equal(r.n, 4);
    assert_true(r.records[2].recovered);
    assert_int_equal(r.records[3].id, 4);
    assert_int_equal(r.damages.n, 0); /* slack is no damage */
}

static void copies_in_the_slack_are_dropped(void **state) {
    (void)state;
    Reading r;
    build_records(3);
    uint32_t size = starts[2] - starts[1];
    memcpy(b.bytes + 40000, b.bytes + starts[1], size);
    memcpy(b.bytes + 50000, b.bytes + starts[1], size);
    b.bytes[50000 + 16] ^= 1; /* same id, another time: not the same record */
    read_chunk(&b, 65536, true, &r);
    assert_int_equal(r.n, 4);
    assert_int_equal(r.records[3].off, 50000);
}

static void slack_begins_behind_the_last_record(void **state) {
    (void)state;
    Reading r;
    build_records(2);
    memcpy(b.bytes + starts[2] - 68, b.bytes + starts[0], 28); /* a whole record inside the last one */
    set32(&b, starts[2] - 64, 28);
    set32(&b, starts[2] - 44, 28);
    set32(&b, 48, starts[2] - 80);
    read_chunk(&b, 65536, true, &r);
    assert_int_equal(r.n, 2);
}

static void slack_needs_the_size_at_both_ends(void **state) {
    (void)state;
    Reading r;
    build_records(2);
    memcpy(b.bytes + 40000, b.bytes + starts[1], starts[2] - starts[1] - 4);
    set64(&b, 40008, 77);
    read_chunk(&b, 65536, true, &r);
    assert_int_equal(r.n, 2);
}

static void end_of_records_outside_is_told(void **state) {
    (void)state;
    Reading r;
    build_records(2);
    set32(&b, 48, 65537);
    read_chunk(&b, 65536, false, &r);
    assert_int_equal(r.n, 2);
    assert_true(was_told(&r.damages, "end of the records", AT + 48));
    set32(&b, 48, 511);
    read_chunk(&b, 65536, false, &r);
    assert_int_equal(r.n, 2);
}

static void truncated_chunk_gives_what_is_there(void **state) {
    (void)state;
    Reading r;
    build_records(3);
    read_chunk(&b, starts[2] + 40, false, &r);
    assert_int_equal(r.n, 2);
    assert_true(was_told(&r.damages, "end of the records", AT + 48));
    read_chunk(&b, 511, false, &r);
    assert_int_equal(r.opened, SEK_END);
    read_chunk(&b, 0, true, &r);
    assert_int_equal(r.opened, SEK_END);
}

static void full_chunk_gives_its_last_record(void **state) {
    (void)state;
    Reading r;
    build_records(1);
    uint32_t last = b.at, left = 65536 - last;
    b.record = last;
    set32(&b, last, 0x2a2a);
    set32(&b, last + 4, left);
    set64(&b, last + 8, 2);
    set32(&b, 65532, left);
    b.at = 65536;
    b.next_id = 3;
    build_finish(&b);
    read_chunk(&b, 65536, false, &r);
    assert_int_equal(r.n, 2);
    assert_int_equal(r.damages.n, 0);
    assert_int_equal(r.records[1].size, left);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_header_is_read),
        cmocka_unit_test(file_header_damages_are_told),
        cmocka_unit_test(sound_chunk_gives_its_records),
        cmocka_unit_test(unused_chunk_is_no_damage),
        cmocka_unit_test(wrong_checksums_are_told_and_records_given),
        cmocka_unit_test(checksums_can_be_skipped_or_absent),
        cmocka_unit_test(chunk_without_magic_is_searched_on_request),
        cmocka_unit_test(wrong_size_is_passed_over_by_searching),
        cmocka_unit_test(lost_signature_is_passed_over),
        cmocka_unit_test(sizes_that_differ_are_told),
        cmocka_unit_test(record_that_swallows_others_ends_before_them),
        cmocka_unit_test(smallest_record_is_taken),
        cmocka_unit_test(slack_gives_older_records_on_request),
        cmocka_unit_test(copies_in_the_slack_are_dropped),
        cmocka_unit_test(slack_begins_behind_the_last_record),
        cmocka_unit_test(slack_needs_the_size_at_both_ends),
        cmocka_unit_test(end_of_records_outside_is_told),
        cmocka_unit_test(truncated_chunk_gives_what_is_there),
        cmocka_unit_test(full_chunk_gives_its_last_record),
    };
    return cmocka_run_group_tests_name("format/evtx", tests, NULL, NULL);
}
