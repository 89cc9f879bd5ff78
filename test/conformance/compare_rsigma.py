#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What rsigma says of the vectors: compare_rsigma.py PROGRAM VECTORS.jsonl (of expand.py)

Events go to it as JSON Lines, one flat object each, as its manual has them. An event is told by a text of its own that no vector looks for.
Prints, for each item, how many vectors it answers as they say, apart for those that the specification demands and those
that it leaves open, and names the others with what differs. Correlations with a timeline are left out: it judges events as they
come, and firing again or once is its user's choice.
"""
import collections
import json
import os
import subprocess
import sys
import tempfile

MARK = 'NumberOfThisEvent'


def word(number):
    """Letters that are in no vector's rule."""
    return 'qqxz' + ''.join(chr(ord('g') + int(d)) for d in str(number))


def answer(program, vector, folder):
    """(what it loaded: some, none, or nothing at all, titles that matched for each event)"""
    rule, events = os.path.join(folder, 'rule.yml'), os.path.join(folder, 'events.jsonl')
    with open(rule, 'w', encoding='utf-8', newline='') as f:
        f.write(vector['rule'])
    with open(events, 'w', encoding='utf-8') as f:
        for i, entry in enumerate(vector.get('events', [])):
            f.write(json.dumps({**entry['event'], MARK: word(i)}) + '\n')
    ran = subprocess.run([program, 'engine', 'eval', '-r', rule, '--include-event', '-e', '@' + events],
                         capture_output=True, text=True, timeout=60, encoding='utf-8', errors='replace')
    matched = collections.defaultdict(list)
    for line in ran.stdout.splitlines():
        found = json.loads(line)
        matched[found.get('event', {}).get(MARK)].append(found['rule_title'])
    refused = ran.returncode != 0 or 'parse errors' in ran.stderr or 'Loaded 0 rules' in ran.stderr
    return refused, [sorted(matched.get(word(i), [])) for i in range(len(vector.get('events', [])))]


def differs(vector, refused, matched):
    """What is not as the vector says; empty when all is."""
    if 'error' in vector:
        return [] if refused else ['loads, where it must be refused']
    if refused:
        return ['does not load']
    said = []
    for entry, titles in zip(vector['events'], matched):
        right = titles == sorted(entry['rules']) if 'rules' in entry else bool(titles) == entry['match']
        if not right:
            said.append(f"{'matches' if titles else 'does not match'} {json.dumps(entry['event'], ensure_ascii=False)[:200]}")
    return said


def main():
    program, path = sys.argv[1:]
    counts = collections.defaultdict(collections.Counter)
    total = collections.Counter()
    with tempfile.TemporaryDirectory() as folder, open(path, encoding='utf-8') as vectors:
        for vector in map(json.loads, vectors):
            if 'findings' in vector:
                total['left out'] += 1
                continue
            said = differs(vector, *answer(program, vector, folder))
            key = (vector['basis'], 'differs' if said else 'as it says')
            total[key] += 1
            for item in vector['items']:
                counts[str(item)][key] += 1
            if said:
                print(f"{vector['id']} ({', '.join(map(str, vector['items']))}, {vector['basis']}): {vector['why']}")
                for line in said[:3]:
                    print('    ' + line)
    for item, count in counts.items():
        print(item, *(f'{basis}: {count[(basis, "as it says")]} of {sum(n for (b, _), n in count.items() if b == basis)}'
                      for basis in ('spec', 'decision') if any(b == basis for b, _ in count)), sep='\t')
    print('all', dict(total))


if __name__ == '__main__':
    main()
