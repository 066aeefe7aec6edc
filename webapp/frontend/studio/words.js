// The reader's language, for texts that the scripts write themselves.
export const isEnglish = document.documentElement.lang.startsWith('en');

/** The text for the reader: `t('部署', 'Deploy')`. */
export const t = (chinese, english) => (isEnglish ? english : chinese);
