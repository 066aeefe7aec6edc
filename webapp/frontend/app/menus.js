// <details class="menu">: one open at a time, closed by Esc and by a click outside; the phone's side navigation; the theme.
export function startMenus() {
  document.addEventListener('click', (event) => {
    const inside = event.target.closest('details.menu');
    for (const menu of document.querySelectorAll('details.menu[open]')) if (menu !== inside) menu.open = false;
    if (inside && event.target.closest('.menu-item') && !event.target.closest('[data-keep-open]')) inside.open = false;
    if (event.target.closest('[data-side]')) document.body.classList.toggle('side-is-open');
    const theme = event.target.closest('[data-theme-set]');
    if (theme) setTheme(theme.dataset.themeSet);
    if (event.target.closest('[data-print]')) window.print();
    const copy = event.target.closest('[data-copy]');
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy);
  });
  document.addEventListener('keydown', (event) => {
    const menu = document.querySelector('details.menu[open]');
    if (!menu) return;
    if (event.key === 'Escape') { menu.open = false; menu.querySelector('summary').focus(); }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { event.preventDefault(); step(menu, event.key === 'ArrowDown' ? 1 : -1); }
  });
}

function step(menu, by) {
  const items = [...menu.querySelectorAll('.menu-item')];
  const at = items.indexOf(document.activeElement);
  items[(at + by + items.length) % items.length]?.focus();
}

function setTheme(choice) {
  localStorage.setItem('theme', choice);
  window.dispatchEvent(new Event('schoolflow:theme'));
}
