#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Correlations under load: many matching events of many groups in one window, piped in as JSON lines.

usage: correlation.py BUILD_FOLDER [--events N] [--groups N] [--all-true]

For each type alone, and for all of them at once: CPU seconds of the scan, its peak memory, what it had no memory
for, and the findings, which must be the 1 in 1000 groups that the generator made hot. With --all-true every
group makes each correlation true. Exit code 1 when a finding is missing or too many.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

RULE = ('title: {0}\nname: {0}\nlogsource: {{product: windows, service: security}}\n'
        'detection: {{s: {{EventID: {1}}}, condition: s}}\n')
BASE = [RULE.format('failed', 4625), RULE.format('good', 4624), RULE.format('explicit', 4648)]
HEAD = 'title: {0}\ncorrelation:\n    type: {0}\n    rules: [{2}]\n    group-by: [TargetUserName]\n    timespan: 2h\n{1}'
ALL = 'failed, good, explicit'


def correlations(per_group, all_true):
    most, addresses = (per_group, 3) if all_true else (per_group + 1, 4)
    temporal = 'failed, good' if all_true else ALL
    return {'event_count': HEAD.format('event_count', f'    condition: {{gte: {most}}}\n', ALL),
            'value_count': HEAD.format('value_count', f'    condition: {{gte: {addresses}, field: IpAddress}}\n', ALL),
            'temporal': HEAD.format('temporal', '', temporal)}


def run(build, rules, options, folder):
    path, summary = os.path.join(folder, 'rules.yml'), os.path.join(folder, 'summary.json')
    with open(path, 'w', encoding='utf-8') as handle:
        handle.write('---\n'.join(rules))
    source = subprocess.Popen([os.path.join(build, 'test/logon_load'), str(options.events), str(options.groups)],
                              stdout=subprocess.PIPE)
    scan = subprocess.Popen([os.path.join(build, 'sekisho'), 'scan', '-q', '--rules', path, '--format', 'jsonl',
                             '--summary', summary, '-'], stdin=source.stdout, stdout=subprocess.PIPE)
    source.stdout.close()
    found = sum(1 for _ in scan.stdout)
    _, status, usage = os.wait4(scan.pid, 0)
    source.wait()
    with open(summary, encoding='utf-8') as handle:
        facts = json.load(handle)['summary']
    return status, found, usage, facts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('build')
    parser.add_argument('--events', type=int, default=10_000_000)
    parser.add_argument('--groups', type=int, default=1_000_000)
    parser.add_argument('--all-true', action='store_true')
    options = parser.parse_args()
    each = correlations(options.events // options.groups, options.all_true)
    expected = options.groups if options.all_true else -(-options.groups // 1000)
    good = True
    print(f'{options.events} events and 1 in 1000 groups with one more, {options.groups} groups, one window')
    with tempfile.TemporaryDirectory() as folder:
        for name in [*each, 'all three']:
            chosen = list(each.values()) if name == 'all three' else [each[name]]
            status, found, usage, facts = run(options.build, BASE + chosen, options, folder)
            right = status == 0 and (found == expected * len(chosen) or facts['correlation_dropped'])
            good = good and bool(right)
            print(f'{name:12} {usage.ru_utime + usage.ru_stime:7.1f} s CPU  {usage.ru_maxrss / 1024:7.0f} MB peak  '
                  f'{facts["records"]} records  dropped {facts["correlation_dropped"]}  '
                  f'{found} findings{"" if right else "  WRONG, expected " + str(expected * len(chosen))}', flush=True)
    sys.exit(0 if good else 1)


main()
