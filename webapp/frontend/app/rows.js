// Tables in forms: rows come and go; a live field asks the server to draw the form again (its rules may have changed).
export function startRows(htmx) {
  document.addEventListener('click', (event) => {
    const add = event.target.closest('[data-add-row]');
    const drop = event.target.closest('[data-drop-row]');
    if (add) append(add.closest('[data-rows]'));
    if (drop) drop.closest('tr').remove();
  });
  document.addEventListener('change', (event) => {
    const form = event.target.closest('form[data-live-form]');
    if (form && event.target.matches('[data-live]')) redraw(htmx, form);
  });
}

function append(table) {
  const body = table.querySelector('tbody');
  const number = Number(table.dataset.next ?? body.rows.length);
  table.dataset.next = number + 1;
  const row = document.createElement('template');
  row.innerHTML = table.querySelector('template').innerHTML.replaceAll('#', number);
  body.append(row.content);
  const added = body.lastElementChild;
  document.dispatchEvent(new Event('htmx:after:swap'));
  added.querySelector('input, select, textarea')?.focus();
}

function redraw(htmx, form) {
  const fields = form.querySelector('.form-grid');
  const focused = document.activeElement?.id;
  const values = { _redraw: '1' };
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') values[name] = name in values ? [].concat(values[name], value) : value;
  htmx.ajax('POST', form.getAttribute('action'), { source: form, target: fields, select: '.form-grid', swap: 'outerHTML', values })
    .then(() => document.getElementById(focused)?.focus());
}
