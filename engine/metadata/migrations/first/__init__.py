"""The tables of the first revision, a module a subject."""
