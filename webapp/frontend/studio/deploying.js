// Deploying: what changed and what it means, then the server's word; a newer version of somebody else stops it first.
import { changeList, listChanges, readChanges } from './changes.js';
import { address, desk, part, root } from './desk.js';
import { h, icon } from './dom.js';
import { showFindings } from './findings.js';
import { say } from './notices.js';
import { ask } from './server.js';
import { t } from './words.js';

let known = Number(root.dataset.newest);

/** Opens the dialog on the present files. */
export async function openDialog(sources) {
  const found = await readChanges(sources);
  listChanges(found);
  part('deploy-told').replaceChildren(...told(found));
  button().disabled = !found.changes.length && Number(root.dataset.number) === known;
  part('deploying').showModal();
  part('note').focus();
}

function told({ changes, running, money, limits, newest }) {
  const notes = [];
  if (running) notes.push(note('info-circle', t(`${running} 个进行中的流程实例按原来的版本走完，新发起的走新版本。`, `Running cases (${running}) finish on their own version; new ones take this one.`)));
  else notes.push(note('info-circle', t('部署后新发起的流程走新版本。', 'Cases started from now on take the new version.')));
  if (limits) notes.push(note('alert-triangle', t('改动涉及额度、条件或期限，请核对数字。', 'Limits, conditions or terms change: check the figures.'), 'is-warning'));
  if (money) notes.push(note('shield-check', t('这个流程涉及资金：须另一位有“流程管理”权限的人批准后才生效。', 'This process moves money: another person who manages processes has to approve.'), 'is-warning'));
  const title = changes.length ? t(`与版本 ${newest} 相比，${changes.length} 处改动`, `${changes.length} ${changes.length === 1 ? 'change' : 'changes'} since version ${newest}`) : t(`与版本 ${newest} 没有差别`, `No difference from version ${newest}`);
  return [h('h3', {}, title), changeList(changes), ...notes];
}

function note(name, text, css = '') {
  return h('p', { class: `deploy-note ${css}` }, icon(name), text);
}

/** Deploys; `done(answer)` is called with `{ status, number }`. */
export async function deployNow(sources, accept, done) {
  button().disabled = true;
  try {
    const answer = await ask(address('deploy'), { sources, name: part('note').value.trim(), newest: known });
    known = answer.number ?? known;
    part('deploying').close();
    part('note').value = '';
    done(answer);
  } catch (error) {
    await refused(error, sources, accept, done);
  } finally {
    button().disabled = false;
  }
}

async function refused(error, sources, accept, done) {
  if (error.body?.code === 'version_newer') {
    await offerBoth(error, () => deployNow(sources, accept, done));
    return;
  }
  part('deploying').close();
  if (error.body?.findings) showFindings(error.body, accept);
  say(error.message, { isError: true });
}

async function offerBoth(error, again) {
  const { number } = await ask(address('newer'));
  const actions = h('div', { class: 'deploy-choices' },
    h('a', { class: 'btn btn-sm', href: `${address('history')}/versions/${number}`, target: '_blank' }, t('看看对方改了什么', 'See what they changed')),
    h('button', { type: 'button', class: 'btn btn-sm', onclick: () => { known = number; again(); } }, t('仍用我的版本', 'Deploy mine on top')));
  part('deploy-told').replaceChildren(h('div', { class: 'notice is-danger', role: 'alert' }, icon('alert-triangle'), h('div', {}, h('strong', {}, error.message), h('p', {}, error.body.hint), actions)));
}

/** Tells when somebody deployed a newer version while this page was open. */
export async function watchNewer() {
  const { number, by } = await ask(address('newer'));
  if (number <= known || desk.told === number) return;
  desk.told = number;
  say(t(`${by}刚部署了版本 ${number}，您正在旧版本上修改`, `${by} has deployed version ${number}: you are changing an older one`), {
    action: { label: t('打开新版本', 'Open it'), run: () => { location.href = location.pathname; } },
  });
}

const button = () => root.querySelector('[data-action="deploy-now"]');
