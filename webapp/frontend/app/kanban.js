// Cards are dragged between columns; the server decides whether the move is allowed.
import Sortable from 'sortablejs/modular/sortable.esm.js';

export function start(board) {
  board.querySelectorAll('[data-column]').forEach((column) => Sortable.create(column, {
    group: board.dataset.kanban,
    animation: 120,
    delayOnTouchOnly: true,
    delay: 180,
    onEnd: (event) => move(board, event),
  }));
}

async function move(board, { item, from, to, oldIndex }) {
  if (from === to) return;
  const body = new FormData();
  body.set('value', to.dataset.column);
  body.set('version', item.dataset.version);
  const reply = await fetch(item.dataset.move, { method: 'POST', body, headers: { 'X-CSRF-Token': board.dataset.csrf, Accept: 'application/json' } });
  const answer = await reply.json();
  if (reply.ok) item.dataset.version = answer.version;
  else {
    from.insertBefore(item, from.children[oldIndex] ?? null);
    document.dispatchEvent(new CustomEvent('toast', { detail: { kind: 'error', text: answer.message } }));
  }
}
