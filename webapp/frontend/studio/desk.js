// The page's parts and what the parts of the studio share: the canvas, the files, what is being edited.
export const root = document.querySelector('[data-studio], [data-form-editor]');
export const part = (name) => root.querySelector(`[data-part="${name}"]`);
export const address = (name) => root.dataset[name];

/** On a phone the studio shows and does not change anything. */
export const isReadOnly = matchMedia('(max-width: 40rem)').matches;

/** Filled by the page's main.js: `modeler`, `files`, `choices`, `tasksOfForm(key)` as `{ id, name, rights }`. */
export const desk = {};
