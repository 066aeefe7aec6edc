// The files of a process as tabs: its BPMN on the canvas, decision tables in the DMN editor, forms as text.
import { t } from './texts.js';

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

  draw() {
    const names = [this.mainName, ...Object.keys(this.sources).filter((name) => name !== this.mainName).sort()];
    this.tabs.replaceChildren(...names.map((name) => {
      const tab = Object.assign(document.createElement('button'), { type: 'button', className: 'studio-tab', textContent: label(name) });
      tab.setAttribute('role', 'tab');
      tab.setAttribute('aria-selected', String(name === this.current));
      tab.addEventListener('click', () => this.open(name));
      return tab;
    }));
  }

  async open(name) {
    await this.leave();
    this.current = name;
    this.draw();
    this.showCanvas(name === this.mainName);
    this.pane.hidden = name === this.mainName;
    if (name.endsWith('.dmn')) this.editor = await dmnEditor(this.pane, this.sources[name], (xml) => this.store(name, xml));
    else if (name !== this.mainName) this.editor = textEditor(this.pane, this.sources[name], (text) => this.store(name, text));
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
    if (this.sources[name] === text) return;
    this.sources[name] = text;
    this.changed();
  }
}

function label(name) {
  if (name.endsWith('.bpmn')) return t('流程图', 'Diagram');
  return `${name.endsWith('.dmn') ? t('决策表', 'Decision') : t('表单', 'Form')} ${name.replace(/\.\w+$/, '')}`;
}

function textEditor(pane, text, store) {
  const area = Object.assign(document.createElement('textarea'), { value: text, className: 'studio-text', spellcheck: false });
  area.setAttribute('aria-label', t('表单定义（JSON）', 'Form definition (JSON)'));
  area.addEventListener('change', () => store(area.value));
  pane.append(area);
  return { save: () => store(area.value), close: () => store(area.value) };
}

async function dmnEditor(pane, xml, store) {
  const { openDecisions } = await import('../dmn/editor.js');
  return openDecisions(pane, xml, store);
}
