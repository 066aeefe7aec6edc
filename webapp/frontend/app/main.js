// The shell of every page. Heavy parts (picker, kanban, calendar, charts) arrive only where a page needs them.
import Alpine from '@alpinejs/csp';
import htmx from 'htmx.org/dist/htmx.esm.js';
import { selection } from './selection.js';
import { startDialogs } from './dialogs.js';
import { startDrafts } from './drafts.js';
import { startFields } from './fields.js';
import { startKeyboard } from './keyboard.js';
import { startMenus } from './menus.js';
import { startNews } from './news.js';
import { startPalette } from './palette.js';
import { startProgress } from './progress.js';
import { startRows } from './rows.js';
import { startToasts } from './toasts.js';

window.htmx = htmx;
Alpine.data('selection', selection);

const LAZY = {
  '[data-picker]': () => import('./picker.js'),
  '[data-kanban]': () => import('./kanban.js'),
  '[data-calendar]': () => import('./calendar.js'),
  '[data-arrange]': () => import('./arrange.js'),
  '[data-ordering]': () => import('./ordering.js'),
};

function enhance(root) {
  for (const [selector, load] of Object.entries(LAZY)) {
    const found = [...root.querySelectorAll(selector)].filter((element) => !element.dataset.ready);
    if (!found.length) continue;
    found.forEach((element) => { element.dataset.ready = 'yes'; });
    load().then(({ start }) => found.forEach(start));
  }
}

startProgress();
startToasts();
startMenus();
startDialogs(htmx);
startPalette();
startKeyboard();
startFields();
startDrafts();
startNews();
startRows(htmx);
enhance(document);
document.addEventListener('htmx:after:swap', () => enhance(document));
if (!document.querySelector('[data-studio]')) Alpine.start(); // the studio has no states of its own, and each shape it draws would be looked at
document.documentElement.dataset.ready = 'yes';
