#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Scanning: the same bytes out whatever the threads, order, locale and zone; formats; archives.

usage: test_scan.py BUILD_FOLDER
"""
import csv
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402


def same_bytes(t, case):
    files = sorted(os.path.join(d, f) for d, _, names in os.walk(case) for f in names if f.endswith('.evtx'))
    base = t.run('scan', '-q', '--format', 'jsonl', '--threads', '1', *files)
    t.check(base[0] == 0 and base[1].count(b'\n') > 100, 'plain scan of all files gives findings and exit 0')
    for threads in '2', '4', '7':
        t.check(t.run('scan', '-q', '--format', 'jsonl', '--threads', threads, *files) == base,
                f'{threads} threads give other bytes')
    shuffled = files[:]
    random.Random(7).shuffle(shuffled)
    t.check(t.run('scan', '-q', '--format', 'jsonl', *shuffled) == base, 'order of paths changes the output')
    for env in {'TZ': 'Asia/Tokyo'}, {'LC_ALL': 'ja_JP.UTF-8'}, {'LC_ALL': 'C'}, {'LANG': 'tr_TR.UTF-8'}:
        t.check(t.run('scan', '-q', '--format', 'jsonl', *files, env=env) == base, f'{env} changes the output')
    for name in 'html', 'navigator':
        outs = []
        for threads in '1', '4':
            path = os.path.join(case, '..', f'{name}{threads}')
            t.run('scan', '-q', '--threads', threads, f'--{name}', path, *files)
            with open(path, 'rb') as handle:
                outs.append(handle.read())
        t.check(outs[0] == outs[1] and len(outs[0]) > 500, f'--{name} depends on the number of threads')
    return base[1]


def formats(t, case, jsonl):
    lines = [json.loads(line) for line in jsonl.splitlines()]
    keys = ('timestamp rule_id rule_title level status tags tactics techniques computer channel provider event_id '
            'record_id file layer matched').split()
    t.check(all(list(l)[:len(keys)] == keys for l in lines), 'JSON keys are not those that are promised')
    t.check(all(re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z', l['timestamp']) for l in lines), 'timestamps')
    t.check([l['timestamp'] for l in lines] == sorted(l['timestamp'] for l in lines), 'findings are not in time order')
    t.check(all(l['matched'] for l in lines if l['level'] == 'high'), 'a finding does not say what matched')
    code, out, _ = t.run('scan', '-q', '--format', 'csv', case)
    rows = list(csv.reader(io.StringIO(out.decode())))
    t.check(code == 0 and len(rows) == len(lines) + 1 and len({len(r) for r in rows}) == 1, 'CSV has the same findings')
    t.check(rows[0][:10] == ['Timestamp', 'RuleTitle', 'Level', 'Computer', 'Channel', 'EventID', 'RecordID', 'Details',
                             'ExtraFieldInfo', 'RuleID'], 'CSV columns')
    high = [l for l in lines if l['level'] in ('high', 'critical')]
    out = t.run('scan', '-q', '--format', 'jsonl', '--min-level', 'high', case)[1]
    t.check(out.count(b'\n') == len(high), '--min-level')
    out = t.run('scan', '-q', '--format', 'jsonl', '--from', '2022-01-01', case)[1]
    t.check(out.count(b'\n') == sum(l['timestamp'] >= '2022' for l in lines) > 0, '--from')
    last = lines[20]['timestamp']  # with its fraction: a moment
    out = t.run('scan', '-q', '--format', 'jsonl', '--to', last, case)[1]
    t.check(out.count(b'\n') == sum(l['timestamp'] <= last for l in lines), '--to is inclusive')
    fields = [json.loads(l) for l in t.run('scan', '-q', '--format', 'jsonl', '--fields', case)[1].splitlines()]
    t.check(all(f['fields']['EventID'] == str(f['event_id']) for f in fields if not f.get('correlation')), '--fields')
    code, out, err = t.run('scan', case)
    t.check(code == 0 and b'PC-SALES-07' in out and b'Command and Control' in out, 'table and summary')
    t.check(b'2 other files ignored' in out, 'what lies beside the logs is not read as one')
    t.check(b'\x1b' not in out + err, 'colours without a terminal')
    t.check('到達した段階'.encode() in t.run('scan', '--lang', 'ja', case)[1], 'summary in Japanese')


def navigator(t, case, folder):
    path = os.path.join(folder, 'layer.json')
    t.run('scan', '-q', '--navigator', path, case)
    with open(path, encoding='utf-8') as handle:
        layer = json.load(handle)
    ids = {x['techniqueID'] for x in layer['techniques']}
    t.check({'T1059.001', 'T1218.011'} <= ids and layer['domain'] == 'enterprise-attack', 'Navigator layer')


def packages(t, case, folder, expected):
    count = expected.count(b'\n')
    def findings(path, *more, stdin=None):
        return t.run('scan', '-q', '--format', 'jsonl', path, *more, stdin=stdin)
    subprocess.run(['tar', 'czf', os.path.join(folder, 'a.tar.gz'), '-C', case, '.'], check=True)
    subprocess.run(['tar', 'cJf', os.path.join(folder, 'a.tar.xz'), '-C', case, '.'], check=True)
    shutil.make_archive(os.path.join(folder, 'a'), 'zip', case)
    names = ['a.tar.gz', 'a.tar.xz', 'a.zip']
    if shutil.which('7z'):
        subprocess.run(['7z', 'a', '-bd', os.path.join(folder, 'a.7z'), case], check=True, stdout=subprocess.DEVNULL)
        names.append('a.7z')
    for name in names:
        code, out, _ = findings(os.path.join(folder, name))
        t.check(code == 0 and out.count(b'\n') == count, f'{name}: {out.count(10)} findings, expected {count}')
        t.check(f'{name}!'.encode() in out, f'{name}: members are not named package!member')
    security = os.path.join(case, 'PC-ACCT-02', 'Security.evtx')
    alone = findings(security)[1].count(b'\n')
    with open(security, 'rb') as handle:
        data = handle.read()
    t.check(findings('-', stdin=data)[1].count(b'\n') == alone > 0, 'standard input')
    packed = subprocess.run(['gzip', '-c', security], check=True, capture_output=True).stdout
    t.check(findings('-', stdin=packed)[1].count(b'\n') == alone, 'gzip on standard input')
    t.check(findings(case, case, security)[1] == findings(case)[1], 'a file that is named twice is read once')


def repeated_names(t, folder):
    """Fields of one name are an array in the order of the event, whether it has few of them or many."""
    rule, log = os.path.join(folder, 'any.yml'), os.path.join(folder, 'repeated.xml')
    with open(rule, 'w', encoding='utf-8') as handle:
        handle.write('title: any\nid: 0b0f2f3e-6b1c-4b0e-9a55-3f6f4c1b7a10\nlogsource: {product: windows}\n'
                     'detection: {a: {EventID: 4242}, condition: a}\nlevel: low\n')
    for n, names in ((1, 1), (20, 7), (57, 57), (58, 3), (59, 40), (60, 60), (200, 11), (2000, 1999)):
        data = [(f'N{i * 7 % names}x{"abc"[i % names % 3]}', f'v{i}') for i in range(n)]
        with open(log, 'w', encoding='utf-8') as handle:
            handle.write('<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><EventID>4242</EventID>'
                         '<Channel>Security</Channel><Computer>A</Computer></System><EventData>'
                         + ''.join(f'<Data Name="{k}">{v}</Data>' for k, v in data) + '</EventData></Event>')
        out = t.run('scan', '-q', '--rules', rule, '--format', 'jsonl', '--fields', log)[1]
        fields = json.loads(out)['fields'] if out else {}
        want = {}
        for k, v in data:
            want.setdefault(k, []).append(v)
        got = {k: v if isinstance(v, list) else [v] for k, v in fields.items() if k.startswith('N')}
        t.check(got == want and list(got) == list(want), f'{n} fields of {names} names: {out[:200]}')


def alike(t, folder):
    """Findings that are alike but for a value or two: each names its own event's, however often the same came before. LogonId
    never comes twice, so answers are remembered without it; the rules ask for it, or only for what comes again."""
    rules, log = os.path.join(folder, 'alike'), os.path.join(folder, 'alike.jsonl')
    os.mkdir(rules)
    for n, (extra, ident) in enumerate((("TargetUserName|startswith: 'u'", 'steady'), ("TargetLogonId|startswith: '0x'", 'own'),
                                        ("WorkstationName|re: '^w[0-9]+$'", 'some'))):
        with open(os.path.join(rules, f'{ident}.yml'), 'w', encoding='utf-8') as handle:
            handle.write(f'title: {ident}\nid: 0b0f2f3e-6b1c-4b0e-9a55-3f6f4c1b7a1{n}\n'
                         'logsource: {product: windows, service: security}\nlevel: low\n'
                         f'detection: {{a: {{EventID: 4624, LogonType: 3, {extra}}}, condition: a}}\n')
    names = {'steady': 'TargetUserName', 'own': 'TargetLogonId', 'some': 'WorkstationName'}
    events = []
    for i in range(6000):
        events.append({'TargetUserName': f'u{i // 3 % 7}', 'TargetLogonId': f'0x{i * 977:x}', 'LogonType': '3',
                       'WorkstationName': f'w{i * 7919 % 1500}', 'Computer': f'PC{i // 50 % 3}'})
    with open(log, 'w', encoding='utf-8') as handle:
        for i, event in enumerate(events):
            handle.write(json.dumps({'EventID': 4624, 'Channel': 'Security', 'Provider': 'Microsoft-Windows-Security-Auditing',
                                     'EventRecordID': i + 1, 'TimeCreated': f'2024-05-01T10:{i // 60 % 60:02}:{i % 60:02}Z',
                                     **event}) + '\n')
    want = None
    for options in (['-t1'], ['-t3'], ['-t1', '--no-prefilter'], ['-t2', '--memory', '1'], ['-t2', '--memory', '64K']):
        out = t.run('scan', '-q', '--no-cache', *options, '--rules', rules, '--format', 'jsonl', log)[1]
        want = want or out
        t.check(out == want, f'{options}: other bytes')
    found = [json.loads(line) for line in want.splitlines()]
    t.check(len(found) == 3 * len(events), f'{len(found)} findings')
    for f in found:
        event, name = events[f['record_id'] - 1], names[f['rule_title']]
        values = {pair['field']: pair['value'] for pair in f['matched']}
        t.check(f['computer'] == event['Computer'] and values[name] == event[name] and f['event_id'] == 4624,
                f'record {f["record_id"]}: {f["computer"]} {values}')


def main():
    t = Test(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        case = t.make_case(folder)
        expected = same_bytes(t, case)
        repeated_names(t, folder)
        alike(t, folder)
        formats(t, case, t.run('scan', '-q', '--format', 'jsonl', case)[1])
        navigator(t, case, folder)
        packages(t, case, folder, expected)
    t.end()


main()
