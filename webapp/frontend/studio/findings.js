// The gate's findings: markers on the elements and a list below the canvas.
import { t } from './texts.js';

const SIGNS = { error: '!', warning: '?', info: 'i' };

/** Shows findings on the canvas and in the list; returns how many forbid deployment. */
export function show(modeler, list, findings) {
  const overlays = modeler.get('overlays');
  const registry = modeler.get('elementRegistry');
  overlays.remove({ type: 'finding' });
  for (const [id, group] of byElement(findings)) {
    if (!registry.get(id)) continue;
    const worst = group.some((finding) => finding.severity === 'error') ? 'error' : group[0].severity;
    overlays.add(id, 'finding', { position: { top: -10, left: -10 }, html: mark(worst, group) });
  }
  list.replaceChildren(...findings.map((finding) => row(modeler, finding)));
  return findings.filter((finding) => finding.severity === 'error').length;
}

function byElement(findings) {
  const groups = new Map();
  for (const finding of findings) groups.set(finding.element_id, [...(groups.get(finding.element_id) ?? []), finding]);
  return groups;
}

function mark(severity, group) {
  const node = document.createElement('div');
  node.className = `finding-mark is-${severity}`;
  node.textContent = group.length > 1 ? String(group.length) : SIGNS[severity];
  node.title = group.map((finding) => finding.text).join('\n');
  return node;
}

function row(modeler, finding) {
  const item = document.createElement('li');
  const button = document.createElement('button');
  button.type = 'button';
  button.className = `finding is-${finding.severity}`;
  const element = modeler.get('elementRegistry').get(finding.element_id);
  const where = document.createElement('strong');
  where.textContent = element?.businessObject.name || finding.element_id || t('整个流程', 'The whole process');
  const what = document.createElement('span');
  what.textContent = finding.text;
  button.append(where, what);
  if (finding.fix) {
    const how = document.createElement('em');
    how.textContent = finding.fix;
    button.append(how);
  }
  button.addEventListener('click', () => element && focus(modeler, element));
  item.append(button);
  return item;
}

function focus(modeler, element) {
  modeler.get('canvas').scrollToElement(element, { top: 120, bottom: 120, left: 200, right: 400 });
  modeler.get('selection').select(element);
}
