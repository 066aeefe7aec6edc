// Files from outside: chosen or dragged in, read by the server, which knows every encoding.
import { h, icon } from '../studio/dom.js';
import { t } from '../studio/words.js';

/** What the server found in the files. Throws an Error with its words. */
export async function readFiles(url, csrf, files) {
  const body = new FormData();
  for (const file of files) body.append('file', file, file.name);
  const response = await fetch(url, { method: 'POST', headers: { Accept: 'application/json', 'X-CSRF-Token': csrf }, body });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}

/** Files may be let go anywhere on the page; `take(files)` gets them. */
export function startDropping(take) {
  const veil = h('div', { class: 'drop-veil', hidden: true }, h('div', {}, icon('file-import'), h('strong', {}, t('松开即可导入', 'Let go to import')), h('span', {}, t('BPMN、DMN、表单文件或 ZIP 压缩包；先检查，确认后才使用', 'BPMN, DMN, forms or a ZIP of them; checked first, used once you agree'))));
  document.body.append(veil);
  let depth = 0;
  const hasFiles = (event) => event.dataTransfer?.types.includes('Files');
  const show = (by) => { depth = by ? depth + by : 0; veil.hidden = depth <= 0; };
  window.addEventListener('dragenter', (event) => { if (hasFiles(event)) show(1); });
  window.addEventListener('dragleave', (event) => { if (hasFiles(event)) show(depth > 1 ? -1 : 0); });
  window.addEventListener('dragover', (event) => { if (hasFiles(event)) event.preventDefault(); });
  window.addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    show(0);
    if (event.dataTransfer.files.length) take([...event.dataTransfer.files]);
  });
}
