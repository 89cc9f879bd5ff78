/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A Sigma correlation rule after checking (Sigma correlation rules specification 2.1.0, COR).
 *
 * It hangs in the arena of the SekRuleFile like the SekRule that carries it (SekRule.correlation;
 * such a rule has neither log source nor condition). References stay names here: what they mean is
 * known only when all files are read (sek_correlations_resolve). */

#include "rule/rule.h"

typedef enum {
    SEK_CORR_EVENT_COUNT,
    SEK_CORR_VALUE_COUNT,
    SEK_CORR_TEMPORAL,
    SEK_CORR_TEMPORAL_ORDERED,
    SEK_CORR_VALUE_SUM,
    SEK_CORR_VALUE_AVG,
    SEK_CORR_VALUE_PERCENTILE,
    SEK_CORR_VALUE_MEDIAN,
} SekCorrelationType;

/* The name as the specification writes it, e.g. "event_count". */
const char *sek_correlation_type_name(SekCorrelationType type);

#define SEK_CORR_MAX_RULES 64  /* references of one correlation */
#define SEK_CORR_MAX_FIELDS 16 /* group-by fields; fields of value_count */
#define SEK_CORR_MAX_ALIASES 64
#define SEK_CORR_MAX_DEPTH 10  /* correlations on correlations */

/* An alias gives one group-by name to fields that are called differently in different rules. */
typedef struct SekAliasField {
    SekStr rule; /* as in `rules`, or that rule's id or name */
    SekStr field;
    SekRulePlace place, field_place;
} SekAliasField;
typedef struct SekAlias {
    SekStr name;
    const SekAliasField *fields;
    uint32_t n_fields;
} SekAlias;

/* One bound of the condition: `gte: 10`. Several bounds are a range. */
typedef struct SekCorrBound {
    SekOp op; /* EQ, GT, GTE, LT, LTE; with `negate` EQ means neq */
    bool negate;
    double value;
} SekCorrBound;

/* Extended condition of a temporal correlation: `a and not b`, over references. */
typedef struct SekCorrExpr {
    SekExprKind kind; /* ITEM = reference `rule`; AND, OR, NOT */
    uint32_t rule;    /* index into `rules` */
    const struct SekCorrExpr **kids;
    uint32_t n_kids;
} SekCorrExpr;

typedef struct SekCorrelation {
    SekCorrelationType type;
    const SekStr *rules; /* references as written: id, or name */
    uint32_t n_rules;    /* at least 1 */
    const SekRulePlace *places; /* of the references, n_rules of them */
    const SekStr *group_by;
    const SekRulePlace *group_places; /* n_group_by of them; NULL = a pipeline has changed the names */
    uint32_t n_group_by;
    const SekAlias *aliases;
    uint32_t n_aliases;
    uint64_t timespan; /* 100 ns; at least 1 s */
    const SekStr
        *fields; /* `condition.field`: value_count one or more (tuples), the other value_* one */
    const SekRulePlace *field_places; /* n_fields of them, or NULL as above */
    uint32_t n_fields;
    SekCorrBound bounds[6];
    uint32_t n_bounds;       /* 0 for temporal without a condition: all rules */
    double percentile;       /* VALUE_PERCENTILE: 0..100, default 50 */
    const SekCorrExpr *expr; /* extended condition, or NULL */
    bool generate;           /* the referenced rules report findings of their own too */
    /* Filled by sek_correlations_resolve: the rules that the references mean. */
    const SekRule **targets; /* n_rules of them */
    uint32_t depth;          /* 1 = on detection rules only; above that of every target */
} SekCorrelation;

/* Resolves the references of all correlations of `file`, by id, then by name (a text that is a UUID
 * is an id; COR "Related rules"). Of several rules with the id or name, one of the correlation's own
 * source goes first; then an id means the first rule, and a name is an error. Correlations with an
 * unknown or ambiguous reference, a cycle, or a depth above SEK_CORR_MAX_DEPTH leave `file->rules`
 * and become diagnostics ("unknown-reference", "ambiguous-reference", "cycle", "depth"), and so do
 * those that refer to them. May be called again when rules have come or gone. SEK_OK or
 * SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_correlations_resolve(SekRuleFile *file);
