// The decision table editor, loaded when a table is opened, with the panel to try it out; on a phone the rules are cards.
import DmnModeler from 'dmn-js/lib/Modeler';
import { diagramColours } from '../studio/colours.js';
import { isEnglish } from '../studio/words.js';
import { openCards } from './cards.js';
import { notesKept, notesShown } from './notes.js';
import words from './texts.zh.json';
import { openTrial } from './trial.js';

const translate = {
  translate: ['value', (template, replacements = {}) => (isEnglish ? template : words[template] ?? template).replace(/{ ?([^} ]+) ?}/g, (whole, name) => replacements[name] ?? whole)],
};
const SETTLED_MS = 500;

/**
 * Opens the decisions in the pane; `store(xml)` is called when a change settles and at `close()`. `file`: its name, `files()`:
 * those it may import.
 */
export async function openDecisions(pane, xml, store, { isPhone, file, files }) {
  if (isPhone) return openCards(pane, xml, store, { file, files });
  const container = Object.assign(document.createElement('div'), { className: 'dmn-canvas' });
  const view = { additionalModules: [translate], keyboard: { bind: true } };
  const modeler = new DmnModeler({ container, common: { additionalModules: [translate] }, drd: { ...view, drdRenderer: diagramColours }, decisionTable: view, literalExpression: view, boxedExpression: view });
  let text = xml;
  const trial = openTrial({ file, read: () => text, decision: () => modeler.getActiveView()?.element.id, files, mark: (ids, taken) => markRules(container, ids, taken) });
  pane.append(trial.node, container);
  await modeler.importXML(notesShown(xml));
  const table = modeler.getViews().find((found) => found.type === 'decisionTable');
  if (table) await modeler.open(table);
  let waiting;
  let isTouched = false;
  const save = async () => {
    if (!isTouched) return;
    text = notesKept((await modeler.saveXML({ format: true })).xml);
    store(text);
    trial.refresh();
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
  modeler.on('views.changed', () => { listen(); trial.refresh(); });
  listen();
  trial.refresh();
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

// Rows of the rules that hold; the one that decides stands out.
function markRules(container, ids, taken) {
  for (const cell of container.querySelectorAll('td[data-row-id]')) {
    cell.classList.toggle('is-held', ids.includes(cell.dataset.rowId));
    cell.classList.toggle('is-taken', cell.dataset.rowId === taken);
  }
}
