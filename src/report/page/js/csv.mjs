// SPDX-License-Identifier: Apache-2.0
//
// Comma-separated values for spreadsheets (RFC 4180). Text from logs can begin like a formula, and
// a spreadsheet would run it: such a cell gets an apostrophe in front. Blanks before the sign do not
// help an attacker, because spreadsheets strip them too.

const FORMULA = /^[\s\u0000-\u001f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]|^[\t\r\n]/;

/** One cell, quoted. A plain number keeps its sign. */
export function csvCell(text) {
  const value = String(text ?? '');
  const guarded = FORMULA.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
  return `"${guarded.replace(/"/g, '""')}"`;
}

/** Rows (arrays of texts) as CSV with CR LF line ends. */
export function toCsv(rows) {
  return rows.map((row) => row.map(csvCell).join(',')).join('\r\n') + '\r\n';
}
