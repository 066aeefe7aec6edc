// What can be chosen, as this school has it: read once from the server, plus the fixed words of the extensions.
import { t } from '../texts.js';

let offered = {};

/** Keeps what the server offers: { forms, objects, handlers, decisions, roles, positions, groups, channels, templates }. */
export function offer(found) {
  offered = found;
}

const list = (name) => () => (offered[name] ?? []).map(({ key, label }) => ({ value: key, label: label && label !== key ? `${label}（${key}）` : key }));
const fixed = (pairs) => () => pairs.map(([value, label]) => ({ value, label }));

const WAYS = [
  ['starter', t('发起人', 'The starter')], ['branch_head', t('校区负责人', 'Branch head')], ['owner', t('记录负责人', "The record's owner")],
  ['superior:1', t('发起人的上级', "The starter's superior")], ['last_superior:1', t('上一处理人的上级', "The last handler's superior")],
  ['starter_chooses', t('由发起人选择', 'The starter chooses')], ['previous_chooses', t('由上一处理人选择', 'The previous handler chooses')],
];
const PREFIXES = { role: 'roles', position: 'positions', group: 'groups' };

function rules() {
  const named = Object.entries(PREFIXES).flatMap(([prefix, name]) => (offered[name] ?? []).map(({ key, label }) => ({ value: `${prefix}:${key}`, label: `${label}（${prefix}:${key}）` })));
  return [...fixed(WAYS)(), ...named];
}

export const choices = {
  objects: list('objects'), forms: list('forms'), handlers: list('handlers'), decisions: list('decisions'), channels: list('channels'), templates: list('templates'),
  rules,
  ruleLabel: (rule) => rules().find((option) => option.value === rule)?.label ?? rule,
  types: () => ['text', 'number', 'money', 'hours', 'boolean', 'date', 'dateTime', 'list', 'context'].map((value) => ({ value, label: value })),
  empty: fixed([['admin', t('交给管理员', 'Give it to an administrator')], ['skip', t('跳过', 'Skip')], ['starter', t('交给发起人', 'Give it to the starter')], ['fail', t('报异常', 'Incident')]]),
  samePerson: fixed([['ask', t('仍需处理', 'Ask again')], ['auto_approve', t('自动通过', 'Approve automatically')]]),
  self: fixed([['ask', t('仍需处理', 'Ask')], ['skip', t('跳过', 'Skip')], ['superior', t('转给上级', 'Ask the superior')]]),
  styles: fixed([['primary', t('主要', 'Primary')], ['danger', t('警示', 'Danger')], ['plain', t('普通', 'Plain')]]),
  comments: fixed([['optional', t('选填', 'Optional')], ['required', t('必填', 'Required')]]),
  fieldAccess: fixed([['read', t('只读', 'Read')], ['write', t('可写', 'Write')], ['required', t('必填', 'Required')], ['hidden', t('隐藏', 'Hidden')]]),
  ruleBranches: fixed([['record', t('记录所在校区', "The record's branch")], ['hq', t('总部', 'Headquarters')]]),
  strategies: fixed([['offer', t('候选人认领', 'Candidates claim')], ['least_load', t('待办最少者', 'Least load')], ['round_robin', t('轮流', 'Round robin')], ['all', t('全部人员', 'Everybody')]]),
  reminded: fixed([['assignee', t('处理人', 'The assignee')], ['superior', t('处理人的上级', 'The superior')]]),
  reminderActions: fixed([['urge', t('提醒', 'Remind')], ['escalate', t('升级', 'Escalate')], ['approve', t('自动同意', 'Approve')], ['reject', t('自动驳回', 'Reject')]]),
};
