// Undeployed changes stay in this browser, for the version they were made on.

export class Drafts {
  constructor(key) {
    this.name = `studio:${key}`;
  }

  /** All files as they were changed on this version; null when the draft belongs to another one. */
  read(number) {
    const draft = JSON.parse(localStorage.getItem(this.name) ?? 'null');
    return draft && String(draft.number) === String(number) ? draft.files : null;
  }

  write(number, files) {
    localStorage.setItem(this.name, JSON.stringify({ number, files }));
  }

  clear() {
    localStorage.removeItem(this.name);
  }

  differs(before, draft) {
    return [...Object.keys(draft), ...Object.keys(before)].some((name) => before[name] !== draft[name]);
  }
}
