// SPDX-License-Identifier: Apache-2.0
//
// What was read and what was not, as sentences. `gap` marks those that mean: something could be
// missing from this page.

/** Damages of a file, those that were counted but not listed included. */
export function damageCount(file) {
  return (file.damages?.length ?? 0) + (file.more_damages ?? 0);
}

/** [{text, gap}] in the order of weight. */
export function ledgerFacts(t, model) {
  const { summary, files } = model;
  const partly = files.filter((f) => f.status === 'partly').length;
  const skipped = summary.files_skipped ?? files.filter((f) => f.status === 'skipped').length;
  const damages = files.reduce((sum, f) => sum + damageCount(f), 0);
  const bad = files.reduce((sum, f) => sum + (f.bad_records ?? 0), 0);
  const notLoaded = summary.rules_not_loaded?.length ?? 0;
  const gap = (key, n) => ({ text: t(key, { n }), gap: n > 0 });
  const facts = [
    {
      text: t('ledger.read', {
        n: summary.files_read ?? 0,
        records: summary.records ?? 0,
        bytes: t.bytes(summary.bytes ?? 0),
      }),
      gap: false,
    },
    gap('ledger.skipped', skipped),
    gap('ledger.damages', damages),
    ...(bad ? [gap('ledger.badRecords', bad)] : []),
    { text: t('ledger.rules', { n: summary.rules_loaded ?? 0 }), gap: !summary.rules_loaded },
    gap('ledger.notLoaded', notLoaded),
  ];
  if (summary.files_ignored)
    facts.splice(1, 0, { text: t('ledger.ignored', { n: summary.files_ignored }), gap: false });
  if (partly) facts.splice(2, 0, gap('ledger.partly', partly));
  if (summary.findings_dropped) facts.unshift(gap('ledger.dropped', summary.findings_dropped));
  if (summary.fragments_dropped) facts.push(gap('ledger.unjoined', summary.fragments_dropped));
  if (summary.records_without_time) facts.push(gap('ledger.noTime', summary.records_without_time));
  if (summary.records_renamed) facts.push(gap('ledger.renamed', summary.records_renamed));
  if (summary.correlation_dropped) facts.push(gap('ledger.uncounted', summary.correlation_dropped));
  if (summary.correlation_copies)
    facts.push({ text: t('ledger.copies', { n: summary.correlation_copies }), gap: false });
  if (summary.rules_left_out) facts.push(gap('ledger.leftOut', summary.rules_left_out));
  if (summary.rules_disabled) facts.push(gap('ledger.disabled', summary.rules_disabled));
  if (summary.regex_gave_up) facts.push(gap('ledger.gaveUp', summary.regex_gave_up));
  if (summary.min_level && summary.min_level !== 'informational') {
    facts.push({
      text: t('ledger.minLevel', { level: t(`level.${summary.min_level}`) }),
      gap: true,
    });
  }
  if (summary.from || summary.to) {
    facts.push({
      text: t('ledger.period', { from: summary.from ?? '…', to: summary.to ?? '…' }),
      gap: true,
    });
  }
  return facts;
}
