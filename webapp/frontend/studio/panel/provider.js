// Adds our groups to the properties panel, below the plain BPMN ones.
import { groups } from './groups.js';

class SchoolProvider {
  constructor(propertiesPanel, commandStack, bpmnFactory, modeling) {
    this.tools = { commandStack, bpmnFactory, modeling };
    propertiesPanel.registerProvider(500, this);
  }

  getGroups(element) {
    return (standard) => [...standard.filter((group) => group.id !== 'multiInstance'), ...groups(this.tools, element)];
  }
}
SchoolProvider.$inject = ['propertiesPanel', 'commandStack', 'bpmnFactory', 'modeling'];

export const schoolPanelModule = { __init__: ['schoolProvider'], schoolProvider: ['type', SchoolProvider] };
