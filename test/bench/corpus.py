# SPDX-License-Identifier: Apache-2.0
"""What the bench reads: event logs, rules, and variations of both."""
import multiprocessing
import os
import subprocess

import records

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.path.normpath(os.path.join(HERE, '../../../shared'))
SIGMA_FOLDERS = [os.path.join(SHARED, 'rules/sigma', f) for f in ('rules/windows', 'rules-emerging-threats', 'rules-threat-hunting')]
OWN_MIX = {'logon': 50, 'process': 15, 'security-process': 15, 'registry': 15, 'script': 5}  # per cent of records


def apart(function, *args):
    """Calls `function` in a process of its own: the kernel counts what a parent held as a child's peak memory."""
    process = multiprocessing.get_context('fork').Process(target=function, args=args)
    process.start()
    process.join()
    if process.exitcode != 0:
        raise RuntimeError(f'{function.__name__} failed')


def logs_in(folder):
    return sorted(os.path.join(d, f) for d, _, names in os.walk(folder) for f in names if f.lower().endswith('.evtx'))


def size_of(files):
    return sum(os.path.getsize(f) for f in files)


def sigma():
    """Options that load SigmaHQ's Windows rules; none where they are not."""
    return [a for f in SIGMA_FOLDERS for a in ('--rules', f)] if os.path.isdir(SIGMA_FOLDERS[0]) else []


class Corpora:
    """Dense event logs: of public samples where they stand beside the repository, else of our own writer's."""

    def __init__(self, build, folder):
        self.writer, self.folder = os.path.join(build, 'test/write_events'), folder
        source = os.path.join(SHARED, 'tools/mkcorpus.c')
        self.tool = os.path.join(folder, 'mkcorpus') if os.path.exists(source) else None
        if self.tool:
            subprocess.run(['cc', '-O2', source, '-o', self.tool, '-lz'], check=True)
            self.samples = sorted(f for sub in ('corpus/evtx', 'corpus/odd') for f in logs_in(os.path.join(SHARED, sub)))

    def make(self, name, mb):
        folder = os.path.join(self.folder, name)
        if self.tool:
            subprocess.run([self.tool, '-o', folder, '-s', str(mb), '-f', '256', '-u', '-b', 'corpus/odd', '-a', '30'],
                           input='\n'.join(self.samples) + '\n', text=True, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        else:
            os.makedirs(folder)
            for kind, share in OWN_MIX.items():
                self.kind(kind, mb * 1100 * share // 100, folder)
        return logs_in(folder)

    def kind(self, kind, count, folder=None):
        """A log of records of one kind."""
        path = os.path.join(folder or self.folder, f'{kind}-{count}.evtx')
        apart(records.write, self.writer, kind, count, path)
        return path


def shifted(text, by):
    """`text` with other letters: what it stood for is not found any more, its length and its form stay."""
    def shift(c):
        if 'a' <= c <= 'z':
            return chr((ord(c) - 97 + by) % 26 + 97)
        return chr((ord(c) - 65 + by) % 26 + 65) if 'A' <= c <= 'Z' else c
    return ''.join(map(shift, text))


def _shift_values(item, by):
    if isinstance(item, dict):
        kept = ('|re', '|cidr', '|exists', '|base64', '|expand')  # another meaning, or none, with other letters
        return {k: v if any(m in str(k) for m in kept) else _shift_values(v, by) for k, v in item.items()}
    if isinstance(item, list):
        return [_shift_values(v, by) for v in item]
    return shifted(item, by) if isinstance(item, str) else item


def clone_rules(folder, times):
    """SigmaHQ's rules and `times` - 1 clones of each, with ids of their own and shifted literals."""
    apart(_clone_rules, folder, times)
    return ['--rules', folder]


def _clone_rules(folder, times):
    import yaml
    loader, dumper = getattr(yaml, 'CSafeLoader', yaml.SafeLoader), getattr(yaml, 'CSafeDumper', yaml.SafeDumper)
    os.makedirs(folder)
    n = 0
    for source in SIGMA_FOLDERS:
        for path in sorted(os.path.join(d, f) for d, _, names in os.walk(source) for f in names if f.endswith('.yml')):
            with open(path, encoding='utf-8') as f:
                documents = [d for d in yaml.load_all(f, loader) if isinstance(d, dict)]
            if len(documents) != 1 or 'detection' not in documents[0]:
                continue
            rule = documents[0]
            clones = []
            for by in range(times):
                detection = {k: v if k in ('condition', 'timeframe') else _shift_values(v, by)
                             for k, v in rule['detection'].items()}
                clones.append({**rule, 'id': f'{n:08x}-0000-4000-8000-{by:012x}', 'detection': detection})
            n += 1
            with open(os.path.join(folder, f'{n:05}.yml'), 'w', encoding='utf-8') as f:
                yaml.dump_all(clones, f, dumper, sort_keys=False, allow_unicode=True)
