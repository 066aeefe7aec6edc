// Lists: j/k or arrows move, Enter opens, x selects. "g" then a letter goes to an area; "/" searches; "?" lists the keys.
const TYPING = 'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], .ts-control';

export function startKeyboard() {
  let prefix = false;
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPING) || document.querySelector('dialog[open]')) return;
    if (prefix) { prefix = false; go(event.key); return; }
    if (event.key === 'g') { prefix = true; setTimeout(() => { prefix = false; }, 1200); }
    else if (event.key === '/') { event.preventDefault(); (document.querySelector('.list-search input') ?? document.querySelector('[data-palette]'))?.[document.querySelector('.list-search input') ? 'focus' : 'click'](); }
    else if (event.key === '?') document.querySelector('[data-keys]')?.click();
    else if (event.key === 'j' || event.key === 'ArrowDown') move(event, 1);
    else if (event.key === 'k' || event.key === 'ArrowUp') move(event, -1);
    else if (event.key === 'x') document.activeElement?.closest('tr, .is-picking .task-line')?.querySelector('[data-select]')?.click();
    else if (event.key === 'n') document.querySelector('[data-new]')?.click();
    else if (event.key === 'e') document.querySelector('[data-edit]')?.click();
  });
}

function go(key) {
  document.querySelector(`.side-link[data-key="${CSS.escape(key)}"]`)?.click();
}

function move(event, by) {
  const rows = [...document.querySelectorAll('[data-row]')];
  if (!rows.length) return;
  const current = document.activeElement?.closest('tr, li, .task-list')?.querySelector('[data-row]:focus') ?? document.activeElement;
  const at = rows.indexOf(current);
  if (at < 0 && event.key.startsWith('Arrow')) return;
  event.preventDefault();
  rows[Math.min(Math.max(at + by, 0), rows.length - 1)].focus();
}
