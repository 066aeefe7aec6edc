// How far each element of a case is: colours, marks beside them, and numbers where several tokens stand.
import { t } from '../studio/words.js';

const SIGNS = { active: '●', incident: '!', cancelled: '×' };
const SIZE = { min: 0.8, max: 1 };
const MARKERS = ['is-done', 'is-active', 'is-incident', 'is-cancelled', 'is-taken'];

/** Shows `{ states, tokens, flows }` in place of what was shown before. */
export function showState(viewer, root, { states, tokens, flows }) {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  viewer.get('overlays').remove({ type: 'state' });
  for (const element of registry.getAll()) for (const marker of MARKERS) canvas.removeMarker(element, marker);
  for (const [id, state] of Object.entries(states)) if (registry.get(id)) mark(viewer, id, state, tokens[id] ?? 1, root.dataset[state] ?? state);
  for (const id of flows) if (registry.get(id)) canvas.addMarker(id, 'is-taken');
}

/** A link on each call activity to the case it called. */
export function linkCalled(viewer, called) {
  for (const [id, url] of Object.entries(called)) {
    if (!viewer.get('elementRegistry').get(id)) continue;
    const link = Object.assign(document.createElement('a'), { className: 'called-mark', href: url, textContent: t('看子流程', 'Called case') });
    viewer.get('overlays').add(id, 'called', { position: { bottom: 10, left: 4 }, scale: SIZE, html: link });
  }
}

function mark(viewer, id, state, count, words) {
  viewer.get('canvas').addMarker(id, `is-${state}`);
  if (state === 'done') return;
  const sign = document.createElement('div');
  sign.className = `state-mark is-${state}`;
  sign.textContent = state === 'active' && count > 1 ? count : SIGNS[state] ?? '';
  sign.title = count > 1 ? `${words} × ${count}` : words;
  viewer.get('overlays').add(id, 'state', { position: { top: -10, right: 14 }, scale: SIZE, html: sign });
}
