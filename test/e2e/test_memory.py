#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Findings and parts of scripts that wait on disk: the same bytes for any budget and any number of threads, nothing
lost and nothing left behind when the disk is full.

usage: test_memory.py BUILD_FOLDER
"""
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402


def same_for_every_budget(t, case, temp):
    env = {'TMPDIR': temp}
    for options in ['--format', 'jsonl', '--fields'], ['--format', 'csv'], ['--format', 'table']:
        want = t.run('scan', '-q', *options, '--threads', '1', '--memory', '1G', case)
        t.check(want[0] == 0 and want[1].count(b'\n') > 300, f'{options}: scan with much memory')
        for memory in '1', '100K', '2M':
            for threads in '1', '3', '8':
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


def output_full(t, case, temp):
    """An output that takes no more, or that nobody reads, ends the scan; threads that render for it end too."""
    for options in ['--format', 'jsonl', '--fields'], ['--format', 'csv'], ['--format', 'table']:
        for threads in '1', '4':
            what = f'{options}, {threads} threads'
            command = [t.program, 'scan', '-q', '--threads', threads, *options]
            code, _, err = t.run(*command[1:], '-o', '/dev/full', case)
            t.check(code == 70 and b'cannot write output: No space left on device' in err, f'{what}: a full disk is no error')
            path = os.path.join(temp, 'out')
            done = subprocess.run([*command, '-o', path, case], capture_output=True, timeout=60, env=t.env,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)))
            t.check(done.returncode == 70 and b'cannot write output: File too large' in done.stderr,
                    f'{what}: half an output is no error')
            t.check(os.listdir(temp) == [], f'{what}: half an output stays')
            with subprocess.Popen([*command, case], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=t.env) as scan:
                scan.stdout.read(10)
                scan.stdout.close()
                t.check(scan.wait(timeout=60) in (70, -signal.SIGPIPE), f'{what}: goes on though nobody reads')


def interrupted(t, case, temp):
    """What a signal ends leaves nothing behind, not in the folder of the outputs and not in that of temporary files."""
    security = os.path.join(case, 'PC-ACCT-02', 'Security.evtx')
    outputs = os.path.join(temp, 'outputs')
    os.mkdir(outputs)
    with open(security, 'rb') as handle:
        data = handle.read()
    for number in signal.SIGTERM, signal.SIGINT, signal.SIGKILL:
        before = os.path.join(outputs, 'f.jsonl')
        with open(before, 'w', encoding='utf-8') as handle:
            handle.write('from before')
        scan = subprocess.Popen([t.program, 'scan', '-q', '--memory', '1', '--format', 'jsonl', '-o', before, '--html',
                                 os.path.join(outputs, 'r.html'), '-'], stdin=subprocess.PIPE,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, 'TMPDIR': temp})
        scan.stdin.write(data)  # and no end of file: it waits for more
        scan.stdin.flush()
        deadline = time.monotonic() + 60  # until it holds the unnamed files: outputs, and findings that wait
        while (sum('(deleted)' in link for link in links_of(scan.pid)) < 2 and time.monotonic() < deadline):
            time.sleep(0.02)
        t.check(sum('(deleted)' in link for link in links_of(scan.pid)) >= 2, 'outputs are not without a name')
        scan.send_signal(number)
        t.check(scan.wait(timeout=60) == -number, f'{number}: the scan goes on')
        scan.stdin.close()
        t.check(os.listdir(outputs) == ['f.jsonl'] and os.path.getsize(before) == 11, f'{number}: half an output stays')
        t.check(os.listdir(temp) == ['outputs'], f'{number}: temporary files stay')
    code, _, _ = t.run('scan', '-q', '--format', 'jsonl', '-o', before, security, env={'TMPDIR': temp})
    t.check(code == 0 and os.listdir(outputs) == ['f.jsonl'] and os.path.getsize(before) > 100,
            'a complete output does not take its name')
    t.check(os.stat(before).st_mode & 0o777 == 0o666 & ~umask(), 'an output has other rights than a new file')


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def links_of(pid):
    links = []
    for name in os.listdir(f'/proc/{pid}/fd'):
        try:
            links.append(os.readlink(f'/proc/{pid}/fd/{name}'))
        except OSError:  # was closed since
            pass
    return links


RULE = """title: Both halves
logsource: {product: windows, category: ps_script}
detection:
  selection:
    ScriptBlockText|contains|all: [first half, second half]
  condition: selection
"""


def peak_and_sum(t, out, *args):
    """Peak memory of a run in KB, and the checksum of its output: a child begins with what this process holds."""
    with subprocess.Popen([t.program, *args, '-o', out], env=t.env) as run:
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
    with open(out, 'rb') as handle:
        return usage.ru_maxrss, run.returncode or hashlib.file_digest(handle, 'sha256').hexdigest()


def parts_wait_on_disk(t, folder):
    """Scripts of which a part is missing, as in logs that rolled over or were written to fill the memory."""
    rule, log = os.path.join(folder, 'rule.yml'), os.path.join(folder, 'parts.jsonl')
    with open(rule, 'w', encoding='utf-8') as handle:
        handle.write(RULE)
    with open(log, 'w', encoding='utf-8') as handle:
        for i in range(40000):
            halves = ('first half', 'second half')[i % 2]
            handle.write(json.dumps({'Channel': 'Microsoft-Windows-PowerShell/Operational', 'EventID': 4104, 'Computer': 'PC',
                                     'Provider_Name': 'Microsoft-Windows-PowerShell', 'EventRecordID': i,
                                     'TimeCreated': '2026-01-02T03:04:05Z', 'MessageNumber': 1 + i % 2, 'MessageTotal': 3,
                                     'ScriptBlockId': f'id-{i // 2 % 15000}', 'ScriptBlockText': f'{halves} {i:2000}'}) + '\n')
    out = os.path.join(folder, 'parts.out')
    command = ['scan', '-q', '--format', 'jsonl', '--no-decode', '-r', rule, log]
    much, want = peak_and_sum(t, out, *command, '--memory', '1G', '--threads', '1')
    with open(out, 'rb') as handle:
        t.check(sum(1 for _ in handle) == 15000, 'parts are not joined')
    little, got = peak_and_sum(t, out, *command, '--memory', '1M', '--threads', '1')
    t.check(got == want, 'parts that wait on disk: other bytes')
    t.check(little < much - 50000, f'parts take {little} KB of memory where they could wait on disk, {much} KB where not')
    t.check(peak_and_sum(t, out, *command, '--threads', '3')[1] == want, 'parts that wait on disk, 3 threads: other bytes')
    done = subprocess.run([t.program, *command], capture_output=True, env=t.env,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20000000, 20000000)))
    t.check(hashlib.sha256(done.stdout).hexdigest() == want and b'none is lost' in done.stderr,
            'parts on a full disk are lost, or nobody is told')


def write_starts(path, count):
    """Sysmon's starts of processes of which no two are alike, half of them of parents of which no start tells."""
    with open(path, 'w', encoding='utf-8') as handle:
        for i in range(count):
            parent = i - 1 if i % 2 else i + 0x10000000
            second, pid = i // 20, 4 * (i % 4000) + 8
            handle.write(json.dumps({'Channel': 'Microsoft-Windows-Sysmon/Operational', 'EventID': 1, 'Computer': 'PC',
                                     'Provider_Name': 'Microsoft-Windows-Sysmon', 'EventRecordID': i,
                                     'TimeCreated': f'2026-01-{2 + second // 86400:02}T{second // 3600 % 24:02}:'
                                                    f'{second // 60 % 60:02}:{second % 60:02}.{i % 20 * 5:02}Z',
                                     'ProcessGuid': f'{{00000000-0000-0000-0000-{i:012x}}}', 'ProcessId': pid,
                                     'Image': f'C:\\Programs\\{i % 97}.exe', 'CommandLine': f'{i % 97}.exe --number {i}',
                                     'ParentProcessGuid': f'{{00000000-0000-0000-0000-{parent:012x}}}',
                                     'ParentProcessId': 4 * (parent % 4000) + 8, 'ParentImage': 'C:\\Programs\\parent.exe'}) + '\n')


FAMILY = """title: Born of number five
logsource: {product: windows, category: process_creation}
detection:
  selection:
    Image|endswith: '\\6.exe'
    AncestorImage|endswith: '\\5.exe'
  condition: selection
"""


def processes_wait_on_disk(t, folder):
    """Four times the processes, and texts that are all new: the same memory. Our own rules ask for ancestors."""
    rule, out, peaks = os.path.join(folder, 'family.yml'), os.path.join(folder, 'starts.out'), []
    with open(rule, 'w', encoding='utf-8') as handle:
        handle.write(FAMILY)
    for count in 30000, 120000:
        log = os.path.join(folder, f'starts{count}.jsonl')
        write_starts(log, count)
        peaks.append(peak_and_sum(t, out, 'scan', '-q', '--format', 'jsonl', '--no-cache', '--memory', '1M', '--threads', '1', log))
        t.check(isinstance(peaks[-1][1], str), f'{count} starts: the scan fails')
    t.check(peaks[1][0] < peaks[0][0] + 8000, f'{peaks[0][0]} KB for 30,000 processes, {peaks[1][0]} for 120,000')
    command = ['scan', '-q', '--format', 'jsonl', '-r', rule, os.path.join(folder, 'starts30000.jsonl')]
    want = peak_and_sum(t, out, *command, '--memory', '1G', '--threads', '1')[1]
    with open(out, 'rb') as handle:
        found = [json.loads(line) for line in handle]
    t.check(len(found) > 100 and all(any(a['image'].endswith('\\5.exe') for a in f['ancestors']) for f in found),
            'processes of which a parent is known are not found')
    for threads in '1', '3':
        t.check(peak_and_sum(t, out, *command, '--memory', '1', '--threads', threads)[1] == want,
                f'processes on disk, {threads} threads: other bytes')
    # Less than the list of processes alone, so it does not depend on how many facts a thread got.
    done = subprocess.run([t.program, *command, '--memory', '1'], capture_output=True, env=t.env,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000000, 2000000)))
    t.check(hashlib.sha256(done.stdout).hexdigest() == want and b'none is lost' in done.stderr,
            'processes on a full disk are lost, or nobody is told')


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
        output_full(t, case, temp)
        interrupted(t, case, temp)
        parts_wait_on_disk(t, folder)
        processes_wait_on_disk(t, folder)
        sizes(t, case)
    t.end()


main()
