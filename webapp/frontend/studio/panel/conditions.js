// Conditions of flows as three choices (what, how, value) for those who do not write FEEL; the text stands beside them.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import * as extensions from '../extensions.js';
import { t } from '../words.js';

const NAME = '[\\p{L}_][\\p{L}\\p{N}_]*(?:\\.[\\p{L}_][\\p{L}\\p{N}_]*)*';
const COMPARISON = new RegExp(`^\\s*(${NAME})\\s*(<=|>=|!=|=|<|>)\\s*(?:"([^"\\\\]*)"|(-?\\d+(?:\\.\\d+)?)|(true|false))\\s*$`, 'u');
const BARE = new RegExp(`^\\s*(?:not\\(\\s*(${NAME})\\s*\\)|(${NAME}))\\s*$`, 'u');
const NUMBERS = ['number', 'money', 'hours'];
const ORDERED = [['=', '等于', 'is'], ['!=', '不等于', 'is not'], ['>', '大于', 'is more than'], ['>=', '大于或等于', 'is at least'], ['<', '小于', 'is less than'], ['<=', '小于或等于', 'is at most']];

/** `{ field, operator, value }` of a plain comparison; null for anything else. */
export function read(text = '') {
  const found = COMPARISON.exec(text);
  if (found) return { field: found[1], operator: found[2], value: found[3] ?? found[4] ?? found[5] };
  const bare = BARE.exec(text);
  return bare ? { field: bare[1] ?? bare[2], operator: '=', value: bare[1] ? 'false' : 'true' } : null;
}

/** The text of a comparison, its value written as its field's kind asks. */
export function print({ field, operator, value }, kind) {
  if (kind === 'boolean') return (value === 'true') === (operator === '=') ? field : `not(${field})`;
  const isNumber = NUMBERS.includes(kind) || (!kind && /^-?\d+(\.\d+)?$/.test(value));
  return `${field} ${operator} ${isNumber ? Number(value) || 0 : `"${value.replace(/["\\]/g, '')}"`}`;
}

/** What a condition can ask: answers of the tasks, then declared variables; each `{ value, label, kind, values }`. */
export function fields(registry, element) {
  const tasks = registry.filter((other) => is(other, 'bpmn:UserTask') && other.type !== 'label').flatMap((task) => answers(task));
  let root = getBusinessObject(element);
  while (root && root.$type !== 'bpmn:Process') root = root.$parent;
  const variables = (root?.extensionElements?.get('values') ?? []).filter((one) => one.$type === 'school:Variable');
  return [...tasks, ...variables.map(({ name, label, type }) => ({ value: name, label: label || name, kind: type ?? '', values: type === 'boolean' ? truth() : [] }))];
}

export const operators = (kind, values) => (NUMBERS.includes(kind) || (!kind && !values.length) ? ORDERED : ORDERED.slice(0, 2)).map(([value, chinese, english]) => ({ value, label: t(chinese, english) }));

function answers(task) {
  const outcomes = extensions.extension(task, 'school:Task')?.get('outcomes') ?? [];
  if (!outcomes.length) return [];
  const name = getBusinessObject(task).name || task.id;
  const values = outcomes.map((one) => ({ value: one.name, label: t(one.label_zh, one.label_en) || one.name }));
  return [{ value: `${task.id}.outcome`, label: t(`“${name}”的结果`, `Answer of “${name}”`), kind: 'text', values }];
}

const truth = () => [{ value: 'true', label: t('是', 'yes') }, { value: 'false', label: t('否', 'no') }];
