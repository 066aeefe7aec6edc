// Who handles a task: the entries of one assignee rule, and what the task does when rules meet their limits.
import { choices } from './choices.js';
import { RuleTold } from './components.js';
import { argumentField, argumentOf, isLocal, kindOf, KINDS, ofKind, titleOf, withArgument } from './rules.js';
import { t } from '../words.js';

export const ASSIGNEES = {
  property: 'assignees', type: 'school:Assignee', label: t('处理人', 'Assignees'), shouldOpen: true, title: (item) => titleOf(item.rule ?? ''),
  fresh: () => ({ rule: ofKind('role') }),
  fields: (item) => [
    { key: 'kind', label: t('由谁处理', 'Who'), kind: 'select', required: true, choices: () => KINDS.map(([value, label]) => ({ value, label })), read: () => kindOf(item.rule), change: (kind) => ({ rule: ofKind(kind) }) },
    ...argument(item),
    ...(isLocal(item.rule) ? [{ name: 'branch', label: t('在哪个校区', 'At which branch'), kind: 'select', required: true, choices: choices.ruleBranches, read: () => item.branch ?? 'record', change: (value) => ({ branch: value === 'record' ? undefined : value }) }] : []),
    { name: 'strategy', label: t('分配方式', 'Strategy'), kind: 'select', required: true, choices: choices.strategies, read: () => item.strategy ?? 'offer', change: (value) => ({ strategy: value === 'offer' ? undefined : value }) },
    { key: 'told', component: RuleTold, rule: item.rule, branch: item.branch, strategy: item.strategy },
  ],
};

function argument(item) {
  const field = argumentField(item.rule);
  return field ? [{ key: 'argument', required: true, ...field, read: () => argumentOf(item.rule), change: (value) => ({ rule: withArgument(item.rule, value ?? '') }) }] : [];
}

export const LIMITS = [
  { name: 'empty', label: t('找不到处理人时', 'When nobody fits'), kind: 'select', choices: choices.empty },
  { name: 'same_person', label: t('同一人已审批过时', 'When the same person approved before'), kind: 'select', choices: choices.samePerson },
  { name: 'self', label: t('处理人是发起人时', 'When the assignee is the starter'), kind: 'select', choices: choices.self },
];
