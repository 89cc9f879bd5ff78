#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every rule of SigmaHQ is loaded, or there is a reason that we know and stand by.

usage: test_sigmahq.py BUILD_FOLDER SOURCE_FOLDER   (skipped without ../shared beside the sources)

Active rules must all parse: what is refused is refused for its log source or for placeholders without values, never
for what it says. Of those for Windows event logs only those that no event log can hold are left out, once the
placeholders have values. Deprecated and unsupported ones load, or the reason is in the list below.
"""
import collections
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402

try:
    import yaml
except ImportError:
    print('skipped: no PyYAML')
    sys.exit(77)

ACTIVE = 'rules', 'rules-emerging-threats', 'rules-threat-hunting', 'rules-placeholder', 'rules-compliance'
PROBLEM = re.compile(r'^(.*?):(\d+):(\d+): not loaded: (.*) \[([a-z-]+)\]$')
ETW_ONLY = {'file_access': 13, 'file_rename': 2}
# The four conditions in `unsupported` that are prose or a language of somebody's own.
UNSUPPORTED_TEXT = 4


def documents(path):
    with open(path, encoding='utf-8') as handle:
        return [d for d in yaml.load_all(handle, yaml.CBaseLoader) if isinstance(d, dict)]


def rules_below(folder):
    for where, _, names in os.walk(folder):
        for name in names:
            if name.endswith('.yml'):
                yield os.path.join(where, name)


def refused(t, paths, *more):
    """{path: [(reason, code)]} of what `rules check` does not load, and how many rules load."""
    _, out, _ = t.run('rules', 'check', *more, *paths)
    found = collections.defaultdict(list)
    lines = out.decode().splitlines()
    for line in lines:
        match = PROBLEM.match(line)
        if match:
            found[match.group(1)].append((match.group(4), match.group(5)))
    return found, int(lines[-1].split()[0])


def is_windows(rule):
    source = rule.get('logsource', {})
    return source.get('product') == 'windows' or (source.get('category') == 'antivirus' and not source.get('product'))


def active(t, base):
    paths = [os.path.join(base, f) for f in ACTIVE]
    rules = {p: documents(p)[0] for f in paths for p in rules_below(f)}
    without, _ = refused(t, paths)
    codes = collections.Counter(code for reasons in without.values() for _, code in reasons)
    t.check(set(codes) == {'log-source', 'placeholder'}, f'every active rule parses: {codes}')
    with tempfile.TemporaryDirectory() as folder:
        with_values, loaded, names = without, 0, set()
        for _ in range(5):  # a rule names the first placeholder that it lacks
            names |= {n for reasons in with_values.values() for r, code in reasons if code == 'placeholder'
                      for n in re.findall(r'placeholder %(.*?)%', r)}
            values = os.path.join(folder, 'values.yml')
            with open(values, 'w', encoding='utf-8') as handle:
                handle.writelines(f"'{n}': ['value-one', 'value-two']\n" for n in sorted(names))
            with_values, loaded = refused(t, paths, '--placeholders', values)
    codes = collections.Counter(code for reasons in with_values.values() for _, code in reasons)
    t.check(set(codes) == {'log-source'}, f'placeholders with values: {codes}')
    windows = [p for p, rule in rules.items() if is_windows(rule)]
    left_out = collections.Counter(rules[p]['logsource'].get('category') for p in windows if p in with_values)
    t.check(dict(left_out) == ETW_ONLY, f'Windows rules that no event log can hold: {left_out}')
    waiting = sum(1 for p in windows if any(c == 'placeholder' for _, c in without.get(p, [])))
    others = [p for p in rules if not is_windows(rules[p]) and p not in with_values]
    t.check(not others, f'rules for other logs run on Windows logs: {others[:5]}')
    t.check(len(rules) == loaded + len(with_values), f'{len(rules)} rules, {loaded} loaded, {len(with_values)} refused')
    print(f'active: {len(rules)} rules, all parse; {len(windows)} for Windows event logs: {loaded} load when placeholders have '
          f'values, {loaded - waiting} without; {sum(left_out.values())} are for ETW only; the other '
          f'{len(with_values) - sum(left_out.values())} are for other logs')


def old(t, base):
    for folder, texts in ('deprecated', 0), ('unsupported', UNSUPPORTED_TEXT):
        found, loaded = refused(t, [os.path.join(base, folder)])
        codes = collections.Counter(code for reasons in found.values() for _, code in reasons)
        t.check(set(codes) <= {'log-source', 'placeholder', 'undefined-name'}, f'{folder}: {codes}')
        t.check(codes['undefined-name'] == texts, f'{folder}: conditions that are no conditions: {codes}')
        for path, reasons in found.items():
            sources = [d.get('logsource', {}) for d in documents(path)]
            for reason, code in reasons:
                windows = code == 'log-source' and all(s.get('product', 'windows') == 'windows' for s in sources if s)
                t.check(not windows or 'category' in reason, f'{path}: {reason}')
        print(f'{folder}: {loaded} load, {dict(codes)}')


def main():
    base = os.path.join(sys.argv[2], '../shared/rules/sigma')
    if not os.path.isdir(base):
        print('skipped: no ../shared beside the sources')
        sys.exit(77)
    t = Test(sys.argv[1])
    active(t, base)
    old(t, base)
    t.end()


main()
