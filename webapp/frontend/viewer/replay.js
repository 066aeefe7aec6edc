// Going through a case again, step by step: what each command passed, and where the case stood after it.
import { t } from '../studio/words.js';
import { showState } from './states.js';

const PASSED = ['completed', 'skipped', 'caught', 'thrown'];
const EVERY_MS = 1100;

/** `data-replay`: selector of the bar; `steps`: [{ at, by, marks: [[kind, element]] }]; `now`: what the last one left, when the steps are
 * whole; else the way on from the last step is not part of it. */
export function startReplay(viewer, root, steps, now, isWhole) {
  const bar = document.querySelector(root.dataset.replay);
  if (steps.length < 2) return;
  const range = bar.querySelector('input');
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  let marked = [];
  let playing;

  function show(number) {
    const step = steps[number - 1];
    range.value = number;
    for (const id of marked) canvas.removeMarker(id, 'is-stepped');
    showState(viewer, root, number === steps.length && isWhole ? now : stateAfter(steps.slice(0, number)));
    marked = number === steps.length ? [] : (step?.marks ?? []).map(([, id]) => id).filter((id) => registry.get(id));
    for (const id of marked) canvas.addMarker(id, 'is-stepped');
    const last = marked.filter((id) => !registry.get(id).waypoints).at(-1);
    if (last) canvas.scrollToElement(registry.get(last), 60);
    bar.querySelector('.replay-said').textContent = number ? words(step, number) : t('还没有开始', 'Before the start');
    range.setAttribute('aria-valuetext', bar.querySelector('.replay-said').textContent);
    bar.querySelector('[data-replay-go="-1"]').disabled = number === 0;
    bar.querySelector('[data-replay-go="1"]').disabled = number === steps.length;
  }

  function words({ at, by, marks }, number) {
    const name = (id) => registry.get(id)?.businessObject.name ?? '';
    const isNode = (id) => registry.get(id) && !registry.get(id).waypoints && !registry.get(id).type.endsWith('Gateway');
    const names = (ids) => [...new Set(ids.filter(isNode).map(name).filter(Boolean))].join('、');
    const passed = marks.filter(([kind]) => PASSED.includes(kind)).map(([, id]) => id);
    const reached = names(marks.filter(([kind, id]) => kind === 'entered' && !passed.includes(id)).map(([, id]) => id));
    const done = names(passed);
    return [t(`第 ${number} / ${steps.length} 步`, `Step ${number} of ${steps.length}`), at, by, done && t(`完成：${done}`, `Done: ${done}`), reached && t(`到：${reached}`, `Reached: ${reached}`)].filter(Boolean).join(' · ');
  }

  function stop() {
    clearInterval(playing);
    playing = undefined;
  }

  function play() {
    if (Number(range.value) === steps.length) show(0);
    playing = setInterval(() => {
      show(Number(range.value) + 1);
      if (Number(range.value) === steps.length) stop();
    }, EVERY_MS);
  }

  range.max = steps.length;
  range.addEventListener('input', () => { stop(); show(Number(range.value)); });
  bar.addEventListener('click', ({ target }) => {
    const go = target.closest('[data-replay-go]')?.dataset.replayGo;
    if (!go) return;
    const wasPlaying = playing;
    stop();
    if (go !== 'play') show(Math.min(Math.max(Number(range.value) + Number(go), 0), steps.length));
    else if (!wasPlaying) play();
  });
  bar.hidden = false;
  bar.querySelector('[data-replay-cut]').hidden = isWhole;
  show(steps.length);
  if (!isWhole) showState(viewer, root, now);
}

// An element is active while it was entered more often than left; what the server says of the present may know more.
function stateAfter(steps) {
  const open = {};
  const states = {};
  const flows = new Set();
  for (const [kind, id] of steps.flatMap(({ marks }) => marks)) {
    if (kind === 'taken') flows.add(id);
    else if (kind === 'entered') open[id] = (open[id] ?? 0) + 1;
    else if (PASSED.includes(kind) || kind === 'cancelled') {
      open[id] = Math.max((open[id] ?? 0) - 1, 0);
      if (kind !== 'cancelled') states[id] = 'done';
      else states[id] ??= 'cancelled';
    }
  }
  for (const [id, count] of Object.entries(open)) if (count) states[id] = 'active';
  return { states, tokens: open, flows: [...flows] };
}
