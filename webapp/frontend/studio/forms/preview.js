// The form as the task's page draws it: made by the server with the very same templates.
import { address, desk } from '../desk.js';
import { h, icon, settled } from '../dom.js';
import { t } from '../words.js';

const AFTER_MS = 250;

/** `{ node, refresh }`; `read()` gives the form's text, `form()` the parsed form. */
export function openPreview(read, form) {
  let users = [];
  const paper = h('div', { class: 'preview-paper', 'aria-live': 'polite' });
  const tasks = h('select', { class: 'form-select form-select-sm', 'aria-label': t('在哪个任务里看', 'As in which task'), onchange: () => show() });
  const phone = h('button', { type: 'button', class: 'icon-btn tool', 'aria-pressed': 'false', 'aria-label': t('手机宽度', 'Phone width'), title: t('手机宽度', 'Phone width'), onclick: () => { phone.setAttribute('aria-pressed', String(paper.classList.toggle('is-phone'))); } }, icon('device-mobile'));
  const node = h('section', { class: 'form-preview', 'aria-label': t('预览', 'Preview') }, h('div', { class: 'preview-head' }, h('strong', {}, t('预览', 'Preview')), tasks, phone), paper);

  async function show() {
    const answer = await fetch(address('preview'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': document.querySelector('[data-csrf]').dataset.csrf, 'HX-Request': 'true' },
      body: JSON.stringify({ content: read(), task: users.find(({ id }) => id === tasks.value)?.rights ?? {} }),
    });
    paper.innerHTML = await answer.text();
    document.dispatchEvent(new Event('htmx:after:swap'));
  }

  function listTasks() {
    users = desk.tasksOfForm(form()?.key);
    const chosen = tasks.value;
    tasks.replaceChildren(...users.map(({ id, name }) => h('option', { value: id, selected: id === chosen }, name)), h('option', { value: '', selected: !users.length }, t('不看任务的字段权限', 'Without a task')));
    tasks.hidden = !users.length;
  }

  const soon = settled(show, AFTER_MS);
  return { node, refresh: () => { listTasks(); soon(); } };
}
