"""BPMN documents: read, checked and compiled."""
