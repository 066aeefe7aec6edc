// The page's parts and what the parts of the studio share: the canvas, the files, what is being edited.
export const root = document.querySelector('[data-studio], [data-form-editor], [data-decisions]');
export const part = (name) => root.querySelector(`[data-part="${name}"]`);
export const address = (name) => root.dataset[name];

/** On a phone the diagram and the forms are to look at; rules of decision tables can be changed. */
export const isReadOnly = matchMedia('(max-width: 40rem)').matches;

/** Filled by the page's main.js: `modeler`, `files`, `choices`, `tasksOfForm(key)` as `{ id, name, rights }`. */
export const desk = {};
