"""Form definitions and their machinery: what to show, what to accept. Pure: no database, no Flask."""
