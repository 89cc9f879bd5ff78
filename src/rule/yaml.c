/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/yaml.h"

#include "base/strmap.h"
#include "base/utf.h"

#include <stdlib.h>
#include <yaml.h>

/* One document to a tree, from libyaml's events.
 *
 * No recursion: open lists and maps stand in `frames`, finished children in `pending`, from where
 * the closing event takes them. A node has cost 0 until it is finished; that is how an alias to its
 * own parent is seen. Anchors are kept for one document. */

#define MAX_PENDING (SEK_YAML_BUDGET * sizeof(SekYamlNode *))
#define MAX_ANCHOR_NAME 128
#define BYTES_PER_COST 16

typedef struct Frame {
    SekYamlNode *node;
    size_t first; /* in `pending`, in bytes */
    uint32_t cost;
    uint16_t height;  /* of the tallest child */
    yaml_mark_t mark; /* where it was opened */
} Frame;

typedef struct Parser {
    SekArena *arena;
    const SekYamlDoc *doc;
    uint32_t *budget;
    SekYamlError *err;
    SekBuf pending; /* SekYamlNode *, finished children of all frames */
    Frame frames[SEK_YAML_MAX_DEPTH];
    uint32_t depth;
    SekStrMap anchors; /* name -> index in anchored */
    SekYamlNode *anchored[SEK_YAML_MAX_ANCHORS];
    uint32_t n_anchored;
    const SekYamlNode *root;
    bool done;
} Parser;

/* --- errors ------------------------------------------------------------------------------- */

static void set_place(const Parser *p, yaml_mark_t mark, uint32_t *line, uint32_t *column) {
    *line = p->doc->line + (uint32_t)mark.line;
    *column = (uint32_t)mark.column + 1;
}

static SekStatus fail_at(Parser *p, yaml_mark_t mark, const char *code, const char *what) {
    p->err->code = code;
    SekStatus status = sek_fail(&p->err->detail, SEK_ERR_INPUT, "%s", what);
    set_place(p, mark, &p->err->detail.line, &p->err->detail.column);
    return status;
}

static SekStatus fail_limit(Parser *p, yaml_mark_t mark, const char *what) {
    (void)fail_at(p, mark, "limit", what); /* the status below is the one to return */
    p->err->detail.code = SEK_ERR_LIMIT;
    return SEK_ERR_LIMIT;
}

/* The place of a byte, for errors that libyaml reports by offset only. */
static yaml_mark_t mark_of_offset(SekStr text, size_t offset) {
    yaml_mark_t mark = {.index = offset};
    size_t line_start = 0;
    for (size_t i = 0; i < offset && i < text.len; i++) {
        if (text.ptr[i] != '\n')
            continue;
        mark.line++;
        line_start = i + 1;
    }
    for (size_t at = line_start; at < offset && at < text.len;) {
        (void)sek_utf8_next(text, &at); /* only the step counts */
        mark.column++;
    }
    return mark;
}

/* What an author can do about a syntax error, by the line (from 0) in which it stands: most often a value is taken for
 * something else than text. */
static const char *hint_at(SekStr text, size_t number) {
    size_t start = 0, value = 0;
    for (size_t i = 0; i < text.len && number > 0; i++)
        if (text.ptr[i] == '\n') {
            start = i + 1;
            number--;
        }
    size_t end = start;
    while (end < text.len && text.ptr[end] != '\n')
        end++;
    SekStr line = sek_str_n(text.ptr + start, end - start);
    while (value < line.len && (line.ptr[value] == ' ' || line.ptr[value] == '\t'))
        value++;
    if (memchr(line.ptr, '\t', value))
        return "YAML is indented with blanks, not tabs";
    ptrdiff_t colon = sek_str_find(line, SEK_STR(": "));
    if (sek_str_starts(sek_str_n(line.ptr + value, line.len - value), SEK_STR("- ")))
        value += 2;
    else
        value = colon < 0 ? line.len : (size_t)colon + 2;
    while (value < line.len && line.ptr[value] == ' ')
        value++;
    if (value < line.len && (memchr("*&!%@`[{'\"", line.ptr[value], 10) ||
                             sek_str_find(sek_str_n(line.ptr + value, line.len - value), SEK_STR(": ")) >= 0))
        return "a value that begins with a sign such as * & % @ ` [ { or holds `: ` needs single quotes around it (and a quote in "
               "it is written twice)";
    return "the text is not well-formed YAML; look at the indentation of this line and the one before";
}

static SekStatus parser_failed(Parser *p, const yaml_parser_t *yaml) {
    if (yaml->error == YAML_MEMORY_ERROR)
        return SEK_ERR_MEMORY;
    char what[300];
    if (yaml->error == YAML_READER_ERROR) {
        snprintf(what, sizeof what, "%s (U+%04X); remove or escape the character",
                 yaml->problem ? yaml->problem : "bad character", (unsigned)yaml->problem_value);
        return fail_at(p, mark_of_offset(p->doc->parse, yaml->problem_offset), "yaml-character",
                       what);
    }
    const char *hint = hint_at(p->doc->parse, yaml->problem_mark.line);
    snprintf(what, sizeof what, "%s%s%s; %s", yaml->problem ? yaml->problem : "syntax error", yaml->context ? " " : "",
             yaml->context ? yaml->context : "", hint);
    return fail_at(p, yaml->problem_mark, "yaml-syntax", what);
}

/* The first byte that is not part of well-formed UTF-8. */
static size_t bad_utf8_offset(SekStr text) {
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        uint32_t cp = sek_utf8_next(text, &at);
        bool real = at - start == 3; /* U+FFFD itself takes three bytes */
        if (cp == SEK_UTF_REPLACEMENT && !real)
            return start;
    }
    return text.len;
}

/* --- nodes -------------------------------------------------------------------------------- */

static SekStatus spend(Parser *p, yaml_mark_t mark, uint32_t cost) {
    if (cost > *p->budget)
        return fail_limit(p, mark, "the file holds too much, with aliases written out; split it");
    *p->budget -= cost;
    return SEK_OK;
}

static SekStatus add_anchor(Parser *p, yaml_mark_t mark, const yaml_char_t *name,
                            SekYamlNode *node) {
    if (!name)
        return SEK_OK;
    SekStr text = sek_str((const char *)name);
    if (text.len > MAX_ANCHOR_NAME || p->n_anchored == SEK_YAML_MAX_ANCHORS)
        return fail_limit(p, mark, "too many anchors, or an anchor name that is too long");
    SekStr key = sek_arena_dup(p->arena, text);
    if (!key.ptr)
        return SEK_ERR_MEMORY;
    p->anchored[p->n_anchored] = node;
    return sek_strmap_set(&p->anchors, key, p->n_anchored++);
}

static SekStatus new_node(Parser *p, const yaml_event_t *event, SekYamlNode **out) {
    SekYamlNode *node = SEK_ARENA_NEW(p->arena, SekYamlNode);
    if (!node)
        return SEK_ERR_MEMORY;
    set_place(p, event->start_mark, &node->line, &node->column);
    *out = node;
    return SEK_OK;
}

/* Hands a finished node to the frame above. */
static SekStatus finish(Parser *p, yaml_mark_t mark, const SekYamlNode *node) {
    if (p->depth == 0) {
        p->root = node;
        return SEK_OK;
    }
    Frame *top = &p->frames[p->depth - 1];
    bool is_key =
        top->node->kind == SEK_YAML_MAP && (p->pending.len - top->first) / sizeof node % 2 == 0;
    if (is_key && (node->kind >= SEK_YAML_LIST || node->kind == SEK_YAML_NULL))
        return fail_at(p, mark, "yaml-key", "a key must be text; write '' for an empty one");
    if (is_key && !node->quote && sek_str_eq(node->text, SEK_STR("<<")))
        return fail_at(p, mark, "yaml-key",
                       "YAML 1.2 has no merge key `<<`; write the entries out");
    /* Aliases can make a tree that is deeper than the text. */
    if (node->height + p->depth > SEK_YAML_MAX_DEPTH)
        return fail_limit(p, mark, "lists and maps are nested too deeply");
    top->cost += node->cost;
    if (node->height > top->height)
        top->height = node->height;
    sek_buf_add(&p->pending, &node, sizeof node);
    return p->pending.failed;
}

/* --- events ------------------------------------------------------------------------------- */

static const char *tag_name(const yaml_char_t *tag) {
    static const char prefix[] = "tag:yaml.org,2002:";
    const char *text = (const char *)tag;
    return text && strncmp(text, prefix, sizeof prefix - 1) == 0 ? text + sizeof prefix - 1 : text;
}

static SekStatus check_tag(Parser *p, const yaml_event_t *event, const yaml_char_t *tag,
                           const char *allowed) {
    if (!tag || strcmp(tag_name(tag), allowed) == 0)
        return SEK_OK;
    return fail_at(p, event->start_mark, "yaml-tag", "this tag has no meaning here; remove it");
}

static SekStatus apply_scalar_tag(Parser *p, const yaml_event_t *event, SekYamlNode *node) {
    static const struct {
        const char *tag;
        SekYamlKind kind;
    } tags[] = {{"str", SEK_YAML_STRING},
                {"null", SEK_YAML_NULL},
                {"bool", SEK_YAML_BOOL},
                {"int", SEK_YAML_INT},
                {"float", SEK_YAML_FLOAT}};
    const char *name = tag_name(event->data.scalar.tag);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        if (strcmp(name, tags[i].tag) != 0)
            continue;
        if (tags[i].kind == SEK_YAML_STRING)
            return SEK_OK;
        sek_yaml_resolve(node);
        if (node->kind == SEK_YAML_INT && tags[i].kind == SEK_YAML_FLOAT)
            node->kind = SEK_YAML_FLOAT;
        if (node->kind == tags[i].kind)
            return SEK_OK;
        return fail_at(p, event->start_mark, "yaml-tag", "the value does not fit its tag");
    }
    return check_tag(p, event, event->data.scalar.tag, "str");
}

static SekStatus on_scalar(Parser *p, const yaml_event_t *event) {
    size_t len = event->data.scalar.length;
    if (len > SEK_RULE_MAX_FILE)
        return fail_limit(p, event->start_mark, "the text is too long");
    uint32_t cost = 1 + (uint32_t)(len / BYTES_PER_COST);
    SekStatus status = spend(p, event->start_mark, cost);
    if (status)
        return status;
    SekYamlNode *node;
    status = new_node(p, event, &node);
    if (status)
        return status;
    node->text = sek_arena_dup(p->arena, sek_str_n((const char *)event->data.scalar.value, len));
    if (!node->text.ptr)
        return SEK_ERR_MEMORY;
    node->kind = SEK_YAML_STRING;
    yaml_scalar_style_t style = event->data.scalar.style;
    node->quote = style != YAML_PLAIN_SCALAR_STYLE;
    /* Unchanged text is as long as the place it takes; escapes and folding make it shorter. */
    node->one_line = event->start_mark.line == event->end_mark.line &&
                     event->end_mark.index - event->start_mark.index ==
                         (node->quote ? 2u : 0u) + mark_of_offset(node->text, len).column;
    if (event->data.scalar.tag)
        status = apply_scalar_tag(p, event, node);
    else if (!node->quote)
        sek_yaml_resolve(node);
    if (!status)
        status = add_anchor(p, event->start_mark, event->data.scalar.anchor, node);
    node->cost = cost;
    return status ? status : finish(p, event->start_mark, node);
}

static SekStatus on_open(Parser *p, const yaml_event_t *event, SekYamlKind kind) {
    bool list = kind == SEK_YAML_LIST;
    SekStatus status =
        check_tag(p, event, list ? event->data.sequence_start.tag : event->data.mapping_start.tag,
                  list ? "seq" : "map");
    if (!status && p->depth == SEK_YAML_MAX_DEPTH)
        status = fail_limit(p, event->start_mark, "lists and maps are nested too deeply");
    if (!status)
        status = spend(p, event->start_mark, 1);
    SekYamlNode *node = NULL;
    if (!status)
        status = new_node(p, event, &node);
    if (status)
        return status;
    node->kind = kind;
    p->frames[p->depth++] =
        (Frame){.node = node, .first = p->pending.len, .cost = 1, .mark = event->start_mark};
    return add_anchor(p, event->start_mark,
                      list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor,
                      node);
}

static int by_key(const void *a, const void *b) {
    const SekYamlNode *x = ((const SekYamlPair *)a)->key, *y = ((const SekYamlPair *)b)->key;
    int order = sek_str_cmp(x->text, y->text);
    if (order)
        return order;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (x->column > y->column) - (x->column < y->column);
}

/* Sorting, not hashing: the keys are hostile and there may be a million of them. */
static SekStatus check_duplicates(Parser *p, const SekYamlNode *map) {
    if (map->n < 2)
        return SEK_OK;
    SekYamlPair *sorted = SEK_ARENA_ARRAY(p->arena, SekYamlPair, map->n);
    if (!sorted)
        return SEK_ERR_MEMORY;
    memcpy(sorted, map->pairs, map->n * sizeof *sorted);
    qsort(sorted, map->n, sizeof *sorted, by_key);
    for (uint32_t i = 1; i < map->n; i++) {
        const SekYamlNode *first = sorted[i - 1].key, *second = sorted[i].key;
        if (!sek_str_eq(first->text, second->text))
            continue;
        p->err->code = "yaml-duplicate-key";
        (void)sek_fail(&p->err->detail, SEK_ERR_INPUT,
                       "this key was there already in line %u; a map has each key once",
                       (unsigned)first->line);
        p->err->detail.line = second->line;
        p->err->detail.column = second->column;
        return SEK_ERR_INPUT;
    }
    return SEK_OK;
}

static SekStatus on_close(Parser *p) {
    Frame frame = p->frames[--p->depth];
    SekYamlNode *node = frame.node;
    size_t size = p->pending.len - frame.first;
    size_t n = size / sizeof(SekYamlNode *);
    void *kids = size ? sek_arena_alloc(p->arena, size) : NULL;
    if (size && !kids)
        return SEK_ERR_MEMORY;
    if (size)
        memcpy(kids, p->pending.data + frame.first,
               size); /* a pair is two pointers, so both kinds are laid out alike */
    p->pending.len = frame.first;
    SekStatus status = SEK_OK;
    if (node->kind == SEK_YAML_LIST) {
        node->items = kids;
        node->n = (uint32_t)n;
    } else {
        node->pairs = kids;
        node->n = (uint32_t)(n / 2);
        status = check_duplicates(p, node);
    }
    node->cost = frame.cost;
    node->height = (uint16_t)(frame.height + 1);
    return status ? status : finish(p, frame.mark, node);
}

static SekStatus on_alias(Parser *p, const yaml_event_t *event) {
    uint32_t index;
    SekStr name = sek_str((const char *)event->data.alias.anchor);
    if (sek_strmap_get(&p->anchors, name, &index))
        return fail_at(p, event->start_mark, "yaml-alias", "no anchor of this name stands before; a text that begins with `*` needs single quotes around it");
    const SekYamlNode *node = p->anchored[index];
    if (node->cost == 0)
        return fail_at(p, event->start_mark, "yaml-alias",
                       "the alias stands inside its own anchor");
    SekStatus status = spend(p, event->start_mark, node->cost);
    return status ? status : finish(p, event->start_mark, node);
}

static SekStatus on_event(Parser *p, const yaml_event_t *event) {
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return on_scalar(p, event);
    case YAML_ALIAS_EVENT:
        return on_alias(p, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(p, event, SEK_YAML_LIST);
    case YAML_MAPPING_START_EVENT:
        return on_open(p, event, SEK_YAML_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_close(p);
    case YAML_DOCUMENT_START_EVENT:
        /* libyaml breaks lines at U+0085, U+2028 and U+2029 too (YAML 1.1); our cutter does not. */
        if (p->root)
            return fail_at(p, event->start_mark, "yaml-syntax",
                           "a second document starts here, but not on a line of its own");
        return SEK_OK;
    case YAML_STREAM_END_EVENT:
        p->done = true;
        return SEK_OK;
    default:
        return SEK_OK;
    }
}

static SekStatus run(Parser *p, yaml_parser_t *yaml) {
    while (!p->done) {
        yaml_event_t event;
        if (!yaml_parser_parse(yaml, &event))
            return parser_failed(p, yaml);
        SekStatus status = on_event(p, &event);
        yaml_event_delete(&event);
        if (status)
            return status;
    }
    return SEK_OK;
}

SekStatus sek_yaml_parse(SekArena *arena, const SekYamlDoc *doc, uint32_t *budget,
                         const SekYamlNode **out_root, SekYamlError *err) {
    Parser parser = {.arena = arena, .doc = doc, .budget = budget, .err = err}, *p = &parser;
    yaml_parser_t yaml;
    if (!yaml_parser_initialize(&yaml))
        return SEK_ERR_MEMORY;
    sek_buf_init(&p->pending, MAX_PENDING);
    sek_strmap_init(&p->anchors, false);
    yaml_parser_set_encoding(&yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&yaml, (const unsigned char *)doc->parse.ptr, doc->parse.len);
    SekStatus status;
    if (!sek_utf8_valid(doc->parse))
        status = fail_at(p, mark_of_offset(doc->parse, bad_utf8_offset(doc->parse)), "yaml-utf8",
                         "the text is not UTF-8; save the file in that encoding");
    else
        status = run(p, &yaml);
    yaml_parser_delete(&yaml);
    sek_buf_deinit(&p->pending);
    sek_strmap_deinit(&p->anchors);
    if (status)
        return status;
    bool empty = p->root && p->root->kind == SEK_YAML_NULL && p->root->text.len == 0;
    *out_root = empty ? NULL : p->root;
    return SEK_OK;
}
