// Tables in forms: rows come and go; a live field asks the server to draw the form again (its rules may have changed).
let focused = '';

export function startRows(htmx) {
  document.addEventListener('focusin', (event) => {
    focused = event.target.id;
  });
  document.addEventListener('click', (event) => {
    const add = event.target.closest('[data-add-row]');
    const drop = event.target.closest('[data-drop-row]');
    if (add) append(add.closest('[data-rows]')).querySelector('input, select, textarea')?.focus();
    if (drop) drop.closest('tr').remove();
  });
  document.addEventListener('change', (event) => {
    const form = event.target.closest('form[data-live-form]');
    if (form && event.target.matches('[data-live]')) redraw(htmx, form);
  });
}

/** A new row, of the next number or the one given; the row. */
export function append(table, wanted) {
  const body = table.querySelector('tbody');
  const number = wanted ?? Number(table.dataset.next ?? body.rows.length);
  table.dataset.next = Math.max(number + 1, Number(table.dataset.next ?? 0), body.rows.length + 1);
  const row = document.createElement('template');
  row.innerHTML = table.querySelector('template').innerHTML.replaceAll('-#-', `-${number}-`);
  body.append(row.content);
  const added = body.lastElementChild;
  document.dispatchEvent(new Event('htmx:after:swap'));
  return added;
}

const drawing = new WeakSet();
const again = new WeakSet();

async function redraw(htmx, form) {
  if (drawing.has(form)) {
    again.add(form);
    return;
  }
  drawing.add(form);
  const old = form.querySelector('.form-grid');
  const sent = new Map(controls(old).map((control) => [control, read(control)]));
  await htmx.ajax('POST', form.getAttribute('action'), { source: old, target: old, select: '.form-grid', swap: 'outerHTML', values: { _redraw: '1' } });
  keep(sent, form.querySelector('.form-grid'));
  document.getElementById(focused)?.focus();
  drawing.delete(form);
  if (again.delete(form)) redraw(htmx, form);
}

// What was typed or attached while the server drew stands in the old controls: it goes over into the new ones.
function keep(sent, fresh) {
  for (const [control, value] of sent) {
    const twin = control.id ? document.getElementById(control.id) : controls(fresh).find((one) => one.name === control.name && one.value === control.value);
    if (!twin || twin === control) continue;
    if (control.type === 'file') attach(twin, control);
    else if (read(control) === value || (control.type === 'radio' && !control.checked)) continue; // a new radio unchecks its old twin
    else if (control.matches('[type=checkbox], [type=radio]')) twin.checked = control.checked;
    else if (control.tagName === 'SELECT') choose(twin, [...control.selectedOptions]);
    else twin.value = control.value;
  }
}

function controls(grid) {
  return [...grid.querySelectorAll('input[name], select[name], textarea[name]')];
}

function read(control) {
  if (control.tagName === 'SELECT') return [...control.selectedOptions].map((option) => option.value).join(' ');
  return control.matches('[type=checkbox], [type=radio]') ? control.checked : control.value;
}

function attach(twin, control) {
  if (!control.files.length) return;
  twin.files = control.files;
  const shown = twin.parentElement.querySelector('[data-file-name]');
  if (shown) shown.textContent = control.parentElement.querySelector('[data-file-name]').textContent;
}

function choose(twin, options) {
  const picked = options.map((option) => option.value);
  if (!twin.tomselect) {
    for (const option of twin.options) option.selected = picked.includes(option.value);
    return;
  }
  for (const option of options) twin.tomselect.addOption({ value: option.value, text: option.textContent });
  twin.tomselect.setValue(picked, true);
}
