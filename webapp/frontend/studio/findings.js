// What doctor and gate say: marks on the elements with the words beside them, a list below, fixes to accept.
import { goTo } from './canvas.js';
import { desk, isReadOnly, part } from './desk.js';
import { h, icon } from './dom.js';
import { t } from './words.js';

const SIGNS = { error: 'alert-circle', warning: 'alert-triangle', info: 'info-circle' };
const WORST = ['error', 'warning', 'info'];

let shown = {};

/** Shows findings and fixes; `accept(fix)` is called when one is taken. Gives the number of errors. */
export function showFindings({ findings, fixes = [] }, accept) {
  const errors = findings.filter((finding) => finding.severity === 'error').length;
  const { modeler } = desk;
  const overlays = modeler.get('overlays');
  const now = { text: JSON.stringify([findings, fixes]), model: modeler.getDefinitions(), marks: overlays.get({ type: 'finding' }).length };
  if (now.text === shown.text && now.model === shown.model && now.marks === shown.marks) return errors; // opened words stay open
  const registry = modeler.get('elementRegistry');
  const groups = grouped(findings, fixes);
  closeBubble();
  overlays.remove({ type: 'finding' });
  for (const [id, group] of groups) if (id && registry.get(id)) overlays.add(id, 'finding', { position: { top: -11, left: -11 }, html: mark(id, group, accept) });
  const rows = [...groups.values()].flatMap((group) => [...group.findings.map((finding, index) => row(finding, index ? [] : group.fixes, accept)), ...(group.findings.length ? [] : group.fixes.map((fix) => row({ ...fix, severity: 'info' }, [fix], accept)))]);
  const nothing = h('li', { class: 'foot-empty' }, t('没有发现问题', 'Nothing found'));
  part('findings').replaceChildren(...(rows.length ? rows : [nothing]));
  shown = { ...now, marks: overlays.get({ type: 'finding' }).length };
  return errors;
}

/** Opens the words beside the first element that stops the deployment. */
export function showFirstError() {
  part('findings').querySelector('.finding.is-error')?.click();
}

function grouped(findings, fixes) {
  const groups = new Map();
  const of = (id) => groups.get(id) ?? groups.set(id, { findings: [], fixes: [] }).get(id);
  for (const finding of findings) of(finding.element_id).findings.push(finding);
  for (const fix of fixes) of(fix.element_id).fixes.push(fix);
  return groups;
}

function mark(id, group, accept) {
  const severity = WORST.find((level) => group.findings.some((finding) => finding.severity === level)) ?? 'info';
  return h('button', {
    type: 'button', class: `finding-mark is-${severity}`, 'aria-label': group.findings.map((finding) => finding.text).join('；'),
    onclick: (event) => { event.stopPropagation(); openBubble(id, group, accept); },
  }, group.findings.length > 1 ? String(group.findings.length) : '!');
}

function row(finding, fixes, accept) {
  const element = desk.modeler.get('elementRegistry').get(finding.element_id);
  const where = element ? element.businessObject.name || finding.element_id : finding.file ? desk.files.titleOf(finding.file) : t('整个流程', 'The whole process');
  const open = h('button', { type: 'button', class: `finding is-${finding.severity}`, onclick: () => visit(finding, element, fixes, accept) },
    icon(SIGNS[finding.severity]), h('strong', {}, where), h('span', {}, finding.text), finding.fix && h('em', {}, finding.fix));
  return h('li', {}, open, fixes.map((fix) => fixButton(fix, accept)));
}

async function visit(finding, element, fixes, accept) {
  if (finding.file && !element) return desk.files.open(finding.file);
  await desk.files.open(desk.files.mainName);
  if (!element) return undefined;
  goTo(desk.modeler, element);
  desk.modeler.get('contextPad', false)?.close(); // it would lie over the words
  return openBubble(finding.element_id, { findings: [finding], fixes }, accept);
}

function fixButton(fix, accept) {
  if (isReadOnly) return null;
  return h('button', { type: 'button', class: 'btn btn-sm finding-fix', onclick: () => accept(fix) }, icon('wand'), t('修复：', 'Fix: '), fix.text);
}

function openBubble(id, group, accept) {
  closeBubble();
  showPath(group.findings.find((finding) => finding.path?.length)?.path ?? []);
  const body = h('div', { class: 'finding-bubble', role: 'alert' },
    h('button', { type: 'button', class: 'icon-btn', 'aria-label': t('关闭', 'Close'), onclick: closeBubble }, icon('x')),
    group.findings.map((finding) => h('p', { class: `is-${finding.severity}` }, finding.text, finding.fix && h('em', {}, finding.fix))),
    group.fixes.map((fix) => fixButton(fix, accept)));
  desk.modeler.get('overlays').add(id, 'bubble', { position: { bottom: -8, left: 0 }, show: { minZoom: 0.2 }, scale: false, html: body });
}

export function closeBubble() {
  showPath([]);
  desk.modeler.get('overlays').remove({ type: 'bubble' });
}

// The way of the example a finding tells of, as long as its words are open. A mark taken from a flow makes the tool
// draw its handles: only what was marked is touched.
let path = [];

function showPath(ids) {
  const canvas = desk.modeler.get('canvas');
  const registry = desk.modeler.get('elementRegistry');
  for (const id of path) if (registry.get(id)) canvas.removeMarker(id, 'is-on-path');
  path = ids.filter((id) => registry.get(id));
  for (const id of path) canvas.addMarker(id, 'is-on-path');
}
