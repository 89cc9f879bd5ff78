#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The bench: what a scan costs beside what it cannot do without, in one run, as CPU time and ratios.

usage: run.py BUILD_FOLDER [--mb N] [--repeat N]

The corpus is made of public sample logs by ../shared/tools/mkcorpus.c where that stands beside the
repository, else of the bundled case. Times are user + system CPU seconds, the best of several: the
machines are shared. Peers (evtxexport, evtx_dump, hayabusa, chainsaw) are measured when they are on PATH.
"""
import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, '..', '..')
SHARED = os.path.join(ROOT, '..', 'shared')
SIGMA = [a for f in ('rules', 'rules-emerging-threats', 'rules-threat-hunting')
         for a in ('--rules', os.path.join(SHARED, 'rules/sigma', f))]


def cpu(command, repeat, stdout=subprocess.DEVNULL):
    """Best CPU seconds and the peak memory in MB."""
    best = None
    for _ in range(repeat):
        process = subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        seconds = usage.ru_utime + usage.ru_stime
        if best is None or seconds < best[0]:
            best = (seconds, usage.ru_maxrss / 1024)
    return best


def make_corpus(build, folder, mb):
    corpus = os.path.join(folder, 'corpus')
    source = os.path.join(SHARED, 'tools/mkcorpus.c')
    if not os.path.exists(source):
        subprocess.run([os.path.join(build, 'tools/evtxgen/sekisho-mkcase'), corpus], check=True, stdout=subprocess.DEVNULL)
        return corpus
    tool = os.path.join(folder, 'mkcorpus')
    subprocess.run(['cc', '-O2', source, '-o', tool, '-lz'], check=True)
    logs = [os.path.join(d, f) for sub in ('corpus/evtx', 'corpus/odd') for d, _, names in
            os.walk(os.path.join(SHARED, sub)) for f in names if f.lower().endswith('.evtx')]
    subprocess.run([tool, '-o', corpus, '-s', str(mb), '-f', '64', '-u', '-b', 'corpus/odd', '-a', '30'],
                   input='\n'.join(sorted(logs)) + '\n', text=True, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    return corpus


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('build')
    parser.add_argument('--mb', type=int, default=256)
    parser.add_argument('--repeat', type=int, default=3)
    options = parser.parse_args()
    program = os.path.join(os.path.abspath(options.build), 'sekisho')
    with tempfile.TemporaryDirectory() as folder:
        corpus = make_corpus(os.path.abspath(options.build), folder, options.mb)
        files = sorted(os.path.join(d, f) for d, _, names in os.walk(corpus) for f in names if f.endswith('.evtx'))
        size = sum(os.path.getsize(f) for f in files)
        one = max(files, key=os.path.getsize)
        records = subprocess.run([program, 'dump', '-o', '/dev/null', *files], capture_output=True, text=True).stderr
        print(f'{len(files)} files, {size / 1e6:.0f} MB; {records.strip().splitlines()[-1]}')
        base = ['scan', '-q', '--no-cache', '--threads', '1', '--format', 'jsonl', '-o', '/dev/null']
        rows = [('read (cat)', ['cat', *files]),
                ('scan, own rules', [program, *base, *files]),
                ('scan, own rules, 2 threads', [program, *base[:2], '--threads', '2', *base[4:], *files])]
        if os.path.isdir(os.path.join(SHARED, 'rules/sigma')):
            rows += [('start with SigmaHQ rules', [program, *base, *SIGMA, '/dev/null']),
                     ('scan, SigmaHQ rules', [program, *base, *SIGMA, *files]),
                     ('scan, SigmaHQ, no prefilter', [program, *base, '--no-prefilter', *SIGMA, *files])]
        rows.append(('dump, XML', [program, 'dump', '--format', 'xml', '-o', '/dev/null', *files]))
        print(f'{"":32} {"CPU s":>8} {"MB/s":>8} {"peak MB":>8}')
        for name, command in rows:
            seconds, peak = cpu(command, 1 if 'prefilter' in name else options.repeat)
            print(f'{name:32} {seconds:8.2f} {size / 1e6 / max(seconds, 1e-3):8.0f} {peak:8.0f}')
        mine = cpu([program, *base, *(SIGMA if os.path.isdir(SIGMA[1]) else []), one], options.repeat)[0]
        for name, command in [('evtxexport', ['evtxexport', '-f', 'xml', one]), ('evtx_dump', ['evtx_dump', one]),
                              ('hayabusa', ['hayabusa', 'json-timeline', '-w', '-f', one, '-o', '/dev/null']),
                              ('chainsaw', ['chainsaw', 'hunt', one])]:
            if shutil.which(name):
                theirs = cpu(command, 1)[0]
                print(f'{name} on {os.path.getsize(one) / 1e6:.0f} MB: {theirs:.2f} s, {theirs / mine:.0f} times our scan')
    return 0


if __name__ == '__main__':
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
