// One question of a form: its label, whether it must or can be filled in, and everything else when opened.
import { h, icon } from '../dom.js';
import { isEnglish, t } from '../words.js';
import * as doc from './document.js';

/** `state`: { form, opened: names }; `edit(change)` changes the form and draws anew. */
export function row(state, name, edit) {
  const property = state.form.schema.properties[name] ?? { type: 'string' };
  const label = doc.inLocale(property['x-label']) || name;
  const isOpen = state.opened.has(name);
  const toggle = () => {
    if (isOpen) state.opened.delete(name);
    else state.opened.add(name);
    edit(() => undefined);
  };
  const kind = t(...doc.kindOf(property));
  const item = h('li', { class: `question${isOpen ? ' is-open' : ''}`, 'data-name': name },
    h('div', { class: 'question-line' },
      h('span', { class: 'question-grip', title: t('拖动排序', 'Drag to sort') }, icon('grip-vertical')),
      h('button', { type: 'button', class: 'question-name', 'aria-expanded': String(isOpen), onclick: toggle }, h('span', { class: 'clip' }, label), h('span', { class: 'question-kind' }, property['x-field'] ? `${kind} · ${t('记录字段', 'record field')}` : kind)),
      box(t('必填', 'Required'), label, doc.isRequired(state.form, name), !property['x-read-only'], (on) => edit((form) => doc.setRequired(form, name, on))),
      box(t('只读', 'Read only'), label, Boolean(property['x-read-only']), true, (on) => edit((form) => { doc.setOn(form, name, 'x-read-only', on); if (on) doc.setRequired(form, name, false); })),
      tool('arrow-up', t('上移', 'Move up'), label, () => edit((form) => doc.moveField(form, name, -1))),
      tool('arrow-down', t('下移', 'Move down'), label, () => edit((form) => doc.moveField(form, name, 1))),
      tool('trash', t('删除', 'Delete'), label, () => edit((form) => doc.removeField(form, name)))));
  if (isOpen) item.append(details(state, name, property, edit));
  return item;
}

function box(text, label, checked, enabled, change) {
  const input = h('input', { type: 'checkbox', class: 'form-check-input', checked, disabled: !enabled, 'aria-label': `${label}：${text}`, onchange: (event) => change(event.target.checked) });
  return h('label', { class: 'question-box' }, input, text);
}

function tool(name, text, label, run) {
  return h('button', { type: 'button', class: 'icon-btn', title: text, 'aria-label': `${text} ${label}`, onclick: run }, icon(name));
}

function details(state, name, property, edit) {
  const set = (key) => (value) => edit((form) => doc.setOn(form, name, key, value));
  const both = (key, locale) => (value) => edit((form) => doc.setOn(form, name, key, doc.bothLanguages(property[key], locale, value)));
  const rule = (kind) => (value) => edit((form) => doc.setRule(form, name, kind, value));
  const locale = isEnglish ? 'en' : 'zh';
  const parts = [
    line(t('中文名称', 'Chinese label'), property['x-label']?.zh, both('x-label', 'zh')),
    line(t('英文名称', 'English label'), property['x-label']?.en, both('x-label', 'en')),
    line(t('提示', 'Help'), property['x-help']?.[locale], both('x-help', locale)),
    property['x-options'] && property.type === 'string' && choice(t('样式', 'Look'), property['x-widget'] ?? 'select', doc.CHOICE_WIDGETS, set('x-widget')),
    property['x-options'] && options(property, set('x-options')),
    (['money', 'hours', 'decimal'].includes(property.format) || property.type === 'integer') && line(t('最小', 'Least'), property['x-minimum'], set('x-minimum')),
    (['money', 'hours', 'decimal'].includes(property.format) || property.type === 'integer') && line(t('最大', 'Most'), property['x-maximum'], set('x-maximum')),
    property.type === 'string' && !property.format && !property['x-options'] && line(t('最多字数', 'Most characters'), property.maxLength, (value) => set('maxLength')(value ? Number(value) : '')),
    line(t('满足时才显示（FEEL）', 'Shown when (FEEL)'), doc.ruleOf(state.form, name, 'visible'), rule('visible'), t('如 amount > 1000', 'Such as amount > 1000')),
    line(t('满足时必填（FEEL）', 'Required when (FEEL)'), doc.ruleOf(state.form, name, 'required'), rule('required')),
  ];
  return h('div', { class: 'question-more' }, parts.filter(Boolean), h('p', { class: 'form-hint' }, t('变量名 ', 'Variable '), h('code', {}, name), property['x-field'] ? t(`，写入 ${property['x-field']}`, `, stored in ${property['x-field']}`) : ''));
}

function line(text, value, change, placeholder = '') {
  const input = h('input', { class: 'form-control form-control-sm', value: value ?? '', placeholder });
  input.addEventListener('change', () => change(input.value.trim()));
  return h('label', {}, h('span', {}, text), input);
}

function choice(text, value, all, change) {
  return h('label', {}, h('span', {}, text), h('select', { class: 'form-select form-select-sm', onchange: (event) => change(event.target.value) }, all.map(([key, zh, en]) => h('option', { value: key, selected: key === value }, t(zh, en)))));
}

// One option a line: value, Chinese, English, parted by |.
function options(property, change) {
  const area = h('textarea', { class: 'form-control form-control-sm', rows: '4', spellcheck: false });
  area.value = property['x-options'].map(({ value, zh, en }) => `${value} | ${zh} | ${en}`).join('\n');
  area.addEventListener('change', () => {
    const lines = area.value.split('\n').map((text) => text.split('|').map((cell) => cell.trim())).filter(([value]) => value);
    change(lines.map(([value, zh = value, en = zh]) => ({ value, zh: zh || value, en: en || zh || value })));
  });
  return h('label', { class: 'is-wide' }, h('span', {}, t('选项，每行一个：值 | 中文 | 英文', 'Options, one a line: value | Chinese | English')), area);
}
