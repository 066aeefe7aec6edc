// What can be added to a form: fields of the object it is about, or a new question.
import { desk } from '../desk.js';
import { h, icon } from '../dom.js';
import { t } from '../words.js';
import { inLocale, KINDS } from './document.js';

/** `add(name, property, isRequired)` puts one into the form. */
export function adding(form, add) {
  const object = desk.choices.objects.find(({ key }) => key === form.object);
  const used = new Set(Object.values(form.schema.properties).map((property) => property['x-field']).filter(Boolean));
  const left = (object?.fields ?? []).filter((field) => !used.has(`${object.key}.${field.name}`));
  return h('div', { class: 'form-adding' },
    object && menu('plus', t(`添加${object.label}的字段`, `Add a field of ${object.label}`), left.map((field) => item(inLocale(field.label), () => add(field.name, field.property, field.required))), t('字段都已在表单里', 'Every field is in the form')),
    menu('plus', t('添加新问题', 'Add a question'), KINDS.map(([key, zh, en, shape]) => item(t(zh, en), () => add(fresh(form, key), { ...shape, 'x-label': { zh, en } }, false)))));
}

function fresh(form, kind) {
  let number = 1;
  while (`${kind}_${number}` in form.schema.properties) number += 1;
  return `${kind}_${number}`;
}

function menu(name, text, items, none) {
  return h('details', { class: 'menu' }, h('summary', { class: 'btn btn-sm' }, icon(name), text), h('div', { class: 'menu-panel is-start is-up-list' }, items.length ? items : h('p', { class: 'menu-title' }, none)));
}

function item(text, run) {
  return h('button', { type: 'button', class: 'menu-item', onclick: run }, text);
}
