// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { chooseLanguage, createTranslator } from '../../../src/report/page/js/i18n.mjs';
import { COLUMNS } from '../../../src/report/page/js/columns.mjs';
import { ledgerFacts } from '../../../src/report/page/js/ledger_facts.mjs';
import { LEVELS } from '../../../src/report/page/js/level.mjs';
import { SCREENS } from '../../../src/report/page/js/route.mjs';
import { attackTable } from '../lib/attack_table.mjs';

const PAGE = new URL('../../../src/report/page/', import.meta.url);
const tables = Object.fromEntries(
  ['en', 'ja'].map((lang) => [
    lang,
    JSON.parse(readFileSync(new URL(`strings/${lang}.json`, PAGE), 'utf8')),
  ]),
);
const code = readdirSync(new URL('js/', PAGE))
  .map((name) => readFileSync(new URL(`js/${name}`, PAGE), 'utf8'))
  .join('\n');

const forms = (value) => (typeof value === 'string' ? [value] : Object.values(value));
const places = (text) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]))].sort();

/* Keys that the code makes out of parts, spelled out. */
function madeKeys() {
  return [
    ...LEVELS.flatMap((l) => [`level.${l}`, `level.mark.${l}`]),
    ...COLUMNS.map((c) => `column.${c.key}`),
    ...SCREENS.map((s) => `screen.${s}`),
    ...['local', 'utc'].map((z) => `column.time.${z}`),
    ...['read', 'partly', 'skipped', 'ignored'].map((s) => `ledger.status.${s}`),
    ...Array.from({ length: 7 }, (_, k) => `keys.${k}`),
    ...attackTable().tactics.map((t) => `tactic.${t.short}`),
    'lang.name',
  ];
}

test('both languages have the same keys', () => {
  assert.deepEqual(Object.keys(tables.ja).sort(), Object.keys(tables.en).sort());
});

test('no sentence is empty, and each has the plural forms of its language', () => {
  for (const [lang, table] of Object.entries(tables)) {
    const categories = new Intl.PluralRules(lang).resolvedOptions().pluralCategories;
    for (const [key, value] of Object.entries(table)) {
      for (const form of forms(value)) assert.ok(form.trim(), `${lang} ${key}`);
      if (typeof value !== 'string')
        assert.deepEqual(Object.keys(value).sort(), [...categories].sort(), `${lang} ${key}`);
    }
  }
});

test('a sentence has the same places in both languages and in all its forms', () => {
  for (const key of Object.keys(tables.en)) {
    const wanted = places(forms(tables.en[key]).at(-1));
    for (const form of [...forms(tables.en[key]), ...forms(tables.ja[key])])
      assert.deepEqual(places(form), wanted, key);
  }
});

test('Japanese is written in Japanese, with full-width signs', () => {
  const names = new Set(['lang.name', 'column.time.utc']);
  for (const [key, value] of Object.entries(tables.ja)) {
    for (const form of forms(value)) {
      assert.match(form, /[\u3040-\u30ff\u3400-\u9fff]/, key);
      if (!names.has(key))
        assert.doesNotMatch(
          form,
          /[\u3040-\u30ff\u3400-\u9fff][(),.!?;]|[(),.!?;][\u3040-\u30ff\u3400-\u9fff]/,
          key,
        );
    }
  }
});

test('every key in the code exists, and every key is used', () => {
  const literal = [...code.matchAll(/'((?:[a-z]\w*)(?:\.[\w-]+)*)'/gi)].map((m) => m[1]);
  const used = new Set([...literal, ...madeKeys()]);
  const asked = [...code.matchAll(/\bt(?:\.parts|\.or)?\(\s*'([^']+)'/g)].map((m) => m[1]);
  for (const key of [...asked, ...madeKeys()])
    assert.ok(Object.hasOwn(tables.en, key), `missing: ${key}`);
  for (const key of Object.keys(tables.en)) assert.ok(used.has(key), `never used: ${key}`);
});

test('a missing key is an error, numbers are written as the language does', () => {
  const t = createTranslator(tables, 'en');
  assert.throws(() => t('no.such.key'));
  assert.equal(t('case.findings', { n: 1 }), '1 finding');
  assert.equal(t('case.findings', { n: 20000 }), '20,000 findings');
  assert.equal(t.bytes(0), '0 B');
  assert.equal(t.bytes(1118208), '1.1 MB');
});

test('the language is what the data asks for, else the browser, else English', () => {
  assert.equal(chooseLanguage(tables, 'ja', ['en']), 'ja');
  assert.equal(chooseLanguage(tables, null, ['de', 'ja-JP', 'en']), 'ja');
  assert.equal(chooseLanguage(tables, 'constructor', ['de', '__proto__']), 'en');
});

test('the ledger says what correlations did not count', () => {
  const t = createTranslator(tables, 'en');
  const said = (summary) => ledgerFacts(t, { summary, files: [] }).map((fact) => fact.text);
  const facts = { records_without_time: 2, correlation_dropped: 1, correlation_copies: 3 };
  const told = said(facts).filter((text) => text.includes('correlation'));
  assert.equal(told.length, 3);
  assert.match(told[0], /^2 records have no time/);
  assert.match(told[1], /^1 event was not counted/);
  assert.match(told[2], /^3 records are copies/);
  assert.ok(!said({}).some((text) => text.includes('correlation')));
});
