// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createModel } from '../../../src/report/page/js/model.mjs';
import {
  buildMatrix,
  countLevels,
  tallyHosts,
  tallyRules,
} from '../../../src/report/page/js/overview.mjs';
import { COLUMNS, groupFindings, sortFindings } from '../../../src/report/page/js/columns.mjs';
import { caseData } from '../lib/case_data.mjs';
import { createDocument } from '../lib/builder.mjs';
import { largeData } from '../lib/odd_data.mjs';

const model = createModel(caseData());
const all = Array.from({ length: model.n }, (_, i) => i);

function oneRule(techniques, tactics) {
  const doc = createDocument();
  const rule = doc.addRule({ title: 'r', level: 'high', techniques, tactics });
  const event = doc.addEvent({
    file: doc.addFile('f'),
    record: 1,
    time: '2020-01-01T00:00:00Z',
    host: 'h',
    channel: 'c',
    provider: 'p',
    event_id: 1,
    fields: [],
  });
  doc.addFinding(event, rule, []);
  return createModel(doc.finish());
}

const filled = (m) =>
  buildMatrix(m, [0])
    .filter((c) => c.n)
    .map((c) =>
      [
        c.tactic,
        ...c.techniques.map((t) => [t.id, ...t.subs.map((s) => s.id)].join('>')),
        ...(c.bare.n ? ['-'] : []),
      ].join(' '),
    );

test('a technique stands in the tactics that its rule names, or else in all of its own', () => {
  assert.deepEqual(filled(oneRule(['T1053.005'], ['persistence'])), [
    'persistence T1053>T1053.005',
  ]);
  assert.deepEqual(filled(oneRule(['T1053.005'], [])), [
    'execution T1053>T1053.005',
    'persistence T1053>T1053.005',
    'privilege-escalation T1053>T1053.005',
  ]);
  assert.deepEqual(filled(oneRule(['T1105'], ['execution'])), [
    'execution -',
    'command-and-control T1105',
  ]);
});

test('no tag is lost: unknown techniques, unknown tactics, none at all', () => {
  assert.deepEqual(filled(oneRule(['T9999'], [])), ['other T9999']);
  assert.deepEqual(filled(oneRule(['T9999.001', 'T1105'], [])), [
    'command-and-control T1105',
    'other T9999>T9999.001',
  ]);
  assert.deepEqual(filled(oneRule([], ['nowhere'])), ['other -']);
  assert.deepEqual(filled(oneRule([], [])), ['other -']);
  assert.deepEqual(filled(oneRule([], ['impact'])), ['impact -']);
});

test('a parent counts a finding once, however many of its sub-techniques it has', () => {
  const [column] = buildMatrix(
    oneRule(['T1059', 'T1059.001', 'T1059.003'], ['execution']),
    [0],
  ).filter((c) => c.n);
  assert.deepEqual(
    [column.n, column.techniques.length, column.techniques[0].n, column.techniques[0].own.n],
    [1, 1, 1, 1],
  );
  assert.deepEqual(
    column.techniques[0].subs.map((s) => s.n),
    [1, 1],
  );
});

test('the 15 tactics are there in order, with or without findings', () => {
  const columns = buildMatrix(model, all);
  assert.equal(columns.length, 16);
  assert.deepEqual(
    columns.slice(0, 15).map((c) => c.tactic),
    model.attack.tactics.map((t) => t.short),
  );
  assert.equal(columns[15].tactic, 'other');
  for (const column of columns.slice(0, 15)) {
    const shown = [...column.techniques, ...column.quiet].map((t) => t.id).sort();
    const known = model.attack
      .techniquesOf(column.tactic)
      .filter((t) => !t.id.includes('.'))
      .map((t) => t.id)
      .sort();
    assert.deepEqual(shown, known);
  }
});

test('sums agree with the findings one by one', () => {
  assert.deepEqual(
    countLevels(model),
    [0, 1, 2, 3, 4].map((rank) => all.filter((i) => model.level(i) === rank).length),
  );
  const hosts = tallyHosts(model);
  assert.equal(
    hosts.reduce((sum, host) => sum + host.n, 0),
    model.n,
  );
  for (const host of hosts.filter((h) => h.n)) {
    const own = all.filter((i) => model.host(i) === host.name);
    assert.deepEqual(
      [host.n, host.first, host.last, host.level],
      [own.length, own[0], own.at(-1), Math.max(...own.map(model.level))],
    );
  }
  assert.deepEqual(
    hosts.filter((h) => !h.n).map((h) => h.name),
    ['PC-DESIGN-11.yamabuki.example'],
  );
  assert.equal(
    tallyRules(model).reduce((sum, rule) => sum + rule.n, 0),
    model.n,
  );
});

test('sorting by every column keeps all findings, is in order both ways and stable', () => {
  const view = { zone: 'utc' };
  for (const column of COLUMNS) {
    const key = (i) =>
      column.order ? column.order(model, i) : column.text(model, i, view).toLowerCase();
    for (const down of [false, true]) {
      const sorted = sortFindings(model, all, column.key, down);
      assert.deepEqual(
        [...sorted].sort((a, b) => a - b),
        all,
      );
      for (let k = 1; k < sorted.length; k += 1) {
        const [a, b] = [key(sorted[k - 1]), key(sorted[k])];
        assert.ok(a === b ? sorted[k - 1] < sorted[k] : a < b !== down, `${column.key} ${down}`);
      }
    }
  }
});

test('groups hold every finding, by technique as often as it has techniques', () => {
  const size = (by) =>
    groupFindings(model, all, by).reduce((sum, group) => sum + group.items.length, 0);
  assert.equal(size('host'), model.n);
  assert.equal(size('rule'), model.n);
  assert.equal(
    size('technique'),
    all.reduce((sum, i) => sum + Math.max(1, model.rule(i).techniques.length), 0),
  );
});

test('data that does not hold together is refused with a reason', () => {
  const data = caseData();
  const without = (change) => ({ ...data, ...change });
  for (const [bad, reason] of [
    [null, /schema/],
    [without({ schema: 2 }), /schema 2/],
    [without({ events: undefined }), /events/],
    [without({ findings: [{ event: 1e9, rule: 0 }] }), /finding 0/],
    [without({ files: [] }), /event 0/],
  ]) {
    assert.throws(() => createModel(bad), reason);
  }
});

test('an empty document and optional parts that are missing are fine', () => {
  const empty = createModel({ schema: 1, rules: [], files: [], events: [], findings: [] });
  assert.equal(empty.n, 0);
  assert.deepEqual(tallyHosts(empty), []);
  const bare = createModel({
    schema: 1,
    rules: [{}],
    files: [{}],
    events: [{ file: 0 }],
    findings: [{ event: 0, rule: 0 }],
  });
  assert.equal(buildMatrix(bare, [0]).at(-1).n, 1);
  for (const column of COLUMNS)
    assert.equal(typeof column.text(bare, 0, { zone: 'utc' }), 'string');
});

test('100,000 findings: model, matrix, sorting within seconds', () => {
  const data = largeData(100000);
  const started = performance.now();
  const large = createModel(data);
  const list = Array.from({ length: large.n }, (_, i) => i);
  buildMatrix(large, list);
  tallyHosts(large);
  sortFindings(large, list, 'evidence', true);
  groupFindings(large, list, 'rule');
  const took = performance.now() - started;
  assert.ok(took < 6000, `${Math.round(took)} ms`);
});
