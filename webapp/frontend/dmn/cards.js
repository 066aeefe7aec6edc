// A decision table as a list of cards, one rule each: for phones, where a table is too wide to work in.
import { h, icon } from '../studio/dom.js';
import { t } from '../studio/words.js';
import { openTrial } from './trial.js';

const TEXT = /^"((?:[^"\\]|\\.)*)"$/;
const ANY = ['', '-'];

/** Opens the decisions in the pane; `store(xml)` is called at each change. `files()`: those it may import. */
export async function openCards(pane, xml, store, { file, files }) {
  const parsed = new DOMParser().parseFromString(xml, 'application/xml');
  const decisions = [...parsed.querySelectorAll('decision')].filter((one) => child(one, 'decisionTable'));
  const list = h('ol', { class: 'rule-cards' });
  let decision = decisions[0];
  let held = [];
  let text = xml;
  const trial = openTrial({ file, read: () => text, decision: () => decision?.getAttribute('id'), files, mark: (ids, taken) => { held = ids; for (const card of list.children) { card.classList.toggle('is-held', ids.includes(card.dataset.rule)); card.classList.toggle('is-taken', card.dataset.rule === taken); } } });
  const changed = () => {
    text = printed(parsed);
    store(text);
    trial.refresh();
  };
  const draw = () => {
    const table = decision && child(decision, 'decisionTable');
    list.replaceChildren(...(table ? children(table, 'rule').map((rule, index, all) => card(table, rule, index, all.length)) : []));
  };
  const edit = (change) => { change(); changed(); draw(); };

  function card(table, rule, index, count) {
    const tools = [['arrow-up', t('上移', 'Move up'), index > 0, () => rule.previousElementSibling.before(rule)], ['arrow-down', t('下移', 'Move down'), index < count - 1, () => rule.nextElementSibling.after(rule)],
      ['copy', t('复制', 'Copy'), true, () => rule.after(copied(rule))], ['trash', t('删除', 'Delete'), count > 1, () => rule.remove()]];
    return h('li', { class: `rule-card${held.includes(rule.getAttribute('id')) ? ' is-held' : ''}`, 'data-rule': rule.getAttribute('id') },
      h('div', { class: 'rule-head' }, h('strong', {}, t(`规则 ${index + 1}`, `Rule ${index + 1}`)), tools.map(([name, label, on, run]) => h('button', { type: 'button', class: 'icon-btn', 'aria-label': `${t(`规则 ${index + 1}`, `Rule ${index + 1}`)}：${label}`, disabled: !on, onclick: () => edit(run) }, icon(name)))),
      h('div', { class: 'rule-part' }, h('span', { class: 'rule-when' }, t('当', 'When')), children(table, 'input').map((column, at) => cell(column, children(rule, 'inputEntry')[at], true))),
      h('div', { class: 'rule-part' }, h('span', { class: 'rule-when' }, t('则', 'Then')), children(table, 'output').map((column, at) => cell(column, children(rule, 'outputEntry')[at], false))));
  }

  function cell(column, entry, isInput) {
    const label = column.getAttribute('label') || column.getAttribute('name') || textOf(child(column, 'inputExpression')).textContent;
    const kind = (isInput ? child(column, 'inputExpression') : column).getAttribute('typeRef') ?? '';
    const body = textOf(entry);
    const now = body.textContent.trim();
    const write = (value) => { body.textContent = value; changed(); };
    return h('label', { class: 'rule-cell' }, h('span', {}, label), kind === 'boolean' && [...ANY, 'true', 'false'].includes(now) ? yesNo(now, write, isInput) : field(now, write, isInput));
  }

  // Texts of results are written without their quotes; what is computed stays as it is.
  function field(now, write, isInput) {
    const plain = isInput ? null : TEXT.exec(now);
    const input = h('input', { class: `form-control${plain ? '' : ' is-feel'}`, value: plain ? plain[1].replace(/\\(.)/g, '$1') : isInput && ANY.includes(now) ? '' : now, placeholder: isInput ? t('任意', 'any') : '', autocapitalize: 'off', autocomplete: 'off', spellcheck: false });
    input.addEventListener('change', () => write(plain ? `"${input.value.replace(/["\\]/g, '\\$&')}"` : input.value.trim() || (isInput ? '-' : '')));
    return input;
  }

  function yesNo(now, write, isInput) {
    const options = [...(isInput ? [['-', t('任意', 'any')]] : []), ['true', t('是', 'Yes')], ['false', t('否', 'No')]];
    return h('select', { class: 'form-select', onchange: ({ target }) => write(target.value) }, options.map(([value, label]) => h('option', { value, selected: value === now }, label)));
  }

  const choice = decisions.length > 1 && h('select', { class: 'form-select', 'aria-label': t('哪张决策表', 'Which table'), onchange: ({ target }) => { decision = decisions[target.value]; draw(); trial.refresh(); } }, decisions.map((one, index) => h('option', { value: index }, one.getAttribute('name') || one.getAttribute('id'))));
  const add = h('button', { type: 'button', class: 'btn', onclick: () => edit(() => addRule(child(decision, 'decisionTable'))) }, icon('plus'), t('新增规则', 'Add a rule'));
  pane.append(h('div', { class: 'dmn-cards' }, choice, decision ? [trial.node, list, add] : h('p', { class: 'foot-empty' }, t('这个文件里没有决策表，请在电脑上修改', 'No table in this file: change it on a desk'))));
  draw();
  if (decision) trial.refresh();
  return { save: () => document.activeElement?.blur(), close: () => document.activeElement?.blur() };
}

const child = (node, name) => children(node, name)[0];
const children = (node, name) => [...node.children].filter((one) => one.localName === name);
const make = (like, name) => like.ownerDocument.createElementNS(like.namespaceURI, like.prefix ? `${like.prefix}:${name}` : name);

function textOf(entry) {
  return child(entry, 'text') ?? entry.appendChild(make(entry, 'text'));
}

function copied(rule) {
  const made = rule.cloneNode(true);
  for (const one of [made, ...made.querySelectorAll('[id]')]) if (one.hasAttribute('id')) one.setAttribute('id', freshId(one.localName));
  return made;
}

function addRule(table) {
  const rule = make(table, 'rule');
  rule.setAttribute('id', freshId('rule'));
  for (const [columns, name, text] of [['input', 'inputEntry', '-'], ['output', 'outputEntry', '']]) {
    for (const column of children(table, columns)) {
      const entry = rule.appendChild(make(table, name));
      entry.setAttribute('id', freshId(name));
      textOf(entry).textContent = text || (column.getAttribute('typeRef') === 'string' ? '""' : '');
    }
  }
  table.append(rule);
}

const freshId = (kind) => `${kind}_${Math.random().toString(36).slice(2, 9)}`;

function printed(parsed) {
  const text = new XMLSerializer().serializeToString(parsed);
  return text.startsWith('<?xml') ? text : `<?xml version="1.0" encoding="UTF-8"?>\n${text}`;
}
