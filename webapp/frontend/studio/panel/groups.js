// From the table of descriptions to groups of the properties panel.
import { ListGroup } from '@bpmn-io/properties-panel';
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import * as extensions from '../extensions.js';
import { t } from '../words.js';
import { behaviourGroups } from './behaviours.js';
import * as conditions from './conditions.js';
import { dataGroups } from './data.js';
import { DESCRIPTIONS } from './descriptions.js';
import { entry } from './entries.js';
import { eventGroups } from './events.js';
import { plainGroups } from './plain.js';

/** The groups for one element: what everybody sets first, what few need last. */
export function groups(tools, element) {
  const found = DESCRIPTIONS.filter((description) => description.on(element)).flatMap((description) => groupsOf(tools, element, description));
  const plain = plainGroups(tools, element);
  const first = [...eventGroups(tools, element), ...plain.filter(({ isRare }) => !isRare)];
  if (is(element, 'bpmn:SequenceFlow')) first.push(condition(tools, element));
  if (getBusinessObject(element).loopCharacteristics?.$type === 'bpmn:MultiInstanceLoopCharacteristics') first.unshift(multiInstance(tools, element));
  return [...first, ...found, ...behaviourGroups(tools, element), ...dataGroups(tools, element), ...plain.filter(({ isRare }) => isRare)];
}

function groupsOf(tools, element, description) {
  if (description.many) return [manyGroup(tools, element, description)];
  const entries = [...singleEntries(tools, element, description), ...flagEntries(tools, element, description)];
  const { shouldOpen } = description;
  const isOpen = typeof shouldOpen === 'function' ? shouldOpen(element, description.type) : Boolean(shouldOpen);
  const single = { id: `school-${description.id}`, label: description.label, shouldOpen: isOpen, entries };
  const lists = (description.lists ?? []).map((list) => listGroup(tools, element, description, list));
  return entries.length ? [single, ...lists] : lists;
}

function singleEntries(tools, element, { id, type, single }) {
  return single.map((field) => entry(`school-${id}-${field.key ?? field.name}`, element, {
    ...field, tools,
    read: () => extensions.extension(element, type)?.get(field.name)?.toString() ?? (field.kind === 'check' ? false : undefined),
    write: (value) => extensions.change(tools, element, type, { [field.name]: field.number && value ? Number(value) : value || undefined }),
  }));
}

// Words parted by spaces in one attribute, each as a box; without the attribute the usual ones are on.
function flagEntries(tools, element, { id, type, flags }) {
  if (!flags) return [];
  const words = () => extensions.extension(element, type)?.get(flags.name)?.split(/\s+/).filter(Boolean) ?? flags.usual ?? [];
  return flags.options(element).map(([word, name]) => entry(`school-${id}-${word}`, element, {
    kind: 'check', label: flags.label(name), isEdited: () => Boolean(extensions.extension(element, type)?.get(flags.name)),
    read: () => words().includes(word),
    write: (on) => extensions.change(tools, element, type, { [flags.name]: [...words().filter((other) => other !== word), ...(on ? [word] : [])].join(' ') || undefined }),
  }));
}

function listGroup(tools, element, { id, type }, list) {
  const items = extensions.extension(element, type)?.get(list.property) ?? [];
  return {
    id: `school-${id}-${list.property}`, label: list.label, component: ListGroup, shouldOpen: Boolean(list.shouldOpen),
    add: opened(() => extensions.addItem(tools, element, type, list.property, list.type, list.fresh?.(items) ?? {})),
    items: items.map((item, index) => itemOf(tools, element, `school-${id}-${list.property}-${index}`, list, item, () => extensions.removeItem(tools, element, type, list.property, item))),
  };
}

function manyGroup(tools, element, { id, label, many }) {
  return {
    id: `school-${id}`, label, component: ListGroup,
    add: opened(() => extensions.addExtension(tools, element, many.type, many.fresh?.([]) ?? {})),
    items: extensions.extensions(element, many.type).map((item, index) => itemOf(tools, element, `school-${id}-${index}`, many, item, () => extensions.removeExtension(tools, element, item))),
  };
}

// The button lies on the head of its group: the click must not close what it has just opened.
const opened = (add) => (event) => {
  event.stopPropagation();
  add();
};

// `fields` may depend on the item; a field's `change(value)` gives the attributes to set when they are not just its own.
function itemOf(tools, element, id, { fields, title }, item, remove) {
  const described = typeof fields === 'function' ? fields(item) : fields;
  return {
    id, label: title(item) || t('（未填写）', '(empty)'), remove,
    entries: described.map((field) => entry(`${id}-${field.key ?? field.name}`, element, {
      read: () => item.get(field.name),
      ...field,
      ...(field.fromItem && { read: () => field.fromItem(item) }),
      write: (value) => extensions.update(tools, element, item, field.change ? field.change(value, tools) : { [field.name]: value }),
    })),
  };
}

function condition(tools, element) {
  const flow = getBusinessObject(element);
  const text = () => flow.conditionExpression?.body?.replace(/^=/, '');
  const write = (value) => tools.modeling.updateProperties(element, { conditionExpression: value ? tools.bpmnFactory.create('bpmn:FormalExpression', { body: value }) : undefined });
  return {
    id: 'school-condition', label: t('条件', 'Condition'), shouldOpen: true,
    entries: [...comparison(tools, element, text, write), entry('school-condition-text', element, {
      kind: 'area', rows: 3, label: t('满足时走这条流（FEEL）', 'Taken when this holds (FEEL)'), help: t('如 approve_principal.outcome = "approve"', 'Such as approve_principal.outcome = "approve"'),
      read: text, write,
    })],
  };
}

// What, how, value: shown while the condition is empty or such a comparison.
function comparison(tools, element, text, write) {
  const offered = conditions.fields(tools.elementRegistry, element);
  const now = conditions.read(text());
  if (text() && !now) return [];
  const field = offered.find(({ value }) => value === now?.field);
  const values = field?.values ?? [];
  const put = (changes) => write(conditions.print({ operator: '=', value: '', ...now, ...changes }, field?.kind));
  const choose = (value) => {
    const chosen = offered.find((one) => one.value === value);
    write(chosen ? conditions.print({ field: value, operator: '=', value: chosen.values[0]?.value ?? '' }, chosen.kind) : undefined);
  };
  const what = entry('school-condition-field', element, { kind: 'select', label: t('看什么', 'What'), choices: () => offered, read: () => now?.field, write: choose });
  if (!now) return [what];
  return [
    what,
    entry('school-condition-operator', element, { kind: 'select', required: true, label: t('怎样', 'How'), choices: () => conditions.operators(field?.kind, values), read: () => now.operator, write: (operator) => put({ operator }) }),
    values.length
      ? entry('school-condition-value', element, { kind: 'select', required: true, label: t('什么值', 'Value'), choices: () => values, read: () => now.value, write: (value) => put({ value }) })
      : entry('school-condition-value', element, { label: t('什么值', 'Value'), read: () => now.value, write: (value) => put({ value: value ?? '' }) }),
  ];
}

function multiInstance(tools, element) {
  const loop = getBusinessObject(element).loopCharacteristics;
  return {
    id: 'school-loop', label: t('每个成员一次', 'Once for each'), shouldOpen: true,
    entries: [
      entry('school-loop-collection', element, {
        label: t('集合变量', 'Collection variable'), read: () => loop.loopDataInputRef?.id,
        write: (value) => tools.modeling.updateModdleProperties(element, loop, { loopDataInputRef: value ? property(tools, element, value) : undefined }),
      }),
      entry('school-loop-item', element, {
        label: t('成员变量', 'Item variable'), read: () => loop.inputDataItem?.name,
        write: (value) => tools.modeling.updateModdleProperties(element, loop, { inputDataItem: value ? tools.bpmnFactory.create('bpmn:DataInput', { name: value }) : undefined }),
      }),
      entry('school-loop-output', element, {
        label: t('结果收进变量', 'Results collected in'), read: () => loop.loopDataOutputRef?.id,
        write: (value) => tools.modeling.updateModdleProperties(element, loop, { loopDataOutputRef: value ? property(tools, element, value) : undefined }),
      }),
      entry('school-loop-result', element, {
        label: t('每次的结果（变量）', 'Result of each (variable)'), read: () => loop.outputDataItem?.name,
        write: (value) => tools.modeling.updateModdleProperties(element, loop, { outputDataItem: value ? tools.bpmnFactory.create('bpmn:DataOutput', { name: value }) : undefined }),
      }),
      ...(is(element, 'bpmn:UserTask') ? countersign(tools, element) : []),
    ],
  };
}

function countersign(tools, element) {
  return [
    entry('school-loop-mode', element, {
      kind: 'select', label: t('会签方式', 'Countersign'), choices: () => [
        ['all', t('全部同意', 'All')], ['any', t('一人即可', 'Any one')], ['ratio', t('按比例', 'By ratio')], ['number', t('按人数', 'By number')], ['in_order', t('依次', 'In order')],
      ].map(([value, label]) => ({ value, label })),
      read: () => extensions.extension(element, 'school:Task')?.countersign?.mode,
      write: (value) => extensions.change(tools, element, 'school:Task', { countersign: value ? tools.bpmnFactory.create('school:Countersign', { mode: value, value: extensions.extension(element, 'school:Task')?.countersign?.value }) : undefined }),
    }),
    entry('school-loop-value', element, {
      label: t('比例或人数', 'Ratio or number'), read: () => extensions.extension(element, 'school:Task')?.countersign?.value,
      write: (value) => extensions.change(tools, element, 'school:Task', { countersign: tools.bpmnFactory.create('school:Countersign', { mode: extensions.extension(element, 'school:Task')?.countersign?.mode ?? 'all', value }) }),
    }),
  ];
}

// A multi-instance names its collection by reference: the process gets a property of that id when it has none.
function property(tools, element, id) {
  let process = getBusinessObject(element);
  while (process.$type !== 'bpmn:Process') process = process.$parent;
  const found = (process.properties ?? []).find((other) => other.id === id);
  if (found) return found;
  const made = tools.bpmnFactory.create('bpmn:Property', { id, name: id });
  made.$parent = process;
  tools.modeling.updateModdleProperties(element, process, { properties: [...(process.properties ?? []), made] });
  return made;
}
