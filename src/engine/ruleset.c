/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ruleset.h"

#include "engine/compile.h"
#include "engine/defer.h"
#include "engine/group_pool.h"
#include "engine/guard.h"
#include "engine/steps.h"
#include "engine/taps.h"
#include "engine/unfed.h"

#include <stdlib.h>
#include <string.h>

static SekStatus add_diag(SekRuleset *rules, const SekRule *rule, SekDiagKind kind, const char *code,
                          const char *text) {
    SekRuleFile *file = &rules->file;
    SekDiag *diag = sek_rulefile_new_diag(file);
    SekStr kept = sek_arena_dup(&file->arena, sek_str(text));
    if (!diag || !kept.ptr)
        return SEK_ERR_MEMORY;
    *diag = (SekDiag){.kind = kind, .code = code, .source = rule->source,
                                             .line = rule->line, .rule_id = rule->id,
                                             .rule_title = rule->title, .text = kept};
    return SEK_OK;
}

/* True when the variant at `root` asks for a field that the route decides. Its codes begin at `first` (nodes that
 * nobody uses may be among them), or anywhere when all were made before. */
static bool is_decidable(const SekRuleset *rules, uint32_t first, uint32_t root) {
    for (uint32_t i = first <= root ? first : 0; i <= root; i++) {
        if (rules->codes[i].op != SEK_CODE_PRED)
            continue;
        uint32_t field = rules->preds[rules->codes[i].first].field;
        if (field >= SEK_FIELD_ID_EVENT_ID && field <= SEK_FIELD_ID_CHANNEL)
            return true;
    }
    return false;
}

static SekStatus add_variant(SekRuleset *rules, SekVariant variant, const SekFieldMap *map, SekError *err) {
    uint32_t first = rules->n_codes;
    SekStatus status = sek_compile_variant(rules, rules->rules[variant.rule], map, &variant.code, err);
    if (status != SEK_OK)
        return status;
    variant.decidable = is_decidable(rules, first, variant.code);
    if (rules->n_variants == rules->cap_variants) {
        uint32_t cap = rules->cap_variants ? rules->cap_variants * 2 : 256;
        SekVariant *grown = SEK_ARENA_ARRAY(&rules->arena, SekVariant, cap);
        if (!grown)
            return SEK_ERR_MEMORY;
        if (rules->n_variants)
            memcpy(grown, rules->variants, rules->n_variants * sizeof *grown);
        rules->variants = grown;
        rules->cap_variants = cap;
    }
    rules->variants[rules->n_variants++] = variant;
    return SEK_OK;
}

/* One variant per way into the category; with a service too, only the ways through that service. */
static SekStatus category_variants(SekRuleset *rules, uint32_t rule, int service, SekError *err) {
    SekStr category = rules->rules[rule]->logsource.category;
    uint32_t before = rules->n_variants;
    for (unsigned i = 0; i < sek_n_category_ways; i++) {
        const SekCategoryWay *way = &sek_category_ways[i];
        if (!sek_str_eq_nocase(category, sek_str(way->category)) || (service >= 0 && (unsigned)service != way->service))
            continue;
        SekFieldMap map = {way->renames, way->field, way->values};
        SekVariant variant = {.rule = rule, .way = {(int)way->service, i + 1}};
        SekStatus status = add_variant(rules, variant, &map, err);
        if (status != SEK_OK)
            return status;
    }
    if (rules->n_variants == before)
        return sek_fail(err, SEK_ERR_UNSUPPORTED, "category '%.*s' is not part of service '%.*s'",
                        SEK_STR_ARG(category), SEK_STR_ARG(rules->rules[rule]->logsource.service));
    return SEK_OK;
}

/* Adds the variants of a rule by its log source. SEK_ERR_UNSUPPORTED with the reason when no event log
 * can hold what the rule wants. */
static SekStatus rule_variants(SekRuleset *rules, uint32_t rule, SekError *err) {
    if (rules->rules[rule]->correlation)
        return SEK_OK; /* it reads findings, not events */
    const SekLogSource *source = &rules->rules[rule]->logsource;
    if (source->product.len && !sek_str_eq_nocase(source->product, SEK_STR("windows")))
        return sek_fail(err, SEK_ERR_UNSUPPORTED, "log source product '%.*s' is not Windows",
                        SEK_STR_ARG(source->product));
    int service = source->service.len ? sek_service_find(source->service) : -1;
    if (source->service.len && service < 0)
        return sek_fail(err, SEK_ERR_UNSUPPORTED,
                        "log source service '%.*s' is not known: no channel is mapped to it",
                        SEK_STR_ARG(source->service));
    if (source->category.len && !sek_category_known(source->category))
        return sek_fail(err, SEK_ERR_UNSUPPORTED,
                        "log source category '%.*s' is in no Windows event log that is mapped",
                        SEK_STR_ARG(source->category));
    if (source->category.len)
        return category_variants(rules, rule, service, err);
    if (!source->service.len && !source->product.len)
        return sek_fail(err, SEK_ERR_UNSUPPORTED, "log source names neither product, category nor service");
    SekFieldMap map = {0};
    return add_variant(rules, (SekVariant){.rule = rule, .way = {.service = service}}, &map, err);
}

static int by_identity(const void *a, const void *b) {
    const SekRule *x = *(SekRule *const *)a, *y = *(SekRule *const *)b;
    int order = sek_str_cmp(x->id, y->id);
    if (order == 0)
        order = sek_str_cmp(x->source, y->source);
    if (order == 0 && x->line != y->line)
        order = x->line < y->line ? -1 : 1;
    /* An aggregation gives several rules of one document: what it counts, and the correlation. */
    if (order == 0)
        order = (x->correlation != NULL) - (y->correlation != NULL);
    return order ? order : sek_str_cmp(x->name, y->name);
}

/* Line of the rule's file in which its text has `key` at the start of a line. */
static uint32_t line_of(const SekRule *rule, SekStr key) {
    uint32_t line = rule->line;
    for (size_t at = 0; at + key.len <= rule->text.len; at++) {
        if ((at == 0 || rule->text.ptr[at - 1] == '\n') && memcmp(rule->text.ptr + at, key.ptr, key.len) == 0)
            return line;
        line += rule->text.ptr[at] == '\n';
    }
    return rule->line;
}

/* True when `rule` is a part of an aggregation and another part has said already that it is not loaded:
 * to the reader they are one rule. Parts of one rule stand next to each other. */
static bool said_of_part(const SekRuleFile *file, const SekRule *rule) {
    const SekDiag *last = file->n_diags ? &file->diags[file->n_diags - 1] : NULL;
    return rule->part_of && last && last->kind == SEK_DIAG_ERROR && last->rule_id.len &&
           sek_str_eq(last->rule_id, rule->id) && sek_str_eq(last->source, rule->source);
}

static SekStatus compile_rules(SekRuleset *rules) {
    SekRuleFile *file = &rules->file;
    if (file->n_rules)
        qsort(file->rules, file->n_rules, sizeof *file->rules, by_identity);
    rules->rules = SEK_ARENA_ARRAY(&rules->arena, const SekRule *, file->n_rules + 1);
    if (!rules->rules)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < file->n_rules; i++) {
        SekError err = {0};
        uint32_t before = rules->n_variants;
        rules->rules[rules->n_rules] = file->rules[i];
        SekStatus status = rule_variants(rules, rules->n_rules, &err);
        if (sek_is_fatal(status))
            return status;
        if (status == SEK_OK) {
            rules->n_rules++;
            continue;
        }
        rules->n_variants = before;
        if (said_of_part(file, file->rules[i]))
            continue;
        const char *code = status == SEK_ERR_UNSUPPORTED ? "log-source"
                           : status == SEK_ERR_ARGUMENT  ? "lineage-fieldref"
                                                         : "regular-expression";
        if (add_diag(rules, file->rules[i], SEK_DIAG_ERROR, code, err.what) != SEK_OK)
            return SEK_ERR_MEMORY;
        SekDiag *diag = &file->diags[file->n_diags - 1];
        diag->column = 1;
        if (status == SEK_ERR_UNSUPPORTED) {
            diag->line = line_of(file->rules[i], SEK_STR("logsource:"));
        } else if (err.line) {
            diag->line = err.line;
            diag->column = err.column;
        }
    }
    return SEK_OK;
}

/* "attack.t1059.001" -> "T1059.001" */
static SekStatus tag_technique(SekArena *arena, SekStr tag, SekStr *out) {
    SekStr kept = sek_arena_dup(arena, tag);
    if (!kept.ptr)
        return SEK_ERR_MEMORY;
    ((char *)(uintptr_t)kept.ptr)[0] = 'T';
    *out = kept;
    return SEK_OK;
}

static bool is_technique(SekStr tag) {
    if (tag.len < 5 || sek_ascii_lower(tag.ptr[0]) != 't')
        return false;
    for (size_t i = 1; i < tag.len; i++)
        if ((tag.ptr[i] < '0' || tag.ptr[i] > '9') && tag.ptr[i] != '.')
            return false;
    return true;
}

static bool is_group_or_software(SekStr tag) {
    return tag.len > 1 && (tag.ptr[0] == 'g' || tag.ptr[0] == 's' || tag.ptr[0] == 'G' || tag.ptr[0] == 'S') &&
           tag.ptr[1] >= '0' && tag.ptr[1] <= '9';
}

static SekStatus fill_attack(SekRuleset *rules, SekRuleInfo *info) {
    static const SekStr prefix = {"attack.", 7};
    SekStr *techniques = SEK_ARENA_ARRAY(&rules->arena, SekStr, info->n_tags + 1);
    SekStr *tactics = SEK_ARENA_ARRAY(&rules->arena, SekStr, info->n_tags + 1);
    if (!techniques || !tactics)
        return SEK_ERR_MEMORY;
    for (size_t i = 0; i < info->n_tags; i++) {
        if (!sek_str_starts(info->tags[i], prefix))
            continue;
        SekStr tag = {info->tags[i].ptr + prefix.len, info->tags[i].len - prefix.len};
        if (is_technique(tag)) {
            if (tag_technique(&rules->arena, tag, &techniques[info->n_techniques++]) != SEK_OK)
                return SEK_ERR_MEMORY;
        } else if (tag.len && !is_group_or_software(tag)) {
            tactics[info->n_tactics++] = tag;
        }
    }
    info->techniques = techniques;
    info->tactics = tactics;
    return SEK_OK;
}

static SekStatus fill_infos(SekRuleset *rules) {
    rules->infos = SEK_ARENA_ARRAY(&rules->arena, SekRuleInfo, rules->n_rules + 1);
    if (!rules->infos)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < rules->n_rules; i++) {
        const SekRule *r = rules->rules[i];
        rules->infos[i] = (SekRuleInfo){
            .id = r->id, .title = r->title, .status = r->status, .description = r->description,
            .author = r->author, .name = r->name, .level = r->level, .tags = r->tags, .n_tags = r->n_tags,
            .references = r->references, .n_references = r->n_references,
            .falsepositives = r->falsepositives, .n_falsepositives = r->n_falsepositives,
            .source = r->source, .text = r->text, .category = r->logsource.category,
            .product = r->logsource.product, .service = r->logsource.service,
            .correlation = r->correlation != NULL, .part = r->part_of != NULL,
            .left_out = r->left_out, .tests = r->tests};
        if (fill_attack(rules, &rules->infos[i]) != SEK_OK)
            return SEK_ERR_MEMORY;
    }
    for (uint32_t i = 0; i < rules->n_variants; i++)
        rules->infos[rules->variants[i].rule].guards += rules->variants[i].n_guards;
    return SEK_OK;
}

static SekStatus fill_problems(SekRuleset *rules) {
    const SekRuleFile *file = &rules->file;
    rules->problems = SEK_ARENA_ARRAY(&rules->arena, SekRuleProblem, file->n_diags + 1);
    if (!rules->problems)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < file->n_diags; i++) {
        const SekDiag *d = &file->diags[i];
        rules->problems[rules->n_problems++] = (SekRuleProblem){
            .not_loaded = d->kind == SEK_DIAG_ERROR, .further = d->kind == SEK_DIAG_FURTHER,
            .note = d->kind == SEK_DIAG_NOTE, .code = d->code, .source = d->source,
            .line = d->line, .column = d->column, .rule_id = d->rule_id,
            .rule_title = d->rule_title, .text = d->text};
    }
    return SEK_OK;
}

/* So that letting go of them need not look at all predicates. None is compiled before it is asked. */
static SekStatus list_regexes(SekRuleset *rules) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < rules->n_preds; i++)
        n += rules->preds[i].regex != NULL;
    rules->regex_preds = SEK_ARENA_ARRAY(&rules->arena, uint32_t, n + 1);
    if (!rules->regex_preds)
        return SEK_ERR_MEMORY;
    for (uint32_t i = 0; i < rules->n_preds; i++)
        if (rules->preds[i].regex)
            rules->regex_preds[rules->n_regex_preds++] = i;
    return SEK_OK;
}

SekStatus sek_ruleset_build(SekRuleset *rules) {
    sek_arena_init(&rules->arena, 0);
    sek_strmap_init(&rules->field_ids, false);
    sek_strmap_init(&rules->pred_ids, false);
    rules->n_left_out = rules->file.n_left_out;
    rules->n_disabled = rules->file.n_disabled;
    rules->piped = rules->file.options.mapped;
    static const char *const fixed[] = {"", "EventID", "Provider_Name", "Channel"};
    SekStatus status = sek_group_pool_new(&rules->groups);
    for (unsigned i = 0; i < sizeof fixed / sizeof *fixed && status == SEK_OK; i++) {
        uint32_t id;
        status = sek_ruleset_field(rules, sek_str(fixed[i]), SEK_DERIVE_NONE, &id);
    }
    if (status == SEK_OK)
        status = compile_rules(rules);
    if (status == SEK_OK)
        status = sek_unfed_refuse(rules);
    if (status == SEK_OK)
        status = sek_taps_build(rules);
    if (status == SEK_OK)
        status = sek_defer_build(rules);
    if (status == SEK_OK)
        status = sek_guards_build(rules);
    if (status == SEK_OK)
        status = sek_steps_build(rules);
    if (status == SEK_OK)
        status = sek_guards_pack(rules);
    if (status == SEK_OK)
        status = list_regexes(rules);
    if (status == SEK_OK)
        status = fill_infos(rules);
    if (status == SEK_OK)
        status = fill_problems(rules);
    sek_strmap_deinit(&rules->field_ids);
    sek_strmap_deinit(&rules->pred_ids);
    return status;
}

void sek_ruleset_free(SekRuleset *rules) {
    if (!rules)
        return;
    for (uint32_t i = 0; i < rules->n_regex_preds; i++)
        sek_regex_deinit(rules->preds[rules->regex_preds[i]].regex);
    sek_group_pool_free(rules->groups);
    sek_arena_deinit(&rules->arena);
    sek_unmap(&rules->mapped);
    sek_rulefile_deinit(&rules->file);
    free(rules);
}

size_t sek_ruleset_count(const SekRuleset *rules) {
    return rules->n_rules;
}

const SekRuleInfo *sek_ruleset_rule(const SekRuleset *rules, size_t index) {
    return &rules->infos[index];
}

static void count_problem(SekRuleCounts *counts, const SekRuleProblem *p) {
    if (p->not_loaded)
        counts->not_loaded++;
    else if (!p->further && !p->note)
        counts->warnings++;
    counts->duplicates += strcmp(p->code, "duplicate-id") == 0;
}

SekRuleCounts sek_ruleset_counts(const SekRuleset *rules) {
    SekRuleCounts counts = {.left_out = rules->n_left_out, .disabled = rules->n_disabled};
    for (uint32_t i = 0; i < rules->n_rules; i++)
        counts.loaded += !rules->infos[i].part && !rules->infos[i].left_out;
    for (uint32_t i = 0; i < rules->n_problems; i++)
        count_problem(&counts, &rules->problems[i]);
    return counts;
}

size_t sek_ruleset_problem_count(const SekRuleset *rules) {
    return rules->n_problems;
}

const SekRuleProblem *sek_ruleset_problem(const SekRuleset *rules, size_t index) {
    return &rules->problems[index];
}
