#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns data/grams.tsv into the C tables that src/engine/guard_cost.c reads.

usage: gen_grams.py GRAMS OUT.c

The counts stand in a hash table with open addressing: key = hash of the field and kind in the upper half, the
window or the hash of the value in the lower half.
"""
import sys

BITS = 15
MULTIPLIER = 0x9E3779B97F4A7C15


def fnv(data):
    """FNV-1a, 32 bits (draft-eastlake-fnv, section 5)."""
    value = 0x811C9DC5
    for byte in data:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def key_of(field, kind, data):
    half = fnv(data) if kind == 'value' else int.from_bytes(data, 'little') if kind == 'window' else 0
    return fnv(f'{kind} {field}'.encode()) << 32 | half


def byte_counts(rows):
    """How often a byte is seen, of 10,000 or so: no byte never, capital letters half as often as small ones."""
    sums = [0] * 256
    for field, kind, data, count in rows:
        if field == '*' and kind == 'window':
            for byte in data:
                sums[byte] += count
    whole = sum(sums) or 1
    counts = [1 + 10000 * n // whole for n in sums]
    for letter in range(ord('a'), ord('z') + 1):
        counts[letter - 32] += counts[letter] // 2
    return counts


def main():
    rows = []
    with open(sys.argv[1], encoding='utf-8') as handle:
        for line in handle:
            if not line.startswith('#'):
                field, kind, data, count = line.rstrip('\n').split('\t')
                rows.append((field, kind, bytes.fromhex(data), int(count)))
    slots = [(0, 0)] * (1 << BITS)
    if len(rows) * 4 > len(slots) * 3:
        sys.exit('gen_grams.py: table too small, raise BITS here and in guard_cost.h')
    for field, kind, data, count in rows:
        key = key_of(field, kind, data)
        at = (key * MULTIPLIER & 0xFFFFFFFFFFFFFFFF) >> (64 - BITS)
        while slots[at][0]:
            at = (at + 1) % len(slots)
        slots[at] = (key, count)
    counts = byte_counts(rows)
    out = ['/* Generated from data/grams.tsv by tools/gen_grams.py. */', '#include "engine/guard_cost.h"', '',
           'const SekSeenCount sek_seen_counts[SEK_SEEN_SLOTS] = {']
    out += [f'    [{at}] = {{{key:#x}u, {count}}},' for at, (key, count) in enumerate(slots) if key]
    out += ['};', 'const uint16_t sek_byte_counts[256] = {']
    out += ['    ' + ' '.join(f'{n},' for n in counts[row:row + 16]) for row in range(0, 256, 16)]
    out += ['};', '']
    with open(sys.argv[2], 'w', encoding='utf-8') as handle:
        handle.write('\n'.join(out))


main()
