// Undeployed changes stay in this browser, for the version they were made on.

export class Drafts {
  constructor(key) {
    this.name = `studio:${key}`;
  }

  /** The files changed on this version; nothing when the draft belongs to an older one. */
  read(number) {
    const draft = JSON.parse(localStorage.getItem(this.name) ?? 'null');
    return draft && String(draft.number) === String(number) ? draft.files : {};
  }

  write(number, files) {
    localStorage.setItem(this.name, JSON.stringify({ number, files }));
  }

  clear() {
    localStorage.removeItem(this.name);
  }

  differs(before, after) {
    return Object.keys(after).some((name) => before[name] !== after[name]) && localStorage.getItem(this.name) !== null;
  }
}
