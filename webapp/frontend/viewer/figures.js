// Figures of the rows beside a diagram (`data-node`), on the elements they belong to; a row points at its element.

const SIZE = { min: 0.8, max: 1 };

/** `data-figures`: selector of rows with `data-cases`, `data-failed`, `data-overdue`, `data-heat`, `data-median`. */
export function startFigures(viewer, root) {
  const rows = rowsOf(viewer, root.dataset.figures);
  const overlays = viewer.get('overlays');
  for (const row of rows) {
    const { node, cases, failed, overdue, heat, median } = row.dataset;
    if (Number(heat)) viewer.get('canvas').addMarker(node, `is-heat-${heat}`);
    const pills = [['cases', cases], ['overdue', overdue], ['failed', failed]].filter(([, number]) => number);
    if (pills.length) overlays.add(node, 'figures', { position: { top: -12, right: 16 * pills.length + 4 }, scale: SIZE, html: box(pills.map(([kind, number]) => pill(kind, number, root, row))) });
    if (median) overlays.add(node, 'median', { position: { bottom: -2, left: 0 }, scale: SIZE, html: text('median-mark', median, root.dataset.wordsMedian) });
  }
  pointAt(viewer, rows);
}

/** The element most cases stand at; the first element that differs; nothing without rows. */
export function fullest(root) {
  const rows = [...document.querySelectorAll(root.dataset.figures ?? root.dataset.marks ?? 'nothing')];
  const most = Math.max(...rows.map((row) => Number(row.dataset.cases ?? 1)));
  return rows.find((row) => Number(row.dataset.cases ?? 1) === most && most > 0)?.dataset.node ?? '';
}

/** `data-marks`: selector of rows with `data-kind` (added, changed, removed, error, warning). */
export function startMarks(viewer, root) {
  const rows = rowsOf(viewer, root.dataset.marks);
  for (const row of rows) {
    const { node, kind } = row.dataset;
    viewer.get('canvas').addMarker(node, `is-${kind}`);
    if (['error', 'warning'].includes(kind)) viewer.get('overlays').add(node, 'finding', { position: { top: -11, left: -11 }, scale: SIZE, html: text(`finding-mark is-${kind}`, '!', row.textContent.trim().replace(/\s+/g, ' ')) });
  }
  pointAt(viewer, rows);
}

/** Diagrams of one page that lie beside each other move together. */
export function moveTogether(viewer, root) {
  root.addEventListener('viewer:follow', ({ detail }) => {
    const { x, y, width, height } = viewer.get('canvas').viewbox();
    if (Math.abs(x - detail.x) + Math.abs(y - detail.y) + Math.abs(width - detail.width) < 1) return;
    viewer.get('canvas').viewbox({ ...detail, height: height * (detail.width / width) });
  });
  viewer.get('eventBus').on('canvas.viewbox.changed', ({ viewbox: { x, y, width, height } }) => {
    for (const other of document.querySelectorAll(`[data-beside="${root.dataset.beside}"][data-ready]`)) {
      if (other !== root) other.dispatchEvent(new CustomEvent('viewer:follow', { detail: { x, y, width, height } }));
    }
  });
}

function rowsOf(viewer, selector) {
  const registry = viewer.get('elementRegistry');
  return [...document.querySelectorAll(selector)].filter((row) => registry.get(row.dataset.node));
}

// A row that is looked at is marked and brought into sight; an element that is clicked finds its row.
function pointAt(viewer, rows) {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  const show = (row, seen) => {
    for (const other of rows) canvas.removeMarker(other.dataset.node, 'is-picked');
    canvas.addMarker(row.dataset.node, 'is-picked');
    if (seen) canvas.scrollToElement(registry.get(row.dataset.node), 60);
  };
  for (const row of rows) {
    row.addEventListener('mouseenter', () => show(row, false));
    for (const event of ['click', 'focusin']) row.addEventListener(event, () => show(row, true));
  }
  viewer.get('eventBus').on('element.click', ({ element }) => {
    const row = rows.find((one) => one.dataset.node === (element.labelTarget ?? element).id);
    if (!row) return;
    show(row, false);
    row.scrollIntoView({ block: 'nearest' });
  });
}

function pill(kind, number, root, row) {
  const words = `${number} ${root.dataset[`words${kind[0].toUpperCase()}${kind.slice(1)}`] ?? ''}`;
  const link = kind === 'cases' && row.querySelector('a');
  const made = text(`figure-mark is-${kind}`, number, words, link ? 'a' : 'span');
  if (link) Object.assign(made, { href: link.href, tabIndex: -1 }); // the same link stands in the row
  return made;
}

function text(style, content, title, tag = 'span') {
  const made = document.createElement(tag);
  Object.assign(made, { className: style, textContent: content, title });
  return made;
}

function box(children) {
  const made = document.createElement('div');
  made.className = 'figure-marks';
  made.append(...children);
  return made;
}
