/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A chunk being built and a reader for it: what the tests of BinXML start from. For one test program each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/binxml_internal.h"
#include "unit/format/builder.h"

#include <string.h>

static Builder b; /* 64 KiB: not for the stack */
static SekBinxml *bx;
static SekFragment f;
static SekError err;

static int setup(void **state) {
    (void)state;
    build_start(&b);
    memset(&err, 0, sizeof err);
    return sek_binxml_new(&bx) == SEK_OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    sek_binxml_free(bx);
    return 0;
}

/* Reads what was built from 512 on. */
static SekStatus parse(void) {
    sek_binxml_chunk(bx, b.bytes, 65536);
    return sek_binxml_record(bx, 512, b.at - 512, &f, &err);
}

static const SekNode *node(uint32_t i, SekNodeKind kind) {
    assert_true(i < f.tpl->n_nodes);
    assert_int_equal(f.tpl->nodes[i].kind, kind);
    return &f.tpl->nodes[i];
}

static void equals(SekStr s, const char *expected) {
    assert_int_equal(s.len, strlen(expected));
    assert_memory_equal(s.ptr, expected, s.len);
}

/* Node `i` is a hole for a text that the fragment itself holds. */
static inline void holds(uint32_t i, const char *expected) {
    const SekNode *hole = node(i, SEK_NODE_SUBSTITUTION);
    SekValue v = sek_fragment_value(&f, hole->slot);
    assert_true(hole->written);
    assert_int_equal(v.type, SEK_VALUE_STRING);
    assert_int_equal(v.len, 2 * strlen(expected));
    for (uint32_t k = 0; k < v.len; k++)
        assert_int_equal(v.ptr[k], k % 2 ? 0 : (uint8_t)expected[k / 2]);
}

static void put_element(const char *name) {
    put_open(&b, name, false);
    put_close_start(&b);
    put_end(&b);
}

/* The parse fails for this reason; building starts anew. */
static inline void refused(const char *what) {
    assert_int_equal(parse(), SEK_ERR_INPUT);
    assert_non_null(strstr(err.what, what));
    b.at = 512;
}
