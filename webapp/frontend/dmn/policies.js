// Hit policies in words: what happens when several rules hold.
import { t } from '../studio/words.js';

const WORDS = {
  UNIQUE: ['唯一：最多只能有一条规则符合，几条同时符合就没有结果', 'Unique: at most one rule may hold; when several do there is no result'],
  FIRST: ['首个：从上往下，取第一条符合的规则', 'First: from top to bottom, the first rule that holds decides'],
  ANY: ['任意：可以有几条符合，但结果必须相同', 'Any: several rules may hold, with the same result'],
  PRIORITY: ['优先级：几条符合时，取结果在可选值里排得最前的', 'Priority: of those that hold, the result that stands first in the output values'],
  COLLECT: ['收集：把所有符合的规则的结果列出来', 'Collect: the results of all rules that hold, as a list'],
  'COLLECT SUM': ['求和：把所有符合的规则的结果加起来', 'Sum: the results of all rules that hold are added up'],
  'COLLECT MIN': ['最小：取所有符合的规则中最小的结果', 'Minimum: the smallest result of the rules that hold'],
  'COLLECT MAX': ['最大：取所有符合的规则中最大的结果', 'Maximum: the largest result of the rules that hold'],
  'COLLECT COUNT': ['计数：数出有几条规则符合', 'Count: how many rules hold'],
  'RULE ORDER': ['规则顺序：按规则的先后列出所有符合的结果', 'Rule order: the results of all rules that hold, in the order of the rules'],
  'OUTPUT ORDER': ['输出顺序：按可选值的先后列出所有符合的结果', 'Output order: the results of all rules that hold, in the order of the output values'],
};

/** What the policy of a `decisionTable` element of the file means. */
export function policyWords(table) {
  const policy = table.getAttribute('hitPolicy') || 'UNIQUE';
  const aggregation = policy === 'COLLECT' && table.getAttribute('aggregation');
  const [zh, en] = WORDS[aggregation ? `${policy} ${aggregation}` : policy] ?? ['', ''];
  return t(zh, en);
}

/** Only the first of the rules that hold counts. */
export const takesFirst = (table) => table.getAttribute('hitPolicy') === 'FIRST';
