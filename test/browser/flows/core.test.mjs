// SPDX-License-Identifier: Apache-2.0
//
// The ways that every reader goes. With SEKISHO_REPORT=path they are gone on that report too, so
// they say nothing about what is in it beyond what the report itself says.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { createModel } from '../../../src/report/page/js/model.mjs';
import { createWorkshop, openPage, startBrowser } from '../lib/page.mjs';
import { caseData } from '../lib/case_data.mjs';

const workshop = createWorkshop();
let browser;
before(async () => {
  browser = await startBrowser();
});
after(async () => {
  await browser.close();
  workshop.clean();
});

/* The data that lies in a report. */
function dataOf(path) {
  const html = readFileSync(path, 'utf8');
  const packed = /id="sek-data-gz">([^<]*)</.exec(html);
  if (packed) return JSON.parse(gunzipSync(Buffer.from(packed[1], 'base64')).toString('utf8'));
  return JSON.parse(/id="sek-data">([^]*?)<\/script>/.exec(html)[1]);
}

const reports = [
  ['the made-up case', () => workshop.makePage(caseData('en'))],
  ['the made-up case, packed', () => workshop.makePage(caseData('en'), ['--gzip'])],
];
if (process.env.SEKISHO_REPORT)
  reports.push([`the report ${process.env.SEKISHO_REPORT}`, () => process.env.SEKISHO_REPORT]);

const english = async (page) => page.click('.choices [data-value="en"]');
const rowTexts = (page) =>
  page.$$eval('.vt tbody tr[data-at]', (rows) => rows.map((r) => r.textContent));

for (const [name, make] of reports) {
  let path;
  let model;
  before(() => {
    path = make();
    model = createModel(dataOf(path));
  });

  test(`${name}: the case says how many findings on how many hosts, and what was read`, async () => {
    const { page, close } = await openPage(browser, path);
    await english(page);
    const heading = await page.textContent('.verdict h1');
    assert.match(heading, new RegExp(`^${model.n.toLocaleString('en')} finding`));
    const sizes = await page.evaluate(() => {
      const main = document.querySelector('main');
      return [
        main.scrollWidth - main.clientWidth,
        document.documentElement.scrollWidth - innerWidth,
      ];
    });
    assert.deepEqual(sizes, [0, 0], 'nothing sticks out to the side');
    assert.equal(await page.locator('.strip.names > span').count(), model.attack.tactics.length);
    assert.match(await page.textContent('.case .sight'), /files? read/);
    await close();
  });

  test(`${name}: a technique clicked shows its findings, a finding opened shows its event and XML`, async () => {
    const { page, close } = await openPage(browser, path, { hash: '#matrix' });
    await english(page);
    assert.ok((await page.locator('.tactic').count()) >= 15);
    const cell = page.locator('.technique-main').first();
    const wanted = Number((await cell.locator('.technique-n').textContent()).replace(/\D/g, ''));
    await cell.click();
    await page.waitForSelector('.findings-screen');
    assert.equal(await page.getAttribute('.vt', 'aria-rowcount'), String(wanted + 1));
    assert.match(
      await page.textContent('.tally'),
      new RegExp(`^${wanted.toLocaleString('en')} of `),
    );
    await page.click('.vt tbody tr[data-at="0"]');
    await page.waitForSelector('.drawer:not([hidden]) h2');
    const [, event, nth] = /#event\/(\d+)\/(\d+)$/.exec(page.url());
    const i = model.findingAt(Number(event), Number(nth));
    assert.ok((await page.textContent('.drawer h2')).includes(model.rule(i).title.slice(0, 200)));
    const squeeze = (text) => text.replace(/\s+/g, '');
    assert.equal(squeeze(await page.textContent('.drawer pre.xml')), squeeze(model.event(i).xml));
    assert.ok((await page.textContent('.drawer')).includes(model.event(i).host));
    await page.goBack();
    await page.waitForSelector('.drawer', { state: 'hidden' });
    await page.goBack();
    await page.waitForSelector('.matrix');
    await close();
  });

  test(`${name}: an event's own address opens it over the findings`, async () => {
    const i = Math.floor(model.n / 2);
    const { page, close } = await openPage(browser, path, {
      hash: `#${model.addressOf(i)}`,
      ready: '.drawer h2',
    });
    assert.ok((await page.textContent('.drawer h2')).includes(model.rule(i).title.slice(0, 200)));
    assert.equal(await page.locator('.findings-screen').count(), 1);
    await page.keyboard.press('Escape');
    await page.waitForSelector('.drawer', { state: 'hidden' });
    assert.match(page.url(), /#findings$/);
    await close();
  });

  test(`${name}: the filter narrows, the order turns`, async () => {
    const { page, close } = await openPage(browser, path, { hash: '#findings' });
    await english(page);
    const high = Array.from({ length: model.n }, (_, i) => i).filter(
      (i) => model.level(i) >= 3,
    ).length;
    await page.keyboard.press('/');
    await page.keyboard.type('level:>=high');
    await page.waitForURL(/q=level/);
    assert.equal(await page.getAttribute('.vt', 'aria-rowcount'), String(high + 1));
    await page.click('th button[data-sort="time"]');
    await page.waitForURL(/sort=-time/);
    const down = await rowTexts(page);
    await page.click('th button[data-sort="time"]');
    await page.waitForURL((url) => !url.hash.includes('sort'));
    if (high > 1) assert.notDeepEqual(await rowTexts(page), down);
    await close();
  });

  test(`${name}: the ledger has every file`, async () => {
    const { page, close } = await openPage(browser, path, { hash: '#ledger' });
    const more = page.locator('.ledger section .more');
    while (await more.count()) await more.first().click();
    assert.equal(await page.locator('table.files > tbody > tr').count(), model.files.length);
    assert.match(await page.textContent('.colophon'), /MITRE ATT&CK®/);
    await close();
  });
}
