// What differs from the newest version: words in a list, colours on the diagram.
import { goTo } from './canvas.js';
import { address, desk, part } from './desk.js';
import { h } from './dom.js';
import { ask } from './server.js';
import { t } from './words.js';

const SIGNS = { added: '＋', changed: '～', removed: '－' };
let coloured = new Map();

/** Asks the server; `{ newest, running, money, limits, changes }`. */
export async function readChanges(sources) {
  return ask(address('changes'), { sources });
}

/** Fills the list below the canvas and the number on its tab. */
export function listChanges({ changes, newest }) {
  const nothing = h('li', { class: 'foot-empty' }, t(`与版本 ${newest} 没有差别`, `No difference from version ${newest}`));
  part('changes').replaceChildren(...(changes.length ? changes.map(row) : [nothing]));
  const count = part('count-changes');
  count.textContent = changes.length;
  count.hidden = !changes.length;
}

/** The same list for the dialog, without links. */
export function changeList(changes) {
  return h('ul', { class: 'change-list' }, changes.map((change) => h('li', { class: `is-${change.kind}` }, ...words(change))));
}

/** Colours what was added or changed; an empty list takes the colours away. */
export function colour(changes) {
  const canvas = desk.modeler.get('canvas');
  const registry = desk.modeler.get('elementRegistry');
  for (const [id, kind] of coloured) if (registry.get(id)) canvas.removeMarker(id, `is-${kind}`);
  const shown = changes.filter(({ element_id: id, kind }) => kind !== 'removed' && registry.get(id)?.parent);
  coloured = new Map(shown.map(({ element_id: id, kind }) => [id, kind]));
  for (const [id, kind] of coloured) canvas.addMarker(id, `is-${kind}`);
  part('legend').hidden = !changes.length;
}

function row(change) {
  const element = desk.modeler.get('elementRegistry').get(change.element_id);
  return h('li', {}, h('button', { type: 'button', class: `finding change is-${change.kind}`, onclick: () => visit(change, element) }, ...words(change)));
}

async function visit(change, element) {
  await desk.files.open(change.file);
  if (element) goTo(desk.modeler, element);
}

function words(change) {
  return [
    h('b', { class: 'change-sign', title: { added: t('新增', 'Added'), changed: t('修改', 'Changed'), removed: t('删除', 'Removed') }[change.kind] }, SIGNS[change.kind]),
    h('strong', {}, change.what),
    change.details.length > 0 && h('span', { class: 'change-details' }, change.details.slice(0, 6).map((detail) => h('span', {}, detail)),
      change.details.length > 6 && h('span', {}, t(`还有 ${change.details.length - 6} 处`, `${change.details.length - 6} more`))),
  ];
}
