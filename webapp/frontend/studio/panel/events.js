// Events of several definitions: a list of them, to be added to and taken from; with one of them, the tool's own group.
import { ListGroup } from '@bpmn-io/properties-panel';
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import { t } from '../words.js';
import { entriesOf, kindOf, kinds, made, titleOf } from './definitions.js';
import { entry } from './entries.js';

const STOCK = ['message', 'timer', 'signal', 'error', 'escalation', 'link', 'compensation'];

/** The groups of the tool that would show the first of several definitions only, or speak of times in its own words. */
export function isReplaced(group, element) {
  const all = getBusinessObject(element).eventDefinitions ?? [];
  return all.length > 1 ? STOCK.includes(group.id) : group.id === 'timer' && all.length === 1;
}

/** The groups of an event's definitions. */
export function eventGroups(tools, element) {
  const event = getBusinessObject(element);
  const all = event.eventDefinitions ?? [];
  if (!is(element, 'bpmn:Event') || element.type === 'label' || !all.length) return [];
  const timer = all.length === 1 && kindOf(all[0]) === 'Timer' ? [{ id: 'school-timer', label: t('时间', 'Time'), shouldOpen: true, entries: entriesOf(tools, element, all[0], 'school-timer') }] : [];
  const put = (eventDefinitions) => tools.modeling.updateModdleProperties(element, event, { eventDefinitions });
  const list = {
    id: 'school-events', component: ListGroup, shouldOpen: all.length > 1, label: all.length > 1 ? t('几个事件', 'Several events') : t('再加一个事件', 'One more event'),
    add: (clicked) => { clicked.stopPropagation(); put([...all, made(tools, kindsOf(element).find((kind) => !all.some((one) => kindOf(one) === kind)) ?? 'Message', event)]); },
    items: all.length > 1 ? all.map((definition, index) => item(tools, element, definition, `school-events-${index}`, put, all)) : [],
  };
  return [...timer, ...(kindsOf(element).length ? [list] : [])];
}

function item(tools, element, definition, id, put, all) {
  const event = getBusinessObject(element);
  const change = (kind) => put(all.map((one) => (one === definition ? made(tools, kind, event) : one)));
  return {
    id, label: titleOf(definition), remove: () => put(all.filter((one) => one !== definition)),
    entries: [
      entry(`${id}-kind`, element, { kind: 'select', required: true, label: t('什么事件', 'Which event'), choices: () => kinds(...new Set([kindOf(definition), ...kindsOf(element)])), read: () => kindOf(definition), write: change }),
      ...entriesOf(tools, element, definition, id),
    ],
  };
}

// What may stand together at a place; the check tells what else is wrong.
function kindsOf(element) {
  if (is(element, 'bpmn:EndEvent')) return ['Message', 'Signal', 'Escalation', 'Compensate', 'Error', 'Cancel', 'Terminate'];
  if (is(element, 'bpmn:ThrowEvent')) return ['Message', 'Signal', 'Escalation', 'Compensate'];
  const isInside = is(element, 'bpmn:BoundaryEvent') || getBusinessObject(element).$parent?.triggeredByEvent;
  return ['Message', 'Timer', 'Signal', 'Conditional', ...(isInside ? ['Error', 'Escalation'] : [])];
}
