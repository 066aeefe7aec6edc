// A branch's form in the studio's editor on an ordinary page: the page's text field holds the file, the editor writes it there.
import { desk, part, root } from '../studio/desk.js';
import { openForm } from '../studio/forms/editor.js';

const field = root.querySelector('textarea');
const { tasks, objects } = JSON.parse(root.dataset.given);

desk.choices = { objects };
desk.tasksOfForm = () => tasks;
openForm(part('pane'), field.value, (text) => { field.value = text; }, { isFixed: true }).then(() => { root.dataset.ready = 'true'; });
