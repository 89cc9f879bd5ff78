/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One run of the PowerShell folder: an evaluator over the tree that knows a value or knows that it does not.
 *
 * A *unit* is one source text: the layer itself, and each text that it invokes, which is evaluated in the
 * scope where it is invoked. While evaluating, a unit collects *edits*: spans of its source and what they
 * come to. Code whose number of rounds is known is run for its values with recording off, then read once more
 * with everything that it assigns unknown, so that an edit holds for every round. Of branches whose condition
 * is unknown each is read from the state before, and what any of them assigned is unknown behind. */

#include "decode/ps_value.h"

/* FLOW_STOP: something was thrown, or a run for values gave up. FLOW_EXIT: the script ends. */
typedef enum SekPsFlow {
    FLOW_NEXT,
    FLOW_BREAK,
    FLOW_CONTINUE,
    FLOW_RETURN,
    FLOW_STOP,
    FLOW_EXIT
} SekPsFlow;

typedef struct SekPsEdit {
    uint32_t start, end;
    SekStr text;
} SekPsEdit;

typedef struct SekPsUnit SekPsUnit;
struct SekPsUnit {
    SekStr source;
    SekPsTree tree;
    SekPsEdit *edits;
    uint32_t n_edits, cap_edits;
    size_t edit_bytes;
    SekStepTally tally, came_by; /* folds inside; how the text came to light */
    const char *partial;
    size_t source_off, source_len; /* in the parent unit's source */
    SekScriptKind kind;            /* others than PowerShell are handed on unread */
    bool hidden;                   /* something was done that undoes a disguise: its edits are worth a layer */
    bool clear;                    /* stands in the parent as it is: a layer only if something comes of it */
    bool unread;                   /* not evaluated: too many units, or another language */
    SekPsUnit *kids, **kids_tail, *next;
};

typedef struct SekPsVar {
    SekPsValue value;
    uint32_t level; /* of the function call that it is bound in */
    uint32_t epoch; /* set before this epoch of the run: unknown */
    uint32_t stamp; /* last mark under which its old value was put on the trail */
    bool poisoned;  /* written in ways that are not followed */
    SekStr type;    /* every value that it gets is converted to this; empty: to none */
} SekPsVar;

typedef struct SekPsTrail SekPsTrail;
typedef struct SekPsFunction SekPsFunction;

typedef struct SekPsRun {
    SekDecoder *decoder;
    SekArena *arena;
    SekPsUnit *unit;
    struct SekPsEnv *env;
    struct SekPsInvocation *spare; /* invocations to be used again */
    SekPsFunction *functions;
    unsigned n_units;
    unsigned depth;  /* of evaluation */
    unsigned calls;  /* of functions and invoked texts */
    unsigned strict; /* > 0: running for values; what cannot be followed gives up */
    bool recording, gave_up, blind, out_of_memory;
    bool risky; /* something was called that may throw, since the innermost try began */
    bool in_try;
    unsigned dead; /* > 0: reading code that never runs: it is shown, and what it invokes is not followed */
    SekPsValue dollar_under; /* $_ */
    SekPsValue pipe_input;   /* $input */
    const SekPsArray *args;  /* $args of the running call */
    struct SekPsInvocation *call; /* whose arguments are bound next; NULL: by place only */
} SekPsRun;

/* What statements give. */
typedef struct SekPsOut {
    SekPsArray *items;
    bool unknown;
} SekPsOut;

#define SEK_PS_MAX_EVAL_DEPTH 900 /* evaluator frames; the parser's depth times what calls add */
#define SEK_PS_MAX_CALLS 24       /* functions and texts invoked inside each other */

/* ps_env.c: variables. Names are compared without case. */
struct SekPsEnv *sek_env_new(SekPsRun *run);
void sek_env_free(struct SekPsEnv *env); /* its map; the rest lies in the arena. Accepts NULL */
SekPsValue sek_env_get(SekPsRun *run, SekStr name);
/* False when nothing was ever assigned to it here. */
bool sek_env_has(SekPsRun *run, SekStr name);
void sek_env_set(SekPsRun *run, SekStr name, SekPsValue value);
/* [type]$name = ...: what is set from here on is converted, too. */
void sek_env_type(SekPsRun *run, SekStr name, SekStr type);
void sek_env_forget_all(SekPsRun *run);
/* Something holds a reference to it and may change it at any time: unknown from here on, for good. The layer
 * is partial when its value was known. */
void sek_env_poison(SekPsRun *run, SekStr name);
/* Something that is not followed sets it now. */
void sek_env_lose(SekPsRun *run, SekStr name);
/* A mark to come back to; back gives every variable set since its old value, and marks it unknown when
 * `blur`. */
uint32_t sek_env_mark(SekPsRun *run);
void sek_env_back(SekPsRun *run, uint32_t mark, bool blur);
/* True under a mark: in code that may not run, or is run more than once. */
bool sek_env_marked(const SekPsRun *run);
/* Names of variables of which something was ever known, and of commands that the script defined (ps_quiet.h). */
SekPsNeed sek_env_known(const SekPsRun *run);
void sek_env_defines(SekPsRun *run, SekStr command);
/* Keeps what was set since. */
void sek_env_keep(SekPsRun *run, uint32_t mark);
/* Every variable set since `mark` is unknown from here on, still under the mark. */
void sek_env_blur(SekPsRun *run, uint32_t mark);
/* How often anything was written: a round of a loop that writes nothing will never end. */
uint64_t sek_env_writes(const SekPsRun *run);
/* An array or object was changed in place: going back over this taints it. */
void sek_env_changed(SekPsRun *run, bool *tainted);
void sek_env_enter(SekPsRun *run); /* a function's scope */
void sek_env_leave(SekPsRun *run);
/* Name of an automatic or assigned variable that matches a pattern; empty when none or several do. */
SekStr sek_env_match(SekPsRun *run, SekPsText pattern);

/* ps_eval.c, ps_chain.c, ps_ops.c, ps_exec.c, ps_loop.c, ps_command.c ... */
SekPsValue sek_ps_eval(SekPsRun *run, const SekPsNode *node);
SekPsFlow sek_ps_exec(SekPsRun *run, const SekPsNode *node, SekPsOut *out);
SekPsFlow sek_ps_exec_all(SekPsRun *run, const SekPsNode *first, SekPsOut *out);
/* A function, block or text that is run ended in `flow`. True when it leaves what called it, too: nothing is known
 * behind the call then, unless that is a branch which may not run. */
bool sek_ps_left(SekPsRun *run, SekPsFlow flow);
SekPsValue sek_ps_chain(SekPsRun *run, const SekPsNode *node);
SekPsValue sek_ps_binary_op(SekPsRun *run, uint8_t op, bool match_case, const SekPsValue *a,
                            const SekPsValue *b);
SekPsValue sek_ps_unary_op(SekPsRun *run, uint8_t op, bool match_case, const SekPsValue *a);
/* [ref] and its long name. */
bool sek_ps_is_reference(SekStr type);
SekPsValue sek_ps_cast(SekPsRun *run, SekStr type, const SekPsValue *v);
SekPsValue sek_ps_format(SekPsRun *run, SekPsText format, const SekPsArray *args);
SekPsValue sek_ps_replace(SekPsRun *run, SekPsText text, SekPsText pattern, SekPsText with, bool nocase);
SekPsValue sek_ps_split(SekPsRun *run, SekPsText text, SekPsText pattern, int64_t max, bool nocase);
SekPsValue sek_ps_matches(SekPsRun *run, SekPsText text, SekPsText pattern, bool nocase); /* PV_BOOL */
SekPsValue sek_ps_all_matches(SekPsRun *run, SekPsText text, SekPsText pattern,
                              bool nocase); /* of PS_OBJ_MATCH */
SekPsValue sek_ps_index(SekPsRun *run, const SekPsValue *target, const SekPsValue *index);
/* Everything that the tree might assign is unknown from here on. */
void sek_ps_blur_assigned(SekPsRun *run, const SekPsNode *node);
SekPsFlow sek_ps_loop(SekPsRun *run, const SekPsNode *node, SekPsOut *out);
SekPsFlow sek_ps_switch(SekPsRun *run, const SekPsNode *node, SekPsOut *out);
/* A pipeline or command; what it gives goes to `out`. */
void sek_ps_pipe(SekPsRun *run, const SekPsNode *node, SekPsOut *out);

/* A method of a value: `self` PV_TYPE with `is_static` for Type::Name. */
typedef struct SekPsCall {
    SekPsValue self;
    SekStr name; /* lower case */
    SekPsValue *args;
    uint32_t n;
    bool is_static;
    const SekPsNode *node; /* of the call, for layers */
} SekPsCall;
SekPsValue sek_ps_method(SekPsRun *run, const SekPsCall *call);
SekPsValue sek_ps_property(SekPsRun *run, const SekPsValue *self, SekStr name, bool is_static);
SekPsValue sek_ps_string_method(SekPsRun *run, const SekPsCall *call, SekPsText text);
SekPsValue sek_ps_static_method(SekPsRun *run, const SekPsCall *call);
SekPsValue sek_ps_object_method(SekPsRun *run, const SekPsCall *call);
/* new Type(args), by New-Object or ::new. */
SekPsValue sek_ps_new_object(SekPsRun *run, SekStr type, const SekPsValue *args, uint32_t n);
/* The kind of class that a type's name means: lower case, without System. */
SekStr sek_ps_type_name(SekStr type, char *buf, size_t size);

/* Blocks and texts. */
SekPsValue sek_ps_invoke_block(SekPsRun *run, const SekPsNode *block, const SekPsArray *args, bool own_scope);
/* A text that is run: a layer of its own, evaluated here. `node` is where in the unit's source it is invoked.
 */
SekPsValue sek_ps_invoke_text(SekPsRun *run, SekPsText text, const SekPsNode *node);
/* A text handed to another reader (an encoded command, cmd.exe): a layer only. `step` says how it was hidden;
 * NULL when it stands there as it is. */
void sek_ps_hand_on(SekPsRun *run, SekStr text, SekScriptKind kind, const SekPsNode *node, const char *step);

bool sek_ps_has_function(const SekPsRun *run, SekStr name);

/* Calls a function that the script defines; false when it has none of that name. */
bool sek_ps_call_function(SekPsRun *run, SekStr name, const SekPsArray *args, SekPsValue *out);
/* Something was called of which nothing is known. */
static inline void sek_ps_unknown_call(SekPsRun *run) {
    run->risky = true;
    if (run->in_try && run->strict)
        run->gave_up = true;
}

/* Objects: NULL when memory is out. */
SekPsObject *sek_ps_object(SekPsRun *run, SekPsObjectKind kind);
static inline SekPsValue sek_pv_object(SekPsObject *object) {
    return object ? (SekPsValue){.kind = PV_OBJECT, .object = object} : sek_pv_unknown();
}

/* Counts a step of the layer's tally. */
static inline void sek_ps_did(SekPsRun *run, const char *step) {
    sek_tally_add(&run->unit->tally, step, 1);
}
/* ps_disguise.c. The same for a step that only a disguise asks for. Joining whole words, expanding a variable, splitting at a
 * comma are steps of every script: what they come to is worth a layer only beside one of these. */
static inline void sek_ps_unhid(SekPsRun *run, const char *step) {
    sek_ps_did(run, step);
    run->unit->hidden = true;
}
/* Two texts were put side by side: a disguise when that makes one word, or the beginning of a URL, out of two.
 * `written`: both stand in the script as they are. */
void sek_ps_joined(SekPsRun *run, SekPsText a, SekPsText b, bool written);
void sek_ps_made_char(SekPsRun *run, unsigned c);
void sek_ps_formatted(SekPsRun *run, SekPsText format);
void sek_ps_split_at(SekPsRun *run, SekPsText text, SekPsText separator);
typedef enum SekPsNaming { PS_NAMES_COMMAND, PS_NAMES_METHOD, PS_NAMES_PROPERTY } SekPsNaming;
/* `node` came to the name of something that is used. */
/* A member's name in place of `node`; one that needs its quotes stays as it is written. */
void sek_ps_record_member(SekPsRun *run, const SekPsNode *node, SekPsText name, SekPsNaming what);
void sek_ps_named(SekPsRun *run, const SekPsNode *node, SekPsText name, SekPsNaming what);
/* Says that part of the disguise stays; the first reason counts. Nothing is said while running for values. */
void sek_ps_partial(SekPsRun *run, const char *why);
/* Pays for work on `n` bytes or items; false when the budget is used up. */
bool sek_ps_pay(SekPsRun *run, uint64_t n);
/* Gives up a run for values. */
static inline void sek_ps_give_up(SekPsRun *run) {
    if (run->strict)
        run->gave_up = true;
}

/* ps_print.c: edits. */
void sek_ps_record(SekPsRun *run, const SekPsNode *node, const SekPsValue *value);
void sek_ps_record_span(SekPsRun *run, uint32_t start, uint32_t end, SekStr text);
void sek_ps_record_value(SekPsRun *run, uint32_t start, uint32_t end, const SekPsValue *value);
/* A name in place of an expression: commands and members. False when it is no plain name. */
bool sek_ps_record_name(SekPsRun *run, uint32_t start, uint32_t end, SekPsText name);
SekStr sek_ps_apply(SekArena *arena, SekPsUnit *unit); /* ptr NULL: no memory */
/* True for what a person would write: not worth an edit. */
bool sek_ps_is_plain(const SekPsNode *node);

/* ps_names.c: tables. All names in lower case. */
SekStr sek_ps_alias(SekStr command);                 /* the cmdlet, or the name itself */
bool sek_ps_soft_variable(SekStr name, SekStr *out); /* values of the usual machine */
SekStr sek_ps_find_command(SekPsText pattern);       /* the only well-known cmdlet that matches, or empty */
bool sek_ps_is_cmdlet(SekStr name);
SekStr sek_ps_find_automatic(SekPsText pattern); /* an automatic variable */

/* ps_bytes.c */
typedef enum SekPsEncoding {
    PS_ENC_ASCII,
    PS_ENC_UTF8,
    PS_ENC_UTF16,
    PS_ENC_UTF16BE,
    PS_ENC_LATIN1,
    PS_ENC_ANSI, /* a code page of which only ASCII is known: Default, those of two bytes a character */
    PS_ENC_UTF32,
    PS_ENC_OTHER, /* nothing is known: UTF-7, EBCDIC */
    PS_ENC_437,
    PS_ENC_850,
    PS_ENC_1250,
    PS_ENC_1251,
    PS_ENC_1252,
} SekPsEncoding;
/* ps_pages.c: what [Text.Encoding]::GetEncoding gives for a number or name. */
SekPsEncoding sek_ps_encoding_of(const SekPsValue *which);
/* Single-byte pages and ANSI; false when a character of them is not known. */
bool sek_ps_page_units(SekPsEncoding encoding, const uint8_t *bytes, size_t n, uint16_t *units);
bool sek_ps_page_bytes(SekPsEncoding encoding, SekPsText text, uint8_t *bytes);
bool sek_ps_base64(SekArena *arena, SekPsText text, SekPsArray **out); /* as .NET reads it */
SekPsValue sek_ps_decode_text(SekPsRun *run, const SekPsArray *bytes, SekPsEncoding encoding);
SekPsValue sek_ps_encode_text(SekPsRun *run, SekPsText text, SekPsEncoding encoding);
typedef enum SekPsPacking { PS_PACK_DEFLATE, PS_PACK_GZIP, PS_PACK_ZLIB } SekPsPacking;
SekPsValue sek_ps_inflate(SekPsRun *run, const uint8_t *bytes, size_t n, SekPsPacking packing);

/* ps_crypto.c */
/* SecureString text with a key, or PV_UNKNOWN. */
SekPsValue sek_ps_secure_string(SekPsRun *run, SekPsText text, const SekPsArray *key);
SekPsValue sek_ps_aes_decrypt(SekPsRun *run, const SekPsObject *cipher, const uint8_t *bytes, size_t n);

/* Commands of the script's own (functions aside) by name, in lower case; the arguments as written. */
typedef struct SekPsArg {
    SekStr param;          /* name without the dash, lower case; empty: by place */
    const SekPsNode *node; /* of the value; NULL when the parameter has none of its own */
    SekPsValue value;
    bool taken;
} SekPsArg;

#define SEK_PS_MAX_ARGS 64

typedef struct SekPsInvocation {
    struct SekPsInvocation *spare;
    const SekPsNode *node; /* the command */
    SekStr name;           /* lower case, aliases resolved */
    SekPsArg args[SEK_PS_MAX_ARGS];
    uint32_t n;
    bool has_input;
    SekPsValue input; /* of the pipeline */
} SekPsInvocation;

/* The value of a parameter (any prefix of one of the names, "a|b") or, when it is not given, the next
 * argument by place if `by_place`. NULL when there is none. */
SekPsValue *sek_ps_arg(SekPsInvocation *in, const char *names, bool by_place);
/* What a cmdlet gives; false when it is none that is known. */
bool sek_ps_cmdlet(SekPsRun *run, SekPsInvocation *in, SekPsValue *out);
bool sek_ps_has_cmdlet(SekStr name);
bool sek_ps_each_object(SekPsRun *run, SekPsInvocation *in,
                        SekPsValue *out); /* ForEach-Object, Where-Object */
/* ps_file.c: scripts that are written to files. The text of a cmdlet, of [IO.File]::WriteAllText whose first
 * argument is `first`, and of a redirection to `target` (of value `path`), which stands at `at`. */
void sek_ps_writes_file(SekPsRun *run, SekPsInvocation *in);
bool sek_ps_is_writer(SekStr name); /* a cmdlet that the last one looks at */
void sek_ps_writes_all(SekPsRun *run, const SekPsCall *call, const SekPsNode *first);
void sek_ps_written(SekPsRun *run, const SekPsNode *target, const SekPsValue *path, const SekPsValue *value,
                    const SekPsNode *at);
/* Programs that take code in their arguments: powershell, cmd, mshta... False for others. */
bool sek_ps_program(SekPsRun *run, SekPsInvocation *in);
/* One of them, by its name without folder and extension (ps_line.h). */
bool sek_ps_runs_code(SekStr stem);
/* False for a name that is none of theirs for certain: one with a dash and no folder or extension. */
bool sek_ps_may_be_program(SekStr name);
/* Whether a parameter, in lower case, names a variable that is set: -OutVariable and its kin. */
bool sek_ps_sets_variable(SekStr param);
bool sek_ps_may_set_variable(char first, char second); /* by its first two letters */
