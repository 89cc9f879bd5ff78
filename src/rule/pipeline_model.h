/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A pipeline after reading. Everything hangs in the arena of the SekRuleFile. Private to the room.
 */

#include "rule/correlation_read.h"
#include "rule/pipeline.h"
#include "rule/pipeline_regex.h"
#include "rule/placeholders_read.h"
#include "rule/reader.h"

/* --- conditions ---------------------------------------------------------------------------- */

typedef enum {
    /* on rules */
    SEK_PIPE_LOGSOURCE,
    SEK_PIPE_CONTAINS_FIELD,
    SEK_PIPE_CONTAINS_ITEM,
    SEK_PIPE_IS_RULE,
    SEK_PIPE_IS_CORRELATION,
    SEK_PIPE_ATTRIBUTE,
    SEK_PIPE_TAG,
    /* on items */
    SEK_PIPE_MATCH_STRING,
    SEK_PIPE_MATCH_VALUE,
    SEK_PIPE_CONTAINS_WILDCARD,
    SEK_PIPE_IS_NULL,
    /* on field names */
    SEK_PIPE_INCLUDE_FIELDS,
    SEK_PIPE_EXCLUDE_FIELDS,
    /* on all three */
    SEK_PIPE_APPLIED,
    SEK_PIPE_STATE,
} SekPipeConditionKind;

typedef enum {
    SEK_PIPE_EQ,
    SEK_PIPE_NE,
    SEK_PIPE_GTE,
    SEK_PIPE_GT,
    SEK_PIPE_LTE,
    SEK_PIPE_LT,
    SEK_PIPE_IN,
    SEK_PIPE_NOT_IN,
} SekPipeOp;

typedef struct SekPipeCondition {
    SekPipeConditionKind kind;
    SekLogSource logsource;
    SekStr name;            /* field, attribute, tag, key of the state, or id of a step */
    SekStr text;            /* ATTRIBUTE, STATE: what to compare with, as written */
    SekPipeOp op;           /* ATTRIBUTE, STATE */
    SekMatch value;         /* CONTAINS_ITEM, MATCH_VALUE */
    bool all, negate;       /* on values: all of them, else any; MATCH_STRING: negated */
    SekPipeRegex **regexes; /* MATCH_STRING: one; *_FIELDS in mode re: one a name, else NULL */
    SekNames fields;        /* *_FIELDS */
} SekPipeCondition;

/* The conditions of one kind of a step: joined by and, by or, or by an expression over names. */
typedef struct SekPipeConditions {
    SekPipeCondition *list;
    uint32_t n;
    bool any, negate;
    const SekCorrExpr *expr; /* over indices into `list`; NULL = `any` decides */
} SekPipeConditions;

/* --- steps --------------------------------------------------------------------------------- */

typedef enum {
    SEK_STEP_FIELD_MAPPING,
    SEK_STEP_FIELD_PREFIX_MAPPING,
    SEK_STEP_FIELD_PREFIX,
    SEK_STEP_FIELD_SUFFIX,
    SEK_STEP_DROP_ITEM,
    SEK_STEP_ADD_CONDITION,
    SEK_STEP_CHANGE_LOGSOURCE,
    SEK_STEP_REPLACE_STRING,
    SEK_STEP_MAP_STRING,
    SEK_STEP_SET_VALUE,
    SEK_STEP_CONVERT_TYPE,
    SEK_STEP_CASE,
    SEK_STEP_HASHES_FIELDS,
    SEK_STEP_VALUE_PLACEHOLDERS,
    SEK_STEP_WILDCARD_PLACEHOLDERS,
    SEK_STEP_QUERY_PLACEHOLDERS,
    SEK_STEP_SET_STATE,
    SEK_STEP_RULE_FAILURE,
    SEK_STEP_ITEM_FAILURE,
    SEK_STEP_NEST,
    SEK_STEP_NOTHING, /* concerns other programs' queries */
} SekStepKind;

typedef enum { SEK_CASE_LOWER, SEK_CASE_UPPER, SEK_CASE_SNAKE } SekCaseMethod;

typedef struct SekStepMapping {
    SekStr from;
    SekNames to; /* none = the field or value is left out */
} SekStepMapping;

typedef struct SekStep SekStep;
struct SekStep {
    SekStepKind kind;
    SekStr id;       /* empty = none */
    uint32_t number; /* among all steps of the pipeline */
    SekPipeConditions on_rule, on_item, on_field;
    SekStepMapping *mapping; /* FIELD_MAPPING, FIELD_PREFIX_MAPPING, MAP_STRING */
    uint32_t n_mapping;
    SekStr text;         /* PREFIX, SUFFIX, HASHES: what is added; failures: message; STATE: key */
    SekStr replacement;  /* REPLACE_STRING; STATE: value */
    SekPipeRegex *regex; /* REPLACE_STRING */
    bool skip_special, interpret_special; /* REPLACE_STRING */
    bool drop_prefix;                     /* HASHES_FIELDS */
    bool to_number;                       /* CONVERT_TYPE: else to text */
    SekCaseMethod method;                 /* CASE */
    SekMatch value;                       /* SET_VALUE */
    SekLogSource logsource;               /* CHANGE_LOGSOURCE */
    const SekYamlNode *conditions;        /* ADD_CONDITION, as written when `template` */
    const SekExpr *expr; /* ADD_CONDITION without template; indices below n_exprs */
    uint32_t n_exprs;
    bool template, negated; /* ADD_CONDITION */
    SekNames names;         /* placeholders: include or exclude; HASHES_FIELDS: algorithms */
    bool include, exclude;  /* placeholders */
    SekStep *steps;         /* NEST */
    uint32_t n_steps;
};

struct SekPipeline {
    SekStr source, name;
    int64_t priority;
    uint32_t order; /* as it was handed in */
    SekPlaceholder *vars;
    uint32_t n_vars;
    SekStep *steps;
    uint32_t n_steps;
    uint32_t n_all_steps; /* nested ones too */
    bool has_placeholders;
};

/* --- reading ------------------------------------------------------------------------------- */

/* The three kinds of conditions of a step, by the beginning of their keys. */
typedef enum { SEK_PIPE_ON_RULE, SEK_PIPE_ON_ITEM, SEK_PIPE_ON_FIELD } SekPipeSubject;

/* SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_pipeline_read_conditions(SekRuleReader *reader, const SekYamlNode *step,
                                                    SekPipeSubject subject, SekPipeConditions *out);

/* True for the keys of a step that sek_pipeline_read_conditions reads. */
bool sek_pipeline_is_condition_key(SekStr key);

typedef struct SekPipelineRead {
    SekRuleReader *reader;
    SekPipeline *pipeline;
    uint32_t nesting; /* of `nest` */
} SekPipelineRead;

/* A list of transformations. SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_pipeline_read_steps(SekPipelineRead *r, const SekYamlNode *list,
                                               SekStep **out, uint32_t *out_n);

/* A required or optional text of a map. SEK_OK; SEK_ERR_INPUT (reported); SEK_ERR_MEMORY. */
SEK_MUST_USE SekStatus sek_pipeline_text(SekRuleReader *reader, const SekYamlNode *map,
                                         const char *key, bool required, SekStr *out);
/* true or false; `*io` stays as it is when the key is not there. */
SEK_MUST_USE SekStatus sek_pipeline_flag(SekRuleReader *reader, const SekYamlNode *map,
                                         const char *key, bool *io);
/* A regular expression; SEK_ERR_INPUT with PCRE2's reason. */
SEK_MUST_USE SekStatus sek_pipeline_regex(SekRuleReader *reader, const SekYamlNode *map,
                                          const SekYamlNode *text, SekPipeRegex **out);
/* True when `word` stands in `list`, a text of words with a blank before and behind each. */
bool sek_pipeline_is_listed(const char *list, SekStr word);
