// SPDX-License-Identifier: Apache-2.0
//
// Start of the page: reads the data, makes the model, starts the app, or says why it cannot.

import { h, refill } from './dom.mjs';
import { DataError, loadData } from './data.mjs';
import { chooseLanguage, createTranslator } from './i18n.mjs';
import { createModel } from './model.mjs';
import { App } from './app.mjs';

/* Both languages, because nothing is known yet about the reader's. */
function showError(root, tables, error) {
  const key = error instanceof DataError ? error.key : 'error.badData';
  refill(
    root,
    h(
      'div',
      { class: 'boot', role: 'alert' },
      Object.keys(tables).map((lang) => h('p', { lang }, createTranslator(tables, lang)(key))),
      h('p', { class: 'faint' }, String(error?.detail ?? error?.message ?? error)),
    ),
  );
}

/** `tables` are the words of all languages, by code. */
export async function main(tables) {
  const root = document.getElementById('app');
  try {
    const data = await loadData(document);
    const lang = chooseLanguage(tables, data.lang, navigator.languages);
    new App(root, createModel(data), tables).start(lang);
  } catch (error) {
    showError(root, tables, error);
    throw error;
  }
}
