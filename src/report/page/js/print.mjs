// SPDX-License-Identifier: Apache-2.0
//
// The report on paper: the case, the matrix as a list (a wide grid does not fit A4), the gravest
// findings, the ledger. It is made when the page is about to be printed, and taken away after.

import { h, cellText } from './dom.mjs';
import { LEVELS, levelBadge } from './level.mjs';
import { buildMatrix } from './overview.mjs';
import { sortFindings } from './columns.mjs';
import { drawCase } from './screen_case.mjs';
import { columnName } from './screen_matrix.mjs';
import { drawLedger } from './screen_ledger.mjs';
import { formatSpan, formatTime } from './clock.mjs';

const FINDINGS_ON_PAPER = 200;

/** Draws all that is printed. */
export function drawPaper(app) {
  const { t, model } = app;
  return h(
    'div',
    { class: 'paper' },
    drawCase(app),
    model.n ? [attackList(app), gravest(app)] : h('p', null, t('case.nothing')),
    drawLedger(app, true),
  );
}

function attackList(app) {
  const { t, model } = app;
  const rows = buildMatrix(
    model,
    Array.from({ length: model.n }, (_, i) => i),
  )
    .filter((c) => c.n)
    .flatMap((column) =>
      column.techniques.flatMap((technique) =>
        [technique, ...technique.subs].map((tally) => ({ column, tally })),
      ),
    );
  let last = null;
  return h(
    'section',
    { class: 'paper-part attack' },
    h('h1', null, t('screen.matrix')),
    h(
      'table',
      { class: 'plain' },
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          ['column.tactic', 'column.technique', 'column.level', 'paper.count', 'paper.span'].map(
            (key) => h('th', { scope: 'col' }, t(key)),
          ),
        ),
      ),
      h(
        'tbody',
        null,
        rows.map(({ column, tally }) => {
          const first = column !== last;
          last = column;
          return h(
            'tr',
            { class: first ? 'first' : null },
            h('td', null, first ? columnName(t, column) : ''),
            h('td', null, tally.id, ' ', cellText(tally.name)),
            h(
              'td',
              { class: 'nowrap' },
              levelBadge(t, tally.level),
              ` ${t(`level.${LEVELS[tally.level]}`)}`,
            ),
            h('td', { class: 'number' }, t.number(tally.n)),
            h(
              'td',
              { class: 'nowrap' },
              formatSpan(model.time(tally.first), model.time(tally.last), 'utc'),
            ),
          );
        }),
      ),
    ),
  );
}

/* The worst findings, in time order. */
function gravest(app) {
  const { t, model } = app;
  const all = Array.from({ length: model.n }, (_, i) => i);
  const list = sortFindings(model, all, 'level', true)
    .slice(0, FINDINGS_ON_PAPER)
    .sort((a, b) => a - b);
  return h(
    'section',
    { class: 'paper-part' },
    h('h1', null, t('screen.findings')),
    list.length < model.n ? h('p', null, t('paper.cut', { n: list.length, all: model.n })) : null,
    h(
      'table',
      { class: 'plain' },
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          ['column.level', 'column.time.utc', 'column.host', 'column.rule', 'column.technique'].map(
            (key) => h('th', { scope: 'col' }, t(key)),
          ),
        ),
      ),
      h(
        'tbody',
        null,
        list.map((i) =>
          h(
            'tr',
            null,
            h('td', null, levelBadge(t, model.level(i))),
            h('td', { class: 'nowrap' }, formatTime(model.time(i), 'utc')),
            h('td', null, cellText(model.host(i))),
            h('td', null, cellText(model.rule(i).title)),
            h('td', null, cellText((model.rule(i).techniques ?? []).join(' '))),
          ),
        ),
      ),
    ),
  );
}
