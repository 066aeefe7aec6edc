"""What the auditor's pages show: the history in words."""
