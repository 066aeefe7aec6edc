// Rows chosen in a list: the bulk bar shows while at least one is.
export function selection() {
  return {
    ids: [],
    picking: false,
    get any() { return this.ids.length > 0; },
    get count() { return this.ids.length; },
    toggleAll(event) {
      const boxes = [...this.$root.querySelectorAll('[data-select]')];
      this.ids = event.target.checked ? boxes.map((box) => box.value) : [];
    },
    clear() { this.ids = []; },
    pick() { this.picking = !this.picking; this.ids = []; },
  };
}
