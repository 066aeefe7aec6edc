// Room for a step that is dropped on a flow too short for it: what follows moves to the right, as one step of undo.
import { is } from 'bpmn-js/lib/util/ModelUtil';

const GAP = 50; // between two steps, as elsewhere on our diagrams
const LEAST = 30;

class Spacing {
  constructor(eventBus, modeling, spaceTool, elementRegistry) {
    Object.assign(this, { modeling, spaceTool, elementRegistry });
    eventBus.on('commandStack.elements.create.postExecuted', 200, ({ context }) => {
      for (const shape of context.elements ?? []) this.makeRoom(shape);
    });
  }

  makeRoom(shape) {
    const before = onlyNeighbour(shape.incoming, 'source');
    const after = onlyNeighbour(shape.outgoing, 'target');
    if (!before || !after || !followsOn(before, after)) return;
    const short = right(before) + LEAST - shape.x;
    if (short > 0) this.modeling.moveShape(shape, { x: right(before) + GAP - shape.x, y: 0 });
    if (after.x >= right(shape) + LEAST) return;
    const start = after.x - 1;
    const delta = { x: right(shape) + GAP - after.x, y: 0 };
    const others = this.elementRegistry.filter((element) => element !== shape && element.parent);
    const { movingShapes, resizingShapes } = this.spaceTool.calculateAdjustments(others, 'x', delta.x, start);
    this.modeling.createSpace(movingShapes, resizingShapes, delta, 'e', start);
  }
}
Spacing.$inject = ['eventBus', 'modeling', 'spaceTool', 'elementRegistry'];

const right = (shape) => shape.x + shape.width;

// A flow drawn to the right; one that goes back or down is left as it was drawn.
const followsOn = (before, after) => after.x >= right(before) && Math.abs(middle(before) - middle(after)) < 40;

const middle = (shape) => shape.y + shape.height / 2;

function onlyNeighbour(connections, end) {
  const flows = (connections ?? []).filter((connection) => is(connection, 'bpmn:SequenceFlow'));
  return flows.length === 1 ? flows[0][end] : undefined;
}

export const spacingModule = { __init__: ['spacing'], spacing: ['type', Spacing] };
