#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Public sample logs and SigmaHQ rules, where the shared corpus stands beside the repository.

usage: test_corpus.py BUILD_FOLDER SOURCE_FOLDER

- SigmaHQ's regression cases: all of them found
- reference detections on attack logs: the same, but for the differences that oracle-allow.tsv argues
- decoding adds findings and takes none away
- guards change nothing: the same bytes as with --no-prefilter
- every odd and damaged file is read without a crash, and what is wrong with it is told
"""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402

# What the script of the samples downloads from; none of it can be read in the text as recorded.
EMOTET = ('http://quanticaelectronics.com/wp-admin/7ATr78/', 'https://rebelcom.ch/picture_library/bbCtlS/',
          'https://realestateagentteam.com/163/QTd/', 'https://www.riddhidisplay.com/riddhi/1pKY/',
          'http://radiosubmit.com/search_test/p/', 'http://researchchemplus.com/wp-admin/1OCC/',
          'http://szymonszyperski.pl/assets/pk/')
FOLDERS = ('rules', 'rules-emerging-threats', 'rules-threat-hunting')


def rule_args(sigma):
    return [a for f in FOLDERS for a in ('--rules', os.path.join(sigma, f))]


def regression(t, shared):
    sigma = os.path.join(shared, 'rules/sigma')
    rules = ' '.join(f'--rules {{sigma}}/{f}' for f in FOLDERS)
    out = subprocess.run(['/usr/bin/python3', os.path.join(shared, 'tools/regress.py'), '--sigma', sigma, '--jobs', '2',
                          '--cmd', f'{t.program} scan -q {rules} --format jsonl {{evtx}}'],
                         capture_output=True, text=True)
    t.check(out.returncode == 0 and 'tests 101  passed 101' in out.stdout, f'regression: {out.stdout[-600:]}')


def reference(t, shared, here):
    sigma, evtx = os.path.join(shared, 'rules/sigma'), os.path.join(shared, 'corpus/evtx')
    code, found, _ = t.run('scan', '-q', '--format', 'jsonl', *rule_args(sigma), evtx)
    t.check(code in (0, 4) and found.count(b'\n') > 5000, f'scan of the attack logs: exit {code}')
    t.check(t.run('scan', '-q', '--format', 'jsonl', '--no-prefilter', *rule_args(sigma), evtx)[1] == found,
            'guards change what is found')
    # The reference looks at records as they are: not at joined scripts, not at what hidden code says.
    lines = [(line, json.loads(line)) for line in found.splitlines(keepends=True)]
    raw = b''.join(line for line, f in lines if f['layer'] == 0)
    t.check(t.run('scan', '-q', '--format', 'jsonl', '--no-decode', *rule_args(sigma), evtx)[1] == raw,
            'decoding changes what is found in the text as recorded')
    with tempfile.NamedTemporaryFile(suffix='.jsonl') as handle:
        handle.write(b''.join(line for line, f in lines if f['layer'] == 0 and 'script' not in f))
        handle.flush()
        out = subprocess.run(['/usr/bin/python3', os.path.join(shared, 'tools/compare_oracle.py'), '--oracle',
                              os.path.join(shared, 'tools/oracle.jsonl.gz'), '--under', 'corpus/evtx',
                              '--allow', os.path.join(here, 'oracle-allow.tsv'), handle.name],
                             capture_output=True, text=True)
    t.check(out.returncode == 0 and 'missing 0  unexpected 0' in out.stdout, f'reference: {out.stdout[-900:]}')


def odd(t, shared):
    folder = os.path.join(shared, 'corpus/odd')
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        code, out, err = t.run('dump', '--recover', '--format', 'xml', path)
        t.check(code in (0, 4) and out.count(b'<Event') > 0, f'{name}: exit {code}, {err[-200:]}')
    code, _, err = t.run('dump', os.path.join(folder, 'sample_with_a_bad_chunk_magic.evtx'))
    t.check(b'offset' in err, f'a bad chunk magic is told: {err[-200:]}')


def emotet(t, shared):
    _, out, _ = t.run('scan', '-q', '--format', 'jsonl', '--min-level', 'high', os.path.join(shared, 'corpus/emotet'))
    lines = out.decode().splitlines()
    for event, tag in ('"event_id":4104', 'attack.t1105'), ('"event_id":1,', 'attack.t1059.001'):
        t.check(any(event in l and tag in l for l in lines), f'emotet: no high finding on {event} tagged {tag}')


    _, out, _ = t.run('scan', '-q', '--format', 'jsonl', os.path.join(shared, 'corpus/emotet'))
    decoded = [f for f in map(json.loads, out.splitlines()) if f['layer'] and f['event_id'] == 4104]
    text = ' '.join(p['value'] for f in decoded for p in f['matched'])
    for address in EMOTET:
        t.check(address in text, f'emotet: {address} is in no layer that a rule matched')


def main():
    t = Test(sys.argv[1])
    source = sys.argv[2]
    shared = os.path.join(source, '..', 'shared')
    if not os.path.isdir(os.path.join(shared, 'corpus')):
        print('skipped: no shared corpus')
        sys.exit(77)
    regression(t, shared)
    reference(t, shared, os.path.join(source, 'test/e2e'))
    odd(t, shared)
    emotet(t, shared)
    t.end()


main()
