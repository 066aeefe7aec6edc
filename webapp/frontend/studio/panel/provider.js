// Adds our groups to the properties panel, below the plain BPMN ones.
import { isReplaced } from './events.js';
import { groups } from './groups.js';

class SchoolProvider {
  constructor(propertiesPanel, commandStack, bpmnFactory, modeling, elementRegistry) {
    this.tools = { commandStack, bpmnFactory, modeling, elementRegistry };
    propertiesPanel.registerProvider(500, this);
  }

  getGroups(element) {
    return (standard) => {
      const kept = standard.filter((group) => group.id !== 'multiInstance' && !isReplaced(group, element));
      const general = kept.find((group) => group.id === 'general');
      if (general) general.shouldOpen = true;
      return [...kept.filter((group) => group.id !== 'documentation'), ...groups(this.tools, element), ...kept.filter((group) => group.id === 'documentation')];
    };
  }
}
SchoolProvider.$inject = ['propertiesPanel', 'commandStack', 'bpmnFactory', 'modeling', 'elementRegistry'];

export const schoolPanelModule = { __init__: ['schoolProvider'], schoolProvider: ['type', SchoolProvider] };
