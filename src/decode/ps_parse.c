/* SPDX-License-Identifier: Apache-2.0 */

/* Entry of the parser, and what all its files use: nodes, depth, and passing over what is not understood. */

#include "decode/ps_parser.h"

#define MAX_UNITS_BYTES ((size_t)64 << 20) /* texts being put together at one time */

#define NODES 32u /* made at once, of a text that is not very short */

void sek_ps_more_nodes(SekPsParser *p) {
    SekPsSpare *spare = p->spare;
    spare->n = p->s.len < NODES ? 1 : NODES;
    spare->nodes = SEK_ARENA_ARRAY(p->arena, SekPsNode, spare->n);
    if (spare->nodes)
        return;
    p->failed = true;
    p->at = p->s.len;
    spare->nodes = &spare->dummy;
    spare->n = 1;
}

/* Where a statement that was not understood ends: at a separator or a closing bracket outside of brackets. */
static size_t statement_end(SekStr s, size_t at) {
    size_t open = 0;
    for (; at < s.len; at++) {
        char c = s.ptr[at];
        if (c == '(' || c == '{' || c == '[')
            open++;
        else if ((c == ')' || c == '}' || c == ']') && open > 0)
            open--;
        else if (open == 0 && (c == ';' || c == '\n' || c == ')' || c == '}'))
            break;
        else if (c == '`' && at + 1 < s.len)
            at++;
    }
    return at;
}

SekPsNode *sek_ps_opaque(SekPsParser *p, size_t start) {
    SekPsNode *node = sek_ps_node(p, PS_OPAQUE, start);
    size_t end = statement_end(p->s, p->at);
    p->opaque = true;
    p->reread += end - p->at;
    if (p->reread > p->s.len) /* hostile: brackets that fail at every depth */
        end = p->s.len;
    p->at = end;
    return sek_ps_done(p, node);
}

SekStatus sek_ps_parse(SekArena *arena, SekStr source, SekPsTree *out) {
    SekPsSpare spare = {0};
    SekPsParser p = {.arena = arena, .s = source, .spare = &spare};
    sek_buf_init(&p.units, MAX_UNITS_BYTES);
    SekPsNode *root = sek_ps_node(&p, PS_BLOCK, 0);
    SekPsKids kids = {0};
    if (source.len >= 3 && memcmp(source.ptr, "\xEF\xBB\xBF", 3) == 0)
        p.at = 3;
    if (!p.failed)
        sek_ps_statements(&p, &kids, 0);
    SekStatus status = p.units.failed;
    sek_buf_deinit(&p.units);
    if (p.failed)
        return status != SEK_OK ? status : sek_arena_why(arena);
    root->kid = kids.first;
    root->end = (uint32_t)source.len;
    *out = (SekPsTree){.source = source, .root = root, .too_deep = p.too_deep, .opaque = p.opaque};
    return SEK_OK;
}
