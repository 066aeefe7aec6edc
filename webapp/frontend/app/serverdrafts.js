// Forms with data-draft-url keep what is typed on the server too, a moment after the last key, so that it can be gone
// on with on another device. What the server has not taken stays in this browser.
const PAUSE = 1500;
const waiting = new Map();

/** Sends the form soon; `taken` is called when the server has it and nothing was typed since. */
export function sendSoon(form, taken) {
  clearTimeout(waiting.get(form));
  const timer = setTimeout(async () => {
    const isKept = await post(form).catch(() => false);
    if (waiting.get(form) !== timer) return;
    waiting.delete(form);
    if (isKept) taken();
  }, PAUSE);
  waiting.set(form, timer);
}

/** The form itself is on its way. */
export function stopSending(form) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
}

/** Nothing of it is wanted any more. */
export async function dropOnServer(form) {
  stopSending(form);
  await post(form, 'drop').catch(() => false);
}

/** Leaving the page sends what has not gone yet. */
export function startServerDrafts() {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'hidden') return;
    for (const form of waiting.keys()) navigator.sendBeacon(form.dataset.draftUrl, typed(form));
    waiting.clear();
  });
}

async function post(form, step = '') {
  const body = typed(form);
  body.set('step', step);
  return (await fetch(form.dataset.draftUrl, { method: 'POST', body, redirect: 'error' })).ok;
}

function typed(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return data;
}
