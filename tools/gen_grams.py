#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns data/grams.tsv into the C table that src/engine/guard.c reads.

usage: gen_grams.py GRAMS OUT.c
"""
import sys


def byte_counts(grams):
    """How often a byte is seen, of 10,000 or so: no byte never, capital letters half as often as small ones."""
    sums = [0] * 256
    for gram, count in grams.items():
        for byte in gram.to_bytes(4, 'little'):
            sums[byte] += count
    whole = sum(sums) or 1
    counts = [1 + 10000 * n // whole for n in sums]
    for letter in range(ord('a'), ord('z') + 1):
        counts[letter - 32] += counts[letter] // 2
    return counts


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
    out += ['};', 'const uint16_t sek_byte_counts[256] = {']
    out += ['    ' + ' '.join(f'{n},' for n in byte_counts(grams)[row:row + 16]) for row in range(0, 256, 16)]
    out += ['};', f'const unsigned sek_n_gram_counts = {len(grams)};', '']
    with open(sys.argv[2], 'w', encoding='utf-8') as handle:
        handle.write('\n'.join(out))


main()
