// A form file as a document: what can be read from it, and each change as a function on the parsed JSON.
import { isEnglish } from '../words.js';

/** Kinds of questions that can be added without a field of an object, with the shape of their answers. */
export const KINDS = [
  ['text', '文字', 'Text', { type: 'string', maxLength: 200 }],
  ['textarea', '多行文字', 'Long text', { type: 'string', 'x-widget': 'textarea', maxLength: 500 }],
  ['money', '金额', 'Amount', { type: 'string', format: 'money' }],
  ['hours', '课时', 'Hours', { type: 'string', format: 'hours' }],
  ['integer', '整数', 'Whole number', { type: 'integer' }],
  ['decimal', '小数', 'Decimal number', { type: 'string', format: 'decimal' }],
  ['date', '日期', 'Date', { type: 'string', format: 'date' }],
  ['datetime', '日期和时间', 'Date and time', { type: 'string', format: 'date-time' }],
  ['checkbox', '是或否', 'Yes or no', { type: 'boolean' }],
  ['select', '单选', 'One of several', { type: 'string', 'x-widget': 'select', 'x-options': [{ value: 'a', zh: '选项一', en: 'First' }, { value: 'b', zh: '选项二', en: 'Second' }] }],
  ['multiselect', '多选', 'Several of several', { type: 'array', items: { type: 'string' }, 'x-options': [{ value: 'a', zh: '选项一', en: 'First' }, { value: 'b', zh: '选项二', en: 'Second' }] }],
  ['phone', '手机号', 'Phone', { type: 'string', format: 'phone' }],
  ['email', '邮箱', 'E-mail', { type: 'string', format: 'email' }],
  ['user', '人员', 'Person', { type: 'string', format: 'user' }],
  ['branch', '校区', 'Branch', { type: 'string', format: 'branch' }],
  ['file', '附件', 'File', { type: 'string', format: 'file' }],
  ['image', '图片', 'Picture', { type: 'string', format: 'image' }],
];

/** Widgets that a text with options may change between. */
export const CHOICE_WIDGETS = [['select', '下拉', 'List'], ['radio', '单选按钮', 'Radio buttons']];
export const inLocale = (text) => (text ? text[isEnglish ? 'en' : 'zh'] || text.zh || '' : '');

export function parse(text) {
  const form = JSON.parse(text);
  form.schema.properties ??= {};
  form.layout ??= [];
  return form;
}

export const print = (form) => `${JSON.stringify(form, null, 2)}\n`;

export function titleOfForm(text) {
  try {
    return inLocale(JSON.parse(text).title);
  } catch {
    return '';
  }
}

export function freshForm(key, object) {
  const form = {
    key, title: { zh: '新表单', en: 'New form' }, ...(object ? { object } : {}),
    schema: { type: 'object', properties: { remark: { type: 'string', 'x-widget': 'textarea', maxLength: 500, 'x-label': { zh: '备注', en: 'Remark' } } } },
    layout: [{ columns: 2, fields: ['remark'] }],
  };
  return print(form);
}

/** What kind of question a property is, in words. */
export function kindOf(property) {
  if (property.type === 'array') return property.items?.type === 'object' ? ['表格', 'Table'] : property.items?.format === 'record' ? ['多条记录', 'Records'] : ['多选', 'Several of several'];
  if (property.format === 'record') return ['记录', 'Record'];
  if (property['x-options']) return ['单选', 'One of several'];
  if (property['x-widget'] === 'textarea') return ['多行文字', 'Long text'];
  const found = KINDS.find(([, , , shape]) => shape.type === property.type && shape.format === property.format);
  return found ? [found[1], found[2]] : [property.type, property.type];
}

export const isRequired = (form, name) => (form.schema.required ?? []).includes(name);

export function setRequired(form, name, on) {
  const others = (form.schema.required ?? []).filter((other) => other !== name);
  form.schema.required = on ? [...others, name] : others;
  if (!form.schema.required.length) delete form.schema.required;
}

/** Adds a question to the last section under a name that is free; gives the name. */
export function addField(form, wish, property) {
  let name = wish;
  for (let number = 2; name in form.schema.properties; number += 1) name = `${wish}_${number}`;
  form.schema.properties[name] = structuredClone(property);
  if (!form.layout.length) form.layout.push({ columns: 2, fields: [] });
  form.layout.at(-1).fields.push(name);
  return name;
}

export function removeField(form, name) {
  delete form.schema.properties[name];
  setRequired(form, name, false);
  for (const section of form.layout) section.fields = section.fields.filter((other) => other !== name);
  form.layout = form.layout.filter((section, index) => section.fields.length || (index === 0 && form.layout.length === 1));
  setRules(form, (form.rules ?? []).filter((rule) => rule.field !== name));
}

/** Puts a field one place up (-1) or down (+1), across sections as well. */
export function moveField(form, name, by) {
  const at = form.layout.findIndex((section) => section.fields.includes(name));
  const { fields } = form.layout[at];
  const index = fields.indexOf(name);
  const next = index + by;
  fields.splice(index, 1);
  if (next >= 0 && next <= fields.length) fields.splice(next, 0, name);
  else if (form.layout[at + by]) form.layout[at + by].fields.splice(by > 0 ? 0 : form.layout[at + by].fields.length, 0, name);
  else fields.splice(index, 0, name);
  form.layout = form.layout.filter((section) => section.fields.length);
}

/** The fields of each section in the order they were dragged into: lists of names. */
export function setOrder(form, lists) {
  form.layout.forEach((section, index) => { section.fields = lists[index]; });
  form.layout = form.layout.filter((section) => section.fields.length);
}

export const ruleOf = (form, name, kind) => (form.rules ?? []).find((rule) => rule.field === name && kind in rule)?.[kind] ?? '';

export function setRule(form, name, kind, text) {
  const others = (form.rules ?? []).filter((rule) => rule.field !== name || !(kind in rule));
  setRules(form, text ? [...others, { field: name, [kind]: text }] : others);
}

function setRules(form, rules) {
  if (rules.length) form.rules = rules;
  else delete form.rules;
}

/** Changes one property of a question; an empty value takes it away. */
export function setOn(form, name, key, value) {
  const property = form.schema.properties[name];
  if (value === '' || value === undefined || value === false) delete property[key];
  else property[key] = value;
}

/** Both languages of a text; the other one follows as long as it is empty or the same. */
export function bothLanguages(before, locale, value) {
  const other = locale === 'zh' ? 'en' : 'zh';
  const follows = !before?.[other] || before[other] === before[locale];
  return value ? { zh: '', en: '', ...before, [locale]: value, ...(follows ? { [other]: value } : {}) } : undefined;
}
