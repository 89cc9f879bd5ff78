#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile rules: each is an error that is named, or costs bounded time and memory.

usage: test_bounds.py BUILD_FOLDER [--figures] [--sanitized]
"""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402

SECONDS, MEGABYTES = 20, 512  # CPU seconds (a sanitizer takes ten times as many), peak memory without a sanitizer
HEAD = 'title: T\nlogsource: {product: windows, service: security}\nlevel: low\ndetection:\n'
RULE = 'title: r{0}\nlogsource: {{product: windows, service: security}}\ndetection: {{s: {{A: \'v{0}\'}}, condition: s}}\n'


def condition(text):
    return [HEAD, '  s: {A: v1}\n  t: {B: v2}\n  condition: ', text, '\n']


def values(lines):
    return [HEAD, '  s:\n    A:\n', *lines, '  condition: s\n']


def aliases():
    yield 'a0: &a0 [x, x, x, x, x, x, x, x, x]\n'
    for i in range(1, 12):
        yield f'a{i}: &a{i} [' + ', '.join([f'*a{i - 1}'] * 9) + ']\n'
    yield from (HEAD, '  s: {A: *a11}\n  condition: s\n')


def correlations():
    for i in range(20000):
        yield '---\n' + RULE.format(i).replace('title: r', f'name: n{i}\ntitle: r')
    for i in range(20000):
        names = ', '.join(f'n{(i * 7 + k) % 20000}' for k in range(16))
        yield f'---\ntitle: c\ncorrelation: {{type: event_count, rules: [{names}], timespan: 1h, condition: {{gte: 2}}}}\n'


# name, the file's parts, how many rules load, a word of the message
CASES = [
    ('a list of 5,000 values', lambda: values(f"      - 'v{i}'\n" for i in range(5000)), 1, None),
    ('a list of 290,000 values, 15 MB', lambda: values(f"      - 'v{i:040}'\n" for i in range(290000)), 0, '[limit]'),
    ('brackets 100 deep', lambda: condition('(s and ' * 50 + '(t or ' * 50 + 's' + ')' * 100), 1, None),
    ('brackets 1,000 deep', lambda: condition('(' * 1000 + 's' + ')' * 1000), 0, '[limit]'),
    ('`not` 4,000 times', lambda: condition('not ' * 4000 + 's'), 0, '[limit]'),
    ('a condition of 160,000 bytes', lambda: condition('s or ' * 32000 + 's'), 0, '[limit]'),
    ('a condition with 2^60 ways through it', lambda: condition('(s or s) and ' * 60 + 's'), 1, None),
    ('lists in lists 10,000 deep', lambda: [HEAD, '  s: {A: ', '[' * 10000, ']' * 10000, '}\n  condition: s\n'], 0, '[limit]'),
    ('aliases that stand for 9^12 values', aliases, 0, '[limit]'),
    ('an alias of itself', lambda: [HEAD, '  s: &s {A: *s}\n  condition: s\n'], 0, '[yaml-alias]'),
    ('a file of 50 MB', lambda: values("      - 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'\n" for _ in range(1000000)), 0, 'larger than'),
    ('a file of 100,000 rules', lambda: ('---\n' + RULE.format(i) for i in range(100000)), 65536, '[limit]'),
    ('20,000 correlations of 16 rules each', correlations, 40000, None),
    ('a regular expression that is huge when compiled', lambda: [HEAD, "  s: {A|re: '(((a{900}){900}){900})'}\n  condition: s\n"], 0,
     '[regular-expression]'),
    ('dashes with 5^40 spellings', lambda: [HEAD, "  s: {A|windash|contains|all: ['" + ' -a' * 40 + "']}\n  condition: s\n"], 1, None),
    ('4,000 wildcards', lambda: [HEAD, "  s: {A: '" + 'a*' * 4000 + "'}\n  condition: s\n"], 0, '[limit]'),
    ('2,000 wildcards', lambda: [HEAD, "  s: {A: '" + 'a*' * 2000 + "b'}\n  condition: s\n"], 1, None),
    ('a regular expression that backtracks for ever', lambda: [HEAD, "  s: {A|re: '(a+)+[bc]$'}\n  condition: s\n"], 1, None),
]


def measured(command):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    out = process.stdout.read().decode(errors='replace')
    _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), out, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def one(t, folder, case, sanitized, figures):
    name, parts, loaded, word = case
    path, events = os.path.join(folder, 'rule.yml'), os.path.join(folder, 'events.jsonl')
    with open(path, 'w', encoding='utf-8') as handle:
        handle.writelines(parts())
    code, out, seconds, megabytes = measured([t.program, 'rules', 'check', path])
    if code not in (0, 2) or (f'{loaded} rule{"" if loaded == 1 else "s"} loaded' not in out and loaded) or (word and word not in out):
        t.check(False, f'{name}: exit {code}, {out[-400:]}')
    said = 'loads' if loaded and not word else 'refused' if not loaded else f'{loaded} load, the rest is refused'
    if loaded:
        code, out, scan_seconds, scan_megabytes = measured([t.program, 'scan', '-q', '--no-cache', '--rules', path, '--format', 'jsonl', events])
        t.check(code == 0, f'{name}: the scan ends with {code}, {out[-400:]}')
        seconds, megabytes = seconds + scan_seconds, max(megabytes, scan_megabytes)
    t.check(seconds < SECONDS, f'{name}: {seconds:.1f} s')
    t.check(megabytes < MEGABYTES or sanitized, f'{name}: {megabytes:.0f} MB')
    if figures:
        print(f'| {name} | {said} | {seconds:.2f} | {megabytes:.0f} |')


def main():
    t = Test(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'events.jsonl'), 'w', encoding='utf-8') as handle:
            for text in 'a' * 60000, 'v1', ' -a' * 40, 'a' * 30 + 'b' * 30000:
                handle.write(json.dumps({'Channel': 'Security', 'EventID': 4624, 'A': text,
                                         'Provider_Name': 'Microsoft-Windows-Security-Auditing'}) + '\n')
        for case in CASES:
            one(t, folder, case, '--sanitized' in sys.argv, '--figures' in sys.argv)
    t.end()


main()
