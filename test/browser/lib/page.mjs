// SPDX-License-Identifier: Apache-2.0
//
// Builds pages with the bundler and opens them from disk in headless Chromium. Every page is
// watched: a console error, an uncaught error, a violation of the policy or a request for anything
// but the file itself fails the test that closes it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const BUNDLER = fileURLToPath(new URL('../../../tools/bundle_page.py', import.meta.url));
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-precise-memory-info',
];

/** A folder for this run, with pages made from data documents. */
export function createWorkshop() {
  const folder = mkdtempSync(join(tmpdir(), 'sekisho-page-'));
  let made = 0;
  return {
    folder,
    /** Writes a page; returns its path. */
    makePage(data, options = []) {
      made += 1;
      const json = join(folder, `data-${made}.json`);
      const html = join(folder, `report-${made}.html`);
      writeFileSync(json, JSON.stringify(data));
      execFileSync('python3', [BUNDLER, '--out-html', html, '--data', json, ...options]);
      return html;
    },
    runBundler: (args) => execFileSync('python3', [BUNDLER, ...args], { stdio: 'pipe' }),
    clean: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Starts the browser; SEKISHO_CHROMIUM names another one than /usr/bin/chromium. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.SEKISHO_CHROMIUM || '/usr/bin/chromium',
    args: FLAGS,
  });
}

/** Opens a page of the workshop. Returns {page, close}; `close` checks what was watched. */
export async function openPage(
  browser,
  path,
  { hash = '', ready = '.frame', allow = [], before = null, ...options } = {},
) {
  const context = await browser.newContext({
    viewport: { width: 1366, height: 768 },
    reducedMotion: 'reduce',
    timezoneId: 'Asia/Tokyo',
    locale: 'en-GB',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  const page = await context.newPage();
  const troubles = [];
  const address = pathToFileURL(path).href;
  const note = (kind, text) => {
    if (!allow.some((pattern) => pattern.test(text))) troubles.push(`${kind}: ${text}`);
  };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) note('console', message.text());
  });
  page.on('pageerror', (error) => note('error', String(error)));
  page.on('request', (request) => {
    if (request.url() !== address && !request.url().startsWith('data:image/svg+xml,'))
      note('request', request.url().slice(0, 200));
  });
  page.on('dialog', (dialog) => {
    note('dialog', dialog.message());
    dialog.dismiss();
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      (window.violations ??= []).push(
        `${event.violatedDirective} ${event.blockedURI} ${event.sample}`,
      );
    });
  });
  if (before) await page.addInitScript(before);
  await page.goto(address + hash);
  await page.waitForSelector(ready);
  const close = async () => {
    troubles.push(
      ...(await page.evaluate(() => [
        ...(window.violations ?? []),
        ...(window.pwned ? ['hostile text was run'] : []),
      ])),
    );
    await context.close();
    assert.deepEqual(troubles, []);
  };
  return { page, close };
}
