// Models drawn elsewhere: the file's process takes the place and the key of the one on the canvas.
import { BpmnModdle } from 'bpmn-moddle';
import { layoutProcess } from 'bpmn-auto-layout';
import { replace } from './canvas.js';
import { desk, part, root } from './desk.js';
import { say } from './notices.js';
import school from './school.json';
import { t } from './texts.js';

/** Listens to the hidden file input; `changed()` is called after a model has been taken over. */
export function startImporting(changed) {
  part('upload').addEventListener('change', async ({ target }) => {
    if (!target.files.length) return;
    try {
      await replace(desk.modeler, await adopted(await target.files[0].text()));
      await changed();
      say(t('已导入，检查结果在下方；撤销可以恢复原来的图', 'Imported: see the checks below; undo brings the former diagram back'));
    } catch {
      say(t('这不是可以读取的 BPMN 文件', 'This is no BPMN file that can be read'), { isError: true });
    }
    target.value = '';
  });
}

/** The text with our process's key in place of its own, and laid out when it has no picture. */
async function adopted(text) {
  const moddle = new BpmnModdle({ school });
  const { rootElement } = await moddle.fromXML(text);
  const processes = (rootElement.rootElements ?? []).filter((element) => element.$type === 'bpmn:Process');
  const key = root.dataset.key;
  if (!processes.length) throw new Error('no process');
  if (!processes.some((process) => process.id === key)) (processes.find((process) => process.isExecutable) ?? processes[0]).id = key;
  const { xml } = await moddle.toXML(rootElement, { format: true });
  return rootElement.diagrams?.length ? xml : layoutProcess(xml);
}
