// SPDX-License-Identifier: Apache-2.0
//
// The first screen: what was found in one sentence, where and how far on the way of an attack, by
// which rules, and what could not be seen.

import { h, cellText } from './dom.mjs';
import { LEVELS, levelBadge, levelClass } from './level.mjs';
import { bothTimes, cutList, levelCounts, tacticName } from './parts.mjs';
import { findingsRoute, makeRoute } from './route.mjs';
import { countLevels, tallyHosts, tallyRules } from './overview.mjs';
import { quoteValue } from './query.mjs';
import { ledgerFacts } from './ledger_facts.mjs';
import { formatTime, zoneName } from './clock.mjs';

const HOSTS_AT_FIRST = 5;
const RULES_AT_FIRST = 5;
const LONG_NAME = 120;

const exactly = (key, value) => `${key}:=${quoteValue(value)}`;

/** Draws the screen; `app` gives model, t and view. */
export function drawCase(app) {
  const { model, t } = app;
  const hosts = tallyHosts(model);
  return h(
    'div',
    { class: 'case' },
    sentence(
      app,
      hosts.filter((host) => host.n),
    ),
    hosts.length ? hostTable(app, hosts) : null,
    h(
      'div',
      { class: 'case-foot' },
      model.n ? topRules(app) : null,
      h('section', null, h('h2', null, t('case.sight')), sight(app)),
    ),
  );
}

function sentence(app, hosts) {
  const { model, t } = app;
  if (!model.n) {
    return h(
      'section',
      { class: 'verdict' },
      h('h1', null, t('case.nothing')),
      h('p', { class: 'faint' }, t('case.nothing.note')),
    );
  }
  const levels = countLevels(model);
  const findings = h('b', null, t('case.findings', { n: model.n }));
  const where = h('b', null, t('case.hosts', { n: hosts.length }));
  const [high, critical] = [levels[3], levels[4]];
  const grave = h(
    'b',
    null,
    high && critical
      ? t('case.grave', { critical, high })
      : t(critical ? 'case.grave.critical' : 'case.grave.high', { n: critical || high }),
  );
  return h(
    'section',
    { class: 'verdict' },
    h(
      'h1',
      null,
      t.parts(critical + high ? 'case.sentence.grave' : 'case.sentence', {
        findings,
        where,
        grave,
      }),
    ),
    h(
      'p',
      null,
      levelCounts(t, levels, (name) => findingsRoute(`level:${name}`)),
      h('span', { class: 'faint' }, period(app, hosts)),
    ),
    h('p', { class: 'faint' }, t('case.caution')),
  );
}

/* When the findings of level medium and above were, or else all. */
function period(app, hosts) {
  const { t, model } = app;
  const grave = hosts.filter((host) => host.firstGrave >= 0);
  const first = grave.length ? Math.min(...grave.map((host) => host.firstGrave)) : 0;
  const last = grave.length ? Math.max(...grave.map((host) => host.lastGrave)) : model.n - 1;
  const minute = (i) => formatTime(model.time(i), 'local').slice(0, 16);
  return t(grave.length ? 'case.span.grave' : 'case.span', {
    from: minute(first),
    to: minute(last),
    zone: zoneName(model.time(first), 'local'),
  });
}

function hostTable(app, hosts) {
  const { t, model } = app;
  const body = h('tbody');
  const more = cutList(t, body, hosts, HOSTS_AT_FIRST, (host) => hostRow(app, host));
  return h(
    'section',
    { class: 'case-hosts' },
    h(
      'table',
      { class: 'plain hosts' },
      h('caption', null, t('case.hosts.caption')),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          h('th', { scope: 'col' }, t('column.host')),
          h('th', { scope: 'col' }, t('case.byLevel')),
          h(
            'th',
            { scope: 'col', 'aria-label': t('case.strip', { count: model.attack.tactics.length }) },
            h(
              'span',
              { class: 'strip names' },
              model.attack.tactics.map((tactic) => h('span', null, tacticName(t, tactic))),
            ),
          ),
          h('th', { scope: 'col' }, t('case.first')),
          h('th', { scope: 'col' }, t('case.last')),
        ),
      ),
      body,
    ),
    more,
  );
}

function hostRow(app, host) {
  const { t, model } = app;
  const name = h('th', { scope: 'row' });
  if (!host.n) {
    name.append(cellText(host.name, LONG_NAME));
    return h(
      'tr',
      { class: 'clean' },
      name,
      h('td', { colspan: '4', class: 'faint' }, t('case.clean')),
    );
  }
  const label = host.name === '' ? t('host.none') : cellText(host.name, LONG_NAME);
  name.append(h('a', { href: findingsRoute(exactly('host', host.name)) }, label));
  return h(
    'tr',
    null,
    name,
    h('td', null, levelCounts(t, host.levels)),
    h('td', null, tacticStrip(app, host)),
    timeCells(app, host),
  );
}

/* Since when and until: of the findings of level medium and above, or else of all. */
function timeCells(app, host) {
  const grave = host.firstGrave >= 0;
  return [grave ? host.firstGrave : host.first, grave ? host.lastGrave : host.last].map((i) =>
    h('td', { class: grave ? null : 'faint' }, bothTimes(app.model.time(i))),
  );
}

/* One box per tactic in order; a reached one is filled, carries its level's letter and opens its findings. */
function tacticStrip(app, host) {
  const { t, model } = app;
  return h(
    'ol',
    { class: 'strip', 'aria-label': t('case.strip', { count: model.attack.tactics.length }) },
    model.attack.tactics.map((tactic) => {
      const tally = host.tactics.get(tactic.short);
      if (!tally)
        return h('li', {
          class: 'step',
          title: t('case.notReached', { name: tacticName(t, tactic) }),
        });
      const name = t('case.reached', {
        name: tacticName(t, tactic),
        n: tally.n,
        level: t(`level.${LEVELS[tally.level]}`),
      });
      const query = `${exactly('host', host.name)} tactic:=${tactic.short}`;
      return h(
        'li',
        { class: `step reached ${levelClass(tally.level)}` },
        h(
          'a',
          { href: findingsRoute(query), title: name, 'aria-label': name },
          t(`level.mark.${LEVELS[tally.level]}`),
        ),
      );
    }),
  );
}

function topRules(app) {
  const { t, model } = app;
  const list = h('tbody');
  const more = cutList(t, list, tallyRules(model), RULES_AT_FIRST, (row) =>
    h(
      'tr',
      null,
      h('td', { class: 'narrow' }, levelBadge(t, row.level)),
      h(
        'th',
        { scope: 'row' },
        h(
          'a',
          { href: findingsRoute(exactly('rule', model.rules[row.rule].title ?? '')) },
          cellText(model.rules[row.rule].title, LONG_NAME),
        ),
      ),
      h('td', { class: 'number' }, t.number(row.n)),
      h('td', { class: 'number faint' }, t('case.ruleHosts', { n: row.hosts })),
    ),
  );
  return h(
    'section',
    null,
    h('h2', null, t('case.rules')),
    h('table', { class: 'plain rules', 'aria-label': t('case.rules') }, list),
    more,
  );
}

/* What was read, and every reason why something may be missing from this page. */
function sight(app) {
  const { t, model } = app;
  return h(
    'ul',
    { class: 'sight' },
    ledgerFacts(t, model).map((fact) =>
      h(
        'li',
        { class: fact.gap ? 'gap' : 'fine' },
        h('span', { class: 'sight-mark', 'aria-hidden': 'true' }, fact.gap ? '!' : '✓'),
        fact.text,
      ),
    ),
    h('li', { class: 'to-ledger' }, h('a', { href: makeRoute('ledger') }, t('case.toLedger'))),
  );
}
