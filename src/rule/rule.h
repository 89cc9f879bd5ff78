/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A Sigma rule after checking: the meaning of the text, before anything is known of an engine.
 *
 * Everything hangs in the arena of the SekRuleFile that it came from; nothing is freed singly.
 * Sources: Sigma rules specification 2.1.0 (RULES), modifiers appendix (MOD), as listed with our
 * decisions in docs/sigma.md. */

#include "base/arena.h"
#include "base/str.h"

/* Where something stands in its file, 1-based. */
typedef struct SekRulePlace {
    uint32_t line, column;
} SekRulePlace;

typedef struct SekLogSource {
    SekStr category, product, service; /* lower case as written; empty = not given */
} SekLogSource;

/* --- values ------------------------------------------------------------------------------- */

/* A Sigma string is a list of tokens, never a pattern text: `contains: '\Temp\'` is ANY, literal,
 * ANY and cannot turn its last backslash into an escape. */
typedef enum {
    SEK_TOKEN_LITERAL, /* text */
    SEK_TOKEN_ANY,     /* `*`: any run of characters, also none, also line breaks */
    SEK_TOKEN_ONE,     /* `?`: exactly one code point */
    SEK_TOKEN_DASH,    /* one of - / U+2013 U+2014 U+2015 (MOD windash) */
    SEK_TOKEN_PLACEHOLDER, /* `%name%` without values yet; only in a match that is `pending` */
} SekTokenKind;

typedef struct SekToken {
    SekTokenKind kind;
    /* LITERAL: UTF-8 (or bytes after wide/utf16), not folded, not empty. PLACEHOLDER: its name. */
    SekStr text;
} SekToken;

typedef struct SekPattern {
    const SekToken *tokens; /* neighbouring literals are joined, neighbouring ANY are one */
    uint32_t n_tokens;      /* 0 = the empty string */
} SekPattern;

typedef enum {
    SEK_MATCH_STRING,   /* any of `patterns` equals the whole value */
    SEK_MATCH_REGEX,    /* `text` is found in the value (PCRE2 syntax, as written) */
    SEK_MATCH_NUMBER,   /* equals as text, or as a number */
    SEK_MATCH_BOOL,     /* "true" or "false" in any case */
    SEK_MATCH_NULL,     /* field missing or empty */
    SEK_MATCH_EXISTS,   /* field present (flag true) or not */
    SEK_MATCH_CIDR,
    SEK_MATCH_COMPARE,  /* op and number; with `part` set, on that part of a date */
    SEK_MATCH_FIELDREF, /* against the values of another field (`text`) */
} SekMatchKind;

typedef enum { SEK_OP_EQ, SEK_OP_GT, SEK_OP_GTE, SEK_OP_LT, SEK_OP_LTE } SekOp;
typedef enum { SEK_PART_NONE, SEK_PART_MINUTE, SEK_PART_HOUR, SEK_PART_DAY, SEK_PART_WEEK,
               SEK_PART_MONTH, SEK_PART_YEAR } SekDatePart;
typedef enum { SEK_REF_EQUAL, SEK_REF_CONTAINS, SEK_REF_STARTSWITH, SEK_REF_ENDSWITH } SekRefMode;

/* A rule's number: integers are exact, `is_int` tells which field counts. `negative` with
 * magnitude, so that the whole ranges of int64 and uint64 fit. */
typedef struct SekNumber {
    bool is_int, negative;
    uint64_t magnitude;
    double real; /* always set, nearest double */
} SekNumber;

typedef struct SekMatch {
    SekMatchKind kind;
    bool cased;      /* STRING, FIELDREF: case counts */
    bool flag;       /* BOOL, EXISTS: the wanted answer */
    bool re_i, re_m, re_s; /* REGEX */
    bool pending; /* STRING, REGEX: holds placeholders for a pipeline (SekRuleOptions.defer) */
    SekOp op;        /* COMPARE */
    SekDatePart part;
    SekRefMode ref_mode;
    SekNumber number;      /* NUMBER, COMPARE */
    SekStr text;           /* NUMBER: as written; REGEX: the expression; FIELDREF: other field */
    const SekPattern *patterns; /* STRING: OR-ed alternatives (base64offset gives three) */
    uint32_t n_patterns;
    uint8_t net[16];  /* CIDR: network address; an IPv4 one stands in the first 4 bytes */
    uint8_t net_bits; /* CIDR: prefix length */
    bool net_v6;
    uint32_t line, column; /* of the value */
} SekMatch;

/* One line of a selection: field, modifiers, values. No field = keywords, searched in every value
 * of the event (patterns then already begin and end with ANY). */
typedef struct SekItem {
    SekStr field; /* empty for keywords */
    const SekMatch *matches;
    uint32_t n_matches; /* at least 1 */
    bool all;           /* every match must hold (else any) */
    bool negate;        /* `neq`: the whole item is inverted */
    uint32_t line, column;
    SekStr source;      /* file that they are in; for all of one text the same `ptr` */
} SekItem;

/* --- trees -------------------------------------------------------------------------------- */

typedef enum { SEK_EXPR_ITEM, SEK_EXPR_AND, SEK_EXPR_OR, SEK_EXPR_NOT } SekExprKind;

/* Condition and selections in one tree: names are resolved, `1 of x*` is an OR, a map is an AND, a
 * list is an OR. Shared subtrees (one selection named twice) are one node with two parents, so the
 * tree is a DAG; its depth is at most SEK_RULE_MAX_DEPTH. */
typedef struct SekExpr {
    SekExprKind kind;
    const SekItem *item;           /* ITEM */
    const struct SekExpr **kids;   /* AND, OR: at least 2; NOT: exactly 1 */
    uint32_t n_kids;
    uint32_t depth;                /* nodes on the longest way down, an ITEM is 1 */
    uint32_t index;                /* of this node in its rule, below n_exprs */
} SekExpr;

#define SEK_RULE_MAX_DEPTH 128
#define SEK_RULE_MAX_VALUES 65536            /* in one item; the largest public list has 4,432 */
#define SEK_RULE_MAX_FILE (16u * 1024 * 1024) /* bytes of one rule file */

typedef struct SekRule {
    SekStr id, name, title, status, description, author, date, modified, license;
    SekStr tests; /* `regression_tests_path` of SigmaHQ's rules, as written */
    SekLevel level;    /* informational when the rule gives none */
    const SekStr *tags, *references, *falsepositives;
    uint32_t n_tags, n_references, n_falsepositives;
    SekLogSource logsource;
    const SekExpr *condition; /* NULL for a correlation rule */
    const struct SekCorrelation *correlation; /* rule/correlation.h; NULL for a detection rule */
    /* The correlation rule that this one was made for (`| count()` of Sigma before 2.0 is a rule and
     * a correlation on it); NULL for a rule that stands in a file. References never mean it, though
     * it has the same id. */
    const struct SekRule *part_of;
    bool disabled; /* by a tuning file */
    bool left_out; /* by choice of the user; it is loaded only because a correlation needs it */
    bool unheard;  /* what wanted it for itself, a correlation, is not loaded (rule/unheard.h) */
    SekStr unheard_by; /* title of that correlation, as far as known */
    bool unheard_by_choice; /* that correlation was left out or disabled by the user */
    bool heard;    /* a correlation that the user left out lets it report (`generate`) */
    bool asked;    /* the user has named its id: it is to be heard */
    bool needed;   /* a correlation that is kept refers to it (rule/choose.h) */
    uint32_t n_exprs;  /* nodes made for this rule, also by selections that the condition ignores */
    SekStr source;     /* path as given, archive members as pkg.zip!inner/rule.yml */
    uint32_t line;     /* where the document starts in the file, 1-based */
    SekStr text;       /* the document's YAML */
} SekRule;

/* --- reading ------------------------------------------------------------------------------ */

typedef enum {
    SEK_DIAG_ERROR,   /* the rule is not loaded */
    SEK_DIAG_FURTHER, /* one more error of a rule that is not loaded for another */
    SEK_DIAG_WARNING,
    SEK_DIAG_NOTE,    /* worth knowing, and nobody's mistake */
} SekDiagKind;

typedef struct SekDiag {
    SekDiagKind kind;
    const char *code; /* stable, e.g. "unknown-modifier", "placeholder"; all are in docs/sigma.md */
    SekStr source;
    uint32_t line, column; /* 1-based, 0 = whole file */
    SekStr rule_id, rule_title; /* empty when not known */
    SekStr text; /* what was wrong, what was expected, what to do */
} SekDiag;

/* Values for `%name%` in items with the `expand` modifier (RULES, Placeholders). A value is Sigma
 * text, so it may hold wildcards. SEK_OK and the list (borrowed until sek_rules_read returns), or
 * SEK_NOT_FOUND, which rejects the rule. */
typedef SekStatus (*SekPlaceholderLookup)(void *user, SekStr name, const SekStr **out_values,
                                          uint32_t *out_n);

/* Zero is a good default: no placeholder is known. */
typedef struct SekRuleOptions {
    SekPlaceholderLookup placeholder; /* may be NULL */
    void *user;
    /* Placeholders without values are left to pipelines (rule/pipeline.h), and the rules must not be
     * used before sek_pipelines_apply has run. */
    bool defer;
    bool mapped; /* pipelines follow: rules of other taxonomies are expected */
    /* Says whether a regular expression is one, so that a bad one is told with the rule's other errors; NULL =
     * whoever compiles the rule finds out. SEK_OK; SEK_ERR_INPUT with `err->what`; SEK_ERR_MEMORY. */
    SekStatus (*check_regex)(const SekMatch *match, SekError *err);
} SekRuleOptions;

/* A reference of a correlation that is not loaded (rule/unheard.h). */
typedef struct SekUnheardNote {
    SekStr name, source, title;
} SekUnheardNote;

/* What one or many files of rules gave. An error concerns one rule: it is not in `rules`, and its
 * diagnostic says why; the others are loaded. */
typedef struct SekRuleFile {
    SekArena arena; /* owns everything below */
    SekRule **rules;
    uint32_t n_rules, cap_rules;
    struct SekFilter **filters; /* rule/filter.h; not applied yet */
    uint32_t n_filters, cap_filters;
    SekDiag *diags;
    uint32_t n_diags, cap_diags;
    SekUnheardNote *unheard;
    uint32_t n_unheard, cap_unheard;
    SekRuleOptions options; /* set after init, before reading */
    uint32_t n_left_out, n_disabled; /* rules; see rule/choose.h */
} SekRuleFile;

void sek_rulefile_init(SekRuleFile *file);
void sek_rulefile_deinit(SekRuleFile *file);

/* Reads all documents of one YAML text (RULES; YAML 1.2 core schema for plain scalars) and appends
 * to `file`. SEK_OK also when every rule in it was bad; SEK_ERR_MEMORY. `yaml` is copied as needed. */
SEK_MUST_USE SekStatus sek_rules_read(SekRuleFile *file, SekStr source, SekStr yaml);

/* A new diagnostic of `file` for the caller to fill, with texts that live as long as the file; NULL when
 * memory ran out. */
SekDiag *sek_rulefile_new_diag(SekRuleFile *file);
