// Larger, smaller, as it was: for fingers, and for those who do not know the wheel.
import { h, icon } from '../studio/dom.js';
import { t } from '../studio/words.js';

const STEP = 1.3;

export function addControls(root, canvas, reset) {
  const by = (factor) => () => canvas.zoom(Math.min(Math.max(canvas.zoom() * factor, 0.2), 3), 'auto');
  root.append(h('div', { class: 'diagram-controls' }, [
    ['zoom-in', t('放大', 'Larger'), by(STEP)], ['zoom-out', t('缩小', 'Smaller'), by(1 / STEP)], ['zoom-scan', t('恢复视图', 'As it was'), reset],
  ].map(([name, label, onclick]) => h('button', { type: 'button', class: 'icon-btn', 'aria-label': label, title: label, onclick }, icon(name)))));
}
