// SPDX-License-Identifier: Apache-2.0
//
// Pictures of every screen, light, dark and Japanese, into the folder given (default: screenshots).
// With SEKISHO_REPORT=path they show that report, otherwise the made-up case.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createWorkshop, openPage, startBrowser } from './lib/page.mjs';
import { caseData } from './lib/case_data.mjs';

const out = process.argv[2] ?? 'screenshots';
const VARIANTS = [
  ['light-en', { colorScheme: 'light' }, 'en'],
  ['dark-en', { colorScheme: 'dark' }, 'en'],
  ['light-ja', { colorScheme: 'light' }, 'ja'],
];
const SCREENS = [
  ['case', '#case'],
  ['matrix', '#matrix'],
  ['findings', '#findings'],
  ['grouped', '#findings?group=rule&q=level%3A%3E%3Dmedium'],
  ['ledger', '#ledger'],
];

mkdirSync(out, { recursive: true });
const workshop = createWorkshop();
const browser = await startBrowser();
for (const [name, options, lang] of VARIANTS) {
  const path = process.env.SEKISHO_REPORT || workshop.makePage(caseData(lang));
  for (const [screen, hash] of SCREENS) {
    const { page, close } = await openPage(browser, path, { hash, ...options });
    if (process.env.SEKISHO_REPORT) await page.click(`[data-value="${lang}"]`);
    await page.screenshot({ path: join(out, `${screen}-${name}.png`) });
    if (screen === 'findings') {
      await page.click('.level-choice button:nth-child(2)');
      await page.click('.vt tbody tr[data-at="1"]');
      await page.waitForSelector('.drawer h2');
      await page.screenshot({ path: join(out, `event-${name}.png`) });
      await page.locator('.xml-section').scrollIntoViewIfNeeded();
      await page.evaluate(() => document.querySelector('.xml-section').scrollIntoView());
      await page.screenshot({ path: join(out, `event-xml-${name}.png`) });
    }
    await close();
  }
}
await browser.close();
workshop.clean();
