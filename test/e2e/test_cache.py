#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiled rules that are kept: the same findings and messages with them and without, whatever happened to
them or to the rules since.

usage: test_cache.py BUILD_FOLDER SOURCE_FOLDER
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402

RULE = '''title: {title}
id: {id}
status: test
level: high
logsource: {{product: windows, service: security}}
detection:
    s: {{EventID: {event}}}
    condition: s
'''
BAD = 'title: Bad\nlogsource: {product: windows}\ndetection: {s: {A|what: 1}, condition: s}\n'
REGEX = '''title: By expression
id: 4d1c3c0e-6a77-4b0c-9a38-2f1f3a6f0001
level: low
logsource: {product: windows, category: process_creation}
detection:
    s: {Image|re: '(?i)powershell\\.exe$'}
    condition: s
'''
TUNING = 'tuning:\n  - id: 4d1c3c0e-6a77-4b0c-9a38-2f1f3a6f000{}\n    disable: true\n'
TICK = 0.15  # a rule that changed less than a tenth of a second ago is not kept


class Cache(Test):
    def __init__(self, build, temp):
        super().__init__(build)
        self.case = self.make_case(temp)
        self.rules = os.path.join(temp, 'rules')
        self.folder = os.path.join(temp, 'cache')

    def settle(self):
        time.sleep(TICK)

    def scan(self, *options):
        return self.run('scan', '--format', 'jsonl', '--rule-problems', '-r', self.rules, *options, self.case)

    def cached(self, *options):
        return self.scan('--cache-dir', self.folder, *options)

    def files(self):
        """{name: (inode, bytes)} of what is kept."""
        kept = {}
        for name in sorted(os.listdir(self.folder)) if os.path.isdir(self.folder) else []:
            path = os.path.join(self.folder, name)
            with open(path, 'rb') as handle:
                kept[name] = os.stat(path).st_ino, handle.read()
        return kept

    def same(self, what, *options):
        """Compiled anew, kept, and read again: three times the same."""
        want = self.scan('--no-cache', *options)
        self.check(self.cached(*options) == want, f'{what}: other output when kept')
        before = self.files()
        self.check(self.cached(*options) == want, f'{what}: other output when read again')
        self.check(before and self.files() == before, f'{what}: what is kept was not used')
        return want


def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as handle:
        handle.write(text)


def make_rules(t, source):
    shutil.copytree(os.path.join(source, 'rules'), t.rules)
    put(os.path.join(t.rules, 'own/bad.yml'), BAD)
    put(os.path.join(t.rules, 'own/regex.yml'), REGEX)
    put(os.path.join(t.rules, 'own/logon.yml'), RULE.format(title='Logon', id='4d1c3c0e-6a77-4b0c-9a38-2f1f3a6f0002', event=4624))
    t.settle()


def gives_the_same(t, temp):
    want = t.same('plain')
    t.check(want[0] == 0 and want[1].count(b'\n') > 300 and b'own/bad.yml' in want[2], 'a scan that shows little')
    t.same('threads', '--threads', '3')
    for options in ['--level', 'high'], ['--exclude-tag', 't1059'], ['--tag', 'no-such-tag']:
        t.same(f'{options}', *options)
    tuning = os.path.join(temp, 'tuning.yml')
    put(tuning, TUNING.format(2))
    t.settle()
    tuned = t.same('tuned', '--tuning', tuning)
    t.check(tuned[0] == 0, 'the tuning file is refused')
    put(tuning, TUNING.format(1))
    t.settle()
    t.check(t.same('tuned again', '--tuning', tuning) != tuned, 'a tuning file that changed is not seen')
    pages = []
    for option in ['--no-cache'], ['--cache-dir', t.folder], ['--cache-dir', t.folder]:
        page = os.path.join(temp, 'page.html')
        t.scan(*option, '--html', page)
        with open(page, 'rb') as handle:
            pages.append(handle.read())
    t.check(pages[0] == pages[1] == pages[2], 'other reports from kept rules')


def is_seen(t, what, change):
    before = t.cached()
    change()
    t.settle()
    want = t.scan('--no-cache')
    t.check(want != before, f'{what}: changes nothing')
    t.check(t.cached() == want, f'{what}: is not seen')
    t.check(t.cached() == want, f'{what}: is seen once')


def changed_rules(t):
    logon = os.path.join(t.rules, 'own/logon.yml')

    def same_size_and_time():
        """Only the time of the last change of the file's head (ctime) tells."""
        old = os.stat(logon)
        with open(logon, 'r+b') as handle:
            text = handle.read()
            handle.seek(text.index(b'4624'))
            handle.write(b'4634')
        os.utime(logon, ns=(old.st_atime_ns, old.st_mtime_ns))
        t.check(os.stat(logon).st_mtime_ns == old.st_mtime_ns and os.stat(logon).st_size == old.st_size, 'set back')

    def added():
        put(os.path.join(t.rules, 'own/deep/er/new.yml'), RULE.format(title='New', id='4d1c3c0e-6a77-4b0c-9a38-2f1f3a6f0003', event=4672))

    is_seen(t, 'a rule of the same size and time', same_size_and_time)
    is_seen(t, 'a rule in a new folder', added)
    is_seen(t, 'a rule that moved', lambda: os.rename(os.path.join(t.rules, 'own/bad.yml'), os.path.join(t.rules, 'own/worse.yml')))
    is_seen(t, 'a rule that went', lambda: os.remove(os.path.join(t.rules, 'own/deep/er/new.yml')))
    is_seen(t, 'a rule that is a link', lambda: os.symlink('../logon.yml', os.path.join(t.rules, 'own/deep/link.yml')) or
            put(logon, RULE.format(title='Linked', id='4d1c3c0e-6a77-4b0c-9a38-2f1f3a6f0004', event=4688)))
    put(os.path.join(t.rules, 'own/fresh.yml'), RULE.format(title='Fresh', id='4d1c3c0e-6a77-4b0c-9a38-2f1f3a6f0005', event=4624))
    shutil.rmtree(t.folder)
    t.check(t.cached() == t.scan('--no-cache'), 'a rule that was just written')


def damaged(t):
    want = t.same('before damage')
    name, (_, good) = next(iter(t.files().items()))
    path = os.path.join(t.folder, name)
    places = list(range(0, 168, 8)) + [len(good) * i // 40 for i in range(40)] + [len(good) - 1]
    texts = [good[:n] + bytes([good[n] ^ 1 << n % 8]) + good[n + 1:] for n in places]
    texts += [good[:n] for n in (0, 1, 8, 100, 4096, len(good) // 2, len(good) - 1)]
    texts += [good + b'\0', b'\0' * len(good), b'SEKRULE2' + b'\xff' * 4000]
    for i, text in enumerate(texts):
        with open(path, 'wb') as handle:
            handle.write(text)
        t.check(t.cached() == want, f'damage {i}: other output')
        t.check(set(t.files()) == {name} and t.files()[name][1] != text, f'damage {i}: stays')


def no_place(t, temp):
    """A folder that cannot be had, or that others may write to: as without a cache, and nothing is written."""
    want = t.scan('--no-cache')
    put(os.path.join(temp, 'file'), '')
    os.mkdir(os.path.join(temp, 'shared'), 0o700)
    os.chmod(os.path.join(temp, 'shared'), 0o777)
    os.mkdir(os.path.join(temp, 'real'), 0o700)
    os.symlink('real', os.path.join(temp, 'link'))
    for folder in 'file', 'file/below', 'shared', 'link':
        where = os.path.join(temp, folder)
        t.check(t.scan('--cache-dir', where) == want, f'{folder}: other output')
    t.check(t.scan('--cache-dir', '/proc/none/there') == want, 'a folder that cannot be made')
    os.mkdir(os.path.join(temp, 'locked'), 0o500)
    t.check(t.scan('--cache-dir', os.path.join(temp, 'locked')) == want, 'a folder that is read-only')
    t.check(not os.listdir(os.path.join(temp, 'shared')) and not os.listdir(os.path.join(temp, 'real')), 'written where it must not')
    t.same('before the links')
    name = next(iter(t.files()))
    path = os.path.join(t.folder, name)
    shutil.move(path, os.path.join(temp, 'moved'))
    os.symlink(os.path.join(temp, 'moved'), path)
    t.check(t.cached() == want and not os.path.islink(path), 'a link is followed')
    os.remove(path)
    os.mkfifo(path)
    t.check(t.cached() == want, 'a pipe in its place')
    env = {'HOME': os.path.join(temp, 'home'), 'XDG_CACHE_HOME': ''}
    t.check(t.run('scan', '-q', t.case, env=env)[0] == 0, 'scan with a home')
    where = os.path.join(temp, 'home/.cache/sekisho')
    t.check(os.path.isdir(where) and os.stat(where).st_mode & 0o777 == 0o700, 'the folder is not private')
    t.check([os.stat(os.path.join(where, n)).st_mode & 0o777 for n in os.listdir(where)] == [0o600], 'the file is not private')


def many_at_once(t):
    """Writers at the same time, and no more files than are kept."""
    want = t.scan('--no-cache')
    shutil.rmtree(t.folder)
    command = [t.program, 'scan', '--format', 'jsonl', '--rule-problems', '-r', t.rules, '--cache-dir', t.folder, t.case]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(5)]
    for run in runs:
        out, err = run.communicate(timeout=300)
        t.check((run.returncode, out, err) == want, 'other output beside other writers')
    t.check(len(t.files()) == 1, f'left behind: {list(t.files())}')
    for i in range(10):
        t.cached('--exclude-id', f'none-{i}')
    t.check(len(t.files()) == 8, f'{len(t.files())} files are kept')


def main():
    with tempfile.TemporaryDirectory() as temp:
        t = Cache(sys.argv[1], temp)
        make_rules(t, sys.argv[2])
        gives_the_same(t, temp)
        many_at_once(t)
        shutil.rmtree(t.folder)
        damaged(t)
        shutil.rmtree(t.folder)
        no_place(t, temp)
        changed_rules(t)
    t.end()


main()
