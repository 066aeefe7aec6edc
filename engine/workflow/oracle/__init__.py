"""SpiffWorkflow as an independent second opinion, in a child process with a time limit."""
