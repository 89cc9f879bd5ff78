#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules as packages: archives named with --rules, and what hostile ones may not do.

usage: test_rules.py BUILD_FOLDER
"""
import json
import os
import shutil
import sys
import tarfile
import tempfile
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402

ID = '11111111-1111-4111-8111-11111111111%d'


def rule(n, body='s: {EventID: 4624}', extra='level: high\n', condition='s'):
    return (f'title: Rule {n}\nid: {ID % n}\n{extra}logsource: {{product: windows, service: security}}\n'
            f'detection:\n  {body}\n  condition: {condition}\n')


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as handle:
        handle.write(text)


def make_zip(path, members):
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, text in members:
            archive.writestr(name, text)
    return path


def archives(t, case, folder):
    tree = os.path.join(folder, 'tree')
    write(os.path.join(tree, 'rules', 'one.yml'), rule(1))
    write(os.path.join(tree, 'rules', 'two.YAML'), rule(2, 's: {EventID: 4688}'))
    write(os.path.join(tree, 'rules', 'bad.yml'), rule(3, 's: {A|nosuch: 1}'))
    write(os.path.join(tree, 'README.md'), 'not a rule')
    plain = t.run('scan', '-q', '--rules', tree, '--format', 'jsonl', case)[1]
    t.check(plain.count(b'\n') > 5, 'the folder finds something')
    names = [shutil.make_archive(os.path.join(folder, 'p'), 'zip', tree), shutil.make_archive(os.path.join(folder, 'p'), 'gztar', tree)]
    shutil.copy(names[0], os.path.join(folder, 'no ending'))
    for name in [*names, os.path.join(folder, 'no ending')]:
        code, out, err = t.run('scan', '-q', '--rules', name, '--format', 'jsonl', case)
        t.check(code == 0 and out.count(b'\n') == plain.count(b'\n'), f'{name}: the same findings as the folder: {code} {err}')
        finding = json.loads(out.splitlines()[0])
        t.check((name + '!').encode() in t.run('rules', 'list', name)[1], f'{name}: members are named zip!member')
        t.check(finding['rule_title'].startswith('Rule '), 'a finding names its rule')
        code, out, _ = t.run('rules', 'check', name)
        t.check(code == 2 and b'bad.yml:6:' in out and b'2 rules loaded, 1 not loaded' in out, f'{name}: check says {out}')
    code, out, _ = t.run('rules', 'check', names[0], names[0], names[0])
    t.check(b'2 rules loaded, 1 not loaded' in out, 'an archive that is named three times is read once')
    code, out, err = t.run('rules', 'list', folder)
    t.check(code == 0 and b'.zip!' not in out, 'archives in a folder are not looked into')
    with open(names[0], 'rb') as handle:
        code, out, err = t.run('rules', 'check', '/dev/stdin', stdin=handle.read())
    t.check(b'2 rules loaded' in out, f'an archive through a pipe: {out} {err}')
    code, out, err = t.run('scan', names[0])
    t.check(code == 4 and b'no event log in this archive' in out + err, 'a rule archive named as evidence is not evidence')
    logs = shutil.make_archive(os.path.join(folder, 'logs'), 'zip', os.path.join(case, 'PC-DESIGN-11'))
    code, out, err = t.run('scan', '--rules', logs, case)
    t.check(code == 2 and b'no rule file' in err, f'evidence named as rules is refused: {code} {err}')


def hostile_archives(t, folder):
    bomb = make_zip(os.path.join(folder, 'bomb.zip'), [('a.yml', rule(1)), ('z.bin', bytes(80 << 20))])
    code, _, err = t.run('rules', 'check', bomb)
    t.check(code == 2 and b'bomb' in err, f'a bomb: {code} {err}')
    large = make_zip(os.path.join(folder, 'large.zip'), [('a.yml', rule(1)), ('large.yml', b'#' * (17 << 20))])
    code, out, err = t.run('rules', 'check', large)
    t.check(b'large.yml:0:0: not loaded: is larger than 16 MB' in out and b'1 rules loaded' in out, f'a long member: {out} {err}')
    with open(bomb, 'rb') as handle:
        data = handle.read()
    cut = os.path.join(folder, 'cut.tar.gz')
    with tarfile.open(cut, 'w:gz') as archive:
        archive.add(large, 'x/large.zip')
    with open(cut, 'rb') as handle:
        data = handle.read()
    with open(cut, 'wb') as handle:
        handle.write(data[:len(data) // 2])
    code, _, err = t.run('rules', 'check', cut)
    t.check(code == 2 and b'cut.tar.gz: archive: ' in err, f'a damaged archive is no rule set: {code} {err}')
    evil = make_zip(os.path.join(folder, 'evil.zip'), [('../../\x1b[31mup.yml', rule(1, 's: {A|nosuch: 1}'))])
    code, out, err = t.run('rules', 'check', evil)
    t.check(b'up.yml' in out and b'\x1b' not in out + err, 'a member name reaches the terminal unescaped')
    many = make_zip(os.path.join(folder, 'many.zip'), ((f'd/{i}', '') for i in range(100001)))
    code, _, err = t.run('rules', 'check', many)
    t.check(code == 2 and b'more than 100000 members' in err, f'too many members: {code} {err}')


def empty_files(t, folder):
    for name, text in [('empty.yml', ''), ('comment.yml', '# nothing\n'), ('marker.yml', '---\n')]:
        path = os.path.join(folder, name)
        write(path, text)
        code, out, _ = t.run('rules', 'check', path)
        t.check(code == 2 and b'holds no document' in out and b'not-a-rule' in out, f'{name}: {out}')


def main():
    t = Test(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        case = t.make_case(folder)
        work = os.path.join(folder, 'work')
        os.mkdir(work)
        archives(t, case, work)
        hostile_archives(t, work)
        empty_files(t, work)
    t.end()


main()
