/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/document.h"

#include "rule/aggregation.h"
#include "rule/correlation_read.h"
#include "rule/detection.h"
#include "rule/filter_read.h"
#include "rule/logsource.h"
#include "rule/metadata.h"
#include "rule/unheard.h"

/* A document's kind is told by its keys: see `kinds`. */

SekStatus sek_document_add_rule(SekRuleReader *reader, SekRulePos pos, SekRule *rule) {
    SekRuleFile *file = reader->file;
    if (file->n_rules == file->cap_rules) {
        uint32_t cap = file->cap_rules ? file->cap_rules * 2 : 16;
        SekRule **rules = SEK_ARENA_ARRAY(&file->arena, SekRule *, cap);
        if (!rules)
            return sek_rule_no_memory(reader, pos);
        if (file->n_rules)
            memcpy(rules, file->rules, file->n_rules * sizeof(SekRule *));
        file->rules = rules;
        file->cap_rules = cap;
    }
    file->rules[file->n_rules++] = rule;
    return SEK_OK;
}

/* A rule with everything that all kinds have in common. */
static SekStatus new_rule(SekRuleReader *reader, const SekYamlNode *root, const SekYamlDoc *doc,
                          SekRule **out) {
    SekRule *rule = SEK_ARENA_NEW(&reader->file->arena, SekRule);
    if (!rule)
        return sek_rule_no_memory(reader, sek_pos(root));
    rule->source = reader->source;
    rule->line = doc->body_line;
    rule->text = sek_arena_dup(&reader->file->arena, doc->body);
    if (!rule->text.ptr)
        return sek_rule_no_memory(reader, sek_pos(root));
    *out = rule;
    return sek_metadata_read(reader, root, rule);
}

/* --- detection rules ----------------------------------------------------------------------- */

/* What a reader of the rule would want to know, though it is no error. */
static SekStatus warn_unused(SekRuleReader *reader, const SekSelections *selections) {
    SekStatus status = SEK_OK;
    for (uint32_t i = 0; i < selections->n && !status; i++) {
        const SekSelection *selection = &selections->list[i];
        if (!selection->used)
            status = sek_rule_warn(reader, selection->pos, "unused-selection",
                                   "the condition does not use selection '%s'",
                                   sek_show(selection->name).text);
    }
    return status;
}

static SekStatus finish_rule(SekRuleReader *reader, const SekYamlNode *detection, SekRule *rule,
                             const SekExpr *condition) {
    const SekYamlNode *timeframe = sek_yaml_get(detection, SEK_STR("timeframe"));
    SekStatus status = SEK_OK;
    if (timeframe)
        status = sek_rule_warn(reader, sek_pos(timeframe), "no-effect",
                               "`timeframe` does nothing without an aggregation; times belong in a "
                               "correlation rule");
    rule->condition = condition;
    rule->n_exprs = reader->n_exprs;
    return status ? status : sek_document_add_rule(reader, sek_pos(detection), rule);
}

/* Sigma 1 has it beside the selections. */
static SekStatus check_timeframe(SekRuleReader *reader, const SekYamlNode *root) {
    const SekYamlNode *node = sek_yaml_get(root, SEK_STR("timeframe"));
    if (!node)
        return SEK_OK;
    return sek_rule_warn(reader, sek_pos(node), "no-effect",
                         "`timeframe` does nothing here; move it into `detection`, beside the condition");
}

/* Log source, selections and condition, each also when another is wrong. */
static SekStatus read_parts(SekRuleReader *reader, const SekYamlNode *root, SekRule *rule, SekSelections *selections,
                            SekCondition *condition) {
    const SekYamlNode *detection = sek_yaml_get(root, SEK_STR("detection")); /* see `kinds` */
    SekStatus first = SEK_OK;
    SekStatus status = sek_logsource_read(reader, root, &rule->logsource);
    if (sek_rule_goes_on(reader, status, &first))
        status = sek_detection_read(reader, detection, selections);
    if (sek_rule_goes_on(reader, status, &first) && selections->n)
        status = sek_condition_read(reader, detection, sek_yaml_get(detection, SEK_STR("condition")), selections,
                                    condition);
    (void)sek_rule_goes_on(reader, status, &first);
    return first;
}

static SekStatus read_rule(SekRuleReader *reader, const SekYamlNode *root, const SekYamlDoc *doc) {
    const SekYamlNode *detection = sek_yaml_get(root, SEK_STR("detection")); /* see `kinds` */
    SekRule *rule = NULL;
    SekStatus first = SEK_OK;
    SekSelections selections = {0};
    SekCondition condition = {0};
    if (!sek_rule_goes_on(reader, new_rule(reader, root, doc, &rule), &first) || !rule)
        return first;
    SekStatus status = read_parts(reader, root, rule, &selections, &condition);
    if (!status && !first && condition.aggregation.len)
        status = sek_aggregation_read(reader, detection, &condition, &selections, rule);
    else if (!status && !first)
        status = finish_rule(reader, detection, rule, condition.expr);
    if (!status)
        status = check_timeframe(reader, root);
    if (!status)
        status = warn_unused(reader, &selections);
    (void)sek_rule_goes_on(reader, status, &first);
    return first;
}

/* --- correlation rules --------------------------------------------------------------------- */

static SekStatus read_correlation(SekRuleReader *reader, const SekYamlNode *root,
                                  const SekYamlDoc *doc) {
    SekRule *rule = NULL;
    SekStatus first = SEK_OK;
    if (!sek_rule_goes_on(reader, new_rule(reader, root, doc, &rule), &first) || !rule)
        return first;
    (void)sek_rule_goes_on(reader, sek_correlation_read(reader, root, &rule->correlation), &first);
    return first ? first : sek_document_add_rule(reader, sek_pos(root), rule);
}

/* --- kinds --------------------------------------------------------------------------------- */

static const struct {
    const char *key;
    SekStatus (*read)(SekRuleReader *reader, const SekYamlNode *root, const SekYamlDoc *doc);
} kinds[] = {
    {"correlation", read_correlation},
    {"filter", sek_filter_read},
    {"detection", read_rule},
};
#define N_KINDS (sizeof kinds / sizeof *kinds)

/* What else is wrong with a rule that has nothing to detect. */
static SekStatus read_rest(SekRuleReader *reader, const SekYamlNode *root, SekStatus first) {
    SekRule rule = {0};
    if (sek_rule_goes_on(reader, first, &first) &&
        sek_rule_goes_on(reader, sek_metadata_read(reader, root, &rule), &first))
        (void)sek_rule_goes_on(reader, sek_logsource_read(reader, root, &rule.logsource), &first);
    return first;
}

static SekStatus read_kind(SekRuleReader *reader, const SekYamlNode *root, const SekYamlDoc *doc) {
    SekStatus status = sek_metadata_name(reader, root);
    size_t kind = N_KINDS;
    for (size_t i = 0; i < N_KINDS && !status; i++) {
        const SekYamlNode *node = sek_yaml_get(root, sek_str(kinds[i].key));
        if (!node)
            continue;
        if (kind < N_KINDS)
            return sek_rule_error(reader, sek_pos(node), "two-kinds",
                                  "a document cannot have both `%s` and `%s`; make two of it",
                                  kinds[kind].key, kinds[i].key);
        kind = i;
    }
    if (status || kind < N_KINDS)
        return status ? status : kinds[kind].read(reader, root, doc);
    if (!sek_yaml_get(root, SEK_STR("logsource")))
        return sek_rule_error(reader, sek_pos(root), "not-a-rule",
                              "this is no Sigma document: it has no `detection`, `correlation` or `filter`");
    status = sek_rule_error(reader, sek_pos(root), "missing-detection",
                            "the rule has no `detection`; write selections and a `condition`");
    return read_rest(reader, root, status);
}

SekStatus sek_document_read(SekRuleReader *reader, const SekYamlNode *root, const SekYamlDoc *doc) {
    reader->further = false;
    SekStatus status = read_kind(reader, root, doc);
    reader->further = false;
    if (status == SEK_ERR_INPUT && sek_unheard_note(reader, root) != SEK_OK)
        return SEK_ERR_MEMORY;
    return status;
}
