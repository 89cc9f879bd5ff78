# SPDX-License-Identifier: Apache-2.0
"""Other programs on the same logs and rules. Those that are not there are left out; none is fetched."""
import json
import os
import shutil
import sys
from typing import Callable, NamedTuple

import corpus

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'e2e'))
import event_shapes  # noqa: E402


class Peer(NamedTuple):
    name: str
    what: str
    reads_logs: bool  # else flat JSON Lines, one object an event
    commands: Callable  # of the input's files


def found(programs, work):
    """The peers of `programs` or PATH; what they write goes to the folder `work`."""
    rules = corpus.sigma()[1::2]

    def path(name):
        return programs.get(name) or shutil.which(name)

    def folder(files):
        return os.path.dirname(files[0])

    def chainsaw(p, files):
        mapping = os.path.join(os.path.dirname(p), 'mappings/sigma-event-logs-all.yml')
        return [[p, 'hunt', folder(files), *(a for r in rules for a in ('-s', r)), '--mapping', mapping,
                 '--json', '-o', os.path.join(work, 'chainsaw.json')]]

    known = [
        ('evtxexport', 'XML, no rules', True, lambda p, files: [[p, '-f', 'xml', f] for f in files]),
        ('evtx_dump', 'JSON Lines, no rules', True, lambda p, files: [[p, '-t', '1', '-o', 'jsonl', f] for f in files]),
        ('hayabusa', 'its own rules', True, lambda p, files: [[p, 'json-timeline', '-w', '-q', '-C', '-d', folder(files),
                                                               '-o', os.path.join(work, 'hayabusa.json')]]),
        ('chainsaw', "SigmaHQ's rules", True, chainsaw),
        ('zircolite.py', 'its own rules', True, lambda p, files: [[p, '--evtx', folder(files), '-o',
                                                                   os.path.join(work, 'zircolite.json')]]),
        ('rsigma', "SigmaHQ's rules, flat JSON Lines", False, lambda p, files: [
            [p, 'engine', 'eval', '-q', '-r', one_folder(rules, work), '-e', '@' + f] for f in files]),
    ]
    for name, what, reads_logs, commands in known:
        program = path(name)
        if program and (rules or name not in ('chainsaw', 'rsigma')):
            yield Peer(name, what, reads_logs, lambda files, program=program, commands=commands: commands(program, files))


def one_folder(rules, work):
    """A folder that holds all of `rules`, for programs that take one."""
    folder = os.path.join(work, 'peer-rules')
    if not os.path.isdir(folder):
        for i, rule in enumerate(rules):
            shutil.copytree(rule, os.path.join(folder, str(i)))
    return folder


def flat_lines(dumped, path):
    """The events of `sekisho dump` as flat JSON Lines."""
    with open(dumped, encoding='utf-8') as source, open(path, 'w', encoding='utf-8') as out:
        for line in source:
            out.write(json.dumps(event_shapes.zircolite(json.loads(line)['Event'])[0], ensure_ascii=False) + '\n')
