/* SPDX-License-Identifier: Apache-2.0 */
#include "rule_test.h"

#include "base/buf.h"

SekRuleFile read_text(const char *yaml) {
    SekRuleFile file;
    sek_rulefile_init(&file);
    assert_int_equal(sek_rules_read(&file, SEK_STR("test.yml"), sek_str(yaml)), SEK_OK);
    return file;
}

static SekRuleFile read_parts(const char *head, const char *middle, const char *tail) {
    SekBuf buf;
    sek_buf_init(&buf, 64u * 1024 * 1024);
    sek_buf_adds(&buf, head);
    sek_buf_adds(&buf, middle);
    sek_buf_adds(&buf, tail);
    sek_buf_addc(&buf, '\0');
    assert_int_equal(buf.failed, SEK_OK);
    SekRuleFile file = read_text(buf.data);
    sek_buf_deinit(&buf);
    return file;
}

SekRuleFile read_selection(const char *lines) {
    return read_parts(RULE_HEAD, lines, RULE_TAIL);
}

SekRuleFile read_condition(const char *condition) {
    return read_parts(
        "title: T\nlogsource:\n    product: windows\ndetection:\n    a:\n        A: 1\n"
        "    b:\n        B: 1\n    c:\n        C: 1\n    condition: ",
        condition, "\n");
}

const char *error_code(const SekRuleFile *file) {
    const char *code = "";
    for (uint32_t i = 0; i < file->n_diags; i++) {
        if (file->diags[i].kind != SEK_DIAG_ERROR)
            continue;
        assert_string_equal(code, "");
        code = file->diags[i].code;
    }
    return code;
}

const SekDiag *find_diag(const SekRuleFile *file, const char *code) {
    for (uint32_t i = 0; i < file->n_diags; i++)
        if (strcmp(file->diags[i].code, code) == 0)
            return &file->diags[i];
    return NULL;
}

/* --- showing ------------------------------------------------------------------------------- */

static char shown[1u << 20];
static size_t n_shown;

static void put(const char *fmt, ...) SEK_PRINTF(1, 2);
static void put(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(shown + n_shown, sizeof shown - n_shown, fmt, args);
    va_end(args);
    assert_true(n >= 0 && (size_t)n < sizeof shown - n_shown);
    n_shown += (size_t)n;
}

static void put_pattern(const SekPattern *pattern) {
    for (uint32_t i = 0; i < pattern->n_tokens; i++) {
        const SekToken *token = &pattern->tokens[i];
        if (token->kind != SEK_TOKEN_LITERAL) {
            put("%c", " *?~%"[token->kind]);
            continue;
        }
        for (size_t k = 0; k < token->text.len; k++) {
            char c = token->text.ptr[k];
            if (c == '\0')
                put("\\0");
            else
                put("%s%c", memchr("*?~", c, 3) ? "\\" : "", c);
        }
    }
}

static void put_string(const SekMatch *m) {
    put("%s", m->cased ? "cased " : "");
    for (uint32_t i = 0; i < m->n_patterns; i++) {
        put("%s", i ? "/" : "");
        put_pattern(&m->patterns[i]);
    }
}

static void put_net(const SekMatch *m) {
    for (int i = 0; i < (m->net_v6 ? 16 : 4); i++)
        put("%02x", m->net[i]);
    put("/%u", m->net_bits);
}

static void put_match(const SekMatch *m) {
    static const char *const ops[] = {"==", ">", ">=", "<", "<="};
    static const char *const parts[] = {"", "minute", "hour", "day", "week", "month", "year"};
    static const char *const refs[] = {"equal", "contains", "startswith", "endswith"};
    switch (m->kind) {
    case SEK_MATCH_STRING:
        put_string(m);
        break;
    case SEK_MATCH_REGEX:
        put("/%.*s/%s%s%s", SEK_STR_ARG(m->text), m->re_i ? "i" : "", m->re_m ? "m" : "",
            m->re_s ? "s" : "");
        break;
    case SEK_MATCH_NUMBER:
        put("#%.*s", SEK_STR_ARG(m->text));
        break;
    case SEK_MATCH_BOOL:
        put("%s", m->flag ? "TRUE" : "FALSE");
        break;
    case SEK_MATCH_NULL:
        put("NULL");
        break;
    case SEK_MATCH_EXISTS:
        put("%s", m->flag ? "EXISTS" : "MISSING");
        break;
    case SEK_MATCH_CIDR:
        put_net(m);
        break;
    case SEK_MATCH_COMPARE:
        put("%s%s%g", parts[m->part], ops[m->op], m->number.real);
        break;
    case SEK_MATCH_FIELDREF:
        put("%s%s(%.*s)", m->cased ? "cased " : "", refs[m->ref_mode], SEK_STR_ARG(m->text));
        break;
    }
}

static void put_expr(const SekExpr *expr) {
    static const char *const names[] = {"", "and", "or", "not"};
    if (expr->kind != SEK_EXPR_ITEM) {
        put("(%s", names[expr->kind]);
        for (uint32_t i = 0; i < expr->n_kids; i++) {
            put(" ");
            put_expr(expr->kids[i]);
        }
        put(")");
        return;
    }
    const SekItem *item = expr->item;
    put("%.*s%s%s", SEK_STR_ARG(item->field), item->negate ? "!=" : "=", item->all ? "all:" : "");
    for (uint32_t i = 0; i < item->n_matches; i++) {
        put("%s", i ? "," : "");
        put_match(&item->matches[i]);
    }
}

const char *show_expr(const SekExpr *expr) {
    n_shown = 0;
    put_expr(expr);
    return shown;
}

const char *show_pattern(const SekPattern *pattern) {
    n_shown = 0;
    shown[0] = '\0';
    put_pattern(pattern);
    return shown;
}

const char *show_rule(const SekRuleFile *file) {
    if (file->n_rules == 1)
        return show_expr(file->rules[0]->condition);
    n_shown = 0;
    put("error: %s", file->n_rules ? "several rules" : error_code(file));
    return shown;
}
