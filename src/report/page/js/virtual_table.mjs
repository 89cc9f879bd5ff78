// SPDX-License-Identifier: Apache-2.0
//
// A table that draws only the rows in sight. It is a real <table>: two spacer rows stand for what is
// above and below, so headers, widths and screen readers work as in any table. All rows have the
// same height. One row is the active one; arrows move it, and it is told by aria-activedescendant.

import { h, refill } from './dom.mjs';

const OVERSCAN = 12;

/* Where a key moves the active row. */
const MOVES = {
  ArrowDown: (table) => table.active + 1,
  ArrowUp: (table) => table.active - 1,
  PageDown: (table) => table.active + table.pageSize(),
  PageUp: (table) => table.active - table.pageSize(),
  Home: () => 0,
  End: (table) => table.count - 1,
};

function spacerRow() {
  return h('tr', { class: 'vt-space', 'aria-hidden': 'true' }, h('td'));
}

export class VirtualTable {
  /**
   * `options`: label; rowHeight in pixels (as the style sheet has it); drawRow(at) → <tr>;
   * onOpen(at, byKey) for Enter and click; onMove(at) when keys move the active row;
   * onKey(event, at) for other keys, returns whether it used the key.
   */
  constructor(options) {
    this.options = options;
    this.count = 0;
    this.active = 0;
    this.drawn = new Map();
    this.frame = 0;
    this.head = h('thead');
    this.widths = h('colgroup');
    this.body = h('tbody');
    this.above = spacerRow();
    this.below = spacerRow();
    this.table = h(
      'table',
      { class: 'vt', role: 'grid', tabindex: '0', 'aria-label': options.label },
      this.widths,
      this.head,
      this.body,
    );
    this.element = h('div', { class: 'vt-scroll' }, this.table);
    this.table.addEventListener('keydown', (event) => this.onKeyDown(event));
    this.body.addEventListener('click', (event) => this.onClick(event));
    this.element.addEventListener('scroll', () => this.drawSoon(), { passive: true });
    this.watcher = new ResizeObserver(() => this.drawSoon());
    this.watcher.observe(this.element);
  }

  /** Cells of the head row (<th>) and widths in pixels; 0 shares what is left above `minWidth`. */
  setHead(cells, sizes, minWidth) {
    refill(this.head, h('tr', { 'aria-rowindex': '1' }, cells));
    refill(
      this.widths,
      sizes.map((size) => {
        const col = h('col');
        if (size) col.style.width = `${size}px`;
        return col;
      }),
    );
    this.table.style.minWidth = `${minWidth}px`;
    for (const space of [this.above, this.below]) space.firstChild.colSpan = cells.length;
  }

  /** Shows that many rows, from the top or with `active` in sight. */
  setRows(count, active = 0) {
    this.count = count;
    this.active = Math.max(0, Math.min(count - 1, active));
    this.table.setAttribute('aria-rowcount', String(count + 1));
    refill(this.body, this.above, this.below);
    this.drawn.clear();
    if (this.active === 0) this.element.scrollTop = 0;
    this.draw();
    if (this.active > 0) this.setActive(this.active, true);
  }

  /** Draws all rows in sight anew. */
  redraw() {
    for (const row of this.drawn.values()) row.remove();
    this.drawn.clear();
    this.draw();
  }

  /** Moves the active row and brings it in sight; `quiet` does not tell `onMove`. */
  setActive(at, quiet) {
    if (!this.count) return;
    this.active = Math.max(0, Math.min(this.count - 1, at));
    this.reveal();
    this.draw();
    if (!quiet) this.options.onMove?.(this.active);
  }

  /** Rows that a page key moves over. */
  pageSize() {
    return Math.max(
      1,
      Math.floor((this.element.clientHeight - this.headHeight()) / this.options.rowHeight) - 1,
    );
  }

  focus() {
    this.table.focus({ preventScroll: true });
  }

  destroy() {
    this.watcher.disconnect();
    cancelAnimationFrame(this.frame);
  }

  headHeight() {
    return this.head.offsetHeight || this.options.rowHeight;
  }

  reveal() {
    const { rowHeight } = this.options;
    const top = this.active * rowHeight;
    const room = this.element.clientHeight - this.headHeight() - rowHeight;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    else if (top > this.element.scrollTop + room) this.element.scrollTop = top - room;
  }

  rangeInSight() {
    const { rowHeight } = this.options;
    const top = Math.max(0, this.element.scrollTop);
    const height = this.element.clientHeight || rowHeight * 20;
    const from = Math.max(0, Math.floor(top / rowHeight) - OVERSCAN);
    return [from, Math.min(this.count, Math.ceil((top + height) / rowHeight) + OVERSCAN)];
  }

  drawSoon() {
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.frame = 0;
    const [from, to] = this.rangeInSight();
    for (const [at, row] of this.drawn) {
      if (at < from || at >= to) {
        row.remove();
        this.drawn.delete(at);
      }
    }
    let before = this.above;
    for (let at = from; at < to; at += 1) {
      const row = this.drawn.get(at) ?? this.makeRow(at);
      if (!this.drawn.has(at)) {
        this.drawn.set(at, row);
        before.after(row);
      }
      before = row;
    }
    this.above.firstChild.style.height = `${from * this.options.rowHeight}px`;
    this.below.firstChild.style.height = `${(this.count - to) * this.options.rowHeight}px`;
    this.markActive();
  }

  makeRow(at) {
    const row = this.options.drawRow(at);
    row.id = `row-${at}`;
    row.dataset.at = String(at);
    row.setAttribute('aria-rowindex', String(at + 2));
    return row;
  }

  markActive() {
    for (const [at, row] of this.drawn) {
      row.classList.toggle('active', at === this.active);
      row.setAttribute('aria-selected', String(at === this.active));
    }
    if (this.drawn.has(this.active))
      this.table.setAttribute('aria-activedescendant', `row-${this.active}`);
    else this.table.removeAttribute('aria-activedescendant');
  }

  onKeyDown(event) {
    if (event.target !== this.table || event.ctrlKey || event.metaKey || event.altKey) return;
    if (Object.hasOwn(MOVES, event.key)) this.setActive(MOVES[event.key](this));
    else if (event.key === 'Enter' && this.count) this.options.onOpen(this.active, true);
    else if (!this.options.onKey?.(event, this.active)) return;
    event.preventDefault();
  }

  /* A click that ends the marking of text opens nothing. */
  onClick(event) {
    const row = event.target.closest('tr[data-at]');
    if (!row || event.target.closest('a') || String(window.getSelection()).length > 0) return;
    this.active = Number(row.dataset.at);
    this.markActive();
    this.focus();
    this.options.onOpen(this.active, false);
  }
}
