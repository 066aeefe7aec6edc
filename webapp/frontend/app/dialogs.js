// The server frames an answer by its target; htmx names the one of the source, so ours is said here.
const headers = { 'HX-Target': 'div#sheet-content' };

// Where a finger is, a field that takes the focus by itself covers the dialog with the keyboard.
const onTouch = window.matchMedia('(hover: none) and (pointer: coarse)');

// Links with data-dialog open their page in a dialog; forms inside post without leaving it until the server redirects.
export function startDialogs(htmx) {
  const sheet = document.getElementById('sheet');
  const content = document.getElementById('sheet-content');
  if (!sheet) return;

  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-dialog]');
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    sheet.classList.toggle('is-wide', link.dataset.dialog === 'wide');
    htmx.ajax('GET', link.href, { target: '#sheet-content', swap: 'innerHTML', headers });
  });
  content.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.hasAttribute('data-plain') || form.method === 'dialog') return;
    event.preventDefault();
    // htmx reads the form of the button itself: names that occur several times keep all their values.
    const source = event.submitter ?? form;
    htmx.ajax('POST', event.submitter?.getAttribute('formaction') ?? form.getAttribute('action'), { source, event, target: '#sheet-content', swap: 'innerHTML', headers });
  });
  document.addEventListener('htmx:after:swap', () => {
    if (!content.childElementCount) return;
    if (!sheet.open) sheet.showModal();
    content.querySelector(onTouch.matches ? '[autofocus]' : '[autofocus], input:not([type=hidden]), textarea, select')?.focus();
  });
  sheet.addEventListener('click', (event) => {
    if (event.target === sheet || event.target.closest('[data-close]')) { event.preventDefault(); sheet.close(); }
  });
  sheet.addEventListener('close', () => content.replaceChildren());
  document.addEventListener('submit', confirmFirst, true);
}

function confirmFirst(event) {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) { event.preventDefault(); event.stopImmediatePropagation(); }
}
