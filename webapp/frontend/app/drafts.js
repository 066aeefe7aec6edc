// Forms with data-draft keep what was typed in this browser, for this person, until the server has taken it: a lost
// session, a dead network or an error page loses nothing. What was restored says so and can be dropped.
import { append } from './rows.js';
import { dropOnServer, sendSoon, startServerDrafts, stopSending } from './serverdrafts.js';

const AGE = 7 * 24 * 3600 * 1000;
const SENT = 'draft-sent';

export function startDrafts() {
  settle();
  restoreAll();
  startServerDrafts();
  document.addEventListener('htmx:after:swap', restoreAll);
  document.addEventListener('input', ({ target }) => {
    const form = target.closest('form[data-draft]');
    if (!form) return;
    keep(form);
    if (form.dataset.draftUrl) sendSoon(form, () => localStorage.removeItem(key(form)));
  });
  document.addEventListener('submit', ({ target }) => {
    if (target.matches('form[data-draft]')) sessionStorage.setItem(SENT, key(target));
    stopSending(target);
    if (target.matches('[data-sign-out]')) dropAll();
  });
  document.addEventListener('click', async ({ target }) => {
    const form = target.closest('form[data-draft]');
    if (!form || !target.closest('.form-actions a, [data-drop-draft]')) return;
    localStorage.removeItem(key(form));
    if (!target.closest('[data-drop-draft]')) return;
    if (form.dataset.draftUrl) await dropOnServer(form);
    location.reload();
  });
}

// The page after a sent form: the form once more means it was not taken, any other page of the shell that it was.
function settle() {
  const sent = sessionStorage.getItem(SENT);
  if (!sent || !document.body.dataset.person || document.querySelector('.error-page')) return;
  sessionStorage.removeItem(SENT);
  if (![...document.querySelectorAll('form[data-draft]')].some((form) => key(form) === sent)) localStorage.removeItem(sent);
}

const key = (form) => `draft:${document.body.dataset.person}:${form.dataset.draft}`;
const kept = (form) => [...form.elements].filter((field) => field.name && !['hidden', 'password', 'file', 'submit', 'button'].includes(field.type));

function dropAll() {
  for (const name of Object.keys(localStorage)) if (name.startsWith('draft:')) localStorage.removeItem(name);
}

function keep(form) {
  const values = {};
  for (const field of kept(form)) (values[field.name] ??= []).push(...held(field));
  localStorage.setItem(key(form), JSON.stringify({ at: Date.now(), values }));
}

/** What a control holds: [value, text] pairs, the text for choices the server has to name. */
function held(field) {
  if (field.tagName === 'SELECT') return [...field.selectedOptions].map(({ value, textContent }) => [value, textContent]);
  if (field.type === 'checkbox' || field.type === 'radio') return field.checked ? [[field.value, '']] : [];
  return [[field.value, '']];
}

function restoreAll() {
  document.querySelectorAll('form[data-draft]:not([data-draft-ready])').forEach(restore);
}

function restore(form) {
  form.dataset.draftReady = 'yes';
  const stored = JSON.parse(localStorage.getItem(key(form)) ?? 'null');
  if (!stored || form.querySelector('.is-invalid')) return;
  const isOlder = stored.at / 1000 < Number(form.dataset.draftAt ?? 0);
  if (isOlder || Date.now() - stored.at > AGE) { localStorage.removeItem(key(form)); return; }
  addRows(form, Object.keys(stored.values));
  const changed = kept(form).filter((field) => field.name in stored.values && put(field, stored.values[field.name]));
  const note = form.querySelector('[data-draft-note]');
  if (note && changed.length) note.hidden = false;
}

/** Rows of tables that were added by hand. */
function addRows(form, names) {
  for (const table of form.querySelectorAll('[data-rows]:has(template)')) {
    const prefix = table.querySelector('template').innerHTML.match(/name="([^"]+)-#-/)?.[1];
    const numbers = names.flatMap((name) => (name.startsWith(`${prefix}-`) ? [Number(name.slice(prefix.length + 1).split('-')[0])] : []));
    for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
      if (!form.querySelector(`[name^="${CSS.escape(`${prefix}-${number}-`)}"]`)) append(table, number);
    }
  }
}

/** Puts the stored values into a control; true when that changed it. */
function put(field, pairs) {
  const before = JSON.stringify(held(field).map(([value]) => value));
  const values = pairs.map(([value]) => value);
  if (field.type === 'checkbox' || field.type === 'radio') field.checked = values.includes(field.value);
  else if (field.tagName === 'SELECT') choose(field, pairs, values);
  else [field.value] = values;
  return JSON.stringify(held(field).map(([value]) => value)) !== before;
}

function choose(select, pairs, values) {
  for (const [value, text] of pairs) if (![...select.options].some((option) => option.value === value)) select.add(new Option(text, value));
  for (const option of select.options) option.selected = values.includes(option.value);
}
