// The decision table editor, loaded when a table is opened.
import DmnModeler from 'dmn-js/lib/Modeler';
import { isEnglish } from '../studio/texts.js';
import words from './texts.zh.json';

const translate = {
  translate: ['value', (template, replacements = {}) => (isEnglish ? template : words[template] ?? template).replace(/{([^}]+)}/g, (whole, name) => replacements[name] ?? whole)],
};

/** Opens the decisions in the pane; `store(xml)` is called when a change settles and at `close()`. */
export async function openDecisions(pane, xml, store) {
  const container = Object.assign(document.createElement('div'), { className: 'dmn-canvas' });
  pane.append(container);
  const view = { additionalModules: [translate] };
  const modeler = new DmnModeler({ container, common: { additionalModules: [translate] }, drd: view, decisionTable: view, literalExpression: view, boxedExpression: view });
  await modeler.importXML(xml);
  const table = modeler.getViews().find((found) => found.type === 'decisionTable');
  if (table) await modeler.open(table);
  let waiting;
  const save = async () => store((await modeler.saveXML({ format: true })).xml);
  const changed = () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, 500);
  };
  const heard = new WeakSet();
  const listen = () => {
    const viewer = modeler.getActiveViewer();
    if (viewer && !heard.has(viewer)) heard.add(viewer) && viewer.on('commandStack.changed', changed);
  };
  modeler.on('views.changed', listen);
  listen();
  return {
    save,
    close: async () => {
      clearTimeout(waiting);
      await save();
      modeler.destroy();
    },
  };
}
