// SPDX-License-Identifier: Apache-2.0
//
// Findings added up: by level, host, rule, tactic and technique. Pure functions of the model.

import { OTHER, parentOf } from './attack.mjs';

/** Level (medium) from which on a finding counts for "since when": the ones below occur every day. */
export const GRAVE = 2;

/*
 * A tally counts findings and keeps the highest level and the first and last of them, of all and of
 * the grave ones (numbers of findings, which are in time order; -1: none).
 */
function newTally(extra) {
  return { n: 0, level: -1, first: -1, last: -1, firstGrave: -1, lastGrave: -1, ...extra };
}

function count(tally, model, i) {
  tally.n += 1;
  if (model.level(i) >= GRAVE) {
    if (tally.firstGrave < 0) tally.firstGrave = i;
    tally.lastGrave = i;
  }
  tally.level = Math.max(tally.level, model.level(i));
  if (tally.first < 0) tally.first = i;
  tally.last = i;
}

/** Worst first: by level, then by number, then by the earlier start. */
export function worstFirst(a, b) {
  return b.level - a.level || b.n - a.n || a.first - b.first;
}

/** Findings per level, lowest level first. */
export function countLevels(model) {
  const counts = [0, 0, 0, 0, 0];
  for (let i = 0; i < model.n; i += 1) counts[model.level(i)] += 1;
  return counts;
}

/**
 * One tally per host, worst first: {name, host, levels[5], tactics: Map(short, tally)}. Hosts that
 * the summary names and that have no finding come last, with n = 0 and host = -1.
 */
export function tallyHosts(model) {
  const rows = model.hostNames.map((name, host) =>
    newTally({ name, host, levels: [0, 0, 0, 0, 0], tactics: new Map() }),
  );
  for (let i = 0; i < model.n; i += 1) {
    const row = rows[model.hostOf[i]];
    count(row, model, i);
    row.levels[model.level(i)] += 1;
    for (const tactic of new Set(model.cells(model.ruleOf[i]).map((c) => c.tactic))) {
      if (!row.tactics.has(tactic)) row.tactics.set(tactic, newTally());
      count(row.tactics.get(tactic), model, i);
    }
  }
  const seen = new Set(rows.map((r) => r.name.toLowerCase()));
  const clean = (model.summary.hosts ?? [])
    .filter((h) => !seen.has(String(h.name).toLowerCase()))
    .map((h) =>
      newTally({ name: String(h.name), host: -1, levels: [0, 0, 0, 0, 0], tactics: new Map() }),
    );
  return [...rows.filter((r) => r.n).sort(worstFirst), ...clean];
}

/** One tally per rule that matched, worst first: {rule, hosts}. */
export function tallyRules(model) {
  const rows = new Map();
  for (let i = 0; i < model.n; i += 1) {
    const rule = model.ruleOf[i];
    if (!rows.has(rule)) rows.set(rule, newTally({ rule, seen: new Set() }));
    count(rows.get(rule), model, i);
    rows.get(rule).seen.add(model.hostOf[i]);
  }
  return [...rows.values()].map((r) => ({ ...r, hosts: r.seen.size })).sort(worstFirst);
}

/**
 * The matrix of the findings in `list` (numbers, ascending): one column per tactic in order, and a
 * last one for what ATT&CK's table does not know if there is any. A column is a tally with
 * {tactic, name, techniques, bare, quiet}: `techniques` are tallies {id, name, own, subs}, worst
 * first, that count each finding once however many of its sub-techniques matched; `own` counts the
 * technique itself; `bare` counts findings that name the tactic and no technique of it; `quiet`
 * are the techniques without findings.
 */
export function buildMatrix(model, list) {
  const columns = new Map(model.attack.tactics.map((t) => [t.short, newColumn(t.short, t.name)]));
  columns.set(OTHER, newColumn(OTHER, null));
  for (const i of list) {
    const touched = new Set();
    const once = (tally) => {
      if (touched.has(tally)) return;
      touched.add(tally);
      count(tally, model, i);
    };
    for (const { tactic, technique } of model.cells(model.ruleOf[i])) {
      const column = columns.get(tactic);
      once(column);
      if (technique === null) once(column.bare);
      else techniqueTallies(model, column, technique).forEach(once);
    }
  }
  return [...columns.values()]
    .filter((c) => c.tactic !== OTHER || c.n)
    .map((c) => finishColumn(model, c));
}

function newColumn(tactic, name) {
  return newTally({ tactic, name, found: new Map(), bare: newTally() });
}

/* The tallies that a hit of `id` adds to: the technique, and inside it itself or its sub-technique. */
function techniqueTallies(model, column, id) {
  const top = parentOf(id);
  if (!column.found.has(top)) {
    column.found.set(
      top,
      newTally({ id: top, name: nameOf(model, top), own: newTally(), found: new Map() }),
    );
  }
  const parent = column.found.get(top);
  if (id === top) return [parent, parent.own];
  if (!parent.found.has(id)) parent.found.set(id, newTally({ id, name: nameOf(model, id) }));
  return [parent, parent.found.get(id)];
}

/** Name of a technique, or an empty text where the table has none. */
export function nameOf(model, id) {
  return model.attack.technique(id)?.name ?? '';
}

function finishColumn(model, column) {
  const { found, ...rest } = column;
  const techniques = [...found.values()]
    .sort(worstFirst)
    .map(({ found: subs, ...technique }) => ({
      ...technique,
      subs: [...subs.values()].sort(worstFirst),
    }));
  const quiet = model.attack
    .techniquesOf(column.tactic)
    .filter((t) => !t.id.includes('.') && !found.has(t.id));
  return { ...rest, techniques, quiet };
}
