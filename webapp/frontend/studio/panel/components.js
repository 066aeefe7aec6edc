// Entries that are more than an input: a rule in words, what a handler still needs, a form's buttons.
import { jsx, jsxs } from '@bpmn-io/properties-panel/preact/jsx-runtime';
import { useEffect, useState } from '@bpmn-io/properties-panel/preact/hooks';
import { address, desk } from '../desk.js';
import * as extensions from '../extensions.js';
import { ask } from '../server.js';
import { t } from '../words.js';
import { handlerOf } from './choices.js';

const told = new Map();

/** The sentence under an assignee rule and whom it would name now. */
export function RuleTold({ rule, branch, strategy }) {
  const query = new URLSearchParams({ rule: rule ?? '', branch: branch ?? '', strategy: strategy ?? '' }).toString();
  const [answer, setAnswer] = useState(told.get(query));
  useEffect(() => {
    let current = true;
    const read = told.has(query) ? Promise.resolve(told.get(query)) : ask(`${address('assignees')}?${query}`);
    read.then((found) => { told.set(query, found); if (current) setAnswer(found); });
    return () => { current = false; };
  }, [query]);
  if (!answer) return null;
  const people = answer.people.map(([where, names]) => jsxs('div', { children: [where && jsx('dt', { children: where }), jsx('dd', { children: names })] }));
  return jsxs('div', { class: 'rule-told', role: 'status', children: [
    jsx('p', { children: answer.words }),
    answer.people.length > 0 && jsxs('dl', { children: [jsx('div', { class: 'rule-now', children: t('现在会交给', 'At present') }), ...people] }),
    !answer.is_known && jsx('p', { class: 'rule-note', children: t('每次发起时才知道是谁。', 'Known only when a case runs.') }),
  ] });
}

/** Buttons below the form's choice: look at it, make one. */
export function FormButtons({ element, tools }) {
  const task = extensions.extension(element, 'school:Task');
  const file = task?.form && desk.files.fileOfForm(task.form);
  const make = async () => {
    const key = await desk.files.addForm(task?.object);
    extensions.change(tools, element, 'school:Task', { form: key });
  };
  return jsxs('div', { class: 'panel-buttons', children: [
    file && jsx('button', { type: 'button', class: 'btn btn-sm', onClick: () => desk.files.open(file), children: t('编辑这个表单', 'Edit this form') }),
    jsx('button', { type: 'button', class: 'btn btn-sm', onClick: make, children: t('新建表单', 'New form') }),
    task?.form && !file && jsx('p', { class: 'rule-note', children: t('这是共用的表单，在它自己的流程里修改。', 'A shared form: it is changed in the process it belongs to.') }),
  ] });
}

/** Buttons below the decision's choice: look at it, make one. */
export function DecisionButtons({ element, tools }) {
  const chosen = extensions.extension(element, 'school:Decision')?.ref;
  const file = chosen && desk.files.fileOfDecision(chosen);
  const make = async () => extensions.change(tools, element, 'school:Decision', { ref: await desk.files.addDecisions() });
  return jsxs('div', { class: 'panel-buttons', children: [
    file && jsx('button', { type: 'button', class: 'btn btn-sm', onClick: () => desk.files.open(file), children: t('编辑这张决策表', 'Edit this decision table') }),
    jsx('button', { type: 'button', class: 'btn btn-sm', onClick: make, children: t('新建决策表', 'New decision table') }),
  ] });
}

/** What the chosen handler needs and gives that the model does not mention yet, to be added at once. */
export function HandlerOffers({ element, tools }) {
  const bound = extensions.extension(element, 'school:Handler');
  const handler = bound && handlerOf(bound.name);
  if (!handler) return null;
  const missing = (list, property) => list.filter(({ name }) => !(bound.get(property) ?? []).some((item) => item.name === name));
  const inputs = missing(handler.inputs, 'inputs');
  const outputs = missing(handler.outputs, 'outputs');
  const needed = inputs.filter(({ required }) => required);
  if (!inputs.length && !outputs.length) return jsx('p', { class: 'rule-note', children: t('输入和输出都已填写。', 'All inputs and outputs are there.') });
  const add = (some, others) => extensions.addItems(tools, element, 'school:Handler', [
    ['inputs', 'school:Input', some.map(({ name }) => ({ name, value: `=${name}` }))], ['outputs', 'school:Output', others.map(({ name }) => ({ name, value: `=result.${name}` }))],
  ]);
  return jsxs('div', { class: 'rule-told', children: [
    needed.length > 0 && jsx('p', { class: 'is-error', children: t(`还缺输入：${needed.map(({ label }) => label).join('、')}`, `Missing inputs: ${needed.map(({ label }) => label).join(', ')}`) }),
    outputs.length > 0 && jsx('p', { children: t(`还能得到：${outputs.map(({ label }) => label).join('、')}`, `It also gives: ${outputs.map(({ label }) => label).join(', ')}`) }),
    jsxs('div', { class: 'panel-buttons', children: [
      needed.length > 0 && jsx('button', { type: 'button', class: 'btn btn-sm', onClick: () => add(needed, []), children: t('补上缺少的输入', 'Add the missing inputs') }),
      jsx('button', { type: 'button', class: 'btn btn-sm', onClick: () => add(inputs, outputs), children: t('全部补上', 'Add everything') }),
    ] }),
  ] });
}
