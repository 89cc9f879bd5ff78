#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Instructions per record, counted by Valgrind: the measure that a loaded machine does not change.

usage: instructions.py BUILD_FOLDER SOURCE_FOLDER [--accept] [--only NAME]

For five kinds of records, and one of them as JSON Lines, with our own rules and (where ../shared is) with SigmaHQ's: what a scan of one log
of each kind costs, and what it costs when one of the logs is longer; the difference, divided by the records
more, is what one record of that kind costs from file to finding, without the start. Figures are compared
with those in instructions.tsv of the same environment (compiler, C library, processor); more than TOLERANCE
above them is a failure, more than TOLERANCE below is said. `make bench-accept` writes new figures.
Exit code 77 (skipped): no Valgrind, or no figures for this environment.
"""
import argparse
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import records

TOLERANCE = 0.05
SHORT = 60
MORE = {'process': 700, 'security-process': 700, 'script': 100, 'registry': 700, 'logon': 700, 'logon-json': 700}
KINDS = [*records.KINDS, 'logon-json']
SIGMA_FOLDERS = 'rules', 'rules-emerging-threats', 'rules-threat-hunting'
SKIPPED = 77


def environment(build):
    """What decides how many instructions the same source is: compiler, library, options, vector width."""
    with open(os.path.join(build, 'compile_commands.json'), encoding='utf-8') as f:
        name = json.load(f)[0]['command'].split()
    compiler = subprocess.run([name[name[0].endswith('ccache')], '--version'], capture_output=True, text=True).stdout
    with open(os.path.join(build, 'meson-info/intro-buildoptions.json'), encoding='utf-8') as f:
        optimization = re.search(r'"name": "optimization", "value": "(\w+)"', f.read())
    with open('/proc/cpuinfo', encoding='utf-8') as f:
        vector = 'avx2' if re.search(r'\bavx2\b', f.read()) else 'sse2'
    library = '-'.join(os.confstr('CS_GNU_LIBC_VERSION').split())
    return '/'.join([' '.join(compiler.splitlines()[0].split()[1:]), library,
                     'O' + (optimization.group(1) if optimization else '?'), vector])


class Measurement:
    def __init__(self, options, folder):
        self.build, self.folder = os.path.abspath(options.build), folder
        self.program = os.path.join(self.build, 'sekisho')
        writer = os.path.join(self.build, 'test/write_events')
        for kind in records.KINDS:
            for name, count in (('short', SHORT), ('long', SHORT + MORE[kind])):
                os.makedirs(os.path.join(folder, name), exist_ok=True)
                records.write(writer, kind, count, self.log(name, kind))
        for name in 'short', 'long':
            subprocess.run([self.program, 'dump', '-o', self.log(name, 'logon-json'), self.log(name, 'logon')], check=True,
                           stderr=subprocess.DEVNULL)

    def log(self, name, kind):
        return os.path.join(self.folder, name, kind + ('.jsonl' if kind.endswith('-json') else '.evtx'))

    def scan(self, rules, longer, valgrind=True):
        """Instructions of a scan in which the log of the kind `longer` is the long one."""
        name = os.path.join(self.folder, f'{"sigma" if rules else "own"}-{longer}')
        command = [self.program, 'scan', '-q', '--threads', '1', '--format', 'jsonl', '-o', name + '.jsonl', *rules,
                   *(self.log('long' if kind == longer else 'short', kind) for kind in KINDS)]
        if valgrind:
            command = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', *command]
        # A home of its own: what the machine's user keeps (rules, caches) must not count.
        environ = {**os.environ, 'HOME': self.folder, 'XDG_CACHE_HOME': self.folder, 'XDG_DATA_HOME': self.folder}
        done = subprocess.run(command, capture_output=True, text=True, env=environ)
        collected = re.search(r'Collected : (\d+)', done.stderr)
        if done.returncode != 0 or bool(collected) != valgrind:
            sys.exit(f'{" ".join(command)}: exit code {done.returncode}\n{done.stderr[-2000:]}')
        return int(collected.group(1)) if collected else 0

    def per_record(self, rules):
        self.scan(rules, 'warm-up', valgrind=False)  # a cache of compiled rules, if there is one, is filled
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            base, *longer = pool.map(lambda kind: self.scan(rules, kind), ['none', *KINDS])
        return {kind: round((n - base) / MORE[kind]) for kind, n in zip(KINDS, longer)}


def read_figures(path):
    """(environment, rules, kind) -> instructions, and the lines of the head."""
    figures, head = {}, []
    with open(path, encoding='utf-8') as f:
        for line in f:
            if line.startswith('#') or not line.strip():
                head.append(line)
            else:
                where, rules, kind, count = line.rstrip('\n').split('\t')
                figures[where, rules, kind] = int(count)
    return figures, head


def compare(now, figures, where):
    """Prints the table; the number of figures that are too high."""
    worse = 0
    print(f'{"rules":8} {"record":18} {"instructions":>12} {"accepted":>12} {"change":>8}')
    for (rules, kind), count in now.items():
        before = figures.get((where, rules, kind))
        change = count / before - 1 if before else 0
        verdict = '' if before else 'new'
        if before and change > TOLERANCE:
            worse += 1
            verdict = 'TOO MANY'
        elif before and change < -TOLERANCE:
            verdict = 'better: `make bench-accept` keeps it so'
        print(f'{rules:8} {kind:18} {count:12} {before or "-":>12} {change:+8.1%} {verdict}')
    return worse


def main():
    os.environ.pop('MALLOC_PERTURB_', None)  # Meson has it fill memory, which would be counted
    parser = argparse.ArgumentParser()
    parser.add_argument('build')
    parser.add_argument('source')
    parser.add_argument('--accept', action='store_true', help='write the figures of this run')
    parser.add_argument('--only', choices=('own', 'sigma'), help='only with these rules')
    options = parser.parse_args()
    if not shutil.which('valgrind'):
        print('skipped: no valgrind')
        return SKIPPED
    path = os.path.join(options.source, 'test/bench/instructions.tsv')
    where = environment(options.build)
    figures, head = read_figures(path)
    if not options.accept and not any(key[0] == where for key in figures):
        print(f'skipped: {path} has no figures for this environment\n  {where}\n'
              f'but for {sorted({key[0] for key in figures})}; `make bench-accept` adds them')
        return SKIPPED
    shared = os.path.join(options.source, '../shared/rules/sigma')
    rule_sets = {'own': []}
    if os.path.isdir(shared):
        rule_sets['sigma'] = [a for folder in SIGMA_FOLDERS for a in ('--rules', os.path.join(shared, folder))]
    with tempfile.TemporaryDirectory() as folder:
        measurement = Measurement(options, folder)
        now = {(name, kind): count for name, rules in rule_sets.items() if options.only in (None, name)
               for kind, count in measurement.per_record(rules).items()}
    print(where)
    worse = compare(now, figures, where)
    if options.accept:
        figures.update({(where, *key): count for key, count in now.items()})
        with open(path, 'w', encoding='utf-8') as f:
            f.writelines(head + ['\t'.join([*key, str(n)]) + '\n' for key, n in figures.items()])
        print(f'accepted: {path}')
        return 0
    if worse:
        print(f'{worse} figures are more than {TOLERANCE:.0%} above the accepted ones. What the records gain for it must be '
              f'worth it; then `make bench-accept`, and the reason goes into the commit.')
    return 1 if worse else 0


if __name__ == '__main__':
    sys.exit(main())
