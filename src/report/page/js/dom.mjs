// SPDX-License-Identifier: Apache-2.0
//
// The only place that makes elements. Text from logs and rules is untrusted: it enters the page as
// text nodes and nowhere else, never as markup, as an address or as a style.

const SVG = 'http://www.w3.org/2000/svg';
const FORBIDDEN = new Set(['style', 'srcdoc', 'src', 'action', 'formaction', 'innerHTML']);

function setAttribute(el, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (FORBIDDEN.has(name) || /^on/i.test(name)) throw new Error(`attribute ${name} is not allowed`);
  if (name === 'href' && !/^(#|https?:\/\/)/i.test(value))
    throw new Error('address is not allowed');
  el.setAttribute(name, value === true ? '' : String(value));
}

/**
 * Makes an element. `props`: `on` is a map of event listeners, `data` of data attributes; every
 * other key is an attribute (null, undefined and false leave it out). Children are nodes, strings,
 * numbers or arrays of them; null and false are skipped.
 */
export function h(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (name === 'on') {
      for (const [type, listener] of Object.entries(value)) el.addEventListener(type, listener);
    } else if (name === 'data') {
      Object.assign(el.dataset, value);
    } else {
      setAttribute(el, name, value);
    }
  }
  return append(el, children);
}

/** Appends children as `h` takes them; returns `el`. */
export function append(el, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    el.append(child instanceof Node ? child : String(child));
  }
  return el;
}

/** Replaces everything inside `el`; returns `el`. */
export function refill(el, ...children) {
  el.textContent = '';
  return append(el, children);
}

/** A small drawing of one path in a 16 x 16 box; decoration, hidden from screen readers. */
export function icon(path, className) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', `icon ${className || ''}`.trim());
  svg.setAttribute('aria-hidden', 'true');
  const shape = document.createElementNS(SVG, 'path');
  shape.setAttribute('d', path);
  svg.append(shape);
  return svg;
}

// Characters that draw nothing or reorder their neighbours: C0 and C1 controls except tab and line
// feed, soft hyphen, Arabic letter mark, zero-width and bidirectional marks (Unicode 15.1, general
// categories Cc, Cf, Zl and Zp as far as they occur in text), fillers, lone surrogates.
// Variation selectors are left alone: Japanese names use them.
const HIDDEN = new RegExp(
  '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5' +
    '\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb]' +
    '|[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]' +
    '|\\udb40[\\udc00-\\udc7f]',
  'g',
);

/** `at`, or one less if a cut there would part a surrogate pair. */
export function cutBefore(text, at) {
  return /[\ud800-\udbff]/.test(text[at - 1] ?? '') && /[\udc00-\udfff]/.test(text[at] ?? '')
    ? at - 1
    : at;
}

/**
 * Untrusted text as nodes. A character that a reader could not see, or that would reorder the line,
 * stands in a box of its own which shows its number; the text itself stays exact, also when it is
 * copied. Line ends CR LF stay as they are. `limit` cuts after that many UTF-16 units.
 */
export function plain(text, limit) {
  const all = String(text ?? '');
  const shown = limit && all.length > limit ? all.slice(0, cutBefore(all, limit)) : all;
  const out = document.createDocumentFragment();
  let from = 0;
  for (const hit of shown.matchAll(HIDDEN)) {
    if (hit[0] === '\r' && shown[hit.index + 1] === '\n') continue;
    if (hit.index > from) out.append(shown.slice(from, hit.index));
    const code = hit[0].codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
    const box = h('span', { class: 'hidden-char', data: { code } });
    box.append(hit[0]);
    out.append(box);
    from = hit.index + hit[0].length;
  }
  if (from < shown.length) out.append(shown.slice(from));
  if (shown.length < all.length) out.append('…');
  return out;
}

/** Untrusted text on one line of a table: cut, and isolated from its neighbours' direction. */
export function cellText(text, limit = 240) {
  return h(
    'bdi',
    null,
    plain(
      String(text ?? '')
        .slice(0, limit + 1)
        .replace(/[\t\r\n]+/g, ' '),
      limit,
    ),
  );
}

/** A link out of the page if the address is plain http(s), otherwise only its text. */
export function outLink(address) {
  const text = String(address ?? '');
  if (!/^https?:\/\/[^\s\\]+$/i.test(text)) return h('bdi', null, plain(text));
  return h('a', { href: text, target: '_blank', rel: 'noopener noreferrer' }, plain(text));
}
