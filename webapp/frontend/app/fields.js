// Small helps in forms: phrases for opinions, uploads by dropping, submit on change, file names shown.
export function startFields() {
  document.addEventListener('click', (event) => {
    const phrase = event.target.closest('[data-phrase]');
    if (phrase) insert(document.getElementById(phrase.dataset.for), phrase.dataset.phrase);
    const cancel = event.target.closest('[data-inline-cancel]');
    if (cancel) cancel.closest('form').dispatchEvent(new Event('inline:cancel', { bubbles: true }));
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && event.target.closest('.inline-edit')) event.target.closest('.inline-edit').querySelector('[data-inline-cancel]')?.click();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.target.closest('form')?.requestSubmit();
  });
  document.addEventListener('change', (event) => {
    if (event.target.matches('[data-submit]')) event.target.form.requestSubmit();
    if (event.target.matches('.upload input[type=file]')) showName(event.target);
  });
  for (const type of ['dragover', 'dragleave', 'drop']) document.addEventListener(type, drag);
}

function insert(area, text) {
  area.value = area.value ? `${area.value.replace(/[，,。;；\s]*$/, '')}，${text}` : text;
  area.dispatchEvent(new Event('input', { bubbles: true }));
  area.focus();
}

function drag(event) {
  const box = event.target.closest?.('.upload');
  if (!box) return;
  event.preventDefault();
  box.classList.toggle('is-over', event.type === 'dragover');
  if (event.type !== 'drop') return;
  const input = box.querySelector('input[type=file]');
  input.files = event.dataTransfer.files;
  showName(input);
}

function showName(input) {
  const label = input.closest('.upload').querySelector('[data-file-name]');
  if (label) label.textContent = [...input.files].map((file) => file.name).join('、');
}
