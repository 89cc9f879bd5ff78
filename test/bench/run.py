#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The bench: what a scan costs beside what it cannot do without, in one run, as CPU time and ratios.

usage: run.py BUILD_FOLDER [--mb N] [--repeat N] [--large-mb N] [--peer NAME=PROGRAM]...

The corpus is made of public sample logs by ../shared/tools/mkcorpus.c where that stands beside the
repository, else by our own EVTX writer (records.py). Times are user + system CPU seconds, the best of
several: the machines are shared. "net" is without the start, which is measured on a log of one record.
Peers (evtxexport, evtx_dump, hayabusa, chainsaw, zircolite, rsigma) are measured when they are on PATH or named.
"""
import argparse
import hashlib
import os
import re
import resource
import subprocess
import sys
import tempfile
import time

import corpus
import forms
import peers

ANCESTORS = '''title: Never
id: 6b1f7a52-7f0c-4f52-8a6e-0d6e4b1e6d10
logsource: {category: process_creation, product: windows}
detection:
  a: {AncestorImage|endswith: '\\\\there-is-no-such-program.exe'}
  condition: a
level: critical
'''


class Cost:
    def __init__(self, cpu, wall, peak):
        self.cpu, self.wall, self.peak = cpu, wall, peak


def run(command, repeat, may_complain=False):
    """The least CPU seconds, wall seconds, and peak MB; the program must succeed, or may complain with exit code 1. What an
    earlier run wrote is removed first: giving a large file's pages back is no cost of this one."""
    best = None
    written = command[command.index('-o') + 1] if '-o' in command[:-1] else ''
    for _ in range(repeat):
        if os.path.isfile(written):
            os.remove(written)
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0 and not (may_complain and process.returncode == 1):
            raise RuntimeError(f'{" ".join(command[:8])} ...: exit code {process.returncode}')
        cost = Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - start, usage.ru_maxrss / 1024)
        best = cost if best is None else Cost(min(best.cpu, cost.cpu), min(best.wall, cost.wall), min(best.peak, cost.peak))
    return best


def at_once(commands):
    """Wall seconds from the start of the first of `commands` to the end of the last."""
    for command in commands:
        if os.path.isfile(command[command.index('-o') + 1]):
            os.remove(command[command.index('-o') + 1])
    start = time.monotonic()
    started = [subprocess.Popen(c, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for c in commands]
    if any(p.wait() != 0 for p in started):
        raise RuntimeError(f'{" ".join(commands[0][:8])} ...: a program failed')
    return time.monotonic() - start


class Bench:
    def __init__(self, options, folder):
        self.build, self.folder, self.repeat = os.path.abspath(options.build), folder, options.repeat
        self.program, self.mb = os.path.join(self.build, 'sekisho'), options.mb
        self.corpora = corpus.Corpora(self.build, folder)
        self.files = self.corpora.make('corpus', options.mb)
        self.small = self.corpora.make('small', 16)
        self.one = self.corpora.kind('logon', 1)
        self.out = os.path.join(folder, 'out')
        self.sigma = corpus.sigma()
        self.starts = {}

    def tool(self, name, *args):
        return subprocess.run([os.path.join(self.build, 'test', name), *args], check=True, capture_output=True, text=True).stdout

    def records(self, files):
        said = subprocess.run([self.program, 'dump', '-o', self.out, *files], capture_output=True, text=True, check=True).stderr
        os.remove(self.out)
        return int(re.search(r'(\d+) records', said).group(1))

    def command(self, files, rules=(), *more, threads=1):
        return [self.program, 'scan', '-q', '--no-cache', '--threads', str(threads), '--format', 'jsonl', '-o', self.out,
                *rules, *more, *files]

    def kept_command(self, files, rules, threads=1, out=None):
        """With rules that are kept compiled."""
        command = self.command(files, rules, threads=threads)
        command[command.index('--no-cache')] = f'--cache-dir={self.folder}/cache'
        command[command.index('-o') + 1] = out or self.out
        return command

    def kept(self, files, rules, threads=1):
        """The cost of a scan with rules that are kept compiled (the first run fills the cache), `net` and `net_wall` being
        without what the same costs on one record: where there are many rules, a start that reads them all would hide the rest."""
        key = ('kept', tuple(rules), threads)
        if key not in self.starts:
            run(self.kept_command([self.one], rules, threads), 1)
            self.starts[key] = run(self.kept_command([self.one], rules, threads), self.repeat)
        cost = run(self.kept_command(files, rules, threads), self.repeat)
        cost.net = max(cost.cpu - self.starts[key].cpu, 1e-3)
        cost.net_wall = max(cost.wall - self.starts[key].wall, 1e-3)
        return cost

    def scan(self, files, rules=(), *more, threads=1, repeat=None):
        """The cost of a scan, `net` being CPU seconds without what the same costs on one record."""
        key = (tuple(rules), more, threads)
        if key not in self.starts:
            self.starts[key] = run(self.command([self.one], rules, *more, threads=threads), self.repeat).cpu
        cost = run(self.command(files, rules, *more, threads=threads), repeat or self.repeat)
        cost.net = max(cost.cpu - self.starts[key], 1e-3)
        return cost

    def row(self, name, files, cost, records, bandwidth=None):
        mb = corpus.size_of(files) / 1e6
        share = f'{mb * 1e6 / cost.net / bandwidth:8.1%}' if bandwidth else ''
        print(f'{name:38} {cost.cpu:7.2f} {cost.net:7.2f} {mb / cost.net:7.0f} {records / cost.net / 1e3:8.0f}'
              f' {cost.net / records * 1e9:8.0f} {cost.peak:7.0f} {share}', flush=True)


HEAD = f'{"":38} {"CPU s":>7} {"net s":>7} {"MB/s":>7} {"k rec/s":>8} {"ns/rec":>8} {"peak MB":>7} {"of memory":>8}'


def two_at_once(b, halves, rules):
    """Two threads, and what the machine allows: two processes of one thread, each with half of every log, that share nothing. By the
    wall against one thread with both halves, run in turn, each without what the same costs on one record."""
    def ways(logs):
        both = logs[0] + logs[1]
        return {'one': [b.kept_command(both, rules)], 'threads': [b.kept_command(both, rules, 2)],
                'processes': [b.kept_command(files, rules, out=b.out + name) for files, name in zip(logs, ('', '-second'))]}

    start, scan, walls = ways([[b.one], [b.one]]), ways(halves), {}
    at_once(start['one'])  # fills the cache
    for _ in range(max(b.repeat, 5)):
        for way in start:
            for name, commands in ('start', start[way]), ('scan', scan[way]):
                walls.setdefault((way, name), []).append(at_once(commands))
    net = {way: max(min(walls[way, 'scan']) - min(walls[way, 'start']), 1e-3) for way in start}
    allowed, ours = net['one'] / net['processes'], net['one'] / net['threads']
    print(f'- two processes at once, half of each file to each: wall {net["one"]:.3f} -> {net["processes"]:.3f} s, {allowed:.2f} times as fast, '
          f'which is what the machine allows; two threads {net["threads"]:.3f} s, {ours:.2f} times, {ours / allowed:.0%} of that')


def whole_program(b, bandwidth):
    n = b.records(b.files)
    print(HEAD)
    own = b.scan(b.files)
    b.row('scan, our rules', b.files, own, n, bandwidth)
    b.row('- without looking for layers', b.files, b.scan(b.files, (), '--no-decode'), n, bandwidth)
    compiled = own
    name = "our rules"
    if b.sigma:
        compiled, name = b.scan(b.files, b.sigma), "SigmaHQ's rules"
        b.row(f'scan, {name}', b.files, compiled, n, bandwidth)
        b.row('- without looking for layers', b.files, b.scan(b.files, b.sigma, '--no-decode'), n, bandwidth)
        rule = os.path.join(b.folder, 'ancestors.yml')
        with open(rule, 'w', encoding='utf-8') as f:
            f.write(ANCESTORS)
        b.row('- with a rule on ancestors', b.files, b.scan(b.files, [*b.sigma, '--rules', rule]), n, bandwidth)
        folder = os.path.join(b.folder, 'tenfold')
        once, tenfold = b.kept(b.files, b.sigma), b.kept(b.files, corpus.clone_rules(folder, 10))
        b.row('- rules kept compiled', b.files, once, n, bandwidth)
        b.row('- with ten times the rules', b.files, tenfold, n, bandwidth)
        with open(os.path.join(folder, 'left-out'), encoding='utf-8') as f:
            print(f'ten times the rules: {tenfold.net / once.net:.2f} times the time ({f.read().strip()})')
    two = b.scan(b.files, b.sigma, threads=2)
    b.row(f'- {name}, two threads', b.files, two, n)
    print(f'two threads, rules compiled at the start: wall {compiled.wall:.2f} -> {two.wall:.2f} s, {compiled.wall / two.wall:.2f} times as fast; '
          f'CPU {two.cpu / compiled.cpu:.2f} times (others use the machine too)')
    halves = forms.halves(b.files, os.path.join(b.folder, 'halves'))
    best, two = b.kept(b.files, b.sigma), b.kept(b.files, b.sigma, threads=2)
    print(f'two threads, rules kept compiled, start left out: wall {best.net_wall:.2f} -> {two.net_wall:.2f} s, '
          f'{best.net_wall / two.net_wall:.2f} times as fast; CPU {two.net / best.net:.2f} times')
    two_at_once(b, halves, b.sigma)
    few = [b.kept(b.files, [*b.sigma, '--min-level', 'critical'], threads=t) for t in (1, 2)]
    b.row('- kept, only critical findings written', b.files, few[0], n, bandwidth)
    print(f'- findings of level critical only, so that little is written: wall {few[0].net_wall:.2f} -> {few[1].net_wall:.2f} s, '
          f'{few[0].net_wall / few[1].net_wall:.2f} times as fast; CPU {few[1].net / few[0].net:.2f} times')
    two_at_once(b, halves, [*b.sigma, '--min-level', 'critical'])
    for f in (f for files in halves for f in files):
        os.remove(f)
    dump = run([b.program, 'dump', '--format', 'xml', '-o', b.out, *b.files], b.repeat)
    dump.net = dump.cpu
    b.row('dump, XML', b.files, dump, n)
    size = corpus.size_of(b.files)
    return {'our rules': size / own.net, name: size / compiled.net, f'{name}, kept': size / best.net, f'{name}, kept, two threads by the wall': size / two.net_wall}


def channels(b, bandwidth):
    """The worst: process creations and scripts. Rules are kept compiled, as a start of 0.2 s would hide 0.1 s of scanning."""
    print('\nrules kept compiled\n' + HEAD)
    for channel in 'Sysmon', 'PowerShell', 'Security':
        files = [f for f in b.files if os.path.basename(f).startswith(channel + '-')]
        if files:
            b.row(f'channel {channel}', files, b.kept(files, b.sigma), b.records(files), bandwidth)
    for kind, count, name in ('process', 60000, 'Sysmon 1 alone (generated)'), ('script', 20000, '4104 alone (generated)'):
        files = [b.corpora.kind(kind, count)]
        b.row(name, files, b.kept(files, b.sigma), count, bandwidth)


def findings(path):
    with open(path, 'rb') as f:
        return hashlib.sha256(b''.join(sorted(f))).hexdigest()


def brute_force(b):
    n = b.records(b.small)
    guarded = b.scan(b.small, b.sigma)
    with_guards = findings(b.out)
    brute = b.scan(b.small, b.sigma, '--no-prefilter', repeat=1)
    same = with_guards == findings(b.out)
    print(f'\nguards: {guarded.net / n * 1e9:.0f} ns a record, every rule on every record: {brute.net / n * 1e9:.0f} '
          f'({brute.net / guarded.net:.0f} times); findings {"the same" if same else "DIFFER"}')
    return same


def json_lines(b):
    """Enough records that what is done once (tables of a kind of event, a script that is new) is not most of it."""
    lines = os.path.join(b.folder, 'lines.jsonl')
    files = b.corpora.make('for-json', min(b.mb, 512))
    n = b.records(files)
    subprocess.run([b.program, 'dump', '-o', lines, *files], check=True, stderr=subprocess.DEVNULL)
    yyjson = float(b.tool('bench_bytes', '--json', lines).split('\t')[1])
    size = os.path.getsize(lines)
    # A rule for an event id that is nowhere: what is left is reading.
    nothing = os.path.join(b.folder, 'nothing.yml')
    with open(nothing, 'w', encoding='utf-8') as f:
        f.write(ANCESTORS.replace('category: process_creation', 'service: sysmon').replace(
            "AncestorImage|endswith: '\\\\there-is-no-such-program.exe'", 'EventID: 254'))
    print(f'\nJSON Lines, {size / 1e6:.0f} MB, {n} records: yyjson parses {yyjson / 1e6:.0f} MB/s')
    rows = [('reading', ['--rules', nothing], ('--no-decode',)), ('scan, our rules', [], ()), ('- without layers', [], ('--no-decode',))]
    if b.sigma:
        rows += [("scan, SigmaHQ's rules", b.sigma, ()), ('- without layers', b.sigma, ('--no-decode',)),
                 ('- only critical findings written', b.sigma, ('--min-level', 'critical'))]
    for name, rules, more in rows:
        cost = b.scan([lines], rules, *more)
        print(f'{name:38} {size / cost.net / 1e6:7.0f} MB/s {cost.net / n * 1e9:7.0f} ns/rec {size / cost.net / yyjson:7.0%} of yyjson')


def other_text(b):
    """CSV, as programs write it that make one table of all events of a log or of all logs, and XML; rules are kept compiled."""
    files = b.corpora.make('for-text', min(b.mb, 48))
    lines, table, xml = (os.path.join(b.folder, name) for name in ('text.jsonl', 'table.csv', 'events.xml'))
    mb = min(b.mb, 256)
    subprocess.run([b.program, 'dump', '-o', lines, *files], check=True, stderr=subprocess.DEVNULL)
    inputs = []
    for name, channel in ("Security's fields", 'Security'), ('all fields', None):
        path = table.replace('table', f'table-{len(inputs)}')
        n, columns = forms.csv_of(lines, path, mb, channel)
        if n:
            inputs.append((f'CSV, {name} ({columns} columns)', path, n))
    larger = b.corpora.make('for-xml', min(b.mb, 96))
    subprocess.run([b.program, 'dump', '--format', 'xml', '-o', xml, *larger], check=True, stderr=subprocess.DEVNULL)
    inputs.append(('XML', xml, b.records(larger)))
    print()
    for name, path, n in inputs:
        cost, size = b.kept([path], b.sigma), os.path.getsize(path)
        print(f'{name + f", {size / 1e6:.0f} MB":38} {size / cost.net / 1e6:7.0f} MB/s {cost.net / n * 1e9:7.0f} ns/rec')
        os.remove(path)


def dumps(b):
    """Events as text that nobody keeps; bytes of logs a second of one thread, by what is written."""
    rates, size = {}, corpus.size_of(b.files)
    print()
    for form, name in ('jsonl', 'JSON Lines'), ('xml', 'XML'):
        one, two = (run([b.program, 'dump', '-t', n, '-f', form, '-o', '/dev/null', *b.files], b.repeat) for n in ('1', '2'))
        rates[f'dump, {name}'] = size / one.cpu
        print(f'{"dump, " + name:38} {size / one.cpu / 1e6:7.0f} MB/s; two threads {two.cpu / one.cpu:.2f} times the CPU, '
              f'{one.wall / two.wall:.2f} times as fast by the wall, peak {two.peak:.0f} MB')
    return rates


def start_up(b):
    cache = os.path.join(b.folder, 'cache')
    for name, rules in ('our rules', []), ("SigmaHQ's rules", b.sigma):
        if rules or name == 'our rules':
            cold = run(b.command([b.one], rules), b.repeat)
            kept = [a for a in b.command([b.one], rules) if a != '--no-cache'] + ['--cache-dir', cache]
            run(kept, 1)
            warm = run(kept, b.repeat)
            print(f'start with {name}: cold {cold.cpu * 1e3:.0f} ms CPU ({cold.wall * 1e3:.0f} wall), '
                  f'warm {warm.cpu * 1e3:.0f} ms CPU ({warm.wall * 1e3:.0f} wall)')


def large(b, mb):
    if not mb:
        return
    files = b.corpora.make('large', mb)
    for name, rules in ('our rules', ()), ("SigmaHQ's rules", b.sigma):
        if rules or name == 'our rules':
            less, cost = (b.scan(logs, rules, threads=2, repeat=1) for logs in (b.files, files))
            print(f'{corpus.size_of(files) / 1e6:.0f} MB, {name}, two threads, all findings sorted: {cost.cpu:.1f} s CPU, '
                  f'peak {cost.peak:.0f} MB; {corpus.size_of(b.files) / 1e6:.0f} MB: {less.peak:.0f} MB')
    for f in files:
        os.remove(f)


def flat_input(b):
    """The small corpus as flat JSON Lines, once for peers, several times for our scan, and its first line."""
    dumped, flat, long, one = (os.path.join(b.folder, name) for name in ('small.jsonl', 'flat.jsonl', 'long.jsonl', 'one.jsonl'))
    subprocess.run([b.program, 'dump', '-o', dumped, *b.small], check=True, stderr=subprocess.DEVNULL)
    peers.flat_lines(dumped, flat)
    with open(flat, 'rb') as f:
        text = f.read()
    for path, content in (long, text * 8), (one, text[:text.index(b'\n') + 1]):
        with open(path, 'wb') as f:
            f.write(content)
    return flat, long, one


def others(b, programs, rates):
    """CPU time of peers, their start left out as ours is. `rates`: bytes a second of our scans and dumps of the whole corpus."""
    flat, long, one = flat_input(b)
    flat_rates = {name: os.path.getsize(long) / b.scan([long], rules).net for name, rules in
                  (('our rules', ()), ("SigmaHQ's rules", b.sigma)) if rules or name == 'our rules'}
    print(f'\nother programs, on {corpus.size_of(b.small) / 1e6:.0f} MB of event logs or the same as flat JSON Lines; ours on more of the same')
    for peer in peers.found(programs, b.folder):
        files, start, ours = (b.small, [b.one], rates) if peer.reads_logs else ([flat], [one], flat_rates)
        try:
            cost, nothing = (sum(run(c, 1, may_complain=True).cpu for c in peer.commands(f)) for f in (files, start))
        except (OSError, RuntimeError) as e:
            print(f'{peer.name}: {e}')
            continue
        net, size = max(cost - nothing, 1e-3), corpus.size_of(files)
        print(f'{peer.name} ({peer.what}): start {nothing:.2f} s, then {net:.2f} s, {size / net / 1e6:.1f} MB/s; ours is as fast: ' +
              ', '.join(f'{rate * net / size:.0f} times ({rules})' for rules, rate in ours.items()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('build')
    parser.add_argument('--mb', type=int, default=1024, help='size of the corpus in MiB')
    parser.add_argument('--repeat', type=int, default=3)
    parser.add_argument('--large-mb', type=int, default=0, help='also the peak memory of a corpus of this size, such as 4096')
    parser.add_argument('--peer', action='append', default=[], metavar='NAME=PROGRAM')
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get('BENCH_FOLDER')) as folder:
        b = Bench(options, folder)
        print(f'{len(b.files)} files, {corpus.size_of(b.files) / 1e6:.0f} MB')
        bandwidth = {}
        for line in b.tool('bench_bytes', *b.files).splitlines():
            name, rate = line.split('\t')
            bandwidth[name] = float(rate)
            print(f'{name}: {float(rate) / 1e9:.1f} GB/s, one thread')
        print(b.tool('bench_scanner', '--times', str(options.repeat), *b.sigma, *b.files), end='')
        rates = whole_program(b, bandwidth['memory'])
        channels(b, bandwidth['memory'])
        same = brute_force(b)
        json_lines(b)
        other_text(b)
        rates |= dumps(b)
        print()
        start_up(b)
        large(b, options.large_mb)
        others(b, dict(p.split('=', 1) for p in options.peer), rates)
    return 0 if same else 1


if __name__ == '__main__':
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
