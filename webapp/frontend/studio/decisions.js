// Decision files: what is in them, and a fresh one to begin with.
import { t } from './words.js';

const DMN = 'https://www.omg.org/spec/DMN/20191111';

/** `{ value, label }` of the decisions in a file. */
export function decisionsIn(xml) {
  const found = new DOMParser().parseFromString(xml, 'application/xml').querySelectorAll('decision');
  return [...found].map((one) => ({ value: one.id, label: one.getAttribute('name') || one.id }));
}

/** What people call a file: the name of its only decision, else its own. */
export function titleOfDecisions(xml) {
  const all = decisionsIn(xml);
  return all.length === 1 ? all[0].label : new DOMParser().parseFromString(xml, 'application/xml').documentElement.getAttribute('name') || all[0]?.label || '';
}

/** A table of one rule that holds for any number. */
export function freshDecisions(id) {
  const name = t('新决策表', 'New decision table');
  return `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="${DMN}/MODEL/" xmlns:dmndi="${DMN}/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" id="${id}_definitions" name="${name}" namespace="https://schoolflow.example/decisions">
  <decision id="${id}" name="${name}">
    <variable id="${id}_result" name="${id}" />
    <decisionTable id="${id}_table" hitPolicy="FIRST">
      <input id="${id}_input" label="${t('天数', 'Days')}"><inputExpression id="${id}_expression" typeRef="number"><text>days</text></inputExpression></input>
      <output id="${id}_output" label="${t('结果', 'Result')}" name="result" typeRef="string" />
      <rule id="${id}_rule_1"><inputEntry id="${id}_when_1"><text>&lt;= 3</text></inputEntry><outputEntry id="${id}_then_1"><text>"short"</text></outputEntry></rule>
      <rule id="${id}_rule_2"><inputEntry id="${id}_when_2"><text>-</text></inputEntry><outputEntry id="${id}_then_2"><text>"long"</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI><dmndi:DMNDiagram id="${id}_diagram"><dmndi:DMNShape id="${id}_shape" dmnElementRef="${id}"><dc:Bounds x="160" y="100" width="180" height="80" /></dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI>
</definitions>
`;
}
