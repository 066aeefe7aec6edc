// Doctor and gate over the files as they are: answers are shown in the order of the questions, and what has been answered
// is not asked again while people work.
import { address, part } from './desk.js';
import { showFindings } from './findings.js';
import { ask } from './server.js';
import { t } from './words.js';

let newest;
let answered = '';

/**
 * Checks and shows, not before `after` has come to pass; `isFresh` asks the server even for files it has answered for.
 * Gives the number of errors.
 */
export function check(sources, accept, { isFresh = true, after } = {}) {
  const text = JSON.stringify(sources);
  if (!isFresh && newest && text === answered) return newest;
  const mine = Promise.all([ask(address('check'), { sources }), after]).then(([found]) => (mine === newest ? show(found, accept) : newest));
  mine.catch(() => { if (mine === newest) answered = ''; });
  [newest, answered] = [mine, text];
  return mine;
}

function show(found, accept) {
  const errors = showFindings(found, accept);
  const { length } = found.findings;
  const words = length ? t(`可以部署，${length} 条提示`, `Deployable, ${length} ${length === 1 ? 'remark' : 'remarks'}`) : t('检查通过', 'All checks passed');
  part('summary').textContent = errors ? t(`${errors} 个错误，不能部署`, `${errors} ${errors === 1 ? 'error' : 'errors'}: not deployable`) : words;
  part('summary').className = `studio-summary ${errors ? 'is-error' : 'is-good'}`;
  const count = part('count-findings');
  count.textContent = length;
  count.hidden = !length;
  return errors;
}
