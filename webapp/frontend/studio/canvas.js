// The canvas: an editor on a desk, a picture to look at on a phone; and what replaces the whole model at once.
import Modeler from 'bpmn-js/lib/Modeler';
import Viewer from 'bpmn-js/lib/NavigatedViewer';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule } from 'bpmn-js-properties-panel';
import TokenSimulationModule from 'bpmn-js-token-simulation';
import ColorPickerModule from 'bpmn-js-color-picker';
import MinimapModule from 'diagram-js-minimap';
import { schoolPanelModule } from './panel/provider.js';
import { schoolPaletteModule } from './palette.js';
import { enableTouch } from '../viewer/touch.js';
import { diagramColours } from './colours.js';
import { isReadOnly, part } from './desk.js';
import { extensions, mended } from './moddle.js';
import { spacingModule } from './spacing.js';
import { translateModule } from './texts.js';

const MARGIN = 40;
const READABLE = 0.6;
const replaced = [];
let written; // the model's text, until something is drawn
let shown; // the section that `overview` chose

/** The bpmn.io tool behind the page. */
export function openCanvas() {
  const watch = (modeler) => {
    mended(modeler.get('moddle'));
    keepSize(modeler.get('canvas'));
    new ResizeObserver(() => resized(modeler.get('canvas'))).observe(part('canvas'));
    modeler.on('commandStack.changed', () => { written = undefined; });
    modeler.on('palette.changed', () => { if (isUntouched(modeler.get('canvas').viewbox())) overview(modeler.get('canvas')); });
    return modeler;
  };
  const options = { container: part('canvas'), bpmnRenderer: diagramColours, moddleExtensions: extensions };
  if (isReadOnly) {
    const viewer = new Viewer({ ...options, additionalModules: [translateModule] });
    enableTouch(viewer.get('canvas'), 'none');
    return watch(viewer);
  }
  return watch(new Modeler({
    ...options,
    propertiesPanel: { parent: part('properties') },
    additionalModules: [
      BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, schoolPanelModule, schoolPaletteModule, spacingModule, translateModule, TokenSimulationModule, ColorPickerModule, MinimapModule,
    ],
  }));
}

// Asked for at each move of the view, the size would have the whole diagram laid out each time.
function keepSize(canvas) {
  const measure = canvas.getSize.bind(canvas);
  let size;
  canvas.getSize = () => ({ ...(size ??= measure()) });
  canvas.measureAgain = () => { size = undefined; };
}

export async function load(modeler, xml) {
  const { warnings } = await modeler.importXML(xml);
  written = xml;
  overview(modeler.get('canvas'));
  if (warnings.length) console.info('import warnings', warnings.map((warning) => warning.message));
}

/** The model as text: as it was loaded until it is changed. */
export async function xmlOf(modeler) {
  written ??= (await modeler.saveXML({ format: true })).xml;
  return written;
}

/** Puts another model on the canvas; undo brings the one before back. */
export async function replace(modeler, xml) {
  const before = await xmlOf(modeler);
  await load(modeler, xml);
  replaced.push(before);
}

/** Undoes a change, or brings back the model that was replaced as a whole. True when the latter. */
export async function undo(modeler) {
  const stack = modeler.get('commandStack');
  if (stack.canUndo()) {
    stack.undo();
    return false;
  }
  if (!replaced.length) return false;
  await load(modeler, replaced.pop());
  return true;
}

export const canUndo = (modeler) => modeler.get('commandStack').canUndo() || replaced.length > 0;

/** The whole model beside the palette; a long one from its start, in letters that can be read. */
export function overview(canvas) {
  const { inner, outer } = canvas.viewbox();
  if (!inner.width || !outer.width) return;
  const left = isReadOnly ? 16 : (part('canvas').querySelector('.djs-palette')?.offsetWidth ?? 0) + MARGIN;
  const fitting = Math.min((outer.width - left - 30) / inner.width, (outer.height - 60) / inner.height, 1);
  const scale = Math.max(fitting, isReadOnly ? 0.4 : READABLE);
  const [width, height] = [outer.width / scale, outer.height / scale];
  canvas.viewbox({ x: inner.x - left / scale, y: Math.min(inner.y - 30 / scale, inner.y + (inner.height - height) / 2), width, height });
  shown = canvas.viewbox();
}

// Another room for the canvas: who has not moved it yet sees the whole model, or its start, beside the palette as before.
function resized(canvas) {
  if (!part('canvas').clientWidth) return; // behind a form or a table: the tool would scroll to what it cannot see
  const before = canvas.viewbox();
  canvas.measureAgain();
  canvas.resized();
  if (isUntouched(before)) overview(canvas);
}

const isUntouched = ({ x, y, scale }) => shown && x === shown.x && y === shown.y && scale === shown.scale;

/** Brings an element into view and selects it. */
export function goTo(modeler, element) {
  modeler.get('canvas').scrollToElement(element, { top: 120, bottom: 160, left: 200, right: 240 });
  modeler.get('selection', false)?.select(element);
}
