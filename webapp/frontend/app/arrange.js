// A text area of field keys, shown as a list to drag: it stays the value of the form, one line a field, "# title" a group.
import Sortable from 'sortablejs/modular/sortable.esm.js';
import { nudge } from './ordering.js';

export function start(area) {
  const labels = new Map(Object.entries(JSON.parse(area.dataset.arrange)));
  const parts = document.getElementById(area.dataset.parts).content;
  const box = parts.querySelector('[data-box]').cloneNode(true);
  const list = box.querySelector('[data-list]');
  const offer = box.querySelector('[data-offer]');

  const row = (line) => {
    const isTitle = line.startsWith('#');
    const made = parts.querySelector(isTitle ? '[data-title-row]' : '[data-field-row]').cloneNode(true);
    made.dataset.line = line;
    if (isTitle) made.querySelector('input').value = line.slice(1).trim();
    else made.querySelector('[data-name]').textContent = labels.get(line) ?? line;
    return made;
  };
  const store = () => {
    area.value = [...list.children].map(({ dataset }) => dataset.line).join('\n');
    const placed = new Set([...list.children].map(({ dataset }) => dataset.line));
    const free = [...labels].filter(([key]) => !placed.has(key));
    offer.replaceChildren(offer.options[0], ...free.map(([key, label]) => new Option(label, key)));
    offer.value = '';
  };
  const add = (line) => { list.append(row(line)); store(); };

  area.value.split('\n').map((line) => line.trim()).filter(Boolean).forEach((line) => list.append(row(line)));
  store();
  area.hidden = true;
  area.after(box);
  if (!('grouped' in area.dataset)) box.querySelector('[data-add-title]').remove();

  Sortable.create(list, { animation: 120, handle: '[data-grip]', onEnd: store });
  offer.addEventListener('change', () => { if (offer.value) add(offer.value); });
  box.addEventListener('click', ({ target }) => {
    if (target.closest('[data-remove]')) { target.closest('li').remove(); store(); }
    if (target.closest('[data-add-title]')) { add('# '); list.lastElementChild.querySelector('input').focus(); }
  });
  box.addEventListener('input', ({ target }) => {
    if (target.matches('input')) { target.closest('li').dataset.line = `# ${target.value}`; store(); }
  });
  box.addEventListener('keydown', (event) => {
    if (!event.target.matches('[data-grip]') || !nudge(event.target, event.key)) return;
    event.preventDefault();
    store();
  });
}
