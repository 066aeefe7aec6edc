// ISO durations in words, for the line under an input: P2D, PT4W (working hours), P2WD (working days).
import { t } from '../words.js';

const UNITS = { Y: ['年', 'years'], M: ['个月', 'months'], W: ['周', 'weeks'], D: ['天', 'days'], WD: ['个工作日', 'working days'], h: ['小时', 'hours'], m: ['分钟', 'minutes'], s: ['秒', 'seconds'], hw: ['个工作小时', 'working hours'] };

/** `2 天`, or nothing for what is no duration. */
export function inWords(text = '') {
  const found = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W(?!D))?(?:(\d+)D)?(?:(\d+)WD)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?(?:(\d+)W)?)?$/.exec(text);
  if (!found) return '';
  const keys = ['Y', 'M', 'W', 'D', 'WD', 'h', 'm', 's', 'hw'];
  return keys.map((key, index) => (found[index + 1] ? `${found[index + 1]} ${counted(found[index + 1], key)}` : '')).filter(Boolean).join(' ');
}

const counted = (number, key) => t(UNITS[key][0], number === '1' ? UNITS[key][1].replace(/s$/, '') : UNITS[key][1]);

/** The help under a duration: what it means, or how it is written. */
export function durationHelp(text) {
  const words = inWords(text);
  if (words) return `= ${words}`;
  return t('P2D 两天，P2WD 两个工作日，PT4H 四小时，PT4W 四个工作小时，或 =表达式', 'P2D two days, P2WD two working days, PT4H four hours, PT4W four working hours, or =expression');
}
