// Models drawn elsewhere: examined first; taken over, the file's process gets the place and the key of the one on the canvas.
import { readFiles, startDropping } from '../importing/files.js';
import { review } from '../importing/review.js';
import { replace } from './canvas.js';
import { address, desk, part, root } from './desk.js';
import { openFoot } from './foot.js';
import { laidOut, newModdle } from './moddle.js';
import { say } from './notices.js';
import { ask } from './server.js';
import { t } from './words.js';

let reviewed;

/** Listens for files, chosen or let go anywhere; `changed()` is called after they have been taken over. */
export function startImporting(changed) {
  const examine = async (files) => {
    try {
      open(await readFiles(address('read'), root.dataset.csrf, files));
    } catch (error) {
      say(error.message, { isError: true });
    }
  };
  part('upload').addEventListener('change', ({ target }) => {
    if (target.files.length) examine([...target.files]).finally(() => { target.value = ''; });
  });
  startDropping(examine);
  part('importing').addEventListener('click', async ({ target }) => {
    const action = target.closest('[data-import]')?.dataset.import;
    if (action) part('importing').close();
    if (action === 'take') await takeOver(reviewed.chosen(), changed).catch((error) => say(error.message, { isError: true }));
  });
}

function open(answer) {
  reviewed = review(answer);
  part('import-review').replaceChildren(reviewed.node);
  root.querySelector('[data-import="take"]').hidden = !answer.files.length;
  part('importing').showModal();
}

/** Puts what was chosen in place: the model on the canvas, decision tables and the model's forms as files of the process. */
export async function takeOver({ model, fixes, tables }, changed) {
  for (const file of [...tables, ...(model?.forms ?? [])]) desk.files.put(file.name, file.text);
  if (model) {
    const xml = fixes.length ? (await ask(address('fix'), { xml: model.text, fixes })).xml : model.text;
    await desk.files.open(desk.files.mainName);
    await replace(desk.modeler, await adopted(xml));
  }
  await changed();
  openFoot('findings');
  say(model ? t('已导入，还没有部署；撤销可以恢复原来的图', 'Imported, not deployed yet; undo brings the former diagram back') : t('已加入决策表，还没有部署', 'The decision tables were added, not deployed yet'));
}

/** The text with our process's key in place of its own, and laid out when it has no picture. */
async function adopted(text) {
  const moddle = newModdle();
  const { rootElement } = await moddle.fromXML(text);
  const processes = (rootElement.rootElements ?? []).filter((element) => element.$type === 'bpmn:Process');
  const key = root.dataset.key;
  if (!processes.length) throw new Error(t('文件里没有流程', 'There is no process in the file'));
  if (!processes.some((process) => process.id === key)) (processes.find((process) => process.isExecutable) ?? processes[0]).id = key;
  if (!rootElement.diagrams?.length) processes.forEach(join);
  const { xml } = await moddle.toXML(rootElement, { format: true });
  return rootElement.diagrams?.length ? xml : laidOut(xml);
}

// The layout goes from node to node by `incoming` and `outgoing`, which files without a picture often leave out.
function join(scope) {
  for (const element of scope.flowElements ?? []) {
    if (element.flowElements) join(element);
    if (element.$type !== 'bpmn:SequenceFlow') continue;
    for (const [end, list] of [[element.sourceRef, 'outgoing'], [element.targetRef, 'incoming']]) if (end && !end.get(list).includes(element)) end.get(list).push(element);
  }
}
