// Plain BPMN that the stock panel has no entry for: loops, conditions, quantities, scripts, called processes, data stores.
// Each row: where it stands, on which object of the model (`of`), and its properties; `expression` is a FEEL child element.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import { t } from '../words.js';
import { choices } from './choices.js';
import { documentOf } from './definitions.js';
import { entry } from './entries.js';

const self = (element) => getBusinessObject(element);
const loop = (type) => (element) => (self(element).loopCharacteristics?.$type === type ? self(element).loopCharacteristics : undefined);
const definition = (type) => (element) => self(element).eventDefinitions?.find((one) => one.$type === type);
const being = (...types) => (element) => (types.some((type) => is(element, type)) && element.type !== 'label' ? self(element) : undefined);
const pairs = (...all) => () => all.map(([value, label]) => ({ value, label }));
const feel = t('FEEL 表达式', 'FEEL expression');

const SCOPE = {
  kind: 'select', required: true, label: t('谁共用', 'Shared by'),
  choices: pairs(['branch', t('一个校区的流程', 'The cases of a branch')], ['organisation', t('全机构的流程', 'All cases')], ['case', t('每个流程各一份', 'Each case has its own')]),
};

const PLAIN = [
  {
    id: 'repeat', label: t('重复', 'Repeat'), open: true, of: loop('bpmn:StandardLoopCharacteristics'),
    properties: [
      { name: 'loopCondition', label: t('满足时再做一次', 'Once more while this holds'), kind: 'expression', help: feel },
      { name: 'testBefore', label: t('先判断再做（可能一次也不做）', 'Test before (may not happen at all)'), kind: 'check' },
      { name: 'loopMaximum', label: t('最多几次', 'At most so often'), kind: 'number' },
    ],
  },
  {
    id: 'each', label: t('次数与完成', 'Number and completion'), open: true, of: loop('bpmn:MultiInstanceLoopCharacteristics'),
    properties: [
      { name: 'loopCardinality', label: t('没有集合时做几次', 'How often, without a collection'), kind: 'expression', help: feel },
      { name: 'completionCondition', label: t('满足时提前完成', 'Complete early when this holds'), kind: 'expression', help: t('可用 numberOfCompletedInstances、numberOfInstances', 'May use numberOfCompletedInstances, numberOfInstances') },
      { name: 'isSequential', label: t('一个接一个', 'One after the other'), kind: 'check' },
    ],
  },
  {
    id: 'choice', label: t('可选步骤', 'Optional steps'), open: true, of: being('bpmn:AdHocSubProcess'),
    properties: [{ name: 'ordering', label: t('进行方式', 'Order'), kind: 'select', choices: pairs(['Parallel', t('可同时进行', 'At the same time')], ['Sequential', t('每次只进行一步', 'One at a time')]) }],
  },
  {
    id: 'condition', label: t('条件', 'Condition'), open: true, of: (element) => (self(element).eventDefinitions?.length === 1 ? definition('bpmn:ConditionalEventDefinition')(element) : undefined),
    properties: [{ name: 'condition', label: t('变为真时触发', 'Happens when this becomes true'), kind: 'expression', help: feel }],
  },
  {
    id: 'complex', label: t('激活条件', 'Activation'), open: true, of: being('bpmn:ComplexGateway'),
    properties: [{ name: 'activationCondition', label: t('满足时往下走', 'Goes on when this holds'), kind: 'expression', help: t('可用 activationCount 和各条流入连线的标识', 'May use activationCount and the ids of incoming flows') }],
  },
  {
    id: 'first', label: t('等待', 'Waiting'), of: being('bpmn:EventBasedGateway'),
    properties: [
      { name: 'instantiate', label: t('由这里的事件发起流程', 'Its events start the process'), kind: 'check' },
      { name: 'eventGatewayType', label: t('需要哪些事件', 'Which events'), kind: 'select', choices: pairs(['Exclusive', t('最先到的一个', 'The first one')], ['Parallel', t('全部', 'All of them')]) },
    ],
  },
  { id: 'start', label: t('发起', 'Start'), of: being('bpmn:ReceiveTask'), properties: [{ name: 'instantiate', label: t('收到消息时发起流程', 'The message starts the process'), kind: 'check' }] },
  {
    id: 'events', label: t('多个事件', 'Several events'), of: (element) => ((self(element).eventDefinitions?.length ?? 0) > 1 && is(element, 'bpmn:CatchEvent') ? self(element) : undefined),
    properties: [{ name: 'parallelMultiple', label: t('全部发生才算', 'All of them have to happen'), kind: 'check' }],
  },
  {
    id: 'script', label: t('脚本', 'Script'), open: true, of: being('bpmn:ScriptTask'),
    properties: [
      { name: 'scriptFormat', label: t('语言', 'Language'), kind: 'select', choices: pairs(['feel', 'FEEL'], ['function', t('登记的函数', 'Registered function')]) },
      { name: 'script', label: t('内容', 'Text'), kind: 'area', help: t('FEEL：{变量: 值} 逐个设变量', 'FEEL: {variable: value} sets each variable') },
    ],
  },
  {
    id: 'called', label: t('调用哪个流程', 'Called process'), open: true, of: being('bpmn:CallActivity'),
    properties: [
      { name: 'calledElement', label: t('流程', 'Process'), kind: 'select', choices: choices.processes },
      { name: 'calledElement', key: 'computed', label: t('或由表达式决定', 'Or by an expression'), kind: 'text', help: t('如 =kind + "_review"', 'Such as =kind + "_review"') },
    ],
  },
  {
    id: 'quantity', isRare: true, label: t('令牌数量', 'Tokens'), of: being('bpmn:Activity'),
    properties: [
      { name: 'startQuantity', label: t('到齐几个才开始', 'Begins with so many'), kind: 'number' },
      { name: 'completionQuantity', label: t('完成后发出几个', 'Leaves so many behind'), kind: 'number' },
    ],
  },
  {
    id: 'store', label: t('数据存储', 'Data store'), open: true, of: (element) => being('bpmn:DataStoreReference')(element)?.dataStoreRef,
    properties: [
      { name: 'name', label: t('存在哪个名称下', 'Kept under the name'), kind: 'text', help: t('同名的图共用一个值', 'Models that use the name share the value') },
      { name: 'capacity', label: t('最多几条', 'Entries at most'), kind: 'number', help: t('不填不限', 'Empty: any number'), also: (value) => ({ isUnlimited: value ? false : undefined }) },
    ],
  },
];

/** The groups of plain BPMN for an element. */
export function plainGroups(tools, element) {
  const found = PLAIN.filter(({ of }) => of(element)).map((row) => group(tools, element, row));
  const store = being('bpmn:DataStoreReference')(element)?.dataStoreRef;
  if (store) {
    const read = () => store.extensionElements?.get('values').find((one) => one.$type === 'school:Store')?.scope ?? 'branch';
    found.at(-1).entries.push(entry('plain-store-scope', element, { ...SCOPE, read, write: (value) => share(tools, element, store, value) }));
  } else if (being('bpmn:DataStoreReference')(element)) found.push(storeless(tools, element));
  return found;
}

function group(tools, element, { id, label, open, isRare, of, properties }) {
  return { id: `plain-${id}`, label, isRare, shouldOpen: Boolean(open), entries: properties.map((property) => propertyEntry(tools, element, id, of(element), property)) };
}

function propertyEntry(tools, element, id, target, { name, key, kind, also, ...rest }) {
  const put = (value) => tools.modeling.updateModdleProperties(element, target, { [name]: value, ...also?.(value) });
  const expression = (body) => Object.assign(tools.bpmnFactory.create('bpmn:FormalExpression', { body }), { $parent: target });
  return entry(`plain-${id}-${key ?? name}`, element, {
    ...rest, kind: { expression: 'area', number: 'text' }[kind] ?? kind,
    read: () => (kind === 'expression' ? target.get(name)?.body?.replace(/^=/, '') : kind === 'check' ? Boolean(target.get(name)) : target.get(name)?.toString()),
    write: (value) => put(kind === 'expression' ? value && expression(value) : kind === 'number' ? Number.parseInt(value, 10) || undefined : value || undefined),
  });
}

// A reference of its own name only: what it may hold and who shares it belong to a store of the document.
function storeless(tools, element) {
  const make = (properties) => {
    const definitions = documentOf(element);
    const store = Object.assign(tools.bpmnFactory.create('bpmn:DataStore', { name: self(element).name || self(element).id, ...properties }), { $parent: definitions });
    tools.modeling.updateModdleProperties(element, definitions, { rootElements: [...definitions.get('rootElements'), store] });
    tools.modeling.updateProperties(element, { dataStoreRef: store });
    return store;
  };
  const limit = (value) => Number.parseInt(value, 10) > 0 && make({ isUnlimited: false, capacity: Number.parseInt(value, 10) });
  return {
    id: 'plain-store', label: t('数据存储', 'Data store'), shouldOpen: true,
    entries: [
      entry('plain-store-scope', element, { ...SCOPE, read: () => 'branch', write: (value) => share(tools, element, make({}), value) }),
      entry('plain-store-capacity', element, { label: t('最多几条', 'Entries at most'), help: t('不填不限', 'Empty: any number'), read: () => undefined, write: limit }),
    ],
  };
}

function share(tools, element, store, scope) {
  const made = Object.assign(tools.bpmnFactory.create('school:Store', { scope }));
  const kept = (store.extensionElements?.get('values') ?? []).filter((one) => one.$type !== 'school:Store');
  const container = Object.assign(tools.bpmnFactory.create('bpmn:ExtensionElements', { values: scope === 'branch' ? kept : [...kept, made] }), { $parent: store });
  made.$parent = container;
  tools.modeling.updateModdleProperties(element, store, { extensionElements: container.get('values').length ? container : undefined });
}
