"""Contract approval 合同审批."""
