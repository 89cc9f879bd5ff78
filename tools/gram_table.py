#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the 4-byte windows of event values: the table by which the engine chooses rare ones.

usage: sekisho dump --format jsonl PATH... | gram_table.py > data/grams.tsv

Counts each different value once per field (logs repeat themselves; rules do not gain by that), folded
to lower case. Prints the most frequent windows with their occurrences per million values.
"""
import collections
import json
import sys

KEEP = 4000


def texts(node):
    if isinstance(node, dict):
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)
    elif isinstance(node, str):
        yield node


def main():
    seen, counts = set(), collections.Counter()
    for line in sys.stdin:
        for text in texts(json.loads(line)):
            folded = text.lower()[:4096]
            if folded in seen:
                continue
            seen.add(folded)
            data = folded.encode()
            counts.update({data[i:i + 4] for i in range(len(data) - 3)})
    print('# Frequent 4-byte windows of folded event values: window in hexadecimal, values per million that hold it.')
    print('# Made by tools/gram_table.py from public sample logs, 2026-11-21. A guess that is wrong costs speed only.')
    for gram, n in sorted(counts.most_common(KEEP), key=lambda x: (-x[1], x[0])):
        print(f'{gram.hex()}\t{n * 1000000 // len(seen)}')


main()
