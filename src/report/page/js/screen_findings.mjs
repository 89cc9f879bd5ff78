// SPDX-License-Identifier: Apache-2.0
//
// The table of findings: filter by typing, sort, group, choose columns, copy as CSV. The filter, the
// order, the grouping and the columns stand in the address.

import { h, cellText, refill } from './dom.mjs';
import { levelBadge } from './level.mjs';
import { button, copyButton } from './parts.mjs';
import { VirtualTable } from './virtual_table.mjs';
import { columnMenu, filterHelp, groupChoice, levelButtons } from './findings_tools.mjs';
import { DEFAULT_COLUMNS, GROUPS, columnOf, groupFindings, sortFindings } from './columns.mjs';
import { runQuery } from './query.mjs';
import { formatSpan } from './clock.mjs';
import { makeRoute } from './route.mjs';
import { toCsv } from './csv.mjs';

const ROW_HEIGHT = 28;
const TYPING_PAUSE_MS = 120;
const MIN_SHARED_WIDTH = 200;
// Beside an open finding there is no room for what the finding shows itself.
const LEFT_OUT_WHEN_NARROW = 'evidence';

/* What the address asks for; odd values count as not said. */
function readParams(params) {
  const cols = String(params.cols ?? '')
    .split(',')
    .filter((key) => columnOf(key));
  const sort = String(params.sort ?? '');
  const key = sort.replace(/^-/, '');
  return {
    q: params.q ?? '',
    sort: columnOf(key) ? key : 'time',
    down: sort.startsWith('-'),
    group: GROUPS.includes(params.group) ? params.group : '',
    cols: cols.length ? cols : [...DEFAULT_COLUMNS],
  };
}

function addressOf({ q, sort, down, group, cols }) {
  const columns = cols.join(',');
  return makeRoute('findings', {
    q,
    group,
    sort: sort === 'time' && !down ? '' : `${down ? '-' : ''}${sort}`,
    cols: columns === DEFAULT_COLUMNS.join(',') ? '' : columns,
  });
}

export class FindingsScreen {
  /** `app` gives model, t, view, goto, openEvent, followEvent. Call `start` once it is in the page. */
  constructor(app, params) {
    this.app = app;
    this.wish = readParams(params);
    this.list = [];
    this.rows = [];
    this.closed = new Set();
    this.places = null;
    this.narrow = false;
    this.timer = 0;
    this.table = new VirtualTable({
      label: app.t('screen.findings'),
      rowHeight: ROW_HEIGHT,
      drawRow: (at) => this.drawRow(at),
      onOpen: (at, byKey) => this.onOpen(at, byKey),
      onMove: (at) => this.onMove(at),
      onKey: (event, at) => this.onKey(event, at),
    });
    this.element = this.drawFrame();
    this.drawHead();
  }

  drawFrame() {
    const { t } = this.app;
    this.input = h('input', {
      type: 'search',
      class: 'filter',
      id: 'filter',
      autocomplete: 'off',
      spellcheck: 'false',
      placeholder: t('filter.hint'),
      'aria-label': t('filter.label'),
      'aria-keyshortcuts': '/',
      on: { input: () => this.onTyping(), keydown: (event) => this.onFilterKey(event) },
    });
    this.input.value = this.wish.q;
    this.levels = h('span', {
      class: 'level-choice',
      role: 'group',
      'aria-label': t('filter.levels'),
    });
    this.tally = h('span', { class: 'tally', role: 'status' });
    this.empty = h('p', { class: 'empty', hidden: true }, t('findings.none'));
    this.group = groupChoice(t, (group) => this.go({ group }));
    this.group.value = this.wish.group;
    return h(
      'div',
      { class: 'findings-screen' },
      h(
        'div',
        { class: 'toolbar' },
        this.input,
        filterHelp(t),
        this.levels,
        h('label', { for: 'group' }, t('group.label')),
        this.group,
        columnMenu(t, this.wish.cols, (cols) => this.go({ cols })),
        copyButton(t, t('findings.csv'), () => this.csv()),
        this.tally,
      ),
      this.table.element,
      this.empty,
    );
  }

  start() {
    this.refresh();
  }

  /** The address changed: shows what it asks for. */
  update(params) {
    const old = this.wish;
    this.wish = readParams(params);
    if (document.activeElement !== this.input) this.input.value = this.wish.q;
    this.group.value = this.wish.group;
    if (old.group !== this.wish.group) this.closed.clear();
    this.drawHead();
    if (['q', 'sort', 'down'].some((key) => old[key] !== this.wish[key])) this.refresh();
    else this.layRows(0);
  }

  go(change) {
    this.app.goto(addressOf({ ...this.wish, ...change }), true);
  }

  /* Filters and sorts. */
  refresh() {
    const { model, t } = this.app;
    const { q, sort, down } = this.wish;
    const found = runQuery(model, q);
    this.list = sort === 'time' && !down ? found : sortFindings(model, found, sort, down);
    this.places = null;
    refill(this.tally, t('findings.tally', { n: found.length, all: model.n }));
    refill(
      this.levels,
      levelButtons(t, q, (query) => this.setQuery(query)),
    );
    this.empty.hidden = found.length > 0;
    this.layRows(0);
  }

  /* Rows are numbers of findings, or groups. */
  layRows(active) {
    this.rows = !this.wish.group
      ? this.list
      : groupFindings(this.app.model, this.list, this.wish.group).flatMap((group) =>
          this.closed.has(group.key) ? [group] : [group, ...group.items],
        );
    this.table.setRows(this.rows.length, active);
  }

  shownColumns() {
    const { cols } = this.wish;
    return this.narrow && cols.length > 1
      ? cols.filter((key) => key !== LEFT_OUT_WHEN_NARROW)
      : cols;
  }

  drawHead() {
    const cols = this.shownColumns().map(columnOf);
    this.table.setHead(
      cols.map((column) => this.headCell(column)),
      cols.map((column) => column.width),
      cols.reduce((sum, column) => sum + (column.width || MIN_SHARED_WIDTH), 0),
    );
  }

  headCell({ key, number }) {
    const { sort, down } = this.wish;
    const on = sort === key;
    const mark = h(
      'span',
      { class: 'sort-mark', 'aria-hidden': 'true' },
      on ? (down ? '▼' : '▲') : '',
    );
    return h(
      'th',
      {
        scope: 'col',
        class: number ? 'number' : null,
        'aria-sort': on ? (down ? 'descending' : 'ascending') : 'none',
      },
      button(
        [this.headText(key), mark],
        () => this.go({ sort: key, down: on ? !down : key === 'level' }),
        { data: { sort: key } },
      ),
    );
  }

  headText(key) {
    const { t, view } = this.app;
    return key === 'time' ? t(`column.time.${view.zone}`) : t(`column.${key}`);
  }

  drawRow(at) {
    const row = this.rows[at];
    if (typeof row !== 'number') return this.drawGroup(row);
    return h(
      'tr',
      null,
      this.shownColumns().map((key) => this.drawCell(columnOf(key), row)),
    );
  }

  drawCell(column, i) {
    const { model, t, view } = this.app;
    if (column.key === 'level') return h('td', { class: 'narrow' }, levelBadge(t, model.level(i)));
    const text = column.key === 'host' ? model.shortHost(i) : column.text(model, i, view);
    return h('td', { class: column.number ? 'number' : `c-${column.key}` }, cellText(text));
  }

  drawGroup(group) {
    const { model, t, view } = this.app;
    const open = !this.closed.has(group.key);
    const span = formatSpan(model.time(group.first), model.time(group.last), view.zone);
    return h(
      'tr',
      { class: 'group', 'aria-expanded': String(open) },
      h(
        'td',
        { colspan: this.shownColumns().length },
        h(
          'div',
          { class: 'group-line' },
          h('span', { class: 'twist', 'aria-hidden': 'true' }, open ? '▾' : '▸'),
          levelBadge(t, group.level),
          h('b', null, cellText(group.key === '' ? t('group.none') : group.key)),
          group.name ? cellText(group.name) : null,
          h('span', { class: 'faint' }, `${t('findings.count', { n: group.n })} · ${span}`),
        ),
      ),
    );
  }

  toggle(at, open) {
    const { key } = this.rows[at];
    if (open ?? this.closed.has(key)) this.closed.delete(key);
    else this.closed.add(key);
    this.layRows(at);
  }

  onOpen(at, byKey) {
    if (typeof this.rows[at] === 'number') this.app.openEvent(this.rows[at], byKey);
    else this.toggle(at);
  }

  onMove(at) {
    if (typeof this.rows[at] === 'number') this.app.followEvent(this.rows[at]);
  }

  onKey(event, at) {
    const isGroup = at < this.rows.length && typeof this.rows[at] !== 'number';
    if (!isGroup || !['ArrowLeft', 'ArrowRight'].includes(event.key)) return false;
    this.toggle(at, event.key === 'ArrowRight');
    return true;
  }

  setQuery(q) {
    this.input.value = q;
    this.go({ q });
  }

  onTyping() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.go({ q: this.input.value.trim() }), TYPING_PAUSE_MS);
  }

  onFilterKey(event) {
    if (event.isComposing) return;
    if (event.key === 'Enter' || event.key === 'ArrowDown') {
      clearTimeout(this.timer);
      this.go({ q: this.input.value.trim() });
      this.table.focus();
      event.preventDefault();
    } else if (event.key === 'Escape' && this.input.value) {
      clearTimeout(this.timer);
      this.setQuery('');
      event.preventDefault();
      event.stopPropagation();
    }
  }

  csv() {
    const { model, view } = this.app;
    const columns = this.wish.cols.map(columnOf);
    return toCsv([
      columns.map((column) => this.headText(column.key)),
      ...this.list.map((i) => columns.map((column) => column.text(model, i, view))),
    ]);
  }

  /** Beside an open finding the table has less room. */
  setNarrow(narrow) {
    if (this.narrow === narrow) return;
    this.narrow = narrow;
    this.drawHead();
    this.table.redraw();
  }

  focusFilter() {
    this.input.focus();
    this.input.select();
  }

  focusTable() {
    this.table.focus();
  }

  /** Makes a finding's row the active one. It may stand in several groups: then the active one stays. */
  select(i) {
    if (this.rows[this.table.active] === i) return;
    const at = this.rows.indexOf(i);
    if (at >= 0) this.table.setActive(at, true);
  }

  /** The findings before and after `i` in the order on the screen, or null if it is not there. */
  neighbours(i) {
    this.places ??= new Map(this.list.map((finding, at) => [finding, at]));
    const at = this.places.get(i);
    if (at === undefined) return null;
    return { previous: this.list[at - 1], next: this.list[at + 1], at, total: this.list.length };
  }

  destroy() {
    clearTimeout(this.timer);
    this.table.destroy();
  }
}
