/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/image.h"

#include "engine/group_pool.h"
#include "engine/guard.h"

/* One walk over the sealed structures serves both ways. Writing, it finds where in the flattened arena each
 * pointer and its target stand, and notes there what the target's address will be. Moving, it turns those
 * addresses into where things stand in fact, a pointer before what hangs on it, so that nothing is looked at
 * that was not checked. A pointer that is met twice leads to the new place by then, which does not overlap with
 * the old one: loops end there. */

/* The ruleset itself comes first, then what its arena holds. */
#define ROOT (((sizeof(SekRuleset) + SEK_IMAGE_ALIGN - 1) / SEK_IMAGE_ALIGN) * SEK_IMAGE_ALIGN)

typedef struct Links {
    char *image;
    size_t size;
    uintptr_t base; /* where the image is meant to stand */
    const SekRuleset *from; /* writing: what is written; NULL when moving */
    bool failed;
} Links;

/* --- one pointer ----------------------------------------------------------------------------------- */

/* Where in the image that is written the thing at `at` stands. */
static bool place_of(const Links *l, const void *at, size_t *out) {
    uintptr_t root = (uintptr_t)l->from;
    if ((uintptr_t)at >= root && (uintptr_t)at - root < sizeof(SekRuleset)) {
        *out = (uintptr_t)at - root;
        return true;
    }
    if (sek_arena_place(&l->from->arena, at, out) != SEK_OK)
        return false;
    *out += ROOT;
    return true;
}

/* Also false, `place` being huge, for what stands below the base. */
static bool fits(const Links *l, uintptr_t place, size_t n, size_t size, size_t align) {
    return place >= ROOT && place <= l->size && place % align == 0 && n <= (l->size - place) / size;
}

/* The pointer in `slot`, to `n` things: notes or restores it. NULL stays NULL. */
static void link_slot(Links *l, void *slot, size_t n, size_t size, size_t align) {
    void *target;
    memcpy(&target, slot, sizeof target);
    if (l->failed || !target)
        return;
    if (!l->from) {
        uintptr_t from = (uintptr_t)target - l->base;
        l->failed = !fits(l, from, n, size, align);
        target = l->failed ? NULL : l->image + from;
        memcpy(slot, &target, sizeof target);
        return;
    }
    size_t place = 0, at = 0;
    l->failed = !place_of(l, target, &place) || !place_of(l, slot, &at);
    uintptr_t address = l->base + place;
    if (!l->failed)
        memcpy(l->image + at, &address, sizeof address);
}

/* What must not be in an image: NULL there, and NULL when it is read. */
static void unlink_slot(Links *l, void *slot) {
    size_t at;
    if (l->failed)
        return;
    if (!l->from)
        memset(slot, 0, sizeof(void *));
    else if (place_of(l, slot, &at))
        memset(l->image + at, 0, sizeof(void *));
    else
        l->failed = true;
}

#define OPTIONAL(l, pointer, n) \
    link_slot((l), &(pointer), (n), sizeof *(pointer), _Alignof(__typeof__(*(pointer))))

/* Also fails when there should be something and is not. */
#define LIST(l, pointer, n)                            \
    do {                                               \
        OPTIONAL(l, pointer, n);                       \
        (l)->failed = (l)->failed || ((n) && !(pointer)); \
    } while (0)

/* `n` things hang at `i`, as long as nothing failed. */
#define EACH(l, i, n) (uint32_t i = 0; i < (n) && !(l)->failed; i++)

static void text(Links *l, SekStr *s) {
    LIST(l, s->ptr, s->len);
}

static void texts(Links *l, const SekStr *const *list, size_t n) {
    LIST(l, *(const SekStr **)(uintptr_t)list, n);
    for EACH(l, i, n)
        text(l, (SekStr *)(uintptr_t)&(*list)[i]);
}

/* --- what is told of rules ------------------------------------------------------------------------- */

static void walk_info(Links *l, SekRuleInfo *info) {
    SekStr *const single[] = {&info->id, &info->title, &info->status, &info->description, &info->author,
                              &info->category, &info->product, &info->service, &info->source, &info->tests,
                              &info->text, &info->name};
    for EACH(l, i, sizeof single / sizeof *single)
        text(l, single[i]);
    texts(l, &info->tags, info->n_tags);
    texts(l, &info->references, info->n_references);
    texts(l, &info->falsepositives, info->n_falsepositives);
    texts(l, &info->techniques, info->n_techniques);
    texts(l, &info->tactics, info->n_tactics);
}

static void walk_problem(Links *l, SekRuleProblem *p) {
    LIST(l, p->code, 1);
    if (!l->failed && !l->from) /* has an end within the image */
        l->failed = !memchr(p->code, '\0', l->size - (size_t)(p->code - l->image));
    text(l, &p->source);
    text(l, &p->rule_id);
    text(l, &p->rule_title);
    text(l, &p->text);
}

static void walk_infos(Links *l, SekRuleset *r) {
    LIST(l, r->infos, r->n_rules);
    for EACH(l, i, r->n_rules)
        walk_info(l, &r->infos[i]);
    LIST(l, r->problems, r->n_problems);
    for EACH(l, i, r->n_problems)
        walk_problem(l, &r->problems[i]);
}

/* --- correlations ---------------------------------------------------------------------------------- */

static void walk_expr(Links *l, const SekCorrExpr *expr, uint32_t depth) {
    l->failed = l->failed || depth > SEK_RULE_MAX_DEPTH;
    SekCorrExpr *e = (SekCorrExpr *)(uintptr_t)expr;
    if (l->failed)
        return;
    LIST(l, e->kids, e->n_kids);
    for EACH(l, i, e->n_kids) {
        LIST(l, e->kids[i], 1);
        walk_expr(l, e->kids[i], depth + 1);
    }
}

static void walk_correlation(Links *l, SekCorrelationRule *rule) {
    LIST(l, rule->what, 1);
    SekCorrelation *c = (SekCorrelation *)(uintptr_t)rule->what;
    if (l->failed)
        return;
    texts(l, &c->rules, c->n_rules);
    LIST(l, c->places, c->n_rules);
    texts(l, &c->group_by, c->n_group_by);
    texts(l, &c->fields, c->n_fields);
    unlink_slot(l, &c->group_places);
    unlink_slot(l, &c->field_places);
    unlink_slot(l, &c->aliases);
    unlink_slot(l, &c->targets);
    OPTIONAL(l, c->expr, 1);
    if (c->expr && !l->failed)
        walk_expr(l, c->expr, 1);
    LIST(l, rule->targets, c->n_rules);
}

static void walk_correlations(Links *l, SekRuleset *r) {
    LIST(l, r->correlations, r->n_correlations);
    for EACH(l, i, r->n_correlations)
        walk_correlation(l, &r->correlations[i]);
    OPTIONAL(l, r->first_reference, (size_t)r->n_rules + 1);
    if (r->first_reference && !l->failed)
        LIST(l, r->references, r->first_reference[r->n_rules]);
}

/* --- what was compiled ----------------------------------------------------------------------------- */

static void walk_glob(Links *l, SekGlob *glob) {
    text(l, &glob->literal);
    LIST(l, glob->tokens, glob->n_tokens);
    for EACH(l, i, glob->n_tokens)
        text(l, (SekStr *)(uintptr_t)&glob->tokens[i].text);
}

static void walk_pred(Links *l, SekPred *pred) {
    walk_glob(l, &pred->glob);
    OPTIONAL(l, pred->match, 1);
    OPTIONAL(l, pred->regex, 1);
    bool wants_match = pred->kind != SEK_PRED_GLOB, wants_regex = pred->kind == SEK_PRED_REGEX;
    l->failed = l->failed || (wants_match && !pred->match) || (wants_regex && !pred->regex);
    if (pred->match && !l->failed) {
        SekMatch *match = (SekMatch *)(uintptr_t)pred->match;
        text(l, &match->text);
        unlink_slot(l, &match->patterns);
    }
    if (pred->regex && !l->failed) {
        text(l, &pred->regex->pattern);
        unlink_slot(l, &pred->regex->code);
    }
}

static void walk_preds(Links *l, SekRuleset *r) {
    LIST(l, r->preds, r->n_preds);
    LIST(l, r->guards, r->n_guards);
    LIST(l, r->probes, r->n_preds);
    for EACH(l, i, r->n_preds) {
        walk_pred(l, &r->preds[i]);
        LIST(l, r->probes[i].literal, r->probes[i].len);
    }
    for EACH(l, i, r->n_guards)
        text(l, &r->guards[i].literal);
    LIST(l, r->regex_preds, r->n_regex_preds);
    for EACH(l, i, r->n_regex_preds)
        l->failed = r->regex_preds[i] >= r->n_preds;
}

static void walk_variants(Links *l, SekRuleset *r) {
    LIST(l, r->variants, r->n_variants);
    for EACH(l, i, r->n_variants) {
        SekVariant *v = &r->variants[i];
        LIST(l, v->known, v->n_known);
        l->failed = l->failed || v->way.category > sek_n_category_ways;
    }
}

static void walk_ruleset(Links *l, SekRuleset *r) {
    walk_infos(l, r);
    texts(l, (const SekStr *const *)&r->sources, r->n_sources);
    walk_correlations(l, r);
    LIST(l, r->fields, r->n_fields);
    for EACH(l, i, r->n_fields)
        text(l, &r->fields[i].name);
    walk_preds(l, r);
    LIST(l, r->codes, r->n_codes);
    LIST(l, r->steps, r->n_codes);
    LIST(l, r->kids, r->n_kids);
    LIST(l, r->order, r->n_kids);
    walk_variants(l, r);
    LIST(l, r->silent, r->n_rules);
    LIST(l, r->taps, r->n_taps);
    LIST(l, r->guard_sets, r->n_guard_sets);
}

/* --- both ways ------------------------------------------------------------------------------------- */

/* The ruleset without what is another process's own. */
static SekRuleset root_of(const SekRuleset *rules) {
    SekRuleset root = *rules;
    root.file = (SekRuleFile){0};
    root.arena = (SekArena){0};
    root.mapped = (SekMapped){0};
    root.rules = NULL;
    root.groups = NULL;
    root.field_ids = root.pred_ids = (SekStrMap){0};
    return root;
}

SekStatus sek_image_write(const SekRuleset *rules, uintptr_t base, SekBuf *out) {
    size_t size = ROOT + rules->arena.used;
    char *image = sek_buf_reserve(out, size);
    if (!image)
        return out->failed;
    Links l = {.image = image, .size = size, .base = base, .from = rules};
    SekRuleset root = root_of(rules);
    memset(image, 0, ROOT);
    memcpy(image, &root, sizeof root);
    sek_arena_flatten(&rules->arena, image + ROOT);
    walk_ruleset(&l, (SekRuleset *)(uintptr_t)rules);
    if (l.failed) /* the walk does not know of something that the seal copies */
        return SEK_ERR_LIMIT;
    sek_buf_advance(out, size);
    return SEK_OK;
}

/* Makes the pointers of an image lead to where it stands. */
static bool move(Links *l, SekRuleset *root) {
    uintptr_t image = (uintptr_t)l->image;
    bool overlap = image - l->base < l->size || l->base - image < l->size;
    if (overlap || l->base % SEK_IMAGE_ALIGN || l->base > UINTPTR_MAX - l->size)
        return false;
    walk_ruleset(l, root);
    return !l->failed;
}

SekStatus sek_image_read(SekRuleset *rules, SekMapped *mapped, size_t at, uintptr_t base) {
    if (at > mapped->len || mapped->len - at < ROOT || ((uintptr_t)mapped->ptr + at) % SEK_IMAGE_ALIGN)
        return SEK_ERR_INPUT;
    Links l = {.image = mapped->ptr + at, .size = mapped->len - at, .base = base};
    SekRuleset root;
    memcpy(&root, l.image, sizeof root);
    root = root_of(&root);
    if (l.base != (uintptr_t)l.image && !move(&l, &root))
        return SEK_ERR_INPUT;
    if (sek_group_pool_new(&root.groups) != SEK_OK)
        return SEK_ERR_MEMORY;
    root.mapped = *mapped;
    *mapped = (SekMapped){0};
    *rules = root;
    return SEK_OK;
}
