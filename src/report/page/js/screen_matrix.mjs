// SPDX-License-Identifier: Apache-2.0
//
// The ATT&CK matrix of what was found. Columns with findings take the room; tactics and techniques
// without findings are folded, not left out, so that the reader sees what was not reached.

import { h, cellText, plain, refill } from './dom.mjs';
import { LEVELS, levelBadge, levelClass } from './level.mjs';
import { findingsRoute, makeRoute } from './route.mjs';
import { buildMatrix } from './overview.mjs';
import { OTHER } from './attack.mjs';
import { quoteValue } from './query.mjs';
import { button, tacticName } from './parts.mjs';
import { formatSpan, spanPieces } from './clock.mjs';

/** Draws the screen; the address says which host (`host`) or, without it, the whole case. */
export function drawMatrix(app, params) {
  const { model } = app;
  const host = model.hostNames.indexOf(params.host ?? '\u0000');
  const list = host < 0 ? Array.from({ length: model.n }, (_, i) => i) : model.ofHost(host);
  const columns = buildMatrix(model, list);
  const scope = host < 0 ? '' : `host:=${quoteValue(model.hostNames[host])}`;
  const grid = h(
    'div',
    { class: 'matrix', role: 'group', 'aria-label': app.t('screen.matrix') },
    columns.map((column) => drawColumn(app, column, scope)),
  );
  grid.style.gridTemplateColumns = columns
    .map((c) => (c.n ? 'minmax(116px, 1fr)' : '36px'))
    .join(' ');
  grid.addEventListener('keydown', (event) => moveByArrow(grid, event));
  return h(
    'div',
    { class: 'matrix-screen' },
    toolbar(app, host),
    h('div', { class: 'matrix-scroll' }, grid),
  );
}

function toolbar(app, host) {
  const { t, model } = app;
  const choice = h(
    'select',
    {
      id: 'matrix-host',
      on: {
        change: (event) => {
          location.hash = makeRoute('matrix', {
            host: event.target.value === '-1' ? '' : model.hostNames[event.target.value],
          });
        },
      },
    },
    h('option', { value: '-1' }, t('matrix.all')),
    model.hostNames.map((name, i) =>
      h('option', { value: i, selected: i === host }, name || t('host.none')),
    ),
  );
  return h(
    'div',
    { class: 'toolbar' },
    h('label', { for: 'matrix-host' }, t('matrix.scope')),
    choice,
    h('span', { class: 'legend' }, LEVELS.map((_, rank) => levelBadge(t, rank, true)).reverse()),
    h('span', { class: 'faint' }, t('matrix.legend', { version: model.attack.version })),
  );
}

/** Heading of a column of the matrix. */
export function columnName(t, column) {
  return column.tactic === OTHER
    ? t('matrix.other')
    : tacticName(t, { short: column.tactic, name: column.name });
}

/* A technique's name, which may be broken after a slash. */
function breakable(name, limit) {
  return name.split(/(?<=\/)/).map((piece, k) => [k ? h('wbr') : null, cellText(piece, limit)]);
}

function drawColumn(app, column, scope) {
  const { t } = app;
  const name = columnName(t, column);
  if (!column.n) {
    return h(
      'section',
      { class: 'tactic quiet', 'aria-label': t('matrix.tactic.none', { name }) },
      h('h2', { title: t('matrix.tactic.none', { name }) }, name),
    );
  }
  const query = [scope, `tactic:=${column.tactic}`].filter(Boolean).join(' ');
  return h(
    'section',
    { class: 'tactic', 'aria-label': name },
    h(
      'h2',
      null,
      h('a', { href: findingsRoute(query), class: 'cell-link' }, name),
      h('span', { class: 'faint' }, t('matrix.findings', { n: column.n })),
    ),
    column.techniques.map((technique) => drawTechnique(app, column, technique, scope)),
    column.bare.n ? drawBare(app, column, scope) : null,
    column.quiet.length ? drawQuiet(app, column) : null,
  );
}

function cellQuery(scope, id, tactic) {
  return [scope, `technique:${id}@${tactic}`].filter(Boolean).join(' ');
}

function drawTechnique(app, column, technique, scope) {
  const { t, model, view } = app;
  const span = formatSpan(model.time(technique.first), model.time(technique.last), view.zone);
  return h(
    'div',
    { class: `technique ${levelClass(technique.level)}` },
    h(
      'a',
      {
        class: 'cell-link technique-main',
        href: findingsRoute(cellQuery(scope, technique.id, column.tactic)),
        title: `${technique.id} ${technique.name}\n${span}`,
      },
      h(
        'span',
        { class: 'technique-top' },
        levelBadge(t, technique.level),
        h('span', { class: 'technique-id' }, plain(technique.id, 24)),
        h('span', { class: 'technique-n' }, t.number(technique.n)),
      ),
      h(
        'span',
        { class: 'technique-name', lang: technique.name ? 'en' : null },
        technique.name ? breakable(technique.name, 80) : t('technique.unknown'),
      ),
      h(
        'span',
        { class: 'technique-span' },
        spanPieces(model.time(technique.first), model.time(technique.last), view.zone).map(
          (piece) => h('span', null, cellText(piece, 40)),
        ),
      ),
    ),
    technique.subs.length
      ? h(
          'ul',
          { class: 'subs' },
          technique.subs.map((sub) => drawSub(app, column, sub, scope)),
        )
      : null,
  );
}

function drawSub(app, column, sub, scope) {
  const { t, model, view } = app;
  const span = formatSpan(model.time(sub.first), model.time(sub.last), view.zone);
  return h(
    'li',
    { class: levelClass(sub.level) },
    h(
      'a',
      {
        class: 'cell-link sub',
        href: findingsRoute(cellQuery(scope, sub.id, column.tactic)),
        title: `${sub.id} ${sub.name}\n${span}`,
      },
      h('span', { class: 'technique-n' }, t.number(sub.n)),
      levelBadge(t, sub.level),
      ' ',
      h(
        'span',
        { class: 'sub-name', lang: 'en' },
        sub.name ? breakable(sub.name, 60) : plain(sub.id, 24),
      ),
    ),
  );
}

function drawBare(app, column, scope) {
  const { t } = app;
  return h(
    'div',
    { class: `technique bare ${levelClass(column.bare.level)}` },
    h(
      'a',
      {
        class: 'cell-link technique-main',
        href: findingsRoute(cellQuery(scope, 'none', column.tactic)),
      },
      h(
        'span',
        { class: 'technique-top' },
        levelBadge(t, column.bare.level),
        h('span', { class: 'technique-n' }, t.number(column.bare.n)),
      ),
      h('span', { class: 'technique-name' }, t('matrix.bare')),
    ),
  );
}

/* Techniques without findings: a dot each, names on demand. */
function drawQuiet(app, column) {
  const { t } = app;
  const holder = h('div', { class: 'quiet-techniques' });
  const fold = () =>
    refill(
      holder,
      button(
        [
          h(
            'span',
            { class: 'dots', 'aria-hidden': 'true' },
            column.quiet.map(() => h('i')),
          ),
          h('span', null, t('matrix.quiet', { n: column.quiet.length })),
        ],
        unfold,
        { class: 'fold', 'aria-expanded': 'false' },
      ),
    );
  const unfold = () => {
    refill(
      holder,
      button(
        t('matrix.fold'),
        () => {
          fold();
          holder.firstChild.focus();
        },
        { class: 'fold', 'aria-expanded': 'true' },
      ),
      h(
        'ul',
        null,
        column.quiet.map((q) => h('li', null, h('span', null, q.id), ` ${q.name}`)),
      ),
    );
    holder.firstChild.focus();
  };
  fold();
  return holder;
}

/* Arrows go up and down in a column, left and right to the cell nearest in height. */
function moveByArrow(grid, event) {
  const here = event.target.closest('.cell-link');
  if (!here || !event.key.startsWith('Arrow') || event.altKey || event.ctrlKey || event.metaKey)
    return;
  event.preventDefault();
  const columns = [...grid.children]
    .map((c) => [...c.querySelectorAll('.cell-link')])
    .filter((c) => c.length);
  const at = columns.findIndex((cells) => cells.includes(here));
  const row = columns[at].indexOf(here);
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    columns[at][row + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
    return;
  }
  const beside = columns[at + (event.key === 'ArrowRight' ? 1 : -1)];
  const y = here.getBoundingClientRect().top;
  const distance = (cell) => Math.abs(cell.getBoundingClientRect().top - y);
  beside?.reduce((best, cell) => (distance(cell) < distance(best) ? cell : best)).focus();
}
