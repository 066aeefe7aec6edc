// A decision table in its editor on an ordinary page: the form's text field holds its XML, the editor writes it there.
import { openDecisions } from '../dmn/editor.js';
import { isReadOnly } from '../studio/desk.js';

async function open(root) {
  const form = root.closest('form');
  const field = root.querySelector('textarea');
  const editor = await openDecisions(root.querySelector('[data-pane]'), field.value, (xml) => { field.value = xml; }, { isPhone: isReadOnly, file: root.dataset.file, files: () => ({}) });
  let isSettled = false;
  form.addEventListener('submit', async (event) => {
    if (isSettled) return;
    event.preventDefault();
    const button = event.submitter;
    await editor.save();
    isSettled = true;
    setTimeout(() => form.requestSubmit(button)); // a form cannot be sent again while this sending is being asked about
  });
  root.dataset.ready = 'true';
}

for (const root of document.querySelectorAll('[data-decisions]')) open(root);
