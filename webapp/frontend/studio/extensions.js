// Reading and changing our extension elements; every change is one undoable command.
import { getBusinessObject } from 'bpmn-js/lib/util/ModelUtil';

/** The element that carries the extensions: a process for its plane, a participant's process for a pool. */
export function owner(element) {
  const object = getBusinessObject(element);
  return object.$type === 'bpmn:Participant' && object.processRef ? object.processRef : object;
}

/** The extension of a type (`school:Task`), or undefined. */
export function extension(element, type) {
  return owner(element).extensionElements?.get('values').find((value) => value.$type === type);
}

/** All extensions of a type. */
export function extensions(element, type) {
  return (owner(element).extensionElements?.get('values') ?? []).filter((value) => value.$type === type);
}

/** Changes properties of the extension, making it and its container when missing. */
export function change(tools, element, type, properties) {
  const { commandStack, bpmnFactory } = tools;
  const holder = owner(element);
  const found = extension(element, type);
  if (found) return update(tools, element, found, properties);
  const commands = [];
  let container = holder.extensionElements;
  if (!container) {
    container = create(bpmnFactory, 'bpmn:ExtensionElements', { values: [] }, holder);
    commands.push(command(element, holder, { extensionElements: container }));
  }
  const made = create(bpmnFactory, type, properties, container);
  commands.push(command(element, container, { values: [...container.get('values'), made] }));
  commandStack.execute('properties-panel.multi-command-executor', commands);
  return made;
}

/** Changes properties of any moddle element. */
export function update({ commandStack }, element, moddleElement, properties) {
  commandStack.execute('element.updateModdleProperties', { element, moddleElement, properties });
  return moddleElement;
}

/** Adds an item to a list of the extension (`assignees` of `school:Task`). */
export function addItem(tools, element, type, property, itemType, values) {
  const parent = extension(element, type) ?? change(tools, element, type, {});
  const item = create(tools.bpmnFactory, itemType, values, parent);
  update(tools, element, parent, { [property]: [...(parent.get(property) ?? []), item] });
}

/** Adds items to several lists of an extension in one step: [[property, itemType, [values]]]. */
export function addItems(tools, element, type, lists) {
  const parent = extension(element, type);
  const properties = Object.fromEntries(lists.map(([property, itemType, all]) => [
    property, [...(parent.get(property) ?? []), ...all.map((values) => create(tools.bpmnFactory, itemType, values, parent))],
  ]));
  update(tools, element, parent, properties);
}

/** Removes an item from a list of the extension. */
export function removeItem(tools, element, type, property, item) {
  const parent = extension(element, type);
  update(tools, element, parent, { [property]: parent.get(property).filter((other) => other !== item) });
}

/** Adds an extension that may stand several times (`school:Variable`). */
export function addExtension(tools, element, type, values) {
  const { commandStack, bpmnFactory } = tools;
  const holder = owner(element);
  const commands = [];
  let container = holder.extensionElements;
  if (!container) {
    container = create(bpmnFactory, 'bpmn:ExtensionElements', { values: [] }, holder);
    commands.push(command(element, holder, { extensionElements: container }));
  }
  const made = create(bpmnFactory, type, values, container);
  commands.push(command(element, container, { values: [...container.get('values'), made] }));
  commandStack.execute('properties-panel.multi-command-executor', commands);
}

/** Removes an extension. */
export function removeExtension(tools, element, item) {
  const container = owner(element).extensionElements;
  update(tools, element, container, { values: container.get('values').filter((other) => other !== item) });
}

function create(factory, type, properties, parent) {
  const made = factory.create(type, properties);
  made.$parent = parent;
  return made;
}

function command(element, moddleElement, properties) {
  return { cmd: 'element.updateModdleProperties', context: { element, moddleElement, properties } };
}
