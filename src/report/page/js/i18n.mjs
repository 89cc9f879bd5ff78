// SPDX-License-Identifier: Apache-2.0
//
// Words of the page in one language. A table maps a key to a sentence with {places}, or to one
// sentence per plural form, chosen by the number in {n}. A key that a table lacks falls back to
// English; the test suite finds such keys before a reader does.

/** Language to start with: what the data asks for, else the browser's, else English. */
export function chooseLanguage(tables, asked, browser) {
  for (const wish of [asked, ...(browser || [])]) {
    const short = String(wish ?? '')
      .toLowerCase()
      .split('-')[0];
    if (Object.hasOwn(tables, short)) return short;
  }
  return 'en';
}

/**
 * Returns `t(key, values)`. Numbers among the values are written as the language does.
 * `t.parts(key, values)` gives an array in which the values stand unchanged, for values that are
 * nodes; `t.or(key, fallback)` is for names that only some have; `t.number(n)` and `t.bytes(n)` write numbers; `t.lang` is the language.
 */
export function createTranslator(tables, lang) {
  const plural = new Intl.PluralRules(lang);
  const numbers = new Intl.NumberFormat(lang);
  const number = (n) => numbers.format(n);

  const sentence = (key, values) => {
    const found = tables[lang][key] ?? tables.en[key];
    if (found === undefined) throw new Error(`no words for ${key}`);
    if (typeof found === 'string') return found;
    return found[plural.select(values?.n ?? 0)] ?? found.other;
  };

  const parts = (key, values = {}) =>
    sentence(key, values)
      .split(/\{(\w+)\}/)
      .map((piece, i) => {
        if (i % 2 === 0) return piece;
        const value = values[piece];
        return typeof value === 'number' ? number(value) : value;
      });

  const t = (key, values) => parts(key, values).join('');
  t.parts = parts;
  t.or = (key, fallback) => tables[lang][key] ?? fallback;
  t.number = number;
  t.lang = lang;
  t.bytes = (n) => {
    let size = n;
    let unit = 0;
    while (size >= 1000 && unit < 4) {
      size /= 1000;
      unit += 1;
    }
    const digits = unit === 0 || size >= 100 ? 0 : 1;
    return `${new Intl.NumberFormat(lang, { maximumFractionDigits: digits }).format(size)} ${'B,kB,MB,GB,TB'.split(',')[unit]}`;
  };
  return t;
}
