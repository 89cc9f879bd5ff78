#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what event values look like: the table by which the engine guesses how often a guard is hit.

usage: sekisho dump --format jsonl PATH... | gram_table.py > data/grams.tsv

For each field that occurs often: the 4-byte windows and the whole values, folded to lower case, that many of
its values have, as shares of a million. For all other fields ("*") the windows of all different values.
"""
import collections
import json
import sys

KEEP_ALL = 4000    # windows of "*"
KEEP_WINDOWS = 100 # of one field
KEEP_VALUES = 20
LEAST_VALUES = 200 # of a field that gets its own counts
LEAST_SHARE = 20000 # per million


def leaves(node):
    for key, value in node.items():
        if isinstance(value, dict):
            yield from leaves(value)
        elif key != '#attributes':
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict):
                    yield from leaves(item)
                elif item is not None:
                    yield key.lower(), str(item).lower().encode()[:4096]


def windows(data):
    return {data[i:i + 4] for i in range(len(data) - 3)}


def rows(field, kind, counts, total, keep):
    shares = [(n * 1000000 // total, text) for text, n in counts.most_common(keep)]
    return [f'{field}\t{kind}\t{text.hex()}\t{share}' for share, text in sorted(shares, key=lambda x: (-x[0], x[1]))
            if field == '*' or share >= LEAST_SHARE]


def main():
    totals, every = collections.Counter(), {}
    grams = collections.defaultdict(collections.Counter)
    values = collections.defaultdict(collections.Counter)
    for line in sys.stdin:
        event = json.loads(line)['Event']
        for section in ('EventData', 'UserData'):
            for field, data in leaves(event.get(section) or {}):
                if ' ' in field or '\t' in field:
                    continue
                totals[field] += 1
                every[data] = True
                grams[field].update(windows(data))
                if 0 < len(data) <= 64:
                    values[field][data] += 1
    seen = collections.Counter()
    for data in every:
        seen.update(windows(data))
    out = rows('*', 'window', seen, len(every), KEEP_ALL)
    for field in sorted(f for f, n in totals.items() if n >= LEAST_VALUES):
        out.append(f'{field}\tvalues\t\t{totals[field]}')
        out += rows(field, 'window', grams[field], totals[field], KEEP_WINDOWS)
        out += rows(field, 'value', values[field], totals[field], KEEP_VALUES)
    print('# What values of events look like: field, kind, bytes in hexadecimal, of a million values that have them')
    print('# ("values": how many were counted). Made by tools/gram_table.py from public sample logs, 2026-11-22.')
    print('# A guess that is wrong costs speed only.')
    print('\n'.join(out))


main()
