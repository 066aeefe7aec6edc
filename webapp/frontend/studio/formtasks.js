// Which tasks on the canvas show a form, and what they let people do with its fields.
import { desk } from './desk.js';

const taskOf = (element) => element.businessObject.extensionElements?.get('values').find((value) => value.$type === 'school:Task');

/** `{ id, name, rights }` of the user tasks with that form; `rights` by field name. */
export function tasksOfForm(key) {
  const users = key ? desk.modeler.get('elementRegistry').filter((element) => element.type === 'bpmn:UserTask' && taskOf(element)?.form === key) : [];
  return users.map((element) => ({ id: element.id, name: element.businessObject.name || element.id, rights: Object.fromEntries((taskOf(element).fields ?? []).map((field) => [field.name, field.access])) }));
}
