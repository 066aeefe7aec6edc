// Choosing a node on a diagram instead of in a list: `data-pick` names the list (a select) that the diagram fills.

/** `data-pick`: selector of the present select; `data-picked-in`: selector of all selects whose choices are marked. */
export function startPicking(viewer, root) {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  const overlays = viewer.get('overlays');
  const present = () => document.querySelector(root.dataset.pick);
  const choices = (select) => [...(select?.options ?? [])].map((option) => option.value).filter((value) => value && registry.get(value));
  const picked = () => [...document.querySelectorAll(root.dataset.pickedIn ?? root.dataset.pick)].map((select) => select.value);
  let marked = [];

  function refresh() {
    overlays.remove({ type: 'picked' });
    for (const [id, marker] of marked) if (registry.get(id)) canvas.removeMarker(id, marker);
    marked = [...choices(present()).map((id) => [id, 'is-pickable']), ...picked().filter((id) => registry.get(id)).map((id) => [id, 'is-picked'])];
    for (const [id, marker] of marked) canvas.addMarker(id, marker);
    for (const [id] of marked.filter(([, marker]) => marker === 'is-picked')) flag(id);
    const chosen = registry.get(present()?.value);
    if (chosen) canvas.scrollToElement(chosen, 40);
  }

  function flag(id) {
    const sign = document.createElement('div');
    sign.className = 'picked-mark';
    sign.textContent = root.dataset.picked ?? '';
    overlays.add(id, 'picked', { position: { bottom: -4, left: 0 }, html: sign });
  }

  viewer.get('eventBus').on('element.click', ({ element }) => {
    const select = present();
    const id = (element.labelTarget ?? element).id;
    if (!choices(select).includes(id)) return;
    select.value = id;
    select.dispatchEvent(new Event('change', { bubbles: true }));
  });
  document.addEventListener('change', refresh);
  document.addEventListener('row:current', refresh);
  refresh();
}

/** Rows that belong to nodes (`data-node`): the one last touched is current, and is marked on the diagram `data-rows`. */
export function startRows(viewer, root) {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  const rows = [...document.querySelectorAll(root.dataset.rows)].filter((row) => registry.get(row.dataset.node));

  function makeCurrent(row) {
    for (const other of rows) {
      other.classList.toggle('is-current', other === row);
      canvas[other === row ? 'addMarker' : 'removeMarker'](other.dataset.node, 'is-picked');
    }
    canvas.scrollToElement(registry.get(row.dataset.node), 40);
    document.dispatchEvent(new CustomEvent('row:current'));
  }

  for (const row of rows) {
    canvas.addMarker(row.dataset.node, 'is-pickable');
    row.addEventListener('focusin', () => makeCurrent(row));
    row.addEventListener('click', () => makeCurrent(row));
  }
  viewer.get('eventBus').on('element.click', ({ element }) => {
    const row = rows.find((one) => one.dataset.node === (element.labelTarget ?? element).id);
    if (row) makeCurrent(row);
  });
  if (rows.length) makeCurrent(rows[0]);
}
