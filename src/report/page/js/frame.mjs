// SPDX-License-Identifier: Apache-2.0
//
// What stands around the screens: header with screens and choices, the help on keys.

import { h, icon, refill } from './dom.mjs';
import { button } from './parts.mjs';
import { SCREENS } from './route.mjs';

const GATE = 'M1 3h14v2H1zM3 5h2v10H3zM11 5h2v10h-2zM5 8h6v1.5H5z';
const KEYS = ['/', '1 2 3 4', '↑ ↓', 'Enter', 'j k', 'Esc', '?'];

/* A choice of few, all in sight. After a change the header is drawn anew; the focus stays on it. */
function choice(header, label, chosen, options, choose) {
  return h(
    'span',
    { class: 'choice', role: 'group', 'aria-label': label },
    options.map(([value, text, lang]) =>
      button(
        text,
        () => {
          choose(value);
          header.querySelector(`button[data-value="${value}"]`)?.focus();
        },
        { 'aria-pressed': String(value === chosen), data: { value }, lang },
      ),
    ),
  );
}

/** Fills the header. `app` gives t, model, view, tables, setZone, setLanguage, showHelp. */
export function drawHeader(header, app) {
  const { t, model, view, tables } = app;
  refill(
    header,
    h(
      'a',
      { class: 'mark', href: '#case' },
      icon(GATE),
      h('b', null, 'Sekisho'),
      h('span', { lang: 'ja', class: 'faint' }, '関所'),
    ),
    h(
      'nav',
      { 'aria-label': t('nav') },
      SCREENS.map((name, at) =>
        h(
          'a',
          {
            href: `#${name}`,
            data: { screen: name },
            'aria-keyshortcuts': String(at + 1),
          },
          t(`screen.${name}`),
          name === 'findings' ? h('span', { class: 'count' }, t.number(model.n)) : null,
        ),
      ),
    ),
    h(
      'div',
      { class: 'choices' },
      choice(
        header,
        t('zone.label'),
        view.zone,
        [
          ['local', t('zone.local')],
          ['utc', 'UTC'],
        ],
        app.setZone,
      ),
      choice(
        header,
        t('lang.label'),
        t.lang,
        Object.keys(tables).map((code) => [code, tables[code]['lang.name'], code]),
        app.setLanguage,
      ),
      button('?', app.showHelp, {
        class: 'quiet',
        'aria-label': t('keys.title'),
        title: t('keys.title'),
      }),
    ),
  );
}

/** Marks the screen that is shown. */
export function markScreen(header, screen) {
  for (const link of header.querySelectorAll('nav a')) {
    if (link.dataset.screen === screen) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

/** Fills the dialog that explains the keys. */
export function drawHelp(dialog, t) {
  refill(
    dialog,
    h('h2', null, t('keys.title')),
    h(
      'dl',
      null,
      KEYS.map((key, at) => [h('dt', null, h('kbd', null, key)), h('dd', null, t(`keys.${at}`))]),
    ),
    button(t('event.close'), () => dialog.close()),
  );
}
