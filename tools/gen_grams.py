#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns data/grams.tsv into the C table that src/engine/guard.c reads.

usage: gen_grams.py GRAMS OUT.c
"""
import sys


def main():
    grams = {}
    with open(sys.argv[1], encoding='utf-8') as handle:
        for line in handle:
            if not line.startswith('#'):
                text, count = line.split()
                grams[int.from_bytes(bytes.fromhex(text), 'little')] = int(count)
    out = ['/* Generated from data/grams.tsv by tools/gen_grams.py. */', '#include "engine/guard.h"', '',
           'const SekGramCount sek_gram_counts[] = {']
    out += [f'    {{{gram:#x}u, {count}}},' for gram, count in sorted(grams.items())]
    out += ['};', f'const unsigned sek_n_gram_counts = {len(grams)};', '']
    with open(sys.argv[2], 'w', encoding='utf-8') as handle:
        handle.write('\n'.join(out))


main()
