"""What the simulated devices share. Each simulator is a process of its own speaking the real protocol."""
