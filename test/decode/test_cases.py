#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our own obfuscation cases: every input decodes to the text that stands beside it.

usage: test_cases.py DECODE_LINES CASES_FOLDER

A file of cases:  === note          what is shown; "[partial]" in it: the result must say so
                  kind cmd          optional, powershell by default
                  --- in / --- final  the input and the text of the last layer, without their last newline
The cheap test must have said yes wherever there is more than one layer.
"""
import json
import os
import re
import subprocess
import sys


def read_cases(path):
    with open(path, encoding='utf-8', newline='') as handle:
        text = handle.read()
    for block in re.split(r'^=== ', text, flags=re.M)[1:]:
        note, _, rest = block.partition('\n')
        head, _, rest = rest.partition('--- in\n')
        source, _, final = rest.partition('\n--- final\n')
        kind = re.search(r'^kind (\w+)', head, re.M)
        yield {'note': note, 'kind': kind.group(1) if kind else 'powershell', 'text': source,
               'final': final.rstrip('\n'), 'partial': '[partial]' in note, 'file': os.path.basename(path)}


def decode(program, cases):
    lines = ''.join(json.dumps({'kind': c['kind'], 'text': c['text']}) + '\n' for c in cases)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, check=True, timeout=300)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    program, folder = sys.argv[1:3]
    cases = [c for name in sorted(os.listdir(folder)) for c in read_cases(os.path.join(folder, name))]
    results, bad = decode(program, cases), 0
    if len(results) != len(cases) or len(cases) < 20:
        print(f'{len(results)} results for {len(cases)} cases')
        return 1
    for case, result in zip(cases, results):
        final = result['layers'][-1]['text']
        wrong = []
        if final != case['final']:
            wrong.append(f'gave {final!r}\n    not  {case["final"]!r}')
        if result['partial'] != case['partial']:
            why = [layer['partial'] for layer in result['layers'] if 'partial' in layer]
            wrong.append(f'partial: {result["partial"]} {why}')
        if len(result['layers']) > 1 and not (result['looks'] and result['looks16']):
            wrong.append('the cheap test said no')
        if wrong:
            bad += 1
            print(f'{case["file"]}: {case["note"]}\n    ' + '\n    '.join(wrong))
    print(f'{len(cases)} cases, {bad} wrong')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
