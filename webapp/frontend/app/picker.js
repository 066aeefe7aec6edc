// Selects with data-picker: search as you type; with data-source the server answers (people, records).
import TomSelect from 'tom-select/dist/esm/tom-select.complete.js';

export function start(select) {
  const { source, empty, hint } = select.dataset;
  const options = {
    plugins: select.multiple ? ['remove_button'] : [],
    maxOptions: 200,
    hidePlaceholder: true,
    placeholder: hint,
    closeAfterSelect: true,
    render: { no_results: () => Object.assign(document.createElement('div'), { className: 'no-results', textContent: empty ?? '—' }) },
  };
  if (source) Object.assign(options, remote(source));
  const picker = new TomSelect(select, options);
  select.setAttribute('aria-hidden', 'true');
  picker.control_input.setAttribute('aria-label', document.querySelector(`label[for="${CSS.escape(select.id)}"]`)?.textContent.trim() ?? '');
}

function remote(source) {
  return {
    valueField: 'value',
    labelField: 'text',
    searchField: [],
    preload: 'focus',
    // The answer to what was typed last takes the place of all before it.
    load(query, done) {
      const url = new URL(source, location.href);
      url.searchParams.set('q', query);
      this.asked = url.href;
      const take = (items) => {
        if (this.asked === url.href) this.clearOptions();
        done(this.asked === url.href ? items : undefined);
      };
      fetch(url, { headers: { Accept: 'application/json' } }).then((reply) => reply.json()).then(({ items }) => take(items), () => done());
    },
    score: () => () => 1,
  };
}
