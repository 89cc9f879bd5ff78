#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns data/attack/*.tsv into the C tables that src/story/attack.h declares.

usage: gen_attack.py TACTICS TECHNIQUES REVOKED OUT.c
"""
import sys


def rows(path, columns):
    with open(path, encoding='utf-8') as handle:
        lines = [line for line in handle if not line.startswith('#')]
    for number, line in enumerate(lines[1:], 2):  # the first line names the columns
        cells = line.rstrip('\n').split('\t')
        if len(cells) != columns:
            sys.exit(f'{path}: row {number}: {len(cells)} columns, expected {columns}')
        yield cells


def c_string(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'


def main():
    tactics_path, techniques_path, revoked_path, out_path = sys.argv[1:]
    out = ['/* Generated from data/attack by tools/gen_attack.py. */', '#include "story/attack.h"', '']
    tactics = list(rows(tactics_path, 3))
    order = {short: i for i, (_, short, _) in enumerate(tactics)}
    out.append('const SekTactic sek_tactics[] = {')
    out += [f'    {{{c_string(i)}, {c_string(s)}, {c_string(n)}}},' for i, s, n in tactics]
    out += ['};', f'const unsigned sek_n_tactics = {len(tactics)};', '', 'const SekTechnique sek_techniques[] = {']
    techniques = sorted(rows(techniques_path, 3))
    for ident, name, names in techniques:
        bits = 0
        for short in filter(None, names.replace(';', ',').split(',')):
            if short.strip() not in order:
                sys.exit(f'{techniques_path}: {ident}: unknown tactic {short}')
            bits |= 1 << order[short.strip()]
        out.append(f'    {{{c_string(ident)}, {c_string(name)}, {bits:#x}}},')
    out += ['};', f'const unsigned sek_n_techniques = {len(techniques)};', '', 'const SekRevoked sek_revoked[] = {']
    revoked = sorted(rows(revoked_path, 2))
    out += [f'    {{{c_string(old)}, {c_string(new)}}},' for old, new in revoked]
    out += ['};', f'const unsigned sek_n_revoked = {len(revoked)};', '']
    with open(out_path, 'w', encoding='utf-8') as handle:
        handle.write('\n'.join(out))


main()
