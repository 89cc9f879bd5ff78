# SPDX-License-Identifier: Apache-2.0
"""Other programs on the same logs and rules. Those that are not there are left out; none is fetched."""
import os
import shutil

import corpus


def commands(programs, files, lines, work):
    """(name, what it does, one command a file) of each program of `programs` or PATH. `lines`: the same events as JSON
    Lines, one flat object each, for programs that read no event logs."""
    def find(name):
        return programs.get(name) or shutil.which(name)

    rules = corpus.sigma()[1::2]
    logs = os.path.dirname(files[0])
    known = [
        ('evtxexport', 'XML, no rules', lambda p: [[p, '-f', 'xml', f] for f in files]),
        ('evtx_dump', 'JSON Lines, no rules', lambda p: [[p, '-t', '1', '-o', 'jsonl', f] for f in files]),
        ('hayabusa', 'its own rules', lambda p: [[p, 'json-timeline', '-w', '-q', '-C', '-d', logs, '-o',
                                                  os.path.join(work, 'hayabusa.json')]]),
        ('chainsaw', "SigmaHQ's rules", lambda p: [[p, 'hunt', logs, *(a for r in rules for a in ('-s', r)), '--mapping',
                                                   os.path.join(os.path.dirname(p), 'mappings/sigma-event-logs-all.yml'),
                                                   '--json', '-o', os.path.join(work, 'chainsaw.json')]]),
        ('zircolite.py', 'its own rules', lambda p: [[p, '--evtx', logs, '-o', os.path.join(work, 'zircolite.json')]]),
        ('rsigma', "SigmaHQ's rules, from JSON Lines", lambda p: [[p, 'engine', 'eval', *(a for r in rules for a in ('-r', r)), '-e', '@' + lines]]),
    ]
    for name, what, command in known:
        program = find(name)
        if program:
            yield name, what, command(program)
