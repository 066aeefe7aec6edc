// The panel below the canvas: findings and changes, one at a time, or closed; as it was left the last time.
import { part, root } from './desk.js';

const NAMES = ['findings', 'changes'];
const KEPT = 'studio-foot';

export function startFoot() {
  for (const tab of root.querySelectorAll('[data-foot]')) {
    tab.addEventListener('click', () => choose(part(tab.dataset.foot).hidden ? tab.dataset.foot : ''));
  }
  part('summary').addEventListener('click', () => choose(part('findings').hidden ? 'findings' : ''));
  openFoot(localStorage.getItem(KEPT) === 'findings' ? 'findings' : '');
}

/** Opens one list; none with an empty name. */
export function openFoot(name) {
  for (const other of NAMES) {
    part(other).hidden = other !== name;
    root.querySelector(`[data-foot="${other}"]`).setAttribute('aria-expanded', String(other === name));
  }
}

function choose(name) {
  openFoot(name);
  localStorage.setItem(KEPT, name);
}
