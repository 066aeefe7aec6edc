// Undeployed changes stay in this browser, one draft for each version they were made on: a newer version takes none away.

export class Drafts {
  constructor(key) {
    this.prefix = `studio:${key}:`;
  }

  /** All files as they were changed on this version, or null. */
  read(number) {
    return JSON.parse(localStorage.getItem(this.prefix + number) ?? 'null');
  }

  /** False when the browser has no room left for it. */
  write(number, files) {
    try {
      localStorage.setItem(this.prefix + number, JSON.stringify(files));
      return true;
    } catch {
      return false;
    }
  }

  clear(number) {
    localStorage.removeItem(this.prefix + number);
  }

  /** Versions with a draft besides this one, newest first. */
  others(number) {
    const all = Object.keys(localStorage).filter((name) => name.startsWith(this.prefix)).map((name) => Number(name.slice(this.prefix.length)));
    return all.filter((one) => one !== Number(number)).sort((one, other) => other - one);
  }

  differs(before, draft) {
    return [...Object.keys(draft), ...Object.keys(before)].some((name) => before[name] !== draft[name]);
  }
}
