# SPDX-License-Identifier: Apache-2.0
"""What an author of rules is told: names in correlations, everything that is wrong at once, rules that a correlation
which is left out would have summed up.

Usage: test_authors.py BUILD-DIR"""
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402

ID = '22222222-2222-4222-8222-22222222222%d'


def base(n, text='x', level='low', key='title'):
    return (f'{key}: Base {n}\nid: {ID % n}\nname: base{n}\nlevel: {level}\nlogsource: {{product: windows, category: process_creation}}\n'
            f'detection:\n  s:\n    CommandLine|contains: {text}\n  condition: s\n---\n')


def sum_up(n, rules, level='high', extra='', group='Computer'):
    return (f'title: Sum {n}\nid: {ID % n}\nlevel: {level}\n{extra}correlation:\n  type: event_count\n  rules: {rules}\n'
            f'  group-by: {group}\n  timespan: 1m\n  condition: {{gte: 2}}\n---\n')


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, 'w', encoding='utf-8') as handle:
        handle.write(text)
    return path


def problems(t, *args):
    """[(line, column, kind, code)] of `rules check`."""
    out = t.run('rules', 'check', *args)[1].decode()
    lines = [line.rpartition('.yml:')[2] for line in out.splitlines() if '.yml:' in line]
    return [(*map(int, line.split(':')[:2]), line.split(': ')[1], line.rpartition('[')[2][:-1]) for line in lines]


def names(t, folder):
    path = write(folder, 'names.yml', base(1) + sum_up(2, 'base1', group='[Usre, Computer]') + sum_up(3, 'base1', group='User'))
    t.check(problems(t, path) == [(17, 14, 'warning', 'unknown-field')], f'a name in group-by: {problems(t, path)}')
    t.check(not any(p[3] == 'unknown-field' for p in problems(t)), 'none in the rules that are built in')


def all_at_once(t, folder):
    path = write(folder, 'all.yml', base(1, key='titel').replace('contains', 'contians'))
    t.check(problems(t, path) == [(1, 1, 'not loaded', 'missing-title'), (8, 5, 'also wrong', 'unknown-modifier')],
            f'a missing title hides nothing: {problems(t, path)}')


def slips(t, folder):
    """Slips of the pen, and the word that helps."""
    head = f'title: T\nid: {ID % 1}\nlevel: low\nlogsource:\n  product: windows\n  category: process_creation\ndetection:\n'
    for body, words in [('  s:\n\tImage: x\n  condition: s', 'not tabs'), ('  s:\n  Image: x\n  condition: s', 'indented more than its name'),
                        ('  s:\n    Image: x\n   condition: s', 'look at the indentation'), ('  s:\n    Image: *x\n  condition: s', 'needs single quotes'),
                        ('  s:\n    - *x*\n  condition: s', 'needs single quotes'), ('  s:\n    Image: a: b\n  condition: s', 'needs single quotes'),
                        ('  s:\n    Image: %a%\n  condition: s', 'needs single quotes'), ("  s:\n    Image: 'a's'\n  condition: s", 'written twice'),
                        ('  s:\n    Image|endwith: x\n  condition: s', 'did you mean `endswith`'),
                        ('  s:\n    Image|regexp: x\n  condition: s', 'cannot hold'), ('  sel: {Image: x}\n  f: {User: y}\n  condition: Sel', "did you mean 'sel'"),
                        ('  s: {Image: x}\n  f: {User: y}\n  condition: s AND f', 'operators are in lower case'),
                        ('  s: {Image: x}\n  f: {User: y}\n  condition: s f', '`and`, `or` or the end')]:
        code, out, _ = t.run('rules', 'check', write(folder, 'slip.yml', f'{head}{body}\n'))
        t.check(code == 2 and words.encode() in out, f'{body}: {out}')
        t.check((b'lower case' in out) == ('AND' in body), f'{body}: {out}')


def start(n, image):
    guid = '{5E1A7D30-000%d-5FE1-0000-000000001500}'
    return {'Channel': 'Microsoft-Windows-Sysmon/Operational', 'Provider_Name': 'Microsoft-Windows-Sysmon', 'EventID': 1, 'Computer': 'pc',
            'TimeCreated_SystemTime': f'2020-12-22T01:00:0{n}Z', 'ProcessGuid': guid % n, 'ParentProcessGuid': guid % (n - 1),
            'ProcessId': str(n), 'ParentProcessId': str(n - 1), 'Image': image, 'CommandLine': image}


def ancestors(t, folder):
    """A failing test on ancestors says which were seen."""
    folder = os.path.join(folder, 'ancestors')
    os.mkdir(folder)
    write(folder, 'a.yml', f'title: Below\nid: {ID % 1}\nlevel: low\nlogsource: {{product: windows, category: process_creation}}\n'
          "detection:\n  s:\n    AncestorImage|endswith: '\\winword.exe'\n    Image|endswith: '\\cmd.exe'\n  condition: s\n")
    lines = [{'match': True, 'why': 'not below', 'events': [start(1, 'C:\\excel.exe'), start(2, 'C:\\x.exe'), start(3, 'C:\\cmd.exe')]},
             {'match': False, 'why': 'below', 'events': [start(1, 'C:\\winword.exe'), start(2, 'C:\\cmd.exe')]},
             {'match': True, 'why': 'good', 'events': [start(1, 'C:\\winword.exe'), start(2, 'C:\\cmd.exe')]}]
    write(folder, 'a.events.jsonl', ''.join(json.dumps(line) + '\n' for line in lines))
    code, out, _ = t.run('rules', 'test', folder)
    first, _, second = out.partition(b'a.events.jsonl:2:')
    t.check(code == 1 and b'Event 3 of the line: The rule does not match.' in first
            and rb"line 7: AncestorImage ends with '\winword.exe'; seen: 'C:\x.exe', 'C:\excel.exe'" in first, f'the ancestors that were seen: {out}')
    t.check(b'Event 2 of the line: The rule matches.' in second and rb"seen: 'C:\winword.exe'" in second, f'and why it matched: {out}')
    t.check(b'events.jsonl:3' not in out and b'3 tests, 2 failed' in out, f'the good one is silent: {out}')


def heard(t, folder, *args):
    """Titles of the rules that report."""
    log = write(folder, 'log.json', ''.join(json.dumps(
        {'Event': {'System': {'Provider': {'#attributes': {'Name': 'Microsoft-Windows-Sysmon'}}, 'EventID': 1, 'Computer': 'pc',
                              'Channel': 'Microsoft-Windows-Sysmon/Operational', 'EventRecordID': n,
                              'TimeCreated': {'#attributes': {'SystemTime': f'2020-12-22T01:00:0{n}Z'}}},
                   'EventData': {'CommandLine': 'x y z', 'Image': 'C:\\a.exe'}}}) + '\n' for n in range(2)))
    code, out, err = t.run('scan', '-q', '--format', 'jsonl', *args, log)
    t.check(code == 0, f'{args}: {code} {err}')
    return {json.loads(line)['rule_title'] for line in out.splitlines()}


def left_out(t, folder):
    rules = write(folder, 'left.yml', base(1) + base(2, 'y') + base(3, 'z') + sum_up(4, '[base1, base2]')
                  + sum_up(5, '[base2]', extra='generate: true\n'))
    with_rules = ('--rules', rules)
    t.check(heard(t, folder, *with_rules) == {'Base 2', 'Base 3', 'Sum 4', 'Sum 5'}, 'as the author asked')
    tuning = write(folder, 'tuning.yml', f'tuning:\n  - id: {ID % 4}\n    disable: true\n    reason: noise\n')
    for what, wanted in [(('--exclude-id', ID % 4), {'Base 2', 'Base 3', 'Sum 5'}), (('--tuning', tuning), {'Base 2', 'Base 3', 'Sum 5'}),
                         (('--level', 'low'), {'Base 2', 'Base 3'}), (('--id', ID % 1), {'Base 1'}),
                         (('--id', f'{ID % 1},{ID % 4}'), {'Sum 4'}), (('--exclude-id', ID % 5), {'Base 2', 'Base 3', 'Sum 4'}),
                         (('--exclude-id', f'{ID % 4},{ID % 5}'), {'Base 2', 'Base 3'})]:
        t.check(heard(t, folder, *with_rules, *what) == wanted, f'{what}: {heard(t, folder, *with_rules, *what)}')
    for what in ('--exclude-id', ID % 4), ('--tuning', tuning):
        t.check(problems(t, *what, rules) == [(1, 1, 'note', 'unheard')], f'{what}: {problems(t, *what, rules)}')
    t.check(problems(t, '--id', ID % 1, rules) == [], 'one that is asked for is not told to be silent')


def main():
    t = Test(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        names(t, folder)
        all_at_once(t, folder)
        slips(t, folder)
        ancestors(t, folder)
        left_out(t, folder)
    t.end()


main()
