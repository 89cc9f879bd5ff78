// SPDX-License-Identifier: Apache-2.0
//
// Makes data documents for the tests, in the form that the program embeds in a report. Everything
// is made up; names end in .example, addresses are from the documentation ranges. The numbers come
// from a fixed seed: the same document every time.

import { attackTable } from './attack_table.mjs';

/** A small generator of numbers (xorshift32): `next()` is in [0, 1). */
export function createRandom(seed) {
  let state = seed >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4294967296;
  };
  return {
    next,
    below: (n) => Math.floor(next() * n),
    pick: (list) => list[Math.floor(next() * list.length)],
  };
}

const escapeXml = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** XML of an event in one line, as readers of Windows logs write it. */
export function eventXml({ record, time, host, channel, provider, event_id: id, fields }) {
  const data = fields
    .map(([name, value]) => `<Data Name="${escapeXml(name)}">${escapeXml(value)}</Data>`)
    .join('');
  return (
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>' +
    `<Provider Name="${escapeXml(provider)}"/><EventID>${id}</EventID><Version>5</Version><Level>4</Level>` +
    `<TimeCreated SystemTime="${escapeXml(time)}"/><EventRecordID>${record}</EventRecordID><Correlation/>` +
    `<Execution ProcessID="2484" ThreadID="3612"/><Channel>${escapeXml(channel)}</Channel>` +
    `<Computer>${escapeXml(host)}</Computer><Security UserID="S-1-5-18"/></System><EventData>${data}</EventData></Event>`
  );
}

/** Collects rules, events and findings, and gives the finished document. */
export function createDocument(lang = null) {
  const rules = [];
  const files = [];
  const events = [];
  const pairs = [];

  const addFile = (path, more = {}) =>
    files.push({
      path,
      bytes: 1118208,
      chunks: 17,
      records: 4210,
      recovered: 0,
      bad_records: 0,
      first: '2020-12-20T15:00:04.1180221Z',
      last: '2020-12-23T14:59:51.7001204Z',
      status: 'read',
      reason: '',
      damages: [],
      more_damages: 0,
      ...more,
    }) - 1;

  return {
    addFile,
    fileOf(path) {
      const at = files.findIndex((f) => f.path === path);
      return at < 0 ? addFile(path) : at;
    },
    addRule(rule) {
      return (
        rules.push({
          id: `00000000-0000-4000-8000-${String(rules.length + 1).padStart(12, '0')}`,
          status: 'stable',
          author: 'Sekisho tests',
          description: '',
          references: [],
          falsepositives: [],
          tags: [],
          techniques: [],
          tactics: [],
          source: `rules/made-up/${rules.length + 1}.yml`,
          text: '',
          ...rule,
        }) - 1
      );
    },
    addEvent(event) {
      return events.push({ xml: eventXml(event), ...event }) - 1;
    },
    addFinding(event, rule, matched, layer = 0, origin = {}) {
      pairs.push({ event, rule, layer, matched, ...origin });
    },
    finish(summary = {}) {
      const key = (f) => events[f.event];
      pairs.sort(
        (a, b) =>
          (key(a).time < key(b).time ? -1 : Number(key(a).time > key(b).time)) ||
          key(a).file - key(b).file ||
          key(a).record - key(b).record ||
          a.rule - b.rule,
      );
      return {
        schema: 1,
        tool: { name: 'Sekisho', version: '0.1.0' },
        lang,
        attack: attackTable(),
        rules,
        files,
        events,
        findings: pairs,
        summary: {
          bytes: files.reduce((sum, f) => sum + f.bytes, 0),
          records: files.reduce((sum, f) => sum + f.records, 0),
          files_read: files.filter((f) => f.status !== 'skipped').length,
          files_skipped: files.filter((f) => f.status === 'skipped').length,
          rules_loaded: 184,
          rules_not_loaded: [],
          findings_dropped: 0,
          from: null,
          to: null,
          min_level: 'informational',
          ...summary,
        },
      };
    },
  };
}

/** Time text with seven digits: `ms` since 1970 and up to 9999 units of 100 ns. */
export function timeText(ms, units = 0) {
  return new Date(ms).toISOString().replace('Z', `${String(units).padStart(4, '0')}Z`);
}
