#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command line: exit codes, messages, damaged and hostile input, outputs that spare evidence.

usage: test_cli.py BUILD_FOLDER
"""
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402

CHUNK, HEADER = 65536, 4096
RULE = ('title: Good\nid: 11111111-1111-4111-8111-111111111111\nlevel: high\n'
        'logsource: {product: windows, service: security}\ndetection:\n  s: {EventID: 4624}\n  condition: s\n')


def usage(t, case):
    for args, words in [
        ((), b'Usage'), (('nosuch',), b'no such command'), (('scan',), b'give a file'),
        (('scan', '--nosuch', case), b'no such option'), (('scan', '--threads', 'x', case), b'not a number'),
        (('scan', '--min-level', 'bad', case), b'informational'), (('scan', '--format', 'pdf', case), b'table, jsonl or csv'),
        (('scan', '--from', 'yesterday', case), b'not a time'), (('scan', '--from', '2022-01-02', '--to', '2022-01-01', case), b'after'),
        (('scan', '/nosuch/place'), b'no such file'), (('scan', '--rules', '/nosuch/place', case), b'/nosuch/place'),
        (('scan', '--rules'), b'needs a value'), (('scan', '--quiet=1', case), b'takes no value'),
        (('dump',), b'give a file'), (('dump', '--format', 'csv', case), b'jsonl or xml'),
    ]:
        code, out, err = t.run(*args)
        t.check(code == 2 and words in err and out == b'', f'{args}: exit {code}, {err[:200]}')
    for args in ('--help',), ('scan', '--help'), ('dump', '-h'), ('--version',):
        code, out, err = t.run(*args)
        t.check(code == 0 and len(out) > 10 and err == b'', f'{args} prints help')
    t.check(t.run('scan', '-q', '--fail-on', 'critical', '--format', 'jsonl', os.path.join(case, 'PC-DESIGN-11'))[0] == 0,
            '--fail-on with nothing found is 0')
    t.check(t.run('scan', '-q', '--fail-on', 'high', '--format', 'jsonl', case)[0] == 1, '--fail-on is 1')


def evidence_is_safe(t, case, folder):
    log = os.path.join(case, 'PC-ACCT-02', 'System.evtx')
    with open(log, 'rb') as handle:
        before = handle.read()
    for option in '--output', '--html', '--navigator':
        code, _, err = t.run('scan', option, log, case)
        t.check(code == 2 and b'evidence' in err, f'{option} onto an event log is refused')
    with open(log, 'rb') as handle:
        t.check(handle.read() == before, 'an event log was changed')
    code, _, err = t.run('scan', '--html', os.path.join(folder, 'no', 'such', 'folder.html'), case)
    t.check(code == 70 and b'No such file' in err, 'an output that cannot be written')
    t.check(t.run('scan', '-q', '--output', '/dev/full', '--format', 'jsonl', case)[0] == 70, 'a full disk is an error')
    t.check(not [n for n in os.listdir(folder) if 'tmp' in n.lower()], 'temporary files stay')


def links_stay(t, case, folder):
    """An output that is a link: what it leads to is written, the link stays one."""
    host = os.path.join(case, 'PC-ACCT-02')
    args = 'scan', '-q', '--format', 'jsonl', host, '--output'
    wanted = t.run(*args, '-')[1]
    target, link = os.path.join(folder, 'target'), os.path.join(folder, 'link')
    with open(target, 'w', encoding='utf-8') as handle:
        handle.write('of yesterday')
    os.symlink('target', link)
    t.check(t.run(*args, link)[0] == 0 and os.path.islink(link), 'a link was replaced')
    with open(target, 'rb') as handle:
        t.check(wanted and handle.read() == wanted, 'what a link leads to was not written')
    inside = os.path.join(folder, 'inside')
    os.symlink(os.path.join(host, 'System.evtx'), inside)
    code, _, err = t.run(*args, inside)
    t.check(code == 2 and b'evidence' in err, 'a link to evidence is refused')
    with open(target, 'wb') as handle:
        os.symlink('/dev/fd/1', os.path.join(folder, 'further'))
        os.symlink('further', os.path.join(folder, 'furthest'))
        for name in '/dev/fd/1', os.path.join(folder, 'further'), os.path.join(folder, 'furthest'):
            node = os.fstat(handle.fileno()).st_ino
            handle.truncate(0)
            subprocess.run([t.program, *args, name], stdout=handle, check=True)
            with open(target, 'rb') as read:
                t.check(os.fstat(read.fileno()).st_ino == node and read.read() == wanted, f'{name} is not written to as it is')
            for mode in 'ab', 'r+b':  # behind what is there, as the caller opened it, and nothing of the caller's is lost
                with open(target, mode) as more:
                    more.write(b'before\n')
                    more.flush()
                    subprocess.run([t.program, *args, name], stdout=more, check=True)
                    more.write(b'after\n')
                whole = wanted + b'before\n' + wanted if mode == 'ab' else b'before\n' + wanted
                with open(target, 'rb') as read:
                    t.check(read.read().startswith(whole + b'after\n'), f'{name}, open as {mode}, is cut or written over')
            handle.seek(0)
    os.symlink('nothing', os.path.join(folder, 'nowhere'))
    code, out, err = t.run(*args, os.path.join(folder, 'nowhere'))
    t.check(code == 2 and b'leads to no file' in err and os.path.islink(os.path.join(folder, 'nowhere'))
            and not os.path.exists(os.path.join(folder, 'nothing')), f'a link that leads nowhere: {code} {err}')


def other_evidence_is_safe(t, case, folder):
    """Archives, logs without a header, and whatever lies in a scanned folder."""
    package = shutil.make_archive(os.path.join(folder, 'package'), 'zip', os.path.join(case, 'PC-DESIGN-11'))
    headless = os.path.join(folder, 'headless.evtx')
    with open(os.path.join(case, 'PC-ACCT-02', 'System.evtx'), 'rb') as source, open(headless, 'wb') as handle:
        handle.write(b'\0' * HEADER + source.read()[HEADER:])
    inside = os.path.join(case, 'new.jsonl')
    rule = os.path.join(folder, 'r.yml')
    with open(rule, 'w', encoding='utf-8') as handle:
        handle.write(RULE)
    for target, args in [(package, [package]), (package, [case]), (headless, [headless]), (inside, [case]),
                         (rule, ['--rules', rule, case])]:
        before = open(target, 'rb').read() if os.path.exists(target) else None
        code, _, err = t.run('scan', '-q', '--output', target, *args)
        after = open(target, 'rb').read() if os.path.exists(target) else None
        t.check(code == 2 and b'refusing' in err and before == after, f'{target} was not refused: {code} {err}')
    same = os.path.join(folder, 'same')
    t.check(t.run('scan', '--output', same, '--html', same, case)[0] == 2, 'one file for two outputs')
    t.check(t.run('scan', '-q', '--output', '-', '--format', 'jsonl', package)[1].count(b'\n') == 0
            and not os.path.exists('-'), '- is standard output')


def times(t, case):
    host = os.path.join(case, 'SRV-FILE-01')
    all_of_it = t.run('scan', '-q', '--format', 'jsonl', host)[1].count(b'\n')
    day = t.run('scan', '-q', '--format', 'jsonl', '--from', '2020-12-22', '--to', '2020-12-22', host)[1].count(b'\n')
    t.check(0 < day == all_of_it, f'--to with a date is the whole day: {day} of {all_of_it}')
    second = t.run('scan', '-q', '--format', 'jsonl', '--from', '2020-12-22T01:40:17Z', '--to', '2020-12-22T01:40:17Z', host)[1]
    t.check(second.count(b'\n') > 0 and all(b'"2020-12-22T01:40:17' in l for l in second.splitlines()), '--to with a second')


def report_of_hosts(t, folder):
    """Hosts whose events were searched stand in the report, with a finding or without, in one spelling."""
    rules, html = os.path.join(folder, 'hosts.yml'), os.path.join(folder, 'hosts.html')
    with open(rules, 'w', encoding='utf-8') as handle:
        handle.write('title: Two\nlogsource: {product: windows}\ndetection: {s: {EventID: 2}, condition: s}\n')
    seen = [(1, 'calm-2'), (2, 'FOUND'), (1, 'calm-1'), (1, 'CALM-1'), (1, 'calm-1'), (1, 'calm-2'), (1, '')]
    for name, rows in ('a', seen), ('b', seen * 3000):  # several units, for several threads
        with open(os.path.join(folder, f'hosts-{name}.jsonl'), 'w', encoding='utf-8') as handle:
            for number, computer in rows:
                handle.write(json.dumps({'EventID': number, 'Channel': 'Security', 'Computer': computer}) + '\n')
    logs = [os.path.join(folder, f'hosts-{name}.jsonl') for name in 'ab']
    for threads in '1', '4':
        t.run('scan', '-q', '--rules', rules, '--threads', threads, '--html', html, '--html-plain', *logs)
        with open(html, encoding='utf-8') as handle:
            text = handle.read()
        start = text.index('id="sek-data">') + len('id="sek-data">')
        hosts = json.loads(text[start:text.index('</script>', start)])['summary']['hosts']
        expected = [{'name': n, 'records': r * 3001} for n, r in (('CALM-1', 3), ('FOUND', 1), ('calm-2', 2))]
        t.check(hosts == expected, f'hosts in the report, {threads} threads: {hosts}')


def report_of_damage(t, case, folder):
    """What is wrong with a file stands in the report as JSON that can be read."""
    path, html = os.path.join(folder, 'bad.evtx'), os.path.join(folder, 'bad.html')
    with open(os.path.join(case, 'PC-ACCT-02', 'Security.evtx'), 'rb') as source, open(path, 'wb') as handle:
        data = source.read()
        handle.write(data[:HEADER] + b'NotAChnk' + data[HEADER + 8:])
    t.run('scan', '-q', '--html', html, '--html-plain', path)
    with open(html, encoding='utf-8') as handle:
        text = handle.read()
    start = text.index('id="sek-data">') + len('id="sek-data">')
    data = json.loads(text[start:text.index('</script>', start)])
    t.check(any('ElfChnk' in d['what'] for d in data['files'][0]['damages']), 'the damage stands in the report')


def damaged(t, case, folder):
    log = os.path.join(case, 'PC-SALES-07', 'Microsoft-Windows-Sysmon%4Operational.evtx')
    with open(log, 'rb') as handle:
        good = handle.read()
    whole = t.run('dump', log)[1].count(b'\n')
    def write(data, name='x.evtx'):
        path = os.path.join(folder, name)
        with open(path, 'wb') as handle:
            handle.write(data)
        return path
    cases = {
        'cut in the middle of a chunk': good[:HEADER + 3 * CHUNK + 30000],
        'second chunk without its magic': good[:HEADER + CHUNK] + b'XXXXXXXX' + good[HEADER + CHUNK + 8:],
        'checksum of records wrong': good[:HEADER + 0x30 + 4] + b'\0\0\0\0' + good[HEADER + 0x38:],
        'file header wiped': b'\0' * HEADER + good[HEADER:],
        'cut behind a chunk': good[:HEADER + 5 * CHUNK],
        'a chunk of zeros in the middle': good[:HEADER + CHUNK] + bytes(CHUNK) + good[HEADER + 2 * CHUNK:],
        'one record torn': good[:HEADER + 0x4000] + b'\xff' * 64 + good[HEADER + 0x4040:],
    }
    for name, data in cases.items():
        path = write(data)
        code, out, err = t.run('dump', path)
        n = out.count(b'\n')
        t.check(0 < n <= whole and code in (0, 4), f'{name}: {n} of {whole} records, exit {code}')
        t.check(code == 4 or 'checksum' in name or 'header' in name, f'{name}: lost evidence is not exit 4')
        t.check(b'x.evtx' in err and b'offset' in err, f'{name}: no damage with an offset is told: {err[:200]}')
        t.check(t.run('scan', '-q', '--format', 'jsonl', path)[0] in (0, 4), f'{name}: scan')
    lost = write(cases['second chunk without its magic'])
    plain, recovered = t.run('dump', lost)[1].count(b'\n'), t.run('dump', '--recover', lost)[1].count(b'\n')
    t.check(plain < recovered <= whole, f'--recover gives more: {plain}, {recovered} of {whole}')
    for name, data, code in [('empty', b'', 4), ('text', b'hello\n' * 100, 4), ('header only', good[:HEADER], 4)]:
        got, out, err = t.run('scan', '--format', 'jsonl', write(data))
        t.check(got == code and out == b'', f'{name}: exit {got}, expected {code}')
    t.check(t.run('scan', '-q', '--format', 'jsonl', case, case)[0] == 0, 'a folder that is named twice')
    os.mkdir(os.path.join(folder, 'nothing'))
    code, _, err = t.run('scan', os.path.join(folder, 'nothing'))
    t.check(code == 4, f'a folder without event logs is not silently clean: exit {code}')


def dumps_of_many_threads(t, case, folder):
    """Several logs, a damaged one and an archive, each of many units: the output is that of one thread."""
    log = os.path.join(case, 'PC-SALES-07', 'Microsoft-Windows-Sysmon%4Operational.evtx')
    with open(log, 'rb') as handle:
        good = handle.read()
    logs = os.path.join(folder, 'dumps')
    os.mkdir(logs)
    many = good[:HEADER] + good[HEADER:] * 12
    for name, data in ('a.evtx', many), ('b.evtx', many[:-30000]), ('c.evtx.gz', gzip.compress(many)):
        with open(os.path.join(logs, name), 'wb') as handle:
            handle.write(data)
    t.check(len(many) > 16 * 4 * CHUNK, 'there are many units')
    with open(os.path.join(logs, 'd.jsonl'), 'wb') as handle:
        handle.write(t.run('dump', '-t', '1', os.path.join(logs, 'a.evtx'))[1])
    for form in 'jsonl', 'xml':
        one = t.run('dump', '-t', '1', '--format', form, logs)
        t.check(one[1].count(b'\n') > 4 * 12, f'dump --format {form}: {one[2][-200:]}')
        for n in '2', '5':
            t.check(t.run('dump', '-t', n, '--format', form, logs) == one, f'dump --format {form}: {n} threads give what one gives')
    for n in '1', '3':
        code, _, err = t.run('dump', '-t', n, '-o', '/dev/full', logs)
        t.check(code == 70 and b'cannot write output' in err, f'a full disk is an error, {n} threads: exit {code}')


def rules(t, case, folder):
    path = os.path.join(folder, 'rules')
    os.mkdir(path)
    def rule(name, text):
        with open(os.path.join(path, name), 'w', encoding='utf-8') as handle:
            handle.write(text)
    rule('good.yml', RULE)
    rule('regex.yml', RULE.replace('EventID: 4624', 'A|re: "("').replace('1111-8111', '1111-8112'))
    rule('bad.yml', 'title: Bad\nlogsource: {product: windows, service: security}\n'
         'detection:\n  s:\n    A|nosuch: 1\n  condition: s\n')
    rule('broken.yml', 'title: [\n')
    code, out, err = t.run('scan', '--rules', path, '--rule-problems', '--format', 'jsonl', case)
    t.check(code == 0 and json.loads(out.splitlines()[0])['rule_title'] == 'Good', 'the good rule runs')
    t.check(b'regex.yml:6:' in err, f'a bad expression is placed: {err[:500]}')
    once = t.run('scan', '-q', '--rules', os.path.join(path, 'good.yml'), '--format', 'jsonl', case)[1]
    t.check(t.run('scan', '-q', '--rules', path, '--rules', path, '--format', 'jsonl', case)[1] == once,
            'rules that are named twice find twice')
    t.check(b'bad.yml:5' in err and b'nosuch' in err and b'broken.yml' in err, f'problems are named: {err[:500]}')
    code, _, err = t.run('scan', '--rules', os.path.join(path, 'bad.yml'), case)
    t.check(code == 2 and b'no rule' in err, 'no rule at all is an error')


def nothing_is_silent(t, folder):
    """Rules not loaded and matches given up: in the summary, as JSON, in the report, in the exit code."""
    rules_path, events, out_path = (os.path.join(folder, n) for n in ('troubles.yml', 'troubles.jsonl', 'troubles.json'))
    bomb = RULE.replace('Good', 'Bomb').replace('EventID: 4624', "A|re: '(a+)+[bc]$'")
    linux = 'title: {}\nlogsource: {{product: linux}}\ndetection: {{s: {{A: 1}}, condition: s}}\n'
    with open(rules_path, 'w', encoding='utf-8') as handle:
        handle.write('---\n'.join([bomb, linux.format('One'), linux.format('Two'), linux.format('Three'), linux.format('Four')]))
    with open(events, 'w', encoding='utf-8') as handle:
        handle.write(json.dumps({'Channel': 'Security', 'EventID': 4624, 'A': 'a' * 5000,
                                 'Provider_Name': 'Microsoft-Windows-Security-Auditing'}) + '\n')
    page = os.path.join(folder, 'troubles.html')
    args = '--rules', rules_path, '--format', 'jsonl', '--summary', out_path, '--html', page, events
    code, out, err = t.run('scan', *args)
    t.check(code == 0 and out == b'', f'without --strict the exit code is 0: {code}')
    for words in b'4: log source product', b'One; Two; Three; ... 1 more', b'1: Bomb':
        t.check(words in err, f'the summary says {words}: {err}')
    with open(out_path, encoding='utf-8') as handle:
        summary = json.load(handle)['summary']
    names = sorted(r['title'] for r in summary['rules_not_loaded'])
    t.check(names == ['Four', 'One', 'Three', 'Two'], f'all are named in JSON: {names}')
    first = summary['rules_not_loaded'][0]
    t.check(first['code'] == 'log-source' and first['line'] > 1 and 'linux' in first['reason'], f'with place and reason: {first}')
    gave_up = [(r['title'], r['times']) for r in summary['rules_gave_up']]
    t.check(gave_up == [('Bomb', 1)] and summary['regex_gave_up'] == 1, f'who gave up is named: {gave_up}')
    with open(page, encoding='utf-8') as handle:
        html = handle.read()
    t.check('"rules_gave_up":[{"times":1' in html and '"title":"Three"' in html, 'the report names them too')
    t.check(t.run('scan', '--strict', *args)[0] == 3, '--strict says it')
    with open(rules_path, 'w', encoding='utf-8') as handle: # on a name by which events are routed
        handle.write(bomb.replace('A|re', 'Provider_Name|re').replace('product: windows, service: security', 'product: windows'))
    with open(events, 'w', encoding='utf-8') as handle:
        handle.write((json.dumps({'Channel': 'Security', 'EventID': 4624, 'Provider_Name': 'a' * 5000}) + '\n') * 3)
    for threads in '-t1', '-t2':
        t.check(t.run('scan', '--strict', threads, *args)[0] == 3, '--strict says it of names that route')
        with open(out_path, encoding='utf-8') as handle:
            summary = json.load(handle)['summary']
        t.check(summary['regex_gave_up'] == 3, f'given up for each event: {summary["regex_gave_up"]}')
    with open(rules_path, 'w', encoding='utf-8') as handle:
        handle.write(RULE)
    t.check(t.run('scan', '--strict', *args)[0] == 0, '--strict with nothing to say is 0')
    t.check(t.run('scan', '--strict', '--fail-on', 'high', *args)[0] == 1, 'findings come first')
    with open(events, 'rb') as handle:
        before = handle.read()
    t.check(t.run('scan', '--summary', events, events)[0] == 2, '--summary onto the evidence is refused')
    with open(events, 'rb') as handle:
        t.check(handle.read() == before, 'the evidence was changed')


def hostile_names(t, case, folder):
    name = os.path.join(folder, 'evil\x1b[31m\n.evtx')
    with open(name, 'wb') as handle:
        handle.write(b'not a log')
    _, out, err = t.run('scan', name)
    t.check(b'\x1b' not in out + err, 'a file name reaches the terminal unescaped')


def main():
    t = Test(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        case = t.make_case(folder)
        usage(t, case)
        evidence_is_safe(t, case, folder)
        links_stay(t, case, folder)
        other_evidence_is_safe(t, case, folder)
        times(t, case)
        report_of_damage(t, case, folder)
        report_of_hosts(t, folder)
        damaged(t, case, folder)
        dumps_of_many_threads(t, case, folder)
        rules(t, case, folder)
        nothing_is_silent(t, folder)
        hostile_names(t, case, folder)
    t.end()


main()
