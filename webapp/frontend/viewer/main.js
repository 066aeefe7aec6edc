// The diagram of a running or finished instance: where it was, where it is, what failed.
import Viewer from 'bpmn-js/lib/NavigatedViewer';
import { diagramColours } from '../studio/colours.js';
import school from '../studio/school.json';
import { enableTouch } from './touch.js';

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
  canvas.zoom('fit-viewport', 'auto');
  canvas.zoom(canvas.zoom() * 0.94, 'auto'); // room for marks and for flows along the edge
  const current = Object.keys(states).find((id) => ['active', 'incident'].includes(states[id]) && registry.get(id));
  if (current && canvas.zoom() < 0.5) canvas.scrollToElement(registry.get(current), 80);
  root.dataset.ready = 'true';
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
