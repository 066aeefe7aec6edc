// The studio's own words in both languages, and the Chinese of the bpmn.io tools.
import zh from 'bpmn-js-i18n/translations/zn.js';
import more from './texts.zh.json';

export const isEnglish = document.documentElement.lang.startsWith('en');

/** The text for the reader: `t('部署', 'Deploy')`. */
export const t = (chinese, english) => (isEnglish ? english : chinese);

const catalogue = { ...zh, ...more };

/** Replaces the tools' translate service. */
export const translateModule = {
  translate: ['value', (template, replacements = {}) => {
    const text = isEnglish ? template : catalogue[template] ?? template;
    return text.replace(/{([^}]+)}/g, (whole, name) => replacements[name] ?? whole);
  }],
};
