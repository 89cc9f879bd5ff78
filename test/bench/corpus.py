# SPDX-License-Identifier: Apache-2.0
"""What the bench reads: event logs, rules, and variations of both."""
import fnmatch
import multiprocessing
import os
import re
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
    """`text` with other letters and digits: what it stood for is not found any more, its length and its form stay."""
    def shift(c):
        for first, n in ('a', 26), ('A', 26), ('0', 10):
            if 0 <= ord(c) - ord(first) < n:
                return chr((ord(c) - ord(first) + by) % n + ord(first))
        return c
    return ''.join(map(shift, text))


# Another meaning, or none, with other letters; and what tells which events a rule is asked about at all.
KEPT = '|re', '|cidr', '|exists', '|base64', '|expand', '|fieldref', '|lt', '|gt', '|minute', '|hour', '|day', '|week', '|month', '|year'
ROUTES = 'EventID', 'Provider_Name', 'Channel'


def _is_kept(key):
    return key.split('|')[0] in ROUTES or any(m in key for m in KEPT)


def _shift_values(item, by):
    if isinstance(item, dict):
        return {k: v if _is_kept(str(k)) else _shift_values(v, by) for k, v in item.items()}
    if isinstance(item, list):
        return [_shift_values(v, by) for v in item]
    if isinstance(item, int) and not isinstance(item, bool):
        return item + 7919 * by
    return shifted(item, by) if isinstance(item, str) else item


def _never(item):
    """True when nothing that the original matches is matched by `item` once its literals are changed."""
    if isinstance(item, dict):
        return any(not _is_kept(str(k)) and _never(v) for k, v in item.items())
    if isinstance(item, list):
        return bool(item) and all(map(_never, item))
    if isinstance(item, str):
        return sum(c.isascii() and c.isalnum() for c in item) >= 3  # a letter or two are found in most texts
    return isinstance(item, int) and not isinstance(item, bool)


class _Condition:
    """Whether a condition of Sigma can hold, and whether it can fail, when the searches that are `never` do not match."""

    def __init__(self, text, detection):
        self.words = re.findall(r'[()]|[^\s()]+', text.split('|')[0])
        self.known = {k: (not _never(v), True) for k, v in detection.items() if k not in ('condition', 'timeframe')}

    def _next(self):
        return self.words.pop(0)

    def _searches(self, pattern):
        if pattern == 'them':
            return [v for k, v in self.known.items() if not k.startswith('_')]
        return [v for k, v in self.known.items() if fnmatch.fnmatchcase(k, pattern)]

    def _term(self):
        word = self._next()
        if word == '(':
            inside = self.either()
            self._next()
            return inside
        if word.lower() == 'not':
            holds, fails = self._term()
            return fails, holds
        if self.words and self.words[0].lower() == 'of':
            self._next()
            searches = self._searches(self._next())
            join = all if word.lower() == 'all' else any
            other = any if join is all else all
            return join(h for h, _ in searches), other(f for _, f in searches)
        return self.known[word]

    def _both(self):
        holds, fails = self._term()
        while self.words and self.words[0].lower() == 'and':
            self._next()
            h, f = self._term()
            holds, fails = holds and h, fails or f
        return holds, fails

    def either(self):
        holds, fails = self._both()
        while self.words and self.words[0].lower() == 'or':
            self._next()
            h, f = self._both()
            holds, fails = holds or h, fails and f
        return holds, fails


def has_literal(detection):
    """True when a clone of the rule with changed literals cannot match what the rule matches."""
    conditions = detection['condition']
    return not any(_Condition(c, detection).either()[0] for c in (conditions if isinstance(conditions, list) else [conditions]))


def clone_rules(folder, times):
    """Options that load SigmaHQ's rules and `times` - 1 clones of each, with ids of their own and changed literals.

    Rules that match by an event's number or by exclusions alone have nothing to change: their clones would be
    copies that match as often as they do, so there are none. How many, is said in the file `left-out`."""
    apart(_clone_rules, folder, times)
    return ['--rules', folder]


def _clone_rules(folder, times):
    import yaml
    loader, dumper = getattr(yaml, 'CSafeLoader', yaml.SafeLoader), getattr(yaml, 'CSafeDumper', yaml.SafeDumper)
    os.makedirs(folder)
    n = left_out = 0
    for source in SIGMA_FOLDERS:
        for path in sorted(os.path.join(d, f) for d, _, names in os.walk(source) for f in names if f.endswith('.yml')):
            with open(path, encoding='utf-8') as f:
                documents = [d for d in yaml.load_all(f, loader) if isinstance(d, dict)]
            if len(documents) != 1 or 'detection' not in documents[0]:
                continue
            rule = documents[0]
            cloned = has_literal(rule['detection'])
            left_out += not cloned
            clones = []
            for by in range(times if cloned else 1):
                detection = {k: v if k in ('condition', 'timeframe') else _shift_values(v, by)
                             for k, v in rule['detection'].items()}
                clones.append({**rule, 'id': f'{n:08x}-0000-4000-8000-{by:012x}', 'detection': detection})
            n += 1
            with open(os.path.join(folder, f'{n:05}.yml'), 'w', encoding='utf-8') as f:
                yaml.dump_all(clones, f, dumper, sort_keys=False, allow_unicode=True)
    with open(os.path.join(folder, 'left-out'), 'w', encoding='utf-8') as f:
        f.write(f'{left_out} of {n} rules have no literal and no clones\n')
