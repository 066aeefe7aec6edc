// The decision table editor, loaded when a table is opened; on a phone it only shows.
import DmnModeler from 'dmn-js/lib/Modeler';
import DmnViewer from 'dmn-js/lib/NavigatedViewer';
import { diagramColours } from '../studio/colours.js';
import { isEnglish } from '../studio/words.js';
import { notesKept, notesShown } from './notes.js';
import words from './texts.zh.json';

const translate = {
  translate: ['value', (template, replacements = {}) => (isEnglish ? template : words[template] ?? template).replace(/{ ?([^} ]+) ?}/g, (whole, name) => replacements[name] ?? whole)],
};
const SETTLED_MS = 500;

/** Opens the decisions in the pane; `store(xml)` is called when a change settles and at `close()`. */
export async function openDecisions(pane, xml, store, isReadOnly) {
  const container = Object.assign(document.createElement('div'), { className: 'dmn-canvas' });
  pane.append(container);
  const view = { additionalModules: [translate], keyboard: { bind: true } };
  const Tool = isReadOnly ? DmnViewer : DmnModeler;
  const modeler = new Tool({ container, common: { additionalModules: [translate] }, drd: { ...view, drdRenderer: diagramColours }, decisionTable: view, literalExpression: view, boxedExpression: view });
  await modeler.importXML(notesShown(xml));
  const table = modeler.getViews().find((found) => found.type === 'decisionTable');
  if (table) await modeler.open(table);
  if (isReadOnly) return { save: () => undefined, close: () => modeler.destroy() };
  let waiting;
  let isTouched = false;
  const save = async () => {
    if (isTouched) store(notesKept((await modeler.saveXML({ format: true })).xml));
  };
  const changed = () => {
    isTouched = true;
    clearTimeout(waiting);
    waiting = setTimeout(save, SETTLED_MS);
  };
  const heard = new WeakSet();
  const listen = () => {
    const viewer = modeler.getActiveViewer();
    if (viewer && !heard.has(viewer)) heard.add(viewer) && viewer.on('commandStack.changed', changed);
  };
  modeler.on('views.changed', listen);
  listen();
  return {
    save: async () => {
      document.activeElement?.blur(); // a cell hands its text over when it is left
      await save();
    },
    close: async () => {
      document.activeElement?.blur();
      clearTimeout(waiting);
      await save();
      modeler.destroy();
    },
  };
}
