// The diagram of a running or finished instance: where it was, where it is, what failed; or of a version, to choose on.
import Viewer from 'bpmn-js/lib/NavigatedViewer';
import { diagramColours } from '../studio/colours.js';
import school from '../studio/school.json';
import { startPicking, startRows } from './picking.js';
import { enableTouch } from './touch.js';

const READABLE = 0.55;
const MARGIN = 20; // room for marks and for flows along the edge
const SIGNS = { done: '✓', active: '●', incident: '!', cancelled: '×' };

async function open(root) {
  const response = await fetch(root.dataset.diagram, { headers: { Accept: 'application/json' } });
  const { xml, states, flows } = await response.json();
  const viewer = new Viewer({ container: root, bpmnRenderer: diagramColours, moddleExtensions: { school } });
  enableTouch(viewer.get('canvas'), 'pan-y');
  await viewer.importXML(xml);
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  for (const [id, state] of Object.entries(states)) if (registry.get(id)) mark(viewer, canvas, id, state, root.dataset);
  for (const id of Object.keys(flows)) if (registry.get(id)) canvas.addMarker(id, 'is-taken');
  const current = Object.keys(states).find((id) => ['active', 'incident'].includes(states[id]) && registry.get(id));
  frame(canvas, current && registry.get(current));
  if (root.dataset.rows) startRows(viewer, root);
  if (root.dataset.pick) startPicking(viewer, root);
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

function mark(viewer, canvas, id, state, words) {
  canvas.addMarker(id, `is-${state}`);
  if (state === 'done') return;
  const sign = document.createElement('div');
  sign.className = `state-mark is-${state}`;
  sign.textContent = SIGNS[state] ?? '';
  sign.title = words[state] ?? state;
  viewer.get('overlays').add(id, { position: { top: -10, right: 14 }, html: sign });
}

for (const root of document.querySelectorAll('[data-diagram]')) open(root);
