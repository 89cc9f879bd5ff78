// SPDX-License-Identifier: Apache-2.0
//
// ATT&CK as the page needs it: tactics in their order, techniques by number, and the cells of the
// matrix that a rule stands in.

/** Column of technique and tactic names that the table of the data does not know. */
export const OTHER = 'other';

/** Number of the technique that a sub-technique belongs to ("T1059.001" gives "T1059"). */
export function parentOf(id) {
  const dot = id.indexOf('.');
  return dot < 0 ? id : id.slice(0, dot);
}

/** Address of a technique's page at MITRE, or null if the number has not the form of one. */
export function techniqueAddress(id) {
  if (!/^T\d{4}(\.\d{3})?$/.test(id)) return null;
  return `https://attack.mitre.org/techniques/${id.replace('.', '/')}/`;
}

/** Reads `data.attack`; `attack.placeRule(rule)` gives the cells, see below. */
export function createAttack(source) {
  const tactics = (source?.tactics ?? []).map((t, order) => ({ ...t, order }));
  const byShort = new Map(tactics.map((t) => [t.short, t]));
  const techniques = new Map();
  for (const [id, name, shorts] of source?.techniques ?? []) {
    techniques.set(id, { id, name, tactics: shorts.filter((s) => byShort.has(s)) });
  }

  /*
   * A technique may serve several tactics. It stands in those that the rule names; where the rule
   * names none of them, in all. A tactic that the rule names and that holds none of its techniques
   * gives a cell without technique, so that no tag is lost. Returns [{tactic, technique|null}],
   * without doubles.
   */
  function placeRule(rule) {
    const named = (rule.tactics ?? []).map((s) => (byShort.has(s) ? s : OTHER));
    const cells = new Map();
    const filled = new Set();
    const put = (tactic, technique) => {
      cells.set(`${tactic} ${technique ?? ''}`, { tactic, technique });
      filled.add(tactic);
    };
    for (const id of rule.techniques ?? []) {
      const possible = techniques.get(id)?.tactics ?? [];
      const wanted = possible.filter((s) => named.includes(s));
      for (const tactic of wanted.length ? wanted : possible) put(tactic, id);
      if (!possible.length) put(OTHER, id);
    }
    for (const tactic of named) {
      if (!filled.has(tactic)) put(tactic, null);
    }
    if (!cells.size) put(OTHER, null);
    return [...cells.values()];
  }

  return {
    version: source?.version ?? '',
    tactics,
    tactic: (short) => byShort.get(short) ?? null,
    technique: (id) => techniques.get(id) ?? null,
    techniquesOf: (short) => [...techniques.values()].filter((t) => t.tactics.includes(short)),
    placeRule,
  };
}
