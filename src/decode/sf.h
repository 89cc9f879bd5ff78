/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Folding of VBScript and JScript: one syntax tree and one evaluator for both, with a parser and the
 * built-in functions of each. Values are followed through assignments, calls of the script's own
 * functions, and loops over constants; whatever may have been changed by something not followed is
 * unknown. Expressions that come to a string are replaced by it where they stand; everything else of the
 * text stays byte for byte. Lives in the run's scratch arena. Depth, nodes and steps are bounded. */

#include "decode/languages.h"

#include "base/buf.h"
#include "base/strmap.h"

#define SEK_SF_MAX_DEPTH 200u     /* nesting of expressions and statements */
#define SEK_SF_MAX_CALLS 24u      /* functions of the script inside each other */
#define SEK_SF_MAX_NODES 400000u
#define SEK_SF_MAX_VARIABLES 4096u
#define SEK_SF_MAX_HOOKS 32u /* members of the language that a script replaces, by name */
#define SEK_SF_MAX_NESTED 8u /* eval inside of eval */

/* --- values (sf_value.c) --- */

typedef enum { SEK_SF_UNKNOWN, SEK_SF_EMPTY, SEK_SF_STRING, SEK_SF_NUMBER, SEK_SF_BOOL, SEK_SF_ARRAY, SEK_SF_OBJECT } SekSfType;

/* Room behind a string, so that a loop may append to it without copying it each time. */
typedef struct SekSfRoom {
    size_t used, cap;
    char *data;
} SekSfRoom;

typedef struct SekSfArray SekSfArray;

typedef struct SekSfValue {
    SekSfType type;
    bool made;       /* came out of folding, not out of a literal */
    bool regex;      /* STRING: source of a JScript regular expression with plain characters only */
    bool global;     /* of that expression: /x/g */
    double number;   /* NUMBER, BOOL */
    SekStr text;     /* STRING: UTF-8; OBJECT: what it was made of ("WScript.Shell"), empty when not known */
    SekSfRoom *room; /* of `text`, may be NULL */
    SekSfArray *array;      /* ARRAY; OBJECT with items: key, value, key, value ...; else NULL */
    struct SekSfNode *node; /* OBJECT: the CLASS that it is of, or the function that it is */
} SekSfValue;

struct SekSfArray {
    SekSfValue *items;
    uint32_t n, cap;
    bool lost; /* changed by something that may not have run: its items are not known */
};

/* --- syntax --- */

typedef enum {
    /* expressions */
    SEK_SF_LITERAL,
    SEK_SF_NAME,
    SEK_SF_UNARY,   /* op a */
    SEK_SF_BINARY,  /* a op b; for + and & also a op b op c ... */
    SEK_SF_CALL,    /* kids: callee, arguments; VBScript's a(1) may be an index too */
    SEK_SF_NEW,     /* new a(...) */
    SEK_SF_MEMBER,  /* a.name */
    SEK_SF_INDEX,   /* a[b] */
    SEK_SF_LIST,    /* [a, b] */
    SEK_SF_TABLE,   /* { a: b }: names and values in turn */
    SEK_SF_COND,    /* a ? b : c */
    SEK_SF_SET,     /* a = b, a += b ... (JScript: an expression) */
    SEK_SF_STEP,    /* a++, --a */
    SEK_SF_COMMA,
    SEK_SF_LAMBDA,  /* function (...) {...}: kids as of DEF */
    SEK_SF_OTHER,   /* not followed; its kids are */
    /* statements */
    SEK_SF_BLOCK,
    SEK_SF_DO,      /* expression statement */
    SEK_SF_DIM,     /* declares `text` (kid: first value) */
    SEK_SF_IF,      /* condition, then, else */
    SEK_SF_SELECT,  /* kids: subject, then a BLOCK for each case: values ..., body; `op` "else" */
    SEK_SF_COUNT,   /* VBScript for: variable, from, to, step, body */
    SEK_SF_EACH,    /* for each: variable, list, body */
    SEK_SF_LOOP,    /* init, condition, step, body; `op` "do": the body first; any kid may be OTHER without kids */
    SEK_SF_DEF,     /* function: `text` name; kids: parameters (NAME) ..., body */
    SEK_SF_RETURN,
    SEK_SF_LEAVE,   /* break, exit, continue: `op` "continue" */
    SEK_SF_RUN,     /* VBScript: Execute a; `op` "global" */
    SEK_SF_CLASS,   /* VBScript: `text` name; kid: a block with its functions and variables */
    SEK_SF_REDIM,   /* VBScript: `text` array; kids: its highest index ...; `op` "preserve" */
} SekSfKind;

typedef struct SekSfNode {
    SekSfKind kind;
    const char *op;  /* static */
    size_t off, end; /* in the text */
    SekStr text;     /* NAME, MEMBER, DIM, DEF */
    SekSfValue value; /* LITERAL */
    struct SekSfNode **kids;
    uint32_t n_kids;
    enum { SEK_SF_UNSEEN, SEK_SF_SEEN, SEK_SF_DIFFERS } seen_state;
    SekSfValue seen; /* what it came to each time that it was evaluated */
    uint32_t calls;  /* DEF: times called */
    struct SekSfNode *row; /* strings side by side that begin with this node, as one */
} SekSfNode;

/* --- the run --- */

typedef struct SekSfVar {
    SekStr name;
    SekSfValue value;
    SekSfNode *function; /* a name that stands for a function of the script */
    uint32_t scope;
    uint32_t n_assigned; /* places in the text that assign it */
} SekSfVar;

typedef struct SekSfRun SekSfRun;

typedef struct SekSfLanguage {
    SekScriptKind kind;
    bool nocase;         /* names */
    SekSfNode *(*parse)(SekSfRun *run, SekStr text);
    /* A function of the language: UNKNOWN when it is none, or cannot be followed. `self` is what stands
     * before the dot, or NULL. */
    SekSfValue (*call)(SekSfRun *run, SekStr name, const SekSfValue *self, const SekSfValue *args, uint32_t n);
    bool (*knows)(SekStr name); /* a function of the language: it leaves its arguments as they are */
    SekSfValue (*binary)(SekSfRun *run, const char *op, SekSfValue a, SekSfValue b);
    SekSfValue (*constant)(SekSfRun *run, SekStr name);
    /* Appends as a literal; false when the language has none for it. */
    bool (*literal)(SekBuf *out, SekStr text);
} SekSfLanguage;

struct SekSfRun {
    SekDecoder *decoder;
    const SekSfLanguage *language;
    SekStr source;
    uint32_t layer;
    SekStepTally tally;
    SekStrMap assigned; /* VBScript: names that are variables, because something assigns them */
    SekSfVar *vars;
    uint32_t n_vars, cap_vars, scope;
    uint32_t depth, calls, n_nodes;
    uint32_t quiet;        /* above 0: what is seen is not kept */
    uint32_t unsure;       /* above 0: a run that may not happen */
    uint32_t loop_base, call_base; /* `unsure` where the innermost loop and call began */
    bool maybe_left;       /* a loop or function may have been left where that is not certain */
    bool disguised;        /* something was hidden */
    bool gave_up;          /* nested too deep to be followed: nothing that was seen is certain */
    bool expression;       /* the parser reads one expression, not a script (VBScript's Eval) */
    bool looking;          /* a function that ran is looked at once more, with parameters that are not known */
    uint32_t nested, origin; /* code inside of code: how deep, and the sink that it came from */
    const SekSfNode *unused; /* a call that is a statement: nobody uses its value */
    SekSfNode *self_class;   /* VBScript: of the method in work */
    enum { SEK_SF_GOES_ON, SEK_SF_LEAVES, SEK_SF_CONTINUES, SEK_SF_RETURNS } flow;
    SekSfValue result;     /* of the function in work */
    const char *partial;
    SekStatus fatal;
    struct SekSfSink *sinks;
    uint32_t n_sinks, cap_sinks;
    SekStr hooks[SEK_SF_MAX_HOOKS]; /* JScript: members of the language's objects that the script sets */
    uint32_t n_hooks;               /* above SEK_SF_MAX_HOOKS: any may be */
};

#define SEK_SF_NO_ORIGIN UINT32_MAX
/* Code that is handed on: to the language itself, or a command line. */
typedef struct SekSfSink {
    SekStr text;
    SekScriptKind kind;
    uint32_t origin; /* sink whose code handed it on, or SEK_SF_NO_ORIGIN: the script */
    uint32_t layer;  /* once it is a layer */
    SekSfNode *root; /* code that ran as part of the script, with its variables; NULL = decoded by itself */
    SekStepTally tally; /* the rest: of `root`, as the run has them */
    bool disguised;
    const char *partial;
} SekSfSink;

/* values */
SekSfValue sek_sf_string(SekSfRun *run, SekStr text); /* copies */
SekSfValue sek_sf_view(SekStr text);                  /* does not copy */
SekSfValue sek_sf_number(double number);
SekSfValue sek_sf_bool(bool value);
SekSfValue sek_sf_unknown(void);
SekSfValue sek_sf_array(SekSfRun *run, const SekSfValue *items, uint32_t n);
bool sek_sf_push(SekSfRun *run, SekSfArray *array, SekSfValue item);
/* a followed by b; amortised over loops. Counts as disguise when the seam lies inside a word. */
SekSfValue sek_sf_concat(SekSfRun *run, SekSfValue a, SekSfValue b);
/* The value as text: numbers that are whole, strings, booleans. False when it has none that is certain. */
bool sek_sf_text(SekSfRun *run, SekSfValue value, SekStr *out);
/* The value as a number: also strings that are one ("&H41", signed as VBScript reads it, "0x41"). */
bool sek_sf_to_number(SekSfValue value, double *out);
bool sek_sf_truth(SekSfValue value, bool *out);
/* Length and parts of a string in UTF-16 units, as both languages count. */
size_t sek_sf_units(SekStr text);
SekStr sek_sf_slice(SekSfRun *run, SekStr text, size_t from, size_t n);
/* The unit at `at`, or -1. */
int sek_sf_unit_at(SekStr text, size_t at);
/* Appends one unit. */
void sek_sf_put_unit(SekBuf *out, unsigned unit);
/* Text in a buffer as a value; frees the buffer. UNKNOWN when it failed. */
SekSfValue sek_sf_take(SekSfRun *run, SekBuf *buf);
SekSfValue sek_sf_replace(SekSfRun *run, SekStr text, SekStr what, SekStr with, long most);
/* Without regard to case; UNKNOWN for letters outside ASCII. */
SekSfValue sek_sf_replace_nocase(SekSfRun *run, SekStr text, SekStr what, SekStr with, long most);
SekSfValue sek_sf_split(SekSfRun *run, SekStr text, SekStr by);
SekSfValue sek_sf_join(SekSfRun *run, const SekSfArray *array, SekStr with);
SekSfValue sek_sf_reverse(SekSfRun *run, SekStr text);
/* %41, %u0041 (JScript's unescape) */
SekSfValue sek_sf_unescape(SekSfRun *run, SekStr text);

/* What was done; `name` is static. The step makes the layer worth showing. */
void sek_sf_step(SekSfRun *run, const char *name);
/* Pays for work on `bytes`; false when the budget is used up. */
bool sek_sf_pay(SekSfRun *run, size_t bytes);
void *sek_sf_alloc(SekSfRun *run, size_t size);

/* syntax helpers */
SekSfNode *sek_sf_node(SekSfRun *run, SekSfKind kind, size_t off);
bool sek_sf_add_kid(SekSfRun *run, SekSfNode *node, SekSfNode *kid);
/* a op b, as one more kid where a is a chain of the same + or &. NULL when `b` is or memory ends. */
SekSfNode *sek_sf_join_up(SekSfRun *run, SekSfNode *a, const char *op, SekSfNode *b);

/* evaluation (sf_eval.c, sf_exec.c) */
SekSfValue sek_sf_eval(SekSfRun *run, SekSfNode *node);
void sek_sf_exec(SekSfRun *run, SekSfNode *node);
SekSfVar *sek_sf_find(SekSfRun *run, SekStr name);
void sek_sf_assign(SekSfRun *run, SekStr name, SekSfValue value);
void sek_sf_declare(SekSfRun *run, SekStr name, SekSfValue value);
/* Forgets every variable that is assigned anywhere in `node`. */
void sek_sf_forget_assigned(SekSfRun *run, const SekSfNode *node);
void sek_sf_forget_all(SekSfRun *run);
SekSfValue sek_sf_call_function(SekSfRun *run, SekSfNode *def, SekSfNode *call, const SekSfValue *args, uint32_t n);
/* Notes why the script is not known in full; the first reason counts. */
void sek_sf_partly(SekSfRun *run, const char *why);
/* Every variable of the function in work, parameters and all. */
void sek_sf_forget_locals(SekSfRun *run);
/* True for JScript's `arguments`, through which parameters may be set. */
bool sek_sf_is_arguments(const SekSfRun *run, const SekSfNode *node);
/* The note that a node came to `value` (see SekSfNode.seen). */
void sek_sf_note(SekSfRun *run, SekSfNode *node, SekSfValue value);

/* calls (sf_call.c) */
SekSfValue sek_sf_eval_call(SekSfRun *run, SekSfNode *node);
SekSfValue sek_sf_eval_new(SekSfRun *run, SekSfNode *node);
/* Calls a function of the object's class, or one that is its item; false when it has none of that name. */
bool sek_sf_call_method(SekSfRun *run, SekSfValue self, SekStr name, SekSfNode *call, const SekSfValue *args, uint32_t n,
                        SekSfValue *out);

/* objects and arrays (sf_object.c) */
SekSfValue sek_sf_object(SekSfRun *run, SekStr text, bool items);
/* True when the value is one whose items are known. */
bool sek_sf_has_items(SekSfValue value);
/* The item of an array or object; UNKNOWN when there is none that is certain. */
SekSfValue sek_sf_item(SekSfRun *run, SekSfValue list, SekSfValue key);
void sek_sf_set_item(SekSfRun *run, SekSfValue list, SekSfValue key, SekSfValue value);
/* Items of it may have been changed by something that is not followed. */
void sek_sf_lose(SekSfValue value);
/* A copy with items of its own, as VBScript assigns arrays. */
SekSfValue sek_sf_copy(SekSfRun *run, SekSfValue value);
/* The methods of Scripting.Dictionary; UNKNOWN, and the items lost, for others. */
SekSfValue sek_sf_dictionary(SekSfRun *run, SekSfValue self, SekStr name, const SekSfValue *args, uint32_t n);

/* code (sf_code.c) */
/* Declares the variables of the class whose method is called: each object has its own, and none is followed. */
void sek_sf_declare_fields(SekSfRun *run);
/* Hands `text` on; the number of the sink, or SEK_SF_NO_ORIGIN. */
uint32_t sek_sf_sink(SekSfRun *run, SekScriptKind kind, SekStr text);
/* Runs code of the same language as part of the script: what it assigns is assigned. Comes to the value of
 * its last expression. `global`: in no function (ExecuteGlobal); `expression`: VBScript's Eval. */
SekSfValue sek_sf_run_code(SekSfRun *run, SekStr code, bool global, bool expression);
/* Code whose text is not known ran: nothing is known any more. */
void sek_sf_unknown_code(SekSfRun *run);
/* Hands on what calls hand on: Execute, eval, .Run ... True when it was one of them; `*out` is its value. */
bool sek_sf_hand_on(SekSfRun *run, SekStr name, const SekSfValue *self, const SekSfValue *args, uint32_t n, SekSfValue *out);
/* True for a name that hands on, of a function or a member. */
bool sek_sf_hands_on(SekStr name, bool member);
/* JScript: notes that `target`, which is assigned, is a member of the language (String.prototype.replace), whose
 * calls are unknown from then on. */
void sek_sf_hook(SekSfRun *run, const SekSfNode *target);
bool sek_sf_is_hooked(const SekSfRun *run, SekStr name);
/* Makes the functions of `root` known (sf_fold.c). */
void sek_sf_survey(SekSfRun *run, SekSfNode *root);

/* The folder of a language (sf_fold.c). */
SekStatus sek_sf_fold(SekDecoder *decoder, uint32_t index, const SekSfLanguage *language);
