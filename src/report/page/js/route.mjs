// SPDX-License-Identifier: Apache-2.0
//
// Addresses inside the page: "#findings?q=level:high&sort=-time", "#event/12/3". What a screen
// shows is in its address, so that "back" works and an address can be written into a report.

export const SCREENS = Object.freeze(['case', 'matrix', 'findings', 'ledger']);

/** {screen, params} or {screen: 'event', event, nth}; anything unknown is the case. */
export function parseRoute(hash) {
  const [path, search = ''] = splitOnce(String(hash ?? '').replace(/^#/, ''), '?');
  const event = /^event\/(\d{1,9})\/(\d{1,9})$/.exec(path);
  if (event) return { screen: 'event', event: Number(event[1]), nth: Number(event[2]) };
  const params = Object.fromEntries(new URLSearchParams(search));
  return { screen: SCREENS.includes(path) ? path : 'case', params };
}

function splitOnce(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Address of a screen; empty parameters are left out. */
export function makeRoute(screen, params = {}) {
  const search = new URLSearchParams(
    Object.entries(params).filter(([, v]) => v !== '' && v !== null && v !== undefined),
  );
  const text = search.toString();
  return `#${screen}${text ? `?${text}` : ''}`;
}

/** Address of the findings that pass a filter. */
export function findingsRoute(query, more = {}) {
  return makeRoute('findings', { q: query, ...more });
}
