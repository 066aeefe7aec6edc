// Processes' list and "new process": a file let go here is read and examined; nothing is made until its owner says so.
import { h } from '../studio/dom.js';
import { t } from '../studio/words.js';
import { readFiles, startDropping } from './files.js';
import { handOver, take } from './handing.js';
import { review } from './review.js';

const root = document.querySelector('[data-import-read]');
const read = (files) => readFiles(root.dataset.importRead, root.dataset.csrf, files);
const form = document.querySelector('form[data-import-form]');

async function fromList(files) {
  const answer = await read(files);
  handOver({ answer });
  location.href = root.dataset.importNew;
}

function startForm() {
  const shown = form.querySelector('[data-part="import-review"]');
  const input = form.querySelector('[data-part="import-file"]');
  let reviewed = null;
  let found = null;
  const show = (answer) => {
    found = answer;
    form.querySelector('[name="start"][value="import"]').checked = true;
    reviewed = review(answer, fill);
    shown.replaceChildren(reviewed.node);
  };
  const examine = (files) => read(files).then(show).catch((error) => shown.replaceChildren(h('p', { class: 'notice is-danger', role: 'alert' }, error.message)));
  input.addEventListener('change', () => input.files.length && examine([...input.files]));
  form.addEventListener('submit', () => {
    const chosen = reviewed?.chosen();
    if (form.elements.start.value === 'import' && chosen?.model) handOver({ answer: found, taken: chosen });
  });
  const given = take();
  if (given?.answer) show(given.answer);
  return examine;
}

// A name or key that somebody typed stays.
function fill(model) {
  const process = model?.processes[0];
  if (!process) return;
  for (const [field, value] of [['name', process.name || process.key], ['key', process.wish]]) {
    const input = form.elements[field];
    if (!input.value || input.value === input.dataset.filled) Object.assign(input, { value }).dataset.filled = value;
  }
}

const said = (error) => window.alert(`${t('不能导入：', 'It cannot be imported: ')}${error.message}`);
startDropping(form ? startForm() : (files) => fromList(files).catch(said));
root.dataset.ready = 'true';
