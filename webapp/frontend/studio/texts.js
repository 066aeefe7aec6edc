// The Chinese of the bpmn.io tools.
import zh from 'bpmn-js-i18n/translations/zn.js';
import more from './texts.zh.json';
import { isEnglish } from './words.js';

const catalogue = { ...zh, ...more };

/** Replaces the tools' translate service. */
export const translateModule = {
  translate: ['value', (template, replacements = {}) => {
    const text = isEnglish ? template : catalogue[template] ?? template;
    return text.replace(/{([^}]+)}/g, (whole, name) => replacements[name] ?? whole);
  }],
};
