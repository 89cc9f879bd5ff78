// SPDX-License-Identifier: Apache-2.0
//
// Times as the data has them ("2020-12-22T00:52:31.1234567Z", UTC, up to 100 ns) and as people read
// them. A Date holds only milliseconds, so the digits below are carried beside it. Text that is not
// such a time is shown as it is.

const ISO = /^(\d{4,6})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/;
const pad = (n, width = 2) => String(n).padStart(width, '0');

/** Milliseconds since 1970, or NaN. */
export function timeMs(text) {
  const m = ISO.exec(text ?? '');
  if (!m) return NaN;
  const ms = Number((m[7] ?? '').padEnd(3, '0').slice(0, 3));
  return Date.UTC(+m[1], +m[2] - 1, +m[3], +m[4], +m[5], +m[6], ms);
}

function parts(text, zone) {
  const m = ISO.exec(text ?? '');
  if (!m) return null;
  const digits = m[7] ?? '';
  if (zone === 'utc')
    return { day: `${m[1]}-${m[2]}-${m[3]}`, time: `${m[4]}:${m[5]}:${m[6]}`, digits };
  const d = new Date(timeMs(text));
  return {
    day: `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`,
    time: `${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`,
    digits,
  };
}

/** Day and time in `zone` ("utc" or "local"); `digits` is how many digits of the second to keep. */
export function formatTime(text, zone, digits = 0) {
  const p = parts(text, zone);
  if (!p) return String(text ?? '');
  const fraction = digits > 0 && p.digits ? `.${p.digits.slice(0, digits)}` : '';
  return `${p.day} ${p.time}${fraction}`;
}

/** Name of the zone at that moment: "UTC" or "UTC+09:00". */
export function zoneName(text, zone) {
  if (zone === 'utc') return 'UTC';
  const ms = timeMs(text);
  const minutes = -new Date(Number.isNaN(ms) ? Date.now() : ms).getTimezoneOffset();
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

/**
 * First to last in the least space, as two pieces that should not be broken: the day once if both
 * are on it, the year only if it differs.
 */
export function spanPieces(first, last, zone) {
  const a = parts(first, zone);
  const b = parts(last, zone);
  if (!a || !b) return [first, last].filter((text, k, all) => text && (k === 0 || text !== all[0]));
  const [from, to] = [a.time.slice(0, 5), b.time.slice(0, 5)];
  if (a.day === b.day) return [a.day, from === to ? from : `${from}–${to}`];
  return [`${a.day} –`, a.day.slice(0, 4) === b.day.slice(0, 4) ? b.day.slice(5) : b.day];
}

/** The same as one text. */
export function formatSpan(first, last, zone) {
  return spanPieces(first, last, zone).join(' ');
}
