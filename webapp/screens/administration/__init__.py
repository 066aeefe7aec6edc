"""What the administrator's pages show: people, fields, connectors, processes."""
