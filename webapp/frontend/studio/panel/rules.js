// Assignee rules as a choice of kind and an argument: `role:finance` is "a role" and "finance".
import { choices } from './choices.js';
import { t } from '../words.js';

const NAMED = { role: 'roles', position: 'positions', group: 'groups', user: 'users', decision: 'decisions' };
const ARGUMENTS = { role: t('角色', 'Role'), position: t('岗位', 'Position'), group: t('用户组', 'Group'), user: t('人员', 'Person'), decision: t('决策表', 'Decision') };
const COUNTED = ['superior', 'last_superior'];

/** Kinds in the order people look for them. */
export const KINDS = [
  ['role', t('某个角色的人', 'A role')], ['position', t('某个岗位的人', 'A position')], ['branch_head', t('校区负责人', 'Branch head')], ['superior', t('发起人的上级', "The starter's superior")],
  ['starter', t('发起人自己', 'The starter')], ['owner', t('记录的负责人', "The record's owner")], ['group', t('用户组', 'A group')], ['user', t('指定的人', 'One person')],
  ['last_superior', t('上一处理人的上级', "The previous handler's superior")], ['starter_chooses', t('由发起人选择', 'The starter chooses')],
  ['previous_chooses', t('由上一处理人选择', 'The previous handler chooses')], ['field', t('记录字段里的人', "A field of the record")], ['decision', t('由决策表决定', 'A decision')], ['=', t('由表达式决定', 'An expression')],
];

export function kindOf(rule = '') {
  return rule.startsWith('=') ? '=' : rule.split(':')[0];
}

export function argumentOf(rule = '') {
  return rule.startsWith('=') ? rule.slice(1) : rule.split(':').slice(1).join(':');
}

/** The rule after its kind changed; the argument begins with the first there is. */
export function ofKind(kind) {
  if (kind in NAMED) return `${kind}:${choices[NAMED[kind]]()[0]?.value ?? ''}`;
  if (COUNTED.includes(kind)) return `${kind}:1`;
  if (kind === 'field') return 'field:owner_id';
  return kind === '=' ? '=starter' : kind;
}

export const withArgument = (rule, argument) => (kindOf(rule) === '=' ? `=${argument}` : `${kindOf(rule)}:${argument}`);

/** How the argument is asked for; null when the kind has none. */
export function argumentField(rule) {
  const kind = kindOf(rule);
  if (kind in NAMED) return { kind: 'select', label: ARGUMENTS[kind], choices: choices[NAMED[kind]] };
  if (COUNTED.includes(kind)) return { kind: 'select', label: t('往上几级', 'Steps up'), choices: () => [1, 2, 3, 4].map((value) => ({ value: String(value), label: t(`${value} 级`, `${value}`) })) };
  if (kind === 'field') return { label: t('字段', 'Field'), help: t('如 owner_id 或 consultant_id', 'Such as owner_id') };
  return kind === '=' ? { kind: 'area', label: t('表达式（FEEL）', 'Expression (FEEL)'), help: t('结果是账号或账号的列表', 'Gives a user or a list of users') } : null;
}

export const isLocal = (rule) => ['role', 'position', 'branch_head'].includes(kindOf(rule));

/** A short title for the list. */
export function titleOf(rule) {
  const name = KINDS.find(([kind]) => kind === kindOf(rule))?.[1] ?? rule;
  const field = argumentField(rule);
  if (!field) return name;
  const argument = argumentOf(rule);
  return field.choices ? field.choices().find(({ value }) => value === argument)?.label ?? argument : `${name} ${argument}`;
}
