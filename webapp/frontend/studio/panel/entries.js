// Panel entries from plain descriptions: { name, label, kind: text|area|select|check, choices, help }, or a component of their own.
import {
  CheckboxEntry, SelectEntry, TextAreaEntry, TextFieldEntry,
  isCheckboxEntryEdited, isSelectEntryEdited, isTextAreaEntryEdited, isTextFieldEntryEdited,
} from '@bpmn-io/properties-panel';
import { jsx } from '@bpmn-io/properties-panel/preact/jsx-runtime';
import { useService } from 'bpmn-js-properties-panel';

const KINDS = {
  text: [TextFieldEntry, isTextFieldEntryEdited],
  area: [TextAreaEntry, isTextAreaEntryEdited],
  select: [SelectEntry, isSelectEntryEdited],
  check: [CheckboxEntry, isCheckboxEntryEdited],
};

/** One entry. `read()` gives the value, `write(value)` stores it; both come with the description. */
export function entry(id, element, description) {
  if (description.component) return { id, element, ...description };
  const [control, isEdited] = KINDS[description.kind ?? 'text'];
  return { id, element, component: Entry, isEdited, control, ...description };
}

function Entry({ id, element, control, label, help, kind, choices, read, write, rows, required }) {
  const debounce = useService('debounceInput');
  const properties = {
    element, id, label, debounce,
    description: typeof help === 'function' ? help(read()) : help,
    getValue: () => read() ?? (kind === 'check' ? false : ''),
    setValue: (value) => write(value === '' ? undefined : value),
  };
  if (kind === 'select') properties.getOptions = () => withCurrent(choices(), read(), required);
  if (kind === 'area') Object.assign(properties, { rows: rows ?? 2, monospace: true, autoResize: true });
  return jsx(control, properties);
}

// What is set stays choosable even when this school no longer has it.
function withCurrent(options, current, required) {
  const all = required ? options : [{ value: '', label: '—' }, ...options];
  return !current || all.some((option) => option.value === current) ? all : [...all, { value: current, label: current }];
}
