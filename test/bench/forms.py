# SPDX-License-Identifier: Apache-2.0
"""The same evidence in other forms: logs cut in half, CSV."""
import csv
import io
import json
import os
import struct
import sys
import zlib

import corpus

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'e2e'))
import event_shapes  # noqa: E402

HEADER, CHUNK = 4096, 65536


def halves(files, folder):
    """Two lists of logs: the first and the second half of each of `files`, so that both lists hold the same kinds of events."""
    lists = []
    for half in 0, 1:
        os.makedirs(os.path.join(folder, str(half)))
        lists.append([os.path.join(folder, str(half), os.path.basename(f)) for f in files])
    for source, *parts in zip(files, *lists):
        corpus.apart(_halve, source, parts)
    return lists


def _halve(source, parts):
    with open(source, 'rb') as f:
        head, chunks = bytearray(f.read(HEADER)), (os.path.getsize(source) - HEADER) // CHUNK
        for path, n in zip(parts, (chunks // 2, chunks - chunks // 2)):
            struct.pack_into('<QQ', head, 8, 0, max(n, 1) - 1)
            struct.pack_into('<H', head, 42, n & 0xffff)
            struct.pack_into('<I', head, 124, zlib.crc32(head[:120]))
            with open(path, 'wb') as out:
                out.write(head)
                out.write(f.read(n * CHUNK))


def csv_of(dumped, path, mb, channel=None):
    """What `sekisho dump` wrote to `dumped` as CSV: a column for each field that an event has, of `channel` alone if it is given;
    the same rows again until there are `mb` of them. Returns how many rows and how many columns."""
    corpus.apart(_csv_of, dumped, path, mb, channel)
    with open(path + '.told', encoding='utf-8') as f:
        return tuple(map(int, f.read().split()))


def _csv_of(dumped, path, mb, channel):
    rows = []
    with open(dumped, encoding='utf-8') as lines:
        for line in lines:
            row = event_shapes.zircolite(json.loads(line)['Event'])[0]
            if channel in (None, row.get('Channel')):
                rows.append({k: '\n'.join(map(event_shapes.text, v)) if isinstance(v, list) else event_shapes.text(v) for k, v in row.items()})
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    csv.DictWriter(text, names).writerows(rows)
    body = text.getvalue().encode()
    times = max(1, mb * 1000000 // len(body)) if body else 0
    with open(path, 'wb') as out:
        out.write(','.join(names).encode() + b'\r\n')
        for _ in range(times):
            out.write(body)
    with open(path + '.told', 'w', encoding='utf-8') as f:
        f.write(f'{len(rows) * times} {len(names)}')
