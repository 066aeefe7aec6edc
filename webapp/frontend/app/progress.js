// A thin line at the top while a page or fragment is on its way.
export function startProgress() {
  let pending = 0;
  const update = (by) => {
    pending = Math.max(0, pending + by);
    document.body.classList.toggle('is-loading', pending > 0);
  };
  document.addEventListener('htmx:before:request', () => update(1));
  document.addEventListener('htmx:finally:request', () => update(-1));
  window.addEventListener('pagehide', () => update(0));
}
