/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Ruleset: rules compiled for matching; immutable once built, shared by all scanners.
 *
 * A rule becomes one *variant* per way into its log source (process_creation: Sysmon 1, and Security
 * 4688 with other field names). A variant is a small tree of nodes over predicates; nodes, children and
 * predicates stand in flat arrays and refer to each other by index. */

#include "base/mapped.h"
#include "base/strmap.h"
#include "engine/ancestry.h"
#include "engine/probe.h"
#include "event/taxonomy.h"
#include "rule/correlation.h"
#include "rule/rule.h"

/* A field that some rule asks for: its name in events, and how to compute it when it is not stored. */
typedef struct SekRulesetField {
    SekStr name; /* empty = all values of the event (keywords) */
    SekDerive derive;
    uint8_t ancestry; /* SekAncestryField: known only when everything is read */
} SekRulesetField;

/* Fields whose value is known from the route alone (see engine/route.h). */
enum { SEK_FIELD_ID_KEYWORDS = 0, SEK_FIELD_ID_EVENT_ID, SEK_FIELD_ID_PROVIDER, SEK_FIELD_ID_CHANNEL };

typedef enum { SEK_CODE_PRED, SEK_CODE_AND, SEK_CODE_OR, SEK_CODE_NOT } SekCodeOp;

#define SEK_MAX_SOURCES 255u /* what stands in more files is told by the last one's line alone */
typedef struct SekCode {
    uint8_t op;     /* SekCodeOp */
    uint8_t source; /* file of `line`: 0 = the rule's, else number in sources, from 1 */
    uint32_t first; /* PRED: predicate; else index into kids */
    uint32_t n;     /* kids */
    uint32_t line;  /* of the selection's line that this node is; 0 = inside or above one */
} SekCode;

/* The same node in the order in which it is asked (engine/steps.h). */
enum { SEK_STEP_LIST = SEK_CODE_NOT + 1 }; /* any of some probes of one field */
typedef struct SekStep {
    uint8_t op;     /* SekCodeOp, or SEK_STEP_LIST */
    uint32_t first; /* PRED: predicate; LIST: index into order, where predicates stand; else nodes */
    uint32_t n;
    uint32_t field; /* LIST */
} SekStep;

/* Where a variant's events come from. */
typedef struct SekWay {
    int service;              /* index into sek_services, or -1 = every channel */
    uint32_t category; /* 1 + index into sek_category_ways: whose ids and renames these are; 0 = none */
} SekWay;

/* 0-terminated, or NULL = every id. */
static inline const uint32_t *sek_way_event_ids(const SekWay *way) {
    return way->category ? sek_category_ways[way->category - 1].event_ids : NULL;
}

/* What a correlation wants of an event that one of its rules matched: which correlation, as which of
 * its references, and where the group-by and value fields stand in this way's events. */
typedef struct SekTap {
    uint32_t correlation; /* index into correlations */
    uint32_t reference;
    uint32_t group_fields[SEK_CORR_MAX_FIELDS]; /* ruleset fields, one a group-by name */
    uint32_t value_fields[SEK_CORR_MAX_FIELDS]; /* one a field of the condition */
} SekTap;

typedef struct SekVariant {
    uint32_t rule; /* index into rules */
    uint32_t code; /* root node */
    SekWay way;
    uint32_t first_tap, n_taps;
    uint32_t first_guard, n_guards; /* index into guard_sets; none = must always be evaluated */
    bool decidable;        /* asks for channel, provider or event id */
    bool deferred;         /* tests ancestry: engine/defer.h */
    const uint32_t *known; /* of a deferred one: the predicates that do not, in order of number */
    uint32_t n_known;
} SekVariant;

/* A correlation rule, with its references as indices. */
typedef struct SekCorrelationRule {
    uint32_t rule; /* index into rules */
    const SekCorrelation *what;
    uint32_t depth; /* 1 = on detection rules only; above every correlation that it refers to */
    const uint32_t *targets; /* what->n_rules indices into rules; UINT32_MAX = not loaded */
} SekCorrelationRule;

/* A correlation that refers to a rule, and as which of its references. */
typedef struct SekReference {
    uint32_t correlation, number;
} SekReference;

/* The type is opaque in the public header. What is added here is added to engine/seal.c and image.c as well. */
struct SekRuleset {
    SekRuleFile file;     /* the rules as text; owns their strings. Empty once sealed */
    SekArena arena;       /* owns everything below but what regexes compile; or: */
    SekMapped mapped;     /* the same of a ruleset that was kept (engine/image.h) */
    SekRuleInfo *infos;   /* one a loaded rule, sorted by (id, source, line) */
    const SekRule **rules; /* NULL once sealed */
    uint32_t n_rules;
    SekRulesetField *fields;
    uint32_t n_fields, cap_fields;
    SekPred *preds;
    uint32_t n_preds, cap_preds;
    SekCode *codes;
    uint32_t n_codes, cap_codes;
    uint32_t *kids;
    uint32_t n_kids, cap_kids;
    SekStr *sources; /* files of filters and tuning whose conditions are part of rules; at most SEK_MAX_SOURCES */
    uint32_t n_sources, cap_sources;
    SekProbe *probes; /* one a predicate */
    uint32_t *regex_preds; /* those with an expression */
    uint32_t n_regex_preds;
    SekStep *steps;   /* one a code */
    uint32_t *order;  /* as kids, sorted */
    SekVariant *variants;
    uint32_t n_variants, cap_variants;
    bool *silent;       /* one a rule: only feeds correlations, reports nothing of its own */
    SekCorrelationRule *correlations; /* in order of depth: inner ones first */
    uint32_t n_correlations;
    SekReference *references;  /* by the rule referred to, then in order of correlations */
    uint32_t *first_reference; /* n_rules + 1 indices into references; NULL without correlations */
    SekTap *taps;
    uint32_t n_taps, cap_taps;
    struct SekGuard *guards; /* engine/guard.h: of the predicates that guard something, in their order */
    uint32_t n_guards;
    uint32_t *guard_sets;    /* guard sets of variants: indices into guards */
    uint32_t n_guard_sets, cap_guard_sets;
    uint32_t n_left_out, n_disabled; /* rules that the user does not want, as the file counted them */
    bool piped;    /* went through a processing pipeline */
    bool ancestry; /* some rule or correlation asks for it */
    struct SekGroupPool *groups; /* engine/group_pool.h: made when events ask for them; has its own lock */
    SekRuleProblem *problems;
    uint32_t n_problems;
    SekStrMap field_ids, pred_ids; /* used while building */
};

/* The first of the variant's nodes: they stand one behind the other, its root (`code`) last; between them and the
 * variant before may be nodes that nobody uses. */
static inline uint32_t sek_variant_first(const SekRuleset *rules, uint32_t variant) {
    uint32_t first = variant ? rules->variants[variant - 1].code + 1 : 0;
    return first <= rules->variants[variant].code ? first : 0;
}

/* Compiles what `rules->file` holds: fills the rest of the zero-initialised ruleset. Rules that cannot
 * run become diagnostics of the file. SEK_OK or SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_ruleset_build(SekRuleset *rules);
