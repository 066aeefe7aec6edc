// What was read, before anything of it is used: the models, what the doctor rewrites, the fixes on offer, what is left to do.
import { h, icon } from '../studio/dom.js';
import { titleOfForm } from '../studio/forms/document.js';
import { t } from '../studio/words.js';

const SIGNS = { error: 'alert-circle', warning: 'alert-triangle', info: 'info-circle' };
let reviews = 0;

/** The answer of the server as `{ node, chosen() }`; `chosen()` gives `{ model, fixes, tables }` for taking it over. */
export function review({ files, refused }, changed = () => undefined) {
  const models = files.filter((file) => file.kind === 'bpmn');
  const tables = files.filter((file) => file.kind === 'dmn');
  const fixes = new Map(models.map((model) => [model, new Set()]));
  const name = `import-model-${reviews += 1}`;
  let model = models[0];
  const body = h('div', { class: 'import-body' });
  const choose = (one) => { model = one; body.replaceChildren(...(one ? told(one, fixes.get(one)) : [])); changed(model); };
  const node = h('div', { class: 'import-review' },
    refused.map((one) => h('p', { class: 'notice is-danger' }, icon('alert-circle'), h('span', {}, h('strong', {}, one.name), ' ', one.reason))),
    models.length > 1 && h('fieldset', { class: 'import-models' }, h('legend', {}, t('有几个流程图，导入哪一个？其余的可以另建流程。', 'There are several models: which one? Make a process of its own for each of the others.')),
      models.map((one) => h('label', { class: 'form-check' }, h('input', { type: 'radio', class: 'form-check-input', name, checked: one === model, onchange: () => choose(one) }), titleOf(one)))),
    models.length === 1 && h('p', { class: 'import-title' }, icon('sitemap'), h('strong', {}, titleOf(model)), h('span', { class: 'muted' }, model.name)),
    body,
    tables.map((one) => h('p', { class: 'import-title' }, icon('table'), h('strong', {}, one.name), h('span', { class: 'muted' }, one.findings.length ? one.findings[0].text : t('决策表，随流程一起导入', 'decision tables, taken over with the process')))));
  choose(model);
  return { node, model: () => model, chosen: () => ({ model, fixes: model ? [...fixes.get(model)] : [], tables }) };
}

const titleOf = (model) => model.processes[0]?.name || model.processes[0]?.key || model.name;

function told(model, chosen) {
  const rewritten = model.findings.filter((one) => one.severity === 'info');
  const groups = grouped(model);
  const open = model.findings.filter((one) => one.severity !== 'info' && !one.is_mended && !groups.has(one.element_id));
  const errors = model.findings.filter((one) => one.severity === 'error').length;
  return [
    h('p', { class: `import-sum ${errors ? 'is-error' : 'is-good'}` }, errors ? t(`${errors} 个错误，改好之前不能部署；其中 ${groups.size} 处可以自动修复`, `${errors} errors to settle before it can be deployed; ${groups.size} places can be mended for you`) : t('检查通过，可以直接使用', 'All checks passed: it can be used as it is')),
    ...model.forms.map((form) => h('p', { class: 'import-title' }, icon('forms'), h('strong', {}, titleOfForm(form.text) || form.name), h('span', { class: 'muted' }, t('表单，随流程一起导入', 'a form, taken over with the process')))),
    groups.size > 0 && fixList(groups, chosen),
    open.length > 0 && section(t('要您来定', 'Left to you'), open),
    rewritten.length > 0 && h('details', { class: 'import-more' }, h('summary', {}, t(`自动改写 ${rewritten.length} 处，含义不变`, `${rewritten.length} places rewritten, meaning the same`)), lines(rewritten)),
  ].filter(Boolean);
}

function grouped(model) {
  const groups = new Map();
  for (const fix of model.fixes) groups.set(fix.element_id, [...(groups.get(fix.element_id) ?? []), fix]);
  return new Map([...groups].map(([id, fixes]) => [id, { fixes, findings: model.findings.filter((one) => one.element_id === id && one.severity !== 'info') }]));
}

// One fix of an element rules the others out, so taking all takes the first of each.
function fixList(groups, chosen) {
  const boxes = [];
  const all = h('input', { type: 'checkbox', class: 'form-check-input', onchange: () => { for (const box of boxes) box.set(all.checked && box.isFirst); settle(); } });
  const settle = () => { all.checked = boxes.every((box) => box.input.checked || !box.isFirst); };
  const rows = [...groups.values()].map(({ fixes, findings }) => {
    const own = fixes.map((fix, index) => {
      const input = h('input', { type: 'checkbox', class: 'form-check-input', onchange: () => { for (const other of own) if (other !== box) other.set(false); box.set(input.checked); settle(); } });
      const box = { input, isFirst: index === 0, set: (on) => { input.checked = on; if (on) chosen.add(fix.id); else chosen.delete(fix.id); } };
      if (chosen.has(fix.id)) input.checked = true;
      boxes.push(box);
      return Object.assign(box, { node: h('label', { class: 'form-check' }, input, h('span', {}, fix.text)) });
    });
    return h('li', {}, h('p', {}, icon(findings.some((one) => one.severity === 'error') ? 'alert-circle' : 'alert-triangle'), h('span', {}, h('strong', {}, fixes[0].where), ' ', findings.map((one) => one.text).join('；'))), own.map((box) => box.node));
  });
  settle();
  return h('section', {}, h('div', { class: 'import-head' }, h('h3', {}, t('可以自动修复', 'Can be mended for you')), h('label', { class: 'form-check' }, all, t('全部接受', 'Accept all'))), h('ul', { class: 'import-list' }, rows));
}

const section = (title, findings) => h('section', {}, h('h3', {}, title), lines(findings));

const lines = (findings) => h('ul', { class: 'import-list' }, findings.map((one) => h('li', { class: `is-${one.severity}` }, h('p', {}, icon(SIGNS[one.severity]), h('span', {}, one.where && h('strong', {}, one.where, ' '), one.text, one.fix && h('em', {}, ' ', one.fix))))));
