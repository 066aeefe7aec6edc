// The process studio: edit, check, simulate, compare, deploy.
import Modeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule } from 'bpmn-js-properties-panel';
import TokenSimulationModule from 'bpmn-js-token-simulation';
import ColorPickerModule from 'bpmn-js-color-picker';
import MinimapModule from 'diagram-js-minimap';
import { layoutProcess } from 'bpmn-auto-layout';
import { offer } from './panel/choices.js';
import { schoolPanelModule } from './panel/provider.js';
import { compare } from './compare.js';
import { Drafts } from './drafts.js';
import { show } from './findings.js';
import school from './school.json';
import { ask } from './server.js';
import { Files } from './files.js';
import { t, translateModule } from './texts.js';

const CHECK_AFTER_MS = 700;
const root = document.querySelector('[data-studio]');
const part = (name) => root.querySelector(`[data-part="${name}"]`);

const modeler = new Modeler({
  container: part('canvas'),
  propertiesPanel: { parent: part('properties') },
  additionalModules: [
    BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, schoolPanelModule, translateModule, TokenSimulationModule, ColorPickerModule, MinimapModule,
  ],
  moddleExtensions: { school },
});

const drafts = new Drafts(root.dataset.key);
let files;
let deployed;
let checking;

async function open() {
  const [choices, model] = await Promise.all([ask(root.dataset.choices), ask(root.dataset.model)]);
  offer(choices);
  deployed = model.sources;
  files = new Files(part('tabs'), part('file'), { ...deployed, ...drafts.read(model.number) }, model.main, showCanvas, changed);
  await load(files.main());
  if (drafts.differs(deployed, files.all())) say(t('已恢复上次未部署的修改', 'Your undeployed changes are back'));
  modeler.on('commandStack.changed', changed);
  await check();
  document.documentElement.dataset.studio = 'ready';
}

async function load(xml) {
  const { warnings } = await modeler.importXML(xml);
  overview(modeler.get('canvas'));
  if (warnings.length) console.info('import warnings', warnings.map((warning) => warning.message));
}

async function collect() {
  files.setMain((await modeler.saveXML({ format: true })).xml);
  return files.all();
}

async function changed() {
  clearTimeout(checking);
  checking = setTimeout(check, CHECK_AFTER_MS);
  drafts.write(root.dataset.number, await collect());
  part('state').textContent = t('有未部署的修改', 'Changes not deployed yet');
}

async function check() {
  const { findings } = await ask(root.dataset.check, { sources: await collect() });
  const errors = show(modeler, part('findings'), findings);
  part('summary').textContent = errors
    ? t(`${errors} 个错误，不能部署`, `${errors} errors: not deployable`)
    : findings.length ? t(`可以部署，${findings.length} 条提示`, `Deployable, ${findings.length} remarks`) : t('检查通过', 'All checks passed');
  part('summary').className = `studio-summary ${errors ? 'is-error' : 'is-good'}`;
  root.querySelector('[data-action="deploy"]').disabled = errors > 0;
  return errors;
}

async function deploy() {
  await files.settle();
  if (await check()) return;
  const name = part('note').value.trim();
  try {
    const answer = await ask(root.dataset.deploy, { sources: await collect(), name });
    drafts.clear();
    part('dialog').close();
    say(answer.status === 'waiting' ? t('已提交，等待第二人确认', 'Submitted: a second person has to confirm') : t(`已部署为版本 ${answer.number}`, `Deployed as version ${answer.number}`));
    part('state').textContent = answer.status === 'waiting' ? t('等待确认', 'Waiting for confirmation') : t(`版本 ${answer.number}`, `Version ${answer.number}`);
    deployed = files.all();
  } catch (error) {
    part('dialog').close();
    if (error.body?.findings) show(modeler, part('findings'), error.body.findings);
    say(error.message, true);
  }
}

function showCanvas(visible) {
  part('workspace').hidden = !visible;
}

function say(text, isError = false) {
  const line = part('message');
  line.textContent = text;
  line.className = `studio-message ${isError ? 'is-error' : ''}`;
  line.hidden = false;
  setTimeout(() => { line.hidden = true; }, 6000);
}

// The whole model beside the palette; a long one from its start, in letters that can be read.
function overview(canvas) {
  const { inner, outer } = canvas.viewbox();
  const left = 120;
  const fitting = Math.min((outer.width - left - 30) / inner.width, (outer.height - 140) / inner.height, 1);
  const scale = Math.max(fitting, 0.6);
  const [width, height] = [outer.width / scale, outer.height / scale];
  canvas.viewbox({ x: inner.x - left / scale, y: inner.y + (inner.height - height) / 2, width, height });
}

const ACTIONS = {
  undo: () => modeler.get('commandStack').undo(),
  redo: () => modeler.get('commandStack').redo(),
  fit: () => overview(modeler.get('canvas')),
  check,
  layout: async () => { await load(await layoutProcess((await modeler.saveXML()).xml)); await changed(); },
  simulate: () => modeler.get('toggleMode').toggleMode(),
  compare: async () => say(await compare(modeler, deployed[files.mainName])),
  revert: async () => { drafts.clear(); location.reload(); },
  export: async () => download(files.mainName, (await modeler.saveXML({ format: true })).xml),
  import: () => part('upload').click(),
  deploy: () => part('dialog').showModal(),
  'deploy-now': deploy,
  'deploy-cancel': () => part('dialog').close(),
};

function download(name, text) {
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(new Blob([text], { type: 'application/xml' })), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

root.addEventListener('click', (event) => {
  const button = event.target.closest('[data-action]');
  if (button) ACTIONS[button.dataset.action]();
});
part('upload').addEventListener('change', async ({ target }) => {
  if (!target.files.length) return;
  try {
    await load(await target.files[0].text());
    await changed();
  } catch (error) {
    say(t('这不是可以读取的 BPMN 文件', 'This is no BPMN file that can be read'), true);
  }
  target.value = '';
});
document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === 's') { event.preventDefault(); check(); }
});

open().catch((error) => say(error.message, true));
