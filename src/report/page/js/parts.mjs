// SPDX-License-Identifier: Apache-2.0
//
// Small pieces that several screens show the same way.

import { h, refill } from './dom.mjs';
import { LEVELS, levelBadge } from './level.mjs';
import { formatTime } from './clock.mjs';

/** Name of a tactic in the reader's language, or as the data has it. */
export function tacticName(t, tactic) {
  return t.or(`tactic.${tactic.short}`, tactic.name);
}

/** A time in both zones: local large, UTC below. */
export function bothTimes(text) {
  return h(
    'span',
    { class: 'both-times' },
    h('time', { datetime: text }, formatTime(text, 'local')),
    h('span', { class: 'faint' }, `${formatTime(text, 'utc')} UTC`),
  );
}

/** Badges with counts, worst first; levels without findings are left out. */
export function levelCounts(t, counts, link) {
  return h(
    'span',
    { class: 'level-counts' },
    LEVELS.map((name, rank) => {
      if (!counts[rank]) return null;
      const inner = [
        levelBadge(t, rank),
        h('b', null, t.number(counts[rank])),
        link ? ` ${t(`level.${name}`)}` : '',
      ];
      return link
        ? h('a', { class: 'level-count', href: link(name) }, inner)
        : h('span', { class: 'level-count' }, inner);
    }).reverse(),
  );
}

/** A button; `name` is read out where the label is only a sign. */
export function button(label, onClick, props = {}) {
  return h('button', { type: 'button', ...props, on: { click: onClick } }, label);
}

/** A button that copies text, and says so. */
export function copyButton(t, label, getText) {
  const self = button(
    label,
    async () => {
      const done = await copyText(getText());
      refill(self, done ? t('copy.done') : t('copy.failed'));
      setTimeout(() => refill(self, label), 1600);
    },
    { class: 'quiet' },
  );
  return self;
}

/* The clipboard may be refused (no permission, an old browser): then the selection way is tried. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h('textarea', { class: 'off-screen', 'aria-hidden': 'true' });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

/** The first `limit` of `items` drawn into `list`, and a button below that draws the others. */
export function cutList(t, list, items, limit, drawItem) {
  items.slice(0, limit).forEach((item) => list.append(drawItem(item)));
  if (items.length <= limit) return null;
  const more = button(
    t('list.more', { n: items.length - limit }),
    () => {
      items.slice(limit).forEach((item) => list.append(drawItem(item)));
      more.remove();
    },
    { class: 'quiet more' },
  );
  return more;
}
