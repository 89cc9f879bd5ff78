// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createWorkshop } from '../lib/page.mjs';
import { hostileData } from '../lib/odd_data.mjs';

const workshop = createWorkshop();
after(workshop.clean);
const SOURCES = fileURLToPath(new URL('../../../src/report/page/', import.meta.url));

let copies = 0;

/* Bundles a copy of the sources in which one file was changed (or added). */
function bundleWith(file, change) {
  copies += 1;
  const folder = join(workshop.folder, `copy-${copies}`);
  const path = join(folder, file);
  cpSync(SOURCES, folder, { recursive: true });
  writeFileSync(path, change(existsSync(path) ? readFileSync(path, 'utf8') : ''));
  return () =>
    workshop.runBundler(['--page-dir', folder, '--out-html', join(workshop.folder, 'copy.html')]);
}

const sha = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

test('the policy names exactly the style and the script of the page', () => {
  const out = join(workshop.folder, 'template.html');
  workshop.runBundler(['--out-html', out]);
  const page = readFileSync(out, 'utf8');
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)[1];
  const [, style] = /<style>([^]*?)<\/style>/.exec(page);
  const [, script] = /<script>([^]*?)<\/script>/.exec(page);
  assert.ok(policy.includes("default-src 'none'"));
  assert.ok(policy.includes(`script-src ${sha(script)};`));
  assert.ok(policy.includes(`style-src ${sha(style)};`));
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  assert.equal(page.match(/<script/g).length, 1);
  assert.doesNotMatch(page.replace(script, ''), /\son\w+=|\sstyle=|\ssrc=/);
});

test('the page asks nothing of a network', () => {
  const out = join(workshop.folder, 'template.html');
  workshop.runBundler(['--out-html', out]);
  const addresses = readFileSync(out, 'utf8').match(/https?:\/\/[\w.-]+/g);
  assert.deepEqual([...new Set(addresses)].sort(), [
    'http://www.w3.org',
    'https://attack.mitre.org',
  ]);
});

test('the C header holds the template, cut in three, and the output is the same every time', () => {
  const [html, header, again, deps] = ['t.html', 't.h', 't2.h', 't.d'].map((name) =>
    join(workshop.folder, name),
  );
  workshop.runBundler(['--out-html', html, '--out-h', header, '--depfile', deps]);
  workshop.runBundler(['--out-h', again]);
  const text = readFileSync(header, 'utf8');
  assert.equal(text, readFileSync(again, 'utf8'));
  const part = (name) => {
    const [, size, body] = new RegExp(`sek_page_${name}\\[(\\d+)\\] = \\{([^}]+)\\}`).exec(text);
    const bytes = Buffer.from(body.trim().replace(/,$/, '').split(',').map(Number));
    assert.equal(bytes.length, Number(size));
    return bytes.toString('utf8');
  };
  assert.equal(
    `${part('head')}<!--sek:plain-->\n${part('middle')}<!--sek:data-->\n${part('tail')}`,
    readFileSync(html, 'utf8'),
  );
  assert.match(readFileSync(deps, 'utf8'), /ja\.json/);
});

test('data cannot end its element', () => {
  const page = readFileSync(workshop.makePage(hostileData()), 'utf8');
  const [, data] = /id="sek-data">([^]*?)<\/script>/.exec(page);
  assert.doesNotMatch(data, /</);
  assert.equal(JSON.parse(data).findings.length, hostileData().findings.length);
});

test('sources outside the allowed forms are refused, each for its own reason', () => {
  const bad = [
    ['js/level.mjs', (s) => `${s}\nfunction plain() {}\n`, /plain is also declared/],
    ['js/level.mjs', (s) => s.replace('{ h }', '{ missing }'), /does not export missing/],
    [
      'js/level.mjs',
      (s) => s.replace("import { h } from './dom.mjs';", "import * as dom from './dom.mjs';"),
      /import is not of the allowed form/,
    ],
    ['js/dom.mjs', (s) => `import { levelRank } from './level.mjs';\n${s}`, /import each other/],
    ['js/dom.mjs', (s) => `${s}\nconst endMark = '</script>';\n`, /contains <\/script/],
    ['js/dom.mjs', (s) => `${s}\nexport default 1;\n`, /declaration is not of the allowed form/],
    ['js/dom.mjs', (s) => `${s}\nfunction h() {}\n`, /h is declared twice/],
    ['js/dom.mjs', (s) => s.replace('\n', '\r\n'), /carriage return/],
    ['js/never.mjs', () => '', /never imported: never\.mjs/],
    ['strings/ja.json', (s) => s.replace('"nav"', '"navi"'), /differ in: nav, navi/],
    ['strings/en.json', (s) => s.replace('"nav"', '"skip"'), /stands twice: skip/],
    ['css/case.css', (s) => `${s}/* </style> */`, /style contains <\/style/],
    ['index.html', (s) => s.replace('<!--sek:data-->', ''), /must contain <!--sek:data-->/],
  ];
  for (const [file, change, reason] of bad) assert.throws(bundleWith(file, change), reason, file);
  assert.doesNotThrow(bundleWith('js/dom.mjs', (s) => s));
});
