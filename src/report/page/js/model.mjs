// SPDX-License-Identifier: Apache-2.0
//
// What the screens read. One model is made from one data document and never changes; screens ask it
// and do not know where the data came from. A finding is named by its place in the list, which is
// ordered by (time, file, record, rule), so that a lower number is never later.

import { createAttack } from './attack.mjs';
import { levelRank } from './level.mjs';

/** The one version of the data that this page reads. */
export const SCHEMA = 1;

const lower = (parts) => parts.join('\n').toLowerCase();

function check(data) {
  if (data?.schema !== SCHEMA) throw new Error(`schema ${data?.schema ?? '?'}, expected ${SCHEMA}`);
  for (const list of ['rules', 'files', 'events', 'findings']) {
    if (!Array.isArray(data[list])) throw new Error(`${list} is missing`);
  }
  for (const [i, f] of data.findings.entries()) {
    if (!data.events[f.event] || !data.rules[f.rule])
      throw new Error(`finding ${i} refers to nothing`);
  }
  for (const [i, e] of data.events.entries()) {
    if (!data.files[e.file]) throw new Error(`event ${i} refers to no file`);
  }
}

/* Numbers the hosts by name, without regard to case, and remembers each event's. */
function numberHosts(events) {
  const names = [];
  const known = new Map();
  const of = Uint32Array.from(events, (e) => {
    const key = String(e.host ?? '').toLowerCase();
    if (!known.has(key)) known.set(key, names.push(String(e.host ?? '')) - 1);
    return known.get(key);
  });
  return { names, of };
}

/* The domain that all hosts share (".yamabuki.example"), or nothing. */
function sharedDomain(names) {
  const domains = new Set(
    names.map((name) => (name.includes('.') ? name.slice(name.indexOf('.')).toLowerCase() : '')),
  );
  return domains.size === 1 ? [...domains][0].length : 0;
}

/* Lists of findings by a number each of them has: `of(group)` gives them in time order. */
function groupLists(keys, groups) {
  const start = new Uint32Array(groups + 1);
  for (const key of keys) start[key + 1] += 1;
  for (let g = 0; g < groups; g += 1) start[g + 1] += start[g];
  const next = start.slice();
  const items = new Uint32Array(keys.length);
  keys.forEach((key, i) => {
    items[next[key]] = i;
    next[key] += 1;
  });
  return (group) => items.subarray(start[group], start[group + 1]);
}

/* Lower-case text of rules, events and findings for searching; made when first asked for. */
function createText(data) {
  const rules = [];
  const events = [];
  return {
    rule(r) {
      const { title, id, techniques, tactics, tags } = data.rules[r];
      return (rules[r] ??= lower([title, id, techniques ?? [], tactics ?? [], tags ?? []].flat()));
    },
    event(e) {
      const { host, channel, provider, event_id: id, fields, file } = data.events[e];
      return (events[e] ??= lower([
        host,
        channel,
        provider,
        id,
        data.files[file].path,
        ...(fields ?? []).map((field) => field[1]),
      ]));
    },
    /** Values that only a decoded layer has; those of layer 0 stand in the event. */
    layer(i) {
      const f = data.findings[i];
      return f.layer ? lower((f.matched ?? []).map((m) => m[1])) : '';
    },
  };
}

/** Checks the data and makes the model; throws an Error that names what is wrong. */
export function createModel(data) {
  check(data);
  const { findings, events, rules, files } = data;
  const attack = createAttack(data.attack);
  const hosts = numberHosts(events);
  const eventOf = Uint32Array.from(findings, (f) => f.event);
  const ruleOf = Uint32Array.from(findings, (f) => f.rule);
  const hostOf = Uint32Array.from(eventOf, (e) => hosts.of[e]);
  const ruleLevel = Uint8Array.from(rules, (r) => levelRank(r.level));
  const cells = rules.map((r) => attack.placeRule(r));
  const ofEvent = groupLists(eventOf, events.length);
  const ofHost = groupLists(hostOf, hosts.names.length);
  const domain = sharedDomain(hosts.names);
  let fieldNames = null;

  return {
    data,
    attack,
    n: findings.length,
    summary: data.summary ?? {},
    files,
    rules,
    hostNames: hosts.names,
    eventOf,
    ruleOf,
    hostOf,
    finding: (i) => findings[i],
    event: (i) => events[eventOf[i]],
    rule: (i) => rules[ruleOf[i]],
    file: (i) => files[events[eventOf[i]].file],
    level: (i) => ruleLevel[ruleOf[i]],
    ruleLevel: (r) => ruleLevel[r],
    host: (i) => hosts.names[hostOf[i]],
    /** The host's name without the domain, if all hosts have the same. */
    shortHost: (i) => hosts.names[hostOf[i]].slice(0, hosts.names[hostOf[i]].length - domain),
    time: (i) => events[eventOf[i]].time ?? '',
    /** Cells of the matrix of a rule: [{tactic, technique|null}]. */
    cells: (r) => cells[r],
    ofEvent,
    ofHost,
    text: createText(data),
    /** True if some event has a field of that name; `name` in lower case. */
    hasField(name) {
      fieldNames ??= new Set(
        events.flatMap((e) => (e.fields ?? []).map((f) => String(f[0]).toLowerCase())),
      );
      return fieldNames.has(name);
    },
    /** Number of the n-th finding (from 1) of an event, or -1. */
    findingAt(event, nth) {
      if (!(event >= 0 && event < events.length)) return -1;
      const list = ofEvent(event);
      return nth >= 1 && nth <= list.length ? list[nth - 1] : -1;
    },
    /** Address of a finding: its event, and which of the event's findings it is. */
    addressOf(i) {
      return `event/${eventOf[i]}/${ofEvent(eventOf[i]).indexOf(i) + 1}`;
    },
  };
}
