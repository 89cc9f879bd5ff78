/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/pipeline_apply.h"

#include "rule/detection.h"

/* add_condition: a selection that every rule gets. */

static SekStatus no_memory(SekApply *a) {
    return sek_rule_no_memory(&a->reader, (SekRulePos){a->rule->line, 1});
}

/* `$category`, `${product}` and `$service` to what the rule's log source says; anything else stays.
 */
static void fill_template(SekBuf *buf, SekStr text, const SekLogSource *source) {
    const struct {
        const char *name;
        SekStr value;
    } names[] = {
        {"category", source->category}, {"product", source->product}, {"service", source->service}};
    for (size_t at = 0; at < text.len;) {
        bool brace = at + 1 < text.len && text.ptr[at + 1] == '{';
        size_t start = at + 1 + brace, n = 0;
        for (; n < 3 && text.ptr[at] == '$'; n++) {
            SekStr rest = sek_str_n(text.ptr + start, text.len - start),
                   name = sek_str(names[n].name);
            bool closed = !brace || (rest.len > name.len && rest.ptr[name.len] == '}');
            if (sek_str_starts(rest, name) && closed)
                break;
        }
        if (text.ptr[at] == '$' && n < 3) {
            sek_buf_add_str(buf, names[n].value);
            at = start + strlen(names[n].name) + brace;
            continue;
        }
        at += text.ptr[at] == '$' && at + 1 < text.len && text.ptr[at + 1] == '$'; /* $$ is $ */
        sek_buf_addc(buf, text.ptr[at++]);
    }
}

/* A copy of a value with its templates filled. Values are scalars or lists of scalars, as reading
 * the step has shown. */
static SekStatus fill_node(SekApply *a, const SekYamlNode *node, const SekYamlNode **out) {
    SekArena *arena = &a->file->arena;
    SekYamlNode *copy = SEK_ARENA_NEW(arena, SekYamlNode);
    if (!copy)
        return no_memory(a);
    *copy = *node;
    *out = copy;
    if (node->kind == SEK_YAML_LIST) {
        copy->items = SEK_ARENA_ARRAY(arena, const SekYamlNode *, (size_t)node->n + 1);
        SekStatus status = copy->items ? SEK_OK : no_memory(a);
        for (uint32_t i = 0; i < node->n && !status; i++)
            status = fill_node(a, node->items[i], &copy->items[i]);
        return status;
    }
    if (node->kind != SEK_YAML_STRING)
        return SEK_OK;
    SekBuf buf;
    sek_buf_init(&buf, SEK_RULE_MAX_FILE);
    fill_template(&buf, node->text, &a->rule->logsource);
    copy->text = sek_arena_dup(arena, sek_buf_str(&buf));
    bool good = !buf.failed && copy->text.ptr;
    sek_buf_deinit(&buf);
    return good ? SEK_OK : no_memory(a);
}

static SekStatus template_condition(SekApply *a, const SekExpr **out) {
    const SekYamlNode *from = a->step->conditions;
    SekYamlNode map = *from;
    map.pairs = SEK_ARENA_ARRAY(&a->file->arena, SekYamlPair, from->n);
    SekStatus status = map.pairs ? SEK_OK : no_memory(a);
    for (uint32_t i = 0; i < from->n && !status; i++) {
        map.pairs[i].key = from->pairs[i].key;
        status = fill_node(a, from->pairs[i].value, &map.pairs[i].value);
    }
    return status ? status : sek_selection_read(&a->reader, &map, out);
}

SekStatus sek_step_add_condition(SekApply *a) {
    if (!a->rule->condition)
        return SEK_OK;
    const SekExpr *added = NULL;
    SekStatus status = SEK_OK;
    if (a->step->template)
        status = template_condition(a, &added);
    else
        added = sek_expr_import(&a->reader, &a->scratch, a->step->expr, a->step->n_exprs);
    if (added && a->step->negated)
        added = sek_expr_join(&a->reader, SEK_EXPR_NOT, &added, 1);
    const SekExpr *kids[2] = {added, a->rule->condition};
    const SekExpr *both = added ? sek_expr_join(&a->reader, SEK_EXPR_AND, kids, 2) : NULL;
    if (status || !both)
        return status ? status : no_memory(a);
    return sek_apply_set_condition(a, both);
}
