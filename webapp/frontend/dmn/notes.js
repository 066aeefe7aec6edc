// The notes of rules. DMN keeps them as annotation entries; the table editor shows and writes the rule's description.

/** The text for the editor: each rule's first annotation as its description. */
export function notesShown(xml) {
  return changed(xml, (rule, make) => {
    const note = child(rule, 'annotationEntry');
    if (!note || child(rule, 'description')) return;
    const shown = make('description');
    shown.textContent = note.textContent.trim();
    note.remove();
    rule.prepend(shown);
  });
}

/** The text for the file: descriptions as annotations again, with the column they belong to. */
export function notesKept(xml) {
  return changed(xml, (rule, make) => {
    const shown = child(rule, 'description');
    if (!shown) return;
    const note = make('annotationEntry');
    const text = make('text');
    text.textContent = shown.textContent;
    note.append(text);
    shown.remove();
    rule.append(note);
    if (!child(rule.parentNode, 'annotation')) rule.parentNode.insertBefore(make('annotation'), [...rule.parentNode.children].find((other) => other.localName === 'rule'));
  });
}

const child = (node, name) => [...node.children].find((other) => other.localName === name);

function changed(xml, change) {
  const parsed = new DOMParser().parseFromString(xml, 'application/xml');
  if (parsed.querySelector('parsererror')) return xml;
  for (const rule of parsed.querySelectorAll('rule')) change(rule, (name) => parsed.createElementNS(rule.namespaceURI, rule.prefix ? `${rule.prefix}:${name}` : name));
  const text = new XMLSerializer().serializeToString(parsed);
  return text.startsWith('<?xml') ? text : `<?xml version="1.0" encoding="UTF-8"?>\n${text}`;
}
