/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/explain.h"

#include "base/json_text.h"

#define LIST_SHOWN 6u    /* alternatives of a list that are named when none of them held */
#define VALUE_SHOWN 240u /* bytes of a value */

static void indent(SekBuf *out, unsigned depth) {
    for (unsigned i = 0; i < depth && i < 32; i++)
        sek_buf_adds(out, "  ");
}

static void mark(SekBuf *out, bool held) {
    sek_buf_adds(out, held ? "[yes] " : "[no ] ");
}

static SekStr cut(SekStr text) {
    size_t n = text.len > VALUE_SHOWN ? VALUE_SHOWN : text.len;
    while (n < text.len && n > 0 && ((uint8_t)text.ptr[n] & 0xC0) == 0x80)
        n--;
    return sek_str_n(text.ptr, n);
}

static void add_cut(SekBuf *out, SekStr text) {
    SekStr shown = cut(text);
    sek_buf_addc(out, '\'');
    sek_quote_line(out, shown);
    sek_buf_adds(out, shown.len < text.len ? "...'" : "'");
}

/* A literal as a rule would write it (docs/sigma.md, item 2), so that its stars are not taken for wildcards:
 * escaped where it must be, and backslashes left single where they mean themselves. */
static void add_literal(SekBuf *out, SekStr text, bool before_wildcard) {
    size_t plain = 0; /* what is not written yet */
    for (size_t i = 0; i < text.len;) {
        size_t start = i;
        while (i < text.len && text.ptr[i] == '\\')
            i++;
        bool wild = i < text.len ? text.ptr[i] == '*' || text.ptr[i] == '?' : before_wildcard;
        if (i - start > 1 || (i > start && wild)) {
            sek_quote_line(out, sek_str_n(text.ptr + plain, i - plain));
            sek_quote_line(out, sek_str_n(text.ptr + start, i - start)); /* each of them twice */
            plain = i;
        }
        if (wild && i < text.len) {
            sek_quote_line(out, sek_str_n(text.ptr + plain, i - plain));
            sek_buf_addc(out, '\\');
            plain = i;
        }
        i += i < text.len;
    }
    sek_quote_line(out, sek_str_n(text.ptr + plain, text.len - plain));
}

/* Literals are kept folded. They are shown in the letters of the rule, where its text has them in one form only. */
static SekStr as_written(const SekExplain *e, SekStr literal) {
    SekStr found = {0};
    for (size_t i = 0; literal.len && i + literal.len <= e->text.len; i++) {
        SekStr here = sek_str_n(e->text.ptr + i, literal.len);
        if (!sek_str_eq_nocase(here, literal))
            continue;
        if (found.ptr && !sek_str_eq(found, here))
            return literal;
        found = here;
    }
    return found.ptr ? found : literal;
}

static void add_tokens(SekBuf *out, const SekExplain *e, const SekGlob *glob) {
    static const char *const signs[] = {"", "*", "?", "<dash>"};
    sek_buf_addc(out, '\'');
    for (uint32_t i = 0; i < glob->n_tokens; i++) {
        SekTokenKind next = i + 1 < glob->n_tokens ? glob->tokens[i + 1].kind : SEK_TOKEN_LITERAL;
        sek_buf_adds(out, signs[glob->tokens[i].kind]);
        if (glob->tokens[i].kind == SEK_TOKEN_LITERAL)
            add_literal(out, as_written(e, glob->tokens[i].text), next == SEK_TOKEN_ANY || next == SEK_TOKEN_ONE);
    }
    sek_buf_addc(out, '\'');
}

static void add_cut_literal(SekBuf *out, SekStr text) {
    SekStr shown = cut(text);
    sek_buf_addc(out, '\'');
    add_literal(out, shown, false);
    sek_buf_adds(out, shown.len < text.len ? "...'" : "'");
}

static void add_glob(SekBuf *out, const SekExplain *e, const SekGlob *glob) {
    static const char *const verbs[] = {
        [SEK_GLOB_EQUAL] = "is ",       [SEK_GLOB_CONTAINS] = "contains ", [SEK_GLOB_STARTS] = "starts with ",
        [SEK_GLOB_ENDS] = "ends with ", [SEK_GLOB_PRESENT] = "is there",   [SEK_GLOB_GENERAL] = "matches ",
    };
    sek_buf_adds(out, verbs[glob->kind]);
    if (glob->kind == SEK_GLOB_GENERAL)
        add_tokens(out, e, glob);
    else if (glob->kind != SEK_GLOB_PRESENT)
        add_cut_literal(out, as_written(e, glob->literal));
}

static void add_compare(SekBuf *out, const SekMatch *m) {
    static const char *const ops[] = {"= ", "> ", ">= ", "< ", "<= "};
    static const char *const parts[] = {"", "minute ", "hour ", "day ", "week ", "month ", "year "};
    sek_buf_addf(out, "%s%s%.17g", parts[m->part], ops[m->op], m->number.real);
}

static SekStr field_name(const SekExplain *e, uint32_t field) {
    const SekRulesetField *f = &e->rules->fields[field];
    if (f->derive != SEK_DERIVE_NONE)
        return sek_str(sek_derive_name(f->derive));
    return field == SEK_FIELD_ID_KEYWORDS ? SEK_STR("any value") : f->name;
}

static void add_question(SekBuf *out, const SekExplain *e, const SekPred *pred) {
    static const char *const modes[] = {"equals the field ", "contains the field ", "starts with the field ",
                                        "ends with the field "};
    const SekMatch *m = pred->match;
    switch (pred->kind) {
    case SEK_PRED_GLOB:
        add_glob(out, e, &pred->glob);
        break;
    case SEK_PRED_REGEX:
        sek_buf_adds(out, "matches the expression ");
        add_cut(out, m->text);
        break;
    case SEK_PRED_NUMBER:
        sek_buf_addf(out, "is the number %.*s", SEK_STR_ARG(m->text));
        break;
    case SEK_PRED_BOOL:
        sek_buf_adds(out, m->flag ? "is true" : "is false");
        break;
    case SEK_PRED_NULL:
        sek_buf_adds(out, "is missing or empty");
        break;
    case SEK_PRED_EXISTS:
        sek_buf_adds(out, m->flag ? "is there" : "is not there");
        break;
    case SEK_PRED_CIDR:
        sek_buf_addf(out, "is in a network of %u bits", m->net_bits);
        break;
    case SEK_PRED_COMPARE:
        add_compare(out, m);
        break;
    default:
        sek_buf_adds(out, modes[m->ref_mode]);
        sek_quote_line(out, field_name(e, pred->ref_field));
        break;
    }
    sek_buf_adds(out, pred->cased ? " (case counts)" : "");
}

/* " (computed from SubjectDomainName, SubjectUserName)" */
static void add_origin(SekBuf *out, const SekRulesetField *field) {
    if (field->derive == SEK_DERIVE_NONE)
        return;
    const char *const *sources = sek_derive_sources(field->derive);
    sek_buf_adds(out, " (computed from ");
    for (size_t i = 0; sources[i]; i++) {
        sek_buf_adds(out, i ? ", " : "");
        sek_buf_adds(out, sources[i]);
    }
    sek_buf_addc(out, ')');
}

/* The values that the event has in the field. */
static void add_values(SekBuf *out, const SekExplain *e, uint32_t field) {
    SekText *texts;
    uint32_t n;
    if (field == SEK_FIELD_ID_KEYWORDS)
        return;
    if (sek_fields_get(e->fields, field, &texts, &n) != SEK_OK || n == 0) {
        sek_buf_adds(out, "; the event has no such field");
        return;
    }
    sek_buf_adds(out, "; seen: ");
    for (uint32_t i = 0; i < n && i < 4; i++) {
        if (i)
            sek_buf_adds(out, ", ");
        add_cut(out, sek_fields_raw(e->fields, &texts[i]));
    }
    if (n > 4)
        sek_buf_addf(out, " and %u more", n - 4);
    add_origin(out, &e->rules->fields[field]);
}

static void explain_pred(const SekExplain *e, const SekPred *pred, SekBuf *out) {
    sek_quote_line(out, field_name(e, pred->field));
    sek_buf_addc(out, ' ');
    add_question(out, e, pred);
    add_values(out, e, pred->field);
    sek_buf_addc(out, '\n');
}

/* A list of values of one field, most of which are of no interest. */
static bool is_value_list(const SekExplain *e, const SekCode *code) {
    if (code->op != SEK_CODE_OR || code->n <= LIST_SHOWN)
        return false;
    for (uint32_t i = 0; i < code->n; i++)
        if (e->rules->codes[e->rules->kids[code->first + i]].op != SEK_CODE_PRED)
            return false;
    return true;
}

static void explain_list(const SekExplain *e, const SekCode *code, unsigned depth, SekBuf *out) {
    const uint32_t *kids = e->rules->kids + code->first;
    uint32_t shown = 0;
    for (uint32_t i = 0; i < code->n && shown < LIST_SHOWN; i++)
        if (e->holds(e->user, kids[i])) {
            sek_explain_node(e, kids[i], depth, out);
            shown++;
        }
    if (shown)
        return;
    const SekPred *first = &e->rules->preds[e->rules->codes[kids[0]].first];
    indent(out, depth);
    sek_buf_adds(out, "none held, the first is: ");
    explain_pred(e, first, out);
}

void sek_explain_node(const SekExplain *e, uint32_t node, unsigned depth, SekBuf *out) {
    const SekCode *code = &e->rules->codes[node];
    const uint32_t *kids = e->rules->kids + code->first;
    indent(out, depth);
    mark(out, e->holds(e->user, node));
    if (code->line && code->source && code->source <= e->rules->n_sources) {
        sek_quote_line(out, e->rules->sources[code->source - 1]);
        sek_buf_addf(out, " line %u: ", code->line);
    } else if (code->line) {
        sek_buf_addf(out, "line %u: ", code->line);
    }
    if (code->op == SEK_CODE_PRED) {
        explain_pred(e, &e->rules->preds[code->first], out);
        return;
    }
    static const char *const words[] = {"", "all of", "any of", "not"};
    sek_buf_addf(out, code->op == SEK_CODE_NOT ? "%s\n" : "%s %u\n", words[code->op], code->n);
    if (is_value_list(e, code)) {
        explain_list(e, code, depth + 1, out);
        return;
    }
    for (uint32_t i = 0; i < code->n; i++)
        sek_explain_node(e, kids[i], depth + 1, out);
}
