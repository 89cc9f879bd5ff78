// SPDX-License-Identifier: Apache-2.0
//
// The columns of the findings table: what each says as text, how wide it is, and by what it sorts.
// The text is also what goes into CSV.

import { LEVELS } from './level.mjs';
import { formatTime } from './clock.mjs';
import { nameOf } from './overview.mjs';

/* First thing that matched, as "Field: value"; a keyword has no field. */
function evidence(model, i) {
  const first = model.finding(i).matched?.[0];
  if (!first) return '';
  return first[0] ? `${first[0]}: ${first[1]}` : String(first[1]);
}

/*
 * width: pixels, 0 shares what is left. text(model, i, view): plain text; `view` has zone. number:
 * the text is a number. Sorting is by `order` (a number of a finding) or else by the text.
 */
export const COLUMNS = Object.freeze([
  {
    key: 'level',
    width: 60,
    shown: true,
    text: (m, i) => LEVELS[m.level(i)],
    order: (m, i) => m.level(i),
  },
  {
    key: 'time',
    width: 188,
    shown: true,
    text: (m, i, view) => formatTime(m.time(i), view.zone, 3),
    order: (m, i) => i,
  },
  { key: 'host', width: 116, shown: true, text: (m, i) => m.host(i), cache: (m, i) => m.hostOf[i] },
  {
    key: 'rule',
    width: 0,
    shown: true,
    text: (m, i) => m.rule(i).title ?? '',
    cache: (m, i) => m.ruleOf[i],
  },
  {
    key: 'technique',
    width: 120,
    shown: true,
    text: (m, i) => (m.rule(i).techniques ?? []).join(' '),
    cache: (m, i) => m.ruleOf[i],
  },
  {
    key: 'tactic',
    width: 150,
    shown: false,
    text: (m, i) => tacticNames(m, i),
    cache: (m, i) => m.ruleOf[i],
  },
  { key: 'evidence', width: 0, shown: true, text: evidence },
  { key: 'channel', width: 180, shown: false, text: (m, i) => m.event(i).channel ?? '' },
  { key: 'provider', width: 180, shown: false, text: (m, i) => m.event(i).provider ?? '' },
  {
    key: 'id',
    width: 76,
    shown: true,
    number: true,
    text: (m, i) => String(m.event(i).event_id ?? ''),
    order: (m, i) => Number(m.event(i).event_id),
  },
  {
    key: 'record',
    width: 84,
    shown: false,
    number: true,
    text: (m, i) => String(m.event(i).record ?? ''),
    order: (m, i) => Number(m.event(i).record),
  },
  {
    key: 'file',
    width: 240,
    shown: false,
    text: (m, i) => m.file(i).path ?? '',
    cache: (m, i) => m.event(i).file,
  },
  {
    key: 'status',
    width: 100,
    shown: false,
    text: (m, i) => m.rule(i).status ?? '',
    cache: (m, i) => m.ruleOf[i],
  },
  {
    key: 'layer',
    width: 60,
    shown: false,
    number: true,
    text: (m, i) => String(m.finding(i).layer ?? 0),
    order: (m, i) => m.finding(i).layer ?? 0,
  },
]);

function tacticNames(model, i) {
  const shorts = new Set(model.cells(model.ruleOf[i]).map((c) => c.tactic));
  return [...shorts]
    .map((s) => model.attack.tactic(s)?.name ?? '')
    .filter(Boolean)
    .join(', ');
}

/** Columns shown when nothing else is asked for. */
export const DEFAULT_COLUMNS = Object.freeze(COLUMNS.filter((c) => c.shown).map((c) => c.key));

/** A column by key, or undefined. */
export function columnOf(key) {
  return COLUMNS.find((c) => c.key === key);
}

/*
 * Ranks to sort by: numbers of texts in order, so that 100,000 comparisons compare numbers. Texts
 * that many findings share (`cache`) are read once.
 */
function textRanks(model, column, list) {
  const seen = new Map();
  const texts = list.map((i) => {
    if (!column.cache) return column.text(model, i, { zone: 'utc' }).toLowerCase();
    const key = column.cache(model, i);
    if (!seen.has(key)) seen.set(key, column.text(model, i, { zone: 'utc' }).toLowerCase());
    return seen.get(key);
  });
  const order = [...new Set(texts)].sort();
  const rank = new Map(order.map((text, at) => [text, at]));
  return Float64Array.from(texts, (text) => rank.get(text));
}

/** `list` sorted by a column; equal ones stay in time order. Returns a new array. */
export function sortFindings(model, list, key, descending) {
  const column = columnOf(key) ?? columnOf('time');
  const ranks = column.order
    ? Float64Array.from(list, (i) => column.order(model, i) || 0)
    : textRanks(model, column, list);
  const sign = descending ? -1 : 1;
  return Array.from(list.keys())
    .sort((a, b) => sign * (ranks[a] - ranks[b]) || list[a] - list[b])
    .map((at) => list[at]);
}

/** Ways to group the table. */
export const GROUPS = Object.freeze(['host', 'rule', 'technique']);

/* Groups that a finding belongs to: one, but as many as it has techniques. */
function groupKeys(model, i, by) {
  if (by === 'host') return [model.host(i)];
  if (by === 'rule') return [model.rule(i).title ?? ''];
  const techniques = model.rule(i).techniques ?? [];
  return techniques.length ? techniques : [''];
}

/**
 * Groups in `list`'s order of findings, worst first:
 * [{key, name, level, n, first, last, items}]; `name` is what a technique is called. `first` and
 * `last` are numbers of findings, so they are the earliest and the latest.
 */
export function groupFindings(model, list, by) {
  const groups = new Map();
  for (const i of list) {
    for (const key of groupKeys(model, i, by)) {
      if (!groups.has(key)) {
        groups.set(key, {
          key,
          name: by === 'technique' ? nameOf(model, key) : '',
          level: 0,
          n: 0,
          first: i,
          last: i,
          items: [],
        });
      }
      const group = groups.get(key);
      group.items.push(i);
      group.n += 1;
      group.level = Math.max(group.level, model.level(i));
      group.first = Math.min(group.first, i);
      group.last = Math.max(group.last, i);
    }
  }
  return [...groups.values()].sort((a, b) => b.level - a.level || b.n - a.n || a.first - b.first);
}
