// One finger moves the diagram, two fingers zoom it: the bpmn.io viewers only know the mouse.

/** `touchAction`: what the browser keeps for itself: `none`, or `pan-y` where the page has to scroll on. */
export function enableTouch(canvas, touchAction) {
  const node = canvas.getContainer();
  const fingers = new Map();
  const place = (event) => ({ x: event.clientX, y: event.clientY });
  node.style.touchAction = touchAction;
  node.addEventListener('pointerdown', (event) => { if (event.pointerType === 'touch') fingers.set(event.pointerId, place(event)); });
  for (const end of ['pointerup', 'pointercancel', 'pointerleave']) node.addEventListener(end, (event) => fingers.delete(event.pointerId));
  node.addEventListener('pointermove', (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = place(event);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) pinch(canvas, node, other, before, now);
    else canvas.scroll({ dx: now.x - before.x, dy: now.y - before.y });
    fingers.set(event.pointerId, now);
  });
}

function pinch(canvas, node, still, before, now) {
  const apart = (finger) => Math.hypot(finger.x - still.x, finger.y - still.y) || 1;
  const frame = node.getBoundingClientRect();
  const middle = { x: (still.x + now.x) / 2 - frame.left, y: (still.y + now.y) / 2 - frame.top };
  canvas.zoom(Math.min(Math.max(canvas.zoom() * (apart(now) / apart(before)), 0.2), 3), middle);
}
