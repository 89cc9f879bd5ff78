// SPDX-License-Identifier: Apache-2.0
//
// Text from logs and rules is shown as text, whatever it says. `close` of each page fails if
// anything was run, asked of a network or refused by the policy.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createModel } from '../../../src/report/page/js/model.mjs';
import { createWorkshop, openPage, startBrowser } from '../lib/page.mjs';
import { createDocument } from '../lib/builder.mjs';
import { HOSTILE, hostileData } from '../lib/odd_data.mjs';

const workshop = createWorkshop();
const model = createModel(hostileData());
let browser;
let path;
before(async () => {
  browser = await startBrowser();
  path = workshop.makePage(hostileData());
});
after(async () => {
  await browser.close();
  workshop.clean();
});

const findingOf = (text) =>
  Array.from({ length: model.n }, (_, i) => i).find((i) => model.rule(i).title === text);
const foreign = (page) =>
  page.$$eval(
    '#app img, #app script, #app style, #app iframe, #app object, #app [onerror], #app [onload], #app [style*="pwned"], #app a[href^="javascript" i]',
    (all) => all.map((e) => e.outerHTML.slice(0, 100)),
  );

test('every screen shows hostile text and makes nothing of it', async () => {
  const { page, close } = await openPage(browser, path);
  for (const screen of [
    'case',
    'matrix',
    'findings',
    'findings?group=rule',
    'findings?group=technique&cols=level,file,status,channel,provider',
    'ledger',
  ]) {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, screen);
    await page.waitForTimeout(100);
    assert.ok((await page.textContent('main')).includes('<img src=x onerror='), screen);
    assert.deepEqual(await foreign(page), []);
  }
  await close();
});

test('every hostile string is shown exactly in the drawer', async () => {
  const { page, close } = await openPage(browser, path, { hash: '#findings' });
  for (const text of HOSTILE) {
    await page.evaluate(
      (hash) => {
        location.hash = hash;
      },
      model.addressOf(findingOf(text)),
    );
    await page.waitForFunction(
      (wanted) => document.querySelector('.drawer .value')?.textContent === JSON.parse(wanted),
      JSON.stringify(text),
    );
    const shown = await page.$$eval('.drawer .fields .value', (cells) =>
      JSON.stringify(cells.map((c) => c.textContent)),
    );
    assert.deepEqual(JSON.parse(shown), [text, text, text, text, 'C:\\x.exe']);
    await page.click('.xml-section .section-tools button:first-child');
    const xml = await page.$eval('.drawer pre.xml', (pre) => JSON.stringify(pre.textContent));
    assert.equal(JSON.parse(xml), `<Event><Data>${text}</Data></Event>`);
    assert.deepEqual(await foreign(page), []);
  }
  await close();
});

test('decoded text and the parts of a script are shown exactly', async () => {
  const { page, close } = await openPage(browser, path, {
    hash: `#${model.addressOf(findingOf('Hidden'))}`,
    ready: '.drawer .layer-text',
  });
  const more = page.locator('.drawer .layer-text .more');
  while (await more.count()) await more.click();
  const shown = await page.$eval('.drawer .layer-text .value', (e) => JSON.stringify(e.textContent));
  assert.equal(JSON.parse(shown), HOSTILE.join('\n'));
  assert.match(await page.textContent('.drawer'), /98/);
  assert.deepEqual(await foreign(page), []);
  await close();
});

test('characters that hide or reorder are shown by number and keep their place when copied', async () => {
  const { page, close } = await openPage(browser, path, {
    hash: `#${model.addressOf(findingOf('invoice\u202egpj.exe'))}`,
    ready: '.drawer h2',
  });
  const box = page.locator('.drawer .value .hidden-char').first();
  assert.equal(await box.getAttribute('data-code'), '202E');
  assert.match(await box.evaluate((e) => getComputedStyle(e, '::before').content), /U\+/);
  assert.ok((await box.boundingBox()).width > 20, 'its number takes room');
  const order = await page.$eval('.drawer .value', (cell) => {
    const left = (node) => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return range.getBoundingClientRect().left;
    };
    const [first, last] = [cell.firstChild, cell.lastChild];
    return [left(first) < left(last), first.textContent, last.textContent];
  });
  assert.deepEqual(order, [true, 'invoice', 'gpj.exe']);
  await close();
});

test('hostile addresses in the page address do nothing', async () => {
  for (const hash of [
    '#event/0/99',
    '#event/999999/1',
    '#findings?q=%3Cimg%20src%3Dx%20onerror%3Dwindow.pwned%3D1%3E&sort=__proto__&group=constructor&cols=toString',
    '#matrix?host=%3Cscript%3E',
    '#javascript:window.pwned=1',
    '#findings?q=%',
    `#findings?q=${'x'.repeat(20000)}`,
  ]) {
    const { page, close } = await openPage(browser, path, { hash });
    assert.equal(await page.locator('main > *').count(), 1);
    assert.deepEqual(await foreign(page), []);
    await close();
  }
});

test('references become links only if they are plain web addresses', async () => {
  const { page, close } = await openPage(browser, path, {
    hash: `#${model.addressOf(findingOf('javascript:window.pwned=1'))}`,
    ready: '.drawer h2',
  });
  const links = await page.$$eval('.drawer a[target]', (all) =>
    all.map((a) => [a.protocol, a.rel]),
  );
  assert.ok(links.length > 0);
  for (const link of links) assert.deepEqual(link, ['https:', 'noopener noreferrer']);
  await close();
});

test('no text makes a row of the table taller', async () => {
  for (const hash of [
    '#findings',
    '#findings?group=rule',
    '#findings?cols=level,time,host,rule,technique,channel,provider,file,status',
  ]) {
    const { page, close } = await openPage(browser, path, { hash });
    const heights = await page.$$eval('.vt tbody tr[data-at]', (rows) =>
      rows.map((r) => r.getBoundingClientRect().height),
    );
    assert.ok(heights.length > 20);
    assert.deepEqual([...new Set(heights)], [28]);
    await close();
  }
});

test('a long value is cut, and comes in pieces that part no character', async () => {
  const doc = createDocument('en');
  const text = `${'x'.repeat(799)}${'\u{1f600}'.repeat(1000)}end`;
  const event = doc.addEvent({
    file: doc.addFile('f'),
    record: 1,
    time: '2021-01-01T00:00:00Z',
    host: 'h',
    channel: 'c',
    provider: 'p',
    event_id: 1,
    fields: [['A', text]],
  });
  doc.addFinding(event, doc.addRule({ title: 'r', level: 'low' }), []);
  const { page, close } = await openPage(browser, workshop.makePage(doc.finish()), {
    hash: '#event/0/1',
    ready: '.drawer h2',
  });
  assert.equal((await page.textContent('.drawer .value')).length, 799);
  await page.click('.drawer .fields .more');
  assert.equal(await page.textContent('.drawer .value'), text);
  assert.equal(await page.locator('.drawer .hidden-char').count(), 0);
  await close();
});

test('a value of a megabyte is cut until it is asked for', async () => {
  const i = model.n - 1;
  const { page, close } = await openPage(browser, path, {
    hash: `#${model.addressOf(i)}`,
    ready: '.drawer h2',
  });
  assert.ok((await page.textContent('.drawer .value')).length < 2000);
  const more = page.locator('.drawer .fields.matched .more');
  assert.match(await more.textContent(), /^Show 100,000 more of 1,048,576 characters$/);
  await more.click();
  assert.equal(await page.$eval('.drawer .value', (cell) => cell.textContent), 'A'.repeat(100800));
  assert.equal(await more.count(), 1);
  const pre = () => page.$eval('.drawer pre.xml', (e) => e.textContent.replace(/\s/g, ''));
  assert.equal((await pre()).length, 100000);
  await page.click('.xml-section .more');
  assert.equal(await pre(), model.event(i).xml);
  assert.equal(await page.locator('.xml-section .more').isVisible(), false);
  await close();
});

test('CSV of hostile findings starts no formula', async () => {
  const { page, close } = await openPage(browser, path, {
    hash: '#findings?cols=host,rule,evidence',
  });
  await page.click('text=Copy as CSV');
  await page.waitForSelector('text=Copied');
  const csv = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(csv.includes('"\'=HYPERLINK('));
  assert.doesNotMatch(csv, /(^|,)"?[=+@]/m);
  await close();
});

test('a policy that lets inline script through would be noticed', async () => {
  const { page, close } = await openPage(browser, path);
  await page.evaluate(() => {
    const script = document.createElement('script');
    try {
      script.textContent = 'window.pwned = 1';
      document.body.append(script);
    } catch {
      /* refused already when set */
    }
    const link = document.createElement('a');
    try {
      link.setAttribute('onclick', 'window.pwned = 1');
    } catch {
      /* the same */
    }
    document.body.append(link);
    link.click();
    try {
      link.innerHTML = '<img src=x>';
    } catch {
      /* the same */
    }
  });
  assert.equal(await page.evaluate(() => window.pwned ?? null), null);
  await assert.rejects(close(), /require-trusted-types-for/);
});

test('damaged data, no data, a browser that cannot unpack: a message in both languages', async () => {
  const html = readFileSync(path, 'utf8');
  const packed = readFileSync(workshop.makePage(hostileData(), ['--gzip']), 'utf8');
  const cases = [
    [
      'cut.html',
      html.replace(/(id="sek-data">.{200})[^]*?<\/script>/, '$1</script>'),
      /cannot be read/,
    ],
    [
      'none.html',
      html.replace(/<script type="application\/json"[^]*?<\/script>/, ''),
      /holds no data/,
    ],
    ['schema.html', html.replace('"schema":1', '"schema":7'), /cannot be read[^]*schema 7/],
    ['gzip.html', packed.replace(/(id="sek-data-gz">.{400})[^<]*/, '$1'), /cannot be read/],
    ['base64.html', packed.replace('id="sek-data-gz">', 'id="sek-data-gz">!!'), /cannot be read/],
  ];
  for (const [name, text, wanted] of cases) {
    const file = join(workshop.folder, name);
    writeFileSync(file, text);
    const { page, close } = await openPage(browser, file, {
      ready: '[role="alert"]',
      allow: [/.*/],
    });
    assert.match(await page.textContent('.boot'), wanted);
    assert.match(await page.textContent('.boot'), /データ/);
    await close();
  }
  const old = await openPage(browser, workshop.makePage(hostileData(), ['--gzip']), {
    ready: '[role="alert"]',
    allow: [/.*/],
    before: () => delete window.DecompressionStream,
  });
  assert.match(await old.page.textContent('.boot'), /--html-plain/);
  await old.close();
});
