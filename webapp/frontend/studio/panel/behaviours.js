// What the items of a repeated activity throw as they complete: nothing, at the first, at each, or when something holds.
import { ListGroup } from '@bpmn-io/properties-panel';
import { getBusinessObject } from 'bpmn-js/lib/util/ModelUtil';
import { t } from '../words.js';
import { documentOf, entriesOf, kindOf, kinds, made, refer, titleOf } from './definitions.js';
import { entry } from './entries.js';

const WAYS = [
  ['All', t('不触发', 'Nothing happens')], ['One', t('第一个完成时', 'When the first one completes')], ['None', t('每个完成时', 'When each of them completes')], ['Complex', t('满足条件时', 'When a condition holds')],
];
const REFERENCE = { One: 'oneBehaviorEventRef', None: 'noneBehaviorEventRef' };
const THROWN = ['Signal', 'Message', 'Escalation'];

/** The groups for `behavior` and its events; none for an activity done once. */
export function behaviourGroups(tools, element) {
  const loop = getBusinessObject(element).loopCharacteristics;
  if (loop?.$type !== 'bpmn:MultiInstanceLoopCharacteristics') return [];
  const put = (properties) => tools.modeling.updateModdleProperties(element, loop, properties);
  const definition = loop.behavior in REFERENCE ? loop.get(REFERENCE[loop.behavior]) : undefined;
  const way = entry('school-behaviour', element, {
    kind: 'select', required: true, label: t('什么时候触发事件', 'When an event happens'), help: t('由这个任务边界上的事件接住', 'Caught by an event at the border of this activity'),
    choices: () => WAYS.map(([value, label]) => ({ value, label })), read: () => loop.behavior, write: (value) => choose(tools, element, loop, value, put),
  });
  const group = { id: 'school-behaviour', label: t('成员完成时', 'As items complete'), entries: [way, ...(definition ? thrown(tools, element, loop, definition, put) : [])] };
  return loop.behavior === 'Complex' ? [group, conditions(tools, element, loop, put)] : [group];
}

function choose(tools, element, loop, behavior, put) {
  const reference = REFERENCE[behavior];
  put({ behavior: behavior === 'All' ? undefined : behavior, oneBehaviorEventRef: undefined, noneBehaviorEventRef: undefined, complexBehaviorDefinition: [], ...(reference && { [reference]: kept(tools, element, 'Signal') }) });
}

// The standard refers to definitions that stand in the document by themselves.
function kept(tools, element, kind) {
  const definitions = documentOf(element);
  const definition = named(tools, element, made(tools, kind, definitions));
  tools.modeling.updateModdleProperties(element, definitions, { rootElements: [...definitions.get('rootElements'), definition] });
  return definition;
}

function named(tools, element, definition) {
  refer(tools, element, definition, t(`${getBusinessObject(element).name || element.id}有结果`, `${getBusinessObject(element).name || element.id} done`));
  return definition;
}

function thrown(tools, element, loop, definition, put) {
  return [
    entry('school-behaviour-kind', element, { kind: 'select', required: true, label: t('什么事件', 'Which event'), choices: () => kinds(...THROWN), read: () => kindOf(definition), write: (kind) => put({ [REFERENCE[loop.behavior]]: kept(tools, element, kind) }) }),
    ...entriesOf(tools, element, definition, 'school-behaviour'),
  ];
}

function conditions(tools, element, loop, put) {
  const all = loop.get('complexBehaviorDefinition');
  const create = (type, properties, parent) => Object.assign(tools.bpmnFactory.create(type, properties), { $parent: parent });
  const add = (clicked) => {
    clicked.stopPropagation();
    const behaviour = create('bpmn:ComplexBehaviorDefinition', {}, loop);
    behaviour.condition = create('bpmn:FormalExpression', { body: 'numberOfCompletedInstances = 1' }, behaviour);
    behaviour.event = create('bpmn:ImplicitThrowEvent', { eventDefinitions: [] }, behaviour);
    behaviour.event.eventDefinitions = [named(tools, element, made(tools, 'Signal', behaviour.event))];
    put({ complexBehaviorDefinition: [...all, behaviour] });
  };
  return { id: 'school-behaviours', label: t('条件和事件', 'Conditions and events'), component: ListGroup, shouldOpen: true, add, items: all.map((behaviour, index) => item(tools, element, behaviour, `school-behaviours-${index}`, () => put({ complexBehaviorDefinition: all.filter((one) => one !== behaviour) }))) };
}

function item(tools, element, behaviour, id, remove) {
  const definition = behaviour.event?.eventDefinitions?.[0];
  const update = (target, properties) => tools.modeling.updateModdleProperties(element, target, properties);
  const expression = (body) => Object.assign(tools.bpmnFactory.create('bpmn:FormalExpression', { body }), { $parent: behaviour });
  return {
    id, remove, label: definition ? titleOf(definition) : t('（未填写）', '(empty)'),
    entries: [
      entry(`${id}-condition`, element, { kind: 'area', label: t('满足时', 'When this holds'), help: t('可用 numberOfCompletedInstances、numberOfInstances', 'May use numberOfCompletedInstances, numberOfInstances'), read: () => behaviour.condition?.body?.replace(/^=/, ''), write: (body) => update(behaviour, { condition: body && expression(body) }) }),
      ...(definition ? [entry(`${id}-kind`, element, { kind: 'select', required: true, label: t('什么事件', 'Which event'), choices: () => kinds(...THROWN), read: () => kindOf(definition), write: (kind) => update(behaviour.event, { eventDefinitions: [named(tools, element, made(tools, kind, behaviour.event))] }) }), ...entriesOf(tools, element, definition, id)] : []),
    ],
  };
}
