// The command palette: Ctrl-K, arrows, Enter. The server finds; this only moves the choice.
export function startPalette() {
  const palette = document.getElementById('palette');
  if (!palette) return;
  const input = palette.querySelector('input');
  const options = () => [...palette.querySelectorAll('[role=option]')];

  const open = () => {
    if (palette.open) return;
    palette.showModal();
    input.select();
    input.dispatchEvent(new Event('palette:open', { bubbles: true }));
  };
  const choose = (by) => {
    const all = options();
    const at = all.findIndex((option) => option.getAttribute('aria-selected') === 'true');
    const next = all[(at + by + all.length) % all.length];
    all.forEach((option) => option.setAttribute('aria-selected', option === next));
    next?.scrollIntoView({ block: 'nearest' });
    if (next) input.setAttribute('aria-activedescendant', next.id);
  };

  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') { event.preventDefault(); open(); }
  });
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-palette]')) { event.preventDefault(); open(); }
    if (event.target === palette) palette.close();
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { event.preventDefault(); choose(event.key === 'ArrowDown' ? 1 : -1); }
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    (options().find((option) => option.getAttribute('aria-selected') === 'true') ?? options()[0])?.click();
  });
  palette.addEventListener('htmx:after:swap', () => options()[0]?.setAttribute('aria-selected', 'true'));
}
