// Short messages at the top right. The server sends them in the page or in the HX-Trigger header.
const LIFE = { success: 5000, info: 5000, error: 12000 };

export function startToasts() {
  const box = document.getElementById('toasts');
  if (!box) return;
  box.querySelectorAll('.toast-line').forEach(expire);
  document.addEventListener('toast', ({ detail }) => show(box, detail));
  document.addEventListener('htmx:error', () => show(box, { kind: 'error', text: box.dataset.offline }));
  box.addEventListener('click', (event) => event.target.closest('[data-close]')?.closest('.toast-line').remove());
}

function show(box, { kind = 'info', text }) {
  const line = box.querySelector('template').content.firstElementChild.cloneNode(true);
  line.classList.add(`is-${kind}`);
  line.querySelector('[data-text]').textContent = text;
  box.append(line);
  expire(line);
}

function expire(line) {
  const kind = line.classList.contains('is-error') ? 'error' : 'info';
  const life = line.querySelector('form') ? LIFE.error : LIFE[kind];
  let timer = setTimeout(() => line.remove(), life);
  line.addEventListener('pointerenter', () => clearTimeout(timer));
  line.addEventListener('pointerleave', () => { timer = setTimeout(() => line.remove(), 2500); });
}
