// Forms with data-draft keep what was typed in this browser until they are sent.
const AGE = 7 * 24 * 3600 * 1000;

export function startDrafts() {
  document.querySelectorAll('form[data-draft]').forEach(restore);
  document.addEventListener('htmx:after:swap', () => document.querySelectorAll('form[data-draft]:not([data-draft-ready])').forEach(restore));
  document.addEventListener('input', (event) => {
    const form = event.target.closest('form[data-draft]');
    if (form) keep(form);
  });
  document.addEventListener('submit', (event) => {
    if (event.target.matches('form[data-draft]')) localStorage.removeItem(key(event.target));
  });
}

const key = (form) => `draft:${form.dataset.draft}`;
const kept = (form) => [...form.elements].filter((field) => field.name && !['hidden', 'password', 'file', 'submit', 'button'].includes(field.type));

function keep(form) {
  const values = {};
  for (const field of kept(form)) {
    if (field.type === 'checkbox' || field.type === 'radio') (values[field.name] ??= []).push(...(field.checked ? [field.value] : []));
    else values[field.name] = field.value;
  }
  localStorage.setItem(key(form), JSON.stringify({ at: Date.now(), values }));
}

function restore(form) {
  form.dataset.draftReady = 'yes';
  const stored = JSON.parse(localStorage.getItem(key(form)) ?? 'null');
  if (!stored || form.querySelector('.is-invalid')) return;
  if (Date.now() - stored.at > AGE) { localStorage.removeItem(key(form)); return; }
  for (const field of kept(form)) {
    if (!(field.name in stored.values)) continue;
    if (field.type === 'checkbox' || field.type === 'radio') field.checked = stored.values[field.name].includes(field.value);
    else field.value = stored.values[field.name];
  }
}
