// SPDX-License-Identifier: Apache-2.0
//
// The app: follows the page's address, shows screens and the drawer, listens to keys. It owns what
// the reader has chosen (language, time zone) and hands model, words and choices to the screens.

import { h, refill } from './dom.mjs';
import { createTranslator } from './i18n.mjs';
import { SCREENS, makeRoute, parseRoute } from './route.mjs';
import { drawHeader, drawHelp, markScreen } from './frame.mjs';
import { drawCase } from './screen_case.mjs';
import { drawMatrix } from './screen_matrix.mjs';
import { FindingsScreen } from './screen_findings.mjs';
import { drawLedger } from './screen_ledger.mjs';
import { drawEvent } from './drawer_event.mjs';
import { drawPaper } from './print.mjs';

const DRAW = {
  case: drawCase,
  matrix: drawMatrix,
  ledger: (app) => drawLedger(app, false),
};

export class App {
  /** `tables` are the words of all languages. Call `start` once. */
  constructor(root, model, tables) {
    this.model = model;
    this.tables = tables;
    this.view = { zone: 'local' };
    this.t = null;
    this.screen = null; // name of the screen that is drawn
    this.screenHash = ''; // its address, also while a finding is open over it
    this.followed = null; // address that the page shows
    this.findings = null; // the findings screen, while it is drawn
    this.open = -1; // finding in the drawer
    this.focusDrawer = false;
    this.makeFrame(root);
  }

  makeFrame(root) {
    this.main = h('main', { id: 'main', tabindex: '-1' });
    this.header = h('header', { class: 'top' });
    this.drawer = h('aside', {
      class: 'drawer',
      hidden: true,
      role: 'dialog',
      'aria-labelledby': 'event-title',
    });
    this.paper = h('div', { class: 'paper-holder' });
    this.help = h('dialog', { class: 'help' });
    this.skip = h('a', {
      class: 'skip',
      href: '#main',
      on: {
        click: (event) => {
          event.preventDefault();
          this.main.focus();
        },
      },
    });
    refill(
      root,
      h(
        'div',
        { class: 'frame' },
        this.skip,
        this.header,
        h('div', { class: 'stage' }, this.main, this.drawer),
        this.help,
      ),
      this.paper,
    );
  }

  start(lang) {
    document.addEventListener('keydown', (event) => this.onKey(event));
    window.addEventListener('hashchange', () => {
      if (location.hash !== this.followed) this.follow();
    });
    window.addEventListener('beforeprint', () => refill(this.paper, drawPaper(this)));
    window.addEventListener('afterprint', () => refill(this.paper));
    this.setLanguage(lang);
  }

  setLanguage = (lang) => {
    this.t = createTranslator(this.tables, lang);
    document.documentElement.lang = lang;
    refill(this.skip, this.t('skip'));
    drawHelp(this.help, this.t);
    this.rebuild();
  };

  setZone = (zone) => {
    this.view.zone = zone;
    this.rebuild();
  };

  showHelp = () => this.help.showModal();

  /* Words or zone changed: everything is drawn anew; the address brings it back as it was. */
  rebuild() {
    this.screen = null;
    drawHeader(this.header, this);
    this.follow();
  }

  /**
   * Goes to an address of the page. The screen follows at once, not when the browser reports the
   * new address: keys that are typed meanwhile must not get lost.
   */
  goto(hash, replace) {
    if (hash === location.hash) return;
    if (replace) location.replace(hash);
    else location.hash = hash;
    this.follow();
  }

  follow() {
    const route = parseRoute(location.hash);
    this.followed = location.hash;
    if (route.screen !== 'event') {
      this.hideDrawer();
      this.showScreen(route);
      return;
    }
    // An event that was opened by its own address lies over the findings.
    if (!this.screen) this.showScreen(parseRoute(this.screenHash || '#findings'));
    const i = this.model.findingAt(route.event, route.nth);
    if (i < 0) this.hideDrawer();
    else this.showDrawer(i);
  }

  showScreen({ screen, params }) {
    const hash = makeRoute(screen, params);
    if (screen === this.screen && hash === this.screenHash) return;
    if (screen === 'findings' && this.findings && this.screen) {
      this.findings.update(params);
    } else {
      this.findings?.destroy();
      this.findings = screen === 'findings' ? new FindingsScreen(this, params) : null;
      refill(this.main, this.findings?.element ?? DRAW[screen](this, params));
      this.findings?.start();
      this.main.scrollTop = 0;
    }
    this.screen = screen;
    this.screenHash = hash;
    markScreen(this.header, screen);
    document.title = `${this.t(`screen.${screen}`)} · Sekisho`;
  }

  /* The findings before and after, in the order of the table if there is one. */
  place(i) {
    const { n } = this.model;
    return (
      this.findings?.neighbours(i) ?? {
        previous: i > 0 ? i - 1 : undefined,
        next: i + 1 < n ? i + 1 : undefined,
        at: i,
        total: n,
      }
    );
  }

  showDrawer(i) {
    this.open = i;
    refill(this.drawer, drawEvent(this, i, this.place(i)));
    this.drawer.hidden = false;
    this.findings?.setNarrow(true);
    this.findings?.select(i);
    if (this.focusDrawer || !document.activeElement?.closest('.vt'))
      this.drawer.querySelector('h2').focus({ preventScroll: true });
    this.focusDrawer = false;
  }

  hideDrawer() {
    if (this.open < 0) return;
    const hadFocus =
      this.drawer.contains(document.activeElement) || document.activeElement === document.body;
    this.open = -1;
    this.drawer.hidden = true;
    refill(this.drawer);
    this.findings?.setNarrow(false);
    if (!hadFocus) return;
    if (this.findings) this.findings.focusTable();
    else this.main.focus({ preventScroll: true });
  }

  /** Opens a finding; `enter` moves the focus into the drawer. */
  openEvent(i, enter) {
    this.focusDrawer = enter;
    this.goto(`#${this.model.addressOf(i)}`, this.open >= 0);
  }

  /** The active row moved: an open drawer goes along, a closed one stays closed. */
  followEvent(i) {
    if (this.open >= 0) this.openEvent(i, false);
  }

  closeEvent = () => {
    if (this.open >= 0) this.goto(this.screenHash, false);
  };

  step(by) {
    if (this.open < 0) return;
    const { previous, next } = this.place(this.open);
    const to = by < 0 ? previous : next;
    if (to !== undefined) this.openEvent(to, this.drawer.contains(document.activeElement));
  }

  focusFilter() {
    if (this.screen !== 'findings') this.goto('#findings', false);
    this.findings.focusFilter();
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || this.help.open)
      return;
    const typing = event.target.closest?.('input, select, textarea');
    if (typing && event.key !== 'Escape') return;
    const screen = SCREENS[Number(event.key) - 1];
    if (screen) this.goto(`#${screen}`, false);
    else if (event.key === '/') this.focusFilter();
    else if (event.key === '?') this.showHelp();
    else if (event.key === 'j') this.step(1);
    else if (event.key === 'k') this.step(-1);
    else if (event.key === 'Escape') this.closeEvent();
    else return;
    event.preventDefault();
  }
}
