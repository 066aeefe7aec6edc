// What was chosen on one page for the next: kept in this tab until the studio takes it.
const NAME = 'studio:import';

/** `import`: the server's answer to be reviewed, or, with `taken`, `{ model, fixes, tables }` as chosen. */
export const handOver = (given) => sessionStorage.setItem(NAME, JSON.stringify(given));

/** What was handed over, once. */
export function take() {
  const given = JSON.parse(sessionStorage.getItem(NAME) ?? 'null');
  sessionStorage.removeItem(NAME);
  return given;
}
