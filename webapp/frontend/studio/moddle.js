// The model as objects: BPMN as the tools know it, our extensions, and what the tools would write under wrong names.
import { BpmnModdle } from 'bpmn-moddle';
import { layoutProcess } from 'bpmn-auto-layout';
import school from './school.json';

export const extensions = { school };

// Elements that the standard names after the property; the tools write the name of its type, which nobody reads.
const NAMED = [
  ['bpmn:ComplexBehaviorDefinition', 'bpmn:condition', 'xsi:type'], ['bpmn:ComplexBehaviorDefinition', 'bpmn:event', 'property'],
  ['bpmn:CorrelationPropertyRetrievalExpression', 'bpmn:messagePath', 'property'], ['bpmn:CorrelationPropertyBinding', 'bpmn:dataPath', 'property'],
];

/** The same reader and writer, which keeps to the standard's names, and lives with events of several definitions. */
export function mended(moddle) {
  const property = (type, name) => moddle.registry.typeMap[type].properties.find((one) => one.name === name);
  for (const [type, name, serialize] of NAMED) property(type, name).xml = { serialize };
  property('bpmn:GlobalScriptTask', 'bpmn:script').isAttr = false;
  delete property('bpmn:DataStore', 'bpmn:isUnlimited').default; // said is said: a capacity beside it would count
  // The tool asks the first definition for what only messages, signals, errors and escalations have.
  const get = moddle.properties.get.bind(moddle.properties);
  moddle.properties.get = (target, name) => (name === undefined ? undefined : get(target, name));
  return moddle;
}

/** A reader and writer of models beside the canvas's own. */
export const newModdle = () => mended(new BpmnModdle(extensions));

/** The model with a picture drawn anew; nothing else of it changes. */
export async function laidOut(xml) {
  const moddle = newModdle();
  const [{ rootElement }, drawn] = [await moddle.fromXML(xml), await moddle.fromXML(await layoutProcess(xml))];
  rootElement.diagrams = drawn.rootElement.diagrams;
  return (await moddle.toXML(rootElement, { format: true })).xml;
}
