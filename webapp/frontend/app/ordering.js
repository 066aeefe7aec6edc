// A list whose rows change places: dragged by the grip, by its arrow keys, or by the two buttons of a row.
import Sortable from 'sortablejs/modular/sortable.esm.js';

export function start(list) {
  Sortable.create(list, { animation: 120, handle: '[data-grip]' });
  list.addEventListener('click', ({ target }) => {
    const button = target.closest('[data-nudge]');
    if (button) nudge(button, button.dataset.nudge);
  });
  list.addEventListener('keydown', (event) => {
    if (event.target.matches('[data-grip]') && nudge(event.target, event.key)) event.preventDefault();
  });
}

/** Moves the row of a control one place; true when there was one to move to. */
export function nudge(control, key) {
  const item = control.closest('li');
  const beside = { ArrowUp: item.previousElementSibling, ArrowDown: item.nextElementSibling }[key];
  if (!beside) return false;
  if (key === 'ArrowUp') beside.before(item);
  else beside.after(item);
  control.focus();
  return true;
}
