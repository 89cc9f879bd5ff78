#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Scripts that were logged in parts: joined over chunks and files, found as one, and what is missing said.

usage: test_scripts.py BUILD_FOLDER
"""
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402

RULES = '''title: The whole word
id: 00000000-0000-4000-8000-0000000000a1
logsource: {product: windows, category: ps_script}
detection: {s: {ScriptBlockText|contains: Invoke-Frobnicate}, condition: s}
level: high
---
title: Two words far apart
id: 00000000-0000-4000-8000-0000000000a2
logsource: {product: windows, category: ps_script}
detection: {s: {ScriptBlockText|contains|all: [first-word, last-word]}, condition: s}
level: medium
---
title: A word in one part
id: 00000000-0000-4000-8000-0000000000a3
logsource: {product: windows, category: ps_script}
detection: {s: {ScriptBlockText|contains: first-word}, condition: s}
level: low
---
title: Two words but not a third
id: 00000000-0000-4000-8000-0000000000a4
logsource: {product: windows, category: ps_script}
detection: {s: {ScriptBlockText|contains|all: [first-word, last-word]}, f: {ScriptBlockText|contains: harmless}, condition: s and not f}
level: low
---
title: Seen twice
id: 00000000-0000-4000-8000-0000000000a5
correlation: {type: event_count, rules: [00000000-0000-4000-8000-0000000000a1], group-by: [Computer], timespan: 1h, condition: {gte: 2}, generate: true}
level: high
'''
WHOLE, APART, ONE, FILTERED, TWICE = (f'00000000-0000-4000-8000-0000000000a{n}' for n in range(1, 6))
PARTS = ['1 3 id-a x first-word Invoke-Fro', '2 3 id-a bnic', '3 3 id-a ate last-word']


class Logs:
    def __init__(self, t, folder):
        self.t, self.folder = t, folder
        self.rules = os.path.join(folder, 'rules.yml')
        with open(self.rules, 'w', encoding='utf-8') as f:
            f.write(RULES)

    def make(self, name, lines):
        path = os.path.join(self.folder, name)
        subprocess.run([os.path.join(self.t.build, 'test/make_scripts'), path], input='\n'.join(lines) + '\n',
                       text=True, check=True)
        return path

    def scan(self, *args):
        code, out, err = self.t.run('scan', '-q', '--format', 'jsonl', '--rules', self.rules, *args)
        self.t.check(code == 0, f'exit code {code}: {err[:200]}')
        return [json.loads(line) for line in out.splitlines()], out

    def of(self, findings, rule):
        return [f for f in findings if f['rule_id'] == rule]


def one_file(logs):
    """Each part in a chunk of its own, in an order that is not theirs."""
    t = logs.t
    path = logs.make('one.evtx', [PARTS[2], 'chunk', PARTS[0], 'chunk', PARTS[1], '1 1 id-b harmless'])
    found, _ = logs.scan(path)
    whole = logs.of(found, WHOLE)
    t.check(len(whole) == 1, f'the literal over two ends is found once: {len(whole)}')
    t.check(len(logs.of(found, APART)) == 1, 'words of different parts are found together')
    t.check(len(logs.of(found, FILTERED)) == 1, 'a filter that no part meets lets it pass')
    one = logs.of(found, ONE)
    t.check(len(one) == 1 and 'script' not in one[0], 'what a part says by itself is not said again')
    if whole:
        script = whole[0]['script']
        t.check(script['total'] == 3 and script['parts'] == 3 and script['missing'] == '', f'script: {script}')
        t.check([e['record_id'] for e in script['events']] == [2, 3, 1], f'records of the parts: {script["events"]}')
        t.check(whole[0]['record_id'] == 2, 'the finding stands at the first part')
        t.check('Invoke-Frobnicate' in whole[0]['matched'][0]['value'], 'the joined text is shown')


def every_order(logs):
    """Parts in three files: the same bytes for any order of files and number of threads, guards or not."""
    t = logs.t
    paths = [logs.make(f'{n}.evtx', [part]) for n, part in zip('abc', PARTS)]
    paths.append(logs.make('d.evtx', PARTS))  # the same log once more, as a whole
    outputs = set()
    for order in itertools.permutations(paths):
        for options in ('-t1',), ('-t4',):
            outputs.add(logs.scan(*options, *order)[1])
    outputs.add(logs.scan('--no-prefilter', *paths)[1])
    t.check(len(outputs) == 1, f'{len(outputs)} different outputs')
    found, _ = logs.scan(*paths)
    whole = logs.of(found, WHOLE)
    t.check(len(whole) == 1, f'a script that was exported twice is found once: {len(whole)}')
    t.check(bool(whole) and whole[0]['file'].endswith('a.evtx'), 'at the first file by path')


def gaps(logs):
    t = logs.t
    found, _ = logs.scan(logs.make('gap.evtx', ['1 9 id-g first-word Invoke-', '4 9 id-g Frobnicate last-word']))
    t.check(not logs.of(found, WHOLE), 'nothing is found across a gap')
    apart = logs.of(found, APART)
    t.check(len(apart) == 1 and apart[0]['script']['missing'] == '2-3, 5-9', f'missing parts are named: {apart}')
    found, _ = logs.scan(logs.make('conflict.evtx', ['1 2 id-c Invoke-Fro', '1 2 id-c other', '2 2 id-c bnicate']))
    whole = logs.of(found, WHOLE)
    t.check(len(whole) == 1 and whole[0]['script']['conflicts'] == 1, 'copies that differ are counted')
    # A total that is not to be believed, numbers beyond it, and a part that stays alone.
    found, _ = logs.scan(logs.make('odd.evtx', [
        '1 2147483647 id-o Invoke-Fro', '2 2147483647 id-o bnicate', '5 2 id-p Invoke-Frobnicate', '0 2 id-q x',
        '1 2 id-r first-word']))
    whole = logs.of(found, WHOLE)
    t.check(len(whole) == 2, 'a part with an impossible number is matched by itself')
    t.check(whole[0]['script']['missing'] == '3-2147483647', 'most of it is missing')


def all_of_it(logs):
    """Filters see the whole script, correlations count it, and the other outputs name its parts."""
    t = logs.t
    path = logs.make('f.evtx', ['1 2 id-f first-word', '2 2 id-f last-word harmless'])
    found, _ = logs.scan(path)
    t.check(len(logs.of(found, APART)) == 1 and not logs.of(found, FILTERED), 'a filter in another part counts')
    path = logs.make('t.evtx', PARTS + [p.replace('id-a', 'id-z') for p in PARTS])
    found, _ = logs.scan(path)
    twice = logs.of(found, TWICE)
    t.check(len(twice) == 1 and twice[0]['correlation']['count'] == 2, 'correlations count joined scripts')
    _, out, _ = t.run('scan', '-q', '--format', 'csv', '--rules', logs.rules, path)
    t.check(b'Script: 3 of 3 parts' in out, 'CSV says so')
    _, out, _ = t.run('scan', '-q', '--rules', logs.rules, path)
    t.check(b'[3 of 3 parts]' in out, 'the table says so')
    page = os.path.join(logs.folder, 'page.html')
    t.run('scan', '-q', '--rules', logs.rules, '--html', page, '-o', os.devnull, path)
    with open(page, encoding='utf-8') as f:
        t.check('"script":{"total":3,"parts":3' in f.read(), 'the report has it')
    # A time window that leaves the first part out: what is left is joined.
    found, _ = logs.scan('--from', '2020-12-22T09:00:02Z', logs.make('w.evtx', PARTS))
    t.check(not logs.of(found, WHOLE) and not logs.of(found, APART), 'parts outside the window are not read')


def main():
    t = Test(sys.argv[1])
    folder = tempfile.mkdtemp()
    try:
        logs = Logs(t, folder)
        one_file(logs)
        every_order(logs)
        gaps(logs)
        all_of_it(logs)
    finally:
        shutil.rmtree(folder)
    t.end()


main()
