// Data that flows along associations: from objects and stores into activities and events, and back.
import { ListGroup } from '@bpmn-io/properties-panel';
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import { t } from '../words.js';
import { entry } from './entries.js';

const DIRECTIONS = [
  ['dataInputAssociations', 'read', t('读取的数据', 'Data it reads'), (one) => one.sourceRef?.[0]],
  ['dataOutputAssociations', 'written', t('写入的数据', 'Data it writes'), (one) => one.targetRef],
];

/** The groups of an association, of what has some, or of a data object. */
export function dataGroups(tools, element) {
  if (is(element, 'bpmn:DataAssociation')) return [{ id: 'school-data', label: t('数据', 'Data'), shouldOpen: true, entries: entriesOf(tools, element, getBusinessObject(element), 'school-data') }];
  if (is(element, 'bpmn:DataObjectReference') && element.type !== 'label') return [object(tools, element)];
  const holder = getBusinessObject(element);
  const has = DIRECTIONS.filter(([property]) => holder[property]?.length);
  return has.map(([property, id, label, end]) => ({
    id: `school-data-${id}`, label, component: ListGroup,
    items: holder[property].map((one, index) => ({ id: `school-data-${id}-${index}`, label: end(one)?.name || end(one)?.id || t('（未填写）', '(empty)'), entries: entriesOf(tools, element, one, `school-data-${id}-${index}`) })),
  }));
}

function entriesOf(tools, element, association, id) {
  const put = (properties) => tools.modeling.updateModdleProperties(element, association, properties);
  const create = (type, properties, parent) => Object.assign(tools.bpmnFactory.create(type, properties), { $parent: parent });
  return [
    entry(`${id}-transformation`, element, {
      kind: 'area', label: t('换算成', 'Turned into'), help: t('FEEL 表达式；不填就原样传', 'FEEL expression; empty: as it is'),
      read: () => association.transformation?.body?.replace(/^=/, ''), write: (body) => put({ transformation: body && create('bpmn:FormalExpression', { body }, association) }),
    }),
    entry(`${id}-assignments`, element, {
      kind: 'area', label: t('只传其中几项', 'Only some parts'), help: t('一行一个：变量 = 表达式，如 order.amount = amount', 'One a line: variable = expression, such as order.amount = amount'),
      read: () => (association.assignment ?? []).map(({ from, to }) => `${to?.body ?? ''} = ${from?.body ?? ''}`).join('\n') || undefined,
      write: (text) => put({ assignment: lines(text).map(([to, from]) => assignment(create, association, to, from)) }),
    }),
  ];
}

// The first sign of equality parts the variable from its expression, which may hold others.
function lines(text = '') {
  return text.split('\n').map((line) => /^\s*([^=]+?)\s*=\s*(.+?)\s*$/.exec(line)).filter(Boolean).map(([, to, from]) => [to, from]);
}

function assignment(create, association, to, from) {
  const made = create('bpmn:Assignment', {}, association);
  return Object.assign(made, { from: create('bpmn:FormalExpression', { body: from }, made), to: create('bpmn:FormalExpression', { body: to }, made) });
}

function object(tools, element) {
  const held = getBusinessObject(element).dataObjectRef;
  return {
    id: 'school-data-object', label: t('数据', 'Data'), shouldOpen: true,
    entries: held ? [entry('school-data-object-list', element, { kind: 'check', label: t('是一个列表', 'It is a list'), read: () => held.isCollection, write: (on) => tools.modeling.updateModdleProperties(element, held, { isCollection: on || undefined }) })] : [],
  };
}
