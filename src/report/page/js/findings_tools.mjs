// SPDX-License-Identifier: Apache-2.0
//
// The tools above the findings table: how to filter, lowest level, columns, grouping.

import { h } from './dom.mjs';
import { LEVELS, levelBadge } from './level.mjs';
import { button } from './parts.mjs';
import { COLUMNS, GROUPS } from './columns.mjs';
import { withTerm } from './query.mjs';

const EXAMPLES = [
  'level:>=high',
  'host:pc-*',
  't1059',
  'rule:"encoded"',
  'channel:sysmon',
  'id:1',
  'time:>=2020-12-22T00:52',
  'Image:powershell',
  '-status:test',
  'near:12',
];

/* A button that folds a box open below it; Esc closes it. */
function menu(className, summary, body) {
  const onKey = (event) => {
    if (event.key !== 'Escape' || !event.currentTarget.open) return;
    event.currentTarget.open = false;
    event.currentTarget.firstChild.focus();
    event.stopPropagation();
  };
  return h(
    'details',
    { class: `menu ${className}`, on: { keydown: onKey } },
    summary,
    h('div', { class: 'menu-body' }, body),
  );
}

/** How to filter, with examples. */
export function filterHelp(t) {
  return menu(
    'filter-help',
    h('summary', { title: t('filter.help'), 'aria-label': t('filter.help') }, '?'),
    [
      h('p', null, t('filter.help.text')),
      h(
        'p',
        null,
        EXAMPLES.map((e) => [h('code', null, e), ' ']),
      ),
    ],
  );
}

/** Which columns are shown; `onChange` gets their keys. The last one cannot be taken away. */
export function columnMenu(t, shown, onChange) {
  const boxes = COLUMNS.map(({ key }) =>
    h(
      'label',
      null,
      h('input', {
        type: 'checkbox',
        value: key,
        checked: shown.includes(key),
        on: {
          change: (event) => {
            const chosen = [
              ...event.target.closest('.menu-body').querySelectorAll('input:checked'),
            ].map((box) => box.value);
            if (chosen.length) onChange(chosen);
            else event.target.checked = true;
          },
        },
      }),
      t(`column.${key}`),
    ),
  );
  return menu('columns', h('summary', null, t('findings.columns')), boxes);
}

/** "This level and above", each a button that sets the level: term of the filter `query`. */
export function levelButtons(t, query, onChange) {
  return LEVELS.map((name, rank) => {
    const top = rank === LEVELS.length - 1;
    const term = top ? `level:${name}` : `level:>=${name}`;
    const on = query.split(/\s/).includes(term);
    return button(
      [levelBadge(t, rank), top ? '' : '+'],
      () => onChange(withTerm(query, 'level', on ? '' : term)),
      {
        'aria-pressed': String(on),
        title: t(top ? 'filter.level' : 'filter.levelUp', { level: t(`level.${name}`) }),
      },
    );
  }).reverse();
}

/** What to group by; `onChange` gets the key, or an empty text. */
export function groupChoice(t, onChange) {
  return h(
    'select',
    { id: 'group', on: { change: (event) => onChange(event.target.value) } },
    h('option', { value: '' }, t('group.no')),
    GROUPS.map((by) => h('option', { value: by }, t(`column.${by}`))),
  );
}
