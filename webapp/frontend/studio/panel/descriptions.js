// What each kind of element can be given beside plain BPMN: the table behind the properties panel.
// `single`: attributes of one extension; `flags`: an attribute of words as check boxes; `lists`: repeated children;
// `many`: extensions that stand several times.
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { desk } from '../desk.js';
import { extension } from '../extensions.js';
import { t } from '../words.js';
import { choices, OPERATIONS, USUAL_OPERATIONS } from './choices.js';
import { DecisionButtons, FormButtons, HandlerOffers } from './components.js';
import { durationHelp, inWords } from './durations.js';
import { ASSIGNEES, LIMITS } from './people.js';

const some = (...types) => (element) => types.some((type) => is(element, type));
const isTask = some('bpmn:UserTask', 'bpmn:ManualTask');
const isMessage = (element) => element.businessObject.eventDefinitions?.some((one) => one.$type === 'bpmn:MessageEventDefinition');
const isWorking = (element) => some('bpmn:ServiceTask', 'bpmn:SendTask')(element) || (is(element, 'bpmn:ThrowEvent') && isMessage(element));
// What has inputs of its own (a handler, a decision, a call) maps them there.
const isMapped = (element) => some('bpmn:UserTask', 'bpmn:ManualTask', 'bpmn:ReceiveTask', 'bpmn:ScriptTask', 'bpmn:SubProcess', 'bpmn:CatchEvent')(element) || (is(element, 'bpmn:ThrowEvent') && !isMessage(element));
const isUsed = (element, type) => Boolean(extension(element, type));
const feel = t('以 = 开头的是 FEEL 表达式', 'What starts with = is a FEEL expression');
const inputs = {
  property: 'inputs', type: 'school:Input', label: t('输入', 'Inputs'), title: (item) => item.name,
  fields: [{ name: 'name', label: t('参数', 'Parameter') }, { name: 'value', label: t('值', 'Value'), kind: 'area', help: feel }],
};
const outputs = {
  property: 'outputs', type: 'school:Output', label: t('输出', 'Outputs'), title: (item) => item.name,
  fields: [{ name: 'name', label: t('流程变量', 'Process variable') }, { name: 'value', label: t('值', 'Value'), kind: 'area', help: t('如 =result.proof', 'Such as =result.proof') }],
};
const binding = [
  { name: 'binding', label: t('版本', 'Version'), kind: 'select', choices: choices.bindings },
  { name: 'binding', key: 'tag', label: t('或带这个标签的版本', 'Or the version of a tag'), help: t('如 tag:2026秋季', 'Such as tag:autumn-2026') },
];

const OUTCOMES = {
  property: 'outcomes', type: 'school:Outcome', label: t('处理结果（按钮）', 'Outcomes (buttons)'), title: (item) => t(item.label_zh, item.label_en) || item.name,
  fields: [
    { name: 'name', label: t('标识', 'Name'), help: t('条件里这样写：任务.outcome = "标识"', 'Conditions say: task.outcome = "name"') }, { name: 'label_zh', label: t('中文', 'Chinese') }, { name: 'label_en', label: t('英文', 'English') },
    { name: 'style', label: t('样式', 'Style'), kind: 'select', choices: choices.styles },
    { name: 'comment', label: t('意见', 'Comment'), kind: 'select', choices: choices.comments },
  ],
  fresh: (others) => (others.some((item) => item.name === 'approve')
    ? { name: 'reject', label_zh: '驳回', label_en: 'Reject', style: 'danger', comment: 'required' } : { name: 'approve', label_zh: '同意', label_en: 'Approve', style: 'primary' }),
};
const FIELDS = {
  property: 'fields', type: 'school:FieldAccess', label: t('字段权限', 'Field access'), title: (item) => item.name,
  fields: [{ name: 'name', label: t('字段', 'Field') }, { name: 'access', label: t('权限', 'Access'), kind: 'select', choices: choices.fieldAccess }],
  fresh: () => ({ access: 'read' }),
};
const REMINDERS = {
  property: 'reminders', type: 'school:Reminder', label: t('提醒与超时', 'Reminders and timeout'), title: (item) => inWords(item.after || item.before_due) || item.after || item.before_due,
  fields: [
    { name: 'after', label: t('到达后', 'After arrival'), help: durationHelp }, { name: 'before_due', label: t('期限前', 'Before due'), help: durationHelp }, { name: 'repeat', label: t('之后每隔', 'Then every'), help: durationHelp },
    { name: 'to', label: t('提醒谁', 'Whom'), kind: 'select', choices: choices.reminded },
    { name: 'action', label: t('动作', 'Action'), kind: 'select', choices: choices.reminderActions },
  ],
  fresh: () => ({ after: 'P1D', to: 'assignee', action: 'urge' }),
};

const OVERLAYS = [['assignees', t('处理人', 'assignees')], ['due', t('期限', 'due times')], ['form', t('表单', 'forms')], ['decisions', t('决策表', 'decision tables')]];

const optionLines = (item) => (item.get('options') ?? []).map(({ value, zh, en }) => [value, zh, en].join('=')).join('\n');

function optionsFrom(text = '', tools) {
  const rows = text.split('\n').map((line) => line.split('=').map((part) => part.trim())).filter(([value]) => value);
  return rows.map(([value, zh, en]) => tools.bpmnFactory.create('school:Option', { value, zh: zh || value, en: en || zh || value }));
}

function otherTasks(element) {
  return desk.modeler.get('elementRegistry').filter((other) => other.type === 'bpmn:UserTask' && other !== element && !other.labelTarget)
    .map((other) => [other.id, other.businessObject.name || other.id]);
}

export const DESCRIPTIONS = [
  {
    id: 'process', label: t('业务', 'Business'), type: 'school:Process', on: some('bpmn:Process', 'bpmn:Participant'),
    single: [
      { name: 'record', label: t('围绕的对象', 'Object it is about'), kind: 'select', choices: choices.objects },
      { name: 'money', label: t('涉及资金：须第二人确认部署', 'Money: a second person confirms the deployment'), kind: 'check' },
      { name: 'lifecycle', label: t('驱动记录的阶段', "Drives the record's stage"), kind: 'check' },
      { name: 'principal', label: t('执行身份', 'Acts as'), help: t('处理器以此身份读写数据', 'Handlers read and write as this principal') },
    ],
    flags: { name: 'branches', label: (name) => t(`校区可改：${name}`, `Branches may change: ${name}`), options: () => OVERLAYS },
  },
  {
    id: 'cancel', label: t('撤销时归还', 'On cancelling'), type: 'school:Cancel', on: some('bpmn:Process', 'bpmn:Participant'),
    single: [{ name: 'handler', label: t('处理器', 'Handler'), kind: 'select', choices: choices.handlers, help: t('从外面撤销流程时，先归还占用的东西', 'Gives back what a case holds before it is cancelled from outside') }],
    lists: [{ ...inputs, label: t('撤销时归还：输入', 'On cancelling: inputs') }],
  },
  {
    id: 'variables', label: t('流程变量', 'Process variables'), on: some('bpmn:Process', 'bpmn:Participant'),
    many: {
      type: 'school:Variable', title: (item) => item.label || item.name,
      fields: [
        { name: 'name', label: t('名称', 'Name') }, { name: 'label', label: t('显示名', 'Label') },
        { name: 'type', label: t('类型', 'Type'), kind: 'select', choices: choices.types },
        { name: 'access', label: t('谁可查看', 'Who may see it'), help: t('public、operators 或 field:对象.字段', 'public, operators, or field:object.field') },
        { name: 'options', label: t('取值的叫法', 'Words of its values'), kind: 'area', help: t('一行一个：值=中文=英文', 'One a line: value=Chinese=English'), fromItem: optionLines, change: (value, tools) => ({ options: optionsFrom(value, tools) }) },
      ],
    },
  },
  {
    id: 'form', label: t('表单', 'Form'), type: 'school:Task', on: isTask, shouldOpen: true,
    single: [
      { name: 'form', label: t('填写的表单', 'Form to fill in'), kind: 'select', choices: choices.forms },
      { key: 'buttons', component: FormButtons },
    ],
    lists: [ASSIGNEES, OUTCOMES],
  },
  {
    id: 'time', label: t('期限', 'Due'), type: 'school:Task', on: isTask,
    single: [
      { name: 'due', label: t('多久内办完', 'Due after'), help: durationHelp },
      { name: 'priority', label: t('优先级', 'Priority'), help: t('数字越大越靠前', 'Higher comes first') },
    ],
    lists: [REMINDERS],
  },
  {
    id: 'limits', label: t('审批规则', 'Approval rules'), type: 'school:Task', on: isTask, single: LIMITS,
    flags: { name: 'distinct_from', label: (name) => t(`不得与“${name}”同一人`, `Not the same person as in “${name}”`), options: otherTasks },
  },
  {
    id: 'operations', label: t('允许的操作', 'Operations'), type: 'school:Task', on: isTask, single: [],
    flags: { name: 'operations', label: (name) => name, options: () => OPERATIONS, usual: USUAL_OPERATIONS },
  },
  {
    id: 'local', label: t('校区差异', 'Branches'), type: 'school:Task', on: isTask, single: [],
    flags: { name: 'branches', label: (name) => t(`校区可改：${name}`, `Branches may change: ${name}`), options: () => OVERLAYS.slice(0, 3) },
  },
  {
    id: 'record', label: t('记录与字段权限', 'Record and field access'), type: 'school:Task', on: isTask,
    single: [
      { name: 'record', label: t('绑定的记录', 'Bound record'), help: feel },
      { name: 'object', label: t('记录的对象', "The record's object"), kind: 'select', choices: choices.objects },
    ],
    lists: [FIELDS],
  },
  {
    id: 'title', label: t('标题', 'Title'), type: 'school:Title', on: some('bpmn:UserTask', 'bpmn:ManualTask', 'bpmn:Process', 'bpmn:Participant'),
    single: [{ name: 'text', label: t('待办中显示', 'Shown in the inbox'), kind: 'area', help: feel }],
  },
  {
    id: 'handler', shouldOpen: isUsed, label: t('处理器', 'Handler'), type: 'school:Handler', on: isWorking,
    single: [
      { name: 'name', label: t('处理器', 'Handler'), kind: 'select', choices: choices.handlers },
      { key: 'offers', component: HandlerOffers },
      { name: 'retries', label: t('重试次数', 'Retries'), number: true },
    ],
    lists: [inputs, outputs],
  },
  {
    id: 'job', shouldOpen: isUsed, label: t('外部作业', 'External job'), type: 'school:Job', on: some('bpmn:ServiceTask'),
    single: [
      { name: 'type', label: t('作业类型', 'Type of job'), help: t('没有处理器时，由外部程序按类型领取', 'Without a handler, programs outside fetch it by its type') },
      { name: 'retries', label: t('重试次数', 'Retries'), number: true },
    ],
  },
  {
    id: 'send', shouldOpen: isUsed, label: t('发送消息', 'Send'), type: 'school:Send', on: some('bpmn:SendTask', 'bpmn:ServiceTask', 'bpmn:ThrowEvent'),
    single: [
      { name: 'connector', label: t('渠道', 'Channel'), kind: 'select', choices: choices.channels },
      { name: 'template', label: t('模板', 'Template'), kind: 'select', choices: choices.templates },
      { name: 'to', label: t('收件人', 'To'), help: feel }, { name: 'expires', label: t('有效期', 'Expires after'), help: 'P2D' },
      { name: 'ordering', label: t('按什么排队', 'In order by'), help: t('同一个值的消息按先后发出', 'Messages of one value leave in their order') },
    ],
    lists: [inputs],
  },
  {
    id: 'decision', shouldOpen: true, label: t('决策表', 'Decision'), type: 'school:Decision', on: some('bpmn:BusinessRuleTask'),
    single: [
      { name: 'ref', label: t('决策', 'Decision'), kind: 'select', choices: choices.decisions }, { key: 'buttons', component: DecisionButtons }, ...binding,
      { name: 'result', label: t('结果存入变量', 'Result variable') },
    ],
    lists: [inputs],
  },
  {
    id: 'call', label: t('调用', 'Call'), type: 'school:Call', on: some('bpmn:CallActivity'), single: binding, lists: [inputs, outputs],
  },
  {
    id: 'lane', label: t('泳道的处理人', 'Assignees of the lane'), on: some('bpmn:Lane'), many: { ...ASSIGNEES, title: ASSIGNEES.title },
  },
  {
    id: 'input', label: t('输入映射', 'Input mapping'), on: isMapped, many: { ...inputs },
  },
  {
    id: 'output', label: t('输出映射', 'Output mapping'), on: isMapped, many: { ...outputs },
  },
  {
    id: 'stage', label: t('记录阶段', 'Record stage'), type: 'school:Stage', on: some('bpmn:FlowNode'),
    single: [{ name: 'value', label: t('进入时把阶段设为', 'On entry set the stage to') }],
  },
  {
    id: 'keys', label: t('消息关联', 'Correlation'), on: some('bpmn:ReceiveTask', 'bpmn:CatchEvent'),
    many: { type: 'school:Key', title: (item) => item.name, fields: [{ name: 'name', label: t('键', 'Key') }, { name: 'value', label: t('值', 'Value'), help: feel }] },
  },
];
