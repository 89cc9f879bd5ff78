#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes vectors out in full: expand.py [MODE] VECTORS.yaml...

The files in vectors/ are short for the people who write and read them: most say only a selection, and events
only the fields that matter. This tool adds the frame that README.md describes and prints one JSON object a line,
which any program can read without a YAML parser of its own.

--check DOCUMENT.md      exit 1 with the places when a vector is not as README.md says, or when the table in the
                         document is not the current one
--table                  prints that table: how many vectors and events there are for each item of docs/sigma.md
--run PROGRAM ARGUMENT...  calls the program with the arguments and the name of a file with the vectors in full
"""
import collections
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile

import yaml

FRAME_EVENT = {'Channel': 'Microsoft-Windows-Sysmon/Operational', 'Provider_Name': 'Microsoft-Windows-Sysmon',
               'EventID': 1}
LOGSOURCE = 'logsource:\n    product: windows\n'
ERRORS = {'yaml', 'structure', 'condition', 'name', 'modifier', 'value', 'placeholder', 'regex', 'logsource',
          'deprecated', 'limit', 'correlation', 'filter'}
INHERITED = ('item', 'clause', 'basis', 'tags')
BODIES = ('selection', 'detection', 'rule', 'correlation', 'correlations')
KEYS = {'id', 'item', 'clause', 'basis', 'why', 'tags', 'placeholders', 'match', 'no_match', 'events', 'error',
        'base', 'top', 'timeline', 'findings', *BODIES}
START = datetime.datetime(2026, 1, 1)


def indent(text, width):
    return ''.join(' ' * width + line if line.strip() else line for line in text.splitlines(True))


def correlation_text(vector):
    """The rules of `base`, then the correlations, each a document whose name is its title."""
    documents = []
    for name, selection in vector.get('base', {}).items():
        documents.append(f'title: {name}\nname: {name}\n{LOGSOURCE}detection:\n    selection:\n'
                         f'{indent(selection.rstrip(), 8)}\n    condition: selection\n')
    correlations = vector.get('correlations') or {vector['id']: vector['correlation']}
    for name, body in correlations.items():
        documents.append(f"title: {name}\nname: {name}\n{vector.get('top', '')}correlation:\n{indent(body, 4)}")
    return '---\n'.join(documents)


def rule_text(vector):
    if 'rule' in vector:
        return vector['rule']
    if 'correlation' in vector or 'correlations' in vector:
        return correlation_text(vector)
    if 'detection' in vector:
        body = indent(vector['detection'], 4)
    else:
        body = '    selection:\n' + indent(vector['selection'], 8)
        body += ('' if body.endswith('\n') else '\n') + '    condition: selection\n'
    return f"title: {vector['id']}\n{LOGSOURCE}detection:\n{body}"


def full_event(fields):
    if 'Channel' in fields or '@timestamp' in fields:
        return fields
    return {**FRAME_EVENT, **fields}


def time_text(seconds):
    return (START + datetime.timedelta(seconds=seconds)).isoformat(timespec='microseconds') + '0Z'


def timeline_event(number, fields):
    """An event of a timeline: `t` is seconds from the start, records are numbered in the order of the file."""
    rest = {k: v for k, v in fields.items() if k != 't'}
    return full_event({'TimeCreated_SystemTime': time_text(fields['t']), 'EventRecordID': number, **rest})


def events_of(vector):
    if 'timeline' in vector:
        return [{'event': timeline_event(i, fields)} for i, fields in enumerate(vector['timeline'], 1)]
    out = [{'event': full_event(e), 'match': True} for e in vector.get('match', [])]
    out += [{'event': full_event(e), 'match': False} for e in vector.get('no_match', [])]
    for entry in vector.get('events', []):
        out.append({'event': full_event(entry['event']), **{k: v for k, v in entry.items() if k != 'event'}})
    return out


def expand(vector, topic):
    items = vector['item'] if isinstance(vector['item'], list) else [vector['item']]
    out = {'id': vector['id'], 'topic': topic, 'items': items, 'clause': vector['clause'],
           'basis': vector.get('basis', 'spec'), 'why': vector['why'], 'tags': [topic, *vector.get('tags', [])],
           'rule': rule_text(vector)}
    if 'placeholders' in vector:
        out['placeholders'] = vector['placeholders']
    if 'error' in vector:
        out['error'] = vector['error']
    events = events_of(vector)
    if events:
        out['events'] = events
    if 'findings' in vector:
        out['findings'] = [{'rule': f['rule'], 'time': time_text(f['t']),
                            **{k: v for k, v in f.items() if k not in ('rule', 't')}} for f in vector['findings']]
    return out


def problems_of(vector):
    """What is wrong with the form of a vector."""
    unknown = set(vector) - KEYS
    if unknown:
        yield f'unknown keys {sorted(unknown)}'
    for key in ('id', 'item', 'clause', 'why'):
        if key not in vector:
            yield f'no {key}'
    if sum(k in vector for k in BODIES) != 1:
        yield f'needs exactly one of {", ".join(BODIES)}'
    if vector.get('basis', 'spec') not in ('spec', 'decision'):
        yield 'basis is spec or decision'
    if 'error' in vector and vector['error'] not in ERRORS:
        yield f"unknown error class {vector['error']}"
    if not any(k in vector for k in ('match', 'no_match', 'events', 'error', 'findings')):
        yield 'expects nothing'
    if ('timeline' in vector) != ('findings' in vector):
        yield 'timeline and findings belong together'
    if 'match' in vector and not vector['match'] or 'no_match' in vector and not vector['no_match']:
        yield 'an empty list of events'
    entries = [e.get('event') for e in vector.get('events', [])]
    for entry in vector.get('match', []) + vector.get('no_match', []) + entries + vector.get('timeline', []):
        if not isinstance(entry, dict):
            yield 'an event is a map'
        elif any(v is None or isinstance(v, dict) for v in entry.values()):
            yield 'a value of an event is text, a number, true, false or a list of these'


def load(path):
    """Topic and vectors of a file; what a section says counts for each of its vectors that says nothing else."""
    with open(path, encoding='utf-8') as handle:
        tree = yaml.safe_load(handle)
    vectors = []
    for section in tree['sections']:
        common = {k: v for k, v in section.items() if k in INHERITED}
        vectors += [{**common, **vector} for vector in section['vectors']]
    return tree['topic'], vectors


def check(document, paths):
    seen, bad, n, n_events = {}, 0, 0, 0
    with open(document, encoding='utf-8') as handle:
        if table(paths) not in handle.read():
            bad += 1
            print(f'{document}: its table is not what expand.py --table says')
    for path in paths:
        topic, vectors = load(path)
        for vector in vectors:
            n += 1
            name = str(vector.get('id'))
            found = list(problems_of(vector))
            if name in seen:
                found.append(f'id stands in {seen[name]} too')
            if not re.fullmatch(r'[a-z0-9]+(-[a-z0-9]+)+', name):
                found.append('an id is words of a-z and 0-9 joined by -')
            seen[name] = path
            for problem in found:
                bad += 1
                print(f'{path}: {name}: {problem}')
            n_events += 0 if found else len(events_of(vector))
    print(f'{n} vectors, {n_events} events, {bad} problems')
    return 1 if bad else 0


def table(paths):
    """The table of docs/conformance.md, with the subjects from items.tsv. A vector may belong to several items."""
    counts = collections.defaultdict(lambda: [0, 0, 0])
    total = [0, 0, 0]
    for path in paths:
        topic, vectors = load(path)
        for vector in vectors:
            full = expand(vector, topic)
            numbers = [1, len(full.get('events', [])), 'error' in full]
            total = [a + b for a, b in zip(total, numbers)]
            for item in full['items']:
                counts[str(item)] = [a + b for a, b in zip(counts[str(item)], numbers)]
    lines = ['| item | subject | vectors | events | refused |', '| --- | --- | --- | --- | --- |']
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'items.tsv'), encoding='utf-8') as handle:
        for line in handle:
            item, subject = line.rstrip('\n').split('\t')
            lines.append(f'| {item} | {subject} | ' + ' | '.join(str(n) for n in counts.pop(item, [0, 0, 0])) + ' |')
    if counts:
        raise SystemExit(f'items.tsv lacks {sorted(counts)}')
    lines.append('| all | each vector once | ' + ' | '.join(str(n) for n in total) + ' |')
    return '\n'.join(lines) + '\n'


def write(paths, out):
    for path in paths:
        topic, vectors = load(path)
        for vector in vectors:
            out.write(json.dumps(expand(vector, topic), ensure_ascii=False) + '\n')


def run(command, paths):
    with tempfile.NamedTemporaryFile('w', encoding='utf-8', suffix='.jsonl') as out:
        write(paths, out)
        out.flush()
        return subprocess.run([*command, out.name], check=False).returncode


def main(arguments):
    paths = [a for a in arguments if a.endswith('.yaml')]
    mode = arguments[0] if arguments and arguments[0].startswith('--') else ''
    if not paths or mode not in ('', '--check', '--table', '--run'):
        print(__doc__, file=sys.stderr)
        return 2
    rest = [a for a in arguments[1:] if not a.endswith('.yaml')]
    if mode == '--check':
        return check(rest[0], paths)
    if mode == '--table':
        print(table(paths), end='')
        return 0
    if mode == '--run':
        return run(rest, paths)
    sys.stdout.reconfigure(encoding='utf-8')
    write(paths, sys.stdout)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
