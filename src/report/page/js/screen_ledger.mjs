// SPDX-License-Identifier: Apache-2.0
//
// What was read and what was not: files with their damages, rules that were not loaded. What needs a
// look stands first.

import { h, cellText, plain } from './dom.mjs';
import { cutList } from './parts.mjs';
import { formatSpan } from './clock.mjs';
import { damageCount, ledgerFacts } from './ledger_facts.mjs';

const ROWS_AT_FIRST = 200;
const STATUS_ORDER = ['skipped', 'partly', 'read', 'ignored'];
const STATUS_MARK = { skipped: '✕', partly: '!', read: '✓', ignored: '–' };

/** Draws the screen. `all` draws every row at once (for print). */
export function drawLedger(app, all) {
  const { t, model } = app;
  return h(
    'div',
    { class: 'ledger' },
    h('h1', null, t('screen.ledger')),
    h(
      'ul',
      { class: 'sight wide' },
      ledgerFacts(t, model).map((fact) =>
        h(
          'li',
          { class: fact.gap ? 'gap' : 'fine' },
          h('span', { class: 'sight-mark', 'aria-hidden': 'true' }, fact.gap ? '!' : '✓'),
          fact.text,
        ),
      ),
    ),
    files(app, all),
    rulesNotLoaded(app, all),
    rulesGaveUp(app, all),
    colophon(app),
  );
}

function files(app, all) {
  const { t, model } = app;
  const sorted = [...model.files].sort(
    (a, b) => STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status),
  );
  const body = h('tbody');
  const more = cutList(t, body, sorted, all ? Infinity : ROWS_AT_FIRST, (file) =>
    fileRow(app, file),
  );
  const number = (key) => h('th', { scope: 'col', class: 'number' }, t(key));
  return h(
    'section',
    null,
    h('h2', null, t('ledger.files', { n: model.files.length })),
    h(
      'table',
      { class: 'plain files', 'aria-label': t('ledger.files', { n: model.files.length }) },
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          h('th', { scope: 'col' }, t('ledger.status')),
          h('th', { scope: 'col' }, t('column.file')),
          h('th', { scope: 'col' }, t('ledger.covers')),
          [
            'ledger.size',
            'ledger.chunks',
            'ledger.records',
            'ledger.recovered',
            'ledger.unread',
            'ledger.damage',
          ].map(number),
        ),
      ),
      body,
    ),
    more,
  );
}

function fileRow(app, file) {
  const { t, view } = app;
  const count = damageCount(file);
  const status = STATUS_ORDER.includes(file.status) ? file.status : 'partly';
  return h(
    'tr',
    { class: `file-${status}` },
    h(
      'td',
      { class: 'status' },
      h('span', { class: 'sight-mark', 'aria-hidden': 'true' }, STATUS_MARK[status]),
      t(`ledger.status.${status}`),
    ),
    h(
      'td',
      { class: 'path' },
      h('bdi', null, plain(file.path, 2000)),
      file.reason ? h('div', { class: 'reason' }, h('bdi', null, plain(file.reason, 2000))) : null,
      count ? damageList(t, file) : null,
    ),
    h(
      'td',
      { class: 'covers' },
      file.first ? h('bdi', null, formatSpan(file.first, file.last, view.zone)) : '',
    ),
    h('td', { class: 'number' }, t.bytes(file.bytes ?? 0)),
    [file.chunks, file.records, file.recovered, file.bad_records, count].map((n) => cell(t, n)),
  );
}

/* A number; nothing to tell is left blank, so that what there is stands out. */
function cell(t, n) {
  return h(
    'td',
    { class: 'number' },
    n ? t.number(n) : h('span', { class: 'faint' }, n === 0 ? '0' : ''),
  );
}

function damageList(t, file) {
  const list = h('ul');
  const damages = file.damages ?? [];
  const more = cutList(t, list, damages, 20, (damage) =>
    h(
      'li',
      null,
      h(
        'span',
        { class: 'offset' },
        t('ledger.offset', { offset: `0x${Number(damage.offset).toString(16)}` }),
      ),
      ' ',
      h('bdi', null, plain(damage.what, 500)),
    ),
  );
  return h(
    'details',
    { class: 'damages', open: damages.length <= 3 },
    h('summary', null, t('ledger.damages.file', { n: damageCount(file) })),
    list,
    more,
    file.more_damages
      ? h('p', { class: 'faint' }, t('ledger.moreDamages', { n: file.more_damages }))
      : null,
  );
}

function rulesNotLoaded(app, all) {
  const { t, model } = app;
  const rules = model.summary.rules_not_loaded ?? [];
  const place = (rule) => (rule.line ? `${rule.source}:${rule.line}` : rule.source);
  return ruleTable(t, all, 'ledger.notLoaded', rules.length, ['ledger.rule', 'ledger.reason'], rules, (rule) => [
    rule.title ? `${rule.title} (${place(rule)})` : place(rule),
    rule.reason,
  ]);
}

function rulesGaveUp(app, all) {
  const { t, model } = app;
  const rules = model.summary.rules_gave_up ?? [];
  return ruleTable(t, all, 'ledger.gaveUp', model.summary.regex_gave_up, ['ledger.rule', 'ledger.times'], rules, (rule) => [
    `${rule.title} (${rule.source})`,
    String(rule.times),
  ]);
}

/* A heading and a table of two columns: a rule, and what there is to say of it. */
function ruleTable(t, all, title, n, heads, rules, cells) {
  if (!rules.length) return null;
  const body = h('tbody');
  const more = cutList(t, body, rules, all ? Infinity : ROWS_AT_FIRST, (rule) => {
    const [name, text] = cells(rule);
    return h(
      'tr',
      null,
      h('td', { class: 'path' }, h('bdi', null, plain(name, 1000))),
      h('td', null, h('bdi', null, plain(text, 1000))),
    );
  });
  const head = heads.map((key) => h('th', { scope: 'col' }, t(key)));
  return h(
    'section',
    null,
    h('h2', null, t(title, { n })),
    h(
      'table',
      { class: 'plain not-loaded', 'aria-label': t(title, { n }) },
      h('thead', null, h('tr', null, ...head)),
      body,
    ),
    more,
  );
}

function colophon(app) {
  const { t, model } = app;
  const tool = model.data.tool ?? {};
  return h(
    'footer',
    { class: 'colophon faint' },
    h(
      'p',
      null,
      t('ledger.made', { tool: `${tool.name ?? 'Sekisho'} ${tool.version ?? ''}`.trim() }),
    ),
    h(
      'p',
      { lang: 'en' },
      `MITRE ATT&CK® v${model.attack.version}. © The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation.`,
    ),
  );
}
