// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvCell, toCsv } from '../../../src/report/page/js/csv.mjs';
import { layOutXml, splitXml } from '../../../src/report/page/js/xml_text.mjs';
import { formatSpan, formatTime, timeMs } from '../../../src/report/page/js/clock.mjs';
import { makeRoute, parseRoute } from '../../../src/report/page/js/route.mjs';
import { caseData } from '../lib/case_data.mjs';
import { HOSTILE } from '../lib/odd_data.mjs';

test('CSV cells that begin like a formula are disarmed, numbers are not', () => {
  for (const text of [
    '=1+1',
    '+1+cmd',
    '-2+3',
    '@SUM(1)',
    ' =1',
    '\t=1',
    '\n@x',
    '\u00a0=1',
    '\ufeff=1',
    '＝1',
    '|x',
    '%x',
    '\rx',
  ]) {
    assert.ok(csvCell(text).startsWith('"\''), JSON.stringify(text));
  }
  for (const text of ['-5', '12', '-0.25', 'abc', 'a=b', '', 'C:\\x'])
    assert.equal(csvCell(text), `"${text}"`);
});

test('CSV quotes every cell, so that line ends and quotes cannot break out', () => {
  assert.equal(
    toCsv([
      ['a"b', 'c\nd'],
      ['e,f', null],
    ]),
    '"a""b","c\nd"\r\n"e,f",""\r\n',
  );
});

const joined = (xml) =>
  layOutXml(xml)
    .map((line) => line.tokens.map((t) => t.text).join(''))
    .join('');

test('XML on lines keeps every character that is not space between tags', () => {
  for (const { xml } of caseData().events) assert.equal(joined(xml), xml);
  for (const text of HOSTILE) {
    const xml = `<E><D N="${text}">${text}</D></E>`;
    assert.equal(joined(xml).replace(/\s/g, ''), xml.replace(/\s/g, ''));
  }
});

test('XML on lines: elements with text stay on one line, blanks that are content too', () => {
  const lines = layOutXml('<A>\r\n <B x="1>2"> </B><C/><!-- <x> --><D>a<E/>b</D><F></F></A>').map(
    (line) => line.indent + line.tokens.map((t) => t.text).join(''),
  );
  assert.deepEqual(lines, [
    '<A>',
    '  <B x="1>2"> </B>',
    '  <C/>',
    '  <!-- <x> -->',
    '  <D>a<E/>b</D>',
    '  <F></F>',
    '</A>',
  ]);
});

test('XML that is broken or deep is split in time and without loss', () => {
  for (const xml of [
    '<',
    '<a',
    '<a b="',
    '<!--',
    '<![CDATA[',
    '</',
    '<a></b></c></d>',
    '<a>'.repeat(50000),
    '>'.repeat(50000),
    '<'.repeat(3000),
  ]) {
    assert.equal(
      splitXml(xml)
        .map((t) => t.text)
        .join(''),
      xml,
    );
    assert.equal(joined(xml), xml);
  }
});

test('times keep their 100 ns digits and odd ones are shown as they are', () => {
  assert.equal(formatTime('2020-12-22T00:52:31.1234567Z', 'utc', 9), '2020-12-22 00:52:31.1234567');
  assert.equal(formatTime('2020-12-22T00:52:31.1239Z', 'utc', 3), '2020-12-22 00:52:31.123');
  assert.equal(timeMs('2020-12-22T00:52:31.1Z'), Date.UTC(2020, 11, 22, 0, 52, 31, 100));
  for (const odd of ['', 'not a time', '2020-12-22', undefined, '<b>'])
    assert.equal(formatTime(odd, 'utc'), odd ?? '');
});

test('spans say the day once and drop what is the same', () => {
  const at = (text) => `2020-12-${text}Z`;
  assert.equal(formatSpan(at('22T00:52:31'), at('22T00:52:59'), 'utc'), '2020-12-22 00:52');
  assert.equal(formatSpan(at('22T00:52:31'), at('22T03:10:00'), 'utc'), '2020-12-22 00:52–03:10');
  assert.equal(formatSpan(at('22T00:52:31'), at('24T03:10:00'), 'utc'), '2020-12-22 – 12-24');
  assert.equal(
    formatSpan(at('22T00:52:31'), '2022-01-02T00:00:00Z', 'utc'),
    '2020-12-22 – 2022-01-02',
  );
  assert.equal(formatSpan('odd', 'odder', 'utc'), 'odd odder');
});

test('addresses survive a round trip, and odd ones lead to the case', () => {
  for (const text of [...HOSTILE.filter((t) => !/[\ud800-\udfff]/u.test(t)), 'a&b=c#d?e%']) {
    const { screen, params } = parseRoute(makeRoute('findings', { q: text, group: '' }));
    assert.deepEqual([screen, params], ['findings', { q: text }]);
  }
  assert.deepEqual(parseRoute('#event/12/3'), { screen: 'event', event: 12, nth: 3 });
  for (const odd of [
    '',
    '#',
    '#nothing',
    '#event/1',
    '#event/-1/1',
    '#event/1e3/1',
    '#constructor',
    '#case?%',
  ])
    assert.equal(parseRoute(odd).screen, 'case');
});
