// Event definitions as entries: what each kind is about, at an event that has one or several of them, or thrown by the
// items of a repeated activity. Names stand for messages, signals, errors and escalations of the document.
import { getBusinessObject } from 'bpmn-js/lib/util/ModelUtil';
import { t } from '../words.js';
import { inWords } from './durations.js';
import { entry } from './entries.js';

const WORDS = {
  Message: t('消息', 'Message'), Timer: t('时间', 'Time'), Signal: t('信号', 'Signal'), Conditional: t('条件', 'Condition'), Escalation: t('升级', 'Escalation'), Error: t('错误', 'Error'),
  Compensate: t('补偿', 'Compensation'), Link: t('链接', 'Link'), Cancel: t('取消', 'Cancel'), Terminate: t('终止', 'Terminate'),
};
const NAMED = {
  Message: ['bpmn:Message', 'messageRef', 'name'], Signal: ['bpmn:Signal', 'signalRef', 'name'], Escalation: ['bpmn:Escalation', 'escalationRef', 'escalationCode'], Error: ['bpmn:Error', 'errorRef', 'errorCode'],
};
const TIMES = [['timeDuration', t('过多久', 'After a while')], ['timeDate', t('到什么时刻', 'At a time')], ['timeCycle', t('每隔多久', 'Again and again')]];
const TIME_HELP = {
  timeDuration: t('P2D 两天，PT4H 四小时，P1M 一个月，或 =表达式', 'P2D two days, PT4H four hours, P1M one month, or =expression'),
  timeDate: t('2026-09-01T08:00（校区时间），或 =表达式，如 =due_at', '2026-09-01T08:00 (the branch’s time), or =expression, such as =due_at'),
  timeCycle: t('R3/PT1H 每小时共三次，R/P1D 每天；0 0 9 * * ? 每天九点，0 30 8 ? * MON-FRI 工作日八点半', 'R3/PT1H hourly, three times; R/P1D daily; 0 0 9 * * ? every day at nine; 0 30 8 ? * MON-FRI on weekdays at 8:30'),
};

export const kindOf = (definition) => definition.$type.replace(/^bpmn:|EventDefinition$/g, '');

/** `[value, label]` pairs for a choice of kinds. */
export const kinds = (...names) => names.map((value) => ({ value, label: WORDS[value] }));

/** The kind and what it is about, for a list. */
export function titleOf(definition) {
  const kind = kindOf(definition);
  const about = NAMED[kind] ? nameOf(definition) : kind === 'Timer' ? timeOf(definition)?.body : kind === 'Conditional' ? definition.condition?.body : definition.name;
  return about ? `${WORDS[kind] ?? kind}：${inWords(about) || about}` : WORDS[kind] ?? kind;
}

/** A definition of that kind, with its parent; what it is about is still open. */
export function made(tools, kind, parent) {
  const properties = kind === 'Timer' ? { timeDuration: tools.bpmnFactory.create('bpmn:FormalExpression', { body: 'P1D' }) } : {};
  return Object.assign(tools.bpmnFactory.create(`bpmn:${kind}EventDefinition`, properties), { $parent: parent });
}

/** What can be set at a definition; `id` begins the names of the entries. */
export function entriesOf(tools, element, definition, id) {
  const kind = kindOf(definition);
  const put = (properties) => tools.modeling.updateModdleProperties(element, definition, properties);
  const expression = (body) => Object.assign(tools.bpmnFactory.create('bpmn:FormalExpression', { body }), { $parent: definition });
  if (NAMED[kind]) return [entry(`${id}-about`, element, { label: t('名称', 'Name'), help: aboutHelp(kind), read: () => nameOf(definition), write: (name) => refer(tools, element, definition, name) })];
  if (kind === 'Timer') return timeEntries(element, definition, id, put, expression);
  if (kind === 'Conditional') return [entry(`${id}-condition`, element, { kind: 'area', label: t('变为真时触发', 'Happens when this becomes true'), help: t('FEEL 表达式', 'FEEL expression'), read: () => definition.condition?.body, write: (value) => put({ condition: value && expression(value) }) })];
  if (kind === 'Link') return [entry(`${id}-about`, element, { label: t('名称', 'Name'), read: () => definition.name, write: (name) => put({ name }) })];
  if (kind === 'Compensate') return [entry(`${id}-wait`, element, { kind: 'check', label: t('等补偿做完再往下走', 'Goes on when the compensation is done'), read: () => definition.waitForCompletion !== false, write: (on) => put({ waitForCompletion: on ? undefined : false }) })];
  return [];
}

/** Names a message, signal, error or escalation of the document by the definition; makes it when there is none yet. */
export function refer(tools, element, definition, name) {
  const [type, reference, property] = NAMED[kindOf(definition)];
  tools.modeling.updateModdleProperties(element, definition, { [reference]: name ? rootOf(tools, element, type, property, name) : undefined });
}

function rootOf(tools, element, type, property, name) {
  const definitions = documentOf(element);
  const found = definitions.get('rootElements').find((one) => one.$type === type && one.get(property) === name);
  if (found) return found;
  const root = Object.assign(tools.bpmnFactory.create(type, { name, [property]: name }), { $parent: definitions });
  tools.modeling.updateModdleProperties(element, definitions, { rootElements: [...definitions.get('rootElements'), root] });
  return root;
}

function nameOf(definition) {
  const [, reference, property] = NAMED[kindOf(definition)];
  return definition.get(reference)?.get(property);
}

function timeOf(definition) {
  return TIMES.map(([name]) => definition.get(name)).find(Boolean);
}

function timeEntries(element, definition, id, put, expression) {
  const now = () => TIMES.find(([name]) => definition.get(name))?.[0] ?? 'timeDuration';
  const set = (name, body) => put({ ...Object.fromEntries(TIMES.map(([one]) => [one, undefined])), [name]: body && expression(body) });
  const example = { timeDuration: 'P1D', timeDate: '=due_at', timeCycle: 'R3/P1D' };
  return [
    entry(`${id}-time`, element, { kind: 'select', required: true, label: t('什么时候', 'When'), choices: () => TIMES.map(([value, label]) => ({ value, label })), read: now, write: (name) => set(name, example[name]) }),
    entry(`${id}-value`, element, { label: t('时间', 'Time'), help: (text) => (inWords(text) ? `= ${inWords(text)}` : TIME_HELP[now()]), read: () => timeOf(definition)?.body, write: (body) => set(now(), body) }),
  ];
}

function aboutHelp(kind) {
  if (kind === 'Error') return t('错误代码；捕获时留空表示任何错误', 'The code; caught without one, any error');
  if (kind === 'Escalation') return t('升级代码；捕获时留空表示任何升级', 'The code; caught without one, any escalation');
  return t('同名的互相对应；抛出的可以写 =表达式', 'The same name belongs together; what is thrown may be an =expression');
}

export function documentOf(element) {
  let found = getBusinessObject(element);
  while (found.$parent) found = found.$parent;
  return found;
}
