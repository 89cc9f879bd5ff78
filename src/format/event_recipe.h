/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Recipes: what writing a record comes to when the same template and the same optional values stand again.
 *
 * A record is written in two steps. A *drafter* (event_json.c, event_xml.c) walks its tree and leaves a recipe: constant
 * text, already escaped, with a hole for each value. Then the holes are filled (event_fill.c). What a drafter decides
 * depends on the templates of the record and of the fragment in it, on which of their optional values are NULL, and on the
 * number of items of an array, as long as there is but one and no further fragment. So a recipe is kept by these, and the next
 * such record is no walk but a run along its holes. All else is drafted anew. Recipes of a SekBinxml have a limit (SEK_RECIPE_BYTES): when
 * it is reached all are forgotten. */

#include "format/binxml_internal.h"
#include "format/event_tree.h"
#include "format/put_text.h"

#define SEK_RECIPE_BYTES (8u * 1024u * 1024u)
#define SEK_RECIPE_TEXT (64u * 1024u * 1024u) /* constant text of one record */

/* How a value is written. */
typedef enum {
    SEK_PUT_JSON = SEK_TEXT_JSON, /* inside quotes that stand in the recipe */
    SEK_PUT_XML = SEK_TEXT_XML,
    SEK_PUT_ATTRIBUTE = SEK_TEXT_ATTRIBUTE,
    SEK_PUT_SCALAR, /* JSON: a number, true, false, or a string with its quotes */
    SEK_PUT_DIGITS, /* JSON: text that is a number when it is written as one, else a string */
} SekPut;

typedef struct SekHole {
    uint32_t text, len; /* the constant text before it */
    uint32_t slot;
    uint8_t from; /* SekTreeFrom; ELSE: `slot` of the draft's own values */
    uint8_t put;  /* SekPut */
    bool in_content;
} SekHole;

typedef struct SekRecipe {
    const char *text; /* readable for SEK_RECIPE_BEHIND more than `len` */
    const SekHole *holes;
    uint32_t len, n_holes;
    uint32_t tail; /* where the text behind the last hole begins */
} SekRecipe;
#define SEK_RECIPE_BEHIND 32u

/* A recipe in the making. */
typedef struct SekDraft {
    SekBuf text;
    SekHole *holes;
    SekValue *values; /* of holes that are SEK_FROM_ELSE */
    uint32_t n_holes, cap_holes, n_values, cap_values;
    uint32_t tail;
    SekStatus failed; /* SEK_OK or SEK_ERR_MEMORY */
} SekDraft;

/* Adds a hole for the value of `node`, behind the text so far. */
void sek_draft_hole(SekDraft *draft, const SekTreeNode *node, SekPut put);

/* The text of a literal, of a value that is text already, or of what else is no hole. */
static inline bool sek_draft_is_literal(const SekTreeNode *node) {
    return node->kind != SEK_TREE_TEXT || node->from == SEK_FROM_LITERAL || node->value.type == SEK_VALUE_UTF8;
}

/* Writes `tree` into draft->text. What it makes of the text of a value clears `tree->steady`. */
typedef void (*SekDrafter)(SekBinxml *bx, SekTree *tree, SekDraft *draft);

/* Which drafter made a recipe. */
typedef enum { SEK_RECIPE_JSON, SEK_RECIPE_XML, SEK_N_RECIPES } SekRecipeKind;

/* Appends the record as the drafter of this kind writes it. Statuses as in event_text.h. */
SekStatus sek_recipe_write(SekBinxml *bx, const SekFragment *record, SekRecipeKind kind, SekBuf *out, SekError *err);
void sek_draft_json(SekBinxml *bx, SekTree *tree, SekDraft *draft);
void sek_draft_xml(SekBinxml *bx, SekTree *tree, SekDraft *draft);

/* The same without a look at what is kept: for tests, which compare the two. */
SekStatus sek_recipe_write_anew(SekBinxml *bx, const SekFragment *record, SekRecipeKind kind, SekBuf *out, SekError *err);
void sek_recipes_free(SekRecipes *recipes); /* accepts NULL */

/* --- event_fill.c ------------------------------------------------------------------------------- */

/* Where values of holes stand, by SekTreeFrom. */
typedef struct SekFilling {
    const SekValue *values[SEK_FROM_ELSE + 1];
    uint32_t n[SEK_FROM_ELSE + 1];
} SekFilling;

/* What filling needs besides. */
typedef struct SekPen {
    const SekPutTexts *texts;
    SekBuf *scratch;
} SekPen;

/* Appends the recipe with its holes filled. False when a value is none that such a hole was made for (an array, a
 * fragment, text of another format), with nothing appended; that cannot be for a recipe that was just drafted. */
bool sek_recipe_fill(const SekPen *pen, const SekRecipe *recipe, const SekFilling *with, SekBuf *out);

/* Decimal digits as a number would be written, so that nothing is lost by writing it without quotes. */
bool sek_is_plain_number(SekStr s);
