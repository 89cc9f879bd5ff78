#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Findings that wait on disk: the same bytes for any budget and any number of threads, nothing lost and
nothing left behind when the disk is full.

usage: test_memory.py BUILD_FOLDER
"""
import os
import resource
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402


def same_for_every_budget(t, case, temp):
    env = {'TMPDIR': temp}
    for options in ['--format', 'jsonl', '--fields'], ['--format', 'csv'], ['--format', 'table']:
        want = t.run('scan', '-q', *options, '--threads', '1', '--memory', '1G', case)
        t.check(want[0] == 0 and want[1].count(b'\n') > 300, f'{options}: scan with much memory')
        for memory in '1', '100K', '2M':
            for threads in '1', '3':
                got = t.run('scan', '-q', *options, '--threads', threads, '--memory', memory, case, env=env)
                t.check(got == want, f'{options}, --memory {memory}, {threads} threads: other bytes')
    t.check(os.listdir(temp) == [], 'temporary files stay behind')
    outs = []
    for memory in '1', '1G':
        path = os.path.join(temp, 'report.html')
        t.run('scan', '-q', '--memory', memory, '--html', path, case, env=env)
        with open(path, 'rb') as handle:
            outs.append(handle.read())
        os.remove(path)
    t.check(outs[0] == outs[1] and len(outs[0]) > 10000, 'the report depends on --memory')


def disk_full(t, case, temp):
    want = t.run('scan', '-q', '--format', 'jsonl', case)
    for name, env, limit in (('no such folder', {'TMPDIR': os.path.join(temp, 'missing')}, None),
                             ('not a folder', {'TMPDIR': t.program}, None),
                             ('no room', {'TMPDIR': temp}, 20000)):
        done = subprocess.run([t.program, 'scan', '-q', '--format', 'jsonl', '--memory', '1', case], capture_output=True,
                              env={**os.environ, **env}, preexec_fn=limit and
                              (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))))
        t.check(done.returncode == 0 and done.stdout == want[1], f'{name}: findings are lost')
        t.check(b'temporary file' in done.stderr and b'none is lost' in done.stderr, f'{name}: nobody is told')


def sizes(t, case):
    for bad in '0', '-1', 'x', '5X', '1MM', '', '99999999999999T':
        code, _, err = t.run('scan', '-q', '--memory', bad, case)
        t.check(code == 2 and b'is not a size' in err, f'--memory {bad!r} is taken')


def main():
    t = Test(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        case = t.make_case(folder)
        for copy in '2', '3':
            shutil.copytree(case, os.path.join(case, copy), ignore=lambda _, names: [n for n in names if n in '23'])
        temp = os.path.join(folder, 'temp')
        os.mkdir(temp)
        same_for_every_budget(t, case, temp)
        disk_full(t, case, temp)
        sizes(t, case)
    t.end()


main()
