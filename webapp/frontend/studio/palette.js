// The palette and the pad beside an element offer what schools draw: tasks for people and for the system, no bare tasks.
import { t } from './words.js';

const LEFT_OUT = ['create.task', 'create.data-object', 'create.data-store', 'create.group'];
const AFTER = 'create.exclusive-gateway';
const ENTRY_HEIGHT = 38; // as in canvas.css
const LINES_HEIGHT = 40; // between groups, and around them
const MADE = [
  ['user-task', 'bpmn:UserTask', 'bpmn-icon-user-task', t('新建用户任务（由人办理）', 'Create a user task')],
  ['service-task', 'bpmn:ServiceTask', 'bpmn-icon-service-task', t('新建服务任务（系统自动做）', 'Create a service task')],
];

class SchoolPalette {
  constructor(palette, contextPad, create, autoPlace, elementFactory) {
    Object.assign(this, { create, autoPlace, elementFactory });
    palette._needsCollapse = (height, entries) => height < Object.keys(entries).filter((name) => !name.includes('separator')).length * ENTRY_HEIGHT + LINES_HEIGHT;
    palette.registerProvider(400, this);
    contextPad.registerProvider(400, this);
  }

  getPaletteEntries() {
    return (entries) => Object.entries(entries).reduce((kept, [name, entry]) => {
      if (LEFT_OUT.includes(name)) return kept;
      return { ...kept, [name]: entry, ...(name === AFTER ? this.made() : {}) };
    }, {});
  }

  made() {
    return Object.fromEntries(MADE.map(([name, type, className, title]) => {
      const begin = (event) => this.create.start(event, this.elementFactory.createShape({ type }));
      return [`create.${name}`, { group: 'activity', className, title, action: { dragstart: begin, click: begin } }];
    }));
  }

  getContextPadEntries(element) {
    return (entries) => {
      const append = entries['append.append-task'];
      if (!append) return entries;
      const fresh = () => this.elementFactory.createShape({ type: 'bpmn:UserTask' });
      const drag = (event) => this.create.start(event, fresh(), { source: element });
      const action = { dragstart: drag, click: () => this.autoPlace.append(element, fresh()) };
      return { ...entries, 'append.append-task': { ...append, className: 'bpmn-icon-user-task', title: t('追加用户任务', 'Append a user task'), action } };
    };
  }
}
SchoolPalette.$inject = ['palette', 'contextPad', 'create', 'autoPlace', 'elementFactory'];

export const schoolPaletteModule = { __init__: ['schoolPalette'], schoolPalette: ['type', SchoolPalette] };
