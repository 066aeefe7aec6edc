// The diagram of a running or finished instance: where it was, where it is, what failed; or of a version, with figures
// or differences on it, or to choose on.
import Viewer from 'bpmn-js/lib/NavigatedViewer';
import { diagramColours } from '../studio/colours.js';
import school from '../studio/school.json';
import { t } from '../studio/words.js';
import { addControls } from './controls.js';
import { fullest, moveTogether, startFigures, startMarks } from './figures.js';
import { startPicking, startRows } from './picking.js';
import { startReplay } from './replay.js';
import { linkCalled, showState } from './states.js';
import { enableTouch } from './touch.js';

const READABLE = 0.55;
const MARGIN = 20; // room for marks and for flows along the edge

async function open(root) {
  const response = await fetch(root.dataset.diagram, { headers: { Accept: 'application/json' } });
  const { xml, states = {}, flows = {}, tokens = {}, called = {}, steps = [], is_whole: isWhole = true } = await response.json();
  const viewer = new Viewer({ container: root, bpmnRenderer: diagramColours, moddleExtensions: { school } });
  const canvas = viewer.get('canvas');
  enableTouch(canvas, 'pan-y');
  if (await viewer.importXML(xml).then(() => false, isWithoutPicture)) { tellEmpty(viewer, root); return; }
  const registry = viewer.get('elementRegistry');
  const now = { states, tokens, flows: Object.keys(flows) };
  showState(viewer, root, now);
  linkCalled(viewer, called);
  const current = registry.get(Object.keys(states).find((id) => ['active', 'incident'].includes(states[id]) && registry.get(id)) ?? fullest(root));
  frame(canvas, current);
  addControls(root, canvas, () => frame(canvas, current));
  if (root.dataset.rows) startRows(viewer, root);
  if (root.dataset.pick) startPicking(viewer, root);
  if (root.dataset.figures) startFigures(viewer, root);
  if (root.dataset.marks) startMarks(viewer, root);
  if (root.dataset.beside) moveTogether(viewer, root);
  if (root.dataset.replay) startReplay(viewer, root, steps, now, isWhole);
  root.dataset.ready = 'true';
}

// A model that came without a picture: files made by programs may have none.
function isWithoutPicture(error) {
  if (!/no diagram to display/.test(error.message)) throw error;
  return true;
}

function tellEmpty(viewer, root) {
  viewer.destroy();
  root.classList.add('is-empty');
  root.textContent = t('这个版本的模型没有图形。在流程设计里打开它，会自动排出图来。', 'The model of this version has no picture. Opened in the design studio, it is laid out by itself.');
  root.dataset.ready = 'true';
}

// The whole model when its letters can be read, else the part where the case stands.
function frame(canvas, current) {
  const { inner, outer } = canvas.viewbox();
  const fitting = Math.min(outer.width / (inner.width + 2 * MARGIN), outer.height / (inner.height + 2 * MARGIN), 1);
  const [scale, box] = fitting < READABLE ? [READABLE, current ?? { ...inner, width: 0 }] : [fitting, inner];
  const [width, height] = [outer.width / scale, outer.height / scale];
  canvas.viewbox({ x: start(box.x + box.width / 2, width, inner.x, inner.width), y: start(box.y + box.height / 2, height, inner.y, inner.height), width, height });
}

// Where a window of that size begins: around the middle asked for, without empty space beside the model.
function start(middle, size, from, length) {
  if (size >= length + 2 * MARGIN) return from + length / 2 - size / 2;
  return Math.min(Math.max(middle - size / 2, from - MARGIN), from + length + MARGIN - size);
}

for (const root of document.querySelectorAll('[data-diagram]')) open(root);
