// The panel below the canvas: findings and changes, one at a time, or closed.
import { part, root } from './desk.js';

const NAMES = ['findings', 'changes'];

export function startFoot() {
  for (const tab of root.querySelectorAll('[data-foot]')) {
    tab.addEventListener('click', () => openFoot(part(tab.dataset.foot).hidden ? tab.dataset.foot : ''));
  }
}

/** Opens one list; none with an empty name. */
export function openFoot(name) {
  for (const other of NAMES) {
    part(other).hidden = other !== name;
    root.querySelector(`[data-foot="${other}"]`).setAttribute('aria-expanded', String(other === name));
  }
}
