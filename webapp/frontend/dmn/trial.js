// Trying a table out: example values in, the rules that hold and the result out; and what the hit policy means.
import { address } from '../studio/desk.js';
import { h, icon, settled } from '../studio/dom.js';
import { ask } from '../studio/server.js';
import { t } from '../studio/words.js';
import { policyWords, takesFirst } from './policies.js';

const AFTER_MS = 300;
const HINTS = { number: '5000', date: '2026-09-01', time: '08:30:00', dateTime: '2026-09-01T08:30:00' };

/**
 * A panel on a table. `read()` gives the file's text, `decision()` the id of the decision on view, `files()` those it may import;
 * `mark(ids, taken)` shows which rules hold. Gives `{ node, refresh }`: call the latter after each change.
 */
export function openTrial({ file, read, decision, files, mark }) {
  const policy = h('p', { class: 'trial-policy' });
  const fields = h('div', { class: 'trial-fields' });
  const told = h('div', { class: 'trial-told', role: 'status' });
  const node = h('section', { class: 'trial', 'aria-label': t('试算', 'Try it out') }, policy,
    h('details', { ontoggle: ({ target }) => { if (target.open) soon(); else mark([], null); } }, h('summary', {}, icon('calculator'), t('试算：填几个例子，看哪条规则起作用', 'Try it out: fill in an example and see which rules hold')), fields, told));
  const box = node.querySelector('details');
  const given = {};
  let shown = '';

  const body = (inputs) => ({ files: { ...files(), [file]: read() }, file, decision: decision(), inputs });

  async function refresh() {
    const table = tableOf(read(), decision());
    policy.textContent = table ? policyWords(table) : '';
    if (box.open) await evaluate(table);
  }

  async function evaluate(table) {
    const asked = await ask(address('trial'), body(null));
    if (asked.error) return say([h('p', { class: 'is-error' }, asked.error)]);
    draw(asked.decisions.find(({ id }) => id === decision())?.inputs ?? []);
    const answer = await ask(address('trial'), body({ ...given }));
    return answer.error ? say([h('p', { class: 'is-error' }, answer.error)]) : tell(answer, table);
  }

  // Drawn anew only when the questions change: who types keeps the cursor.
  function draw(inputs) {
    const key = JSON.stringify(inputs);
    if (key === shown) return;
    shown = key;
    fields.replaceChildren(...inputs.map(({ name, label, type }) => {
      given[name] ??= '';
      return h('label', {}, h('span', {}, label), type === 'boolean' ? choice(name) : entry(name, type));
    }));
  }

  function entry(name, type) {
    const input = h('input', { class: 'form-control', value: given[name], placeholder: HINTS[type] ?? '', inputmode: type === 'number' ? 'decimal' : undefined, autocomplete: 'off' });
    input.addEventListener('input', () => { given[name] = input.value; soon(); });
    return input;
  }

  function choice(name) {
    const options = [['', t('不知道', 'Unknown')], ['true', t('是', 'Yes')], ['false', t('否', 'No')]];
    return h('select', { class: 'form-select', onchange: ({ target }) => { given[name] = target.value; soon(); } }, options.map(([value, text]) => h('option', { value, selected: value === given[name] }, text)));
  }

  function tell({ value, rules, problems }, table) {
    const all = table ? [...table.children].filter((one) => one.localName === 'rule').map((one) => one.getAttribute('id')) : [];
    const numbers = rules.map((id) => all.indexOf(id) + 1).filter(Boolean).join(t('、', ', '));
    const own = rules.filter((id) => all.includes(id));
    mark(own, table && takesFirst(table) ? own[0] : null);
    const which = numbers ? t(`第 ${numbers} 条规则符合`, /\D/.test(numbers) ? `Rules ${numbers} hold` : `Rule ${numbers} holds`) : t('没有规则符合', 'No rule holds');
    const taken = own.length > 1 && table && takesFirst(table) ? t(`，取第 ${all.indexOf(own[0]) + 1} 条`, `; rule ${all.indexOf(own[0]) + 1} decides`) : '';
    say([h('p', {}, h('strong', {}, which + taken)), h('p', {}, t('结果：', 'Result: '), h('span', { class: 'trial-value' }, words(value, labels(table)))), ...problems.map((text) => h('p', { class: 'is-error' }, text))]);
  }

  const say = (lines) => told.replaceChildren(...lines);
  const soon = settled(() => { refresh(); }, AFTER_MS);
  return { node, refresh: soon };
}

function tableOf(xml, id) {
  const parsed = new DOMParser().parseFromString(xml, 'application/xml');
  const found = [...parsed.querySelectorAll('decision')].find((one) => one.getAttribute('id') === id);
  return found?.querySelector('decisionTable') ?? null;
}

const labels = (table) => Object.fromEntries(table ? [...table.children].filter((one) => one.localName === 'output').map((one) => [one.getAttribute('name'), one.getAttribute('label') || one.getAttribute('name')]) : []);

function words(value, named) {
  if (value === null) return t('没有', 'none');
  if (value === true || value === false) return value ? t('是', 'yes') : t('否', 'no');
  if (Array.isArray(value)) return value.map((one) => words(one, named)).join(t('；', '; ')) || t('没有', 'none');
  if (typeof value === 'object') return Object.entries(value).map(([name, one]) => `${named[name] ?? name} = ${words(one, named)}`).join(t('，', ', '));
  return String(value);
}
