/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Making nodes of the expression DAG. Private to the room. NULL means that the arena is spent. */

#include "base/buf.h"
#include "rule/reader.h"

const SekExpr *sek_expr_item(SekRuleReader *reader, const SekItem *item);

/* One operand is returned as it is, except under NOT. `kids` is copied. */
const SekExpr *sek_expr_join(SekRuleReader *reader, SekExprKind kind, const SekExpr *const *kids,
                             uint32_t n);

/* Operands are collected on a stack of pointers that the parts of an expression share: whoever
 * pushes pops again. */
void sek_expr_push(SekBuf *stack, const SekExpr *expr);
/* Joins what stands above `mark` (a former `stack->len`) and pops it. */
const SekExpr *sek_expr_pop(SekRuleReader *reader, SekBuf *stack, size_t mark, SekExprKind kind);

/* A copy of `expr`, whose indices lie below `n_exprs`, among the nodes of the reader's rule. Items
 * are shared. `scratch` is used for as long as the call takes. NULL when an arena is spent. */
const SekExpr *sek_expr_import(SekRuleReader *reader, SekArena *scratch, const SekExpr *expr,
                               uint32_t n_exprs);
