"""Lead assignment 线索分配."""
