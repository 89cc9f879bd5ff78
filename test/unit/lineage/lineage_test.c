/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/lineage/lineage_test.h"

#include <stdio.h>

#define BASE 132531000000000000u /* a FILETIME in December 2020 */

static uint64_t when(double seconds) {
    return BASE + (uint64_t)(seconds * 1e7);
}

void story_begin(Story *s) {
    story_begin_with(s, 0, NULL);
}

void story_begin_with(Story *s, uint64_t window, const SekBacking *backing) {
    *s = (Story){0};
    sek_shelf_init(&s->shelf, window, backing);
    for (unsigned i = 0; i < 2; i++)
        sek_lineage_log_init(&s->logs[i], &s->shelf);
}

static void set_guid(uint8_t guid[16], uint32_t number) {
    memcpy(guid, &number, sizeof number);
}

void story_start(Story *s, Start t) {
    SekProcessFact f = {.kind = SEK_FACT_START, .view = t.view,
                        .process = {.host = sek_str(t.host ? t.host : "PC"), .time = when(t.at), .pid = t.pid},
                        .parent_pid = t.ppid, .image = sek_str(t.image), .command_line = sek_str(t.command),
                        .user = sek_str(t.user), .parent_image = sek_str(t.pimage),
                        .parent_command_line = sek_str(t.pcommand), .offset = ++s->place};
    set_guid(f.process.guid, t.guid);
    set_guid(f.parent_guid, t.pguid);
    assert_int_equal(sek_lineage_log_add(&s->logs[t.log], &f), SEK_OK);
}

void story_end(Story *s, uint8_t view, double at, uint32_t pid, uint32_t guid) {
    SekProcessFact f = {.kind = SEK_FACT_END, .view = view, .offset = ++s->place,
                        .process = {.host = SEK_STR("PC"), .time = when(at), .pid = pid}};
    set_guid(f.process.guid, guid);
    assert_int_equal(sek_lineage_log_add(&s->logs[0], &f), SEK_OK);
}

void story_clue(Story *s, SekFactKind kind, double at, uint32_t pid, const char *image, const char *name) {
    SekProcessFact f = {.kind = (uint8_t)kind, .offset = ++s->place, .image = sek_str(image), .name = sek_str(name),
                        .process = {.host = SEK_STR("pc"), .time = when(at), .pid = pid}};
    assert_int_equal(sek_lineage_log_add(&s->logs[0], &f), SEK_OK);
}

void story_build(Story *s) {
    assert_int_equal(sek_lineage_build(s->logs, 2, NULL, NULL, &s->lineage), SEK_OK);
}

void story_over(Story *s) {
    sek_lineage_free(s->lineage);
    for (unsigned i = 0; i < 2; i++)
        sek_lineage_log_deinit(&s->logs[i]);
    sek_shelf_deinit(&s->shelf);
}

uint32_t story_find(const Story *s, double at, uint32_t pid) {
    SekProcessKey key = {.host = SEK_STR("PC"), .time = when(at), .pid = pid};
    return sek_lineage_find(s->lineage, &key);
}

static SekStr name_of(const Story *s, uint32_t process) {
    SekStr image = sek_lineage_process(s->lineage, process).image;
    size_t at = image.len;
    while (at > 0 && image.ptr[at - 1] != '\\')
        at--;
    return image.len ? sek_str_n(image.ptr + at, image.len - at) : SEK_STR("?");
}

const char *story_ancestors(const Story *s, uint32_t process) {
    static char text[4096];
    SekAncestor list[SEK_MAX_ANCESTORS];
    assert_int_not_equal(process, SEK_NO_PROCESS);
    bool cut;
    uint32_t n = sek_lineage_ancestors(s->lineage, process, list, &cut);
    size_t at = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < n; i++) {
        SekStr name = name_of(s, list[i].process);
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s%.*s%s", i ? " < " : "", list[i].inferred ? "[" : "",
                               SEK_STR_ARG(name), list[i].inferred ? "]" : "");
    }
    return text;
}

const char *story_root(const Story *s, uint32_t process) {
    static char text[256];
    assert_int_not_equal(process, SEK_NO_PROCESS);
    SekStr name = name_of(s, sek_lineage_process(s->lineage, process).root);
    (void)snprintf(text, sizeof text, "%.*s", SEK_STR_ARG(name));
    return text;
}
