// SPDX-License-Identifier: Apache-2.0
//
// The filter that people type: words that must all occur, `key:value` on a part of the finding, a
// leading minus for "not". Values may be "quoted", joined by | for "or", start with = for "exactly"
// or (levels, numbers, times) with > >= < <=, and hold * for any text. Nothing that is typed is an
// error: what is not a known key is searched for as text.

import { LEVELS } from './level.mjs';
import { parentOf } from './attack.mjs';

const OPERATORS = ['>=', '<=', '>', '<', '='];
const COMPARE = {
  '>=': (c) => c >= 0,
  '<=': (c) => c <= 0,
  '>': (c) => c > 0,
  '<': (c) => c < 0,
  '=': (c) => c === 0,
};
/** How many findings of the same host `near:` takes on each side. */
export const NEAR = 20;

/* One word from `at` on: quotes may stand anywhere in it. Returns {alternatives, quoted, end}. */
function readWord(text, at) {
  const alternatives = [''];
  let quoted = false;
  let i = at;
  for (let open = false; i < text.length && (open || !/\s/.test(text[i])); i += 1) {
    const c = text[i];
    if (c === '"') {
      open = !open;
      quoted = true;
    } else if (c === '\\' && open && (text[i + 1] === '"' || text[i + 1] === '\\')) {
      i += 1;
      alternatives[alternatives.length - 1] += text[i];
    } else if (c === '|' && !open) {
      alternatives.push('');
    } else {
      alternatives[alternatives.length - 1] += c;
    }
  }
  return { alternatives, quoted, end: i };
}

/** Splits a filter into terms {not, key|null, values, raw}. */
export function parseQuery(text) {
  const terms = [];
  for (let i = 0; i < text.length;) {
    if (/\s/.test(text[i])) {
      i += 1;
      continue;
    }
    const from = i;
    const not = text[i] === '-' && i + 1 < text.length && !/\s/.test(text[i + 1]);
    if (not) i += 1;
    const key = /^([a-z][\w.-]+)[:：](?!\/\/)/i.exec(text.slice(i, i + 64));
    const word = readWord(text, key ? i + key[0].length : i);
    const values = word.alternatives.filter((v) => v !== '');
    if (values.length) {
      const whole = key ? key[0] + word.alternatives.join('|') : word.alternatives.join('|');
      terms.push({
        not,
        key: key ? key[1].toLowerCase() : null,
        values,
        raw: whole,
        text: text.slice(from, word.end),
      });
    }
    i = word.end;
  }
  return terms;
}

/** Writes a value so that `parseQuery` reads it back as it is. */
export function quoteValue(value) {
  return `"${String(value).replace(/["\\]/g, '\\$&')}"`;
}

function splitOperator(value) {
  const operator = OPERATORS.find((o) => value.startsWith(o));
  return operator ? [operator, value.slice(operator.length)] : ['', value];
}

/* Test of a text: whole text after "=", a pattern if it has *, else a part of it. */
function textTest(value) {
  const [operator, rest] = splitOperator(value);
  const wanted = (operator === '=' ? rest : value).toLowerCase();
  if (operator === '=') return (text) => text.toLowerCase() === wanted;
  if (!wanted.includes('*')) return (text) => text.toLowerCase().includes(wanted);
  const pieces = wanted.split('*');
  return (text) => matchPieces(text.toLowerCase(), pieces);
}

/* Do the pieces stand in `text` in order, the first at its start and the last at its end? */
function matchPieces(text, pieces) {
  const last = pieces[pieces.length - 1];
  if (!text.startsWith(pieces[0])) return false;
  let at = pieces[0].length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

function numberTest(value) {
  const [operator, rest] = splitOperator(value);
  const wanted = Number(rest);
  if (rest === '' || Number.isNaN(wanted)) return () => false;
  return (n) => COMPARE[operator || '='](Number(n) - wanted);
}

/* A time is compared as far as it was typed: time:2020-12-22 is that day. A blank may stand for T. */
function timeTest(value) {
  const [operator, rest] = splitOperator(value);
  const wanted = rest.toUpperCase().replace(' ', 'T');
  return (text) => {
    const have = text.slice(0, wanted.length);
    return COMPARE[operator || '='](have < wanted ? -1 : Number(have > wanted));
  };
}

function levelTest(value) {
  const [operator, rest] = splitOperator(value);
  const wanted = LEVELS.findIndex((name) => rest && name.startsWith(rest.toLowerCase()));
  return (rank) => wanted >= 0 && COMPARE[operator || '='](rank - wanted);
}

/* "T1059" with its sub-techniques, "T1059.001", or either in one column: "T1059@execution". "=T1059"
 * leaves the sub-techniques out, "none@execution" is a tactic named without a technique. */
function techniqueTest(value) {
  const [operator, rest] = splitOperator(value);
  const [id, tactic] = rest.split('@');
  const wanted = id.toUpperCase();
  const fits = (technique) => {
    if (wanted === 'NONE') return technique === null;
    if (technique === null) return false;
    const have = technique.toUpperCase();
    return have === wanted || (operator !== '=' && parentOf(have) === wanted);
  };
  return (cells) =>
    cells.some((c) => fits(c.technique) && (!tactic || c.tactic === tactic.toLowerCase()));
}

function tacticTest(model, value) {
  const fits = textTest(value);
  return (cells) =>
    cells.some(
      (c) =>
        fits(c.tactic) ||
        fits(model.attack.tactic(c.tactic)?.name ?? '') ||
        fits(model.attack.tactic(c.tactic)?.id ?? ''),
    );
}

/* Finding number n (from 1) and those around it on the same host. */
function nearTest(model, value) {
  const [, n, size] = /^(\d+)(?:[/±](\d+))?$/.exec(value) ?? [];
  const centre = Number(n) - 1;
  if (!(centre >= 0 && centre < model.n)) return () => false;
  const list = model.ofHost(model.hostOf[centre]);
  const at = list.indexOf(centre);
  const reach = Number(size ?? NEAR);
  const from = list[Math.max(0, at - reach)];
  const to = list[Math.min(list.length - 1, at + reach)];
  return (i) => i >= from && i <= to && model.hostOf[i] === model.hostOf[centre];
}

/* Tests of a rule are made once for each rule: they cost nothing per finding. */
function perRule(model, test) {
  const answers = model.rules.map((rule, r) => test(rule, r));
  return (i) => answers[model.ruleOf[i]];
}

function fieldTest(model, key, value) {
  const fits = textTest(value);
  return (i) =>
    (model.event(i).fields ?? []).some(
      (f) => String(f[0]).toLowerCase() === key && fits(String(f[1])),
    );
}

const ALIASES = { tech: 'technique', computer: 'host', event: 'id', event_id: 'id', eventid: 'id' };

/* Makes the test of one value under a key, or null if the key means nothing here. */
function keyedTest(model, key, value) {
  const onText = (of) => {
    const fits = textTest(value);
    return (i) => fits(String(of(i) ?? ''));
  };
  switch (ALIASES[key] ?? key) {
    case 'level':
      return perRule(
        model,
        (
          (fits) => (rule, r) =>
            fits(model.ruleLevel(r))
        )(levelTest(value)),
      );
    case 'technique':
      return perRule(
        model,
        (
          (fits) => (rule, r) =>
            fits(model.cells(r))
        )(techniqueTest(value)),
      );
    case 'tactic':
      return perRule(
        model,
        (
          (fits) => (rule, r) =>
            fits(model.cells(r))
        )(tacticTest(model, value)),
      );
    case 'rule':
      return perRule(
        model,
        (
          (fits) => (rule) =>
            fits(rule.title ?? '') || fits(rule.id ?? '')
        )(textTest(value)),
      );
    case 'status':
      return perRule(
        model,
        (
          (fits) => (rule) =>
            fits(rule.status ?? '')
        )(textTest(value)),
      );
    case 'host':
      return onText((i) => model.host(i));
    case 'channel':
      return onText((i) => model.event(i).channel);
    case 'provider':
      return onText((i) => model.event(i).provider);
    case 'file':
      return onText((i) => model.file(i).path);
    case 'id':
      return (
        (fits) => (i) =>
          fits(model.event(i).event_id)
      )(numberTest(value));
    case 'record':
      return (
        (fits) => (i) =>
          fits(model.event(i).record)
      )(numberTest(value));
    case 'layer':
      return (
        (fits) => (i) =>
          fits(model.finding(i).layer ?? 0)
      )(numberTest(value));
    case 'time':
      return (
        (fits) => (i) =>
          fits(model.time(i))
      )(timeTest(value));
    case 'near':
      return nearTest(model, value);
    default:
      return model.hasField(key) ? fieldTest(model, key, value) : null;
  }
}

function freeTest(model, text) {
  const wanted = text.toLowerCase();
  const inRule = perRule(model, (rule, r) => model.text.rule(r).includes(wanted));
  return (i) =>
    inRule(i) ||
    model.text.event(model.eventOf[i]).includes(wanted) ||
    model.text.layer(i).includes(wanted);
}

/** Makes a test (number of a finding → boolean) of a filter. */
export function compileQuery(model, text) {
  const tests = parseQuery(text).map((term) => {
    const keyed = term.key && keyedTest(model, term.key, term.values[0]);
    const either = keyed
      ? term.values.map((v, k) => (k === 0 ? keyed : keyedTest(model, term.key, v)))
      : (term.key ? [term.raw] : term.values).map((v) => freeTest(model, v));
    return term.not
      ? (i) => !either.some((test) => test(i))
      : (i) => either.some((test) => test(i));
  });
  return (i) => tests.every((test) => test(i));
}

/** Numbers of the findings that pass, in time order. */
export function runQuery(model, text) {
  const passes = compileQuery(model, text);
  const out = [];
  for (let i = 0; i < model.n; i += 1) {
    if (passes(i)) out.push(i);
  }
  return out;
}

/** The filter with every term of `key` replaced by `term` (or taken out, if empty). */
export function withTerm(text, key, term) {
  const kept = parseQuery(text)
    .filter((t) => t.key !== key)
    .map((t) => t.text);
  return [...kept, term].filter(Boolean).join(' ');
}
