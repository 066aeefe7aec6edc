// What can be chosen, as this school has it: read once from the server, plus the fixed words of the extensions.
import { desk } from '../desk.js';
import { t } from '../words.js';

let offered = {};

/** Keeps what the server offers: { forms, objects, handlers, decisions, roles, positions, groups, users, channels, templates, processes }. */
export function offer(found) {
  offered = found;
}

const list = (name) => () => (offered[name] ?? []).map(({ key, label }) => ({ value: key, label: label || key }));
// The files on the desk come first: what was just made, under the name it has now.
const withFiles = (name) => () => {
  const own = desk.files?.offered()[name] ?? [];
  return [...own, ...list(name)().filter(({ value }) => !own.some((one) => one.value === value))];
};
const fixed = (pairs) => () => pairs.map(([value, label]) => ({ value, label }));

const TYPES = [
  ['text', t('文字', 'Text')], ['number', t('数字', 'Number')], ['money', t('金额', 'Amount')], ['hours', t('课时', 'Hours')], ['boolean', t('是或否', 'Yes or no')],
  ['date', t('日期', 'Date')], ['dateTime', t('日期和时间', 'Date and time')], ['list', t('列表', 'List')], ['context', t('一组值', 'Group of values')],
].map(([value, label]) => ({ value, label }));

/** The handler of that name with its inputs and outputs, or undefined. */
export const handlerOf = (name) => (offered.handlers ?? []).find(({ key }) => key === name);

export const choices = {
  objects: list('objects'), forms: withFiles('forms'), handlers: list('handlers'), decisions: withFiles('decisions'), channels: list('channels'), templates: list('templates'), processes: list('processes'),
  roles: list('roles'), positions: list('positions'), groups: list('groups'), users: list('users'),
  types: () => [...TYPES, ...list('objects')().map(({ value, label }) => ({ value: `record:${value}`, label: t(`记录：${label}`, `Record: ${label}`) }))],
  empty: fixed([['admin', t('交给管理员', 'Give it to an administrator')], ['skip', t('跳过', 'Skip')], ['starter', t('交给发起人', 'Give it to the starter')], ['fail', t('报异常', 'Incident')]]),
  samePerson: fixed([['ask', t('仍需处理', 'Ask again')], ['auto_approve', t('自动通过', 'Approve automatically')]]),
  self: fixed([['ask', t('仍需处理', 'Ask')], ['skip', t('跳过', 'Skip')], ['superior', t('转给上级', 'Ask the superior')]]),
  styles: fixed([['primary', t('主要', 'Primary')], ['danger', t('警示', 'Danger')], ['plain', t('普通', 'Plain')]]),
  comments: fixed([['optional', t('选填', 'Optional')], ['required', t('必填', 'Required')]]),
  fieldAccess: fixed([['read', t('只读', 'Read')], ['write', t('可写', 'Write')], ['required', t('必填', 'Required')], ['hidden', t('隐藏', 'Hidden')]]),
  ruleBranches: fixed([['record', t('业务所在校区', 'The branch of the case')], ['hq', t('总部', 'Headquarters')]]),
  strategies: fixed([['offer', t('任一人认领', 'Anyone claims')], ['least_load', t('待办最少者', 'Least load')], ['round_robin', t('轮流', 'Round robin')], ['all', t('全部人员', 'Everybody')]]),
  reminded: fixed([['assignee', t('处理人', 'The assignee')], ['superior', t('处理人的上级', 'The superior')]]),
  reminderActions: fixed([['urge', t('提醒', 'Remind')], ['escalate', t('升级', 'Escalate')], ['approve', t('自动同意', 'Approve')], ['reject', t('自动驳回', 'Reject')]]),
  bindings: fixed([['deployment', t('随本次部署', 'Of this deployment')], ['latest', t('总是最新', 'Always the latest')]]),
};

/** What people may do with a task besides completing it. */
export const OPERATIONS = [
  ['claim', t('认领', 'Claim')], ['save', t('保存草稿', 'Save')], ['return', t('退回', 'Return')], ['transfer', t('转办', 'Hand over')], ['delegate', t('委派', 'Delegate')],
  ['withdraw', t('撤回', 'Withdraw')], ['cc', t('抄送', 'Send a copy')], ['urge', t('催办', 'Urge')], ['add_signer', t('加签', 'Add signers')], ['remove_signer', t('减签', 'Remove signers')],
];
/** Without a list of its own a task allows all but signers. */
export const USUAL_OPERATIONS = OPERATIONS.map(([name]) => name).filter((name) => !name.endsWith('signer'));
