// Diagrams take their colours from the page, so that the dark theme holds for them too.
export const diagramColours = { defaultFillColor: 'var(--diagram-fill)', defaultStrokeColor: 'var(--diagram-stroke)' };
