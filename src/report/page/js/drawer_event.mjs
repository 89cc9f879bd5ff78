// SPDX-License-Identifier: Apache-2.0
//
// One finding in full, beside the screen it was opened from: what matched and why, the event's
// fields, its XML, and the rule.

import { h, cellText, cutBefore, outLink, plain, refill } from './dom.mjs';
import { levelBadge } from './level.mjs';
import { button, copyButton } from './parts.mjs';
import { formatTime, zoneName } from './clock.mjs';
import { nameOf } from './overview.mjs';
import { techniqueAddress } from './attack.mjs';
import { findingsRoute } from './route.mjs';
import { NEAR, quoteValue } from './query.mjs';
import { layOutXml } from './xml_text.mjs';

const LONG_TEXT = 800;
const NEXT_TEXT = 100000;

/** Draws the drawer of finding `i`. `place` as `neighbours` of the findings screen gives it. */
export function drawEvent(app, i, place) {
  const { t, model } = app;
  return h(
    'div',
    { class: 'drawer-body' },
    head(app, i, place),
    h(
      'div',
      { class: 'drawer-scroll', tabindex: '0', role: 'region', 'aria-label': t('event.detail') },
      facts(app, i),
      matched(app, i),
      decodedSection(app, i),
      scriptSection(app, i),
      ancestorSection(app, i),
      others(app, i),
      section(t('event.fields'), fieldTable(app, i)),
      xmlSection(app, model.event(i).xml ?? ''),
      ruleSection(app, i),
    ),
  );
}

function section(title, ...body) {
  return h('section', null, h('h3', null, title), body);
}

function head(app, i, place) {
  const { t, model } = app;
  const step = (to, label, sign, key) =>
    button(sign, () => app.openEvent(to, true), {
      class: 'quiet',
      'aria-label': label,
      title: `${label} (${key})`,
      disabled: to === undefined,
    });
  return h(
    'header',
    { class: 'drawer-head' },
    h(
      'div',
      { class: 'drawer-tools' },
      h('span', { class: 'faint' }, t('event.place', { at: place.at + 1, total: place.total })),
      step(place.previous, t('event.previous'), '↑', 'k'),
      step(place.next, t('event.next'), '↓', 'j'),
      button('✕', app.closeEvent, {
        class: 'quiet close',
        'aria-label': t('event.close'),
        title: `${t('event.close')} (Esc)`,
      }),
    ),
    h(
      'h2',
      { tabindex: '-1', id: 'event-title' },
      levelBadge(t, model.level(i)),
      ' ',
      h('bdi', null, plain(model.rule(i).title, 400)),
    ),
  );
}

function facts(app, i) {
  const { t, model } = app;
  const event = model.event(i);
  const host = model.host(i);
  const filter = (query, text) => h('a', { href: findingsRoute(query) }, cellText(text, 400));
  const row = (key, ...value) => [h('dt', null, t(key)), h('dd', null, value)];
  return h(
    'dl',
    { class: 'facts' },
    row(
      'event.time',
      ['local', 'utc'].map((zone) =>
        h(
          'div',
          null,
          h('time', { datetime: event.time }, formatTime(event.time, zone, 9)),
          h('span', { class: 'faint' }, ` ${zoneName(event.time, zone)}`),
        ),
      ),
    ),
    row(
      'column.host',
      host ? filter(`host:=${quoteValue(host)}`, host) : t('host.none'),
      ' ',
      h(
        'a',
        { class: 'around', href: findingsRoute(`near:${i + 1}`) },
        t('event.around', { n: NEAR }),
      ),
    ),
    row('column.channel', cellText(event.channel, 400)),
    row(
      'event.idProvider',
      `${event.event_id ?? ''} `,
      h('span', { class: 'faint' }, cellText(event.provider, 400)),
    ),
    row(
      'column.file',
      cellText(model.file(i).path, 2000),
      ' ',
      h(
        'span',
        { class: 'faint nowrap' },
        `${t('event.record', { record: String(event.record ?? '') })}`,
      ),
    ),
    event.recovered ? row('event.state', t('event.recovered')) : null,
    model.finding(i).layer
      ? row('column.layer', t('event.layer', { n: model.finding(i).layer }))
      : null,
  );
}

/* Text up to a limit, more of it on demand: a line of a megabyte keeps a browser busy for seconds. */
function longText(app, text) {
  const all = String(text ?? '');
  let shown = all.length <= LONG_TEXT ? all.length : cutBefore(all, LONG_TEXT);
  const holder = h('div', { class: 'value' }, plain(all.slice(0, shown)));
  if (shown === all.length) return holder;
  const next = () => Math.min(all.length, cutBefore(all, shown + NEXT_TEXT));
  const label = () => app.t('event.showMore', { n: next() - shown, all: all.length });
  const more = button(
    label(),
    () => {
      const to = next();
      holder.append(plain(all.slice(shown, to)));
      shown = to;
      if (shown === all.length) more.remove();
      else refill(more, label());
    },
    { class: 'quiet more' },
  );
  return [holder, more];
}

function matched(app, i) {
  const { t, model } = app;
  const pairs = model.finding(i).matched ?? [];
  if (!pairs.length)
    return section(t('event.matched'), h('p', { class: 'faint' }, t('event.matched.none')));
  return section(
    t('event.matched'),
    h(
      'table',
      { class: 'fields matched', 'aria-label': t('event.matched') },
      h(
        'tbody',
        null,
        pairs.map(([name, value]) =>
          h(
            'tr',
            null,
            h('th', { scope: 'row' }, name ? cellText(name, 200) : t('event.keyword')),
            h('td', null, longText(app, value)),
          ),
        ),
      ),
    ),
  );
}

/* What started the event's process, nearest first. What is inferred says so, and why. */
function ancestorSection(app, i) {
  const { t, model } = app;
  const { ancestors } = model.event(i);
  if (!ancestors?.length) return null;
  const started = (a) =>
    a.time ? `${formatTime(a.time, 'utc', 3)} UTC` : t('ancestors.before');
  const row = (a) =>
    h(
      'tr',
      null,
      h('th', { scope: 'row' }, String(a.depth)),
      h(
        'td',
        null,
        h('div', null, a.image ? cellText(a.image, 400) : t('ancestors.unknown')),
        h('div', { class: 'faint' }, `${t('ancestors.pid', { pid: String(a.pid) })}, ${started(a)}`),
        a.command ? h('div', { class: 'faint' }, cellText(a.command, 400)) : null,
        a.inferred
          ? h('div', null, h('b', null, t('ancestors.inferred')), a.why ? `: ${a.why}` : '')
          : null,
      ),
    );
  return section(
    t('ancestors.title'),
    h(
      'table',
      { class: 'fields ancestors', 'aria-label': t('ancestors.title') },
      h('tbody', null, ancestors.map(row)),
    ),
  );
}

/* The text behind the disguise in which the rule matched, and how it came about. */
function decodedSection(app, i) {
  const { t, model } = app;
  const layer = model.finding(i).decoded;
  if (!layer) return null;
  const row = (key, value) => (value ? [h('dt', null, t(key)), h('dd', null, value)] : null);
  const from = [layer.field, layer.part].filter(Boolean).join(' ');
  return section(
    t('decoded.title'),
    h(
      'dl',
      { class: 'facts' },
      row('decoded.from', cellText(from, 400)),
      row('decoded.kind', cellText(layer.kind, 100)),
      row('decoded.steps', layer.steps && cellText(layer.steps, 2000)),
    ),
    layer.partial ? h('p', { class: 'faint' }, t('decoded.partial')) : null,
    h('div', { class: 'layer-text' }, longText(app, layer.text)),
  );
}

/* Of a script that was logged in parts: which there are, and where. */
function scriptSection(app, i) {
  const { t, model } = app;
  const script = model.finding(i).script;
  if (!script) return null;
  const note = (text) => h('p', { class: 'faint' }, text);
  return section(
    t('script.title'),
    h('p', null, t('script.parts', { n: script.parts, total: script.total })),
    script.missing ? note(t('script.missing', { list: script.missing })) : null,
    script.conflicts ? note(t('script.conflicts', { n: script.conflicts })) : null,
    script.cut ? note(t('script.cut')) : null,
    h(
      'ul',
      { class: 'others' },
      script.events.map((e) =>
        h(
          'li',
          null,
          `${t('script.part', { n: e.part })} `,
          h('span', { class: 'faint' }, `${t('event.record', { record: String(e.record) })} `),
          cellText(e.file, 2000),
        ),
      ),
    ),
  );
}

/* The same event may have met other rules. */
function others(app, i) {
  const { t, model } = app;
  const rest = [...model.ofEvent(model.eventOf[i])].filter((k) => k !== i);
  if (!rest.length) return null;
  return section(
    t('event.others', { n: rest.length }),
    h(
      'ul',
      { class: 'others' },
      rest.map((k) =>
        h(
          'li',
          null,
          levelBadge(t, model.level(k)),
          ' ',
          h('a', { href: `#${model.addressOf(k)}` }, cellText(model.rule(k).title)),
        ),
      ),
    ),
  );
}

function fieldTable(app, i) {
  const { t, model } = app;
  const fields = model.event(i).fields ?? [];
  const hits = new Set((model.finding(i).matched ?? []).map((m) => String(m[0]).toLowerCase()));
  if (!fields.length) return h('p', { class: 'faint' }, t('event.fields.none'));
  return h(
    'table',
    { class: 'fields', 'aria-label': t('event.fields') },
    h(
      'tbody',
      null,
      fields.map(([name, value]) => {
        const hit = hits.has(String(name).toLowerCase());
        return h(
          'tr',
          { class: hit ? 'hit' : null },
          h(
            'th',
            { scope: 'row' },
            cellText(name, 200),
            hit
              ? h(
                  'span',
                  {
                    class: 'hit-mark',
                    title: t('event.hit'),
                    role: 'img',
                    'aria-label': t('event.hit'),
                  },
                  '◂',
                )
              : null,
          ),
          h('td', null, longText(app, value)),
        );
      }),
    ),
  );
}

function xmlSection(app, xml) {
  const { t } = app;
  if (!xml) return section('XML', h('p', { class: 'faint' }, t('xml.none')));
  const pre = h('pre', { class: 'xml', tabindex: '0', 'aria-label': 'XML' });
  let raw = false;
  let shown = Math.min(xml.length, cutBefore(xml, NEXT_TEXT));
  const draw = () => {
    const part = xml.slice(0, shown);
    refill(pre, raw ? plain(part) : drawXml(part));
    refill(swap, t(raw ? 'xml.lines' : 'xml.raw'));
    refill(
      more,
      t('event.showMore', { n: Math.min(NEXT_TEXT, xml.length - shown), all: xml.length }),
    );
    more.hidden = shown === xml.length;
  };
  const swap = button(
    '',
    () => {
      raw = !raw;
      draw();
    },
    { class: 'quiet' },
  );
  const more = button(
    '',
    () => {
      shown = Math.min(xml.length, cutBefore(xml, shown + NEXT_TEXT));
      draw();
    },
    { class: 'quiet more' },
  );
  draw();
  return h(
    'section',
    { class: 'xml-section' },
    h('h3', null, 'XML'),
    h(
      'div',
      { class: 'section-tools' },
      swap,
      copyButton(t, t('xml.copy'), () => xml),
    ),
    pre,
    more,
  );
}

function drawXml(xml) {
  return layOutXml(xml).map((line) =>
    h(
      'span',
      { class: 'xml-line' },
      line.indent,
      line.tokens.map((token) =>
        h('span', { class: token.kind === 'text' ? 'xml-text' : 'xml-tag' }, plain(token.text)),
      ),
      '\n',
    ),
  );
}

function ruleSection(app, i) {
  const { t, model } = app;
  const rule = model.rule(i);
  const row = (key, value) => (value ? [h('dt', null, t(key)), h('dd', null, value)] : null);
  const list = (items, draw) =>
    items?.length
      ? h(
          'ul',
          null,
          items.map((item) => h('li', null, draw(item))),
        )
      : null;
  return section(
    t('event.rule'),
    rule.description
      ? h('p', { class: 'prose' }, h('bdi', null, plain(unwrap(rule.description))))
      : null,
    h(
      'dl',
      { class: 'facts' },
      row(
        'rule.falsePositives',
        list(rule.falsepositives, (text) => h('bdi', null, plain(text))),
      ),
      row(
        'rule.techniques',
        list(rule.techniques, (id) => techniqueLine(model, id)),
      ),
      row('column.status', rule.status && cellText(rule.status)),
      row('rule.author', rule.author && cellText(rule.author, 400)),
      row('rule.id', rule.id && cellText(rule.id, 100)),
      row('rule.source', rule.source && cellText(rule.source, 400)),
      row('rule.references', list(rule.references, outLink)),
      row('rule.tags', rule.tags?.length && cellText(rule.tags.join(' '), 1000)),
    ),
    ruleText(app, i),
  );
}

/* Descriptions are wrapped where their author's editor ended a line: joined, but for lists and paragraphs. */
function unwrap(text) {
  return String(text)
    .trim()
    .replace(/([^\n])\n(?![ \t]*(?:[-*\n]|\d+[.)]))[ \t]*/g, '$1 ');
}

function techniqueLine(model, id) {
  const address = techniqueAddress(id);
  const number = address
    ? h('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, id)
    : plain(id, 40);
  return [number, ' ', cellText(nameOf(model, id))];
}

/* The rule as it is written; lines on the fields that matched are marked. */
function ruleText(app, i) {
  const { t, model } = app;
  const text = model.rule(i).text;
  if (!text) return null;
  const hits = new Set((model.finding(i).matched ?? []).map((m) => String(m[0]).toLowerCase()));
  const isHit = (line) => {
    const name = /^[\s-]*['"]?([\w.]+)[|'":]/.exec(line.slice(0, 200));
    return name !== null && hits.has(name[1].toLowerCase());
  };
  return h(
    'details',
    { class: 'rule-text', open: true },
    h('summary', null, t('rule.text')),
    h(
      'pre',
      { tabindex: '0', 'aria-label': t('rule.text') },
      String(text)
        .split('\n')
        .map((line) => h('span', { class: isHit(line) ? 'line hit' : 'line' }, plain(line), '\n')),
    ),
  );
}
