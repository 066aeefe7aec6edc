// Marks what differs from the deployed version.
import { BpmnModdle } from 'bpmn-moddle';
import { diff } from 'bpmn-js-differ';
import school from './school.json';
import { t } from './texts.js';

/** Colours added and changed elements on the canvas; the sentence to show. */
export async function compare(modeler, before) {
  const moddle = new BpmnModdle({ school });
  const [old, now] = await Promise.all([before, (await modeler.saveXML()).xml].map((xml) => moddle.fromXML(xml)));
  const { _added: added, _changed: changed, _removed: removed } = diff(old.rootElement, now.rootElement);
  const canvas = modeler.get('canvas');
  for (const element of modeler.get('elementRegistry').getAll()) {
    canvas.removeMarker(element, 'is-added');
    canvas.removeMarker(element, 'is-changed');
    if (added[element.id]) canvas.addMarker(element, 'is-added');
    else if (changed[element.id]) canvas.addMarker(element, 'is-changed');
  }
  const [more, other, fewer] = [added, changed, removed].map((found) => Object.keys(found).length);
  return t(`与已部署版本相比：新增 ${more}，修改 ${other}，删除 ${fewer}`, `Against the deployed version: ${more} added, ${other} changed, ${fewer} removed`);
}
