// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createModel } from '../../../src/report/page/js/model.mjs';
import { buildMatrix } from '../../../src/report/page/js/overview.mjs';
import {
  compileQuery,
  parseQuery,
  quoteValue,
  runQuery,
  withTerm,
} from '../../../src/report/page/js/query.mjs';
import { HOSTILE, hostileData } from '../lib/odd_data.mjs';
import { caseData } from '../lib/case_data.mjs';
import { createDocument } from '../lib/builder.mjs';

const model = createModel(caseData());
const all = Array.from({ length: model.n }, (_, i) => i);
const expect = (query, wanted) => {
  const want = all.filter(wanted);
  assert.deepEqual(runQuery(model, query), want, query);
  assert.ok(
    want.length > 0 && want.length < model.n,
    `${query} must tell findings apart (${want.length})`,
  );
};

test('an empty filter passes everything', () => {
  for (const query of ['', '  ', '\u3000', '"', '|'])
    assert.equal(runQuery(model, query).length, model.n);
});

test('each key looks at its part', () => {
  expect('level:>=high', (i) => model.level(i) >= 3);
  expect('level:critical', (i) => model.level(i) === 4);
  expect('level:<medium', (i) => model.level(i) < 2);
  expect('host:pc-sales-07', (i) => model.host(i).startsWith('PC-SALES-07'));
  expect('computer:=PC-SALES-07.yamabuki.EXAMPLE', (i) => model.host(i).startsWith('PC-SALES-07'));
  expect('host:pc-*', (i) => model.host(i).startsWith('PC-'));
  expect('channel:powershell', (i) => model.event(i).channel.includes('PowerShell'));
  expect('id:4688', (i) => model.event(i).event_id === 4688);
  expect('id:>=4000', (i) => model.event(i).event_id >= 4000);
  expect('record:<18200', (i) => model.event(i).record < 18200);
  expect('file:security.evtx', (i) => model.file(i).path.endsWith('Security.evtx'));
  expect('time:2020-12-22', (i) => model.time(i).startsWith('2020-12-22'));
  expect('time:>=2020-12-22T00:52', (i) => model.time(i) >= '2020-12-22T00:52');
  expect('rule:"message box"', (i) => model.rule(i).title.includes('message box'));
  expect('tactic:persistence', (i) => model.rule(i).tactics.includes('persistence'));
  expect('tactic:TA0003', (i) => model.rule(i).tactics.includes('persistence'));
  expect('technique:T1059', (i) => model.rule(i).techniques.some((t) => t.startsWith('T1059')));
  expect('technique:T1059.003', (i) => model.rule(i).techniques.includes('T1059.003'));
  expect('CommandLine:-encod', (i) =>
    model.event(i).fields.some((f) => f[0] === 'CommandLine' && /-encod/i.test(f[1])),
  );
});

test('words, minus, or, and full-width typing', () => {
  const rundll = (i) =>
    JSON.stringify(model.event(i).fields).toLowerCase().includes('rundll32') ||
    /rundll32/i.test(model.rule(i).title);
  expect('rundll32', rundll);
  expect('-rundll32', (i) => !rundll(i));
  expect('rundll32 level:critical', (i) => rundll(i) && model.level(i) === 4);
  expect('level:critical|low', (i) => [1, 4].includes(model.level(i)));
  expect(
    'level：critical\u3000host：pc',
    (i) => model.level(i) === 4 && model.host(i).startsWith('PC'),
  );
  expect('-level:informational', (i) => model.level(i) > 0);
});

test('what is no key is text: paths, addresses, unknown keys', () => {
  assert.equal(parseQuery('C:\\Windows')[0].key, null);
  assert.equal(parseQuery('http://alder.example')[0].key, null);
  expect('C:\\Users\\sales07', (i) =>
    JSON.stringify(model.event(i).fields).includes('C:\\\\Users\\\\sales07'),
  );
  assert.deepEqual(runQuery(model, 'nosuchkey:value'), []);
});

test('near: takes the neighbours on the same host', () => {
  const list = [...model.ofHost(model.hostOf[40])];
  const at = list.indexOf(40);
  assert.deepEqual(runQuery(model, 'near:41/3'), list.slice(at - 3, at + 4));
  for (const odd of ['near:0', 'near:99999', 'near:x', 'near:-1'])
    assert.deepEqual(runQuery(model, odd), []);
});

test('a cell of the matrix and the filter behind it agree', () => {
  for (const host of [null, 0, 1, 2]) {
    const list = host === null ? all : [...model.ofHost(host)];
    const scope = host === null ? '' : `host:=${quoteValue(model.hostNames[host])} `;
    for (const column of buildMatrix(model, list).filter((c) => c.n)) {
      assert.equal(runQuery(model, `${scope}tactic:=${column.tactic}`).length, column.n);
      if (column.bare.n)
        assert.equal(
          runQuery(model, `${scope}technique:none@${column.tactic}`).length,
          column.bare.n,
        );
      for (const technique of column.techniques) {
        assert.equal(
          runQuery(model, `${scope}technique:${technique.id}@${column.tactic}`).length,
          technique.n,
        );
        for (const sub of technique.subs)
          assert.equal(
            runQuery(model, `${scope}technique:${sub.id}@${column.tactic}`).length,
            sub.n,
          );
      }
    }
  }
});

test('a technique of several tactics is asked for in one column', () => {
  const doc = createDocument();
  const file = doc.addFile('f');
  for (const tactics of [['persistence'], ['execution'], ['execution', 'persistence'], []]) {
    const event = doc.addEvent({
      file,
      record: 1,
      time: '2021-01-01T00:00:00Z',
      host: 'h',
      channel: 'c',
      provider: 'p',
      event_id: 1,
      fields: [],
    });
    doc.addFinding(
      event,
      doc.addRule({ title: 'r', level: 'low', techniques: ['T1053.005'], tactics }),
      [],
    );
  }
  const few = createModel(doc.finish());
  assert.deepEqual(runQuery(few, 'technique:T1053@persistence'), [0, 2, 3]);
  assert.deepEqual(runQuery(few, 'technique:T1053.005@execution'), [1, 2, 3]);
  assert.deepEqual(runQuery(few, 'technique:T1053@privilege-escalation'), [3]);
  assert.deepEqual(runQuery(few, 'technique:=T1053'), []);
});

test('a quoted value is read back as it was, hostile ones too', () => {
  const odd = createModel(hostileData());
  for (const text of [...HOSTILE, 'a|b', '"', '\\', '\\"', 'x y']) {
    const [term, ...rest] = parseQuery(`host:=${quoteValue(text)}`);
    assert.equal(rest.length, 0);
    assert.deepEqual(term.values, [`=${text}`]);
  }
  for (const text of HOSTILE) assert.equal(runQuery(odd, `host:=${quoteValue(text)}`).length, 1);
});

test('nothing that is typed throws or hangs', () => {
  const started = Date.now();
  for (const text of [
    ...HOSTILE,
    'level:',
    'level:>=',
    'id:',
    ':',
    '-',
    '--',
    '*'.repeat(500),
    `host:${'*a'.repeat(500)}`,
    '"'.repeat(999),
    '|'.repeat(999),
    'a'.repeat(1e5),
    'near:1/1e9',
  ]) {
    const passes = compileQuery(model, text);
    all.forEach(passes);
  }
  assert.ok(Date.now() - started < 5000);
});

test('a term is replaced and the rest of the filter stays', () => {
  assert.equal(
    withTerm('host:"a b" level:high x', 'level', 'level:>=low'),
    'host:"a b" x level:>=low',
  );
  assert.equal(withTerm('level:high', 'level', ''), '');
});
