// SPDX-License-Identifier: Apache-2.0
//
// The five levels of Sigma rules, lowest first, so that a number compares them. A level is always
// shown by a letter and by the badge's shape; colour comes on top.

import { h } from './dom.mjs';

export const LEVELS = Object.freeze(['informational', 'low', 'medium', 'high', 'critical']);

/** Number of a level, 0 to 4. A level that is missing or unknown counts as informational. */
export function levelRank(name) {
  return Math.max(0, LEVELS.indexOf(String(name ?? '').toLowerCase()));
}

/** Letter in its shape. `t` translates; with `named` the level's name follows. */
export function levelBadge(t, rank, named) {
  const name = t(`level.${LEVELS[rank]}`);
  const mark = h(
    'span',
    { class: `badge lv-${LEVELS[rank]}`, title: name, role: 'img', 'aria-label': name },
    t(`level.mark.${LEVELS[rank]}`),
  );
  return named
    ? h('span', { class: 'badge-named' }, mark, h('span', { 'aria-hidden': 'true' }, name))
    : mark;
}

/** Class of an element that carries a level's colours. */
export function levelClass(rank) {
  return `lv-${LEVELS[rank]}`;
}
