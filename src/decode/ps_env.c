/* SPDX-License-Identifier: Apache-2.0 */

/* Variables, bound shallowly: a variable has one current value, and a trail of old ones by which a function's
 * scope is left and a branch is taken back. Under one mark the old value is put on the trail once. Forgetting
 * everything is a new epoch and cannot be taken back: what came before stays unknown, which is the safe side.
 */

#include "base/strmap.h"
#include "decode/ps_quiet.h"

struct SekPsTrail {
    uint32_t var; /* UINT32_MAX: an array or object was changed */
    bool shadow;  /* first assignment in a function's scope */
    SekPsVar old;
    bool *tainted;
};

typedef struct SekPsEnv {
    SekStrMap names;
    SekPsVar *vars;
    SekStr *var_names;
    uint32_t n_vars, cap_vars;
    SekPsTrail *trail;
    uint32_t n_trail, cap_trail;
    uint32_t level, epoch, stamp, n_marks;
    uint64_t n_writes;                     /* ever */
    SekPsNeed known;                       /* names of which something was ever known */
    bool drives;                           /* names with a drive, such as alias:x, were seen */
    uint32_t scopes[SEK_PS_MAX_CALLS + 1]; /* trail length at the entry of each */
} SekPsEnv;

struct SekPsEnv *sek_env_new(SekPsRun *run) {
    SekPsEnv *env = SEK_ARENA_NEW(run->arena, SekPsEnv);
    if (env)
        sek_strmap_init(&env->names, true);
    return env;
}

void sek_env_free(struct SekPsEnv *env) {
    if (env)
        sek_strmap_deinit(&env->names);
}

/* Without the scope, which is not told apart; `*out_outer` for global: and script:. */
static SekStr plain_name(SekStr name, bool *out_outer) {
    static const char *const scopes[] = {"global:", "script:", "local:", "private:", "variable:", "using:"};
    if (name.len == 0 || !memchr(name.ptr, ':', name.len))
        return name;
    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
        if (sek_ascii_lower(name.ptr[0]) != scopes[i][0])
            continue;
        size_t n = strlen(scopes[i]);
        if (name.len > n && sek_str_eq_nocase(sek_str_n(name.ptr, n), sek_str(scopes[i]))) {
            *out_outer = i < 2;
            return sek_str_n(name.ptr + n, name.len - n);
        }
    }
    return name;
}

static bool grow(SekArena *arena, void **items, uint32_t *cap, uint32_t n, size_t size) {
    if (n < *cap)
        return true;
    uint32_t wanted = *cap ? 2 * *cap : 32;
    void *more = sek_arena_calloc(arena, wanted, size);
    if (!more)
        return false;
    if (n)
        memcpy(more, *items, n * size);
    *items = more;
    *cap = wanted;
    return true;
}

static uint32_t intern(SekPsRun *run, SekStr name) {
    SekPsEnv *env = run->env;
    uint32_t id;
    if (sek_strmap_get(&env->names, name, &id) == SEK_OK)
        return id;
    uint32_t cap = env->cap_vars;
    SekStr kept = sek_arena_dup(run->arena, name);
    if (!kept.ptr || !grow(run->arena, (void **)&env->var_names, &cap, env->n_vars, sizeof *env->var_names) ||
        !grow(run->arena, (void **)&env->vars, &env->cap_vars, env->n_vars, sizeof *env->vars) ||
        sek_strmap_set(&env->names, kept, env->n_vars) != SEK_OK) {
        run->out_of_memory = true;
        return UINT32_MAX;
    }
    const char *colon = name.len ? memchr(name.ptr, ':', name.len) : NULL;
    env->drives = env->drives || colon;
    if (colon) /* alias:x */
        sek_env_defines(run, sek_str_n(colon + 1, (size_t)(name.ptr + name.len - colon - 1)));
    env->vars[env->n_vars] = (SekPsVar){.epoch = UINT32_MAX};
    env->var_names[env->n_vars] = kept;
    return env->n_vars++;
}

static bool is(SekStr name, SekStr what) {
    return name.len == what.len && sek_str_eq_nocase(name, what);
}

static SekPsValue special(SekPsRun *run, SekStr name, bool *found) {
    *found = true;
    if (is(name, SEK_STR("true")))
        return sek_pv_bool(true);
    if (is(name, SEK_STR("false")))
        return sek_pv_bool(false);
    if (is(name, SEK_STR("null")))
        return sek_pv_null();
    if (sek_str_eq(name, SEK_STR("_")) || is(name, SEK_STR("psitem")))
        return run->dollar_under;
    if (is(name, SEK_STR("input")))
        return run->pipe_input;
    if (is(name, SEK_STR("args")) && run->args)
        return sek_pv_array((SekPsArray *)run->args);
    if (is(name, SEK_STR("executioncontext")))
        return sek_pv_object(sek_ps_object(run, PS_OBJ_CONTEXT));
    *found = false;
    return sek_pv_unknown();
}

static SekPsValue fallback(SekPsRun *run, SekStr name) {
    SekStr usual;
    if (sek_ps_soft_variable(name, &usual)) {
        SekPsText text = sek_pt_from_utf8(run->arena, usual);
        SekPsValue v = sek_pv_text(text);
        v.soft = true;
        return text.p ? v : sek_pv_unknown();
    }
    bool environment = name.len > 4 && sek_str_eq_nocase(sek_str_n(name.ptr, 4), SEK_STR("env:"));
    return environment || sek_str_eq_nocase(name, SEK_STR("home")) ? sek_pv_some_string() : sek_pv_unknown();
}

SekPsValue sek_env_get(SekPsRun *run, SekStr name) {
    SekPsEnv *env = run->env;
    bool outer = false, found;
    uint32_t id;
    name = plain_name(name, &outer);
    SekPsValue v = special(run, name, &found);
    if (found)
        return v;
    if (sek_strmap_get(&env->names, name, &id) != SEK_OK)
        return fallback(run, name);
    const SekPsVar *var = &env->vars[id];
    if (var->epoch == UINT32_MAX && !var->poisoned)
        return fallback(run, name);
    if (var->epoch != env->epoch || var->poisoned || (outer && var->level > 0) ||
        (run->blind && var->level < env->level))
        return sek_pv_unknown();
    return var->value;
}

bool sek_env_has(SekPsRun *run, SekStr name) {
    bool outer = false;
    uint32_t id;
    name = plain_name(name, &outer);
    if (!run->env->drives && name.len && memchr(name.ptr, ':', name.len))
        return false;
    return sek_strmap_get(&run->env->names, name, &id) == SEK_OK && run->env->vars[id].epoch != UINT32_MAX;
}

static void push(SekPsRun *run, SekPsTrail entry) {
    SekPsEnv *env = run->env;
    if (!grow(run->arena, (void **)&env->trail, &env->cap_trail, env->n_trail, sizeof *env->trail)) {
        run->out_of_memory = true;
        return;
    }
    env->trail[env->n_trail++] = entry;
}

void sek_env_set(SekPsRun *run, SekStr name, SekPsValue value) {
    SekPsEnv *env = run->env;
    bool outer = false, found;
    name = plain_name(name, &outer);
    if (sek_str_eq(name, SEK_STR("_"))) {
        run->dollar_under = value;
        return;
    }
    (void)special(run, name, &found);
    uint32_t id = found ? UINT32_MAX : intern(run, name);
    if (id == UINT32_MAX)
        return;
    SekPsVar *var = &env->vars[id];
    env->n_writes++;
    if (outer && env->level > 0) {
        var->poisoned = true; /* written behind the back of the running scope */
        return;
    }
    if (var->level < env->level || env->n_marks > 0) {
        bool shadow = var->level < env->level;
        if (shadow || var->stamp != env->stamp) {
            push(run, (SekPsTrail){.var = id, .shadow = shadow, .old = *var});
            var->stamp = env->stamp;
        }
        if (shadow)
            var->type = sek_str_n(NULL, 0);
    }
    if (var->type.len > 0)
        value = sek_ps_cast(run, var->type, &value);
    var->value = value;
    var->level = env->level;
    var->epoch = env->epoch;
    if (value.kind != PV_UNKNOWN || value.typed)
        env->known.reads |= sek_ps_bit(name);
}

void sek_env_type(SekPsRun *run, SekStr name, SekStr type) {
    bool outer = false;
    uint32_t id;
    if (sek_strmap_get(&run->env->names, plain_name(name, &outer), &id) == SEK_OK)
        run->env->vars[id].type = type; /* it was set just now: the trail has what was before */
}

void sek_env_lose(SekPsRun *run, SekStr name) {
    SekPsValue v = sek_env_get(run, name);
    if (sek_env_has(run, name) && sek_pv_readable(&v))
        sek_ps_partial(run, "a variable is set by something that is not followed");
    sek_env_set(run, name, sek_pv_unknown());
}

void sek_env_poison(SekPsRun *run, SekStr name) {
    bool outer = false;
    sek_env_lose(run, name);
    uint32_t id = intern(run, plain_name(name, &outer));
    if (id != UINT32_MAX)
        run->env->vars[id].poisoned = true;
}

void sek_env_forget_all(SekPsRun *run) {
    run->env->epoch++;
    run->dollar_under = sek_pv_unknown();
}

uint32_t sek_env_mark(SekPsRun *run) {
    run->env->n_marks++;
    run->env->stamp++;
    return run->env->n_trail;
}

bool sek_env_marked(const SekPsRun *run) {
    return run->env->n_marks > 0;
}

SekPsNeed sek_env_known(const SekPsRun *run) {
    return run->env->known;
}

void sek_env_defines(SekPsRun *run, SekStr command) {
    run->env->known.calls |= sek_ps_bit(command);
}

static void undo(SekPsRun *run, const SekPsTrail *entry) {
    SekPsVar *var = &run->env->vars[entry->var];
    bool poisoned = var->poisoned;
    *var = entry->old;
    var->poisoned = poisoned;
}

void sek_env_back(SekPsRun *run, uint32_t mark, bool blur) {
    SekPsEnv *env = run->env;
    uint32_t top = env->n_trail;
    env->n_marks--;
    env->stamp++;
    for (uint32_t i = top; i-- > mark;) {
        if (env->trail[i].var == UINT32_MAX)
            *env->trail[i].tainted = true;
        else
            undo(run, &env->trail[i]);
    }
    env->n_trail = mark;
    if (!blur)
        return;
    for (uint32_t i = mark; i < top; i++) { /* entries are overwritten only by those that are read already */
        SekPsTrail entry = env->trail[i];
        if (entry.var != UINT32_MAX)
            sek_env_set(run, env->var_names[entry.var], sek_pv_unknown());
    }
}

void sek_env_keep(SekPsRun *run, uint32_t mark) {
    (void)mark; /* the entries serve the marks outside of this one */
    run->env->n_marks--;
    run->env->stamp++;
    if (run->env->n_marks == 0 && run->env->level == 0)
        run->env->n_trail = 0;
}

void sek_env_blur(SekPsRun *run, uint32_t mark) {
    SekPsEnv *env = run->env;
    uint32_t top = env->n_trail;
    for (uint32_t i = mark; i < top; i++)
        if (env->trail[i].var != UINT32_MAX)
            sek_env_set(run, env->var_names[env->trail[i].var], sek_pv_unknown());
}

uint64_t sek_env_writes(const SekPsRun *run) {
    return run->env->n_writes;
}

void sek_env_changed(SekPsRun *run, bool *tainted) {
    run->env->n_writes++;
    if (run->env->n_marks > 0)
        push(run, (SekPsTrail){.var = UINT32_MAX, .tainted = tainted});
}

void sek_env_enter(SekPsRun *run) {
    SekPsEnv *env = run->env;
    env->scopes[env->level++] = env->n_trail;
    env->stamp++;
}

void sek_env_leave(SekPsRun *run) {
    SekPsEnv *env = run->env;
    uint32_t from = env->scopes[env->level - 1], kept = from;
    for (uint32_t i = env->n_trail; i-- > from;)
        if (env->trail[i].var != UINT32_MAX && env->trail[i].shadow && env->trail[i].old.level < env->level)
            undo(run, &env->trail[i]);
    for (uint32_t i = from; i < env->n_trail; i++) /* what concerns variables outside stays */
        if (env->trail[i].var == UINT32_MAX ||
            (!env->trail[i].shadow && env->trail[i].old.level < env->level))
            env->trail[kept++] = env->trail[i];
    env->n_trail = kept;
    env->level--;
    env->stamp++;
}

SekStr sek_env_match(SekPsRun *run, SekPsText pattern) {
    SekStr found = sek_ps_find_automatic(pattern);
    if (found.len > 0)
        return found;
    for (uint32_t i = 0; i < run->env->n_vars; i++) {
        if (run->env->vars[i].epoch == UINT32_MAX && !run->env->vars[i].poisoned) /* set only where it is no more */
            continue;
        SekPsText name = sek_pt_from_utf8(run->arena, run->env->var_names[i]);
        if (!name.p || !sek_pt_like(name, pattern, true))
            continue;
        if (found.len > 0)
            return sek_str_n(NULL, 0);
        found = run->env->var_names[i];
    }
    return found;
}
