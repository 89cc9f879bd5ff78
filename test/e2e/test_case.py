#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The bundled case: every step that event logs show is found, and the background is quiet.

usage: test_case.py BUILD_FOLDER [--table]

Makes the case, scans it with our own pack, and compares with ground-truth.tsv, which the generator
writes: a finding on an event that is not in it is a false alarm. Prints the table of steps.
"""
import collections
import csv
import json
import os
import subprocess
import sys
import tempfile

LEVELS = ['informational', 'low', 'medium', 'high', 'critical']
STEPS = ['2', '3', '4', '5', '6', '7', '8', '9', '11', '12']  # 1 and 10 are seen in mail logs only
CLEAN_HOST = 'PC-DESIGN-11'


def run(build, folder):
    case = os.path.join(folder, 'case')
    subprocess.run([os.path.join(build, 'tools/evtxgen/sekisho-mkcase'), case], check=True, stdout=subprocess.DEVNULL)
    out = subprocess.run([os.path.join(build, 'sekisho'), 'scan', '-q', '--format', 'jsonl', case],
                         check=True, capture_output=True, text=True).stdout
    with open(os.path.join(case, 'ground-truth.tsv'), encoding='utf-8', newline='') as handle:
        truth = list(csv.DictReader(handle, delimiter='\t', quoting=csv.QUOTE_NONE))
    findings = [json.loads(line) for line in out.splitlines()]
    for finding in findings:
        finding['key'] = (os.path.relpath(finding['file'], case), finding['record_id'])
        finding['keys'] = {(os.path.relpath(e['file'], case), e['record_id'])
                           for e in finding.get('correlation', {}).get('events', [])}
    return truth, findings


def told_in_readmes(build, folder):
    """Lines about hosts in the READMEs that the program does not print."""
    out = subprocess.run([os.path.join(build, 'sekisho'), 'scan', '--no-color', os.path.join(folder, 'case')],
                         capture_output=True, text=True)
    printed = set((out.stdout + out.stderr).splitlines())
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
    for name in ('README.md', 'README.ja.md'):
        with open(os.path.join(top, name), encoding='utf-8') as f:
            lines = f.read().splitlines()
        hosts = [i for i, line in enumerate(lines) if line.startswith('  PC-')]
        if not hosts:
            yield f'{name}: no host is shown'
        for i in hosts:
            for line in lines[i:i + 2]:
                if line not in printed and line.strip() != '...':
                    yield f'{name} shows what is not printed: {line.strip()}'


def events_of(finding):
    """The events that a finding is about: its own, or those that a correlation counted."""
    return finding['keys'] if finding.get('correlation') else {finding['key']}


def table(truth, findings):
    by_key = collections.defaultdict(list)
    for finding in findings:
        by_key[finding['key']].append(finding)
    rows = []
    for step in STEPS:
        events = [t for t in truth if t['step'] == step]
        hit = [f for t in events for f in by_key[(t['file'], int(t['record']))]]
        found = {f['key'] for f in hit}
        best = max((LEVELS.index(f['level']) for f in hit), default=-1)
        rows.append((step, len(events), len(found), len(hit), LEVELS[best] if best >= 0 else '-',
                     sorted({f['rule_title'] for f in hit if f['level'] == LEVELS[best]})[:2]))
    return rows


def main():
    build = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        truth, findings = run(build, folder)
        problems = list(told_in_readmes(build, folder))
    known = {(t['file'], int(t['record'])) for t in truth}
    if len(known) != len(truth) or len(truth) < 100:
        problems.append(f'ground truth is not usable: {len(truth)} rows, {len(known)} different events')
    alarms = [f for f in findings if not events_of(f) <= known]
    for f in alarms[:20]:
        problems.append(f"false alarm: {f['rule_title']} ({f['level']}) on {f['key'][0]} record {f['key'][1]}")
    problems += [f'finding on the clean host: {f["rule_title"]}' for f in findings if CLEAN_HOST in f['computer']]
    print(f'{"step":>4} {"events":>6} {"found":>6} {"findings":>8}  {"highest":13} rules')
    for step, events, found, hits, level, titles in table(truth, findings):
        print(f'{step:>4} {events:>6} {found:>6} {hits:>8}  {level:13} {"; ".join(titles)}')
        if level not in ('medium', 'high', 'critical'):
            problems.append(f'step {step}: no finding of level medium or above')
    print(f'{len(findings)} findings, {len(alarms)} false alarms')
    for problem in problems:
        print('PROBLEM', problem)
    return 1 if problems else 0


sys.exit(main())
