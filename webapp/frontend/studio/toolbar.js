// The icons over the canvas: what each does, when it is of use, and its key.
import { canUndo, overview, replace, undo, xmlOf } from './canvas.js';
import { desk, part, root } from './desk.js';
import { laidOut } from './moddle.js';
import { say } from './notices.js';
import { t } from './words.js';

const STEP = 1.25;

/** `studio` gives what concerns more than the canvas: { changed, check, compare, deploy, deployNow, revert }. */
export function startToolbar(studio) {
  const { modeler } = desk;
  const canvas = () => modeler.get('canvas');
  const actions = {
    undo: async () => { if (await undo(modeler)) studio.changed(); refresh(); },
    redo: () => modeler.get('commandStack').redo(),
    in: () => canvas().zoom(canvas().zoom() * STEP, 'auto'),
    out: () => canvas().zoom(canvas().zoom() / STEP, 'auto'),
    fit: () => overview(canvas()),
    layout: async () => { await replace(modeler, await laidOut(await xmlOf(modeler))); studio.changed(); refresh(); },
    simulate: () => { modeler.get('toggleMode').toggleMode(); press('simulate'); },
    map: () => { modeler.get('minimap').toggle(); press('map'); },
    compare: studio.compare,
    import: () => part('upload').click(),
    export: async () => download(desk.files.mainName, await xmlOf(modeler)),
    download: async () => { await desk.files.settle(); download(desk.files.current, desk.files.all()[desk.files.current]); },
    form: () => desk.files.addForm(),
    decisions: () => desk.files.addDecisions(),
    revert: studio.revert,
    keys: () => part('keys').showModal(),
    'keys-close': () => part('keys').close(),
    deploy: studio.deploy,
    'deploy-now': studio.deployNow,
    'deploy-cancel': () => part('deploying').close(),
  };
  root.addEventListener('click', (event) => {
    const button = event.target.closest('[data-action]');
    if (button) Promise.resolve(actions[button.dataset.action]?.()).catch((error) => say(error.message, { isError: true }));
  });
  document.addEventListener('keydown', (event) => onKey(event, actions, studio));
  modeler.on('commandStack.changed', refresh);
  refresh();
}

/** Marks a switch as on or off. */
export function press(name, on) {
  const button = root.querySelector(`[data-action="${name}"]`);
  button.setAttribute('aria-pressed', String(on ?? button.getAttribute('aria-pressed') !== 'true'));
}

function refresh() {
  const stack = desk.modeler.get('commandStack', false);
  if (!stack) return;
  root.querySelector('[data-action="undo"]').disabled = !canUndo(desk.modeler);
  root.querySelector('[data-action="redo"]').disabled = !stack.canRedo();
}

function onKey(event, actions, studio) {
  const typing = event.target.closest('input, textarea, select, [contenteditable]');
  if ((event.ctrlKey || event.metaKey) && event.key === 's') {
    event.preventDefault();
    studio.check().then((errors) => say(errors ? t(`${errors} 个错误，不能部署`, `${errors} ${errors === 1 ? 'error' : 'errors'}: not deployable`) : t('检查通过，修改已存为草稿', 'All checks passed; your draft is kept')));
  } else if (event.key === '?' && !typing) {
    event.preventDefault();
    actions.keys();
  }
}

function download(name, text) {
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' })), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}
