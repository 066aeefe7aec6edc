// The files of a process as tabs: its BPMN on the canvas, decision tables in the DMN editor, forms in the form editor.
import { decisionsIn, freshDecisions, titleOfDecisions } from './decisions.js';
import { isReadOnly } from './desk.js';
import { h, icon } from './dom.js';
import { freshForm, titleOfForm } from './forms/document.js';
import { t } from './words.js';

const ICONS = { bpmn: 'sitemap', dmn: 'table', json: 'forms' };
const ORDER = ['bpmn', 'dmn', 'json'];
const kindOf = (name) => name.split('.').pop();

export class Files {
  constructor(tabs, pane, sources, main, showCanvas, changed) {
    Object.assign(this, { tabs, pane, mainName: main, showCanvas, changed });
    this.sources = { ...sources };
    this.editor = null;
    this.current = main;
    this.draw();
  }

  main() {
    return this.sources[this.mainName];
  }

  setMain(xml) {
    this.sources[this.mainName] = xml;
  }

  all() {
    return { ...this.sources };
  }

  tables() {
    return Object.fromEntries(Object.entries(this.sources).filter(([name]) => name.endsWith('.dmn')));
  }

  /** What people call a file. */
  titleOf(name) {
    if (name === this.mainName) return t('流程图', 'Diagram');
    return (kindOf(name) === 'json' ? titleOfForm(this.sources[name]) : titleOfDecisions(this.sources[name])) || name;
  }

  /** The file that holds the form of that key. */
  fileOfForm(key) {
    return Object.keys(this.sources).find((name) => name.endsWith('.json') && this.sources[name].includes(`"${key}"`) && keyOf(this.sources[name]) === key);
  }

  /** The file that holds that decision. */
  fileOfDecision(id) {
    return Object.keys(this.tables()).find((name) => decisionsIn(this.sources[name]).some(({ value }) => value === id));
  }

  /** What tasks may name of these files: `{ value, label }` of forms and of decisions. */
  offered() {
    const forms = Object.values(this.sources).filter((text) => keyOf(text));
    return { forms: forms.map((text) => ({ value: keyOf(text), label: titleOfForm(text) || keyOf(text) })), decisions: Object.values(this.tables()).flatMap(decisionsIn) };
  }

  draw() {
    const rest = Object.keys(this.sources).filter((name) => name !== this.mainName);
    rest.sort((one, other) => ORDER.indexOf(kindOf(one)) - ORDER.indexOf(kindOf(other)) || one.localeCompare(other));
    this.tabs.replaceChildren(...[this.mainName, ...rest].map((name) => this.tab(name)));
  }

  tab(name) {
    const title = this.titleOf(name);
    return h('button', { type: 'button', role: 'tab', class: 'studio-tab', title: name, 'aria-selected': String(name === this.current), onclick: () => this.open(name) }, icon(ICONS[kindOf(name)] ?? 'file-text'), title);
  }

  /** Adds a form of this process and opens it; gives its key. */
  async addForm(object) {
    const process = this.mainName.replace(/\.\w+$/, '');
    let number = 1;
    while (`form_${number}.json` in this.sources) number += 1;
    const key = `${process}.form_${number}`;
    this.sources[`form_${number}.json`] = freshForm(key, object);
    await this.open(`form_${number}.json`);
    this.changed();
    return key;
  }

  /** Adds decisions of this process and opens them; gives the id of the first. */
  async addDecisions() {
    const process = this.mainName.replace(/\.\w+$/, '');
    let number = 1;
    while (`decision_${number}.dmn` in this.sources) number += 1;
    const id = `${process}_decision_${number}`;
    this.sources[`decision_${number}.dmn`] = freshDecisions(id);
    await this.open(`decision_${number}.dmn`);
    this.changed();
    return id;
  }

  /** Adds a file brought along, or puts it in the place of the one of that name. */
  put(name, text) {
    this.sources[name] = text;
    this.draw();
  }

  async remove(name) {
    await this.open(this.mainName);
    delete this.sources[name];
    this.draw();
    this.changed();
  }

  async open(name) {
    if (!(name in this.sources) || name === this.current) return;
    await this.leave();
    this.current = name;
    this.draw();
    this.showCanvas(name === this.mainName);
    this.pane.hidden = name === this.mainName;
    const store = (text) => this.store(name, text);
    if (name.endsWith('.dmn')) this.editor = await (await import('../dmn/editor.js')).openDecisions(this.pane, this.sources[name], store, { isPhone: isReadOnly, file: name, files: () => this.tables() });
    else if (name !== this.mainName) this.editor = await (await import('./forms/editor.js')).openForm(this.pane, this.sources[name], store, { remove: () => this.remove(name) });
  }

  /** Takes over what the open editor has not handed over yet. */
  async settle() {
    await this.editor?.save();
  }

  async leave() {
    await this.editor?.close();
    this.editor = null;
    this.pane.replaceChildren();
  }

  store(name, text) {
    if ((isReadOnly && !name.endsWith('.dmn')) || !(name in this.sources) || this.sources[name] === text) return;
    const before = this.titleOf(name);
    this.sources[name] = text;
    if (this.titleOf(name) !== before) this.draw();
    this.changed();
  }
}

function keyOf(text) {
  try {
    return JSON.parse(text).key;
  } catch {
    return '';
  }
}
