#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Inputs beside EVTX: the same events as EVTX, XML, CSV and JSON in many shapes give the same findings.

usage: test_inputs.py BUILD_FOLDER [SOURCE_FOLDER]

Always on the bundled case; on 100 real files with SigmaHQ's rules where ../shared stands beside the
source, else it says so.
"""
import collections
import csv
import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import event_shapes as shapes  # noqa: E402
from lib import Test  # noqa: E402

REAL_FILES = 100


def find_evtx(folder):
    return sorted(os.path.join(d, f) for d, _, names in os.walk(folder) for f in names if f.endswith('.evtx'))


class Comparison:
    """Scans inputs and compares their findings, as a multiset of all that does not name the input."""

    def __init__(self, t, folder, options=()):
        self.t, self.folder, self.options = t, folder, options
        self.code = 0

    def scan(self, path, stdin=None):
        code, out, err = self.t.run('scan', '-q', '--format', 'jsonl', *self.options, path, stdin=stdin)
        self.code, self.err = code, err
        return [json.loads(line) for line in out.splitlines()]

    @staticmethod
    def key(finding, time=True):
        def strip(event):
            return {k: v for k, v in event.items() if k != 'file' and (time or k != 'timestamp')}
        kept = strip(finding)
        for part in 'script', 'correlation':  # they name the events that they are made of
            if part in kept:
                kept[part] = {**kept[part], 'events': [strip(e) for e in kept[part]['events']]}
        if not time:  # a chain says when each stage began
            kept['matched'] = [{**m, 'value': re.sub('(, the first|:) at [^ ,]*Z', '', m['value'])} for m in kept['matched']]
        return json.dumps(kept, sort_keys=True)

    def same(self, what, found, expected, time=True):
        a = collections.Counter(self.key(f, time) for f in found)
        b = collections.Counter(self.key(f, time) for f in expected)
        self.t.check(a == b, f'{what}: {sum((b - a).values())} findings are missing, {sum((a - b).values())} are new')
        for sign, only in ('-', b - a), ('+', a - b):
            for key in list(only)[:2]:
                print('  ', sign, key[:300])

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'wb') as handle:
            handle.write(text if isinstance(text, bytes) else text.encode())
        return path


def dump(t, paths, form):
    code, out, err = t.run('dump', '--format', form, *paths)
    t.check(code == 0, f'dump --format {form}: exit code {code}: {err[-200:]}')
    return out


def jsonl(records):
    return ''.join(json.dumps(r, ensure_ascii=False) + '\n' for r in records)


def to_csv(events):
    """Flat names; what a name stands for twice is joined, and empty cells are absent fields."""
    rows = [shapes.zircolite(event)[0] for event in events]
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    for row in rows:
        writer.writerow({k: '\n'.join(v) if isinstance(v, list) else shapes.text(v) for k, v in row.items()})
    return out.getvalue()


def has_list_or_empty(event):
    """What CSV cannot say: several values of a name, and an empty one."""
    flat = shapes.zircolite(event)[0]
    return any(isinstance(v, list) or v == '' for v in flat.values())


def tree_shapes(c, events, expected):
    """Shapes that lose nothing that a rule can ask for."""
    for shape in shapes.crate, shapes.hayabusa, shapes.velociraptor, shapes.winlogbeat, shapes.dotted_winlogbeat:
        path = c.write(f'{shape.__name__}.jsonl', jsonl(shape(e) for e in events))
        found = c.scan(path)
        c.t.check(c.code == 0, f'{shape.__name__}: exit code {c.code}: {c.err[-300:]}')
        c.same(shape.__name__, found, expected, time=shape is not shapes.velociraptor)  # seconds as a float there


def flat_shapes(c, events, expected_of):
    """Shapes in which a field of an event's data is lost when the system part has its name."""
    for shape in shapes.nxlog, shapes.zircolite:
        records = [shape(e) for e in events]
        kept = [e for e, (_, lost) in zip(events, records) if not lost]
        path = c.write(f'{shape.__name__}.jsonl', jsonl(r for r, lost in records if not lost))
        found = c.scan(path)
        c.t.check(c.code == 0, f'{shape.__name__}: exit code {c.code}: {c.err[-300:]}')
        print(f'   {shape.__name__}: {len(events) - len(kept)} of {len(events)} events left out for names that collide')
        c.t.check(len(kept) > len(events) * 0.95, f'{shape.__name__}: too many events left out')
        c.same(shape.__name__, found, expected_of(kept))


def same_findings(c, files, whole):
    """All shapes of the events of `files`, whose findings as EVTX are those of `whole`."""
    expected = c.scan(whole)
    c.t.check(c.code == 0 and len(expected) > 50, f'EVTX: exit code {c.code}, {len(expected)} findings')
    lines = dump(c.t, files, 'jsonl')
    xml = dump(c.t, files, 'xml')
    events = [json.loads(line)['Event'] for line in lines.splitlines()]
    ours = c.write('dump.jsonl', lines)
    c.same('our own dump', c.scan(ours), expected)
    c.same('XML', c.scan(c.write('dump.xml', xml)), expected)
    tree_shapes(c, events, expected)

    def expected_of(kept):
        return c.scan(c.write('kept.jsonl', jsonl({'Event': e} for e in kept)))
    flat_shapes(c, events, expected_of)
    plain = [e for e in events if not has_list_or_empty(e) and not shapes.zircolite(e)[1]]
    c.same('CSV', c.scan(c.write('flat.csv', to_csv(plain))), expected_of(plain))
    print(f'   {len(events)} events, {len(expected)} findings; CSV: {len(plain)} events that it can hold')
    return ours, lines, xml, expected


def dump_of_dump(c, ours, lines, xml):
    """What was dumped and read again is dumped the same."""
    c.t.check(c.t.run('dump', ours)[1] == lines, 'dump of our own dump: other bytes')
    path = os.path.join(c.folder, 'dump.xml')
    c.t.check(c.t.run('dump', '--format', 'xml', path)[1] == xml, 'dump of our own XML: other bytes')
    c.t.check(c.t.run('dump', '--format', 'xml', ours)[1] == xml, 'XML of our own JSON dump: other bytes')


def written_otherwise(c, lines, xml, expected):
    """The same text in other layouts and encodings."""
    records = [json.loads(line) for line in lines.splitlines()]
    events = xml.decode()
    pretty = ''.join(json.dumps(r, indent=2, ensure_ascii=False) + '\n' for r in records)
    wrapped = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Events>' + events.replace('</Event>\n', '</Event>') + '</Events>'
    texts = {'array.json': json.dumps(records), 'pretty array.json': json.dumps(records, indent=1), 'pretty.json': pretty,
             'joined.json': ''.join(json.dumps(r) for r in records), 'ascii.jsonl': ''.join(json.dumps(r) + '\r\n' for r in records),
             'wrapped.xml': wrapped}
    files = {name: text.encode() for name, text in texts.items()}
    files['bom.jsonl'] = b'\xef\xbb\xbf' + lines
    for name, text in ('utf16.jsonl', lines.decode()), ('utf16.xml', wrapped):
        files['le ' + name] = ('\ufeff' + text).encode('utf-16-le')
        files['be ' + name] = ('\ufeff' + text).encode('utf-16-be')
    files['no mark.xml'] = wrapped.encode('utf-16-le')
    for name, data in files.items():
        found = c.scan(c.write(name, data))
        c.t.check(c.code == 0, f'{name}: exit code {c.code}: {c.err[-200:]}')
        c.same(name, found, expected)


def in_packages(c, lines, xml, expected):
    with zipfile.ZipFile(os.path.join(c.folder, 'a.zip'), 'w', zipfile.ZIP_DEFLATED) as package:
        package.writestr('logs/events.log', lines)  # the name says nothing
        package.writestr('notes.txt', 'nothing')
    with tarfile.open(os.path.join(c.folder, 'a.tar.gz'), 'w:gz') as package:
        info = tarfile.TarInfo('events')
        info.size = len(xml)
        package.addfile(info, io.BytesIO(xml))
    c.write('a.jsonl.gz', gzip.compress(lines))
    names = ['a.zip', 'a.tar.gz', 'a.jsonl.gz']
    if shutil.which('7z'):
        inner = c.write('inner.jsonl', lines)
        subprocess.run(['7z', 'a', '-bd', os.path.join(c.folder, 'a.7z'), inner], check=True, stdout=subprocess.DEVNULL)
        names.append('a.7z')
    for name in names:
        found = c.scan(os.path.join(c.folder, name))
        c.t.check(c.code == 0, f'{name}: exit code {c.code}: {c.err[-200:]}')
        c.same(name, found, expected)
        c.t.check(all(f['file'].startswith(os.path.join(c.folder, name) + '!') for f in found), f'{name}: names of members')
    c.same('standard input', c.scan('-', stdin=lines), expected)
    c.same('gzip on standard input', c.scan('-', stdin=gzip.compress(xml)), expected)


def without_archives(c, lines):
    """Where libarchive is missing or damaged, everything else is read, and an archive says what is missing."""
    where = os.path.join(c.folder, 'libraries')
    os.mkdir(where)
    c.write('libraries/libarchive.so.13', b'no library')
    log = c.write('alone.jsonl', lines)
    with zipfile.ZipFile(os.path.join(c.folder, 'alone.zip'), 'w') as package:
        package.write(log, 'alone.jsonl')
    with_it, without = ([c.t.run('scan', '-q', '--format', 'jsonl', path, env=env) for path in (log, os.path.join(c.folder, 'alone.zip'))]
                        for env in ({}, {'LD_LIBRARY_PATH': where}))
    c.t.check(without[0] == with_it[0], 'a log is scanned without libarchive')
    c.t.check(with_it[1][0] == 0 and with_it[1][1] != b'', f'an archive needs it: {with_it[1][2][-300:]}')
    c.t.check(without[1][:2] == (4, b''), f'an archive without it: exit code {without[1][0]}: {without[1][1][-300:]}')
    code, out, _ = c.t.run('scan', os.path.join(c.folder, 'alone.zip'), env={'LD_LIBRARY_PATH': where})
    c.t.check(code == 4 and b'is missing' in out and b'libarchive.so.13' in out, f'what is missing is not told: {out[-300:]}')
    code, _, err = c.t.run('scan', '-q', '--no-cache', '-r', os.path.join(c.folder, 'alone.zip'), log, env={'LD_LIBRARY_PATH': where})
    c.t.check(code == 2 and b'libarchive.so.13' in err, f'rules in an archive without it: exit code {code}: {err[-300:]}')


def threads(c, ours):
    outs = {c.t.run('scan', '-q', '--format', 'jsonl', '--threads', n, ours, os.path.join(c.folder, 'dump.xml'))[1]
            for n in ('1', '2', '5')}
    c.t.check(len(outs) == 1, 'the output depends on the number of threads')


def folders(c, lines):
    """In a folder, text that is no log is passed over; a text that somebody names is not."""
    folder = os.path.join(c.folder, 'mixed')
    os.mkdir(folder)
    for name, data in ('events.txt', lines), ('package.json', b'{"name":"x","version":"1"}'), ('page.xml', b'<?xml version="1.0"?><a/>'), \
            ('prices.csv', b'name,price\nx,1\n'), ('README', b'text'), \
            ('findings.jsonl', c.t.run('scan', '-q', '--format', 'jsonl', os.path.join(c.folder, 'dump.xml'))[1]):
        with open(os.path.join(folder, name), 'wb') as handle:
            handle.write(data)
    code, out, err = c.t.run('scan', folder)
    c.t.check(code == 0 and b'5 other files ignored' in out, f'mixed folder: exit code {code}: {out[-300:]}')
    code, _, err = c.t.run('scan', '-q', '--format', 'jsonl', os.path.join(folder, 'package.json'))
    c.t.check(code != 0, 'a named file without an event looks like a clean one')
    code, _, err = c.t.run('scan', '-q', '--format', 'jsonl', os.path.join(folder, 'README'))
    c.t.check(code != 0, 'a named file that is no log looks like a clean one')


def broken(c, lines):
    rows = lines.splitlines(keepends=True)
    good = len(c.scan(c.write('few.jsonl', b''.join(rows[:200]))))
    cut = b''.join(rows[:100]) + b'{"Event": {"System"\n' + b'\x00\xff garbage\n' + b''.join(rows[100:200]) + rows[200][:50]
    found = c.scan(c.write('broken.jsonl', cut))
    c.t.check(len(found) == good, f'broken lines: {len(found)} findings, {good} without them')
    code, _, err = c.t.run('dump', os.path.join(c.folder, 'broken.jsonl'))
    c.t.check(err.count(b'record is not JSON, or is cut at offset') == 3, f'broken lines are not told: {err[-300:]}')


RULES = """
title: One
id: 3f0c4e5a-6d1b-4a57-9a0e-0f3f6f9f7b01
name: one
level: high
logsource: {product: windows, service: security}
detection: {one: {EventID: 1}, condition: one}
---
title: Three at once
id: 3f0c4e5a-6d1b-4a57-9a0e-0f3f6f9f7b02
level: high
correlation: {type: event_count, rules: [one], generate: true, timespan: 1m, condition: {gte: 3}}
"""


def without_time(c):
    rules, summary = c.write('time.yml', RULES), os.path.join(c.folder, 'time.json')
    for written, bounds, records, correlated in (('not a time', ['--from', '2026-02-01'], 3, 0),
                                                 ('not a time', ['--to', '2020-02-01'], 3, 0),
                                                 ('2026-01-05T10:00:00Z', [], 3, 1),
                                                 ('2026-01-05T10:00:00Z', ['--from', '2026-02-01'], 0, 0)):
        line = jsonl([{'EventID': 1, 'Channel': 'Security', 'Computer': 'h', 'TimeCreated': written}])
        log = c.write('time.jsonl', line * 3)
        _, out, _ = c.t.run('scan', '-q', '--no-cache', '--rules', rules, '--format', 'jsonl',
                            '--summary', summary, *bounds, log)
        titles = collections.Counter(json.loads(row)['rule_title'] for row in out.splitlines())
        c.t.check((titles['One'], titles['Three at once']) == (records, correlated), f'{written}, {bounds}: {titles}')
        with open(summary, encoding='utf-8') as file:
            told = json.load(file)['summary']['records_without_time']
        c.t.check(told == (3 if written == 'not a time' else 0), f'{written}: {told} without a time')


COPIED = """title: One
name: one
id: 3f0c4e5a-6d1b-4a57-9a0e-0f3f6f9f7b11
logsource: {product: windows, service: security}
detection: {one: {EventID: 1}, condition: one}
---
title: Same
name: same
id: 3f0c4e5a-6d1b-4a57-9a0e-0f3f6f9f7b12
logsource: {product: windows, service: security}
detection: {same: {Channel: Security}, condition: same}
---
title: Three
id: 3f0c4e5a-6d1b-4a57-9a0e-0f3f6f9f7b13
correlation: {type: event_count, rules: [one, same], timespan: 1m, condition: {gte: 3}}
---
title: Both
id: 3f0c4e5a-6d1b-4a57-9a0e-0f3f6f9f7b14
correlation: {type: temporal, rules: [one, same], generate: true, timespan: 1m, condition: {gte: 2}}
---
title: Again
id: 3f0c4e5a-6d1b-4a57-9a0e-0f3f6f9f7b15
correlation: {type: temporal_ordered, rules: [one, one], timespan: 1m}
"""


def copies(c):
    """A record that is read twice counts once in correlations, and that is told."""
    rules, summary = c.write('copied.yml', COPIED), os.path.join(c.folder, 'copied.json')

    def row(number, **other):
        return {'EventID': 1, 'Channel': 'Security', 'Computer': 'h', 'EventRecordID': number,
                'TimeCreated': f'2026-01-05T10:00:0{number or 5}Z', **other}

    def scan(*logs, threads=1):
        _, out, _ = c.t.run('scan', '-q', '--no-cache', '--rules', rules, '--format', 'jsonl', '--summary', summary,
                            f'-t{threads}', *logs)
        with open(summary, encoding='utf-8') as file:
            told = json.load(file)['summary']['correlation_copies']
        found = collections.Counter(json.loads(line)['rule_title'] for line in out.splitlines())
        return (found['One'], found['Three'], found['Both'], found['Again']), told, out

    def log(name, *rows):
        return c.write(name, jsonl(rows))

    one, two, first = log('1.jsonl', row(1)), log('2.jsonl', row(1)), row(1)
    expected = {'one': ([one], (1, 0, 0, 0), 0), 'a copy': ([one, two], (2, 0, 0, 0), 1),
                'in one file': ([log('3.jsonl', row(1), row(1), row(1))], (3, 0, 0, 0), 2),
                'other numbers': ([log('4.jsonl', row(1), row(2)), two], (3, 0, 1, 1), 1),
                'three': ([log('5.jsonl', row(1), row(2), row(3)), two, one], (5, 1, 1, 1), 2),
                'without numbers': ([log('6.jsonl', *[{k: v for k, v in first.items() if k != 'EventRecordID'}] * 3)],
                                    (3, 1, 1, 1), 0),
                'numbered nothing': ([log('7.jsonl', row(0), row(0), row(0))], (3, 1, 1, 1), 0),
                'no numbers': ([log('8.jsonl', *[row('x', TimeCreated='2026-01-05T10:00:00Z')] * 3)], (3, 1, 1, 1), 0),
                'other computers': ([log('9.jsonl', row(1), row(1, Computer='g'), row(1, Computer='i'))], (3, 1, 1, 1), 0),
                'other events': ([log('12.jsonl', row(1), row(1, EventID=2), row(1, EventID=3))], (1, 1, 1, 0), 0),
                'no computer': ([log('13.jsonl', row(1, Computer=''), row(1, Computer=''), row(1, Computer=' '))],
                                (3, 1, 1, 1), 0),
                'other channels': ([log('10.jsonl', row(1), row(1, Channel='System'))], (1, 0, 0, 0), 0),
                'other times': ([log('11.jsonl', row(1), row(1, TimeCreated='2026-01-05T10:00:01.5Z'))], (2, 0, 1, 1), 0)}
    for what, (logs, found, told) in expected.items():
        got = scan(*logs)
        c.t.check(got[:2] == (found, told), f'{what}: {got[:2]}, not {(found, told)}')
        c.t.check(scan(*logs[::-1], threads=3) == got, f'{what}: depends on order or threads')
    _, out, _ = c.t.run('scan', '--no-cache', '--rules', rules, one, two)
    c.t.check(b'1 record is a copy of another' in out, f'the summary does not tell: {out[-300:]}')


def grouped_by_several_values(c):
    """Of a field with several values the first one is the group: an event is in one group only."""
    rules = c.write('grouped.yml', COPIED.split('---')[0] + '---\ntitle: Two\ncorrelation: {type: event_count, rules: [one], '
                    'group-by: [Data], timespan: 1m, condition: {gte: 2}}\n')
    rows = [{'EventID': 1, 'Channel': 'Security', 'Computer': 'h', 'TimeCreated': f'2026-01-05T10:00:0{n}Z', 'Data': data}
            for n, data in enumerate([['a', 'b'], ['b', 'a'], ['c', 'a', 'b'], ['a', 'c']])]
    _, out, _ = c.t.run('scan', '-q', '--no-cache', '--rules', rules, '--format', 'jsonl', c.write('grouped.jsonl', jsonl(rows)))
    groups = [json.loads(line)['correlation']['group'] for line in out.splitlines()]
    c.t.check(groups == [[{'field': 'Data', 'value': 'a'}]], f'groups of several values: {groups}')


def open_quote(c):
    log = c.write('quote.csv', b'EventID,Channel,Computer\n1,Security,h\n2,Security,"h\n3,Security,h\n')
    code, out, err = c.t.run('dump', log)
    c.t.check(code == 4 and out.count(b'\n') == 2, f'an open quote: exit code {code}, {out}')
    c.t.check(b'a quote is open at the end of the file: the rest is one record at offset 49' in err, f'not told: {err}')


def open_quote_in_header(c):
    """Nothing can be read then, and that is told where events would be lost."""
    folder = os.path.join(c.folder, 'quotes')
    os.mkdir(folder)
    rows = b'1,Security,h,x\n' * 9000
    c.write('quotes/good.csv', b'EventID,Channel,Computer\n1,Security,h\n')
    told = {'short.csv': b'EventID,Channel,"Computer\n1,Security,h\n', 'long.csv': b'sep=,\nEventID,"Channel,Computer,A\n' + rows,
            'escaped.csv': b'"EventID","Channel","Computer""\n' + rows, 'le.csv': '\ufeffEventID,Channel,"Computer\n1'.encode('utf-16-le')}
    for name, data in told.items():
        c.write(f'quotes/{name}', data)
    for name, data in ('prices.csv', b'name,"price\nx,1\n'), ('letter.txt', b'"Dear all, he said\n'), ('closed.csv', b'name,"price\n",x\n'):
        c.write(f'quotes/{name}', data)
    with zipfile.ZipFile(os.path.join(folder, 'in.zip'), 'w') as package:
        package.writestr('short.csv', told['short.csv'])
    code, out, err = c.t.run('dump', folder)
    c.t.check(code == 4 and out.count(b'\n') == 1, f'open quotes: exit code {code}, {out}')
    for name in *told, 'in.zip!short.csv':
        c.t.check(f'{name}: CSV of events whose header has a quote that is not closed'.encode() in err, f'{name} is not told: {err}')
    c.t.check(err.count(b'not closed') == len(told) + 1, f'more is told: {err}')


DOUBLED = b'EventID,Channel,User,User,Event ID,Computer\n1,Security,a,b,2,h\n3,Security,,d,4,h\n'


def doubled_names(c):
    """A name that the header has twice is one field with two values; one of the system part is the first."""
    _, out, err = c.t.run('dump', c.write('doubled.csv', DOUBLED))
    rows = [json.loads(line)['Event'] for line in out.splitlines()]
    c.t.check([row['System']['EventID'] for row in rows] == [1, 3], f'event ids: {rows}, {err}')
    for value, found in ('a', True), ('b', True), ('d', True), ('2', False):
        rules = c.write('doubled.yml', 'title: One\nid: 3f0c4e5a-6d1b-4a57-9a0e-0f3f6f9f7b21\nlogsource: {product: windows, service: security}\n'
                        f"detection: {{one: {{{'User' if found else 'EventID'}: '{value}'}}, condition: one}}\n")
        _, out, _ = c.t.run('scan', '-q', '--no-cache', '--rules', rules, '--format', 'jsonl', os.path.join(c.folder, 'doubled.csv'))
        c.t.check(out.count(b'\n') == found, f'{value} in a name that stands twice: {out}')


def dates(c):
    """Whether the month or the day comes first is told by a date of the file, or not guessed."""
    header = 'Level,Date and Time,Source,Event ID\n'
    for name, rows, expected in (('us', ['05/01/2024 10:20:30', '05/15/2024 10:20:30'], '2024-05-01T10:20:30'),
                                 ('gb', ['05/01/2024 10:20:30', '15/01/2024 10:20:30'], '2024-01-05T10:20:30'),
                                 ('de', ['05.01.2024 10:20:30'], '2024-01-05T10:20:30'),
                                 ('half', ['05/01/2024 10:20:30 PM'], '2024-05-01T22:20:30'),
                                 ('unknown', ['05/01/2024 10:20:30', '06/01/2024 10:20:30'], None)):
        log = c.write(f'{name}.csv', header + ''.join(f'Error,{row},a,1\n' for row in rows))
        summary = os.path.join(c.folder, 'dates.json')
        code, out, err = c.t.run('dump', log)
        c.t.run('scan', '-q', '--summary', summary, log)
        with open(summary, encoding='utf-8') as file:
            without = json.load(file)['summary']['records_without_time']
        first = json.loads(out.splitlines()[0])['Event']['System']['TimeCreated']['#attributes']['SystemTime']
        c.t.check(code == 0 and first.startswith(expected or rows[0]), f'{name}: {code}, {first}')
        c.t.check(without == (0 if expected else len(rows)), f'{name}: {without} records without a time')
        c.t.check((b'cannot be read at offset 36: ' + rows[0].encode() in err) == (not expected), f'{name}: {err}')


def times_are_shown(c):
    """The text of a time that cannot be read is told: bounded, whole characters, nothing that moves the cursor."""
    for text, shown in (('soon', 'soon'), ('時' * 30, '時' * 15), ('a\u001b[2Jb', None), ('x' * 47, 'x' * 47), ('x' * 48, 'x' * 47)):
        log = c.write('shown.jsonl', jsonl([{'EventID': 1, 'Channel': 'Security', 'Computer': 'h', 'TimeCreated': text}]))
        summary = os.path.join(c.folder, 'shown.json')
        _, _, err = c.t.run('dump', log)
        _, out, _ = c.t.run('scan', '--summary', summary, log)
        c.t.check(b'\x1b[2J' not in err + out, f'{text!r} reaches the terminal: {err + out}')
        with open(summary, encoding='utf-8') as file:
            what = json.load(file)['files'][0]['damages'][0]['what']
        c.t.check(what.endswith(': ' + (shown or text)), f'{text!r} in the summary: {what}')
        if shown:
            c.t.check(f'at offset 0: {shown}\n'.encode() in err, f'{text!r} is not told: {err}')
            c.t.check(f'at offset 0: {shown[:20]}'.encode() in out, f'{text!r} is not in the summary: {out}')


def clean_hosts(c):
    """A computer without a finding is named by the terminal and by the summary for programs."""
    rules, summary = c.write('clean.yml', COPIED.split('---')[0]), os.path.join(c.folder, 'clean.json')
    rows = [{'EventID': 1 if n == 0 else 2, 'Channel': 'Security', 'Computer': f'host{n:02}'} for n in range(14)]
    for kept, told in (rows, b'Hosts without a finding: host01, host02, host03, host04, host05, host06, host07, host08, host09, host10 ... 3 more\n'), \
            (rows[:2], b'Hosts without a finding: host01\n'), (rows[:1], None):
        _, out, _ = c.t.run('scan', '--no-cache', '--rules', rules, '--summary', summary, c.write('clean.jsonl', jsonl(kept)))
        c.t.check(told in out if told else b'without a finding' not in out, f'clean hosts: {out[-600:]}')
        with open(summary, encoding='utf-8') as file:
            hosts = [host['name'] for host in json.load(file)['summary']['hosts']]
        c.t.check(hosts == [row['Computer'] for row in kept], f'hosts in the summary for programs: {hosts}')


EUROPEAN = {'de': 'Ebene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie\r\nFehler,26.04.2022 02:20:11,y,2,Keine,"Text"\r\n'
                  'Informationen,27.04.2022 02:20:11,y,3,Keine,x\r\n',
            'fr': 'Niveau,Date et heure,Source,ID de l’événement,Catégorie de la tâche\r\nErreur,26/04/2022 02:20:11,y,2,Aucun,"Text"\r\n'
                  'Information,27/04/2022 02:20:11,y,3,Aucun,x\r\n',
            'audit': 'Mots clés,Date et heure,Source,ID de l’événement,Ordinateur\r\nÉchec de l’audit,26/04/2022 02:20:11,y,2,h,"Text"\r\n'}


def european(c):
    """Event Viewer's CSV in German and French."""
    for name, text in EUROPEAN.items():
        code, out, err = c.t.run('dump', c.write(f'{name}.csv', text.encode('utf-8-sig')))
        event = json.loads(out.splitlines()[0])['Event']
        system = event['System']
        c.t.check(code == 0 and system['EventID'] == 2 and system['Provider']['#attributes']['Name'] == 'y', f'{name}: {code}, {out}, {err}')
        c.t.check(system['TimeCreated']['#attributes']['SystemTime'] == '2022-04-26T02:20:11.0000000Z', f'{name}: {system}')
        c.t.check(system.get('Level') == 2 or system.get('Keywords') == '0x8010000000000000' and system['Computer'] == 'h', f'{name}: {system}')
        c.t.check(event['RenderingInfo']['Message'] == 'Text', f'{name}: {event}')


JAPANESE = ('レベル,日付と時刻,ソース,イベント ID,タスクのカテゴリ\r\n'
            '情報,2024/01/15 10:20:30,Microsoft-Windows-Sysmon,1,Process Create,"プロセスの作成:\r\nImage: 表\\ソ.exe ｱｲｳ|―"\r\n'
            'エラー,2024/01/05 9:20:30,y,2,なし,説明\r\n')


def japanese(c):
    """Event Viewer's CSV of a Japanese Windows, in Unicode and in its code page, also longer than one reading."""
    head, rows = JAPANESE.split('\r\n', 1)
    for times in 1, 20000:
        outs = {}
        for encoding in 'utf-8-sig', 'utf-8', 'cp932':
            log = c.write(f'{encoding}.csv', (head + '\r\n' + rows * times).encode(encoding))
            code, outs[encoding], err = c.t.run('dump', log)
            c.t.check(code == 0 and outs[encoding].count(b'\n') == 2 * times, f'{encoding}: {code}, {err[-200:]}')
            c.t.check(outs[encoding] == outs['utf-8-sig'], f'{encoding}: other records than in UTF-8')
    first, second = (json.loads(line)['Event'] for line in outs['cp932'].splitlines()[:2])
    c.t.check(first['System']['Level'] == 4 and second['System']['Level'] == 2, f'levels: {first}, {second}')
    c.t.check(first['RenderingInfo']['Message'].endswith('表\\ソ.exe ｱｲｳ|―'), f'message: {first}')
    c.t.check(second['System']['TimeCreated']['#attributes']['SystemTime'] == '2024-01-05T09:20:30.0000000Z', f'{second}')


def cut_behind_a_record(c):
    """What ends between two records has records that can all be read, and yet is not whole."""
    row = '{"EventID":1,"Channel":"Security"}'
    event = '<Event><System><EventID>1</EventID><Channel>Security</Channel></System></Event>'
    prolog = '<?xml version="1.0"?>\n<!-- x -->\n'
    for name, text, told in (('whole.json', f'[{row},\n{row}]\n', None), ('bare.json', f'{row}\n{row}\n', None),
                             ('two.json', f'[{row}]\n[{row}]', None), ('cut.json', f' [{row},\n{row},', 'an array'),
                             ('mark.json', f'\ufeff[{row},\n{row}', 'an array'),
                             ('long.json', '[' + f'{row},\n' * 40000 + row, 'an array'),
                             ('long_whole.json', '[' + f'{row},\n' * 40000 + row + ']', None),
                             ('whole.xml', f'{prolog}<Events>{event * 2}</Events>\n', None),
                             ('bare.xml', event * 2, None), ('cut.xml', f'{prolog}<Events>{event * 2}\n', '<Events>'),
                             ('long.xml', f'<Events>{event * 20000}', '<Events>'),
                             ('long_whole.xml', f'<Events>{event * 20000}</Events>', None)):
        code, out, err = c.t.run('dump', c.write(name, text))
        records = text.count('EventID":') + text.count('<Event>')
        c.t.check(out.count(b'\n') == records, f'{name}: not {records} records')
        c.t.check(code == (4 if told else 0), f'{name}: exit code {code}, {err[-200:]}')
        c.t.check(not told or f'the file ends inside {told}'.encode() in err, f'{name}: not told: {err[-200:]}')


def public_samples(t, source):
    shared = os.path.join(source, '..', 'shared')
    rules = os.path.join(shared, 'rules', 'sigma', 'rules')
    if not os.path.isdir(os.path.join(shared, 'corpus', 'evtx')) or not os.path.isdir(rules):
        print('skipped: no shared corpus')
        return
    with tempfile.TemporaryDirectory() as folder:
        every = find_evtx(os.path.join(shared, 'corpus', 'evtx'))
        step = max(1, len(every) // REAL_FILES)
        chosen = every[::step][:REAL_FILES]
        whole = os.path.join(folder, 'evtx')
        os.mkdir(whole)
        for i, path in enumerate(chosen):
            os.symlink(os.path.abspath(path), os.path.join(whole, f'{i:03}.evtx'))
        print(f'{len(chosen)} real files:')
        c = Comparison(t, folder, ('--rules', rules))
        same_findings(c, sorted(os.path.join(whole, f) for f in os.listdir(whole)), whole)
        found = c.scan(os.path.join(shared, 'corpus', 'json'))
        t.check(c.code == 0 and len(found) > 500, f'Security-Datasets: exit code {c.code}, {len(found)} findings: {c.err[-300:]}')
        print(f'   Security-Datasets: {len(found)} findings')


def main():
    t = Test(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        case = t.make_case(folder)
        print('the bundled case:')
        c = Comparison(t, folder)
        ours, lines, xml, expected = same_findings(c, find_evtx(case), case)
        dump_of_dump(c, ours, lines, xml)
        written_otherwise(c, lines, xml, expected)
        in_packages(c, lines, xml, expected)
        without_archives(c, lines)
        threads(c, ours)
        folders(c, lines)
        broken(c, lines)
        without_time(c)
        copies(c)
        grouped_by_several_values(c)
        open_quote(c)
        open_quote_in_header(c)
        doubled_names(c)
        dates(c)
        japanese(c)
        european(c)
        times_are_shown(c)
        clean_hosts(c)
        cut_behind_a_record(c)
    if len(sys.argv) > 2:
        public_samples(t, sys.argv[2])
    t.end()


main()
