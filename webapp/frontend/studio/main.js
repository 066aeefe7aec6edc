// The process studio: edit, check, simulate, compare, deploy.
import { load, openCanvas, overview, replace, xmlOf } from './canvas.js';
import { check as checkFiles } from './checking.js';
import { colour, listChanges, readChanges } from './changes.js';
import { deployNow, openDialog, watchNewer } from './deploying.js';
import { address, desk, isReadOnly, part, root } from './desk.js';
import { settled } from './dom.js';
import { Drafts } from './drafts.js';
import { Files } from './files.js';
import { showFirstError } from './findings.js';
import { openFoot, startFoot } from './foot.js';
import { tasksOfForm } from './formtasks.js';
import { take } from '../importing/handing.js';
import { startImporting, takeOver } from './importing.js';
import { say } from './notices.js';
import { offer } from './panel/choices.js';
import { ask } from './server.js';
import { t } from './words.js';
import { translateTitles } from './titles.js';
import { press, startToolbar } from './toolbar.js';

const KEEP_AFTER_MS = 300;
const CHECK_AFTER_MS = 700;
const drafts = new Drafts(root.dataset.key);
const keepSoon = settled(() => keep(), KEEP_AFTER_MS);
const checkSoon = settled(() => check({ isFresh: false }), CHECK_AFTER_MS);
let deployed;
let isKept = true;
let comparing = false;

async function open() {
  desk.modeler = openCanvas();
  desk.tasksOfForm = tasksOfForm;
  translateTitles(root);
  const [choices, model] = await Promise.all([ask(address('choices')), ask(address('model'))]);
  desk.choices = choices;
  offer(choices);
  deployed = model.sources;
  const draft = drafts.read(model.number);
  desk.files = new Files(part('tabs'), part('file'), draft ?? deployed, model.main, showCanvas, changed);
  const drawn = load(desk.modeler, desk.files.main());
  const checked = checkFiles(desk.files.all(), accept, { after: drawn }); // the server looks at it while it is drawn
  await drawn;
  if (draft && drafts.differs(deployed, draft)) restored();
  else offerOther(drafts.others(model.number)[0]);
  startFoot();
  startWork();
  document.documentElement.dataset.drawn = 'yes';
  await checked;
  if (!isReadOnly && new URLSearchParams(location.search).get('start') === 'import') await beginImport();
  document.documentElement.dataset.studio = 'ready';
}

function startWork() {
  if (!isReadOnly) {
    desk.modeler.on('commandStack.changed', () => { changed(); }); // a value given back would keep the event from others
    startImporting(changed);
  }
  startToolbar({ changed, check, compare, deploy, deployNow: () => collect().then((sources) => deployNow(sources, accept, done)), revert });
  document.addEventListener('visibilitychange', () => { if (document.hidden) keep(); else watchNewer(); });
  window.addEventListener('pagehide', () => keep());
}

// A draft made on another version, which somebody's deployment has passed since, is not lost and not mixed in unasked.
function offerOther(number) {
  if (number === undefined) return;
  say(t(`在版本 ${number} 上还有您没部署的修改`, `You have undeployed changes on version ${number}`), { action: { label: t('打开', 'Open them'), run: () => { location.search = `?version=${number}`; } } });
}

function restored() {
  part('state').textContent = t('有未部署的修改', 'Changes not deployed yet');
  say(t('已恢复上次未部署的修改', 'Your undeployed changes are back'), { action: { label: t('放弃修改', 'Discard them'), run: revert } });
}

// What was chosen where the process was made comes along; else the file is asked for. Once: a reload shows the draft.
async function beginImport() {
  history.replaceState(null, '', location.pathname);
  const given = take()?.taken;
  if (given) {
    await takeOver(given, changed);
    await check();
    overview(desk.modeler.get('canvas'));
    return;
  }
  say(t('选一个 BPMN 文件，图会换成它', 'Choose a BPMN file: the diagram becomes the one in it'), { action: { label: t('选择文件', 'Choose a file'), run: () => part('upload').click() } });
}

async function collect() {
  if (!isReadOnly) desk.files.setMain(await xmlOf(desk.modeler));
  return desk.files.all();
}

// At once in words; the model's text is written when the hands rest, or when the page is left.
async function changed() {
  isKept = false;
  part('state').textContent = t('有未部署的修改', 'Changes not deployed yet');
  keepSoon();
  checkSoon();
}

async function keep() {
  if (isKept) return;
  isKept = true;
  if (!drafts.write(root.dataset.number, await collect())) part('state').textContent = t('草稿存不下了，请部署或导出', 'No room for the draft: deploy or export it');
}

async function check(how) {
  const errors = await checkFiles(await collect(), accept, how);
  if (comparing) await showChanges();
  return errors;
}

async function accept(fix) {
  const answer = await ask(address('fix'), { xml: await xmlOf(desk.modeler), fixes: [fix.id] });
  await replace(desk.modeler, answer.xml);
  await changed();
  await check();
  say(t(`已修复：${fix.text}。撤销可以恢复`, `Fixed: ${fix.text}. Undo brings it back`));
}

async function compare() {
  comparing = !comparing;
  press('compare', comparing);
  if (!comparing) {
    colour([]);
    return;
  }
  openFoot('changes');
  await desk.files.settle();
  await showChanges();
}

async function showChanges() {
  const found = await readChanges(await collect());
  listChanges(found);
  colour(found.changes);
}

async function deploy() {
  await desk.files.settle();
  if (await check()) {
    openFoot('findings');
    showFirstError();
    return;
  }
  await openDialog(await collect());
}

function done(answer) {
  forget();
  deployed = desk.files.all();
  const waits = answer.status === 'waiting';
  root.dataset.number = answer.number;
  part('version').textContent = t(`版本 ${answer.number}`, `Version ${answer.number}`);
  part('state').textContent = waits ? t('等待第二人批准', 'Waits for a second person') : t('已部署', 'Deployed');
  say(waits ? t(`版本 ${answer.number} 已提交，等待第二人批准`, `Version ${answer.number} is submitted: a second person has to approve`) : t(`已部署为版本 ${answer.number}`, `Deployed as version ${answer.number}`));
  listChanges({ changes: [], newest: answer.number });
  colour([]);
}

function revert() {
  if (!window.confirm(t('放弃所有未部署的修改？', 'Discard all changes that are not deployed?'))) return;
  forget();
  location.reload();
}

function forget() {
  isKept = true;
  drafts.clear(root.dataset.number);
}

function showCanvas(visible) {
  part('workspace').hidden = !visible;
}

open().catch((error) => say(error.message, { isError: true }));
