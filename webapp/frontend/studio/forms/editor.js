// The form editor: questions on the left, the form as its task shows it on the right.
import Sortable from 'sortablejs';
import { desk, isReadOnly } from '../desk.js';
import { h, icon } from '../dom.js';
import { isEnglish, t } from '../words.js';
import { adding } from './adding.js';
import * as doc from './document.js';
import { openPreview } from './preview.js';
import { row } from './row.js';

/** Opens the form in the pane. `store(text)` is called at each change; `remove()` deletes the file; `isFixed`: it stays, with its object. */
export async function openForm(pane, text, store, { remove, isFixed = false }) {
  const state = { form: null, text, opened: new Set(), asSource: false };
  const preview = openPreview(() => state.text, () => state.form);
  const list = h('div', { class: 'form-questions' });
  const body = h('div', { class: 'form-editor' }, isReadOnly ? null : list, preview.node);
  pane.append(body);

  const changed = () => {
    state.text = doc.print(state.form);
    store(state.text);
    preview.refresh();
  };
  const edit = (change) => { change(state.form); changed(); draw(); };
  const draw = () => list.replaceChildren(...(state.asSource ? [head(), source()] : [head(), ...sections(), footer()]));

  function head() {
    const toggle = h('button', { type: 'button', class: 'btn btn-sm', 'aria-pressed': String(state.asSource), onclick: () => { state.asSource = !state.asSource; draw(); } }, icon('code'), state.asSource ? t('用表格编辑', 'Edit as a list') : t('源码', 'Source'));
    const trash = h('button', { type: 'button', class: 'icon-btn', 'aria-label': t('删除这个表单', 'Delete this form'), title: t('删除这个表单', 'Delete this form'), onclick: () => { if (window.confirm(t('删除这个表单？', 'Delete this form?'))) remove(); } }, icon('trash'));
    return h('div', { class: 'form-head' }, state.form ? titles() : h('strong', {}, t('表单有语法错误', 'The form cannot be read')), toggle, isFixed ? null : trash);
  }

  function titles() {
    const locale = isEnglish ? 'en' : 'zh';
    const input = h('input', { class: 'form-control', value: state.form.title[locale], 'aria-label': t('表单标题', 'Title of the form') });
    input.addEventListener('change', () => edit((form) => { form.title = doc.bothLanguages(form.title, locale, input.value.trim()) ?? form.title; }));
    const objects = h('select', { class: 'form-select', 'aria-label': t('表单围绕的对象', 'Object the form is about'), onchange: (event) => edit((form) => { if (event.target.value) form.object = event.target.value; else delete form.object; }) },
      h('option', { value: '' }, t('不绑定对象', 'No object')), desk.choices.objects.map(({ key, label }) => h('option', { value: key, selected: key === state.form.object }, label)));
    return h('div', { class: 'form-titles' }, input, isFixed ? null : objects);
  }

  function sections() {
    return state.form.layout.map((section) => {
      const rows = h('ol', { class: 'question-list' }, section.fields.map((name) => row(state, name, edit)));
      Sortable.create(rows, { handle: '.question-grip', group: 'questions', animation: 120, onEnd: () => edit((form) => doc.setOrder(form, order())) });
      return h('section', {}, section.title ? h('h3', { class: 'question-section' }, doc.inLocale(section.title)) : null, rows);
    });
  }

  const order = () => [...list.querySelectorAll('.question-list')].map((rows) => [...rows.children].map((item) => item.dataset.name));

  function footer() {
    return adding(state.form, (name, property, isRequired) => edit((form) => {
      const made = doc.addField(form, name, property);
      if (isRequired) doc.setRequired(form, made, true);
      state.opened = new Set([made]);
    }));
  }

  function source() {
    const area = h('textarea', { class: 'studio-text', spellcheck: false, 'aria-label': t('表单定义（JSON）', 'Form definition (JSON)') });
    area.value = state.text;
    area.addEventListener('input', () => { state.text = area.value; read(); store(state.text); preview.refresh(); });
    return area;
  }

  function read() {
    try {
      state.form = doc.parse(state.text);
    } catch {
      state.form = null;
    }
  }

  read();
  state.asSource = state.form === null;
  draw();
  preview.refresh();
  return { save: () => undefined, close: () => undefined };
}
