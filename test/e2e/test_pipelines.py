#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Processing pipelines and placeholders: rules on logs whose fields are called differently.

usage: test_pipelines.py BUILD_FOLDER
"""
import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402

SYSMON = {'channel': 'Microsoft-Windows-Sysmon/Operational', 'provider_name': 'Microsoft-Windows-Sysmon'}
RULE = """title: {0}
id: 00000000-0000-4000-8000-{1:012d}
level: high
logsource: {{product: windows, {2}}}
detection:
    s:
{3}
    condition: s
"""


def rule(number, title, source, *lines):
    return RULE.format(title, number, source, '\n'.join('        ' + line for line in lines))


def found(t, folder, events, rules, *options):
    """Titles of the rules that match the events, sorted."""
    log, file = os.path.join(folder, 'events.jsonl'), os.path.join(folder, 'rules.yml')
    with open(log, 'w', encoding='utf-8') as handle:
        handle.writelines(json.dumps(event) + '\n' for event in events)
    with open(file, 'w', encoding='utf-8') as handle:
        handle.write('---\n'.join(rules))
    code, out, err = t.run('scan', '-q', '--format', 'jsonl', '--rules', file, *options, log)
    t.check(code == 0, f'{options}: exit {code}, {err[:300]}')
    return sorted({json.loads(line)['rule_title'] for line in out.splitlines()})


# --- Elastic Common Schema ----------------------------------------------------------------------

def winlogbeat(event_id, second, **fields):
    return {'@timestamp': f'2024-01-01T00:00:{second:02d}.000Z', 'event': {'code': str(event_id), 'module': 'sysmon'},
            'winlog': {**SYSMON, 'event_id': str(event_id), 'computer_name': 'pc1',
                       'event_data': fields.pop('data', {})}, **fields}


ECS_EVENTS = [
    winlogbeat(1, 1, data={'IntegrityLevel': 'High', 'Company': 'Contoso'},
               process={'executable': 'C:\\Windows\\System32\\cmd.exe', 'command_line': 'cmd /c whoami /all', 'pid': 44,
                        'hash': {'md5': '0123456789abcdef0123456789abcdef'}, 'pe': {'original_file_name': 'Cmd.Exe'},
                        'parent': {'executable': 'C:\\Office\\WINWORD.EXE'}},
               user={'name': 'SYSTEM', 'domain': 'NT AUTHORITY'}),
    winlogbeat(3, 2, process={'executable': 'C:\\x.exe'}, network={'direction': 'egress', 'transport': 'tcp'},
               destination={'ip': '10.1.2.3', 'port': 4444}),
    winlogbeat(13, 3, data={'EventType': 'SetValue'}, process={'executable': 'C:\\x.exe'},
               registry={'path': 'HKLM\\System\\X\\Start', 'data': {'strings': ['4'], 'type': 'SZ_DWORD'}}),
    winlogbeat(22, 4, process={'executable': 'C:\\x.exe'}, dns={'question': {'name': 'c2.example.org'}},
               sysmon={'dns': {'status': 'SUCCESS'}}),
    winlogbeat(7, 5, process={'executable': 'C:\\x.exe'}, data={'Signed': 'false'},
               file={'path': 'C:\\Temp\\a.dll', 'hash': {'sha1': 'ab' * 20}, 'pe': {'imphash': 'cd' * 16}}),
]
ECS_RULES = [
    rule(1, 'shell of an office program', 'category: process_creation', 'Image|endswith: \\cmd.exe',
         'ParentImage|endswith: \\winword.exe', 'CommandLine|contains|all: [whoami, /all]', 'IntegrityLevel: High'),
    rule(2, 'hash of a process', 'category: process_creation',
         "Hashes|contains: ['SHA1=00', 'MD5=0123456789ABCDEF0123456789ABCDEF']", 'OriginalFileName: Cmd.Exe'),
    rule(3, 'user by name', 'category: process_creation', "User: 'NT AUTHORITY\\SYSTEM'"),
    rule(4, 'user by domain', 'category: process_creation', 'User|contains: AUTHORI'),
    rule(5, 'connection', 'category: network_connection', 'Initiated: true', 'DestinationPort: 4444',
         'DestinationIp|cidr: 10.0.0.0/8', 'Protocol: tcp'),
    rule(6, 'connection coming in', 'category: network_connection', 'Initiated: false'),
    rule(7, 'registry number', 'category: registry_set', 'TargetObject|endswith: \\Start',
         'Details: DWORD (0x00000004)'),
    rule(8, 'other registry number', 'category: registry_set', 'Details: DWORD (0x00000005)'),
    rule(9, 'name asked for', 'category: dns_query', 'QueryName|endswith: .example.org', "QueryStatus: '0'"),
    rule(10, 'library', 'category: image_load', "ImageLoaded|startswith: 'C:\\Temp\\'", "Signed: 'false'",
         f"Hashes|contains: 'IMPHASH={'CD' * 16}'"),
    rule(11, 'field that is missing', 'category: process_creation', 'ParentCommandLine: null', 'Image: null'),
]
ECS_FOUND = ['connection', 'hash of a process', 'library', 'name asked for', 'registry number',
             'shell of an office program', 'user by domain', 'user by name']


def ecs(t, folder):
    got = found(t, folder, ECS_EVENTS, ECS_RULES, '--pipeline', 'ecs')
    t.check(got == ECS_FOUND, f'ecs: {got}')
    bare = found(t, folder, ECS_EVENTS, ECS_RULES)
    t.check(not set(bare) & set(ECS_FOUND), f'without the pipeline nothing of this is seen: {bare}')
    windows = [winlogbeat(1, 6, data={'Image': 'C:\\x.exe'}, process={'executable': 'C:\\x.exe'}), winlogbeat(1, 7)]
    log, rules = os.path.join(folder, 'renamed.jsonl'), os.path.join(folder, 'renamed.yml')
    with open(log, 'w', encoding='utf-8') as file:
        file.writelines(json.dumps(event) + '\n' for event in ECS_EVENTS + windows)
    with open(rules, 'w', encoding='utf-8') as file:
        file.write(ECS_RULES[0])
    for pipeline, expected in ((), len(ECS_EVENTS)), (('--pipeline', 'ecs'), 0):
        for _ in range(2): # the second time with rules that were kept
            told = t.run('scan', '-q', '--rules', rules, *pipeline, '--format', 'jsonl', '--summary', '-', log)[1]
            told = json.loads(told.splitlines()[-1])['summary']['records_renamed']
            t.check(told == expected, f'{told} records are told that need the pipeline, not {expected}: {pipeline}')


def correlation(t, folder):
    base = rule(20, 'x started', 'category: process_creation', 'Image|endswith: \\x.exe').replace('level', 'name: x\nlevel')
    count = ('title: many programs\nlevel: high\ncorrelation:\n    type: value_count\n    rules: [x]\n'
             '    group-by: [User]\n    timespan: 1h\n    condition: {field: CommandLine, gte: 3}\n')
    events = [winlogbeat(1, i, process={'executable': 'C:\\x.exe', 'command_line': f'x {i % 3}'},
                         user={'name': 'eve', 'domain': 'D'}) for i in range(6)]
    got = found(t, folder, events, [base, count], '--pipeline', 'ecs')
    t.check(got == ['many programs'], f'a correlation follows the pipeline: {got}')


# --- NXLog and Splunk ---------------------------------------------------------------------------

def nxlog(t, folder):
    events = [
        {'EventTime': '2024-01-01 00:00:00', 'Channel': 'Microsoft-Windows-Sysmon/Operational', 'EventID': 13,
         'SourceName': 'Microsoft-Windows-Sysmon', 'Hostname': 'pc1', 'EventType': 'INFO', 'SeverityValue': 2,
         'TargetObject': 'HKLM\\X', 'Message': 'Registry value set:\r\nEventType: SetValue\r\nImage: x'},
        {'EventTime': '2024-01-01 00:00:01', 'Channel': 'Windows PowerShell', 'EventID': 800, 'SourceName': 'PowerShell',
         'Hostname': 'pc1', 'EventType': 'INFO',
         'Message': 'Pipeline execution details\r\n\tHostApplication=powershell -enc AAAA\r\n'},
    ]
    rules = [rule(30, 'value set', 'category: registry_event', 'EventType: SetValue'),
             rule(31, 'key made', 'category: registry_event', 'EventType: CreateKey'),
             rule(32, 'encoded', 'service: powershell-classic', "Data|contains: 'HostApplication=powershell -enc'")]
    got = found(t, folder, events, rules, '--pipeline', 'nxlog')
    t.check(got == ['encoded', 'value set'], f'nxlog: {got}')


def splunk(t, folder):
    head = {'_time': '2024-01-01T00:00:00.000+00:00', 'LogName': 'Security', 'ComputerName': 'pc1',
            'SourceName': 'Microsoft Windows security auditing.'}
    events = [
        {**head, 'EventCode': '4688', 'New_Process_Name': 'C:\\Windows\\System32\\cmd.exe',
         'Creator_Process_Name': 'C:\\Office\\WINWORD.EXE', 'Process_Command_Line': 'cmd /c whoami'},
        {**head, 'EventCode': '4625', 'Account_Name': ['-', 'bob'], 'Logon_Type': '3',
         'Source_Network_Address': '10.9.8.7'},
        {**head, 'EventCode': '4624', 'TargetUserName': 'alice', 'LogonType': '10'},
    ]
    rules = [rule(40, 'shell', 'category: process_creation', 'Image|endswith: \\cmd.exe',
                  'ParentImage|endswith: \\winword.exe', 'CommandLine|contains: whoami'),
             rule(41, 'failed logon', 'service: security', 'EventID: 4625', 'TargetUserName: bob', 'LogonType: 3',
                  'IpAddress: 10.9.8.7'),
             rule(42, 'logon', 'service: security', 'EventID: 4624', 'TargetUserName: alice', 'LogonType: 10'),
             rule(43, 'nobody', 'service: security', 'EventID: [4624, 4625]', 'TargetUserName: null')]
    got = found(t, folder, events, rules, '--pipeline', 'splunk')
    t.check(got == ['failed logon', 'logon', 'shell'], f'splunk: {got}')


# --- files and errors ---------------------------------------------------------------------------

def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, 'w', encoding='utf-8') as handle:
        handle.write(text)
    return path


def own_files(t, folder):
    events = [winlogbeat(1, 1, data={'Image': 'C:\\a.exe', 'User': 'root'})]
    rules = [rule(50, 'admin', 'category: process_creation', "User|expand: '%admins%'")]
    t.check(found(t, folder, events, rules[:0] + [rule(51, 'any', 'category: process_creation', 'Image: "*"')]) == ['any'],
            'the event is read')
    values = write(folder, 'values.yml', 'admins: [root, adm*]\n')
    t.check(found(t, folder, events, rules, '--placeholders', values) == ['admin'], 'placeholders from a file')
    pipeline = write(folder, 'own.yml', 'name: own\nvars: {admins: root}\ntransformations:\n'
                                        '  - {type: value_placeholders}\n')
    t.check(found(t, folder, events, rules, '--pipeline', pipeline) == ['admin'], 'placeholders from a pipeline')
    second = write(folder, 'second.yml', 'priority: -1\ntransformations:\n'
                                         '  - {type: field_name_mapping, mapping: {User: Account}}\n')
    t.check(found(t, folder, events, rules, '-p', pipeline, '-p', second) == [], 'pipelines are put together')


def errors(t, folder):
    log = write(folder, 'log.jsonl', json.dumps(winlogbeat(1, 1)) + '\n')
    bad = write(folder, 'bad.yml', 'name: bad\ntransformations:\n  - type: no_such_thing\n')
    values = write(folder, 'badvalues.yml', 'a: {b: c}\n')
    for args, words in [
        (('--pipeline', bad), [b'bad.yml:3:11', b'no_such_thing']),
        (('--pipeline', os.path.join(folder, 'none.yml')), [b'none.yml']),
        (('--pipeline', 'no-such-pipeline'), [b'no-such-pipeline']),
        (('--placeholders', values), [b'badvalues.yml:1:4']),
        (('--placeholders', os.path.join(folder, 'none.yml')), [b'none.yml']),
    ]:
        code, out, err = t.run('scan', *args, log)
        t.check(code == 2 and out == b'' and all(w in err for w in words), f'{args}: exit {code}, {err[:200]}')
    refuse = write(folder, 'refuse.yml', 'transformations:\n  - {type: rule_failure, message: not in this house}\n')
    code, out, _ = t.run('rules', 'check', '--pipeline', refuse)
    t.check(code == 2 and b'not in this house [pipeline-failure]' in out, 'a pipeline may refuse rules, by name')


def built_in(t):
    for name in 'ecs', 'nxlog', 'splunk':
        code, out, _ = t.run('rules', 'check', '--pipeline', name)
        lines = [line for line in out.decode().splitlines() if 'pipeline-failure' not in line]
        t.check(code in (0, 2) and len(lines) == 1 and re.search(' rules? loaded', lines[0]),
                f'{name} adapts every rule of our pack or says why not: {lines[:3]}')


def main():
    t = Test(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        for test in ecs, correlation, nxlog, splunk, own_files, errors:
            test(t, folder)
    built_in(t)
    t.end()


main()
