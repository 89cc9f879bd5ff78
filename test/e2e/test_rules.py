#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules as packages: archives named with --rules, installing them, and what hostile ones may not do.

usage: test_rules.py BUILD_FOLDER SOURCE_FOLDER
"""
import functools
import hashlib
import http.server
import json
import os
import shutil
import sys
import tarfile
import tempfile
import threading
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402
from servers import Quiet, https_server  # noqa: E402

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
    t.check(code == 4 and b'no event log in this archive; Sigma rules are named with --rules' in out + err, 'a rule archive named as evidence is not evidence')
    logs = shutil.make_archive(os.path.join(folder, 'logs'), 'zip', os.path.join(case, 'PC-DESIGN-11'))
    code, out, err = t.run('scan', '--rules', logs, case)
    t.check(code == 2 and b'no rule file' in err, f'evidence named as rules is refused: {code} {err}')


def hostile_archives(t, folder):
    bomb = make_zip(os.path.join(folder, 'bomb.zip'), [('a.yml', rule(1)), ('z.bin', bytes(80 << 20))])
    code, _, err = t.run('rules', 'check', bomb)
    t.check(code == 2 and b'bomb' in err, f'a bomb: {code} {err}')
    large = make_zip(os.path.join(folder, 'large.zip'), [('a.yml', rule(1)), ('large.yml', b'#' * (17 << 20))])
    code, out, err = t.run('rules', 'check', large)
    t.check(b'large.yml:0:0: not loaded: is larger than 16 MB' in out and b'1 rule loaded' in out, f'a long member: {out} {err}')
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


def tree_of(folder):
    """Relative path -> content of every file below."""
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            with open(path, 'rb') as handle:
                found[os.path.relpath(path, folder)] = handle.read()
    return found


PACKAGE = [('rules/one.yml', rule(1)), ('rules/deep/two.yml', rule(2)), ('LICENSE.Rules.md', 'DRL'), ('README.md', 'about'),
           ('version.txt', 'r1'), ('tests/info.yml', 'id: 1\nrule_metadata: []\n'), ('run.sh', 'rm -rf /'), ('data.json', '{}')]


def update(t, case, folder):
    data = os.path.join(folder, 'data')
    env = {'XDG_DATA_HOME': data}
    package = make_zip(os.path.join(folder, 'sigma_core.zip'), PACKAGE)
    with open(package, 'rb') as handle:
        digest = hashlib.sha256(handle.read()).hexdigest()
    place = os.path.join(data, 'sekisho', 'rules', 'sigma')
    code, out, err = t.run('scan', '--rules', '@sigma', case, env=env)
    t.check(code == 2 and b'rules update' in err, f'a set that is not installed: {err}')
    code, out, err = t.run('rules', 'update', '--from', package, '--sha256', '0' * 64, env=env)
    t.check(code == 2 and digest.encode() in err and not os.path.exists(place), f'a wrong checksum installs nothing: {err}')
    code, out, err = t.run('rules', 'update', '--from', package, '--sha256', digest.upper(), env=env)
    t.check(code == 0 and b'2 rule files' in out and digest.encode() in out and b'LICENSE.Rules.md' in out, f'installed: {out} {err}')
    files = tree_of(place)
    t.check(sorted(files) == ['LICENSE.Rules.md', 'MANIFEST.sha256', 'README.md', 'rules/deep/two.yml', 'rules/one.yml', 'version.txt'],
            f'nothing but rules, licence and read-me: {sorted(files)}')
    lines = files['MANIFEST.sha256'].decode().splitlines()
    t.check(f'# package-sha256: {digest}' in lines and f'# source: {package}' in lines and '# licence: LICENSE.Rules.md' in lines
            and any(l.startswith('# date: 20') for l in lines), f'the manifest says where it came from: {lines}')
    for line in lines:
        if not line.startswith('#'):
            t.check(hashlib.sha256(files[line[66:]]).hexdigest() == line[:64], f'the checksum of {line[66:]}')
    t.check(sum(not l.startswith('#') for l in lines) == len(files) - 1, 'every file has its checksum')
    code, out, err = t.run('rules', 'check', '@sigma', env=env)
    t.check(code == 0 and b'2 rules loaded, 0 not loaded, 0 warnings' in out, f'@sigma is loaded: {out} {err}')
    code, out, err = t.run('scan', '-q', '--rules', '@sigma', '--format', 'jsonl', case, env=env)
    t.check(code == 0 and out and err == b'', 'a scan with @sigma')
    changed_files(t, case, place, package, env)
    t.check(os.listdir(os.path.dirname(place)) == ['sigma'], f'nothing is left beside it: {os.listdir(os.path.dirname(place))}')
    refused(t, folder, package, env)


def changed_files(t, case, place, package, env):
    with open(os.path.join(place, 'rules', 'one.yml'), 'a', encoding='utf-8') as handle:
        handle.write('# changed\n')
    os.remove(os.path.join(place, 'rules', 'deep', 'two.yml'))
    write(os.path.join(place, 'rules', 'own.yml'), rule(3))
    code, out, _ = t.run('rules', 'check', '@sigma', env=env)
    for words in b'one.yml:0:0: warning: is not what', b'[missing-file]', b'own.yml:0:0: warning: was not installed':
        t.check(words in out, f'check does not say {words}: {out}')
    _, _, err = t.run('scan', '--rules', '@sigma', '--format', 'jsonl', case, env=env)
    t.check(b'changed-file' in err and b'added-file' in err and b'missing-file' in err, f'scan says it too: {err}')
    code, out, err = t.run('rules', 'update', '--from', package, env=env)
    t.check(code == 0 and b'Updated: 2 rule files' in out and b'2 files of the version before' in out, f'what was changed is kept: {out}')
    kept = [n for n in os.listdir(os.path.dirname(place)) if n != 'sigma'][0]
    t.check(sorted(tree_of(os.path.join(os.path.dirname(place), kept))) == ['rules/one.yml', 'rules/own.yml'], 'the kept files')
    shutil.rmtree(os.path.join(os.path.dirname(place), kept))
    t.check(b'2 rules loaded, 0 not loaded, 0 warnings' in t.run('rules', 'check', '@sigma', env=env)[1], 'as it was installed')


def refused(t, folder, package, env):
    """What is not installed, and leaves everything as it was."""
    other = os.path.join(folder, 'other')
    write(os.path.join(other, 'mine.txt'), 'mine')
    before = tree_of(folder)
    cases = [(['--to', other], package, b'was not installed by this program'),
             (['--as', '../up'], package, b'a name has letters'),
             (['--as', 'x', '--to', 'y'], package, b'two ways'),
             ([], os.path.join(folder, 'nosuch.zip'), b'nosuch.zip'),
             (['--sha256', 'abc'], package, b'64 hexadecimal digits'),
             ([], 'http://127.0.0.1:1/x.zip', b'not encrypted'),
             ([], 'ftp://127.0.0.1/x.zip', b'only https'), ([], 'https://user:pw@127.0.0.1/x.zip', b'user name'),
             ([], 'https://127.0.0.1:1/x.zip', b'curl')]
    for i, name in enumerate(['../evil.yml', 'a/../../evil.yml', '/tmp/evil.yml', 'a\\\\..\\\\evil.yml', 'C:evil.yml', './a.yml', 'a//b.yml',
                              'a\nb.yml', 'x/' * 40 + 'a.yml', 'n' * 600 + '.yml']):
        evil = make_zip(os.path.join(folder, f'evil{i}.zip'), [('good.yml', rule(1)), (name, rule(2))])
        cases.append(([], evil, b'does not stay inside' if i not in (5, 6) else b''))
    cases.append(([], make_zip(os.path.join(folder, 'none.zip'), PACKAGE[2:]), b'no Sigma rule'))
    for args, source, words in cases:
        before = tree_of(folder)
        code, out, err = t.run('rules', 'update', '--from', source, *args, env=env, cwd=folder)
        t.check((code == 2 or words == b'') and words in err, f'{args} {source}: exit {code}, {out} {err}')
        t.check(words == b'' or tree_of(folder) == before, f'{args} {source}: something was written')
    t.check(not os.path.exists('/tmp/evil.yml'), 'a package wrote outside of its folder')
    code, out, err = t.run('rules', 'update', '--from', package, env={**env, 'PATH': '/nonexistent'})
    t.check(code == 0, 'a file needs no curl')
    code, out, err = t.run('rules', 'update', '--from', 'https://127.0.0.1:1/x.zip', env={**env, 'PATH': '/nonexistent'})
    t.check(code == 2 and b'not installed' in err, f'no curl: {err}')
    tree = os.path.join(folder, 'tree')
    code, out, err = t.run('rules', 'update', '--from', tree, '--to', os.path.join(folder, 'plain'), env=env)
    t.check(code == 0 and b'no licence file' in out, f'a folder without a licence: {out} {err}')
    with open(os.path.join(folder, 'plain', 'MANIFEST.sha256'), encoding='utf-8') as handle:
        t.check('# licence: none in the package' in handle.read(), 'the manifest says that there is no licence')
    code, out, err = t.run('rules', 'update', '--from', tree, '--to', os.path.join(tree, 'inside'), env=env)
    t.check(code == 2 and not os.path.exists(os.path.join(tree, 'inside')), 'a folder is not installed into itself')


def over_http(t, folder):
    """A server on the loopback interface, fetched by the real curl."""
    if not shutil.which('curl'):
        print('SKIPPED: no curl')
        return
    root = os.path.join(folder, 'www')
    os.mkdir(root)
    make_zip(os.path.join(root, 'sigma_core.zip'), PACKAGE)
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Quiet, directory=root))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f'http://127.0.0.1:{server.server_address[1]}'
    env = {'XDG_DATA_HOME': os.path.join(folder, 'net'), 'TMPDIR': folder, 'http_proxy': '', 'no_proxy': '127.0.0.1'}
    code, out, err = t.run('rules', 'update', '--from', base + '/sigma_core.zip', '--allow-http', '--as', 'net', env=env)
    t.check(code == 0 and b'2 rule files' in out and b'--rules @net' in out, f'over the network: {out} {err}')
    with open(os.path.join(folder, 'net', 'sekisho', 'rules', 'net', 'MANIFEST.sha256'), encoding='utf-8') as handle:
        t.check(f'# source: {base}/sigma_core.zip' in handle.read(), 'the manifest has the URL')
    code, out, err = t.run('rules', 'update', '--from', base + '/nosuch.zip', '--allow-http', env=env)
    t.check(code == 2 and b'404' in err, f'what the server does not have: {err}')
    t.check(not [n for n in os.listdir(folder) if n.startswith('sekisho.')], 'what was fetched is removed')
    server.shutdown()


def over_https(t, folder):
    """TLS for real: the certificate is checked, redirections are followed, but never to what is not encrypted."""
    if not shutil.which('curl') or not shutil.which('openssl'):
        print('SKIPPED: no curl or no openssl')
        return
    root = os.path.join(folder, 'www')
    server, certificate = https_server(folder, root)
    plain = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Quiet, directory=root))
    threading.Thread(target=plain.serve_forever, daemon=True).start()
    package = os.path.join(root, 'sigma_core.zip')
    base, other = (f'{name}://127.0.0.1:{s.server_address[1]}' for name, s in (('https', server), ('http', plain)))
    env = {'XDG_DATA_HOME': os.path.join(folder, 'tls'), 'TMPDIR': folder, 'https_proxy': '', 'no_proxy': '127.0.0.1'}
    place = os.path.join(folder, 'tls', 'sekisho', 'rules')
    trusting = {**env, 'CURL_CA_BUNDLE': certificate}
    with open(package, 'rb') as handle:
        digest = hashlib.sha256(handle.read()).hexdigest()
    code, out, err = t.run('rules', 'update', '--from', base + '/sigma_core.zip', env=env)
    t.check(code == 2 and b'certificate' in err and not os.path.exists(place), f'a certificate that nobody vouches for: {code} {err}')
    code, out, err = t.run('rules', 'update', '--from', base + '/sigma_core.zip', '--sha256', digest, '--as', 'tls', env=trusting)
    t.check(code == 0 and b'2 rule files' in out and digest.encode() in out, f'over https: {code} {out} {err}')
    url = f'{base}/to/{base}/to/{base}/sigma_core.zip'
    code, out, err = t.run('rules', 'update', '--from', url, '--as', 'moved', env=trusting)
    t.check(code == 0 and b'2 rule files' in out, f'redirected twice: {code} {out} {err}')
    with open(os.path.join(place, 'moved', 'MANIFEST.sha256'), encoding='utf-8') as handle:
        t.check(f'# source: {url}' in handle.read(), 'the manifest has the URL that was asked for')
    t.check(b'2 rules loaded, 0 not loaded' in t.run('rules', 'check', '@moved', env=env)[1], 'what came over https is loaded')
    before = sorted(os.listdir(place))
    for url, what in [(f'{base}/to/{other}/sigma_core.zip', 'redirected to http'), (f'{base}/to/file://{package}', 'redirected to a file'),
                      (base + '/nosuch.zip', 'not there'), (f'https://localhost:{server.server_address[1]}/sigma_core.zip', 'another name')]:
        code, out, err = t.run('rules', 'update', '--from', url, '--as', 'bad', env=trusting)
        t.check(code == 2 and b'could not be fetched' in err and sorted(os.listdir(place)) == before, f'{what}: {code} {out} {err}')
    t.check(not [n for n in os.listdir(folder) if n.startswith('sekisho.')], 'what was fetched is removed')
    server.shutdown()
    plain.shutdown()


def choice(t, case, folder):
    path = os.path.join(folder, 'choice')
    base = rule(1, extra='name: base\nlevel: high\nstatus: test\nauthor: Ann, Bob\ntags: [attack.t1078.002]\n')
    write(os.path.join(path, 'base.yml'), base)
    write(os.path.join(path, 'other.yml'), rule(2, 's: {EventID: 4688}', 'level: low\nstatus: stable\n'))
    write(os.path.join(path, 'many.yml'), f'title: Many\nid: {ID % 3}\nlevel: medium\ncorrelation:\n  type: event_count\n'
          '  rules: [base]\n  timespan: 10d\n  generate: true\n  condition: {gte: 2}\n')

    def titles(*args, words=b''):
        code, out, err = t.run('scan', '--rules', path, '--format', 'jsonl', *args, case)
        t.check(words in err, f'{args}: {words} is not said: {err}')
        return {json.loads(line)['rule_title'] for line in out.splitlines()}

    t.check(titles() == {'Rule 1', 'Rule 2', 'Many'}, f'all report: {titles()}')
    for args, expected in [(['--status', 'TEST,stable'], {'Rule 1', 'Rule 2'}), (['--status', 'test', '--level', 'high'], {'Rule 1'}),
                           (['--tag', 't1078'], {'Rule 1'}), (['--tag', 'attack.t1078.002'], {'Rule 1'}),
                           (['--author', 'bob'], {'Rule 1'}), (['--exclude-author', 'Ann, Bob'], {'Rule 2', 'Many'}),
                           (['--id', ID % 2], {'Rule 2'}), (['--exclude-id', f'{ID % 2},{ID % 3}'], {'Rule 1'}),
                           (['--exclude-level', 'low'], {'Rule 1', 'Many'}), (['--exclude-tag', 'attack'], {'Rule 2', 'Many'}),
                           (['--exclude-status', 'test', '--exclude-status', 'stable'], {'Many'})]:
        got = titles(*args)
        t.check(got == expected, f'{args}: {got}, expected {expected}')
    titles('--exclude-id', ID % 1, words=b'2 loaded, 1 left out by filters')
    summary, html = os.path.join(folder, 'summary.json'), os.path.join(folder, 'report.html')
    titles('--exclude-id', ID % 2, '--summary', summary, '--html', html, '--html-plain')
    with open(summary, encoding='utf-8') as handle:
        counts = json.load(handle)['summary']
        t.check((counts['rules_loaded'], counts['rules_left_out'], counts['rules_disabled']) == (2, 1, 0), f'in JSON: {counts}')
    with open(html, encoding='utf-8') as handle:
        t.check('"rules_left_out":1' in handle.read(), 'the report counts them')
    titles('--id', f'{ID % 1},nosuch', words=b"no rule has the id 'nosuch'")
    code, _, err = t.run('scan', '--rules', path, '--id', 'nosuch', case)
    t.check(code == 2 and b'no rule is left' in err, f'nothing is left: {err}')
    for args in (['--level', 'hihg'], ['--id', ' ']):
        t.check(t.run('scan', '--rules', path, *args, case)[0] == 2, f'{args} is refused')
    t.check(b'1 rule left out by filters' in t.run('rules', 'check', '--exclude-level', 'low', path)[1], 'check counts')
    t.check(t.run('rules', 'list', '--id', ID % 3, path)[1].count(b'\n') == 1, 'a rule that is only needed is not listed')
    tuning(t, folder, titles)


def tuning(t, folder, titles):
    path = os.path.join(folder, 'tuning.yml')
    for text, expected, words in [
            (f'tuning:\n  - id: {ID % 1}\n    disable: true\n', {'Rule 2', 'Many'}, b'2 loaded, 1 disabled by tuning'),
            (f'tuning:\n  - tag: t1078\n    set-level: low\n  - level: low\n    disable: true\n', {'Many'}, b'2 disabled by tuning'),
            (f'tuning:\n  - title: Rule 2\n    filter:\n      s:\n        EventID: 4688\n      condition: not s\n',
             {'Rule 1', 'Many'}, b'3 loaded\n'),
            (f'tuning:\n  - id: nosuch\n    disable: true\n', {'Rule 1', 'Rule 2', 'Many'}, b"tuning.yml:2:9: warning: no rule has the id"),
            (f'title: F\nlogsource: {{product: windows}}\nfilter:\n  rules: {ID % 2}\n  s: {{EventID: 4688}}\n  condition: not s\n',
             {'Rule 1', 'Many'}, b'3 loaded\n')]:
        write(path, text)
        got = titles('--tuning', path, words=words)
        t.check(got == expected, f'{text}: {got}, expected {expected}')
    write(path, f'tuning: [{{id: {ID % 1}, set-level: critical}}]\n')
    t.check(titles('--tuning', path, '--level', 'critical') == {'Rule 1'}, 'filters see the level that was set')
    write(path, 'tuning:\n  - id: x\n    disabel: true\n')
    code, _, err = t.run('rules', 'list', '--tuning', path)
    t.check(code == 2 and b'tuning.yml:3:5: ' in err and b'disabel' in err, f'a mistake has its place: {err}')
    t.check(t.run('rules', 'list', '--tuning', '/nosuch')[0] == 2, 'a tuning file that is not there')


def started(second, image, guid, parent):
    """A start in Sysmon's words."""
    process = '{1234abcd-0000-0000-0000-%012d}'
    return {'Channel': 'Microsoft-Windows-Sysmon/Operational', 'Provider_Name': 'Microsoft-Windows-Sysmon', 'EventID': 1, 'Computer': 'PC',
            'TimeCreated_SystemTime': f'2020-12-22T01:00:{second:02}Z', 'UtcTime': f'2020-12-22 01:00:{second:02}.000', 'Image': image,
            'ProcessGuid': process % guid, 'ProcessId': 100 + guid, 'CommandLine': image, 'ParentProcessGuid': process % parent,
            'ParentProcessId': 100 + parent, 'ParentImage': 'C:\\x.exe'}


def ancestors(t, path, lines):
    """Rules on ancestors are settled when everything is read: the line brings the tree."""
    tree = [started(0, 'C:\\Office\\WINWORD.EXE', 1, 0), started(1, 'C:\\Windows\\cmd.exe', 2, 1), started(2, 'C:\\Windows\\rundll32.exe', 3, 2)]
    path = os.path.join(path, 'tree.yml')
    write(path, f"title: Tree\nid: {ID % 5}\nlogsource: {{product: windows, category: process_creation}}\ndetection:\n"
          "  s: {Image|endswith: '\\rundll32.exe', AncestorImage|endswith: '\\WINWORD.EXE'}\n  condition: s\n")
    good = [{'match': True, 'why': 'below Word', 'events': tree}, {'match': False, 'why': 'no Word above', 'events': tree[1:]},
            {'match': False, 'why': 'alone', 'event': tree[2]}]
    lines('tree', *good)
    code, out, err = t.run('rules', 'test', path)
    t.check(code == 0 and b'3 tests, 0 failed' in out, f'rules on ancestors: {code} {out} {err}')
    lines('tree', *({**line, 'match': not line['match']} for line in good))
    code, out, err = t.run('rules', 'test', path)
    t.check(code == 1 and b'3 tests, 3 failed' in out, f'rules on ancestors, judged wrongly: {code} {out} {err}')
    lines('tree', *good)


def events_of_rules(t, folder, source):
    path = os.path.join(folder, 'own')

    def lines(name, *rows):
        write(os.path.join(path, name + '.events.jsonl'), ''.join((r if isinstance(r, str) else json.dumps(r)) + '\n' for r in rows))

    def logon(second, user='a', event_id=4625):
        return {'Channel': 'Security', 'EventID': event_id, 'TargetUserName': user,
                'TimeCreated_SystemTime': f'2020-12-22T01:00:{second:02}Z'}

    code, out, err = t.run('rules', 'test', '-q', os.path.join(source, 'rules'))
    t.check(code == 0 and b' 0 failed, 4 without events; ' in out and out.count(b'\n') == 1, f'our own pack, some of the chains apart: {out} {err}')
    write(os.path.join(path, 'plain.yml'), rule(1, 's: {EventID: 4625, TargetUserName: [a, b]}'))
    lines('plain', {'match': True, 'why': 'a', 'event': logon(0)}, {'match': False, 'why': 'c', 'event': logon(0, 'c')}, '')
    write(os.path.join(path, 'none.yml'), rule(2))
    write(os.path.join(path, 'many.yml'), rule(3, 's: {EventID: 4625}', 'name: one\nlevel: low\n') + f'---\ntitle: Many\nid: {ID % 4}\n'
          'correlation:\n  type: event_count\n  rules: [one]\n  group-by: [TargetUserName]\n  timespan: 30s\n  condition: {gte: 3}\n')
    three = [logon(0), logon(10), logon(30)]
    lines('many', {'match': True, 'why': 'three', 'events': three}, {'match': False, 'why': 'slow', 'events': [logon(0), logon(10), logon(41)]},
          {'match': False, 'why': 'two users', 'events': [logon(0), logon(1), logon(2, 'b')]}, {'match': False, 'why': 'one', 'event': logon(0)},
          {'rule': ID % 3, 'match': True, 'why': 'the base', 'event': logon(0)}, {'rule': 'Rule 3', 'match': False, 'why': 'x', 'event': logon(0, event_id=1)})
    code, out, err = t.run('rules', 'test', path)
    t.check(code == 0 and b'2 rule files ok, 0 failed, 1 without events; 8 tests, 0 failed' in out, f'all hold: {code} {out} {err}')
    t.check(t.run('rules', 'test', '--exclude-id', ID % 1, path)[1].startswith(b'ok '), 'filters choose what is tested')
    lines('plain', {'match': False, 'why': 'wrongly none', 'event': logon(0)}, {'match': True, 'why': 'wrongly c', 'event': logon(0, 'c')},
          '{"match": 1}', 'no json', {'match': True, 'why': 'x', 'rule': 'nosuch', 'event': logon(0)}, {'match': True, 'event': {'a': 1}},
          {'match': True, 'events': []}, {'match': True, 'events': [1]})
    lines('many', {'match': False, 'why': 'wrongly not', 'events': three}, {'match': True, 'why': 'too few', 'event': logon(0)})
    code, out, err = t.run('rules', 'test', path)
    t.check(code == 1 and b'0 rule files ok, 2 failed, 1 without events; 10 tests, 10 failed' in out, f'all fail: {code} {out} {err}')
    for words in (b'plain.events.jsonl:1: matches, but must not: wrongly none', b'plain.events.jsonl:2: does not match, but must: wrongly c',
                  b'many.events.jsonl:1: matches, but must not: wrongly not', b'many.events.jsonl:2: does not match, but must: too few',
                  b'    The rule does not match.', b'TargetUserName', b'plain.events.jsonl:3: expected {', b'plain.events.jsonl:5: names a rule',
                  b'FAILED  ' + path.encode() + b'/plain.yml'):
        t.check(words in out, f'{words} is not said: {out}')
    ancestors(t, path, lines)
    write(os.path.join(path, 'none.events.jsonl'), '\n  \n')
    code, out, err = t.run('rules', 'test', path)
    t.check(code == 1 and b'none.events.jsonl: holds no events' in out, f'a file that tests nothing: {code} {out}')
    os.remove(os.path.join(path, 'none.events.jsonl'))
    lines('gone', {'match': True, 'why': 'x', 'event': logon(0)})
    code, out, err = t.run('rules', 'test', path)
    t.check(code == 1 and b'gone.events.jsonl:0:0: warning: there is no rule file' in out and b'1 event file without a rule' in out,
            f'events without their rule: {code} {out}')
    os.remove(os.path.join(path, 'gone.events.jsonl'))
    write(os.path.join(path, 'plain.yml'), rule(1, 's: {EventID|nosuch: 4625}'))
    lines('many', {'match': True, 'why': 'three', 'events': three})
    code, out, err = t.run('rules', 'test', path)
    t.check(code == 1 and b'1 of them with events' in out and b'plain.yml:6:' in out, f'a rule that is not loaded fails: {out}')
    t.check(t.run('rules', 'test')[0] == 2, 'the built-in pack is without its events')


def regression_data(t, case, folder):
    root = os.path.join(folder, 'repository')
    log = os.path.join(case, 'PC-DESIGN-11', 'Security.evtx')
    write(os.path.join(root, 'rules', 'deep', 'er', 'one.yml'), rule(1) + 'regression_tests_path: data/one/info.yml\n')
    info = os.path.join(root, 'data', 'one', 'info.yml')
    entry = 'regression_tests_info:\n  - name: a\n    type: evtx\n    match_count: %d\n    path: data/one/log.evtx\n'
    write(info, entry % 2)
    shutil.copy(log, os.path.join(root, 'data', 'one', 'log.evtx'))
    rules = os.path.join(root, 'rules')
    code, out, err = t.run('rules', 'test', rules)
    t.check(code == 0 and b'1 rule file ok, 0 failed, 0 without events; 1 test,' in out, f'regression data: {out} {err}')
    for text, words in [(entry % 100000, b'but must match at least 100000'), (entry.replace('evtx\n', 'raw\n', 1) % 1, b'not `type: evtx`'),
                        (entry.replace('log.evtx', 'nosuch.evtx') % 1, b'is not there'), ('a: 1\n', b'has no list'), ('a: [\n', b'info.yml: '),
                        (entry.replace('data/one', '../repository/data/one') % 1, b'in the repository')]:
        write(info, text)
        code, out, err = t.run('rules', 'test', rules)
        t.check(code == 1 and words in out, f'{text}: {code} {out} {err}')
    os.remove(info)
    code, out, err = t.run('rules', 'test', rules)
    t.check(code == 0 and b'1 without events' in out, f'rules travel without the data: {out}')


def explained(t, folder):
    path, log = os.path.join(folder, 'explain.yml'), os.path.join(folder, 'explain.jsonl')
    write(path, rule(1, 's: {EventID: 4625, TargetUserName|startswith: adm}', 'name: one\nlevel: low\n') + f'---\ntitle: Many\nid: {ID % 4}\n'
          'correlation:\n  type: event_count\n  rules: [one]\n  timespan: 30s\n  condition: {gte: 3}\n')
    rows = [{'Channel': 'Security', 'EventID': 4625, 'EventRecordID': n, 'TargetUserName': user} for n, user in [(1, 'Admin'), (2, 'bob')]]
    write(log, ''.join(json.dumps(row) + '\n' for row in rows))
    for name in ('Rule 1', ID % 1, 'one'):
        code, out, _ = t.run('rules', 'show', name, '--rules', path)
        t.check(code == 0 and b'title: Rule 1' in out, f'show {name}: {out}')
        code, out, _ = t.run('rules', 'explain', name, '--rules', path, '--record', log + ':2')
        t.check(code == 0 and b'The rule does not match.' in out and b"[no ] line 7: TargetUserName starts with 'adm'; seen: 'bob'" in out, f'{out}')
        t.check(b'The rule matches.' in t.run('rules', 'explain', name, '--rules', path, '--record', log + ':1')[1], 'record 1 matches')
    tuning_file = os.path.join(folder, 'explain_tuning.yml')
    write(tuning_file, f'tuning:\n  - id: {ID % 1}\n    filter:\n      known:\n        TargetUserName: bob\n      condition: not known\n')
    out = t.run('rules', 'explain', 'Rule 1', '--rules', path, '--tuning', tuning_file, '--record', log + ':2')[1]
    t.check(f'{tuning_file} line 5: TargetUserName'.encode() in out and b'] line 7: TargetUserName' in out, f'a line of another file: {out}')
    for name, place, words in [('Rule 1', log + ':3', b'no record 3'), ('Nosuch', log + ':1', b'no such rule'), ('Rule 1', log, b'FILE:ID'),
                               ('Many', log + ':1', b'explain the rules that it refers to')]:
        code, _, err = t.run('rules', 'explain', name, '--rules', path, '--record', place)
        t.check(code == 2 and words in err, f'{name} {place}: {code} {err}')


def explained_stars(t, folder):
    """A star of the rule's text is told from a wildcard, as a rule would write it."""
    path, log = os.path.join(folder, 'stars.yml'), os.path.join(folder, 'stars.jsonl')
    write(log, json.dumps({'Channel': 'Security', 'EventID': 1, 'EventRecordID': 1, 'A': 'x'}) + '\n')
    for value, shown in [(r"'c:\temp*.exe'", r"matches 'c:\temp*.exe'"), (r"'c:\temp\*.exe'", r"is 'c:\temp\*.exe'"),
                         (r"'c:\temp\\*.exe'", r"matches 'c:\temp\\*.exe'"), (r"'c:\temp\\\*.e'", r"is 'c:\temp\\\*.e'"),
                         (r"'\\\\srv\?'", r"is '\\\\srv\?'"), (r"'a\\?b'", r"matches 'a\\?b'"), (r"'\cmd.exe\'", r"is '\cmd.exe\'"),
                         (r"'C:\Windows*\Cmd.EXE'", r"matches 'C:\Windows*\Cmd.EXE'"), ("'É*'", "starts with 'é'"),
                         (['AbC', 'x'], "is 'AbC'"), (['AbC', 'aBc'], "is 'abc'")]:
        value = f"[{', '.join(value)}]" if isinstance(value, list) else value
        write(path, rule(1, f's: {{A: {value}}}'))
        out = t.run('rules', 'explain', 'Rule 1', '--rules', path, '--record', log + ':1')[1].decode()
        t.check(f'A {shown}; seen' in out, f'{value}: {out}')


def explained_computed(t, folder):
    """What is computed is shown by Sigma's name, with what it comes from; the event's own field keeps its value."""
    path, log = os.path.join(folder, 'computed.yml'), os.path.join(folder, 'computed.jsonl')
    write(path, 'title: Who\nid: ' + ID % 1 + "\nlogsource: {product: windows, category: process_creation}\n"
          "detection:\n  s: {User: 'X\\bob', Image|endswith: x.exe}\n  condition: s\n")
    write(log, json.dumps({'Channel': 'Security', 'Provider_Name': 'Microsoft-Windows-Security-Auditing', 'EventID': 4688, 'EventRecordID': 1,
                           'SubjectUserName': 'bob', 'SubjectDomainName': 'X', 'NewProcessName': 'C:\\x.exe'}) + '\n')
    out = t.run('scan', '-q', '--no-cache', '--format', 'jsonl', '--rules', path, log)[1]
    matched = {m['field']: m['value'] for m in json.loads(out)['matched']} if out else {}
    t.check(matched == {'User': 'X\\bob', 'NewProcessName': 'C:\\x.exe'}, f'computed values have names of their own: {matched}')
    out = t.run('rules', 'explain', 'Who', '--rules', path, '--record', log + ':1')[1]
    t.check(b"User is 'X\\bob'; seen: 'X\\bob' (computed from SubjectDomainName, SubjectUserName)" in out.replace(b'\\\\', b'\\'), f'explain: {out}')


def explained_one_of_several(t, folder):
    """A number that several records of a file have: that is said, and each can be asked for."""
    path, log = os.path.join(folder, 'several.yml'), os.path.join(folder, 'several.jsonl')
    write(path, rule(1, 's: {EventID: 4625, TargetUserName: bob}') + '---\n' + rule(2, 's: {EventID: 1}', 'name: Rule 1\n'))
    rows = [{'Channel': 'Security', 'EventID': 4625, 'EventRecordID': 7, 'TargetUserName': user, 'Computer': host,
             'TimeCreated': f'2026-01-05T10:00:0{n}Z'} for n, (user, host) in enumerate([('eve', 'a'), ('bob', 'b'), ('eve', 'c')])]
    write(log, ''.join(json.dumps(row) + '\n' for row in rows + [{**rows[0], 'EventRecordID': 8}]))
    for record, matches, words in [('7', False, [b'3 records of this file have the number 7', b'#2  2026-01-05 10:00:01', b'computer a']),
                                   ('7#1', False, [b'computer a, 2026-01-05T10:00:00']), ('7#2', True, [b'computer b']),
                                   ('7#3', False, [b'computer c']), ('8', False, [b'record 8'])]:
        code, out, err = t.run('rules', 'explain', ID % 1, '--rules', path, '--record', f'{log}:{record}')
        t.check(code == 0 and (b'The rule matches' in out) == matches and all(w in out for w in words), f'{record}: {out} {err}')
        t.check((b'records of this file' in out) == (record == '7'), f'{record}: {out}')
    for record, words in [('7#4', b'only 3 records of this file have the number 7'), ('9', b'no record 9'), ('7#', b'FILE:ID'),
                          ('7#0', b'FILE:ID'), ('7#x', b'FILE:ID')]:
        code, _, err = t.run('rules', 'explain', ID % 1, '--rules', path, '--record', f'{log}:{record}')
        t.check(code == 2 and words in err, f'{record}: {code} {err}')
    code, out, err = t.run('rules', 'show', 'Rule 1', '--rules', path)
    t.check(b'title: Rule 2' in out and err == b'', f'a name comes before a title: {out} {err}')
    write(path, rule(1) + '---\n' + rule(2).replace('Rule 2', 'Rule 1'))
    code, out, err = t.run('rules', 'show', 'Rule 1', '--rules', path)
    t.check(ID.encode() % 1 in out and b"2 rules are called 'Rule 1'" in err, f'two of one title: {out} {err}')


def all_errors(t, folder):
    path = os.path.join(folder, 'errors.yml')
    write(path, rule(1, "a: {A|foo: 1, B|cidr: zz}\n  b: [{D|gt: 'x'}, {E: 1}, {F|nosuch: 2}]", condition='a and b') + '---\n' + rule(2))
    code, out, _ = t.run('rules', 'check', path)
    t.check(code == 2 and out.count(b'errors.yml:') == 4 and b'1 rule loaded, 1 not loaded, 3 further errors in those, 0 warnings' in out,
            f'every error is told: {out}')
    write(path, rule(1, "a: {A|re: [ok, 'b(', 'c['], B|foo: 1}\n  b: {C|cidr: [10.0.0.0/8, 10.0.0.0/99]}", condition='a and x'))
    code, out, _ = t.run('rules', 'check', path)
    places = [line.split(b'errors.yml:')[1].split(b': ')[:2] for line in out.splitlines() if b'errors.yml:' in line]
    t.check(places == [[b'6:18', b'not loaded'], [b'6:24', b'also wrong'], [b'6:31', b'also wrong'], [b'7:28', b'also wrong'],
                       [b'8:20', b'also wrong']], f'regular expressions and the condition too, in the order of places: {out}')
    write(path, f'title: C\nid: {ID % 1}\nname: me\ncorrelation:\n  type: event_count\n  rules: [me]\n  timespan: 1m\n  condition: {{gte: 1}}\n')
    t.check(b'errors.yml:6:11: not loaded' in t.run('rules', 'check', path)[1], 'a circle has the place of its reference')


def untidy(t, folder):
    path = os.path.join(folder, 'untidy')
    good = rule(1, extra='date: 2024-02-29\nmodified: 2024-03-01\ntags: [attack.t1059.001, cve.2021-1234]\ntaxonomy: sigma\n')
    write(os.path.join(path, 'a.yml'), good)
    t.check(b'1 rule loaded, 0 not loaded, 0 warnings' in t.run('rules', 'check', path)[1], 'what the schema wants is no warning')
    write(os.path.join(path, 'a.yml'), rule(1, extra='date: 2024-13-45\nmodified: 2023-02-29\ntags: [Attack.T1059, attack, attack.]\ntaxonomy: ecs\n'
                                            'status: tested\nlevel: hihg\n'))
    code, out, _ = t.run('rules', 'check', path)
    t.check(code == 0 and b'8 warnings' in out, f'dates, tags, taxonomy, status, level: {out}')
    for words in (b'a.yml:3:7: ', b'a.yml:4:11: ', b'a.yml:5:8: ', b'a.yml:5:22: ', b'a.yml:5:30: ', b'a.yml:6:11: '):
        t.check(words in out, f'{words} is not among {out}')
    t.check(b'[taxonomy]' not in t.run('rules', 'check', path, '-p', 'ecs')[1], 'a pipeline may know the taxonomy')


def duplicates(t, case, folder):
    path = os.path.join(folder, 'twice')
    write(os.path.join(path, 'a.yml'), rule(1))
    write(os.path.join(path, 'b.yml'), rule(1, 's: {EventID: 4688}'))
    out = t.run('rules', 'check', path)[1]
    t.check(b'b.yml:1:1: warning: has the id of the rule' in out and b'a.yml:1; both are used' in out, f'both places: {out}')
    out, err = t.run('scan', '--rules', path, '--format', 'jsonl', case)[1:]
    t.check(b'2 loaded, 1 with the id of another one' in err and {json.loads(l)['event_id'] for l in out.splitlines()} == {4624, 4688},
            f'the summary counts them, and both run: {err}')


def other_files(t, case, folder):
    path, empty = os.path.join(folder, 'mixed'), os.path.join(folder, 'empty')
    os.mkdir(empty)
    for action in ('check', 'list', 'stats', 'test'):
        code, _, err = t.run('rules', action, empty)
        t.check(code == 2 and b'no rule was found' in err, f'{action} of an empty folder: {code} {err}')
    t.check(b'no rule was found' in t.run('scan', '--rules', empty, case)[2], 'scan with an empty folder')
    write(os.path.join(path, 'a.yml'), rule(1))
    for name in ('README.md', 'LICENSE', '.git/config', 'a.events.jsonl'):
        write(os.path.join(path, name), '')
    out = t.run('rules', 'check', path)[1]
    t.check(out == b'1 rule loaded, 0 not loaded, 0 warnings\n', f'what belongs beside rules is no news: {out}')
    for name in ('x.json', 'y.JSON', 'notes.txt', 'Makefile'):
        write(os.path.join(path, name), '')
    make_zip(os.path.join(path, 'more.zip'), [('b.yml', rule(2))])
    out = t.run('rules', 'check', path)[1]
    t.check(b'5 other files are ignored: .json 2, without an ending 1, .txt 1, .zip 1 [other-files]' in out, f'other files by kind: {out}')
    t.check(b'more.zip:0:0: warning: archives among rules' in out, f'an archive among rules: {out}')
    summary = os.path.join(folder, 'others.json')
    err = t.run('scan', '--rules', path, '--summary', summary, '--format', 'jsonl', case)[2]
    t.check(b'more.zip' in err and b'other-files' not in err, f'scan tells of the archive only: {err}')
    with open(summary, encoding='utf-8') as handle:
        found = json.load(handle)['summary']
    t.check([n['code'] for n in found['rules_notes']] == ['other-files', 'read-me-files']
            and [w['code'] for w in found['rules_warnings']] == ['archive-in-folder'], f'all of it in JSON: {found}')


def refused_rules(t, folder):
    path = os.path.join(folder, 'refused.yml')
    write(path, rule(1) + '---\n' + rule(2, 's: {A|nosuch: 1}'))
    for action in ('list', 'stats'):
        code, _, err = t.run('rules', action, path)
        t.check(code == 0 and b'1 rule not loaded' in err, f'{action}: {code} {err}')
        t.check(t.run('rules', action, '--strict', path)[0] == 2, f'{action} --strict')
    for name in ('Rule 2', ID % 2):
        for args in (['show', name], ['explain', name, '--record', 'x:1']):
            code, _, err = t.run('rules', *args, '--rules', path)
            t.check(code == 2 and b'refused.yml:14:' in err and b'not loaded: ' in err, f'{args}: {code} {err}')


def idle_filters(t, case, folder):
    path = os.path.join(folder, 'filters.yml')
    text = rule(1) + '---\ntitle: F\nlogsource: {%s}\nfilter:\n  rules: %s\n  s: {A: 1}\n  condition: not s\n'
    for source, names, words in [('category: nosuch', 'any', b'[matches-no-rule]'), ('product: windows', '[nosuch]', b'[unknown-reference]'),
                                 ('product: linux', f'[{ID % 1}]', b'[filter-logsource]'), ('product: windows', 'any', b'')]:
        write(path, text % (source, names))
        err = t.run('scan', '--rules', path, case)[2]
        t.check(words in err and (b'warning' in err) == bool(words), f'{source} {names}: {err}')


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
        update(t, case, work)
        over_http(t, work)
        over_https(t, work)
        choice(t, case, work)
        events_of_rules(t, work, sys.argv[2])
        regression_data(t, case, work)
        explained(t, work)
        explained_one_of_several(t, work)
        explained_computed(t, work)
        explained_stars(t, work)
        all_errors(t, work)
        refused_rules(t, work)
        idle_filters(t, case, work)
        empty_files(t, work)
        untidy(t, work)
        duplicates(t, case, work)
        other_files(t, case, work)
    t.end()


main()
