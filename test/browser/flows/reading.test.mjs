// SPDX-License-Identifier: Apache-2.0
//
// How the page is read: by keyboard, in both languages, in both colour schemes, on paper.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createModel } from '../../../src/report/page/js/model.mjs';
import { createWorkshop, openPage, startBrowser } from '../lib/page.mjs';
import { caseData } from '../lib/case_data.mjs';
import { createDocument } from '../lib/builder.mjs';
import { largeData } from '../lib/odd_data.mjs';
import { measureContrast } from '../lib/contrast.mjs';

const workshop = createWorkshop();
const model = createModel(caseData());
let browser;
let path;
before(async () => {
  browser = await startBrowser();
  path = workshop.makePage(caseData());
});
after(async () => {
  await browser.close();
  workshop.clean();
});

const SCREENS = ['#case', '#matrix', '#findings', '#ledger', '#event/12/1'];
const active = (page) =>
  page.$eval(
    '.vt',
    (t) => document.getElementById(t.getAttribute('aria-activedescendant'))?.dataset.at ?? null,
  );

test('keys: number for a screen, / for the filter, arrows, Enter, j, k, Esc', async () => {
  const { page, close } = await openPage(browser, path);
  await page.keyboard.press('2');
  await page.waitForSelector('.matrix');
  await page.keyboard.press('/');
  await page.waitForFunction(() => document.activeElement?.id === 'filter');
  await page.keyboard.type('level:>=high');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.classList.contains('vt'));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  assert.equal(await active(page), '1');
  await page.keyboard.press('End');
  assert.equal(
    await active(page),
    String(
      Array.from({ length: model.n }, (_, i) => i).filter((i) => model.level(i) >= 3).length - 1,
    ),
  );
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'event-title');
  const first = page.url();
  await page.keyboard.press('j');
  await page.waitForFunction((old) => location.href !== old, first);
  assert.equal(await active(page), '1');
  await page.keyboard.press('k');
  await page.waitForFunction((old) => location.href === old, first);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.drawer', { state: 'hidden' });
  assert.ok(
    await page.evaluate(() => document.activeElement.classList.contains('vt')),
    'focus is back in the table',
  );
  assert.match(page.url(), /q=level/);
  await close();
});

test('with a finding open, arrows in the table turn the pages of the drawer', async () => {
  const { page, close } = await openPage(browser, path, { hash: '#findings' });
  await page.click('.vt tbody tr[data-at="0"]');
  await page.waitForSelector('.drawer h2');
  for (let at = 1; at <= 3; at += 1) {
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(
      (wanted) =>
        document.querySelector('.drawer-tools .faint').textContent.startsWith(`${wanted} of`),
      at + 1,
    );
  }
  await page.goBack();
  await page.waitForSelector('.drawer', { state: 'hidden' });
  await close();
});

test('Tab reaches everything that can be clicked, and the focus can be seen', async () => {
  for (const hash of SCREENS) {
    const { page, close } = await openPage(browser, path, { hash });
    const wanted = await page.$$eval(
      'a[href], button:not(:disabled), input, select, summary, .vt',
      (all) =>
        all
          .filter((e) => e.checkVisibility())
          .map((e, k) => {
            e.dataset.probe = String(k);
            return String(k);
          }),
    );
    const reached = new Set();
    for (let k = 0; k < wanted.length + 20; k += 1) {
      await page.keyboard.press('Tab');
      const seen = await page.evaluate(() => {
        const e = document.activeElement;
        const style = getComputedStyle(e);
        const row = e.querySelector?.('tr.active td');
        const visible =
          style.outlineStyle !== 'none' ||
          (row && getComputedStyle(row).boxShadow !== 'none') ||
          e.matches('.vt, select, body');
        return [e.dataset.probe ?? null, visible, e.outerHTML.slice(0, 80)];
      });
      assert.ok(seen[1], `${hash}: focus cannot be seen on ${seen[2]}`);
      if (seen[0]) reached.add(seen[0]);
    }
    assert.deepEqual(
      wanted.filter((k) => !reached.has(k)),
      [],
      hash,
    );
    await close();
  }
});

test('arrows move in the matrix, Enter opens a cell', async () => {
  const { page, close } = await openPage(browser, path, { hash: '#matrix' });
  await page.focus('.tactic .cell-link');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  const text = await page.evaluate(() =>
    document.activeElement.closest('.tactic').getAttribute('aria-label'),
  );
  assert.equal(text, 'Persistence');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.findings-screen');
  await close();
});

test('groups fold and unfold by keys', async () => {
  const { page, close } = await openPage(browser, path, { hash: '#findings?group=host' });
  const rows = () => page.getAttribute('.vt', 'aria-rowcount').then(Number);
  assert.equal(await rows(), model.n + 3 + 1);
  await page.focus('.vt');
  await page.keyboard.press('ArrowLeft');
  assert.ok((await rows()) < model.n + 3 + 1);
  await page.keyboard.press('ArrowRight');
  assert.equal(await rows(), model.n + 3 + 1);
  await page.keyboard.press('Enter');
  assert.ok((await rows()) < model.n + 3 + 1);
  await close();
});

test('columns can be chosen, and CSV holds what is shown', async () => {
  const { page, close } = await openPage(browser, path, { hash: '#findings?q=level:critical' });
  await page.click('.menu.columns summary');
  await page.click('.menu-body input[value="channel"]');
  await page.waitForURL(/cols=/);
  assert.ok((await page.textContent('.vt thead')).includes('Channel'));
  await page.click('text=Copy as CSV');
  await page.waitForSelector('text=Copied');
  const csv = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(csv.split('\r\n').length, 4 + 2);
  assert.match(
    csv,
    /^"Level","Time \(local\)","Host","Rule","Technique","What matched","Channel","Event"\r\n"critical","2020-12-22 09:52:31\.\d{3}","PC-SALES-07\.yamabuki\.example"/,
  );
  await close();
});

test('the language and the time zone change in place and keep the screen', async () => {
  const { page, close } = await openPage(browser, path, { hash: '#findings?q=level%3Acritical' });
  const before9 = await page.textContent('.vt tbody tr[data-at="0"]');
  assert.match(before9, /2020-12-22 09:52:31/);
  await page.click('[data-value="utc"]');
  assert.match(await page.textContent('.vt tbody tr[data-at="0"]'), /2020-12-22 00:52:31/);
  await page.click('[data-value="ja"]');
  assert.equal(await page.getAttribute('html', 'lang'), 'ja');
  assert.match(await page.textContent('.tally'), /^133件中4件$/);
  assert.equal(await page.inputValue('#filter'), 'level:critical');
  assert.match(await page.textContent('.vt thead'), /時刻（UTC）/);
  await page.click('.vt tbody tr[data-at="0"]');
  await page.waitForSelector('.drawer h2');
  await page.click('[data-value="en"]');
  assert.match(await page.textContent('.drawer'), /What matched/);
  await close();
});

test('Japanese is chosen by the data or by the browser', async () => {
  const asked = await openPage(browser, workshop.makePage(caseData('ja')), { locale: 'en-GB' });
  assert.equal(await asked.page.getAttribute('html', 'lang'), 'ja');
  await asked.close();
  const browsers = await openPage(browser, path, { locale: 'ja-JP' });
  assert.equal(await browsers.page.getAttribute('html', 'lang'), 'ja');
  assert.match(
    await browsers.page.textContent('.verdict h1'),
    /3台のホストで133件の検出がありました/,
  );
  await browsers.close();
});

test('the matrix of one host shows only its findings', async () => {
  const { page, close } = await openPage(browser, path, { hash: '#matrix' });
  await page.selectOption('#matrix-host', { label: 'SRV-FILE-01.yamabuki.example' });
  await page.waitForURL(/host=/);
  assert.ok((await page.textContent('.matrix')).includes('Brute Force'));
  assert.ok(!(await page.textContent('.matrix')).includes('Rundll32'));
  await page.click('.technique:has-text("Brute Force") .technique-main');
  await page.waitForSelector('.findings-screen');
  assert.equal(await page.getAttribute('.vt', 'aria-rowcount'), '10');
  await close();
});

test('techniques without findings are folded and can be seen', async () => {
  const { page, close } = await openPage(browser, path, { hash: '#matrix' });
  const fold = page.locator('.tactic:not(.quiet) .fold').first();
  await fold.click();
  assert.ok((await page.locator('.quiet-techniques li').count()) > 0);
  assert.equal(
    await page.evaluate(() => document.activeElement.getAttribute('aria-expanded')),
    'true',
  );
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.quiet-techniques li').count(), 0);
  await close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`contrast is AA on every screen, ${colorScheme}`, async () => {
    for (const hash of [...SCREENS, '#findings?group=rule']) {
      const { page, close } = await openPage(browser, path, { hash, colorScheme });
      const { low, checked } = await measureContrast(page);
      assert.deepEqual(low, [], hash);
      assert.ok(checked > 20);
      await close();
    }
  });
}

test('levels are told by a letter and a shape, not by colour alone', async () => {
  const { page, close } = await openPage(browser, path, { hash: '#case' });
  const badges = await page.$$eval('.verdict .badge', (all) =>
    all.map((b) => {
      const s = getComputedStyle(b);
      return [b.textContent, `${s.clipPath !== 'none'} ${s.borderRadius} ${s.borderStyle}`];
    }),
  );
  assert.deepEqual(
    badges.map((b) => b[0]),
    ['C', 'H', 'M', 'L', 'I'],
  );
  assert.equal(new Set(badges.map((b) => b[1])).size, 5);
  await close();
});

test('on paper: case, attack list, findings, ledger, in A4', async () => {
  const { page, close } = await openPage(browser, path, { hash: '#matrix' });
  const pdf = await page.pdf({ preferCSSPageSize: true });
  assert.match(pdf.toString('latin1'), /MediaBox\s*\[\s*0 0 59[45](\.\d+)? 84[12](\.\d+)?\s*\]/);
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  await page.setViewportSize({ width: 688, height: 1000 });
  const text = await page.textContent('.paper');
  for (const part of [
    '133 findings',
    'Command and Scripting Interpreter',
    'Command shell shows a message box',
    'IMG_0001.JPG',
  ])
    assert.ok(text.includes(part), part);
  assert.equal(await page.locator('.frame').isVisible(), false);
  const out = await page.$$eval('.paper *', (all) =>
    all.filter((e) => e.getBoundingClientRect().right > 689).map((e) => e.outerHTML.slice(0, 80)),
  );
  assert.deepEqual(out, [], 'nothing sticks out of the paper');
  const { low } = await measureContrast(page);
  assert.deepEqual(low, []);
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  assert.equal(await page.locator('.paper').count(), 0);
  await close();
});

test('the case fits one screen of 1366 x 768', async () => {
  for (const report of [path, workshop.makePage(largeData(500))]) {
    const { page, close } = await openPage(browser, report);
    for (const lang of ['en', 'ja']) {
      await page.click(`[data-value="${lang}"]`);
      const [content, room] = await page.$eval('main', (main) => [
        main.scrollHeight,
        main.clientHeight,
      ]);
      assert.ok(content <= room, `${lang}: ${content} > ${room}`);
    }
    await close();
  }
});

test('narrow windows: the drawer covers, nothing is lost to the side', async () => {
  const { page, close } = await openPage(browser, path, {
    hash: '#event/12/1',
    ready: '.drawer h2',
    viewport: { width: 800, height: 600 },
  });
  const box = await page.locator('.drawer').boundingBox();
  assert.equal(box.width, 800);
  await close();
});

test('a scan without findings says so, and what was read', async () => {
  const doc = createDocument('en');
  doc.addFile('empty.evtx', { records: 12 });
  const { page, close } = await openPage(
    browser,
    workshop.makePage(doc.finish({ min_level: 'high', findings_dropped: 0 })),
  );
  assert.match(await page.textContent('.verdict'), /No rule matched/);
  assert.match(await page.textContent('.sight'), /12 records[^]*level high and above/);
  for (const hash of ['#matrix', '#findings', '#ledger']) {
    await page.evaluate((h) => {
      location.hash = h;
    }, hash);
    await page.waitForTimeout(50);
  }
  await close();
});
