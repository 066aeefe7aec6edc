// The Chinese of the bpmn.io tools.
import zh from 'bpmn-js-i18n/translations/zn.js';
import more from './texts.zh.json';
import { isEnglish } from './words.js';

const catalogue = { ...zh, ...more };
// Kinds of events are put together of these: `Timer` + `Boundary Event` + ` (Non Interrupting)`.
const CAUSES = {
  '': '', Message: '消息', Timer: '定时', Error: '错误', Escalation: '升级', Signal: '信号', Conditional: '条件', Compensate: '补偿', Compensation: '补偿', Link: '链接', Cancel: '取消', Terminate: '终止',
  Multiple: '多个', Parallel: '并行多个', 'Parallel Multiple': '并行多个',
};
const PLACES = { 'Start Event': '开始事件', 'End Event': '结束事件', 'Intermediate Catch Event': '捕获事件', 'Intermediate Throw Event': '抛出事件', 'Boundary Event': '边界事件' };
const EVENT = new RegExp(`^(.*?) ?(${Object.keys(PLACES).join('|')})( \\(non.interrupting\\))?$`, 'i');

/** The Chinese of a kind of event, or undefined. */
function eventWords(text) {
  const [, cause, place, loose] = EVENT.exec(text) ?? [];
  const [of, at] = [CAUSES[titled(cause)], PLACES[titled(place)]];
  return of === undefined || !at ? undefined : `${of}${at}${loose ? '（不中断）' : ''}`;
}

const titled = (words = '?') => words.replace(/(^| )[a-z]/g, (letter) => letter.toUpperCase());

/** Replaces the tools' translate service. */
export const translateModule = {
  translate: ['value', (template, replacements = {}) => {
    const text = isEnglish ? template : catalogue[template] ?? eventWords(template) ?? template;
    return text.replace(/{([^}]+)}/g, (whole, name) => replacements[name] ?? whole);
  }],
};
