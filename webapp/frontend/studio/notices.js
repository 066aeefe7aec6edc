// One line under the bar: what just happened, with a button where something can be done about it.
import { h } from './dom.js';
import { part } from './desk.js';

const SHOWN_MS = 7000;
let leaving;

/** `action`: { label, run }; errors and lines with an action stay until the next one or a click on the cross. */
export function say(text, { isError = false, action, stays = isError || Boolean(action) } = {}) {
  clearTimeout(leaving);
  const line = part('notice');
  line.replaceChildren(...[
    h('span', {}, text),
    action && h('button', { type: 'button', class: 'btn btn-sm', onclick: () => { hush(); action.run(); } }, action.label),
    h('button', { type: 'button', class: 'icon-btn', 'aria-label': '×', onclick: hush }, '×'),
  ].filter(Boolean));
  line.classList.toggle('is-error', isError);
  line.hidden = false;
  if (!stays) leaving = setTimeout(hush, SHOWN_MS);
}

export function hush() {
  part('notice').hidden = true;
}
