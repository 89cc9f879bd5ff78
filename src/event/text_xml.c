/* SPDX-License-Identifier: Apache-2.0 */
/* The steps are the XML's own: elements, attributes, text. Two things are not taken as they stand:
 * blanks between elements, which only lay out a file, and a Name that gives a <Data> its name, which is
 * part of the shape. */
#include "event/text_xml.h"

#include "event/text_span.h"
#include "format/xml_pull.h"

typedef struct Reader {
    SekXmlPull pull;
    SekTextRecord *record;
    SekSpanLearn learn;
    SekStr section; /* name of the element below <Event> */
    bool has_children[SEK_XML_MAX_DEPTH];
    bool has_text; /* text of the innermost open element, kept until it is known to be a leaf */
    SekStr text;
    size_t text_at; /* where it is written; and whether in one piece */
    bool whole;
    size_t tag_at; /* where the tag that was opened last begins */
} Reader;

static bool is_blank_text(SekStr s) {
    return sek_str_trim(s).len == 0;
}

/* Text of an element that has elements too is layout, or (in no event of Windows) content. */
static void flush_text(Reader *r) {
    if (r->has_text && !is_blank_text(r->text)) {
        sek_text_value(r->record, SEK_STEP_LEAF, (SekStr){"", 0}, r->text, SEK_WRITTEN_TEXT);
        r->learn.off = true; /* that it is a value is told by what stands in it */
    }
    r->has_text = false;
}

/* A value was taken that is written from `start` on; `behind` it something else is. */
static void learn_value(Reader *r, size_t start, size_t behind, char stop) {
    r->learn.off |= r->record->left_out != 0;
    sek_span_learn_value(&r->learn, start, behind, stop);
}

static void open_element(Reader *r) {
    uint32_t depth = r->pull.depth; /* with this one */
    flush_text(r);
    if (depth > 1)
        r->has_children[depth - 2] = true;
    r->has_children[depth - 1] = false;
    if (depth == 2)
        r->section = r->pull.name;
    sek_text_step(r->record, SEK_STEP_OPEN, r->pull.name);
}

static bool names_data(const Reader *r) {
    return r->pull.depth > 2 && sek_str_eq(r->pull.name, SEK_STR("Name")) &&
           (sek_str_eq(r->section, SEK_STR("EventData")) ||
            sek_str_eq(r->pull.open[r->pull.depth - 1], SEK_STR("Data")));
}

static void close_element(Reader *r) {
    uint32_t depth = r->pull.depth; /* without this one */
    bool leaf = !r->has_children[depth];
    if (!r->pull.empty && leaf) {
        SekStr text = r->has_text ? r->text : (SekStr){"", 0};
        sek_text_value(r->record, SEK_STEP_LEAF, (SekStr){"", 0}, text, SEK_WRITTEN_TEXT);
        r->learn.off |= r->has_text && !r->whole;
        learn_value(r, r->has_text ? r->text_at : r->pull.tag_at, r->pull.tag_at, 0);
        r->has_text = false;
    } else {
        flush_text(r);
    }
    sek_text_step(r->record, r->pull.empty ? SEK_STEP_EMPTY : SEK_STEP_CLOSE, (SekStr){"", 0});
}

/* A record that is cut takes the next one for a child. What tells is the name space, which only the
 * root of an event has. */
static bool is_next_record(Reader *r) {
    if (r->pull.depth < 2 || !sek_str_eq(r->pull.open[r->pull.depth - 1], SEK_STR("Event")) ||
        !sek_str_eq(r->pull.name, SEK_STR("xmlns")))
        return false;
    r->learn.off = true; /* the value decides */
    return sek_str_eq(r->pull.value, SEK_STR(SEK_EVENT_NAMESPACE));
}

static void take_attribute(Reader *r) {
    if (names_data(r)) {
        sek_text_step(r->record, SEK_STEP_NAME, r->pull.value);
        return;
    }
    sek_text_value(r->record, SEK_STEP_ATTRIBUTE, r->pull.name, r->pull.value, SEK_WRITTEN_TEXT);
    learn_value(r, r->pull.value_at, r->pull.at, r->pull.quote);
}

SekStatus sek_text_xml_read(SekStr text, size_t at, SekTextRecord *record, size_t *out_end, SekError *err) {
    Reader r = {.record = record, .learn = sek_span_learn(record->trail, text, at)};
    sek_xml_start(&r.pull, text, at, record->arena);
    SekXmlToken token;
    SekStatus status;
    while ((status = sek_xml_next(&r.pull, &token, err)) == SEK_OK) {
        switch (token) {
        case SEK_XML_OPEN:
            r.tag_at = r.pull.at - r.pull.name.len - 1;
            open_element(&r);
            break;
        case SEK_XML_ATTRIBUTE:
            if (is_next_record(&r)) {
                *out_end = r.tag_at;
                return sek_fail(err, SEK_ERR_INPUT, "XML: the record is cut, the next one follows");
            }
            take_attribute(&r);
            break;
        case SEK_XML_TEXT:
            r.text = r.pull.value;
            r.text_at = r.pull.value_at;
            r.whole = r.pull.whole;
            r.has_text = true;
            break;
        case SEK_XML_CLOSE:
            close_element(&r);
            break;
        }
        if (record->failed)
            return record->failed;
    }
    *out_end = r.pull.at > at ? r.pull.at : at + 1;
    if (status == SEK_END && record->left_out == 0)
        sek_span_learn_end(&r.learn, r.pull.at);
    return status == SEK_END ? SEK_OK : status;
}

/* --- plan ------------------------------------------------------------------------------------- */

typedef struct Path {
    SekStr names[SEK_BUILD_MAX_DEPTH];
    uint32_t depth; /* may pass the array's end: deeper names are not needed */
    bool has_system;
} Path;

static bool at_path(const Path *path, const char *section, const char *element) {
    return path->depth == 3 && sek_str_eq(path->names[1], sek_str(section)) &&
           sek_str_eq(path->names[2], sek_str(element));
}

static void plan_attribute(SekBuild *b, SekTextPlan *plan, const Path *path, const SekStep *step) {
    uint32_t slot = step->slot;
    if (at_path(path, "System", "TimeCreated") && sek_str_eq(step->key, SEK_STR("SystemTime")))
        slot = sek_text_plan_fix(plan, b, SEK_FIX_TIME, slot);
    if (at_path(path, "System", "Provider") && sek_str_eq(step->key, SEK_STR("Name")))
        plan->provider = slot;
    sek_build_attribute(b, step->key, slot);
}

static void plan_open(SekBuild *b, Path *path, SekStr name) {
    if (path->depth < SEK_BUILD_MAX_DEPTH)
        path->names[path->depth] = name;
    path->depth++;
    if (path->depth == 2 && sek_str_eq(name, SEK_STR("System")))
        path->has_system = true;
    sek_build_open(b, name);
}

SekStatus sek_text_xml_plan(const SekStep *steps, uint32_t n, SekBuild *b, SekTextPlan *plan) {
    Path path = {0};
    for (uint32_t i = 0; i < n; i++) {
        const SekStep *step = &steps[i];
        switch (step->kind) {
        case SEK_STEP_OPEN:
            plan_open(b, &path, step->key);
            break;
        case SEK_STEP_NAME:
            sek_build_attribute_text(b, SEK_STR("Name"), step->key);
            break;
        case SEK_STEP_ATTRIBUTE:
            plan_attribute(b, plan, &path, step);
            break;
        case SEK_STEP_LEAF:
            sek_build_slot(b, step->slot);
            break;
        default:
            if (step->kind == SEK_STEP_CLOSE)
                sek_build_content(b);
            sek_build_close(b);
            path.depth -= path.depth > 0;
            break;
        }
    }
    while (b->depth) /* steps that were left out may have been its ends */
        sek_build_close(b);
    plan->verdict = path.has_system ? SEK_VERDICT_EVENT : SEK_VERDICT_OTHER;
    return b->failed == SEK_ERR_MEMORY ? SEK_ERR_MEMORY : SEK_OK;
}
